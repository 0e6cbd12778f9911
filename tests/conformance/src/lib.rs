//! The official WebAssembly suite and generated programs, through admission and an engine.
//!
//! The claim is E1 of docs/STATEMENT.md: what runs is the WebAssembly core specification's, and admission's
//! instrumentation changes nothing but where a run ends for want of gas or frames. Two tests ask for it:
//! `tests/official.rs` runs the integer part of the specification's own suite ([`suite`]), `tests/programs.rs` runs
//! generated programs instrumented beside plain ([`programs`]). Both are written against the trait [`engine::Engine`],
//! so that another engine (a reference machine, a circuit) answers to the same tests. One that does not link modules with each
//! other skips tests of that, and no others. `tests/bulk.rs` holds what random
//! lengths would rarely hit. Both run on two engines: wasmtime, and the register machine that proofs are about
//! ([`machine`]). What the register machine did then goes through the constraints of the circuit, traps included
//! ([`machine::circuit`]).
//!
//! What the suite found: where admission departs from the specification, it does so on purpose, and each departure has a
//! column of `counts.txt`. A segment that does not fit the module's own memory or table is refused at admission instead of
//! trapping later (`refused`, a part of `trap`); one that does not fit what is imported traps as it should. A bulk operation
//! over more words than the gas pays for runs out of gas before it finds out that it is out of bounds (`gas`). Functions of
//! more than 32 parameters, 8 results, 1,024 locals or 4,096 branch targets are refused (`limits`): so of
//! `skip-stack-guard-page`, whose functions have over a thousand locals, nothing but the module is left. Each instance has
//! gas of its own, which is no question for contracts, of which none is linked; but a function that a module left in
//! another's table before its own instantiation trapped has none at all (`state`). No result, trap or final state differed,
//! in the suite or in generated programs.
//!
//! What is shown of a run to the constraints is what its kernel states ([`machine`]): the calls, their results, their traps, the gas that was
//! left. The kernel verifies each end as the chain's does. The witness is evaluated natively, by constraints that are evaluated on every row and a
//! bus that is balanced; proofs/prover/tests/mock.rs holds that against halo2's mock prover. Memory and globals at the end are compared between
//! engines only. `circuit.txt` pins the calls of each file; every instruction that is admitted is among them ([`opcodes`]). A few calls of
//! the suite take more rows than the largest shape has, which no chain's gas pays for: they are shown all the same, in longer tables.
//!
//! What it found of the register machine: no wrong result. An access that spans two words and whose hint says that it is
//! aligned has no row, so that a call with such an access has no proof; and a store that traps at the end of memory may have
//! written the part that fits, which nobody can read on a chain.

pub mod compare;
pub mod costs;
pub mod engine;
pub mod machine;
pub mod opcodes;
pub mod programs;
pub mod random;
pub mod suite;
pub mod wasmtime;
