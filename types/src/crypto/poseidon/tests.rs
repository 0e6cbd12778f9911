use super::derive::{Derived, PlainRow, derive};
use super::grain::Grain;
use super::*;
use alloc::string::String;
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, BigInt, Field, MontFp};
use core::fmt::Write;
use std::{env, fs, path::PathBuf};

extern crate std;

/// The textbook permutation.
fn naive<const T: usize>(constants: &[[Fr; T]], mds: &[[Fr; T]; T], state: &mut [Fr; T]) {
    for (round, row) in constants.iter().enumerate() {
        for (lane, constant) in state.iter_mut().zip(row) {
            *lane += constant;
        }
        let half = FULL_ROUNDS / 2;
        let full = round < half || round >= constants.len() - half;
        let active = if full { T } else { 1 };
        for lane in state.iter_mut().take(active) {
            *lane = lane.pow([5]);
        }
        *state = mds
            .each_ref()
            .map(|row| row.iter().zip(&*state).map(|(m, s)| *m * s).sum());
    }
}

/// `[0, 1, r - 1, ...]` and elements of a seeded sequence.
fn samples(count: usize) -> Vec<Fr> {
    let mut all = alloc::vec![
        Fr::ZERO,
        Fr::ONE,
        -Fr::ONE,
        Fr::from(2u64).pow([248]),
        Fr::from(2u64).pow([253]),
        Fr::from(u64::MAX),
        Fr::new_unchecked(BigInt::new([u64::MAX, 0, 0, 0])),
    ];
    let mut grain = Grain::new(9, 8, 8);
    while all.len() < count {
        all.push(grain.element());
    }
    all
}

#[test]
fn vectors_of_circomlib() {
    let two = poseidon2(Fr::from(1u64), Fr::from(2u64));
    assert_eq!(
        two,
        MontFp!("7853200120776062878684798364095072458815029376092732009249414926327459813530")
    );
    let five = poseidon5(&[1u64, 2, 3, 4, 5].map(Fr::from));
    assert_eq!(
        five,
        MontFp!("6183221330272524995739186171720101788151706631170188140075976616310159254464")
    );
}

#[test]
fn permutations_equal_the_textbook_ones() {
    let all = samples(220);
    for window in all.windows(3).chain(core::iter::once(&all[..3])) {
        let mut fast: [Fr; 3] = window.try_into().expect("three");
        let mut slow = fast;
        permute3(&mut fast);
        naive(round_constants3(), mds3(), &mut slow);
        assert_eq!(fast, slow);
    }
    for window in all.windows(6).take(60) {
        let mut fast: [Fr; 6] = window.try_into().expect("six");
        let mut slow = fast;
        permute6(&mut fast);
        naive(round_constants6(), mds6(), &mut slow);
        assert_eq!(fast, slow);
    }
    for a in &all[..7] {
        for b in &all[..7] {
            let mut state = [Fr::ZERO, *a, *b];
            naive(round_constants3(), mds3(), &mut state);
            assert_eq!(poseidon2(*a, *b), state[0]);
            let mut state = [Fr::ZERO, *a, *b, *a, *b, -*a];
            naive(round_constants6(), mds6(), &mut state);
            assert_eq!(poseidon5(&[*a, *b, *a, *b, -*a]), state[0]);
        }
    }
}

#[test]
fn tables_are_those_of_the_generator() {
    check_tables::<3>(PARTIAL_ROUNDS_3);
    check_tables::<6>(PARTIAL_ROUNDS_6);
}

fn check_tables<const T: usize>(partial: usize) {
    let rounds = FULL_ROUNDS + partial;
    let mut grain = Grain::new(T as u64, FULL_ROUNDS as u64, partial as u64);
    let constants: Vec<Vec<Fr>> = (0..rounds)
        .map(|_| (0..T).map(|_| grain.element()).collect())
        .collect();
    let mds: Vec<Vec<Fr>> = grain.mds::<T>().iter().map(|row| row.to_vec()).collect();
    check_file(
        &alloc::format!("standard{T}.rs"),
        &standard_source(T, rounds, &constants, &mds),
    );
    check_file(
        &alloc::format!("fast{T}.rs"),
        &fast_source(T, partial, &derive(&mds, &constants)),
    );
}

/// Compares a generated file with the committed one, or writes it with `PLAYFAIR_BLESS=1`.
fn check_file(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/crypto/poseidon/tables")
        .join(name);
    if env::var_os("PLAYFAIR_BLESS").is_some_and(|v| v == "1") {
        fs::write(&path, text).expect("write table");
    }
    let committed = fs::read_to_string(&path).expect("read table");
    assert!(
        committed == text,
        "{name} differs from the generator; PLAYFAIR_BLESS=1 rewrites it"
    );
}

fn call(function: &str, a: &Fr) -> String {
    let [a, b, c, d] = a.0.0;
    alloc::format!("{function}({a:#018x}, {b:#018x}, {c:#018x}, {d:#018x})")
}

fn matrix(out: &mut String, rows: &[Vec<Fr>]) {
    for row in rows {
        out.push_str("        [\n");
        for a in row {
            writeln!(out, "            {},", call("f", a)).expect("string");
        }
        out.push_str("        ],\n");
    }
}

fn standard_source(t: usize, rounds: usize, constants: &[Vec<Fr>], mds: &[Vec<Fr>]) -> String {
    let mut out = alloc::format!(
        "// @generated\n//! Generated: parameters of width {t} in Montgomery form.\n\n\
         use super::super::fast::Standard;\nuse super::f;\n\n\
         #[rustfmt::skip]\n\
         pub(in super::super) static TABLE: Standard<{t}, {rounds}> = Standard {{\n    \
         round_constants: [\n"
    );
    matrix(&mut out, constants);
    out.push_str("    ],\n    mds: [\n");
    matrix(&mut out, mds);
    out.push_str("    ],\n};\n");
    out
}

fn rows(out: &mut String, name: &str, rows: &[PlainRow]) {
    writeln!(out, "    {name}: [").expect("string");
    for (coefficients, addend) in rows {
        out.push_str("        Row { coefficients: [\n");
        for a in coefficients {
            writeln!(out, "            {},", call("e", a)).expect("string");
        }
        writeln!(out, "        ], addend: {} }},", call("e", addend)).expect("string");
    }
    out.push_str("    ],\n");
}

fn fast_source(t: usize, partial: usize, tables: &Derived) -> String {
    let n = t - 1;
    let mut out = alloc::format!(
        "// @generated\n//! Generated: tables of the partial rounds of width {t} in Montgomery form.\n\n\
         use super::super::fast::{{Fast, Row}};\nuse super::e;\n\n\
         #[rustfmt::skip]\n\
         pub(in super::super) static TABLE: Fast<{t}, {n}, {}, {}, {}> = Fast {{\n",
        2 * n,
        2 * n + 1,
        partial - 1 - n
    );
    rows(&mut out, "first", &tables.first);
    rows(&mut out, "middle", &tables.middle);
    rows(&mut out, "last", &tables.last);
    out.push_str("};\n");
    out
}
