//! Names and features of instructions that are not admitted, for the message.

use crate::reason::Feature;
use wasmparser::Operator;

/// The name of an instruction in the text format, and the feature that it belongs to.
pub(crate) fn describe(operator: &Operator<'_>) -> (Feature, String) {
    macro_rules! describe {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            match operator {
                $(Operator::$op { .. } => (stringify!($proposal), stringify!($visit)),)*
                _ => ("other", "visit_unknown"),
            }
        };
    }
    let (proposal, visit) = wasmparser::for_each_operator!(describe);
    let name = text(visit);
    (feature(proposal, &name), name)
}

/// `visit_i32_trunc_sat_f32_s` as `i32.trunc_sat_f32_s`.
fn text(visit: &str) -> String {
    let name = visit.strip_prefix("visit_").unwrap_or(visit);
    let dotted = [
        "i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2", "memory",
        "table", "data", "elem", "ref", "struct", "array", "any", "extern", "i31", "atomic", "cont", "local",
        "global",
    ];
    match name.split_once('_') {
        Some((head, tail)) if dotted.contains(&head) => {
            let tail = tail.replacen("atomic_", "atomic.", 1).replacen("rmw_", "rmw.", 1);
            format!("{head}.{tail}")
        }
        _ => name.to_owned(),
    }
}

fn feature(proposal: &str, name: &str) -> Feature {
    match proposal {
        "mvp" | "saturating_float_to_int" => Feature::Floats,
        "simd" | "relaxed_simd" => Feature::Simd,
        "threads" | "shared_everything_threads" => Feature::Threads,
        "tail_call" => Feature::TailCalls,
        "exceptions" | "legacy_exceptions" => Feature::Exceptions,
        "gc" | "custom_descriptors" => Feature::Gc,
        "bulk_memory" | "reference_types" | "function_references" => match name {
            "memory.init" | "data.drop" | "elem.drop" | "table.init" => Feature::PassiveSegments,
            "table.set" | "table.grow" | "table.fill" | "table.copy" => Feature::TableMutation,
            "return_call_ref" => Feature::TailCalls,
            _ => Feature::References,
        },
        _ => Feature::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_features() {
        let cases = [
            (Operator::F32Add, Feature::Floats, "f32.add"),
            (Operator::I32TruncSatF64U, Feature::Floats, "i32.trunc_sat_f64_u"),
            (
                Operator::I32ReinterpretF32,
                Feature::Floats,
                "i32.reinterpret_f32",
            ),
            (
                Operator::ReturnCall { function_index: 0 },
                Feature::TailCalls,
                "return_call",
            ),
            (
                Operator::TableGrow { table: 0 },
                Feature::TableMutation,
                "table.grow",
            ),
            (Operator::RefIsNull, Feature::References, "ref.is_null"),
            (
                Operator::DataDrop { data_index: 0 },
                Feature::PassiveSegments,
                "data.drop",
            ),
            (Operator::AtomicFence, Feature::Threads, "atomic.fence"),
            (Operator::I32x4Splat, Feature::Simd, "i32x4.splat"),
        ];
        for (operator, feature, name) in cases {
            assert_eq!(describe(&operator), (feature, name.to_owned()));
        }
    }
}
