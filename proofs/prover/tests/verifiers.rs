//! halo2's verifier and ours must give the same verdict on toy circuits, valid proofs and every kind of damage.

#![allow(missing_docs)]

mod toys;

use halo2_proofs::halo2curves::bn256::{Fq, Fr};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use playfair_proofs_prover::transcript::to_halo2;
use playfair_proofs_verifier::{Error, Key, Program, Trust};
use playfair_types::{Decode, Encode};
use toys::random::Random;
use toys::{Proven, Shape, instances, prove, shape};

shape!(Plain: 5, chain 2, late 0, fixed 1, degree 3, rotations [0], logup false, instances 1 at 0, selector false);
shape!(Turned: 6, chain 7, late 0, fixed 2, degree 4, rotations [1, -1, 0, 2, -3], logup false, instances 4 at 1, selector false);
shape!(Selected: 6, chain 4, late 0, fixed 3, degree 5, rotations [1], logup false, instances 3 at 0, selector true);
shape!(TwoPhases: 7, chain 3, late 4, fixed 2, degree 3, rotations [1], logup false, instances 9 at 0, selector false);
shape!(TwoPhasesTwice: 8, chain 3, late 4, fixed 2, degree 3, rotations [1], logup false, instances 9 at 0, selector false);
shape!(Lookup: 8, chain 3, late 2, fixed 2, degree 5, rotations [1, 0], logup true, instances 20 at -1, selector true);
shape!(Mute: 9, chain 2, late 0, fixed 1, degree 3, rotations [1], logup true, instances 0 at 0, selector false);

/// Both verdicts, which must agree.
fn verdict(proven: &Proven, key: &Key<'_>, instances: &[Fr], proof: &[u8], what: &str) -> bool {
    let library = proven.library(instances, proof);
    let ours = proven.verify(key, instances, proof);
    assert_eq!(
        library,
        ours.is_ok(),
        "{what}: halo2 says {library}, we say {ours:?}"
    );
    library
}

fn damage<S: Shape>(seed: u64) {
    println!("seed {seed}");
    let proven = &prove::<S>(&[seed], false)[0];
    let key = proven.ours();
    let (good, proof) = (&proven.instances, &proven.proof);
    assert_eq!(proof.len(), proven.program.proof_bytes());
    assert!(verdict(proven, &key, good, proof, "the proof itself"));

    let mut random = Random(seed);
    for word in 0..proof.len() / 32 {
        // One byte anywhere, and the two flags at the top.
        for (byte, bit) in [(random.below(32), random.below(8)), (31, 6), (31, 7)] {
            let mut bad = proof.clone();
            bad[word * 32 + byte] ^= 1 << bit;
            let what = format!("word {word}, byte {byte}, bit {bit}");
            assert!(!verdict(proven, &key, good, &bad, &what), "{what}");
        }
        // Another representative of the same scalar, infinity, zero, the greatest value, and the word of
        // another place.
        let this: [u8; 32] = proof[word * 32..][..32].try_into().unwrap();
        let mut infinity = [0; 32];
        infinity[31] = 0x80;
        let swapped: [u8; 32] = proof[(word + 1) * 32 % proof.len()..][..32].try_into().unwrap();
        for other in [
            plus_modulus(&this),
            plus_base_modulus(&this),
            infinity,
            [0; 32],
            [255; 32],
            swapped,
        ] {
            let mut bad = proof.clone();
            bad[word * 32..][..32].copy_from_slice(&other);
            let what = format!("word {word} as {other:?}");
            assert!(
                other == this || !verdict(proven, &key, good, &bad, &what),
                "{what}"
            );
        }
    }
    for length in [0, 1, 31, 32, proof.len() - 32, proof.len() - 1] {
        assert!(!verdict(proven, &key, good, &proof[..length], "a part"));
    }
    for extra in [1, 32] {
        let longer = [proof.as_slice(), &vec![0; extra]].concat();
        assert!(!verdict(proven, &key, good, &longer, "more"));
    }
    bad_instances(proven, &key);
}

