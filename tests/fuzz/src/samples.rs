//! A random valid value of every format.

use crate::random::Random;
use playfair_types::account::{AccountId, AccountRecord, KeyRecord, L1Address, Role, SessionLimits};
use playfair_types::binder::BinderInputs;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::certificate::{Certificate, Committee, Handover};
use playfair_types::chain::Origin;
use playfair_types::crypto::babyjubjub::PublicKey;
use playfair_types::crypto::eddsa::SecretKey;
use playfair_types::crypto::field::{Fr, fr_from_bytes, low248};
use playfair_types::envelope::ProofEnvelope;
use playfair_types::header::Header;
use playfair_types::inclusion::InclusionProof;
use playfair_types::limits::CALL_GAS_MAX;
use playfair_types::link::{ChainLink, Fork, L1Anchor, OrderingAnchor};
use playfair_types::module::ModuleHash;
use playfair_types::outbox::{Content, Message};
use playfair_types::receipt::{Event, Invalid, Outcome, Receipt, ReceiptBody, Trap};
use playfair_types::rules::{FeeMode, Upgrade};
use playfair_types::segment::{Boundary, SegmentInputs};
use playfair_types::state::StateKey;
use playfair_types::state::params::ParamsRecord;
use playfair_types::state::proof::StateProof;
use playfair_types::tape::call::{Call, L1Call, RawSignature, SignedCall};
use playfair_types::tape::genesis::{GenesisParams, GenesisRecord};
use playfair_types::tape::system::{BlockRecord, Deposit, UpgradeRecord};
use playfair_types::tape::system_entry::{ModuleEntry, SystemEntry};
use playfair_types::tape::{Accumulator, Record};
use playfair_types::vk::{Setup, VerifyingKey, VkSet};
use std::collections::{BTreeMap, BTreeSet};

fn bytes<const MAX: usize>(random: &mut Random) -> Bytes<MAX> {
    Bytes::new(random.bytes(MAX)).unwrap_or_default()
}

fn u48(random: &mut Random) -> U48 {
    U48::new(random.number() & U48::MAX.get()).unwrap_or_default()
}

fn u128(random: &mut Random) -> u128 {
    u128::from(random.number()) << random.below(65) | u128::from(random.number())
}

/// A field element, often an edge.
pub fn field(random: &mut Random) -> Fr {
    match random.below(4) {
        0 => Fr::from(random.number()),
        1 => -Fr::from(1 + random.below(3)),
        _ => {
            let mut word: [u8; 32] = random.array();
            word[0] &= 0x1f;
            fr_from_bytes(&word).unwrap_or_default()
        }
    }
}

fn nonzero(value: Fr) -> Fr {
    if value == Fr::from(0u64) {
        Fr::from(1u64)
    } else {
        value
    }
}

fn account(random: &mut Random) -> AccountId {
    AccountId(random.array())
}

fn l1(random: &mut Random) -> L1Address {
    L1Address(random.array())
}

fn module(random: &mut Random) -> ModuleHash {
    ModuleHash(random.array())
}

/// One of a few public keys: making one costs a scalar multiplication.
fn public_key(random: &mut Random) -> PublicKey {
    *SecretKey::from_seed(&[random.below(4) as u8; 32]).public_key()
}

/// A key record.
pub fn key_record(random: &mut Random) -> KeyRecord {
    let role = match random.below(3) {
        0 => Role::Owner(public_key(random)),
        1 => {
            let (scope, gas_price_max) = (random.next(), random.number());
            let lanes = 1 + random.below(255) as u8;
            Role::Session(
                public_key(random),
                SessionLimits {
                    scope,
                    gas_price_max,
                    lanes,
                },
            )
        }
        _ => Role::L1Owner(l1(random)),
    };
    let expires_ms = if role.limits().lanes == 0 {
        U48::MAX
    } else {
        u48(random)
    };
    KeyRecord { role, expires_ms }
}

/// An account record.
pub fn account_record(random: &mut Random) -> AccountRecord {
    AccountRecord {
        balance: u128(random),
        next_nonces: core::array::from_fn(|_| u48(random)),
        created: random.one_in(2),
    }
}

