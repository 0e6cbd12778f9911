//! The kernel's intrinsics, with field elements that are no words.

use playfair_admission::admit;
use playfair_proofs_isa::code::address;
use playfair_proofs_isa::interp::{Executable, Oracle, View};
use playfair_proofs_isa::link::{Constants, link};
use playfair_proofs_isa::lower::LowerError;
use playfair_types::crypto::field::Fr;
use playfair_types::crypto::poseidon;

const MODULE: &str = r#"(module (memory 2 5) (data (i32.const 8) "\2a") (func (export "call") (param i32 i32)) (func (export "init") (param i32)))"#;

pub(crate) const IMPORTS: &str = r#"
  (import "zk" "f_add" (func $f_add (param i64 i64) (result i64)))
  (import "zk" "f_sub" (func $f_sub (param i64 i64) (result i64)))
  (import "zk" "f_mul" (func $f_mul (param i64 i64) (result i64)))
  (import "zk" "f_lin" (func $f_lin (param i64 i32 i64 i32) (result i64)))
  (import "zk" "f_const" (func $f_const (param i64 i64 i64 i64) (result i64)))
  (import "zk" "f_eq" (func $f_eq (param i64 i64) (result i32)))
  (import "zk" "hint" (func $hint (param i32 i64) (result i64)))
  (import "zk" "hint_f" (func $hint_f (param i32 i64) (result i64)))
  (import "zk" "poseidon5" (func $poseidon5 (param i64 i64 i64 i64 i64) (result i64)))
  (import "zk" "poseidon2" (func $poseidon2 (param i64 i64) (result i64)))
  (import "zk" "guest_load" (func $guest_load (param i32 i32) (result i64)))
  (import "zk" "guest_store" (func $guest_store (param i32 i32 i64)))
  (import "zk" "set_memory" (func $set_memory (param i64 i32)))
  (import "zk" "aux" (func $aux (param i32 i64) (result i64)))
  (import "zk" "aux2" (func $aux2 (param i32 i64) (result i64)))
  (import "zk" "raw" (func $raw (param i64) (result i64)))
  (import "zk" "fail" (func $fail))
  (import "zk" "exit" (func $exit))
  (import "zk" "finish" (func $finish))
  (import "module" "init" (func $init (param i32)))
  (import "module" "has_init" (func $has_init (result i32)))
  (import "module" "has_tick" (func $has_tick (result i32)))
  (import "module" "memory_max" (func $memory_max (result i32)))
  (import "module" "memory_bytes" (func $memory_bytes (result i32)))
  (import "module" "module_hash" (func $module_hash (result i64)))
  (memory 1)
  (global $next (mut i32) (i32.const 1024))
  (func $show (param i64)
    (i64.store (global.get $next) (local.get 0))
    (global.set $next (i32.add (global.get $next) (i32.const 8))))
  (func (export "trapped") (call $fail))
  (func (export "resume") (call $finish))"#;

struct Numbers;

impl Oracle for Numbers {
    fn hint(&mut self, hint: u32, argument: Fr, _: &View<'_>) -> Fr {
        Fr::from(hint) * argument
    }
}

