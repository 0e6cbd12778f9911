//! The kernel: the chain's own rules (docs/STATEMENT.md) as a program for the register machine (docs/CIRCUIT.md).
//!
//! It reads public inputs and *hints*, words that the prover chooses, and runs the module between them. What it accepts is what a
//! proof proves; so each hint is hashed into an accumulator, compared with a root, put in a range, or without influence on any
//! public input ([`hint`] says which). Where two outcomes are possible it decides between them by computing, or by a hint of
//! which either answer has to be shown.
//!
//! ```text
//! boot      public inputs; then record by record: frames, checks, run, receipt; at the end the state's update
//! trapped   where EXIT leads: how a run of the module ended; then exit()
//! resume    where exit() leads: the record's rest, then as above
//! host_*    the host functions, called by the module
//! ```
//!
//! # Intrinsics
//! A field element travels as i64 (`F` below); a word, any i64, is also the element of the same number. Imports of module `zk`:
//!
//! | import | meaning |
//! |---|---|
//! | `f_add f_sub f_mul (F, F) -> F` | arithmetic in the field |
//! | `f_lin(a: F, i: i32 const, b: F, j: i32 const) -> F` | a 2^i + b 2^j; 0 <= i, j < 254 |
//! | `f_const(w0, w1, w2, w3: i64 const) -> F` | the constant, least significant word first |
//! | `f_eq(F, F) -> i32` | 1 if equal, else 0 |
//! | `hint(kind: i32 const, arg: F) -> i64` | any word; `arg` is passed to the oracle, whatever element it is |
//! | `hint_f(kind: i32 const, arg: F) -> F` | any element |
//! | `poseidon5(F x 5) -> F`, `poseidon2(F, F) -> F` | lane 0 of the permutation of 0 and the inputs |
//! | `curve64(px, py, tx, ty, ux, uy: F, s: i64, h: i64)` | for 64 bits of s and h, most significant first: P = 2 P + {O, B8, T, U}; `curve_x() curve_y() -> F` is P then |
//! | `guest_load(at: i32, offset: i32 const) -> i64`, `guest_store(at, offset, i64)` | word of the run's memory at `at + offset`, a multiple of 8; the sum does not wrap |
//! | `gas() -> F`, `gas_sub(i64)`, `set_gas(i64)` | the gas register; negative gas is the field's negative |
//! | `set_memory(bytes: i64, new_run: i32 const)` | size of the run's memory; 1 first moves to fresh memory |
//! | `aux(tag: i32 const, key: i64) -> F`, `aux2` | v1 and v2 of the auxiliary table's row |
//! | `raw(address: i64) -> F` | the register at an absolute address (frames' registers are below 2^14) |
//! | `xpc() -> F` | pc 2^16 + fp of the last EXIT |
//! | `slots() -> i64` | frame slots that the run takes, at most 8,192 |
//! | `exit()`, `fail()`, `finish()` | jump to RESET; to STUCK; to END. None returns |
//!
//! Imports of module `module`, about the module that the program is linked with: `call(entry: i32, length: i32)`, `init(length:
//! i32)`, `tick()`; `reset()` gives its globals their initial values; constants `memory_bytes() memory_max() table_size() ->
//! i64` (bytes, bytes, elements; 0 without), `has_init() has_tick() -> i32`, `module_hash() -> F`, `gas_schedule() -> i64`.
//!
//! Exports: `boot()`, `trapped()`, `resume()`; `host_<name>` with the module's own signatures; `memory_size() -> i32`, `memory_grow(i32) ->
//! i32`, `bulk_charge(i32) -> i32` (charges the started words of a bulk operation and returns its argument).
//!
//! What the linker has to keep: rows of TABLE for every element below the table's size, with v1 = v2 = 0 for an empty one and
//! types numbered from 1 (or a call of an empty element would find a row that lets it go on); rows of TRAP for code of the module
//! only; EXIT leaves `lim` and gas as they are; the kernel's globals
//! (there are none) and stack pointer need no reset. F values are moved, stored and selected, never computed on as integers.
//!
//! # What is not there yet
//! - Gas schedules other than 2: a chain of another has no proof.
//!
//! # Cost
//! An ordinary signed call of one frame takes some 890 WebAssembly instructions, field operations and hints, four `poseidon5` and
//! four `curve64` beside its run and what its state keys cost at the end: a test counts them. The update of the state takes 29 rows for
//! each level of a stem in which nothing changed, and 52 where something did (one or two `poseidon2`), once in a segment.
//!
//! # Limits of a segment
//! 2,048 state keys, 512 system records; more have no proof.
//!
//! # Build
//! See `build.sh` beside this crate's manifest; the result is `kernel.wasm` there, which is committed: tests execute it
//! instruction by instruction, with field elements that no integer instruction may touch.
#![cfg_attr(target_arch = "wasm32", no_std)]
// Natively `memory()` is a guard that has to be borrowed; here it is a reference already.
#![cfg_attr(target_arch = "wasm32", allow(clippy::needless_borrow))]

pub mod hint;

mod block;
mod call;
mod constants;
mod curve;
mod ending;
mod execute;
mod genesis;
mod guest;
mod host;
mod memory;
mod number;
mod outbox;
mod prices;
mod receipt;
mod segment;
mod sys;
mod system;
mod table;
mod tape;
mod tree;

/// The program, as WebAssembly.
#[cfg(not(target_arch = "wasm32"))]
pub const WASM: &[u8] = include_bytes!("../kernel.wasm");

#[cfg(not(target_arch = "wasm32"))]
pub mod oracle;
#[cfg(not(target_arch = "wasm32"))]
pub mod pure;
#[cfg(not(target_arch = "wasm32"))]
pub use sys::native;
