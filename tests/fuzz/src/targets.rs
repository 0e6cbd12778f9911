//! The table of fuzz targets: adding a format is adding a line.

use crate::random::Random;
#[cfg(not(target_arch = "wasm32"))]
use crate::{circuit, ethereum, files, jobs, node, owners, predictor, proofs, setup, snapshots, wallet};
use crate::{modules, samples};
use core::fmt::Debug;
use playfair_types::codec::{Decode, Encode, Reader};
use playfair_types::crypto::babyjubjub::{Point, PublicKey};
use playfair_types::crypto::eddsa::Signature;
use playfair_types::crypto::field::{fr_from_bytes, fr_to_bytes};
use playfair_types::link::ChainLink;
use playfair_types::state::proof::{ProofError, StateProof};
use playfair_types::tape;

/// One decoder under test.
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// A valid encoding; panics when a valid value does not round-trip.
    pub sample: fn(&mut Random) -> Vec<u8>,
    /// Takes any bytes; panics when the decoder breaks its promise. Returns whether it accepted them.
    pub check: fn(&[u8]) -> bool,
    /// How many of the usual decoders one check takes as long as: a seeded run makes that many fewer rounds.
    pub cost: u64,
}

fn sample<T: Encode + Decode + PartialEq + Debug>(value: &T) -> Vec<u8> {
    let bytes = value.encode();
    assert_eq!(T::decode(&bytes).as_ref(), Ok(value), "a valid value round-trips");
    bytes
}

fn check<T: Encode + Decode>(bytes: &[u8]) -> bool {
    let Ok(value) = T::decode(bytes) else { return false };
    assert_eq!(
        value.encode(),
        bytes,
        "accepted bytes are the value's own encoding"
    );
    true
}

macro_rules! targets {
    ($($name:ident: $type:path),+ $(,)?) => {
        &[$(Target {
            name: stringify!($name),
            sample: |random| sample(&samples::$name(random)),
            check: check::<$type>,
            cost: 1,
        }),+]
    };
}

/// Targets of formats that implement [`Decode`].
const CODECS: &[Target] = targets! {
    account_record: playfair_types::account::AccountRecord,
    binder: playfair_types::binder::BinderInputs,
    boundary: playfair_types::segment::Boundary,
    certificate: playfair_types::certificate::Certificate,
    committee: playfair_types::certificate::Committee,
    envelope: playfair_types::envelope::ProofEnvelope,
    genesis_params: tape::genesis::GenesisParams,
    handover: playfair_types::certificate::Handover,
    header: playfair_types::header::Header,
    inclusion: playfair_types::inclusion::InclusionProof,
    key_record: playfair_types::account::KeyRecord,
    link: ChainLink,
    message: playfair_types::outbox::Message,
    params_record: playfair_types::state::params::ParamsRecord,
    receipt: playfair_types::receipt::Receipt,
    receipt_body: playfair_types::receipt::ReceiptBody,
    record: tape::Record,
    segment_inputs: playfair_types::segment::SegmentInputs,
    signed_call: tape::call::SignedCall,
    state_proof: StateProof,
    system_entry: tape::system_entry::SystemEntry,
    upgrade: playfair_types::rules::Upgrade,
    vk: playfair_types::vk::VerifyingKey,
    vk_set: playfair_types::vk::VkSet,
};

/// Targets with a form of their own.
const OTHERS: &[Target] = &[
    Target {
        name: "link_text",
        sample: |random| samples::link(random).to_text().into_bytes(),
        check: link_text,
        cost: 1,
    },
    Target {
        name: "tape",
        sample: tape_sample,
        check: tape_check,
        cost: 1,
    },
    Target {
        name: "state_proof_verify",
        sample: verify_sample,
        check: verify_check,
        cost: 1,
    },
    Target {
        name: "field",
        sample: |random| fr_to_bytes(&samples::field(random)).to_vec(),
        check: field_check,
        cost: 1,
    },
    Target {
        name: "point",
        sample: |random| point_sample(random).to_vec(),
        check: point_check,
        cost: 1,
    },
    Target {
        name: "signature",
        sample: |random| random.array::<64>().to_vec(),
        check: signature_check,
        cost: 1,
    },
];

