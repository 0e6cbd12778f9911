//! G1, G2: one genesis, first, this chain's own, whole or not at all.

use crate::common::{Chain, Player, START_MS, Scripted, genesis_record, module};
use playfair_abi::export::Export;
use playfair_abi::host::HostFunction;
use playfair_machine::world::EmptyState;
use playfair_machine::{Broken, Error, Fault, Machine, Prepared};
use playfair_types::account::{AccountId, AccountRecord};
use playfair_types::bounded::Bytes;
use playfair_types::chain::block_randomness;
use playfair_types::receipt::Outcome;
use playfair_types::rules::FeeMode;
use playfair_types::segment::Boundary;
use playfair_types::state::params::ParamsRecord;
use playfair_types::state::{StateKey, SystemKey};
use playfair_types::tape::Record;
use playfair_types::tape::call::Call;
use playfair_types::tape::genesis::GenesisRecord;
use playfair_types::{Decode, Encode};
use std::sync::Arc;

fn quiet() -> Scripted {
    Scripted::default().with(module(1), Export::Call, |_| Ok(()))
}

/// A local chain with two balances and an init argument.
fn local() -> GenesisRecord {
    let mut genesis = genesis_record(FeeMode::Paid, false);
    genesis.params.balances = vec![(AccountId::MODULE, 5), (AccountId([4; 20]), u128::MAX - 5)];
    genesis.params.init = Bytes::new(b"argument".as_slice()).expect("short");
    genesis
}

#[test]
fn genesis_writes_parameters_and_balances_then_runs_init() {
    let genesis = local();
    let engine = quiet().with(module(1), Export::Init, |guest| {
        assert_eq!((guest.gas, guest.run.arguments), (196_608, [8, 0]));
        let payload = guest.payload()?;
        assert_eq!((guest.caller()?, guest.value()?), ([0; 20], 0));
        assert_eq!(guest.host(HostFunction::Height, &[])?, 0);
        assert_eq!(guest.host(HostFunction::Time, &[])?, START_MS);
        assert_eq!(guest.transfer(&[4; 20], 6)?, 1, "account 1 has 5");
        assert_eq!(guest.transfer(&[4; 20], 5)?, 0);
        assert_eq!(guest.send(&[1; 20], &[])?, 2, "no L1");
        guest.set(b"init", &payload)?;
        guest.output(b"born")
    });
    let mut chain = Chain::before_genesis(&genesis, engine);
    assert_eq!(
        chain.boundary(),
        Boundary::before_genesis(genesis.chain_id(), module(1))
    );
    let done = chain.apply(&genesis.encode());
    assert_eq!(
        (done.receipt.outcome, done.body.output.as_slice()),
        (Outcome::Ok, b"born".as_slice())
    );
    let boundary = chain.boundary();
    assert_eq!((boundary.height, boundary.time_ms.get()), (0, START_MS));
    assert_eq!(boundary.randomness, block_randomness(chain.id(), 0, &[0; 31]));
    let params = chain
        .value(&StateKey::of_system(SystemKey::Params))
        .expect("written");
    assert_eq!(ParamsRecord::decode(&params), Ok(ParamsRecord::from(&genesis)));
    assert_eq!(chain.user(b"init"), Some(b"argument".to_vec()));
    let credited = AccountRecord {
        balance: u128::MAX,
        ..AccountRecord::default()
    };
    assert_eq!(
        chain.account(AccountId([4; 20])),
        Some(credited),
        "not created, nonces 0"
    );
    assert_eq!(chain.live().len(), 4);
    // Never again, not even the same one.
    assert_eq!(chain.broken(&genesis.encode()), Broken::NotGenesis);
}

#[test]
fn nothing_stands_before_genesis() {
    let genesis = genesis_record(FeeMode::Paid, true);
    let mut chain = Chain::before_genesis(&genesis, quiet());
    let player = Player::new(1);
    let block = Record::Block(chain.block_record(1)).encode();
    let call = chain.signed(player.first(1, &[]), &player.key);
    let forced = chain.forced(player.first(1, &[]), &player.key);
    let mut malformed = call.clone();
    malformed[24] = 9;
    let deposit = [&[0x84][..], &[0; 123]].concat();
    for bytes in [block, call, forced, malformed, deposit] {
        assert_eq!(chain.broken(&bytes), Broken::NotGenesis);
    }
    assert_eq!(chain.apply(&genesis.encode()).receipt.outcome, Outcome::Ok);
}

