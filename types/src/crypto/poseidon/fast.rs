//! The permutation with one dot product per partial round.
//!
//! Write a state before the S-box of partial round `i` (its constants already added) as lane 0,
//! `x_i`, and the other `n = t - 1` lanes, `u_i`; let `s_i = x_i^5` and split the MDS matrix into
//! `[[m, w], [q, N]]`. Then `x_(i+1) = m s_i + w u_i + const` and
//! `u_(i+1) = q s_i + N u_i + const`. Only lane 0 passes the S-box, so that the lanes `u` are a
//! linear system with the input `s` and the output `x`, and they can be eliminated: any `n`
//! consecutive outputs determine the lanes `u` (the matrix of rows `w N^k` is invertible), hence
//!
//! `x_(i+1) = m s_i + sum_(k=0..n) a_k x_(i-k) + sum_(k=1..=n) b_k s_(i-k) + c_i`
//!
//! with constants `a`, `b`, `c`. A round is so an S-box and one dot product of `2n` terms with a
//! single reduction, against `2n + 1` products with `n + 1` reductions for the sparse matrices of
//! appendix B of the Poseidon paper; and nothing in the dot product waits for the S-box.
//! The factor `m` disappears by scaling: with `x'_i = k_i x_i`, `k_0 = 1` and
//! `k_(i+1) = k_i^5 / m`, the term of `s_i` has coefficient one.
//!
//! The first `n` outputs have no `n` predecessors; they are computed from `u_0` instead. After
//! the last partial round all lanes are recovered from the window of the last outputs and inputs.
//! The derivation is `derive.rs`; the tests compare with the textbook permutation.

use super::super::fe::Fe;
use super::{FULL_ROUNDS, Fr};

/// The parameters in the textbook form, for width `T` and `ROUNDS` rounds.
pub(super) struct Standard<const T: usize, const ROUNDS: usize> {
    pub(super) round_constants: [[Fr; T]; ROUNDS],
    pub(super) mds: [[Fr; T]; T],
}

/// The coefficients of one dot product, and the constant added to it.
pub(super) struct Row<const W: usize> {
    pub(super) coefficients: [Fe; W],
    pub(super) addend: Fe,
}

/// Tables of the partial rounds: `N = T - 1` lanes, `W = 2 N` terms, `E = W + 1`, and
/// `P = partial rounds - 1 - N` rounds that have a full window.
pub(super) struct Fast<const T: usize, const N: usize, const W: usize, const E: usize, const P: usize> {
    /// `x'_1 .. x'_n` over the window `[u_0; s' newest first]`.
    pub(super) first: [Row<W>; N],
    /// The following outputs over the window `[x' newest first; s' newest first]`.
    pub(super) middle: [Row<W>; P],
    /// The lanes after the partial rounds over `[that window; newest s']`, the constants of the
    /// next full round added.
    pub(super) last: [Row<E>; T],
}

/// Shifts `history` by one and puts `value` in front.
#[inline(always)]
fn push(history: &mut [Fe], value: Fe) {
    let mut carried = value;
    for slot in history {
        core::mem::swap(slot, &mut carried);
    }
}

#[inline(always)]
fn partial_rounds<const T: usize, const N: usize, const W: usize, const E: usize, const P: usize>(
    table: &Fast<T, N, W, E, P>,
    state: &[Fe; T],
) -> [Fe; T] {
    let &[mut x, ref rest @ ..] = state.as_slice() else {
        return *state;
    };
    let mut window = [Fe::ZERO; W];
    let mut outputs = [Fe::ZERO; N];
    for (slot, lane) in window.iter_mut().zip(rest) {
        *slot = *lane;
    }
    for row in &table.first {
        let s = x.pow5();
        x = s + Fe::dot(&row.coefficients, &window, row.addend);
        push(&mut window[N..], s);
        push(&mut outputs, x);
    }
    window[..N].copy_from_slice(&outputs);
    for row in &table.middle {
        // The dot product comes first: it is independent of the chain of the S-box.
        let linear = Fe::dot(&row.coefficients, &window, row.addend);
        let s = x.pow5();
        x = s + linear;
        push(&mut window[N..], s);
        push(&mut window[..N], x);
    }
    let mut extended = [x.pow5(); E];
    extended[..W].copy_from_slice(&window);
    table
        .last
        .each_ref()
        .map(|row| Fe::dot(&row.coefficients, &extended, row.addend))
}

/// A full round, with the addition of the constants of the next one.
#[inline(always)]
fn full_round<const T: usize>(mds: &[[Fr; T]; T], next: &[Fr; T], state: &[Fe; T]) -> [Fe; T] {
    let powers = state.map(Fe::pow5);
    let mut mixed = [Fe::ZERO; T];
    for ((lane, row), constant) in mixed.iter_mut().zip(mds).zip(next) {
        *lane = Fe::dot(&row.each_ref().map(Fe::from_fr), &powers, Fe::from_fr(constant));
    }
    mixed
}

/// All rounds but the last.
#[inline(always)]
fn rounds<
    const T: usize,
    const N: usize,
    const W: usize,
    const E: usize,
    const P: usize,
    const ROUNDS: usize,
>(
    fast: &Fast<T, N, W, E, P>,
    standard: &Standard<T, ROUNDS>,
    mut state: [Fe; T],
) -> [Fe; T] {
    const HALF: usize = FULL_ROUNDS / 2;
    let constants = &standard.round_constants;
    for (lane, constant) in state.iter_mut().zip(&constants[0]) {
        *lane = *lane + Fe::from_fr(constant);
    }
    for next in &constants[1..=HALF] {
        state = full_round(&standard.mds, next, &state);
    }
    state = partial_rounds(fast, &state);
    for next in &constants[ROUNDS - HALF + 1..] {
        state = full_round(&standard.mds, next, &state);
    }
    state
}

/// The permutation of `state`.
pub(super) fn permute<
    const T: usize,
    const N: usize,
    const W: usize,
    const E: usize,
    const P: usize,
    const ROUNDS: usize,
>(
    fast: &Fast<T, N, W, E, P>,
    standard: &Standard<T, ROUNDS>,
    state: [Fe; T],
) -> [Fe; T] {
    let state = rounds(fast, standard, state);
    full_round(
        &standard.mds,
        &[Fr::new_unchecked(ark_ff::BigInt::new([0; 4])); T],
        &state,
    )
}

/// Lane 0 of the permutation of `state`.
pub(super) fn hash<
    const T: usize,
    const N: usize,
    const W: usize,
    const E: usize,
    const P: usize,
    const ROUNDS: usize,
>(
    fast: &Fast<T, N, W, E, P>,
    standard: &Standard<T, ROUNDS>,
    state: [Fe; T],
) -> Fe {
    let powers = rounds(fast, standard, state).map(Fe::pow5);
    Fe::dot(&standard.mds[0].each_ref().map(Fe::from_fr), &powers, Fe::ZERO)
}
