//! Points have one form; whatever else is refused for what it is, by keys and signatures alike.

mod common;

use ark_bls12_381::{Fq, Fq2, Fr, G1Affine, G2Affine, g1, g2};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInteger, Field, PrimeField};
use ark_serialize::CanonicalDeserialize;
use common::bytes_of;
use playfair_bls::{Error, PointError, PublicKey, SecretKey};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use sha2::{Digest, Sha256};

/// What a signature's bytes are refused for, if they are.
fn signature_error(bytes: &[u8; 48]) -> Option<PointError> {
    let key = SecretKey::from_seed(&[3; 64]).public();
    let key = PublicKey::from_bytes(&key).expect("a good key");
    match key.verify(b"no such message was ever signed", bytes) {
        Err(Error::Signature(why)) => Some(why),
        Err(Error::Refused) => None,
        other => panic!("{other:?}"),
    }
}

/// What a key's bytes are refused for, if they are.
fn key_error(bytes: &[u8; 96]) -> Option<PointError> {
    match PublicKey::from_bytes(bytes) {
        Ok(key) => {
            assert_eq!(key.to_bytes(), *bytes);
            None
        }
        Err(Error::Key(why)) => Some(why),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn flags_are_exact() {
    let (signature, key) = (bytes_of(&G1Affine::generator()), bytes_of(&G2Affine::generator()));
    assert_eq!((signature_error(&signature), key_error(&key)), (None, None));
    for (flags, why) in [
        (0x00, Some(PointError::Form)),
        (0x20, Some(PointError::Form)),
        (0x40, Some(PointError::Form)),
        (0x60, Some(PointError::Form)),
        (0x80, None),
        (0xa0, None),
        (0xc0, Some(PointError::Infinity)),
        (0xe0, Some(PointError::Infinity)),
    ] {
        let (mut signature, mut key) = (signature, key);
        signature[0] = signature[0] & 0x1f | flags;
        key[0] = key[0] & 0x1f | flags;
        assert_eq!(signature_error(&signature), why, "{flags:02x}");
        assert_eq!(key_error(&key), why, "{flags:02x}");
    }
    // The second coordinate of a key has no flags.
    for flag in [0x80, 0x40, 0x20] {
        let mut key = key;
        key[48] |= flag;
        assert_eq!(key_error(&key), Some(PointError::Coordinate), "{flag:02x}");
    }
}

#[test]
fn infinity_is_refused() {
    let (mut signature, mut key) = ([0; 48], [0; 96]);
    (signature[0], key[0]) = (0xc0, 0xc0);
    assert_eq!(bytes_of(&G1Affine::identity()), signature);
    assert_eq!(signature_error(&signature), Some(PointError::Infinity));
    assert_eq!(key_error(&key), Some(PointError::Infinity));
}

/// `value + p` in 48 bytes, if it fits below the flags.
fn plus_modulus(value: Fq) -> Option<[u8; 48]> {
    let mut sum = value.into_bigint();
    assert!(!sum.add_with_carry(&Fq::MODULUS));
    let bytes: [u8; 48] = sum.to_bytes_be().try_into().expect("48 bytes");
    (bytes[0] < 0x20).then_some(bytes)
}

#[test]
fn coordinates_are_below_the_modulus() {
    // Multiples of the generators, until one of each is small enough for a second spelling.
    let (mut g1, mut spelled_g1) = (G1Affine::generator(), 0);
    let (mut g2, mut spelled_g2) = (G2Affine::generator(), [0; 2]);
    while spelled_g1 == 0 || spelled_g2.contains(&0) {
        if let Some(x) = plus_modulus(g1.x) {
            let mut bytes: [u8; 48] = bytes_of(&g1);
            let flags = bytes[0] & 0xe0;
            bytes = x;
            bytes[0] |= flags;
            assert_eq!(signature_error(&bytes), Some(PointError::Coordinate));
            spelled_g1 += 1;
        }
        for (at, half) in [g2.x.c1, g2.x.c0].into_iter().enumerate() {
            if let Some(half) = plus_modulus(half) {
                let mut bytes: [u8; 96] = bytes_of(&g2);
                let flags = bytes[48 * at] & if at == 0 { 0xe0 } else { 0 };
                bytes[48 * at..48 * at + 48].copy_from_slice(&half);
                bytes[48 * at] |= flags;
                assert_eq!(key_error(&bytes), Some(PointError::Coordinate));
                spelled_g2[at] += 1;
            }
        }
        g1 = (g1 + G1Affine::generator()).into_affine();
        g2 = (g2 + G2Affine::generator()).into_affine();
    }
    // The modulus itself, a second zero.
    let modulus: [u8; 48] = Fq::MODULUS.to_bytes_be().try_into().expect("48 bytes");
    let mut bytes = modulus;
    bytes[0] |= 0x80;
    assert_eq!(signature_error(&bytes), Some(PointError::Coordinate));
}

#[test]
fn half_of_all_coordinates_are_off_the_curve() {
    let (mut off_g1, mut off_g2) = (0, 0);
    for number in 0..64u64 {
        let (x1, x2) = (Fq::from(number), Fq2::new(Fq::from(number), Fq::from(1u64)));
        let on_g1 = (x1.square() * x1 + g1::Config::COEFF_B).legendre().is_qnr();
        let on_g2 = (x2.square() * x2 + g2::Config::COEFF_B).legendre().is_qnr();
        let mut signature: [u8; 48] = x1.into_bigint().to_bytes_be().try_into().expect("48 bytes");
        let mut key = [0; 96];
        (key[47], key[95]) = (1, number as u8);
        (signature[0], key[0]) = (0x80, 0x80);
        assert_eq!(signature_error(&signature) == Some(PointError::Curve), on_g1);
        assert_eq!(key_error(&key) == Some(PointError::Curve), on_g2);
        off_g1 += u32::from(on_g1);
        off_g2 += u32::from(on_g2);
    }
    assert!(
        (16..48).contains(&off_g1) && (16..48).contains(&off_g2),
        "{off_g1} {off_g2}"
    );
}

/// The limbs divided by a small number that divides them.
fn divided(limbs: &[u64], by: u64) -> Vec<u64> {
    let mut rest = 0u128;
    let mut quotient: Vec<u64> = limbs
        .iter()
        .rev()
        .map(|limb| {
            let value = rest << 64 | u128::from(*limb);
            rest = value % u128::from(by);
            (value / u128::from(by)) as u64
        })
        .collect();
    assert_eq!(rest, 0, "{by} divides the cofactor");
    quotient.reverse();
    quotient
}

/// Points of the curve outside of the subgroup: for every prime `q` of the cofactor points of order `q`, alone and
/// added to the generator, and points with everything in them. `small` lists the primes with their powers; what is
/// left of the cofactor is one large prime, or 1.
fn outside<P: SWCurveConfig<ScalarField = Fr>>(small: &[(u64, u32)]) -> Vec<Affine<P>> {
    let mut tries = 0u32;
    let mut any = || loop {
        tries += 1;
        let bytes: Vec<u8> = (0..3u8)
            .flat_map(|part| Sha256::digest([&tries.to_be_bytes()[..], &[part]].concat()))
            .collect();
        let x = P::BaseField::from_random_bytes(&bytes);
        if let Some(point) = x.and_then(|x| Affine::<P>::get_point_from_x_unchecked(x, true)) {
            return point;
        }
    };
    let order = Fr::MODULUS;
    let times = |point: &Affine<P>, by: &[u64]| P::mul_affine(point, by).into_affine();
    let mut large = P::COFACTOR.to_vec();
    let mut points = Vec::new();
    for (prime, power) in small {
        let mut others = P::COFACTOR.to_vec();
        for _ in 0..*power {
            others = divided(&others, *prime);
            large = divided(&large, *prime);
        }
        // Several: where the group of this prime has two dimensions, they lie in different directions.
        let mut found = 0;
        while found < 6 {
            let mut point = times(&times(&any(), order.as_ref()), &others);
            if point.is_zero() {
                continue;
            }
            loop {
                let next = times(&point, &[*prime]);
                if next.is_zero() {
                    break;
                }
                point = next;
            }
            points.push(point);
            found += 1;
        }
    }
    if large.iter().any(|limb| *limb > 1) {
        let mut point = times(&any(), order.as_ref());
        for (prime, power) in small {
            for _ in 0..*power {
                point = times(&point, &[*prime]);
            }
        }
        assert!(times(&point, &large).is_zero() && !point.is_zero());
        points.push(point);
    }
    let generator = P::GENERATOR;
    let sums: Vec<Affine<P>> = points.iter().map(|p| (*p + generator).into_affine()).collect();
    points.extend(sums);
    points.extend((0..4).map(|_| any()));
    // The definition, which needs no endomorphism.
    for point in &points {
        assert!(point.is_on_curve() && !times(point, order.as_ref()).is_zero());
    }
    points
}

#[test]
fn points_outside_of_the_subgroup_are_refused() {
    let g1 = outside::<g1::Config>(&[(3, 1), (11, 2), (10177, 2), (859267, 2), (52437899, 2)]);
    assert!(g1.len() >= 60);
    for point in g1 {
        assert_eq!(signature_error(&bytes_of(&point)), Some(PointError::Subgroup));
    }
    let g2 = outside::<g2::Config>(&[(13, 2), (23, 2), (2713, 1), (11953, 1), (262069, 1)]);
    assert!(g2.len() >= 60);
    for point in g2 {
        assert_eq!(key_error(&bytes_of(&point)), Some(PointError::Subgroup));
    }
}

proptest! {
    #![proptest_config(Config { cases: 96, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_is_accepted_is_what_arkworks_accepts_less_infinity(
        seed in any::<[u8; 32]>(),
        flip in prop::option::of(0usize..768),
        noise in prop::option::of(any::<[u8; 32]>()),
    ) {
        let secret = SecretKey::from_seed(&core::array::from_fn(|at| seed[at % 32] ^ at as u8));
        let (mut signature, mut key) = (secret.sign(&seed), secret.public());
        if let Some(noise) = noise {
            signature[1..33].copy_from_slice(&noise);
            key[16..48].copy_from_slice(&noise);
        }
        if let Some(bit) = flip {
            signature[bit % 384 / 8] ^= 1 << (bit % 8);
            key[bit / 8] ^= 1 << (bit % 8);
        }
        let theirs = G1Affine::deserialize_compressed(&signature[..]).is_ok_and(|point| !point.is_zero());
        prop_assert_eq!(signature_error(&signature).is_none(), theirs);
        let theirs = G2Affine::deserialize_compressed(&key[..]).is_ok_and(|point| !point.is_zero());
        prop_assert_eq!(key_error(&key).is_none(), theirs);
    }
}
