//! A small kernel: it calls the module's `call` once and leaves what `output` got in its memory.

use playfair_admission::admit;
use playfair_proofs_isa::interp::{Executable, Fault, Oracle, View};
use playfair_proofs_isa::link::{Constants, Linked, link};
use playfair_proofs_isa::lower::hints;
use playfair_types::crypto::field::Fr;

/// The kernel. `host_output(from, length)` stores the word at `from` to its own address 1,024 + 8 i; 1,016 holds their number,
/// 1,008 the way that the run ended (1 returned, 2 trapped), 1,000 the row that trapped.
pub(crate) const KERNEL: &str = r#"(module
  (import "zk" "guest_load" (func $guest_load (param i32 i32) (result i64)))
  (import "zk" "guest_store" (func $guest_store (param i32 i32 i64)))
  (import "zk" "set_gas" (func $set_gas (param i64)))
  (import "zk" "gas" (func $gas (result i64)))
  (import "zk" "gas_sub" (func $gas_sub (param i64)))
  (import "zk" "set_memory" (func $set_memory (param i64 i32)))
  (import "zk" "xpc" (func $xpc (result i64)))
  (import "zk" "exit" (func $exit))
  (import "zk" "finish" (func $finish))
  (import "module" "call" (func $call (param i32 i32)))
  (import "module" "reset" (func $reset))
  (import "module" "memory_bytes" (func $memory_bytes (result i32)))
  (import "module" "memory_max" (func $memory_max (result i32)))
  (memory 1)
  (global $sp (mut i32) (i32.const 65536))
  (data (i32.const 992) "\07")
  (func (export "boot")
    (call $set_gas (i64.const 10000000))
    (i32.store (i32.const 984) (call $memory_bytes))
    (call $set_memory (i64.extend_i32_u (call $memory_bytes)) (i32.const 1))
    (call $reset)
    (call $call (i32.const 7) (i32.const 0))
    (i32.store (i32.const 1008) (i32.const 1))
    (i64.store (i32.const 976) (call $gas))
    (call $finish))
  (func (export "trapped")
    (i64.store (i32.const 1000) (call $xpc))
    (i32.store (i32.const 1008) (i32.const 2))
    (call $exit))
  (func (export "resume") (call $finish))
  (func (export "bulk_charge") (param i32) (result i32)
    (call $gas_sub (i64.extend_i32_u
      (i32.mul (i32.const 4) (i32.add (i32.shr_u (local.get 0) (i32.const 3))
        (i32.ne (i32.and (local.get 0) (i32.const 7)) (i32.const 0))))))
    (local.get 0))
  (func $size (export "memory_size") (result i32) (i32.shr_u (i32.load (i32.const 984)) (i32.const 16)))
  (func (export "memory_grow") (param i32) (result i32) (local i32)
    (local.set 1 (call $size))
    (if (i32.gt_u (i32.add (local.get 0) (local.get 1)) (i32.shr_u (call $memory_max) (i32.const 16)))
      (then (return (i32.const -1))))
    (if (i32.gt_u (local.get 0) (i32.const 65535)) (then (return (i32.const -1))))
    (i32.store (i32.const 984) (i32.shl (i32.add (local.get 0) (local.get 1)) (i32.const 16)))
    (call $set_memory (i64.extend_i32_u (i32.load (i32.const 984))) (i32.const 0))
    (local.get 1))
  (func (export "host_height") (result i64) (i64.const 0x123456789abcdef))
  (func (export "host_time") (result i64) (i64.const 5))
  (func (export "host_input") (param i32))
  (func (export "host_output") (param i32 i32) (local i32)
    (local.set 2 (i32.load (i32.const 1016)))
    (i64.store (i32.add (i32.const 1024) (i32.shl (local.get 2) (i32.const 3))) (call $guest_load (local.get 0) (i32.const 0)))
    (i32.store (i32.const 1016) (i32.add (local.get 2) (i32.const 1)))))"#;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Returned(Vec<u64>),
    Trapped,
}

struct Hints;

impl Oracle for Hints {
    fn hint(&mut self, hint: u32, argument: Fr, _: &View<'_>) -> Fr {
        hints::answer(hint, argument).expect("a hint of lowered code")
    }
}

pub(crate) fn build(module: &str) -> (Vec<u8>, Linked) {
    lowered(module, false)
}

fn lowered(module: &str, careful: bool) -> (Vec<u8>, Linked) {
    let original = wat::parse_str(module).expect("the test's module is WebAssembly");
    let admitted = admit(&original).unwrap_or_else(|error| panic!("{error}"));
    let kernel = wat::parse_str(KERNEL).expect("the kernel is WebAssembly");
    let constants = Constants {
        careful,
        ..Constants::default()
    };
    let linked = link(&kernel, &admitted.instrumented, &constants);
    (original, linked.unwrap_or_else(|error| panic!("{error}")))
}

/// Runs a module's `call`: the words that it gave to `output`. Careful lowering gives the same.
pub(crate) fn run(module: &str) -> Result<Ended, Fault> {
    let ended = executed(&build(module).1)?;
    assert_eq!(run_carefully(module).as_ref(), Ok(&ended), "lowered carefully");
    Ok(ended)
}

/// The same of the module lowered carefully.
pub(crate) fn run_carefully(module: &str) -> Result<Ended, Fault> {
    executed(&lowered(module, true).1)
}

fn executed(linked: &Linked) -> Result<Ended, Fault> {
    let executable = Executable::new(&linked.program).unwrap_or_else(|error| panic!("{error}"));
    let end = executable.run(&[], &mut Hints, 50_000_000);
    let end = match end {
        Ok(end) => end,
        Err(fault) => {
            eprintln!("{}", playfair_proofs_isa::disasm::unit(&linked.module));
            return Err(fault);
        }
    };
    let kernel = |address: u64| {
        let cell = playfair_proofs_isa::code::address::KERNEL + address / 8;
        end.view().cell(cell).word().expect("a word")
    };
    Ok(match kernel(1008) {
        1 => Ended::Returned((0..kernel(1016)).map(|index| kernel(1024 + 8 * index)).collect()),
        _ => Ended::Trapped,
    })
}
