//! Cells of microcode: rounds of Poseidon, bits of the curve, and the state that goes from row to row.

use super::Assigner;
use super::row::Row;
use crate::lanes::{CURVE_A, CURVE_D, mds};
use crate::op::Op;
use ark_ff::{AdditiveGroup, Field, PrimeField};
use playfair_proofs_isa::trace::{Access, Value};
use playfair_types::crypto::babyjubjub::BASE8;
use playfair_types::crypto::field::Fr;

/// State before a row: lanes of Poseidon or C0..C8.
pub(super) type State = [Fr; 9];

/// Value found in a slot, zero if it is off.
pub(super) fn found(slot: &Option<Access>) -> Value {
    slot.map_or(Value::ZERO, |access| access.old)
}

/// Some partial rounds.
struct Rounds {
    /// `z_0 ..`.
    lanes: Vec<Fr>,
    /// `s_0 ..`.
    squares: Vec<Fr>,
    after: State,
}

/// The point that a row of CURVE adds.
fn addend(state: &State) -> (Fr, Fr, [u64; 2]) {
    let top = |scalar: &Fr| scalar.into_bigint().0[0] >> 63;
    let bits = [top(&state[6]), top(&state[7])];
    let (x, y) = match bits {
        [0, 0] => (Fr::ZERO, Fr::ONE),
        [1, 0] => (BASE8.x(), BASE8.y()),
        [0, _] => (state[2], state[3]),
        _ => (state[4], state[5]),
    };
    (x, y, bits)
}

