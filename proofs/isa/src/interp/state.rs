//! The state that rows of microcode hand on in the limbs of the next row.

use super::Reason;
use crate::micro::{PartialRounds, Width, dot};
use ark_ff::Field;
use playfair_types::crypto::field::Fr;

/// Sets of limbs L0..L11, as bits.
pub(super) mod limbs {
    /// Group 1.
    pub(crate) const GROUP1: u16 = 0x03f;
    /// Group 2.
    pub(crate) const GROUP2: u16 = 0xfc0;
    /// Bytes and sign of sub-word accesses; also the state of the curve.
    pub(crate) const NINE: u16 = 0x1ff;
    /// State of Poseidon, t = 6.
    pub(crate) const SIX: u16 = GROUP1;
    /// State of Poseidon, t = 3.
    pub(crate) const THREE: u16 = 0x007;
}

/// What a row left in the next row's limbs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pending {
    /// Values; of limbs that are not set they are zero.
    pub(super) state: [Fr; 9],
    /// Which limbs are set.
    pub(super) set: u16,
}

impl Pending {
    /// The state, if all these limbs are set.
    pub(super) fn need(&self, limbs: u16) -> Result<&[Fr; 9], Reason> {
        if self.set & limbs == limbs {
            Ok(&self.state)
        } else {
            Err(Reason::State)
        }
    }
}

/// Tables of a width.
#[derive(Debug)]
struct Lanes {
    mds: Vec<Vec<Fr>>,
    ten: PartialRounds,
}

/// Tables of Poseidon's rows.
#[derive(Debug)]
pub(super) struct Rounds {
    three: Lanes,
    six: Lanes,
    seven: PartialRounds,
}

/// Which row of Poseidon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A full round.
    Full(Width),
    /// Ten partial rounds.
    Ten(Width),
    /// Seven partial rounds, t = 3.
    Seven,
}

impl Kind {
    /// The limbs of its state.
    pub(super) const fn limbs(self) -> u16 {
        match self {
            Self::Full(Width::Six) | Self::Ten(Width::Six) => limbs::SIX,
            _ => limbs::THREE,
        }
    }
}

impl Rounds {
    pub(super) fn new() -> Self {
        let lanes = |width: Width| Lanes {
            mds: width.mds(),
            ten: width.partial(10),
        };
        Self {
            three: lanes(Width::Three),
            six: lanes(Width::Six),
            seven: Width::Three.partial(7),
        }
    }

    /// The state after a row with these constants.
    pub(super) fn row(&self, kind: Kind, constants: &[Fr; 10], state: &[Fr; 9]) -> [Fr; 9] {
        match kind {
            Kind::Full(Width::Three) => full(&self.three.mds, constants, state),
            Kind::Full(Width::Six) => full(&self.six.mds, constants, state),
            Kind::Ten(Width::Three) => partial(&self.three.ten, constants, state),
            Kind::Ten(Width::Six) => partial(&self.six.ten, constants, state),
            Kind::Seven => partial(&self.seven, constants, state),
        }
    }
}

fn pow5(x: Fr) -> Fr {
    x.square().square() * x
}

fn full(mds: &[Vec<Fr>], constants: &[Fr; 10], state: &[Fr; 9]) -> [Fr; 9] {
    let mut next = [Fr::from(0u64); 9];
    let y = state.map(pow5);
    for ((slot, row), constant) in next.iter_mut().zip(mds).zip(constants) {
        *slot = *constant + dot(row, &y);
    }
    next
}

fn partial(forms: &PartialRounds, constants: &[Fr; 10], state: &[Fr; 9]) -> [Fr; 9] {
    let [first, others @ ..] = state;
    let mut y = [Fr::from(0u64); 10];
    y[0] = pow5(*first);
    for (i, (form, constant)) in forms.z.iter().zip(constants).enumerate() {
        if let Some((known, [slot, ..])) = y.split_at_mut_checked(i + 1) {
            *slot = pow5(form.at(others, known) + constant);
        }
    }
    let mut next = [Fr::from(0u64); 9];
    for (slot, form) in next.iter_mut().zip(&forms.next) {
        *slot = form.at(others, &y);
    }
    if let Some(last) = constants.get(forms.z.len()) {
        next[0] += last;
    }
    next
}
