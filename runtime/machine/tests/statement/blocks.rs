//! B1 to B4, T5 for deposits: records that no player signs.

use crate::common::{Chain, Player, START_MS, Scripted, chain_of, fault, genesis_record, module};
use playfair_abi::export::Export;
use playfair_abi::host::HostFunction;
use playfair_machine::engine::End;
use playfair_machine::{Broken, Error, Fault, Prepared};
use playfair_types::Encode;
use playfair_types::account::{AccountId, L1Address};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::chain::block_randomness;
use playfair_types::receipt::{Invalid, Outcome, Trap};
use playfair_types::rules::FeeMode;
use playfair_types::tape::Record;
use playfair_types::tape::call::{Call, L1Call};
use playfair_types::tape::system::Deposit;

fn quiet() -> Scripted {
    Scripted::default().with(module(1), Export::Call, |_| Ok(()))
}

fn ticking(tick: impl Fn(&mut crate::common::Guest) -> Result<(), End> + Send + Sync + 'static) -> Chain {
    let engine = quiet().with(module(1), Export::Tick, tick);
    chain_of(&genesis_record(FeeMode::Paid, true), engine)
}

#[test]
fn a_block_follows_the_last_one() {
    let mut chain = chain_of(&genesis_record(FeeMode::Free, false), quiet());
    let now = chain.boundary().time_ms.get();
    for height in [0, 1, 3, u64::MAX] {
        let mut block = chain.block_record(1);
        block.height = height;
        let broken = chain.broken(&Record::Block(block).encode());
        assert_eq!(
            broken,
            Broken::Height {
                expected: 2,
                found: height
            }
        );
    }
    for time in [0, START_MS, now - 1, now] {
        let mut block = chain.block_record(1);
        block.time_ms = U48::new(time).expect("48 bits");
        assert_eq!(chain.broken(&Record::Block(block).encode()), Broken::Time);
    }
    let mut block = chain.block_record(1);
    block.time_ms = U48::MAX;
    let done = chain.apply(&Record::Block(block).encode());
    assert_eq!((done.receipt.outcome, done.receipt.gas_used), (Outcome::Ok, 0));
    let boundary = chain.boundary();
    assert_eq!((boundary.height, boundary.time_ms), (2, U48::MAX));
    assert_eq!(boundary.randomness, block_randomness(chain.id(), 2, &block.seed));
    // Time is over: no block may follow, calls may.
    let mut block = chain.block_record(0);
    block.time_ms = U48::MAX;
    assert_eq!(chain.broken(&Record::Block(block).encode()), Broken::Time);
}

#[test]
fn a_tick_runs_once_a_block_with_its_own_gas() {
    let mut chain = ticking(|guest| {
        assert_eq!((guest.gas, guest.run.arguments), (20_000, [0, 0]));
        assert_eq!((guest.caller()?, guest.value()?), ([0; 20], 0));
        let count = guest.get(b"ticks")?.map_or(0, |value| value[0]);
        guest.set(b"ticks", &[count + 1])?;
        let (height, time) = (
            guest.host(HostFunction::Height, &[])?,
            guest.host(HostFunction::Time, &[])?,
        );
        guest.emit(1, &[height.to_be_bytes(), time.to_be_bytes()].concat())?;
        guest.output(b"tick")?;
        guest.send(&[1; 20], b"from the tick").map(drop)
    });
    assert_eq!(chain.user(b"ticks"), Some(vec![1]));
    let done = chain.block(5);
    assert_eq!(chain.user(b"ticks"), Some(vec![2]));
    assert_eq!(done.receipt.outcome, Outcome::Ok);
    assert_eq!(
        (done.body.output.as_slice(), done.messages.len()),
        (b"tick".as_slice(), 1)
    );
    let context = [2u64.to_be_bytes(), (START_MS + 1005).to_be_bytes()].concat();
    assert_eq!(
        done.body.events[0].data.as_slice(),
        context,
        "the block's own height and time"
    );
    assert!(done.receipt.gas_used > 0 && done.receipt.fee == 0);
    chain.deposit(AccountId([1; 20]), 5);
    assert_eq!(chain.user(b"ticks"), Some(vec![2]), "once");
}

#[test]
fn a_tick_that_fails_leaves_the_block() {
    for (entry, outcome, gas) in [
        (0u8, Outcome::Reverted, 0),
        (1, Outcome::Trapped(Trap::MemoryOutOfBounds), 0),
        (2, Outcome::OutOfGas, 20_000),
    ] {
        let mut chain = ticking(move |guest| {
            guest.set(b"trace", b"left")?;
            guest.send(&[1; 20], b"unsent")?;
            match entry {
                0 => guest.revert(b"why"),
                1 => Err(End::Trapped(Trap::MemoryOutOfBounds)),
                _ => guest.burn(20_000),
            }
        });
        let done = chain.block(1);
        assert_eq!(done.receipt.outcome, outcome);
        assert!(gas == 0 || done.receipt.gas_used == gas);
        assert_eq!(
            done.body.output.as_slice(),
            if entry == 0 { b"why".as_slice() } else { b"" }
        );
        assert_eq!((chain.user(b"trace"), chain.boundary().height), (None, 2));
    }
}

