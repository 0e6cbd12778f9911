//! The module's memory: hashing bytes of it, and values that go into it. Limbs are 24 bytes, three words.

use crate::hint;
use crate::memory::Memory;
use crate::number::{join3, limbs, mask_tail};
use crate::sys::{F, guest_load, guest_store, hint as ask, poseidon5, require_eq};

/// Started words.
pub(crate) const fn words(bytes: u32) -> u32 {
    bytes.div_ceil(8)
}

/// Permutations that hash `bytes` bytes after `before` other elements.
pub(crate) const fn permutations(before: u32, bytes: u32) -> u32 {
    let blocks = (before + bytes.div_ceil(24)).div_ceil(4);
    if blocks == 0 { 1 } else { blocks }
}

/// The word at `at + OFFSET` of bytes of which `length` are left from `at` on.
#[inline(always)]
fn part<const OFFSET: u32>(at: u32, length: u32) -> u64 {
    if length >= OFFSET + 8 {
        guest_load::<OFFSET>(at)
    } else if length > OFFSET {
        mask_tail(guest_load::<OFFSET>(at), length)
    } else {
        0
    }
}

/// The limb of the bytes at `at`, of which `length` are left.
#[inline(never)]
fn limb(at: u32, length: u32) -> F {
    if length >= 24 {
        return full::<0, 8, 16>(at);
    }
    if length == 0 {
        return F::word(0);
    }
    join3(
        part::<0>(at, length),
        part::<8>(at, length),
        part::<16>(at, length),
    )
}

/// The limb behind `OFFSET` bytes of them.
#[inline(always)]
fn later<const OFFSET: u32>(at: u32, length: u32) -> F {
    limb(at + OFFSET, length.saturating_sub(OFFSET))
}

/// The limb of whole words.
#[inline(always)]
fn full<const A: u32, const B: u32, const C: u32>(at: u32) -> F {
    join3(guest_load::<A>(at), guest_load::<B>(at), guest_load::<C>(at))
}

/// Hashes `length` bytes at `at` into the state `acc`.
pub(crate) fn hash(mut acc: F, mut at: u32, mut length: u32) -> F {
    let nil = F::word(0);
    if length <= 24 {
        return poseidon5(acc, limb(at, length), nil, nil, nil);
    }
    while length >= 96 {
        acc = poseidon5(
            acc,
            full::<0, 8, 16>(at),
            full::<24, 32, 40>(at),
            full::<48, 56, 64>(at),
            full::<72, 80, 88>(at),
        );
        at += 96;
        length -= 96;
    }
    if length > 0 {
        let (a, b) = (limb(at, length), later::<24>(at, length));
        acc = poseidon5(acc, a, b, later::<48>(at, length), later::<72>(at, length));
    }
    acc
}

/// Hashes an element, and `length` bytes at `at`, into the state `acc`.
pub(crate) fn hash_with(acc: F, first: F, at: u32, length: u32) -> F {
    let (a, b) = (limb(at, length), later::<24>(at, length));
    let acc = poseidon5(acc, first, a, b, later::<48>(at, length));
    if length <= 72 {
        return acc;
    }
    hash(acc, at + 72, length - 72)
}

/// Takes a value of `length` bytes from the prover: words that hash to `value` from the state `acc`. Writes them at `to` if
/// `write` says so.
pub(crate) fn take_value(m: &Memory, mut acc: F, value: F, mut to: u32, length: u32, write: bool) {
    let mut left = words(length);
    while left >= 12 {
        let a = take_limb::<0, 8, 16>(to, write);
        let b = take_limb::<24, 32, 40>(to, write);
        let c = take_limb::<48, 56, 64>(to, write);
        let d = take_limb::<72, 80, 88>(to, write);
        acc = poseidon5(acc, a, b, c, d);
        to += 96;
        left -= 12;
    }
    if left > 0 || length == 0 {
        // The last block: words past the end are zero.
        for limb in &m.limbs {
            let w0 = take_word::<0>(0, left, to, write);
            let w1 = take_word::<8>(1, left, to, write);
            let w2 = take_word::<16>(2, left, to, write);
            limb.set(join3(w0, w1, w2));
            to += 24;
            left = left.saturating_sub(3);
        }
        let (a, b, c, d) = limbs(m);
        acc = poseidon5(acc, a, b, c, d);
    }
    require_eq(acc, value);
}

/// A limb of three words from the prover, which go to the module if `write` says so.
#[inline(always)]
fn take_limb<const A: u32, const B: u32, const C: u32>(to: u32, write: bool) -> F {
    let nil = F::word(0);
    let w0 = ask::<{ hint::VALUE_WORD }>(nil);
    let w1 = ask::<{ hint::VALUE_WORD }>(nil);
    let w2 = ask::<{ hint::VALUE_WORD }>(nil);
    if write {
        guest_store::<A>(to, w0);
        guest_store::<B>(to, w1);
        guest_store::<C>(to, w2);
    }
    join3(w0, w1, w2)
}

/// Word `place` of such a limb; zero if less words are left.
#[inline(always)]
fn take_word<const OFFSET: u32>(place: u32, left: u32, to: u32, write: bool) -> u64 {
    if place >= left {
        return 0;
    }
    let word = ask::<{ hint::VALUE_WORD }>(F::word(0));
    if write {
        guest_store::<OFFSET>(to, word);
    }
    word
}

/// Copies payload words to the module.
pub(crate) fn write_payload(m: &Memory, mut to: u32) {
    let count = words(m.length.get());
    let payload = m.payload.get(..count as usize).unwrap_or_default();
    let (fours, rest) = payload.as_chunks::<4>();
    for [w0, w1, w2, w3] in fours {
        guest_store::<0>(to, w0.get());
        guest_store::<8>(to, w1.get());
        guest_store::<16>(to, w2.get());
        guest_store::<24>(to, w3.get());
        to += 32;
    }
    for word in rest {
        guest_store::<0>(to, word.get());
        to += 8;
    }
}
