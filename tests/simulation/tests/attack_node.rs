//! What an attacker tries against a running chain, and what a chain does to itself when it halts.

use playfair_sequencer::{Answer, Halt, Refusal, Ticket};
use playfair_simulation::disk::{Fault, Loss, SimDisk};
use playfair_simulation::random::Random;
use playfair_simulation::scene::{call, created, play, reopened};
use playfair_simulation::world::{Order, Player, START_MS, World};
use playfair_types::Fr;
use playfair_types::bounded::U48;
use playfair_types::limits::GAS_SCHEDULE;
use playfair_types::rules::Upgrade;
use playfair_types::tape::system_entry::SystemEntry;
use std::collections::BTreeSet;
use std::io::ErrorKind;

#[test]
fn what_a_halted_sequencer_leaves_does_not_outrun_the_log() {
    let world = World::new(false);
    for after in 0..2 {
        let (disk, mut node) = created(&world);
        play(&world, &mut node, 0, 0..3);
        let call = call(&world, 0, 3);
        assert_eq!(
            node.submit(vec![(Ticket(9), call)], START_MS + 500).unwrap(),
            vec![]
        );
        disk.fail_at(after, Fault::Once(ErrorKind::StorageFull));
        assert!(matches!(node.make_block(START_MS + 500), Err(Halt::Log(_))));
        disk.heal();
        let (tickets, checkpoint) = node.close();
        assert_eq!(tickets, vec![Ticket(9)]);
        let _ = checkpoint.and_then(|checkpoint| checkpoint.write());
        let node = reopened(&world, &disk).0;
        assert!(node.last().height() >= 3);
    }
}

#[test]
fn a_halted_sequencer_does_nothing_more() {
    let world = World::new(false);
    let (disk, mut node) = created(&world);
    play(&world, &mut node, 0, 0..3);
    node.submit(vec![(Ticket(9), call(&world, 0, 3))], START_MS + 500)
        .unwrap();
    disk.fail_at(0, Fault::Once(ErrorKind::StorageFull));
    assert!(node.make_block(START_MS + 500).is_err());
    disk.heal();
    assert!(node.checkpoint().is_err());
    assert!(node.make_block(START_MS + 700).is_err());
    assert!(
        node.submit(vec![(Ticket(10), call(&world, 0, 4))], START_MS + 700)
            .is_err()
    );
    let (tickets, _) = node.close();
    assert_eq!(tickets.len(), 2, "{tickets:?}");
}

#[test]
fn ticks_do_not_pass_the_limit_of_proving_debt() {
    let world = World::with(|params| {
        params.tick_gas = 50_000;
        params.unproven_rows_max = 100_000;
    });
    let (_, mut node) = created(&world);
    for step in 0..200 {
        node.make_block(START_MS + step * 100).unwrap();
        assert!(node.debt() <= 100_000, "{} at {step}", node.debt());
    }
    node.proven(node.last().work);
    assert!(node.make_block(START_MS + 30_000).unwrap().block.is_some());
}

#[test]
fn a_submission_that_halts_gives_every_ticket_back_once() {
    let mut world = World::new(false);
    world.settings.cache_bytes = 0;
    let (disk, mut node) = created(&world);
    for player in 0..40 {
        play(&world, &mut node, player, 0..1);
    }
    let (_, checkpoint) = node.close();
    checkpoint.unwrap().write().unwrap();
    let mut halts = 0;
    for after in 0..30 {
        let disk = disk.copy();
        let mut node = reopened(&world, &disk).0;
        disk.fail_reads_after(after);
        let calls = (0..40)
            .map(|player| (Ticket(player), call(&world, player, 1)))
            .collect();
        let answered = match node.submit(calls, START_MS + 5_000) {
            Ok(answers) => answers.into_iter().map(|(ticket, _)| ticket).collect(),
            Err(_) => {
                halts += 1;
                Vec::new()
            }
        };
        let (tickets, _) = node.close();
        let all: Vec<_> = answered.into_iter().chain(tickets).collect();
        let distinct: BTreeSet<_> = all.iter().copied().collect();
        assert_eq!((all.len(), distinct.len()), (40, 40), "after {after} reads");
    }
    assert!(halts > 3, "{halts}");
}

#[test]
fn a_clock_that_is_set_back_does_not_stop_the_chain() {
    let world = World::new(false);
    let (_, mut node) = created(&world);
    play(&world, &mut node, 0, 0..1);
    let late = START_MS + 3_600_000;
    node.submit(vec![(Ticket(1), call(&world, 0, 1))], late).unwrap();
    node.make_block(late).unwrap();
    // The clock was an hour fast, and is set right.
    let now_ms = START_MS + 1_000;
    node.submit(vec![(Ticket(2), call(&world, 0, 2))], now_ms)
        .unwrap();
    assert!(
        node.due_ms().unwrap() <= now_ms + 1_000,
        "{}",
        node.due_ms().unwrap() - now_ms
    );
    let made = node.make_block(now_ms + 1_000).unwrap();
    assert!(matches!(made.answers[..], [(Ticket(2), Answer::Sealed(_))]));
}

