//! Arithmetic modulo `r` (the scalar field of BN254) with deferred reduction.
//!
//! An [`Fe`] is a residue in Montgomery form (`a * 2^256 mod r`) held as an integer below `2r`
//! and not below `r`. As `r < 0.19 * 2^256`, a Montgomery product of two such integers is again
//! below `2r` with no final comparison, which is the data-dependent branch that costs most in a
//! general field. Values become canonical only where they are compared or leave this crate.
//!
//! Bounds used below, in units of `r` (`2^256 > 5.28 r`):
//! * reduction of `T < 2^512 - 2^256 r` gives less than `T / 2^256 + 1`;
//! * a product of `a` and `b` therefore reduces to less than `0.19 a b + 1`.
//!
//! Sources: P. Montgomery, "Modular multiplication without trial division" (1985); the interleaved
//! order is CIOS of C. K. Koc, T. Acar, B. Kaliski, "Analyzing and comparing Montgomery
//! multiplication algorithms" (1996).

use super::field::Fr;
use ark_ff::{BigInt, Field, PrimeField};
use core::ops::{Add, Mul, Neg, Sub};

/// Limbs of `r`, least significant first.
pub(crate) const R: [u64; 4] = Fr::MODULUS.0;
/// Limbs of `2r`.
const R2X: [u64; 4] = [
    R[0] << 1,
    R[1] << 1 | R[0] >> 63,
    R[2] << 1 | R[1] >> 63,
    R[3] << 1 | R[2] >> 63,
];
/// `-r^-1 mod 2^64`.
const NEG_INV: u64 = neg_inverse(R[0]);

/// Newton's iteration for the inverse of an odd word: each step doubles the correct bits.
const fn neg_inverse(m: u64) -> u64 {
    let mut x = 1u64;
    let mut i = 0;
    while i < 6 {
        x = x.wrapping_mul(2u64.wrapping_sub(m.wrapping_mul(x)));
        i += 1;
    }
    x.wrapping_neg()
}

/// A residue modulo `r` in Montgomery form, held as an integer below `2r`.
#[derive(Clone, Copy)]
pub(crate) struct Fe([u64; 4]);

/// `acc + a * b + carry` as low and high word; it never exceeds two words.
#[inline(always)]
const fn mac(acc: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let t = acc as u128 + a as u128 * b as u128 + carry as u128;
    (t as u64, (t >> 64) as u64)
}

#[inline(always)]
const fn sbb(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (d, b1) = a.overflowing_sub(b);
    let (d, b2) = d.overflowing_sub(borrow as u64);
    (d, b1 | b2)
}

#[inline(always)]
const fn adc(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (s, c1) = a.overflowing_add(b);
    let (s, c2) = s.overflowing_add(carry as u64);
    (s, c1 | c2)
}

#[inline(always)]
const fn add4(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let (s0, c) = adc(a[0], b[0], false);
    let (s1, c) = adc(a[1], b[1], c);
    let (s2, c) = adc(a[2], b[2], c);
    let (s3, _) = adc(a[3], b[3], c);
    [s0, s1, s2, s3]
}

#[inline(always)]
const fn sub4(a: &[u64; 4], b: &[u64; 4]) -> ([u64; 4], bool) {
    let (d0, c) = sbb(a[0], b[0], false);
    let (d1, c) = sbb(a[1], b[1], c);
    let (d2, c) = sbb(a[2], b[2], c);
    let (d3, c) = sbb(a[3], b[3], c);
    ([d0, d1, d2, d3], c)
}

/// `if choose_a { a } else { b }` by masks, so that no branch depends on the data.
#[inline(always)]
const fn select(choose_a: bool, a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let m = (choose_a as u64).wrapping_neg();
    [
        b[0] ^ (m & (a[0] ^ b[0])),
        b[1] ^ (m & (a[1] ^ b[1])),
        b[2] ^ (m & (a[2] ^ b[2])),
        b[3] ^ (m & (a[3] ^ b[3])),
    ]
}

/// `a - m` if that is not negative, else `a`.
#[inline(always)]
const fn sub_if_geq(a: &[u64; 4], m: &[u64; 4]) -> [u64; 4] {
    let (d, borrow) = sub4(a, m);
    select(borrow, a, &d)
}

