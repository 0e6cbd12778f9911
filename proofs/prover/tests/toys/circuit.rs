//! A family of toy circuits: chains of columns over two phases, instances, rotations, and a hand-written logUp
//! argument.

use super::random::Random;
use halo2_proofs::circuit::{Layouter, Region, SimpleFloorPlanner, Value};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::plonk::{
    Advice, Challenge, Circuit, Column, ConstraintSystem, Error, Expression, FirstPhase, Fixed, Instance,
    SecondPhase, Selector,
};
use halo2_proofs::poly::Rotation;
use rand_core::RngCore;
use std::marker::PhantomData;

/// What a toy looks like. halo2 configures circuits without a value, so the shape is a type.
pub(crate) trait Shape: 'static {
    /// Log2 of the rows.
    const K: u32;
    /// Columns of the first phase: each follows from the one before.
    const CHAIN: usize;
    /// Columns of the second phase: the same with a challenge.
    const LATE: usize;
    /// Random fixed columns.
    const FIXED: usize;
    /// Degree of the chain's gates.
    const DEGREE: usize;
    /// Rotations of the chain's links, in turn.
    const ROTATIONS: &'static [i32];
    /// Whether there is a lookup.
    const LOGUP: bool;
    /// How many instances.
    const INSTANCES: usize;
    /// From which row they are read.
    const INSTANCE_ROTATION: i32;
    /// Whether the chain is switched by a selector, which becomes a fixed column.
    const SELECTOR: bool;
}

/// Rows at the end that nobody assigns: more than halo2 blinds.
const SPARE: usize = 12;

#[derive(Clone)]
pub(crate) struct LogUp {
    queries: [Column<Advice>; 2],
    table: [Column<Fixed>; 2],
    count: Column<Advice>,
    helper: Column<Advice>,
    sum: Column<Advice>,
    step: Column<Fixed>,
    ends: Column<Fixed>,
    challenges: [Challenge; 2],
}

#[derive(Clone)]
pub(crate) struct Config {
    chain: Vec<Column<Advice>>,
    late: Vec<Column<Advice>>,
    fixed: Vec<Column<Fixed>>,
    active: Column<Fixed>,
    selector: Option<Selector>,
    shown: Column<Fixed>,
    challenge: Option<Challenge>,
    logup: Option<LogUp>,
}

/// A toy with its witness's seed, and a lie if wanted.
pub(crate) struct Toy<S> {
    pub(crate) seed: u64,
    pub(crate) instances: Vec<Fr>,
    /// Breaks one cell of the chain.
    pub(crate) lie: bool,
    pub(crate) shape: PhantomData<S>,
}

fn rotation_of<S: Shape>(link: usize) -> i32 {
    S::ROTATIONS[link % S::ROTATIONS.len()]
}

/// The row that a link reads from `row`.
fn turned<S: Shape>(row: usize, link: usize) -> usize {
    (row as i32 + rotation_of::<S>(link)) as usize
}

/// Rows on which the chain holds.
fn rows<S: Shape>() -> std::ops::Range<usize> {
    let low = S::ROTATIONS
        .iter()
        .copied()
        .min()
        .unwrap_or(0)
        .min(0)
        .unsigned_abs() as usize;
    let high = S::ROTATIONS.iter().copied().max().unwrap_or(0).max(0) as usize;
    low..(1usize << S::K) - SPARE - high
}

/// The row where the running sum ends.
fn last<S: Shape>() -> usize {
    (1usize << S::K) - SPARE - 1
}

impl<S: Shape> Circuit<Fr> for Toy<S> {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;

