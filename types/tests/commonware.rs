//! Certificates against commonware-consensus 2026.10.0, which nobody here wrote.
//!
//! The signature below was made with secret key 7 (BLS12-381, signatures in G1) over [`Certificate::signed_bytes`] of
//! this certificate. That crate's `Finalization<bls12381_threshold::standard::Scheme<_, MinSig>>` decoded these 85
//! bytes, re-encoded them to themselves, and verified them under the public key with the base namespace
//! "playfair/1/" | chain id. The crate itself is no dependency: it would double the build.

use playfair_types::certificate::{Certificate, Committee};
use playfair_types::codec::{Decode, Encode};
use playfair_types::crypto::field::Fr;

const PUBLIC_KEY: &str = "8d0273f6bf31ed37c3b8d68083ec3d8e20b5f2cc170fa24b9b5be35b34ed013f9a921f1cad1644d4bdb14674247234c8049cd1dbb2d2c3581e54c088135fef36505a6823d61b859437bfc79b617030dc8b40e32bad1fa85b9c0f368af6d38d3c";
const SIGNATURE: &str =
    "a2197056566485a87f55a1a036ec2ab66bb7ae23d88f34ca44f4c23212680ede170c668786257ef2f5ef16afeb522264";
const PROPOSAL: &str = "00ac02ab021111111111111111111111111111111111111111111111111111111111111111";
const SIGNED: &str = "34706c6179666169722f312f00000000000000000000000000000000000000000000000000000000000000055f46494e414c495a4500ac02ab021111111111111111111111111111111111111111111111111111111111111111";

fn unhex<const N: usize>(text: &str) -> [u8; N] {
    assert_eq!(text.len(), 2 * N);
    core::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hexadecimal"))
}

#[test]
fn a_finalization_of_commonware_is_a_certificate() {
    let bytes: [u8; 85] = unhex(&format!("{PROPOSAL}{SIGNATURE}"));
    let certificate = Certificate::decode(&bytes).expect("the same bytes");
    let expected = Certificate {
        epoch: 0,
        view: 300,
        parent_view: 299,
        payload: [0x11; 32],
        signature: unhex(SIGNATURE),
    };
    assert_eq!(certificate, expected);
    assert_eq!(certificate.encode(), bytes);
    assert_eq!(certificate.signed_bytes(Fr::from(5u64)), unhex::<90>(SIGNED));
}

#[test]
fn small_numbers_make_83_bytes() {
    let certificate = Certificate {
        epoch: 0,
        view: 1,
        parent_view: 0,
        payload: [0; 32],
        signature: unhex(SIGNATURE),
    };
    assert_eq!(certificate.encode().len(), 83);
}

#[test]
fn varints_are_minimal_and_bounded() {
    let tail = unhex::<48>(SIGNATURE);
    for (head, good) in [
        (&[0x00, 0x01, 0x00][..], true),
        (&[0x80, 0x00, 0x01, 0x00], false),
        (&[0x00, 0x81, 0x00, 0x00], false),
        (
            &[
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x01, 0x00,
            ],
            true,
        ),
        (
            &[
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x01, 0x00,
            ],
            false,
        ),
        (
            &[
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 0x01, 0x00,
            ],
            false,
        ),
        (&[0x00, 0x01, 0x01], false),
    ] {
        let bytes = [head, &[0x11; 32], &tail].concat();
        assert_eq!(Certificate::decode(&bytes).is_ok(), good, "{head:?}");
    }
}

#[test]
fn quorums_are_those_of_three_f_plus_one() {
    for (members, threshold) in [(1, 1), (2, 2), (3, 3), (4, 3), (6, 5), (7, 5), (100, 67)] {
        let committee = Committee {
            epoch: 0,
            public_key: unhex(PUBLIC_KEY),
            members,
            threshold,
        };
        assert_eq!(Committee::decode(&committee.encode()), Ok(committee));
        let weaker = Committee {
            threshold: threshold - 1,
            ..committee
        };
        assert!(Committee::decode(&weaker.encode()).is_err());
    }
}
