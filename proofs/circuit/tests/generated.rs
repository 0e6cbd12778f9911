//! Random WebAssembly, from text to a clean witness.
#![allow(dead_code, reason = "the lowering's tests, of which this takes the generator")]

#[path = "../../isa/tests/lower/common.rs"]
mod common;
#[path = "../../isa/tests/lower/structured/mod.rs"]
mod structured;

use playfair_proofs_circuit::air::{Witness, check};
use playfair_proofs_circuit::assign::assign;
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::tables::Tables;
use playfair_proofs_isa::interp::{Executable, Oracle, View};
use playfair_proofs_isa::lower::hints;
use playfair_types::crypto::field::Fr;

/// Programs that are tried.
const PROGRAMS: u64 = 4;

struct Hints;

impl Oracle for Hints {
    fn hint(&mut self, hint: u32, argument: Fr, _: &View<'_>) -> Fr {
        hints::answer(hint, argument).unwrap_or_default()
    }
}

#[test]
fn random_programs_have_clean_witnesses() {
    let machine = Machine::new().unwrap();
    let public: Vec<Fr> = (0..31_u64).map(|i| Fr::from(1_000 + i)).collect();
    let mut rows = 0;
    for seed in 0..PROGRAMS {
        let (_, linked) = common::build(&structured::program(seed));
        let executable = Executable::new(&linked.program).unwrap();
        // A program that is longer than the table is none for this test.
        let Ok((trace, _)) = executable.trace(&public, &mut Hints, 20_000) else {
            continue;
        };
        rows += trace.steps.len();
        let shape = Shape {
            k: 15,
            usable: 30_000,
        };
        let tables =
            Tables::new(&linked.program, shape).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let advice =
            assign(&machine, &tables, &trace, &public).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let report = check(
            &machine.air,
            &Witness {
                fixed: tables.fixed().clone(),
                advice,
                instance: public.clone(),
            },
        );
        let report = report.unwrap();
        assert!(report.is_clean(), "seed {seed}:\n{report}");
    }
    assert!(rows > 1_000, "{rows} rows");
}
