//! PIN and the rounds of Poseidon, width 6 and 3.
//!
//! A row's state X (L0.., constants added) becomes the next row's. Full round: `s_i = X_i^2` (L6..), `y_i = s_i^2 X_i`, next
//! `X = M y + (k0..)`. Partial rounds: `z_0 = X_0`, `s_j = z_j^2` (L6..L11, E0..E3), `y_j = s_j^2 z_j`; `z_(j+1)` (E4..E12) is linear in
//! `X_1.., y_0..y_j`, plus a constant; so is the next row's state, which has a constant on lane 0 only.
//!
//! # Attacks
//! * A state that is not the parameters: `pin.*` take them from the slots (zero where a slot is off), through the next row for the
//!   fourth and fifth.
//! * A round out of place, other constants: the code table has both. EXIT between: `state.joined`.
//! * Every cell is a function of the row's state: squares, lanes and next states each have their equation; nothing is free but
//!   lanes that the width does not have.

use super::Lanes;
use crate::air::{Expr, sum};
use crate::op::Op;
use ark_ff::{AdditiveGroup, Field};
use playfair_types::crypto::field::Fr;
use playfair_types::crypto::poseidon::{mds3, mds6};

/// The matrix of width 3 or 6, by rows.
pub(crate) fn mds(width: usize) -> Vec<&'static [Fr]> {
    if width == 3 {
        mds3().iter().map(|row| &row[..]).collect()
    } else {
        mds6().iter().map(|row| &row[..]).collect()
    }
}

/// Linear forms of some partial rounds, without constants, over `X_1 .. X_(t-1), y_0 ..`.
pub(crate) struct Partial {
    /// Lane 0 after each round: `z_1 ..`, and the next state's lane 0 at the end.
    pub(crate) lane0: Vec<Vec<Fr>>,
    /// The next state's other lanes.
    pub(crate) others: Vec<Vec<Fr>>,
}

impl Partial {
    /// `rounds` partial rounds of width `width`.
    pub(crate) fn new(width: usize, rounds: usize) -> Self {
        let matrix = mds(width);
        let basis = width - 1 + rounds;
        let unit = |i: usize| {
            (0..basis)
                .map(|j| if i == j { Fr::ONE } else { Fr::ZERO })
                .collect::<Vec<_>>()
        };
        let mut others: Vec<Vec<Fr>> = (0..width - 1).map(unit).collect();
        let mut lane0 = Vec::new();
        for round in 0..rounds {
            let mut lanes = vec![unit(width - 1 + round)];
            lanes.append(&mut others);
            let apply = |row: &&[Fr]| -> Vec<Fr> {
                (0..basis)
                    .map(|j| row.iter().zip(&lanes).map(|(m, lane)| *m * lane[j]).sum())
                    .collect()
            };
            let mut after = matrix.iter().map(apply);
            lane0.extend(after.next());
            others = after.collect();
        }
        Self { lane0, others }
    }
}

/// The value of a form.
fn combine(form: &[Fr], basis: &[Expr]) -> Expr {
    sum(form
        .iter()
        .zip(basis)
        .filter(|(k, _)| **k != Fr::ZERO)
        .map(|(k, part)| part * *k))
}

/// `y = s^2 z`.
fn fifth(square: &Expr, value: &Expr) -> Expr {
    square.square() * value
}

