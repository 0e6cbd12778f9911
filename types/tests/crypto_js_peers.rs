//! Compares the crypto module with its JavaScript peers, `poseidon-lite` and
//! `@zk-kit/eddsa-poseidon`, over seeded inputs and edge cases.
//!
//! The peers run in `node` from a folder that holds `peer.mjs` and `node_modules`: the folder named
//! by `PLAYFAIR_PEERS_DIR`, else `playfair/peers` in the user's cache. Without it the tests fail.

use ark_ff::{BigInteger, Field, PrimeField};
use blake2::{Blake2b512, Digest};
use playfair_types::crypto::babyjubjub::{Point, PointError, PublicKey};
use playfair_types::crypto::eddsa::{SecretKey, Signature, verify, verify_each};
use playfair_types::crypto::field::{Fr, Scalar, fr_to_bytes, scalar_to_bytes};
use playfair_types::crypto::poseidon::{poseidon2, poseidon5};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::thread;

const COUNT: u64 = 320;

/// What the peer answers to each request: a list of strings, or its error.
fn ask(requests: Vec<String>) -> Vec<Result<Vec<String>, String>> {
    let mut child = playfair_peers::start("peer.mjs");
    let mut stdin = child.stdin.take().expect("stdin");
    let count = requests.len();
    // Written from a thread of its own: with both pipes full neither side would go on.
    let writer = thread::spawn(move || {
        for request in requests {
            writeln!(stdin, "{request}").expect("the peer reads");
        }
    });
    let stdout = BufReader::new(child.stdout.take().expect("stdout"));
    let answers: Vec<_> = stdout.lines().map(|line| parse(&line.expect("text"))).collect();
    writer.join().expect("writer");
    assert!(child.wait().expect("exit").success());
    assert_eq!(answers.len(), count, "one answer a request");
    answers
}

fn parse(line: &str) -> Result<Vec<String>, String> {
    let list = line
        .strip_prefix("{\"ok\":[\"")
        .and_then(|rest| rest.strip_suffix("\"]}"));
    list.map(|l| l.split("\",\"").map(str::to_owned).collect())
        .ok_or_else(|| line.to_owned())
}

fn hash(label: &str, i: u64) -> [u8; 64] {
    Blake2b512::new()
        .chain_update(label)
        .chain_update(i.to_be_bytes())
        .finalize()
        .into()
}

/// The integers at the ends of the range first, then seeded ones.
fn element(label: &str, i: u64) -> Fr {
    let two = Fr::from(2u64);
    match i {
        0 => Fr::from(0u64),
        1 => Fr::ONE,
        2 => -Fr::ONE,
        3 => two.pow([248]),
        4 => two.pow([248]) - Fr::ONE,
        5 => two.pow([253]),
        6 => -two,
        7 => Fr::from_bigint(Scalar::MODULUS).unwrap(),
        8 => Fr::from_bigint(Fr::MODULUS_MINUS_ONE_DIV_TWO).unwrap(),
        _ => Fr::from_be_bytes_mod_order(&hash(label, i)),
    }
}

