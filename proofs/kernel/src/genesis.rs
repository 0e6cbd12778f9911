//! The genesis record (G1, G2): everything that the chain id is made of.

use crate::block::{CALL_GAS_MAX, load_params};
use crate::constants::{CHAIN, GENESIS};
use crate::execute::{self, purpose};
use crate::memory::Memory;
use crate::number::{add, is_zero, join2, join3, join4, limbs};
use crate::receipt::{Outcome, quiet};
use crate::sys::{F, f_add, f_eq, konst, module, poseidon5, require, require_eq};
use crate::table::{credit, kind, slot, write_record};
use crate::tape::{self, drop_payload, payload_number as number};

/// Gas of the module's `init`.
const INIT_GAS: u32 = 196_608;
/// Bytes of the parameters before the balances.
const FIXED_BYTES: u32 = 131;
/// Bytes of a balance.
const BALANCE_BYTES: u32 = 36;

/// An id's words, least significant first, from byte `at`.
#[inline(always)]
fn id(m: &Memory, at: u32) -> [u64; 3] {
    [number(m, at + 12, 8), number(m, at + 4, 8), number(m, at, 4)]
}

/// The first record of the tape; the boundary before it has been checked.
pub(crate) fn genesis(m: &Memory) {
    let f = &m.frame;
    let (w3, w2, w1, w0) = (f[0].get(), f[1].get(), f[2].get(), f[3].get());
    // 0x06, length, L1 chain id, settlement; salt; zeros.
    let length = (w3 >> 32 & 0xffff) as u32;
    require(length <= 16_384);
    let l1 = (w3 & 0xffff_ffff) << 32 | w2 >> 32;
    let settlement = join3(w0, w1, w2 & 0xffff_ffff);
    let has_l1 = l1 != 0;
    require(has_l1 != is_zero(settlement));
    for word in &f[8..] {
        require(word.get() == 0);
    }
    let salt = m.limbs[1].get();
    let mut hash = f_add(konst!(GENESIS), F::word(u64::from(length)));
    tape::begin_payload(m);
    let frames = 1 + length.div_ceil(124);
    while m.frames.get() < frames {
        tape::read_frame(m);
        tape::payload_of_frame(m);
        let (a, b, c, d) = limbs(m);
        hash = poseidon5(hash, a, b, c, d);
    }
    m.length.set(length);
    require(tape::end_payload(m) && length >= FIXED_BYTES + 2);
    let chain = poseidon5(konst!(CHAIN), F::word(l1), settlement, hash, salt);
    require_eq(chain, m.chain_id.get());

    // version 1, module 31, gas schedule 2, time 6, fee mode 1, sponsor 20, least gas price 8, fee recipient 20, tick gas 4,
    // unproven rows 8, upgrade authority 20, upgrade delay 8, balances 2
    require(number(m, 0, 1) == 1);
    let named = join4((
        number(m, 24, 8),
        number(m, 16, 8),
        number(m, 8, 8),
        number(m, 1, 7),
    ));
    require(f_eq(named, m.module.get()));
    let (schedule, mode, price) = (number(m, 32, 2), number(m, 40, 1), number(m, 61, 8));
    let sponsor = id(m, 41);
    let sponsored = sponsor[0] | sponsor[1] | sponsor[2] != 0;
    require(mode <= 2 && sponsored == (mode == 2) && (mode != 0 || price == 0));
    let tick_gas = number(m, 89, 4);
    require(tick_gas <= CALL_GAS_MAX);
    m.time.set(number(m, 34, 6));

    let params = slot(m, kind::PARAMS, 0, F::word(0));
    let head = 1 | (mode | u64::from(has_l1) << 7) << 8 | schedule << 16 | tick_gas << 32;
    let (recipient, authority) = (id(m, 69), id(m, 101));
    write_record!(
        m,
        params,
        head,
        price,
        sponsor[0],
        sponsor[1],
        sponsor[2],
        recipient[0],
        recipient[1],
        recipient[2],
        authority[0],
        authority[1],
        authority[2],
        number(m, 121, 8)
    );
    load_params(m);
    let after = balances(m, has_l1);

    let init = number(m, after, 2) as u32;
    require(init <= 4096 && after + 2 + init == length);
    if !module::has_init() {
        return quiet(m, Outcome::OK);
    }
    drop_payload(m, after + 2);
    execute::run_alone(m, purpose::INIT, INIT_GAS);
}

/// Credits the balances; where they end.
fn balances(m: &Memory, has_l1: bool) -> u32 {
    let count = number(m, 129, 2) as u32;
    require(count <= 256 && (!has_l1 || count == 0));
    let end = FIXED_BYTES + BALANCE_BYTES * count;
    require(end + 2 <= m.length.get());
    let (mut at, mut sum) = (FIXED_BYTES, F::word(0));
    let mut last = [0; 3];
    while at < end {
        let account = id(m, at);
        let (low, high) = (number(m, at + 28, 8), number(m, at + 20, 8));
        require(low | high != 0);
        // Strictly increasing; the first may be any, 0 included.
        require(at == FIXED_BYTES || less(last, account));
        last = account;
        let amount = join2(low, high);
        require(add(m, sum, amount));
        sum = join2(m.wide[0].get(), m.wide[1].get());
        credit(
            m,
            slot(m, kind::ACCOUNT, 0, join3(account[0], account[1], account[2])),
            amount,
        );
        at += BALANCE_BYTES;
    }
    end
}

#[inline(always)]
fn less(a: [u64; 3], b: [u64; 3]) -> bool {
    if a[2] != b[2] {
        return a[2] < b[2];
    }
    if a[1] != b[1] {
        return a[1] < b[1];
    }
    a[0] < b[0]
}
