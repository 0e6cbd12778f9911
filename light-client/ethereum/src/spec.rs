//! A network: how large its committees are, which fork is when, what its clock says.
//!
//! Everything here is an anchor: it comes from the build or from a chain's link, never from who serves the updates.

use crate::Error;
use crate::ssz::{Root, node};
use alloc::vec::Vec;

/// The sizes that consensus-specs' presets fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Keys in a sync committee.
    pub committee_size: usize,
    /// Slots in an epoch.
    pub slots_per_epoch: u64,
    /// Epochs in a sync committee's period.
    pub epochs_per_period: u64,
}

impl Preset {
    /// The preset of Ethereum and its public test networks.
    pub const MAINNET: Self = Self {
        committee_size: 512,
        slots_per_epoch: 32,
        epochs_per_period: 256,
    };
    /// The preset of official test vectors and small networks.
    pub const MINIMAL: Self = Self {
        committee_size: 32,
        slots_per_epoch: 8,
        epochs_per_period: 8,
    };
}

/// What light-client containers look like, which not every fork changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Deneb: payload headers with blob gas.
    Deneb,
    /// Electra and Fulu: the state is one level deeper.
    Electra,
    /// Gloas: only the execution block's hash, progressive containers (EIP-7732, EIP-7688).
    Gloas,
}

/// Where things lie in the state and the block's body, as generalized indices.
impl Form {
    /// `finalized_checkpoint.root` in the state.
    pub(crate) fn finalized_index(self) -> u64 {
        match self {
            Self::Deneb => 105,
            Self::Electra => 169,
            Self::Gloas => 735,
        }
    }

    /// `current_sync_committee` in the state.
    pub(crate) fn current_committee_index(self) -> u64 {
        match self {
            Self::Deneb => 54,
            Self::Electra => 86,
            Self::Gloas => 2945,
        }
    }

    /// `next_sync_committee` in the state.
    pub(crate) fn next_committee_index(self) -> u64 {
        match self {
            Self::Deneb => 55,
            Self::Electra => 87,
            Self::Gloas => 2946,
        }
    }

    /// The execution block's hash in the block's body: of the payload, and in Gloas of the bid's parent.
    pub(crate) fn block_hash_index(self) -> u64 {
        match self {
            Self::Deneb | Self::Electra => 812,
            Self::Gloas => 2856,
        }
    }
}

/// One line of the schedule of forks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// Its first epoch.
    pub epoch: u64,
    /// Its version, which is in every signature.
    pub version: [u8; 4],
    /// Its containers.
    pub form: Form,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Sizes.
    pub preset: Preset,
    /// Forks with rising epochs and forms, from Deneb or later on. Slots before the first are refused.
    pub forks: Vec<Fork>,
    /// The root of the genesis validators, which is in every signature.
    pub genesis_validators_root: Root,
    /// When slot 0 began, in milliseconds since 1970.
    pub genesis_time_ms: u64,
    /// How long a slot takes.
    pub slot_ms: u64,
    /// How many epochs old a trusted checkpoint or a stored header may be: see [`weak_subjectivity_epochs`].
    pub weak_subjectivity_epochs: u64,
}

impl Spec {
    /// Ethereum as scheduled in consensus-specs (`configs/mainnet.yaml`): Gloas has no date there yet.
    pub fn mainnet() -> Self {
        let fork = |epoch, number, form| Fork {
            epoch,
            version: [number, 0, 0, 0],
            form,
        };
        Self {
            preset: Preset::MAINNET,
            forks: Vec::from([
                fork(269_568, 4, Form::Deneb),
                fork(364_032, 5, Form::Electra),
                fork(411_392, 6, Form::Electra),
            ]),
            genesis_validators_root: [
                0x4b, 0x36, 0x3d, 0xb9, 0x4e, 0x28, 0x61, 0x20, 0xd7, 0x6e, 0xb9, 0x05, 0x34, 0x0f, 0xdd,
                0x4e, 0x54, 0xbf, 0xe9, 0xf0, 0x6b, 0xf3, 0x3f, 0xf6, 0xcf, 0x5a, 0xd2, 0x7f, 0x51, 0x1b,
                0xfe, 0x95,
            ],
            genesis_time_ms: 1_606_824_023_000,
            slot_ms: 12_000,
            weak_subjectivity_epochs: weak_subjectivity_epochs(Form::Electra, 32_000_000),
        }
    }

