//! The host functions (docs/HOST.md), for every argument. Each reads in the order of its sentence there: the fixed price,
//! arguments, counts, the rest of the price, what it does.

use crate::constants::{EVENT, EVENTS, KEY, MODULUS, OUTPUT, VALUE};
use crate::ending::{host, leave};
use crate::execute::purpose;
use crate::guest::{self, permutations, words};
use crate::hint;
use crate::memory::{Entry, Memory, Slot};
use crate::number::{
    MASK_56, Words, below, canonical, hinted_words, is_zero, join2, join3, join4, subtract, swap_bytes,
};
use crate::outbox;
use crate::prices::{self, MESSAGE_FRAME, PERMUTATION, STATE_KEY, STATE_WRITE, WORD, fixed};
use crate::receipt::Outcome;
use crate::sys::{
    self, F, f_add, gas_below, gas_sub, guest_load, guest_store, hint as ask, konst, memory, require,
    set_memory,
};
use crate::table::{self, Moved, balance as balance_of, kind, set_balance, slot};

/// Charges gas, or ends the run.
#[inline(always)]
fn charge(price: u32) {
    if gas_below(price) {
        leave(Outcome::OUT_OF_GAS);
    }
    gas_sub(price);
}

#[cold]
fn bad_argument() -> ! {
    leave(Outcome::trapped(host::ARGUMENT))
}

#[cold]
fn limit_reached() -> ! {
    leave(Outcome::trapped(host::LIMIT))
}

/// A range of the module's memory must be aligned and inside.
#[inline(always)]
fn span(m: &Memory, at: u32, length: u32) {
    if at & 7 != 0 || u64::from(at) + u64::from(length) > u64::from(m.bytes.get()) {
        bad_argument();
    }
}

/// The account id or address at `at`, 20 bytes.
fn read_id(at: u32) -> F {
    let high = swap_bytes(guest_load::<0>(at));
    let middle = swap_bytes(guest_load::<8>(at));
    let low = swap_bytes(guest_load::<16>(at)) >> 32;
    join3(middle << 32 | low, high << 32 | middle >> 32, high >> 32)
}

#[inline(always)]
fn read_words(at: u32) -> Words {
    (
        guest_load::<0>(at),
        guest_load::<8>(at),
        guest_load::<16>(at),
        guest_load::<24>(at),
    )
}

#[inline(always)]
fn write_words(at: u32, (w0, w1, w2, w3): Words) {
    guest_store::<0>(at, w0);
    guest_store::<8>(at, w1);
    guest_store::<16>(at, w2);
    guest_store::<24>(at, w3);
}

/// Size of the module's memory, pages.
pub(crate) fn memory_size() -> u32 {
    memory().bytes.get() >> 16
}

/// `memory.grow`; the block has paid.
pub(crate) fn memory_grow(pages: u32) -> u32 {
    let m = memory();
    let old = m.bytes.get() >> 16;
    if pages > (sys::module::memory_max() >> 16) - old {
        return u32::MAX;
    }
    let bytes = (old + pages) << 16;
    m.bytes.set(bytes);
    set_memory::<0>(bytes);
    old
}

/// Charges the started words of a bulk operation.
pub(crate) fn bulk_charge(length: u32) -> u32 {
    charge(prices::bulk(length));
    length
}

pub(crate) fn input(to: u32) {
    let m = memory();
    charge(fixed::INPUT);
    span(&m, to, m.length.get());
    charge(WORD * words(m.length.get()));
    guest::write_payload(&m, to);
}

fn put_output(m: &Memory, from: u32, length: u32, most: u32) {
    charge(fixed::OUTPUT);
    if length > most {
        bad_argument();
    }
    span(m, from, length);
    charge(price_of_bytes(0, length));
    let tag = f_add(konst!(OUTPUT), F::word(u64::from(length)));
    m.output.set(guest::hash(tag, from, length));
}

pub(crate) fn output(from: u32, length: u32) {
    put_output(&memory(), from, length, 1024);
}

pub(crate) fn revert(from: u32, length: u32) {
    put_output(&memory(), from, length, 256);
    leave(Outcome::REVERTED)
}

fn key_span(m: &Memory, key: u32, length: u32) {
    if length > 64 {
        bad_argument();
    }
    span(m, key, length);
}

/// The entry of a module's key.
fn touch(m: &Memory, key: u32, length: u32) -> &Entry {
    let tag = f_add(konst!(KEY), F::word(u64::from(length)));
    table::entry(m, guest::hash(tag, key, length))
}

/// The price of reading a key's bytes and of touching it first.
fn price_of(m: &Memory, entry: &Entry, key_length: u32) -> u32 {
    let first = entry.paid.get() != m.run.get();
    WORD * words(key_length) + if first { STATE_KEY } else { 0 }
}

