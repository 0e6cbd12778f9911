//! The backend for AVX-512 with IFMA: five limbs of 52 bits, eight elements side by side.
//!
//! The one file with `unsafe`: the processor's instructions. All of it is sound because an [`Ifma`] exists only inside [`run`], which
//! looks whether the processor has them (that the type is private to the crate and that [`run`] alone names it is the argument);
//! memory is read and written through references to arrays of the right size.
//! No closures and no iterator adaptors stand around instructions: they would be functions of their own, without the features, and
//! what they call would not be inlined.
//!
//! **Invariant.** An element is kept as `x 2^260` modulo `p`, below `2 p`, limbs below `2^52`. A product of two such values divided
//! by `2^260` is below `4 p^2 / 2^260 + p < 2 p` for moduli below `2^254`, and sums and differences are brought back
//! by one conditional addition of `2 p`.

#![allow(unsafe_code)]
#![allow(clippy::needless_range_loop)]

use crate::constants::{Limbs, MASK};
use crate::{Block, Element, Form, Lanes, Point, Scalar, Task, WIDTH};
use ark_ff::{BigInt, MontConfig};
use std::arch::x86_64::*;
use std::array::from_fn;
use std::marker::PhantomData;

/// Whether the processor has all instructions used here.
pub(crate) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512ifma")
}