impl Assigner<'_> {
    /// The state before a step.
    pub(super) fn state(&self, step: usize) -> State {
        let before = step.checked_sub(1);
        match (&self.trace.steps[step].micro, before) {
            // The lanes that PIN leaves are all bound, also those that the width does not have.
            (Some(state), Some(before)) if self.op(before) != Op::Pin => **state,
            (Some(state), None) => **state,
            (_, Some(before)) if self.op(before).is_micro() => self.advance(before),
            _ => [Fr::ZERO; 9],
        }
    }

    /// The state after a step.
    fn advance(&self, at: usize) -> State {
        let step = &self.trace.steps[at];
        let k = &self.tables.code()[step.pcl as usize].k;
        let op = self.op(at);
        let x = self.value(found(&step.a));
        let y = self.value(found(&step.b));
        let z = self.value(found(&step.c));
        let mut next = [Fr::ZERO; 9];
        match op {
            Op::Pin => {
                let after = self.trace.steps.get(at + 1);
                let x2 = after.map_or(Fr::ZERO, |step| self.value(found(&step.a)));
                let y2 = after.map_or(Fr::ZERO, |step| self.value(found(&step.b)));
                for ((lane, input), k) in next.iter_mut().zip([Fr::ZERO, x, y, z, x2, y2]).zip(k) {
                    *lane = input + k;
                }
            }
            Op::Cin => {
                next[..6].copy_from_slice(&self.state(at)[3..]);
                next[6..].copy_from_slice(&[x, y, z]);
            }
            Op::Curve => next = self.curve_after(&self.state(at)),
            Op::P6F | Op::P3F => next = full_after(op, &self.state(at), k),
            Op::P6P | Op::P3P | Op::P3S => next = self.rounds(at, op).after,
            _ => next = self.state(at),
        }
        next
    }

    fn curve_after(&self, state: &State) -> State {
        let (qx, qy, bits) = addend(state);
        let [px, py, ..] = *state;
        let (a, d) = (Fr::from(CURVE_A), Fr::from(CURVE_D));
        let w = px * py;
        let t = d * w.square();
        let over = |numerator: Fr, denominator: Fr| denominator.inverse().unwrap_or_default() * numerator;
        let (dx, dy) = (
            over(w.double(), Fr::ONE + t),
            over(py.square() - a * px.square(), Fr::ONE - t),
        );
        let (beta, gamma) = (dx * qy, dy * qx);
        let t = d * beta * gamma;
        let mut next = *state;
        next[0] = over(beta + gamma, Fr::ONE + t);
        next[1] = over(dy * qy - a * dx * qx, Fr::ONE - t);
        for (scalar, bit) in next[6..8].iter_mut().zip(bits) {
            *scalar = scalar.double() - Fr::from(u128::from(bit) << 64);
        }
        next[8] -= Fr::ONE;
        next
    }

    /// What CURVE divides by: `1 + d W^2`, `1 - d W^2`.
    pub(super) fn curve_denominators(&self, step: usize) -> [Fr; 2] {
        let [px, py, ..] = self.state(step);
        let t = Fr::from(CURVE_D) * (px * py).square();
        [Fr::ONE + t, Fr::ONE - t]
    }

    /// Cells of a row of CURVE.
    pub(super) fn curve_row(&self, step: usize, row: &mut Row, inverses: [Fr; 2]) {
        let c = self.c;
        let state = self.state(step);
        let (qx, qy, bits) = addend(&state);
        let [px, py, ..] = state;
        let w = px * py;
        let dx = w.double() * inverses[0];
        let dy = (py.square() - Fr::from(CURVE_A) * px.square()) * inverses[1];
        for (column, value) in c.extra.iter().zip([qx, qy, w, dx, dy, dx * qy, dy * qx]) {
            row.set(*column, value);
        }
        for (column, bit) in c.limb[9..11].iter().zip(bits) {
            row.set(*column, self.number(bit));
        }
    }

    /// Cells of a round of Poseidon.
    pub(super) fn poseidon_row(&self, step: usize, op: Op, row: &mut Row) {
        let c = self.c;
        if matches!(op, Op::P6F | Op::P3F) {
            let width = if op == Op::P6F { 6 } else { 3 };
            let state = self.state(step);
            for (column, x) in c.limb[6..].iter().zip(&state[..width]) {
                row.set(*column, x.square());
            }
            return;
        }
        let rounds = self.rounds(step, op);
        for (column, square) in c.limb[6..].iter().chain(&c.extra[..4]).zip(&rounds.squares) {
            row.set(*column, *square);
        }
        for (column, lane) in c.extra[4..].iter().zip(&rounds.lanes[1..]) {
            row.set(*column, *lane);
        }
    }

    /// Partial rounds as the matrix has them: lane 0 and the others in turn.
    fn rounds(&self, at: usize, op: Op) -> Rounds {
        let state = self.state(at);
        let instr = &self.tables.code()[self.trace.steps[at].pcl as usize];
        let (width, count) = match op {
            Op::P6P => (6, 10),
            Op::P3P => (3, 10),
            _ => (3, 7),
        };
        let forms = &self.partial[usize::from(width == 3)];
        let constants = instr.k.iter().chain([&instr.b, &instr.c]);
        let mut lane = state[0];
        let mut rounds = Rounds {
            lanes: Vec::with_capacity(count),
            squares: Vec::with_capacity(count),
            after: [Fr::ZERO; 9],
        };
        let mut basis: Vec<Fr> = state[1..width].to_vec();
        for (form, constant) in forms.lane0.iter().zip(constants).take(count) {
            let square = lane.square();
            rounds.lanes.push(lane);
            rounds.squares.push(square);
            basis.push(square.square() * lane);
            lane = dot(form, &basis) + constant;
        }
        rounds.after[0] = lane;
        let others = if op == Op::P3S {
            &self.seven.others
        } else {
            &forms.others
        };
        for (next, form) in rounds.after[1..].iter_mut().zip(others) {
            *next = dot(form, &basis);
        }
        rounds
    }
}

/// The value of a form; what the basis does not have yet has no part in it.
fn dot(form: &[Fr], basis: &[Fr]) -> Fr {
    form.iter().zip(basis).map(|(k, value)| *k * value).sum()
}

/// The state after a full round.
fn full_after(op: Op, state: &State, k: &[Fr; 8]) -> State {
    let width = if op == Op::P6F { 6 } else { 3 };
    let mut next = [Fr::ZERO; 9];
    for ((lane, row), k) in next.iter_mut().zip(mds(width)).zip(k) {
        *lane = row
            .iter()
            .zip(state)
            .map(|(m, x)| *m * x.square().square() * x)
            .sum::<Fr>()
            + k;
    }
    next
}
