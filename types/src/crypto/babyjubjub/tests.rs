use super::super::field::Scalar;
use super::super::testing::{add, bytes32, fr, multiple, scalar, torsion};
use super::*;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ed_on_bn254::{EdwardsAffine, EdwardsProjective};
use ark_ff::{AdditiveGroup, BigInteger, Field};

/// The point in the coordinates of arkworks, whose curve has `a = 1`.
fn to_ark(point: &Point) -> EdwardsAffine {
    let factor = Fr::from(168_700u64).sqrt().unwrap();
    let ark = EdwardsAffine::new_unchecked(point.x() * factor, point.y());
    assert!(ark.is_on_curve());
    ark
}

fn reversed(modulus: <Fr as PrimeField>::BigInt) -> [u8; 32] {
    modulus.to_bytes_be().try_into().unwrap()
}

#[test]
fn base_point_and_torsion() {
    assert_eq!(Point::from_xy(BASE8.x(), BASE8.y()), Ok(BASE8));
    assert!(BASE8.is_in_subgroup());
    assert!(PublicKey::try_from(BASE8).is_ok());
    let torsion = torsion();
    assert_eq!(add(&torsion[7], &torsion[1]), Point::IDENTITY);
    assert_eq!(torsion[4].y(), -Fr::ONE);
    assert_eq!(torsion[2].y(), Fr::ZERO);
    assert!((1..8).all(|i| !torsion[i].is_identity()));
}

#[test]
fn arithmetic_equals_that_of_arkworks() {
    let torsion = torsion();
    let base = to_ark(&BASE8);
    let edges = [
        Scalar::ZERO,
        Scalar::ONE,
        -Scalar::ONE,
        Scalar::from(2u64),
        Scalar::from(15u64),
        Scalar::from(16u64),
    ];
    let scalars: Vec<Scalar> = edges
        .into_iter()
        .chain((0..30).map(|i| scalar("curve", i)))
        .collect();
    let mut previous = EdwardsProjective::default();
    for (i, a) in scalars.iter().enumerate() {
        let point = multiple(a);
        assert_eq!(to_ark(&point), (base * a).into_affine());
        assert_eq!(Point::from_xy(point.x(), point.y()), Ok(point));
        let sum = add(&point, &torsion[i % 8]);
        assert_eq!(to_ark(&sum), (base * a + to_ark(&torsion[i % 8])).into_affine());
        let b = scalars[(i * 7 + 3) % scalars.len()];
        let two = curve::multiply_two(
            &BASE8.extended(),
            &a.into_bigint().0,
            &sum.extended(),
            &b.into_bigint().0,
        );
        // By integers, as `sum` may be outside of the subgroup.
        let expected = base * a + to_ark(&sum).mul_bigint(b.into_bigint());
        assert_eq!(to_ark(&Point::from_extended(two)), expected.into_affine());
        let prepared = point.extended().add_prepared(&sum.prepared().negated());
        assert_eq!(
            to_ark(&Point::from_extended(prepared)),
            (base * a - to_ark(&sum)).into_affine()
        );
        previous += to_ark(&sum);
        assert_eq!(
            to_ark(&Point::from_extended(sum.extended().double_times(3))),
            (to_ark(&sum) * Scalar::from(8u64)).into_affine()
        );
    }
    assert!(previous.into_affine().is_on_curve());
}

#[test]
fn subgroup_test_equals_the_multiplication_by_the_order() {
    let order = Scalar::MODULUS;
    for (k, t) in torsion().iter().enumerate() {
        assert_eq!(t.is_in_subgroup(), k == 0);
        for i in 0..25 {
            let point = add(&multiple(&scalar("subgroup", i)), t);
            let slow = to_ark(&point).mul_bigint(order) == EdwardsProjective::default();
            assert_eq!(point.is_in_subgroup(), slow);
            assert_eq!(slow, k == 0);
            let key = PublicKey::from_xy(point.x(), point.y());
            assert_eq!(key.map_err(|e| e == PointError::WrongSubgroup).is_ok(), k == 0);
        }
    }
}

#[test]
fn packed_points_return() {
    for t in torsion() {
        assert_eq!(Point::from_bytes(&t.to_bytes()), Ok(t));
        for i in 0..12 {
            let point = add(&multiple(&scalar("pack", i)), &t);
            assert_eq!(Point::from_bytes(&point.to_bytes()), Ok(point));
            let mut negated = point.to_bytes();
            negated[0] ^= 0x80;
            assert_eq!(
                Point::from_bytes(&negated),
                Ok(Point {
                    x: -point.x,
                    y: point.y
                })
            );
        }
    }
}

