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

/// The limb of the bytes at `at`, of which `length` are left.
#[inline(always)]
fn limb(length: u32, word: impl Fn(u32) -> u64) -> F {
    if length >= 24 {
        return join3(word(0), word(8), word(16));
    }
    let part = |place: u32| {
        if length >= place + 8 {
            word(place)
        } else if length > place {
            mask_tail(word(place), length)
        } else {
            0
        }
    };
    join3(part(0), part(8), part(16))
}

/// Hashes `length` bytes at `at` into the state `acc`, after the `held` elements that `m.limbs` starts with: one or none.
pub(crate) fn hash(m: &Memory, mut acc: F, mut held: u32, mut at: u32, mut length: u32) -> F {
    let nil = F::word(0);
    if held == 0 && length <= 24 {
        return poseidon5(acc, limb(length, |place| guest_load(at + place)), nil, nil, nil);
    }
    loop {
        if held == 0 {
            while length >= 96 {
                let full = |place: u32| {
                    let from = at + place;
                    join3(guest_load(from), guest_load(from + 8), guest_load(from + 16))
                };
                acc = poseidon5(acc, full(0), full(24), full(48), full(72));
                at += 96;
                length -= 96;
            }
            if length == 0 {
                return acc;
            }
        }
        // A block with less than 96 bytes of these, or the first.
        while held < 4 {
            let next = if length == 0 {
                nil
            } else {
                limb(length, |place| guest_load(at + place))
            };
            crate::table::at(&m.limbs, held).set(next);
            at += 24;
            length = length.saturating_sub(24);
            held += 1;
        }
        held = 0;
        let (a, b, c, d) = limbs(m);
        acc = poseidon5(acc, a, b, c, d);
        if length == 0 {
            return acc;
        }
    }
}

/// Takes a value of `length` bytes from the prover: words that hash to `value` from the state `acc`. Writes them at `to` if
/// `write` says so.
pub(crate) fn take_value(m: &Memory, mut acc: F, value: F, mut to: u32, length: u32, write: bool) {
    let count = words(length);
    let mut place = 0;
    loop {
        for limb in &m.limbs {
            let w0 = take_word(place, count, to, write);
            let w1 = take_word(place + 1, count, to + 8, write);
            let w2 = take_word(place + 2, count, to + 16, write);
            limb.set(join3(w0, w1, w2));
            place += 3;
            to += 24;
        }
        let (a, b, c, d) = limbs(m);
        acc = poseidon5(acc, a, b, c, d);
        if place >= count {
            return require_eq(acc, value);
        }
    }
}

/// A word of such a value; zero past its end.
fn take_word(place: u32, count: u32, to: u32, write: bool) -> u64 {
    if place >= count {
        return 0;
    }
    let word = ask::<{ hint::VALUE_WORD }>(F::word(0));
    if write {
        guest_store(to, word);
    }
    word
}

/// Copies payload words to the module.
pub(crate) fn write_payload(m: &Memory, mut to: u32) {
    let count = words(m.length.get());
    for word in m.payload.get(..count as usize).unwrap_or_default() {
        guest_store(to, word.get());
        to += 8;
    }
}