    fn without_witnesses(&self) -> Self {
        Self {
            seed: self.seed,
            instances: self.instances.clone(),
            lie: false,
            shape: PhantomData,
        }
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        let chain: Vec<_> = (0..S::CHAIN).map(|_| meta.advice_column()).collect();
        let fixed: Vec<_> = (0..S::FIXED).map(|_| meta.fixed_column()).collect();
        let (active, shown) = (meta.fixed_column(), meta.fixed_column());
        // Columns that nobody asks for: committed and never opened, the fixed one at infinity.
        let _idle = (meta.advice_column(), meta.fixed_column());
        let selector = S::SELECTOR.then(|| meta.selector());
        let instance: Column<Instance> = meta.instance_column();
        meta.create_gate("instances", |meta| {
            let shown = meta.query_fixed(shown, Rotation::cur());
            let cell = meta.query_advice(chain[0], Rotation::cur());
            vec![shown * (cell - meta.query_instance(instance, Rotation(S::INSTANCE_ROTATION)))]
        });
        for link in 1..S::CHAIN {
            meta.create_gate("chain", |meta| {
                let on = match selector {
                    Some(selector) => meta.query_selector(selector),
                    None => meta.query_fixed(active, Rotation::cur()),
                };
                let cell = meta.query_advice(chain[link], Rotation::cur());
                let before = meta.query_advice(chain[link - 1], Rotation::cur());
                let other = meta.query_advice(chain[link - 1], Rotation(rotation_of::<S>(link)));
                let factor = meta.query_fixed(fixed[link % S::FIXED], Rotation(rotation_of::<S>(link + 1)));
                let power = (0..S::DEGREE - 2).fold(factor, |product, _| product * before.clone());
                vec![on * (cell - power - other * Fr::from(3))]
            });
        }
        let late: Vec<_> = (0..S::LATE).map(|_| meta.advice_column_in(SecondPhase)).collect();
        let challenge = (S::LATE > 0).then(|| meta.challenge_usable_after(FirstPhase));
        for link in 0..S::LATE {
            meta.create_gate("late", |meta| {
                let on = meta.query_fixed(active, Rotation::cur());
                let challenge = meta.query_challenge(challenge.expect("with late columns"));
                let cell = meta.query_advice(late[link], Rotation::cur());
                let before = if link == 0 { chain[0] } else { late[link - 1] };
                let before = meta.query_advice(before, Rotation::cur());
                let factor = meta.query_fixed(fixed[link % S::FIXED], Rotation::cur());
                vec![on * (cell - challenge * before.clone() * factor - before)]
            });
        }
        let logup = S::LOGUP.then(|| configure_logup(meta));
        Config {
            chain,
            late,
            fixed,
            active,
            selector,
            shown,
            challenge,
            logup,
        }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let (first, fixed) = self.chain();
        layouter.assign_region(
            || "first phase",
            |mut region| {
                self.assign_first(&config, &mut region, &first, &fixed)?;
                if !config.late.is_empty() || config.logup.is_some() {
                    region.next_phase();
                }
                Ok(())
            },
        )?;
        if let Some(challenge) = config.challenge {
            let challenge = layouter.get_challenge(challenge);
            layouter.assign_region(
                || "late",
                |mut region| {
                    self.assign_late(&config, &mut region, &first[0], &fixed, challenge);
                    Ok(())
                },
            )?;
        }
        if let Some(logup) = &config.logup {
            let challenges = logup
                .challenges
                .map(|challenge| layouter.get_challenge(challenge));
            layouter.assign_region(
                || "logup",
                |mut region| {
                    self.assign_sums(logup, &mut region, challenges);
                    Ok(())
                },
            )?;
        }
        Ok(())
    }
}

/// `sum 1 / (alpha + q0 + beta q1) = sum count / (alpha + t0 + beta t1)`, one fraction difference per row.
fn configure_logup(meta: &mut ConstraintSystem<Fr>) -> LogUp {
    let logup = LogUp {
        queries: [(); 2].map(|()| meta.advice_column()),
        table: [(); 2].map(|()| meta.fixed_column()),
        count: meta.advice_column(),
        helper: meta.advice_column_in(SecondPhase),
        sum: meta.advice_column_in(SecondPhase),
        step: meta.fixed_column(),
        ends: meta.fixed_column(),
        challenges: [(); 2].map(|()| meta.challenge_usable_after(FirstPhase)),
    };
    meta.create_gate("logup", |meta| {
        let [alpha, beta] = logup.challenges.map(|challenge| meta.query_challenge(challenge));
        let [q0, q1] = logup
            .queries
            .map(|column| meta.query_advice(column, Rotation::cur()));
        let [t0, t1] = logup
            .table
            .map(|column| meta.query_fixed(column, Rotation::cur()));
        let [count, helper] =
            [logup.count, logup.helper].map(|column| meta.query_advice(column, Rotation::cur()));
        let (sum, next) = (
            meta.query_advice(logup.sum, Rotation::cur()),
            meta.query_advice(logup.sum, Rotation::next()),
        );
        let (step, ends) = (
            meta.query_fixed(logup.step, Rotation::cur()),
            meta.query_fixed(logup.ends, Rotation::cur()),
        );
        let asked = alpha.clone() + q0 + beta.clone() * q1;
        let kept = alpha + t0 + beta * t1;
        let difference: Expression<Fr> = helper.clone() * asked.clone() * kept.clone() - kept + count * asked;
        vec![
            step.clone() * difference,
            step * (next - sum.clone() - helper),
            ends * sum,
        ]
    });
    logup
}

fn table_row(row: usize) -> [Fr; 2] {
    [Fr::from(row as u64), Fr::from((row * row + 7) as u64)]
}

