//! The protocol, from a witness to the bytes of a proof.

use super::code::Cells;
use super::domain::COSETS;
use super::key::{ProvingKey, SHORT, normalized};
use super::opening::{Combined, Query, sets};
use super::vectors::{inner_product, weighted_sum};
use super::{Block, Column};
use crate::transcript::{Challenge, PoseidonWrite, from_halo2, to_halo2};
use ark_ff::{AdditiveGroup, Field};
use halo2_proofs::halo2curves::bn256::{Fr as Theirs, G1};
use halo2_proofs::halo2curves::ff::Field as _;
use halo2_proofs::poly::Rotation;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptWrite, TranscriptWriterBuffer};
use playfair_proofs_circuit::air::{self, Selector, Witness};
use playfair_proofs_vector::{WIDTH, pack, unpack};
use playfair_types::Fr;
use rand_core::RngCore;
use rayon::prelude::*;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

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
    from_halo2(&challenge.get_scalar())
}

fn random_element(random: &mut impl RngCore) -> Fr {
    from_halo2(&Theirs::random(random))
}

fn write_points(transcript: &mut Writer, points: &[G1]) -> Result<(), ProveError> {
    for point in normalized(points) {
        transcript.write_point(point)?;
    }
    Ok(())
}

/// Proves that `witness` satisfies the key's table. `random` blinds: the operating system's, except in tests.
///
/// The witness is not checked: a proof of a wrong one is made all the same, and no verifier accepts it. It is taken by value
/// because its memory serves the proof.
///
/// # Errors
/// See [`ProveError`].
pub fn prove(
    key: &ProvingKey,
    witness: Witness,
    random: &mut impl RngCore,
    watch: &Watch<'_>,
) -> Result<Vec<u8>, ProveError> {
    let usable = key.usable_rows();
    let lengths = witness
        .advice
        .iter()
        .chain(witness.fixed.iter())
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
    advice: Vec<Column>,
}

