//! What the kernel learns of the module as constants: functions without parameters, of one result.

use crate::asm::{self, Operand};
use crate::code::Instr;
use crate::lower::Unit;
use playfair_types::crypto::field::Fr;

/// Bytes of a page.
const PAGE: u64 = 1 << 16;

/// What linking cannot read off the module's code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Constants {
    /// The module's hash, as the field element that the chain's config names.
    pub module_hash: Fr,
    /// Version of the gas schedule.
    pub gas_schedule: u32,
    /// Whether the module's hints of alignment are not believed ([`crate::lower::Kind::Careful`]).
    pub careful: bool,
}

impl Constants {
    /// Names and rows.
    pub(super) fn functions(&self, module: &Unit) -> Vec<(&'static str, Vec<Instr>)> {
        let has = |name: &str| Fr::from(module.exports.contains_key(name));
        let (initial, most) = module.memory;
        [
            ("memory_bytes", Fr::from(u64::from(initial) * PAGE)),
            ("memory_max", Fr::from(u64::from(most) * PAGE)),
            ("table_size", Fr::from(module.table_size)),
            ("has_init", has("init")),
            ("has_tick", has("tick")),
            ("module_hash", self.module_hash),
            ("gas_schedule", Fr::from(self.gas_schedule)),
        ]
        .into_iter()
        .map(|(name, value)| (name, function(value)))
        .collect()
    }
}

/// The result lies in register 0, the way back in register 1.
fn function(value: Fr) -> Vec<Instr> {
    asm::constant(Operand::Reg(0), value)
        .into_iter()
        .chain([asm::ret(1, 0)])
        .collect()
}
