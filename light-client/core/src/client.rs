//! The client: asks, checks, and moves the view.

mod calls;
mod fetch;
mod proofs;
mod reads;
mod sync;

pub use calls::{Call, Submitted};
pub use reads::{KEYS_MAX, Values};

use crate::anchors::Anchors;
use crate::certified::Shown;
use crate::check::{Checks, Kind};
use crate::hex::short;
use crate::keys::Keys;
use crate::lie::{Lie, Trouble};
use crate::platform::Platform;
use crate::receipts::ProvenReceipts;
use crate::stored;
use crate::view::View;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::header::Header;

/// Proofs that are fetched and verified together.
pub const PROOFS_MAX: usize = 16;
/// Blocks between two heads whose parent links are followed; beyond that, the proven history will tell.
pub const LINKS_MAX: u64 = 1024;

/// A chain, followed through one node.
#[derive(Debug)]
pub struct Client<P> {
    platform: P,
    anchors: Anchors,
    view: View,
    keys: Keys,
    receipts: Vec<ProvenReceipts>,
    checks: Checks,
}

impl<P: Platform> Client<P> {
    /// A client that knows nothing but its anchors.
    pub fn new(platform: P, anchors: Anchors) -> Self {
        Self {
            view: View::new(&anchors),
            platform,
            anchors,
            keys: Keys::default(),
            receipts: Vec::new(),
            checks: Checks::default(),
        }
    }

    /// What is verified.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Whom it starts from.
    pub fn anchors(&self) -> &Anchors {
        &self.anchors
    }

    /// Where it runs.
    pub fn platform(&self) -> &P {
        &self.platform
    }

    /// The checks that held since they were last taken.
    pub fn take_checks(&mut self) -> Checks {
        std::mem::take(&mut self.checks)
    }

    /// Goes on from what was kept; without anything to go on from, from the anchors.
    pub async fn restore(&mut self) -> bool {
        let kept = self.platform.load(&stored::name(&self.anchors)).await;
        let view = kept.and_then(|bytes| stored::read(&bytes, &self.anchors));
        match view {
            Some(view) => {
                self.view = view;
                true
            }
            None => false,
        }
    }

    /// Takes over what another client of the same anchors has kept since, where it is further than this one, or caught the committee.
    pub async fn catch_up(&mut self) -> bool {
        let kept = self.platform.load(&stored::name(&self.anchors)).await;
        let view = kept.and_then(|bytes| stored::read(&bytes, &self.anchors));
        match view {
            Some(view) if view.is_further_than(&self.view) => {
                self.view = view;
                true
            }
            _ => false,
        }
    }

    /// Keeps what is verified, for the next start.
    pub async fn keep(&self) {
        let bytes = stored::write(&self.view);
        self.platform.store(&stored::name(&self.anchors), &bytes).await;
    }

    /// Forgets everything but the anchors, here and where it was kept.
    pub async fn forget(&mut self) {
        self.view = View::new(&self.anchors);
        self.receipts.clear();
        self.platform.store(&stored::name(&self.anchors), &[]).await;
    }

    fn chain_path(&self, rest: &str) -> String {
        format!(
            "/v1/chains/{}{rest}",
            crate::digits(&fr_to_bytes(&self.anchors.chain_id))
        )
    }

    /// Nothing is accepted once the committee was caught.
    fn is_open(&self) -> Result<(), Trouble> {
        match &self.view.frozen {
            Some(caught) => Err(Trouble::Frozen(caught.clone())),
            None => Ok(()),
        }
    }

    /// Checks a block's certificate, and holds it against all that is known. Gives its header.
    fn certify(&mut self, shown: Shown, asked: Option<u64>) -> Result<Header, Lie> {
        shown.is_of(&self.anchors, asked)?;
        let (header, digest) = (shown.header, shown.digest);
        if self.view.has_met(&header, &digest) {
            return Ok(header);
        }
        let anchors = &self.anchors;
        let certified = self.checks.make(
            &self.platform,
            Kind::Certificate,
            || shown.verify(anchors),
            |certified| {
                let what = format!(
                    "block {}, digest {}",
                    certified.height(),
                    short(&certified.digest)
                );
                let committee = anchors.committee.committee();
                let key = short(&committee.public_key);
                let against = format!(
                    "committee {}, {} of {}, key {key}",
                    committee.epoch, committee.threshold, committee.members
                );
                (what, against)
            },
        )?;
        self.view.is_consistent(&header, &digest)?;
        self.view.meet(&header, digest, Some(certified.certificate));
        self.view.lift(certified);
        Ok(header)
    }
}
