//! Files that come back from the disk as something else. One damaged file heals from the others; what cannot be healed is
//! named, and nothing is made worse.

use playfair_sequencer::Ticket;
use playfair_sequencer::{Chapter, OpenError};
use playfair_simulation::disk::SimDisk;
use playfair_simulation::random::Random;
use playfair_simulation::world::{Order, Player, START_MS, World};
use playfair_storage::Disk;

const TAPE: &str = "00000000000000000000.tape";
const BLOCKS: u64 = 60;

/// A chain with a history, stopped in good order; and the digests of its blocks.
fn stopped(world: &World) -> (SimDisk, Vec<[u8; 32]>) {
    let disk = SimDisk::new();
    let mut node = world
        .create(&disk)
        .unwrap_or_else(|error| panic!("{error}"))
        .sequencer;
    for nonce in 0..BLOCKS {
        let player = Player::new(nonce % 3);
        let key = format!("{nonce:8}");
        let call = player.call(world.chain_id(), &Order::count(nonce / 3, key.as_bytes()));
        let answers = node
            .submit(vec![(Ticket(nonce), call)], START_MS + nonce * 100)
            .unwrap();
        assert_eq!(answers, vec![]);
        node.make_block(START_MS + nonce * 100).unwrap();
        if nonce % 20 == 0 {
            node.checkpoint().unwrap().write().unwrap();
        }
    }
    let digests = (0..=BLOCKS)
        .map(|height| node.history().block(height).unwrap().unwrap().header.digest())
        .collect();
    let (_, checkpoint) = node.close();
    checkpoint.unwrap().write().unwrap();
    (disk, digests)
}

/// One of the things that happen to files. `used` is the part of the file that says something.
fn harm(disk: &SimDisk, name: &str, random: &mut Random) -> &'static str {
    let used = disk
        .bytes(name)
        .unwrap()
        .iter()
        .rposition(|byte| *byte != 0)
        .unwrap() as u64
        + 1;
    match random.below(5) {
        0 => {
            disk.remove(name).unwrap();
            "removed"
        }
        1 => {
            disk.damage(name, |bytes| bytes.truncate(random.below(used) as usize));
            "cut"
        }
        2 => {
            disk.damage(name, |bytes| {
                let (from, length) = (random.below(used) as usize, 1 + random.below(8_000) as usize);
                bytes
                    .iter_mut()
                    .skip(from)
                    .take(length)
                    .for_each(|byte| *byte = 0);
            });
            "zeroed"
        }
        3 => {
            disk.damage(name, |bytes| {
                let (from, length) = (random.below(used) as usize, 1 + random.below(2_000) as usize);
                bytes
                    .iter_mut()
                    .skip(from)
                    .take(length)
                    .for_each(|byte| *byte = random.any() as u8);
            });
            "overwritten"
        }
        _ => {
            disk.damage(name, |bytes| {
                bytes[random.below(used) as usize] ^= 1 << random.below(8)
            });
            "flipped"
        }
    }
}

#[test]
fn one_damaged_file_heals_from_the_others() {
    let world = World::new(false);
    let (original, digests) = stopped(&world);
    let (mut healed, mut remade) = (0, 0);
    for seed in 0..150 {
        let random = &mut Random::new(seed);
        let disk = original.copy();
        let name = ["history.redb", "state.redb", TAPE][seed as usize % 3];
        let how = harm(&disk, name, random);
        let opened = world.open(&disk);
        let opened = opened.unwrap_or_else(|error| panic!("seed {seed}, {name} {how}: {error}"));
        let node = opened.sequencer;
        assert_eq!(
            node.last().header.digest(),
            digests[BLOCKS as usize],
            "seed {seed}, {name} {how}"
        );
        for chapter in &opened.report {
            match chapter {
                Chapter::HealedLog { .. } => healed += 1,
                Chapter::DamagedHistory | Chapter::DamagedState => remade += 1,
                Chapter::DamagedBase { .. } | Chapter::FromBase { .. } => unreachable!("there is none"),
                Chapter::Torn { .. } | Chapter::Replayed { .. } => {}
            }
        }
        // Damage that opening cannot see (an old block's bytes) is seen where it is read.
        let mut read = 0;
        for (height, digest) in (0..).zip(&digests) {
            if let Ok(Some(block)) = node.history().block(height) {
                assert_eq!(block.header.digest(), *digest, "seed {seed}, {name} {how}");
                read += 1;
            }
        }
        assert!(
            read == digests.len() || name == "history.redb",
            "seed {seed}, {name} {how}"
        );
    }
    // The test tests something.
    assert!(healed > 25 && remade > 25, "{healed} {remade}");
}

#[test]
fn what_cannot_be_healed_is_named_and_left_as_it_is() {
    let world = World::new(false);
    let (original, _) = stopped(&world);
    let mut refused = 0;
    for seed in 0..60 {
        let random = &mut Random::new(seed);
        let disk = original.copy();
        // The log, and its copy.
        harm(&disk, TAPE, random);
        disk.damage("history.redb", |bytes| bytes.truncate(100));
        let tape = disk.bytes(TAPE);
        match world.open(&disk) {
            // Bytes that say nothing, or say only what was safe.
            Ok(opened) => assert_eq!(opened.sequencer.last().height(), BLOCKS, "seed {seed}"),
            Err(error) => {
                refused += 1;
                let named = matches!(error, OpenError::Log(_) | OpenError::Lost { .. });
                assert!(named, "seed {seed}: {error}");
                assert!(error.to_string().contains("backup"), "seed {seed}: {error}");
                assert_eq!(disk.bytes(TAPE).is_some(), tape.is_some(), "seed {seed}");
            }
        }
        // The backup comes back, and all is well.
        let whole = original.bytes(TAPE).unwrap();
        if disk.bytes(TAPE).is_none() {
            disk.create(TAPE).unwrap();
        }
        disk.damage(TAPE, |bytes| *bytes = whole);
        let opened = world
            .open(&disk)
            .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_eq!(opened.sequencer.last().height(), BLOCKS);
    }
    assert!(refused > 40, "{refused}");
}
