//! Words and elements: canonical integers of elements, 128-bit amounts, bytes in the other order.

use crate::constants::{MODULUS, WORD_2_128};
use crate::hint;
use crate::memory::Memory;
use crate::sys::{F, f_add, f_eq, f_lin, f_sub, hint as ask, konst, require, require_eq};

/// Four words, least significant first. Only functions that are always inlined take or give them: others would put them in memory,
/// under a stack pointer that exits leave behind.
pub(crate) type Words = (u64, u64, u64, u64);

pub(crate) const MASK_16: u64 = (1 << 16) - 1;
pub(crate) const MASK_48: u64 = (1 << 48) - 1;
pub(crate) const MASK_56: u64 = (1 << 56) - 1;

/// The element `w0 + w1 2^64`.
#[inline(always)]
pub(crate) fn join2(w0: u64, w1: u64) -> F {
    f_lin::<0, 64>(F::word(w0), F::word(w1))
}

/// The element of three words: a 24-byte limb, an account id.
#[inline(always)]
pub(crate) fn join3(w0: u64, w1: u64, w2: u64) -> F {
    f_lin::<0, 128>(join2(w0, w1), F::word(w2))
}

/// The element of four words, reduced if they are not below the modulus.
#[inline(always)]
pub(crate) fn join4((w0, w1, w2, w3): Words) -> F {
    f_lin::<0, 128>(join2(w0, w1), join2(w2, w3))
}

/// `words < bound`, as integers.
#[inline(always)]
pub(crate) fn below((w0, w1, w2, w3): Words, bound: [u64; 4]) -> bool {
    if w3 != bound[3] {
        return w3 < bound[3];
    }
    if w2 != bound[2] {
        return w2 < bound[2];
    }
    if w1 != bound[1] {
        return w1 < bound[1];
    }
    w0 < bound[0]
}

/// Some words of which the element is the sum; with a bound of at most the modulus they are the only ones.
#[inline(always)]
pub(crate) fn hinted_words(e: F) -> Words {
    let words = (
        ask::<{ hint::WORD0 }>(e),
        ask::<{ hint::WORD1 }>(e),
        ask::<{ hint::WORD2 }>(e),
        ask::<{ hint::WORD3 }>(e),
    );
    require_eq(join4(words), e);
    words
}

/// The canonical integer of an element.
#[inline(always)]
pub(crate) fn canonical(e: F) -> Words {
    let words = hinted_words(e);
    require(below(words, MODULUS));
    words
}

/// The low 248 bits of the canonical integer.
#[inline(always)]
pub(crate) fn low248(e: F) -> Words {
    let (w0, w1, w2, w3) = canonical(e);
    (w0, w1, w2, w3 & MASK_56)
}

/// The integer of an element that has to be below 2^64.
#[inline(always)]
pub(crate) fn to_word(e: F) -> u64 {
    let word = ask::<{ hint::WORD0 }>(e);
    require_eq(F::word(word), e);
    word
}

#[inline(always)]
pub(crate) fn is_zero(e: F) -> bool {
    f_eq(e, F::word(0))
}

/// Shows that an element is below 2^128, and leaves its words in `m.wide`.
fn wide(m: &Memory, e: F) {
    let (low, high) = (ask::<{ hint::WORD0 }>(e), ask::<{ hint::WORD1 }>(e));
    require_eq(join2(low, high), e);
    m.wide[0].set(low);
    m.wide[1].set(high);
}

/// Whether `a >= b`, both below 2^128; then `m.wide` is the difference.
pub(crate) fn subtract(m: &Memory, a: F, b: F) -> bool {
    let difference = f_sub(a, b);
    let fits = ask::<{ hint::SMALL }>(difference) != 0;
    // A negative difference is no number below 2^128 in the field; neither is b - a - 1 if b <= a.
    wide(
        m,
        if fits {
            difference
        } else {
            f_sub(f_sub(b, a), F::word(1))
        },
    );
    fits
}

/// Whether `a + b < 2^128`, both below 2^128; then `m.wide` is the sum.
pub(crate) fn add(m: &Memory, a: F, b: F) -> bool {
    let sum = f_add(a, b);
    let fits = ask::<{ hint::SMALL }>(sum) != 0;
    wide(m, if fits { sum } else { f_sub(sum, konst!(WORD_2_128)) });
    fits
}

/// The word's bytes in the other order.
pub(crate) fn swap_bytes(word: u64) -> u64 {
    const BYTES: u64 = 0x00ff_00ff_00ff_00ff;
    const PAIRS: u64 = 0x0000_ffff_0000_ffff;
    // Sums in the field: a bitwise or costs twice as much. They are words, the parts' bits being apart.
    let pairs = f_lin::<8, 0>(F::word(word & BYTES), F::word(word >> 8 & BYTES)).known_word();
    let halves = f_lin::<16, 0>(F::word(pairs & PAIRS), F::word(pairs >> 16 & PAIRS)).known_word();
    halves.rotate_left(32)
}

/// The limbs that were read or packed last.
#[inline(always)]
pub(crate) fn limbs(m: &Memory) -> (F, F, F, F) {
    let [a, b, c, d] = &m.limbs;
    (a.get(), b.get(), c.get(), d.get())
}

/// The low `length mod 8` bytes of a word; all of them for 0.
pub(crate) fn mask_tail(word: u64, length: u32) -> u64 {
    match length & 7 {
        0 => word,
        bytes => {
            let shift = 64 - 8 * bytes;
            word << shift >> shift
        }
    }
}
