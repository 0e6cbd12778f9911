//! The committed vectors of every format, and the proof that they have not drifted.
//!
//! `tests/fixtures/formats-v1.txt` holds one `name hex` pair a line. This test makes them anew and compares. A second
//! look guards the file itself: its SHA-256 stands here, so that regenerating it (`cargo xtask bless`) still fails
//! until somebody has changed this line on purpose, which means: a new version of the formats.
//! The worked examples of docs/FORMATS.md are the same vectors, wrapped one limb a line.

use playfair_types::account::{AccountId, AccountRecord, KeyRecord, L1Address, Role, SessionLimits};
use playfair_types::binder::{BatchPlace, BinderInputs, Stream};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::certificate::{Certificate, Committee, Handover};
use playfair_types::chain::{Origin, block_randomness, seed_of};
use playfair_types::codec::{Decode, Encode};
use playfair_types::crypto::eddsa::SecretKey;
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::envelope::ProofEnvelope;
use playfair_types::hash::{Tag, hash, node};
use playfair_types::header::Header;
use playfair_types::inclusion::{self, InclusionProof};
use playfair_types::link::{ChainLink, Fork, L1Anchor, OrderingAnchor};
use playfair_types::module::ModuleHash;
use playfair_types::outbox::{Content, Message};
use playfair_types::receipt::{Event, Invalid, Outcome, Receipt, ReceiptBody, Trap};
use playfair_types::rules::{FeeMode, Upgrade};
use playfair_types::segment::{Boundary, SegmentInputs};
use playfair_types::state::params::ParamsRecord;
use playfair_types::state::proof::StateProof;
use playfair_types::state::{StateKey, SystemKey, leaf, tree, value_hash};
use playfair_types::tape::call::{Call, L1Call};
use playfair_types::tape::genesis::{GenesisParams, GenesisRecord};
use playfair_types::tape::system::{BlockRecord, Deposit, UpgradeRecord};
use playfair_types::tape::system_entry::{ModuleEntry, SystemEntry};
use playfair_types::tape::{Accumulator, Record};
use playfair_types::vk::{Setup, VerifyingKey, VkSet};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// SHA-256 of `formats-v1.txt`. Version 1 is frozen: a change here changes every verifying key and every signature.
const FORMATS_V1_SHA256: &str = "fc10ecacbffb3fa51fad582d0326ae2ab7e2a1e68431ed8bead5596778c73efe";

/// Vectors that the guide shows, in its order, with what they are.
const SHOWN: &[(&str, &str)] = &[
    ("poseidon.node", "`node(1, 2)`, circomlib's `poseidon([1, 2])`"),
    ("poseidon.hash.value.empty", "value hash of the empty value"),
    ("key.public", "public key of the secret key `0101...01`, packed"),
    ("account.id", "its account"),
    (
        "chain.id",
        "id of a chain without L1, module hash and salt `0202...02`",
    ),
    (
        "call.record",
        "a chess move: entry 1, payload game 1 and move `0x0314`; one limb a line",
    ),
    ("call.message", "its signed message"),
    ("record.block", "a block record; one limb a line"),
    (
        "tape.accumulator",
        "the tape accumulator after genesis, block and call",
    ),
    ("state.key.user", "the state key of the user key `game/1`"),
    ("state.leaf", "its leaf with the empty value"),
    (
        "account.record",
        "an account record: balance 5, lane 0 at 1, created",
    ),
];

