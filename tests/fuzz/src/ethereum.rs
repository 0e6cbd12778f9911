//! What light clients read of Ethereum: beacon containers, stored chains, blocks' headers, nodes of proofs.

use crate::random::Random;
use playfair_ethereum::development::{Block, Payload, Signers, State};
use playfair_ethereum::{
    BeaconBlockHeader, Bootstrap, Execution, ExecutionHeader, ExecutionPayloadHeader, Finality, Fork, Form,
    Kind, LightClientHeader, NextCommittee, Preset, Root, Spec, Staleness, Store, SyncAggregate,
    SyncCommittee, Update, verify_account, verify_storage,
};
use sha2::{Digest, Sha256};
use sha3::Keccak256;
use std::sync::OnceLock;

const FORMS: [Form; 3] = [Form::Deneb, Form::Electra, Form::Gloas];
const KINDS: [Kind; 3] = [Kind::Update, Kind::Finality, Kind::Optimistic];
/// Slots of one form.
const SLOTS: u64 = 80;
const NOW: u64 = 4 * SLOTS;

fn spec() -> &'static Spec {
    static SPEC: OnceLock<Spec> = OnceLock::new();
    SPEC.get_or_init(|| Spec {
        preset: Preset::MINIMAL,
        forks: (0u8..)
            .zip(FORMS)
            .map(|(number, form)| Fork {
                epoch: u64::from(number) * SLOTS / 8,
                version: [4 + number, 0, 0, 1],
                form,
            })
            .collect(),
        genesis_validators_root: [7; 32],
        genesis_time_ms: 0,
        slot_ms: 6000,
        weak_subjectivity_epochs: 1000,
    })
}

/// A chain that was followed a little, with both committees known.
fn store() -> &'static Store {
    static STORE: OnceLock<Store> = OnceLock::new();
    STORE.get_or_init(|| {
        let spec = spec();
        let signers = Signers::from_seed(&spec.preset, &[1; 32]).expect("a committee");
        let state = |finalized_root| State {
            finalized_root,
            current: signers.committee().clone(),
            next: signers.committee().clone(),
        };
        let block = |slot, parent, finalized| {
            Block::new(spec, slot, parent, state(finalized), Payload::Hash([9; 32])).expect("a block")
        };
        let first = block(200, [0; 32], [0; 32]);
        let root = first.header().beacon.root();
        let second = block(210, root, root);
        let mut store =
            Store::open(spec, &root, &first.bootstrap(), NOW, Staleness::Refuse).expect("a store");
        let update = second.update(spec, Some(first.header()), &signers, 32, 211);
        store
            .process(update.expect("an update"), NOW)
            .expect("it is good");
        store.warm().expect("keys");
        store
    })
}

fn slot(random: &mut Random, form: usize) -> u64 {
    form as u64 * SLOTS + random.below(SLOTS)
}

fn payload(random: &mut Random) -> ExecutionPayloadHeader {
    ExecutionPayloadHeader {
        block_hash: random.array(),
        state_root: random.array(),
        block_number: random.number(),
        timestamp: random.number(),
        extra_data: random.bytes(32),
        ..ExecutionPayloadHeader::EMPTY
    }
}

fn header(random: &mut Random, form: usize) -> LightClientHeader {
    let execution = match FORMS[form] {
        Form::Deneb | Form::Electra => Execution::Payload {
            header: Box::new(payload(random)),
            branch: core::array::from_fn(|_| random.array()),
        },
        Form::Gloas => Execution::Hash {
            block_hash: random.array(),
            branch: Box::new(core::array::from_fn(|_| random.array())),
        },
    };
    LightClientHeader {
        beacon: BeaconBlockHeader {
            slot: slot(random, form),
            proposer_index: random.number(),
            parent_root: random.array(),
            state_root: random.array(),
            body_root: random.array(),
        },
        execution,
    }
}

fn committee(random: &mut Random) -> SyncCommittee {
    SyncCommittee {
        pubkeys: (0..32).map(|_| random.array()).collect(),
        aggregate_pubkey: random.array(),
    }
}