/// A signed call; the signature is random bytes.
pub fn signed_call(random: &mut Random) -> SignedCall {
    let new_key = random.one_in(4).then(|| random.array());
    let key_index = if new_key.is_some() { 0 } else { random.next() as u8 };
    let call = Call {
        account: account(random),
        key_index,
        lane: random.below(8) as u8,
        nonce: u48(random),
        valid_until_ms: u48(random),
        gas_limit: random.number() as u32,
        gas_price: random.number(),
        entry: random.next() as u8,
        payload: bytes(random),
        new_key,
    };
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&random.array::<32>());
    signature[32..].copy_from_slice(&random.array::<32>());
    SignedCall {
        call,
        signature: RawSignature(signature),
        forced: random.one_in(2),
    }
}

fn l1_call(random: &mut Random) -> L1Call {
    L1Call {
        account: account(random),
        key_index: random.next() as u8,
        sender: l1(random),
        valid_until_ms: u48(random),
        gas_limit: random.number() as u32,
        entry: random.next() as u8,
        payload: bytes(random),
    }
}

fn fee_mode(random: &mut Random) -> (FeeMode, u64) {
    match random.below(3) {
        0 => (FeeMode::Free, 0),
        1 => (FeeMode::Paid, random.number()),
        _ => (FeeMode::Sponsored(account(random)), random.number()),
    }
}

/// Genesis parameters.
pub fn genesis_params(random: &mut Random) -> GenesisParams {
    let accounts: BTreeSet<AccountId> = (0..random.below(5)).map(|_| account(random)).collect();
    let (fee_mode, gas_price_min) = fee_mode(random);
    GenesisParams {
        module: module(random),
        gas_schedule: 1,
        time_ms: u48(random),
        fee_mode,
        gas_price_min,
        fee_recipient: account(random),
        tick_gas: random.below(u64::from(CALL_GAS_MAX) + 1) as u32,
        unproven_rows_max: random.number(),
        upgrade_authority: account(random),
        upgrade_delay_ms: random.number(),
        balances: accounts
            .into_iter()
            .map(|account| (account, 1 + u128::from(random.number())))
            .collect(),
        init: bytes(random),
    }
}

/// A genesis record, with or without L1.
pub fn genesis(random: &mut Random) -> GenesisRecord {
    let mut params = genesis_params(random);
    let origin = if random.one_in(2) {
        params.balances.clear();
        Origin {
            l1_chain_id: random.number().max(1),
            settlement: l1(random),
            salt: random.array(),
        }
    } else {
        Origin::without_l1(random.array())
    };
    GenesisRecord { origin, params }
}

/// A parameters record.
pub fn params_record(random: &mut Random) -> ParamsRecord {
    ParamsRecord::from(&genesis(random))
}

/// An announced upgrade.
pub fn upgrade(random: &mut Random) -> Upgrade {
    Upgrade {
        time_ms: u48(random),
        module: module(random),
        vk_set_root: nonzero(field(random)),
        gas_schedule: 1 + random.below(3) as u16,
        tick_gas: random.below(u64::from(CALL_GAS_MAX) + 1) as u32,
        gas_price_min: random.number(),
    }
}

/// A system entry.
pub fn system_entry(random: &mut Random) -> SystemEntry {
    match random.below(6) {
        0 => SystemEntry::SetKey {
            index: random.next() as u8,
            key: key_record(random),
        },
        1 => SystemEntry::RevokeKey {
            index: random.next() as u8,
        },
        2 => SystemEntry::Transfer {
            to: account(random),
            amount: u128(random),
        },
        3 => SystemEntry::Withdraw {
            to: l1(random),
            amount: u128(random),
        },
        4 => SystemEntry::AnnounceUpgrade(upgrade(random)),
        _ => {
            let entry =
                ModuleEntry::new(random.below(240) as u8).unwrap_or_else(|| unreachable!("below 240"));
            SystemEntry::Pay {
                entry,
                amount: u128(random),
                payload: bytes(random),
            }
        }
    }
}

