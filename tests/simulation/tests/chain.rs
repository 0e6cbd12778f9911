//! What one chain does, step by step.

use playfair_sequencer::{Answer, Chapter, Halt, Made, OpenError, Refusal, Ticket};
use playfair_simulation::scene::{Node, created, play, reopened, stop};
use playfair_simulation::world::{Order, Player, START_MS, World};
use playfair_storage::Disk;
use playfair_storage::history::Place;
use playfair_types::Fr;
use playfair_types::bounded::Bytes;
use playfair_types::bounded::U48;
use playfair_types::limits::GAS_SCHEDULE;
use playfair_types::receipt::{Invalid, Outcome};
use playfair_types::rules::{FeeMode, Upgrade};
use playfair_types::state::StateKey;
use playfair_types::tape::system_entry::SystemEntry;

/// Submits calls with tickets 0, 1, ..., and tells what was answered at once.
fn submit(node: &mut Node, calls: &[Vec<u8>], now_ms: u64) -> Vec<(Ticket, Answer)> {
    let calls = (0..).map(Ticket).zip(calls.iter().cloned()).collect();
    node.submit(calls, now_ms).unwrap()
}

fn counted(node: &Node, key: &[u8]) -> u64 {
    let key = StateKey::of_user(&Bytes::new(key).unwrap());
    let value = node.state().get(&key).unwrap();
    value.map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap()))
}

#[test]
fn a_call_is_answered_when_its_block_is_durable() {
    let world = World::new(false);
    let (disk, mut node) = created(&world);
    assert_eq!(node.due_ms(), None, "idle chains make no blocks");
    let player = Player::new(0);
    let call = player.call(world.chain_id(), &Order::count(0, b"k"));
    assert_eq!(submit(&mut node, std::slice::from_ref(&call), START_MS), vec![]);
    assert!(node.due_ms().is_some_and(|due| due <= START_MS));
    let before = disk.operations();
    let made = node.make_block(START_MS).unwrap();
    assert!(disk.operations() > before);
    let place = Place { height: 1, index: 1 };
    assert_eq!(made.answers, vec![(Ticket(0), Answer::Sealed(place))]);
    assert_eq!(counted(&node, b"k"), 1);
    // Sent again, it is the same answer, at once; also after a restart that executes the block again.
    assert_eq!(
        submit(&mut node, std::slice::from_ref(&call), START_MS + 5),
        vec![(Ticket(0), Answer::Sealed(place))]
    );
    drop(node);
    let (mut node, report) = reopened(&world, &disk);
    assert_eq!(report, vec![Chapter::Replayed { blocks: 1 }]);
    assert_eq!(
        submit(&mut node, &[call], START_MS + 9),
        vec![(Ticket(0), Answer::Sealed(place))]
    );
    assert_eq!(counted(&node, b"k"), 1);
}

#[test]
fn calls_of_a_lane_follow_each_other_within_a_block() {
    let world = World::new(false);
    let (_, mut node) = created(&world);
    play(&world, &mut node, 0, 0..1);
    let player = Player::new(0);
    let calls: Vec<_> = [3, 1, 2]
        .map(|nonce| player.call(world.chain_id(), &Order::count(nonce, b"k")))
        .to_vec();
    assert_eq!(submit(&mut node, &calls, START_MS + 500), vec![]);
    let made = node.make_block(START_MS + 500).unwrap();
    assert_eq!(made.block.unwrap().records.len(), 4);
    assert_eq!(counted(&node, b"k"), 4);
}

