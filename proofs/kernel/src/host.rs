//! The host functions (docs/HOST.md), for every argument. Each reads in the order of its sentence there: the fixed price,
//! arguments, counts, the rest of the price, what it does.

use crate::constants::{EVENT, EVENTS, KEY, MODULUS, OUTPUT, VALUE};
use crate::ending::{host, leave};
use crate::execute::purpose;
use crate::guest::{self, permutations, words};
use crate::hint;
use crate::memory::{Entry, Memory};
use crate::number::{
    MASK_56, Words, below, canonical, hinted_words, is_zero, join2, join3, join4, subtract, swap_bytes,
};
use crate::outbox;
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
    let high = swap_bytes(guest_load(at));
    let middle = swap_bytes(guest_load(at + 8));
    let low = swap_bytes(guest_load(at + 16)) >> 32;
    join3(middle << 32 | low, high << 32 | middle >> 32, high >> 32)
}

#[inline(always)]
fn read_words(at: u32) -> Words {
    (
        guest_load(at),
        guest_load(at + 8),
        guest_load(at + 16),
        guest_load(at + 24),
    )
}

#[inline(always)]
fn write_words(at: u32, (w0, w1, w2, w3): Words) {
    guest_store(at, w0);
    guest_store(at + 8, w1);
    guest_store(at + 16, w2);
    guest_store(at + 24, w3);
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
    let words = (length >> 3) + u32::from(length & 7 != 0);
    charge(4 * words);
    length
}

pub(crate) fn input(to: u32) {
    let m = memory();
    charge(8);
    span(&m, to, m.length.get());
    charge(4 * words(m.length.get()));
    guest::write_payload(&m, to);
}

fn put_output(m: &Memory, from: u32, length: u32, most: u32) {
    charge(8);
    if length > most {
        bad_argument();
    }
    span(m, from, length);
    charge(4 * words(length) + 8 * permutations(0, length));
    let tag = f_add(konst!(OUTPUT), F::word(u64::from(length)));
    m.output.set(guest::hash(m, tag, 0, from, length));
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
    table::entry(m, guest::hash(m, tag, 0, key, length))
}

/// The price of reading a key's bytes and of touching it first.
fn price_of(m: &Memory, entry: &Entry, key_length: u32) -> u32 {
    let first = entry.paid.get() != m.run.get();
    4 * words(key_length) + if first { 384 } else { 0 }
}

pub(crate) fn get(key: u32, key_length: u32, to: u32, capacity: u32) -> u32 {
    let m = memory();
    charge(16);
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
    price += 4 * words(length) + 8 * permutations(0, length);
    charge(price);
    entry.paid.set(m.run.get());
    length
}

pub(crate) fn set(key: u32, key_length: u32, from: u32, length: u32) {
    let m = memory();
    charge(16);
    key_span(&m, key, key_length);
    if length > 4096 {
        bad_argument();
    }
    span(&m, from, length);
    let entry = touch(&m, key, key_length);
    charge(price_of(&m, entry, key_length) + 4 * words(length) + 8 * permutations(0, length));
    entry.paid.set(m.run.get());
    let tag = f_add(konst!(VALUE), F::word(u64::from(length)));
    ask::<{ hint::NOTE_SET }>(F::word(u64::from(length) << 32 | u64::from(from)));
    let value = guest::hash(&m, tag, 0, from, length);
    table::set_value(&m, entry, value);
}

pub(crate) fn remove(key: u32, key_length: u32) -> u32 {
    let m = memory();
    charge(16);
    key_span(&m, key, key_length);
    let entry = touch(&m, key, key_length);
    charge(price_of(&m, entry, key_length));
    entry.paid.set(m.run.get());
    if is_zero(entry.value.get()) {
        return 0;
    }
    table::set_value(&m, entry, F::word(0));
    1
}

pub(crate) fn exists(key: u32, key_length: u32) -> u32 {
    let m = memory();
    charge(16);
    key_span(&m, key, key_length);
    let entry = touch(&m, key, key_length);
    charge(price_of(&m, entry, key_length));
    entry.paid.set(m.run.get());
    u32::from(!is_zero(entry.value.get()))
}

