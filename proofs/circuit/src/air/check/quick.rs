//! Whether a table is clean, without saying what fails: the oracle for long runs.
//!
//! Rows of one kind make most constraints vanish whatever their other cells hold. So the constraints are specialised for each pattern
//! of some columns (*switches*: the machine's flags) that occurs with zeros and ones: the pattern is put in their place and constants
//! are folded, which changes no value of any polynomial. A row whose switches hold anything else is evaluated without a pattern. The bus is
//! summed as the proof sums it (`super::super::logup`), with fingerprints of constants that no witness of a test depends on: a bus that does not
//! balance passes with probability (tuples times width) / r.
//!
//! What it says is what [`Checker`](super::Checker) and halo2's mock prover say (proofs/prover/tests/mock.rs).

use super::super::build::{Air, Rows};
use super::super::error::WitnessError;
use super::super::expr::{Column, Expr, Node};
use super::super::program::{Program, Source};
use super::Witness;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField, batch_inversion};
use playfair_types::crypto::field::Fr;
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

/// Rows that one task takes: enough to share an inversion.
const ROWS_PER_TASK: usize = 1024;
/// Patterns that are kept; what a hostile witness adds is evaluated without one.
const PATTERNS_MAX: usize = 512;
/// Switches at most: bits of a pattern.
const SWITCHES_MAX: usize = 64;

/// Constraints and bus, specialised.
struct Plan {
    /// Constraints, then for each term its multiplicity and the parts of its tuple that are not constant.
    program: Program,
    /// Where each constraint holds.
    constraints: Vec<Rows>,
    terms: Vec<Term>,
}

/// How to make a term's fingerprint.
struct Term {
    /// Output of the multiplicity; the parts follow.
    first: usize,
    /// What the constant parts come to.
    constant: Fr,
    /// Powers of beta of the other parts.
    powers: Vec<Fr>,
}

/// Decides whether witnesses of one table are clean. One of them serves any number of witnesses, from any thread.
pub struct Evaluator<'a> {
    air: &'a Air,
    switches: Vec<Column>,
    general: Plan,
    plans: RwLock<HashMap<u64, Arc<Plan>>>,
}

/// A row's or a task's part of the whole.
struct Part {
    clean: bool,
    sum: Fr,
}

/// What fingerprints are made with: theta and beta of the proof's bus.
fn challenges() -> [Fr; 2] {
    let digits = |first: u64| {
        // Words of the golden ratio and of the square root of two, and what a multiplication makes of them.
        let word = |i: u64| (first ^ i).wrapping_mul(0xd134_2543_de82_ef95).rotate_left(29);
        Fr::from_bigint(BigInt([word(1), word(2), word(3), word(4) >> 4])).unwrap_or(Fr::ONE)
    };
    [digits(0x9e37_79b9_7f4a_7c15), digits(0x6a09_e667_f3bc_c908)]
}

impl Plan {
    /// The table with some columns of a row replaced by constants.
    fn new(air: &Air, constants: &HashMap<Column, Fr>) -> Self {
        let mut folded = Folding {
            constants,
            known: HashMap::new(),
        };
        let (mut exprs, mut rows) = (Vec::new(), Vec::new());
        for constraint in air.constraints() {
            let expr = folded.fold(&constraint.expr);
            if expr.as_constant() != Some(Fr::ZERO) {
                exprs.push(expr);
                rows.push(constraint.on);
            }
        }
        let [theta, beta] = challenges();
        let mut terms = Vec::new();
        for term in air.terms() {
            let multiplicity = folded.fold(&term.multiplicity);
            if multiplicity.as_constant() == Some(Fr::ZERO) {
                continue;
            }
            let first = exprs.len();
            exprs.push(multiplicity);
            let mut constant = theta + Fr::from(term.kind.tag());
            let mut powers = Vec::new();
            let mut power = Fr::ONE;
            for part in &term.tuple {
                power *= beta;
                let part = folded.fold(part);
                match part.as_constant() {
                    Some(value) => constant += power * value,
                    None => {
                        exprs.push(part);
                        powers.push(power);
                    }
                }
            }
            terms.push(Term {
                first,
                constant,
                powers,
            });
        }
        Self {
            program: Program::new(&exprs),
            constraints: rows,
            terms,
        }
    }
}

/// Expressions with constants in place of some cells.
struct Folding<'a> {
    constants: &'a HashMap<Column, Fr>,
    /// By address: the expressions of an `Air` live as long as this.
    known: HashMap<usize, Expr>,
}

impl Folding<'_> {
    fn fold(&mut self, expr: &Expr) -> Expr {
        if let Some(known) = self.known.get(&expr.address()) {
            return known.clone();
        }
        let folded = match expr.node() {
            Node::Cell(column, 0) => match self.constants.get(column) {
                Some(value) => Expr::constant(*value),
                None => expr.clone(),
            },
            Node::Const(_) | Node::Cell(..) | Node::Challenge(_) => expr.clone(),
            Node::Add(a, b) => self.fold(a) + self.fold(b),
            Node::Sub(a, b) => self.fold(a) - self.fold(b),
            Node::Mul(a, b) => self.fold(a) * self.fold(b),
            Node::Neg(a) => -self.fold(a),
        };
        self.known.insert(expr.address(), folded.clone());
        folded
    }
}

