//! Accesses of two, four and eight bytes that may span two words: right for every address.
//!
//! One row of each has the bound and the trap of the whole access, and it comes before everything that the access writes; no other row
//! of it can fail where that one holds.
//!
//! * Eight bytes: LOADP at the last byte, which has the bound, and LOADP at the first, which adds to it. Stored: the value times
//!   256^o has a low and a high word, of which STOREP writes one each; of four bytes too, but what is beside them in a word stays.
//! * Four bytes are loaded as the low half of eight, of which only four need be in memory: the bound of the last byte's row is
//!   wider by four (k5). It may so read the word behind memory's end, which nothing can have written, and no byte of which is
//!   left in the result. The kernel's words may be elements, which have no bytes: it reads its four one by one.
//! * Two bytes are loaded and stored one by one, the last one first, for its bound is that of all; so are the kernel's four.

use super::function::Lowering;
use super::memory::access;
use super::rows::{Kind, ONE, Result, ZERO};
use super::value::{Arg, Entry, Known};
use crate::asm::{self, Extend, Half, Operand, Width, coefficients};
use ark_ff::Field;
use playfair_types::crypto::field::Fr;
use wasmparser::MemArg;

/// Where an access lies.
#[derive(Clone, Copy)]
struct Place {
    /// The register of the address; none for a constant one.
    x: Option<u32>,
    /// What is added to it.
    offset: u32,
}

impl Lowering<'_, '_> {
    /// A load of two, four or eight bytes from any address.
    pub(crate) fn load_anywhere(
        &mut self,
        memarg: &MemArg,
        width: Width,
        extend: Extend,
        known: Known,
    ) -> Result<()> {
        let place = self.place(memarg, width)?;
        match width {
            Width::W4 if self.code.guest => self.load_four(place, extend, known),
            Width::W8 => self.load_eight(place, known),
            _ => self.load_bytes(place, width, extend, known),
        }
    }

    /// A store of two, four or eight bytes to any address.
    pub(crate) fn store_anywhere(&mut self, memarg: &MemArg, width: Width, value: Arg) -> Result<()> {
        let place = self.place(memarg, width)?;
        match width {
            Width::W8 => self.store_words(place, width, value),
            Width::W4 if self.code.guest => self.store_words(place, width, value),
            _ => self.store_bytes(place, width, value),
        }
    }

    /// The address that is taken from the stack. What the rows add to it fits.
    fn place(&mut self, memarg: &MemArg, width: Width) -> Result<Place> {
        if let Some(offset) = self.certain_address(memarg, width)
            && offset <= u32::MAX - 7
        {
            self.pop_entry()?;
            return Ok(Place { x: None, offset });
        }
        let (x, offset) = match self.stack.last() {
            // One row copies a global and adds; one holds a constant address, of up to 33 bits.
            Some(Entry::Abs(..)) => {
                let (x, _) = self.pop_register()?;
                (x, memarg.offset as u32)
            }
            Some(Entry::Const(base)) => {
                let at = Fr::from(*base) + Fr::from(memarg.offset);
                self.pop_entry()?;
                let sum = self.code.tmp()?;
                self.code.constant(sum, at)?;
                let x = Some(self.code.frame(sum)?);
                return Ok(Place { x, offset: 0 });
            }
            _ => {
                let (x, offset) = self.based_address(memarg)?;
                (Operand::Reg(x), offset)
            }
        };
        let fits = offset <= u32::MAX - 7;
        if let (Operand::Reg(x), true) = (x, fits) {
            return Ok(Place { x: Some(x), offset });
        }
        // The sum may have 33 bits.
        let sum = self.code.tmp()?;
        let k = [ZERO, ONE, ZERO, Fr::from(offset)];
        self.code.field(sum, Some(x), None, k)?;
        let x = Some(self.code.frame(sum)?);
        Ok(Place { x, offset: 0 })
    }

    /// The last byte's word, then the first one's, which is the same if the address is aligned.
    fn load_eight(&mut self, place: Place, known: Known) -> Result<()> {
        let Place { x, offset } = place;
        let destination = self.destination()?;
        let to = match destination.to {
            Operand::Reg(to) if Some(to) == x => self.code.tmp()?,
            to => to,
        };
        let row = asm::load_part(to, x, offset + 7, Half::Last, false, self.code.space());
        self.code.built_trap(row, access(x, offset, Width::W8))?;
        self.rest(place, to)?;
        self.code.mov(destination.to, to)?;
        self.done(destination, known);
        Ok(())
    }

    /// Adds the first byte's word.
    fn rest(&mut self, Place { x, offset }: Place, to: Operand) -> Result<()> {
        let row = asm::load_part(to, x, offset, Half::First, true, self.code.space());
        self.code.built(row)?;
        Ok(())
    }

    /// The low half of eight bytes.
    fn load_four(&mut self, place: Place, extend: Extend, known: Known) -> Result<()> {
        let Place { x, offset } = place;
        let all = self.code.tmp()?;
        let row = asm::load_last_of_four(all, x, offset + 7);
        self.code.built_trap(row, access(x, offset, Width::W4))?;
        self.rest(place, all)?;
        if extend == Extend::Sign64 {
            self.code.built(asm::signed(all, all, 32))?;
        }
        let destination = self.destination()?;
        self.code.built(match extend {
            Extend::Sign64 => asm::wrap64(destination.to, all),
            _ => asm::mask(destination.to, all, 32),
        })?;
        self.done(destination, known);
        Ok(())
    }

