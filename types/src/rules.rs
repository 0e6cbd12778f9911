//! The rules of a chain that its tape and its state both speak of: who pays, and what an upgrade changes.

use crate::account::AccountId;
use crate::bounded::U48;
use crate::codec::{DecodeError, check_limit};
use crate::crypto::field::Fr;
use crate::limits::CALL_GAS_MAX;
use crate::module::ModuleHash;
use ark_ff::AdditiveGroup;

/// Who pays for calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeMode {
    /// Nobody; the sequencer keeps quotas per account.
    Free,
    /// The calling account.
    Paid,
    /// This account, for everybody.
    Sponsored(AccountId),
}

impl FeeMode {
    /// The mode's number and the sponsor, zero where there is none.
    pub(crate) const fn parts(self) -> (u8, AccountId) {
        match self {
            Self::Free => (0, AccountId::NONE),
            Self::Paid => (1, AccountId::NONE),
            Self::Sponsored(sponsor) => (2, sponsor),
        }
    }

    pub(crate) fn from_parts(mode: u8, sponsor: AccountId) -> Result<Self, DecodeError> {
        let none = sponsor == AccountId::NONE;
        match mode {
            0 if none => Ok(Self::Free),
            1 if none => Ok(Self::Paid),
            2 if !none => Ok(Self::Sponsored(sponsor)),
            0..=2 => Err(DecodeError::NonCanonical("sponsor")),
            found => Err(DecodeError::Unknown {
                what: "fee mode",
                found: u64::from(found),
            }),
        }
    }

    /// A free chain has no least price.
    pub(crate) fn check_price(self, least: u64) -> Result<u64, DecodeError> {
        match (self, least) {
            (Self::Free, 1..) => Err(DecodeError::NonCanonical("least gas price")),
            _ => Ok(least),
        }
    }
}

/// A new module with its rules: what an authority announces, the state keeps, and the upgrade record activates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The first block whose time is not before this runs the new module, ms. Time, not height: L1 bounds block times,
    /// while a sequencer makes as many blocks as it likes.
    pub time_ms: U48,
    /// The new module. The same one again changes the rules or the verifying keys alone.
    pub module: ModuleHash,
    /// The verifying keys of the new module's shapes, see [`crate::vk::VkSet::root`].
    pub vk_set_root: Fr,
    /// The gas prices: those that the new module was instrumented with.
    pub gas_schedule: u16,
    /// The gas of each tick.
    pub tick_gas: u32,
    /// The least gas price.
    pub gas_price_min: u64,
}

/// Schedules are numbered from 1. Which of them exist is no rule of the format, or two builds would read one tape
/// differently: a node that does not know a chain's schedule refuses to serve the chain.
pub(crate) fn check_gas_schedule(version: u16) -> Result<u16, DecodeError> {
    match version {
        0 => Err(DecodeError::NonCanonical("gas schedule")),
        _ => Ok(version),
    }
}

/// A tick costs no more than a call may.
pub(crate) fn check_tick_gas(gas: u32) -> Result<u32, DecodeError> {
    check_limit("tick gas", gas as usize, CALL_GAS_MAX as usize)?;
    Ok(gas)
}

/// In a boundary 0 stands for the set of before any upgrade, so no upgrade may name it.
pub(crate) fn check_vk_set_root(root: Fr) -> Result<Fr, DecodeError> {
    if root == Fr::ZERO {
        return Err(DecodeError::NonCanonical("VK set root"));
    }
    Ok(root)
}