pub(crate) fn emit(topic: u32, from: u32, length: u32) {
    let m = memory();
    charge(16);
    if length > 1024 || topic > 0xffff {
        bad_argument();
    }
    span(&m, from, length);
    if m.event_count.get() >= 64 {
        limit_reached();
    }
    charge(4 * words(length) + 8 * permutations(1, length));
    let tag = f_add(konst!(EVENT), F::word(u64::from(length)));
    m.limbs[0].set(F::word(u64::from(topic)));
    let event = guest::hash(&m, tag, 1, from, length);
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
    charge(8 + 3 * 4 + 16);
    span(&m, address, 20);
    if length > 1024 {
        bad_argument();
    }
    span(&m, from, length);
    check_messages(&m);
    charge(4 * words(length) + 16 * length.div_ceil(124));
    if m.has_l1.get() == 0 {
        return NO_L1;
    }
    outbox::send(&m, read_id(address), from, length);
    0
}

pub(crate) fn caller(to: u32) {
    let m = memory();
    charge(8 + 3 * 4);
    span(&m, to, 20);
    let (mut low, mut middle, mut high) = (0, 0, 0);
    if m.purpose.get() == purpose::CALL {
        low = m.account_words[0].get();
        middle = m.account_words[1].get();
        high = m.account_words[2].get();
    }
    guest_store(to, swap_bytes(high << 32 | middle >> 32));
    guest_store(to + 8, swap_bytes(middle << 32 | low >> 32));
    guest_store(to + 16, swap_bytes(low << 32));
}

pub(crate) fn value(to: u32) {
    let m = memory();
    charge(8 + 2 * 4);
    span(&m, to, 16);
    guest_store(to, m.value[0].get());
    guest_store(to + 8, m.value[1].get());
}

pub(crate) fn chain_id(to: u32) {
    let m = memory();
    charge(8 + 4 * 4);
    span(&m, to, 32);
    let [w0, w1, w2, w3] = &m.chain_words;
    write_words(to, (w0.get(), w1.get(), w2.get(), w3.get()));
}

pub(crate) fn height() -> u64 {
    charge(8);
    memory().height.get()
}

pub(crate) fn time() -> u64 {
    charge(8);
    memory().time.get()
}

pub(crate) fn randomness(to: u32) {
    let m = memory();
    charge(8 + 4 * 4);
    span(&m, to, 32);
    let words = hinted_words(m.random.get());
    require(words.3 <= MASK_56);
    write_words(to, words);
}

pub(crate) fn balance(account: u32, to: u32) {
    let m = memory();
    charge(8 + 8 + 5 * 4 + 384);
    span(&m, account, 20);
    span(&m, to, 16);
    let account = slot(&m, kind::ACCOUNT, 0, read_id(account));
    let (low, high) = (account.words[0].get(), account.words[1].get());
    guest_store(to, low);
    guest_store(to + 8, high);
}

/// The module's own account.
const MODULE_ACCOUNT: u64 = 1;

pub(crate) fn transfer(account: u32, amount: u32) -> u32 {
    let m = memory();
    charge(8 + 8 + 5 * 4 + 2 * 384);
    span(&m, account, 20);
    span(&m, amount, 16);
    let amount = join2(guest_load(amount), guest_load(amount + 8));
    match table::transfer(&m, F::word(MODULE_ACCOUNT), read_id(account), amount) {
        Moved::Done => 0,
        Moved::Insufficient => INSUFFICIENT,
        Moved::Overflow => limit_reached(),
    }
}

pub(crate) fn withdraw(address: u32, amount: u32) -> u32 {
    let m = memory();
    charge(8 + 5 * 4 + 384 + 16);
    span(&m, address, 20);
    span(&m, amount, 16);
    let amount = join2(guest_load(amount), guest_load(amount + 8));
    if is_zero(amount) {
        bad_argument();
    }
    check_messages(&m);
    if m.has_l1.get() == 0 {
        return NO_L1;
    }
    let module = F::word(MODULE_ACCOUNT);
    let account = slot(&m, kind::ACCOUNT, 0, module);
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
    charge(8 + 8 + 12 * 4);
    span(&m, from, 64);
    let (a, b) = (read_element(from), read_element(from + 32));
    span(&m, to, 32);
    write_words(to, canonical(sys::poseidon2(a, b)));
}

pub(crate) fn poseidon5(from: u32, to: u32) {
    let m = memory();
    charge(8 + 8 + 24 * 4);
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
    charge(8);
    if length > 1024 {
        bad_argument();
    }
    span(&m, from, length);
    charge(4 * words(length));
}