#[test]
fn every_outcome_but_invalid_is_ordered() {
    let world = World::new(false);
    let (_, mut node) = created(&world);
    play(&world, &mut node, 0, 0..1);
    let player = Player::new(0);
    let calls: Vec<_> = (1..=4u8)
        .map(|entry| {
            let order = Order {
                entry,
                ..Order::count(entry.into(), b"k")
            };
            player.call(world.chain_id(), &order)
        })
        .collect();
    assert_eq!(submit(&mut node, &calls, START_MS + 500), vec![]);
    let made = node.make_block(START_MS + 500).unwrap();
    let block = made.block.unwrap();
    let outcomes: Vec<_> = block.records.iter().map(|done| done.receipt.outcome).collect();
    assert!(
        matches!(
            outcomes[..],
            [
                Outcome::Ok,
                Outcome::Reverted,
                Outcome::Trapped(_),
                Outcome::OutOfGas,
                Outcome::Ok
            ]
        ),
        "{outcomes:?}"
    );
    assert_eq!(made.logs, vec![(4, "no such thing".to_owned())]);
    assert_eq!(counted(&node, b"k"), 2, "of those that ended ok");
}

#[test]
fn refusals_say_why() {
    let world = World::new(false);
    let (_, mut node) = created(&world);
    play(&world, &mut node, 0, 0..1);
    let (id, player) = (world.chain_id(), Player::new(0));
    let good = Order::count(1, b"k");
    let mut forged = player.call(id, &good);
    forged[40] ^= 1;
    let mut forced = player.call(id, &good);
    forced[0] |= 0x80;
    let cases = [
        (vec![1, 2, 3], "malformed"),
        (forced, "not_a_call"),
        (forged, "invalid_"),
        (player.call(Fr::from(5u64), &good), "invalid_signature"),
        (Player::new(1).call(id, &Order::count(1, b"k")), "invalid_account"),
        (player.call(id, &Order::count(0, b"x")), "invalid_account_exists"),
        (
            player.call(
                id,
                &Order {
                    creates: false,
                    ..Order::count(0, b"x")
                },
            ),
            "stale",
        ),
        (player.call(id, &Order::count(500, b"k")), "too_far_ahead"),
        (
            player.call(
                id,
                &Order {
                    valid_until_ms: START_MS - 1,
                    ..good.clone()
                },
            ),
            "invalid_expired",
        ),
        (
            player.call(
                id,
                &Order {
                    gas_limit: 100,
                    ..good.clone()
                },
            ),
            "invalid_gas_limit",
        ),
        (
            player.call(
                id,
                &Order {
                    gas_limit: u32::MAX,
                    ..good.clone()
                },
            ),
            "invalid_gas_limit",
        ),
    ];
    for (call, reason) in cases {
        let answers = submit(&mut node, &[call], START_MS + 100);
        let [(_, Answer::Refused(refusal))] = &answers[..] else {
            panic!("{reason}: {answers:?}");
        };
        assert!(refusal.name().starts_with(reason), "{reason}: {refusal:?}");
        assert!(refusal.to_string().len() > 15);
    }
    assert_eq!(node.waiting(), (0, 0));
    assert_eq!(node.last().height(), 1, "nothing of it was ordered");
}

#[test]
fn what_becomes_invalid_while_it_waits_is_refused_and_costs_nothing() {
    let world = World::new(false);
    let (_, mut node) = created(&world);
    play(&world, &mut node, 0, 0..1);
    let player = Player::new(0);
    let order = Order {
        valid_until_ms: START_MS + 1_000,
        ..Order::count(1, b"k")
    };
    let call = player.call(world.chain_id(), &order);
    assert_eq!(
        submit(&mut node, std::slice::from_ref(&call), START_MS + 200),
        vec![]
    );
    let made = node.make_block(START_MS + 1_001).unwrap();
    assert!(made.block.is_none());
    let names: Vec<_> = made.answers.iter().map(|(_, answer)| answer.clone()).collect();
    assert!(
        matches!(names[..], [Answer::Refused(Refusal::Left(_))]),
        "{names:?}"
    );
    // The nonce is free.
    play(&world, &mut node, 0, 1..2);
    assert_eq!(counted(&node, b"k"), 2);
}

