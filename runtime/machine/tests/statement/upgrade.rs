//! U1, U2, B1: an upgrade from its announcement to the first block of the new module.

use crate::common::{Chain, LEAST, Player, Scripted, chain_of, genesis_record, module};
use playfair_abi::export::Export;
use playfair_machine::{Broken, Error, Fault, Machine, Prepared};
use playfair_types::Encode;
use playfair_types::bounded::U48;
use playfair_types::crypto::field::Fr;
use playfair_types::limits::GAS_SCHEDULE;
use playfair_types::receipt::{Invalid, Outcome};
use playfair_types::rules::{FeeMode, Upgrade};
use playfair_types::state::{StateKey, SystemKey};
use playfair_types::tape::Record;
use playfair_types::tape::call::Call;
use playfair_types::tape::system::UpgradeRecord;
use playfair_types::tape::system_entry::SystemEntry;
use std::sync::Arc;

fn engine() -> Scripted {
    let says = |what: &'static [u8]| move |guest: &mut crate::common::Guest| guest.output(what);
    Scripted::default()
        .with(module(1), Export::Call, says(b"old"))
        .with(module(2), Export::Call, says(b"new"))
        .with(module(2), Export::Tick, says(b"tick"))
}

/// A chain with an announced upgrade, and the upgrade.
fn announced() -> (Chain, Player, Upgrade) {
    let authority = Player::new(0);
    let mut chain = chain_of(&genesis_record(FeeMode::Paid, true), engine());
    chain.deposit(authority.id, 1 << 60);
    chain.call(&authority, authority.first(1, &[]));
    let upgrade = Upgrade {
        time_ms: U48::new(chain.boundary().time_ms.get() + 1001).expect("48 bits"),
        module: module(2),
        vk_set_root: Fr::from(77u64),
        gas_schedule: 2,
        tick_gas: 5000,
        gas_price_min: LEAST + 2,
    };
    let done = chain.call(
        &authority,
        authority.system(1, &SystemEntry::AnnounceUpgrade(upgrade)),
    );
    assert_eq!(done.receipt.outcome, Outcome::Ok);
    (chain, authority, upgrade)
}

fn record(upgrade: Upgrade) -> Vec<u8> {
    Record::Upgrade(UpgradeRecord(upgrade)).encode()
}

#[test]
fn the_whole_life_of_an_upgrade() {
    let (mut chain, authority, upgrade) = announced();
    // Blocks before its time are free to come; at its time, only the upgrade may.
    chain.block(1000);
    let player_call = authority.call(2, 1, &[]);
    assert_eq!(chain.call(&authority, player_call).body.output.as_slice(), b"old");
    for after in [1, 2, 100_000] {
        let block = Record::Block(chain.block_record(after)).encode();
        assert_eq!(chain.broken(&block), Broken::UpgradeDue);
    }
    let done = chain.apply(&record(upgrade));
    assert_eq!(
        (done.receipt.outcome, done.receipt.gas_used, done.work),
        (Outcome::Ok, 0, u64::from(GAS_SCHEDULE.record_base(1)))
    );
    let boundary = chain.boundary();
    assert_eq!(
        (boundary.module, boundary.vk_set_root),
        (module(2), Fr::from(77u64))
    );
    assert_eq!(boundary.activating_ms, upgrade.time_ms);
    assert_eq!(chain.value(&StateKey::of_system(SystemKey::Upgrade)), None);
    let params = *chain.machine.params();
    assert_eq!((params.tick_gas, params.gas_price_min), (5000, LEAST + 2));
    assert_eq!(
        params.upgrade_authority, authority.id,
        "the rest of the rules stays"
    );
    assert_eq!(
        chain.value(&StateKey::of_system(SystemKey::Params)),
        Some(params.encode())
    );

    // Only a block not before the announced time may follow.
    let call = chain.signed(authority.call(3, 1, &[]), &authority.key);
    let forced = chain.forced(authority.call(3, 1, &[]), &authority.key);
    let mut malformed = forced.clone();
    malformed[24] = 8;
    let deposit = [&[0x84][..], &[0; 123]].concat();
    for bytes in [call.clone(), forced, malformed, deposit, record(upgrade)] {
        assert_eq!(chain.broken(&bytes), Broken::NotBlock);
    }
    let done = chain.block(1);
    assert_eq!(done.body.output.as_slice(), b"tick", "the new module's");
    assert_eq!(chain.boundary().activating_ms, U48::default());
    assert_eq!(
        chain.apply(&call).receipt.outcome,
        Outcome::Invalid(Invalid::GasPrice),
        "the new least price"
    );
    let dear = Call {
        gas_price: LEAST + 2,
        ..authority.call(3, 1, &[])
    };
    assert_eq!(chain.call(&authority, dear).body.output.as_slice(), b"new");
    assert_eq!(chain.broken(&record(upgrade)), Broken::NotAnnounced, "once");
    chain.block(1 << 40);
}