/// `t + a * b` as five words, for a one-word `b`.
#[inline(always)]
const fn add_row(t: &[u64; 4], a: &[u64; 4], b: u64) -> [u64; 5] {
    let (w0, c) = mac(t[0], a[0], b, 0);
    let (w1, c) = mac(t[1], a[1], b, c);
    let (w2, c) = mac(t[2], a[2], b, c);
    let (w3, c) = mac(t[3], a[3], b, c);
    [w0, w1, w2, w3, c]
}

/// `(t + k r) / 2^64` for the four low words of `t` and the `k` that makes it whole: three words
/// and the carry into the word of `t` above them.
#[inline(always)]
const fn reduce_row(t: &[u64; 4]) -> ([u64; 3], u64) {
    let k = t[0].wrapping_mul(NEG_INV);
    let (_, c) = mac(t[0], k, R[0], 0);
    let (w0, c) = mac(t[1], k, R[1], c);
    let (w1, c) = mac(t[2], k, R[2], c);
    let (w2, c) = mac(t[3], k, R[3], c);
    ([w0, w1, w2], c)
}

/// The Montgomery product, word by word of `b`. Every intermediate value is below `a + r`, which
/// for `a < 2r` fits four words.
#[inline(always)]
const fn mont_mul(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    #[inline(always)]
    const fn step(t: &[u64; 4], a: &[u64; 4], b: u64) -> [u64; 4] {
        let [t0, t1, t2, t3, t4] = add_row(t, a, b);
        let ([w0, w1, w2], c) = reduce_row(&[t0, t1, t2, t3]);
        [w0, w1, w2, t4.wrapping_add(c)]
    }
    let t = step(&[0; 4], a, b[0]);
    let t = step(&t, a, b[1]);
    let t = step(&t, a, b[2]);
    step(&t, a, b[3])
}

/// The Montgomery reduction of the sum of `constants[i] * values[i]`, whose result the caller
/// keeps below `2^256`.
///
/// Word by word of `values`, the intermediate sums are below `(N + 1) r 2^64` for `N` constants
/// below `r`: five words suffice for `N <= 4`, else a sixth counts the overflow.
#[inline(always)]
fn mont_dot<const N: usize>(constants: &[Fe; N], values: &[Fe; N]) -> [u64; 4] {
    let mut t = [0u64; 4];
    let mut t4 = 0u64;
    for word in 0..4 {
        let mut t5 = 0u64;
        for (Fe(a), Fe(b)) in constants.iter().zip(values) {
            let factor = b.get(word).copied().unwrap_or(0);
            let [t0, t1, t2, t3, c] = add_row(&t, a, factor);
            t = [t0, t1, t2, t3];
            let (sum, over) = t4.overflowing_add(c);
            t4 = sum;
            if N > 4 {
                t5 += over as u64;
            }
        }
        let ([w0, w1, w2], c) = reduce_row(&t);
        let (w3, over) = t4.overflowing_add(c);
        t = [w0, w1, w2, w3];
        t4 = if N > 4 { t5 + over as u64 } else { 0 };
    }
    t
}

impl Fe {
    pub(crate) const ZERO: Self = Self([0; 4]);
    pub(crate) const ONE: Self = Self::from_fr(&Fr::ONE);

    /// The same residue; a canonical Montgomery form is below `r`, hence below `2r`.
    #[inline(always)]
    pub(crate) const fn from_fr(a: &Fr) -> Self {
        Self(a.0.0)
    }

    /// A residue from the limbs of its Montgomery form, which the caller knows to be below `r`.
    pub(crate) const fn from_montgomery(limbs: [u64; 4]) -> Self {
        Self(limbs)
    }

    /// The canonical representative, in the Montgomery form arkworks uses.
    #[inline(always)]
    pub(crate) const fn to_fr(self) -> Fr {
        Fr::new_unchecked(BigInt::new(self.canonical()))
    }

    /// The limbs of the Montgomery form, below `r`: equal for equal residues.
    #[inline(always)]
    pub(crate) const fn canonical(self) -> [u64; 4] {
        sub_if_geq(&self.0, &R)
    }

    #[inline(always)]
    pub(crate) const fn is_zero(self) -> bool {
        let c = self.canonical();
        (c[0] | c[1] | c[2] | c[3]) == 0
    }

    #[inline(always)]
    pub(crate) const fn equals(self, other: Self) -> bool {
        let (a, b) = (self.canonical(), other.canonical());
        ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0
    }

