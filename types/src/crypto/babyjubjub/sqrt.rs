//! Square roots modulo `r`, where `r - 1 = 2^28 t` with `t` odd.
//!
//! With `b = a^t`, a power `g^k` of a generator `g` of the roots of unity of order `2^28`, the
//! root of `a` is `a^((t + 1) / 2) g^(-k / 2)`, and `a` is a square iff `k` is even. The logarithm
//! `k` is found in seven digits of four bits (Pohlig and Hellman), which takes a fixed number of
//! products instead of the quadratic number of the loop of Tonelli and Shanks.
//! Source: P. Sarkar, "Computing square roots faster than the Tonelli-Shanks/Bernstein algorithm"
//! (eprint 2020/1407).

use super::super::fe::Fe;
use ark_ff::MontFp;

/// `5^t`, of order `2^28`.
const GENERATOR: Fe = Fe::from_fr(&MontFp!(
    "19103219067921713944291392827692070036145651957329286315305642004821462161904"
));

/// `(t - 1) / 2`, least significant limb first.
const HALF_T: [u64; 4] = [
    0xcdcb848a1f0fac9f,
    0x0c0ac2e9419f4243,
    0x098d014dc2822db4,
    0x0000000183227397,
];

const DIGITS: usize = 7;

/// `POWERS[m][j] = g^(-j 16^m)`.
static POWERS: [[Fe; 16]; DIGITS] = {
    let mut table = [[Fe::ONE; 16]; DIGITS];
    // g^-1 = g^(2^28 - 1): the product of g^(2^i) for i below 28.
    let mut inverse = Fe::ONE;
    let mut square = GENERATOR;
    let mut i = 0;
    while i < 28 {
        inverse = inverse.times(square);
        square = square.square();
        i += 1;
    }
    let mut base = inverse;
    let mut rows: &mut [[Fe; 16]] = &mut table;
    while let Some((row, next_rows)) = rows.split_first_mut() {
        let mut power = Fe::ONE;
        let mut slots: &mut [Fe] = row;
        while let Some((slot, next_slots)) = slots.split_first_mut() {
            *slot = power;
            power = power.times(base);
            slots = next_slots;
        }
        base = base.square_times(4);
        rows = next_rows;
    }
    table
};

/// The canonical limbs of `g^(j 2^24)`, the roots of unity of order 16.
static ROOTS: [[u64; 4]; 16] = {
    let zeta = GENERATOR.square_times(24);
    let mut table = [[0u64; 4]; 16];
    let mut power = Fe::ONE;
    let mut slots: &mut [[u64; 4]] = &mut table;
    while let Some((slot, next)) = slots.split_first_mut() {
        *slot = power.canonical();
        power = power.times(zeta);
        slots = next;
    }
    table
};

/// Entry `digit & 15` of a table.
#[inline(always)]
fn pick(table: &[Fe; 16], digit: u64) -> Fe {
    // Sixteen entries: the fallback is never taken.
    table.get((digit & 15) as usize).copied().unwrap_or(Fe::ONE)
}

/// `a^((t - 1) / 2)` by windows of four bits.
fn pow_half_t(a: Fe) -> Fe {
    let mut table = [Fe::ONE; 16];
    let mut power = Fe::ONE;
    for slot in table.iter_mut().skip(1) {
        power = power * a;
        *slot = power;
    }
    let mut result = Fe::ONE;
    for limb in HALF_T.iter().rev() {
        for shift in (0..16).rev() {
            result = result.square_times(4) * pick(&table, limb >> (4 * shift));
        }
    }
    result
}

/// Whether `a` is a nonzero eighth power: `a^((r - 1) / 8) = 1`.
pub(super) fn is_eighth_power(a: Fe) -> bool {
    let b = pow_half_t(a).square() * a;
    b.square_times(25).equals(Fe::ONE)
}

/// A square root of `a`, or `None` if there is none.
pub(super) fn sqrt(a: Fe) -> Option<Fe> {
    if a.is_zero() {
        return Some(Fe::ZERO);
    }
    let w = pow_half_t(a);
    let x = w * a;
    let b = x * w;
    // raised[m] = b^(16^(6 - m)) has the order 16^(m + 1).
    let mut raised = [b; DIGITS];
    let mut power = b;
    for slot in raised.iter_mut().rev().skip(1) {
        power = power.square_times(4);
        *slot = power;
    }
    let mut digits = [0u64; DIGITS];
    for (m, mut rest) in raised.into_iter().enumerate() {
        // Removes the m digits known so far, whose weights here are the m highest.
        for (digit, powers) in digits.iter().zip(POWERS.iter().skip(DIGITS - 1 - m)).take(m) {
            rest = rest * pick(powers, *digit);
        }
        let rest = rest.canonical();
        // What is left has order 16, so that it is always found; `?` only satisfies the type.
        let found = (0u64..)
            .zip(&ROOTS)
            .find_map(|(j, root)| (*root == rest).then_some(j))?;
        if let Some(slot) = digits.get_mut(m) {
            *slot = found;
        }
    }
    let logarithm = digits.iter().rev().fold(0, |acc, digit| acc << 4 | digit);
    if logarithm & 1 == 1 {
        return None;
    }
    let half = logarithm >> 1;
    let root = (0..)
        .zip(&POWERS)
        .fold(x, |acc, (m, powers)| acc * pick(powers, half >> (4 * m)));
    Some(root)
}