#[test]
fn a_ticking_chain_makes_a_block_each_interval_and_no_more() {
    let world = World::new(true);
    let (disk, mut node) = created(&world);
    let mut now_ms = START_MS;
    for height in 1..=20 {
        now_ms = now_ms.max(node.due_ms().expect("a tick is due"));
        let made = node.make_block(now_ms).unwrap();
        assert_eq!(made.block.unwrap().height(), height);
        assert_eq!(node.due_ms(), Some(now_ms + 100));
    }
    assert_eq!(counted(&node, b"ticks"), 20);
    drop(node);
    let (node, _) = reopened(&world, &disk);
    assert_eq!((counted(&node, b"ticks"), node.last().height()), (20, 20));
}

#[test]
fn blocks_are_bounded_by_gas_and_bytes() {
    let mut world = World::new(false);
    world.settings.block_gas_max = 0;
    world.settings.pool.lane_window = 100;
    let (_, mut node) = created(&world);
    play(&world, &mut node, 0, 0..1);
    let player = Player::new(0);
    let calls: Vec<_> = (1..=60)
        .map(|nonce| {
            player.call(
                world.chain_id(),
                &Order {
                    gas_limit: 393_216,
                    entry: 3,
                    ..Order::count(nonce, b"k")
                },
            )
        })
        .collect();
    let refused = submit(&mut node, &calls, START_MS + 500);
    let waiting = calls.len() - refused.len();
    assert!(waiting > 3, "{refused:?}");
    // Each uses all its gas, which is all of a block's.
    let mut sealed = 0;
    while let Some(due) = node.due_ms() {
        let made = node.make_block(due.max(START_MS + 500)).unwrap();
        assert_eq!(made.block.unwrap().records.len(), 2);
        sealed += made.answers.len();
    }
    assert_eq!(sealed, waiting);
}

#[test]
fn proving_debt_slows_and_then_stops_a_chain_until_proofs_come() {
    let world = World::with(|params| params.unproven_rows_max = 100_000);
    let (_, mut node) = created(&world);
    let player = Player::new(0);
    let (mut nonce, mut now_ms) = (0, START_MS);
    let refusal = loop {
        let call = player.call(world.chain_id(), &Order::count(nonce, b"k"));
        let answers = submit(&mut node, &[call], now_ms);
        if let [(_, Answer::Refused(refusal))] = answers[..] {
            break refusal;
        }
        let made = node.make_block(now_ms).unwrap();
        now_ms += 200;
        nonce += u64::from(made.block.is_some());
        assert!(node.debt() <= 100_000);
        if made.block.is_none() {
            // What is left is less than the call may use: it waits, and new calls are refused at the limit only.
            break Refusal::Debt;
        }
    };
    assert_eq!(refusal, Refusal::Debt);
    assert!(
        nonce > 3 && node.debt() > 50_000,
        "{nonce} calls, {}",
        node.debt()
    );
    let work = node.last().work;
    node.proven(work);
    assert_eq!(node.debt(), 0);
    let made = node.make_block(now_ms + 500).unwrap();
    let _ = made;
    play(&world, &mut node, 1, 0..1);
}

#[test]
fn on_paid_chains_what_waits_can_be_paid() {
    let player = Player::new(0);
    let gas_limit = 40_000;
    let funds = 3 * u128::from(gas_limit) * 2;
    let world = World::with(|params| {
        params.fee_mode = FeeMode::Paid;
        params.gas_price_min = 2;
        params.balances = vec![(player.id, funds)];
    });
    let (_, mut node) = created(&world);
    let calls: Vec<_> = (0..5)
        .map(|nonce| {
            let order = Order {
                gas_limit,
                gas_price: 2,
                ..Order::count(nonce, b"k")
            };
            player.call(world.chain_id(), &order)
        })
        .collect();
    // The account's first call; then what its balance covers, all together.
    assert_eq!(submit(&mut node, &calls[..1], START_MS), vec![]);
    node.make_block(START_MS).unwrap();
    let refused = submit(&mut node, &calls[1..], START_MS + 100);
    let funds = Answer::Refused(Refusal::Invalid(Invalid::Funds));
    assert_eq!(
        refused,
        vec![(Ticket(2), funds.clone()), (Ticket(3), funds.clone())]
    );
    assert_eq!(node.waiting().0, 2);
    // Another lane may be another device's: the first call in it is held against the balance alone, as if nothing waited.
    let other: Vec<_> = (0..2)
        .map(|nonce| {
            let order = Order {
                lane: 1,
                gas_limit,
                gas_price: 2,
                creates: false,
                ..Order::count(nonce, b"k")
            };
            player.call(world.chain_id(), &order)
        })
        .collect();
    let refused = submit(&mut node, &other, START_MS + 100);
    assert_eq!(refused, vec![(Ticket(1), funds)]);
    assert_eq!(node.waiting().0, 3);
}

