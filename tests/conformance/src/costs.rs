//! What wasmtime's fuel costs, so that it counts what admission's instrumentation should: by another's code.
//!
//! Entering a function costs 1 unit of fuel, whatever these tables say.

use wasmtime::{OperatorCost, VariableOperatorCost};

/// The prices of gas schedule 2 without those of values that branches carry and functions return. A function's entry costs 1 unit of gas
/// too.
#[must_use]
pub fn prices() -> OperatorCost {
    OperatorCost {
        Loop: 1,
        Return: 1,
        Unreachable: 1,
        Call: 2,
        MemoryGrow: 64,
        MemoryCopy: 56,
        MemoryFill: 56,
        I32Load8S: 2,
        I32Load8U: 2,
        I64Load8S: 2,
        I64Load8U: 2,
        I32LtS: 3,
        I32GtS: 3,
        I32LeS: 3,
        I32GeS: 3,
        I64LtS: 3,
        I64GtS: 3,
        I64LeS: 3,
        I64GeS: 3,
        I32Shl: 3,
        I32ShrU: 3,
        I32Rotl: 3,
        I32Rotr: 3,
        I64Shl: 3,
        I64ShrU: 3,
        I64Rotl: 3,
        I64Rotr: 3,
        I64ExtendI32S: 3,
        I32Extend8S: 3,
        I32Extend16S: 3,
        I64Extend8S: 3,
        I64Extend16S: 3,
        I64Extend32S: 3,
        I32Store8: 3,
        I64Store8: 3,
        BrTable: 3,
        I32DivU: 4,
        I32RemU: 4,
        I64DivU: 4,
        I64RemU: 4,
        Select: 4,
        TypedSelect: 4,
        CallIndirect: 4,
        I32Clz: 5,
        I32Ctz: 5,
        I32Popcnt: 5,
        I32ShrS: 5,
        I64Clz: 5,
        I64Ctz: 5,
        I64Popcnt: 5,
        I64ShrS: 5,
        I32Load: 5,
        I64Load: 5,
        I32Load16U: 5,
        I64Load16U: 5,
        I64Load32U: 5,
        I32Load16S: 6,
        I64Load16S: 6,
        I64Load32S: 6,
        I32Store16: 6,
        I64Store16: 6,
        I32DivS: 9,
        I32RemS: 9,
        I64DivS: 9,
        I64RemS: 9,
        I32Store: 8,
        I64Store: 8,
        MemorySize: 8,
        I64Store32: 9,
        variable: no_variable_costs(),
        ..OperatorCost::new()
    }
}

/// Each instruction but `else` and `end`; calls through the function's entry.
#[must_use]
pub fn instructions() -> OperatorCost {
    OperatorCost {
        Nop: 1,
        Drop: 1,
        Block: 1,
        Loop: 1,
        Return: 1,
        Unreachable: 1,
        Call: 0,
        CallIndirect: 0,
        variable: no_variable_costs(),
        ..OperatorCost::new()
    }
}

/// Loads and stores, at that cost.
#[must_use]
pub fn accesses(cost: u8) -> OperatorCost {
    with_accesses(nothing(), cost)
}

fn with_accesses(costs: OperatorCost, cost: u8) -> OperatorCost {
    OperatorCost {
        I32Load: cost,
        I64Load: cost,
        I32Load8S: cost,
        I32Load8U: cost,
        I32Load16S: cost,
        I32Load16U: cost,
        I64Load8S: cost,
        I64Load8U: cost,
        I64Load16S: cost,
        I64Load16U: cost,
        I64Load32S: cost,
        I64Load32U: cost,
        I32Store: cost,
        I64Store: cost,
        I32Store8: cost,
        I32Store16: cost,
        I64Store8: cost,
        I64Store16: cost,
        I64Store32: cost,
        ..costs
    }
}

macro_rules! define_nothing {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        /// No instruction costs anything.
        fn nothing() -> OperatorCost {
            OperatorCost { $($op: 0,)* variable: no_variable_costs() }
        }
    };
}
wasmparser::for_each_operator!(define_nothing);

fn no_variable_costs() -> VariableOperatorCost {
    VariableOperatorCost {
        memory_copy_per_byte: 0,
        memory_fill_per_byte: 0,
        ..VariableOperatorCost::new()
    }
}
