use super::*;
use ark_bn254::{Fq, FqConfig, Fr, FrConfig};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField};

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

/// Forms whose factors and addends are at the edges, of two vectors and of values that are not canonical.
struct Forms<T: MontConfig<4>>([[Element<T>; WIDTH]; 2]);

impl<T: MontConfig<4>> Task<T> for Forms<T> {
    type Output = [[Element<T>; WIDTH]; 3];

    #[inline(always)]
    fn run<L: Lanes<T>>(self) -> Self::Output {
        let [a, b] = self.0.map(|elements| L::from_elements(&elements));
        let [x, y, ..] = self.0[0];
        let most = -Element::<T>::ONE;
        [
            L::form(&Form::new(&[x, y, -y, most], &y), &[a, b, a.sub(b), a.mul(b)]),
            L::form(&Form::new(&[most; 16], &most), &[b.sub(a); 16]),
            L::form(&Form::new(&[], &x), &[]),
        ]
        .map(L::to_elements)
    }
}

fn forms<T: MontConfig<4>>() {
    for seed in 0..200 {
        let (a, b) = (samples::<Element<T>>(seed), samples::<Element<T>>(seed / 3 + 7));
        let each = |f: &dyn Fn(Element<T>, Element<T>) -> Element<T>| std::array::from_fn(|i| f(a[i], b[i]));
        let expected = [
            each(&|x, y| a[0] * x + a[1] * y - a[1] * (x - y) - x * y + a[1]),
            each(&|x, y| (x - y) * Element::<T>::from(16u64) - Element::<T>::ONE),
            [a[0]; WIDTH],
        ];
        assert_eq!(dispatch(Forms([a, b])), expected, "seed {seed}");
    }
}

#[test]
fn forms_are_sums_of_multiples() {
    println!("backend: {:?}", backend());
    forms::<FrConfig>();
    forms::<FqConfig>();
}

