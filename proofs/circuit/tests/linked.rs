//! Compiled and linked WebAssembly, from text to a clean witness: what compilers really emit satisfies the lint and the constraints.

mod common;

#[path = "../../isa/tests/lower/common.rs"]
#[allow(dead_code, reason = "the lowering's test kernel; its runner is not used here")]
mod kernel;

use common::public;
use playfair_proofs_circuit::air::{Witness, check};
use playfair_proofs_circuit::assign::assign;
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::tables::Tables;
use playfair_proofs_isa::interp::{Executable, Oracle, View};
use playfair_proofs_isa::lower::hints;
use playfair_types::crypto::field::Fr;

struct Hints;

impl Oracle for Hints {
    fn hint(&mut self, hint: u32, argument: Fr, _: &View<'_>) -> Fr {
        hints::answer(hint, argument).unwrap_or_default()
    }
}

/// Bodies of a module's `call`, of returns and traps.
const BODIES: &[&str] = &[
    "(call $show (call $height)) (call $show (global.get $wide))",
    "(local.set 2 (i32.const 10)) (loop $l (local.set 3 (i32.add (local.get 3) (local.get 2)))
     (br_if $l (local.tee 2 (i32.sub (local.get 2) (i32.const 1))))) (call $show (i64.extend_i32_u (local.get 3)))",
    "(i64.store align=1 (i32.const 13) (i64.const 0x0123456789abcdef)) (call $show (i64.load align=1 (i32.const 10)))
     (call $show (i64.load16_s align=1 (i32.const 15))) (call $show (i64.shr_s (i64.load align=1 (i32.const 13)) (i64.const 7)))",
    "(call $show (i64.div_s (i64.const -77) (i64.extend_i32_s (local.get 0)))) (call $show (i64.rem_u (i64.const -77)
     (i64.extend_i32_s (local.get 0)))) (call $show (i64.xor (i64.const -77) (i64.extend_i32_s (local.get 0))))",
    "(drop (i32.load (i32.const 65533)))",
    "(drop (i32.div_u (i32.const 1) (local.get 2)))",
    "(unreachable)",
];

#[test]
fn compiled_programs_have_clean_witnesses() {
    let machine = Machine::new().unwrap();
    for body in BODIES {
        let (_, linked) = kernel::build(&format!(
            r#"(module (import "playfair" "output" (func $output (param i32 i32)))
            (import "playfair" "height" (func $height (result i64)))
            (memory 1) (global $wide (mut i64) (i64.const -2)) (data (i32.const 3) "some words of an image")
            (func $show (param i64) (i64.store (i32.const 0) (local.get 0)) (call $output (i32.const 0) (i32.const 8)))
            (func (export "call") (param i32 i32) (local i32 i32 i64 i64) {body}))"#
        ));
        let executable = Executable::new(&linked.program).unwrap();
        let (trace, _) = match executable.trace(&public(), &mut Hints, 1 << 20) {
            Ok(run) => run,
            Err(fault) => panic!("{body}: {fault}"),
        };
        let tables = Tables::new(
            &linked.program,
            Shape {
                k: 14,
                usable: 12_000,
            },
        );
        let tables = tables.unwrap_or_else(|error| panic!("{body}: {error}"));
        let advice = assign(&machine, &tables, &trace, &public());
        let advice = advice.unwrap_or_else(|error| panic!("{body}: {error}"));
        let report = check(
            &machine.air,
            &Witness {
                fixed: tables.fixed().to_vec(),
                advice,
                instance: public(),
            },
        );
        let report = report.unwrap();
        assert!(report.is_clean(), "{body}:\n{report}");
    }
}
