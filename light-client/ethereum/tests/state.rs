//! Accounts, storage and a block's header as another's execution client proves them: tests/fixtures/consensus/proofs.json,
//! written by tests/peers/anvil-proofs.mjs.

use playfair_ethereum::{Account, Error, ExecutionHeader, Root, verify_account, verify_storage};
use serde_json::Value;
use std::path::Path;

struct Slot {
    key: Root,
    value: Root,
    proof: Vec<Vec<u8>>,
}

struct Proven {
    address: [u8; 20],
    account: Account,
    proof: Vec<Vec<u8>>,
    slots: Vec<Slot>,
}

struct Fixture {
    block: Value,
    header: Vec<u8>,
    state_root: Root,
    accounts: Vec<Proven>,
}

fn fixture() -> Fixture {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/consensus/proofs.json");
    let json: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    Fixture {
        header: bytes(&json["header"]),
        state_root: array(&json["block"]["stateRoot"]),
        accounts: json["proofs"].as_array().unwrap().iter().map(proven).collect(),
        block: json["block"].clone(),
    }
}

fn proven(json: &Value) -> Proven {
    let slot = |slot: &Value| Slot {
        key: word(&slot["key"]),
        value: word(&slot["value"]),
        proof: nodes(&slot["proof"]),
    };
    Proven {
        address: array(&json["address"]),
        account: Account {
            nonce: number(&json["nonce"]),
            balance: word(&json["balance"]),
            storage_root: array(&json["storageHash"]),
            code_hash: array(&json["codeHash"]),
        },
        proof: nodes(&json["accountProof"]),
        slots: json["storageProof"]
            .as_array()
            .unwrap()
            .iter()
            .map(slot)
            .collect(),
    }
}

fn digits(json: &Value) -> &str {
    json.as_str().unwrap().strip_prefix("0x").unwrap()
}

fn bytes(json: &Value) -> Vec<u8> {
    let digits = digits(json);
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn array<const N: usize>(json: &Value) -> [u8; N] {
    bytes(json).try_into().unwrap()
}

fn word(json: &Value) -> Root {
    let padded = format!("{:0>64}", digits(json));
    core::array::from_fn(|at| u8::from_str_radix(&padded[2 * at..2 * at + 2], 16).unwrap())
}

fn number(json: &Value) -> u64 {
    u64::from_str_radix(digits(json), 16).unwrap()
}

fn nodes(json: &Value) -> Vec<Vec<u8>> {
    json.as_array().unwrap().iter().map(bytes).collect()
}

/// Calls with every bit of every byte of a proof flipped, one at a time.
fn flipped(proof: &[Vec<u8>], mut call: impl FnMut(&[Vec<u8>])) {
    let mut proof = proof.to_vec();
    for node in 0..proof.len() {
        for at in 0..proof[node].len() {
            for bit in [0, 3, 7] {
                proof[node][at] ^= 1 << bit;
                call(&proof);
                proof[node][at] ^= 1 << bit;
            }
        }
    }
}

#[test]
fn a_header_is_the_block_of_its_hash() {
    let Fixture { block, header, .. } = fixture();
    let read = ExecutionHeader::decode(&header).unwrap();
    let expected = ExecutionHeader {
        block_hash: array(&block["hash"]),
        parent_hash: array(&block["parentHash"]),
        state_root: array(&block["stateRoot"]),
        number: number(&block["number"]),
        timestamp: number(&block["timestamp"]),
    };
    assert_eq!(read, expected);
    for at in 0..header.len() {
        let mut other = header.clone();
        other[at] ^= 1;
        assert_ne!(
            ExecutionHeader::decode(&other).map(|read| read.block_hash),
            Ok(expected.block_hash)
        );
        assert!(matches!(
            ExecutionHeader::decode(&header[..at]),
            Err(Error::Malformed { .. })
        ));
    }
}

#[test]
fn accounts_and_slots_are_what_the_client_says() {
    let Fixture {
        state_root, accounts, ..
    } = fixture();
    let (mut absent, mut unset, mut set) = (0, 0, 0);
    for proven in &accounts {
        let account = verify_account(&state_root, &proven.address, &proven.proof).unwrap();
        absent += usize::from(account.is_none());
        match account {
            Some(account) => assert_eq!(account, proven.account),
            None => assert_eq!((proven.account.nonce, proven.account.balance), (0, [0; 32])),
        }
        for slot in &proven.slots {
            let value = verify_storage(&proven.account.storage_root, &slot.key, &slot.proof).unwrap();
            assert_eq!(value, slot.value);
            *if value == [0; 32] { &mut unset } else { &mut set } += 1;
        }
    }
    assert_eq!((absent, unset, set), (2, 4, 7));
}

#[test]
fn a_proof_with_any_bit_changed_is_refused() {
    let Fixture {
        state_root, accounts, ..
    } = fixture();
    for proven in &accounts {
        flipped(&proven.proof, |proof| {
            let found = verify_account(&state_root, &proven.address, proof);
            assert!(matches!(found, Err(Error::Node { .. })), "{found:?}");
        });
        let root = proven.account.storage_root;
        for slot in &proven.slots {
            flipped(&slot.proof, |proof| {
                let found = verify_storage(&root, &slot.key, proof);
                assert!(
                    matches!(found, Err(Error::Node { .. } | Error::ProofLong { at: 0 })),
                    "{found:?}"
                );
            });
        }
    }
}

#[test]
fn nodes_are_all_needed_and_no_more() {
    let Fixture {
        state_root, accounts, ..
    } = fixture();
    for proven in &accounts {
        let (address, proof) = (&proven.address, &proven.proof);
        let check = |proof: &[Vec<u8>]| verify_account(&state_root, address, proof).unwrap_err();
        let length = proof.len();
        for kept in 0..length {
            assert_eq!(check(&proof[..kept]), Error::ProofShort);
        }
        assert_eq!(check(&proof[1..]), Error::Node { at: 0 });
        let mut longer = proof.clone();
        longer.push(proof[0].clone());
        assert_eq!(check(&longer), Error::ProofLong { at: length });
        let mut swapped = proof.clone();
        swapped.swap(0, length - 1);
        assert_eq!(check(&swapped), Error::Node { at: 0 });
        let other = verify_account(&[7; 32], address, proof);
        assert_eq!(other, Err(Error::Node { at: 0 }));
    }
}

/// A proof of one slot shows no other slot's value wrongly: at most it happens to prove the right one.
#[test]
fn a_proof_of_another_key_proves_nothing_false() {
    let Fixture {
        state_root, accounts, ..
    } = fixture();
    let contract = &accounts[0];
    let mut refused = 0;
    for asked in &contract.slots {
        for given in &contract.slots {
            match verify_storage(&contract.account.storage_root, &asked.key, &given.proof) {
                Ok(value) => assert_eq!(value, asked.value),
                Err(Error::Node { .. } | Error::ProofShort | Error::ProofLong { .. }) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(refused > 60, "{refused}");
    for asked in &accounts {
        for given in accounts.iter().filter(|given| given.address != asked.address) {
            let found = verify_account(&state_root, &asked.address, &given.proof);
            assert!(!matches!(found, Ok(Some(_))), "{found:?}");
        }
    }
}
