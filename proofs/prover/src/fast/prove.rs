//! The protocol, from a witness to the bytes of a proof.

use super::domain::{COSETS, reversed};
use super::key::{ProvingKey, normalized, padded};
use super::opening::{Combined, Query, sets};
use crate::transcript::{Challenge, PoseidonWrite, from_halo2, to_halo2};
use halo2_proofs::halo2curves::bn256::{Fr, G1};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::poly::Rotation;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptWrite, TranscriptWriterBuffer};
use playfair_proofs_circuit::air::{Column, Selector, Witness};
use playfair_types::Fr as Element;
use rand_core::RngCore;
use rayon::prelude::*;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

/// Random coefficients of the vanishing argument's random polynomial.
const RANDOM_COEFFICIENTS: usize = 8;

/// Where a prover is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Commitments to the advice columns.
    Advice,
    /// The bus: helpers and their commitments.
    Bus,
    /// The quotient's values, one coset of four after the other.
    Quotient(usize),
    /// Commitments to the quotient.
    Pieces,
    /// Evaluations and openings.
    Opening,
    /// The proof is complete.
    Done,
}

/// How to watch and stop a prover.
#[derive(Default)]
pub struct Watch<'a> {
    /// The prover stops soon after this is set.
    pub cancel: Option<&'a AtomicBool>,
    /// Called when a stage begins.
    pub progress: Option<&'a (dyn Fn(Stage) + Sync)>,
}

impl Watch<'_> {
    fn stage(&self, stage: Stage) -> Result<(), ProveError> {
        if let Some(progress) = self.progress {
            progress(stage);
        }
        self.check()
    }

    fn check(&self) -> Result<(), ProveError> {
        if self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            Err(ProveError::Cancelled)
        } else {
            Ok(())
        }
    }
}

/// Why there is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProveError {
    /// The witness does not have the key's columns and usable rows, or has more public inputs than rows.
    Shape,
    /// A column is zero on all rows, which no honest blinding gives, or the random numbers are not random.
    Infinity,
    /// The caller asked to stop.
    Cancelled,
}

impl fmt::Display for ProveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => write!(f, "the witness has another shape than the key"),
            Self::Infinity => write!(
                f,
                "a commitment is the point at infinity: the random numbers are bad"
            ),
            Self::Cancelled => write!(f, "proving was cancelled"),
        }
    }
}

impl std::error::Error for ProveError {}

impl From<io::Error> for ProveError {
    /// Writing to memory fails only at a point at infinity, which the transcript refuses.
    fn from(_: io::Error) -> Self {
        Self::Infinity
    }
}

type Writer = PoseidonWrite<Vec<u8>>;

fn squeeze(transcript: &mut Writer) -> Fr {
    let challenge: Challenge = transcript.squeeze_challenge();
    challenge.get_scalar()
}

fn write_points(transcript: &mut Writer, points: &[G1]) -> Result<(), ProveError> {
    for point in normalized(points) {
        transcript.write_point(point)?;
    }
    Ok(())
}

/// Proves that `witness` satisfies the key's table. `random` blinds: the operating system's, except in tests.
///
/// The witness is not checked: a proof of a wrong one is made all the same, and no verifier accepts it.
///
/// # Errors
/// See [`ProveError`].
pub fn prove(
    key: &ProvingKey,
    witness: &Witness,
    random: &mut impl RngCore,
    watch: &Watch<'_>,
) -> Result<Vec<u8>, ProveError> {
    let usable = key.usable_rows();
    let lengths = witness
        .advice
        .iter()
        .chain(&witness.fixed)
        .all(|column| column.len() == usable);
    let columns = (witness.advice.len(), witness.fixed.len() + Selector::ALL.len());
    if !lengths
        || columns != (key.system.first_phase(), key.system.fixed_columns())
        || witness.instance.len() > usable
    {
        return Err(ProveError::Shape);
    }
    Prover {
        key,
        random,
        watch,
        transcript: Writer::init(Vec::new()),
        advice: Vec::new(),
    }
    .run(witness)
}

struct Prover<'a, R> {
    key: &'a ProvingKey,
    random: &'a mut R,
    watch: &'a Watch<'a>,
    transcript: Writer,
    /// Coefficients in the domain's order.
    advice: Vec<Vec<Fr>>,
}

