//! The same values on every target: makes samples of every format from fixed seeds, checks them, and compares the digest of
//! all their bytes (signatures, hashes and points among them) with the committed one.
//!
//! `tests/wasm32.rs` runs it natively and, built for wasm32-unknown-unknown, in Node.js. Ends with code 0 when all is
//! the same, 1 when not; a broken promise of a decoder panics.

use playfair_fuzz::cross_target::{COMMITTED, digest};
use std::process::ExitCode;

fn main() -> ExitCode {
    let found = digest();
    if found == COMMITTED.trim() {
        return ExitCode::SUCCESS;
    }
    eprintln!("this target makes {found}, the committed digest is {COMMITTED}");
    ExitCode::FAILURE
}
