//! The tape: frames from the prover, bound by the tape accumulator; the records' places; payloads as guest words.

use crate::constants::CALL;
use crate::hint;
use crate::memory::Memory;
use crate::number::{MASK_56, Words, join4, limbs, mask_tail, swap_bytes};
use crate::sys::{F, f_add, f_lin, fail, hint as ask, konst, poseidon5, require};
use crate::table::at;
use core::cell::Cell;

/// Kinds of records.
mod kind {
    pub(super) const INBOX: u64 = 0x80;
    pub(super) const BLOCK: u64 = 0x01;
    pub(super) const CALL: u64 = 0x02;
    pub(super) const NEW_KEY_CALL: u64 = 0x03;
    pub(super) const GENESIS: u64 = 0x06;
    pub(super) const UPGRADE: u64 = 0x07;
    pub(super) const DEPOSIT: u64 = 0x84;
    pub(super) const L1_CALL: u64 = 0x85;
}

/// A limb from the prover: words that are below 2^248 together.
#[inline(always)]
pub(crate) fn hinted_limb<const KIND: u32>() -> Words {
    let nil = F::word(0);
    let w3 = ask::<KIND>(nil);
    require(w3 <= MASK_56);
    let (w2, w1, w0) = (ask::<KIND>(nil), ask::<KIND>(nil), ask::<KIND>(nil));
    (w0, w1, w2, w3)
}

/// Reads the next frame of the record and absorbs it.
pub(crate) fn read_frame(m: &Memory) {
    for (place, limb) in m.limbs.iter().enumerate() {
        let words = hinted_limb::<{ hint::TAPE }>();
        let place = 4 * place as u32;
        at(&m.frame, place).set(words.3);
        at(&m.frame, place + 1).set(words.2);
        at(&m.frame, place + 2).set(words.1);
        at(&m.frame, place + 3).set(words.0);
        limb.set(join4(words));
    }
    let (a, b, c, d) = limbs(m);
    m.tape.set(poseidon5(m.tape.get(), a, b, c, d));
    m.tape_frames.set(f_add(m.tape_frames.get(), F::word(1)));
    m.frames.set(m.frames.get() + 1);
    if m.forced.get() != 0 {
        m.inbox.set(poseidon5(m.inbox.get(), a, b, c, d));
    }
}

/// Applies the next record.
pub(crate) fn record(m: &Memory) {
    m.frames.set(0);
    m.forced.set(0);
    // The first frame's kind decides whether the inbox absorbs it, so the inbox absorbs it here.
    read_frame(m);
    let whole = m.frame[0].get() >> 48;
    let first = m.first.get() != 0;
    m.first.set(0);
    require(first == (whole == kind::GENESIS));
    require(m.activating.get() == 0 || whole == kind::BLOCK);
    if whole & kind::INBOX != 0 {
        require(m.has_l1.get() != 0);
        m.forced.set(1);
        let (a, b, c, d) = limbs(m);
        m.inbox.set(poseidon5(m.inbox.get(), a, b, c, d));
        m.inbox_records.set(f_add(m.inbox_records.get(), F::word(1)));
    }
    match whole {
        kind::BLOCK => crate::block::block(m),
        kind::GENESIS => crate::genesis::genesis(m),
        kind::UPGRADE => crate::block::upgrade(m),
        kind::DEPOSIT => crate::block::deposit(m),
        kind::L1_CALL => crate::call::l1_call(m),
        _ => match whole & !kind::INBOX {
            kind::CALL => crate::call::signed_call(m, false),
            kind::NEW_KEY_CALL => crate::call::signed_call(m, true),
            _ => fail(),
        },
    }
}

/// Starts the message hash of a call with the record's first frame, which has been read: `hash(call; chain id, limb 0 without R, S
/// and inbox bit, limb 3, limbs of the frames that follow)`.
pub(crate) fn begin_message(m: &Memory, frames: u32) {
    let (w3, w2, w1, w0) = (
        m.frame[0].get(),
        m.frame[1].get(),
        m.frame[2].get(),
        m.frame[3].get(),
    );
    let plain = join4((w0, w1, w2, w3 & 0x007f_0000_ffff_ffff));
    let elements = 3 + 4 * (frames - 1);
    m.message[0].set(f_add(konst!(CALL), F::word(u64::from(elements))));
    m.message[1].set(m.chain_id.get());
    m.message[2].set(plain);
    m.message[3].set(m.limbs[3].get());
}

/// Absorbs the frame that was read last into the message hash.
pub(crate) fn extend_message(m: &Memory) {
    let [acc, a, b, c] = &m.message;
    let (acc, a, b, c) = (acc.get(), a.get(), b.get(), c.get());
    m.message[0].set(poseidon5(acc, a, b, c, m.limbs[0].get()));
    m.message[1].set(m.limbs[1].get());
    m.message[2].set(m.limbs[2].get());
    m.message[3].set(m.limbs[3].get());
}

