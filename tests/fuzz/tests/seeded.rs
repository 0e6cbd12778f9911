//! The short seeded run: every target on its valid encodings, on mutations of them, and on noise.
//!
//! `PLAYFAIR_SOAK=1` makes it twenty times longer. A failure prints the seed; the same seed fails again.

use playfair_fuzz::mutate::mutate;
use playfair_fuzz::random::Random;
use playfair_fuzz::targets::{self, Target};
use std::collections::BTreeSet;

fn rounds() -> u64 {
    if std::env::var_os("PLAYFAIR_SOAK").is_some() {
        40_000
    } else {
        2_000
    }
}

fn run(target: &Target) {
    let (mut refused, mut accepted) = (0u64, 0u64);
    for seed in 0..(rounds() / target.cost) {
        let mut random = Random::new(seed);
        let mut bytes = (target.sample)(&mut random);
        let valid = target.name != "signature";
        assert!(
            (target.check)(&bytes) || !valid,
            "{}: a valid encoding is refused, seed {seed}",
            target.name
        );
        mutate(&mut random, &mut bytes);
        *if (target.check)(&bytes) {
            &mut accepted
        } else {
            &mut refused
        } += 1;
        (target.check)(&random.bytes(300));
    }
    // A target that accepts everything, or nothing after a mutation of free bytes, is not testing its decoder. Any bytes make a program.
    assert!(
        refused > 0 || target.name == "circuit",
        "{}: no mutation was refused",
        target.name
    );
    println!(
        "{}: {accepted} mutations accepted, {refused} refused",
        target.name
    );
}

#[test]
fn names_are_unique() {
    let names: BTreeSet<_> = targets::all().map(|target| target.name).collect();
    assert_eq!(names.len(), targets::all().count());
}

#[test]
fn every_decoder_is_canonical_and_never_panics() {
    targets::all().filter(|target| target.cost == 1).for_each(run);
}

#[test]
fn what_reads_proofs_and_modules_never_panics_and_is_not_deceived() {
    targets::all().filter(|target| target.cost > 1).for_each(run);
}
