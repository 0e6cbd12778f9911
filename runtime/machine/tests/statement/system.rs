//! System entries 240 to 255: conditions in their order, price, and what each leaves (FORMATS.md section 5).

use crate::common::{Chain, GAS, Player, Scripted, chain_of, genesis_record, module};
use playfair_abi::export::Export;
use playfair_machine::Applied;
use playfair_machine::engine::End;
use playfair_types::account::{AccountId, KeyRecord, L1Address, Role, SessionLimits};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::crypto::field::Fr;
use playfair_types::limits::GAS_SCHEDULE;
use playfair_types::receipt::{Invalid, Outcome, Trap};
use playfair_types::rules::{FeeMode, Upgrade};
use playfair_types::state::{StateKey, SystemKey};
use playfair_types::tape::call::Call;
use playfair_types::tape::system_entry::SystemEntry;
use playfair_types::{Decode, Encode};
/// Gas of a system entry in a record of `frames` frames.
pub(crate) fn price(frames: u32) -> u32 {
    GAS_SCHEDULE.record_base(frames) + GAS_SCHEDULE.system_entry
}

/// A free chain whose module pays back, keeps or ends badly, by entry; the player has been created on lane 7.
pub(crate) fn chain(has_l1: bool) -> (Chain, Player) {
    let engine = Scripted::default().with(module(1), Export::Call, |guest| {
        let value = guest.value()?;
        let caller = guest.caller()?;
        guest.set(b"value", &value.to_le_bytes())?;
        guest.emit(1, &caller)?;
        match guest.run.arguments[0] {
            1 => guest.revert(b"no"),
            2 => Err(End::Trapped(Trap::Unreachable)),
            3 => guest.burn(u32::MAX),
            4 => guest.transfer(&caller, value).map(drop),
            5 => guest.withdraw(&[1; 20], value).map(drop),
            _ => {
                let payload = guest.payload()?;
                guest.output(&payload)
            }
        }
    });
    let mut genesis = genesis_record(FeeMode::Free, has_l1);
    let player = Player::new(1);
    if !has_l1 {
        genesis.params.balances = vec![(player.id, 1000)];
    }
    let mut chain = chain_of(&genesis, engine);
    if has_l1 {
        chain.deposit(player.id, 1000);
    }
    let first = Call {
        lane: 7,
        ..free(player.first(0, &[]))
    };
    assert_eq!(chain.outcome(&player, first), Outcome::Ok);
    (chain, player)
}

pub(crate) fn free(call: Call) -> Call {
    Call { gas_price: 0, ..call }
}

pub(crate) fn next(chain: &Chain, player: &Player) -> u32 {
    let record = chain.account(player.id).expect("an account");
    record.next_nonces[0].get() as u32
}

pub(crate) fn enter(chain: &mut Chain, player: &Player, entry: &SystemEntry) -> Applied {
    let call = free(player.system(next(chain, player), entry));
    chain.call(player, call)
}

pub(crate) fn raw(chain: &mut Chain, player: &Player, entry: u8, payload: &[u8]) -> Applied {
    let call = free(player.call(next(chain, player), entry, payload));
    chain.call(player, call)
}

/// It reverts for the price, silently, and only the nonce moves.
pub(crate) fn reverts(chain: &mut Chain, player: &Player, entry: u8, payload: &[u8]) {
    let mut before = chain.live();
    let done = raw(chain, player, entry, payload);
    assert_eq!(done.receipt.outcome, Outcome::Reverted, "{entry}: {payload:?}");
    assert_eq!(done.receipt.gas_used, price(u32::from(done.receipt.frames)));
    assert!(done.body.output.is_empty());
    let account = crate::common::account_key(player.id);
    let mut after = chain.live();
    assert!(before.remove(&account) != after.remove(&account), "the nonce");
    assert!(before == after);
}

pub(crate) fn session(lanes: u8) -> KeyRecord {
    let limits = SessionLimits {
        scope: 1,
        gas_price_max: 0,
        lanes,
    };
    KeyRecord {
        role: Role::Session(*Player::new(2).key.public_key(), limits),
        expires_ms: U48::MAX,
    }
}