impl<R: RngCore> Prover<'_, R> {
    fn run(mut self, mut witness: Witness) -> Result<Vec<u8>, ProveError> {
        let key = self.key;
        self.transcript.common_scalar(key.vk().transcript_repr())?;
        for value in &witness.instance {
            self.transcript.common_scalar(to_halo2(value))?;
        }
        self.watch.stage(Stage::Advice)?;
        let usable = key.usable_rows();
        self.commit(&mut witness.advice)?;
        let challenges: Vec<Fr> = (0..key.system.challenges())
            .map(|_| squeeze(&mut self.transcript))
            .collect();
        self.watch.stage(Stage::Bus)?;
        let helpers = match challenges[..] {
            [theta, beta] => {
                let mut helpers = key.bus.columns(&witness, usable, theta, beta);
                self.commit(&mut helpers)?;
                helpers
            }
            _ => Vec::new(),
        };
        let Witness { advice, instance, .. } = witness;
        self.transform(advice);
        self.transform(helpers);
        // halo2's challenges for lookups and equality, which nothing uses.
        for _ in 0..3 {
            squeeze(&mut self.transcript);
        }
        let mut random = vec![Fr::ZERO; SHORT];
        random
            .iter_mut()
            .for_each(|c| *c = random_element(&mut *self.random));
        write_points(&mut self.transcript, &[key.committer.powers.commit(&random)])?;
        let y = squeeze(&mut self.transcript);

        let pieces = self.quotient(&instance, &challenges, y)?;
        self.watch.stage(Stage::Pieces)?;
        let commitments: Vec<G1> = pieces.iter().map(|piece| self.commit_polynomial(piece)).collect();
        write_points(&mut self.transcript, &commitments)?;

        self.watch.stage(Stage::Opening)?;
        let x = squeeze(&mut self.transcript);
        self.open(x, pieces, random)?;
        self.watch.stage(Stage::Done)?;
        Ok(self.transcript.finalize())
    }

    /// Blinds columns and commits to them, in their order.
    fn commit(&mut self, columns: &mut [Vec<Fr>]) -> Result<(), ProveError> {
        let (key, watch) = (self.key, self.watch);
        let (n, usable) = (key.domain.n(), key.usable_rows());
        for column in &mut *columns {
            // A little more than is needed: then `transform` finds room for an aligned column where this one was.
            column.reserve_exact(n - usable + WIDTH);
            column.extend((usable..n).map(|_| random_element(&mut *self.random)));
        }
        let done: Result<Vec<G1>, ProveError> = columns
            .par_iter()
            .map(|column| {
                watch.check()?;
                Ok(key.committer.lagrange.commit(column))
            })
            .collect();
        write_points(&mut self.transcript, &done?)
    }

    /// Keeps the coefficients of columns; the columns go.
    ///
    /// Memory is taken and given back by this thread, a few columns at a time, so that what some give back serves the next: large
    /// columns are most of what a proof needs.
    fn transform(&mut self, columns: Vec<Vec<Fr>>) {
        let domain = &self.key.domain;
        let mut columns = columns.into_iter().peekable();
        while columns.peek().is_some() {
            let some: Vec<Vec<Fr>> = columns.by_ref().take(rayon::current_num_threads()).collect();
            let mut coefficients: Vec<Column> =
                some.iter().map(|_| vec![Block::ZERO; domain.blocks()]).collect();
            coefficients.par_iter_mut().zip(&some).for_each(|(to, column)| {
                pack(column, to);
                domain.coefficients(to);
            });
            self.advice.append(&mut coefficients);
        }
    }

    /// The commitment to a polynomial, by its values on the rows.
    fn commit_polynomial(&self, coefficients: &[Block]) -> G1 {
        let values = self.key.domain.values(coefficients);
        self.key.committer.lagrange.commit_parallel(&values)
    }

    /// The quotient's pieces.
    fn quotient(&self, instance: &[Fr], challenges: &[Fr], y: Fr) -> Result<Vec<Column>, ProveError> {
        let (key, domain) = (self.key, &self.key.domain);
        let instance = domain.interpolated(instance);
        let mut cosets = Vec::with_capacity(COSETS);
        for coset in 0..COSETS {
            self.watch.stage(Stage::Quotient(coset))?;
            cosets.push(self.quotient_on(coset, &instance, challenges, y)?);
        }
        let mut pieces = domain.pieces(cosets);
        pieces.truncate(key.vk().get_domain().get_quotient_poly_degree());
        Ok(pieces)
    }

    /// The quotient's values on a coset, part by part.
    fn quotient_on(
        &self,
        coset: usize,
        instance: &[Block],
        challenges: &[Fr],
        y: Fr,
    ) -> Result<Column, ProveError> {
        let (key, domain, advice) = (self.key, &self.key.domain, &self.advice);
        let code = &key.gates.code;
        let factor = domain.vanishing_inverse(coset);
        let scalars = key.gates.scalars(challenges, y, factor);
        let kept = key.fixed_extended.as_ref().map(|kept| &kept[coset]);
        let extend = |part: usize, wanted: &(dyn Fn(usize) -> bool + Sync)| -> Vec<Option<Column>> {
            let part = domain.coset_part(coset, part);
            let columns = code.columns.par_iter().enumerate();
            columns
                .map(|(i, column)| match column {
                    _ if !wanted(i) => None,
                    air::Column::Fixed(_) if kept.is_some() => None,
                    air::Column::Fixed(i) => Some(key.extend(&key.fixed[usize::from(*i)], &part)),
                    air::Column::Advice(i) => Some(key.extend(&advice[usize::from(*i)], &part)),
                    air::Column::Instance => Some(key.extend(instance, &part)),
                })
                .collect()
        };
        let read_next = code.read_next();
        let next_only = |i: usize| read_next[i];
        let parts = domain.parts();
        let mut ahead: Option<Vec<Option<Column>>> = None;
        let mut results: Vec<Column> = Vec::with_capacity(parts);
        for part in 0..parts {
            let known = ahead.take();
            let is_known = |i: usize| known.as_ref().is_some_and(|known| known[i].is_some());
            let mut here = extend(part, &|i| !is_known(i));
            for (to, from) in here.iter_mut().zip(known.into_iter().flatten()) {
                if from.is_some() {
                    *to = from;
                }
            }
            let last = part + 1 == parts;
            // The row behind one of the last part is one of the first, one row on.
            let behind = match (last, parts) {
                (true, 1) => None,
                (true, _) => Some(extend(0, &next_only)),
                (false, _) => Some(extend(part + 1, &next_only)),
            };
            let next = behind.as_ref().unwrap_or(&here);
            let here = self.slices(&here, kept);
            let next = self.slices(next, kept);
            self.watch.check()?;
            let cells = Cells {
                here: &here,
                next: &next,
                shifted: last,
            };
            let mut result = vec![Block::ZERO; domain.blocks() / parts];
            key.gates.run(&scalars, cells, &mut result);
            results.push(result);
            ahead = behind;
        }
        Ok(interleaved(results))
    }

    /// Extended columns, or the key's where they are kept, as the code reads them.
    fn slices<'b>(&self, own: &'b [Option<Column>], kept: Option<&'b Vec<Column>>) -> Vec<&'b [Block]> {
        let columns = &self.key.gates.code.columns;
        own.iter()
            .zip(columns)
            .map(|(own, column)| match (own, kept, column) {
                (Some(values), ..) => values.as_slice(),
                (None, Some(kept), air::Column::Fixed(i)) => kept[usize::from(*i)].as_slice(),
                // Not read.
                _ => &[],
            })
            .collect()
    }

    /// Evaluates everything at `x` and its successor, and opens it.
    fn open(&mut self, x: Fr, pieces: Vec<Column>, random: Vec<Fr>) -> Result<(), ProveError> {
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
        let mut asked: Vec<(&[Block], usize)> = advice.chain(fixed).collect();
        let points = [x, x * domain.omega()];
        let point_powers = points.map(|point| domain.point_powers(point));
        let evaluate = |(polynomial, place): &(&[Block], usize)| -> Fr {
            inner_product(polynomial, &point_powers[*place])
        };
        let mut values: Vec<Fr> = asked.par_iter().map(evaluate).collect();
        for value in &values {
            self.transcript.write_scalar(to_halo2(value))?;
        }
        // The quotient as one polynomial, whose value the verifier knows, then the random one.
        let xn = x.pow([domain.n() as u64]);
        let powers: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |power| Some(*power * xn))
            .take(pieces.len())
            .collect();
        let parts: Vec<&[Block]> = pieces.iter().map(Vec::as_slice).collect();
        let mut quotient = vec![Block::ZERO; domain.blocks()];
        weighted_sum(&parts, &powers, &mut quotient);
        let random = domain.reordered(&random);
        for polynomial in [quotient.as_slice(), random.as_slice()] {
            asked.push((polynomial, 0));
            values.push(evaluate(&(polynomial, 0)));
        }
        if let Some(value) = values.last() {
            self.transcript.write_scalar(to_halo2(value))?;
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
        let commitment = self.commit_polynomial(&domain.reordered(&h));
        write_points(&mut self.transcript, &[commitment])?;
        let u = squeeze(&mut self.transcript);
        let last = combined.remainder(&h, v, u);
        let commitment = self.commit_polynomial(&domain.reordered(&last));
        write_points(&mut self.transcript, &[commitment])
    }
}

/// Rows of parts in turn: row `i` of part `p` of `P` is row `P i + p`.
fn interleaved(mut parts: Vec<Column>) -> Column {
    if parts.len() == 1 {
        return parts.pop().unwrap_or_default();
    }
    let blocks = parts.iter().map(Vec::len).sum();
    let count = parts.len();
    let mut elements = vec![Fr::ZERO; blocks * WIDTH];
    for (p, part) in parts.iter().enumerate() {
        let mut own = vec![Fr::ZERO; part.len() * WIDTH];
        unpack(part, &mut own);
        for (to, value) in elements.iter_mut().skip(p).step_by(count).zip(own) {
            *to = value;
        }
    }
    let mut all = vec![Block::ZERO; blocks];
    pack(&elements, &mut all);
    all
}