/// A record of the tape.
pub fn record(random: &mut Random) -> Record {
    match random.below(8) {
        0 => Record::Genesis(Box::new(genesis(random))),
        1 => Record::Block(BlockRecord {
            height: random.number(),
            time_ms: u48(random),
            seed: random.array(),
            seed_signature: random.array(),
        }),
        2 => Record::Upgrade(UpgradeRecord(upgrade(random))),
        3 => Record::Deposit(Deposit {
            account: account(random),
            amount: u128(random),
            sender: l1(random),
            memo: random.array(),
        }),
        4 => Record::L1Call(l1_call(random)),
        _ => Record::Call(signed_call(random)),
    }
}

/// A receipt.
pub fn receipt(random: &mut Random) -> Receipt {
    let outcome = match random.below(5) {
        0 => Outcome::Ok,
        1 => Outcome::Reverted,
        2 => Outcome::Trapped(Trap::ALL[random.below(Trap::ALL.len() as u64) as usize]),
        3 => Outcome::OutOfGas,
        _ => Outcome::Invalid(Invalid::ALL[random.below(Invalid::ALL.len() as u64) as usize]),
    };
    let free = matches!(outcome, Outcome::Invalid(_));
    let (ok, reverted) = (outcome == Outcome::Ok, outcome == Outcome::Reverted);
    Receipt {
        outcome,
        gas_used: if free { 0 } else { random.number() as u32 },
        fee: if free { 0 } else { u128(random) & ((1 << 96) - 1) },
        messages: if ok { random.below(17) as u8 } else { 0 },
        frames: 1 + random.below(134) as u8,
        tape: field(random),
        output: if ok || reverted {
            field(random)
        } else {
            ReceiptBody::default().hashes().0
        },
        events: if ok { field(random) } else { Fr::from(0u64) },
    }
}

/// A receipt's body.
pub fn receipt_body(random: &mut Random) -> ReceiptBody {
    let events = (0..random.below(4))
        .map(|_| Event {
            topic: random.next() as u16,
            data: bytes(random),
        })
        .collect();
    ReceiptBody {
        output: bytes(random),
        events,
    }
}

/// An outbox message.
pub fn message(random: &mut Random) -> Message {
    let content = match random.below(2) {
        0 => Content::Withdraw {
            to: l1(random),
            amount: u128(random),
        },
        _ => Content::ToL1 {
            to: l1(random),
            payload: bytes(random),
        },
    };
    Message {
        sender: account(random),
        content,
    }
}

/// A state proof over a small map, for keys of which some are absent.
pub fn state_proof(random: &mut Random) -> StateProof {
    let (map, mut keys) = small_map(random);
    keys.retain(|_| !random.one_in(3));
    StateProof::from_map(&map, &keys)
}

/// A small map and keys in and outside it. Keys share long prefixes now and then.
pub fn small_map(random: &mut Random) -> (BTreeMap<StateKey, Fr>, Vec<StateKey>) {
    let mut keys: Vec<StateKey> = Vec::new();
    for _ in 0..random.below(12) {
        let mut key = StateKey(low248(&field(random)));
        if let (Some(last), true) = (keys.last(), random.one_in(3)) {
            key = *last;
            let at = random.below(31) as usize;
            key.0[at] ^= 1 << random.below(8);
        }
        keys.push(key);
    }
    keys.sort_unstable();
    keys.dedup();
    let mut choose = Random::new(random.next());
    let map = keys
        .iter()
        .filter(|_| !choose.one_in(3))
        .map(|key| (*key, field(random)))
        .collect();
    (map, keys)
}

/// An inclusion proof.
pub fn inclusion(random: &mut Random) -> InclusionProof {
    let items: Vec<Vec<u8>> = (0..=random.below(20)).map(|_| random.bytes(50)).collect();
    let index = random.below(items.len() as u64) as u32;
    InclusionProof::new(&items, index).unwrap_or(InclusionProof {
        index: 0,
        count: 1,
        path: Vec::new(),
    })
}

