//! Batches: good together, and bad when any one is.

#![allow(missing_docs)]

mod toys;

use halo2_proofs::halo2curves::bn256::{self as halo2, G1Affine};
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::group::{Curve, GroupEncoding};
use halo2_proofs::poly::commitment::ParamsProver;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptReadBuffer};
use playfair_proofs_prover::transcript::{PoseidonRead, from_halo2, to_halo2};
use playfair_proofs_verifier::transcript::Sponge;
use playfair_proofs_verifier::{Claim, Error, Key, verify_batch};
use playfair_types::Fr;
use toys::random::Random;
use toys::{ark, prove, shape};

shape!(First: 6, chain 5, late 2, fixed 2, degree 4, rotations [1, 0], logup false, instances 5 at 0, selector false);
shape!(Second: 8, chain 3, late 0, fixed 2, degree 5, rotations [1], logup true, instances 3 at 0, selector false);

/// A claim that a test may change.
#[derive(Clone)]
struct Owned<'a> {
    key: &'a Key<'a>,
    instances: Vec<Fr>,
    proof: Vec<u8>,
}

fn run(claims: &[Owned<'_>]) -> Result<(), Error> {
    let claims: Vec<Claim<'_>> = claims
        .iter()
        .map(|claim| Claim {
            key: claim.key,
            instances: &claim.instances,
            proof: &claim.proof,
        })
        .collect();
    verify_batch(&claims)
}

#[test]
fn all_or_nothing() {
    let (first, second) = (prove::<First>(&[1, 2, 3], false), prove::<Second>(&[4, 5], false));
    let (lie, mut random) = (prove::<First>(&[2], true), Random(10));
    let keys = [first[0].ours(), second[0].ours()];
    let owned = |key, proven: &toys::Proven| Owned {
        key,
        instances: ark(&proven.instances),
        proof: proven.proof.clone(),
    };
    let mut claims: Vec<Owned<'_>> = first.iter().map(|proven| owned(&keys[0], proven)).collect();
    claims.extend(second.iter().map(|proven| owned(&keys[1], proven)));
    assert_eq!(run(&claims), Ok(()));
    assert_eq!(run(&claims[..1]), Ok(()));
    // The same claim twice is still true, and the same key by another reference is only slower.
    let copy = keys[0].clone();
    claims.push(owned(&copy, &first[0]));
    claims.push(claims[0].clone());
    assert_eq!(run(&claims), Ok(()));
    claims.reverse();
    assert_eq!(run(&claims), Ok(()));

    for place in 0..claims.len() {
        let with = |change: &mut dyn FnMut(&mut Owned<'_>)| {
            let mut claims = claims.clone();
            change(&mut claims[place]);
            run(&claims)
        };
        assert_eq!(
            with(&mut |claim| claim.instances[0] += Fr::from(1)),
            Err(Error::Refused)
        );
        let short = with(&mut |claim| claim.proof.truncate(claim.proof.len() - 1));
        assert!(matches!(short, Err(Error::ProofLength { .. })), "{short:?}");
        let more = with(&mut |claim| claim.instances.push(Fr::from(0)));
        assert!(matches!(more, Err(Error::InstanceCount { .. })), "{more:?}");
        for _ in 0..50 {
            let broken = with(&mut |claim| {
                let at = random.below(claim.proof.len());
                claim.proof[at] ^= 1 << random.below(8);
            });
            assert!(broken.is_err(), "claim {place}");
        }
    }
    let wrong: Vec<_> = claims.iter().cloned().chain([owned(&keys[0], &lie[0])]).collect();
    assert_eq!(run(&wrong), Err(Error::Refused));
    assert_eq!(run(&[]), Err(Error::EmptyBatch));
}

/// A point of a proof.
fn point(bytes: &[u8]) -> G1Affine {
    let mut repr = <G1Affine as GroupEncoding>::Repr::default();
    repr.as_mut().copy_from_slice(bytes);
    G1Affine::from_bytes(&repr).unwrap()
}

/// The challenge `u` of a proof and the digest that its weight in a batch is drawn from, by the documented protocol.
fn challenges(proven: &toys::Proven) -> (halo2::Fr, Fr) {
    let parts = proven.program.parts();
    let mut transcript = PoseidonRead::init(proven.proof.as_slice());
    proven.vk.hash_into(&mut transcript).unwrap();
    for instance in &proven.instances {
        transcript.common_scalar(*instance).unwrap();
    }
    let mut next = |points: usize, scalars: usize, challenges: usize| {
        (0..points).for_each(|_| _ = transcript.read_point().unwrap());
        (0..scalars).for_each(|_| _ = transcript.read_scalar().unwrap());
        let drawn = (0..challenges).map(|_| transcript.squeeze_challenge().get_scalar());
        drawn.last()
    };
    for phase in [0, 1] {
        let in_phase = |list: &[u8]| list.iter().filter(|of| **of == phase).count();
        next(in_phase(&parts.advice), 0, in_phase(&parts.challenges));
    }
    next(0, 0, 3);
    next(1, 0, 1);
    next(usize::from(parts.degree) - 1, 0, 1);
    next(0, parts.advice_queries.len() + parts.fixed_queries.len() + 1, 2);
    let u = next(1, 0, 1).unwrap();
    next(1, 0, 0);
    let digest = to_halo2(&proven.ours().digest());
    transcript.common_scalar(digest).unwrap();
    (u, from_halo2(&transcript.squeeze_challenge().get_scalar()))
}

/// Two errors that cancel: with `D1 = w2 (s - u2) [1]` on one `W'` and `D2 = -w1 (s - u1) [1]` on the other the
/// weighted equation still holds. So weights must not be known before the last points are.
#[test]
fn errors_made_for_known_weights_do_not_cancel() {
    let proven = prove::<First>(&[1, 2], false);
    let key = proven[0].ours();
    let [(u1, digest1), (u2, digest2)] = [challenges(&proven[0]), challenges(&proven[1])];
    // The weights of the honest batch.
    let mut sponge = Sponge::new();
    [Fr::from(2), digest1, digest2]
        .into_iter()
        .for_each(|value| sponge.absorb(value));
    let honest = sponge.squeeze();
    let [one, secret] = [0, 1].map(|power| proven[0].params.get_g()[power]);
    let shifted = |u: &halo2::Fr| secret.to_curve() - one * u;
    for weight in [Fr::from(1), honest] {
        let errors = [shifted(&u2) * to_halo2(&weight), -shifted(&u1)];
        let claims: Vec<Owned<'_>> = proven
            .iter()
            .zip(errors)
            .map(|(proven, error)| {
                let mut proof = proven.proof.clone();
                let last = proof.len() - 32..;
                let moved = (point(&proof[last.clone()]) + error).to_affine();
                proof[last].copy_from_slice(moved.to_bytes().as_ref());
                Owned {
                    key: &key,
                    instances: ark(&proven.instances),
                    proof,
                }
            })
            .collect();
        assert_eq!(run(&claims), Err(Error::Refused), "weight {weight}");
    }
}
