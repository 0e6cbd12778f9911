//! What each instruction costs, and with it which instructions there are: one that has no price is not admitted.
//!
//! A price is in gas, which is rows of the circuit's trace at worst. Structure costs nothing because it lowers to nothing;
//! the rest costs a row, and what takes more rows or touches memory costs that too.

use playfair_types::limits::{GAS_SCHEDULE_1, GasSchedule};
use wasmparser::Operator;

/// The schedule whose prices the instrumentation writes into a module.
pub const SCHEDULE: &GasSchedule = &GAS_SCHEDULE_1;

/// Instructions of one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Structure, which lowers to nothing.
    Free,
    /// One row: constants, locals, globals, arithmetic, comparisons, division, branches, `memory.size`.
    Plain,
    /// A load from memory.
    Load,
    /// A store to memory.
    Store,
    /// A branch by table.
    BrTable,
    /// A call.
    Call,
    /// An indirect call.
    CallIndirect,
    /// `memory.grow`.
    Grow,
    /// `memory.copy` and `memory.fill`, beside what the bulk helper charges for the words.
    Bulk,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 9] = [
        Self::Free,
        Self::Plain,
        Self::Load,
        Self::Store,
        Self::BrTable,
        Self::Call,
        Self::CallIndirect,
        Self::Grow,
        Self::Bulk,
    ];

    /// What an instruction of this class costs, in gas.
    #[must_use]
    pub const fn gas(self, schedule: &GasSchedule) -> u32 {
        match self {
            Self::Free => 0,
            Self::Plain => schedule.row,
            Self::Load | Self::Store => schedule.row + schedule.memory_access,
            Self::BrTable | Self::Call => 2 * schedule.row,
            Self::CallIndirect => 4 * schedule.row,
            Self::Grow => 64 * schedule.row,
            Self::Bulk => 32 * schedule.row,
        }
    }

    /// Loads and stores that it makes, without words of bulk operations.
    #[must_use]
    pub const fn accesses(self) -> u32 {
        matches!(self, Self::Load | Self::Store) as u32
    }

    /// Its instructions, in words.
    #[must_use]
    pub const fn instructions(self) -> &'static str {
        match self {
            Self::Free => "block, loop, end, else, nop, drop",
            Self::Plain => {
                "i32 and i64 constants, arithmetic (division too), comparisons, conversions; local.*, global.*; select; \
                 if, br, br_if, return, unreachable; memory.size"
            }
            Self::Load => "i32.load*, i64.load*",
            Self::Store => "i32.store*, i64.store*",
            Self::BrTable => "br_table",
            Self::Call => "call",
            Self::CallIndirect => "call_indirect",
            Self::Grow => "memory.grow",
            Self::Bulk => "memory.copy, memory.fill; memory_access for each started word beside",
        }
    }
}

/// The class of an instruction; `None` if it is not admitted.
#[must_use]
pub const fn class(operator: &Operator<'_>) -> Option<Class> {
    use Operator as O;
    Some(match operator {
        O::Block { .. } | O::Loop { .. } | O::End | O::Else | O::Nop | O::Drop => Class::Free,

        O::Unreachable
        | O::If { .. }
        | O::Br { .. }
        | O::BrIf { .. }
        | O::Return
        | O::Select
        | O::TypedSelect { .. }
        | O::LocalGet { .. }
        | O::LocalSet { .. }
        | O::LocalTee { .. }
        | O::GlobalGet { .. }
        | O::GlobalSet { .. }
        | O::MemorySize { .. }
        | O::I32Const { .. }
        | O::I64Const { .. } => Class::Plain,

        O::I32Eqz | O::I32Eq | O::I32Ne | O::I32LtS | O::I32LtU | O::I32GtS | O::I32GtU => Class::Plain,
        O::I32LeS | O::I32LeU | O::I32GeS | O::I32GeU => Class::Plain,
        O::I64Eqz | O::I64Eq | O::I64Ne | O::I64LtS | O::I64LtU | O::I64GtS | O::I64GtU => Class::Plain,
        O::I64LeS | O::I64LeU | O::I64GeS | O::I64GeU => Class::Plain,

        O::I32Clz | O::I32Ctz | O::I32Popcnt | O::I32Add | O::I32Sub | O::I32Mul => Class::Plain,
        O::I32DivS | O::I32DivU | O::I32RemS | O::I32RemU => Class::Plain,
        O::I32And | O::I32Or | O::I32Xor => Class::Plain,
        O::I32Shl | O::I32ShrS | O::I32ShrU | O::I32Rotl | O::I32Rotr => Class::Plain,
        O::I64Clz | O::I64Ctz | O::I64Popcnt | O::I64Add | O::I64Sub | O::I64Mul => Class::Plain,
        O::I64DivS | O::I64DivU | O::I64RemS | O::I64RemU => Class::Plain,
        O::I64And | O::I64Or | O::I64Xor => Class::Plain,
        O::I64Shl | O::I64ShrS | O::I64ShrU | O::I64Rotl | O::I64Rotr => Class::Plain,

        O::I32WrapI64 | O::I64ExtendI32S | O::I64ExtendI32U => Class::Plain,
        O::I32Extend8S | O::I32Extend16S => Class::Plain,
        O::I64Extend8S | O::I64Extend16S | O::I64Extend32S => Class::Plain,

        O::I32Load { .. }
        | O::I32Load8S { .. }
        | O::I32Load8U { .. }
        | O::I32Load16S { .. }
        | O::I32Load16U { .. }
        | O::I64Load { .. }
        | O::I64Load8S { .. }
        | O::I64Load8U { .. }
        | O::I64Load16S { .. }
        | O::I64Load16U { .. }
        | O::I64Load32S { .. }
        | O::I64Load32U { .. } => Class::Load,

        O::I32Store { .. }
        | O::I32Store8 { .. }
        | O::I32Store16 { .. }
        | O::I64Store { .. }
        | O::I64Store8 { .. }
        | O::I64Store16 { .. }
        | O::I64Store32 { .. } => Class::Store,

        O::BrTable { .. } => Class::BrTable,
        O::Call { .. } => Class::Call,
        O::CallIndirect { .. } => Class::CallIndirect,
        O::MemoryGrow { .. } => Class::Grow,
        O::MemoryCopy { .. } | O::MemoryFill { .. } => Class::Bulk,
        _ => return None,
    })
}

// A block's price is an i32 constant: even a body of nothing but the dearest instruction stays far below 2^31.
const _: () = {
    let mut dearest = 0;
    let mut index = 0;
    while index < Class::ALL.len() {
        let gas = Class::ALL[index].gas(SCHEDULE);
        if gas > dearest {
            dearest = gas;
        }
        index += 1;
    }
    assert!(
        dearest as u64 * (crate::limits::FUNCTION_BYTES + crate::limits::LOCALS) as u64 <= i32::MAX as u64
    );
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedule_1() {
        let gas = Class::ALL.map(|class| class.gas(SCHEDULE));
        assert_eq!(gas, [0, 1, 5, 5, 2, 2, 4, 64, 32]);
    }

    #[test]
    fn what_has_no_price() {
        assert_eq!(class(&Operator::F32Add), None);
        assert_eq!(class(&Operator::I64Extend32S), Some(Class::Plain));
        assert_eq!(class(&Operator::RefIsNull), None);
        assert_eq!(class(&Operator::DataDrop { data_index: 0 }), None);
    }
}
