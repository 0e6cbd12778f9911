//! Commitments to columns: sums of fixed points by signed digits and buckets.
//!
//! The points never change, so their multiples by `2^(c w)` are tabulated once: then the digits of all windows share one set of
//! `2^(c-1)` buckets, which are summed up once per commitment. A scalar is taken as the smaller of `x` and `-x`, and zero digits
//! cost nothing: a column of bits, of small integers or of small negative ones is cheap by itself.
//!
//! Points of a bucket are added in pairs, many pairs at a time (`additions`).

use super::additions::{BATCH, INFINITY, Pair, Place, Rest, Scratch, add, awake, double, rest};
use ark_ff::{AdditiveGroup, PrimeField};
use halo2_proofs::halo2curves::bn256::{G1, G1Affine};
use halo2_proofs::halo2curves::group::Group;
use playfair_types::Fr;
use rayon::prelude::*;

/// Windows and buckets with fewer points than this are treated as sparse.
const SPARSE: usize = 512;
/// Bits of a scalar's absolute value: `r / 2 < 2^253`.
const SCALAR_BITS: usize = 253;
/// The highest limb of `r / 2`.
const HALF: u64 = 0x1832_2739_7098_d014;

/// Points with their tabulated multiples.
#[derive(Clone, Debug)]
pub(super) struct Bases {
    /// Window by window: `2^(c w) P_i` is the `i`th of window `w`.
    table: Vec<Rest>,
    /// Points of a window.
    count: usize,
    /// How many windows there are.
    windows: usize,
    /// Bits of a digit.
    c: usize,
}

/// A digit of a scalar that is not zero: its point goes to a bucket.
#[derive(Clone, Copy, Default)]
struct Digit {
    bucket: u32,
    place: Place,
}

