//! The tape log on a disk that does what disks do.

use playfair_simulation::disk::{Fault, Loss, SimDisk};
use playfair_simulation::random::Random;
use playfair_storage::Disk;
use playfair_storage::log::{Body, LogError, TapeLog, repair};
use playfair_types::certificate::Certificate;
use playfair_types::{Encode, Fr};
use std::io::ErrorKind;
use std::time::{Duration, Instant};

const SALT: [u8; 16] = [7; 16];

fn chain() -> Fr {
    Fr::from(11u64)
}

/// The block of a height: some bytes that follow from it.
fn body(height: u64) -> Body {
    let mut random = Random::new(height);
    let length = 1 + random.below(3_000) as usize;
    Body {
        certificate: (height > 0).then(|| Certificate {
            epoch: 0,
            view: height,
            parent_view: height - 1,
            payload: [height as u8; 32],
            signature: [3; 48],
        }),
        records: (0..length).map(|_| random.any() as u8).collect(),
    }
}

fn open(disk: &SimDisk) -> Result<TapeLog<SimDisk>, LogError> {
    Ok(found(disk)?.0)
}

/// The log on a disk, made if there is none; and the bytes of a torn write.
fn found(disk: &SimDisk) -> Result<(TapeLog<SimDisk>, u64), LogError> {
    let (log, torn) = match TapeLog::open(disk.clone(), chain())? {
        Some((log, found)) => (log, found.torn_bytes),
        None => (TapeLog::create(disk.clone(), chain(), 0, SALT)?, 0),
    };
    // Small files, so that there are several.
    Ok((log.with_file_bytes(20_000), torn))
}

/// Appends blocks, syncing after each group of a few, until there are `until` or the disk fails. Tells how many are safe.
fn write(log: &mut TapeLog<SimDisk>, until: u64, random: &mut Random) -> (u64, Result<(), LogError>) {
    let mut safe = log.next();
    while safe < until {
        for _ in 0..=random.below(3) {
            if let Err(error) = log.append(&body(log.next())) {
                return (safe, Err(error));
            }
        }
        if let Err(error) = log.sync() {
            return (safe, Err(error));
        }
        safe = log.next();
    }
    (safe, Ok(()))
}

/// A disk with a log of four blocks, each synced, in one file; and the file's name.
fn four_blocks() -> (SimDisk, String) {
    let disk = SimDisk::new();
    let mut log = TapeLog::create(disk.clone(), chain(), 0, SALT).unwrap();
    for height in 0..4 {
        log.append(&body(height)).unwrap();
        log.sync().unwrap();
    }
    let name = disk.list().unwrap().remove(0);
    (disk, name)
}

/// The log has every height below `safe`, and what it has is what was written.
fn check(log: &TapeLog<SimDisk>, safe: u64) {
    assert!(log.next() >= safe, "{} of {safe} blocks", log.next());
    let mut expected = 0;
    log.read(0, |height, found| {
        assert_eq!(height, expected);
        assert!(found == body(height), "block {height}");
        expected += 1;
        Ok::<_, LogError>(true)
    })
    .unwrap();
    assert_eq!(expected, log.next());
}

#[test]
fn what_was_synced_survives_every_loss_of_power() {
    let (mut torn, mut cut) = (0, 0);
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let disk = SimDisk::new();
        let (mut safe, mut rounds) = (0, 0);
        let mut disk = disk;
        // Several crashes of the same disk, so that what one leaves meets the next.
        while rounds < 4 {
            rounds += 1;
            let fault = match random.below(4) {
                0 => Fault::Once(*random.pick(&[ErrorKind::Other, ErrorKind::StorageFull])),
                _ => Fault::PowerOff,
            };
            disk.fail_at(random.below(120), fault);
            if let Ok(mut log) = open(&disk) {
                check(&log, safe);
                let (now, result) = write(&mut log, safe + 60, &mut random);
                safe = now;
                if result.is_err() {
                    torn += 1;
                    assert!(
                        matches!(log.append(&body(log.next())), Err(LogError::Poisoned)),
                        "seed {seed}: nothing goes into a log in doubt"
                    );
                }
            }
            let loss = *random.pick(&[Loss::All, Loss::Some, Loss::None]);
            disk = disk.crash(loss, &mut random);
            let (log, torn_bytes) = found(&disk).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            cut += u64::from(torn_bytes > 0);
            check(&log, safe);
            safe = log.next();
        }
    }
    // The test tests something.
    assert!(torn > 200 && cut > 30, "{torn} {cut}");
}