impl<R: RngCore> Prover<'_, R> {
    fn run(mut self, witness: &Witness) -> Result<Vec<u8>, ProveError> {
        let key = self.key;
        self.transcript.common_scalar(key.vk().transcript_repr())?;
        for value in &witness.instance {
            self.transcript.common_scalar(to_halo2(value))?;
        }
        self.watch.stage(Stage::Advice)?;
        self.commit(&witness.advice)?;
        let challenges: Vec<Fr> = (0..key.system.challenges())
            .map(|_| squeeze(&mut self.transcript))
            .collect();
        self.watch.stage(Stage::Bus)?;
        if let [theta, beta] = challenges[..] {
            let values = key
                .system
                .second_phase_values(witness, from_halo2(&theta), from_halo2(&beta));
            self.commit(&values)?;
        }
        // halo2's challenges for lookups and equality, which nothing uses.
        for _ in 0..3 {
            squeeze(&mut self.transcript);
        }
        let mut random = vec![Fr::ZERO; RANDOM_COEFFICIENTS.min(key.domain.n())];
        random.iter_mut().for_each(|c| *c = Fr::random(&mut *self.random));
        write_points(&mut self.transcript, &[key.committer.powers.commit(&random)])?;
        let y = squeeze(&mut self.transcript);

        let pieces = self.quotient(witness, &challenges, y)?;
        self.watch.stage(Stage::Pieces)?;
        let commitments: Vec<G1> = pieces
            .iter()
            .map(|piece| key.committer.powers.commit_parallel(piece))
            .collect();
        write_points(&mut self.transcript, &commitments)?;

        self.watch.stage(Stage::Opening)?;
        let x = squeeze(&mut self.transcript);
        self.open(x, pieces, random)?;
        self.watch.stage(Stage::Done)?;
        Ok(self.transcript.finalize())
    }

    /// Blinds, commits and transforms columns, in their order.
    fn commit(&mut self, columns: &[Vec<Element>]) -> Result<(), ProveError> {
        let (key, watch) = (self.key, self.watch);
        let (n, usable) = (key.domain.n(), key.usable_rows());
        let tails: Vec<Vec<Fr>> = columns
            .iter()
            .map(|_| (usable..n).map(|_| Fr::random(&mut *self.random)).collect())
            .collect();
        let done: Result<Vec<(G1, Vec<Fr>)>, ProveError> = columns
            .par_iter()
            .zip(tails)
            .map(|(column, tail)| {
                watch.check()?;
                let mut values = padded(column, n);
                values[usable..].copy_from_slice(&tail);
                let commitment = key.committer.lagrange.commit(&values);
                key.domain.coefficients(&mut values);
                Ok((commitment, values))
            })
            .collect();
        let (commitments, coefficients): (Vec<G1>, Vec<Vec<Fr>>) = done?.into_iter().unzip();
        self.advice.extend(coefficients);
        write_points(&mut self.transcript, &commitments)
    }

    /// The quotient's pieces, coefficients in natural order.
    fn quotient(&self, witness: &Witness, challenges: &[Fr], y: Fr) -> Result<Vec<Vec<Fr>>, ProveError> {
        let (key, domain, advice) = (self.key, &self.key.domain, &self.advice);
        let mut instance = padded(&witness.instance, domain.n());
        domain.coefficients(&mut instance);
        let mut parts = Vec::with_capacity(COSETS);
        for coset in 0..COSETS {
            self.watch.stage(Stage::Quotient(coset))?;
            let powers = domain.coset_powers(coset);
            let kept = key.fixed_extended.as_ref().map(|kept| &kept[coset]);
            let extended: Vec<Option<Vec<Fr>>> = key
                .code
                .columns
                .par_iter()
                .map(|column| match column {
                    Column::Fixed(_) if kept.is_some() => None,
                    Column::Fixed(i) => Some(key.extend(&key.fixed[usize::from(*i)], &powers)),
                    Column::Advice(i) => Some(key.extend(&advice[usize::from(*i)], &powers)),
                    Column::Instance => Some(key.extend(&instance, &powers)),
                })
                .collect();
            let columns: Vec<&[Fr]> = extended
                .iter()
                .zip(&key.code.columns)
                .map(|(own, column)| match (own, kept, column) {
                    (Some(values), ..) => values.as_slice(),
                    (None, Some(kept), Column::Fixed(i)) => kept[usize::from(*i)].as_slice(),
                    // Only kept fixed columns are not extended above.
                    _ => &[],
                })
                .collect();
            self.watch.check()?;
            let scalars = key.code.scalars(challenges, y, domain.vanishing_inverse(coset));
            let mut part = vec![Fr::ZERO; domain.n()];
            key.code.run(&scalars, &columns, &mut part);
            parts.push(part);
        }
        let mut pieces = domain.pieces(parts);
        pieces.truncate(key.vk().get_domain().get_quotient_poly_degree());
        Ok(pieces)
    }

    /// Evaluates everything at `x` and its successor, and opens it.
    fn open(&mut self, x: Fr, pieces: Vec<Vec<Fr>>, random: Vec<Fr>) -> Result<(), ProveError> {
        let (key, domain) = (self.key, &self.key.domain);
        let cs = key.vk().cs();
        let place = |rotation: &Rotation| usize::from(rotation.0 != 0);
        let advice = cs
            .advice_queries()
            .iter()
            .map(|(column, at)| (self.advice[column.index()].as_slice(), place(at)));
        let fixed = cs
            .fixed_queries()
            .iter()
            .map(|(column, at)| (key.fixed[column.index()].as_slice(), place(at)));
        let mut asked: Vec<(&[Fr], usize)> = advice.chain(fixed).collect();
        let points = [x, x * domain.omega()];
        let point_powers = points.map(|point| domain.point_powers(point));
        let evaluate = |(polynomial, place): &(&[Fr], usize)| -> Fr {
            polynomial
                .iter()
                .zip(&point_powers[*place])
                .fold(Fr::ZERO, |acc, (c, power)| acc + *c * power)
        };
        let mut values: Vec<Fr> = asked.par_iter().map(evaluate).collect();
        for value in &values {
            self.transcript.write_scalar(*value)?;
        }
        // The quotient as one polynomial, whose value the verifier knows, then the random one.
        let xn = x.pow_vartime([domain.n() as u64]);
        let scale = Fr::from(domain.n() as u64);
        let bits = domain.n().trailing_zeros();
        let reorder = |natural: &dyn Fn(usize) -> Fr| -> Vec<Fr> {
            (0..domain.n())
                .map(|i| natural(reversed(i, bits)) * scale)
                .collect()
        };
        let quotient = reorder(&|i| {
            pieces
                .iter()
                .rev()
                .fold(Fr::ZERO, |acc, piece| acc * xn + piece[i])
        });
        let random = reorder(&|i| random.get(i).copied().unwrap_or(Fr::ZERO));
        for polynomial in [quotient.as_slice(), random.as_slice()] {
            asked.push((polynomial, 0));
            values.push(evaluate(&(polynomial, 0)));
        }
        if let Some(value) = values.last() {
            self.transcript.write_scalar(*value)?;
        }

        // One query per polynomial, points in order.
        let mut queries: Vec<Query<'_>> = Vec::new();
        for ((polynomial, place), value) in asked.iter().zip(&values) {
            match queries
                .iter_mut()
                .find(|(known, ..)| std::ptr::eq(known.as_ptr(), polynomial.as_ptr()))
            {
                Some((_, places, values)) => {
                    let before = places.partition_point(|known| known < place);
                    places.insert(before, *place);
                    values.insert(before, *value);
                }
                None => queries.push((polynomial, vec![*place], vec![*value])),
            }
        }
        let used = 1 + usize::from(asked.iter().any(|(_, place)| *place == 1));
        let y = squeeze(&mut self.transcript);
        let combined = Combined::new(domain, &sets(queries), &points[..used], y);
        let v = squeeze(&mut self.transcript);
        let h = combined.quotient(v);
        write_points(&mut self.transcript, &[key.committer.powers.commit_parallel(&h)])?;
        let u = squeeze(&mut self.transcript);
        let last = combined.remainder(&h, v, u);
        write_points(
            &mut self.transcript,
            &[key.committer.powers.commit_parallel(&last)],
        )
    }
}
