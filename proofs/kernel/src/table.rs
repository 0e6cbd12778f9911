//! The state as the segment sees it: two tables, one of state keys with hashes of values, one of system records in plain words.
//!
//! Lookups take the prover's word for a place and compare what stands there. A key that is not in a table is appended, with the
//! value hash that the prover says it had before the segment. All of that is settled by the update of the state at the end
//! ([`crate::tree`]): every key stands in the table once, and had that value.
//!
//! A run of the module logs what it changes first, so that an end that is not ok restores it.

use crate::constants::{RECORD, SYSTEM};
use crate::hint;
use crate::memory::{Entry, Memory, Slot, Small};
use crate::number::{is_zero, join3, join4, low248};
use crate::sys::{F, add_lin, fail, hint as ask, hint_f, konst, poseidon5, require_eq};
use core::cell::Cell;

/// Kinds of system records.
pub(crate) mod kind {
    /// An account; index 0.
    pub(crate) const ACCOUNT: u64 = 1;
    /// A key of an account.
    pub(crate) const KEY: u64 = 2;
    /// The parameters; nobody's.
    pub(crate) const PARAMS: u64 = 3;
    /// The announced upgrade; nobody's.
    pub(crate) const UPGRADE: u64 = 4;
}

/// The element of a table at a place; no place, no proof.
#[inline(always)]
pub(crate) fn at<T>(table: &[T], place: u32) -> &T {
    match table.get(place as usize) {
        Some(found) => found,
        None => fail(),
    }
}

/// The count, after adding one to it.
#[inline(always)]
fn take_place(count: &Small) -> u32 {
    let place = count.get();
    count.set(place + 1);
    place
}

/// Adds a state key.
fn append(m: &Memory, key: F, w0: u64, w1: u64, w2: u64, w3: u64) -> &Entry {
    let place = take_place(&m.entry_count);
    let entry = at(&m.entries, place);
    entry.own.set(place);
    entry.key.set(key);
    entry.words[0].set(w0);
    entry.words[1].set(w1);
    entry.words[2].set(w2);
    entry.words[3].set(w3);
    let initial = hint_f::<{ hint::INITIAL }>(key);
    entry.initial.set(initial);
    entry.value.set(initial);
    entry
}

/// Adds a state key that the prover wants opened. Any key is as good as any other.
pub(crate) fn append_extra(m: &Memory) {
    let words = crate::tape::hinted_limb::<{ hint::EXTRA_WORD }>();
    append(m, join4(words), words.0, words.1, words.2, words.3);
}

/// The entry of a module's key, given the hash of its bytes.
pub(crate) fn entry(m: &Memory, hash: F) -> &Entry {
    let words = low248(hash);
    let key = join4(words);
    let place = ask::<{ hint::ENTRY }>(key);
    if place < u64::from(m.entry_count.get()) {
        let entry = at(&m.entries, place as u32);
        require_eq(entry.key.get(), key);
        return entry;
    }
    append(m, key, words.0, words.1, words.2, words.3)
}

/// Sets a module's value.
pub(crate) fn set_value(m: &Memory, entry: &Entry, value: F) {
    let run = m.run.get();
    if entry.saved.get() != run {
        entry.saved.set(run);
        let saved = at(&m.entry_log, take_place(&m.entry_log_count));
        saved.entry.set(entry.own.get());
        saved.value.set(entry.value.get());
    }
    entry.value.set(value);
}

/// The system record of an account (0 for nobody), opened at its first use.
pub(crate) fn slot(m: &Memory, kind: u64, index: u64, account: F) -> &Slot {
    let name = add_lin::<168, 160>(account, F::word(kind), F::word(index));
    let place = ask::<{ hint::SLOT }>(name);
    if place < u64::from(m.slot_count.get()) {
        let slot = at(&m.slots, place as u32);
        require_eq(slot.name.get(), name);
        return slot;
    }
    open(m, name, kind, index, account)
}

fn open(m: &Memory, name: F, kind: u64, index: u64, account: F) -> &Slot {
    let place = take_place(&m.slot_count);
    let slot = at(&m.slots, place);
    slot.own.set(place);
    slot.name.set(name);
    let nil = F::word(0);
    let words = low248(poseidon5(
        konst!(SYSTEM),
        F::word(kind),
        account,
        F::word(index),
        nil,
    ));
    let entry = append(m, join4(words), words.0, words.1, words.2, words.3);
    slot.entry.set(entry.own.get());
    let initial = entry.initial.get();
    if !is_zero(initial) {
        slot.present.set(1);
        // A system record has 96 bytes: the tag says so.
        ask::<{ hint::VALUE_LENGTH }>(initial);
        for word in &slot.words {
            word.set(ask::<{ hint::VALUE_WORD }>(nil));
        }
        require_eq(hash_record(&slot.words), initial);
    }
    slot
}

