//! Additions of points in affine coordinates, eight at a time, many to one inversion.
//!
//! Points at rest are [`Point`]s; infinity is the pair of zeros (no point of odd order has `y = 0`). A sum costs five
//! multiplications and a square; that an operand is infinite, or both have one `x`, is too rare to be fast.

use crate::transcript::{affine, coordinates, inverse};
use ark_bn254::{Fq, FqConfig as Config};
use ark_ff::Field;
use halo2_proofs::halo2curves::bn256::G1Affine;
use halo2_proofs::halo2curves::group::Curve;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use playfair_proofs_vector::{Block, Lanes, Point, Task, WIDTH, dispatch};

/// A point at rest.
pub(super) type Rest = Point<Config>;

/// Infinity at rest.
pub(super) const INFINITY: Rest = Point::ZERO;

/// Sums or doublings that share an inversion.
pub(super) const BATCH: usize = 1024;

/// How many groups of eight sums ahead points are asked for from memory.
const AHEAD: usize = 2;

/// Puts a point to rest.
pub(super) fn rest(point: &G1Affine) -> Rest {
    coordinates(point).map_or(INFINITY, |(x, y)| Point::new(&x, &y))
}

/// A point at rest as halo2's.
pub(super) fn awake(point: &Rest) -> G1Affine {
    if point.is_zero() {
        return G1Affine::identity();
    }
    let [x, y] = point.elements();
    affine(&x, &y)
}

/// A point's place in a list, and whether its opposite is meant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place(u32);

impl Place {
    /// Places are below `2^31`.
    #[inline]
    pub(super) fn new(place: usize, negative: bool) -> Self {
        debug_assert!(place < 1 << 31);
        Self((place as u32) << 1 | u32::from(negative))
    }

    #[inline(always)]
    fn at(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// The point.
    #[inline]
    pub(super) fn of(self, points: &[Rest]) -> Rest {
        let point = points[self.at()];
        if self.0 & 1 == 1 { point.opposite() } else { point }
    }
}

/// A sum to be made: places in two lists, and in that of the results.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pair {
    pub(super) a: Place,
    pub(super) b: Place,
    pub(super) to: u32,
}

/// Adds pairs of points of `left` and `right` into `sums`.
struct Add<'a> {
    left: &'a [Rest],
    right: &'a [Rest],
    pairs: &'a [Pair],
    sums: &'a mut [Rest],
    scratch: &'a mut Scratch,
}

/// Memory for a batch.
#[derive(Default)]
pub(super) struct Scratch {
    denominators: Vec<Block<Config>>,
    products: Vec<Block<Config>>,
    /// Sums that need another way.
    rare: Vec<u32>,
}

/// The first or second points of eight pairs; the opposites where that is meant.
#[inline(always)]
fn gather<L: Lanes<Config>>(points: &[Rest], pairs: &[Pair; WIDTH], second: bool) -> (L, L) {
    let mut negative = 0u8;
    let mut chosen = [&points[0]; WIDTH];
    for i in 0..WIDTH {
        let place = if second { pairs[i].b } else { pairs[i].a };
        chosen[i] = &points[place.at()];
        negative |= ((place.0 & 1) as u8) << i;
    }
    let (x, y) = L::gather(chosen);
    let opposite = L::read(&Block::ZERO).sub(y);
    (x, L::select(negative, opposite, y))
}

/// Eight pairs, the last one repeated at the end.
#[inline(always)]
fn eight(pairs: &[Pair], group: usize) -> [Pair; WIDTH] {
    let pairs = &pairs[group * WIDTH..];
    match pairs.first_chunk::<WIDTH>() {
        Some(pairs) => *pairs,
        None => std::array::from_fn(|i| pairs[i.min(pairs.len() - 1)]),
    }
}

/// The inverse of each lane, by one inversion; chains never contain zero.
#[inline(always)]
fn inverted<L: Lanes<Config>>(chains: [L; 2]) -> [L; 2] {
    let [low, high] = chains;
    let (low, high) = inverted_elements(low.to_elements(), high.to_elements());
    [L::from_elements(&low), L::from_elements(&high)]
}