    /// `if choose_other { other } else { self }` without a branch on the choice. The mask passes through a black box,
    /// or the compiler would recognise the choice and put the branch back.
    #[inline(always)]
    pub(crate) fn select(self, other: Self, choose_other: bool) -> Self {
        let mask = core::hint::black_box(u64::from(choose_other).wrapping_neg());
        let mut limbs = self.0;
        for (limb, theirs) in limbs.iter_mut().zip(other.0) {
            *limb ^= mask & (*limb ^ theirs);
        }
        Self(limbs)
    }

    /// Sum: `4r < 2^256`, then back below `2r`.
    #[inline(always)]
    pub(crate) const fn plus(self, other: Self) -> Self {
        Self(sub_if_geq(&add4(&self.0, &other.0), &R2X))
    }

    #[inline(always)]
    pub(crate) const fn minus(self, other: Self) -> Self {
        let (d, borrow) = sub4(&self.0, &other.0);
        Self(add4(&d, &select(borrow, &R2X, &[0; 4])))
    }

    #[inline(always)]
    pub(crate) const fn times(self, other: Self) -> Self {
        Self(mont_mul(&self.0, &other.0))
    }

    #[inline(always)]
    pub(crate) const fn square(self) -> Self {
        Self(mont_mul(&self.0, &self.0))
    }

    /// `self^5`, the S-box of Poseidon; below `1.6 r`.
    #[inline(always)]
    pub(crate) const fn pow5(self) -> Self {
        self.square().square().times(self)
    }

    /// `self^(2^n)`.
    #[inline]
    pub(crate) const fn square_times(self, n: u32) -> Self {
        let mut a = self;
        let mut i = 0;
        while i < n {
            a = a.square();
            i += 1;
        }
        a
    }

    /// `sum of constants[i] * values[i]` plus `addend`, with one reduction for all products.
    ///
    /// `constants` and `addend` are below `r`, `values` below `2r`, and there are at most 11
    /// terms: `11 * 2 * 0.19 + 1 < 5.28`, so the reduced sum fits.
    #[inline(always)]
    pub(crate) fn dot<const N: usize>(constants: &[Self; N], values: &[Self; N], addend: Self) -> Self {
        const { assert!(N <= 11) }
        let mut s = mont_dot(constants, values);
        if N > 4 {
            s = sub_if_geq(&s, &R2X);
        }
        // Below 3.2 r, and below 4.2 r with the addend.
        let s = sub_if_geq(&add4(&s, &addend.0), &R2X);
        // At most 2.2 r for 11 terms; the bound of the type needs one more subtraction then.
        Self(if N > 10 { sub_if_geq(&s, &R2X) } else { s })
    }

    /// The inverse, or zero for zero, as the power `r - 2`: slower than [`Self::inverse_or_zero`], and in a time that does
    /// not depend on the value.
    pub(crate) fn inverse_of_secret(self) -> Self {
        // `R` is odd and its lowest word is not 1, so nothing is borrowed.
        let mut exponent = R;
        let [low, ..] = &mut exponent;
        *low -= 2;
        let mut power = Self::ONE;
        for limb in exponent.iter().rev() {
            for shift in (0..64).rev() {
                power = power.square();
                // The exponent is a constant: this branch is the same for every value.
                if (limb >> shift) & 1 == 1 {
                    power = power * self;
                }
            }
        }
        power
    }

    /// The inverse, or zero for zero.
    pub(crate) fn inverse_or_zero(self) -> Self {
        self.to_fr().inverse().map_or(Self::ZERO, |i| Self::from_fr(&i))
    }
}

impl Add for Fe {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.plus(other)
    }
}

impl Sub for Fe {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.minus(other)
    }
}

impl Mul for Fe {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.times(other)
    }
}

impl Neg for Fe {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self::ZERO.minus(self)
    }
}

/// Replaces every value by its inverse with one inversion for all; a zero stays zero.
///
/// Source: P. Montgomery's simultaneous inversion ("Speeding the Pollard and elliptic curve
/// methods of factorization", 1987).
pub(crate) fn invert_all(values: &mut [Fe]) {
    let mut prefixes = alloc::vec::Vec::with_capacity(values.len());
    let mut product = Fe::ONE;
    for v in values.iter() {
        prefixes.push(product);
        if !v.is_zero() {
            product = product * *v;
        }
    }
    let mut inverse = product.inverse_or_zero();
    for (v, prefix) in values.iter_mut().zip(&prefixes).rev() {
        if !v.is_zero() {
            let old = *v;
            *v = inverse * *prefix;
            inverse = inverse * old;
        }
    }
}

#[cfg(test)]
mod tests;