/// A boundary.
pub fn boundary(random: &mut Random) -> Boundary {
    let mut accumulator = || Accumulator {
        value: field(random),
        length: random.number(),
    };
    let (tape, outbox) = (accumulator(), accumulator());
    Boundary {
        module: module(random),
        vk_set_root: field(random),
        state_root: field(random),
        tape,
        receipts: field(random),
        outbox,
        inbox: field(random),
        inbox_records: random.number(),
        height: random.number(),
        time_ms: u48(random),
        randomness: random.array(),
        activating_ms: u48(random),
    }
}

/// Segment inputs.
pub fn segment_inputs(random: &mut Random) -> SegmentInputs {
    SegmentInputs {
        chain_id: field(random),
        payout: l1(random),
        work: random.number(),
        before: boundary(random),
        after: boundary(random),
    }
}

/// A header.
pub fn header(random: &mut Random) -> Header {
    Header {
        chain_id: field(random),
        parent: random.array(),
        tape_before: field(random),
        records: 1 + random.below(1000) as u32,
        after: boundary(random),
        calls_root: random.array(),
        receipts_root: random.array(),
    }
}

/// A certificate.
pub fn certificate(random: &mut Random) -> Certificate {
    let view = random.number().max(1);
    let signature = random.array();
    Certificate {
        epoch: random.number(),
        view,
        parent_view: random.below(view),
        payload: random.array(),
        signature,
    }
}

/// A committee.
pub fn committee(random: &mut Random) -> Committee {
    let members = 1 + random.below(200) as u16;
    let public_key = random.array();
    Committee {
        epoch: random.number(),
        public_key,
        members,
        threshold: members - (members - 1) / 3,
    }
}

/// A handover.
pub fn handover(random: &mut Random) -> Handover {
    let old = Committee {
        epoch: random.number() >> 1,
        ..committee(random)
    };
    let new = Committee {
        epoch: old.epoch + 1,
        ..committee(random)
    };
    Handover {
        old,
        last_height: random.number(),
        last_digest: random.array(),
        new,
        signature: random.array(),
    }
}

/// Binder inputs.
pub fn binder(random: &mut Random) -> BinderInputs {
    let frames = random.number().max(1);
    BinderInputs {
        before: field(random),
        after: field(random),
        frames,
        x: field(random),
        y: field(random),
    }
}

/// A verifying key.
pub fn vk(random: &mut Random) -> VerifyingKey {
    let mut points = |most: u64| {
        (0..random.below(most))
            .map(|_| (!random.one_in(4)).then(|| (random.next().into(), random.next().into())))
            .collect()
    };
    let (fixed, permutation) = (points(12), points(4));
    VerifyingKey {
        module: module(random),
        shape: random.below(16) as u8,
        k: random.below(29) as u8,
        setup: if random.one_in(2) {
            Setup::InsecureDevelopment
        } else {
            Setup::PowersOfTau
        },
        fixed,
        permutation,
        transcript: field(random),
    }
}

/// A set of verifying keys.
pub fn vk_set(random: &mut Random) -> VkSet {
    VkSet {
        digests: core::array::from_fn(|_| random.one_in(3).then(|| Fr::from(1 + (random.number() >> 1)))),
    }
}

/// An envelope.
pub fn envelope(random: &mut Random) -> ProofEnvelope {
    ProofEnvelope {
        vk: field(random),
        inputs: segment_inputs(random),
        proof: bytes(random),
    }
}

/// A chain link.
pub fn link(random: &mut Random) -> ChainLink {
    let l1 = (!random.one_in(3)).then(|| L1Anchor {
        chain_id: random.number(),
        settlement: l1(random),
        settlement_code_hash: random.array(),
        genesis_validators_root: random.array(),
        genesis_time_s: random.number(),
        slot_ms: 1 + random.below(20_000) as u16,
        forks: (0..=random.below(15))
            .map(|at| Fork {
                id: at as u8,
                version: random.array(),
                epoch: at / 2,
            })
            .collect(),
        checkpoint_root: random.array(),
        checkpoint_slot: random.number(),
    });
    let committee = (l1.is_none() || random.one_in(2)).then(|| OrderingAnchor {
        ordering_id: field(random),
        committee: committee(random),
    });
    ChainLink {
        chain_id: field(random),
        module: module(random),
        vk_set_root: field(random),
        l1,
        committee,
    }
}
