//! Loads and stores.

use super::super::Reason;
use super::super::decode::{Access as Wide, Part};
use super::super::form::word;
use super::{Machine, Slots};
use crate::code::address;
use crate::trace::Value;
use ark_ff::AdditiveGroup;
use playfair_types::crypto::field::Fr;

impl Machine<'_> {
    /// Cell and offset in its word of an access.
    fn locate(&self, access: &Wide, x: Value) -> Result<(u64, u32), Reason> {
        let x = word(x, 'x')?;
        let at = x
            .checked_add(u64::from(access.offset))
            .ok_or_else(|| Reason::Address(Fr::from(x)))?;
        let base = if access.module {
            let room = (u64::from(self.lim) + u64::from(access.beyond))
                .checked_sub(at)
                .and_then(|r| r.checked_sub(u64::from(access.width)));
            // Two limbs hold the room.
            if room.is_none_or(|room| room >> 24 != 0) {
                return Err(Reason::Bounds(at, self.lim));
            }
            self.ctx
        } else {
            address::KERNEL
        };
        let offset = (at % 8) as u32;
        if access.width == 8 && offset != 0 {
            return Err(Reason::Unaligned(at));
        }
        if offset + access.width > 8 {
            return Err(Reason::Straddle(at, access.width));
        }
        // The kernel's address space ends where runs begin.
        if !access.module && at / 8 >= address::RUN - address::KERNEL {
            return Err(Reason::Address(Fr::from(at)));
        }
        Ok((base + at / 8, offset))
    }

    pub(super) fn load<const TRACE: bool>(
        &mut self,
        access: &Wide,
        x: Value,
        slots: &mut Slots,
    ) -> Result<Value, Reason> {
        let (at, offset) = self.locate(access, x)?;
        let found = self.touch::<TRACE>(at, &mut slots.b)?;
        if access.width == 8 {
            return Ok(found);
        }
        let bits = 8 * access.width;
        let value = (word(found, 'w')? >> (8 * offset)) & ((1 << bits) - 1);
        let negative = value >> (bits - 1) == 1;
        Ok(Value::Word(if negative { value + access.sign } else { value }))
    }

    pub(super) fn store<const TRACE: bool>(
        &mut self,
        access: &Wide,
        x: Value,
        y: Value,
        slots: &mut Slots,
    ) -> Result<Value, Reason> {
        let (at, offset) = self.locate(access, x)?;
        let old = self.touch::<TRACE>(at, &mut slots.c)?;
        let new = if access.width == 8 {
            y
        } else {
            let (old, value) = (word(old, 'w')?, word(y, 'y')?);
            let mask = (1u64 << (8 * access.width)) - 1;
            if value > mask {
                return Err(Reason::NotWord('y', y.fr()));
            }
            Value::Word(old & !(mask << (8 * offset)) | value << (8 * offset))
        };
        self.put::<TRACE>(at, new, &mut slots.c);
        Ok(new)
    }

    pub(super) fn load_part<const TRACE: bool>(
        &mut self,
        part: &Part,
        x: Value,
        old: Value,
        slots: &mut Slots,
    ) -> Result<Value, Reason> {
        let (at, offset) = self.locate(&part.access, x)?;
        let found = word(self.touch::<TRACE>(at, &mut slots.b)?, 'w')?;
        let (down, up) = (
            found >> (8 * offset),
            if offset < 7 { found << (56 - 8 * offset) } else { 0 },
        );
        let scale = 1u64 << (8 * ((offset + 1) % 8));
        let [k0, k1, k2, k3] = part.k;
        let parts = [
            (k0, Value::Word(down)),
            (k1, Value::Word(up)),
            (k2, Value::Word(scale)),
            (k3, old),
        ];
        let mut sum = Fr::ZERO;
        for (k, value) in parts.into_iter().filter(|(k, _)| *k != Fr::ZERO) {
            sum += k * value.fr();
        }
        Ok(Value::from(sum))
    }

    pub(super) fn store_part<const TRACE: bool>(
        &mut self,
        part: &Part,
        x: Value,
        y: Value,
        slots: &mut Slots,
    ) -> Result<Value, Reason> {
        let (at, offset) = self.locate(&part.access, x)?;
        let old = word(self.touch::<TRACE>(at, &mut slots.c)?, 'w')?;
        let below = old & ((1u64 << (8 * offset)) - 1);
        let above = old & u64::MAX.checked_shl(8 * (offset + 1)).unwrap_or(0);
        // Beside four bytes that begin here, or end.
        let beyond = old & u64::MAX.checked_shl(8 * (offset + 4)).unwrap_or(0);
        let before = old & ((1u64 << (8 * offset.saturating_sub(3))) - 1);
        let parts = [below, above, beyond, before].map(Fr::from);
        let kept: Fr = part.k.iter().zip(parts).map(|(k, part)| *k * part).sum();
        let new = Value::from(kept + y.fr());
        // What is no word is no sum of bytes that do not meet.
        word(new, 'y')?;
        self.put::<TRACE>(at, new, &mut slots.c);
        Ok(new)
    }
}
