//! What happens to a chain's past: bases are written, what is below them goes, and whatever is lost is made again from them.

use playfair_sequencer::{Chapter, Halt, Keep, OpenError};
use playfair_simulation::disk::{Fault, Loss, SimDisk};
use playfair_simulation::random::Random;
use playfair_simulation::scene::{Node, created, play, reopened, stop};
use playfair_simulation::world::World;
use playfair_storage::{Disk, Sealed};
use playfair_types::{Decode, Encode};

const KEEP: Keep = Keep {
    blocks: 10,
    from: u64::MAX,
};

/// Some blocks a file of the log.
fn world() -> World {
    let mut world = World::new(false);
    world.settings.log_file_bytes = 1_500;
    world
}

/// As an owner does after a checkpoint.
fn keep_up(node: &mut Node, keep: Keep) -> Result<(), Halt> {
    node.checkpoint()?.write()?;
    if let Some(work) = node.upkeep(keep)? {
        let base = work.write(&|| true)?;
        node.upkept(base);
    }
    while !node.trim(keep)? {}
    Ok(())
}

/// Blocks from the height `from` on, one call each, with upkeep after each.
fn play_on(world: &World, node: &mut Node, to: u64) {
    for nonce in node.last().height()..to {
        play(world, node, 0, nonce..nonce + 1);
        keep_up(node, KEEP).unwrap();
    }
}

/// The digests of the blocks of a chain that keeps everything.
fn whole(world: &World, blocks: u64) -> Vec<[u8; 32]> {
    let (_, mut node) = created(world);
    play(world, &mut node, 0, 0..blocks);
    digests(&node, 0)
}

fn digests(node: &Node, from: u64) -> Vec<[u8; 32]> {
    let block = |height| node.history().block(height).unwrap().unwrap();
    (from..=node.last().height())
        .map(|height| block(height).header.digest())
        .collect()
}

/// The bases and the files of the log that a disk has.
fn names(disk: &SimDisk, end: &str) -> Vec<u64> {
    let mut names = disk.list().unwrap();
    names.retain(|name| name.ends_with(end));
    names.sort();
    let number = |name: &String| name.trim_end_matches(end).parse().unwrap();
    names.iter().map(number).collect()
}

/// A chain of so many blocks that has let its past go, stopped.
fn pruned(world: &World, blocks: u64) -> SimDisk {
    let (disk, mut node) = created(world);
    play_on(world, &mut node, blocks);
    stop(node);
    disk
}

#[test]
fn the_past_goes_and_the_rest_stays() {
    let world = world();
    let (disk, mut node) = created(&world);
    play_on(&world, &mut node, 9);
    assert_eq!(names(&disk, ".base"), [0u64; 0], "nothing is old enough");
    play_on(&world, &mut node, 19);
    assert_eq!((names(&disk, ".base"), node.first()), (vec![10], 0));
    play_on(&world, &mut node, 29);
    assert_eq!((names(&disk, ".base"), node.first()), (vec![10, 20], 10));
    play_on(&world, &mut node, 64);
    assert_eq!((names(&disk, ".base"), node.first()), (vec![50, 60], 50));
    let tapes = names(&disk, ".tape");
    assert!(tapes[0] <= 51 && tapes[1] > 50, "{tapes:?}");
    let all = whole(&world, 64);
    assert_eq!(digests(&node, 50), all[50..]);
    assert!(node.history().block(49).unwrap().is_none());
    stop(node);
    // It goes on as one that keeps everything.
    let (mut node, report) = reopened(&world, &disk);
    assert_eq!(report, vec![]);
    play_on(&world, &mut node, 75);
    assert_eq!(digests(&node, node.first()), whole(&world, 75)[60..]);
}

