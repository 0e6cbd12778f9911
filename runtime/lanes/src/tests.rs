//! Everything is compared with `playfair_types`, on lanes whatever the processor, and as the public functions choose.

use super::*;
use ark_ff::{AdditiveGroup, Field, MontFp, PrimeField};
use playfair_types::bounded::Bytes;
use playfair_types::hash::{Tag, hash, hash_bytes24, node as one_node};
use playfair_types::receipt::{Event, ReceiptBody};
use playfair_types::state::{StateKey, leaf, value_hash};
use playfair_types::tape::call_message;
use playfair_types::tape::frame::FRAME_BYTES;
use std::iter::repeat_with;

/// Elements at the edges, then elements of a seeded sequence.
struct Random(Fr, usize);

impl Random {
    fn new(seed: u64) -> Self {
        Self(Fr::from(seed + 2), 0)
    }

    fn element(&mut self) -> Fr {
        let two = Fr::from(2u64);
        let edges = [
            Fr::ZERO,
            Fr::ONE,
            -Fr::ONE,
            Fr::from(u64::MAX),
            two.pow([248]),
            -two.pow([253]),
            two.inverse().unwrap(),
        ];
        self.1 += 1;
        self.0 = self.0.pow([5]) + Fr::from(self.1 as u64);
        // Edges come again and again, beside others and beside each other.
        if self.0.into_bigint().0[0].is_multiple_of(4) {
            edges[self.1 % edges.len()]
        } else {
            self.0
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.1 += 1;
        self.0 = self.0.pow([5]) + Fr::from(self.1 as u64);
        (self.0.into_bigint().0[0] >> 8) as usize % bound
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        repeat_with(|| self.below(256) as u8).take(length).collect()
    }
}

/// Lanes, on whatever backend the process has.
fn on_lanes<const T: usize, const N: usize, const W: usize, const E: usize>(
    table: &Table<T, N, W, E>,
    inputs: &[[Fr; N]],
) -> Vec<Fr> {
    let eights = inputs.chunks(8).map(|some| {
        let together = dispatch(Hash {
            table,
            columns: &columns(some),
        });
        together[..some.len()].to_vec()
    });
    eights.collect::<Vec<_>>().concat()
}

#[test]
fn lanes_are_poseidon() {
    println!("backend: {:?}", backend());
    let random = &mut Random::new(1);
    let pairs: Vec<[Fr; 2]> = repeat_with(|| [random.element(), random.element()])
        .take(4_000)
        .collect();
    let expected: Vec<Fr> = pairs.iter().map(|[a, b]| poseidon2(*a, *b)).collect();
    assert_eq!(on_lanes(&TABLE3, &pairs), expected);
    let inputs: Vec<[Fr; 5]> = repeat_with(|| std::array::from_fn(|_| random.element()))
        .take(3_000)
        .collect();
    let expected: Vec<Fr> = inputs.iter().map(poseidon5).collect();
    assert_eq!(on_lanes(&TABLE6, &inputs), expected);
}

/// A process has one backend, so the other one has a process of its own.
#[test]
fn portable_lanes_are_too() {
    let again = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "tests::lanes_are_poseidon",
            "tests::public_functions_are_those_of_types",
        ])
        .arg("--nocapture")
        .env(BACKEND_VARIABLE, "portable")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(again.status.success(), "{said}");
    assert!(
        said.contains("backend: Portable") && said.contains("width: 1"),
        "{said}"
    );
}

#[test]
fn vectors_of_circomlib() {
    let two = MontFp!("7853200120776062878684798364095072458815029376092732009249414926327459813530");
    let five = MontFp!("6183221330272524995739186171720101788151706631170188140075976616310159254464");
    let pairs = [[1u64, 2].map(Fr::from); 8];
    let inputs = [[1u64, 2, 3, 4, 5].map(Fr::from); 8];
    assert_eq!(on_lanes(&TABLE3, &pairs), [two; 8]);
    assert_eq!(on_lanes(&TABLE6, &inputs), [five; 8]);
    assert_eq!(nodes(&pairs), [two; 8]);
}

