//! Outbox messages (FORMATS.md section 10): frames that the outbox accumulator absorbs (F3). A run that does not end ok restores
//! it.

use crate::memory::Memory;
use crate::number::{join4, limbs, mask_tail, swap_bytes};
use crate::sys::{F, f_add, f_lin, guest_load, poseidon5};

fn absorb(m: &Memory, a: F, b: F, c: F, d: F) {
    m.outbox.set(poseidon5(m.outbox.get(), a, b, c, d));
    m.outbox_frames.set(f_add(m.outbox_frames.get(), F::word(1)));
}

/// The first frame: kind, sender, payload length, destination, amount.
fn head(m: &Memory, kind: u64, sender: F, length: u32, to: F, amount: F) {
    // kind u8 | 1 zero | sender 20 | payload length u16 | 7 zero
    let who = f_lin::<240, 72>(F::word(kind), sender);
    let limb = f_lin::<0, 56>(who, F::word(u64::from(length)));
    m.messages.set(m.messages.get() + 1);
    absorb(m, limb, to, amount, F::word(0));
}

/// A withdrawal.
pub(crate) fn withdraw(m: &Memory, sender: F, to: F, amount: F) {
    head(m, 1, sender, 0, to, amount);
}

/// The module's bytes for an L1 contract.
pub(crate) fn send(m: &Memory, to: F, from: u32, length: u32) {
    head(m, 2, F::word(1), length, to, F::word(0));
    let mut at = 0;
    while at < length {
        for limb in &m.limbs {
            let w3 = number(from, at, 7, length);
            let w2 = number(from, at + 7, 8, length);
            let w1 = number(from, at + 15, 8, length);
            limb.set(join4((number(from, at + 23, 8, length), w1, w2, w3)));
            at += 31;
        }
        let (a, b, c, d) = limbs(m);
        absorb(m, a, b, c, d);
    }
}

/// The word of the bytes at byte `at`, a multiple of 8; bytes from `length` on are zero.
fn word(from: u32, at: u32, length: u32) -> u64 {
    if at + 8 <= length {
        guest_load::<0>(from + at)
    } else if at < length {
        mask_tail(guest_load::<0>(from + at), length)
    } else {
        0
    }
}

/// `count` of the bytes from byte `offset`, as a big-endian integer; bytes from `length` on are zero.
#[inline(never)]
fn number(from: u32, offset: u32, count: u32, length: u32) -> u64 {
    let (start, shift) = (offset & !7, 8 * (offset & 7));
    let mut bytes = word(from, start, length) >> shift;
    if shift != 0 {
        bytes |= word(from, start + 8, length) << (64 - shift);
    }
    swap_bytes(bytes) >> (64 - 8 * count)
}