fn branch(random: &mut Random, length: usize) -> Vec<Root> {
    (0..length).map(|_| random.array()).collect()
}

/// A form, a kind, and an update of them.
pub(crate) fn update_sample(random: &mut Random) -> Vec<u8> {
    let (form, kind) = (random.below(3) as usize, random.below(3) as usize);
    let next = KINDS[kind] == Kind::Update && !random.one_in(3);
    let finality = KINDS[kind] != Kind::Optimistic && !random.one_in(3);
    let update = Update {
        attested: header(random, form),
        next: next.then(|| NextCommittee {
            committee: committee(random),
            branch: branch(random, [5, 6, 11][form]),
        }),
        finality: finality.then(|| Finality {
            header: (!random.one_in(4)).then(|| header(random, form)),
            branch: branch(random, [6, 7, 9][form]),
        }),
        aggregate: SyncAggregate {
            bits: random.array::<4>().to_vec(),
            signature: random.array(),
        },
        signature_slot: random.number(),
    };
    let bytes = update.encode(spec(), KINDS[kind]).expect("a known fork");
    let read = Update::decode(spec(), FORMS[form], KINDS[kind], &bytes);
    assert_eq!(read.as_ref(), Ok(&update), "a valid update round-trips");
    [vec![form as u8, kind as u8], bytes].concat()
}

/// Decodes canonically; and what is not signed is refused by a store, whatever it says.
pub(crate) fn update_check(bytes: &[u8]) -> bool {
    let [form, kind, bytes @ ..] = bytes else {
        return false;
    };
    let (Some(form), Some(kind)) = (FORMS.get(usize::from(*form)), KINDS.get(usize::from(*kind))) else {
        return false;
    };
    let Ok(update) = Update::decode(spec(), *form, *kind, bytes) else {
        return false;
    };
    let again = update.encode(spec(), *kind).expect("a known fork");
    assert_eq!(again, bytes, "accepted bytes are the update's own encoding");
    let mut store = store().clone();
    assert!(store.process(update, NOW).is_err(), "nobody signed this");
    true
}

pub(crate) fn bootstrap_sample(random: &mut Random) -> Vec<u8> {
    let form = random.below(3) as usize;
    let bootstrap = Bootstrap {
        header: header(random, form),
        committee: committee(random),
        branch: branch(random, [5, 6, 11][form]),
    };
    let bytes = bootstrap.encode(spec()).expect("a known fork");
    assert_eq!(
        Bootstrap::decode(spec(), FORMS[form], &bytes).as_ref(),
        Ok(&bootstrap)
    );
    [vec![form as u8], bytes].concat()
}

pub(crate) fn bootstrap_check(bytes: &[u8]) -> bool {
    let Some((form, bytes)) = bytes.split_first() else {
        return false;
    };
    let Some(form) = FORMS.get(usize::from(*form)) else {
        return false;
    };
    let Ok(bootstrap) = Bootstrap::decode(spec(), *form, bytes) else {
        return false;
    };
    let again = bootstrap.encode(spec()).expect("a known fork");
    assert_eq!(again, bytes, "accepted bytes are the bootstrap's own encoding");
    let root = bootstrap.header.beacon.root();
    let opened = Store::open(spec(), &root, &bootstrap, NOW, Staleness::Refuse);
    assert!(opened.is_err(), "its committee is in no state");
    true
}

/// A stored chain without its checksum.
pub(crate) fn store_sample(_random: &mut Random) -> Vec<u8> {
    let mut bytes = store().to_bytes();
    bytes.truncate(bytes.len() - 32);
    bytes
}

/// Under a checksum that is right, a stored chain is what it would be stored as.
pub(crate) fn store_check(bytes: &[u8]) -> bool {
    let digest: Root = Sha256::digest(bytes).into();
    let bytes = [bytes, &digest].concat();
    let Ok(store) = Store::from_bytes(spec(), &bytes, NOW, Staleness::Refuse) else {
        return false;
    };
    assert_eq!(store.to_bytes(), bytes, "accepted bytes are the store's own");
    true
}