/// A process has one backend, so the other one has a process of its own.
#[test]
fn portable_forms_are_too() {
    let again = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::forms_are_sums_of_multiples", "--nocapture"])
        .env(BACKEND_VARIABLE, "portable")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(again.status.success() && said.contains("Portable"), "{said}");
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

/// What lanes compute of two vectors at rest, put to rest again; and which lanes of both are zero.
struct AtRest<T: MontConfig<4>>([Block<T>; 2]);

/// Results of [`AtRest`], in this order.
const OPERATIONS: [&str; 10] = [
    "a", "b", "a + b", "a - b", "b - a", "a b", "a a", "0 - a", "select", "(a, b)",
];

impl<T: MontConfig<4>> Task<T> for AtRest<T> {
    type Output = ([Block<T>; OPERATIONS.len()], [[Element<T>; WIDTH]; 2], [u8; 3]);

    #[inline(always)]
    fn run<L: Lanes<T>>(self) -> Self::Output {
        let [a, b] = self.0.map(|block| L::read(&block));
        let points = L::scatter(a, b);
        let (x, y) = L::gather(std::array::from_fn(|i| &points[i]));
        let mut blocks = [Block::ZERO; OPERATIONS.len()];
        let results = [
            a,
            b,
            a.add(b),
            a.sub(b),
            b.sub(a),
            a.mul(b),
            a.square(),
            L::read(&Block::ZERO).sub(a),
            L::select(0x35, a, b),
            L::select(0x35, x, y),
        ];
        for (result, block) in results.into_iter().zip(&mut blocks) {
            result.write(block);
        }
        (
            blocks,
            [a.to_elements(), b.to_elements()],
            [a.zeros(), b.zeros(), a.sub(b).zeros()],
        )
    }
}

/// Words of four from a block, lane by lane.
fn words<T>(block: &Block<T>) -> [[u64; 4]; WIDTH] {
    std::array::from_fn(|i| block.words.map(|word| word[i]))
}

fn block<T>(lanes: [[u64; 4]; WIDTH]) -> Block<T> {
    Block {
        words: std::array::from_fn(|word| lanes.map(|lane| lane[word])),
        field: PhantomData,
    }
}

/// What the vector instructions may leave at rest: anything below `2 p`.
fn at_rest<T: MontConfig<4>>(count: usize) -> Vec<[u64; 4]> {
    let plus = |words: [u64; 4], other: [u64; 4]| {
        let mut sum = BigInt::new(words);
        sum.add_with_carry(&BigInt::new(other));
        sum.0
    };
    let small = |value: u64| [value, 0, 0, 0];
    let p = T::MODULUS.0;
    let minus = |words: [u64; 4], less: u64| {
        let mut difference = BigInt::<4>::new(words);
        difference.sub_with_borrow(&BigInt::new(small(less)));
        difference.0
    };
    let twice = plus(p, p);
    let mut all = vec![
        small(0),
        small(1),
        small(2),
        p,
        plus(p, small(1)),
        plus(p, small(2)),
    ];
    all.extend([
        minus(p, 1),
        minus(p, 2),
        minus(twice, 1),
        minus(twice, 2),
        [u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 2],
    ]);
    // Around each limb's end.
    for bit in [52, 104, 156, 208] {
        let mut limb = [0; 4];
        limb[bit / 64] = 1 << (bit % 64);
        all.extend([
            limb,
            minus(limb, 1),
            plus(p, limb),
            plus(p, minus(limb, 1)),
            minus(plus(p, limb), 1),
        ]);
    }
    let mut state = 7u64;
    let mut next = || {
        state = state
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        state ^ state >> 29
    };
    while all.len() < count {
        let words = [next(), next(), next(), next() >> 1];
        if BigInt::new(words) < BigInt::new(twice) {
            all.push(words);
        }
    }
    all
}

fn everything_at_rest<T: MontConfig<4>>() {
    let twice = {
        let mut sum = T::MODULUS;
        sum.add_with_carry(&T::MODULUS);
        sum
    };
    let shift = Element::<T>::from(2u64).pow([260]).inverse().unwrap();
    let value = |words: &[u64; 4]| {
        let mut rest = BigInt::new(*words);
        assert!(rest < twice, "{words:x?} is not below 2 p");
        if rest >= T::MODULUS {
            rest.sub_with_borrow(&T::MODULUS);
        }
        Element::<T>::from_bigint(rest).unwrap() * shift
    };
    let values = at_rest::<T>(120);
    for offset in 0..values.len() {
        let pick = |first: usize| std::array::from_fn(|i| values[(first + i) % values.len()]);
        for first in (0..values.len()).step_by(WIDTH) {
            let lanes: [[[u64; 4]; WIDTH]; 2] = [pick(first), pick(first + offset)];
            let (blocks, elements, zeros) = dispatch(AtRest::<T>(lanes.map(block)));
            let [a, b] = lanes.map(|lanes| lanes.map(|lane| value(&lane)));
            assert_eq!(elements, [a, b], "elements");
            for i in 0..WIDTH {
                let (x, y) = (a[i], b[i]);
                let chosen = if 0x35 >> i & 1 == 1 { x } else { y };
                let wanted = [x, y, x + y, x - y, y - x, x * y, x * x, -x, chosen, chosen];
                for ((name, found), wanted) in OPERATIONS.iter().zip(&blocks).zip(wanted) {
                    assert_eq!(
                        value(&words(found)[i]),
                        wanted,
                        "{name} of {:x?}",
                        lanes.map(|lanes| lanes[i])
                    );
                }
                let bits = zeros.map(|mask| mask >> i & 1 == 1);
                assert_eq!(bits, [x, y, x - y].map(|x| x == Element::<T>::ZERO));
            }
            // Neither rest nor rearrangement changes bits.
            assert_eq!([words(&blocks[0]), words(&blocks[1])], lanes);
            assert_eq!(blocks[8].words, blocks[9].words);
        }
    }
    for (x, y) in values.iter().zip(values.iter().rev()) {
        let mut words = [0; WIDTH];
        words[..4].copy_from_slice(x);
        words[4..].copy_from_slice(y);
        let point = Point::<T> {
            words,
            field: PhantomData,
        };
        assert_eq!(point.elements(), [value(x), value(y)]);
        let opposite = point.opposite();
        assert_eq!(opposite.words[..4], x[..]);
        let found: [u64; 4] = opposite.words[4..].try_into().unwrap();
        assert_eq!(value(&found), -value(y));
    }
}

/// All that may be in memory, canonical or not: the portable backend keeps canonical elements alone.
#[test]
fn values_up_to_twice_the_modulus() {
    if backend() == Backend::Ifma {
        everything_at_rest::<FrConfig>();
        everything_at_rest::<FqConfig>();
    }
}
