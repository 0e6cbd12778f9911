//! Kinds of records, reasons of invalid calls and ends of runs, one by one.

use crate::common::{
    Chain, Guest, LEAST, Player, START_MS, Scripted, Segment, chain_of, genesis_record, module,
};
use playfair_abi::export::Export;
use playfair_abi::host::HostFunction as H;
use playfair_machine::engine::End as Ended;
use playfair_types::Encode;
use playfair_types::account::{AccountId, KeyRecord, L1Address, Role, SessionLimits};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::chain::Origin;
use playfair_types::crypto::babyjubjub::BASE8;
use playfair_types::receipt::{Invalid, Outcome};
use playfair_types::rules::{FeeMode, Upgrade};
use playfair_types::tape::Record;
use playfair_types::tape::call::{Call, L1Call};
use playfair_types::tape::system::UpgradeRecord;
use playfair_types::tape::system_entry::SystemEntry;
use playfair_types::{Fr, crypto::field::fr_to_bytes};

/// A module that returns its payload.
fn echo() -> Scripted {
    let body = |guest: &mut Guest| -> Result<(), Ended> {
        let payload = guest.payload()?;
        let shown = payload.len().min(1024);
        guest.host(H::Output, &[0, shown as u64]).map(drop)
    };
    Scripted::default()
        .with(module(1), Export::Call, body)
        .with(module(1), Export::Init, body)
        .with(module(2), Export::Call, body)
}

/// Proves these records in one segment.
fn prove(chain: &mut Chain, records: Vec<Vec<u8>>) -> Vec<Outcome> {
    let mut segment = Segment::start(chain, echo());
    let outcomes = records
        .into_iter()
        .map(|record| segment.push(chain, record).receipt.outcome);
    let outcomes = outcomes.collect();
    segment.end(chain);
    segment.prove();
    outcomes
}

fn one(chain: &mut Chain, record: Vec<u8>) -> Outcome {
    prove(chain, vec![record])[0]
}

fn started() -> (Chain, Player) {
    let mut chain = chain_of(&genesis_record(FeeMode::Paid, true), echo());
    let player = Player::new(0);
    chain.deposit(player.id, 1 << 70);
    chain.call(&player, player.first(1, &[]));
    (chain, player)
}

#[test]
fn genesis_with_balances_and_init() {
    let mut genesis = genesis_record(FeeMode::Paid, false);
    genesis.origin = Origin::without_l1([3; 31]);
    genesis.params.balances = (0..9u8)
        .map(|id| (AccountId([id; 20]), u128::from(id) + 1))
        .collect();
    genesis.params.init = Bytes::new(vec![7; 133]).expect("short");
    let mut chain = Chain::before_genesis(&genesis, echo());
    assert_eq!(one(&mut chain, genesis.encode()), Outcome::Ok);
    let player = Player::new(1);
    let block = Record::Block(chain.block_record(5)).encode();
    assert_eq!(one(&mut chain, block), Outcome::Ok);
    let call = chain.signed(
        Call {
            gas_price: LEAST,
            ..player.first(1, &[])
        },
        &player.key,
    );
    assert_eq!(one(&mut chain, call), Outcome::Invalid(Invalid::Funds));
}

#[test]
fn payloads_of_every_length() {
    let (mut chain, player) = started();
    let mut nonce = 1;
    for length in [
        0, 1, 7, 8, 9, 10, 11, 17, 18, 41, 100, 133, 134, 135, 500, 1500, 4096,
    ] {
        let payload: Vec<u8> = (0..length).map(|place| place as u8 ^ 0x5a).collect();
        let call = chain.signed(player.call(nonce, 1, &payload), &player.key);
        assert_eq!(one(&mut chain, call.clone()), Outcome::Ok, "{length} bytes");
        nonce += 1;
        let held = 10 + (call.len() - 124);
        if length < held as i32 {
            let mut dirty = chain.signed(player.call(nonce, 1, &payload), &player.key);
            *dirty.last_mut().expect("a byte") = 1;
            assert_eq!(
                one(&mut chain, dirty),
                Outcome::Invalid(Invalid::Encoding),
                "{length} bytes"
            );
        }
    }
}