/// The message hash.
pub(crate) fn end_message(m: &Memory) -> F {
    let [acc, a, b, c] = &m.message;
    let (acc, a, b, c) = (acc.get(), a.get(), b.get(), c.get());
    poseidon5(acc, a, b, c, F::word(0))
}

/// Starts decoding a payload.
pub(crate) fn begin_payload(m: &Memory) {
    m.decoded.set(0);
    m.pending.set(0);
    m.pending_bytes.set(0);
}

fn emit(m: &Memory, word: u64) {
    let place = m.decoded.get();
    m.decoded.set(place + 1);
    at(&m.payload, place).set(swap_bytes(word));
}

/// The ten payload bytes of a call's first frame.
pub(crate) fn payload_of_first(m: &Memory) {
    let (high, low) = (m.frame[14].get() & 0xffff, m.frame[15].get());
    emit(m, high << 48 | low >> 16);
    m.pending.set(low & 0xffff);
    m.pending_bytes.set(2);
}

/// All bytes of the frame that was read last: of each limb 31, one less than whole words.
pub(crate) fn payload_of_frame(m: &Memory) {
    let mut held = m.pending_bytes.get();
    for words in m.frame.chunks_exact(4) {
        match held {
            0 => {
                // Nothing is pending: the first seven bytes are.
                let [w3, w2, w1, w0] = words else { fail() };
                m.pending.set(w3.get());
                push::<8, 56>(m, w2.get());
                push::<8, 56>(m, w1.get());
                push::<8, 56>(m, w0.get());
            }
            1 => limb::<56, 64, 0>(m, words),
            2 => limb::<48, 56, 8>(m, words),
            3 => limb::<40, 48, 16>(m, words),
            4 => limb::<32, 40, 24>(m, words),
            5 => limb::<24, 32, 32>(m, words),
            6 => limb::<16, 24, 40>(m, words),
            _ => limb::<8, 16, 48>(m, words),
        }
        held = held.wrapping_sub(1) & 7;
    }
    m.pending_bytes.set(held);
}

/// The seven bytes and three words of a limb.
#[inline(always)]
fn limb<const FIRST_UP: i32, const UP: i32, const DOWN: u32>(m: &Memory, words: &[Cell<u64>]) {
    let [w3, w2, w1, w0] = words else { fail() };
    push::<FIRST_UP, DOWN>(m, w3.get());
    push::<UP, DOWN>(m, w2.get());
    push::<UP, DOWN>(m, w1.get());
    push::<UP, DOWN>(m, w0.get());
}

/// Fills the pending bytes up to a word: they go up by `UP` bits, the bytes of `word` down by `DOWN`, and what they lose there is pending.
#[inline(always)]
fn push<const UP: i32, const DOWN: u32>(m: &Memory, word: u64) {
    let whole = f_lin::<UP, 0>(F::word(m.pending.get()), F::word(word >> DOWN)).known_word();
    emit(m, whole);
    m.pending.set(word & ((1 << DOWN) - 1));
}

/// Ends decoding; whether everything after the payload's length is zero.
pub(crate) fn end_payload(m: &Memory) -> bool {
    let held = m.pending_bytes.get();
    if held != 0 {
        emit(m, m.pending.get() << (64 - 8 * held));
    }
    let (length, words) = (m.length.get(), m.decoded.get());
    let mut place = length / 8;
    if length & 7 != 0 {
        let word = at(&m.payload, place).get();
        if mask_tail(word, length) != word {
            return false;
        }
        place += 1;
    }
    while place < words {
        if at(&m.payload, place).get() != 0 {
            return false;
        }
        place += 1;
    }
    true
}

/// `count` bytes of the payload from byte `from`, at most eight, as a big-endian integer. They must be inside.
///
/// Not inlined: with a constant place, the compiler would make an access that straddles words of it.
#[inline(never)]
pub(crate) fn payload_number(m: &Memory, from: u32, count: u32) -> u64 {
    let (place, shift) = (from / 8, 8 * (from % 8));
    let mut word = at(&m.payload, place).get() >> shift;
    if shift != 0 {
        word |= at(&m.payload, place + 1).get() << (64 - shift);
    }
    swap_bytes(word) >> (64 - 8 * count)
}

/// Makes the payload what follows its first `count` bytes, at most the payload's length.
#[inline(never)]
pub(crate) fn drop_payload(m: &Memory, count: u32) {
    let rest = m.length.get() - count;
    let (words, shift) = (count / 8, 8 * (count % 8));
    for place in 0..rest.div_ceil(8) {
        let mut word = at(&m.payload, place + words).get() >> shift;
        if shift != 0 {
            word |= at(&m.payload, place + words + 1).get() << (64 - shift);
        }
        at(&m.payload, place).set(word);
    }
    // What was read past the end may be an older record's.
    if rest & 7 != 0 {
        let last = at(&m.payload, rest / 8);
        last.set(mask_tail(last.get(), rest));
    }
    m.length.set(rest);
}