#[test]
fn a_failed_sync_is_not_believed_the_second_time() {
    // The system shows what a failed sync has dropped; opened again, the log must not take it for safe.
    let disk = SimDisk::new();
    let mut log = open(&disk).unwrap();
    let (_, done) = write(&mut log, 5, &mut Random::new(1));
    done.unwrap();
    let safe = log.next();
    log.append(&body(safe)).unwrap();
    disk.fail_at(0, Fault::Once(ErrorKind::Other));
    assert!(matches!(log.sync(), Err(LogError::Io { .. })));
    disk.heal();
    let mut log = open(&disk).unwrap();
    assert_eq!(log.next(), safe + 1, "the system shows it");
    log.append(&body(safe + 1)).unwrap();
    log.sync().unwrap();
    let disk = disk.crash(Loss::All, &mut Random::new(2));
    check(&open(&disk).unwrap(), safe + 2);
}

#[test]
fn every_damage_to_what_was_safe_is_found_and_healed_from_copies() {
    let disk = SimDisk::new();
    let (safe, done) = write(&mut open(&disk).unwrap(), 60, &mut Random::new(3));
    done.unwrap();
    let names: Vec<String> = disk.list().unwrap();
    assert!(names.len() >= 4, "{names:?}");
    let mut found = 0;
    for seed in 0..200 {
        let mut random = Random::new(seed);
        let disk = disk.copy();
        let name = random.pick(&names).clone();
        let used = disk
            .bytes(&name)
            .unwrap()
            .iter()
            .rposition(|byte| *byte != 0)
            .unwrap() as u64;
        match random.below(4) {
            0 => disk.remove(&name).unwrap(),
            1 => disk.damage(&name, |bytes| bytes.truncate(random.below(used) as usize)),
            2 => disk.damage(&name, |bytes| {
                let (from, length) = (random.below(used) as usize, 1 + random.below(4_000) as usize);
                bytes
                    .iter_mut()
                    .skip(from)
                    .take(length)
                    .for_each(|byte| *byte = 0);
            }),
            _ => disk.damage(&name, |bytes| {
                bytes[random.below(used) as usize] ^= 1 << random.below(8)
            }),
        }
        let read = open(&disk).and_then(|log| {
            let next = log.next();
            log.read(0, |_, _| Ok::<_, LogError>(true))?;
            Ok(next)
        });
        match read {
            // The last block of all, or bytes that only say what was safe: nothing in the log tells.
            Ok(next) if next == safe => continue,
            Ok(next) => assert!(
                next >= safe - 4 || name == names[names.len() - 1],
                "seed {seed}: {next} of {safe}"
            ),
            // Without its first file a log looks pruned: who knows that it is not asks for `first`.
            Err(LogError::Pruned { first }) => {
                assert!(first > 0 && name == names[0], "seed {seed}");
                found += 1;
            }
            Err(error) => {
                assert!(error.is_damage(), "seed {seed}: {error}");
                found += 1;
            }
        }
        let repaired = repair(&disk, chain(), 0, safe, SALT, |height| {
            (height < safe).then(|| body(height))
        })
        .unwrap_or_else(|error| panic!("seed {seed}, {name}: {error}"));
        assert!(repaired.files > 0, "seed {seed}");
        check(&open(&disk).unwrap(), safe);
    }
    assert!(found > 120, "{found}");
}

#[test]
fn what_has_no_copy_is_named_and_nothing_is_invented() {
    let disk = SimDisk::new();
    let (safe, done) = write(&mut open(&disk).unwrap(), 40, &mut Random::new(4));
    done.unwrap();
    let names = disk.list().unwrap();
    disk.damage(&names[1], |bytes| bytes[200] ^= 1);
    let before = disk.bytes(&names[1]);
    let missing = repair(&disk, chain(), 0, safe, SALT, |_| None);
    let Err(LogError::Damaged { height, .. }) = missing else {
        panic!("{missing:?}");
    };
    assert_eq!(format!("{height:020}.tape"), names[1]);
    assert_eq!(disk.bytes(&names[1]), before, "nothing was written");
    // With copies of the file's damaged block alone.
    repair(&disk, chain(), 0, safe, SALT, |wanted| {
        (wanted == height).then(|| body(height))
    })
    .unwrap();
    check(&open(&disk).unwrap(), safe);
}