/// A string's or list's RLP, below 64 kilobytes.
fn rlp(from: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len();
    let mut out = match length {
        0..56 => vec![from + length as u8],
        56..256 => vec![from + 56, length as u8],
        _ => vec![from + 57, (length >> 8) as u8, length as u8],
    };
    out.extend(payload);
    out
}

fn string(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [0..0x80] => bytes.to_vec(),
        _ => rlp(0x80, bytes),
    }
}

fn number(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    string(&bytes[number.leading_zeros() as usize / 8..])
}

pub(crate) fn block_sample(random: &mut Random) -> Vec<u8> {
    let mut fields = Vec::new();
    for size in [32, 32, 20, 32, 32, 32, 256] {
        fields.extend(string(&vec![random.next() as u8; size]));
    }
    for _ in 0..5 {
        fields.extend(number(random.number()));
    }
    fields.extend(string(&random.bytes(32)));
    fields.extend(string(&random.array::<32>()));
    fields.extend(string(&random.array::<8>()));
    for _ in 0..random.below(9) {
        fields.extend(string(&random.bytes(32)));
    }
    rlp(0xc0, &fields)
}

pub(crate) fn block_check(bytes: &[u8]) -> bool {
    let Ok(header) = ExecutionHeader::decode(bytes) else {
        return false;
    };
    assert_eq!(
        header.block_hash,
        <Root>::from(Keccak256::digest(bytes)),
        "a header is that of its own hash"
    );
    true
}

/// The leaf of a trie with one key.
fn leaf(key: &[u8], value: &[u8]) -> Vec<u8> {
    let path = [&[0x20], &Keccak256::digest(key)[..]].concat();
    rlp(0xc0, &[string(&path), string(value)].concat())
}

/// An address and the one node of a trie that holds its account.
pub(crate) fn account_sample(random: &mut Random) -> Vec<u8> {
    let address: [u8; 20] = random.array();
    let fields = [
        number(random.number()),
        number(random.number()),
        string(&random.array::<32>()),
        string(&random.array::<32>()),
    ];
    [&address[..], &leaf(&address, &rlp(0xc0, &fields.concat()))].concat()
}

/// Whatever a node says, it is read or refused; a leaf of the key is the only encoding of what it says.
pub(crate) fn account_check(bytes: &[u8]) -> bool {
    let Some((address, node)) = bytes.split_first_chunk() else {
        return false;
    };
    match verify_account(&Keccak256::digest(node).into(), address, &[node]) {
        Ok(Some(account)) => {
            let balance = account.balance.iter().position(|byte| *byte != 0).unwrap_or(32);
            let fields = [
                number(account.nonce),
                string(&account.balance[balance..]),
                string(&account.storage_root),
                string(&account.code_hash),
            ];
            let expected = leaf(address, &rlp(0xc0, &fields.concat()));
            assert_eq!(node, expected, "an account has one encoding");
            true
        }
        Ok(None) => true,
        Err(_) => false,
    }
}

/// A slot and the one node of a trie that holds its value, or has a branch where it is not.
pub(crate) fn slot_sample(random: &mut Random) -> Vec<u8> {
    let slot: Root = random.array();
    let nibble = usize::from(Keccak256::digest(slot)[0] >> 4);
    let node = match random.one_in(2) {
        true => leaf(&slot, &number(random.number().max(1))),
        false => {
            let child = |at| match at {
                at if at == nibble || at == 16 || random.one_in(2) => string(&[]),
                _ => string(&random.array::<32>()),
            };
            rlp(0xc0, &(0..17).map(child).collect::<Vec<_>>().concat())
        }
    };
    [&slot[..], &node].concat()
}

pub(crate) fn slot_check(bytes: &[u8]) -> bool {
    let Some((slot, node)) = bytes.split_first_chunk() else {
        return false;
    };
    match verify_storage(&Keccak256::digest(node).into(), slot, &[node]) {
        Ok(value) => {
            if let Some(first) = value.iter().position(|byte| *byte != 0) {
                let expected = leaf(slot, &string(&value[first..]));
                assert_eq!(node, expected, "a value has one encoding");
            }
            true
        }
        Err(_) => false,
    }
}
