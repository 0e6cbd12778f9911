//! Points that are nearly a setup.

use super::super::insecure::{lagrange as lagrange_of, powers as powers_of};
use super::super::{group_fft, root};
use super::*;
use halo2_proofs::halo2curves::ff::{PrimeField, WithSmallOrderMulGroup};

const K: u32 = 5;
const N: usize = 1 << K;

fn secret() -> Fr {
    Fr::from(0x1234_5678_9abc).square()
}

fn points(scalars: &[Fr]) -> Vec<G1Affine> {
    let points = scalars.iter().map(|scalar| G1Affine::generator() * scalar);
    points.map(|point| point.to_affine()).collect()
}

fn in_g2(secret: Fr) -> G2Affine {
    (G2Affine::generator() * secret).into()
}

/// The numbers that a check draws; any will do here.
fn r() -> Fr {
    Fr::ROOT_OF_UNITY + Fr::from(7)
}

fn powers(points: &[G1Affine], secret_in_g2: G2Affine) -> Result<(), StructureError> {
    check_powers(points, &secret_in_g2, r(), &sum(points, r()))
}

fn basis(powers: &[G1Affine], lagrange: &[G1Affine]) -> Result<(), StructureError> {
    check_lagrange(lagrange, r(), &sum(powers, r()))
}

#[test]
fn true_ones_pass() {
    let wanted = points(&powers_of(secret(), K));
    assert_eq!(powers(&wanted, in_g2(secret())), Ok(()));
    let lagrange = group_fft::lagrange(&wanted);
    assert!(
        lagrange == points(&lagrange_of(secret(), K)),
        "as from the secret"
    );
    assert_eq!(basis(&wanted, &lagrange), Ok(()));
}

#[test]
fn one_altered_power_is_found() {
    let wanted = points(&powers_of(secret(), K));
    let alter = |place: usize, change: &dyn Fn(G1Affine) -> G1| {
        let mut altered = wanted.clone();
        altered[place] = change(altered[place]).to_affine();
        powers(&altered, in_g2(secret()))
    };
    for place in [2, 3, N / 2, N - 2, N - 1] {
        for change in [
            &(|point: G1Affine| point + G1::generator()) as &dyn Fn(G1Affine) -> G1,
            &|point| -G1::from(point),
            &|_| G1::generator().double(),
            &|_| G1::identity(),
        ] {
            assert_eq!(alter(place, change), Err(StructureError::Powers), "power {place}");
        }
    }
    let add = |point: G1Affine| point + G1::generator();
    assert_eq!(alter(0, &add), Err(StructureError::FirstInG1));
    assert_eq!(alter(1, &add), Err(StructureError::Groups));
}

#[test]
fn altered_powers_that_cancel_each_other_are_found() {
    let mut wanted = points(&powers_of(secret(), K));
    wanted.swap(7, 8);
    assert_eq!(powers(&wanted, in_g2(secret())), Err(StructureError::Powers));
    // Another secret from the middle on.
    let mut mixed = points(&powers_of(secret(), K));
    mixed[N / 2..].copy_from_slice(&points(&powers_of(secret() + Fr::ONE, K))[N / 2..]);
    assert_eq!(powers(&mixed, in_g2(secret())), Err(StructureError::Powers));
    // Powers of s + 1 scaled so that the first is right and the second is not; too few to say anything.
    assert_eq!(powers(&mixed[..1], in_g2(secret())), Err(StructureError::Powers));
    assert_eq!(powers(&[], in_g2(secret())), Err(StructureError::Powers));
}

#[test]
fn another_secret_in_g2_is_found() {
    let wanted = points(&powers_of(secret(), K));
    for other in [secret() + Fr::ONE, -secret(), inverse(secret()), Fr::ONE] {
        assert_eq!(powers(&wanted, in_g2(other)), Err(StructureError::Groups));
    }
}

#[test]
fn secrets_that_are_easily_found_are_refused() {
    let small = Fr::from(SMALL);
    for known in [
        Fr::ONE,
        -Fr::ONE,
        Fr::from(2),
        inverse(Fr::from(2)),
        Fr::from(1000),
        small,
        -small,
        inverse(small),
        -inverse(small),
    ] {
        let wanted = points(&powers_of(known, K));
        assert_eq!(powers(&wanted, in_g2(known)), Err(StructureError::KnownSecret));
    }
    let beyond = small + Fr::ONE;
    assert_eq!(powers(&points(&powers_of(beyond, K)), in_g2(beyond)), Ok(()));
    // Roots of unity of small order: some power is one, or minus one.
    for known in [Fr::ZETA, -Fr::ZETA, root(N), root(4), root(N) * Fr::ZETA] {
        let wanted = points(&powers_of(known, 7));
        assert_eq!(powers(&wanted, in_g2(known)), Err(StructureError::KnownSecret));
    }
    // One of the size: all but one of the Lagrange basis vanish.
    let known = root(N).pow_vartime([3]);
    let wanted = points(&powers_of(known, K));
    let lagrange = group_fft::lagrange(&wanted);
    assert_eq!(basis(&wanted, &lagrange), Err(StructureError::KnownSecret));
}

#[test]
fn an_altered_lagrange_basis_is_found() {
    let wanted = points(&powers_of(secret(), K));
    let lagrange = group_fft::lagrange(&wanted);
    for place in 0..N {
        let mut altered = lagrange.clone();
        altered[place] = (altered[place] + G1::generator()).to_affine();
        assert_eq!(basis(&wanted, &altered), Err(StructureError::Lagrange));
        let mut altered = lagrange.clone();
        altered.swap(place, (place + 1) % N);
        assert_eq!(basis(&wanted, &altered), Err(StructureError::Lagrange));
    }
    // Differences that cancel in the sum of all, and the basis over the other root.
    let mut altered = lagrange.clone();
    altered[3] = (altered[3] + G1::generator()).to_affine();
    altered[4] = (altered[4] - G1::generator()).to_affine();
    assert_eq!(basis(&wanted, &altered), Err(StructureError::Lagrange));
    let mut reversed = lagrange.clone();
    reversed[1..].reverse();
    assert_eq!(basis(&wanted, &reversed), Err(StructureError::Lagrange));
    // The basis of a size for another.
    let half = group_fft::lagrange(&wanted[..N / 2]);
    assert_eq!(basis(&wanted[..N / 2], &half), Ok(()));
    assert_eq!(basis(&wanted, &half), Err(StructureError::Lagrange));
}