#[test]
fn without_tick_gas_nothing_ticks() {
    let mut genesis = genesis_record(FeeMode::Free, false);
    genesis.params.tick_gas = 0;
    let engine = quiet().with(module(1), Export::Tick, |_| panic!("a tick without gas"));
    let mut chain = chain_of(&genesis, engine);
    assert_eq!(chain.block(1).receipt.gas_used, 0);
}

#[test]
fn a_chain_without_l1_has_no_inbox() {
    let mut chain = chain_of(&genesis_record(FeeMode::Free, false), quiet());
    let player = Player::new(1);
    let free = Call {
        gas_price: 0,
        ..player.first(1, &[])
    };
    let deposit = Deposit {
        account: player.id,
        amount: 1,
        sender: L1Address([1; 20]),
        memo: [0; 31],
    };
    let l1 = L1Call {
        account: player.id,
        key_index: 0,
        sender: L1Address([1; 20]),
        valid_until_ms: U48::MAX,
        gas_limit: 0,
        entry: 0,
        payload: Bytes::default(),
    };
    let mut malformed = chain.forced(free.clone(), &player.key);
    malformed[24] = 8;
    for bytes in [
        chain.forced(free.clone(), &player.key),
        malformed,
        Record::Deposit(deposit).encode(),
        Record::L1Call(l1).encode(),
    ] {
        assert_eq!(chain.broken(&bytes), Broken::NoInbox);
    }
    assert_eq!(chain.outcome(&player, free), Outcome::Ok);
}

#[test]
fn what_is_no_record_breaks_the_tape() {
    let mut chain = chain_of(&genesis_record(FeeMode::Free, true), quiet());
    let player = Player::new(1);
    let call = chain.signed(player.first(1, &[]), &player.key);
    for kind in (0..=255).filter(|kind| ![1, 2, 3, 6, 7, 0x82, 0x83, 0x84, 0x85].contains(kind)) {
        let mut bytes = call.clone();
        bytes[0] = kind;
        assert!(matches!(chain.broken(&bytes), Broken::Format(_)), "kind {kind}");
    }
    assert!(
        matches!(chain.broken(&call[..124]), Broken::Format(_)),
        "half a record"
    );
    assert!(
        matches!(chain.broken(&[call.clone(), call].concat()), Broken::Format(_)),
        "two records"
    );
    let block = Record::Block(chain.block_record(1)).encode();
    let deposit = [&[0x84][..], &[0; 123]].concat();
    for (bytes, at) in [
        (&block, 15),
        (&block, 123),
        (&deposit, 1),
        (&deposit, 31),
        (&deposit, 62),
    ] {
        let mut bytes = bytes.clone();
        bytes[at] = 1;
        assert!(matches!(chain.broken(&bytes), Broken::Format(_)), "byte {at}");
    }
    let mut long = chain.signed(player.first(1, &[]), &player.key);
    long[112..114].copy_from_slice(&4097u16.to_be_bytes());
    assert!(
        matches!(chain.broken(&long), Broken::Format(_)),
        "a payload above the limit"
    );
}

#[test]
fn a_record_read_for_another_chain_is_not_this_chains() {
    let mut chain = chain_of(&genesis_record(FeeMode::Paid, true), quiet());
    let player = Player::new(1);
    chain.deposit(player.id, 1 << 60);
    let elsewhere = genesis_record(FeeMode::Free, true).chain_id();
    let bytes = player.first(1, &[]).sign(elsewhere, &player.key).encode();
    assert_eq!(
        chain.apply(&bytes).receipt.outcome,
        Outcome::Invalid(Invalid::Signature)
    );
    let record = Prepared::read(elsewhere, &bytes).expect("a record");
    let refused = chain.apply_prepared(&record).map(drop);
    assert_eq!(
        refused,
        Err(Error::Broken(Broken::OtherChain)),
        "its message is of another chain"
    );
}

#[test]
fn a_fault_stops_the_machine() {
    let engine = quiet().with(module(1), Export::Tick, |guest| {
        if guest.host(HostFunction::Height, &[])? == 3 {
            Err(fault())
        } else {
            Ok(())
        }
    });
    let mut chain = chain_of(&genesis_record(FeeMode::Free, false), engine);
    chain.block(1);
    let block = Record::Block(chain.block_record(1)).encode();
    let record = Prepared::read(chain.id(), &block).expect("a block");
    let failed = chain.apply_prepared(&record).map(drop);
    assert_eq!(failed, Err(Error::Fault(Fault::Engine("a net".into()))));
    let again = chain.apply_prepared(&record).map(drop);
    assert_eq!(again, Err(Error::Fault(Fault::Poisoned)));
}

#[test]
fn an_engine_that_unwinds_stops_the_machine() {
    let engine = quiet().with(module(1), Export::Tick, |guest| {
        let height = guest.host(HostFunction::Height, &[])?;
        assert!(height < 3, "as an engine with a bug would");
        Ok(())
    });
    let mut chain = chain_of(&genesis_record(FeeMode::Free, false), engine);
    chain.block(1);
    let block = Record::Block(chain.block_record(1)).encode();
    let record = Prepared::read(chain.id(), &block).expect("a block");
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = chain.machine.apply(&record);
    }));
    assert!(unwound.is_err());
    let again = chain.machine.apply(&record).map(drop);
    assert_eq!(again, Err(Error::Fault(Fault::Poisoned)), "its world is gone");
}