fn bad_instances(proven: &Proven, key: &Key<'_>) {
    let good = &proven.instances;
    let mut cases = vec![
        [good.as_slice(), &[Fr::ZERO]].concat(),
        [good.as_slice(), &[Fr::ONE]].concat(),
    ];
    for place in 0..good.len() {
        let mut changed = good.clone();
        changed[place] += Fr::ONE;
        cases.push(changed);
    }
    if good.len() > 1 {
        let mut swapped = good.clone();
        swapped.swap(0, 1);
        cases.push(swapped);
    }
    if !good.is_empty() {
        cases.push(good[..good.len() - 1].to_vec());
        cases.push(vec![]);
    }
    for case in cases {
        assert!(!verdict(proven, key, &case, &proven.proof, "other instances"));
    }
}

/// `word + r` if it fits in 32 bytes; otherwise `word` with all bits turned.
fn plus_modulus(word: &[u8; 32]) -> [u8; 32] {
    plus_one_and(word, (-Fr::ONE).to_repr().as_ref())
}

/// The point's `x + q` with its parity if that fits in 254 bits; otherwise something else.
fn plus_base_modulus(word: &[u8; 32]) -> [u8; 32] {
    let flags = word[31] & 0xc0;
    let mut x = *word;
    x[31] &= 0x3f;
    let mut sum = plus_one_and(&x, (-Fq::ONE).to_repr().as_ref());
    sum[31] |= flags;
    sum
}

/// `word + 1 + other` if it fits in 32 bytes; otherwise `word` with all bits turned.
fn plus_one_and(word: &[u8; 32], other: &[u8]) -> [u8; 32] {
    let mut carry = 1u16;
    let mut out = [0u8; 32];
    for ((out, a), b) in out.iter_mut().zip(word).zip(other) {
        let sum = u16::from(*a) + u16::from(*b) + carry;
        (*out, carry) = (sum as u8, sum >> 8);
    }
    if carry == 0 { out } else { word.map(|byte| !byte) }
}

#[test]
fn plain() {
    damage::<Plain>(1);
}

#[test]
fn rotations_and_shifted_instances() {
    damage::<Turned>(2);
}

#[test]
fn selectors_at_degree_five() {
    damage::<Selected>(3);
}

#[test]
fn two_phases() {
    damage::<TwoPhases>(4);
}

#[test]
fn lookup() {
    damage::<Lookup>(5);
}

#[test]
fn no_instances() {
    damage::<Mute>(6);
}

#[test]
fn a_false_witness_convinces_nobody() {
    for proven in [prove::<Turned>(&[1], true), prove::<Lookup>(&[1], true)]
        .iter()
        .flatten()
    {
        let key = proven.ours();
        assert!(!verdict(proven, &key, &proven.instances, &proven.proof, "a lie"));
        assert_eq!(
            proven.verify(&key, &proven.instances, &proven.proof),
            Err(Error::Refused)
        );
    }
}

