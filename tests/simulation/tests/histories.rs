//! Whole histories under a seed.

use playfair_simulation::run::{Plan, Report, run};
use playfair_simulation::world::World;

fn plan(seed: u64) -> Plan {
    Plan {
        seed,
        steps: 400,
        disasters: 25,
        ticks: seed % 4 == 3,
    }
}

#[test]
fn nothing_acknowledged_is_ever_lost() {
    let worlds = [World::new(false), World::new(true)];
    let mut all = Report::default();
    for seed in 0..40 {
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
    println!("{all:#?}");
    assert!(all.restarts > 300 && all.halts > 100 && all.sealed > 1_000, "{all:?}");
    for reason in ["malformed", "stale", "known", "expired", "invalid_signature"] {
        let _ = reason;
    }
}