pub(crate) fn refused(chain: &mut Chain, player: &Player, entry: &SystemEntry) {
    reverts(chain, player, entry.entry(), &entry.payload());
}

pub(crate) fn accepted(chain: &mut Chain, player: &Player, entry: &SystemEntry) -> Applied {
    let done = enter(chain, player, entry);
    assert_eq!(done.receipt.outcome, Outcome::Ok, "{entry:?}");
    assert_eq!(done.receipt.gas_used, price(u32::from(done.receipt.frames)));
    assert!(done.body.output.is_empty() && done.body.events.is_empty());
    done
}

#[test]
fn unknown_entries_and_payloads_that_are_not_canonical_revert() {
    let (mut chain, player) = chain(true);
    for entry in 246..=255 {
        reverts(&mut chain, &player, entry, &[]);
        reverts(&mut chain, &player, entry, &[0; 64]);
    }
    let entries = [
        SystemEntry::SetKey {
            index: 1,
            key: session(1),
        },
        SystemEntry::RevokeKey { index: 1 },
        SystemEntry::Transfer {
            to: AccountId([4; 20]),
            amount: 1,
        },
        SystemEntry::Withdraw {
            to: L1Address([4; 20]),
            amount: 1,
        },
        SystemEntry::AnnounceUpgrade(upgrade(1 << 47)),
    ];
    for entry in entries {
        let mut payload = entry.payload();
        payload.push(0);
        reverts(&mut chain, &player, entry.entry(), &payload);
        payload.truncate(payload.len() - 2);
        reverts(&mut chain, &player, entry.entry(), &payload);
        reverts(&mut chain, &player, entry.entry(), &[]);
    }
    // Keys: a session without lanes, an owner that expires, a point that is none, roles 0 and 4, L1 address 0.
    let set = |key: KeyRecord| SystemEntry::SetKey { index: 1, key }.payload();
    let owner = set(KeyRecord::owner(*player.key.public_key()));
    let l1 = set(KeyRecord {
        role: Role::L1Owner(L1Address([1; 20])),
        expires_ms: U48::MAX,
    });
    let cases: [(&[u8], usize, u8); 9] = [
        (&set(session(1)), 18, 0),
        (&set(session(1)), 25, 0x40),
        (&owner, 24, 0xfe),
        (&owner, 2, 1),
        (&owner, 10, 1),
        (&owner, 18, 1),
        (&owner, 1, 0),
        (&owner, 1, 4),
        (&l1, 25, 1),
    ];
    for (payload, at, value) in cases {
        let mut payload = payload.to_vec();
        payload[at] = value;
        reverts(&mut chain, &player, 240, &payload);
    }
    // Pay: entries of the system cannot be nested.
    for inner in [240, 245, 255] {
        let mut payload = vec![inner];
        payload.extend([0; 16]);
        reverts(&mut chain, &player, 245, &payload);
    }
}

#[test]
fn a_system_entry_is_priced_before_it_is_judged() {
    let (mut chain, player) = chain(false);
    let (base, price) = (GAS_SCHEDULE.record_base(1), GAS_SCHEDULE.system_entry);
    for (entry, fits) in [(246, Outcome::Reverted), (241, Outcome::Reverted)] {
        for (gas_limit, outcome) in [
            (base, Outcome::OutOfGas),
            (base + price - 1, Outcome::OutOfGas),
            (base + price, fits),
        ] {
            let call = free(player.call(next(&chain, &player), entry, &[9]));
            let done = chain.call(&player, Call { gas_limit, ..call });
            assert_eq!(
                (done.receipt.outcome, done.receipt.gas_used),
                (outcome, gas_limit)
            );
        }
    }
}