#[test]
fn encodings() {
    let (mut chain, player) = started();
    let good = chain.signed(player.call(1, 1, &[]), &player.key);
    let encoding = Outcome::Invalid(Invalid::Encoding);
    let with = |at: usize, bytes: &[u8]| {
        let mut record = good.clone();
        record[at..at + bytes.len()].copy_from_slice(bytes);
        record
    };
    // S is l or more, R's spare bit, y = r, lanes.
    assert_eq!(one(&mut chain, with(2, &[0x20])), encoding);
    assert_eq!(one(&mut chain, with(1, &[good[1] | 0x40])), encoding);
    let modulus = {
        let mut bytes = fr_to_bytes(&-Fr::from(1u64));
        bytes[31] += 1;
        bytes
    };
    let mut record = with(1, &modulus[..1]);
    record[31..62].copy_from_slice(&modulus[1..]);
    assert_eq!(one(&mut chain, record), encoding);
    assert_eq!(one(&mut chain, with(24, &[8])), encoding);
    // The sign of x = 0: y = 1; without the sign it is the identity, and no signature.
    let mut zero = good.clone();
    zero[1] = 0x80;
    zero[31..62].copy_from_slice(&[0; 31]);
    zero[61] = 1;
    assert_eq!(one(&mut chain, zero.clone()), encoding);
    zero[1] = 0;
    assert_eq!(one(&mut chain, zero), Outcome::Invalid(Invalid::Signature));
    // R on the curve or not: half of all y each.
    let mut seen = [false; 2];
    for y in 2..12 {
        let mut record = good.clone();
        record[1] = 0;
        record[31..62].copy_from_slice(&[0; 31]);
        record[61] = y;
        let outcome = one(&mut chain, record);
        assert!(outcome == encoding || outcome == Outcome::Invalid(Invalid::Signature));
        seen[usize::from(outcome == encoding)] = true;
    }
    assert_eq!(seen, [true; 2]);
    assert_eq!(one(&mut chain, good), Outcome::Ok);
}

#[test]
fn new_keys() {
    let (mut chain, _) = started();
    let player = Player::new(7);
    chain.deposit(player.id, 1 << 70);
    let encoding = Outcome::Invalid(Invalid::Encoding);
    let first = |key: [u8; 32], index: u8| Call {
        new_key: Some(key),
        key_index: index,
        ..player.call(0, 1, &[])
    };
    let key = player.key.public_key().to_bytes();
    let identity = fr_to_bytes(&Fr::from(1u64));
    let order2 = fr_to_bytes(&-Fr::from(1u64));
    // A point of the curve outside the subgroup: y of a key, with x negated twice and a point of order two added: (-x, -y).
    let outside = {
        let (x, y) = (-BASE8.x(), -BASE8.y());
        playfair_types::crypto::babyjubjub::Point::from_xy(x, y)
            .expect("on the curve")
            .to_bytes()
    };
    for bad in [identity, order2, outside, [0x40; 32], [0xff; 32]] {
        let record = chain.signed(first(bad, 0), &player.key);
        assert_eq!(one(&mut chain, record), encoding);
    }
    let record = chain.signed(first(key, 1), &player.key);
    assert_eq!(one(&mut chain, record), encoding);
    let mut padded = chain.signed(first(key, 0), &player.key);
    padded[124 + 40] = 1;
    assert_eq!(one(&mut chain, padded), encoding);
    // Somebody else's key, no account yet, then its own, then again.
    let other = Player::new(8);
    let record = chain.signed(first(other.key.public_key().to_bytes(), 0), &other.key);
    assert_eq!(one(&mut chain, record), Outcome::Invalid(Invalid::Account));
    let record = chain.signed(player.call(0, 1, &[]), &player.key);
    assert_eq!(one(&mut chain, record), Outcome::Invalid(Invalid::Account));
    let record = chain.signed(first(key, 0), &other.key);
    assert_eq!(one(&mut chain, record), Outcome::Invalid(Invalid::Signature));
    let record = chain.signed(first(key, 0), &player.key);
    assert_eq!(prove(&mut chain, vec![record.clone(), record])[0], Outcome::Ok);
}

