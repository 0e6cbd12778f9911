//! The test chain behaves as a chain: outcomes, rollback, ticks, payments, storage, schedules, commitments.
#![allow(missing_docs)]

mod common;

use common::Random;
use playfair::L1Address;
use playfair::commit::{Commitment, Draw};
use playfair::errors;
use playfair::prelude::*;
use playfair::store::{Table, Vector};
use playfair::testing::{Chain, Failure, Outcome};

#[playfair::storage]
pub struct Room {
    guests: Table<AccountId, u32>,
    log: Vector<u64>,
    timers: Schedule<u64>,
    rung: Vector<u64>,
    #[prefix(200)]
    stake: Item<Draw>,
}

#[playfair::event]
pub struct Entered {
    pub who: AccountId,
}

#[playfair::error]
pub enum RoomError {
    #[error("the room is closed")]
    Closed = 7,
    #[error("the module has less than that")]
    Poor,
}

#[playfair::module(events(Entered))]
impl Room {
    #[call(0)]
    pub fn enter(&mut self, ctx: &mut Context, age: u32) -> Result<(), RoomError> {
        self.guests.set(&ctx.caller(), &age);
        self.log.push(&ctx.time_ms());
        let who = ctx.caller();
        ctx.emit(Entered { who });
        ctx.log("entered");
        ensure!(age != 99, RoomError::Closed);
        assert!(age != 98, "ninety-eight");
        if age == 97 {
            playfair::revert("ninety-seven");
        }
        Ok(())
    }

    #[call(1)]
    pub fn leave(&mut self, ctx: &Context) -> Option<u32> {
        self.guests.remove(&ctx.caller())
    }

    #[call(2)]
    pub fn give(&mut self, ctx: &mut Context, to: AccountId, amount: u128) -> Result<u128, RoomError> {
        ctx.transfer(to, amount).map_err(|_| RoomError::Poor)?;
        Ok(ctx.value())
    }

    #[call(3)]
    pub fn ring_after(&mut self, ctx: &Context, delay_ms: u64, what: u64) {
        self.timers.after_ms(ctx, delay_ms, &what);
    }

    #[call(4)]
    pub fn stake(&mut self, ctx: &Context) {
        self.stake.set(&Draw::fixed_now(ctx));
    }

    #[call(5)]
    pub fn exit(&mut self, ctx: &mut Context, to: L1Address) -> Result<(), RoomError> {
        ctx.withdraw(to, 1).map_err(|_| RoomError::Poor)?;
        ctx.send(to, &7u8).map_err(|_| RoomError::Closed)
    }

    #[tick]
    fn tick(&mut self, ctx: &Context) {
        for what in self.timers.take_due(ctx, 3) {
            self.rung.push(&what);
        }
    }

    #[query(0)]
    pub fn guests(&self) -> List<AccountId, 16> {
        self.guests.keys(0, 16).collect::<Vec<_>>().try_into().unwrap()
    }

    #[query(1)]
    pub fn age(&self, who: AccountId) -> Result<u32, RoomError> {
        self.guests.get(&who).ok_or(RoomError::Closed)
    }

    #[query(2)]
    pub fn drawn(&self, ctx: &Context) -> Option<[u8; 32]> {
        self.stake.get().and_then(|stake| stake.decide(ctx))
    }
}

#[test]
fn only_ok_calls_leave_something() {
    let mut chain = Chain::<Room>::new();
    let alice = chain.account("alice");
    let failures = [
        (99, Failure::Reverted(RoomError::Closed)),
        (98, Failure::Trapped("ninety-eight".to_owned())),
        (
            97,
            Failure::OtherRevert {
                code: errors::TEXT,
                text: "ninety-seven".to_owned(),
            },
        ),
    ];
    for (age, failure) in failures {
        assert_eq!(chain.by(alice).enter(age), Err(failure));
        assert_eq!(chain.events::<Entered>(), []);
        assert_eq!(chain.last().logs, ["entered"], "logs stay");
        assert_eq!(chain.inspect(|room| (room.guests.len(), room.log.len())), (0, 0));
    }
    assert_eq!(chain.by(alice).enter(30), Ok(()));
    assert_eq!(chain.events::<Entered>(), [Entered { who: alice }]);
    assert!(chain.last().host_gas > 5 * 384, "{}", chain.last().host_gas);
    assert_eq!(chain.view().age(alice), Ok(30));
    assert_eq!(chain.view().age(AccountId::MODULE), Err(RoomError::Closed));
}

#[test]
fn unknown_entries_and_payloads_revert() {
    let mut chain = Chain::<Room>::new();
    let alice = chain.account("alice");
    let mut code = |entry, payload: &[u8]| match chain.call_raw(alice, entry, payload) {
        Outcome::Reverted(message) => u16::from_le_bytes([message[0], message[1]]),
        other => panic!("{other:?}"),
    };
    assert_eq!(code(200, &[]), errors::NO_ENTRY);
    assert_eq!(code(0, &[1, 2, 3]), errors::PAYLOAD);
    assert_eq!(code(0, &[1, 2, 3, 4, 5]), errors::PAYLOAD);
    assert_eq!(code(0, &[0; 4096]), errors::PAYLOAD);
    assert_eq!(code(1, &[0]), errors::PAYLOAD);
    assert_eq!(code(0, &[99, 0, 0, 0]), 7);
}

