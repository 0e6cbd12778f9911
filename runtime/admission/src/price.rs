//! What each instruction costs, and with it which instructions there are: one that has no price is not admitted.
//!
//! A price is the rows of the circuit's trace that the instruction takes at worst, however its module is lowered, whatever its operands
//! are and wherever its result goes. Lowering holds every module to it (`playfair_proofs_isa::budget`). Structure costs nothing because
//! it lowers to nothing. A load or store may touch two words of memory for the first time, which is another row.

use playfair_types::limits::{GAS_SCHEDULE, GasSchedule};
use wasmparser::Operator;

/// The schedule whose prices the instrumentation writes into a module.
pub const SCHEDULE: &GasSchedule = GAS_SCHEDULE;

/// Instructions of one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Structure, which lowers to nothing.
    Free,
    /// Constants, locals, globals, most arithmetic.
    Plain,
    /// A branch, and the values that it carries to a block of its function.
    Br,
    /// A conditional branch.
    BrIf,
    /// A branch by table.
    BrTable,
    /// A signed comparison.
    Compare,
    /// A shift or a rotation, a sign extension.
    Shift,
    /// Counting bits, and the arithmetic shift.
    Count,
    /// `select`.
    Select,
    /// Unsigned division and remainder.
    Divide,
    /// Signed division and remainder.
    SignedDivide,
    /// A load of a byte.
    LoadByte,
    /// A load without sign.
    Load,
    /// A load with sign.
    LoadSigned,
    /// A store of a byte.
    StoreByte,
    /// A store of two bytes.
    StoreHalf,
    /// A store of four bytes of an `i64`.
    StoreNarrow,
    /// A store of a whole value.
    StoreLong,
    /// A call.
    Call,
    /// An indirect call.
    CallIndirect,
    /// `memory.size`.
    Size,
    /// `memory.grow`.
    Grow,
    /// `memory.copy` and `memory.fill`, beside what the bulk helper charges for the words.
    Bulk,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 23] = [
        Self::Free,
        Self::Plain,
        Self::Br,
        Self::BrIf,
        Self::BrTable,
        Self::Compare,
        Self::Shift,
        Self::Count,
        Self::Select,
        Self::Divide,
        Self::SignedDivide,
        Self::LoadByte,
        Self::Load,
        Self::LoadSigned,
        Self::StoreByte,
        Self::StoreHalf,
        Self::StoreNarrow,
        Self::StoreLong,
        Self::Call,
        Self::CallIndirect,
        Self::Size,
        Self::Grow,
        Self::Bulk,
    ];

    /// Rows at worst. `moves`: the most values that a branch carries to a block of its function; leaving the function is paid for
    /// when it is entered.
    #[must_use]
    pub const fn rows(self, moves: u32) -> u32 {
        match self {
            Self::Free => 0,
            Self::Plain => 1,
            Self::Br => 1 + moves,
            Self::BrIf if moves == 0 => 1,
            Self::BrIf => 2 + moves,
            Self::BrTable if moves == 0 => 3,
            Self::BrTable => 4 + moves,
            Self::Call | Self::LoadByte => 2,
            Self::Compare | Self::Shift | Self::StoreByte => 3,
            Self::Divide | Self::Select | Self::CallIndirect => 4,
            Self::Count | Self::Load => 5,
            Self::LoadSigned | Self::StoreHalf => 6,
            Self::StoreLong | Self::Size => 8,
            Self::SignedDivide | Self::StoreNarrow => 9,
            Self::Grow => 64,
            Self::Bulk => 56,
        }
    }

    /// What an instruction of this class costs, in gas.
    #[must_use]
    pub const fn gas(self, schedule: &GasSchedule, moves: u32) -> u32 {
        self.rows(moves) * schedule.row
    }

    /// Loads and stores that it makes, without words of bulk operations.
    #[must_use]
    pub const fn accesses(self) -> u32 {
        matches!(
            self,
            Self::LoadByte
                | Self::Load
                | Self::LoadSigned
                | Self::StoreByte
                | Self::StoreHalf
                | Self::StoreNarrow
                | Self::StoreLong
        ) as u32
    }

    /// Its instructions, in words.
    #[must_use]
    pub const fn instructions(self) -> &'static str {
        match self {
            Self::Free => "`block`, `end`, `nop`, `drop`",
            Self::Plain => "all others not named here",
            Self::Br => "`br`; 1 more for each value that it carries to a block",
            Self::BrIf => "`br_if`; with values, 1 more and 1 for each",
            Self::BrTable => "`br_table`; with values, 1 more and 1 for each",
            Self::Compare => "`lt_s`, `gt_s`, `le_s`, `ge_s`",
            Self::Shift => {
                "`shl`, `shr_u`, `rotl`, `rotr`, `extend8_s`, `extend16_s`, `extend32_s`, `i64.extend_i32_s`"
            }
            Self::Count => "`clz`, `ctz`, `popcnt`, `shr_s`",
            Self::Select => "`select`",
            Self::Divide => "`div_u`, `rem_u`",
            Self::SignedDivide => "`div_s`, `rem_s`",
            Self::LoadByte => "`load8_s`, `load8_u`",
            Self::Load => "`i32.load`, `i64.load`, `load16_u`, `load32_u`",
            Self::LoadSigned => "`load16_s`, `load32_s`",
            Self::StoreByte => "`store8`",
            Self::StoreHalf => "`store16`",
            Self::StoreNarrow => "`i64.store32`",
            Self::StoreLong => "`i32.store`, `i64.store`",
            Self::Call => "`call`",
            Self::CallIndirect => "`call_indirect`",
            Self::Size => "`memory.size`",
            Self::Grow => "`memory.grow`",
            Self::Bulk => "`memory.copy`, `memory.fill`, and 8 for each started word of 8 bytes",
        }
    }
}

