//! A batch against a liar who knows how weights are made.

use super::*;
use crate::SecretKey;
use alloc::vec;

fn honest() -> (PublicKey, Vec<[u8; 48]>) {
    let secret = SecretKey::from_seed(&[1; 64]);
    let key = PublicKey::from_bytes(&secret.public()).expect("a good key");
    (key, MESSAGES.iter().map(|message| secret.sign(message)).collect())
}

const MESSAGES: [&[u8]; 3] = [b"one", b"two", b"three"];

fn batch(signatures: &[[u8; 48]]) -> Vec<(&'static [u8], &[u8; 48])> {
    MESSAGES.into_iter().zip(signatures).collect()
}

#[test]
fn errors_chosen_for_the_weights_change_the_weights() {
    let (key, mut signatures) = honest();
    let stale = weights(&key.bytes, &batch(&signatures));
    let points: Vec<G1Affine> = signatures
        .iter()
        .map(|bytes| point::decode_g1(bytes).expect("a signature"))
        .collect();
    // S_0 + w_1 G and S_1 - w_0 G: under these weights, nothing is wrong with the sum.
    let shift = |weight: u128| weigh(&[G1Affine::generator()], &[weight]);
    let lies = vec![
        (points[0] + shift(stale[1])).into_affine(),
        (points[1] - shift(stale[0])).into_affine(),
        points[2],
    ];
    let hashes = MESSAGES.map(hash::hash_to_g1);
    assert_eq!(key.balance(weigh(&lies, &stale), weigh(&hashes, &stale)), Ok(()));

    for (bytes, lie) in signatures.iter_mut().zip(&lies) {
        *bytes = point::encode_g1(lie);
    }
    assert_eq!(key.verify_all(&batch(&signatures)), Err(Error::Refused));
}

#[test]
fn weights_depend_on_everything() {
    let (key, signatures) = honest();
    let all = batch(&signatures);
    let of = |batch: &[(&[u8], &[u8; 48])]| weights(&key.bytes, batch);
    let first = of(&all);
    assert_eq!(first.len(), 3);
    assert!(first[0] != first[1] && first[1] != first[2] && first[0] != first[2]);
    let differs = |other: Vec<u128>| first.iter().zip(&other).all(|(one, other)| one != other);
    for at in 0..3 {
        let mut other = all.clone();
        other[at].0 = b"four";
        assert!(differs(of(&other)), "message {at}");
        let mut other = all.clone();
        other[at].1 = &[7; 48];
        assert!(differs(of(&other)), "signature {at}");
    }
    assert!(differs(of(&all[..2])));
    assert!(differs(weights(&[7; 96], &all)));
}

#[test]
fn weighed_sums_are_sums_of_multiples() {
    let generator = G1Affine::generator();
    let twice = (generator + generator).into_affine();
    for (one, two) in [(0, 0), (1, 0), (5, 7), (u128::MAX, 1), (1 << 127, u128::MAX)] {
        let scalar = |number: u128| ark_bls12_381::Fr::from(number);
        let expected = generator * scalar(one) + twice * scalar(two);
        assert_eq!(weigh(&[generator, twice], &[one, two]), expected.into_affine());
    }
}
