//! Damage that opening does not see at once, and files of others.

use playfair_sequencer::{Chapter, Ticket};
use playfair_simulation::disk::SimDisk;
use playfair_simulation::random::Random;
use playfair_simulation::scene::stopped;
use playfair_simulation::world::{Order, Player, START_MS, World};

const BLOCKS: u64 = 300;

fn call(world: &World, player: u64, nonce: u64) -> Vec<u8> {
    // Some keys are new, some have lain still for a while.
    let key = format!("{:8}", player * 1_000 + nonce * 7 % 90);
    Player::new(player).call(world.chain_id(), &Order::count(nonce, key.as_bytes()))
}

/// A page of a database is changed in one of the ways in which pages change.
fn harm(disk: &SimDisk, name: &str, random: &mut Random) {
    disk.damage(name, |bytes| {
        let page = 4_104;
        let from = random.below((bytes.len() / page) as u64) as usize * page;
        let within = if random.one_in(2) { 64 } else { page as u64 };
        let at = from + random.below(within) as usize;
        match random.below(3) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[from..from + page].fill(0),
            _ => bytes[at..(at + 64).min(from + page)].fill(random.any() as u8),
        }
    });
}

/// As a chain's thread does it: what has failed is not trusted a second time.
#[test]
fn damage_is_not_met_again_and_again() {
    let world = World::new(false);
    let original = stopped(&world, BLOCKS, call);
    let mut met = 0;
    for seed in 0..36 {
        let random = &mut Random::new(seed);
        let disk = original.copy();
        let name = ["history.redb", "state.redb"][seed as usize % 2];
        let open = |distrust| {
            let opened = match distrust {
                true => world.open_distrusting(&disk),
                false => world.open(&disk),
            };
            let opened = opened.unwrap_or_else(|error| panic!("seed {seed}, {name}: {error}"));
            opened.sequencer
        };
        // Debug builds of redb read everything when they open; so the damage comes after it, or before it.
        let before = random.one_in(3);
        if before {
            harm(&disk, name, random);
        }
        let mut node = open(false);
        if !before {
            harm(&disk, name, random);
        }
        let (mut halts, mut number, mut round) = (0, 0, 0);
        while number < 30 {
            round += 1;
            let now_ms = START_MS + 100_000 + round * 100;
            let call = call(&world, number % 3, BLOCKS / 3 + number / 3);
            let done = node
                .submit(vec![(Ticket(round), call)], now_ms)
                .and_then(|_| node.make_block(now_ms))
                .and_then(|_| node.checkpoint()?.write());
            if let Err(halt) = done {
                halts += 1;
                assert!(halt.is_damage(), "seed {seed}, {name}: {halt}");
                drop(node.close());
                node = open(true);
                // The block may have been sealed when its checkpoint failed.
            }
            number = node.last().height() - BLOCKS;
        }
        assert!(halts <= 1, "seed {seed}, {name}: {halts} halts");
        met += halts;
        // Who executes the log again comes to the same.
        let digest = node.last().header.digest();
        drop(node.close());
        let again = world.open_distrusting(&disk);
        let again = again.unwrap_or_else(|error| panic!("seed {seed}, {name}: {error}"));
        assert_eq!(again.sequencer.last().header.digest(), digest);
    }
    assert!(met > 3, "{met}");
}

#[test]
fn what_could_heal_the_log_is_not_set_aside_before_it_has() {
    let world = World::new(false);
    let original = stopped(&world, BLOCKS, call);
    let disk = original.copy();
    let name = "00000000000000000000.tape";
    let tape = original.bytes(name).unwrap();
    let used = tape.iter().rposition(|byte| *byte != 0).unwrap();
    // Opening alone would not see it if this were not the last file; distrust makes it be executed.
    disk.damage(name, |bytes| bytes[used / 2] ^= 1);
    let opened = world
        .open_distrusting(&disk)
        .unwrap_or_else(|error| panic!("{error}"));
    let healed = |chapter: &Chapter| matches!(chapter, Chapter::HealedLog { .. });
    assert!(opened.report.iter().any(healed), "{:?}", opened.report);
    assert_eq!(opened.sequencer.last().height(), BLOCKS);
}
