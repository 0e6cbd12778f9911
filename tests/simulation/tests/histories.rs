//! Whole histories under a seed: players, a bad network, crashes, broken disks.

use playfair_simulation::run::{Plan, Report, run};
use playfair_simulation::world::World;

fn plan(seed: u64) -> Plan {
    Plan {
        seed,
        steps: 400,
        disasters: 25,
        ticks: seed % 4 == 3,
        keep: 0,
    }
}

/// More of them when time does not matter.
fn seeds() -> u64 {
    if std::env::var_os("PLAYFAIR_SOAK").is_some() {
        2_000
    } else {
        40
    }
}

#[test]
fn nothing_acknowledged_is_ever_lost() {
    let worlds = [World::new(false), World::new(true)];
    let mut all = Report::default();
    for seed in 0..seeds() {
        let plan = plan(seed);
        let report = run(&worlds[usize::from(plan.ticks)], plan);
        all.blocks += report.blocks;
        all.sealed += report.sealed;
        all.restarts += report.restarts;
        all.halts += report.halts;
        for (name, count) in report.refused {
            *all.refused.entry(name).or_default() += count;
        }
        for (name, count) in report.chapters {
            *all.chapters.entry(name).or_default() += count;
        }
    }
    println!(
        "{} blocks, {} calls, {} restarts, {} halts\nrefused {:?}\n{:?}",
        all.blocks, all.sealed, all.restarts, all.halts, all.refused, all.chapters
    );
    // The test tests something.
    assert!(all.restarts > 300 && all.halts > 100 && all.sealed > 1_000);
    for reason in ["malformed", "stale", "replaced", "expired", "invalid_signature"] {
        assert!(all.refused.contains_key(reason), "{reason}");
    }
    for chapter in ["torn", "replayed"] {
        assert!(all.chapters.contains_key(chapter), "{chapter}");
    }
}

/// As the histories before, on a chain that keeps few blocks and whose files get lost: the past goes, and nothing else.
#[test]
fn nothing_is_lost_when_the_past_goes() {
    let worlds = [false, true].map(|ticks| {
        let mut world = World::new(ticks);
        // Some blocks a file, so that files go.
        world.settings.log_file_bytes = 4_000;
        world
    });
    let mut all = Report::default();
    for seed in 0..seeds() / 2 {
        let plan = Plan {
            keep: 4 + seed % 9,
            disasters: 18,
            ..plan(seed)
        };
        let report = run(&worlds[usize::from(plan.ticks)], plan);
        all.bases += report.bases;
        all.first += report.first;
        all.sealed += report.sealed;
        all.restarts += report.restarts;
        all.halts += report.halts;
        for (name, count) in report.chapters {
            *all.chapters.entry(name).or_default() += count;
        }
    }
    println!("{all:?}");
    // The test tests something.
    assert!(all.bases > 100 && all.first > 500 && all.halts > 50 && all.sealed > 500);
    for chapter in ["from base", "replayed"] {
        assert!(all.chapters.contains_key(chapter), "{chapter}");
    }
}

#[test]
fn the_same_seed_is_the_same_history() {
    let world = World::new(false);
    let again = World::new(false);
    let mut all = Vec::new();
    for seed in 100..106 {
        let (one, two) = (run(&world, plan(seed)), run(&again, plan(seed)));
        assert_eq!(one, two, "seed {seed}");
        assert!(one.blocks > 5, "seed {seed}");
        all.push(one.history);
    }
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "another seed is another history");
}