/// What entering a function costs: zeroing its locals, and the way back with its results, of which each may have to make way for
/// another.
#[must_use]
pub const fn entry_gas(schedule: &GasSchedule, locals: u32, results: u32) -> u32 {
    (locals + 1 + if results < 2 { results } else { 2 * results - 1 }) * schedule.row
}

/// The class of an instruction; `None` if it is not admitted.
#[must_use]
pub const fn class(operator: &Operator<'_>) -> Option<Class> {
    use Operator as O;
    Some(match operator {
        O::Block { .. } | O::End | O::Nop | O::Drop => Class::Free,
        O::Br { .. } => Class::Br,
        O::BrIf { .. } => Class::BrIf,
        O::Select | O::TypedSelect { .. } => Class::Select,

        O::Unreachable
        | O::If { .. }
        | O::Else
        | O::Loop { .. }
        | O::Return
        | O::LocalGet { .. }
        | O::LocalSet { .. }
        | O::LocalTee { .. }
        | O::GlobalGet { .. }
        | O::GlobalSet { .. }
        | O::I32Const { .. }
        | O::I64Const { .. } => Class::Plain,

        O::I32Eqz | O::I32Eq | O::I32Ne | O::I32LtU | O::I32GtU | O::I32LeU | O::I32GeU => Class::Plain,
        O::I64Eqz | O::I64Eq | O::I64Ne | O::I64LtU | O::I64GtU | O::I64LeU | O::I64GeU => Class::Plain,
        O::I32LtS | O::I32GtS | O::I32LeS | O::I32GeS => Class::Compare,
        O::I64LtS | O::I64GtS | O::I64LeS | O::I64GeS => Class::Compare,

        O::I32Add | O::I32Sub | O::I32Mul | O::I32And | O::I32Or | O::I32Xor => Class::Plain,
        O::I64Add | O::I64Sub | O::I64Mul | O::I64And | O::I64Or | O::I64Xor => Class::Plain,
        O::I32DivU | O::I32RemU | O::I64DivU | O::I64RemU => Class::Divide,
        O::I32DivS | O::I32RemS | O::I64DivS | O::I64RemS => Class::SignedDivide,
        O::I32Shl | O::I32ShrU | O::I32Rotl | O::I32Rotr => Class::Shift,
        O::I64Shl | O::I64ShrU | O::I64Rotl | O::I64Rotr => Class::Shift,
        O::I32Clz | O::I32Ctz | O::I32Popcnt | O::I32ShrS => Class::Count,
        O::I64Clz | O::I64Ctz | O::I64Popcnt | O::I64ShrS => Class::Count,

        O::I32WrapI64 | O::I64ExtendI32U => Class::Plain,
        O::I64ExtendI32S | O::I32Extend8S | O::I32Extend16S => Class::Shift,
        O::I64Extend8S | O::I64Extend16S | O::I64Extend32S => Class::Shift,

        O::I32Load8S { .. } | O::I32Load8U { .. } | O::I64Load8S { .. } | O::I64Load8U { .. } => {
            Class::LoadByte
        }
        O::I32Load { .. }
        | O::I64Load { .. }
        | O::I32Load16U { .. }
        | O::I64Load16U { .. }
        | O::I64Load32U { .. } => Class::Load,
        O::I32Load16S { .. } | O::I64Load16S { .. } | O::I64Load32S { .. } => Class::LoadSigned,

        O::I32Store8 { .. } | O::I64Store8 { .. } => Class::StoreByte,
        O::I32Store16 { .. } | O::I64Store16 { .. } => Class::StoreHalf,
        O::I64Store32 { .. } => Class::StoreNarrow,
        O::I32Store { .. } | O::I64Store { .. } => Class::StoreLong,

        O::MemorySize { .. } => Class::Size,
        O::BrTable { .. } => Class::BrTable,
        O::Call { .. } => Class::Call,
        O::CallIndirect { .. } => Class::CallIndirect,
        O::MemoryGrow { .. } => Class::Grow,
        O::MemoryCopy { .. } | O::MemoryFill { .. } => Class::Bulk,
        _ => return None,
    })
}