impl Bases {
    /// Tabulates multiples of `points`; memory is about `64 * 253 / c` bytes per point.
    pub(super) fn new(points: &[G1Affine]) -> Self {
        let log = usize::BITS - points.len().leading_zeros();
        let c = (log as usize).saturating_sub(2).clamp(4, 16);
        // One bit more for the carry of the last digit.
        let (count, windows) = (points.len(), (SCALAR_BITS + 1).div_ceil(c));
        let mut table = vec![INFINITY; count * windows];
        let (first, _) = table.split_at_mut(count);
        first
            .par_iter_mut()
            .zip(points)
            .for_each(|(to, point)| *to = rest(point));
        for window in 1..windows {
            let (before, next) = table.split_at_mut(window * count);
            let before = &before[(window - 1) * count..];
            next[..count]
                .par_chunks_mut(BATCH)
                .zip(before.par_chunks(BATCH))
                .for_each(|(to, from)| {
                    to.copy_from_slice(from);
                    double(to, c);
                });
        }
        Self {
            table,
            count,
            windows,
            c,
        }
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
                        place: Place::new(window * self.count + first + i, *digit < 0),
                    }),
            );
            sums.add(&entries, &self.table);
            entries.clear();
        }
        sums.add(&sparse, &self.table);
        sums.weighted()
    }

    /// Signed digits, window by window, and how many of each window are not zero.
    fn digits(&self, scalars: &[Fr]) -> (Vec<i32>, Vec<usize>) {
        let (count, half) = (scalars.len(), 1i32 << (self.c - 1));
        let mut digits = vec![0i32; count * self.windows];
        let mut used = vec![0; self.windows];
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

/// The smaller of `x` and `-x` as an integer, and whether it is the latter.
fn absolute(x: &Fr) -> ([u64; 4], bool) {
    let limbs = x.into_bigint().0;
    if limbs[3] > HALF {
        ((-*x).into_bigint().0, true)
    } else {
        (limbs, false)
    }
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

/// The sums of the buckets, and memory for batches of additions.
struct Sums {
    buckets: Vec<Rest>,
    adder: Adder,
}

impl Sums {
    fn new(buckets: usize) -> Self {
        Self {
            buckets: vec![INFINITY; buckets],
            adder: Adder::default(),
        }
    }

    /// Adds the digits' points to their buckets.
    fn add(&mut self, digits: &[Digit], table: &[Rest]) {
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
        let mut sorted = vec![Place::default(); digits.len()];
        for digit in digits {
            let place = &mut places[digit.bucket as usize];
            sorted[*place as usize] = digit.place;
            *place += 1;
        }
        let groups = self.adder.groups(&mut starts, &sorted, table);
        // Buckets that have a sum already get the new one added.
        let old = self.buckets.clone();
        let mut news = Vec::with_capacity(groups.len());
        let mut pairs = Vec::new();
        for (bucket, sum) in groups {
            if old[bucket].is_zero() {
                self.buckets[bucket] = sum;
            } else {
                pairs.push(Pair {
                    a: Place::new(bucket, false),
                    b: Place::new(news.len(), false),
                    to: bucket as u32,
                });
                news.push(sum);
            }
        }
        for pairs in pairs.chunks(BATCH) {
            add(&old, &news, pairs, &mut self.buckets, &mut self.adder.scratch);
        }
    }

    /// The sum of `(b + 1)` times bucket `b`.
    ///
    /// Many full buckets are taken as a square of rows and columns, so that most additions are affine:
    /// `sum (b + 1) S_b = width sum r R_r + sum (c + 1) C_c` for the sums `R_r` of rows and `C_c` of columns.
    fn weighted(mut self) -> G1 {
        let full = self.buckets.iter().filter(|sum| !sum.is_zero()).count();
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
                        .filter(|b| !buckets[*b].is_zero())
                        .map(|b| Place::new(b, false)),
                );
                starts.push(list.len() as u32);
            }
            let mut sums = vec![INFINITY; count];
            for (group, sum) in adder.groups(&mut starts, &list, buckets) {
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
    pairs: Vec<Pair>,
    scratch: Scratch,
}

impl Adder {
    /// Sums of groups that are not empty: `list[starts[g] .. starts[g + 1]]` are the places of group `g`'s points.
    fn groups(&mut self, starts: &mut [u32], list: &[Place], points: &[Rest]) -> Vec<(usize, Rest)> {
        let mut sums = Vec::new();
        self.round(starts, |i| list[i], points, &mut sums);
        let mut previous = Vec::new();
        while starts.windows(2).any(|pair| pair[1] - pair[0] > 1) {
            std::mem::swap(&mut sums, &mut previous);
            self.round(starts, |i| Place::new(i, false), &previous, &mut sums);
        }
        let full = starts
            .windows(2)
            .enumerate()
            .filter(|(_, pair)| pair[1] > pair[0]);
        full.map(|(group, pair)| (group, sums[pair[0] as usize]))
            .collect()
    }

    /// Halves the points of each group: pairs become sums, a last single one stays.
    fn round(
        &mut self,
        starts: &mut [u32],
        place: impl Fn(usize) -> Place,
        points: &[Rest],
        sums: &mut Vec<Rest>,
    ) {
        let total = starts
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).div_ceil(2) as usize)
            .sum();
        sums.clear();
        sums.resize(total, INFINITY);
        let mut next = 0u32;
        let mut from = starts[0];
        for end in &mut starts[1..] {
            while from + 1 < *end {
                self.pairs.push(Pair {
                    a: place(from as usize),
                    b: place(from as usize + 1),
                    to: next,
                });
                if self.pairs.len() == BATCH {
                    add(points, points, &self.pairs, sums, &mut self.scratch);
                    self.pairs.clear();
                }
                from += 2;
                next += 1;
            }
            if from < *end {
                sums[next as usize] = place(from as usize).of(points);
                from += 1;
                next += 1;
            }
            *end = next;
        }
        starts[0] = 0;
        add(points, points, &self.pairs, sums, &mut self.scratch);
        self.pairs.clear();
    }
}