#[test]
fn square_roots() {
    assert!(sqrt::sqrt(Fe::ZERO).unwrap().is_zero());
    let mut squares = 0;
    for i in 0..200 {
        let a = if i == 0 { -Fr::ONE } else { fr("sqrt", i) };
        match sqrt::sqrt(Fe::from_fr(&a)) {
            Some(root) => {
                squares += 1;
                assert_eq!(root.to_fr().square(), a);
            }
            None => assert!(a.legendre().is_qnr()),
        }
        assert_eq!(
            sqrt::sqrt(Fe::from_fr(&a.square())).map(|x| x.to_fr().square()),
            Some(a.square())
        );
    }
    assert!((60..140).contains(&squares));
    // Every order that a root of unity of order 2^28 can have.
    let mut root: Fr = <Fr as ark_ff::FftField>::TWO_ADIC_ROOT_OF_UNITY;
    for k in 0..=28 {
        assert_eq!(
            sqrt::sqrt(Fe::from_fr(&root)).map(|x| x.to_fr().square()),
            (k > 0).then_some(root)
        );
        root = root.square();
    }
}

#[test]
fn eighth_powers() {
    for i in 0..40 {
        let a = fr("eighth", i);
        let exponent: BigInt = (BigInt::from(-Fr::ONE)) >> 3;
        assert_eq!(sqrt::is_eighth_power(Fe::from_fr(&a)), a.pow(exponent) == Fr::ONE);
        assert!(sqrt::is_eighth_power(Fe::from_fr(&a.pow([8]))));
    }
    assert!(!sqrt::is_eighth_power(Fe::ZERO));
}

type BigInt = <Fr as PrimeField>::BigInt;

#[test]
fn refused_packings() {
    let good = BASE8.to_bytes();
    let mut spare = good;
    spare[0] |= 0x40;
    assert_eq!(Point::from_bytes(&spare), Err(PointError::SpareBit));
    assert_eq!(Point::from_bytes(&[0xff; 32]), Err(PointError::SpareBit));
    let modulus = reversed(Fr::MODULUS);
    assert_eq!(Point::from_bytes(&modulus), Err(PointError::NonCanonical));
    // y + r of the identity, and the largest string without the spare bit.
    let mut above = modulus;
    above[31] += 1;
    assert_eq!(Point::from_bytes(&above), Err(PointError::NonCanonical));
    let mut largest = [0xff; 32];
    largest[0] = 0xbf;
    assert_eq!(Point::from_bytes(&largest), Err(PointError::NonCanonical));
    for y in [Fr::ONE, -Fr::ONE] {
        let mut zero = fr_to_bytes(&y);
        assert!(Point::from_bytes(&zero).is_ok());
        zero[0] |= 0x80;
        assert_eq!(Point::from_bytes(&zero), Err(PointError::SignOfZero));
        assert_eq!(Point::check_packed(&zero), Err(PointError::SignOfZero));
    }
    let off_curve = (2u64..40).map(Fr::from).filter(|y| {
        let result = Point::from_bytes(&fr_to_bytes(y));
        result.is_err_and(|e| e == PointError::NotOnCurve)
    });
    assert!(off_curve.count() > 5);
    assert_eq!(Point::from_xy(Fr::ONE, Fr::ONE), Err(PointError::NotOnCurve));
    assert_eq!(PublicKey::from_xy(Fr::ONE, Fr::ONE), Err(PointError::NotOnCurve));
}

#[test]
fn refused_keys() {
    for (k, t) in torsion().iter().enumerate() {
        let expected = if k == 0 {
            PointError::Identity
        } else {
            PointError::WrongSubgroup
        };
        assert_eq!(PublicKey::from_bytes(&t.to_bytes()), Err(expected));
        assert_eq!(PublicKey::from_xy(t.x(), t.y()), Err(expected));
        let shifted = add(&multiple(&scalar("key", k as u64)), t);
        assert_eq!(PublicKey::from_bytes(&shifted.to_bytes()).is_ok(), k == 0);
    }
}

#[test]
fn arbitrary_bytes_decode_only_to_themselves() {
    let inputs: Vec<[u8; 32]> = (0..300)
        .map(|i| {
            let mut bytes = bytes32("bytes", i);
            bytes[0] &= 0x9f;
            bytes
        })
        .collect();
    let together = unpack_all(inputs.iter());
    let mut good = 0;
    for (bytes, result) in inputs.iter().zip(together) {
        assert_eq!(result, Point::from_bytes(bytes));
        if let Ok(point) = result {
            good += 1;
            assert_eq!(point.to_bytes(), *bytes);
        }
    }
    assert!(good > 80);
    assert!(unpack_all(core::iter::empty()).is_empty());
}