/// All inverses by one of halo2's, which is faster than arkworks'.
fn inverted_elements(mut low: [Fq; WIDTH], mut high: [Fq; WIDTH]) -> ([Fq; WIDTH], [Fq; WIDTH]) {
    // Lane by lane: the pair's product, and the product of all pairs before.
    let mut before = [Fq::ONE; WIDTH];
    let mut product = Fq::ONE;
    for ((before, a), b) in before.iter_mut().zip(&low).zip(&high) {
        *before = product;
        product *= *a * b;
    }
    let mut rest = inverse(&product);
    for ((a, b), before) in low.iter_mut().zip(&mut high).zip(before).rev() {
        let pair = rest * before;
        rest *= *a * *b;
        (*a, *b) = (pair * *b, pair * *a);
    }
    (low, high)
}

impl Task<Config> for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<Config>>(self) {
        let Self {
            left,
            right,
            pairs,
            sums,
            scratch,
        } = self;
        let groups = pairs.len().div_ceil(WIDTH);
        let one = L::from_elements(&[Fq::ONE; WIDTH]);
        scratch.denominators.resize(groups, Block::ZERO);
        scratch.products.resize(groups, Block::ZERO);
        scratch.rare.clear();
        // Two chains of products: neither waits for the other.
        let mut chains = [one; 2];
        for group in 0..groups {
            for pair in pairs.iter().skip((group + AHEAD) * WIDTH).take(WIDTH) {
                L::prefetch(&left[pair.a.at()]);
                L::prefetch(&right[pair.b.at()]);
            }
            let eight = eight(pairs, group);
            let (ax, ay) = gather::<L>(left, &eight, false);
            let (bx, by) = gather::<L>(right, &eight, true);
            let difference = bx.sub(ax);
            let rare = difference.zeros() | ay.zeros() | by.zeros();
            let difference = if rare == 0 {
                difference
            } else {
                for i in (0..WIDTH).filter(|i| rare >> i & 1 == 1) {
                    scratch.rare.push((group * WIDTH + i) as u32);
                }
                L::select(rare, one, difference)
            };
            difference.write(&mut scratch.denominators[group]);
            let chain = &mut chains[group % 2];
            chain.write(&mut scratch.products[group]);
            *chain = chain.mul(difference);
        }
        let mut inverses = inverted(chains);
        for group in (0..groups).rev() {
            let eight = eight(pairs, group);
            let (ax, ay) = gather::<L>(left, &eight, false);
            let (bx, by) = gather::<L>(right, &eight, true);
            let inverse = inverses[group % 2].mul(L::read(&scratch.products[group]));
            inverses[group % 2] = inverses[group % 2].mul(L::read(&scratch.denominators[group]));
            let slope = by.sub(ay).mul(inverse);
            let x = slope.square().sub(ax).sub(bx);
            let y = slope.mul(ax.sub(x)).sub(ay);
            let results = L::scatter(x, y);
            for (pair, result) in eight.iter().zip(results) {
                sums[pair.to as usize] = result;
            }
        }
        for at in &scratch.rare {
            if let Some(pair) = pairs.get(*at as usize) {
                let sum = awake(&pair.a.of(left)) + awake(&pair.b.of(right));
                sums[pair.to as usize] = rest(&sum.to_affine());
            }
        }
    }
}

/// Adds pairs of points of `left` and `right` into `sums`: at most [`BATCH`] of them, to different places.
pub(super) fn add(left: &[Rest], right: &[Rest], pairs: &[Pair], sums: &mut [Rest], scratch: &mut Scratch) {
    if !pairs.is_empty() {
        dispatch(Add {
            left,
            right,
            pairs,
            sums,
            scratch,
        });
    }
}

/// Doubles points in place, some times.
struct Double<'a>(&'a mut [Rest], usize);