/// The sum of `(b + 1) sums[b]`.
fn weighted(sums: &[Rest]) -> G1 {
    let (mut total, mut running) = (G1::identity(), G1::identity());
    // How many buckets `running` still has to be counted for.
    let mut pending = 0u64;
    for sum in sums.iter().rev() {
        if !sum.is_zero() {
            total += times(&running, pending);
            running += awake(sum);
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
    use crate::transcript::to_halo2;
    use ark_ff::Field;
    use halo2_proofs::halo2curves::bn256::Fr as Theirs;
    use halo2_proofs::halo2curves::group::Curve;

    #[test]
    fn agrees_with_multiplication() {
        let generator = G1::generator();
        // The last size has windows and buckets that count as full.
        for log in [4usize, 7, 12] {
            let logarithms: Vec<Fr> = (0..1u64 << log).map(|i| Fr::from(i * i + 5)).collect();
            let points: Vec<G1Affine> = logarithms
                .iter()
                .map(|s| (generator * to_halo2(s)).to_affine())
                .collect();
            let bases = Bases::new(&points);
            let shapes: [fn(u64) -> Fr; 6] = [
                |i| Fr::from(i & 1),
                |i| -Fr::from(i & 1),
                |i| Fr::from((i * 40_503) & 0xffff),
                |i| -Fr::from(i) * Fr::from(u64::MAX),
                |i| Fr::from(i + 2).inverse().unwrap_or(Fr::ONE),
                |_| -Fr::ONE,
            ];
            for shape in shapes {
                let scalars: Vec<Fr> = (0..points.len() as u64).map(shape).collect();
                let expected =
                    generator * to_halo2(&logarithms.iter().zip(&scalars).map(|(l, s)| *l * s).sum());
                assert_eq!(bases.commit(&scalars), expected);
                assert_eq!(bases.commit_parallel(&scalars), expected);
            }
        }
    }

    #[test]
    fn equal_and_opposite_points_in_a_bucket() {
        let point = (G1::generator() * Theirs::from(9)).to_affine();
        let bases = Bases::new(&[point, point, -point, -point, -point, point, point, point]);
        let scalars = [1, 1, 1, 1, 1, 1, 1, 5].map(Fr::from);
        assert_eq!(bases.commit(&scalars), point * Theirs::from(6));
        assert_eq!(bases.commit(&[Fr::ZERO; 8]), G1::identity());
    }

    /// Digits of every width that some size has, for scalars where they carry and where their sign turns.
    #[test]
    fn digits_are_the_scalar() {
        let half = Fr::from_bigint(Fr::MODULUS_MINUS_ONE_DIV_TWO).unwrap();
        let two = Fr::from(2u64);
        let mut scalars = vec![Fr::ZERO, Fr::ONE, half, half + Fr::ONE, half - Fr::ONE];
        for bit in 0..253 {
            let power = two.pow([bit]);
            scalars.extend([
                power,
                power - Fr::ONE,
                power + Fr::ONE,
                half - power,
                half + power,
            ]);
        }
        let limb = Fr::from_bigint(ark_ff::BigInt::new([0, 0, 0, HALF])).unwrap();
        let next = Fr::from_bigint(ark_ff::BigInt::new([0, 0, 0, HALF + 1])).unwrap();
        scalars.extend([limb, limb - Fr::ONE, next, next - Fr::ONE]);
        scalars.extend((0..100).scan(half, |x, i| {
            *x = x.square() + Fr::from(i);
            Some(*x)
        }));
        scalars.extend(scalars.clone().iter().map(|x| -*x));
        for c in 4..=16 {
            let bases = Bases {
                table: Vec::new(),
                count: 0,
                windows: (SCALAR_BITS + 1).div_ceil(c),
                c,
            };
            let (digits, used) = bases.digits(&scalars);
            let mut counted = vec![0; bases.windows];
            for (i, scalar) in scalars.iter().enumerate() {
                let mut sum = Fr::ZERO;
                for window in (0..bases.windows).rev() {
                    let digit = digits[window * scalars.len() + i];
                    assert!(digit.unsigned_abs() <= 1 << (c - 1), "{c} bits: {digit}");
                    counted[window] += usize::from(digit != 0);
                    let size = Fr::from(digit.unsigned_abs());
                    sum = sum * Fr::from(1u64 << c) + if digit < 0 { -size } else { size };
                }
                assert_eq!(sum, *scalar, "{c} bits");
            }
            assert_eq!(counted, used);
        }
    }

    /// Every number of buckets, nearly all full, few full, or none.
    #[test]
    fn buckets_are_weighted() {
        for c in 4..=14 {
            let count = 1usize << (c - 1);
            for step in [1, 3, 100_000] {
                let mut sums = Sums::new(count);
                let mut expected = Theirs::from(0);
                // Bucket b holds (b + 7) times the generator, so that few multiplications make all.
                let mut point = G1::generator() * Theirs::from(7);
                for (b, bucket) in sums.buckets.iter_mut().enumerate() {
                    if b % step == step - 1 {
                        *bucket = rest(&point.to_affine());
                        expected += Theirs::from((b as u64 + 1) * (b as u64 + 7));
                    }
                    point += G1::generator();
                }
                assert_eq!(sums.weighted(), G1::generator() * expected, "{count} buckets");
            }
        }
    }
}