impl<S: Shape> Toy<S> {
    /// The chain's columns and the fixed ones.
    fn chain(&self) -> (Vec<Vec<Fr>>, Vec<Vec<Fr>>) {
        let n = 1usize << S::K;
        // The fixed columns are the circuit's, the same for every witness.
        let mut public = Random(S::K.into());
        let fixed: Vec<Vec<Fr>> = (0..S::FIXED)
            .map(|_| (0..n).map(|_| Fr::from(public.next_u64())).collect())
            .collect();
        let mut random = Random(self.seed);
        let mut columns: Vec<Vec<Fr>> = vec![(0..n).map(|_| Fr::random(&mut random)).collect()];
        for (row, cell) in columns[0].iter_mut().enumerate().take(S::INSTANCES) {
            let read = row as i32 + S::INSTANCE_ROTATION;
            let value = usize::try_from(read)
                .ok()
                .and_then(|read| self.instances.get(read));
            *cell = value.copied().unwrap_or(Fr::ZERO);
        }
        for link in 1..S::CHAIN {
            let before = &columns[link - 1];
            let mut column: Vec<Fr> = (0..n).map(|_| Fr::random(&mut random)).collect();
            for row in rows::<S>() {
                let other = before[turned::<S>(row, link)];
                let power = before[row].pow_vartime([S::DEGREE as u64 - 2]);
                column[row] =
                    power * fixed[link % S::FIXED][turned::<S>(row, link + 1)] + other * Fr::from(3);
            }
            columns.push(column);
        }
        if self.lie {
            let link = S::CHAIN - 1;
            columns[link][rows::<S>().end / 2] += Fr::ONE;
        }
        (columns, fixed)
    }

    fn assign_first(
        &self,
        config: &Config,
        region: &mut Region<'_, Fr>,
        first: &[Vec<Fr>],
        fixed: &[Vec<Fr>],
    ) -> Result<(), Error> {
        let usable = (1usize << S::K) - SPARE;
        for (column, values) in config.chain.iter().zip(first) {
            for (row, value) in values.iter().enumerate().take(usable) {
                region.assign_advice(*column, row, Value::known(*value));
            }
        }
        for (column, values) in config.fixed.iter().zip(fixed) {
            for (row, value) in values.iter().enumerate().take(usable) {
                region.assign_fixed(*column, row, *value);
            }
        }
        for row in rows::<S>() {
            region.assign_fixed(config.active, row, Fr::ONE);
            if let Some(selector) = &config.selector {
                selector.enable(region, row)?;
            }
        }
        for row in 0..S::INSTANCES {
            region.assign_fixed(config.shown, row, Fr::ONE);
        }
        if let Some(logup) = &config.logup {
            for row in 0..last::<S>() {
                region.assign_fixed(logup.step, row, Fr::ONE);
                for (column, value) in logup.table.iter().zip(table_row(row)) {
                    region.assign_fixed(*column, row, value);
                }
            }
            for row in [0, last::<S>()] {
                region.assign_fixed(logup.ends, row, Fr::ONE);
            }
            let (asked, counts) = self.lookups();
            for row in 0..last::<S>() {
                for (column, value) in logup.queries.iter().zip(table_row(asked[row])) {
                    region.assign_advice(*column, row, Value::known(value));
                }
                region.assign_advice(logup.count, row, Value::known(Fr::from(counts[row])));
            }
        }
        Ok(())
    }

    /// Which table row each row asks for, and how often each is asked for.
    fn lookups(&self) -> (Vec<usize>, Vec<u64>) {
        let mut random = Random(self.seed ^ 1);
        let asked: Vec<usize> = (0..last::<S>()).map(|_| random.below(last::<S>())).collect();
        let mut counts = vec![0; last::<S>()];
        asked.iter().for_each(|row| counts[*row] += 1);
        (asked, counts)
    }

    fn assign_late(
        &self,
        config: &Config,
        region: &mut Region<'_, Fr>,
        start: &[Fr],
        fixed: &[Vec<Fr>],
        challenge: Value<Fr>,
    ) {
        let mut before: Vec<Value<Fr>> = start.iter().copied().map(Value::known).collect();
        for (link, column) in config.late.iter().enumerate() {
            for row in rows::<S>() {
                let factor = fixed[link % S::FIXED][row];
                before[row] = before[row] * challenge * Value::known(factor) + before[row];
                region.assign_advice(*column, row, before[row]);
            }
        }
    }

    fn assign_sums(&self, logup: &LogUp, region: &mut Region<'_, Fr>, challenges: [Value<Fr>; 2]) {
        let (asked, counts) = self.lookups();
        let mut sum = Value::known(Fr::ZERO);
        for row in 0..last::<S>() {
            let fraction = |of: usize| {
                let [first, second] = table_row(of).map(Value::known);
                (challenges[0] + first + challenges[1] * second).map(|value| value.invert().expect("random"))
            };
            let helper = fraction(asked[row]) - fraction(row) * Value::known(Fr::from(counts[row]));
            region.assign_advice(logup.helper, row, helper);
            region.assign_advice(logup.sum, row, sum);
            sum = sum + helper;
        }
        region.assign_advice(logup.sum, last::<S>(), sum);
    }
}