struct Vectors(Vec<(&'static str, Vec<u8>)>);

impl Vectors {
    fn field(&mut self, name: &'static str, value: Fr) {
        self.0.push((name, fr_to_bytes(&value).to_vec()));
    }

    /// A value that must also come back from its bytes.
    fn value<T: Encode + Decode + PartialEq + std::fmt::Debug>(&mut self, name: &'static str, value: &T) {
        let bytes = value.encode();
        assert_eq!(T::decode(&bytes).as_ref(), Ok(value), "{name} round-trips");
        self.0.push((name, bytes));
    }

    fn bytes(&mut self, name: &'static str, bytes: &[u8]) {
        self.0.push((name, bytes.to_vec()));
    }
}

fn upgrade() -> Upgrade {
    Upgrade {
        time_ms: U48::new(1_800_600_000_000).expect("48 bits"),
        module: ModuleHash([5; 31]),
        vk_set_root: Fr::from(6u64),
        gas_schedule: 2,
        tick_gas: 5_000,
        gas_price_min: 3,
    }
}

fn session() -> SessionLimits {
    SessionLimits {
        scope: 0b1011,
        gas_price_max: 9,
        lanes: 0b1110,
    }
}

fn genesis() -> GenesisRecord {
    GenesisRecord {
        origin: Origin::without_l1([2; 31]),
        params: params(),
    }
}

fn genesis_l1() -> GenesisRecord {
    let origin = Origin {
        l1_chain_id: 1,
        settlement: L1Address([9; 20]),
        salt: [2; 31],
    };
    GenesisRecord {
        origin,
        params: GenesisParams {
            balances: Vec::new(),
            ..params()
        },
    }
}

fn params() -> GenesisParams {
    GenesisParams {
        module: ModuleHash([2; 31]),
        gas_schedule: 1,
        time_ms: U48::new(1_800_000_000_000).expect("48 bits"),
        fee_mode: FeeMode::Free,
        gas_price_min: 0,
        fee_recipient: AccountId::NONE,
        tick_gas: 0,
        unproven_rows_max: 1 << 30,
        upgrade_authority: AccountId([3; 20]),
        upgrade_delay_ms: 604_800_000,
        balances: vec![(AccountId([4; 20]), 1_000_000)],
        init: Bytes::default(),
    }
}

fn vectors() -> Vectors {
    let mut v = Vectors(Vec::new());
    hashes(&mut v);
    let chain_id = identities(&mut v);
    let accumulator = tape(&mut v, chain_id);
    state(&mut v);
    outputs(&mut v, accumulator.value, chain_id);
    history(&mut v, accumulator, chain_id);
    v
}

fn hashes(v: &mut Vectors) {
    v.field("poseidon.node", node(Fr::from(1u64), Fr::from(2u64)));
    v.field("poseidon.hash.value.empty", value_hash(&[]));
    for tag in Tag::ALL {
        v.field(
            tag.name(),
            hash(
                tag,
                &[
                    Fr::from(1u64),
                    Fr::from(2u64),
                    Fr::from(3u64),
                    Fr::from(4u64),
                    Fr::from(5u64),
                ],
            ),
        );
    }
}

fn identities(v: &mut Vectors) -> Fr {
    let secret = SecretKey::from_seed(&[1; 32]);
    v.bytes("key.public", &secret.public_key().to_bytes());
    v.bytes("key.signature.of.5", &secret.sign(Fr::from(5u64)).to_bytes());
    v.bytes("account.id", &AccountId::from_key(secret.public_key()).0);
    v.bytes("account.id.l1", &AccountId::from_l1(L1Address([9; 20])).0);
    let mut next_nonces = [U48::default(); 8];
    next_nonces[0] = 1u32.into();
    v.value(
        "account.record",
        &AccountRecord {
            balance: 5,
            next_nonces,
            created: true,
        },
    );
    let expires_ms = U48::MAX;
    let key = *secret.public_key();
    v.value(
        "key.record.owner",
        &KeyRecord {
            role: Role::Owner(key),
            expires_ms,
        },
    );
    v.value(
        "key.record.session",
        &KeyRecord {
            role: Role::Session(key, session()),
            expires_ms,
        },
    );
    v.value(
        "key.record.l1",
        &KeyRecord {
            role: Role::L1Owner(L1Address([9; 20])),
            expires_ms,
        },
    );
    v.bytes("module.hash", &ModuleHash::of(b"original", b"instrumented", 1).0);
    v.value("genesis.params", &params());
    v.field("genesis.hash", params().hash());
    v.value("record.genesis", &Record::Genesis(Box::new(genesis())));
    v.value("record.genesis.l1", &Record::Genesis(Box::new(genesis_l1())));
    v.value("params.record", &ParamsRecord::from(&genesis()));
    v.value("params.record.l1", &ParamsRecord::from(&genesis_l1()));
    v.value("upgrade.record", &upgrade());
    v.field("chain.id.l1", genesis_l1().chain_id());
    let chain_id = genesis().chain_id();
    v.field("chain.id", chain_id);
    v.bytes("block.randomness", &block_randomness(chain_id, 1, &[0; 31]));
    chain_id
}

fn tape(v: &mut Vectors, chain_id: Fr) -> Accumulator {
    let secret = SecretKey::from_seed(&[1; 32]);
    let mut payload = 1u64.to_be_bytes().to_vec();
    payload.extend([0x03, 0x14]);
    let call = Call {
        account: AccountId::from_key(secret.public_key()),
        key_index: 0,
        lane: 0,
        nonce: 1u32.into(),
        valid_until_ms: U48::new(1_800_000_060_000).expect("48 bits"),
        gas_limit: 50_000,
        gas_price: 0,
        entry: 1,
        payload: Bytes::new(payload).expect("fits"),
        new_key: None,
    };
    let block = BlockRecord {
        height: 1,
        time_ms: U48::new(1_800_000_000_100).expect("48 bits"),
        seed: [0; 31],
        seed_signature: [0; 48],
    };
    let signed = call.clone().sign(chain_id, &secret);
    v.field("call.message", call.message(chain_id));
    let records = [
        Record::Genesis(Box::new(genesis())),
        Record::Block(block),
        Record::Call(signed.clone()),
    ];
    let mut accumulator = Accumulator::start(Tag::Tape, chain_id);
    for record in &records {
        accumulator.absorb_frames(&record.encode()).expect("whole frames");
    }
    let [_, block_record, call_record] = &records;
    v.value("record.block", block_record);
    v.value("call.record", call_record);
    v.field("tape.accumulator", accumulator.value);

    let long = Bytes::new((0..200u8).collect::<Vec<_>>()).expect("fits");
    let new_key = Call {
        new_key: Some(secret.public_key().to_bytes()),
        payload: long.clone(),
        ..call
    };
    v.field("call.new-key.message", new_key.message(chain_id));
    let mut forced = new_key.sign(chain_id, &secret);
    forced.forced = true;
    v.value("call.new-key.forced.record", &Record::Call(forced));
    let l1_call = L1Call {
        account: AccountId([7; 20]),
        key_index: 3,
        sender: L1Address([9; 20]),
        valid_until_ms: U48::MAX,
        gas_limit: 60_000,
        entry: 2,
        payload: long,
    };
    v.value("record.l1-call", &Record::L1Call(l1_call));
    let deposit = Deposit {
        account: AccountId([7; 20]),
        amount: 1 << 100,
        sender: L1Address([9; 20]),
        memo: [0x6d; 31],
    };
    v.value("record.deposit", &Record::Deposit(deposit));
    v.value("record.upgrade", &Record::Upgrade(UpgradeRecord(upgrade())));
    let key = KeyRecord {
        role: Role::Session(*secret.public_key(), session()),
        expires_ms: U48::MAX,
    };
    v.value("system.set-key", &SystemEntry::SetKey { index: 1, key });
    v.value("system.revoke-key", &SystemEntry::RevokeKey { index: 1 });
    v.value(
        "system.transfer",
        &SystemEntry::Transfer {
            to: AccountId([7; 20]),
            amount: 3,
        },
    );
    v.value(
        "system.withdraw",
        &SystemEntry::Withdraw {
            to: L1Address([9; 20]),
            amount: 3,
        },
    );
    v.value("system.announce", &SystemEntry::AnnounceUpgrade(upgrade()));
    let (entry, payload) = (
        ModuleEntry::new(2).expect("the module's"),
        Bytes::new([1, 2, 3]).expect("fits"),
    );
    v.value(
        "system.pay",
        &SystemEntry::Pay {
            entry,
            amount: 3,
            payload,
        },
    );
    accumulator
}

fn state(v: &mut Vectors) {
    let user = StateKey::of_user(&Bytes::new(*b"game/1").expect("fits"));
    v.bytes("state.key.user", &user.0);
    let system = [
        ("state.key.account", SystemKey::Account(AccountId([7; 20]))),
        ("state.key.key", SystemKey::Key(AccountId([7; 20]), 1)),
        ("state.key.params", SystemKey::Params),
        ("state.key.upgrade", SystemKey::Upgrade),
    ];
    let mut map = BTreeMap::from([(user, value_hash(&[]))]);
    for (name, key) in system {
        let key = StateKey::of_system(key);
        v.bytes(name, &key.0);
        map.insert(key, value_hash(name.as_bytes()));
    }
    v.field("state.value.100", value_hash(&[0xab; 100]));
    v.field("state.leaf", leaf(&user, value_hash(&[])));
    v.field("state.root", tree::root(&map));
    let mut asked = vec![user, StateKey::of_user(&Bytes::new(*b"game/2").expect("fits"))];
    asked.sort_unstable();
    let proof = StateProof::from_map(&map, &asked);
    assert!(proof.verify(tree::root(&map), &asked).is_ok());
    v.value("state.proof", &proof);
}

fn outputs(v: &mut Vectors, tape: Fr, chain_id: Fr) {
    let event = Event {
        topic: 3,
        data: Bytes::new([1, 2, 3]).expect("fits"),
    };
    v.field("event.hash", event.hash());
    let body = ReceiptBody {
        output: Bytes::new(*b"ok").expect("fits"),
        events: vec![event.clone(), event],
    };
    v.value("receipt.body", &body);
    let (output, events) = body.hashes();
    let silent = ReceiptBody::default().hashes().0;
    let receipt = |outcome, gas_used, messages| Receipt {
        outcome,
        gas_used,
        fee: u128::from(gas_used) * 7,
        messages,
        frames: 1,
        tape,
        output: if matches!(outcome, Outcome::Ok | Outcome::Reverted) {
            output
        } else {
            silent
        },
        events: if outcome == Outcome::Ok {
            events
        } else {
            Fr::from(0u64)
        },
    };
    let mut receipts = Accumulator::start(Tag::Receipts, chain_id);
    for (name, receipt) in [
        ("receipt.ok", receipt(Outcome::Ok, 40_000, 2)),
        ("receipt.reverted", receipt(Outcome::Reverted, 30_000, 0)),
        (
            "receipt.trapped",
            receipt(Outcome::Trapped(Trap::DivisionByZero), 20_000, 0),
        ),
        ("receipt.out-of-gas", receipt(Outcome::OutOfGas, 50_000, 0)),
        ("receipt.invalid", receipt(Outcome::Invalid(Invalid::Nonce), 0, 0)),
    ] {
        v.value(name, &receipt);
        receipts.absorb(&receipt.elements());
    }
    v.field("receipts.accumulator", receipts.value);
    let payload = Bytes::new(vec![6; 130]).expect("fits");
    let content = Content::Withdraw {
        to: L1Address([9; 20]),
        amount: 12,
    };
    v.value(
        "message.withdraw",
        &Message {
            sender: AccountId([7; 20]),
            content,
        },
    );
    let content = Content::ToL1 {
        to: L1Address([9; 20]),
        payload,
    };
    v.value(
        "message.to-l1",
        &Message {
            sender: AccountId::MODULE,
            content,
        },
    );
}

fn history(v: &mut Vectors, accumulator: Accumulator, chain_id: Fr) {
    let before = Boundary::before_genesis(chain_id, ModuleHash([2; 31]));
    v.value("boundary.before-genesis", &before);
    let after = Boundary {
        tape: accumulator,
        height: 1,
        state_root: Fr::from(8u64),
        ..before
    };
    let inputs = SegmentInputs {
        chain_id,
        payout: L1Address([9; 20]),
        work: 12_345,
        before,
        after,
    };
    v.value("segment.inputs", &inputs);
    let fields: Vec<u8> = inputs.to_fields().iter().flat_map(fr_to_bytes).collect();
    v.bytes("segment.instances", &fields);
    let items: Vec<Vec<u8>> = (0..5u8).map(|item| vec![item; 3]).collect();
    v.bytes("inclusion.root", &inclusion::root(&items));
    v.value(
        "inclusion.proof",
        &InclusionProof::new(&items, 3).expect("in the list"),
    );
    let (calls_root, receipts_root) = (inclusion::root(&items), inclusion::root(&items[..2]));
    let header = Header {
        chain_id,
        parent: [8; 32],
        tape_before: before.tape.value,
        records: 5,
        after,
        calls_root,
        receipts_root,
    };
    v.value("header", &header);
    v.bytes("header.digest", &header.digest());
    let certificate = Certificate {
        epoch: 0,
        view: 300,
        parent_view: 299,
        payload: header.digest(),
        signature: [0xc5; 48],
    };
    v.value("certificate", &certificate);
    v.bytes("certificate.signed", &certificate.signed_bytes(chain_id));
    v.bytes("certificate.seed-signed", &certificate.seed_bytes(chain_id));
    v.bytes("seed", &seed_of(&[0xc5; 48]));
    let committee = Committee {
        epoch: 1,
        public_key: [0xa7; 96],
        members: 4,
        threshold: 3,
    };
    v.value("committee", &committee);
    let old = Committee {
        epoch: 0,
        ..committee
    };
    let handover = Handover {
        old,
        last_height: 9,
        last_digest: [8; 32],
        new: committee,
        signature: [0xc5; 48],
    };
    v.value("handover", &handover);
    v.bytes("handover.signed", &handover.signed_bytes(chain_id));
    let place = BatchPlace {
        l1_chain_id: 31_337,
        settlement: L1Address([9; 20]),
        chain_id,
        index: 4,
    };
    let data: Vec<u8> = (0..248).map(|byte| byte as u8).collect();
    let bound = BinderInputs::of(&place, Stream::Tape, before.tape.value, &data).expect("whole frames");
    v.value("binder.inputs", &bound);
    let key = VerifyingKey {
        module: ModuleHash([2; 31]),
        shape: 1,
        k: 15,
        setup: Setup::InsecureDevelopment,
        fixed: vec![Some((1u64.into(), 2u64.into())), None],
        permutation: vec![Some((1u64.into(), 2u64.into()))],
        transcript: Fr::from(99u64),
    };
    v.value("vk", &key);
    v.field("vk.digest", key.digest());
    let mut set = VkSet::default();
    set.digests[1] = Some(key.digest());
    v.value("vk.set", &set);
    v.field("vk.set-root", set.root());
    let proof = Bytes::new([0xee; 40]).expect("fits");
    v.value(
        "envelope",
        &ProofEnvelope {
            vk: key.digest(),
            inputs,
            proof,
        },
    );
    let l1 = L1Anchor {
        chain_id: 1,
        settlement: L1Address([9; 20]),
        settlement_code_hash: [10; 32],
        genesis_validators_root: [11; 32],
        genesis_time_s: 1_606_824_023,
        slot_ms: 12_000,
        forks: vec![
            Fork {
                id: 4,
                version: [4, 0, 0, 0],
                epoch: 269_568,
            },
            Fork {
                id: 5,
                version: [5, 0, 0, 0],
                epoch: 364_032,
            },
        ],
        checkpoint_root: [12; 32],
        checkpoint_slot: 12_000_000,
    };
    let link = ChainLink {
        chain_id,
        module: ModuleHash([2; 31]),
        vk_set_root: set.root(),
        l1: Some(l1),
        committee: Some(OrderingAnchor {
            ordering_id: chain_id,
            committee,
        }),
    };
    v.value("link", &link);
    v.bytes("link.text", link.to_text().as_bytes());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn root_file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Compares a file with what it should hold, or writes it when blessing.
fn compare(path: &str, found: &str, wanted: &str) {
    if found == wanted {
        return;
    }
    if std::env::var_os("PLAYFAIR_BLESS").is_some() {
        std::fs::write(root_file(path), wanted).expect("writing the blessed file");
        return;
    }
    let line = found.lines().zip(wanted.lines()).find(|(old, new)| old != new);
    panic!(
        "{path} differs from what the code makes; first difference: {line:?}. A frozen format has drifted."
    );
}

#[test]
fn vectors_are_the_committed_ones() {
    let path = "tests/fixtures/formats-v1.txt";
    let wanted = vectors().0.iter().fold(String::new(), |mut text, (name, bytes)| {
        let _ = writeln!(text, "{name} {}", hex(bytes));
        text
    });
    compare(
        path,
        &std::fs::read_to_string(root_file(path)).unwrap_or_default(),
        &wanted,
    );
    let digest = hex(&Sha256::digest(wanted.as_bytes()));
    assert_eq!(
        digest, FORMATS_V1_SHA256,
        "the formats are frozen: see this file's first lines"
    );
}

#[test]
fn the_guide_shows_the_same_vectors() {
    const START: &str = "<!-- examples -->\n";
    const END: &str = "<!-- /examples -->";
    let vectors = vectors();
    let mut section = String::new();
    for (name, about) in SHOWN {
        let (_, bytes) = vectors
            .0
            .iter()
            .find(|(known, _)| known == name)
            .expect("a vector of that name");
        let width = if bytes.len().is_multiple_of(31) { 31 } else { 48 };
        let lines: Vec<String> = bytes.chunks(width).map(hex).collect();
        let _ = write!(section, "\n**{name}**: {about}\n```\n{}\n```\n", lines.join("\n"));
    }
    section.push('\n');
    let path = "docs/FORMATS.md";
    let guide = std::fs::read_to_string(root_file(path)).expect("the guide");
    let (head, rest) = guide.split_once(START).expect("the start mark");
    let (_, tail) = rest.split_once(END).expect("the end mark");
    compare(path, &guide, &format!("{head}{START}{section}{END}{tail}"));
}