#[test]
fn what_cannot_be_paid_any_more_when_its_turn_comes_leaves() {
    let player = Player::new(0);
    let (gas_limit, price) = (40_000, 2);
    let cost = u128::from(gas_limit) * u128::from(price);
    let world = World::with(|params| {
        params.fee_mode = FeeMode::Paid;
        params.gas_price_min = price;
        params.balances = vec![(player.id, 100 * cost)];
    });
    let (_, mut node) = created(&world);
    let order = |nonce| Order {
        gas_limit,
        gas_price: price,
        ..Order::count(nonce, b"k")
    };
    let first = player.call(world.chain_id(), &order(0));
    assert_eq!(submit(&mut node, &[first], START_MS), vec![]);
    node.make_block(START_MS).unwrap();
    // Half of the money goes; a call that could be paid out of all of it waits in another lane.
    let half = SystemEntry::Transfer {
        to: Player::new(1).id,
        amount: 50 * cost,
    };
    let gives = Order {
        entry: half.entry(),
        payload: half.payload(),
        creates: false,
        ..order(1)
    };
    let dear = Order {
        lane: 1,
        gas_price: 60 * price,
        creates: false,
        ..order(0)
    };
    let calls = [gives, dear].map(|order| player.call(world.chain_id(), &order));
    assert_eq!(submit(&mut node, &calls, START_MS + 100), vec![]);
    let made = node.make_block(START_MS + 200).unwrap();
    let records = made.block.unwrap();
    assert_eq!(records.records.len(), 2, "the block's own and the transfer");
    assert_eq!(records.records[1].receipt.outcome, Outcome::Ok);
    let refused = Answer::Refused(Refusal::Invalid(Invalid::Funds));
    assert!(made.answers.contains(&(Ticket(1), refused)));
    assert_eq!(node.waiting().0, 0);
}

#[test]
fn an_upgrade_takes_place_between_two_blocks_at_its_time() {
    for delay in [0, 5_000] {
        let authority = Player::new(0);
        let world = World::with(|params| {
            params.upgrade_authority = authority.id;
            params.upgrade_delay_ms = delay;
        });
        let (disk, mut node) = created(&world);
        play(&world, &mut node, 0, 0..1);
        let other = world.load_other();
        let before = node.boundary().time_ms.get();
        let now_ms = before + 100;
        let time_ms = now_ms + delay + 1;
        let entry = SystemEntry::AnnounceUpgrade(Upgrade {
            time_ms: U48::new(time_ms).unwrap(),
            module: other,
            vk_set_root: Fr::from(77u64),
            gas_schedule: GAS_SCHEDULE.version,
            tick_gas: 0,
            gas_price_min: 0,
        });
        let order = Order {
            entry: entry.entry(),
            payload: entry.payload(),
            creates: false,
            ..Order::count(1, b"")
        };
        let call = authority.call(world.chain_id(), &order);
        assert_eq!(submit(&mut node, &[call], now_ms), vec![]);
        let made = node.make_block(now_ms).unwrap();
        let announced = made.block.unwrap();
        assert_eq!(announced.records[1].receipt.outcome, Outcome::Ok, "delay {delay}");
        // Under the old module until its time.
        let at_once = announced.records.len() == 3;
        assert_eq!(
            at_once,
            delay == 0,
            "no block fits between, so it is activated at once"
        );
        if !at_once {
            play(&world, &mut node, 1, 0..1);
            assert_eq!(counted(&node, b"k"), 2);
        }
        // A call that comes at its time first finds the upgrade, then the new module.
        let now_ms = time_ms + 50;
        let call = Player::new(0).call(
            world.chain_id(),
            &Order {
                creates: false,
                ..Order::count(2, b"k")
            },
        );
        assert_eq!(submit(&mut node, &[call], now_ms), vec![]);
        let mut answers = 0;
        while let Some(due) = node.due_ms() {
            let Made {
                block, answers: now, ..
            } = node.make_block(due.max(now_ms)).unwrap();
            let block = block.expect("a block");
            assert!(
                block.header.after.time_ms.get() >= block.header.after.activating_ms.get().saturating_sub(1)
            );
            answers += now.len();
        }
        assert_eq!(answers, 1, "delay {delay}");
        assert_eq!(node.boundary().module, other);
        assert_eq!(
            counted(&node, b"k"),
            if at_once { 1 } else { 2 },
            "the new module counts nothing"
        );
        let digest = node.last().header.digest();
        drop(node);
        let (node, _) = reopened(&world, &disk);
        assert_eq!(node.last().header.digest(), digest);
    }
}