/// The value hash of a system record.
pub(crate) fn hash_record(w: &[Cell<u64>; 12]) -> F {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = w;
    poseidon5(
        konst!(RECORD),
        join3(a.get(), b.get(), c.get()),
        join3(d.get(), e.get(), f.get()),
        join3(g.get(), h.get(), i.get()),
        join3(j.get(), k.get(), l.get()),
    )
}

/// To be called before a system record is changed.
pub(crate) fn will_change(m: &Memory, slot: &Slot) {
    slot.dirty.set(1);
    let run = m.run.get();
    if m.logging.get() == 0 || slot.saved.get() == run {
        return;
    }
    slot.saved.set(run);
    let saved = at(&m.slot_log, take_place(&m.slot_log_count));
    saved.slot.set(slot.own.get());
    saved.present.set(slot.present.get());
    for (to, from) in saved.words.iter().zip(&slot.words) {
        to.set(from.get());
    }
}

/// Sets all words of a system record, which is there then.
macro_rules! write_record {
    ($m:expr, $slot:expr, $($word:expr),+ $(,)?) => {{
        let slot: &$crate::memory::Slot = $slot;
        $crate::table::will_change($m, slot);
        slot.present.set(1);
        let mut place = 0;
        $(slot.words[place].set($word); place += 1;)+
        debug_assert!(place == 12);
    }};
}
pub(crate) use write_record;

/// Starts logging: what follows can be undone.
pub(crate) fn begin(m: &Memory) {
    m.run.set(m.run.get() + 1);
    m.logging.set(1);
    m.entry_log_count.set(0);
    m.slot_log_count.set(0);
}

/// Ends logging: keeps what was changed, or restores it.
pub(crate) fn end(m: &Memory, keep: bool) {
    m.logging.set(0);
    if keep {
        return;
    }
    for place in 0..m.entry_log_count.get() {
        let saved = at(&m.entry_log, place);
        at(&m.entries, saved.entry.get()).value.set(saved.value.get());
    }
    for place in 0..m.slot_log_count.get() {
        let saved = at(&m.slot_log, place);
        let slot = at(&m.slots, saved.slot.get());
        slot.present.set(saved.present.get());
        for (to, from) in slot.words.iter().zip(&saved.words) {
            to.set(from.get());
        }
    }
}

/// At the end: value hashes of the system records that were changed.
pub(crate) fn hash_slots(m: &Memory) {
    for place in 0..m.slot_count.get() {
        let slot = at(&m.slots, place);
        if slot.dirty.get() != 0 {
            let value = if slot.present.get() != 0 {
                hash_record(&slot.words)
            } else {
                F::word(0)
            };
            at(&m.entries, slot.entry.get()).value.set(value);
        }
    }
}

/// An account's balance.
pub(crate) fn balance(slot: &Slot) -> F {
    // An account that is not there has zero words.
    crate::number::join2(slot.words[0].get(), slot.words[1].get())
}

/// Sets an account's balance, making its record if it has none.
pub(crate) fn set_balance(m: &Memory, slot: &Slot, low: u64, high: u64) {
    will_change(m, slot);
    if slot.present.get() == 0 {
        slot.present.set(1);
        slot.words[10].set(1);
    }
    slot.words[0].set(low);
    slot.words[1].set(high);
}

/// Adds to a balance (T5): nothing for 0; what would reach 2^128 is lost.
pub(crate) fn credit(m: &Memory, slot: &Slot, amount: F) {
    if is_zero(amount) {
        return;
    }
    if crate::number::add(m, balance(slot), amount) {
        set_balance(m, slot, m.wide[0].get(), m.wide[1].get());
    } else {
        set_balance(m, slot, u64::MAX, u64::MAX);
    }
}

/// What came of a transfer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    Done,
    Insufficient,
    Overflow,
}

/// Moves an amount; to oneself, or of 0, nothing changes.
pub(crate) fn transfer(m: &Memory, payer: &Slot, receiver: &Slot, amount: F) -> Moved {
    if !crate::number::subtract(m, balance(payer), amount) {
        return Moved::Insufficient;
    }
    let (low, high) = (m.wide[0].get(), m.wide[1].get());
    if payer.own.get() == receiver.own.get() {
        return Moved::Done;
    }
    if !crate::number::add(m, balance(receiver), amount) {
        return Moved::Overflow;
    }
    if !is_zero(amount) {
        set_balance(m, receiver, m.wide[0].get(), m.wide[1].get());
        set_balance(m, payer, low, high);
    }
    Moved::Done
}

/// The system record at a place that was taken from one before.
pub(crate) fn slot_at(m: &Memory, place: u32) -> &Slot {
    at(&m.slots, place)
}
