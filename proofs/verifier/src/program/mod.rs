//! The constraint program: what a circuit's verifier must know beside the key, as data.
//!
//! Columns and their phases, challenges, the queries in halo2's order, and the gate polynomials as one list of
//! [`Node`]s, each over earlier ones. The prover crate exports it from halo2's constraint system; it is
//! compiled into verifiers as bytes (`codec`). The program has no row count: one program serves every `k` of a
//! family of shapes.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod codec;
mod evaluate;
mod plan;

use alloc::vec::Vec;
use core::fmt;
use playfair_types::Fr;

pub(crate) use evaluate::Values;
pub(crate) use plan::{Group, Plan, Source};

/// Most columns of a kind.
pub const COLUMNS_MAX: usize = 256;
/// Most challenges.
pub const CHALLENGES_MAX: usize = 16;
/// Most queries of a kind.
pub const QUERIES_MAX: usize = 1024;
/// Most instances.
pub const INSTANCES_MAX: usize = 1024;
/// The last advice phase. halo2 has a third one; our circuits do not.
pub const PHASE_MAX: u8 = 1;
/// Greatest distance of a query from its row.
pub const ROTATION_MAX: u8 = 16;
/// Bounds of the degree: halo2's permutation argument counts as 3 even without columns, and above 5 its key
/// generation silently lies.
pub const DEGREES: core::ops::RangeInclusive<u8> = 3..=5;
/// Most constants, nodes and polynomials each: their numbers are 16 bits.
pub const NODES_MAX: usize = 65_535;

/// A column at a distance from the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Query {
    /// The column's number among its kind.
    pub column: u16,
    /// How many rows further.
    pub rotation: i8,
}

/// One step of the evaluation. Operands are numbers of earlier nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// A constant by number.
    Constant(u16),
    /// An advice query's value by number.
    Advice(u16),
    /// A fixed query's value by number.
    Fixed(u16),
    /// An instance query's value by number.
    Instance(u16),
    /// A challenge by number.
    Challenge(u16),
    /// Minus a node.
    Negate(u16),
    /// The sum of two nodes.
    Add(u16, u16),
    /// The first node less the second.
    Subtract(u16, u16),
    /// The product of two nodes.
    Multiply(u16, u16),
}

/// A program's content before it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The greatest degree of a polynomial, at least 3: one more than the pieces of the quotient.
    pub degree: u8,
    /// Rows at the end that blind the columns, without the one before them that is unusable too.
    pub blinding: u8,
    /// How many instances there are, in the first rows of the one instance column.
    pub instances: u16,
    /// How many fixed columns.
    pub fixed: u16,
    /// The phase of each advice column.
    pub advice: Vec<u8>,
    /// The phase after which each challenge is drawn.
    pub challenges: Vec<u8>,
    /// Advice queries in halo2's order.
    pub advice_queries: Vec<Query>,
    /// Fixed queries in halo2's order.
    pub fixed_queries: Vec<Query>,
    /// Rotations of the instance queries in halo2's order.
    pub instance_queries: Vec<i8>,
    /// The constants.
    pub constants: Vec<Fr>,
    /// The evaluation, step by step.
    pub nodes: Vec<Node>,
    /// The nodes that must vanish on every row, in halo2's order.
    pub polynomials: Vec<u16>,
}

/// A checked program, with the plan of its openings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    parts: Parts,
    plan: Plan,
}

/// What is wrong with a program; the text names the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramError(pub &'static str);

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the constraint program's {} do not fit: export it anew",
            self.0
        )
    }
}

impl core::error::Error for ProgramError {}

fn require(condition: bool, what: &'static str) -> Result<(), ProgramError> {
    if condition {
        Ok(())
    } else {
        Err(ProgramError(what))
    }
}

/// Bounded, over existing columns, and none twice: two answers to one question would be unsound.
fn check_queries(queries: &[Query], columns: usize, what: &'static str) -> Result<(), ProgramError> {
    require(queries.len() <= QUERIES_MAX, what)?;
    let fits =
        |query: &Query| usize::from(query.column) < columns && query.rotation.unsigned_abs() <= ROTATION_MAX;
    require(queries.iter().all(fits), what)?;
    let mut sorted = queries.to_vec();
    sorted.sort_unstable();
    let count = sorted.len();
    sorted.dedup();
    require(sorted.len() == count, what)
}

