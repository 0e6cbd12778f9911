//! Power failures, full disks and I/O errors at every kind of moment: the state opens at a flushed version with all its
//! data, and never loses a flush that returned.

use crate::common::{Model, Random};
use crate::disk::{Disk, Fault, Loss};
use playfair_state::{Changes, RedbStore, State, StateError, StoreError};
use std::collections::BTreeMap;
use std::io::ErrorKind;

const KEYS: usize = 120;
const COMMITS: usize = 14;
/// Small, so that dirty pages reach the disk before their transaction ends.
const CACHE_BYTES: usize = 1 << 16;

/// What is known about a state when its disk fails.
#[derive(Clone, Default)]
struct Known {
    /// The last flush that returned.
    flushed: Option<u64>,
    /// A flush that was begun last.
    attempted: Option<u64>,
    models: BTreeMap<u64, Model>,
}

impl Known {
    fn new() -> Self {
        Self {
            models: BTreeMap::from([(0, Model::default())]),
            ..Self::default()
        }
    }
}

fn open(disk: &Disk) -> Result<State, StateError> {
    State::open(RedbStore::open_backend(disk.clone(), CACHE_BYTES)?)
}

/// What is done to a state: a batch, and then perhaps something else.
struct Step {
    changes: Changes,
    then: usize,
    /// What the new version must be.
    model: Model,
}

/// A history from `model` on.
fn script(mut model: Model, steps: usize, random: &mut Random) -> Vec<Step> {
    let step = |_| {
        let changes = random.batch(KEYS, 25);
        model.apply(&changes);
        Step {
            changes,
            then: random.below(6),
            model: model.clone(),
        }
    };
    (0..steps).map(step).collect()
}

/// Commits, flushes, prunes and pins from the newest version on, until all is done or the disk fails.
fn work(state: &State, script: &[Step], known: &mut Known) -> Result<(), StateError> {
    for step in script {
        state.commit(&step.changes, &[7])?;
        let version = state.version();
        known.models.insert(version, step.model.clone());
        match step.then {
            0 => drop(state.prune(version.saturating_sub(2))?),
            1 => state.pin(version)?,
            2..=4 => {
                known.attempted = Some(version);
                state.flush()?;
                known.flushed = Some(version);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The state on `disk` is one that `known` allows; it is whole, and it works.
fn assert_recovered(disk: &Disk, known: &Known, random: &mut Random) {
    let state = open(disk).unwrap();
    let version = state.version();
    let flushed = known.flushed.unwrap_or(0);
    assert!(
        version == flushed || Some(version) == known.attempted,
        "version {version}, flushed {:?}, attempted {:?}",
        known.flushed,
        known.attempted
    );
    known.models[&version].assert_newest(&state, KEYS);
    for version in state.versions().into_iter().rev().take(3) {
        known.models[&version].assert_version(&state, version, KEYS, random);
    }
    let more = script(known.models[&version].clone(), 2, random);
    work(&state, &more, &mut known.clone()).unwrap();
    state.prune(version).unwrap();
    state.flush().unwrap();
    drop(state);
    let state = open(disk).unwrap();
    assert_eq!(state.version(), version + 2);
    state.check().unwrap();
    more[1].model.assert_newest(&state, KEYS);
}

/// Runs into `fault` at operation `at`, and recovers; `None` if the very creation of the store failed.
fn run(script: &[Step], at: u64, fault: Fault, loss: Loss, random: &mut Random) -> Option<Known> {
    let disk = Disk::with_fault(Vec::new(), at, fault);
    let mut known = Known::new();
    work(&open(&disk).ok()?, script, &mut known).ok();
    let image = disk.crash(loss, random);
    // The power may go again while the first failure is mended.
    let again = Disk::with_fault(image, random.next() % 12, Fault::PowerOff);
    drop(open(&again));
    let image = again.crash([Loss::Some, Loss::None][random.below(2)], random);
    assert_recovered(&Disk::new(image), &known, random);
    Some(known)
}

fn run_many(name: &str, seeds: u64, fault: impl Fn(&mut Random) -> (Fault, Loss)) {
    let script = script(Model::default(), COMMITS, &mut Random(0));
    let total = {
        let disk = Disk::new(Vec::new());
        work(&open(&disk).unwrap(), &script, &mut Known::new()).unwrap();
        disk.operations()
    };
    let (mut inside, mut kept) = (0, 0);
    for seed in 0..seeds {
        let random = &mut Random(seed);
        let (fault, loss) = fault(random);
        let at = random.next() % total;
        println!("{name}: seed {seed}, {fault:?} at operation {at} of {total}, {loss:?}");
        if let Some(known) = run(&script, at, fault, loss, random) {
            inside += u32::from(known.attempted != known.flushed);
            kept += u32::from(known.flushed.is_some());
        }
    }
    // The test tests something: faults hit flushes, and flushed versions were at stake.
    println!("{name}: {inside} faults inside a flush, {kept} with a flushed version");
    assert!(inside > 10 && kept > 10, "{inside} {kept}");
}

#[test]
fn unsynced_writes_are_lost() {
    run_many("lost", 80, |_| (Fault::PowerOff, Loss::All));
}

#[test]
fn unsynced_writes_arrive_in_parts() {
    run_many("torn", 200, |_| (Fault::PowerOff, Loss::Some));
}

#[test]
fn an_operation_fails() {
    run_many("failed", 120, |random| {
        let kind = [ErrorKind::StorageFull, ErrorKind::Other, ErrorKind::Interrupted][random.below(3)];
        let loss = [Loss::None, Loss::Some][random.below(2)];
        (Fault::Once(kind), loss)
    });
}

#[test]
fn a_full_disk_is_named_and_gets_well() {
    let disk = Disk::new(Vec::new());
    let (random, mut known) = (&mut Random(1), Known::new());
    let state = open(&disk).unwrap();
    let script = script(Model::default(), 400, random);
    let (before, after) = script.split_at(5);
    work(&state, before, &mut known).unwrap();
    state.flush().unwrap();
    known.flushed = Some(state.version());
    disk.set_capacity(Some(0));
    let error = work(&state, after, &mut known).unwrap_err();
    assert!(
        matches!(error, StateError::Store(StoreError::NoSpace(_))),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("make room, then open it again"),
        "{error}"
    );
    // What is in memory can still be read, and nothing pretends to be durable.
    let version = state.version();
    assert!(state.flushed_version() < Some(version));
    let mut newest = known.models[&version].values.iter();
    assert!(newest.any(|(key, value)| state.get(key).is_ok_and(|found| found.as_ref() == Some(value))));
    assert!(state.flush().is_err());
    drop(state);
    // Opening again does not help before there is room; it loses nothing either.
    if let Ok(state) = open(&disk) {
        assert!(state.version() >= known.flushed.unwrap());
    }
    disk.set_capacity(None);
    assert_recovered(&disk, &known, random);
}
