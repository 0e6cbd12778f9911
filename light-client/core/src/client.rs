//! The client: asks, checks, and moves the view.

mod accounts;
mod blocks;
mod calls;
mod fetch;
mod proofs;
mod reads;
mod sync;

pub use accounts::{Account, CALLS_MAX, CallPlace, KEYS_LOOKED_AT};
pub use blocks::{BLOCKS_MAX, Block, BlockHead};
pub use calls::{Call, Submitted};
pub use reads::{KEYS_MAX, Values};

use crate::anchors::Anchors;
use crate::certified::Shown;
use crate::check::{Checks, Kind};
use crate::hex::short;
use crate::keys::Keys;
use crate::lie::{Lie, Trouble};
use crate::marks::MARKS_MAX;
use crate::platform::Platform;
use crate::receipts::ProvenReceipts;
use crate::stored;
use crate::view::View;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::header::Header;
use playfair_types::segment::Boundary;

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
    ahead: Ahead,
    checks: Checks,
}

/// Proofs that were verified and not yet held against a certified block: a node that has let old blocks go has none for them.
#[derive(Clone, Debug, Default)]
struct Ahead {
    /// Whether they begin at genesis again, because the node's proofs are cut elsewhere than those that led to the tip.
    again: bool,
    /// Where they end: the last ones.
    ends: Vec<Boundary>,
    /// How many there are.
    proofs: u64,
}

impl Ahead {
    fn add(&mut self, ends: impl ExactSizeIterator<Item = Boundary>) {
        self.proofs = self.proofs.saturating_add(ends.len() as u64);
        self.ends.extend(ends);
        // No more are remembered later.
        let surplus = self.ends.len().saturating_sub(MARKS_MAX);
        drop(self.ends.drain(..surplus));
    }
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
            ahead: Ahead::default(),
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
        let view = kept.and_then(|bytes| stored::read(&bytes, &self.anchors, &self.view));
        match view {
            Some(view) => {
                self.view = view;
                true
            }
            None => false,
        }
    }

    /// Takes over what another client of the same anchors has kept since, where it is further than this one and not another history, or has
    /// caught the committee.
    pub async fn catch_up(&mut self) -> bool {
        let kept = self.platform.load(&stored::name(&self.anchors)).await;
        let kept = kept.and_then(|bytes| stored::read(&bytes, &self.anchors, &self.view));
        let ours = &self.view;
        let further = kept.filter(|view| {
            let mut heads = view.head().into_iter();
            view.is_further_than(ours)
                && heads.all(|head| ours.is_consistent(&head.header, &head.digest).is_ok())
        });
        let Some(view) = further else { return false };
        (self.view, self.ahead) = (view, Ahead::default());
        true
    }

    /// Keeps what is verified, for the next start; unless what is kept there goes further, or has caught the committee.
    pub async fn keep(&self) {
        let name = stored::name(&self.anchors);
        let kept = self.platform.load(&name).await;
        let kept = kept.and_then(|bytes| stored::read(&bytes, &self.anchors, &self.view));
        let goes_further = |kept: View| match (&kept.frozen, &self.view.frozen) {
            (Some(_), None) => true,
            (None, Some(_)) => false,
            _ => kept.proofs > self.view.proofs,
        };
        if !kept.is_some_and(goes_further) {
            self.platform.store(&name, &stored::write(&self.view)).await;
        }
    }

    /// Forgets everything but the anchors, here and where it was kept.
    pub async fn forget(&mut self) {
        self.view = View::new(&self.anchors);
        self.receipts.clear();
        self.ahead = Ahead::default();
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
        if let Some(known) = self.view.known(shown.height(), &shown.digest) {
            return Ok(known.header);
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
        let header = certified.header;
        self.view.is_consistent(&header, &certified.digest)?;
        self.view.meet(certified);
        Ok(header)
    }
}