#[test]
fn public_functions_are_those_of_types() {
    println!("width: {}", width());
    let random = &mut Random::new(2);
    for count in (0..20).chain([63, 64, 65]) {
        let pairs: Vec<[Fr; 2]> = repeat_with(|| [random.element(), random.element()])
            .take(count)
            .collect();
        let expected: Vec<Fr> = pairs.iter().map(|[a, b]| one_node(*a, *b)).collect();
        assert_eq!(nodes(&pairs), expected, "{count} nodes");

        let (mut lists, mut expected) = (Lists::new(), Vec::new());
        for i in 0..count {
            let tag = Tag::ALL[random.below(Tag::ALL.len())];
            let length = random.below(30);
            if i % 2 == 0 {
                let elements: Vec<Fr> = repeat_with(|| random.element()).take(length).collect();
                expected.push(hash(tag, &elements));
                lists.push(tag, elements);
            } else {
                let bytes = random.bytes(length * 11);
                expected.push(hash_bytes24(tag, &bytes));
                lists.push_bytes24(tag, &bytes);
            }
        }
        assert_eq!(lists.hash(), expected, "{count} lists");
    }
}

#[test]
fn every_tag_and_length() {
    let random = &mut Random::new(3);
    let (mut lists, mut expected) = (Lists::new(), Vec::new());
    for tag in Tag::ALL {
        for length in 0..=41 {
            let elements: Vec<Fr> = repeat_with(|| random.element()).take(length).collect();
            expected.push(hash(tag, &elements));
            lists.push(tag, elements);
        }
    }
    for length in 0..=200 {
        let bytes = random.bytes(length);
        expected.push(hash_bytes24(Tag::Value, &bytes));
        lists.push_bytes24(Tag::Value, &bytes);
    }
    assert_eq!(lists.hash(), expected);
    for length in [0, 1, u64::MAX] {
        let mut lists = Lists::new();
        lists.push_with_length(Tag::Event, length, [Fr::ONE]);
        let first = Tag::Event.with_length(length);
        assert_eq!(
            lists.hash(),
            [poseidon5(&[first, Fr::ONE, Fr::ZERO, Fr::ZERO, Fr::ZERO])]
        );
    }
}

#[test]
fn values_and_leaves() {
    let random = &mut Random::new(4);
    let bytes: Vec<Vec<u8>> = (0..300)
        .map(|_| {
            let length = random.below(130);
            random.bytes(length)
        })
        .collect();
    let hashes = values(bytes.iter().map(Vec::as_slice));
    assert_eq!(
        hashes,
        bytes.iter().map(|value| value_hash(value)).collect::<Vec<_>>()
    );
    let keys: Vec<StateKey> = hashes
        .iter()
        .map(|_| StateKey(random.bytes(31).try_into().unwrap()))
        .collect();
    let expected: Vec<Fr> = keys
        .iter()
        .zip(&hashes)
        .map(|(key, hash)| leaf(key, *hash))
        .collect();
    assert_eq!(leaves(keys.iter().zip(hashes)), expected);
}

#[test]
fn bodies_of_receipts() {
    let random = &mut Random::new(5);
    for count in [0, 1, 2, 3, 40] {
        let bodies: Vec<ReceiptBody> = (0..count)
            .map(|_| {
                let length = random.below(60);
                let output = Bytes::new(random.bytes(length)).unwrap();
                let events = random.below(5);
                let event = || {
                    let length = random.below(100);
                    let data = Bytes::new(random.bytes(length)).unwrap();
                    Event {
                        topic: random.below(65_536) as u16,
                        data,
                    }
                };
                let events = repeat_with(event).take(events).collect();
                ReceiptBody { output, events }
            })
            .collect();
        let expected: Vec<(Fr, Fr)> = bodies.iter().map(ReceiptBody::hashes).collect();
        assert_eq!(super::bodies(&bodies), expected);
    }
}

#[test]
fn messages_of_calls() {
    let random = &mut Random::new(6);
    let records: Vec<Vec<u8>> = (0..60)
        .map(|i| {
            // Whole frames, but for some.
            let length = random.below(9) * FRAME_BYTES + usize::from(i % 7 == 0);
            random.bytes(length)
        })
        .collect();
    let chain_id = random.element();
    let expected: Vec<_> = records
        .iter()
        .map(|record| call_message(chain_id, record))
        .collect();
    assert!(expected.iter().any(Result::is_err) && expected.iter().any(Result::is_ok));
    assert_eq!(messages(chain_id, records.iter().map(Vec::as_slice)), expected);
}
