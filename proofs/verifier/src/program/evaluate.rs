//! The gate polynomials at one point.

#![allow(clippy::arithmetic_side_effects, reason = "of field elements alone")]

use super::{Node, Program};
use alloc::vec::Vec;
use ark_ff::AdditiveGroup;
use playfair_types::Fr;

/// Everything a polynomial may refer to, at that point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values<'a> {
    pub(crate) advice: &'a [Fr],
    pub(crate) fixed: &'a [Fr],
    pub(crate) instance: &'a [Fr],
    pub(crate) challenges: &'a [Fr],
}

impl Program {
    /// The polynomials' values combined: `sum p_i y^(m - 1 - i)`, as halo2 folds them.
    ///
    /// `None` only if `values` are fewer than the program's.
    pub(crate) fn evaluate(&self, values: &Values<'_>, y: Fr) -> Option<Fr> {
        let parts = &self.parts;
        let mut results: Vec<Fr> = Vec::with_capacity(parts.nodes.len());
        for node in &parts.nodes {
            let at = |operand: u16| results.get(usize::from(operand)).copied();
            let leaf = |list: &[Fr], number: u16| list.get(usize::from(number)).copied();
            let result = match *node {
                Node::Constant(number) => leaf(&parts.constants, number)?,
                Node::Advice(number) => leaf(values.advice, number)?,
                Node::Fixed(number) => leaf(values.fixed, number)?,
                Node::Instance(number) => leaf(values.instance, number)?,
                Node::Challenge(number) => leaf(values.challenges, number)?,
                Node::Negate(a) => -at(a)?,
                Node::Add(a, b) => at(a)? + at(b)?,
                Node::Subtract(a, b) => at(a)? - at(b)?,
                Node::Multiply(a, b) => at(a)? * at(b)?,
            };
            results.push(result);
        }
        parts.polynomials.iter().try_fold(Fr::ZERO, |sum, polynomial| {
            Some(sum * y + *results.get(usize::from(*polynomial))?)
        })
    }
}