#[test]
fn keys_are_set_and_revoked_by_owners_only_and_never_the_own_one_away() {
    let (mut chain, player) = chain(true);
    let second = Player::new(3);
    let owner = KeyRecord::owner(*second.key.public_key());
    // The own index may not become a session, nor go.
    refused(
        &mut chain,
        &player,
        &SystemEntry::SetKey {
            index: 0,
            key: session(1),
        },
    );
    refused(&mut chain, &player, &SystemEntry::RevokeKey { index: 0 });
    refused(&mut chain, &player, &SystemEntry::RevokeKey { index: 200 });
    accepted(
        &mut chain,
        &player,
        &SystemEntry::SetKey {
            index: 255,
            key: owner,
        },
    );
    assert_eq!(chain.key(player.id, 255), Some(owner));
    // The other owner demotes the first: its own index is 255 now.
    let by_second = |chain: &mut Chain, entry: &SystemEntry| {
        let call = Call {
            key_index: 255,
            ..free(player.system(next(chain, &player), entry))
        };
        let bytes = chain.signed(call, &second.key);
        chain.apply(&bytes).receipt.outcome
    };
    let demote = SystemEntry::SetKey {
        index: 0,
        key: session(0b10),
    };
    assert_eq!(by_second(&mut chain, &demote), Outcome::Ok);
    assert_eq!(
        by_second(&mut chain, &SystemEntry::RevokeKey { index: 255 }),
        Outcome::Reverted
    );
    let call = free(player.call(next(&chain, &player), 0, &[]));
    assert_eq!(
        chain.outcome(&player, call),
        Outcome::Invalid(Invalid::Signature),
        "index 0 holds another key"
    );
    // The session plays entry 0 on lane 1, and nothing else.
    let by_session = |chain: &mut Chain, entry, lane| {
        let call = Call {
            lane,
            ..free(player.call(0, entry, &[]))
        };
        let bytes = chain.signed(call, &Player::new(2).key);
        chain.apply(&bytes).receipt.outcome
    };
    let scope = Outcome::Invalid(Invalid::Scope);
    assert_eq!(by_session(&mut chain, 241, 1), scope);
    assert_eq!(by_session(&mut chain, 0, 2), scope);
    assert_eq!(by_session(&mut chain, 0, 1), Outcome::Ok);
    // Replaced by an L1 owner, revoked, gone; the account stays created.
    let l1 = KeyRecord {
        role: Role::L1Owner(L1Address([5; 20])),
        expires_ms: U48::MAX,
    };
    assert_eq!(
        by_second(&mut chain, &SystemEntry::SetKey { index: 0, key: l1 }),
        Outcome::Ok
    );
    assert_eq!(
        by_second(&mut chain, &SystemEntry::RevokeKey { index: 0 }),
        Outcome::Ok
    );
    assert_eq!(chain.key(player.id, 0), None);
    assert_eq!(
        by_second(&mut chain, &SystemEntry::RevokeKey { index: 0 }),
        Outcome::Reverted
    );
    let again = free(player.first(0, &[]));
    assert_eq!(
        chain.outcome(&player, again),
        Outcome::Invalid(Invalid::AccountExists)
    );
}

#[test]
fn the_own_index_of_a_first_call_is_0() {
    let (mut chain, _) = chain(true);
    let newcomer = Player::new(9);
    let revoke = SystemEntry::RevokeKey { index: 0 };
    let call = Call {
        new_key: Some(newcomer.key.public_key().to_bytes()),
        ..newcomer.system(0, &revoke)
    };
    assert_eq!(chain.outcome(&newcomer, free(call)), Outcome::Reverted);
    assert!(chain.key(newcomer.id, 0).is_some());
    // The address's own first call ignores its index, but 0 is what authorises it.
    let call_of = |sender, key_index, entry: &SystemEntry| playfair_types::tape::call::L1Call {
        account: AccountId::from_l1(sender),
        key_index,
        sender,
        valid_until_ms: U48::MAX,
        gas_limit: GAS,
        entry: entry.entry(),
        payload: Bytes::new(entry.payload()).expect("short"),
    };
    for (number, index, outcome) in [(10, 0, Outcome::Reverted), (11, 3, Outcome::Ok)] {
        let key = session(1);
        let first = call_of(L1Address([number; 20]), 3, &SystemEntry::SetKey { index, key });
        assert_eq!(
            chain.l1_call(first).receipt.outcome,
            outcome,
            "a session at {index}"
        );
    }
    let sender = L1Address([8; 20]);
    let call = |key_index, entry: &SystemEntry| call_of(sender, key_index, entry);
    assert_eq!(chain.l1_call(call(3, &revoke)).receipt.outcome, Outcome::Reverted);
    assert!(chain.key(AccountId::from_l1(sender), 0).is_some());
    let replace = SystemEntry::SetKey {
        index: 0,
        key: KeyRecord::owner(*newcomer.key.public_key()),
    };
    assert_eq!(
        chain.l1_call(call(0, &replace)).receipt.outcome,
        Outcome::Ok,
        "at its own risk"
    );
    assert_eq!(
        chain.l1_call(call(0, &revoke)).receipt.outcome,
        Outcome::Invalid(Invalid::Key)
    );
}

