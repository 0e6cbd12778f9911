//! GETS, GASD, SETGAS, HINT64, RAW, AUX, SETMEM.
//!
//! # Attacks
//! * Gas out of nothing: `gas` changes only by `state.gas`; SETGAS stands only in the kernel.
//! * Lane 0 of Poseidon from a row that no round precedes: [`crate::lint`] wants GETS with k1 behind a round, `state.joined` keeps EXIT away.
//! * HINT64 beyond 64 bits: `hint64.result` and the range of group 1.
//! * AUX of another table: its tag is k0 (`aux.tag`), its key k1 x + k2 (`aux.key`); keys are unique in the tables that AUX may name
//!   ([`crate::lint`]), so that v1 and v2 are functions of the key.
//! * RAW at an address that is no cell: memory then has no tuple for it.

use super::Lanes;
use crate::op::Op;

impl Lanes<'_> {
    pub(super) fn system(&mut self) {
        let c = self.c;
        let (x, res) = (c.x(), c.res());
        let gets = self.is(Op::GetS);
        self.all(
            "gets.result",
            "res = k0 gas + k1 L0 + k2 sl.",
            gets * (&res - self.k(0) * c.gas - self.k(1) * self.limb(0) - self.k(2) * c.sl),
        );
        self.extra.gas -= self.is(Op::GasD) * &x;
        self.extra.gas += self.is(Op::SetGas) * (&x - c.gas + c.g);

        let hint = self.is(Op::Hint64);
        self.all("hint64.result", "res = lo.", hint * (&res - c.lo()));

        let raw = self.is(Op::Raw);
        self.all(
            "raw.address",
            "Slot B is at x + k4.",
            &raw * (c.slot_b.address - &x - self.k(4)),
        );
        self.all("raw.result", "res = y.", &raw * (&res - c.y()));
        self.extra.computed_b += raw;

        let aux = self.is(Op::Aux);
        self.all("aux.tag", "The tag is k0.", &aux * (self.cell(12) - self.k(0)));
        self.all(
            "aux.key",
            "The key is k1 x + k2.",
            &aux * (self.cell(0) - self.k(1) * &x - self.k(2)),
        );
        let values = self.k(4) * self.cell(1) + self.k(5) * self.cell(2);
        self.all("aux.result", "res = k4 v1 + k5 v2.", aux * (res - values));

        let setmem = self.is(Op::SetMem);
        self.extra.ctx += &setmem * self.k(0);
        self.extra.lim += setmem * (x - c.lim);
    }
}