impl Task<Config> for Double<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<Config>>(self) {
        let one = L::from_elements(&[Fq::ONE; WIDTH]);
        let mut points: Vec<(L, L)> = Vec::with_capacity(self.0.len().div_ceil(WIDTH));
        for chunk in self.0.chunks(WIDTH) {
            let mut chosen = [&chunk[chunk.len() - 1]; WIDTH];
            for (to, point) in chosen.iter_mut().zip(chunk) {
                *to = point;
            }
            points.push(L::gather(chosen));
        }
        let mut products = vec![one; points.len()];
        for _ in 0..self.1 {
            let mut chains = [one; 2];
            for (i, ((_, y), product)) in points.iter().zip(&mut products).enumerate() {
                *product = chains[i % 2];
                let denominator = y.add(*y);
                // Infinity stays itself.
                let denominator = L::select(denominator.zeros(), one, denominator);
                chains[i % 2] = chains[i % 2].mul(denominator);
            }
            let mut inverses = inverted(chains);
            for (i, ((x, y), product)) in points.iter_mut().zip(&products).enumerate().rev() {
                let denominator = y.add(*y);
                let infinite = denominator.zeros();
                let denominator = L::select(infinite, one, denominator);
                let inverse = inverses[i % 2].mul(*product);
                inverses[i % 2] = inverses[i % 2].mul(denominator);
                let square = x.square();
                let slope = square.add(square).add(square).mul(inverse);
                let next = slope.square().sub(*x).sub(*x);
                let after = slope.mul(x.sub(next)).sub(*y);
                (*x, *y) = (L::select(infinite, *x, next), L::select(infinite, *y, after));
            }
        }
        for (chunk, (x, y)) in self.0.chunks_mut(WIDTH).zip(points) {
            let results = L::scatter(x, y);
            chunk.copy_from_slice(&results[..chunk.len()]);
        }
    }
}

/// `2^count` times each point, in place; at most [`BATCH`] share an inversion.
pub(super) fn double(points: &mut [Rest], count: usize) {
    for chunk in points.chunks_mut(BATCH) {
        dispatch(Double(chunk, count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::bn256::{Fr, G1};

    /// Infinity, points with their opposites and doubles, and others.
    fn pool() -> Vec<G1Affine> {
        let multiples = [0i64, 1, -1, 2, -2, 3, 4, -4, 7, 1000, 12_345, -12_345, 0];
        let multiple = |m: i64| {
            let point = G1::generator() * Fr::from(m.unsigned_abs());
            if m < 0 { -point } else { point }
        };
        multiples.iter().map(|m| multiple(*m).to_affine()).collect()
    }

    #[test]
    fn every_pair_of_special_points_at_every_place_of_a_batch() {
        let points = pool();
        let left: Vec<Rest> = points.iter().map(rest).collect();
        // Sums are operands like any other, though their coordinates are not canonical.
        let zero = Place::new(0, false);
        let pairs: Vec<Pair> = (0..left.len())
            .map(|i| Pair {
                a: Place::new(i, false),
                b: zero,
                to: i as u32,
            })
            .collect();
        let mut right = vec![INFINITY; left.len()];
        add(&left, &left, &pairs, &mut right, &mut Scratch::default());
        let all: Vec<(usize, usize, bool, bool)> = (0..points.len() * points.len() * 4)
            .map(|i| (i / 4 % points.len(), i / 4 / points.len(), i & 1 == 1, i & 2 == 2))
            .collect();
        let mut scratch = Scratch::default();
        let sign = |point: G1Affine, negative: bool| if negative { -point } else { point };
        for count in (1..=33).chain([100, all.len()]) {
            for all in all.chunks(count) {
                let mut sums = vec![rest(&points[1]); all.len()];
                let pairs: Vec<Pair> = all
                    .iter()
                    .enumerate()
                    .map(|(to, (a, b, minus, other))| Pair {
                        a: Place::new(*a, *minus),
                        b: Place::new(*b, *other),
                        to: (all.len() - 1 - to) as u32,
                    })
                    .collect();
                add(&left, &right, &pairs, &mut sums, &mut scratch);
                for ((a, b, minus, other), sum) in all.iter().zip(sums.iter().rev()) {
                    let wanted = (sign(points[*a], *minus) + sign(points[*b], *other)).to_affine();
                    assert_eq!(awake(sum), wanted, "{a} {b} {minus} {other}");
                    assert_eq!(sum.is_zero(), bool::from(wanted.is_identity()));
                }
            }
        }
    }

    #[test]
    fn doubles_of_special_points() {
        let points = pool();
        for count in 0..=2 * points.len() {
            for times in [0, 1, 2, 5, 16] {
                let chosen: Vec<G1Affine> = points.iter().cycle().take(count).copied().collect();
                let mut found: Vec<Rest> = chosen.iter().map(rest).collect();
                double(&mut found, times);
                let found: Vec<G1Affine> = found.iter().map(awake).collect();
                let wanted: Vec<G1Affine> = chosen
                    .iter()
                    .map(|point| (point * Fr::from(1 << times)).to_affine())
                    .collect();
                assert_eq!(found, wanted, "{count} points, {times} times");
            }
        }
    }
}
