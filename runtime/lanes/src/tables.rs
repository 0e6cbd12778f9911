//! The coefficients of the rounds, derived from the textbook's constants in `playfair_types`.
//!
//! The form is that of `types::crypto::poseidon::fast`: write a state before the S-box of partial round `i` as lane 0, `x_i`, and
//! the other `n = t - 1` lanes, `u_i`; let `s_i = x_i^5` and split the MDS matrix into `[[m, w], [q, N]]`. Then
//! `x_(i+1) = m s_i + w u_i + c_(i+1)` and `u_(i+1) = q s_i + N u_i + d_(i+1)`: a linear system with input `s` and output `x`. Let `y_i`
//! and `z_i` be the outputs and states that it has without any input from `u_0 = 0`, and `h_j` the answer to an input `j` rounds later:
//! `h_0 = m`, `h_j = w N^(j-1) q`. From round `B` on,
//!
//! `x_(B+k+1) - y_(B+k+1) = w N^k (u_B - z_B) + sum_(j=0..=k) h_j s_(B+k-j)`
//!
//! The rows `w N^k` for `k < n` make a matrix `O`, which has an inverse: `n` outputs and inputs say what `u_B - z_B` was, and so all
//! that follows. Every lane at `B + n + 1` is a sum over the last `n` outputs and `n + 1` inputs. With `x'_i = k_i x_i`, `k_0 = 1`
//! and `k_(i+1) = k_i^5 / m`, the newest input of the next output has coefficient one.

use crate::matrix::{Matrix, dot, inverse, product, row_times, times_column};
use ark_bn254::FrConfig;
use ark_ff::{AdditiveGroup, Field};
use playfair_proofs_vector::{Form, Scalar};
use playfair_types::Fr;
use playfair_types::crypto::poseidon::{FULL_ROUNDS, mds3, mds6, round_constants3, round_constants6};

/// Full rounds before the partial ones, and after.
const HALF: usize = FULL_ROUNDS / 2;

/// One full round: a form for each lane.
pub(crate) type Round<const T: usize> = [Form<FrConfig, T>; T];

/// The tables of width `T`, with `N = T - 1`, `W = 2 N` and `E = W + 1`.
pub(crate) struct Table<const T: usize, const N: usize, const W: usize, const E: usize> {
    /// Constants of the first round, for lane 0 and for the inputs.
    pub(crate) capacity: Scalar<FrConfig>,
    pub(crate) before: [Scalar<FrConfig>; N],
    /// The first full rounds, with the constants of the next ones.
    pub(crate) start: Vec<Round<T>>,
    /// `x'_1 .. x'_n` over `u_0` and what is there of `s'`.
    pub(crate) first: Vec<Form<FrConfig, W>>,
    /// The following outputs over `n` outputs and `n` inputs; number `i` of either stands at place `i mod n`.
    pub(crate) middle: Vec<Form<FrConfig, W>>,
    /// All lanes after the partial rounds, over the same and the newest input.
    pub(crate) last: Round2<T, E>,
    /// All full rounds after them but the last.
    pub(crate) end: Vec<Round<T>>,
    /// Lane 0 of the last.
    pub(crate) hash: Form<FrConfig, T>,
}

/// Forms over `E` terms for each lane.
pub(crate) type Round2<const T: usize, const E: usize> = [Form<FrConfig, E>; T];

pub(crate) type Table3 = Table<3, 2, 4, 5>;
pub(crate) type Table6 = Table<6, 5, 10, 11>;

pub(crate) fn table3() -> Table3 {
    table(mds3(), round_constants3())
}

pub(crate) fn table6() -> Table6 {
    table(mds6(), round_constants6())
}

/// How one lane follows from a window: factors of the `n` outputs `x_(B+1) ..`, and of the `n + 1` inputs `s_B ..`.
struct Follows<const N: usize> {
    outputs: [Fr; N],
    inputs: Vec<Fr>,
}

/// The partial rounds as a linear system.
struct System<const N: usize> {
    rounds: usize,
    m: Fr,
    w: [Fr; N],
    q: [Fr; N],
    n: Matrix<N>,
    /// `y_i`, and `z` after the last round; `y_0` is not used.
    y: Vec<Fr>,
    z: [Fr; N],
    /// `k_i`.
    scale: Vec<Fr>,
}