// A block's price is an i32 constant: even a body of nothing but the dearest instruction stays far below 2^31. A branch carries no more
// values than a frame has slots, and takes two bytes.
const _: () = {
    let mut dearest = 0;
    let mut index = 0;
    while index < Class::ALL.len() {
        let gas = Class::ALL[index].gas(SCHEDULE, 0);
        if gas > dearest {
            dearest = gas;
        }
        index += 1;
    }
    let values = Class::BrTable.gas(SCHEDULE, crate::limits::OPERANDS);
    if values / 2 > dearest {
        dearest = values / 2;
    }
    assert!(
        dearest as u64 * (crate::limits::FUNCTION_BYTES + 3 * crate::limits::LOCALS) as u64
            <= i32::MAX as u64
    );
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_pay_for_what_they_carry() {
        let gas = |class: Class| [0, 1, 5].map(|moves| class.gas(SCHEDULE, moves));
        assert_eq!(gas(Class::Br), [1, 2, 6]);
        assert_eq!(gas(Class::BrIf), [1, 3, 7]);
        assert_eq!(gas(Class::BrTable), [3, 5, 9]);
        assert_eq!(gas(Class::Call), [2; 3]);
        assert_eq!(
            [0, 1, 2, 3].map(|results| entry_gas(SCHEDULE, 4, results)),
            [5, 6, 8, 10]
        );
    }

    #[test]
    fn what_has_no_price() {
        assert_eq!(class(&Operator::F32Add), None);
        assert_eq!(class(&Operator::I64Extend32S), Some(Class::Shift));
        assert_eq!(class(&Operator::RefIsNull), None);
        assert_eq!(class(&Operator::DataDrop { data_index: 0 }), None);
    }
}
