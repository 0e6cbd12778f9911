//! Ethereum's suite: many keys, one message. Official signatures are in light-client/ethereum's vectors.

use playfair_bls::PointError;
use playfair_bls::min_pk::{Error, Keys, SecretKey};

fn secret(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 64])
}

fn secrets(count: u8) -> Vec<SecretKey> {
    (1..=count).map(secret).collect()
}

fn public(secrets: &[SecretKey]) -> Vec<[u8; 48]> {
    secrets.iter().map(SecretKey::public).collect()
}

/// Marks as the bits of a number, the lowest first.
fn marks(bits: u32, count: usize) -> Vec<bool> {
    (0..count).map(|at| bits >> at & 1 == 1).collect()
}

fn signed(secrets: &[SecretKey], bits: u32, message: &[u8]) -> [u8; 96] {
    let marked = secrets
        .iter()
        .zip(marks(bits, secrets.len()))
        .filter(|(_, mark)| *mark);
    SecretKey::sum(marked.map(|(secret, _)| secret))
        .unwrap()
        .sign(message)
}

/// The keys of the number 1: the generator, as draft-irtf-cfrg-bls-signature and every implementation has it.
#[test]
fn the_key_of_one_is_the_generator() {
    let mut seed = [0; 64];
    seed[63] = 1;
    let hex: String = SecretKey::from_seed(&seed)
        .public()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hex,
        "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
    );
}

#[test]
fn every_choice_of_signers_is_verified_and_no_other_choice_with_it() {
    let secrets = secrets(5);
    let keys = Keys::decode(&public(&secrets)).unwrap();
    for bits in 1..32 {
        let signature = signed(&secrets, bits, b"message");
        assert_eq!(
            keys.verify(&marks(bits, 5), b"message", &signature),
            Ok(()),
            "{bits:05b}"
        );
        for other in [bits ^ 1, bits ^ 16, 31 - bits] {
            let found = keys.verify(&marks(other, 5), b"message", &signature);
            let expected = if other == 0 {
                Error::NoSigners
            } else {
                Error::Refused
            };
            assert_eq!(found, Err(expected), "{bits:05b} as {other:05b}");
        }
        assert_eq!(
            keys.verify(&marks(bits, 5), b"massage", &signature),
            Err(Error::Refused)
        );
    }
}

#[test]
fn a_key_counts_as_often_as_it_is_in_the_list() {
    let secrets = [secret(1), secret(1), secret(1), secret(2)];
    let keys = Keys::decode(&public(&secrets)).unwrap();
    for bits in [0b1111, 0b0111, 0b0011, 0b1001] {
        let signature = signed(&secrets, bits, b"message");
        assert_eq!(keys.verify(&marks(bits, 4), b"message", &signature), Ok(()));
    }
    // Which of the same keys signed is not known, how many is.
    let two = signed(&secrets, 0b0011, b"message");
    assert_eq!(keys.verify(&marks(0b0101, 4), b"message", &two), Ok(()));
    assert_eq!(
        keys.verify(&marks(0b0111, 4), b"message", &two),
        Err(Error::Refused)
    );
    let sum = SecretKey::sum(&secrets).unwrap().public();
    assert_eq!(keys.aggregate(), Ok(sum));
}

/// The key of the order less one is the negative of the generator.
fn opposites() -> [[u8; 48]; 2] {
    let mut seed = [0; 64];
    seed[63] = 1;
    let key = SecretKey::from_seed(&seed).public();
    let mut negative = key;
    negative[0] ^= 0x20;
    [key, negative]
}

#[test]
fn keys_that_add_up_to_nothing_sign_nothing() {
    let keys = Keys::decode(&opposites()).unwrap();
    assert_eq!(keys.aggregate(), Err(Error::NoSigners));
    let mut nothing = [0; 96];
    nothing[0] = 0xc0;
    let signature = secret(1).sign(b"message");
    for signature in [nothing, signature] {
        assert_eq!(
            keys.verify(&[true, true], b"message", &signature),
            Err(Error::NoSigners)
        );
        assert_eq!(
            keys.verify(&[false, false], b"message", &signature),
            Err(Error::NoSigners)
        );
    }
    let infinity = Error::Signature(PointError::Infinity);
    assert_eq!(keys.verify(&[true, false], b"message", &nothing), Err(infinity));
    let none = Keys::decode(&[]).unwrap();
    assert!(none.is_empty());
    assert_eq!(none.verify(&[], b"message", &signature), Err(Error::NoSigners));
}

#[test]
fn marks_are_as_many_as_keys() {
    let secrets = secrets(3);
    let keys = Keys::decode(&public(&secrets)).unwrap();
    let signature = signed(&secrets, 0b11, b"message");
    for marks in [&[true, true][..], &[true, true, false, false]] {
        let found = marks.len();
        assert_eq!(
            keys.verify(marks, b"message", &signature),
            Err(Error::Marks { wanted: 3, found })
        );
    }
}

#[test]
fn keys_come_back_from_their_ordinates_and_from_no_others() {
    let keys = public(&secrets(4));
    let read = Keys::decode(&keys).unwrap();
    let ordinates: Vec<[u8; 48]> = read.ordinates().collect();
    assert_eq!(Keys::restore(&keys, &ordinates), Ok(read));
    assert_eq!(Keys::restore(&keys, &ordinates[..3]), Err(Error::Kept { at: 3 }));
    assert_eq!(Keys::restore(&keys[..2], &ordinates), Err(Error::Kept { at: 2 }));
    for at in 0..4 {
        let mut other = ordinates.clone();
        other.swap(at, (at + 1) % 4);
        let first = at.min((at + 1) % 4);
        assert_eq!(Keys::restore(&keys, &other), Err(Error::Kept { at: first }));
        // The other root is a point as well, of another key.
        let mut other = keys.clone();
        other[at][0] ^= 0x20;
        assert_eq!(Keys::restore(&other, &ordinates), Err(Error::Kept { at }));
        let mut other = ordinates.clone();
        other[at] = [0xff; 48];
        let error = Error::Key {
            at,
            why: PointError::Coordinate,
        };
        assert_eq!(Keys::restore(&keys, &other), Err(error));
    }
}

#[test]
fn what_is_no_key_is_named_by_its_place() {
    let good = public(&secrets(3));
    type Change = fn(&mut [u8; 48]);
    let wrong: [(Change, PointError); 3] = [
        (|key| key[0] &= 0x7f, PointError::Form),
        (|key| *key = [0xc0; 48], PointError::Infinity),
        (|key| *key = [0x9f; 48], PointError::Coordinate),
    ];
    for (change, why) in wrong {
        let mut keys = good.clone();
        change(&mut keys[2]);
        assert_eq!(Keys::decode(&keys), Err(Error::Key { at: 2, why }));
    }
    // Abscissas until one is on the curve: almost none of those are in the subgroup.
    let mut keys = good.clone();
    let mut found = Vec::new();
    for x in 0..40 {
        keys[1] = [0; 48];
        (keys[1][0], keys[1][47]) = (0x80, x);
        found.extend(Keys::decode(&keys).err());
    }
    for why in [PointError::Curve, PointError::Subgroup] {
        assert!(found.contains(&Error::Key { at: 1, why }), "{why}");
    }
}
