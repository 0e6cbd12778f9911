//! Genesis: the first record of every tape, and the parameters that make a chain this chain.
//!
//! ```text
//! limb 0  0x06 | length u16 | L1 chain id u64 | settlement 20      limb 1  salt      limbs 2, 3  zero
//! then the parameters' bytes in whole frames, zero-filled
//! ```

use super::frame::{FRAME_BYTES, LIMB_BYTES, frames_for};
use super::kind;
use crate::account::{AccountId, L1Address};
use crate::bounded::{Bytes, U48};
use crate::chain::Origin;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer, check_limit};
use crate::crypto::field::Fr;
use crate::hash::{Tag, hash_with_length, pack31};
use crate::limits::{GENESIS_BALANCES_MAX, GENESIS_BYTES_MAX, PAYLOAD_BYTES_MAX};
use crate::module::ModuleHash;
use crate::rules::{FeeMode, check_gas_schedule, check_tick_gas};
use crate::state::params::ParamsRecord;
use alloc::vec::Vec;

/// The parameters of a chain. Their hash is part of the chain id; they never change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenesisParams {
    /// The first module.
    pub module: ModuleHash,
    /// The version of the gas prices, see [`crate::limits::gas_schedule`].
    pub gas_schedule: u16,
    /// Time of height 0, ms.
    pub time_ms: U48,
    /// Who pays.
    pub fee_mode: FeeMode,
    /// The least gas price of an accepted call; 0 on a free chain.
    pub gas_price_min: u64,
    /// Who receives fees.
    pub fee_recipient: AccountId,
    /// Gas of the tick of each block; 0 when the module has none.
    pub tick_gas: u32,
    /// The node slows acceptance as unproven rows approach this.
    pub unproven_rows_max: u64,
    /// Who may announce a new module; the zero id: nobody, ever.
    pub upgrade_authority: AccountId,
    /// The least block time between the announcement of a module and its activation, ms.
    pub upgrade_delay_ms: u64,
    /// Balances that exist from the start, by strictly increasing account, none zero. Only a chain without an L1 has them.
    pub balances: Vec<(AccountId, u128)>,
    /// Argument of the module's `init`.
    pub init: Bytes<PAYLOAD_BYTES_MAX>,
}

const VERSION: u8 = 1;

impl GenesisParams {
    /// The genesis hash: Poseidon over the parameters' bytes in 31-byte limbs.
    #[must_use]
    pub fn hash(&self) -> Fr {
        let bytes = self.encode();
        hash_with_length(Tag::Genesis, bytes.len() as u64, &pack31(&bytes))
    }
}

impl Encode for GenesisParams {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let (mode, sponsor) = self.fee_mode.parts();
        let mut w = Writer::new(out);
        w.u8(VERSION)
            .bytes(&self.module.0)
            .u16(self.gas_schedule)
            .u48(self.time_ms);
        w.u8(mode)
            .bytes(&sponsor.0)
            .u64(self.gas_price_min)
            .bytes(&self.fee_recipient.0);
        w.u32(self.tick_gas).u64(self.unproven_rows_max);
        w.bytes(&self.upgrade_authority.0).u64(self.upgrade_delay_ms);
        w.u16(u16::try_from(self.balances.len()).unwrap_or(u16::MAX));
        for (account, amount) in &self.balances {
            w.bytes(&account.0).u128(*amount);
        }
        w.bytes16(&self.init);
    }
}

