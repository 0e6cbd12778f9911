//! A segment: the boundary before, its records, the boundary after.

use crate::constants::{INBOX, OUTBOX, RANDOM, RECEIPTS, TAPE};
use crate::hint;
use crate::memory::Memory;
use crate::number::{MASK_48, canonical, is_zero, join4, low248, to_word};
use crate::sys::{
    F, PUBLIC, aux, finish, hint as ask, konst, memory, module, poseidon5, require, require_eq,
};

/// Public inputs by their place.
mod public {
    pub(super) const CHAIN_ID: u64 = 0;
    // 1 is the payout key: it is absorbed by the transcript, and nothing else is said about it.
    pub(super) const WORK: u64 = 2;
    pub(super) const BEFORE: u64 = 3;
    pub(super) const AFTER: u64 = 17;
}

/// Elements of a boundary by their place.
mod element {
    pub(super) const MODULE: u64 = 0;
    pub(super) const VK_SET_ROOT: u64 = 1;
    pub(super) const STATE_ROOT: u64 = 2;
    pub(super) const TAPE: u64 = 3;
    pub(super) const TAPE_FRAMES: u64 = 4;
    pub(super) const RECEIPTS: u64 = 5;
    pub(super) const OUTBOX: u64 = 6;
    pub(super) const OUTBOX_FRAMES: u64 = 7;
    pub(super) const INBOX: u64 = 8;
    pub(super) const INBOX_RECORDS: u64 = 9;
    pub(super) const HEIGHT: u64 = 10;
    pub(super) const TIME: u64 = 11;
    pub(super) const RANDOMNESS: u64 = 12;
    pub(super) const ACTIVATING: u64 = 13;
}

#[inline(always)]
fn before(element: u64) -> F {
    aux::<PUBLIC>(public::BEFORE + element)
}

#[inline(always)]
fn require_after(element: u64, value: F) {
    require_eq(aux::<PUBLIC>(public::AFTER + element), value);
}

/// Where the program starts.
pub(crate) fn boot() -> ! {
    let kernel = memory();
    let m: &Memory = &kernel;
    let chain = aux::<PUBLIC>(public::CHAIN_ID);
    m.chain_id.set(chain);
    let (w0, w1, w2, w3) = canonical(chain);
    m.chain_words[0].set(w0);
    m.chain_words[1].set(w1);
    m.chain_words[2].set(w2);
    m.chain_words[3].set(w3);
    // S1: the verifying key's module is the boundary's.
    let hash = before(element::MODULE);
    require_eq(hash, module::module_hash());
    m.module.set(hash);
    m.vk_set_root.set(before(element::VK_SET_ROOT));
    m.tape.set(before(element::TAPE));
    m.tape_frames.set(before(element::TAPE_FRAMES));
    m.receipts.set(before(element::RECEIPTS));
    m.outbox.set(before(element::OUTBOX));
    m.outbox_frames.set(before(element::OUTBOX_FRAMES));
    m.inbox.set(before(element::INBOX));
    m.inbox_records.set(before(element::INBOX_RECORDS));
    m.height.set(to_word(before(element::HEIGHT)));
    let (time, activating) = (
        to_word(before(element::TIME)),
        to_word(before(element::ACTIVATING)),
    );
    require(time <= MASK_48 && activating <= MASK_48);
    m.time.set(time);
    m.random.set(before(element::RANDOMNESS));
    m.activating.set(activating);
    let records = ask::<{ hint::RECORDS }>(F::word(0));
    require(records != 0);
    m.records.set(records);
    if is_zero(m.tape_frames.get()) {
        m.first.set(1);
        check_before_genesis(m);
    } else {
        crate::block::load_params(m);
    }
    run(m)
}

/// G1: the boundary before genesis.
fn check_before_genesis(m: &Memory) {
    let (nil, chain) = (F::word(0), m.chain_id.get());
    require_eq(m.vk_set_root.get(), nil);
    require_eq(before(element::STATE_ROOT), nil);
    require_eq(m.tape.get(), poseidon5(konst!(TAPE), chain, nil, nil, nil));
    require_eq(
        m.receipts.get(),
        poseidon5(konst!(RECEIPTS), chain, nil, nil, nil),
    );
    require_eq(m.outbox.get(), poseidon5(konst!(OUTBOX), chain, nil, nil, nil));
    require_eq(m.outbox_frames.get(), nil);
    require_eq(m.inbox.get(), poseidon5(konst!(INBOX), chain, nil, nil, nil));
    require_eq(m.inbox_records.get(), nil);
    require(m.height.get() == 0 && m.time.get() == 0 && m.activating.get() == 0);
    require_eq(
        m.random.get(),
        join4(low248(poseidon5(konst!(RANDOM), chain, nil, nil, nil))),
    );
}

/// Goes on with the next record, or ends the segment.
pub(crate) fn run(m: &Memory) -> ! {
    loop {
        let records = m.records.get();
        if records == 0 {
            close(m);
        }
        m.records.set(records - 1);
        crate::tape::record(m);
    }
}

/// The boundary after is what the public inputs say.
fn close(m: &Memory) -> ! {
    require_eq(aux::<PUBLIC>(public::WORK), F::word(m.work.get()));
    require_after(element::MODULE, m.module.get());
    require_after(element::VK_SET_ROOT, m.vk_set_root.get());
    require_after(
        element::STATE_ROOT,
        crate::tree::update(m, before(element::STATE_ROOT)),
    );
    require_after(element::TAPE, m.tape.get());
    require_after(element::TAPE_FRAMES, m.tape_frames.get());
    require_after(element::RECEIPTS, m.receipts.get());
    require_after(element::OUTBOX, m.outbox.get());
    require_after(element::OUTBOX_FRAMES, m.outbox_frames.get());
    require_after(element::INBOX, m.inbox.get());
    require_after(element::INBOX_RECORDS, m.inbox_records.get());
    require_after(element::HEIGHT, F::word(m.height.get()));
    require_after(element::TIME, F::word(m.time.get()));
    require_after(element::RANDOMNESS, m.random.get());
    require_after(element::ACTIVATING, F::word(m.activating.get()));
    finish()
}
