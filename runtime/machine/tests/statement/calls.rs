//! C10, E5 and receipts: what a call leaves behind, whatever its end.

use crate::common::{Chain, GAS, Guest, LEAST, Player, Scripted, chain_of, genesis_record, module};
use playfair_abi::export::Export;
use playfair_abi::host::HostFunction;
use playfair_machine::engine::End;
use playfair_types::account::{AccountId, KeyRecord, L1Address, Role};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::limits::{CALL_GAS_MAX, GAS_SCHEDULE};
use playfair_types::receipt::{Event, Invalid, Outcome, Trap};
use playfair_types::rules::FeeMode;
use playfair_types::tape::call::{Call, L1Call};

/// Leaves traces everywhere, then ends as its entry says.
fn traces(guest: &mut Guest) -> Result<(), End> {
    let seen = guest.get(b"trace")?;
    guest.emit(1, &[u8::from(seen.is_some())])?;
    guest.set(b"trace", b"left")?;
    assert_eq!(
        guest.get(b"trace")?.as_deref(),
        Some(b"left".as_slice()),
        "own writes"
    );
    guest.output(b"returned")?;
    guest.send(&[1; 20], b"message")?;
    guest.transfer(&[8; 20], 5)?;
    match guest.run.arguments[0] {
        0 => Ok(()),
        1 => guest.revert(b"because"),
        2 => Err(End::Trapped(Trap::Unreachable)),
        3 => guest.burn(u32::MAX),
        4 => guest.transfer(&[8; 20], 1).and_then(|_| guest.emit(1 << 16, &[])),
        5 => (0..64).try_for_each(|_| guest.emit(2, &[])),
        6 => (0..16).try_for_each(|_| guest.send(&[1; 20], &[]).map(drop)),
        _ => guest.remove(b"trace").map(drop),
    }
}

fn chain(mode: FeeMode) -> Chain {
    let engine = Scripted::default().with(module(1), Export::Call, traces);
    let mut chain = chain_of(&genesis_record(mode, true), engine);
    chain.deposit(AccountId::MODULE, 1000);
    chain
}

#[test]
fn only_ok_keeps_what_the_module_did() {
    let (mut chain, player) = (chain(FeeMode::Paid), Player::new(1));
    chain.deposit(player.id, 1 << 60);
    assert_eq!(
        chain.outcome(&player, player.first(1, &[])),
        Outcome::Reverted,
        "also of a first call"
    );
    let record = chain.account(player.id).expect("an account");
    assert!(record.created && record.next_nonces[0].get() == 1);
    assert_eq!(
        chain.key(player.id, 0),
        Some(KeyRecord::owner(*player.key.public_key()))
    );

    let ends = [
        Outcome::Reverted,
        Outcome::Trapped(Trap::Unreachable),
        Outcome::OutOfGas,
        Outcome::Trapped(Trap::HostArgument),
        Outcome::Trapped(Trap::HostLimit),
        Outcome::Trapped(Trap::HostLimit),
    ];
    for (entry, end) in (1u8..).zip(ends) {
        let before = (chain.balance(player.id), chain.balance(AccountId([9; 20])));
        let done = chain.call(&player, player.call(u32::from(entry), entry, &[]));
        assert_eq!(done.receipt.outcome, end);
        assert_eq!(chain.user(b"trace"), None);
        assert_eq!(
            (
                chain.balance(AccountId::MODULE),
                chain.balance(AccountId([8; 20]))
            ),
            (1000, 0)
        );
        let said: &[u8] = if end == Outcome::Reverted { b"because" } else { b"" };
        assert_eq!(done.body.output.as_slice(), said);
        let fee = u128::from(done.receipt.gas_used) * u128::from(LEAST);
        assert_eq!(done.receipt.fee, fee);
        let after = (chain.balance(player.id), chain.balance(AccountId([9; 20])));
        assert_eq!((before.0 - fee, before.1 + fee), after, "nonce and fee stay");
        let used = if end == Outcome::OutOfGas {
            GAS
        } else {
            done.receipt.gas_used
        };
        assert_eq!(done.receipt.gas_used, used);
    }
    let done = chain.call(&player, player.call(7, 0, &[]));
    assert_eq!(done.receipt.outcome, Outcome::Ok);
    assert_eq!(done.body.output.as_slice(), b"returned");
    let unseen = Event {
        topic: 1,
        data: Bytes::new([0]).expect("short"),
    };
    assert_eq!(
        done.body.events,
        [unseen],
        "a call that did not end ok left nothing to read"
    );
    assert_eq!((done.messages.len(), done.receipt.messages), (1, 1));
    assert_eq!(
        done.messages[0].sender,
        AccountId::MODULE,
        "a module speaks as itself"
    );
    assert_eq!(chain.user(b"trace").as_deref(), Some(b"left".as_slice()));
    assert_eq!(
        (
            chain.balance(AccountId::MODULE),
            chain.balance(AccountId([8; 20]))
        ),
        (995, 5)
    );
    assert_eq!(chain.outcome(&player, player.call(8, 9, &[])), Outcome::Ok);
    assert_eq!(chain.user(b"trace"), None, "removed");
}

