//! When the honest prover exits a run: at a row with a TRAP entry whose gas exceeds what is left, or whose condition holds.

use super::exec::Machine;
use super::image::Tables;
use super::{ProgramError, Reason};
use crate::code::Tag;
use crate::trace::Value;

/// Frame slots that all frames together may have.
const SLOTS: u64 = 8_192;

/// A TRAP entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trap {
    class: u32,
    /// Gas that the row charges.
    pub(super) gas: u32,
    register1: u32,
    register2: u32,
    width: u32,
    constant: Value,
}

/// The entries with their code indices.
pub(super) fn entries(tables: &Tables) -> Result<Vec<(u64, Trap)>, ProgramError> {
    let mut traps = Vec::new();
    for key in tables.keys(Tag::Trap) {
        let entry = tables.row(Tag::Trap, key);
        let trap = entry.and_then(|(v1, v2)| Trap::read(v1.word()?, v2));
        traps.push((key, trap.ok_or(ProgramError::Trap(key))?));
    }
    Ok(traps)
}

impl Trap {
    /// class + 2^8 gas + 2^32 register 1 + 2^46 register 2 + 2^60 (width - 1).
    fn read(v1: u64, constant: Value) -> Option<Self> {
        let field = |from: u32, bits: u32| ((v1 >> from) & ((1 << bits) - 1)) as u32;
        let trap = Self {
            class: field(0, 8),
            gas: field(8, 24),
            register1: field(32, 14),
            register2: field(46, 14),
            width: field(60, 4) + 1,
            constant,
        };
        let known = matches!(trap.class, 0..=8 | 16..);
        let fits = trap.width <= 8 && (constant.word().is_some() || trap.class == 5);
        (known && fits).then_some(trap)
    }

    /// Whether the run must end here, and not run the row.
    pub(super) fn holds(&self, machine: &Machine<'_>) -> Result<bool, Reason> {
        if i64::from(self.gas) > machine.gas {
            return Ok(true);
        }
        let register = |register: u32, name: char| {
            let value = machine.peek(register)?;
            value.word().ok_or(Reason::NotWord(name, value.fr()))
        };
        let constant = self.constant.word().unwrap_or(0);
        Ok(match self.class {
            0 => false,
            2 => {
                let end = u128::from(register(self.register1, 'x')?) + u128::from(constant);
                end + u128::from(self.width) > u128::from(machine.lim)
            }
            3 => register(self.register2, 'y')? == 0,
            4 => {
                let ones = u64::MAX >> (64 - 8 * self.width);
                register(self.register1, 'x')? == constant && register(self.register2, 'y')? == ones
            }
            5..=7 => {
                let index = register(self.register1, 'x')?;
                let entry = machine.tables().row(Tag::Table, index);
                entry.is_none_or(|(_, kind)| kind != self.constant)
            }
            8 => u64::from(machine.slots) + constant > SLOTS,
            // Unreachable, and details without condition.
            _ => true,
        })
    }
}
