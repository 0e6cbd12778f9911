//! Records that no player signs: block, upgrade and deposit. Each is one frame.
//!
//! ```text
//! block     limb 0  0x01 | height u64 | time u48 (ms) | 16 zero     limb 1  seed     limbs 2, 3  zero
//! upgrade   limb 0  0x07 | height u64 | schedule u16 | tick gas u32 | 16 zero   limb 1  module   limbs 2, 3  zero
//! deposit   limb 0  0x84 | 2 zero | account 20 | 8 zero             limb 1  15 zero | amount u128
//!           limb 2  11 zero | L1 sender 20                          limb 3  zero
//! ```
//!
//! A tick has no record: it runs once, right after the block record, and is derived from it.

use super::frame::LIMB_BYTES;
use super::genesis::{check_gas_schedule, check_tick_gas};
use super::kind;
use crate::account::{AccountId, L1Address};
use crate::bounded::U48;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::module::ModuleHash;
use crate::state::params::UpgradeAnnouncement;
use alloc::vec::Vec;

/// Starts a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockRecord {
    /// One more than the block before; the genesis record is height 0.
    pub height: u64,
    /// Later than the block before, ms since 1970.
    pub time_ms: U48,
    /// What the block's randomness is derived from, see [`crate::chain::block_randomness`].
    pub seed: [u8; 31],
}

/// Activates what was announced for the next block's height. The last record under the old module; only that block's
/// record may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpgradeRecord(pub UpgradeAnnouncement);

/// Native asset that arrived from L1. Always from the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// Who receives it.
    pub account: AccountId,
    /// Smallest units.
    pub amount: u128,
    /// Who sent it on L1.
    pub sender: L1Address,
}

fn expect_kind(reader: &mut Reader<'_>, kind: u8) -> Result<(), DecodeError> {
    match reader.u8("kind")? {
        found if found == kind => Ok(()),
        found => Err(DecodeError::Unknown {
            what: "record kind",
            found: u64::from(found),
        }),
    }
}

impl Encode for BlockRecord {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.u8(kind::BLOCK)
            .u64(self.height)
            .u48(self.time_ms)
            .zeros(16)
            .bytes(&self.seed)
            .zeros(2 * LIMB_BYTES);
    }
}

impl Decode for BlockRecord {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_kind(reader, kind::BLOCK)?;
        let height = reader.u64("height")?;
        let time_ms = U48::read(reader, "time")?;
        reader.zeros("block", 16)?;
        let seed = reader.array("seed")?;
        reader.zeros("block", 2 * LIMB_BYTES)?;
        Ok(Self {
            height,
            time_ms,
            seed,
        })
    }
}

impl Encode for UpgradeRecord {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let UpgradeAnnouncement {
            module,
            height,
            gas_schedule,
            tick_gas,
        } = &self.0;
        let mut w = Writer::new(out);
        w.u8(kind::UPGRADE)
            .u64(*height)
            .u16(*gas_schedule)
            .u32(*tick_gas)
            .zeros(16);
        w.bytes(&module.0).zeros(2 * LIMB_BYTES);
    }
}

impl Decode for UpgradeRecord {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_kind(reader, kind::UPGRADE)?;
        let height = reader.u64("activation height")?;
        let gas_schedule = check_gas_schedule(reader.u16("gas schedule")?)?;
        let tick_gas = check_tick_gas(reader.u32("tick gas")?)?;
        reader.zeros("upgrade", 16)?;
        let module = ModuleHash(reader.array("module")?);
        reader.zeros("upgrade", 2 * LIMB_BYTES)?;
        Ok(Self(UpgradeAnnouncement {
            module,
            height,
            gas_schedule,
            tick_gas,
        }))
    }
}

impl Encode for Deposit {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.u8(kind::DEPOSIT).zeros(2).bytes(&self.account.0).zeros(8);
        w.zeros(15)
            .u128(self.amount)
            .zeros(11)
            .bytes(&self.sender.0)
            .zeros(LIMB_BYTES);
    }
}

impl Decode for Deposit {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_kind(reader, kind::DEPOSIT)?;
        reader.zeros("deposit", 2)?;
        let account = AccountId(reader.array("account")?);
        reader.zeros("deposit", 8 + 15)?;
        let amount = reader.u128("amount")?;
        reader.zeros("deposit", 11)?;
        let sender = L1Address(reader.array("L1 sender")?);
        reader.zeros("deposit", LIMB_BYTES)?;
        Ok(Self {
            account,
            amount,
            sender,
        })
    }
}
