//! What wasmtime's fuel costs, so that it counts what admission's instrumentation should: by another's code.
//!
//! Entering a function costs 1 unit of fuel, whatever these tables say.

use wasmtime::{OperatorCost, VariableOperatorCost};

/// The prices of gas schedule 1, of which a call's and an indirect call's last unit is the function's entry.
#[must_use]
pub fn prices() -> OperatorCost {
    OperatorCost {
        Return: 1,
        Unreachable: 1,
        BrTable: 2,
        Call: 1,
        CallIndirect: 3,
        MemoryGrow: 64,
        MemoryCopy: 32,
        MemoryFill: 32,
        variable: no_variable_costs(),
        ..with_accesses(OperatorCost::new(), 5)
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
