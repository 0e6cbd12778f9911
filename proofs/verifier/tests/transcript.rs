//! The sponge against the mode written out plainly, and against values that snark-verifier 0.2.7 gave.

#![allow(missing_docs)]

use ark_bn254::{Fq, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, Field, MontFp, PrimeField};
use playfair_proofs_verifier::transcript::{Sponge, reduce};
use playfair_types::Fr;
use playfair_types::crypto::poseidon::{mds3, permute3, round_constants3};

/// The permutation from its definition.
fn textbook(mut state: [Fr; 3]) -> [Fr; 3] {
    for (round, constants) in round_constants3().iter().enumerate() {
        for (lane, constant) in state.iter_mut().zip(constants) {
            *lane += constant;
        }
        let boxes = if (4..61).contains(&round) { 1 } else { 3 };
        for lane in state.iter_mut().take(boxes) {
            *lane = lane.pow([5]);
        }
        state = mds3().map(|row| row.iter().zip(&state).map(|(a, b)| *a * b).sum());
    }
    state
}

/// All that was absorbed since the last squeeze, in pairs; a last pair is padded, and if there was none to
/// pad, one more follows.
fn squeeze(state: &mut [Fr; 3], absorbed: &[Fr]) -> Fr {
    let mut padded = absorbed.to_vec();
    padded.push(Fr::ONE);
    if padded.len() % 2 == 1 {
        padded.push(Fr::ZERO);
    }
    for pair in padded.chunks(2) {
        state[1] += pair[0];
        state[2] += pair[1];
        *state = textbook(*state);
    }
    state[1]
}

#[test]
fn equals_the_mode_written_out() {
    let mut check = [Fr::from(7u8), Fr::from(8u8), Fr::from(9u8)];
    let expected = textbook(check);
    permute3(&mut check);
    assert_eq!(check, expected);

    let mut state = [Fr::from(2u8).pow([64]), Fr::ZERO, Fr::ZERO];
    let mut sponge = Sponge::new();
    let mut next = 0u64;
    for count in [0usize, 1, 2, 0, 0, 3, 4, 5, 1, 10] {
        let absorbed: Vec<Fr> = (0..count)
            .map(|_| {
                next += 1;
                Fr::from(next).pow([77])
            })
            .collect();
        absorbed.iter().for_each(|element| sponge.absorb(*element));
        assert_eq!(
            sponge.squeeze(),
            squeeze(&mut state, &absorbed),
            "{count} elements"
        );
    }
}

#[test]
fn coordinates_are_taken_modulo_the_scalar_field() {
    let r = Fq::from(Fr::MODULUS);
    assert_eq!(reduce(r), Fr::ZERO);
    assert_eq!(reduce(r + Fq::ONE), Fr::ONE);
    assert_eq!(reduce(r - Fq::ONE), -Fr::ONE);
    let largest = reduce(-Fq::ONE);
    assert_eq!(Fq::from(largest.into_bigint()) + r, -Fq::ONE);
    assert!(Sponge::new().absorb_point(&G1Affine::identity()).is_none());
}

#[test]
fn equals_snark_verifier() {
    let running: [Fr; 6] = [
        MontFp!("9362338198138338175086986366978400070207062939342763846442323463227805666726"),
        MontFp!("10938898352824745900057488083344703121952048994051840314899224269776110899652"),
        MontFp!("678755568808232962402689355584716933705577009347105838128747872805865412220"),
        MontFp!("6970891146414409524561797973354947591894491194827670543994113617821053390201"),
        MontFp!("7825009785646320454605933778132973363920901863374773154818919155515314774649"),
        MontFp!("17752204243682755985304477839410255669933030523143114830638947104492436134362"),
    ];
    let mut sponge = Sponge::new();
    for (count, expected) in running.into_iter().enumerate() {
        (1..=count).for_each(|element| sponge.absorb(Fr::from(element as u64)));
        assert_eq!(sponge.squeeze(), expected, "1 to {count}");
    }
    let mut sponge = Sponge::new();
    sponge.absorb(Fr::from(7));
    // The generator, doubled again and again.
    let mut point = G1Affine::generator();
    for _ in 0..20 {
        sponge.absorb_point(&point).unwrap();
        point = (point + point).into_affine();
    }
    let expected: Fr =
        MontFp!("16366661181118481766366939287277386299826368719448105130773707428552661000779");
    assert_eq!(sponge.squeeze(), expected);
}
