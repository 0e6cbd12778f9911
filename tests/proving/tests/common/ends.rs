//! A module that ends as it is told: its entries are the ends of runs that WebAssembly and the host know.

use playfair_admission::{Admitted, admit};
use playfair_proofs_prover::fast::Committer;
use playfair_proofs_prover::module::{Module, Prover};
use playfair_proofs_prover::setup::insecure_development;
use playfair_proving::caller::started;
use playfair_proving::chess::Keys;
use playfair_runtime::local::{Local, Start};
use playfair_types::receipt::{Outcome, Trap};
use playfair_types::tape::genesis::GenesisRecord;
use playfair_types::vk::Setup;
use std::sync::{Arc, OnceLock};

/// Every entry writes to the state first, which only an end that is ok may keep. What traps depends on the payload's length,
/// which is zero, so that no compiler can know it.
const WAT: &str = r#"(module
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "output" (func $output (param i32 i32)))
  (import "playfair" "revert" (func $revert (param i32 i32)))
  (import "playfair" "emit" (func $emit (param i32 i32 i32)))
  (type $unary (func (param i32) (result i32)))
  (type $binary (func (param i32 i32) (result i32)))
  (table 4 funcref)
  (elem (i32.const 0) $first $both)
  (memory 1)
  (data (i32.const 64) "what was here before")
  (func $first (param i32) (result i32) (local.get 0))
  (func $both (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $indirect (param i32) (result i32) (call_indirect (type $unary) (i32.const 5) (local.get 0)))
  (func (export "call") (param $entry i32) (param $zero i32) (local $count i32)
    (call $set (i32.const 64) (i32.const 8) (i32.const 72) (i32.const 12))
    (block $17 (block $16 (block $15 (block $14 (block $13 (block $12 (block $11 (block $10 (block $9 (block $8 (block $7
    (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
      (br_table $0 $1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $11 $12 $13 $14 $15 $16 $17 (local.get $entry)))
      (call $output (i32.const 64) (i32.const 20)) (return))
      (unreachable))
      (drop (i32.load offset=1 (i32.sub (i32.const 65532) (local.get $zero)))) (return))
      (i64.store8 offset=4294967295 (i32.sub (local.get $zero) (i32.const 1)) (i64.const 7)) (return))
      (i64.store align=8 (i32.sub (i32.const 65536) (local.get $zero)) (i64.const 7)) (return))
      (drop (i32.div_u (i32.const 5) (local.get $zero))) (return))
      (drop (i64.rem_s (i64.const -5) (i64.extend_i32_u (local.get $zero)))) (return))
      (drop (i32.div_s (i32.add (i32.const 0x80000000) (local.get $zero)) (i32.sub (local.get $zero) (i32.const 1)))) (return))
      (drop (i64.div_s (i64.const 0x8000000000000000) (i64.extend_i32_s (i32.sub (local.get $zero) (i32.const 1))))) (return))
      (drop (call $indirect (i32.add (local.get $zero) (i32.const 1)))) (return))
      (drop (call $indirect (i32.add (local.get $zero) (i32.const 4)))) (return))
      (drop (call $indirect (i32.sub (local.get $zero) (i32.const 1)))) (return))
      (drop (call $indirect (i32.add (local.get $zero) (i32.const 2)))) (return))
      (call $output (i32.const 3) (i32.const 8)) (return))
      (loop $again (call $emit (i32.const 1) (i32.const 64) (local.get $zero)) (br $again)))
      (call $revert (i32.const 64) (i32.const 20)) (return))
      (loop $again (local.set $count (i32.add (local.get $count) (i32.const 1))) (br $again)))
      (memory.fill (i32.sub (i32.const 65530) (local.get $zero)) (i32.const 1) (i32.const 7)) (return)))"#;

/// Entries and how they end; only the endless one runs out of gas.
pub(crate) const ENDS: [(u8, Outcome); 18] = [
    (0, Outcome::Ok),
    (1, Outcome::Trapped(Trap::Unreachable)),
    (2, Outcome::Trapped(Trap::MemoryOutOfBounds)),
    (3, Outcome::Trapped(Trap::MemoryOutOfBounds)),
    (4, Outcome::Trapped(Trap::MemoryOutOfBounds)),
    (5, Outcome::Trapped(Trap::DivisionByZero)),
    (6, Outcome::Trapped(Trap::DivisionByZero)),
    (7, Outcome::Trapped(Trap::IntegerOverflow)),
    (8, Outcome::Trapped(Trap::IntegerOverflow)),
    (9, Outcome::Trapped(Trap::IndirectCallType)),
    (10, Outcome::Trapped(Trap::TableOutOfBounds)),
    (11, Outcome::Trapped(Trap::TableOutOfBounds)),
    (12, Outcome::Trapped(Trap::NullElement)),
    (13, Outcome::Trapped(Trap::HostArgument)),
    (14, Outcome::Trapped(Trap::HostLimit)),
    (15, Outcome::Reverted),
    (16, Outcome::OutOfGas),
    (17, Outcome::Trapped(Trap::MemoryOutOfBounds)),
];

/// The entry that does nothing wrong.
pub(crate) const FINE: u8 = 0;

/// The module, admitted.
pub(crate) fn admitted() -> &'static Admitted {
    static ADMITTED: OnceLock<Admitted> = OnceLock::new();
    ADMITTED.get_or_init(|| {
        let wasm = wat::parse_str(WAT).expect("WebAssembly");
        admit(&wasm).unwrap_or_else(|rejection| panic!("{rejection}"))
    })
}

/// A genesis of its free chain.
pub(crate) fn genesis() -> GenesisRecord {
    Start::of(admitted().hash).genesis()
}

/// A chain of it.
pub(crate) fn local(genesis: &GenesisRecord) -> Local {
    started(admitted(), genesis)
}

/// Its keys in the smallest shape.
pub(crate) fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let admitted = admitted();
        let module = Arc::new(Module::new(&admitted.instrumented, admitted.hash).expect("it lowers"));
        let shape = module.smallest().expect("a shape");
        let params = insecure_development(shape.k, None).expect("a setup");
        let committer = Arc::new(Committer::new(&params));
        let prover = Prover::new(module.clone(), shape, committer, Setup::InsecureDevelopment).expect("keys");
        Keys {
            module,
            prover,
            params,
        }
    })
}