#[test]
fn a_repair_that_is_cut_short_can_be_done_again() {
    let original = SimDisk::new();
    let (safe, done) = write(&mut open(&original).unwrap(), 40, &mut Random::new(5));
    done.unwrap();
    let name = original.list().unwrap()[1].clone();
    original.damage(&name, |bytes| bytes[300] ^= 1);
    for after in 0..12 {
        let disk = original.copy();
        disk.fail_at(after, Fault::PowerOff);
        let copy = |height| (height < safe).then(|| body(height));
        let _ = repair(&disk, chain(), 0, safe, SALT, copy);
        let disk = disk.crash(Loss::Some, &mut Random::new(after));
        repair(&disk, chain(), 0, safe, SALT, copy).unwrap();
        check(&open(&disk).unwrap(), safe);
    }
}

#[test]
fn another_chains_log_and_other_formats_are_refused() {
    let disk = SimDisk::new();
    let (_, done) = write(&mut open(&disk).unwrap(), 3, &mut Random::new(6));
    done.unwrap();
    let other = TapeLog::open(disk.clone(), Fr::from(12u64));
    assert!(matches!(other, Err(LogError::OtherChain { .. })), "{other:?}");
    let before = disk.bytes(&disk.list().unwrap()[0]);
    let healed = repair(&disk, Fr::from(12u64), 0, 0, SALT, |_| None);
    assert!(matches!(healed, Err(LogError::OtherChain { .. })), "{healed:?}");
    assert_eq!(disk.bytes(&disk.list().unwrap()[0]), before);
    disk.damage(&disk.list().unwrap()[0], |bytes| {
        bytes[19] = 2;
        let check = crc32fast::hash(&bytes[..76]);
        bytes[76..80].copy_from_slice(&check.to_be_bytes());
    });
    let newer = TapeLog::open(disk.clone(), chain());
    assert!(matches!(newer, Err(LogError::Format { found: 2 })), "{newer:?}");
}

#[test]
fn a_payload_that_looks_like_an_entry_is_none() {
    // A player writes into his payload what another log's entry would be.
    let decoy = {
        let disk = SimDisk::new();
        let mut log = TapeLog::create(disk.clone(), chain(), 0, [8; 16]).unwrap();
        for height in 0..3 {
            log.append(&body(height)).unwrap();
            log.sync().unwrap();
        }
        disk.bytes(&disk.list().unwrap()[0]).unwrap()[80..].to_vec()
    };
    let disk = SimDisk::new();
    let mut log = open(&disk).unwrap();
    log.append(&body(0)).unwrap();
    log.sync().unwrap();
    log.append(&Body {
        certificate: None,
        records: decoy,
    })
    .unwrap();
    // The write of that block is torn at its beginning.
    let name = &disk.list().unwrap()[0];
    let at = 80 + 28 + 1 + body(0).records.len() + 30;
    disk.damage(name, |bytes| bytes[at] ^= 1);
    assert_eq!(
        open(&disk).unwrap().next(),
        1,
        "torn, and nothing says that it was safe"
    );
}

#[test]
fn pruning_removes_whole_files_from_the_front() {
    let disk = SimDisk::new();
    let mut log = open(&disk).unwrap();
    let (safe, done) = write(&mut log, 60, &mut Random::new(7));
    done.unwrap();
    assert!(log.prune(30, usize::MAX).unwrap());
    let first = log.first();
    assert!(first > 0 && first <= 30);
    let below = log.read(first - 1, |_, _| Ok::<_, LogError>(true));
    assert!(matches!(below, Err(LogError::Pruned { .. })));
    let log = open(&disk).unwrap();
    assert_eq!((log.first(), log.next()), (first, safe));
    let mut heights = Vec::new();
    log.read(first, |height, found| {
        assert!(found == body(height));
        heights.push(height);
        Ok::<_, LogError>(heights.len() < 5)
    })
    .unwrap();
    assert_eq!(heights, (first..first + 5).collect::<Vec<_>>());
    let mut log = log;
    assert!(log.prune(u64::MAX, usize::MAX).unwrap());
    assert_eq!(log.next(), safe, "the last file stays");
}

