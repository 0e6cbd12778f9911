//! Ends of runs in the circuit: each trap is shown as itself, and as nothing else.
//!
//! One module that can end in every way. What happened has a witness; the same run has none that says another end, other gas or another
//! result: neither the kernel's program goes to its end with such a statement, nor do the constraints take the honest rows with it.

use playfair_admission::bare;
use playfair_conformance::engine::{Engine, Stopped, Trap, Value};
use playfair_conformance::machine::circuit::Refusals;
use playfair_conformance::machine::{RegisterMachine, Session};
use std::collections::BTreeMap;

const MODULE: &str = r#"(module
  (type $answer (func (result i32)))
  (memory 1) (table 4 funcref) (elem (i32.const 1) $seven $down)
  (func $seven (result i32) (i32.const 7))
  (func $down (export "down") (param i32) (call $down (local.get 0)))
  (func (export "unreachable") (unreachable))
  (func (export "load") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "store") (param i32) (i32.store16 offset=2 (local.get 0) (i32.const 1)))
  (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 5) (local.get 1)))
  (func (export "div_s") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "rem_u") (param i64 i64) (result i64) (i64.rem_u (local.get 0) (local.get 1)))
  (func (export "call") (param i32) (result i32) (call_indirect (type $answer) (local.get 0)))
  (func (export "spin") (loop $l (br $l))))"#;

/// Gas of each run.
const GAS: i32 = 6_000;

/// Name, arguments, what it comes to, and whether the module's own code ends it (rather than the kernel's).
type Case = (&'static str, &'static [Value], Result<Option<Value>, Trap>, bool);

const CALLS: &[Case] = &[
    ("unreachable", &[], Err(Trap::Unreachable), true),
    ("load", &[Value::I32(8)], Ok(Some(Value::I64(0))), false),
    ("load", &[Value::I32(65_529)], Err(Trap::MemoryOutOfBounds), true),
    ("store", &[Value::I32(65_532)], Ok(None), false),
    ("store", &[Value::I32(-1)], Err(Trap::MemoryOutOfBounds), true),
    ("fill", &[Value::I32(65_530), Value::I32(6)], Ok(None), false),
    (
        "fill",
        &[Value::I32(65_530), Value::I32(7)],
        Err(Trap::MemoryOutOfBounds),
        true,
    ),
    (
        "fill",
        &[Value::I32(65_537), Value::I32(0)],
        Err(Trap::MemoryOutOfBounds),
        true,
    ),
    (
        "fill",
        &[Value::I32(0), Value::I32(-1)],
        Err(Trap::OutOfGas),
        false,
    ),
    (
        "div_s",
        &[Value::I32(7), Value::I32(-2)],
        Ok(Some(Value::I32(-3))),
        false,
    ),
    (
        "div_s",
        &[Value::I32(7), Value::I32(0)],
        Err(Trap::DivisionByZero),
        true,
    ),
    (
        "div_s",
        &[Value::I32(i32::MIN), Value::I32(-1)],
        Err(Trap::IntegerOverflow),
        true,
    ),
    (
        "rem_u",
        &[Value::I64(7), Value::I64(0)],
        Err(Trap::DivisionByZero),
        true,
    ),
    ("call", &[Value::I32(1)], Ok(Some(Value::I32(7))), false),
    ("call", &[Value::I32(2)], Err(Trap::IndirectCallType), true),
    ("call", &[Value::I32(3)], Err(Trap::NullElement), true),
    ("call", &[Value::I32(4)], Err(Trap::TableOutOfBounds), true),
    ("down", &[Value::I32(1)], Err(Trap::CallDepth), true),
    ("spin", &[], Err(Trap::OutOfGas), true),
];

/// All calls on one instance, and what the engine said.
fn session() -> Session {
    let wasm = wat::parse_str(MODULE).unwrap();
    let wasm = bare(&wasm, false).unwrap_or_else(|error| panic!("{error}"));
    let machine = RegisterMachine::recording(false);
    let module = machine.load(&wasm).unwrap();
    let mut store = machine.store();
    let instance = machine
        .instantiate(&mut store, &module, &BTreeMap::new())
        .unwrap();
    for (name, args, expected, _) in CALLS {
        let result = machine.invoke(&mut store, instance, name, args, GAS);
        let expected = expected.map(|value| value.into_iter().collect());
        assert_eq!(result, expected.map_err(Stopped::Trap), "{name} {args:?}");
    }
    drop(store);
    let mut sessions = machine.sessions();
    assert_eq!(sessions.len(), 1);
    sessions.remove(0)
}

#[test]
fn every_end_has_a_witness() {
    let checked = session().check().unwrap_or_else(|error| panic!("{error}"));
    let traps = CALLS
        .iter()
        .filter(|(_, _, expected, _)| expected.is_err())
        .count() as u64;
    assert_eq!(
        (checked.returned, checked.trapped),
        (CALLS.len() as u64 - traps, traps)
    );
    let exits = CALLS.iter().filter(|(.., exits)| *exits).count() as u64;
    assert_eq!(checked.exits, exits, "ends at an EXIT row");
}

#[test]
fn no_end_passes_for_another() {
    const NONE: Refusals = Refusals {
        traced: false,
        taken: false,
    };
    let session = session();
    let said: Vec<_> = session
        .entries()
        .map(|entry| (entry.result().clone(), entry.gas()))
        .collect();
    for (call, (result, gas)) in said.iter().enumerate() {
        let what = &CALLS[call];
        // The truth, told the same way, is taken.
        if call % 6 == 0 {
            let truth = session.lie(call, result.clone(), *gas).unwrap();
            assert!(truth.traced && truth.taken, "{what:?}: {truth:?}");
        }
        let words = what.2.ok().flatten().map_or(0, |_| 1);
        let mut lies = vec![Ok(vec![0; words]), Err(Trap::Unreachable), Err(Trap::OutOfGas)];
        lies.extend(result.is_err().then_some(Err(Trap::MemoryOutOfBounds)));
        lies.retain(|lie| lie != result && (call % 3 == 0 || lie.is_ok() || result.is_ok()));
        for lie in lies {
            let refusals = session.lie(call, lie.clone(), *gas).unwrap();
            assert_eq!(refusals, NONE, "{what:?} as {lie:?}");
        }
        if *result != Err(Trap::OutOfGas) {
            let refusals = session.lie(call, result.clone(), gas + 1).unwrap();
            assert_eq!(refusals, NONE, "{what:?} with other gas");
        }
    }
}
