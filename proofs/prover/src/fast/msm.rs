//! Commitments to columns: sums of fixed points by signed digits and buckets.
//!
//! The points never change, so their multiples by `2^(c w)` are tabulated once: then the digits of all windows share one set of
//! `2^(c-1)` buckets, which are summed up once per commitment. A scalar is taken as the smaller of `x` and `-x`, and zero digits
//! cost nothing: a column of bits, of small integers or of small negative ones is cheap by itself.
//!
//! Points of a bucket are added in pairs, in affine coordinates, one inversion for a thousand additions: five multiplications and
//! a square each.

use halo2_proofs::halo2curves::bn256::{Fq, Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::halo2curves::group::{Curve, Group, prime::PrimeCurveAffine};
use rayon::prelude::*;

/// Additions that share an inversion.
const BATCH: usize = 512;
/// Windows and buckets with fewer points than this are treated as sparse.
const SPARSE: usize = 512;
/// Bits of a scalar's absolute value: `r / 2 < 2^253`.
const SCALAR_BITS: usize = 253;
/// The highest limb of `r / 2`.
const HALF: u64 = 0x1832_2739_7098_d014;

/// Points with their tabulated multiples.
#[derive(Clone, Debug)]
pub(super) struct Bases {
    /// `windows[w][i] = 2^(c w) P_i`.
    windows: Vec<Vec<G1Affine>>,
    /// Bits of a digit.
    c: usize,
}

/// A digit of a scalar that is not zero: its point goes to a bucket.
#[derive(Clone, Copy, Default)]
struct Digit {
    bucket: u32,
    place: u32,
    window: u16,
    negative: bool,
}

impl Bases {
    /// Tabulates multiples of `points`; memory is about `64 * 253 / c` bytes per point.
    pub(super) fn new(points: Vec<G1Affine>) -> Self {
        let log = usize::BITS - points.len().leading_zeros();
        let c = (log as usize).saturating_sub(2).clamp(4, 16);
        // One bit more for the carry of the last digit.
        let count = (SCALAR_BITS + 1).div_ceil(c);
        let mut windows = vec![points];
        while windows.len() < count {
            let next = windows[windows.len() - 1]
                .par_chunks(BATCH)
                .flat_map_iter(|chunk| multiplied(chunk, c));
            let next = next.collect();
            windows.push(next);
        }
        Self { windows, c }
    }

    /// The sum of `scalars[i] P_i` for the first points, on one thread.
    pub(super) fn commit(&self, scalars: &[Fr]) -> G1 {
        self.part(scalars, 0)
    }

    /// The same on all threads.
    pub(super) fn commit_parallel(&self, scalars: &[Fr]) -> G1 {
        let size = scalars.len().div_ceil(rayon::current_num_threads()).max(BATCH);
        let parts = scalars
            .par_chunks(size)
            .enumerate()
            .map(|(i, chunk)| self.part(chunk, i * size));
        parts.reduce(G1::identity, |a, b| a + b)
    }

    fn part(&self, scalars: &[Fr], first: usize) -> G1 {
        let count = scalars.len();
        let (digits, used) = self.digits(scalars);
        let mut sums = Sums::new(1 << (self.c - 1));
        // A window's points fill the second cache, all windows do not: full ones are added up one by one, sparse ones together.
        let mut sparse: Vec<Digit> = Vec::new();
        let mut entries: Vec<Digit> = Vec::with_capacity(count);
        for (window, used) in used.iter().enumerate().filter(|(_, used)| **used > 0) {
            let list = if *used < SPARSE { &mut sparse } else { &mut entries };
            let numbered = digits[window * count..(window + 1) * count].iter().enumerate();
            list.extend(
                numbered
                    .filter(|(_, digit)| **digit != 0)
                    .map(|(i, digit)| Digit {
                        bucket: digit.unsigned_abs() - 1,
                        window: window as u16,
                        negative: *digit < 0,
                        place: (first + i) as u32,
                    }),
            );
            sums.add(&entries, &self.windows);
            entries.clear();
        }
        sums.add(&sparse, &self.windows);
        sums.weighted()
    }

    /// Signed digits, window by window, and how many of each window are not zero.
    fn digits(&self, scalars: &[Fr]) -> (Vec<i32>, Vec<usize>) {
        let (count, half) = (scalars.len(), 1i32 << (self.c - 1));
        let mut digits = vec![0i32; count * self.windows.len()];
        let mut used = vec![0; self.windows.len()];
        for (i, scalar) in scalars.iter().enumerate() {
            if *scalar == Fr::ZERO {
                continue;
            }
            let (limbs, negative) = absolute(scalar);
            let mut carry = 0;
            for (window, used) in used.iter_mut().enumerate() {
                let mut digit = bits(&limbs, window * self.c, self.c) as i32 + carry;
                // Digits above half become negative, and the next one grows.
                carry = i32::from(digit > half);
                digit -= carry << self.c;
                if digit != 0 {
                    digits[window * count + i] = if negative { -digit } else { digit };
                    *used += 1;
                }
                if carry == 0 && is_zero_above(&limbs, (window + 1) * self.c) {
                    break;
                }
            }
        }
        (digits, used)
    }
}

/// `2^c` times each point.
fn multiplied(points: &[G1Affine], c: usize) -> Vec<G1Affine> {
    let mut points = points.to_vec();
    let (mut inverses, mut products) = (vec![Fq::ZERO; points.len()], Vec::new());
    for _ in 0..c {
        for (inverse, point) in inverses.iter_mut().zip(&points) {
            // No point of odd order has y = 0; infinity stays itself.
            *inverse = if point.y == Fq::ZERO {
                Fq::ONE
            } else {
                point.y.double()
            };
        }
        invert(&mut inverses, &mut products);
        for (point, inverse) in points.iter_mut().zip(&inverses) {
            let square = point.x.square();
            let slope = (square.double() + square) * inverse;
            let x = slope.square() - point.x.double();
            point.y = slope * (point.x - x) - point.y;
            point.x = x;
        }
    }
    points
}

/// Inverts all, none of which is zero, by one inversion.
///
/// Four chains of products, so that the processor need not wait for each before it begins the next.
fn invert(values: &mut [Fq], products: &mut Vec<Fq>) {
    products.clear();
    let mut chains = [Fq::ONE; 4];
    let (quads, rest) = values.as_chunks_mut::<4>();
    for quad in &*quads {
        products.extend_from_slice(&chains);
        for (chain, value) in chains.iter_mut().zip(quad) {
            *chain *= value;
        }
    }
    for value in &*rest {
        products.push(chains[0]);
        chains[0] *= value;
    }
    let (low, high) = (chains[0] * chains[1], chains[2] * chains[3]);
    let inverse = Option::from((low * high).invert()).unwrap_or(Fq::ZERO);
    let (low, high) = (inverse * high, inverse * low);
    let mut inverses = [
        low * chains[1],
        low * chains[0],
        high * chains[3],
        high * chains[2],
    ];
    let (before, before_rest) = products.split_at(4 * quads.len());
    let before = before.as_chunks::<4>().0;
    for (value, before) in rest.iter_mut().zip(before_rest).rev() {
        let result = inverses[0] * before;
        inverses[0] *= *value;
        *value = result;
    }
    for (quad, before) in quads.iter_mut().zip(before).rev() {
        for ((value, before), inverse) in quad.iter_mut().zip(before).zip(&mut inverses) {
            let result = *inverse * before;
            *inverse *= *value;
            *value = result;
        }
    }
}

/// The smaller of `x` and `-x` as an integer, and whether it is the latter.
fn absolute(x: &Fr) -> ([u64; 4], bool) {
    let limbs = canonical(x);
    if limbs[3] > HALF {
        (canonical(&-x), true)
    } else {
        (limbs, false)
    }
}

fn canonical(x: &Fr) -> [u64; 4] {
    let bytes = x.to_repr();
    let mut limbs = [0; 4];
    for (limb, word) in limbs.iter_mut().zip(bytes.as_ref().as_chunks::<8>().0) {
        *limb = u64::from_le_bytes(*word);
    }
    limbs
}

/// `count` bits from bit `from` on, at most 16.
fn bits(limbs: &[u64; 4], from: usize, count: usize) -> u64 {
    let (limb, offset) = (from / 64, from % 64);
    let Some(low) = limbs.get(limb) else { return 0 };
    let mut value = low >> offset;
    if offset + count > 64 {
        value |= limbs.get(limb + 1).map_or(0, |high| high << (64 - offset));
    }
    value & ((1 << count) - 1)
}

fn is_zero_above(limbs: &[u64; 4], bit: usize) -> bool {
    let limb = bit / 64;
    limbs.get(limb).is_none_or(|x| x >> (bit % 64) == 0) && limbs.iter().skip(limb + 1).all(|x| *x == 0)
}

fn is_infinity(point: &G1Affine) -> bool {
    // No point of odd order has y = 0.
    point.y == Fq::ZERO
}

/// The sums of the buckets, and memory for batches of additions.
struct Sums {
    buckets: Vec<G1Affine>,
    adder: Adder,
}

impl Sums {
    fn new(buckets: usize) -> Self {
        Self {
            buckets: vec![G1Affine::identity(); buckets],
            adder: Adder::default(),
        }
    }

    /// Adds the digits' points to their buckets.
    fn add(&mut self, digits: &[Digit], windows: &[Vec<G1Affine>]) {
        if digits.is_empty() {
            return;
        }
        // Sort by bucket.
        let mut starts = vec![0u32; self.buckets.len() + 1];
        for digit in digits {
            starts[digit.bucket as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut places = starts.clone();
        let mut sorted = vec![Digit::default(); digits.len()];
        for digit in digits {
            let place = &mut places[digit.bucket as usize];
            sorted[*place as usize] = *digit;
            *place += 1;
        }
        let load = |i: usize| {
            let Digit {
                place,
                window,
                negative,
                ..
            } = sorted[i];
            let point = windows[usize::from(window)][place as usize];
            if negative { -point } else { point }
        };
        let sums = self.adder.groups(&mut starts, load);
        for (bucket, sum) in sums {
            let old = self.buckets[bucket];
            if is_infinity(&old) {
                self.buckets[bucket] = sum;
            } else {
                self.adder.push(old, sum, bucket as u32, &mut self.buckets);
            }
        }
        self.adder.flush(&mut self.buckets);
    }

    /// The sum of `(b + 1)` times bucket `b`.
    ///
    /// Many full buckets are taken as a square of rows and columns, so that most additions are affine:
    /// `sum (b + 1) S_b = width sum r R_r + sum (c + 1) C_c` for the sums `R_r` of rows and `C_c` of columns.
    fn weighted(mut self) -> G1 {
        let full = self.buckets.iter().filter(|sum| !is_infinity(sum)).count();
        if full < SPARSE {
            return weighted(&self.buckets);
        }
        let width = 1usize << (self.buckets.len().trailing_zeros() / 2);
        let height = self.buckets.len() / width;
        let (buckets, adder) = (&self.buckets, &mut self.adder);
        let mut sums = |count: usize, size: usize, place: &dyn Fn(usize, usize) -> usize| {
            let (mut starts, mut list) = (vec![0u32], Vec::new());
            for group in 0..count {
                list.extend(
                    (0..size)
                        .map(|i| place(group, i))
                        .filter(|b| !is_infinity(&buckets[*b])),
                );
                starts.push(list.len() as u32);
            }
            let mut sums = vec![G1Affine::identity(); count];
            for (group, sum) in adder.groups(&mut starts, |i| buckets[list[i]]) {
                sums[group] = sum;
            }
            sums
        };
        let rows = sums(height, width, &|r, c| r * width + c);
        let columns = sums(width, height, &|c, r| r * width + c);
        times(&weighted(&rows[1..]), width as u64) + weighted(&columns)
    }
}

/// Memory for batches of additions.
#[derive(Default)]
struct Adder {
    pairs: Vec<(G1Affine, G1Affine, u32)>,
    denominators: Vec<Fq>,
    products: Vec<Fq>,
}

impl Adder {
    /// Sums of groups that are not empty: points `starts[g] .. starts[g + 1]` belong to group `g`.
    fn groups(&mut self, starts: &mut [u32], load: impl Fn(usize) -> G1Affine) -> Vec<(usize, G1Affine)> {
        let mut points = Vec::new();
        self.round(starts, load, &mut points);
        let mut previous = Vec::new();
        while starts.windows(2).any(|pair| pair[1] - pair[0] > 1) {
            std::mem::swap(&mut points, &mut previous);
            self.round(starts, |i| previous[i], &mut points);
        }
        let full = starts
            .windows(2)
            .enumerate()
            .filter(|(_, pair)| pair[1] > pair[0]);
        full.map(|(group, pair)| (group, points[pair[0] as usize]))
            .collect()
    }

    /// Halves the points of each group: pairs become sums, a last single one stays.
    fn round(&mut self, starts: &mut [u32], load: impl Fn(usize) -> G1Affine, sums: &mut Vec<G1Affine>) {
        let total = starts
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).div_ceil(2) as usize)
            .sum();
        sums.clear();
        sums.resize(total, G1Affine::identity());
        let mut next = 0u32;
        let mut from = starts[0];
        for end in &mut starts[1..] {
            while from + 1 < *end {
                self.push(load(from as usize), load(from as usize + 1), next, sums);
                from += 2;
                next += 1;
            }
            if from < *end {
                sums[next as usize] = load(from as usize);
                from += 1;
                next += 1;
            }
            *end = next;
        }
        starts[0] = 0;
        self.flush(sums);
    }

    #[inline]
    fn push(&mut self, a: G1Affine, b: G1Affine, to: u32, sums: &mut [G1Affine]) {
        let difference = b.x - a.x;
        if difference == Fq::ZERO || is_infinity(&a) || is_infinity(&b) {
            // Equal, opposite or infinite: too rare to be fast.
            sums[to as usize] = (a.to_curve() + b).to_affine();
            return;
        }
        self.pairs.push((a, b, to));
        self.denominators.push(difference);
        if self.pairs.len() == BATCH {
            self.flush(sums);
        }
    }

    fn flush(&mut self, sums: &mut [G1Affine]) {
        invert(&mut self.denominators, &mut self.products);
        for ((a, b, to), inverse) in self.pairs.iter().zip(&self.denominators) {
            let slope = (b.y - a.y) * inverse;
            let x = slope.square() - a.x - b.x;
            let y = slope * (a.x - x) - a.y;
            sums[*to as usize] = G1Affine { x, y };
        }
        self.pairs.clear();
        self.denominators.clear();
    }
}

/// The sum of `(b + 1) sums[b]`.
fn weighted(sums: &[G1Affine]) -> G1 {
    let (mut total, mut running) = (G1::identity(), G1::identity());
    // How many buckets `running` still has to be counted for.
    let mut pending = 0u64;
    for sum in sums.iter().rev() {
        if !is_infinity(sum) {
            total += times(&running, pending);
            running += sum;
            pending = 0;
        }
        pending += 1;
    }
    total + times(&running, pending)
}

/// A small multiple.
fn times(point: &G1, count: u64) -> G1 {
    match count {
        0 => G1::identity(),
        1 => *point,
        _ => {
            let mut result = *point;
            for bit in (0..u64::BITS - 1 - count.leading_zeros()).rev() {
                result = result.double();
                if count >> bit & 1 == 1 {
                    result += point;
                }
            }
            result
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_multiplication() {
        let generator = G1::generator();
        // The last size has windows and buckets that count as full.
        for log in [4usize, 7, 12] {
            let logarithms: Vec<Fr> = (0..1u64 << log).map(|i| Fr::from(i * i + 5)).collect();
            let points: Vec<G1Affine> = logarithms.iter().map(|s| (generator * s).to_affine()).collect();
            let bases = Bases::new(points.clone());
            let shapes: [fn(u64) -> Fr; 6] = [
                |i| Fr::from(i & 1),
                |i| -Fr::from(i & 1),
                |i| Fr::from((i * 40_503) & 0xffff),
                |i| -Fr::from(i) * Fr::from(u64::MAX),
                |i| Fr::from(i + 2).invert().unwrap_or(Fr::ONE),
                |_| -Fr::ONE,
            ];
            for shape in shapes {
                let scalars: Vec<Fr> = (0..points.len() as u64).map(shape).collect();
                let expected = generator * logarithms.iter().zip(&scalars).map(|(l, s)| *l * s).sum::<Fr>();
                assert_eq!(bases.commit(&scalars), expected);
                assert_eq!(bases.commit_parallel(&scalars), expected);
            }
        }
    }

    #[test]
    fn equal_and_opposite_points_in_a_bucket() {
        let point = (G1::generator() * Fr::from(9)).to_affine();
        let bases = Bases::new(vec![point, point, -point, -point, -point, point, point, point]);
        let scalars = [1, 1, 1, 1, 1, 1, 1, 5].map(Fr::from);
        assert_eq!(bases.commit(&scalars), point * Fr::from(6));
        assert_eq!(bases.commit(&[Fr::ZERO; 8]), G1::identity());
    }
}