#[test]
fn an_early_upgrade_waits_for_its_time() {
    let (mut chain, _, upgrade) = announced();
    chain.apply(&record(upgrade));
    for after in [1, 1000] {
        let block = Record::Block(chain.block_record(after)).encode();
        assert_eq!(chain.broken(&block), Broken::UpgradeDue);
    }
    assert_eq!(chain.boundary().activating_ms, upgrade.time_ms);
    // A machine that opens here knows it too.
    chain.settle();
    let (id, boundary, state) = (chain.id(), chain.boundary(), Arc::new(chain.live()));
    chain.machine = Machine::open(engine(), id, boundary, state).expect("opened");
    let early = Record::Block(chain.block_record(1000)).encode();
    assert_eq!(chain.broken(&early), Broken::UpgradeDue);
    chain.block(1001);
}

#[test]
fn an_upgrade_equals_its_announcement_in_every_field() {
    let (mut chain, _, upgrade) = announced();
    let later = U48::new(upgrade.time_ms.get() + 1).expect("48 bits");
    let others = [
        Upgrade {
            time_ms: later,
            ..upgrade
        },
        Upgrade {
            module: module(1),
            ..upgrade
        },
        Upgrade {
            vk_set_root: Fr::from(78u64),
            ..upgrade
        },
        Upgrade {
            gas_schedule: 3,
            ..upgrade
        },
        Upgrade {
            tick_gas: 0,
            ..upgrade
        },
        Upgrade {
            gas_price_min: 0,
            ..upgrade
        },
    ];
    for other in others {
        assert_eq!(chain.broken(&record(other)), Broken::NotAnnounced);
    }
    chain.apply(&record(upgrade));
}

#[test]
fn a_later_announcement_replaces_the_earlier_and_its_time() {
    let (mut chain, authority, upgrade) = announced();
    let later = Upgrade {
        time_ms: U48::new(upgrade.time_ms.get() + 10_000).expect("48 bits"),
        module: module(1),
        ..upgrade
    };
    assert_eq!(
        chain.outcome(
            &authority,
            authority.system(2, &SystemEntry::AnnounceUpgrade(later))
        ),
        Outcome::Ok
    );
    chain.block(5000);
    assert_eq!(chain.broken(&record(upgrade)), Broken::NotAnnounced);
    chain.apply(&record(later));
    assert_eq!(
        chain.boundary().module,
        module(1),
        "the same module again: its rules change"
    );
}

#[test]
fn a_module_or_schedule_that_is_not_here_is_a_fault() {
    for (number, schedule) in [(9, 2), (2, 3)] {
        let (mut chain, authority, upgrade) = announced();
        let missing = Upgrade {
            module: module(number),
            gas_schedule: schedule,
            ..upgrade
        };
        let entry = SystemEntry::AnnounceUpgrade(missing);
        assert_eq!(
            chain.outcome(&authority, authority.system(2, &entry)),
            Outcome::Ok,
            "any may be announced"
        );
        let prepared = Prepared::read(chain.id(), &record(missing)).expect("a record");
        let before = chain.boundary();
        let failed = chain.apply_prepared(&prepared).map(drop);
        let wanted = if number == 9 {
            Fault::UnknownModule(module(9))
        } else {
            Fault::UnknownSchedule(3)
        };
        assert_eq!(failed, Err(Error::Fault(wanted)));
        assert_eq!(chain.boundary(), before);
    }
}
