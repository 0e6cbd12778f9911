//! Many signatures by one equation: accepted exactly when each is.

mod common;

use ark_bls12_381::G1Affine;
use ark_ec::{AffineRepr, CurveGroup};
use ark_serialize::CanonicalDeserialize;
use common::bytes_of;
use playfair_bls::{Error, PointError, PublicKey, SecretKey, Signed, Signer, Verifier};
use playfair_types::Fr;
use playfair_types::certificate::Certificate;

fn key() -> (SecretKey, PublicKey) {
    let secret = SecretKey::from_seed(&[1; 64]);
    let public = PublicKey::from_bytes(&secret.public()).expect("a good key");
    (secret, public)
}

fn signatures(secret: &SecretKey, count: usize) -> (Vec<Vec<u8>>, Vec<[u8; 48]>) {
    let messages: Vec<Vec<u8>> = (0..count).map(|at| vec![at as u8; at]).collect();
    let signatures = messages.iter().map(|message| secret.sign(message)).collect();
    (messages, signatures)
}

fn verify(public: &PublicKey, messages: &[Vec<u8>], signatures: &[[u8; 48]]) -> Result<(), Error> {
    let batch: Vec<(&Vec<u8>, &[u8; 48])> = messages.iter().zip(signatures).collect();
    public.verify_all(&batch)
}

fn point(bytes: &[u8; 48]) -> G1Affine {
    G1Affine::deserialize_compressed(&bytes[..]).expect("a signature")
}

#[test]
fn good_signatures_pass_together() {
    let (secret, public) = key();
    for count in [1, 2, 3, 8] {
        let (messages, signatures) = signatures(&secret, count);
        assert_eq!(verify(&public, &messages, &signatures), Ok(()));
    }
    // The same one twice.
    let (messages, signatures) = signatures(&secret, 1);
    let twice = [(&messages[0], &signatures[0]); 2];
    assert_eq!(public.verify_all(&twice), Ok(()));
    assert_eq!(verify(&public, &[], &[]), Err(Error::EmptyBatch));
}

#[test]
fn one_wrong_signature_anywhere_is_enough() {
    let (secret, public) = key();
    let (messages, good) = signatures(&secret, 4);
    for at in 0..4 {
        let mut wrong = good.clone();
        wrong[at] = secret.sign(b"another");
        assert_eq!(verify(&public, &messages, &wrong), Err(Error::Refused));
        // The negative of the right one.
        wrong[at] = good[at];
        wrong[at][0] ^= 0x20;
        assert_eq!(verify(&public, &messages, &wrong), Err(Error::Refused));
        wrong[at] = [0; 48];
        let form = Err(Error::Signature(PointError::Form));
        assert_eq!(verify(&public, &messages, &wrong), form);
        let mut changed = messages.clone();
        changed[at].push(1);
        assert_eq!(verify(&public, &changed, &good), Err(Error::Refused));
    }
}

#[test]
fn errors_do_not_cancel() {
    let (secret, public) = key();
    let (messages, good) = signatures(&secret, 3);
    // The same sum of signatures.
    let swapped = [good[1], good[0], good[2]];
    assert_eq!(verify(&public, &messages, &swapped), Err(Error::Refused));
    let (first, second) = (point(&good[0]), point(&good[1]));
    let moved = [
        bytes_of(&(first + G1Affine::generator()).into_affine()),
        bytes_of(&(second - G1Affine::generator()).into_affine()),
        good[2],
    ];
    assert_eq!(verify(&public, &messages, &moved), Err(Error::Refused));
    // All negated: every error is twice its signature.
    let mut negated = good;
    for signature in &mut negated {
        signature[0] ^= 0x20;
    }
    assert_eq!(verify(&public, &messages, &negated), Err(Error::Refused));
}

#[test]
fn blocks_pass_together_with_their_seeds() {
    let ordering = Fr::from(5u64);
    let signer = Signer::new(SecretKey::from_seed(&[1; 64]), 2, ordering);
    let verifier = Verifier::new(signer.committee(), ordering).expect("a good committee");
    let made: Vec<(Certificate, [u8; 48])> = (0..5u8)
        .map(|at| {
            let parent_view = u64::from(at);
            let certificate = signer.certificate(parent_view, [at; 32]);
            (certificate.expect("a view"), signer.seed(parent_view))
        })
        .collect();
    let mut blocks: Vec<Signed<'_>> = made
        .iter()
        .map(|(certificate, seed)| Signed {
            certificate,
            seed_signature: Some(seed),
        })
        .collect();
    assert_eq!(verifier.all(&blocks), Ok(()));
    assert_eq!(verifier.all(&blocks[3..4]), Ok(()));
    assert_eq!(verifier.all(&[]), Err(Error::EmptyBatch));

    // The seed of one block under another's.
    blocks[1].seed_signature = Some(&made[2].1);
    assert_eq!(verifier.all(&blocks), Err(Error::Refused));
    // Without a seed, certificates alone are said to be good.
    blocks[1].seed_signature = None;
    assert_eq!(verifier.all(&blocks), Ok(()));
    // A seed for a certificate: another purpose, though the same key and round.
    let seed_as_certificate = Certificate {
        signature: made[1].1,
        ..made[1].0
    };
    blocks[1].certificate = &seed_as_certificate;
    assert_eq!(verifier.all(&blocks), Err(Error::Refused));
    let later = Certificate {
        epoch: 3,
        ..made[1].0
    };
    blocks[1].certificate = &later;
    assert_eq!(verifier.all(&blocks), Err(Error::Epoch { wanted: 2, found: 3 }));
    let gap = Certificate { view: 7, ..made[1].0 };
    blocks[1].certificate = &gap;
    assert_eq!(verifier.all(&blocks), Err(Error::Gap));
}
