//! System entries, 240 to 255 (FORMATS.md section 5): what an owner asks of the chain itself.

use crate::block::CALL_GAS_MAX;
use crate::call::role;
use crate::curve;
use crate::execute::{purpose, run_module, settle, start_outputs};
use crate::memory::Memory;
use crate::number::{MASK_48, below, canonical, is_zero, join2, join3, join4, subtract};
use crate::outbox;
use crate::prices::SYSTEM_ENTRY;
use crate::receipt::Outcome;
use crate::sys::{F, f_eq};
use crate::table::{self, Moved, balance, kind, set_balance, slot, will_change, write_record};
use crate::tape::{drop_payload, payload_number as number};

/// Executes the call with this gas. Changes are being logged.
pub(crate) fn run(m: &Memory, gas: u32) {
    start_outputs(m);
    if gas < SYSTEM_ENTRY {
        return settle(m, Outcome::OUT_OF_GAS, gas);
    }
    let length = m.length.get();
    let done = match m.entry.get() {
        240 => length == 57 && set_key(m),
        241 => length == 1 && revoke_key(m),
        242 => length == 36 && pay(m, address(m, 0), 20),
        243 => length == 36 && withdraw(m),
        244 => length == 83 && announce(m),
        245 => {
            // Reverts before the module runs unless the payment can be made; then the module decides.
            if length >= 17 && number(m, 0, 1) < 240 && pay(m, F::word(1), 1) {
                return paid_call(m, gas - SYSTEM_ENTRY);
            }
            false
        }
        _ => false,
    };
    settle(
        m,
        if done { Outcome::OK } else { Outcome::REVERTED },
        SYSTEM_ENTRY,
    );
}

/// The 20 bytes from byte `from` as an id or address.
fn address(m: &Memory, from: u32) -> F {
    join3(
        number(m, from + 12, 8),
        number(m, from + 4, 8),
        number(m, from, 4),
    )
}

/// The 16 bytes from byte `from`, big-endian.
fn amount(m: &Memory, from: u32) -> F {
    join2(number(m, from + 8, 8), number(m, from, 8))
}

/// index 1, role 1, scope 8, gas price max 8, lanes 1, expires 6, key 32
fn set_key(m: &Memory) -> bool {
    let (index, role) = (number(m, 0, 1), number(m, 1, 1));
    let (scope, price, lanes) = (number(m, 2, 8), number(m, 10, 8), number(m, 18, 1));
    let expires = number(m, 19, 6);
    let high = number(m, 25, 1);
    let low = (
        number(m, 49, 8),
        number(m, 41, 8),
        number(m, 33, 8),
        number(m, 26, 7),
    );
    let unlimited = scope | price | lanes == 0 && expires == MASK_48;
    let (x, y) = match role {
        role::OWNER | role::SESSION => {
            let fits = if role == role::OWNER {
                unlimited
            } else {
                lanes != 0
            };
            if !fits || !curve::unpack(m, high, low.0, low.1, low.2, low.3) || !curve::is_key(m) {
                return false;
            }
            (canonical(m.point[0].get()), canonical(m.point[1].get()))
        }
        role::L1_OWNER => {
            let (w0, w1, w2, w3) = low;
            let twenty = high | w3 | w2 >> 32 == 0;
            if !unlimited || !twenty || w0 | w1 | w2 == 0 {
                return false;
            }
            ((w0, w1, w2, 0), (0, 0, 0, 0))
        }
        _ => return false,
    };
    if index == m.own_index.get() && role == role::SESSION {
        return false;
    }
    let key = slot(m, kind::KEY, index, m.account.get());
    let until = expires | lanes << 48;
    write_record!(
        m,
        key,
        x.0,
        x.1,
        x.2,
        x.3,
        y.0,
        y.1,
        y.2,
        y.3,
        scope,
        until,
        1 | role << 8,
        price
    );
    true
}

fn revoke_key(m: &Memory) -> bool {
    let index = number(m, 0, 1);
    if index == m.own_index.get() {
        return false;
    }
    let key = slot(m, kind::KEY, index, m.account.get());
    if key.present.get() == 0 {
        return false;
    }
    will_change(m, key);
    key.present.set(0);
    true
}

/// Moves the amount at byte `from` from the caller to `to`; that of a payment becomes the call's value.
fn pay(m: &Memory, to: F, from: u32) -> bool {
    let (payer, receiver) = (
        slot(m, kind::ACCOUNT, 0, m.account.get()),
        slot(m, kind::ACCOUNT, 0, to),
    );
    table::transfer(m, payer, receiver, amount(m, from)) == Moved::Done
}

fn withdraw(m: &Memory) -> bool {
    let amount = amount(m, 20);
    if is_zero(amount) || m.has_l1.get() == 0 {
        return false;
    }
    let caller = m.account.get();
    let account = slot(m, kind::ACCOUNT, 0, caller);
    if !subtract(m, balance(account), amount) {
        return false;
    }
    set_balance(m, account, m.wide[0].get(), m.wide[1].get());
    outbox::withdraw(m, caller, address(m, 0), amount);
    true
}

/// time 6, module 31, VK set root 32, gas schedule 2, tick gas 4, least gas price 8
fn announce(m: &Memory) -> bool {
    let time = number(m, 0, 6);
    let module = (
        number(m, 29, 8),
        number(m, 21, 8),
        number(m, 13, 8),
        number(m, 6, 7),
    );
    let root = (
        number(m, 61, 8),
        number(m, 53, 8),
        number(m, 45, 8),
        number(m, 37, 8),
    );
    let (schedule, tick_gas, price) = (number(m, 69, 2), number(m, 71, 4), number(m, 75, 8));
    let canonical = below(root, crate::constants::MODULUS)
        && !is_zero(join4(root))
        && schedule != 0
        && tick_gas <= CALL_GAS_MAX;
    if !canonical {
        return false;
    }
    // Nobody may, if the authority is nobody.
    let caller = m.account.get();
    if !f_eq(caller, m.authority.get()) || is_zero(caller) {
        return false;
    }
    // Times are below 2^48; the delay is any word, so the sum may wrap: then no time is late enough.
    let (earliest, wrapped) = m.time.get().overflowing_add(m.delay.get());
    if wrapped || time <= earliest || (price != 0 && m.fee_mode.get() == 0) {
        return false;
    }
    let upgrade = slot(m, kind::UPGRADE, 0, F::word(0));
    let head = 1 | schedule << 16 | tick_gas << 32;
    write_record!(
        m, upgrade, head, time, module.0, module.1, module.2, module.3, root.0, root.1, root.2, root.3,
        price, 0
    );
    true
}

/// entry 1, amount 16, then the payload of the module's entry, which runs with what gas is left.
fn paid_call(m: &Memory, gas: u32) {
    m.entry.set(number(m, 0, 1) as u32);
    m.value[0].set(number(m, 9, 8));
    m.value[1].set(number(m, 1, 8));
    drop_payload(m, 17);
    m.own_gas.set(SYSTEM_ENTRY);
    run_module(m, purpose::CALL, gas);
}
