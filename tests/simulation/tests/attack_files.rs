//! A history that says it is another chain's, or begins later, beside a log that knows better.

use playfair_sequencer::{Answer, Chapter, OpenError, Ticket};
use playfair_simulation::disk::{Fault, Loss};
use playfair_simulation::random::Random;
use playfair_simulation::scene::{reopened, stopped};
use playfair_simulation::world::{Order, Player, START_MS, World};
use playfair_types::crypto::field::fr_to_bytes;
use std::io::ErrorKind;

const BLOCKS: u64 = 60;

fn call(world: &World, player: u64, nonce: u64) -> Vec<u8> {
    let key = format!("{:8}", player * 1_000 + nonce);
    Player::new(player).call(world.chain_id(), &Order::count(nonce, key.as_bytes()))
}

/// Where the history says what it is: format, chain id, first height.
fn meta_of(world: &World, bytes: &[u8]) -> Vec<usize> {
    let mut meta = 1u32.to_be_bytes().to_vec();
    meta.extend_from_slice(&fr_to_bytes(&world.chain_id()));
    let places = 0..bytes.len() - meta.len();
    places.filter(|at| bytes[*at..].starts_with(&meta)).collect()
}

#[test]
fn a_history_that_does_not_know_itself_is_made_again() {
    let world = World::new(false);
    let original = stopped(&world, BLOCKS, call);
    let name = "history.redb";
    let places = meta_of(&world, &original.bytes(name).unwrap());
    assert!(!places.is_empty());
    // Format, chain id, and the first height, which would hide what is below.
    for inside in [3, 10, 36, 43] {
        let disk = original.copy();
        disk.damage(name, |bytes| {
            for place in &places {
                bytes[place + inside] ^= 64;
            }
        });
        let opened = world.open(&disk);
        let opened = opened.unwrap_or_else(|error| panic!("byte {inside}: {error}"));
        assert!(
            opened.report.contains(&Chapter::DamagedHistory),
            "{:?}",
            opened.report
        );
        let mut node = opened.sequencer;
        assert_eq!(node.last().height(), BLOCKS);
        let again = node
            .submit(vec![(Ticket(0), call(&world, 0, 0))], START_MS + 9_000)
            .unwrap();
        assert!(
            matches!(again[..], [(_, Answer::Sealed(_))]),
            "byte {inside}: {again:?}"
        );
    }
}

#[test]
fn a_copy_of_a_block_is_whole_or_is_none() {
    let world = World::new(false);
    let original = stopped(&world, BLOCKS, call);
    let node = reopened(&world, &original).0;
    let tape: Vec<_> = (0..=BLOCKS)
        .map(|height| node.history().block(height).unwrap().unwrap())
        .collect();
    drop(node);
    let bytes = original.bytes("history.redb").unwrap();
    let mut found = 0;
    for (height, block) in (0..).zip(&tape).skip(1).step_by(7) {
        let record = &block.records[1].record;
        let disk = original.copy();
        // Within the payload, so that it is a block all the same.
        let places: Vec<_> = bytes
            .windows(record.len())
            .enumerate()
            .filter(|(_, window)| window == record)
            .collect();
        disk.damage("history.redb", |bytes| {
            for (at, _) in &places {
                bytes[at + record.len() - 70] ^= 1;
            }
        });
        let opened = world
            .open(&disk)
            .unwrap_or_else(|error| panic!("block {height}: {error}"));
        found += u32::from(opened.report.contains(&Chapter::DamagedHistory));
        match opened.sequencer.history().block(height) {
            Ok(Some(read)) => assert_eq!(read, *block, "block {height}"),
            Ok(None) => panic!("block {height} is not there"),
            Err(_) => found += 1,
        }
    }
    assert!(found > 3, "{found}");
}

#[test]
fn a_chain_is_not_opened_while_somebody_has_its_files() {
    let world = World::new(false);
    let disk = stopped(&world, BLOCKS, call);
    let old = reopened(&world, &disk).0;
    let (history, state) = (old.history().clone(), old.state().clone());
    let checkpoint = old.checkpoint().unwrap();
    drop(old);
    let busy = |what: &str| match world.open(&disk) {
        Err(OpenError::Disk { source, .. }) => assert_eq!(source.kind(), ErrorKind::WouldBlock),
        Err(error) => panic!("{what}: {error}"),
        Ok(_) => panic!("{what}: opened"),
    };
    busy("a reader has the history");
    drop(history);
    busy("a checkpoint has it");
    drop(checkpoint);
    busy("a reader has the state");
    drop(state);
    let opened = world.open(&disk).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(opened.report, vec![]);
    assert_eq!(opened.sequencer.last().height(), BLOCKS);
}

#[test]
fn a_log_and_history_from_an_older_backup_are_not_taken_for_all() {
    let world = World::new(false);
    let disk = stopped(&world, BLOCKS, call);
    let older = disk.copy();
    let mut node = reopened(&world, &disk).0;
    node.submit(vec![(Ticket(0), call(&world, 0, 20))], START_MS + 9_000)
        .unwrap();
    node.make_block(START_MS + 9_000).unwrap();
    node.checkpoint().unwrap().write().unwrap();
    drop(node);
    let newer = disk.bytes("state.redb").unwrap();
    older.damage("state.redb", |bytes| *bytes = newer);
    match world.open(&older) {
        Err(OpenError::Lost { height }) => assert_eq!(height, BLOCKS + 1),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("a sealed block is forgotten"),
    }
}

#[test]
fn a_checkpoint_that_is_cut_short_costs_no_more_than_its_blocks() {
    let world = World::new(false);
    let original = stopped(&world, BLOCKS, call);
    for after in 0..40 {
        let disk = original.copy();
        let mut node = reopened(&world, &disk).0;
        node.submit(vec![(Ticket(0), call(&world, 0, 20))], START_MS + 9_000)
            .unwrap();
        node.make_block(START_MS + 9_000).unwrap();
        disk.fail_at(after, Fault::PowerOff);
        let _ = node.checkpoint().unwrap().write();
        drop(node);
        let disk = disk.crash(Loss::All, &mut Random::new(after));
        let report = world.open(&disk).unwrap_or_else(|error| panic!("{error}")).report;
        let most = [Chapter::Replayed { blocks: 1 }];
        assert!(report.is_empty() || report == most, "after {after}: {report:?}");
    }
}
