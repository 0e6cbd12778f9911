//! The bus by a logarithmic derivative, and the whole table as polynomials alone.
//!
//! For random `theta` and `beta`, drawn after all advice columns of the `Air` are committed, a tuple of kind `t` has the
//! fingerprint `D = theta + t + beta e_1 + beta^2 e_2 + ...`. The bus balances exactly if the sum of `multiplicity / D`
//! over all rows and terms is zero, except with probability (tuples times width) / r. Three terms share a helper column:
//!
//! * `h D_1 D_2 D_3 = n_1 D_2 D_3 + n_2 D_1 D_3 + n_3 D_1 D_2` on every row;
//! * `phi = 0` on the first row, the next `phi` is `phi` plus this row's helpers, and on the last row that sum is zero.
//!
//! A running sum that starts at zero and ends at zero without reading the next row's helpers has each of them opened at one
//! point only. Rows are selected by three fixed columns ([`Selector`]) behind the table's own: the rows after the usable
//! ones belong to the prover, and nothing may be concluded from them.

use super::build::{Air, Rows};
use super::check::Witness;
use super::expr::{Column, Expr, affine, sum};
use super::program::Program;
use super::{MAX_DEGREE, TERMS_PER_HELPER};
use ark_ff::{AdditiveGroup, Field, batch_inversion};
use playfair_types::crypto::field::Fr;
use rayon::prelude::*;

/// Rows that one task takes when helpers are computed: enough to share an inversion.
const ROWS_PER_TASK: usize = 512;

/// Fixed columns that select rows; they follow the fixed columns of the `Air` in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selector {
    /// One on every usable row, zero on the others.
    All,
    /// One on the first row only.
    First,
    /// One on the last usable row only.
    Last,
}

impl Selector {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::All, Self::First, Self::Last];

    /// The range of usable rows where the selector is one.
    #[must_use]
    pub fn rows(self, usable: usize) -> std::ops::Range<usize> {
        match self {
            Self::All => 0..usable,
            Self::First => 0..1,
            Self::Last => usable - 1..usable,
        }
    }
}

/// A polynomial that vanishes on every row, the unusable ones included.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The constraint's id, or `logup.helper.0`, ..., `logup.first`, `logup.next`, `logup.last`.
    pub id: String,
    /// The polynomial, selector included; of degree at most [`MAX_DEGREE`].
    pub expr: Expr,
    /// Where `body` vanishes.
    pub on: Rows,
    /// The polynomial without its selector.
    pub body: Expr,
}

/// An [`Air`] as columns and polynomials.
///
/// Fixed columns: those of the `Air`, then the [`Selector`]s. Advice columns: those of the `Air` (first phase), then the
/// helpers and `phi` (second phase). Challenges, drawn between the phases: `theta` (0) and `beta` (1).
#[derive(Clone, Debug)]
pub struct System {
    fixed: usize,
    advice: usize,
    gates: Vec<Gate>,
    helpers: usize,
    fractions: Vec<(Expr, Expr)>,
    /// Per term: fingerprint, multiplicity.
    terms: Program,
}

/// Challenge 0.
const THETA: u16 = 0;
/// Challenge 1.
const BETA: u16 = 1;

impl System {
    /// Compiles a table.
    #[must_use]
    pub fn new(air: &Air) -> Self {
        let (fixed, advice) = (air.fixed().len(), air.advice().len());
        let mut gates: Vec<Gate> = Vec::new();
        let mut gate = |id: String, on: Rows, body: Expr| {
            gates.push(Gate {
                id,
                expr: selected(fixed, on) * &body,
                on,
                body,
            });
        };
        for constraint in air.constraints() {
            gate(constraint.id.clone(), constraint.on, constraint.expr.clone());
        }

        let fractions: Vec<(Expr, Expr)> = air
            .terms()
            .iter()
            .map(|term| {
                let parts = std::iter::once(Expr::from(term.kind.tag())).chain(term.tuple.iter().cloned());
                let parts: Vec<Expr> = parts.collect();
                let fingerprint = Expr::challenge(THETA) + affine(Expr::challenge(BETA), parts);
                (fingerprint, term.multiplicity.clone())
            })
            .collect();
        let helpers = fractions.len().div_ceil(TERMS_PER_HELPER);
        let helper = |i: usize| Column::Advice((advice + i) as u16);
        for (i, group) in fractions.chunks(TERMS_PER_HELPER).enumerate() {
            gate(
                format!("logup.helper.{i}"),
                Rows::All,
                cleared(&helper(i).cur(), group),
            );
        }
        if helpers > 0 {
            let phi = helper(helpers);
            let total = phi + sum((0..helpers).map(helper));
            gate("logup.first".into(), Rows::First, phi.cur());
            gate("logup.next".into(), Rows::Trans, phi.next() - &total);
            gate("logup.last".into(), Rows::Last, total);
        }
        debug_assert!(gates.iter().all(|gate| gate.expr.degree() <= MAX_DEGREE));
        let terms = Program::new(fractions.iter().flat_map(|(fingerprint, n)| [fingerprint, n]));
        Self {
            fixed,
            advice,
            gates,
            helpers,
            fractions,
            terms,
        }
    }

