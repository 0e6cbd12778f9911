//! Loads and stores.
//!
//! The machine's access lies in one word. An access whose hint says that it is aligned takes one row, and where it lies in
//! two words all the same, it has no proof; one that is not said to be aligned is done in rows that are right for every address
//! ([`super::parts`]). Careful lowering believes no hint: what it makes of the same module proves every segment, in more rows.

use super::error::LowerError;
use super::function::Lowering;
use super::rows::{Result, Trap};
use super::value::{Arg, Entry, Known, Source};
use crate::asm::{self, Extend, Operand, Width};
use wasmparser::{MemArg, Operator};

/// Class of the trap of an access.
pub(crate) const OUT_OF_BOUNDS: u8 = 2;

impl Lowering<'_, '_> {
    /// Accesses; false if it is none.
    pub(crate) fn memory(&mut self, operator: &Operator<'_>) -> Result<bool> {
        use Extend::{Sign32, Sign64, Zero};
        use Operator as O;
        use Width::{W1, W2, W4, W8};
        match operator {
            O::I32Load { memarg } | O::I64Load32U { memarg } => self.load(memarg, W4, Zero)?,
            O::I64Load { memarg } => self.load(memarg, W8, Zero)?,
            O::I32Load8U { memarg } | O::I64Load8U { memarg } => self.load(memarg, W1, Zero)?,
            O::I32Load16U { memarg } | O::I64Load16U { memarg } => self.load(memarg, W2, Zero)?,
            O::I32Load8S { memarg } => self.load(memarg, W1, Sign32)?,
            O::I32Load16S { memarg } => self.load(memarg, W2, Sign32)?,
            O::I64Load8S { memarg } => self.load(memarg, W1, Sign64)?,
            O::I64Load16S { memarg } => self.load(memarg, W2, Sign64)?,
            O::I64Load32S { memarg } => self.load(memarg, W4, Sign64)?,
            O::I32Store { memarg } => self.store(memarg, W4, false)?,
            O::I64Store { memarg } => self.store(memarg, W8, true)?,
            O::I32Store8 { memarg } => self.store(memarg, W1, false)?,
            O::I32Store16 { memarg } => self.store(memarg, W2, false)?,
            O::I64Store8 { memarg } => self.store(memarg, W1, true)?,
            O::I64Store16 { memarg } => self.store(memarg, W2, true)?,
            O::I64Store32 { memarg } => self.store(memarg, W4, true)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The address operand: a register of the frame and an offset. An addition that cannot wrap goes into the offset. None is a
    /// constant address, all of it in the offset, where an access of this width can never trap.
    fn address(&mut self, memarg: &MemArg, width: Width) -> Result<(Option<u32>, u32)> {
        if let Some(at) = self.constant_address(memarg, width) {
            self.pop_entry()?;
            return Ok((None, at));
        }
        let (register, offset) = self.based_address(memarg)?;
        Ok((Some(register), offset))
    }

    /// The address operand in a register, whatever it is.
    pub(crate) fn based_address(&mut self, memarg: &MemArg) -> Result<(u32, u32)> {
        let entry = self.pop_entry()?;
        self.based(entry, memarg.offset as u32)
    }

    /// The address on the stack, if it is a constant and memory always has these bytes in one word.
    fn constant_address(&self, memarg: &MemArg, width: Width) -> Option<u32> {
        self.certain_address(memarg, width)
            .filter(|at| in_one_word(*at, width))
    }

    /// The address on the stack, if it is a constant and memory always has these bytes: the kernel's has no end, a module's never
    /// shrinks.
    pub(crate) fn certain_address(&self, memarg: &MemArg, width: Width) -> Option<u32> {
        self.certain(self.stack.last(), memarg, width)
    }

    fn certain(&self, address: Option<&Entry>, memarg: &MemArg, width: Width) -> Option<u32> {
        let Some(Entry::Const(base)) = address else {
            return None;
        };
        let at = u32::try_from(*base).ok()?.checked_add(memarg.offset as u32)?;
        let bytes = self
            .context
            .module
            .memory
            .map_or(0, |(initial, _)| u64::from(initial) << 16);
        let there = !self.code.guest || u64::from(at) + width as u64 <= bytes;
        there.then_some(at)
    }

    /// Whether an access whose address lies under `values` operands takes one row: its hint says that it is aligned, or the address does.
    fn in_one_row(&self, memarg: &MemArg, width: Width, values: usize) -> bool {
        let believed = memarg.align >= memarg.max_align && !self.context.careful;
        let address = self.stack.iter().rev().nth(values);
        let at = self.certain(address, memarg, width);
        believed || width == Width::W1 || at.is_some_and(|at| in_one_word(at, width))
    }

    fn based(&mut self, entry: Entry, offset: u32) -> Result<(u32, u32)> {
        if let Entry::Linear {
            source,
            factor: 1,
            add,
            wide: false,
            known,
        } = entry
            && known.bits < 32
            && let Some(offset) = u64::from(offset)
                .checked_add(add)
                .and_then(|sum| u32::try_from(sum).ok())
        {
            let register = match source {
                Source::Local(local) => self.local(local),
                Source::Own => self.slot(self.stack.len()),
            };
            return Ok((self.code.frame(register)?, offset));
        }
        let arg = self.arg(entry)?;
        let (operand, _) = self.register(arg)?;
        Ok((self.code.frame(operand)?, offset))
    }

    fn load(&mut self, memarg: &MemArg, width: Width, extend: Extend) -> Result<()> {
        let bits = match extend {
            Extend::Zero => 8 * width as u32,
            Extend::Sign32 => 32,
            Extend::Sign64 => 64,
        };
        let known = if width == Width::W8 && !self.code.guest {
            Known::FIELD
        } else {
            Known::bits(bits)
        };
        if !self.in_one_row(memarg, width, 0) {
            return self.load_anywhere(memarg, width, extend, known);
        }
        let (x, offset) = self.address(memarg, width)?;
        let destination = self.destination()?;
        let row = asm::load(destination.to, x, offset, width, extend, self.code.space());
        self.code.built_trap(row, access(x, offset, width))?;
        self.done(destination, known);
        Ok(())
    }

    fn store(&mut self, memarg: &MemArg, width: Width, wide: bool) -> Result<()> {
        if !self.in_one_row(memarg, width, 1) {
            let value = self.pop()?;
            return self.store_anywhere(memarg, width, value);
        }
        let bits = 8 * width as u32;
        // A row of a narrow store takes a value that fits.
        let narrow = self
            .stack
            .last()
            .map(|entry| self.entry_known(*entry))
            .is_some_and(|known| known.bits > bits);
        if narrow && width != Width::W8 {
            let depth = self.stack.len();
            self.low_bits_in_place(bits, wide)?;
            if self.stack.len() != depth {
                return self.code.internal("a mask is a value");
            }
        }
        let value = self.pop()?;
        if let Arg::Const(value) = value {
            let (x, offset) = self.address(memarg, width)?;
            let row = asm::store_constant(value, x, offset, width, self.code.space());
            self.code.built_trap(row, access(x, offset, width))?;
            return Ok(());
        }
        let (value, _) = self.register(value)?;
        let (x, offset) = self.address(memarg, width)?;
        let value = match x {
            Some(x) => self.code.apart(value, Operand::Reg(x))?,
            None => value,
        };
        let row = asm::store(value, x, offset, width, self.code.space());
        self.code.built_trap(row, access(x, offset, width))?;
        Ok(())
    }

    /// `memory.size` and `memory.grow`.
    pub(crate) fn size(&mut self, operator: &Operator<'_>) -> Result<()> {
        match (self.code.guest, operator) {
            (true, Operator::MemorySize { .. }) => self.call_kernel("memory_size", 0, 1),
            (true, Operator::MemoryGrow { .. }) => self.call_kernel("memory_grow", 1, 1),
            // The kernel's memory is as large as it ever will be.
            (false, Operator::MemorySize { .. }) => {
                let pages = self.context.module.memory.map_or(0, |(initial, _)| initial);
                self.push_arg(Arg::Const(u64::from(pages)))
            }
            (false, Operator::MemoryGrow { .. }) => {
                self.pop_entry()?;
                self.push_arg(Arg::Const(0xffff_ffff))
            }
            _ => Err(LowerError::Unsupported {
                place: self.code.place,
                what: "this instruction on memory".to_owned(),
            }),
        }
    }
}

/// Whether an access at this address lies in one word.
fn in_one_word(at: u32, width: Width) -> bool {
    at % 8 + width as u32 <= 8
}

/// The trap of an access; one at a constant address has none.
pub(crate) fn access(x: impl Into<Option<u32>>, offset: u32, width: Width) -> Trap {
    let Some(x) = x.into() else {
        return Trap::default();
    };
    Trap {
        class: OUT_OF_BOUNDS,
        register1: x,
        register2: 0,
        width: width as u32,
        constant: u64::from(offset),
    }
}