#[test]
fn a_call_gets_its_limit_less_the_records_base() {
    let engine = Scripted::default().with(module(1), Export::Call, |guest| {
        let gas = guest.gas;
        guest.emit(0, &gas.to_be_bytes())
    });
    let mut chain = chain_of(&genesis_record(FeeMode::Free, false), engine);
    let player = Player::new(1);
    let free = |call: Call| Call { gas_price: 0, ..call };
    let cases = [
        (player.first(1, &[]), 2, CALL_GAS_MAX),
        (player.call(1, 1, &[0; 10]), 1, CALL_GAS_MAX),
        (player.call(2, 1, &[0; 11]), 2, 5_000),
        (player.call(3, 1, &[0; 134]), 2, 50_000),
        (player.call(4, 1, &[0; 135]), 3, 50_000),
        (player.call(5, 1, &[0; 4096]), 34, 50_000),
    ];
    for (call, frames, gas_limit) in cases {
        let base = GAS_SCHEDULE.record_base(frames);
        let event = HostFunction::Emit.fixed_gas(GAS_SCHEDULE) + GAS_SCHEDULE.word + GAS_SCHEDULE.permutation;
        let done = chain.call(
            &player,
            Call {
                gas_limit,
                ..free(call)
            },
        );
        assert_eq!(done.receipt.outcome, Outcome::Ok);
        assert_eq!(
            done.body.events[0].data.as_slice(),
            (gas_limit - base).to_be_bytes()
        );
        assert_eq!(done.receipt.gas_used, base + event, "an event of one word");
        assert_eq!(done.lanes.host_gas(chain.machine.schedule()), event);
        assert_eq!(
            (done.lanes.rows, done.lanes.permutations, done.lanes.words),
            (0, 1, 1)
        );
    }
    // A limit that is exactly the base: nothing runs that costs anything.
    let exact = Call {
        gas_limit: GAS_SCHEDULE.record_base(1),
        ..free(player.call(6, 1, &[]))
    };
    let done = chain.call(&player, exact);
    assert_eq!(
        (done.receipt.outcome, done.receipt.gas_used),
        (Outcome::OutOfGas, GAS_SCHEDULE.record_base(1))
    );
    let below = Call {
        gas_limit: GAS_SCHEDULE.record_base(1) - 1,
        ..free(player.call(7, 1, &[]))
    };
    assert_eq!(chain.outcome(&player, below), Outcome::Invalid(Invalid::GasLimit));
}

#[test]
fn an_account_is_created_once_by_its_first_key() {
    let (mut chain, player) = (chain(FeeMode::Paid), Player::new(1));
    assert_eq!(
        chain.outcome(&player, player.first(0, &[])),
        Outcome::Invalid(Invalid::Funds),
        "an absent account has nothing"
    );
    assert_eq!(chain.account(player.id), None);
    chain.deposit(player.id, 1 << 60);
    let record = chain.account(player.id).expect("credited");
    assert!(!record.created && record.next_nonces == [U48::default(); 8]);
    assert_eq!(
        chain.outcome(&player, player.call(0, 0, &[])),
        Outcome::Invalid(Invalid::Account),
        "credited is not created"
    );
    let lane = Call {
        lane: 5,
        ..player.first(0, &[])
    };
    assert_eq!(chain.outcome(&player, lane), Outcome::Ok);
    let record = chain.account(player.id).expect("created");
    assert!(record.created);
    assert_eq!(
        record.next_nonces.map(U48::get),
        [0, 0, 0, 0, 0, 1, 0, 0],
        "one lane, by one"
    );
    let again = player.first(0, &[]);
    assert_eq!(
        chain.outcome(&player, again),
        Outcome::Invalid(Invalid::AccountExists)
    );
    assert_eq!(chain.outcome(&player, player.call(0, 0, &[])), Outcome::Ok);
}

