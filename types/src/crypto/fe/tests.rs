use super::super::testing::fr;
use super::*;
use alloc::vec::Vec;
use ark_ff::AdditiveGroup;

/// Residues in both representations, at the ends of the range and inside.
fn values() -> Vec<(Fe, Fr)> {
    let mut all = alloc::vec![Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(2u64).pow([248])];
    all.push(Fr::new_unchecked(BigInt::new([1, 0, 0, 0])));
    all.push(-Fr::new_unchecked(BigInt::new([1, 0, 0, 0])));
    all.extend((0..20).map(|i| fr("fe", i)));
    all.into_iter()
        .flat_map(|a| [(Fe::from_fr(&a), a), (Fe(add4(&a.0.0, &R)), a)])
        .collect()
}

fn check(a: Fe, expected: Fr) {
    assert_eq!(a.to_fr(), expected);
    let (_, below) = sub4(&a.0, &R2X);
    assert!(below, "not below 2r");
}

#[test]
fn arithmetic_equals_that_of_arkworks() {
    for (a, x) in values() {
        check(-a, -x);
        check(a.square(), x.square());
        check(a.pow5(), x.pow([5]));
        check(a.inverse_or_zero(), x.inverse().unwrap_or_default());
        check(a.inverse_of_secret(), x.inverse().unwrap_or_default());
        assert_eq!(a.is_zero(), x == Fr::ZERO);
        for (b, y) in values() {
            check(a + b, x + y);
            check(a - b, x - y);
            check(a * b, x * y);
            assert_eq!(a.equals(b), x == y);
            check(a.select(b, true), y);
            check(a.select(b, false), x);
        }
    }
}

fn check_dot<const N: usize>() {
    // The largest operands that the bounds allow, and mixed ones.
    let top = Fr::new_unchecked(BigInt::new([R[0] - 1, R[1], R[2], R[3]]));
    let constants = [Fe::from_fr(&top); N];
    // The quotients of the reduction, part of the bound, vary with the low words.
    for j in 1..100 {
        let value = Fe(sub4(&R2X, &[j, 0, 0, 0]).0);
        let expected = top * value.to_fr() * Fr::from(N as u64) + top;
        check(Fe::dot(&constants, &[value; N], Fe::from_fr(&top)), expected);
    }
    let all = values();
    for shift in 0..all.len() {
        let a: [Fr; N] = core::array::from_fn(|i| all[(shift + 3 * i) % all.len()].1);
        let b: [(Fe, Fr); N] = core::array::from_fn(|i| all[(shift + 5 * i + 1) % all.len()]);
        let expected: Fr = a.iter().zip(&b).map(|(x, (_, y))| *x * y).sum();
        check(
            Fe::dot(&a.map(|x| Fe::from_fr(&x)), &b.map(|y| y.0), Fe::from_fr(&top)),
            expected + top,
        );
    }
}

#[test]
fn dot_products_of_all_lengths() {
    check_dot::<1>();
    check_dot::<3>();
    check_dot::<4>();
    check_dot::<5>();
    check_dot::<6>();
    check_dot::<10>();
    check_dot::<11>();
}

#[test]
fn simultaneous_inversion_keeps_zeros() {
    let mut all: Vec<Fe> = values().into_iter().map(|(a, _)| a).collect();
    invert_all(&mut all);
    for (inverse, (_, x)) in all.iter().zip(values()) {
        assert_eq!(inverse.to_fr(), x.inverse().unwrap_or_default());
    }
    invert_all(&mut []);
}
