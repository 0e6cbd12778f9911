//! The sum of all gates, `sum y^i gate_i`, over the rows of a coset.
//!
//! Gates with the same selector are added before it is applied, and within them those with a common factor (an instruction's
//! flag) before that is.

use super::Block;
use super::code::{Cells, Code, Compiler, Operand};
use ark_bn254::FrConfig as Config;
use playfair_proofs_circuit::air::{Expr, Node, Rows, System};
use playfair_proofs_vector::Scalar;
use playfair_types::Fr;
use rayon::prelude::*;
use std::collections::HashMap;

/// Blocks of rows that a task takes.
const TASK: usize = 1 << 7;

/// What evaluates all gates.
#[derive(Clone, Debug)]
pub(super) struct Gates {
    pub(super) code: Code,
    count: usize,
}

impl Gates {
    pub(super) fn new(system: &System) -> Self {
        Self {
            code: Code::new(&[combined(system)]),
            count: system.gates().len(),
        }
    }

    /// What a run needs: `factor` multiplies the whole sum.
    pub(super) fn scalars(&self, challenges: &[Fr], y: Fr, factor: Fr) -> Vec<Scalar<Config>> {
        // The verifier folds from the first gate on: the last one has the power zero.
        let powers = std::iter::successors(Some(factor), |power| Some(*power * y)).take(self.count);
        let mut challenges = challenges.to_vec();
        let first = challenges.len();
        challenges.extend(powers);
        challenges[first..].reverse();
        self.code.scalars(&challenges)
    }

    /// The sum on each row of `out`.
    pub(super) fn run(&self, scalars: &[Scalar<Config>], cells: Cells<'_>, out: &mut [Block]) {
        out.par_chunks_mut(TASK)
            .enumerate()
            .for_each(|(task, out)| self.code.run(scalars, cells, task * TASK, out));
    }
}

/// All gates in one expression; challenge `system.challenges() + i` stands for gate `i`'s power of `y`.
fn combined(system: &System) -> Expr {
    let mut names = Compiler::default();
    let mut uses: HashMap<Operand, usize> = HashMap::new();
    let factors: Vec<_> = system
        .gates()
        .iter()
        .map(|gate| match gate.body.node() {
            Node::Mul(a, b) => Some([
                (names.visit(a), a.clone(), b.clone()),
                (names.visit(b), b.clone(), a.clone()),
            ]),
            _ => None,
        })
        .collect();
    for (name, ..) in factors.iter().flatten().flatten() {
        *uses.entry(*name).or_default() += 1;
    }
    let mut total = Expr::from(0u64);
    for rows in [Rows::All, Rows::Trans, Rows::First, Rows::Last] {
        let mut sum = Expr::from(0u64);
        // By common factor, in order of appearance.
        let mut groups: Vec<(Operand, Expr, Expr)> = Vec::new();
        for (i, (gate, factors)) in system.gates().iter().zip(&factors).enumerate() {
            if gate.on != rows {
                continue;
            }
            let power = Expr::challenge((system.challenges() + i) as u16);
            let common = factors
                .as_ref()
                .and_then(|pair| pair.iter().max_by_key(|(name, ..)| uses[name]));
            match common {
                Some((name, factor, rest)) => {
                    let part = rest * power;
                    match groups.iter_mut().find(|(known, ..)| known == name) {
                        Some((_, _, sum)) => *sum += part,
                        None => groups.push((*name, factor.clone(), part)),
                    }
                }
                None => sum += &gate.body * power,
            }
        }
        for (_, factor, rest) in groups {
            sum += factor * rest;
        }
        total += system.selected(rows) * sum;
    }
    total
}
