//! Fixed-point numbers against 128-bit integers.

mod common;

use common::Random;
use playfair::Fixed;

const SEED: u64 = 0x1234_5678_9abc_def1;

/// Numbers of every size, edges more often than chance would have them.
fn number(random: &mut Random) -> Fixed {
    let bits = random.next() as i64 >> random.below(64);
    Fixed::from_bits(match random.below(8) {
        0 => [0, 1, -1, i64::MAX, i64::MIN, 1 << 32, -(1 << 32)][random.below(7) as usize],
        _ => bits,
    })
}

#[test]
fn products_quotients_and_roots_are_exact_then_cut() {
    println!("seed {SEED:#x}");
    let mut random = Random(SEED);
    for _ in 0..200_000 {
        let (a, b) = (number(&mut random), number(&mut random));
        let (wide_a, wide_b) = (i128::from(a.to_bits()), i128::from(b.to_bits()));
        let in_range = |wide: i128| i64::try_from(wide).ok().map(Fixed::from_bits);
        assert_eq!(
            a.checked_mul(b),
            in_range(wide_a * wide_b / (1 << 32)),
            "{a} * {b}"
        );
        let quotient = (wide_b != 0).then(|| (wide_a << 32) / wide_b).and_then(in_range);
        assert_eq!(a.checked_div(b), quotient, "{a} / {b}");
        match a.sqrt() {
            None => assert!(wide_a < 0),
            Some(root) => {
                let root = i128::from(root.to_bits());
                assert!(
                    root * root <= wide_a << 32 && (root + 1) * (root + 1) > wide_a << 32,
                    "sqrt {a}"
                );
            }
        }
    }
}

#[test]
fn everyday_numbers() {
    let half = Fixed::ratio(1, 2);
    assert_eq!(half + half, Fixed::ONE);
    assert_eq!(Fixed::from_int(-3) * half, Fixed::ratio(-3, 2));
    assert_eq!(Fixed::from_int(2).sqrt().unwrap().to_string(), "1.414213");
    assert_eq!(
        (
            Fixed::ratio(-3, 2).floor(),
            Fixed::ratio(3, 2).round(),
            Fixed::ratio(-3, 2).round()
        ),
        (-2, 2, -1)
    );
    assert_eq!(Fixed::PI.to_string(), "3.141592");
    assert_eq!(Fixed::ratio(-1, 4).to_string(), "-0.250000");
}

#[test]
#[should_panic(expected = "out of range")]
fn leaving_the_range_panics() {
    let _ = Fixed::MAX + Fixed::ONE;
}