#[test]
fn another_chains_genesis_is_broken_whatever_it_says() {
    let genesis = local();
    let mut chain = Chain::before_genesis(&genesis, quiet());
    let mut others = vec![genesis.clone(); 6];
    others[0].params.balances[0].1 = 4;
    others[1].origin.salt[30] ^= 1;
    others[2].params.module = module(2);
    others[3].params.init = Bytes::default();
    // No fault of this build: the record is not ours at all.
    others[4].params.gas_schedule = 999;
    others[5].params.upgrade_delay_ms += 1;
    for other in others {
        assert_eq!(chain.broken(&other.encode()), Broken::OtherChain);
    }
    assert_eq!(chain.apply(&genesis.encode()).receipt.outcome, Outcome::Ok);

    // The right id with another module of the machine's: G1.
    let machine = Machine::new(quiet(), genesis.chain_id(), module(3));
    let mut chain = Chain::before_genesis(&genesis, quiet());
    chain.machine = machine;
    assert_eq!(chain.broken(&genesis.encode()), Broken::OtherChain);
}

#[test]
fn an_init_that_does_not_end_ok_leaves_nothing() {
    use std::sync::atomic::{AtomicU8, Ordering};
    static END: AtomicU8 = AtomicU8::new(0);
    let genesis = local();
    let engine = quiet().with(module(1), Export::Init, |guest| {
        guest.set(b"init", b"left")?;
        match END.load(Ordering::Relaxed) {
            0 => guest.revert(b"no"),
            1 => guest.burn(196_609),
            2 => guest.host(HostFunction::Caller, &[1]).map(drop),
            _ => Ok(()),
        }
    });
    let mut chain = Chain::before_genesis(&genesis, engine);
    for end in 0..3 {
        END.store(end, Ordering::Relaxed);
        assert_eq!(chain.broken(&genesis.encode()), Broken::InitFailed);
        assert_eq!(
            chain.boundary(),
            Boundary::before_genesis(genesis.chain_id(), module(1))
        );
        assert!(chain.live().is_empty());
    }
    END.store(3, Ordering::Relaxed);
    assert_eq!(chain.apply(&genesis.encode()).receipt.outcome, Outcome::Ok);
}

#[test]
fn what_this_build_lacks_is_a_fault() {
    let mut genesis = local();
    genesis.params.gas_schedule = 999;
    let mut chain = Chain::before_genesis(&genesis, quiet());
    let record = Prepared::read(chain.id(), &genesis.encode()).expect("readable");
    let refused = chain.apply_prepared(&record).map(drop);
    assert_eq!(refused, Err(Error::Fault(Fault::UnknownSchedule(999))));
    assert!(chain.live().is_empty());

    let genesis = local();
    let mut chain = Chain::before_genesis(&genesis, Scripted::default());
    let record = Prepared::read(chain.id(), &genesis.encode()).expect("readable");
    let refused = chain.apply_prepared(&record).map(drop);
    assert_eq!(refused, Err(Error::Fault(Fault::UnknownModule(module(1)))));
}

#[test]
fn a_machine_opens_only_with_its_parameters() {
    let genesis = local();
    let mut chain = Chain::before_genesis(&genesis, quiet());
    chain.apply(&genesis.encode());
    chain.settle();
    let opened = Machine::open(quiet(), chain.id(), chain.boundary(), Arc::new(chain.live()));
    assert_eq!(opened.expect("opened").params(), chain.machine.params());
    let opened = Machine::open(quiet(), chain.id(), chain.boundary(), Arc::new(EmptyState));
    assert_eq!(opened.err(), Some(Fault::Damaged("parameters")));
}

#[test]
fn calls_may_come_before_the_first_block() {
    let genesis = genesis_record(FeeMode::Free, false);
    let engine = Scripted::default().with(module(1), Export::Call, |guest| {
        assert_eq!(guest.host(HostFunction::Height, &[])?, 0);
        assert_eq!(guest.host(HostFunction::Time, &[])?, START_MS);
        Ok(())
    });
    let mut chain = Chain::before_genesis(&genesis, engine);
    chain.apply(&genesis.encode());
    let player = Player::new(1);
    let call = Call {
        gas_price: 0,
        ..player.first(1, &[])
    };
    assert_eq!(chain.outcome(&player, call), Outcome::Ok);
}