fn linked(boot: &str) -> Result<playfair_proofs_isa::link::Linked, LowerError> {
    let kernel =
        format!(r#"(module {IMPORTS} (func (export "boot") (local i64 i64 i32) {boot} (call $exit)))"#);
    let kernel = wat::parse_str(kernel).expect("the kernel is WebAssembly");
    let module = wat::parse_str(MODULE).expect("the module is WebAssembly");
    let admitted = admit(&module).unwrap_or_else(|error| panic!("{error}"));
    let constants = Constants {
        module_hash: -Fr::from(77u64),
        gas_schedule: 2,
        ..Constants::default()
    };
    link(&kernel, &admitted.instrumented, &constants)
}

fn shows(boot: &str, expected: &[Fr]) {
    let linked = linked(boot).unwrap_or_else(|error| panic!("{error}"));
    let executable = Executable::new(&linked.program).unwrap_or_else(|error| panic!("{error}"));
    let end = executable.run(&[], &mut Numbers, 1_000_000);
    let end =
        end.unwrap_or_else(|fault| panic!("{fault}\n{}", playfair_proofs_isa::disasm::unit(&linked.kernel)));
    for (index, expected) in (0..).zip(expected) {
        let found = end.view().cell(address::KERNEL + 128 + index).fr();
        assert_eq!(found, *expected, "value {index} of {boot}");
    }
}

#[test]
fn field() {
    let f = |value: i64| Fr::from(value);
    let p = f(-5);
    shows(
        "(local.set 0 (call $f_sub (i64.const 0) (i64.const 5)))
         (call $show (local.get 0))
         (call $show (call $f_mul (local.get 0) (local.get 0)))
         (call $show (call $f_mul (local.get 0) (i64.const 3)))
         (call $show (call $f_add (local.get 0) (local.get 0)))
         (call $show (call $f_lin (local.get 0) (i32.const 70) (i64.const 9) (i32.const 1)))
         (call $show (call $f_const (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)))
         (call $show (i64.extend_i32_u (call $f_eq (local.get 0) (call $f_sub (i64.const 1) (i64.const 6)))))
         (if (call $f_eq (local.get 0) (i64.const 5)) (then (call $fail)))
         (call $show (select (local.get 0) (i64.const 1) (i32.const 1)))
         (call $show (call $hint (i32.const 3) (i64.const 7)))
         (call $show (call $hint_f (i32.const 4) (local.get 0)))
         (call $show (call $poseidon2 (local.get 0) (i64.const 2)))
         (call $show (call $poseidon5 (local.get 0) (i64.const 2) (i64.const 3) (i64.const 4) (call $f_mul (local.get 0) (local.get 0))))",
        &[
            p,
            f(25),
            f(-15),
            f(-10),
            p * f(1 << 35) * f(1 << 35) + f(18),
            f(1) + f(2) * f(1 << 32) * f(1 << 32) + (f(3) + f(4) * f(1 << 32) * f(1 << 32)) * (f(1 << 32) * f(1 << 32)) * (f(1 << 32) * f(1 << 32)),
            f(1),
            p,
            f(21),
            f(-20),
            poseidon::poseidon2(p, f(2)),
            poseidon::poseidon5(&[p, f(2), f(3), f(4), f(25)]),
        ],
    );
}

#[test]
fn machine() {
    let f = |value: i64| Fr::from(value);
    shows(
        "(call $set_memory (i64.const 65536) (i32.const 1))
         (call $show (call $guest_load (i32.const 8) (i32.const 0)))
         (call $guest_store (i32.const 0) (i32.const 16) (i64.const 99))
         (call $show (call $guest_load (i32.const 8) (i32.const 8)))
         (call $show (call $aux (i32.const 12) (i64.const 5)))
         (call $show (call $aux2 (i32.const 12) (i64.const 60)))
         (call $show (call $raw (i64.const 4194432)))
         (call $show (i64.extend_i32_u (call $has_init)))
         (call $show (i64.extend_i32_u (call $has_tick)))
         (call $show (i64.extend_i32_u (call $memory_bytes)))
         (call $show (i64.extend_i32_u (call $memory_max)))
         (call $show (call $module_hash))
         (memory.copy (i32.const 1104) (i32.const 1096) (i32.const 8))",
        &[
            f(42),
            f(99),
            f(32),
            f(16),
            f(42),
            f(1),
            f(0),
            f(2 << 16),
            f(5 << 16),
            f(-77),
            f(-77),
        ],
    );
}

#[test]
fn constants_are_demanded() {
    let refused = linked("(call $show (call $hint (local.get 2) (i64.const 1)))").map(|_| ());
    assert!(
        matches!(refused, Err(LowerError::Constant { ref intrinsic, .. }) if intrinsic == "hint"),
        "{refused:?}"
    );
}

/// A run that calls too deep: the kernel finds the frame slots as they were, and none after RESET.
#[test]
fn slots_of_a_run_that_ends() {
    let kernel = wat::parse_str(
        r#"(module
        (import "zk" "slots" (func $slots (result i64)))
        (import "zk" "set_gas" (func $set_gas (param i64)))
        (import "zk" "set_memory" (func $set_memory (param i64 i32)))
        (import "zk" "exit" (func $exit))
        (import "zk" "finish" (func $finish))
        (import "module" "call" (func $call (param i32 i32)))
        (memory 1)
        (func (export "boot")
            (i64.store (i32.const 1040) (call $slots))
            (call $set_memory (i64.const 65536) (i32.const 1)) (call $set_gas (i64.const 1000000000))
            (call $call (i32.const 0) (i32.const 0)))
        (func (export "trapped") (i64.store (i32.const 1024) (call $slots)) (call $exit))
        (func (export "resume") (i64.store (i32.const 1032) (call $slots)) (call $finish)))"#,
    );
    let module = wat::parse_str(
        r#"(module (memory 1) (func $deep (param i32) (call $deep (i32.add (local.get 0) (i32.const 1))))
        (func (export "call") (param i32 i32) (call $deep (local.get 0))))"#,
    );
    let admitted = admit(&module.expect("WebAssembly")).unwrap_or_else(|error| panic!("{error}"));
    let linked = link(
        &kernel.expect("WebAssembly"),
        &admitted.instrumented,
        &Constants::default(),
    );
    let linked = linked.unwrap_or_else(|error| panic!("{error}"));
    let executable = Executable::new(&linked.program).unwrap_or_else(|error| panic!("{error}"));
    let end = executable.run(&[], &mut Numbers, 1_000_000);
    let end = end.unwrap_or_else(|fault| panic!("{fault}"));
    let word = |index: u64| end.view().cell(address::KERNEL + 128 + index).word();
    let [at_exit, after, before] = [word(0), word(1), word(2)].map(Option::unwrap);
    assert!((8_000..=8_192).contains(&at_exit), "{at_exit}");
    assert_eq!((before, after), (0, 0));
}