#[test]
fn a_stop_in_good_order_leaves_nothing_to_execute() {
    let world = World::new(false);
    let (disk, mut node) = created(&world);
    play(&world, &mut node, 0, 0..5);
    let digest = node.last().header.digest();
    stop(node);
    let (node, report) = reopened(&world, &disk);
    assert_eq!(report, vec![]);
    assert_eq!(node.last().header.digest(), digest);
}

#[test]
fn two_nodes_that_replay_one_tape_agree_on_every_block() {
    let world = World::new(false);
    let (disk, mut node) = created(&world);
    play(&world, &mut node, 0, 0..5);
    play(&world, &mut node, 1, 0..5);
    let last = node.last().height();
    let digests = |node: &Node| -> Vec<_> {
        (0..=last)
            .map(|height| node.history().block(height).unwrap().unwrap().header)
            .collect()
    };
    let expected = digests(&node);
    stop(node);
    for name in disk.list().unwrap() {
        if !name.ends_with(".tape") {
            disk.remove(&name).unwrap();
        }
    }
    let (node, report) = reopened(&World::new(false), &disk);
    assert_eq!(report, vec![Chapter::Replayed { blocks: last }]);
    assert_eq!(digests(&node), expected);
}

#[test]
fn a_halt_tells_everybody_who_waits() {
    let world = World::new(false);
    let (disk, mut node) = created(&world);
    play(&world, &mut node, 0, 0..1);
    let calls: Vec<_> = [1, 2, 9]
        .map(|nonce| Player::new(0).call(world.chain_id(), &Order::count(nonce, b"k")))
        .to_vec();
    assert_eq!(submit(&mut node, &calls, START_MS + 500), vec![]);
    disk.set_capacity(Some(disk.used()));
    disk.fail_at(
        0,
        playfair_simulation::disk::Fault::Once(std::io::ErrorKind::StorageFull),
    );
    let halt = node.make_block(START_MS + 500).unwrap_err();
    assert!(matches!(halt, Halt::Log(_)), "{halt}");
    assert!(halt.to_string().contains("make room"), "{halt}");
    let (mut tickets, _) = node.close();
    tickets.sort_unstable();
    assert_eq!(tickets, [0, 1, 2].map(Ticket));
    disk.heal();
    let (node, _) = reopened(&world, &disk);
    assert_eq!((node.last().height(), counted(&node, b"k")), (1, 1));
}

#[test]
fn another_genesis_is_refused() {
    let world = World::new(false);
    let (disk, node) = created(&world);
    stop(node);
    let before = disk.used();
    let other = World::with(|params| params.tick_gas = 1);
    let Err(error) = other.open(&disk) else {
        panic!("opened")
    };
    assert!(matches!(error, OpenError::Log(_)), "{error}");
    assert!(error.to_string().contains("another chain's"), "{error}");
    assert_eq!(disk.copy().used(), before, "nothing was touched");
    drop(reopened(&world, &disk));
}
