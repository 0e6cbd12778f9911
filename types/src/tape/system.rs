//! Records that no player signs: block, upgrade and deposit. Each is one frame.
//!
//! ```text
//! block     limb 0  0x01 | height u64 | time u48 (ms) | 16 zero
//!           limb 1  seed       limbs 2, 3  seed signature 48 | 14 zero
//! upgrade   limb 0  0x07 | time u48 | schedule u16 | tick gas u32 | least gas price u64 | VK set root[0] | 9 zero
//!           limb 1  module     limb 2  VK set root[1..32]     limb 3  zero
//! deposit   limb 0  0x84 | 2 zero | account 20 | 8 zero       limb 1  15 zero | amount u128
//!           limb 2  11 zero | L1 sender 20                    limb 3  memo
//! ```
//!
//! A tick has no record: it runs once, right after the block record, and is derived from it.

use super::frame::{LIMB_BYTES, join32};
use super::kind;
use crate::account::{AccountId, L1Address};
use crate::bounded::U48;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::crypto::field::{fr_from_bytes, fr_to_bytes};
use crate::module::ModuleHash;
use crate::rules::{Upgrade, check_gas_schedule, check_tick_gas, check_vk_set_root};
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
    /// What the seed is derived from, see [`crate::chain::seed_of`]: the committee's signature over the parent's round.
    pub seed_signature: [u8; 48],
}

/// Activates what was announced. The last record under the old module; only a block record may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpgradeRecord(pub Upgrade);

/// Native asset that arrived from L1. Always from the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// Who receives it.
    pub account: AccountId,
    /// Smallest units.
    pub amount: u128,
    /// Who sent it on L1.
    pub sender: L1Address,
    /// What the sender says about it; nothing to the chain.
    pub memo: [u8; 31],
}

impl Encode for BlockRecord {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.u8(kind::BLOCK).u64(self.height).u48(self.time_ms).zeros(16);
        w.bytes(&self.seed).bytes(&self.seed_signature).zeros(14);
    }
}

impl Decode for BlockRecord {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_u8("record kind", kind::BLOCK)?;
        let height = reader.u64("height")?;
        let time_ms = U48::read(reader, "time")?;
        reader.zeros("block", 16)?;
        let (seed, seed_signature) = (reader.array("seed")?, reader.array("seed signature")?);
        reader.zeros("block", 14)?;
        Ok(Self {
            height,
            time_ms,
            seed,
            seed_signature,
        })
    }
}

impl Encode for UpgradeRecord {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let new = &self.0;
        let [root_high, root_low @ ..] = fr_to_bytes(&new.vk_set_root);
        let mut w = Writer::new(out);
        w.u8(kind::UPGRADE)
            .u48(new.time_ms)
            .u16(new.gas_schedule)
            .u32(new.tick_gas);
        w.u64(new.gas_price_min).u8(root_high).zeros(9);
        w.bytes(&new.module.0).bytes(&root_low).zeros(LIMB_BYTES);
    }
}

impl Decode for UpgradeRecord {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_u8("record kind", kind::UPGRADE)?;
        let time_ms = U48::read(reader, "activation time")?;
        let gas_schedule = check_gas_schedule(reader.u16("gas schedule")?)?;
        let tick_gas = check_tick_gas(reader.u32("tick gas")?)?;
        let gas_price_min = reader.u64("least gas price")?;
        let root_high = reader.u8("VK set root")?;
        reader.zeros("upgrade", 9)?;
        let module = ModuleHash(reader.array("module")?);
        let root = join32(root_high, &reader.array("VK set root")?);
        reader.zeros("upgrade", LIMB_BYTES)?;
        let root = fr_from_bytes(&root).ok_or(DecodeError::NonCanonicalField("VK set root"))?;
        let vk_set_root = check_vk_set_root(root)?;
        Ok(Self(Upgrade {
            time_ms,
            module,
            vk_set_root,
            gas_schedule,
            tick_gas,
            gas_price_min,
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
            .bytes(&self.memo);
    }
}

impl Decode for Deposit {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_u8("record kind", kind::DEPOSIT)?;
        reader.zeros("deposit", 2)?;
        let account = AccountId(reader.array("account")?);
        reader.zeros("deposit", 8 + 15)?;
        let amount = reader.u128("amount")?;
        reader.zeros("deposit", 11)?;
        let sender = L1Address(reader.array("L1 sender")?);
        Ok(Self {
            account,
            amount,
            sender,
            memo: reader.array("memo")?,
        })
    }
}
