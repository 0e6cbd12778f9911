//! Lowered code to read: `tests/golden/*.txt`. PLAYFAIR_BLESS=1 writes them anew.

use playfair_admission::admit;
use playfair_proofs_isa::code::address;
use playfair_proofs_isa::disasm;
use playfair_proofs_isa::lower::{Kind, lower};
use std::path::Path;

pub(crate) const COUNTER: &str = r#"(module
  (import "playfair" "input" (func $input (param i32)))
  (import "playfair" "output" (func $output (param i32 i32)))
  (memory 1)
  (data (i32.const 16) "\01\02\03")
  (global $count (mut i64) (i64.const 3))
  (func $fold (param $from i32) (param $length i32) (result i64) (local $sum i64)
    (block $done
      (br_if $done (i32.eqz (local.get $length)))
      (loop $next
        (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.load8_u (local.get $from))))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br_if $next (local.tee $length (i32.sub (local.get $length) (i32.const 1))))))
    (local.get $sum))
  (func (export "call") (param $entry i32) (param $length i32)
    (if (i32.ge_u (local.get $entry) (i32.const 2)) (then (unreachable)))
    (call $input (i32.const 64))
    (global.set $count (i64.add (global.get $count) (call $fold (i32.const 64) (local.get $length))))
    (i64.store (i32.const 0) (select (global.get $count) (i64.const 0) (local.get $entry)))
    (call $output (i32.const 0) (i32.const 8))))"#;

pub(crate) const SHAPES: &str = r#"(module
  (memory 1)
  (type $op (func (param i64 i64) (result i64)))
  (table 2 funcref)
  (elem (i32.const 0) $shift $logic)
  (func $shift (param i64 i64) (result i64)
    (i64.or (i64.shl (local.get 0) (local.get 1)) (i64.shr_s (local.get 0) (i64.const 7))))
  (func $logic (param i64 i64) (result i64)
    (i64.and (i64.xor (local.get 0) (local.get 1)) (i64.const 0xff00ff)))
  (func $divide (param i32 i32) (result i32)
    (i32.add (i32.div_s (local.get 0) (local.get 1)) (i32.rem_u (local.get 0) (i32.const 10))))
  (func $swap (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
  (func (export "call") (param i32 i32)
    (block $two (block $one (block $zero (br_table $zero $one $two (local.get 0))) (return)) (unreachable))
    (drop (call_indirect (type $op) (i64.const 5) (i64.extend_i32_u (local.get 1)) (local.get 0)))
    (drop (i32.clz (local.get 0)))
    (i32.store16 align=1 (call $divide (call $swap (local.get 0) (local.get 1))) (i32.const 77))
    (memory.copy (local.get 0) (local.get 1) (i32.const 9))))"#;

fn check(name: &str, module: &str) {
    let original = wat::parse_str(module).expect("the test's module is WebAssembly");
    let admitted = admit(&original).unwrap_or_else(|error| panic!("{error}"));
    let unit = lower(&admitted.instrumented, Kind::Module, address::GLOBALS as u32);
    let text = disasm::unit(&unit.unwrap_or_else(|error| panic!("{error}")));
    compare(name, &text);
}

/// Compares a text with the committed one of this name; PLAYFAIR_BLESS=1 writes it.
pub(crate) fn compare(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.txt"));
    if std::env::var_os("PLAYFAIR_BLESS").is_some() {
        std::fs::write(&file, text).expect("golden files can be written");
        return;
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        text == golden,
        "{name} is lowered differently; look at it, then PLAYFAIR_BLESS=1:\n{text}"
    );
}

#[test]
fn counter() {
    check("counter", COUNTER);
}

#[test]
fn shapes() {
    check("shapes", SHAPES);
}
