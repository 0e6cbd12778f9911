//! Calls: what the record says, and the checks C1 to C9 in their order. The first that fails is the outcome; none is a choice of
//! the prover's.

use crate::block::{CALL_GAS_MAX, is_low160};
use crate::constants::{ACCOUNT, ACCOUNT_L1, ORDER};
use crate::curve;
use crate::execute;
use crate::memory::{Memory, Slot};
use crate::number::{MASK_48, below, join3, join4, subtract};
use crate::receipt::{Outcome, quiet, record_base};
use crate::sys::{F, f_eq, f_mul, konst, poseidon5, require};
use crate::table::{balance, kind, slot};
use crate::tape;

/// Reasons why a call is invalid.
mod reason {
    pub(super) const VALID: u32 = 0;
    pub(super) const ENCODING: u32 = 1;
    pub(super) const ACCOUNT: u32 = 2;
    pub(super) const ACCOUNT_EXISTS: u32 = 3;
    pub(super) const KEY: u32 = 4;
    pub(super) const SIGNATURE: u32 = 5;
    pub(super) const SCOPE: u32 = 6;
    pub(super) const EXPIRED: u32 = 7;
    pub(super) const NONCE: u32 = 8;
    pub(super) const GAS_LIMIT: u32 = 9;
    pub(super) const GAS_PRICE: u32 = 10;
    pub(super) const FUNDS: u32 = 11;
}

/// Roles of keys.
pub(crate) mod role {
    pub(crate) const OWNER: u64 = 1;
    pub(crate) const SESSION: u64 = 2;
    pub(crate) const L1_OWNER: u64 = 3;
}

/// Set in an account record whose account has made its first own call.
pub(crate) const CREATED: u64 = 1 << 8;

/// Who says that the call is theirs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// A key of the account.
    Key,
    /// The key that the call brings along.
    NewKey,
    /// An address on L1.
    L1,
}

/// A signed call, or one that brings its account's first key.
pub(crate) fn signed_call(m: &Memory, new_key: bool) {
    call(m, if new_key { By::NewKey } else { By::Key });
}

/// A call by an address on L1.
pub(crate) fn l1_call(m: &Memory) {
    call(m, By::L1);
}

fn call(m: &Memory, by: By) {
    let f = &m.frame;
    let (w3, w2, w1, w0) = (f[0].get(), f[1].get(), f[2].get(), f[3].get());
    let (r_high, s_high) = (w3 >> 40 & 0xff, w3 >> 32 & 0xff);
    m.account.set(join3(w1, w2, w3 & 0xffff_ffff));
    m.account_words[0].set(w1);
    m.account_words[1].set(w2);
    m.account_words[2].set(w3 & 0xffff_ffff);
    m.own_index.set(w0 >> 56);
    m.lane.set(w0 >> 48 & 0xff);
    m.nonce.set(w0 & MASK_48);
    let (w3, w2, w1) = (f[12].get(), f[13].get(), f[14].get());
    m.valid_until.set(w3 >> 8);
    m.limit.set(((w3 & 0xff) << 24 | w2 >> 40) as u32);
    m.price.set((w2 & 0xff_ffff_ffff) << 24 | w1 >> 40);
    m.entry.set((w1 >> 32 & 0xff) as u32);
    let length = (w1 >> 16 & 0xffff) as u32;
    m.length.set(length);
    require(length <= 4096);
    let (r, s) = (
        (f[7].get(), f[6].get(), f[5].get(), f[4].get()),
        (f[11].get(), f[10].get(), f[9].get(), f[8].get()),
    );
    let frames = 1 + u32::from(by == By::NewKey) + if length > 10 { (length + 113) / 124 } else { 0 };

    tape::begin_message(m, frames);
    tape::begin_payload(m);
    tape::payload_of_first(m);
    let mut encoded = true;
    if by == By::NewKey {
        tape::read_frame(m);
        tape::extend_message(m);
        encoded = new_key(m);
    }
    while m.frames.get() < frames {
        tape::read_frame(m);
        tape::extend_message(m);
        tape::payload_of_frame(m);
    }
    let message = tape::end_message(m);
    let zeros = tape::end_payload(m);

    // C1.
    encoded = encoded && zeros && m.lane.get() < 8;
    if by == By::L1 {
        // Twelve zero bytes and the sender; signature, lane, nonce and price zero.
        encoded = encoded
            && (r_high | r.3 | r.2 >> 32 == 0)
            && (r.0 | r.1 | r.2 != 0)
            && (s_high | s.0 | s.1 | s.2 | s.3 == 0)
            && (m.lane.get() | m.nonce.get() | m.price.get() == 0);
        m.r[0].set(join3(r.0, r.1, r.2));
    } else if encoded {
        let s = (s.0, s.1, s.2, s_high << 56 | s.3);
        encoded = below(s, ORDER) && curve::unpack(m, r_high, r.0, r.1, r.2, r.3);
        m.r[0].set(m.point[0].get());
        m.r[1].set(m.point[1].get());
        m.s[0].set(s.0);
        m.s[1].set(s.1);
        m.s[2].set(s.2);
        m.s[3].set(s.3);
    }
    let invalid = if encoded {
        check(m, by, message)
    } else {
        reason::ENCODING
    };
    if invalid == reason::VALID {
        execute::execute(m);
    } else {
        quiet(m, Outcome::invalid(invalid));
    }
}

