//! From halo2's constraint system and verifying key to what our verifiers read: a [`Program`] and a
//! [`VerifyingKey`].
//!
//! The gates become one list of nodes in which equal terms are one node. Whatever the verifier does not know
//! is an error here: equality columns, lookups, selectors that are not columns, a second instance column. So
//! is a degree above 5, which halo2's key generation caps without a word.

use crate::transcript::{coordinates, from_halo2};
use halo2_proofs::halo2curves::bn256::{self, G1Affine};
use halo2_proofs::halo2curves::ff::PrimeField;
use halo2_proofs::plonk::{self, ConstraintSystem, Expression};
use halo2_proofs::poly::Rotation;
use playfair_proofs_verifier::program::{DEGREES, Node, Parts, Program, ProgramError, Query};
use playfair_types::module::ModuleHash;
use playfair_types::vk::{COMMITMENTS_MAX, Setup, VerifyingKey};
use std::collections::HashMap;
use std::fmt;

/// Why a constraint system cannot be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportError {
    /// The verifier does not know this feature.
    Unsupported(&'static str),
    /// A gate polynomial is of a greater degree than halo2 proves.
    Degree {
        /// The gate's name.
        gate: String,
        /// Its polynomial's degree.
        degree: usize,
    },
    /// A number is too large for the program's format.
    TooMany(&'static str),
    /// The program's own check failed.
    Program(ProgramError),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(what) => {
                write!(f, "the verifier knows no {what}: leave them out of the circuit")
            }
            Self::Degree { gate, degree } => {
                write!(
                    f,
                    "gate `{gate}` has degree {degree}: split it, {} is the most",
                    DEGREES.end()
                )
            }
            Self::TooMany(what) => write!(f, "too many {what} for a constraint program"),
            Self::Program(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExportError {}

fn refuse(condition: bool, what: &'static str) -> Result<(), ExportError> {
    if condition {
        Err(ExportError::Unsupported(what))
    } else {
        Ok(())
    }
}

fn number(value: usize, what: &'static str) -> Result<u16, ExportError> {
    u16::try_from(value).map_err(|_| ExportError::TooMany(what))
}

fn rotation(rotation: Rotation) -> Result<i8, ExportError> {
    i8::try_from(rotation.0).map_err(|_| ExportError::TooMany("rows of a rotation"))
}

/// The constraint program of `cs` for statements of `instances` instances.
///
/// Take `cs` from a verifying key (`vk.cs()`): there selectors have become fixed columns.
///
/// # Errors
/// [`ExportError`] names what does not fit.
pub fn program(cs: &ConstraintSystem<bn256::Fr>, instances: usize) -> Result<Program, ExportError> {
    refuse(cs.num_selectors() != 0, "virtual selectors")?;
    refuse(
        cs.num_instance_columns() != 1,
        "number of instance columns but one",
    )?;
    refuse(!cs.permutation().get_columns().is_empty(), "equality columns")?;
    refuse(!cs.lookups().is_empty(), "lookup arguments")?;
    refuse(!cs.constants().is_empty(), "constant columns")?;
    let degree = cs.degree();
    for gate in cs.gates() {
        for polynomial in gate.polynomials() {
            // The cap hides in `cs.degree()`; the polynomials tell the truth.
            let own = polynomial.degree();
            if own > usize::from(*DEGREES.end()) || own > degree {
                return Err(ExportError::Degree {
                    gate: gate.name().to_owned(),
                    degree: own,
                });
            }
        }
    }
    let narrow = |value: usize, what| u8::try_from(value).map_err(|_| ExportError::TooMany(what));
    let mut builder = Builder::new(cs)?;
    let polynomials = cs.gates().iter().flat_map(|gate| gate.polynomials());
    let polynomials = polynomials
        .map(|polynomial| builder.node(polynomial))
        .collect::<Result<_, _>>()?;
    let parts = Parts {
        degree: narrow(degree, "degrees")?,
        blinding: narrow(cs.blinding_factors(), "blinding rows")?,
        instances: number(instances, "instances")?,
        fixed: number(cs.num_fixed_columns(), "fixed columns")?,
        advice: cs.advice_column_phase(),
        challenges: cs.challenge_phase(),
        polynomials,
        ..builder.parts
    };
    Program::new(parts).map_err(ExportError::Program)
}

/// The verifying key in our format, as shape `shape` of `module`, made with `setup`.
///
/// # Errors
/// [`ExportError`] names what does not fit.
pub fn verifying_key(
    vk: &plonk::VerifyingKey<G1Affine>,
    module: ModuleHash,
    shape: u8,
    setup: Setup,
) -> Result<VerifyingKey, ExportError> {
    refuse(!vk.permutation().commitments().is_empty(), "equality columns")?;
    let pieces = vk.get_domain().get_quotient_poly_degree();
    // Both come from one constraint system; should the library ever disagree with itself, proofs would be of
    // another length.
    refuse(pieces + 1 != vk.cs().degree(), "degree but that of the gates")?;
    if vk.fixed_commitments().len() > COMMITMENTS_MAX {
        return Err(ExportError::TooMany("fixed commitments"));
    }
    Ok(VerifyingKey {
        module,
        shape,
        k: u8::try_from(vk.get_domain().k()).map_err(|_| ExportError::TooMany("rows"))?,
        setup,
        fixed: vk.fixed_commitments().iter().map(coordinates).collect(),
        permutation: Vec::new(),
        transcript: from_halo2(&vk.transcript_repr()),
    })
}

/// Collects constants and nodes, each once.
struct Builder {
    parts: Parts,
    advice: HashMap<Query, u16>,
    fixed: HashMap<Query, u16>,
    instance: HashMap<i8, u16>,
    constants: HashMap<[u8; 32], u16>,
    nodes: HashMap<Node, u16>,
}

impl Builder {
    fn new(cs: &ConstraintSystem<bn256::Fr>) -> Result<Self, ExportError> {
        let query = |column: usize, at: Rotation| -> Result<Query, ExportError> {
            Ok(Query {
                column: number(column, "columns")?,
                rotation: rotation(at)?,
            })
        };
        let advice = cs
            .advice_queries()
            .iter()
            .map(|(column, at)| query(column.index(), *at));
        let fixed = cs
            .fixed_queries()
            .iter()
            .map(|(column, at)| query(column.index(), *at));
        let instance = cs.instance_queries().iter().map(|(_, at)| rotation(*at));
        let parts = Parts {
            advice_queries: advice.collect::<Result<_, _>>()?,
            fixed_queries: fixed.collect::<Result<_, _>>()?,
            instance_queries: instance.collect::<Result<_, _>>()?,
            ..Parts::default()
        };
        Ok(Self {
            advice: numbered(&parts.advice_queries),
            fixed: numbered(&parts.fixed_queries),
            instance: numbered(&parts.instance_queries),
            constants: HashMap::new(),
            nodes: HashMap::new(),
            parts,
        })
    }

    fn constant(&mut self, value: &bn256::Fr) -> Result<u16, ExportError> {
        let next = number(self.parts.constants.len(), "constants")?;
        let known = *self.constants.entry(value.to_repr()).or_insert(next);
        if known == next {
            self.parts.constants.push(from_halo2(value));
        }
        self.push(Node::Constant(known))
    }

    fn push(&mut self, node: Node) -> Result<u16, ExportError> {
        let next = number(self.parts.nodes.len(), "nodes")?;
        let known = *self.nodes.entry(node).or_insert(next);
        if known == next {
            self.parts.nodes.push(node);
        }
        Ok(known)
    }

    fn node(&mut self, expression: &Expression<bn256::Fr>) -> Result<u16, ExportError> {
        let unknown = ExportError::Unsupported("queries outside the constraint system's lists");
        let query = |column: usize, at: Rotation| -> Result<Query, ExportError> {
            Ok(Query {
                column: number(column, "columns")?,
                rotation: rotation(at)?,
            })
        };
        match expression {
            Expression::Constant(value) => self.constant(value),
            Expression::Selector(_) => Err(ExportError::Unsupported("virtual selectors")),
            Expression::Fixed(at) => {
                let query = query(at.column_index(), at.rotation())?;
                let place = *self.fixed.get(&query).ok_or(unknown)?;
                self.push(Node::Fixed(place))
            }
            Expression::Advice(at) => {
                let query = query(at.column_index(), at.rotation())?;
                let place = *self.advice.get(&query).ok_or(unknown)?;
                self.push(Node::Advice(place))
            }
            Expression::Instance(at) => {
                let place = *self.instance.get(&rotation(at.rotation())?).ok_or(unknown)?;
                self.push(Node::Instance(place))
            }
            Expression::Challenge(challenge) => {
                let place = number(challenge.index(), "challenges")?;
                self.push(Node::Challenge(place))
            }
            Expression::Negated(inner) => {
                let inner = self.node(inner)?;
                self.push(Node::Negate(inner))
            }
            Expression::Sum(a, b) => {
                let first = self.node(a)?;
                // halo2 writes a difference as the sum with a negation.
                if let Expression::Negated(b) = &**b {
                    let second = self.node(b)?;
                    return self.push(Node::Subtract(first, second));
                }
                let second = self.node(b)?;
                self.push(Node::Add(first, second))
            }
            Expression::Product(a, b) => {
                let (first, second) = (self.node(a)?, self.node(b)?);
                self.push(Node::Multiply(first, second))
            }
            Expression::Scaled(inner, factor) => {
                let (first, second) = (self.node(inner)?, self.constant(factor)?);
                self.push(Node::Multiply(first, second))
            }
        }
    }
}

/// Each item's place. Places fit: the program bounds the lists.
fn numbered<T: Copy + Eq + std::hash::Hash>(items: &[T]) -> HashMap<T, u16> {
    items.iter().copied().zip(0u16..).collect()
}
