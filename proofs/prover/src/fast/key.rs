//! Keys: what a prover computes once per table and setup.

use super::bus::Bus;
use super::domain::{CosetPart, Domain, LEAST_K};
use super::msm::Bases;
use super::quotient::Gates;
use super::{Block, Column};
use crate::halo2::configure;
use crate::setup::Params;
use ark_ff::{AdditiveGroup, Field};
use halo2_proofs::halo2curves::bn256::{G1, G1Affine};
use halo2_proofs::halo2curves::group::Curve;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::serde::SerdeObject;
use halo2_proofs::plonk::{ConstraintSystem, VerifyingKey, permutation};
use halo2_proofs::poly::EvaluationDomain;
use halo2_proofs::poly::commitment::{Params as _, ParamsProver};
use playfair_proofs_circuit::air::{Selector, System};
use playfair_types::Fr;
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// Extended fixed columns are kept up to this size (four times the columns); larger ones are extended for every proof.
const KEEP_EXTENDED: u32 = 15;

/// Coefficients of a short polynomial: the vanishing argument's random one.
pub(super) const SHORT: usize = 8;

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// Another number of fixed columns than the table has.
    Columns {
        /// As declared.
        expected: usize,
        /// As given.
        found: usize,
    },
    /// A fixed column is not as long as there are usable rows.
    Rows {
        /// Usable rows.
        expected: usize,
        /// As given.
        found: usize,
    },
    /// The rows do not suffice for this table's blinding.
    TooFewRows,
    /// A fixed column is zero on all rows: its commitment would be the point at infinity, which no verifier takes.
    Zero(usize),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns { expected, found } => write!(f, "{found} fixed columns instead of {expected}"),
            Self::Rows { expected, found } => {
                write!(f, "a fixed column has {found} rows instead of {expected}")
            }
            Self::TooFewRows => write!(f, "too few rows for blinding: use a larger k"),
            Self::Zero(column) => write!(f, "fixed column {column} is zero everywhere: leave it out"),
        }
    }
}

impl std::error::Error for KeyError {}

/// A setup prepared for commitments: multiples of its points. About 1.2 kB per row; share it between keys.
#[derive(Debug)]
pub struct Committer {
    pub(super) k: u32,
    /// For values on the rows; polynomials are committed to by them too.
    pub(super) lagrange: Bases,
    /// For the first coefficients of a short polynomial.
    pub(super) powers: Bases,
}

impl Committer {
    /// Prepares `params`.
    #[must_use]
    pub fn new(params: &Params) -> Self {
        let n = params.get_g().len();
        // The Lagrange basis has no accessor; it follows the size and the powers in the library's raw form.
        let mut bytes = Vec::with_capacity(4 + 128 * n + 256);
        let written = params.write(&mut bytes);
        debug_assert!(written.is_ok());
        let raw = bytes.get(4 + 64 * n..4 + 128 * n).unwrap_or_default();
        let lagrange: Vec<G1Affine> = raw
            .par_chunks_exact(64)
            .map(G1Affine::from_raw_bytes_unchecked)
            .collect();
        drop(bytes);
        Self {
            k: params.k(),
            lagrange: Bases::new(&lagrange),
            powers: Bases::new(&params.get_g()[..n.min(SHORT)]),
        }
    }
}

/// What a prover needs beside the witness.
#[derive(Debug)]
pub struct ProvingKey {
    pub(super) system: System,
    pub(super) committer: Arc<Committer>,
    pub(super) domain: Domain,
    pub(super) gates: Gates,
    pub(super) bus: Bus,
    vk: VerifyingKey<G1Affine>,
    /// Coefficients in the domain's order.
    pub(super) fixed: Vec<Column>,
    /// By coset, if kept.
    pub(super) fixed_extended: Option<Vec<Vec<Column>>>,
}

/// The number of usable rows of a table with `2^k` rows; zero if there are none.
#[must_use]
pub fn usable_rows(system: &System, k: u32) -> usize {
    let mut cs = ConstraintSystem::default();
    configure(&mut cs, system);
    (1usize << k).saturating_sub(cs.blinding_factors() + 1)
}

