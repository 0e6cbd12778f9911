use super::*;
use crate::execute::Executor;
use playfair_admission::admit;
use playfair_runtime::Wasmtime;
use playfair_runtime::chain::Chain;
use playfair_runtime::local::Start;
use playfair_state::{MemoryStore, State};
use playfair_types::Encode;

/// A chain that has only begun, and what its first record led to.
fn begun() -> (Modules, Fr, Boundary, Vec<Executed>) {
    let wasm =
        wat::parse_str(r#"(module (memory 1) (func (export "call") (param i32 i32)))"#).expect("a module");
    let admitted = admit(&wasm).expect("a module that chains admit");
    let engine = Wasmtime::new().expect("an engine");
    engine.load(&admitted).expect("it compiles");
    let genesis = Start::of(admitted.hash).genesis();
    let state = Arc::new(State::open(MemoryStore::new()).expect("an empty state"));
    let (_, block) = Chain::create(engine.clone(), state, &genesis).expect("a chain");
    let chain_id = genesis.chain_id();
    let before = Boundary::before_genesis(chain_id, admitted.hash);
    let mut executor = Executor::new(engine, chain_id);
    let records = executor
        .run(&before, &block.header, &genesis.encode(), &Fork::default())
        .expect("the same block");
    (
        Modules::new(move |_| Some(wasm.clone())),
        chain_id,
        before,
        records,
    )
}

#[test]
fn a_record_without_a_proof_is_named() {
    let (modules, chain_id, before, records) = begun();
    let state = Fork::default();
    let go_on = |start: &Boundary| {
        let here = Here {
            modules: &modules,
            chain_id,
            payout: L1Address::default(),
            start,
            state: &state,
            records: &records,
            open: false,
        };
        let mut trial = Trial::new(&here)?;
        trial.go_on(&here, &mut Ratio::default())?;
        Ok(trial.fit.map(|fit| fit.records))
    };
    assert!(matches!(go_on(&before), Ok(Some(1))));
    // Nothing begins there, so that nothing leads from there to where the record leads.
    let mut elsewhere = before;
    elsewhere.receipts += Fr::from(1u64);
    let error: Error = go_on(&elsewhere).expect_err("no proof");
    assert!(
        matches!(
            &error,
            Error::NoProof {
                height: 0,
                record: 0,
                error: Some(_)
            }
        ),
        "{error}"
    );
}

#[test]
fn what_waits_for_more_is_bounded() {
    // However few rows records have taken so far, work is believed to be rows at last.
    let mut ratio = Ratio::default();
    ratio.saw(1, u64::MAX);
    assert!(ratio.rows(8 * 16_384) >= 16_384);
    ratio.saw(0, 0);
    ratio.saw(u64::MAX, 1);
    assert!(ratio.rows(u64::MAX) > 0);
}
