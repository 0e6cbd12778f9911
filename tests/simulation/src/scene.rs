//! What tests of one chain begin with: it is made, opened again, played on, stopped.

use crate::disk::SimDisk;
use crate::world::{Order, Player, START_MS, World};
use playfair_bls::Signer;
use playfair_sequencer::{Answer, Chapter, Sequencer, Ticket};
use std::ops::Range;

/// A chain on a simulated disk.
pub type Node = Sequencer<SimDisk, Signer>;

/// The chain on a new disk.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn created(world: &World) -> (SimDisk, Node) {
    let disk = SimDisk::new();
    let opened = world.create(&disk).unwrap_or_else(|error| panic!("{error}"));
    (disk, opened.sequencer)
}

/// The chain that a disk has, and what opening did beside.
///
/// # Panics
/// When it cannot be opened.
#[must_use]
pub fn reopened(world: &World, disk: &SimDisk) -> (Node, Vec<Chapter>) {
    let opened = world.open(disk).unwrap_or_else(|error| panic!("{error}"));
    (opened.sequencer, opened.report)
}

/// A call that counts in the key `k`.
#[must_use]
pub fn call(world: &World, player: u64, nonce: u64) -> Vec<u8> {
    Player::new(player).call(world.chain_id(), &Order::count(nonce, b"k"))
}

/// Makes blocks of counting calls of one player, one call each, at the times of their nonces.
///
/// # Panics
/// When a call is not sealed at once.
pub fn play(world: &World, node: &mut Node, player: u64, nonces: Range<u64>) {
    for nonce in nonces {
        let now_ms = START_MS + nonce * 100;
        let calls = vec![(Ticket(nonce), call(world, player, nonce))];
        assert_eq!(node.submit(calls, now_ms).expect("no halt"), vec![]);
        let made = node.make_block(now_ms).expect("no halt");
        assert!(
            matches!(made.answers[..], [(_, Answer::Sealed(_))]),
            "{:?}",
            made.answers
        );
    }
}

/// A disk with a chain of so many blocks, one call of one of three players each, stopped in good order. `call` makes a
/// player's call of a nonce.
///
/// # Panics
/// When a call is refused, or something fails.
#[must_use]
pub fn stopped(world: &World, blocks: u64, call: impl Fn(&World, u64, u64) -> Vec<u8>) -> SimDisk {
    let (disk, mut node) = created(world);
    for number in 0..blocks {
        let now_ms = START_MS + number * 100;
        let calls = vec![(Ticket(number), call(world, number % 3, number / 3))];
        assert_eq!(node.submit(calls, now_ms).expect("no halt"), vec![]);
        node.make_block(now_ms).expect("no halt");
    }
    stop(node);
    disk
}

/// Stops a chain for which nobody waits, with its last checkpoint.
///
/// # Panics
/// When somebody waits, or the checkpoint fails.
pub fn stop(node: Node) {
    let (tickets, checkpoint) = node.close();
    assert_eq!(tickets, vec![]);
    checkpoint
        .and_then(playfair_sequencer::Checkpoint::write)
        .expect("a checkpoint");
}
