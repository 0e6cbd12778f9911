//! Keys and signatures against others: commonware-consensus 2026.10.0 (the signature of types/tests/commonware.rs,
//! verified there by that crate) and npm @noble/curves 2.4.0 (fixtures/signatures.mjs says how they were made).

mod common;

use common::{order, unhex, unhex_vec};
use playfair_bls::{Error, PublicKey, SecretKey, Verifier};
use playfair_types::Fr;
use playfair_types::certificate::{Certificate, Committee};

const COMMONWARE_KEY: &str = "8d0273f6bf31ed37c3b8d68083ec3d8e20b5f2cc170fa24b9b5be35b34ed013f9a921f1cad1644d4bdb14674247234c8049cd1dbb2d2c3581e54c088135fef36505a6823d61b859437bfc79b617030dc8b40e32bad1fa85b9c0f368af6d38d3c";
const COMMONWARE_SIGNATURE: &str =
    "a2197056566485a87f55a1a036ec2ab66bb7ae23d88f34ca44f4c23212680ede170c668786257ef2f5ef16afeb522264";
const PEER: &str = include_str!("fixtures/signatures.txt");

fn small(number: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[31] = number;
    bytes
}

#[test]
fn a_certificate_of_commonware_is_verified_and_reproduced() {
    let certificate = Certificate {
        epoch: 0,
        view: 300,
        parent_view: 299,
        payload: [0x11; 32],
        signature: unhex(COMMONWARE_SIGNATURE),
    };
    let ordering_id = Fr::from(5u64);
    let committee = Committee {
        epoch: 0,
        public_key: unhex(COMMONWARE_KEY),
        members: 1,
        threshold: 1,
    };
    let verifier = Verifier::new(&committee, ordering_id).expect("a good key");
    assert_eq!(verifier.certificate(&certificate), Ok(()));

    let key = SecretKey::from_bytes(&small(7)).expect("a good key");
    assert_eq!(key.public(), committee.public_key);
    let message = certificate.signed_bytes(ordering_id);
    assert_eq!(key.sign(&message), certificate.signature);
}

#[test]
fn the_peer_makes_the_same_keys_and_signatures() {
    let lines: Vec<&str> = PEER.lines().collect();
    assert_eq!(lines.len(), 32);
    for line in lines {
        let fields: Vec<&str> = line.split(' ').collect();
        let [secret, public, message, signature] = fields[..] else {
            panic!("{line}");
        };
        let message = unhex_vec(message.trim_matches('-'));
        let key = SecretKey::from_bytes(&unhex(secret)).expect("a good key");
        assert_eq!(key.to_bytes(), unhex(secret));
        assert_eq!(key.public(), unhex(public));
        assert_eq!(key.sign(&message), unhex(signature));
        let public = PublicKey::from_bytes(&unhex(public)).expect("a good key");
        assert_eq!(public.verify(&message, &unhex(signature)), Ok(()));
        let other = [&message[..], b"."].concat();
        assert_eq!(public.verify(&other, &unhex(signature)), Err(Error::Refused));
    }
}

#[test]
fn one_key_does_not_verify_for_another() {
    let (one, two) = (small(1), small(2));
    let (one, two) = (SecretKey::from_bytes(&one), SecretKey::from_bytes(&two));
    let signature = one.expect("a good key").sign(b"m");
    let public = PublicKey::from_bytes(&two.expect("a good key").public()).expect("a good key");
    assert_eq!(public.verify(b"m", &signature), Err(Error::Refused));
}

#[test]
fn secret_keys_have_one_form() {
    let order = order();
    let mut above = order;
    above[31] += 1;
    for bad in [[0; 32], order, above, [0xff; 32]] {
        assert_eq!(SecretKey::from_bytes(&bad).err(), Some(Error::SecretKey));
    }
    let mut last = order;
    last[31] -= 1;
    for good in [small(1), last] {
        let key = SecretKey::from_bytes(&good).expect("below the order");
        assert_eq!(key.to_bytes(), good);
        assert_eq!(key.clone().to_bytes(), good);
    }
}

#[test]
fn seeds_are_reduced_and_never_zero() {
    let wide = |low: [u8; 32]| {
        let mut seed = [0; 64];
        seed[32..].copy_from_slice(&low);
        SecretKey::from_seed(&seed).to_bytes()
    };
    assert_eq!(wide(small(9)), small(9));
    assert_eq!(wide(small(0)), small(1));
    assert_eq!(wide(order()), small(1));
    // 2^512 - 1 modulo the order, by another program's long integers.
    let expected = "0748d9d99f59ff1105d314967254398f2b6cedcb87925c23c999e990f3f29c6c";
    assert_eq!(SecretKey::from_seed(&[0xff; 64]).to_bytes(), unhex(expected));
}

#[test]
fn secret_keys_do_not_print() {
    let key = SecretKey::from_bytes(&small(7)).expect("a good key");
    assert_eq!(format!("{key:?}"), "SecretKey { .. }");
}
