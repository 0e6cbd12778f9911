//! A signature of Ethereum's own sync committee: tests/fixtures/consensus/mainnet-7061720.txt.

use playfair_bls::min_pk::{Error, Keys};
use playfair_ethereum::{BeaconBlockHeader, Fork, Form, Spec};

const SIGNED: &str = include_str!("../../../tests/fixtures/consensus/mainnet-7061720.txt");

fn values(name: &str) -> impl Iterator<Item = &'static str> {
    let pairs = SIGNED.lines().filter_map(|line| line.split_once(' '));
    pairs
        .filter(move |(found, _)| *found == name)
        .map(|(_, value)| value)
}

fn value(name: &str) -> &'static str {
    values(name).next().unwrap()
}

fn bytes<const N: usize>(digits: &str) -> [u8; N] {
    assert_eq!(digits.len(), 2 * N);
    core::array::from_fn(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap())
}

#[test]
fn mainnets_own_signature_is_good_and_only_under_its_own_fork() {
    let keys: Vec<[u8; 48]> = values("pubkey").map(bytes).collect();
    let keys = Keys::decode(&keys).unwrap();
    assert_eq!(keys.aggregate(), Ok(bytes(value("aggregate_pubkey"))));
    let header = BeaconBlockHeader {
        slot: value("slot").parse().unwrap(),
        proposer_index: value("proposer_index").parse().unwrap(),
        parent_root: bytes(value("parent_root")),
        state_root: bytes(value("state_root")),
        body_root: bytes(value("body_root")),
    };
    let bits: [u8; 64] = bytes(value("sync_committee_bits"));
    let marks: Vec<bool> = (0..512).map(|at| bits[at / 8] >> (at % 8) & 1 == 1).collect();
    assert_eq!(marks.iter().filter(|mark| **mark).count(), 511);
    let signature = bytes(value("sync_committee_signature"));
    let mut spec = Spec::mainnet();
    // Its containers are not read here, but it signs as every fork does.
    let capella = Fork {
        epoch: 194_048,
        version: [3, 0, 0, 0],
        form: Form::Deneb,
    };
    spec.forks.insert(0, capella);
    spec.check().unwrap();
    let slot = value("signature_slot").parse().unwrap();
    let verify = |spec: &Spec, header: &BeaconBlockHeader| {
        let message = spec.signing_root(&header.root(), slot).unwrap();
        keys.verify(&marks, &message, &signature)
    };
    assert_eq!(verify(&spec, &header), Ok(()));
    let mut other = header;
    other.proposer_index += 1;
    assert_eq!(verify(&spec, &other), Err(Error::Refused));
    spec.forks[0].version = [4, 0, 0, 0];
    assert_eq!(verify(&spec, &header), Err(Error::Refused));
}