    /// Whether this describes a network at all. Everything else here works with a description that is none, but has
    /// no meaning then: check it where it comes in.
    ///
    /// # Errors
    /// [`Error::Spec`] with what is wrong.
    pub fn check(&self) -> Result<(), Error> {
        let Preset {
            committee_size,
            slots_per_epoch,
            epochs_per_period,
        } = self.preset;
        let sizes = (8..=512).contains(&committee_size) && committee_size.is_power_of_two();
        // Above these, slots of many years from now would still be in period 0.
        let times = (1..=1 << 16).contains(&slots_per_epoch)
            && (1..=1 << 16).contains(&epochs_per_period)
            && (1..=1 << 20).contains(&self.slot_ms);
        let rises = self
            .forks
            .is_sorted_by(|one, next| one.epoch < next.epoch && one.form <= next.form);
        match (sizes, times, rises && !self.forks.is_empty()) {
            (false, ..) => Err(Error::Spec("a committee has 8 to 512 keys, a power of two")),
            (_, false, _) => Err(Error::Spec(
                "slots, epochs and periods have a length, and not a huge one",
            )),
            (.., false) => Err(Error::Spec(
                "forks have rising epochs and forms, and there is one",
            )),
            _ => Ok(()),
        }
    }

    /// The slot at a time in milliseconds since 1970; 0 before genesis.
    pub fn slot_at(&self, time_ms: u64) -> u64 {
        let since = time_ms.saturating_sub(self.genesis_time_ms);
        since.checked_div(self.slot_ms).unwrap_or_default()
    }

    /// When a slot begins, in milliseconds since 1970.
    pub fn time_ms(&self, slot: u64) -> u64 {
        self.genesis_time_ms
            .saturating_add(slot.saturating_mul(self.slot_ms))
    }

    /// The epoch of a slot.
    pub fn epoch(&self, slot: u64) -> u64 {
        slot.checked_div(self.preset.slots_per_epoch).unwrap_or_default()
    }

    /// The period of a slot: which sync committee signs in it.
    pub fn period(&self, slot: u64) -> u64 {
        let epoch = self.epoch(slot);
        epoch
            .checked_div(self.preset.epochs_per_period)
            .unwrap_or_default()
    }

    /// `UPDATE_TIMEOUT`: how many slots without finality make a forced step possible.
    pub(crate) fn timeout_slots(&self) -> u64 {
        self.preset
            .slots_per_epoch
            .saturating_mul(self.preset.epochs_per_period)
    }

    /// The fork of a slot.
    ///
    /// # Errors
    /// [`Error::BeforeForks`].
    pub fn fork(&self, slot: u64) -> Result<&Fork, Error> {
        let epoch = self.epoch(slot);
        let fork = self.forks.iter().rev().find(|fork| fork.epoch <= epoch);
        fork.ok_or(Error::BeforeForks { slot })
    }

    /// The bytes that a sync committee signs in a slot for a header of this root (`compute_domain` and
    /// `compute_signing_root`): the fork is that of the slot before.
    ///
    /// # Errors
    /// [`Error::BeforeForks`].
    pub fn signing_root(&self, header_root: &Root, signature_slot: u64) -> Result<Root, Error> {
        const DOMAIN_SYNC_COMMITTEE: [u8; 4] = [7, 0, 0, 0];
        let fork = self.fork(signature_slot.saturating_sub(1))?;
        let fork_data = node(&crate::ssz::leaf(&fork.version), &self.genesis_validators_root);
        let mut domain = [0; 32];
        let bytes = DOMAIN_SYNC_COMMITTEE.iter().chain(&fork_data);
        for (to, from) in domain.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(node(header_root, &domain))
    }

    /// Whether a header of this slot is young enough to begin from.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub(crate) fn fresh(&self, slot: u64, current: u64) -> Result<(), Error> {
        let epochs_max = self.weak_subjectivity_epochs;
        let age = self.epoch(current).saturating_sub(self.epoch(slot));
        match age <= epochs_max {
            true => Ok(()),
            false => Err(Error::Stale {
                slot,
                current,
                epochs_max,
            }),
        }
    }
}

/// `compute_weak_subjectivity_period` for a network of mainnet's churn limits with so much active balance, in ETH:
/// as in Electra (EIP-7251) up to there, as in Gloas (EIP-8061) from there on.
///
/// Within that many epochs, validators who could sign another history still have a tenth of the stake of a third at
/// risk; later, those who left have nothing to lose. From 8,388,608 ETH on, Electra gives 3,532 epochs (15 days).
pub fn weak_subjectivity_epochs(form: Form, active_eth: u64) -> u64 {
    const WITHDRAWABILITY_DELAY: u64 = 256;
    const SAFETY_DECAY: u64 = 10;
    let share = |quotient: u64| active_eth.checked_div(quotient).unwrap_or_default();
    let churn = match form {
        Form::Deneb | Form::Electra => share(65_536).max(128),
        Form::Gloas => {
            let exits = share(32_768).max(128);
            // In Gwei the thirds are rounded below what matters here.
            let thirds = exits.saturating_mul(2).saturating_add(exits.min(256));
            (thirds / 3).saturating_add(share(65_536))
        }
    };
    let decay = active_eth.saturating_mul(SAFETY_DECAY);
    let epochs = decay.checked_div(churn.saturating_mul(200)).unwrap_or_default();
    WITHDRAWABILITY_DELAY.saturating_add(epochs)
}

#[cfg(test)]
mod tests;