impl<const N: usize> System<N> {
    /// The constants are those of the partial rounds and of the full round behind them.
    fn new<const T: usize>(mds: &[[Fr; T]; T], constants: &[[Fr; T]]) -> Self {
        let (m, w) = parted(mds.first().unwrap_or(&[Fr::ZERO; T]));
        let mut q = [Fr::ZERO; N];
        let mut n = [[Fr::ZERO; N]; N];
        for ((q, n), row) in q.iter_mut().zip(&mut n).zip(mds.iter().skip(1)) {
            (*q, *n) = parted(row);
        }
        let (mut y, mut z) = (vec![Fr::ZERO], [Fr::ZERO; N]);
        for row in constants.iter().skip(1) {
            let (c, d) = parted::<T, N>(row);
            y.push(dot(&w, &z) + c);
            z = times_column(&n, &z);
            z.iter_mut().zip(d).for_each(|(lane, d)| *lane += d);
        }
        let rounds = constants.len().saturating_sub(1);
        let shrink = m.inverse().unwrap_or_default();
        let scale = std::iter::successors(Some(Fr::ONE), |k| Some(k.pow([5]) * shrink));
        Self {
            rounds,
            m,
            w,
            q,
            n,
            y,
            z,
            scale: scale.take(rounds).collect(),
        }
    }

    fn k(&self, round: usize) -> Fr {
        self.scale.get(round).copied().unwrap_or_default()
    }

    fn y(&self, round: usize) -> Fr {
        self.y.get(round).copied().unwrap_or_default()
    }

    /// `w N^k`, for all `k`.
    fn observed(&self) -> impl Iterator<Item = [Fr; N]> {
        std::iter::successors(Some(self.w), |row| Some(row_times(row, &self.n)))
    }

    /// `N^j q`, for all `j`.
    fn driven(&self) -> impl Iterator<Item = [Fr; N]> {
        std::iter::successors(Some(self.q), |column| Some(times_column(&self.n, column)))
    }

    /// `h_0 .. h_n`.
    fn answers(&self) -> Vec<Fr> {
        let later = self.driven().map(|column| dot(&self.w, &column));
        std::iter::once(self.m).chain(later).take(N + 1).collect()
    }

    /// Every lane at `B + n + 1` by what the window says.
    fn follow(&self) -> Vec<Follows<N>> {
        let mut rows = self.observed();
        let observed: Matrix<N> = std::array::from_fn(|_| rows.next().unwrap_or([Fr::ZERO; N]));
        let solved = inverse(&observed);
        let answers = self.answers();
        let lane = |states: [Fr; N], direct: &[Fr]| {
            let outputs = row_times(&states, &solved);
            let input = |(e, direct): (usize, &Fr)| {
                let known = outputs.iter().skip(e).zip(&answers);
                *direct - known.map(|(output, answer)| *output * answer).sum::<Fr>()
            };
            let inputs = direct.iter().rev().enumerate().map(input).collect();
            Follows { outputs, inputs }
        };
        let zero = rows.next().map(|states| lane(states, &answers));
        // N^(n+1).
        let power = (0..N).fold(self.n, |power, _| product(&power, &self.n));
        let driven: Vec<[Fr; N]> = self.driven().take(N + 1).collect();
        let others = power.into_iter().enumerate().map(|(place, states)| {
            let of_lane = |column: &[Fr; N]| column.get(place).copied().unwrap_or_default();
            let direct: Vec<Fr> = driven.iter().map(of_lane).collect();
            lane(states, &direct)
        });
        zero.into_iter().chain(others).collect()
    }

    /// Factors over a window from round `base` on, each output and input at its place, and the newest input behind them; and the
    /// addend, where `free` is the lane without input.
    fn placed<const E: usize>(&self, follows: &Follows<N>, base: usize, free: Fr) -> ([Fr; E], Fr) {
        let mut factors = [Fr::ZERO; E];
        let mut addend = free;
        for (round, factor) in (base + 1..).zip(&follows.outputs) {
            let unit = self.k(round).inverse().unwrap_or_default();
            put(&mut factors, round % N, *factor * unit);
            addend -= *factor * self.y(round);
        }
        for (round, factor) in (base..).zip(&follows.inputs) {
            let unit = self.k(round).pow([5]).inverse().unwrap_or_default();
            let place = if round == base + N { N + N } else { N + round % N };
            put(&mut factors, place, *factor * unit);
        }
        (factors, addend)
    }

