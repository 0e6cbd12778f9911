//! Programs through wasmtime, the register machine and the constraints of the circuit.

use crate::random::Random;
use playfair_conformance::compare::{compare, native};
use playfair_conformance::programs::Program;
use playfair_conformance::wasmtime::Wasmtime;
use std::cell::OnceCell;

thread_local! {
    static NATIVE: OnceCell<Wasmtime> = const { OnceCell::new() };
}

/// The seed of a sort of programs, and bytes to make one of.
pub(crate) fn sample(random: &mut Random) -> Vec<u8> {
    loop {
        let mut bytes = vec![random.below(256) as u8];
        bytes.extend((0..200 + random.below(2_000)).map(|_| random.below(256) as u8));
        if program(&bytes).is_some_and(|program| playfair_admission::bare(&program.wasm, false).is_ok()) {
            return bytes;
        }
    }
}

fn program(bytes: &[u8]) -> Option<Program> {
    let (sort, bytes) = bytes.split_first()?;
    // Three of four are made to end.
    Program::of(u64::from(*sort), bytes, sort >> 2 & 3 != 0)
}

/// What the program does is the same everywhere, and the constraints take it.
pub(crate) fn check(bytes: &[u8]) -> bool {
    let Some(program) = program(bytes) else {
        return false;
    };
    NATIVE.with(|wasmtime| compare(wasmtime.get_or_init(native), &program).is_some())
}
