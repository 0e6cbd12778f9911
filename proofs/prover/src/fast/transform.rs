//! The transforms themselves, on one column and one thread.
//!
//! Two stages are done at once while their elements are in registers, and the last three (first three) inside pairs of blocks.

use super::Block;
use ark_bn254::FrConfig as Config;
use ark_ff::Field;
use playfair_proofs_vector::{Lanes, Task, WIDTH, dispatch, pack};
use playfair_types::Fr;

/// Blocks of transforms that stay in the caches stage by stage; larger ones are quartered first.
const CACHED: usize = 1 << 9;

/// Roots of the stages.
#[derive(Clone, Debug)]
pub(super) struct Roots {
    /// Element `m + j` is `w^j` with `w` a primitive `2m`th root of unity, for `m` a power of two from 8 on.
    blocks: Vec<Block>,
    /// Stages inside blocks: the roots for distances 4 and 2, as often as they fit.
    within: [Block; 2],
}

impl Roots {
    /// For `2^k` rows, `omega` their primitive root.
    pub(super) fn new(k: u32, omega: Fr) -> Self {
        let n = 1usize << k;
        let mut roots = vec![Fr::ONE; n];
        for log in 0..k {
            let m = 1usize << log;
            let step = (log + 1..k).fold(omega, |w, _| w.square());
            let mut power = Fr::ONE;
            for root in &mut roots[m..2 * m] {
                *root = power;
                power *= step;
            }
        }
        let mut blocks = vec![Block::ZERO; n / WIDTH];
        pack(&roots, &mut blocks);
        let mut within = [Block::ZERO; 2];
        for (block, m) in within.iter_mut().zip([4, 2]) {
            let repeated: [Fr; WIDTH] = std::array::from_fn(|i| roots[m + i % m]);
            pack(&repeated, std::slice::from_mut(block));
        }
        Self { blocks, within }
    }
}

/// Natural order in, bit-reversed order out.
pub(super) fn decimate_frequency(values: &mut [Block], roots: &Roots) {
    let quarter = values.len() / 4;
    if values.len() > CACHED {
        dispatch(Frequency(values, roots, 1));
        for part in values.chunks_exact_mut(quarter) {
            decimate_frequency(part, roots);
        }
    } else {
        dispatch(Frequency(values, roots, usize::MAX));
    }
}

/// As many pairs of stages as asked for, from the widest on; then those inside blocks if nothing else is left.
struct Frequency<'a>(&'a mut [Block], &'a Roots, usize);

impl Task<Config> for Frequency<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<Config>>(self) {
        let Self(values, roots, mut pairs) = self;
        let mut width = values.len();
        while width >= 4 && pairs > 0 {
            let quarter = width / 4;
            let (wide, narrow) = (&roots.blocks[2 * quarter..], &roots.blocks[quarter..]);
            for part in values.chunks_exact_mut(width) {
                let (low, high) = part.split_at_mut(2 * quarter);
                let ((a, b), (c, d)) = (low.split_at_mut(quarter), high.split_at_mut(quarter));
                for j in 0..quarter {
                    let (x, y, z, w) = (L::read(&a[j]), L::read(&b[j]), L::read(&c[j]), L::read(&d[j]));
                    let (x, z) = (x.add(z), x.sub(z).mul(L::read(&wide[j])));
                    let (y, w) = (y.add(w), y.sub(w).mul(L::read(&wide[quarter + j])));
                    let root = L::read(&narrow[j]);
                    x.add(y).write(&mut a[j]);
                    x.sub(y).mul(root).write(&mut b[j]);
                    z.add(w).write(&mut c[j]);
                    z.sub(w).mul(root).write(&mut d[j]);
                }
            }
            width = quarter;
            pairs -= 1;
        }
        if pairs == 0 {
            return;
        }
        if width == 2 {
            let root = L::read(&roots.blocks[1]);
            for [a, b] in values.as_chunks_mut::<2>().0 {
                let (x, y) = (L::read(a), L::read(b));
                x.add(y).write(a);
                x.sub(y).mul(root).write(b);
            }
        }
        let (four, two) = (L::read(&roots.within[0]), L::read(&roots.within[1]));
        for [a, b] in values.as_chunks_mut::<2>().0 {
            let (x, y) = L::read(a).trade::<4>(L::read(b));
            let (x, y) = x.add(y).trade::<4>(x.sub(y).mul(four));
            let (x, y) = x.trade::<2>(y);
            let (x, y) = x.add(y).trade::<2>(x.sub(y).mul(two));
            let (x, y) = x.trade::<1>(y);
            let (x, y) = x.add(y).trade::<1>(x.sub(y));
            x.write(a);
            y.write(b);
        }
    }
}

/// Bit-reversed order in, natural order out.
pub(super) fn decimate_time(values: &mut [Block], roots: &Roots) {
    let quarter = values.len() / 4;
    if values.len() > CACHED {
        for part in values.chunks_exact_mut(quarter) {
            decimate_time(part, roots);
        }
        dispatch(Time(values, roots, true));
    } else {
        dispatch(Time(values, roots, false));
    }
}

/// All stages, or only the widest two.
struct Time<'a>(&'a mut [Block], &'a Roots, bool);

impl Task<Config> for Time<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<Config>>(self) {
        let Self(values, roots, widest) = self;
        let mut width = values.len() / 4;
        if !widest {
            let (four, two) = (L::read(&roots.within[0]), L::read(&roots.within[1]));
            for [a, b] in values.as_chunks_mut::<2>().0 {
                let (x, y) = L::read(a).trade::<1>(L::read(b));
                let (x, y) = x.add(y).trade::<1>(x.sub(y));
                let (x, y) = x.trade::<2>(y);
                let y = y.mul(two);
                let (x, y) = x.add(y).trade::<2>(x.sub(y));
                let (x, y) = x.trade::<4>(y);
                let y = y.mul(four);
                let (x, y) = x.add(y).trade::<4>(x.sub(y));
                x.write(a);
                y.write(b);
            }
            width = 1;
            if values.len().trailing_zeros() % 2 == 1 {
                let root = L::read(&roots.blocks[1]);
                for [a, b] in values.as_chunks_mut::<2>().0 {
                    let (x, y) = (L::read(a), L::read(b).mul(root));
                    x.add(y).write(a);
                    x.sub(y).write(b);
                }
                width = 2;
            }
        }
        // `width` blocks are transformed; four such parts become one.
        while 4 * width <= values.len() {
            let (narrow, wide) = (&roots.blocks[width..], &roots.blocks[2 * width..]);
            for part in values.chunks_exact_mut(4 * width) {
                let (low, high) = part.split_at_mut(2 * width);
                let ((a, b), (c, d)) = (low.split_at_mut(width), high.split_at_mut(width));
                for j in 0..width {
                    let (x, y, z, w) = (L::read(&a[j]), L::read(&b[j]), L::read(&c[j]), L::read(&d[j]));
                    let root = L::read(&narrow[j]);
                    let (y, w) = (y.mul(root), w.mul(root));
                    let (x, y, z, w) = (x.add(y), x.sub(y), z.add(w), z.sub(w));
                    let (z, w) = (z.mul(L::read(&wide[j])), w.mul(L::read(&wide[width + j])));
                    x.add(z).write(&mut a[j]);
                    y.add(w).write(&mut b[j]);
                    x.sub(z).write(&mut c[j]);
                    y.sub(w).write(&mut d[j]);
                }
            }
            width *= 4;
        }
    }
}