#[test]
fn what_is_needed_stays() {
    let world = world();
    let (disk, mut node) = created(&world);
    for to in 0..60 {
        play(&world, &mut node, 0, to..to + 1);
        let keep = Keep { from: 25, ..KEEP };
        keep_up(&mut node, keep).unwrap();
    }
    // A third base waits until the first can go.
    assert_eq!((names(&disk, ".base"), node.first()), (vec![20, 30], 20));
    keep_up(&mut node, KEEP).unwrap();
    assert_eq!((names(&disk, ".base"), node.first()), (vec![30, 60], 30));
    // Nothing more goes, and nothing more is written, once everything is to be kept.
    let keep = Keep { blocks: 0, ..KEEP };
    play(&world, &mut node, 0, 60..90);
    keep_up(&mut node, keep).unwrap();
    assert_eq!((names(&disk, ".base"), node.first()), (vec![30, 60], 30));
}

#[test]
fn what_is_lost_is_made_again_from_a_base() {
    let world = world();
    let disk = pruned(&world, 64);
    let all = whole(&world, 64);
    let tapes = names(&disk, ".tape");
    let tape = |first: u64| format!("{first:020}.tape");
    let base = |height: u64| format!("{height:020}.base");
    let cases: [(&str, Vec<String>, u64); 10] = [
        ("state", vec!["state.redb".to_owned()], 50),
        ("history", vec!["history.redb".to_owned()], 50),
        (
            "both",
            vec!["state.redb".to_owned(), "history.redb".to_owned()],
            50,
        ),
        ("the log's first file", vec![tape(tapes[0])], 50),
        ("the log's last file", vec![tape(tapes[tapes.len() - 1])], 50),
        (
            "the whole log",
            tapes.iter().map(|first| tape(*first)).collect(),
            50,
        ),
        ("a base", vec![base(50)], 50),
        ("both bases", vec![base(50), base(60)], 50),
        (
            "a base and the state",
            vec![base(50), "state.redb".to_owned()],
            50,
        ),
        (
            "a base and the history",
            vec![base(50), "history.redb".to_owned()],
            60,
        ),
    ];
    for (lost, files, first) in cases {
        let disk = disk.copy();
        for file in &files {
            disk.remove(file).unwrap();
        }
        let (mut node, report) = reopened(&world, &disk);
        assert_eq!(node.first(), first, "{lost}");
        assert_eq!(digests(&node, first), all[first as usize..], "{lost}");
        let from_base = report
            .iter()
            .any(|chapter| matches!(chapter, Chapter::FromBase { .. }));
        let made = files.iter().any(|file| file.ends_with(".redb"));
        assert_eq!(from_base, made, "{lost}: {report:?}");
        let kept = node.state().root();
        assert_eq!(kept, node.last().header.after.state_root, "{lost}");
        // And it goes on, as if nothing had been, with bases again.
        play_on(&world, &mut node, 95);
        let bases = match lost {
            // The next one is written at once.
            "both bases" => [85, 95],
            _ => [80, 90],
        };
        assert_eq!(names(&disk, ".base"), bases, "{lost}");
        assert_eq!(
            digests(&node, bases[0]),
            whole(&world, 95)[bases[0] as usize..],
            "{lost}"
        );
        stop(node);
        assert_eq!(reopened(&world, &disk).1, vec![], "{lost}");
    }
}

#[test]
fn a_damaged_base_is_set_aside_and_the_next_one_serves() {
    let world = world();
    let disk = pruned(&world, 64);
    let all = whole(&world, 64);
    let first = "00000000000000000050.base";
    // In its head, and in its state.
    let length = disk.bytes(first).unwrap().len();
    for at in [30, 200, length - 30] {
        let disk = disk.copy();
        disk.damage(first, |bytes| bytes[at] ^= 4);
        disk.remove("state.redb").unwrap();
        disk.remove("history.redb").unwrap();
        let (node, report) = reopened(&world, &disk);
        for chapter in [
            Chapter::DamagedBase { height: 50 },
            Chapter::FromBase { height: 60 },
        ] {
            assert!(report.contains(&chapter), "byte {at}: {report:?}");
        }
        assert_eq!((names(&disk, ".base"), node.first()), (vec![60], 60));
        assert!(disk.list().unwrap().contains(&format!("{first}.damaged")));
        assert_eq!(digests(&node, 60), all[60..]);
    }
    // With none left, it is said what to bring back.
    let disk = disk.copy();
    for height in [50, 60] {
        disk.remove(&format!("{height:020}.base")).unwrap();
    }
    disk.remove("state.redb").unwrap();
    let error = world.open(&disk).err().unwrap();
    assert!(matches!(error, OpenError::Pruned { .. }), "{error}");
    assert!(error.to_string().contains("backup"), "{error}");
}

