//! The chain's own two records: the parameters that calls need, and the announced module.

use crate::account::AccountId;
use crate::bounded::U48;
use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::crypto::field::fr_to_bytes;
use crate::module::ModuleHash;
use crate::rules::{FeeMode, Upgrade, check_gas_schedule, check_tick_gas, check_vk_set_root};
use crate::words::{
    VERSION, expect_version, field_of, field_words, low20, push_words, read_words, words_to_be,
};
use alloc::vec::Vec;

/// The part of the genesis record that executing a call needs, under [`super::SystemKey::Params`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamsRecord {
    /// The gas prices. An upgrade may change them.
    pub gas_schedule: u16,
    /// Whether there is an inbox.
    pub has_l1: bool,
    /// Who pays.
    pub fee_mode: FeeMode,
    /// The least gas price. An upgrade may change it.
    pub gas_price_min: u64,
    /// Who receives fees.
    pub fee_recipient: AccountId,
    /// Gas of each tick; 0 for none. An upgrade may change it.
    pub tick_gas: u32,
    /// Who may announce a module.
    pub upgrade_authority: AccountId,
    /// Milliseconds of block time from announcement to activation, at least.
    pub upgrade_delay_ms: u64,
}

/// Beside the fee mode.
const HAS_L1: u64 = 0x80;

/// An account id as three little-endian words; the fourth would be zero.
fn id_words(id: AccountId) -> [u64; 3] {
    let [w0, w1, w2, _] = field_words(&id.to_field());
    [w0, w1, w2]
}

fn id_of([w0, w1, w2]: [u64; 3], what: &'static str) -> Result<AccountId, DecodeError> {
    let id = low20(&words_to_be([w0, w1, w2, 0]));
    id.map(AccountId).ok_or(DecodeError::NonZeroPadding(what))
}

impl Encode for ParamsRecord {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let (mode, sponsor) = self.fee_mode.parts();
        let mode = u64::from(mode) | if self.has_l1 { HAS_L1 } else { 0 };
        let head = VERSION | mode << 8 | u64::from(self.gas_schedule) << 16 | u64::from(self.tick_gas) << 32;
        let [s0, s1, s2] = id_words(sponsor);
        let [r0, r1, r2] = id_words(self.fee_recipient);
        let [a0, a1, a2] = id_words(self.upgrade_authority);
        let words = [
            head,
            self.gas_price_min,
            s0,
            s1,
            s2,
            r0,
            r1,
            r2,
            a0,
            a1,
            a2,
            self.upgrade_delay_ms,
        ];
        push_words(out, &words);
    }
}

impl Decode for ParamsRecord {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let [head, gas_price_min, s0, s1, s2, r0, r1, r2, a0, a1, a2, delay] =
            read_words(reader, "parameters")?;
        expect_version("parameters version", head & 0xff)?;
        let mode = head >> 8 & 0xff;
        let fee_mode = FeeMode::from_parts((mode & !HAS_L1) as u8, id_of([s0, s1, s2], "sponsor")?)?;
        Ok(Self {
            gas_schedule: check_gas_schedule((head >> 16) as u16)?,
            has_l1: mode & HAS_L1 != 0,
            fee_mode,
            gas_price_min: fee_mode.check_price(gas_price_min)?,
            fee_recipient: id_of([r0, r1, r2], "fee recipient")?,
            tick_gas: check_tick_gas((head >> 32) as u32)?,
            upgrade_authority: id_of([a0, a1, a2], "upgrade authority")?,
            upgrade_delay_ms: delay,
        })
    }
}

impl Encode for Upgrade {
    /// The state's form; the upgrade record and the system entry have their own layouts.
    fn encode_to(&self, out: &mut Vec<u8>) {
        let [m0, m1, m2, m3] = field_words(&self.module.to_field());
        let [v0, v1, v2, v3] = field_words(&self.vk_set_root);
        let head = VERSION | u64::from(self.gas_schedule) << 16 | u64::from(self.tick_gas) << 32;
        push_words(
            out,
            &[
                head,
                self.time_ms.get(),
                m0,
                m1,
                m2,
                m3,
                v0,
                v1,
                v2,
                v3,
                self.gas_price_min,
                0,
            ],
        );
    }
}

impl Decode for Upgrade {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let [head, time, m0, m1, m2, m3, v0, v1, v2, v3, gas_price_min, zero] =
            read_words(reader, "upgrade")?;
        expect_version("upgrade version", head & 0xffff)?;
        if zero != 0 {
            return Err(DecodeError::NonZeroPadding("upgrade"));
        }
        let module = match fr_to_bytes(&field_of([m0, m1, m2, m3], "module")?) {
            [0, module @ ..] => ModuleHash(module),
            _ => return Err(DecodeError::NonCanonical("module")),
        };
        Ok(Self {
            time_ms: U48::new(time).ok_or(DecodeError::NonCanonical("activation time"))?,
            module,
            vk_set_root: check_vk_set_root(field_of([v0, v1, v2, v3], "VK set root")?)?,
            gas_schedule: check_gas_schedule((head >> 16) as u16)?,
            tick_gas: check_tick_gas((head >> 32) as u32)?,
            gas_price_min,
        })
    }
}