impl Lanes<'_> {
    /// `s_j` of partial rounds: L6..L11, E0..E3.
    fn partial_square(&self, j: usize) -> Expr {
        if j < 6 { self.limb(6 + j) } else { self.cell(j - 6) }
    }

    /// `z_j` of partial rounds: L0, E4..E12.
    fn partial_lane(&self, j: usize) -> Expr {
        if j == 0 { self.limb(0) } else { self.cell(3 + j) }
    }

    /// The constants of partial rounds: k0..k7, b, c.
    fn partial_constant(&self, j: usize) -> Expr {
        match j {
            8 => self.c.b.cur(),
            9 => self.c.c.cur(),
            _ => self.k(j),
        }
    }

    pub(super) fn poseidon(&mut self) {
        self.pin();
        let (full6, full3) = (self.is(Op::P6F), self.is(Op::P3F));
        for i in 0..6 {
            let selector = if i < 3 { &full6 + &full3 } else { full6.clone() };
            let square = self.limb(6 + i) - self.limb(i).square();
            self.all(&format!("full.square.{i}"), "s_i = X_i^2.", selector * square);
        }
        self.full(6, "p6f", &full6);
        self.full(3, "p3f", &full3);

        let (ten6, ten3, seven3) = (self.is(Op::P6P), self.is(Op::P3P), self.is(Op::P3S));
        for j in 0..10 {
            let selector = if j < 7 {
                &ten6 + &ten3 + &seven3
            } else {
                &ten6 + &ten3
            };
            let square = self.partial_square(j) - self.partial_lane(j).square();
            self.all(&format!("partial.square.{j}"), "s_j = z_j^2.", selector * square);
        }
        self.lanes(6, 0..9, "p6p", &ten6);
        self.lanes(3, 0..6, "p3", &(&ten3 + &seven3));
        self.lanes(3, 6..9, "p3p", &ten3);
        self.after(6, 10, "p6p", &ten6);
        self.after(3, 10, "p3p", &ten3);
        self.after(3, 7, "p3s", &seven3);
    }

    fn pin(&mut self) {
        let c = self.c;
        let pin = self.is(Op::Pin);
        let none = Expr::from(0);
        let inputs = [
            none,
            c.x(),
            c.y(),
            c.slot_c.old.cur(),
            c.slot_a.old.next(),
            c.slot_b.value.next(),
        ];
        for (i, input) in inputs.into_iter().enumerate() {
            let next = c.limb[i].next();
            let doc = "The next state's lane is a parameter plus its constant.";
            self.trans(&format!("pin.{i}"), doc, &pin * (next - input - self.k(i)));
        }
    }

    /// The state after a full round.
    fn full(&mut self, width: usize, name: &str, selector: &Expr) {
        let powers: Vec<Expr> = (0..width)
            .map(|i| fifth(&self.limb(6 + i), &self.limb(i)))
            .collect();
        for (i, row) in mds(width).into_iter().enumerate() {
            let next = self.c.limb[i].next() - combine(row, &powers) - self.k(i);
            self.trans(
                &format!("{name}.next.{i}"),
                "The next state is M y + (k0..).",
                selector * next,
            );
        }
    }

    /// `X_1 .., y_0 ..` of partial rounds.
    fn basis(&self, width: usize, rounds: usize) -> Vec<Expr> {
        let lanes = (1..width).map(|i| self.limb(i));
        lanes
            .chain((0..rounds).map(|j| fifth(&self.partial_square(j), &self.partial_lane(j))))
            .collect()
    }

    /// `z_(j+1)` for some rounds.
    fn lanes(&mut self, width: usize, rounds: std::ops::Range<usize>, name: &str, selector: &Expr) {
        let forms = Partial::new(width, rounds.end);
        let basis = self.basis(width, rounds.end);
        for j in rounds {
            let lane = self.partial_lane(j + 1) - combine(&forms.lane0[j], &basis) - self.partial_constant(j);
            self.all(
                &format!("{name}.lane.{}", j + 1),
                "z_j is its linear form.",
                selector * lane,
            );
        }
    }

    /// The state after partial rounds.
    fn after(&mut self, width: usize, rounds: usize, name: &str, selector: &Expr) {
        let forms = Partial::new(width, rounds);
        let basis = self.basis(width, rounds);
        let constant = self.partial_constant(rounds - 1);
        let lane0 = forms.lane0.last().map(|form| combine(form, &basis) + constant);
        let others = forms.others.iter().map(|form| combine(form, &basis));
        for (i, lane) in lane0.into_iter().chain(others).enumerate() {
            let next = self.c.limb[i].next() - lane;
            self.trans(
                &format!("{name}.next.{i}"),
                "The next state is its linear form.",
                selector * next,
            );
        }
    }
}