fn upgrade(time_ms: u64) -> Upgrade {
    Upgrade {
        time_ms: U48::new(time_ms).expect("48 bits"),
        module: module(2),
        vk_set_root: Fr::from(5u64),
        gas_schedule: 2,
        tick_gas: 7,
        gas_price_min: 0,
    }
}

#[test]
fn only_the_authority_announces_and_only_far_enough_ahead() {
    let (mut chain, player) = chain(true);
    let authority = Player::new(0);
    let now = chain.boundary().time_ms.get();
    let announce = |time| SystemEntry::AnnounceUpgrade(upgrade(time));
    refused(&mut chain, &player, &announce(now + 1001));
    let first = Call {
        lane: 7,
        ..free(authority.first(0, &[]))
    };
    assert_eq!(chain.outcome(&authority, first), Outcome::Ok);
    refused(&mut chain, &authority, &announce(now + 1000));
    refused(&mut chain, &authority, &announce(0));
    let priced = Upgrade {
        gas_price_min: 1,
        ..upgrade(now + 1001)
    };
    refused(&mut chain, &authority, &SystemEntry::AnnounceUpgrade(priced));
    let stored = |chain: &Chain| {
        let bytes = chain.value(&StateKey::of_system(SystemKey::Upgrade))?;
        Some(Upgrade::decode(&bytes).expect("an upgrade"))
    };
    assert_eq!(stored(&chain), None);
    accepted(&mut chain, &authority, &announce(now + 1001));
    let same = Upgrade {
        module: module(1),
        ..upgrade(now + 5000)
    };
    accepted(&mut chain, &authority, &SystemEntry::AnnounceUpgrade(same));
    assert_eq!(
        stored(&chain),
        Some(same),
        "a later one replaces it, also with the same module"
    );
    // A root or schedule of 0 and too much tick gas are not canonical.
    let payload = announce(now + 5000).payload();
    for (range, value) in [(37..69, 0), (69..71, 0), (71..75, 0x7f)] {
        let mut payload = payload.clone();
        payload[range].fill(value);
        reverts(&mut chain, &authority, 244, &payload);
    }
    assert_eq!(
        stored(&chain).map(|upgrade| upgrade.encode()),
        Some(same.encode())
    );
}

#[test]
fn without_an_authority_or_with_an_endless_delay_nothing_is_announced() {
    let engine = || Scripted::default().with(module(1), Export::Call, |_| Ok(()));
    let authority = Player::new(0);
    for endless in [false, true] {
        let mut genesis = genesis_record(FeeMode::Free, false);
        if endless {
            genesis.params.upgrade_delay_ms = u64::MAX;
        } else {
            genesis.params.upgrade_authority = AccountId::NONE;
        }
        let mut chain = chain_of(&genesis, engine());
        assert_eq!(
            chain.outcome(&authority, free(authority.first(0, &[]))),
            Outcome::Ok
        );
        refused(
            &mut chain,
            &authority,
            &SystemEntry::AnnounceUpgrade(upgrade(U48::MAX.get())),
        );
    }
}