/// The price of changing it first.
#[inline(always)]
fn price_of_change(m: &Memory, entry: &Entry) -> u32 {
    if entry.saved.get() != m.run.get() {
        STATE_WRITE
    } else {
        0
    }
}

/// The price of reading bytes and hashing them after `before` other elements.
#[inline(always)]
fn price_of_bytes(before: u32, length: u32) -> u32 {
    WORD * words(length) + PERMUTATION * permutations(before, length)
}

pub(crate) fn get(key: u32, key_length: u32, to: u32, capacity: u32) -> u32 {
    let m = memory();
    charge(fixed::GET);
    key_span(&m, key, key_length);
    span(&m, to, capacity);
    if capacity & 7 != 0 {
        bad_argument();
    }
    let entry = touch(&m, key, key_length);
    let mut price = price_of(&m, entry, key_length);
    let value = entry.value.get();
    if is_zero(value) {
        charge(price);
        entry.paid.set(m.run.get());
        return u32::MAX;
    }
    let length = ask::<{ hint::VALUE_LENGTH }>(value);
    require(length <= 4096);
    let tag = f_add(konst!(VALUE), F::word(length));
    let length = length as u32;
    // Written before it is paid for: a run that cannot pay ends, and its memory with it.
    guest::take_value(&m, tag, value, to, length, length <= capacity);
    price += price_of_bytes(0, length);
    charge(price);
    entry.paid.set(m.run.get());
    length
}

pub(crate) fn set(key: u32, key_length: u32, from: u32, length: u32) {
    let m = memory();
    charge(fixed::SET);
    key_span(&m, key, key_length);
    if length > 4096 {
        bad_argument();
    }
    span(&m, from, length);
    let entry = touch(&m, key, key_length);
    charge(price_of(&m, entry, key_length) + price_of_change(&m, entry) + price_of_bytes(0, length));
    entry.paid.set(m.run.get());
    let tag = f_add(konst!(VALUE), F::word(u64::from(length)));
    ask::<{ hint::NOTE_SET }>(F::word(u64::from(length) << 32 | u64::from(from)));
    let value = guest::hash(tag, from, length);
    table::set_value(&m, entry, value);
}

pub(crate) fn remove(key: u32, key_length: u32) -> u32 {
    let m = memory();
    charge(fixed::REMOVE);
    key_span(&m, key, key_length);
    let entry = touch(&m, key, key_length);
    let present = !is_zero(entry.value.get());
    let change = if present { price_of_change(&m, entry) } else { 0 };
    charge(price_of(&m, entry, key_length) + change);
    entry.paid.set(m.run.get());
    if present {
        table::set_value(&m, entry, F::word(0));
    }
    u32::from(present)
}

pub(crate) fn exists(key: u32, key_length: u32) -> u32 {
    let m = memory();
    charge(fixed::EXISTS);
    key_span(&m, key, key_length);
    let entry = touch(&m, key, key_length);
    charge(price_of(&m, entry, key_length));
    entry.paid.set(m.run.get());
    u32::from(!is_zero(entry.value.get()))
}

pub(crate) fn emit(topic: u32, from: u32, length: u32) {
    let m = memory();
    charge(fixed::EMIT);
    if length > 1024 || topic > 0xffff {
        bad_argument();
    }
    span(&m, from, length);
    if m.event_count.get() >= 64 {
        limit_reached();
    }
    charge(price_of_bytes(1, length));
    let tag = f_add(konst!(EVENT), F::word(u64::from(length)));
    let event = guest::hash_with(tag, F::word(u64::from(topic)), from, length);
    let nil = F::word(0);
    m.events
        .set(sys::poseidon5(konst!(EVENTS), m.events.get(), event, nil, nil));
    m.event_count.set(m.event_count.get() + 1);
}

/// Messages are counted before they are paid for.
fn check_messages(m: &Memory) {
    if m.messages.get() >= 16 {
        limit_reached();
    }
}

/// Result of what needs an L1, without one.
const NO_L1: u32 = 2;
/// Result when the module has less than an amount.
const INSUFFICIENT: u32 = 1;

pub(crate) fn send(address: u32, from: u32, length: u32) -> u32 {
    let m = memory();
    charge(fixed::SEND);
    span(&m, address, 20);
    if length > 1024 {
        bad_argument();
    }
    span(&m, from, length);
    check_messages(&m);
    charge(WORD * words(length) + MESSAGE_FRAME * length.div_ceil(124));
    if m.has_l1.get() == 0 {
        return NO_L1;
    }
    outbox::send(&m, read_id(address), from, length);
    0
}

pub(crate) fn caller(to: u32) {
    let m = memory();
    charge(fixed::CALLER);
    span(&m, to, 20);
    let (mut low, mut middle, mut high) = (0, 0, 0);
    if m.purpose.get() == purpose::CALL {
        low = m.account_words[0].get();
        middle = m.account_words[1].get();
        high = m.account_words[2].get();
    }
    guest_store::<0>(to, swap_bytes(high << 32 | middle >> 32));
    guest_store::<8>(to, swap_bytes(middle << 32 | low >> 32));
    guest_store::<16>(to, swap_bytes(low << 32));
}

