//! Each started word of 8 bytes of a bulk operation costs one memory access, whatever its address.

use playfair_abi::instrumented::GAS;
use playfair_conformance::engine::{Engine, Value};
use playfair_conformance::wasmtime::{Limits, Wasmtime};
use playfair_types::limits::GAS_SCHEDULE;
use std::collections::BTreeMap;
use wast::parser::{self, ParseBuffer};

const MODULE: &str = r#"(module (memory 1)
  (func (export "fill") (param i32) (memory.fill (i32.const 3) (i32.const 7) (local.get 0)))
  (func (export "copy") (param i32) (memory.copy (i32.const 3) (i32.const 501) (local.get 0))))"#;

#[test]
fn started_words_are_charged() {
    let buffer = ParseBuffer::new(MODULE).unwrap();
    let wasm = parser::parse::<wast::Wat<'_>>(&buffer).unwrap().encode().unwrap();
    let engine = Wasmtime::new(Limits::default());
    let module = engine
        .load(&playfair_admission::bare(&wasm, false).unwrap())
        .unwrap();
    for name in ["fill", "copy"] {
        let gas = |length: i32| {
            let mut store = engine.store();
            let instance = engine.instantiate(&mut store, &module, &BTreeMap::new()).unwrap();
            engine
                .invoke(&mut store, instance, name, &[Value::I32(length)], i32::MAX)
                .unwrap();
            match engine.global(&mut store, instance, GAS) {
                Some(Value::I32(left)) => (i32::MAX - left) as u32,
                other => panic!("gas is {other:?}"),
            }
        };
        let nothing = gas(0);
        for length in (1..=40).chain([255, 256, 257, 65_000]) {
            let words = (length as u32).div_ceil(8);
            let expected = words * GAS_SCHEDULE.bulk_word;
            assert_eq!(gas(length) - nothing, expected, "{name} of {length} bytes");
        }
    }
}