/// Operands exist and come before; the degree of each node.
fn degrees(parts: &Parts) -> Result<Vec<u32>, ProgramError> {
    let mut degrees: Vec<u32> = Vec::with_capacity(parts.nodes.len());
    for node in &parts.nodes {
        let at = |operand: u16| {
            let found = degrees.get(usize::from(operand)).copied();
            found.ok_or(ProgramError("nodes"))
        };
        let leaf = |number: u16, count: usize, degree: u32| {
            require(usize::from(number) < count, "nodes").map(|()| degree)
        };
        let degree = match *node {
            Node::Constant(number) => leaf(number, parts.constants.len(), 0)?,
            Node::Challenge(number) => leaf(number, parts.challenges.len(), 0)?,
            Node::Advice(number) => leaf(number, parts.advice_queries.len(), 1)?,
            Node::Fixed(number) => leaf(number, parts.fixed_queries.len(), 1)?,
            Node::Instance(number) => leaf(number, parts.instance_queries.len(), 1)?,
            Node::Negate(a) => at(a)?,
            Node::Add(a, b) | Node::Subtract(a, b) => at(a)?.max(at(b)?),
            Node::Multiply(a, b) => at(a)?.saturating_add(at(b)?),
        };
        degrees.push(degree);
    }
    Ok(degrees)
}

impl Program {
    /// Checks `parts` and plans the openings.
    ///
    /// # Errors
    /// [`ProgramError`] names the first part that is out of bounds or refers to something that is not there.
    pub fn new(parts: Parts) -> Result<Self, ProgramError> {
        require(DEGREES.contains(&parts.degree), "degrees")?;
        require(usize::from(parts.instances) <= INSTANCES_MAX, "instances")?;
        require(usize::from(parts.fixed) <= COLUMNS_MAX, "fixed columns")?;
        require(parts.advice.len() <= COLUMNS_MAX, "advice columns")?;
        require(
            parts.advice.iter().all(|phase| *phase <= PHASE_MAX),
            "advice phases",
        )?;
        require(parts.challenges.len() <= CHALLENGES_MAX, "challenges")?;
        // A challenge of a phase without columns would be drawn with nothing new to bind.
        let bound = |phase: &u8| parts.advice.contains(phase);
        require(parts.challenges.iter().all(bound), "challenge phases")?;
        require(
            parts.advice.iter().all(|phase| *phase == 0 || bound(&0)),
            "advice phases",
        )?;
        check_queries(&parts.advice_queries, parts.advice.len(), "advice queries")?;
        check_queries(&parts.fixed_queries, usize::from(parts.fixed), "fixed queries")?;
        let instance_query = |rotation: &i8| Query {
            column: 0,
            rotation: *rotation,
        };
        let instance_queries: Vec<Query> = parts.instance_queries.iter().map(instance_query).collect();
        check_queries(&instance_queries, 1, "instance queries")?;
        require(parts.constants.len() <= NODES_MAX, "constants")?;
        require(parts.nodes.len() <= NODES_MAX, "nodes")?;
        require((1..=NODES_MAX).contains(&parts.polynomials.len()), "polynomials")?;
        let degrees = degrees(&parts)?;
        for polynomial in &parts.polynomials {
            let degree = degrees.get(usize::from(*polynomial));
            let degree = degree.ok_or(ProgramError("polynomials"))?;
            require(*degree <= u32::from(parts.degree), "degrees")?;
        }
        let plan = Plan::new(&parts);
        Ok(Self { parts, plan })
    }

    /// The content.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// How many instances a statement has.
    #[must_use]
    pub fn instances(&self) -> usize {
        usize::from(self.parts.instances)
    }

    /// How many commitments a key has.
    #[must_use]
    pub fn fixed_columns(&self) -> usize {
        usize::from(self.parts.fixed)
    }

    /// How many bytes a proof has.
    #[must_use]
    pub fn proof_bytes(&self) -> usize {
        self.proof_words().saturating_mul(32)
    }

    /// The 32-byte words of a proof: commitments, `R`, pieces, evaluations, `R(x)`, `W`, `W'`.
    fn proof_words(&self) -> usize {
        let parts = &self.parts;
        let counts = [
            parts.advice.len(),
            self.pieces(),
            parts.advice_queries.len(),
            parts.fixed_queries.len(),
            4,
        ];
        counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// How many pieces the quotient is committed in.
    pub(crate) fn pieces(&self) -> usize {
        usize::from(self.parts.degree).saturating_sub(1)
    }

    /// Rows that a domain must have: instances and blinding fit, and no two rotations meet.
    pub(crate) fn rows_min(&self) -> u64 {
        let unusable = u64::from(self.parts.blinding).saturating_add(1);
        let rows = u64::from(self.parts.instances).saturating_add(unusable);
        let reach = |sign: i8| {
            let rotations = self
                .plan
                .rotations
                .iter()
                .filter(|rotation| rotation.signum() == sign);
            rotations
                .map(|rotation| u64::from(rotation.unsigned_abs()))
                .max()
                .unwrap_or(0)
        };
        rows.max(reach(1).saturating_add(reach(-1)).saturating_add(1))
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }
}