/// What is read that is no format of the crate `types`.
const MODULES: &[Target] = &[Target {
    name: "module",
    sample: modules::module,
    check: modules::check,
    cost: 1,
}];

/// What proofs and provers read.
#[cfg(not(target_arch = "wasm32"))]
const PROOFS: &[Target] = &[
    Target {
        name: "constraints",
        sample: proofs::constraints_sample,
        check: proofs::constraints_check,
        cost: 20,
    },
    Target {
        name: "verify",
        sample: proofs::verify_sample,
        check: proofs::verify_check,
        cost: 20,
    },
    Target {
        name: "lowering",
        sample: modules::module,
        check: proofs::lowering_check,
        cost: 20,
    },
    Target {
        name: "circuit",
        sample: circuit::sample,
        check: circuit::check,
        cost: 250,
    },
    Target {
        name: "ptau",
        sample: setup::sample,
        check: setup::check,
        cost: 20,
    },
];
#[cfg(target_arch = "wasm32")]
const PROOFS: &[Target] = &[];

/// What nodes and pages read.
#[cfg(not(target_arch = "wasm32"))]
const NODE: &[Target] = &[
    Target {
        name: "account_key",
        sample: |random| sample(&samples::key_record(random)),
        check: owners::check,
        cost: 1,
    },
    Target {
        name: "module_bounds",
        sample: predictor::sample,
        check: predictor::check,
        cost: 1,
    },
    Target {
        name: "wallet_backup",
        sample: |random| sample(&wallet::backup(random)),
        check: check::<playfair_wallet::backup::Backup>,
        cost: 1,
    },
    Target {
        name: "sealed_block",
        sample: |random| sample(&node::sealed(random)),
        check: check::<playfair_storage::Sealed>,
        cost: 1,
    },
    Target {
        name: "job",
        sample: jobs::sample,
        check: jobs::check,
        cost: 4,
    },
    Target {
        name: "tape_log",
        sample: node::log_sample,
        check: node::log_check,
        cost: 20,
    },
    Target {
        name: "log_body",
        sample: node::body_sample,
        check: node::body_check,
        cost: 4,
    },
    Target {
        name: "proofs_note",
        sample: files::note_sample,
        check: files::note_check,
        cost: 20,
    },
    Target {
        name: "chain_file",
        sample: files::chain_sample,
        check: files::chain_check,
        cost: 40,
    },
    Target {
        name: "invited_provers",
        sample: files::access_sample,
        check: files::access_check,
        cost: 40,
    },
    Target {
        name: "invitation",
        sample: files::invite_sample,
        check: files::invite_check,
        cost: 1,
    },
    Target {
        name: "snapshot",
        sample: snapshots::sample,
        check: snapshots::check,
        cost: 40,
    },
    Target {
        name: "base",
        sample: node::base_sample,
        check: node::base_check,
        cost: 20,
    },
    Target {
        name: "committee_key",
        sample: node::key_sample,
        check: node::key_check,
        cost: 20,
    },
];
#[cfg(target_arch = "wasm32")]
const NODE: &[Target] = &[];

/// What light clients read of Ethereum.
#[cfg(not(target_arch = "wasm32"))]
const ETHEREUM: &[Target] = &[
    Target {
        name: "eth_update",
        sample: ethereum::update_sample,
        check: ethereum::update_check,
        cost: 4,
    },
    Target {
        name: "eth_bootstrap",
        sample: ethereum::bootstrap_sample,
        check: ethereum::bootstrap_check,
        cost: 4,
    },
    Target {
        name: "eth_store",
        sample: ethereum::store_sample,
        check: ethereum::store_check,
        cost: 20,
    },
    Target {
        name: "eth_block",
        sample: ethereum::block_sample,
        check: ethereum::block_check,
        cost: 1,
    },
    Target {
        name: "eth_account",
        sample: ethereum::account_sample,
        check: ethereum::account_check,
        cost: 1,
    },
    Target {
        name: "eth_slot",
        sample: ethereum::slot_sample,
        check: ethereum::slot_check,
        cost: 1,
    },
];
#[cfg(target_arch = "wasm32")]
const ETHEREUM: &[Target] = &[];