fn seed(i: u64) -> [u8; 32] {
    match i {
        0 => [0; 32],
        1 => [0xff; 32],
        2 => [0x80; 32],
        _ => hash("seed", i)[..32].try_into().unwrap(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, b| {
        write!(text, "{b:02x}").unwrap();
        text
    })
}

/// A JSON list of decimal strings.
fn list(values: &[Fr]) -> String {
    let quoted: Vec<String> = values.iter().map(|a| format!("\"{a}\"")).collect();
    format!("[{}]", quoted.join(","))
}

/// The decimal text of an integer in big-endian bytes.
fn decimal(bytes: &[u8; 32]) -> String {
    let bits: Vec<bool> = bytes
        .iter()
        .flat_map(|b| (0..8).rev().map(move |i| b >> i & 1 == 1))
        .collect();
    <Fr as PrimeField>::BigInt::from_bits_be(&bits).to_string()
}

fn reversed<const N: usize>(bytes: [u8; N]) -> [u8; N] {
    let mut bytes = bytes;
    bytes.reverse();
    bytes
}

/// Our signature as the peer packs it: both halves little-endian.
fn packed(signature: &Signature) -> String {
    hex(&reversed(signature.r)) + &hex(&reversed(signature.s))
}

fn verify_request(key: &PublicKey, message: &Fr, r: &Point, s: &str) -> String {
    format!(
        r#"{{"op":"verify","key":{},"message":"{message}","R8":{},"S":"{s}"}}"#,
        list(&[key.x(), key.y()]),
        list(&[r.x(), r.y()])
    )
}

#[test]
fn poseidon_of_two() {
    let edge_pairs = (0..9).flat_map(|i| (0..9).map(move |j| (element("a", i), element("b", j))));
    let inputs: Vec<(Fr, Fr)> = edge_pairs
        .chain((9..COUNT).map(|i| (element("a", i), element("b", i))))
        .collect();
    let requests = inputs
        .iter()
        .map(|(a, b)| format!(r#"{{"op":"poseidon2","inputs":{}}}"#, list(&[*a, *b])));
    for ((a, b), answer) in inputs.iter().zip(ask(requests.collect())) {
        assert_eq!(answer, Ok(vec![poseidon2(*a, *b).to_string()]));
    }
}

#[test]
fn poseidon_of_five() {
    let inputs: Vec<[Fr; 5]> = (0..COUNT)
        .map(|i| match i {
            0..9 => [element("x", i); 5],
            9..18 => core::array::from_fn(|k| element("x", (i + k as u64) % 9)),
            _ => core::array::from_fn(|k| element("x", 5 * i + k as u64)),
        })
        .collect();
    let requests = inputs
        .iter()
        .map(|x| format!(r#"{{"op":"poseidon5","inputs":{}}}"#, list(x)));
    for (x, answer) in inputs.iter().zip(ask(requests.collect())) {
        assert_eq!(answer, Ok(vec![poseidon5(x).to_string()]));
    }
}

#[test]
fn public_keys() {
    let requests = (0..COUNT).map(|i| format!(r#"{{"op":"pubkey","seed":"{}"}}"#, hex(&seed(i))));
    for (i, answer) in (0..COUNT).zip(ask(requests.collect())) {
        let secret = SecretKey::from_seed(&seed(i));
        let key = secret.public_key();
        // The packed integer is our 32 bytes: the peer's buffer is its little-endian form.
        let expected = vec![key.x().to_string(), key.y().to_string(), decimal(&key.to_bytes())];
        assert_eq!(answer, Ok(expected));
        assert_eq!(PublicKey::from_bytes(&key.to_bytes()), Ok(*key));
    }
}

#[test]
fn signatures() {
    let requests = (0..COUNT).map(|i| {
        format!(
            r#"{{"op":"sign","seed":"{}","message":"{}"}}"#,
            hex(&seed(i)),
            element("m", i)
        )
    });
    let mut theirs = Vec::new();
    for (i, answer) in (0..COUNT).zip(ask(requests.collect())) {
        let message = element("m", i);
        let secret = SecretKey::from_seed(&seed(i));
        let ours = secret.sign(message);
        let point = Point::from_bytes(&ours.r).unwrap();
        let answer = answer.unwrap();
        let expected = [
            point.x().to_string(),
            point.y().to_string(),
            decimal(&ours.s),
            packed(&ours),
        ];
        assert_eq!(answer, expected);
        // Rebuilt from the peer's bytes, it verifies here.
        let mut bytes = [0u8; 64];
        for (k, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&answer[3][2 * k..2 * k + 2], 16).unwrap();
        }
        let (r, s) = bytes.split_at_mut(32);
        r.reverse();
        s.reverse();
        let signature = Signature::from_bytes(&bytes).unwrap();
        assert_eq!(verify(secret.public_key(), message, &signature), Ok(()));
        theirs.push((*secret.public_key(), message, signature));
    }
    assert!(verify_each(&theirs).iter().all(Result::is_ok));
}

#[test]
fn the_peer_verifies_ours() {
    let requests = (0..COUNT).map(|i| {
        let secret = SecretKey::from_seed(&seed(i));
        let message = element("m", i);
        let signature = secret.sign(message);
        let key = secret.public_key();
        if i % 2 == 0 {
            let r = Point::from_bytes(&signature.r).unwrap();
            return verify_request(key, &message, &r, &decimal(&signature.s));
        }
        format!(
            r#"{{"op":"verifyPacked","key":"{}","message":"{message}","signature":"{}"}}"#,
            decimal(&key.to_bytes()),
            packed(&signature)
        )
    });
    for (i, answer) in ask(requests.collect()).into_iter().enumerate() {
        assert_eq!(answer, Ok(vec!["true".to_owned()]), "input {i}");
    }
}

#[test]
fn both_refuse_tampered_signatures() {
    let mut requests = Vec::new();
    for i in 0..COUNT {
        let secret = SecretKey::from_seed(&seed(i));
        let other = SecretKey::from_seed(&seed(i + 1));
        let message = element("m", i);
        let signature = secret.sign(message);
        let (mut key, mut m, mut r, mut s) = (*secret.public_key(), message, signature.r, signature.s);
        let mut s_text = None;
        match i % 6 {
            0 => m += Fr::ONE,
            1 => key = *other.public_key(),
            2 => r = other.sign(message).r,
            3 => r[0] ^= 0x80,
            4 => {
                s = scalar_to_bytes(
                    &(playfair_types::crypto::field::scalar_from_bytes(&s).unwrap() + Scalar::ONE),
                )
            }
            _ => {
                let bits: Vec<bool> = s
                    .iter()
                    .flat_map(|b| (0..8).rev().map(move |k| b >> k & 1 == 1))
                    .collect();
                let mut above = <Scalar as PrimeField>::BigInt::from_bits_be(&bits);
                above.add_with_carry(&Scalar::MODULUS);
                s.copy_from_slice(&above.to_bytes_be());
                s_text = Some(above.to_string());
            }
        }
        assert!(verify(&key, m, &Signature { r, s }).is_err(), "input {i}");
        let point = Point::from_bytes(&r).unwrap();
        requests.push(verify_request(
            &key,
            &m,
            &point,
            &s_text.unwrap_or_else(|| decimal(&s)),
        ));
    }
    for (i, answer) in ask(requests).into_iter().enumerate() {
        assert_eq!(answer, Ok(vec!["false".to_owned()]), "input {i}");
    }
}

#[test]
fn unpacking() {
    let inputs: Vec<[u8; 32]> = (0..COUNT)
        .map(|i| match i {
            0..9 => fr_to_bytes(&element("y", i)),
            _ => {
                let mut bytes: [u8; 32] = hash("y", i)[..32].try_into().unwrap();
                // Canonical but for a few, with either sign.
                bytes[0] &= if i % 16 == 0 { 0xbf } else { 0x9f };
                bytes
            }
        })
        .collect();
    let requests = inputs
        .iter()
        .map(|bytes| format!(r#"{{"op":"unpackKey","key":"{}"}}"#, decimal(bytes)));
    let mut good = 0;
    for (bytes, answer) in inputs.iter().zip(ask(requests.collect())) {
        match Point::from_bytes(bytes) {
            Ok(point) => {
                good += 1;
                assert_eq!(answer, Ok(vec![point.x().to_string(), point.y().to_string()]));
            }
            Err(PointError::NonCanonical | PointError::NotOnCurve) => assert!(answer.is_err()),
            Err(error) => panic!("unexpected {error}"),
        }
    }
    assert!(good > 100, "{good} points");
}