    /// The outputs that have no window yet.
    fn first<const W: usize>(&self) -> Vec<Form<FrConfig, W>> {
        let answers = self.answers();
        let form = |(i, states): (usize, [Fr; N])| {
            let scale = self.k(i);
            let mut factors = [Fr::ZERO; W];
            for (slot, state) in factors.iter_mut().zip(states) {
                *slot = state * scale;
            }
            // Inputs before the newest one, which is input i - 1.
            for (round, answer) in (0..i - 1).rev().zip(answers.iter().skip(1)) {
                let unit = self.k(round).pow([5]).inverse().unwrap_or_default();
                put(&mut factors, N + round, *answer * scale * unit);
            }
            Form::new(&factors, &(self.y(i) * scale))
        };
        (1..=N).zip(self.observed()).map(form).collect()
    }
}

fn table<const T: usize, const N: usize, const W: usize, const E: usize, const ROUNDS: usize>(
    mds: &[[Fr; T]; T],
    constants: &[[Fr; T]; ROUNDS],
) -> Table<T, N, W, E> {
    let (capacity, before) = parted::<T, N>(constants.first().unwrap_or(&[Fr::ZERO; T]));
    let (start, rest) = constants.split_at(HALF);
    let (partial, end) = rest.split_at(ROUNDS - 2 * HALF);
    let behind = end.first().unwrap_or(&[Fr::ZERO; T]);
    let system = System::<N>::new(mds, &[partial, &[*behind]].concat());
    let follow = system.follow();
    let newest = system.rounds - 1;

    let middle = follow.iter().take(1).flat_map(|next| {
        (N..newest).map(|i| {
            let scale = system.k(i + 1);
            let (all, addend) = system.placed::<E>(next, i - N, system.y(i + 1));
            let mut factors = [Fr::ZERO; W];
            factors
                .iter_mut()
                .zip(all)
                .for_each(|(slot, factor)| *slot = factor * scale);
            Form::new(&factors, &(addend * scale))
        })
    });
    let free = std::iter::once(system.y(system.rounds)).chain(system.z);
    let mut last = follow.iter().zip(free).map(|(lane, free)| {
        let (factors, addend) = system.placed::<E>(lane, newest - N, free);
        Form::new(&factors, &addend)
    });
    let first_partial = partial.first().unwrap_or(&[Fr::ZERO; T]);
    Table {
        capacity: Scalar::new(&capacity),
        before: before.each_ref().map(Scalar::new),
        start: start
            .iter()
            .skip(1)
            .chain([first_partial])
            .map(|next| round(mds, next))
            .collect(),
        first: system.first(),
        middle: middle.collect(),
        last: std::array::from_fn(|_| last.next().unwrap_or_else(zero_form)),
        end: end.iter().skip(1).map(|next| round(mds, next)).collect(),
        hash: Form::new(mds.first().unwrap_or(&[Fr::ZERO; T]), &Fr::ZERO),
    }
}

/// A full round with the constants of the next.
fn round<const T: usize>(mds: &[[Fr; T]; T], next: &[Fr; T]) -> Round<T> {
    let mut rows = mds.iter().zip(next);
    std::array::from_fn(|_| {
        rows.next()
            .map_or_else(zero_form, |(row, constant)| Form::new(row, constant))
    })
}

fn zero_form<const W: usize>() -> Form<FrConfig, W> {
    Form::new(&[Fr::ZERO; W], &Fr::ZERO)
}

/// Lane 0, and the others.
fn parted<const T: usize, const N: usize>(row: &[Fr; T]) -> (Fr, [Fr; N]) {
    let mut others = [Fr::ZERO; N];
    others
        .iter_mut()
        .zip(row.iter().skip(1))
        .for_each(|(slot, lane)| *slot = *lane);
    (row.first().copied().unwrap_or_default(), others)
}

fn put(slots: &mut [Fr], place: usize, value: Fr) {
    if let Some(slot) = slots.get_mut(place) {
        *slot = value;
    }
}
