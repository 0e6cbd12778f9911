//! Which types and instructions of the suite are in scope.

use super::Reason;
use playfair_admission::limits;
use wasmparser::{FuncType, Operator, ValType};

macro_rules! define_names {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        /// The instruction's proposal and name.
        fn names(operator: &Operator<'_>) -> (&'static str, &'static str) {
            match operator {
                $(Operator::$op { .. } => (stringify!($proposal), stringify!($op)),)*
                _ => ("simd", ""),
            }
        }
    };
}
wasmparser::for_each_operator!(define_names);

/// Why values of this type are out of scope, if they are.
pub(super) fn of_value(ty: ValType) -> Option<Reason> {
    match ty {
        ValType::I32 | ValType::I64 => None,
        ValType::F32 | ValType::F64 => Some(Reason::Floats),
        ValType::V128 => Some(Reason::Vectors),
        ValType::Ref(_) => Some(Reason::References),
    }
}

/// Why functions of this type are out of scope, if they are.
pub(super) fn of_function(ty: &FuncType) -> Option<Reason> {
    if ty.params().len() > limits::PARAMS as usize || ty.results().len() > limits::RESULTS as usize {
        return Some(Reason::Limits);
    }
    ty.params()
        .iter()
        .chain(ty.results())
        .find_map(|ty| of_value(*ty))
}

/// Why this instruction is out of scope by itself, whatever it refers to, if it is.
pub(super) fn of_operator(operator: &Operator<'_>) -> Option<Reason> {
    match operator {
        Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } => return None,
        Operator::BrTable { targets } if targets.len() > limits::BR_TABLE_TARGETS => {
            return Some(Reason::Limits);
        }
        Operator::TypedSelect { ty } => return of_value(*ty),
        _ => {}
    }
    let (proposal, name) = names(operator);
    match proposal {
        "mvp" if name.contains("F32") || name.contains("F64") => Some(Reason::Floats),
        "mvp" | "sign_extension" => None,
        "saturating_float_to_int" => Some(Reason::Floats),
        "bulk_memory" => Some(Reason::Segments),
        "reference_types" if name.starts_with("Table") => Some(Reason::Segments),
        "simd" | "relaxed_simd" => Some(Reason::Vectors),
        _ => Some(Reason::References),
    }
}
