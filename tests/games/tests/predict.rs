//! A prediction is what the chain then does: the moves of a recorded game, foreseen by a predictor that learns only the values that it asks for.

use playfair_games::chess::{Match, recorded};
use playfair_games::module::{chess, engine, local};
use playfair_predict::{Foreseen, Predicted, Predictor, Unpredictable};
use playfair_runtime::Wasmtime;
use playfair_runtime::local::Local;
use playfair_types::receipt::Outcome;
use std::collections::BTreeSet;

/// Calls of the game that are foreseen.
const CALLS: usize = 14;

fn predictor(engine: &Wasmtime, local: &Local) -> Predictor<Wasmtime> {
    let chain = &local.chain;
    Predictor::new(engine.clone(), chain.machine().chain_id(), *chain.boundary())
}

/// Asks until everything is known; how many rounds that took, and how many keys.
fn foresee(
    predictor: &mut Predictor<Wasmtime>,
    local: &Local,
    calls: &[Vec<u8>],
    time_ms: u64,
) -> (Foreseen, usize, usize) {
    let mut asked = BTreeSet::new();
    for round in 1.. {
        match predictor.calls(calls, time_ms).expect("calls") {
            Predicted::Will(foreseen) => return (foreseen, round, asked.len()),
            Predicted::Needs(keys) => {
                assert!(!keys.is_empty());
                for key in keys {
                    let value = local.chain.state().get(&key).expect("the state");
                    predictor.know(key, value);
                    assert!(asked.insert(key), "asked again for {key:?}");
                }
            }
        }
    }
    unreachable!()
}

#[test]
fn what_is_foreseen_is_what_happens() {
    let admitted = &chess().admitted;
    let engine = engine(admitted);
    let mut local = local(engine.clone(), admitted);
    let game = Match::of(&recorded()[0], 1);
    let calls = game.opening(&mut local.players).into_iter().chain(game.moves());
    let calls: Vec<Vec<u8>> = calls
        .take(CALLS)
        .map(|call| call.sign(&mut local.players))
        .collect();
    for (number, call) in calls.iter().enumerate() {
        let mut predictor = predictor(&engine, &local);
        let time_ms = local.chain.boundary().time_ms.get() + 1_000;
        let (foreseen, rounds, keys) = foresee(&mut predictor, &local, std::slice::from_ref(call), time_ms);
        let block = local.block(1_000, std::slice::from_ref(call)).expect("a block");
        let (will, did) = (&foreseen.calls[0], &block.applied[1]);
        assert_eq!(did.receipt.outcome, Outcome::Ok);
        assert_eq!(
            (
                will.receipt.outcome,
                will.receipt.gas_used,
                will.receipt.fee,
                &will.body
            ),
            (
                did.receipt.outcome,
                did.receipt.gas_used,
                did.receipt.fee,
                &did.body
            ),
            "call {number}"
        );
        for (key, value) in &foreseen.changes {
            assert_eq!(
                local.chain.state().get(key).expect("the state"),
                *value,
                "call {number}"
            );
        }
        assert!(
            rounds <= 12 && keys <= 16,
            "call {number}: {rounds} rounds for {keys} keys"
        );
    }
}

#[test]
fn several_calls_and_queries_are_foreseen_and_nonsense_is_refused() {
    let admitted = &chess().admitted;
    let engine = engine(admitted);
    let mut local = local(engine.clone(), admitted);
    let game = Match::of(&recorded()[0], 1);
    let calls = game.opening(&mut local.players).into_iter().chain(game.moves());
    let calls: Vec<Vec<u8>> = calls.take(6).map(|call| call.sign(&mut local.players)).collect();
    let mut before = predictor(&engine, &local);
    let time_ms = local.chain.boundary().time_ms.get() + 1_000;
    let (foreseen, _, _) = foresee(&mut before, &local, &calls, time_ms);
    let block = local.block(1_000, &calls).expect("a block");
    let pairs = foreseen.calls.iter().zip(&block.applied[1..]);
    for (will, did) in pairs {
        assert_eq!(
            (will.receipt.outcome, &will.body),
            (did.receipt.outcome, &did.body)
        );
    }
    // The same call twice is invalid the second time, and an illegal move reverts: also that is foreseen.
    let mut after = predictor(&engine, &local);
    let (again, _, _) = foresee(&mut after, &local, &calls[5..], time_ms + 1_000);
    assert!(matches!(again.calls[0].receipt.outcome, Outcome::Invalid(_)));
    assert!(matches!(
        after.calls(&[b"no call".to_vec()], time_ms),
        Err(Unpredictable::Record(_))
    ));

    let number = 1u32.to_le_bytes();
    let answer = loop {
        match after.query(0, &number).expect("a query") {
            Predicted::Will(answer) => break answer,
            Predicted::Needs(keys) => {
                for key in keys {
                    after.know(key, local.chain.state().get(&key).expect("the state"));
                }
            }
        }
    };
    assert_eq!(answer, local.chain.query(0, &number).expect("a query"));
}