pub(crate) fn value(to: u32) {
    let m = memory();
    charge(fixed::VALUE);
    span(&m, to, 16);
    guest_store::<0>(to, m.value[0].get());
    guest_store::<8>(to, m.value[1].get());
}

pub(crate) fn chain_id(to: u32) {
    let m = memory();
    charge(fixed::CHAIN_ID);
    span(&m, to, 32);
    let [w0, w1, w2, w3] = &m.chain_words;
    write_words(to, (w0.get(), w1.get(), w2.get(), w3.get()));
}

pub(crate) fn height() -> u64 {
    charge(fixed::HEIGHT);
    memory().height.get()
}

pub(crate) fn time() -> u64 {
    charge(fixed::TIME);
    memory().time.get()
}

pub(crate) fn randomness(to: u32) {
    let m = memory();
    charge(fixed::RANDOMNESS);
    span(&m, to, 32);
    let words = hinted_words(m.random.get());
    require(words.3 <= MASK_56);
    write_words(to, words);
}

/// Opens an account's record and charges for that, and for changing it if `changes`; once in a run.
fn open(m: &Memory, id: F, changes: bool) -> &Slot {
    let account = slot(m, kind::ACCOUNT, 0, id);
    let run = m.run.get();
    if account.paid.get() != run {
        charge(STATE_KEY);
        account.paid.set(run);
    }
    if changes && account.paid_change.get() != run {
        charge(STATE_WRITE);
        account.paid_change.set(run);
    }
    account
}

pub(crate) fn balance(account: u32, to: u32) {
    let m = memory();
    charge(fixed::BALANCE);
    span(&m, account, 20);
    span(&m, to, 16);
    let account = open(&m, read_id(account), false);
    let (low, high) = (account.words[0].get(), account.words[1].get());
    guest_store::<0>(to, low);
    guest_store::<8>(to, high);
}

/// The module's own account.
const MODULE_ACCOUNT: u64 = 1;

pub(crate) fn transfer(account: u32, amount: u32) -> u32 {
    let m = memory();
    charge(fixed::TRANSFER);
    span(&m, account, 20);
    span(&m, amount, 16);
    let payer = open(&m, F::word(MODULE_ACCOUNT), true);
    let receiver = open(&m, read_id(account), true);
    let amount = join2(guest_load::<0>(amount), guest_load::<8>(amount));
    match table::transfer(&m, payer, receiver, amount) {
        Moved::Done => 0,
        Moved::Insufficient => INSUFFICIENT,
        Moved::Overflow => limit_reached(),
    }
}

pub(crate) fn withdraw(address: u32, amount: u32) -> u32 {
    let m = memory();
    charge(fixed::WITHDRAW);
    span(&m, address, 20);
    span(&m, amount, 16);
    let amount = join2(guest_load::<0>(amount), guest_load::<8>(amount));
    if is_zero(amount) {
        bad_argument();
    }
    check_messages(&m);
    let module = F::word(MODULE_ACCOUNT);
    let account = open(&m, module, true);
    if m.has_l1.get() == 0 {
        return NO_L1;
    }
    if !subtract(&m, balance_of(account), amount) {
        return INSUFFICIENT;
    }
    set_balance(&m, account, m.wide[0].get(), m.wide[1].get());
    outbox::withdraw(&m, module, read_id(address), amount);
    0
}

/// The canonical element at `at`.
fn read_element(at: u32) -> F {
    let words = read_words(at);
    if !below(words, MODULUS) {
        bad_argument();
    }
    join4(words)
}

pub(crate) fn poseidon2(from: u32, to: u32) {
    let m = memory();
    charge(fixed::POSEIDON2);
    span(&m, from, 64);
    let (a, b) = (read_element(from), read_element(from + 32));
    span(&m, to, 32);
    write_words(to, canonical(sys::poseidon2(a, b)));
}

pub(crate) fn poseidon5(from: u32, to: u32) {
    let m = memory();
    charge(fixed::POSEIDON5);
    span(&m, from, 160);
    let (a, b, c) = (
        read_element(from),
        read_element(from + 32),
        read_element(from + 64),
    );
    let (d, e) = (read_element(from + 96), read_element(from + 128));
    span(&m, to, 32);
    write_words(to, canonical(sys::poseidon5(a, b, c, d, e)));
}

/// A log is no part of any outcome: it is paid for, and that is all.
pub(crate) fn log(from: u32, length: u32) {
    let m = memory();
    charge(fixed::LOG);
    if length > 1024 {
        bad_argument();
    }
    span(&m, from, length);
    charge(WORD * words(length));
}