impl ProvingKey {
    /// The key for a table with these fixed columns (usable rows only) and as many rows as the setup.
    ///
    /// # Errors
    /// When the columns do not fit.
    pub fn new(system: System, fixed: &[Vec<Fr>], committer: Arc<Committer>) -> Result<Self, KeyError> {
        let k = committer.k;
        let n = 1usize << k;
        let mut cs = ConstraintSystem::default();
        configure(&mut cs, &system);
        if n < cs.minimum_rows() || k < LEAST_K {
            return Err(KeyError::TooFewRows);
        }
        let usable = n - (cs.blinding_factors() + 1);
        let expected = system.fixed_columns() - Selector::ALL.len();
        if fixed.len() != expected {
            return Err(KeyError::Columns {
                expected,
                found: fixed.len(),
            });
        }
        if let Some(column) = fixed.iter().find(|column| column.len() != usable) {
            return Err(KeyError::Rows {
                expected: usable,
                found: column.len(),
            });
        }
        let mut columns = fixed.to_vec();
        columns.extend(Selector::ALL.map(|selector| {
            let mut column = vec![Fr::ZERO; usable];
            column[selector.rows(usable)].fill(Fr::ONE);
            column
        }));
        let commitments: Vec<G1> = columns
            .par_iter()
            .map(|column| committer.lagrange.commit(column))
            .collect();
        let commitments = normalized(&commitments);
        if let Some(column) = commitments
            .iter()
            .position(|point| bool::from(point.is_identity()))
        {
            return Err(KeyError::Zero(column));
        }
        let domain = Domain::new(k);
        let columns: Vec<Column> = columns
            .par_iter()
            .map(|column| domain.interpolated(column))
            .collect();
        // `configure` asserts that the degree is not above five; there is always a gate of degree two or more, or no proof at all.
        let halo2_domain = EvaluationDomain::new(cs.degree() as u32, k);
        let permutation = permutation::VerifyingKey::from_commitments(Vec::new());
        let vk = VerifyingKey::from_parts(halo2_domain, commitments, permutation, cs, Vec::new(), false);
        let mut key = Self {
            gates: Gates::new(&system),
            bus: Bus::new(&system),
            system,
            committer,
            domain,
            vk,
            fixed: columns,
            fixed_extended: None,
        };
        if k <= KEEP_EXTENDED {
            key.fixed_extended = Some(
                (0..super::domain::COSETS)
                    .map(|coset| key.extend_all(&key.fixed, coset))
                    .collect(),
            );
        }
        Ok(key)
    }

    /// The verifying key.
    #[must_use]
    pub fn vk(&self) -> &VerifyingKey<G1Affine> {
        &self.vk
    }

    /// The compiled table.
    #[must_use]
    pub fn system(&self) -> &System {
        &self.system
    }

    /// How many rows a witness has.
    #[must_use]
    pub fn usable_rows(&self) -> usize {
        self.domain.n() - (self.vk.cs().blinding_factors() + 1)
    }

    /// Multiplications per row of a coset, all gates together.
    #[must_use]
    pub fn multiplications(&self) -> usize {
        self.gates.code.multiplications()
    }

    /// Columns on a coset that is one part, with the first values again at the end.
    fn extend_all(&self, columns: &[Column], coset: usize) -> Vec<Column> {
        let part = self.domain.coset_part(coset, 0);
        columns
            .par_iter()
            .map(|column| self.extend(column, &part))
            .collect()
    }

    /// A column on a part of a coset, with the first values again at the end.
    pub(super) fn extend(&self, column: &[Block], part: &CosetPart) -> Column {
        let count = self.domain.blocks() / self.domain.parts();
        let mut values = vec![Block::ZERO; count + 1];
        self.domain.coset(column, part, &mut values[..count]);
        values[count] = values[0];
        values
    }
}

pub(super) fn normalized(points: &[G1]) -> Vec<G1Affine> {
    let mut affine = vec![G1Affine::identity(); points.len()];
    G1::batch_normalize(points, &mut affine);
    affine
}
