//! Queries read a committed state and change nothing.

use crate::common::{Chain, Scripted, chain_of, genesis_record, module};
use playfair_abi::export::Export;
use playfair_abi::host::HostFunction;
use playfair_machine::Fault;
use playfair_machine::query::{Answer, query};
use playfair_machine::world::EmptyState;
use playfair_types::receipt::{Outcome, Trap};
use playfair_types::rules::FeeMode;
use std::sync::Arc;

fn engine() -> Scripted {
    Scripted::default()
        .with(module(1), Export::Call, |_| Ok(()))
        .with(module(1), Export::Init, |guest| guest.set(b"key", b"value"))
        .with(module(1), Export::Query, |guest| {
            assert_eq!(guest.gas, 393_216);
            assert_eq!((guest.caller()?, guest.value()?), ([0; 20], 0));
            match guest.run.arguments[0] {
                0 => {
                    let value = guest.get(b"key")?.unwrap_or_default();
                    guest.output(&value)
                }
                1 => guest.set(b"key", b"other"),
                2 => guest.revert(b"no such game"),
                3 => guest.burn(400_000),
                _ => {
                    let payload = guest.payload()?;
                    guest.put(0, &payload);
                    guest.host(HostFunction::Log, &[0, payload.len() as u64])?;
                    guest.output(&payload)
                }
            }
        })
}

fn ask(chain: &Chain, engine: &Scripted, entry: u8, payload: &[u8]) -> Result<Answer, Fault> {
    let state = Arc::new(chain.live());
    query(engine, chain.id(), &chain.boundary(), state, entry, payload)
}

#[test]
fn a_query_ends_like_a_call_and_leaves_nothing() {
    let engine = engine();
    let mut chain = chain_of(&genesis_record(FeeMode::Paid, true), engine.clone());
    chain.settle();
    let before = chain.live();
    let answer = ask(&chain, &engine, 0, &[]).expect("an answer");
    assert_eq!(
        (answer.outcome, answer.output.as_slice()),
        (Outcome::Ok, b"value".as_slice())
    );
    assert!(answer.gas_used > 384);
    let refused = ask(&chain, &engine, 1, &[]).expect("an answer");
    assert_eq!(refused.outcome, Outcome::Trapped(Trap::HostArgument));
    let reverted = ask(&chain, &engine, 2, &[]).expect("an answer");
    assert_eq!(
        (reverted.outcome, reverted.output.as_slice()),
        (Outcome::Reverted, b"no such game".as_slice())
    );
    let empty = ask(&chain, &engine, 3, &[]).expect("an answer");
    assert_eq!((empty.outcome, empty.gas_used), (Outcome::OutOfGas, 393_216));
    let echo = ask(&chain, &engine, 255, b"hello").expect("an answer");
    assert_eq!(
        (echo.output.as_slice(), echo.logs),
        (b"hello".as_slice(), vec!["hello".to_string()])
    );
    assert!(before == chain.live());
}

#[test]
fn a_module_without_queries_reverts_and_a_state_without_parameters_is_damaged() {
    let silent = Scripted::default().with(module(1), Export::Call, |_| Ok(()));
    let chain = chain_of(&genesis_record(FeeMode::Free, false), silent.clone());
    let answer = ask(&chain, &silent, 0, &[]).expect("an answer");
    assert_eq!(
        (answer.outcome, answer.gas_used, answer.output.len()),
        (Outcome::Reverted, 0, 0)
    );
    let damaged = query(
        &silent,
        chain.id(),
        &chain.boundary(),
        Arc::new(EmptyState),
        0,
        &[],
    );
    assert_eq!(damaged.err(), Some(Fault::Damaged("parameters")));
}