    /// How many fixed columns there are, selectors included.
    #[must_use]
    pub fn fixed_columns(&self) -> usize {
        self.fixed + Selector::ALL.len()
    }

    /// The polynomial that is one on `rows` and zero on the others.
    #[must_use]
    pub fn selected(&self, rows: Rows) -> Expr {
        selected(self.fixed, rows)
    }

    /// How many advice columns the `Air` has (first phase).
    #[must_use]
    pub fn first_phase(&self) -> usize {
        self.advice
    }

    /// How many columns follow the challenges: helpers and `phi`; none without terms.
    #[must_use]
    pub fn second_phase(&self) -> usize {
        if self.helpers == 0 { 0 } else { self.helpers + 1 }
    }

    /// How many challenges are drawn after the first phase.
    #[must_use]
    pub fn challenges(&self) -> usize {
        if self.helpers == 0 { 0 } else { 2 }
    }

    /// The polynomials: constraints in their order, then those of the bus.
    #[must_use]
    pub fn gates(&self) -> &[Gate] {
        &self.gates
    }

    /// The bus: fingerprint and multiplicity of each term. [`TERMS_PER_HELPER`] of them, in order, share a helper.
    #[must_use]
    pub fn fractions(&self) -> &[(Expr, Expr)] {
        &self.fractions
    }

    /// The second-phase columns on the usable rows: helpers, then `phi`. Plainly and slowly: provers have their own way, and compare.
    ///
    /// With probability about (terms times rows) / r a fingerprint is zero; the columns then satisfy nothing, and the
    /// proof must be made again.
    #[must_use]
    pub fn second_phase_values(&self, witness: &Witness, theta: Fr, beta: Fr) -> Vec<Vec<Fr>> {
        if self.helpers == 0 {
            return Vec::new();
        }
        let rows = witness.rows();
        let tasks: Vec<Vec<Fr>> = (0..rows.div_ceil(ROWS_PER_TASK))
            .into_par_iter()
            .map(|task| {
                let first = task * ROWS_PER_TASK;
                self.helper_rows(witness, first..rows.min(first + ROWS_PER_TASK), &[theta, beta])
            })
            .collect();
        let mut columns = vec![Vec::with_capacity(rows); self.helpers + 1];
        let mut phi = Fr::ZERO;
        for row in tasks.iter().flat_map(|task| task.chunks_exact(self.helpers)) {
            columns[self.helpers].push(phi);
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(*value);
                phi += value;
            }
        }
        columns
    }

    /// Helpers of some rows, row by row.
    fn helper_rows(&self, witness: &Witness, rows: std::ops::Range<usize>, challenges: &[Fr]) -> Vec<Fr> {
        let mut memory = self.terms.memory(challenges);
        let mut numerators = Vec::with_capacity(rows.len() * self.helpers);
        let mut denominators = Vec::with_capacity(rows.len() * self.helpers);
        for row in rows {
            self.terms.run(&mut memory, witness, row, witness.rows());
            for first in (0..self.fractions.len()).step_by(TERMS_PER_HELPER) {
                let (mut numerator, mut denominator) = (Fr::ZERO, Fr::ONE);
                for term in first..self.fractions.len().min(first + TERMS_PER_HELPER) {
                    let fingerprint = self.terms.output(&memory, 2 * term);
                    let multiplicity = self.terms.output(&memory, 2 * term + 1);
                    numerator = numerator * fingerprint + multiplicity * denominator;
                    denominator *= fingerprint;
                }
                numerators.push(numerator);
                denominators.push(denominator);
            }
        }
        batch_inversion(&mut denominators);
        for (numerator, inverse) in numerators.iter_mut().zip(&denominators) {
            *numerator *= inverse;
        }
        numerators
    }
}

/// The polynomial that is one on `rows` and zero on the other rows, where the `Air` has `fixed` fixed columns.
fn selected(fixed: usize, rows: Rows) -> Expr {
    let selector = |s: Selector| Column::Fixed((fixed + s as usize) as u16).cur();
    match rows {
        Rows::All => selector(Selector::All),
        Rows::Trans => selector(Selector::All) - selector(Selector::Last),
        Rows::First => selector(Selector::First),
        Rows::Last => selector(Selector::Last),
    }
}

/// `helper = sum of n / D`, with denominators cleared, in few multiplications.
fn cleared(helper: &Expr, fractions: &[(Expr, Expr)]) -> Expr {
    match fractions {
        [] => helper.clone(),
        [(d, n)] => helper * d - n,
        [(d1, n1), (d2, n2)] => (helper * d1 - n1) * d2 - n2 * d1,
        [(d1, n1), (d2, n2), (d3, n3), ..] => (helper * d1 - n1) * (d2 * d3) - (n2 * d3 + n3 * d2) * d1,
    }
}