/// Every target.
pub fn all() -> impl Iterator<Item = &'static Target> {
    formats().chain(MODULES).chain(PROOFS).chain(NODE).chain(ETHEREUM)
}

/// The formats: what every machine must read and write alike.
pub fn formats() -> impl Iterator<Item = &'static Target> {
    CODECS.iter().chain(OTHERS)
}

fn link_text(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else {
        return false;
    };
    let Ok(link) = ChainLink::from_text(text) else {
        return false;
    };
    assert_eq!(link.to_text(), text, "accepted text is the link's own");
    true
}

fn tape_sample(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=random.below(3) {
        samples::record(random).encode_to(&mut bytes);
    }
    bytes
}

/// A tape is walked to its end or to where it breaks; every step takes whole frames and re-encodes.
fn tape_check(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    while reader.remaining() > 0 {
        match tape::step(&mut reader) {
            Ok((tape::Step::Record(record), taken)) => assert_eq!(record.encode(), taken),
            Ok((tape::Step::Malformed(_), taken)) => assert_eq!(taken.len() % tape::frame::FRAME_BYTES, 0),
            Err(_) => return false,
        }
    }
    true
}

/// The seed of a map and its keys, then a proof for those keys.
fn verify_sample(random: &mut Random) -> Vec<u8> {
    let seed = random.next();
    let (map, keys) = samples::small_map(&mut Random::new(seed));
    let mut bytes = seed.to_be_bytes().to_vec();
    StateProof::from_map(&map, &keys).encode_to(&mut bytes);
    bytes
}

/// Whatever is done to a proof, verifying it never panics and never shows what is not in the map.
fn verify_check(bytes: &[u8]) -> bool {
    let Some((seed, proof)) = bytes.split_first_chunk() else {
        return false;
    };
    let Ok(proof) = StateProof::decode(proof) else {
        return false;
    };
    let (map, keys) = samples::small_map(&mut Random::new(u64::from_be_bytes(*seed)));
    let root = playfair_types::state::tree::root(&map);
    match proof.verify(root, &keys) {
        Ok(values) => {
            for (key, value) in keys.iter().zip(values) {
                assert_eq!(
                    value,
                    map.get(key).copied(),
                    "a proof against the true root tells the truth"
                );
            }
            true
        }
        // Nobody may ask for no keys; everything else that is refused is a mutation.
        Err(error) => keys.is_empty() && error == ProofError::Keys,
    }
}

fn field_check(bytes: &[u8]) -> bool {
    let Ok(word) = <[u8; 32]>::try_from(bytes) else {
        return false;
    };
    fr_from_bytes(&word)
        .map(|value| assert_eq!(fr_to_bytes(&value), word))
        .is_some()
}

fn point_sample(random: &mut Random) -> [u8; 32] {
    let key = playfair_types::crypto::eddsa::SecretKey::from_seed(&random.array());
    key.public_key().to_bytes()
}

fn point_check(bytes: &[u8]) -> bool {
    let Ok(word) = <[u8; 32]>::try_from(bytes) else {
        return false;
    };
    if let Ok(key) = PublicKey::from_bytes(&word) {
        assert_eq!(key.to_bytes(), word);
        assert!(Point::from_bytes(&word).is_ok(), "a key is a point");
    }
    Point::from_bytes(&word)
        .map(|point| assert_eq!(point.to_bytes(), word))
        .is_ok()
}

fn signature_check(bytes: &[u8]) -> bool {
    let Ok(raw) = <[u8; 64]>::try_from(bytes) else {
        return false;
    };
    Signature::from_bytes(&raw)
        .map(|signature| assert_eq!(signature.to_bytes(), raw))
        .is_ok()
}