#[test]
fn a_base_of_another_committee_is_not_believed() {
    let world = world();
    let disk = pruned(&world, 24);
    let name = "00000000000000000010.base";
    let whole = disk.bytes(name).unwrap();
    // Another certificate, under a checksum that is right again.
    let length = u32::from_be_bytes(whole[60..64].try_into().unwrap()) as usize;
    let mut block = Sealed::decode(&whole[64..64 + length]).unwrap();
    block.certificate.as_mut().unwrap().view += 1;
    let mut lying = whole[..60].to_vec();
    let block = block.encode();
    lying.extend_from_slice(&(block.len() as u32).to_be_bytes());
    lying.extend_from_slice(&block);
    let check = crc32(&lying);
    lying.extend_from_slice(&check);
    lying.extend_from_slice(&whole[68 + length..]);
    disk.damage(name, |bytes| *bytes = lying);
    let error = world.open(&disk).err().unwrap();
    let named = matches!(error, OpenError::Uncertified { height: 10 });
    assert!(named, "{error}");
    assert_eq!(names(&disk, ".base"), [10, 20], "nothing was touched");
}

fn crc32(bytes: &[u8]) -> [u8; 4] {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    (!crc).to_be_bytes()
}

/// Each operation of the disk while a third base is written and the first one goes is the last before the power goes, or before one
/// fails; and then a file is lost on top of it.
#[test]
fn every_moment_of_letting_go_can_be_the_last() {
    let world = world();
    let all = whole(&world, 45);
    let disk = pruned(&world, 29);
    let start = |disk: &SimDisk| {
        let (mut node, _) = reopened(&world, disk);
        play(&world, &mut node, 0, 29..30);
        node
    };
    let operations = {
        let disk = disk.copy();
        let mut node = start(&disk);
        let before = disk.operations();
        keep_up(&mut node, KEEP).unwrap();
        assert_eq!((names(&disk, ".base"), node.first()), (vec![20, 30], 20));
        disk.operations() - before
    };
    assert!(operations > 25, "{operations}");
    for at in 0..operations {
        for loss in [Loss::None, Loss::Some, Loss::All] {
            let random = &mut Random::new(at);
            let disk = disk.copy();
            let mut node = start(&disk);
            disk.fail_at(at, Fault::PowerOff);
            assert!(keep_up(&mut node, KEEP).is_err(), "operation {at}");
            drop(node);
            let disk = disk.crash(loss, random);
            let lost = *random.pick(&["", "state.redb", "history.redb", "both"]);
            for name in ["state.redb", "history.redb"] {
                if lost == name || lost == "both" {
                    let _ = disk.remove(name);
                }
            }
            let what = format!("operation {at}, {loss:?}, lost {lost:?}");
            let opened = world.open(&disk);
            let mut node = opened.unwrap_or_else(|error| panic!("{what}: {error}")).sequencer;
            assert_eq!(node.last().height(), 30, "{what}");
            let first = node.first();
            assert!(first <= 20, "{what}: {first}");
            assert_eq!(digests(&node, first), all[first as usize..=30], "{what}");
            play_on(&world, &mut node, 45);
            // The one that was cut short is written again, a block later.
            let bases = names(&disk, ".base");
            assert!([vec![30, 40], vec![31, 41]].contains(&bases), "{what}: {bases:?}");
            assert_eq!(node.first(), bases[0], "{what}");
            assert_eq!(digests(&node, bases[0]), all[bases[0] as usize..], "{what}");
            let drafts = disk.list().unwrap();
            assert!(
                !drafts.iter().any(|name| name == "base.tmp"),
                "{what}: {drafts:?}"
            );
        }
    }
}