impl Decode for GenesisParams {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_u8("genesis version", VERSION)?;
        let module = ModuleHash(reader.array("module")?);
        let gas_schedule = check_gas_schedule(reader.u16("gas schedule")?)?;
        let time_ms = U48::read(reader, "genesis time")?;
        let fee_mode = FeeMode::from_parts(reader.u8("fee mode")?, AccountId(reader.array("sponsor")?))?;
        let gas_price_min = fee_mode.check_price(reader.u64("least gas price")?)?;
        let fee_recipient = AccountId(reader.array("fee recipient")?);
        let tick_gas = check_tick_gas(reader.u32("tick gas")?)?;
        let unproven_rows_max = reader.u64("most unproven rows")?;
        let upgrade_authority = AccountId(reader.array("upgrade authority")?);
        let upgrade_delay_ms = reader.u64("upgrade delay")?;
        let count = usize::from(reader.u16("balances")?);
        check_limit("balances", count, GENESIS_BALANCES_MAX)?;
        let mut balances: Vec<(AccountId, u128)> = Vec::with_capacity(count);
        let mut sum = 0u128;
        for _ in 0..count {
            let account = AccountId(reader.array("balance account")?);
            let amount = reader.u128("balance amount")?;
            if amount == 0 {
                return Err(DecodeError::NonCanonical("balance amount"));
            }
            if balances.last().is_some_and(|(last, _)| *last >= account) {
                return Err(DecodeError::NonCanonical("balances"));
            }
            sum = sum
                .checked_add(amount)
                .ok_or(DecodeError::NonCanonical("sum of balances"))?;
            balances.push((account, amount));
        }
        let init = Bytes::read16(reader, "init argument")?;
        Ok(Self {
            module,
            gas_schedule,
            time_ms,
            fee_mode,
            gas_price_min,
            fee_recipient,
            tick_gas,
            unproven_rows_max,
            upgrade_authority,
            upgrade_delay_ms,
            balances,
            init,
        })
    }
}

/// The genesis record of a tape: everything that the chain id is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenesisRecord {
    /// Where the chain lives.
    pub origin: Origin,
    /// Its rules.
    pub params: GenesisParams,
}

impl GenesisRecord {
    /// The chain id that this record starts.
    #[must_use]
    pub fn chain_id(&self) -> Fr {
        self.origin.chain_id(self.params.hash())
    }
}

impl Encode for GenesisRecord {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let params = self.params.encode();
        let length = params.len();
        let mut w = Writer::new(out);
        w.u8(kind::GENESIS).u16(u16::try_from(length).unwrap_or(u16::MAX));
        w.u64(self.origin.l1_chain_id).bytes(&self.origin.settlement.0);
        w.bytes(&self.origin.salt).zeros(2 * LIMB_BYTES);
        w.bytes(&params).zeros(frames_for(length) * FRAME_BYTES - length);
    }
}

impl Decode for GenesisRecord {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_u8("record kind", kind::GENESIS)?;
        let length = usize::from(reader.u16("genesis length")?);
        check_limit("genesis length", length, GENESIS_BYTES_MAX)?;
        let (l1_chain_id, settlement) = (reader.u64("L1 chain id")?, L1Address(reader.array("settlement")?));
        let origin = Origin {
            l1_chain_id,
            settlement,
            salt: reader.array("salt")?,
        };
        if origin.has_l1() == (settlement == L1Address::default()) {
            return Err(DecodeError::NonCanonical("settlement"));
        }
        reader.zeros("genesis", 2 * LIMB_BYTES)?;
        let params = GenesisParams::decode(reader.bytes("genesis", length)?)?;
        // On an L1 chain every unit comes from a deposit: nobody may make claims on other people's deposits.
        if origin.has_l1() && !params.balances.is_empty() {
            return Err(DecodeError::NonCanonical("balances"));
        }
        reader.zeros("genesis", frames_for(length) * FRAME_BYTES - length)?;
        Ok(Self { origin, params })
    }
}

impl From<&GenesisRecord> for ParamsRecord {
    fn from(genesis: &GenesisRecord) -> Self {
        let params = &genesis.params;
        Self {
            has_l1: genesis.origin.has_l1(),
            gas_schedule: params.gas_schedule,
            fee_mode: params.fee_mode,
            gas_price_min: params.gas_price_min,
            fee_recipient: params.fee_recipient,
            tick_gas: params.tick_gas,
            upgrade_authority: params.upgrade_authority,
            upgrade_delay_ms: params.upgrade_delay_ms,
        }
    }
}