#[test]
fn keys_sessions_and_l1() {
    let (mut chain, player) = started();
    let session = Player::new(9);
    let limits = SessionLimits {
        scope: 2,
        gas_price_max: LEAST,
        lanes: 4,
    };
    let expires = U48::new(START_MS + 5000).expect("48 bits");
    let key = KeyRecord {
        role: Role::Session(*session.key.public_key(), limits),
        expires_ms: expires,
    };
    let l1 = L1Address([0xab; 20]);
    let owner = KeyRecord {
        role: Role::L1Owner(l1),
        expires_ms: U48::MAX,
    };
    let own = KeyRecord::owner(*session.key.public_key());
    let entries = [
        SystemEntry::SetKey { index: 3, key },
        SystemEntry::SetKey { index: 0, key },
        SystemEntry::SetKey { index: 4, key: owner },
        SystemEntry::SetKey { index: 5, key: own },
        SystemEntry::RevokeKey { index: 9 },
        SystemEntry::RevokeKey { index: 0 },
        SystemEntry::RevokeKey { index: 5 },
    ];
    let records: Vec<_> = (1..)
        .zip(&entries)
        .map(|(nonce, entry)| chain.signed(player.system(nonce, entry), &player.key))
        .collect();
    let (ok, reverted) = (Outcome::Ok, Outcome::Reverted);
    assert_eq!(
        prove(&mut chain, records),
        [ok, reverted, ok, ok, reverted, reverted, ok]
    );

    let call = |nonce, entry, lane| Call {
        key_index: 3,
        lane,
        ..player.call(nonce, entry, &[])
    };
    let by_session = |call| chain.signed(call, &session.key);
    let records = vec![
        by_session(call(0, 1, 2)),
        by_session(call(0, 1, 1)),
        by_session(call(1, 2, 2)),
        by_session(call(1, 240, 2)),
        by_session(Call {
            gas_price: LEAST + 1,
            ..call(1, 1, 2)
        }),
        by_session(Call {
            valid_until_ms: U48::new(1).expect("48 bits"),
            ..call(1, 1, 2)
        }),
        by_session(Call {
            key_index: 4,
            ..call(1, 1, 2)
        }),
        by_session(Call {
            key_index: 77,
            ..call(1, 1, 2)
        }),
        Record::L1Call(L1Call {
            account: player.id,
            key_index: 4,
            sender: l1,
            valid_until_ms: U48::MAX,
            gas_limit: 100_000,
            entry: 1,
            payload: Bytes::new(vec![1; 50]).expect("short"),
        })
        .encode(),
    ];
    let invalid = Outcome::Invalid;
    let scope = invalid(Invalid::Scope);
    let wanted = [
        ok,
        scope,
        scope,
        scope,
        scope,
        invalid(Invalid::Expired),
        invalid(Invalid::Key),
        invalid(Invalid::Key),
        ok,
    ];
    assert_eq!(prove(&mut chain, records), wanted);
    let mut late = vec![Record::Block(chain.block_record(6000)).encode()];
    late.push(chain.signed(
        Call {
            key_index: 3,
            lane: 2,
            ..player.call(1, 1, &[])
        },
        &session.key,
    ));
    assert_eq!(prove(&mut chain, late)[1], scope);
}

#[test]
fn upgrades() {
    let (mut chain, player) = started();
    let upgrade = Upgrade {
        time_ms: U48::new(chain.boundary().time_ms.get() + 2000).expect("48 bits"),
        module: module(2),
        vk_set_root: Fr::from(77u64),
        gas_schedule: 2,
        tick_gas: 0,
        gas_price_min: 9,
    };
    let early = Upgrade {
        time_ms: U48::new(chain.boundary().time_ms.get() + 1000).expect("48 bits"),
        ..upgrade
    };
    let records = [early, upgrade];
    let records = (1..).zip(records).map(|(nonce, upgrade)| {
        chain.signed(
            player.system(nonce, &SystemEntry::AnnounceUpgrade(upgrade)),
            &player.key,
        )
    });
    let records = records.collect();
    assert_eq!(prove(&mut chain, records), [Outcome::Reverted, Outcome::Ok]);
    let block = Record::Block(chain.block_record(100)).encode();
    let record = Record::Upgrade(UpgradeRecord(upgrade)).encode();
    assert_eq!(prove(&mut chain, vec![block, record]), [Outcome::Ok; 2]);
    let block = Record::Block(chain.block_record(1900)).encode();
    let call = chain.signed(
        Call {
            gas_price: 9,
            ..player.call(3, 1, &[1, 2, 3])
        },
        &player.key,
    );
    assert_eq!(prove(&mut chain, vec![block, call]), [Outcome::Ok; 2]);
    assert_eq!(chain.boundary().module, module(2));
}