impl<'a> Evaluator<'a> {
    /// Prepares a table. The switches are what rows differ by; any columns are right, but not any are fast. Those after the
    /// sixty-fourth do nothing.
    #[must_use]
    pub fn new(air: &'a Air, switches: &[Column]) -> Self {
        Self {
            air,
            switches: switches.iter().take(SWITCHES_MAX).copied().collect(),
            general: Plan::new(air, &HashMap::new()),
            plans: RwLock::new(HashMap::new()),
        }
    }

    /// Whether every constraint holds and the bus balances.
    ///
    /// # Errors
    /// When the witness does not have the shape of the table.
    pub fn is_clean(&self, witness: &Witness) -> Result<bool, WitnessError> {
        witness.validate(self.air)?;
        let rows = witness.rows();
        let parts: Vec<Part> = (0..rows.div_ceil(ROWS_PER_TASK))
            .into_par_iter()
            .map(|task| {
                let first = task * ROWS_PER_TASK;
                self.task(witness, first..rows.min(first + ROWS_PER_TASK))
            })
            .collect();
        let sum: Fr = parts.iter().map(|part| part.sum).sum();
        Ok(sum == Fr::ZERO && parts.iter().all(|part| part.clean))
    }

    /// The plan of a pattern; none if there are too many.
    fn plan(&self, pattern: u64) -> Option<Arc<Plan>> {
        // Nobody panics with the lock in hand, and a plan is whole or not there.
        let plans = self.plans.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.get(&pattern) {
            return Some(plan.clone());
        }
        let full = plans.len() >= PATTERNS_MAX;
        drop(plans);
        if full {
            return None;
        }
        let value = |i: usize| Fr::from(pattern >> i & 1);
        let constants = self.switches.iter().enumerate();
        let constants = constants.map(|(i, column)| (*column, value(i))).collect();
        let plan = Arc::new(Plan::new(self.air, &constants));
        let mut plans = self.plans.write().unwrap_or_else(PoisonError::into_inner);
        Some(plans.entry(pattern).or_insert(plan).clone())
    }

    /// The pattern of a row, if its switches are zeros and ones.
    fn pattern(&self, witness: &Witness, row: usize) -> Option<u64> {
        let mut pattern = 0;
        for (i, column) in self.switches.iter().enumerate() {
            let value = witness.cell(*column, row);
            if value == Fr::ONE {
                pattern |= 1 << i;
            } else if value != Fr::ZERO {
                return None;
            }
        }
        Some(pattern)
    }

    fn task(&self, witness: &Witness, rows: Range<usize>) -> Part {
        let total = witness.rows();
        let mut fingerprints = Vec::new();
        let mut multiplicities = Vec::new();
        let (mut clean, minus_one) = (true, -Fr::ONE);
        let mut at_work: HashMap<u64, (Arc<Plan>, Vec<Fr>)> = HashMap::new();
        let mut general = self.general.program.memory(&[]);
        for row in rows {
            let pattern = self.pattern(witness, row);
            if let Some(pattern) = pattern
                && !at_work.contains_key(&pattern)
                && let Some(plan) = self.plan(pattern)
            {
                let memory = plan.program.memory(&[]);
                at_work.insert(pattern, (plan, memory));
            }
            let found = pattern.and_then(|pattern| at_work.get_mut(&pattern));
            let (plan, memory) = match found {
                Some((plan, memory)) => (&**plan, memory),
                None => (&self.general, &mut general),
            };
            plan.program.run(memory, witness, row, total);
            for (i, on) in plan.constraints.iter().enumerate() {
                let holds_here = match on {
                    Rows::All => true,
                    Rows::Trans => row + 1 < total,
                    Rows::First => row == 0,
                    Rows::Last => row + 1 == total,
                };
                clean &= !holds_here || plan.program.output(memory, i) == Fr::ZERO;
            }
            for term in &plan.terms {
                let multiplicity = plan.program.output(memory, term.first);
                if multiplicity == Fr::ZERO {
                    continue;
                }
                let mut fingerprint = term.constant;
                for (i, power) in term.powers.iter().enumerate() {
                    let part = plan.program.output(memory, term.first + 1 + i);
                    if part != Fr::ZERO {
                        fingerprint += part * power;
                    }
                }
                fingerprints.push(fingerprint);
                multiplicities.push(multiplicity);
            }
        }
        // A fingerprint of zero has no inverse: nothing is known then.
        clean &= !fingerprints.contains(&Fr::ZERO);
        batch_inversion(&mut fingerprints);
        let mut sum = Fr::ZERO;
        for (inverse, multiplicity) in fingerprints.iter().zip(&multiplicities) {
            // Most uses are one.
            if *multiplicity == minus_one {
                sum -= inverse;
            } else {
                sum += *inverse * multiplicity;
            }
        }
        Part { clean, sum }
    }
}
