//! Executing: what surrounds a call's execution (C10), the module's runs, and what is kept of them (E5).

use crate::call::{CREATED, role};
use crate::memory::Memory;
use crate::number::{MASK_48, canonical, to_word};
use crate::receipt::{Outcome, absorb, add_work, clear_outputs, no_output, record_base};
use crate::sys::{F, f_mul, gas, module, require, set_gas, set_memory};
use crate::table::{self, at, credit, kind, set_balance, slot, slot_at, will_change, write_record};

/// What a run is for.
pub(crate) mod purpose {
    /// A player's call.
    pub(crate) const CALL: u32 = 0;
    /// The tick of a block.
    pub(crate) const TICK: u32 = 1;
    /// Genesis.
    pub(crate) const INIT: u32 = 2;
}

/// Entries from here on are the chain's own.
const SYSTEM_ENTRY_MIN: u32 = 240;

/// C10: executes a call that passed the checks.
pub(crate) fn execute(m: &Memory) {
    let id = m.account.get();
    let (signed, creates) = (m.signed.get() != 0, m.creates.get() != 0);
    if signed || creates {
        let account = slot(m, kind::ACCOUNT, 0, id);
        will_change(m, account);
        if account.present.get() == 0 {
            account.present.set(1);
            account.words[10].set(1);
        }
        if signed {
            at(&account.words, 2 + m.lane.get() as u32).set(m.nonce.get() + 1);
        }
        if creates {
            account.words[10].set(1 + CREATED);
            store_owner(m, id, signed);
        }
    }
    // A debit of nothing writes nothing.
    let payer = m.payer.get();
    if payer != 0 && m.price.get() != 0 {
        set_balance(m, slot_at(m, payer - 1), m.rest[0].get(), m.rest[1].get());
    }
    m.own_gas.set(0);
    m.value[0].set(0);
    m.value[1].set(0);
    table::begin(m);
    let gas = m.limit.get() - record_base(m);
    if m.entry.get() < SYSTEM_ENTRY_MIN {
        run_module(m, purpose::CALL, gas);
    } else {
        m.purpose.set(purpose::CALL);
        crate::system::run(m, gas);
    }
}

/// The key of an account that is created: the call's own key, or the L1 address.
fn store_owner(m: &Memory, id: F, signed: bool) {
    let (x, y, role) = if signed {
        (m.new_key[0].get(), m.new_key[1].get(), role::OWNER)
    } else {
        (m.r[0].get(), F::word(0), role::L1_OWNER)
    };
    let (x0, x1, x2, x3) = canonical(x);
    let (y0, y1, y2, y3) = canonical(y);
    let key = slot(m, kind::KEY, 0, id);
    write_record!(
        m,
        key,
        x0,
        x1,
        x2,
        x3,
        y0,
        y1,
        y2,
        y3,
        0,
        MASK_48,
        1 | role << 8,
        0
    );
}

/// Runs the module for nobody: a tick, genesis.
pub(crate) fn run_alone(m: &Memory, purpose: u32, gas: u32) {
    m.own_gas.set(0);
    m.value[0].set(0);
    m.value[1].set(0);
    table::begin(m);
    run_module(m, purpose, gas);
}

/// Runs the module once, in fresh memory, with fresh globals. Changes are being logged. Anything but a normal return goes on in
/// [`crate::ending::resume`].
pub(crate) fn run_module(m: &Memory, purpose: u32, gas: u32) {
    start_outputs(m);
    m.purpose.set(purpose);
    m.run_gas.set(gas);
    m.event_count.set(0);
    m.end.set(0);
    let bytes = module::memory_bytes();
    m.bytes.set(bytes);
    set_memory::<1>(bytes);
    module::reset();
    m.in_module.set(1);
    set_gas(gas);
    match purpose {
        purpose::CALL => module::call(m.entry.get(), m.length.get()),
        purpose::INIT => module::init(m.length.get()),
        _ => module::tick(),
    }
    m.in_module.set(0);
    ended(m, Outcome::OK);
}

/// Nothing has been put out yet.
pub(crate) fn start_outputs(m: &Memory) {
    clear_outputs(m);
    m.outbox_before.set(m.outbox.get());
    m.outbox_frames_before.set(m.outbox_frames.get());
}

/// The module's run has ended.
pub(crate) fn ended(m: &Memory, end: Outcome) {
    let given = m.run_gas.get();
    let used = if end == Outcome::OUT_OF_GAS {
        given
    } else {
        // Prices are not negative: gas that is not negative now never was, so every charge fitted.
        given - to_word(gas()) as u32
    };
    settle(m, end, used + m.own_gas.get());
}

/// Keeps what an ok execution did, drops what another did, and ends the record.
pub(crate) fn settle(m: &Memory, end: Outcome, used: u32) {
    let keep = end == Outcome::OK;
    table::end(m, keep);
    if !keep {
        m.events.set(F::word(0));
        m.messages.set(0);
        m.outbox.set(m.outbox_before.get());
        m.outbox_frames.set(m.outbox_frames_before.get());
        if end != Outcome::REVERTED {
            m.output.set(no_output());
        }
    }
    let nil = F::word(0);
    if m.purpose.get() != purpose::CALL {
        // A genesis whose init fails breaks the tape.
        require(keep || m.purpose.get() == purpose::TICK);
        absorb(m, end, used, nil);
        return add_work(m, used);
    }
    let total = record_base(m) + used;
    let mut fee = nil;
    let payer = m.payer.get();
    if payer != 0 {
        let price = F::word(m.price.get());
        fee = f_mul(F::word(u64::from(total)), price);
        let refund = f_mul(F::word(u64::from(m.limit.get() - total)), price);
        credit(m, slot_at(m, payer - 1), refund);
        credit(m, slot(m, kind::ACCOUNT, 0, m.recipient.get()), fee);
    }
    absorb(m, end, total, fee);
    add_work(m, used);
}