/// C1 of a new-key call's key, in the frame that was read last: whether it is one. Then `m.new_key` is the point.
fn new_key(m: &Memory) -> bool {
    // 31 bytes; 30 zero and the first byte; zeros.
    let f = &m.frame;
    let high = f[7].get();
    for (place, word) in f.iter().enumerate() {
        let wanted = match place {
            0..4 => true,
            7 => high < 256,
            _ => word.get() == 0,
        };
        if !wanted {
            return false;
        }
    }
    let on_curve = curve::unpack(m, high, f[3].get(), f[2].get(), f[1].get(), f[0].get());
    if m.own_index.get() != 0 || !on_curve || !curve::is_key(m) {
        return false;
    }
    m.new_key[0].set(m.point[0].get());
    m.new_key[1].set(m.point[1].get());
    true
}

/// C2 to C9. Sets who pays, and what is left to them; the own index of a call that creates an account is 0.
fn check(m: &Memory, by: By, message: F) -> u32 {
    let id = m.account.get();
    let account = slot(m, kind::ACCOUNT, 0, id);
    let created = account.words[10].get() & CREATED != 0;
    let nil = F::word(0);
    let mut creates = false;
    match by {
        By::NewKey => {
            let [x, y] = [m.new_key[0].get(), m.new_key[1].get()];
            if !is_low160(poseidon5(konst!(ACCOUNT), x, y, nil, nil), id) {
                return reason::ACCOUNT;
            }
            if created {
                return reason::ACCOUNT_EXISTS;
            }
            creates = true;
        }
        By::L1 if !created => {
            if !is_low160(poseidon5(konst!(ACCOUNT_L1), m.r[0].get(), nil, nil, nil), id) {
                return reason::ACCOUNT;
            }
            creates = true;
        }
        _ if !created => return reason::ACCOUNT,
        _ => {}
    }
    if creates {
        // The key is the call's own, an owner's: its scope is everything, for ever.
        m.own_index.set(0);
        if by == By::NewKey && !curve::verify(m, m.new_key[0].get(), m.new_key[1].get(), message) {
            return reason::SIGNATURE;
        }
    } else {
        let invalid = check_key(m, by, message);
        if invalid != reason::VALID {
            return invalid;
        }
    }
    m.signed.set(u32::from(by != By::L1));
    m.creates.set(u32::from(creates));
    check_terms(m, by, account)
}

/// C3, C4 and C5 of a stored key.
fn check_key(m: &Memory, by: By, message: F) -> u32 {
    let key = slot(m, kind::KEY, m.own_index.get(), m.account.get());
    let w = &key.words;
    if key.present.get() == 0 {
        return reason::KEY;
    }
    let role = w[10].get() >> 8;
    let x = join4((w[0].get(), w[1].get(), w[2].get(), w[3].get()));
    if (by == By::L1) != (role == role::L1_OWNER) {
        return reason::KEY;
    }
    let authentic = if by == By::L1 {
        f_eq(x, m.r[0].get())
    } else {
        let y = join4((w[4].get(), w[5].get(), w[6].get(), w[7].get()));
        curve::verify(m, x, y, message)
    };
    if !authentic {
        return reason::SIGNATURE;
    }
    if role == role::SESSION {
        let (entry, lane) = (m.entry.get(), m.lane.get());
        let until = w[9].get();
        let pays = m.fee_mode.get() == 1 && m.forced.get() == 0;
        let allowed = entry < 64
            && w[8].get() >> entry & 1 == 1
            && until >> (48 + lane) & 1 == 1
            && (!pays || m.price.get() <= w[11].get())
            && m.time.get() <= until & MASK_48;
        if !allowed {
            return reason::SCOPE;
        }
    }
    reason::VALID
}

/// C6 to C9.
fn check_terms(m: &Memory, by: By, account: &Slot) -> u32 {
    if m.time.get() > m.valid_until.get() {
        return reason::EXPIRED;
    }
    if by != By::L1 {
        let nonce = m.nonce.get();
        let next = crate::table::at(&account.words, 2 + m.lane.get() as u32).get();
        if nonce != next || nonce == MASK_48 {
            return reason::NONCE;
        }
    }
    let limit = m.limit.get();
    if limit < record_base(m) || u64::from(limit) > CALL_GAS_MAX {
        return reason::GAS_LIMIT;
    }
    m.payer.set(0);
    if m.forced.get() != 0 {
        return reason::VALID;
    }
    let (price, least) = (m.price.get(), m.least_price.get());
    let payer = match m.fee_mode.get() {
        0 => {
            return if price == 0 {
                reason::VALID
            } else {
                reason::GAS_PRICE
            };
        }
        1 if price >= least => account,
        2 if price == least => slot(m, kind::ACCOUNT, 0, m.sponsor.get()),
        _ => return reason::GAS_PRICE,
    };
    m.payer.set(1 + payer.own.get());
    let most = f_mul(F::word(u64::from(limit)), F::word(price));
    if !subtract(m, balance(payer), most) {
        return reason::FUNDS;
    }
    m.rest[0].set(m.wide[0].get());
    m.rest[1].set(m.wide[1].get());
    reason::VALID
}