#[test]
fn a_forged_copy_does_not_keep_its_signer_out() {
    let world = World::new(false);
    let (_, mut node) = created(&world);
    play(&world, &mut node, 0, 0..1);
    let good = call(&world, 0, 1);
    assert_eq!(
        node.submit(vec![(Ticket(0), good.clone())], START_MS + 200)
            .unwrap(),
        vec![]
    );
    // The same message under a signature that is none.
    let length = good.len();
    let mut forged = good.clone();
    let at = (0..length)
        .rev()
        .find(|at| {
            let mut other = good.clone();
            other[*at] ^= 1;
            other != good
                && playfair_types::tape::call_message(world.chain_id(), &other).ok()
                    == playfair_types::tape::call_message(world.chain_id(), &good).ok()
        })
        .expect("a byte of the signature");
    forged[at] ^= 1;
    let calls = (1..40).map(|ticket| (Ticket(ticket), forged.clone())).collect();
    let answers = node.submit(calls, START_MS + 210).unwrap();
    assert!(
        answers
            .iter()
            .all(|(_, answer)| matches!(answer, Answer::Refused(Refusal::Invalid(_)))),
        "{answers:?}"
    );
    let again = node.submit(vec![(Ticket(50), good)], START_MS + 220).unwrap();
    assert!(
        !matches!(again[..], [(_, Answer::Refused(Refusal::Crowded))]),
        "the signer is kept out by copies that he did not sign"
    );
}

#[test]
fn an_existing_chain_is_not_wiped_as_a_new_one() {
    let world = World::new(false);
    let (disk, mut node) = created(&world);
    play(&world, &mut node, 0, 0..3);
    drop(node);
    let _ = world.create(&disk);
    assert_eq!(reopened(&world, &disk).0.last().height(), 3);
}

#[test]
fn a_block_has_no_more_bytes_than_it_may() {
    let mut world = World::new(false);
    world.settings.block_bytes_max = 64 << 10;
    let (_, mut node) = created(&world);
    for player in 0..12 {
        play(&world, &mut node, player, 0..1);
    }
    let calls: Vec<_> = (0..120)
        .map(|number| {
            let order = Order {
                gas_limit: 30_000,
                ..Order::count(1 + number / 12, &[b'x'; 2_000])
            };
            (
                Ticket(number),
                Player::new(number % 12).call(world.chain_id(), &order),
            )
        })
        .collect();
    let refused = node.submit(calls, START_MS + 5_000).unwrap().len();
    let (mut sealed, mut blocks, mut now_ms) = (0, 0, START_MS + 5_000);
    while node.due_ms().is_some() {
        now_ms += 100;
        let made = node.make_block(now_ms).unwrap();
        let block = made.block.expect("something fits");
        let calls: usize = block.records.iter().skip(1).map(|done| done.record.len()).sum();
        assert!(calls <= 64 << 10, "{calls}");
        sealed += made.answers.len();
        blocks += 1;
    }
    assert!(
        sealed + refused == 120 && blocks > 2,
        "{sealed} {refused} {blocks}"
    );
}

#[test]
fn a_creation_that_was_cut_short_is_begun_again() {
    let world = World::new(false);
    let most = {
        let disk = SimDisk::new();
        world.create(&disk).unwrap_or_else(|error| panic!("{error}"));
        disk.operations()
    };
    for after in 0..most {
        let disk = SimDisk::new();
        disk.fail_at(after, Fault::PowerOff);
        drop(world.create(&disk));
        for loss in [Loss::Some, Loss::None] {
            let mut disk = disk.crash(loss, &mut Random::new(after));
            disk.heal();
            if loss == Loss::None {
                disk = disk.crash(Loss::Some, &mut Random::new(after + 1_000));
            }
            let opened = world.create(&disk);
            let mut node = opened
                .unwrap_or_else(|error| panic!("{after} {loss:?}: {error}"))
                .sequencer;
            play(&world, &mut node, 0, 0..2);
        }
    }
}

#[test]
fn a_clock_that_is_set_back_over_an_upgrade_does_not_break_the_tape() {
    let authority = Player::new(0);
    let world = World::with(|params| params.upgrade_authority = authority.id);
    let (_, mut node) = created(&world);
    play(&world, &mut node, 0, 0..1);
    let time_ms = START_MS + 60_000;
    let entry = SystemEntry::AnnounceUpgrade(Upgrade {
        time_ms: U48::new(time_ms).unwrap(),
        module: world.load_other(),
        vk_set_root: Fr::from(77u64),
        gas_schedule: GAS_SCHEDULE.version,
        tick_gas: 0,
        gas_price_min: 0,
    });
    let order = Order {
        entry: entry.entry(),
        payload: entry.payload(),
        ..Order::count(1, b"")
    };
    let announcement = authority.call(world.chain_id(), &order);
    node.submit(vec![(Ticket(0), announcement)], START_MS + 500)
        .unwrap();
    node.make_block(START_MS + 500).unwrap();
    // At its time the upgrade is made; then the clock is an hour behind, and nobody asks when the next block is due.
    node.submit(vec![(Ticket(1), call(&world, 0, 2))], time_ms)
        .unwrap();
    node.make_block(time_ms).unwrap();
    assert_eq!(node.boundary().activating_ms.get(), time_ms);
    let made = node.make_block(START_MS).unwrap();
    assert!(
        matches!(made.answers[..], [(Ticket(1), Answer::Sealed(_))]),
        "{:?}",
        made.answers
    );
    assert_eq!(node.boundary().time_ms.get(), time_ms);
}

#[test]
fn those_who_wait_for_one_call_are_bounded_and_all_are_told() {
    let world = World::new(false);
    let (_, mut node) = created(&world);
    let calls = (0..40)
        .map(|ticket| (Ticket(ticket), call(&world, 0, 0)))
        .collect();
    let mut answers = node.submit(calls, START_MS).unwrap();
    assert_eq!(answers.len(), 24);
    let crowded = |(_, answer): &(Ticket, Answer)| *answer == Answer::Refused(Refusal::Crowded);
    assert!(answers.iter().all(crowded), "{answers:?}");
    answers.extend(node.make_block(START_MS).unwrap().answers);
    let told: BTreeSet<_> = answers.iter().map(|(ticket, _)| ticket.0).collect();
    assert_eq!(told, (0..40).collect());
    assert_eq!(answers.len(), 40);
}
