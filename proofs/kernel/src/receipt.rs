//! Receipts (FORMATS.md section 9) and work (section 11).

use crate::constants::NO_OUTPUT;
use crate::memory::Memory;
use crate::prices::{CALL_BASE, FRAME};
use crate::sys::{F, f_add, f_lin, konst, poseidon5};

/// Outcomes by their codes.
mod outcome {
    pub(super) const OK: u32 = 0;
    pub(super) const REVERTED: u32 = 1;
    pub(super) const TRAPPED: u32 = 2;
    pub(super) const OUT_OF_GAS: u32 = 3;
    pub(super) const INVALID: u32 = 4;
}

/// An outcome and its detail, as the receipt has them: code 2^8 + detail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome(u32);

impl Outcome {
    pub(crate) const OK: Self = Self(outcome::OK << 8);
    pub(crate) const REVERTED: Self = Self(outcome::REVERTED << 8);
    pub(crate) const OUT_OF_GAS: Self = Self(outcome::OUT_OF_GAS << 8);

    pub(crate) const fn trapped(detail: u32) -> Self {
        Self(outcome::TRAPPED << 8 | detail)
    }

    /// Its number.
    pub(crate) const fn code(self) -> u32 {
        self.0
    }

    /// The outcome of this number, if it is not ok's.
    pub(crate) const fn failed(code: u32) -> Option<Self> {
        match code {
            0 => None,
            _ => Some(Self(code)),
        }
    }

    pub(crate) const fn invalid(detail: u32) -> Self {
        Self(outcome::INVALID << 8 | detail)
    }
}

/// Gas of a record whatever comes of it.
pub(crate) fn record_base(m: &Memory) -> u32 {
    CALL_BASE + FRAME * m.frames.get()
}

/// The hash of no output.
#[inline(always)]
pub(crate) fn no_output() -> F {
    konst!(NO_OUTPUT)
}

/// Starts anew what a run puts out.
pub(crate) fn clear_outputs(m: &Memory) {
    m.output.set(no_output());
    m.events.set(F::word(0));
    m.messages.set(0);
}

/// Absorbs the record's receipt. Output, events and messages are the memory's; `fee` is below 2^96.
pub(crate) fn absorb(m: &Memory, end: Outcome, gas_used: u32, fee: F) {
    let head = u64::from(end.0) << 32 | u64::from(gas_used);
    let tail = u64::from(m.messages.get()) << 8 | u64::from(m.frames.get());
    // outcome, detail, gas used at bit 200; fee at bit 104; messages and frames at bit 88.
    let limb = f_add(
        f_lin::<200, 104>(F::word(head), fee),
        f_lin::<88, 0>(F::word(tail), F::word(0)),
    );
    m.receipts.set(poseidon5(
        m.receipts.get(),
        limb,
        m.tape.get(),
        m.output.get(),
        m.events.get(),
    ));
}

/// Adds to the work: the record's base and gas executed beyond it.
pub(crate) fn add_work(m: &Memory, executed: u32) {
    m.work
        .set(m.work.get() + u64::from(record_base(m)) + u64::from(executed));
}

/// Ends a record in which nothing ran.
pub(crate) fn quiet(m: &Memory, end: Outcome) {
    clear_outputs(m);
    absorb(m, end, 0, F::word(0));
    add_work(m, 0);
}