    /// Byte by byte, of which the last one has the sign.
    fn load_bytes(&mut self, place: Place, width: Width, extend: Extend, known: Known) -> Result<()> {
        let Place { x, offset } = place;
        let space = self.code.space();
        let (last, signed) = (width as u32 - 1, extend != Extend::Zero);
        let mut sum = self.code.tmp()?;
        let top = if signed { Extend::Sign64 } else { Extend::Zero };
        let row = asm::load(sum, x, offset + last, Width::W1, top, space);
        self.code.built_trap(row, access(x, offset, width))?;
        // What the sign adds to the last byte, a multiple of 2^64 less 256, is that of the whole modulo 2^64 when it has moved up.
        let scale = asm::two(if extend == Extend::Sign64 { 0 } else { 32 });
        for byte in (0..last).rev() {
            let next = self.code.tmp()?;
            let row = asm::load(next, x, offset + byte, Width::W1, Extend::Zero, space);
            self.code.built(row)?;
            if byte > 0 {
                let to = self.code.tmp()?;
                self.code
                    .field(to, Some(next), Some(sum), [ZERO, ONE, asm::two(8), ZERO])?;
                sum = to;
                continue;
            }
            let destination = self.destination()?;
            if signed {
                let k = coefficients([(1, scale), (2, scale * asm::two(8)), (4, ONE), (7, scale)]);
                self.code
                    .form(Kind::Arith, Some(next), Some(sum), k, destination.to)?;
            } else {
                let k = [ZERO, ONE, asm::two(8), ZERO];
                self.code.field(destination.to, Some(next), Some(sum), k)?;
            }
            self.done(destination, known);
        }
        Ok(())
    }

    /// Four or eight bytes: the value times 256^o is split where the first word ends; the last byte's word is written first, so that of an
    /// access in one word everything is written last.
    fn store_words(&mut self, place: Place, width: Width, value: Arg) -> Result<()> {
        let Place { x, offset } = place;
        let (space, last) = (self.code.space(), offset + (width as u32 - 1));
        let four = width == Width::W4;
        let value = match value {
            Arg::Const(value) if four => Arg::Const(value & 0xffff_ffff),
            Arg::Reg(wide, known) if four && known.bits > 32 => {
                let low = self.code.tmp()?;
                self.code.built(asm::mask(low, wide, 32))?;
                Arg::Reg(low, Known::WORD32)
            }
            value => value,
        };
        let (scale, low, high) = (self.code.tmp()?, self.code.tmp()?, self.code.tmp()?);
        let row = if four {
            asm::scale_of_four(scale, x, offset + 7)
        } else {
            asm::load_part(scale, x, last, Half::Scale, false, space)
        };
        self.code.built_trap(row, access(x, offset, width))?;
        for (part, to) in [(5, high), (4, low)] {
            let (value, k) = match value {
                Arg::Const(value) => (None, coefficients([(2, Fr::from(value)), (part, ONE), (7, ONE)])),
                Arg::Reg(value, _) => (Some(value), coefficients([(0, ONE), (part, ONE), (7, ONE)])),
            };
            self.code.form(Kind::Arith, value, Some(scale), k, to)?;
        }
        let store = |value, offset, half| {
            if four {
                asm::store_part_of_four(value, x, offset, half, space)
            } else {
                asm::store_part(value, x, offset, half, space)
            }
        };
        self.code.built(store(high, last, Half::Last))?;
        self.code.built(store(low, offset, Half::First))?;
        Ok(())
    }

    /// Byte by byte, the last one first.
    fn store_bytes(&mut self, place: Place, width: Width, value: Arg) -> Result<()> {
        let Place { x, offset } = place;
        let space = self.code.space();
        let bytes = width as u32;
        let value = match value {
            // Of a global, one copy serves all bytes.
            Arg::Reg(operand @ Operand::Abs(_), known) if bytes > 2 => {
                let register = self.code.frame(operand)?;
                Arg::Reg(Operand::Reg(register), known)
            }
            value => value,
        };
        for byte in (0..bytes).rev() {
            let part = self.byte_of(value, byte)?;
            let row = match part {
                Arg::Const(part) => asm::store_constant(part, x, offset + byte, Width::W1, space),
                Arg::Reg(part, _) => {
                    let part = match x {
                        Some(x) => self.code.apart(part, Operand::Reg(x))?,
                        None => part,
                    };
                    asm::store(part, x, offset + byte, Width::W1, space)
                }
            };
            if byte + 1 == bytes {
                self.code.built_trap(row, access(x, offset, width))?;
            } else {
                self.code.built(row)?;
            }
        }
        Ok(())
    }

    /// A byte of a word.
    fn byte_of(&mut self, value: Arg, byte: u32) -> Result<Arg> {
        let (x, known) = match value {
            Arg::Const(value) => return Ok(Arg::Const(value >> (8 * byte) & 0xff)),
            Arg::Reg(_, known) if known.bits <= 8 * byte => return Ok(Arg::Const(0)),
            Arg::Reg(_, known) if known.bits <= 8 && byte == 0 => return Ok(value),
            Arg::Reg(x, known) => (x, known),
        };
        let to = self.code.tmp()?;
        let from = 8 * byte;
        let (kind, k) = if known.bits <= from + 8 {
            let up = asm::two(64 - from);
            (Kind::Arith, coefficients([(1, up), (5, ONE), (7, ONE)]))
        } else if byte == 0 {
            let up = asm::two(56);
            (Kind::Arith, coefficients([(1, up), (4, ONE), (7, up)]))
        } else {
            let down = asm::two(from).inverse().unwrap_or_default();
            let bits = Fr::from(0xffu64 << from);
            (Kind::Logic, coefficients([(1, ONE), (3, bits), (5, down)]))
        };
        self.code.form(kind, Some(x), None, k, to)?;
        Ok(Arg::Reg(to, Known::bits(8)))
    }
}
