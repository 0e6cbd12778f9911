use super::*;
use ark_bn254::{Fq, FqConfig, Fr, FrConfig};
use ark_ff::{AdditiveGroup, Field, PrimeField};

/// Elements at the edges, and some in between.
fn samples<F: PrimeField>(seed: u64) -> [F; WIDTH] {
    let middle = F::from(seed + 3).pow([0x1234_5678_9abc_def1 ^ seed]);
    let half = F::from(2u64).inverse().unwrap_or_default();
    let mut all = [
        F::ZERO,
        F::ONE,
        -F::ONE,
        middle,
        -middle,
        half,
        -half,
        middle.square() + F::from(seed),
    ];
    all.rotate_left((seed % 8) as usize);
    all
}

/// Everything that lanes can do, on two vectors, each result as elements.
struct Everything<T: MontConfig<4>>([[Element<T>; WIDTH]; 2]);

impl<T: MontConfig<4>> Task<T> for Everything<T> {
    type Output = Vec<[Element<T>; WIDTH]>;

    #[inline(always)]
    fn run<L: Lanes<T>>(self) -> Self::Output {
        let [a, b] = self.0.map(|elements| L::from_elements(&elements));
        let mut blocks = [Block::ZERO; 2];
        a.write(&mut blocks[0]);
        b.write(&mut blocks[1]);
        let points = L::scatter(a, b);
        let (x, y) = L::gather(std::array::from_fn(|i| &points[i]));
        let (a4, b4) = a.trade::<4>(b);
        let (a2, b2) = a.trade::<2>(b);
        let (a1, b1) = a.trade::<1>(b);
        let (again, _) = a2.trade::<2>(b2);
        // A chain, so that values which are not canonical meet all operations.
        let chain = (0..20).fold(a, |x, _| x.mul(b).add(x).sub(b).add(x.square()));
        let mask = |mask: u8| std::array::from_fn(|i| Element::<T>::from(u64::from(mask >> i & 1)));
        [
            L::read(&blocks[0]),
            L::read_shifted(&blocks[0], &blocks[1]),
            a.add(b),
            a.sub(b),
            a.mul(b),
            a.square(),
            x,
            y,
            a4,
            b4,
            a2,
            b2,
            a1,
            b1,
            again,
            L::select(0b1010_0110, a, b),
            chain,
        ]
        .map(L::to_elements)
        .into_iter()
        .chain([mask(a.zeros()), mask(a.sub(a).zeros()), mask(a.sub(b).zeros())])
        .collect()
    }
}

/// The same by arkworks, element by element.
fn expected<F: PrimeField>(a: [F; WIDTH], b: [F; WIDTH]) -> Vec<[F; WIDTH]> {
    let each = |f: &dyn Fn(F, F) -> F| std::array::from_fn(|i| f(a[i], b[i]));
    let picked = |places: [usize; WIDTH]| places.map(|i| if i < WIDTH { a[i] } else { b[i - WIDTH] });
    let chain = |x: F, y: F| (0..20).fold(x, |x, _| x * y + x - y + x.square());
    vec![
        a,
        picked([1, 2, 3, 4, 5, 6, 7, 8]),
        each(&|x, y| x + y),
        each(&|x, y| x - y),
        each(&|x, y| x * y),
        each(&|x, _| x * x),
        a,
        b,
        picked([0, 1, 2, 3, 8, 9, 10, 11]),
        picked([4, 5, 6, 7, 12, 13, 14, 15]),
        picked([0, 1, 8, 9, 4, 5, 12, 13]),
        picked([2, 3, 10, 11, 6, 7, 14, 15]),
        picked([0, 8, 2, 10, 4, 12, 6, 14]),
        picked([1, 9, 3, 11, 5, 13, 7, 15]),
        a,
        std::array::from_fn(|i| if 0b1010_0110 >> i & 1 == 1 { a[i] } else { b[i] }),
        each(&chain),
        each(&|x, _| F::from(u64::from(x == F::ZERO))),
        [F::ONE; WIDTH],
        each(&|x, y| F::from(u64::from(x == y))),
    ]
}

fn everything<T: MontConfig<4>>(run: impl Fn(Everything<T>) -> Vec<[Element<T>; WIDTH]>) {
    for seed in 0..200 {
        let (a, b) = (samples::<Element<T>>(seed), samples::<Element<T>>(seed / 3 + 7));
        assert_eq!(run(Everything([a, b])), expected(a, b), "seed {seed}");
    }
}

#[test]
fn portable_lanes_are_arkworks() {
    everything::<FrConfig>(portable::run);
    everything::<FqConfig>(portable::run);
}

#[test]
fn this_machines_lanes_are_arkworks() {
    println!("backend: {:?}", backend());
    everything::<FrConfig>(dispatch);
    everything::<FqConfig>(dispatch);
}

#[test]
fn there_and_back() {
    for count in [0, 1, 7, 8, 9, 40, 43] {
        let elements: Vec<Fr> = (0..count).flat_map(samples).take(count as usize).collect();
        let count = elements.len();
        let mut blocks = vec![Block::<FrConfig>::ZERO; count.div_ceil(WIDTH)];
        pack(&elements, &mut blocks);
        let mut back = vec![Fr::ONE; count];
        unpack(&blocks, &mut back);
        assert_eq!(back, elements);
    }
    for (x, y) in samples::<Fq>(3).into_iter().zip(samples(6)) {
        let point = Point::<FqConfig>::new(&x, &y);
        assert_eq!(point.elements(), [x, y]);
        assert_eq!(point.opposite().elements(), [x, -y]);
        assert_eq!(point.opposite().opposite().elements(), [x, y]);
        assert!(!point.is_zero());
    }
    assert!(Point::<FqConfig>::ZERO.opposite().is_zero());
    assert_eq!(Point::<FqConfig>::ZERO.elements(), [Fq::ZERO; 2]);
}

/// A scalar in all lanes.
struct Splat(Fr);

impl Task<FrConfig> for Splat {
    type Output = [Fr; WIDTH];

    #[inline(always)]
    fn run<L: Lanes<FrConfig>>(self) -> [Fr; WIDTH] {
        L::splat(&Scalar::new(&self.0)).to_elements()
    }
}

#[test]
fn scalars_fill_all_lanes() {
    for value in samples::<Fr>(5) {
        assert_eq!(dispatch(Splat(value)), [value; WIDTH]);
    }
}