#[test]
fn an_l1_address_has_an_account_without_a_key() {
    let mut chain = chain(FeeMode::Paid);
    let sender = L1Address([3; 20]);
    let id = AccountId::from_l1(sender);
    let call = |entry, key_index| L1Call {
        account: id,
        key_index,
        sender,
        valid_until_ms: U48::MAX,
        gas_limit: GAS,
        entry,
        payload: Bytes::default(),
    };
    let stranger = L1Call {
        sender: L1Address([4; 20]),
        ..call(0, 0)
    };
    assert_eq!(
        chain.l1_call(stranger).receipt.outcome,
        Outcome::Invalid(Invalid::Account)
    );
    // The index is ignored in the call that creates the account; it is made at 0, whatever the call's end.
    let done = chain.l1_call(call(1, 77));
    assert_eq!((done.receipt.outcome, done.receipt.fee), (Outcome::Reverted, 0));
    let record = chain.account(id).expect("created");
    assert!(record.created && record.next_nonces == [U48::default(); 8]);
    let key = chain.key(id, 0).expect("an owner");
    assert_eq!((key.role, key.expires_ms), (Role::L1Owner(sender), U48::MAX));
    assert_eq!(chain.key(id, 77), None);
    assert_eq!(
        chain.l1_call(call(0, 77)).receipt.outcome,
        Outcome::Invalid(Invalid::Key)
    );
    assert_eq!(chain.l1_call(call(0, 0)).receipt.outcome, Outcome::Ok);
    assert_eq!(
        chain.account(id).expect("created"),
        record,
        "no nonce, nobody pays"
    );

    // A credit before the first call leaves the balance alone.
    let other = L1Address([6; 20]);
    chain.deposit(AccountId::from_l1(other), 55);
    let first = L1Call {
        account: AccountId::from_l1(other),
        sender: other,
        ..call(0, 0)
    };
    assert_eq!(chain.l1_call(first).receipt.outcome, Outcome::Ok);
    let record = chain.account(AccountId::from_l1(other)).expect("created");
    assert!(record.created && record.balance == 55);
}

#[test]
fn a_forced_call_is_the_same_call_and_nobody_pays() {
    let (mut chain, player) = (chain(FeeMode::Sponsored(AccountId([7; 20]))), Player::new(1));
    assert_eq!(
        chain.outcome(&player, player.first(0, &[])),
        Outcome::Invalid(Invalid::Funds),
        "the sponsor ran dry"
    );
    let offered = Call {
        gas_price: 12_345,
        ..player.first(0, &[])
    };
    let bytes = chain.forced(offered, &player.key);
    let done = chain.apply(&bytes);
    assert_eq!((done.receipt.outcome, done.receipt.fee), (Outcome::Ok, 0));
    assert!(done.receipt.gas_used > GAS_SCHEDULE.record_base(1));
    assert_eq!(chain.balance(AccountId([9; 20])), 0);
    // Played once, forced or not.
    let done = chain.apply(&bytes);
    assert_eq!(
        done.receipt.outcome,
        Outcome::Invalid(Invalid::AccountExists),
        "consumed all the same"
    );
    assert_eq!(
        chain.boundary().inbox_records,
        3,
        "a deposit, the call, the call again"
    );
}

#[test]
fn a_session_below_its_price_is_not_asked_when_forced() {
    let (mut chain, player) = (chain(FeeMode::Paid), Player::new(1));
    chain.deposit(player.id, 1 << 60);
    chain.call(&player, player.first(0, &[]));
    let session = Player::new(2);
    let limits = playfair_types::account::SessionLimits {
        scope: 1,
        gas_price_max: LEAST,
        lanes: 2,
    };
    let key = KeyRecord {
        role: Role::Session(*session.key.public_key(), limits),
        expires_ms: U48::MAX,
    };
    let entry = playfair_types::tape::system_entry::SystemEntry::SetKey { index: 1, key };
    assert_eq!(chain.outcome(&player, player.system(1, &entry)), Outcome::Ok);
    let call = |gas_price| Call {
        key_index: 1,
        lane: 1,
        gas_price,
        ..player.call(0, 0, &[])
    };
    let dear = chain.signed(call(LEAST + 1), &session.key);
    assert_eq!(
        chain.apply(&dear).receipt.outcome,
        Outcome::Invalid(Invalid::Scope)
    );
    let forced = chain.forced(call(LEAST + 1), &session.key);
    assert_eq!(chain.apply(&forced).receipt.outcome, Outcome::Ok);
}