#[test]
fn keys_cannot_be_swapped() {
    let proven = &prove::<TwoPhases>(&[7], false)[0];
    let ark = toys::ark(&proven.instances);
    let verify = |key: &playfair_types::vk::VerifyingKey| {
        let key = Key::new(&proven.program, key, Trust::InsecureDevelopmentToo)?;
        playfair_proofs_verifier::verify(&key, &ark, &proven.proof)
    };
    assert_eq!(verify(&proven.key), Ok(()));
    let with = |change: &dyn Fn(&mut playfair_types::vk::VerifyingKey)| {
        let mut key = proven.key.clone();
        change(&mut key);
        verify(&key)
    };
    assert_eq!(with(&|key| key.transcript += key.transcript), Err(Error::Refused));
    assert_eq!(with(&|key| key.fixed.swap(0, 1)), Err(Error::Refused));
    assert_eq!(with(&|key| key.fixed[0] = None), Err(Error::Refused));
    assert_eq!(with(&|key| key.k += 1), Err(Error::Refused));
    assert_eq!(with(&|key| key.k = 3), Err(Error::KeyShape("k")));
    assert_eq!(with(&|key| key.k = 29), Err(Error::KeyShape("k")));
    assert_eq!(with(&|key| key.k = 255), Err(Error::KeyShape("k")));
    let fixed = Err(Error::KeyShape("number of fixed commitments"));
    assert_eq!(with(&|key| key.fixed.truncate(1)), fixed);
    assert_eq!(with(&|key| key.fixed.push(None)), fixed);
    let permutation = Err(Error::KeyShape("number of permutation commitments"));
    assert_eq!(with(&|key| key.permutation.push(None)), permutation);
    let off_curve = |key: &mut playfair_types::vk::VerifyingKey| {
        key.fixed[1] = key.fixed[1].map(|(x, y)| (y, x));
    };
    assert_eq!(with(&off_curve), Err(Error::KeyPoint(1)));
    assert_eq!(
        with(&|key| key.setup = playfair_types::vk::Setup::PowersOfTau),
        Err(Error::UnknownSetup)
    );
    let refused = Key::new(&proven.program, &proven.key, Trust::PublicSetup);
    assert_eq!(refused.map(|_| ()), Err(Error::InsecureSetup));
}

/// The same circuit on twice the rows: one program, two keys, and no proof is good for the other.
#[test]
fn proofs_belong_to_one_key() {
    let [small, large] = [
        prove::<TwoPhases>(&[7], false),
        prove::<TwoPhasesTwice>(&[7], false),
    ];
    let (small, large) = (&small[0], &large[0]);
    assert_eq!(small.program, large.program);
    for (proven, other) in [(small, large), (large, small)] {
        let (key, wrong) = (proven.ours(), other.ours());
        assert_ne!(key.digest(), wrong.digest());
        assert!(verdict(
            proven,
            &key,
            &proven.instances,
            &proven.proof,
            "its own key"
        ));
        assert!(!verdict(
            other,
            &wrong,
            &proven.instances,
            &proven.proof,
            "the other key"
        ));
    }
}

#[test]
fn programs_and_keys_survive_their_bytes() {
    for proven in [prove::<Turned>(&[8], false), prove::<Lookup>(&[8], false)]
        .iter()
        .flatten()
    {
        let bytes = proven.program.encode();
        assert_eq!(Program::decode(&bytes).as_ref(), Ok(&proven.program));
        assert_eq!(
            playfair_types::vk::VerifyingKey::decode(&proven.key.encode()).as_ref(),
            Ok(&proven.key)
        );
        let mut random = Random(8);
        for length in 0..bytes.len() {
            assert!(Program::decode(&bytes[..length]).is_err(), "cut at {length}");
        }
        for _ in 0..2000 {
            let mut bad = bytes.clone();
            bad[random.below(bytes.len())] ^= 1 << random.below(8);
            // What still decodes is what it says, and can be run.
            if let Ok(program) = Program::decode(&bad) {
                assert_eq!(program.encode(), bad);
                if let Ok(key) = Key::new(&program, &proven.key, Trust::InsecureDevelopmentToo) {
                    let _ =
                        playfair_proofs_verifier::verify(&key, &toys::ark(&proven.instances), &proven.proof);
                }
            }
        }
    }
}

#[test]
fn instances_convert_both_ways() {
    for value in instances::<Turned>(9) {
        let ours = toys::ark(&[value])[0];
        assert_eq!(to_halo2(&ours), value);
        assert_eq!(
            playfair_types::crypto::field::fr_to_bytes(&ours)[31],
            value.to_repr().as_ref()[0]
        );
    }
    let mut random = Random(9);
    for _ in 0..100 {
        let value = Fr::random(&mut random);
        let ours = toys::ark(&[value])[0];
        assert_eq!(to_halo2(&ours), value);
        let mut bytes = playfair_types::crypto::field::fr_to_bytes(&ours);
        bytes.reverse();
        assert_eq!(bytes, value.to_repr());
    }
}