#[test]
fn a_table_lists_its_keys() {
    let mut chain = Chain::<Room>::new();
    let guests: Vec<AccountId> = (0..5).map(|n| chain.account(&format!("guest {n}"))).collect();
    for guest in &guests {
        chain.by(*guest).enter(20).unwrap();
        chain.by(*guest).enter(21).unwrap();
    }
    assert_eq!(chain.by(guests[1]).leave(), Ok(Some(21)));
    assert_eq!(chain.by(guests[1]).leave(), Ok(None));
    assert_eq!(
        *chain.view().guests(),
        [guests[0], guests[4], guests[2], guests[3]]
    );
    assert_eq!(chain.by(guests[3]).leave(), Ok(Some(21)));
    assert_eq!(*chain.view().guests(), [guests[0], guests[4], guests[2]]);
}

#[test]
fn amounts_move_with_the_call_or_not_at_all() {
    let mut chain = Chain::<Room>::new();
    let (alice, bob) = (chain.account("alice"), chain.account("bob"));
    chain.fund(alice, 100);
    assert_eq!(chain.by_paying(alice, 40).give(bob, 30), Ok(40));
    assert_eq!(
        (
            chain.balance(alice),
            chain.balance(bob),
            chain.balance(AccountId::MODULE)
        ),
        (60, 30, 10)
    );
    assert_eq!(
        chain.by_paying(alice, 40).give(bob, 51),
        Err(Failure::Reverted(RoomError::Poor))
    );
    assert_eq!(chain.by_paying(alice, 61).give(bob, 1), Err(Failure::Unpaid));
    assert_eq!((chain.balance(alice), chain.balance(AccountId::MODULE)), (60, 10));

    let l1 = L1Address::from_bytes([7; 20]);
    assert_eq!(chain.by(alice).exit(l1), Ok(()));
    assert_eq!((chain.last().messages, chain.balance(AccountId::MODULE)), (2, 9));
    let mut alone = Chain::<Room>::new().without_l1();
    assert_eq!(alone.by(alice).exit(l1), Err(Failure::Reverted(RoomError::Poor)));
}

#[test]
fn a_schedule_rings_in_order_a_few_a_tick() {
    const SEED: u64 = 77;
    println!("seed {SEED}");
    let mut random = Random(SEED);
    let mut chain = Chain::<Room>::new();
    let alice = chain.account("alice");
    let mut expected = Vec::new();
    for what in 0..60 {
        let delay = random.below(20);
        chain.by(alice).ring_after(delay, what).unwrap();
        expected.push((delay, what));
    }
    expected.sort_unstable();
    chain.advance_ms(4);
    let early = chain.inspect(|room| room.rung.len());
    assert!(early <= 3, "the tick takes three");
    for _ in 0..40 {
        chain.advance_ms(1);
        assert!(chain.inspect(|room| room.rung.len()) as usize <= expected.len());
    }
    let rung = chain.inspect(|room| room.rung.range(0, 100).collect::<Vec<_>>());
    assert_eq!(rung, expected.iter().map(|(_, what)| *what).collect::<Vec<_>>());
    assert_eq!(
        chain.inspect(|room| (room.timers.len(), room.timers.next_ms())),
        (0, None)
    );
}

#[test]
fn a_draw_waits_for_the_second_block() {
    let mut chain = Chain::<Room>::new();
    let alice = chain.account("alice");
    chain.by(alice).stake().unwrap();
    assert_eq!(chain.view().drawn(), None);
    chain.advance_ms(1);
    assert_eq!(chain.view().drawn(), None);
    chain.advance_ms(1);
    let first = chain.view().drawn().expect("two blocks later");
    chain.set_randomness(5);
    assert_ne!(chain.view().drawn(), Some(first));
}

#[test]
fn a_commitment_opens_to_one_choice_of_one_account() {
    let mut chain = Chain::<Room>::new();
    let (alice, bob) = (chain.account("alice"), chain.account("bob"));
    chain.inspect(|_| {
        let commitment = Commitment::new(alice, &[5; 31], &(3u8, [1u8; 40]));
        assert!(commitment.opens_to(alice, &[5; 31], &(3u8, [1u8; 40])));
        assert!(!commitment.opens_to(bob, &[5; 31], &(3u8, [1u8; 40])));
        assert!(!commitment.opens_to(alice, &[6; 31], &(3u8, [1u8; 40])));
        assert!(!commitment.opens_to(alice, &[5; 31], &(4u8, [1u8; 40])));
        assert!(!commitment.opens_to(alice, &[5; 31], &(3u8, [1u8; 40], 0u8)));
    });
}

#[test]
#[should_panic(expected = "no chain runs it")]
fn module_code_outside_a_chain_says_so() {
    let _ = Item::<u8>::get(&<Item<u8> as playfair::store::Collection>::at(0));
}
