//! Generated programs: what the register machine does is what wasmtime does, and the constraints take it.

use playfair_conformance::compare::{Tally, compare, native};
use playfair_conformance::machine::circuit::Checked;
use playfair_conformance::programs::Program;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Programs of one run of the test; some are refused.
const PROGRAMS: u64 = 2_200;
/// How many must be run.
const PROGRAMS_MIN: u64 = 2_000;

#[test]
fn programs_do_on_the_register_machine_and_in_the_circuit_what_they_do_natively() {
    let wasmtime = native();
    let next = AtomicU64::new(0);
    let total = Mutex::new((Tally::new(), Checked::default()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= PROGRAMS {
                        break;
                    }
                    let run = std::panic::AssertUnwindSafe(|| {
                        Program::generate(seed).and_then(|program| compare(&wasmtime, &program))
                    });
                    match std::panic::catch_unwind(run) {
                        Ok(None) => {}
                        Ok(Some((tally, checked))) => {
                            let mut total = total.lock().unwrap();
                            for (name, count) in tally {
                                *total.0.entry(name).or_default() += count;
                            }
                            total.1.add(checked);
                        }
                        Err(panic) => {
                            next.store(PROGRAMS, Ordering::Relaxed);
                            println!("seed {seed}");
                            std::panic::resume_unwind(panic);
                        }
                    }
                }
            });
        }
    });
    let (tally, checked) = total.into_inner().unwrap();
    println!("{tally:#?}\n{checked:#?}");
    let count = |name: &str| tally.get(name).copied().unwrap_or(0);
    assert!(count("programs") >= PROGRAMS_MIN, "too few programs");
    assert!(checked.witnesses >= PROGRAMS_MIN, "too few witnesses");
    assert!(
        checked.returned >= 1_000 && checked.trapped >= 3_000,
        "{checked:?}"
    );
    for end in [
        "returned",
        "Unreachable",
        "MemoryOutOfBounds",
        "DivisionByZero",
        "OutOfGas",
    ] {
        assert!(count(end) > 0, "no run ends by {end}");
    }
}