/// Runs a task with vector instructions.
///
/// # Panics
/// If the processor lacks them: callers ask [`available`] before.
#[inline]
pub(crate) fn run<T: MontConfig<4>, K: Task<T>>(task: K) -> K::Output {
    assert!(available(), "no AVX-512 IFMA");
    // SAFETY: the processor has the features.
    unsafe { featured(task) }
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn featured<T: MontConfig<4>, K: Task<T>>(task: K) -> K::Output {
    task.run::<Ifma<T>>()
}

/// Eight elements; limb by limb.
struct Ifma<T> {
    limbs: [__m512i; 5],
    field: PhantomData<T>,
}

impl<T> Clone for Ifma<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Ifma<T> {}

#[inline(always)]
fn load(words: &[u64; WIDTH]) -> __m512i {
    // SAFETY: the reference is to 64 bytes; see the file's argument for the instruction.
    unsafe { _mm512_loadu_si512(std::ptr::from_ref(words).cast()) }
}

#[inline(always)]
fn store(vector: __m512i, words: &mut [u64; WIDTH]) {
    // SAFETY: as for `load`.
    unsafe { _mm512_storeu_si512(std::ptr::from_mut(words).cast(), vector) }
}

#[inline(always)]
fn same(value: u64) -> __m512i {
    // SAFETY: see the file's argument.
    unsafe { _mm512_set1_epi64(value.cast_signed()) }
}

/// Words to limbs.
#[inline(always)]
fn split(words: [__m512i; 4]) -> [__m512i; 5] {
    let [a, b, c, d] = words;
    let mask = same(MASK);
    // (x | y) & mask, where x and y are the first operands.
    const OR_AND: i32 = 0xa8;
    // SAFETY: see the file's argument.
    unsafe {
        [
            _mm512_and_si512(a, mask),
            _mm512_ternarylogic_epi64::<OR_AND>(_mm512_srli_epi64::<52>(a), _mm512_slli_epi64::<12>(b), mask),
            _mm512_ternarylogic_epi64::<OR_AND>(_mm512_srli_epi64::<40>(b), _mm512_slli_epi64::<24>(c), mask),
            _mm512_ternarylogic_epi64::<OR_AND>(_mm512_srli_epi64::<28>(c), _mm512_slli_epi64::<36>(d), mask),
            _mm512_srli_epi64::<16>(d),
        ]
    }
}

/// Limbs to words.
#[inline(always)]
fn join(limbs: [__m512i; 5]) -> [__m512i; 4] {
    let [a, b, c, d, e] = limbs;
    // SAFETY: see the file's argument.
    unsafe {
        [
            _mm512_or_si512(a, _mm512_slli_epi64::<52>(b)),
            _mm512_or_si512(_mm512_srli_epi64::<12>(b), _mm512_slli_epi64::<40>(c)),
            _mm512_or_si512(_mm512_srli_epi64::<24>(c), _mm512_slli_epi64::<28>(d)),
            _mm512_or_si512(_mm512_srli_epi64::<36>(d), _mm512_slli_epi64::<16>(e)),
        ]
    }
}

/// Limbs that may be negative or too large, to limbs below `2^52`; the last one keeps what is left.
#[inline(always)]
fn carried(mut limbs: [__m512i; 5]) -> [__m512i; 5] {
    let mask = same(MASK);
    for i in 0..4 {
        // SAFETY: see the file's argument.
        unsafe {
            let carry = _mm512_srai_epi64::<52>(limbs[i]);
            limbs[i] = _mm512_and_si512(limbs[i], mask);
            limbs[i + 1] = _mm512_add_epi64(limbs[i + 1], carry);
        }
    }
    limbs
}

/// The 8 x 8 words transposed.
#[inline(always)]
fn transposed(rows: [__m512i; 8]) -> [__m512i; 8] {
    let [a, b, c, d, e, f, g, h] = rows;
    // SAFETY: see the file's argument.
    unsafe {
        // Pairs of words, of even and odd places.
        let (a, b) = (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
        let (c, d) = (_mm512_unpacklo_epi64(c, d), _mm512_unpackhi_epi64(c, d));
        let (e, f) = (_mm512_unpacklo_epi64(e, f), _mm512_unpackhi_epi64(e, f));
        let (g, h) = (_mm512_unpacklo_epi64(g, h), _mm512_unpackhi_epi64(g, h));
        let ((ac0, ac1), (bd0, bd1)) = (quarters(a, c), quarters(b, d));
        let ((eg0, eg1), (fh0, fh1)) = (quarters(e, g), quarters(f, h));
        let ((w0, w4), (w2, w6)) = (quarters(ac0, eg0), quarters(ac1, eg1));
        let ((w1, w5), (w3, w7)) = (quarters(bd0, fh0), quarters(bd1, fh1));
        [w0, w1, w2, w3, w4, w5, w6, w7]
    }
}

/// Pairs of words of even places, then of odd ones.
#[inline(always)]
fn quarters(x: __m512i, y: __m512i) -> (__m512i, __m512i) {
    // SAFETY: see the file's argument.
    unsafe {
        (
            _mm512_shuffle_i64x2::<0x88>(x, y),
            _mm512_shuffle_i64x2::<0xdd>(x, y),
        )
    }
}

/// One value per limb.
#[inline(always)]
fn each(values: &[u64; 5]) -> [__m512i; 5] {
    let [a, b, c, d, e] = *values;
    [same(a), same(b), same(c), same(d), same(e)]
}

impl<T: MontConfig<4>> Ifma<T> {
    #[inline(always)]
    fn new(limbs: [__m512i; 5]) -> Self {
        Self {
            limbs,
            field: PhantomData,
        }
    }

    /// A value between `-2 p` and `2 p`, limbs not carried, plus `2 p` if it is negative.
    #[inline(always)]
    fn reduced(limbs: [__m512i; 5]) -> Self {
        // SAFETY: see the file's argument.
        unsafe {
            let mut sign = limbs[0];
            for i in 1..5 {
                sign = _mm512_add_epi64(limbs[i], _mm512_srai_epi64::<52>(sign));
            }
            let negative = _mm512_movepi64_mask(sign);
            let mut limbs = limbs;
            let twice = each(&Limbs::<T>::P2);
            for i in 0..5 {
                limbs[i] = _mm512_mask_add_epi64(limbs[i], negative, limbs[i], twice[i]);
            }
            Self::new(carried(limbs))
        }
    }

    /// A sum in columns of 52 bits, divided by `2^260`: a column after the other is cleared by adding a multiple of `p`. What is
    /// left of the sum divided by `2^260`, plus at most `p`. Columns are below `2^63`.
    #[inline(always)]
    fn divided(mut columns: [__m512i; 10]) -> Self {
        // SAFETY: see the file's argument.
        unsafe {
            let zero = _mm512_setzero_si512();
            let p = each(&Limbs::<T>::P);
            let (inverse, mask) = (same(Limbs::<T>::INVERSE), same(MASK));
            for i in 0..5 {
                let m = _mm512_madd52lo_epu64(zero, columns[i], inverse);
                // The lowest product makes the low bits zero: it carries one, unless they were zero before.
                let carry = _mm512_srli_epi64::<52>(_mm512_add_epi64(columns[i], mask));
                for j in 1..5 {
                    columns[i + j] = _mm512_madd52lo_epu64(columns[i + j], m, p[j]);
                }
                columns[i + 1] = _mm512_add_epi64(columns[i + 1], carry);
                for j in 0..5 {
                    columns[i + j + 1] = _mm512_madd52hi_epu64(columns[i + j + 1], m, p[j]);
                }
            }
            let [_, _, _, _, _, a, b, c, d, e] = columns;
            Self::new(carried([a, b, c, d, e]))
        }
    }

    /// `self factor / 2^260`, for a factor in limbs.
    #[inline(always)]
    fn times(self, factor: &[u64; 5]) -> Self {
        self.mul(Self::new(each(factor)))
    }
}

impl<T: MontConfig<4>> Lanes<T> for Ifma<T> {
    #[inline(always)]
    fn read(block: &Block<T>) -> Self {
        let [a, b, c, d] = &block.words;
        Self::new(split([load(a), load(b), load(c), load(d)]))
    }

    #[inline(always)]
    fn read_shifted(block: &Block<T>, next: &Block<T>) -> Self {
        // SAFETY: see the file's argument.
        let shifted =
            |i: usize| unsafe { _mm512_alignr_epi64::<1>(load(&next.words[i]), load(&block.words[i])) };
        Self::new(split([0, 1, 2, 3].map(shifted)))
    }

    #[inline(always)]
    fn write(self, block: &mut Block<T>) {
        let words = join(self.limbs);
        for i in 0..4 {
            store(words[i], &mut block.words[i]);
        }
    }

    #[inline(always)]
    fn splat(scalar: &Scalar<T>) -> Self {
        Self::new(each(&scalar.limbs))
    }

    #[inline(always)]
    fn from_elements(elements: &[Element<T>; WIDTH]) -> Self {
        let mut words = [[0; WIDTH]; 4];
        for (i, element) in elements.iter().enumerate() {
            for (k, word) in element.0.0.iter().enumerate() {
                words[k][i] = *word;
            }
        }
        let [a, b, c, d] = &words;
        Self::new(split([load(a), load(b), load(c), load(d)])).times(&Limbs::<T>::ENTER)
    }

    #[inline(always)]
    fn to_elements(self) -> [Element<T>; WIDTH] {
        let vectors = join(self.times(&Limbs::<T>::LEAVE).limbs);
        let mut words = [[0; WIDTH]; 4];
        for i in 0..4 {
            store(vectors[i], &mut words[i]);
        }
        from_fn(|i| {
            let mut value = BigInt::new(words.map(|word| word[i]));
            if value >= T::MODULUS {
                ark_ff::BigInteger::sub_with_borrow(&mut value, &T::MODULUS);
            }
            Element::<T>::new_unchecked(value)
        })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let mut limbs = self.limbs;
        let twice = each(&Limbs::<T>::P2);
        for i in 0..5 {
            // SAFETY: see the file's argument.
            unsafe {
                limbs[i] = _mm512_sub_epi64(_mm512_add_epi64(limbs[i], other.limbs[i]), twice[i]);
            }
        }
        Self::reduced(limbs)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let mut limbs = self.limbs;
        for i in 0..5 {
            // SAFETY: see the file's argument.
            limbs[i] = unsafe { _mm512_sub_epi64(limbs[i], other.limbs[i]) };
        }
        Self::reduced(limbs)
    }

    /// Limb by limb of the other operand, a multiple of `p` is added that clears the lowest limb, which is dropped. Both products
    /// have accumulators of their own, so that neither waits for the other; none gets above `2^52 * 22`.
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let (a, b) = (self.limbs, other.limbs);
        // SAFETY: see the file's argument.
        unsafe {
            let zero = _mm512_setzero_si512();
            let p = each(&Limbs::<T>::P);
            let (inverse, mask) = (same(Limbs::<T>::INVERSE), same(MASK));
            let (mut t, mut u) = ([zero; 5], [zero; 5]);
            for b in b {
                t[0] = _mm512_madd52lo_epu64(t[0], a[0], b);
                let low = _mm512_add_epi64(t[0], u[0]);
                let m = _mm512_madd52lo_epu64(zero, low, inverse);
                for j in 1..5 {
                    t[j] = _mm512_madd52lo_epu64(t[j], a[j], b);
                }
                // The lowest product makes the low bits zero: it carries one, unless they were zero before.
                let carry = _mm512_srli_epi64::<52>(_mm512_add_epi64(low, mask));
                for j in 1..5 {
                    u[j] = _mm512_madd52lo_epu64(u[j], m, p[j]);
                }
                u[1] = _mm512_add_epi64(u[1], carry);
                for j in 0..4 {
                    t[j] = _mm512_madd52hi_epu64(t[j + 1], a[j], b);
                    u[j] = _mm512_madd52hi_epu64(u[j + 1], m, p[j]);
                }
                t[4] = _mm512_madd52hi_epu64(zero, a[4], b);
                u[4] = _mm512_madd52hi_epu64(zero, m, p[4]);
            }
            for j in 0..5 {
                t[j] = _mm512_add_epi64(t[j], u[j]);
            }
            Self::new(carried(t))
        }
    }

    /// Products of different limbs are the same twice.
    #[inline(always)]
    fn square(self) -> Self {
        let a = self.limbs;
        // SAFETY: see the file's argument.
        unsafe {
            let mut columns = [_mm512_setzero_si512(); 10];
            for i in 0..5 {
                for j in i + 1..5 {
                    columns[i + j] = _mm512_madd52lo_epu64(columns[i + j], a[i], a[j]);
                    columns[i + j + 1] = _mm512_madd52hi_epu64(columns[i + j + 1], a[i], a[j]);
                }
            }
            for i in 1..9 {
                columns[i] = _mm512_add_epi64(columns[i], columns[i]);
            }
            for i in 0..5 {
                columns[2 * i] = _mm512_madd52lo_epu64(columns[2 * i], a[i], a[i]);
                columns[2 * i + 1] = _mm512_madd52hi_epu64(columns[2 * i + 1], a[i], a[i]);
            }
            Self::divided(columns)
        }
    }

    /// One reduction for all. A product with a factor below `p` divided by `2^260` is below `p / 32`, so that with 16 of them, the
    /// addend below `2^254` and what the reduction adds, the invariant is kept; and a column is below `2^52 * 171`.
    #[inline(always)]
    fn form<const N: usize>(form: &Form<T, N>, values: &[Self; N]) -> Self {
        // SAFETY: see the file's argument.
        unsafe {
            let zero = _mm512_setzero_si512();
            let [a, b, c, d, e] = each(&form.addend);
            let mut columns = [a, b, c, d, e, zero, zero, zero, zero, zero];
            for k in 0..N {
                let value = values[k].limbs;
                for i in 0..5 {
                    let factor = same(form.factors[k][i]);
                    for j in 0..5 {
                        columns[i + j] = _mm512_madd52lo_epu64(columns[i + j], value[j], factor);
                        columns[i + j + 1] = _mm512_madd52hi_epu64(columns[i + j + 1], value[j], factor);
                    }
                }
            }
            Self::divided(columns)
        }
    }

    #[inline(always)]
    fn trade<const HALF: usize>(self, other: Self) -> (Self, Self) {
        let (mut low, mut high) = (self, other);
        for i in 0..5 {
            let (a, b) = (self.limbs[i], other.limbs[i]);
            // SAFETY: see the file's argument.
            (low.limbs[i], high.limbs[i]) = unsafe {
                match HALF {
                    1 => (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)),
                    2 => (
                        _mm512_permutex2var_epi64(a, _mm512_set_epi64(13, 12, 5, 4, 9, 8, 1, 0), b),
                        _mm512_permutex2var_epi64(a, _mm512_set_epi64(15, 14, 7, 6, 11, 10, 3, 2), b),
                    ),
                    _ => (
                        _mm512_shuffle_i64x2::<0x44>(a, b),
                        _mm512_shuffle_i64x2::<0xee>(a, b),
                    ),
                }
            };
        }
        (low, high)
    }

    #[inline(always)]
    fn zeros(self) -> u8 {
        // SAFETY: see the file's argument.
        unsafe {
            let zero = _mm512_setzero_si512();
            let (mut zeros, mut moduli) = (zero, zero);
            let p = each(&Limbs::<T>::P);
            for i in 0..5 {
                zeros = _mm512_or_si512(zeros, self.limbs[i]);
                moduli = _mm512_or_si512(moduli, _mm512_xor_si512(self.limbs[i], p[i]));
            }
            _mm512_cmpeq_epi64_mask(zeros, zero) | _mm512_cmpeq_epi64_mask(moduli, zero)
        }
    }

    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        let mut limbs = no.limbs;
        for i in 0..5 {
            // SAFETY: see the file's argument.
            limbs[i] = unsafe { _mm512_mask_blend_epi64(mask, limbs[i], yes.limbs[i]) };
        }
        Self::new(limbs)
    }

    #[inline(always)]
    fn gather(points: [&Point<T>; WIDTH]) -> (Self, Self) {
        let mut rows = [same(0); WIDTH];
        for i in 0..WIDTH {
            rows[i] = load(&points[i].words);
        }
        let [a, b, c, d, e, f, g, h] = transposed(rows);
        (Self::new(split([a, b, c, d])), Self::new(split([e, f, g, h])))
    }

    #[inline(always)]
    fn prefetch(point: &Point<T>) {
        // SAFETY: a hint; see the file's argument.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(point).cast()) };
    }

    #[inline(always)]
    fn scatter(first: Self, second: Self) -> [Point<T>; WIDTH] {
        let ([a, b, c, d], [e, f, g, h]) = (join(first.limbs), join(second.limbs));
        let rows = transposed([a, b, c, d, e, f, g, h]);
        let mut points = [Point::ZERO; WIDTH];
        for i in 0..WIDTH {
            store(rows[i], &mut points[i].words);
        }
        points
    }
}