#[test]
fn the_next_block_says_that_a_block_was_safe() {
    for damaged in 0..3u64 {
        let disk = SimDisk::new();
        let mut log = TapeLog::create(disk.clone(), chain(), 0, SALT).unwrap();
        let mut starts = vec![80];
        for height in 0..4 {
            log.append(&body(height)).unwrap();
            log.sync().unwrap();
            let certificate = body(height)
                .certificate
                .map_or(0, |certificate| certificate.encode().len());
            starts.push(starts[starts.len() - 1] + 28 + 1 + certificate + body(height).records.len());
        }
        let name = disk.list().unwrap().remove(0);
        disk.damage(&name, |bytes| bytes[starts[damaged as usize] + 40] ^= 1);
        let opened = TapeLog::open(disk.clone(), chain());
        assert!(
            matches!(opened, Err(LogError::Damaged { height, .. }) if height == damaged),
            "{damaged}: {opened:?}"
        );
    }
}

#[test]
fn a_payload_cannot_make_opening_slow() {
    // Each fourth byte of it begins what looks like an entry of a quarter of a megabyte.
    let disk = SimDisk::new();
    let mut log = TapeLog::create(disk.clone(), chain(), 0, SALT).unwrap();
    let records = [0, 4, 0, 0].into_iter().cycle().take(8 << 20).collect();
    let decoys = Body {
        certificate: None,
        records,
    };
    log.append(&decoys).unwrap();
    log.sync().unwrap();
    disk.damage(&disk.list().unwrap()[0], |bytes| bytes[120] ^= 1);
    let start = Instant::now();
    assert_eq!(open(&disk).unwrap().next(), 0);
    // It takes a second; without the check of heads a minute.
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn what_was_repaired_survives_a_loss_of_power() {
    let original = SimDisk::new();
    let (safe, done) = write(&mut open(&original).unwrap(), 40, &mut Random::new(8));
    done.unwrap();
    for place in 0..original.list().unwrap().len() {
        let disk = original.copy();
        disk.damage(&disk.list().unwrap()[place], |bytes| bytes[120] ^= 1);
        repair(&disk, chain(), 0, safe, SALT, |height| {
            (height < safe).then(|| body(height))
        })
        .unwrap();
        let disk = disk.crash(Loss::All, &mut Random::new(0));
        check(&open(&disk).unwrap(), safe);
    }
}

#[test]
fn what_the_log_itself_calls_safe_is_not_given_up() {
    // No copy anywhere, and nobody else who knows how many blocks there were.
    let (disk, name) = four_blocks();
    disk.damage(&name, |bytes| bytes[80 + 40] ^= 1);
    let before = disk.bytes(&name);
    let refused = repair(&disk, chain(), 0, 0, SALT, |_| None);
    assert!(
        matches!(refused, Err(LogError::Damaged { height: 0, .. })),
        "{refused:?}"
    );
    assert_eq!(disk.bytes(&name), before);
}

#[test]
fn a_log_with_a_damaged_header_keeps_its_blocks_without_copies() {
    let (disk, name) = four_blocks();
    disk.damage(&name, |bytes| bytes[50] ^= 1);
    repair(&disk, chain(), 0, 0, [9; 16], |_| None).unwrap();
    check(&open(&disk).unwrap(), 4);
    // Somebody else knows of more blocks than are there, and has none.
    let short = repair(&disk, chain(), 0, 6, [9; 16], |_| None);
    assert!(
        matches!(short, Err(LogError::Damaged { height: 4, .. })),
        "{short:?}"
    );
    check(&open(&disk).unwrap(), 4);
}

#[test]
fn another_chains_log_without_blocks_is_not_taken_for_an_unfinished_one() {
    let disk = SimDisk::new();
    drop(TapeLog::create(disk.clone(), Fr::from(12u64), 0, SALT).unwrap());
    let name = disk.list().unwrap().remove(0);
    let before = disk.bytes(&name);
    let refused = open(&disk).map(|_| ());
    assert!(
        matches!(refused, Err(LogError::OtherChain { first: 0 })),
        "{refused:?}"
    );
    assert_eq!(disk.bytes(&name), before);
}
