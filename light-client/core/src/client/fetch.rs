//! Asking, and what becomes of lies.

use super::Client;
use crate::answer;
use crate::certified::Certified;
use crate::lie::{Caught, Exhibit, Lie, Trouble};
use crate::platform::{Body, Platform, Request};
use crate::view::View;
use playfair_types::Encode;

/// What was asked, what came, and when: the frame in which a lie is told.
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) answer: Vec<u8>,
    begin: u64,
}

impl<P: Platform> Client<P> {
    /// An answer of at most `bytes_max`.
    pub(super) async fn ask(
        &self,
        path: String,
        body: Option<Body<'_>>,
        bytes_max: usize,
    ) -> Result<Asked, Trouble> {
        self.is_open()?;
        let request = Request {
            path: &path,
            body,
            bytes_max,
        };
        let response = self.platform.fetch(request).await;
        let response = response.map_err(|error| Trouble::Unreachable(error.0))?;
        if response.body.len() > bytes_max {
            return Err(Trouble::Unreachable(
                "the answer is longer than it may be".to_owned(),
            ));
        }
        let begin = self.platform.micros();
        match response.status {
            200..=299 => Ok(Asked {
                path,
                answer: response.body,
                begin,
            }),
            status => {
                let (code, message) = answer::problem(&response.body);
                Err(Trouble::Refused {
                    status,
                    code,
                    message,
                })
            }
        }
    }

    /// A lie that was found in an answer, as trouble; one of the committee's freezes the view.
    pub(super) fn caught(&mut self, asked: &Asked, lie: Lie) -> Trouble {
        let mut exhibits = vec![Exhibit {
            what: Exhibit::ANSWER,
            bytes: asked.answer.clone(),
        }];
        if let Some(known) = known(&self.view, &lie) {
            exhibits.push(Exhibit {
                what: Exhibit::HEADER,
                bytes: known.header.encode(),
            });
            exhibits.push(Exhibit {
                what: Exhibit::CERTIFICATE,
                bytes: known.certificate.encode(),
            });
        }
        let caught = Box::new(Caught {
            exhibits,
            asked: asked.path.clone(),
            micros: self.platform.micros().saturating_sub(asked.begin),
            lie,
        });
        if caught.lie.is_committees() {
            self.view.frozen = Some(caught.clone());
        }
        Trouble::Lie(caught)
    }
}

/// What the committee had signed before, when it is the committee that lied: the block of this height, or of the next one below or above.
fn known<'a>(view: &'a View, lie: &Lie) -> Option<&'a Certified> {
    let height = match lie {
        Lie::Equivocation(height)
        | Lie::Fork(height)
        | Lie::WrongExecution(height)
        | Lie::TornBlock(height) => *height,
        _ => return None,
    };
    let below = view.met.range(..=height).next_back();
    below
        .or_else(|| view.met.range(height..).next())
        .map(|(_, block)| block)
}
