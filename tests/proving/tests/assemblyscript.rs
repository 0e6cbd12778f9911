//! contracts-wasm/tally, a module that is not Rust, through the circuit's constraints: each block of a poll, in both lowerings.

use playfair_admission::admit;
use playfair_browser_tests::modules;
use playfair_proofs_prover::module::Module;
use playfair_proofs_prover::state::Around;
use playfair_proving::caller::{Caller, started};
use playfair_proving::constraints;
use playfair_proving::history::{make, segment};
use playfair_runtime::local::Start;
use playfair_types::receipt::Outcome;
use std::path::Path;

#[test]
fn a_poll_goes_through_the_constraints() {
    let wasm = modules::tally(Path::new(env!("CARGO_TARGET_TMPDIR")), "tally-proven");
    let admitted = admit(&wasm).unwrap_or_else(|rejection| panic!("{rejection}"));
    let mut local = started(&admitted, &Start::of(admitted.hash).genesis());
    let chain_id = local.chain.machine().chain_id();
    let (alice, bob) = (Caller::new(1), Caller::new(2));
    let question = b"Which opening for the final?";
    let calls = [
        (alice.sign(chain_id, alice.first(0, question)), Outcome::Ok),
        (bob.sign(chain_id, bob.first(1, &[0, 0, 0, 0, 3])), Outcome::Ok),
        (
            bob.sign(chain_id, bob.call(1, 1, &[0, 0, 0, 0, 3])),
            Outcome::Reverted,
        ),
        (alice.sign(chain_id, alice.call(1, 2, &[0; 4])), Outcome::Ok),
    ];
    let lowerings = [Module::new, Module::careful];
    let modules = lowerings.map(|lower| lower(&admitted.instrumented, admitted.hash).expect("it lowers"));
    for (call, outcome) in calls {
        let (step, block) = make(&mut local, 1_000, &[call]);
        assert_eq!(block.applied.last().expect("the call").receipt.outcome, outcome);
        let part = segment(std::slice::from_ref(&step), chain_id);
        for module in &modules {
            let rows = constraints::shown(module, &part, Around::new(&step.old, &step.new));
            assert!(rows.is_ok_and(|rows| rows > 1_000));
        }
    }
}
