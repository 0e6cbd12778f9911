//! Generated programs: what instrumentation adds changes nothing but when a run ends.
//!
//! For each exported function of each program, with arguments from the program's seed and a fresh instance each time:
//! - If the gas suffices, the instrumented module ends as the plain one does: results or trap, memory and globals. Only a
//!   run that ends for want of frame slots has no counterpart.
//! - With exactly the gas that it used the run ends the same; with one less it is out of gas.
//! - With less, it stops at the same instruction every time: memory, globals and gas agree, the gas that was charged
//!   grows with the limit, exceeds it, and is at most what the whole run needs.
//! - A run that returns gives back its frame slots.
//! - The measuring build does the same at every limit, with the same gas.
//! - The gas of a run that returned is the sum of the prices of the instructions that ran, of 1 for each local that was
//!   zeroed, and of 4 for each started word of bulk operations. The sum comes from elsewhere: wasmtime's fuel, told the
//!   prices of [`playfair_conformance::costs`], on a plain module whose locals are marked ([`Program::with_locals_marked`]). In the same way
//!   the measuring build's counts are compared with fuel that counts instructions, and loads and stores.
//! - What admission refuses because a segment does not fit would trap when instantiated.

use playfair_abi::instrumented::{ACCESSES, GAS, INSTRUCTIONS, STACK};
use playfair_admission::bare;
use playfair_admission::limits::STACK_SLOTS;
use playfair_conformance::costs::{accesses, instructions, prices};
use playfair_conformance::engine::{Engine, Stopped, Trap, Value};
use playfair_conformance::programs::Program;
use playfair_conformance::random::Random;
use playfair_conformance::wasmtime::{Limits, Wasmtime};
use playfair_types::limits::CALL_GAS_MAX;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::OperatorCost;

/// Programs of one run of the test.
const PROGRAMS: u64 = 5_200;
/// One program of so many has its measuring build's counts compared; odd ones have no bulk operations.
const MEASURED_OF: u64 = 10;
/// Functions of a program that are run.
const FUNCTIONS_MAX: usize = 3;
/// Fuel that no run with [`CALL_GAS_MAX`] comes near.
const FUEL: u64 = 1 << 40;
/// Pages for the plain module, as admission allows.
const PAGES_MAX: usize = 256;

type Module = <Wasmtime as Engine>::Module;

/// What happened, by name.
type Tally = BTreeMap<String, u64>;

struct Engines {
    /// Its fuel is gas.
    plain: Wasmtime,
    instrumented: Wasmtime,
    /// Its fuel is instructions, and one.
    instructions: Wasmtime,
    /// Its fuel is loads, stores and functions entered.
    accesses: Wasmtime,
    /// Its fuel is functions entered.
    entries: Wasmtime,
}

impl Engines {
    fn new() -> Self {
        let engine = |fuel, costs| {
            Wasmtime::new(Limits {
                pages_max: Some(PAGES_MAX),
                fuel,
                costs,
            })
        };
        Self {
            plain: engine(Some(FUEL), prices()),
            instrumented: engine(None, OperatorCost::new()),
            instructions: engine(Some(FUEL), instructions()),
            accesses: engine(Some(FUEL), accesses(1)),
            entries: engine(Some(FUEL), accesses(0)),
        }
    }
}

/// The end of a run: everything that can be seen of it.
#[derive(Clone, Debug, PartialEq)]
struct End {
    result: Result<Vec<Value>, Stopped>,
    globals: Vec<Option<Value>>,
    memory: Vec<Vec<u8>>,
}

impl End {
    fn out_of_gas(&self) -> bool {
        self.result == Err(Stopped::Trap(Trap::OutOfGas))
    }
}

/// What is left of a run.
struct Ran {
    store: <Wasmtime as Engine>::Store,
    instance: <Wasmtime as Engine>::Instance,
}

impl Ran {
    fn global(&mut self, engine: &Wasmtime, name: &str) -> Option<Value> {
        engine.global(&mut self.store, self.instance, name)
    }
}

/// One function with its arguments.
struct Call<'a> {
    program: &'a Program,
    name: &'a str,
    args: Vec<Value>,
}

impl Call<'_> {
    fn run(&self, engine: &Wasmtime, module: &Module, gas: i32) -> (End, Ran) {
        let mut store = engine.store();
        let made = engine.instantiate(&mut store, module, &BTreeMap::new());
        let instance = made.expect("segments fit");
        let result = engine.invoke(&mut store, instance, self.name, &self.args, gas);
        let globals = self.program.globals.iter();
        let globals = globals.map(|name| engine.global(&mut store, instance, name));
        let globals = globals.collect();
        let memories = self.program.memories.iter();
        let memory = memories.map(|name| {
            engine
                .memory(&mut store, instance, name)
                .expect("exported")
                .to_vec()
        });
        let end = End {
            result,
            globals,
            memory: memory.collect(),
        };
        (end, Ran { store, instance })
    }

    /// An instrumented run, and the gas that it was charged, more than the limit if it ran out.
    fn metered(&self, engines: &Engines, module: &Module, gas: i32) -> (End, i64) {
        let (end, mut ran) = self.run(&engines.instrumented, module, gas);
        let Some(Value::I32(left)) = ran.global(&engines.instrumented, GAS) else {
            panic!("no gas global");
        };
        assert_eq!(end.out_of_gas(), left < 0, "gas left is {left}");
        if end.result.is_ok() {
            let slots = ran.global(&engines.instrumented, STACK);
            assert_eq!(
                slots,
                Some(Value::I32(STACK_SLOTS as i32)),
                "frame slots after the run"
            );
        }
        (end, i64::from(gas) - i64::from(left))
    }
}

/// The three builds of a program.
struct Builds {
    plain: Module,
    instrumented: Module,
    measuring: Module,
}

fn check_call(engines: &Engines, builds: &Builds, call: &Call<'_>, random: &mut Random, tally: &mut Tally) {
    // A program that ends by itself may use all the gas that there is. An endless one uses what a call may.
    let gas = if call.program.ends {
        i32::MAX
    } else {
        CALL_GAS_MAX as i32 / 4
    };
    let (whole, used) = call.metered(engines, &builds.instrumented, gas);
    let name = match &whole.result {
        Ok(_) => "returned".to_owned(),
        Err(stopped) => stopped.to_string(),
    };
    *tally.entry(name).or_default() += 1;

    let (measured, measured_used) = call.metered(engines, &builds.measuring, gas);
    assert_eq!(
        (&measured, measured_used),
        (&whole, used),
        "the measuring build differs"
    );
    if !whole.out_of_gas() {
        let (plain, ran) = call.run(&engines.plain, &builds.plain, 0);
        if whole.result != Err(Stopped::Trap(Trap::CallDepth)) {
            assert!(
                plain == whole,
                "plain {:?}, instrumented {:?}",
                plain.result,
                whole.result
            );
        }
        if whole.result.is_ok() {
            // Beside its instructions a run pays for words of bulk operations, and for values that branches carry and functions return.
            let priced = engines.plain.fuel_used(&ran.store) as i64;
            let most = if call.program.bulk { i64::MAX } else { 4 * priced };
            assert!(
                (priced..=most).contains(&used),
                "{used} gas where instructions cost {priced}"
            );
            if call.program.seed % MEASURED_OF == 1 {
                check_measure(engines, builds, call, gas);
            }
        }
        let used = i32::try_from(used).expect("below the limit");
        assert_eq!(
            call.metered(engines, &builds.instrumented, used),
            (whole.clone(), used.into())
        );
        if used > 0 {
            let (short, _) = call.metered(engines, &builds.instrumented, used - 1);
            assert!(short.out_of_gas(), "one less than {used} gas suffices");
        }
    }
    if used > 0 {
        check_limits(engines, builds, call, used, gas, random);
    }
}

/// The measuring build's counts, of a run that returned and has no bulk operations.
fn check_measure(engines: &Engines, builds: &Builds, call: &Call<'_>, gas: i32) {
    let (_, mut ran) = call.run(&engines.instrumented, &builds.measuring, gas);
    let mut measured = |name| match ran.global(&engines.instrumented, name) {
        Some(Value::I64(count)) => count as u64,
        other => panic!("{name} is {other:?}"),
    };
    let fuel = |engine: &Wasmtime| {
        let module = engine.load(&call.program.wasm).expect("a valid module");
        engine.fuel_used(&call.run(engine, &module, 0).1.store)
    };
    assert_eq!(
        measured(INSTRUCTIONS) + 1,
        fuel(&engines.instructions),
        "instructions"
    );
    assert_eq!(
        measured(ACCESSES) + fuel(&engines.entries),
        fuel(&engines.accesses),
        "accesses"
    );
}

/// Runs that stop early, at two limits.
fn check_limits(
    engines: &Engines,
    builds: &Builds,
    call: &Call<'_>,
    used: i64,
    gas: i32,
    random: &mut Random,
) {
    // Below the whole run's need, which a run that was out of gas has not shown to be more than its limit.
    let end = used.min(gas.into()) as u64;
    let mut limits = [random.below(end) as i32, random.below(end) as i32];
    limits.sort_unstable();
    let mut before = 0;
    for limit in limits {
        let first = call.metered(engines, &builds.instrumented, limit);
        let (end, charged) = &first;
        assert!(end.out_of_gas(), "{limit} of {used} gas suffices");
        assert_eq!(
            call.metered(engines, &builds.instrumented, limit),
            first,
            "two runs with {limit} gas differ"
        );
        assert_eq!(
            call.metered(engines, &builds.measuring, limit),
            first,
            "measuring with {limit} gas differs"
        );
        assert!(
            before <= *charged && i64::from(limit) < *charged && *charged <= used,
            "{charged} of {limit}"
        );
        before = *charged;
    }
}

/// Runs a seed's program; a panic names the seed.
fn check(engines: &Engines, seed: u64, tally: &mut Tally) {
    let Some(program) = Program::generate(seed) else {
        *tally.entry("no program".to_owned()).or_default() += 1;
        return;
    };
    let instrumented = match bare(&program.wasm, false) {
        Ok(instrumented) => instrumented,
        Err(rejection) => {
            let debug = format!("{:?}", rejection.reason);
            let reason = debug.split([' ', '{', '(']).next().unwrap_or_default();
            let unexpected = matches!(
                reason,
                "NotWasm" | "Component" | "Invalid" | "Instrumented" | "Start"
            );
            assert!(!unexpected, "refused: {rejection}");
            if reason == "DataOutOfBounds" || reason == "ElementsOutOfBounds" {
                let module = engines.plain.load(&program.wasm).expect("a valid module");
                let made = engines
                    .plain
                    .instantiate(&mut engines.plain.store(), &module, &BTreeMap::new());
                assert!(
                    matches!(made, Err(Stopped::Trap(_))),
                    "refused, but its segments fit: {rejection}"
                );
            }
            *tally.entry(format!("refused: {reason}")).or_default() += 1;
            return;
        }
    };
    assert_eq!(
        bare(&program.wasm, false).as_ref(),
        Ok(&instrumented),
        "admission made two of one"
    );
    let measuring = bare(&program.wasm, true).expect("what is admitted can be measured");
    let builds = Builds {
        plain: engines
            .plain
            .load(&program.with_locals_marked())
            .expect("a valid module"),
        instrumented: engines
            .instrumented
            .load(&instrumented)
            .expect("a valid instrumented module"),
        measuring: engines
            .instrumented
            .load(&measuring)
            .expect("a valid measuring module"),
    };
    *tally.entry("admitted".to_owned()).or_default() += 1;
    let mut random = Random::new(!seed);
    for (name, params) in program.functions.iter().take(FUNCTIONS_MAX) {
        let call = Call {
            program: &program,
            name,
            args: Program::arguments(&mut random, params),
        };
        check_call(engines, &builds, &call, &mut random, tally);
    }
}

#[test]
fn instrumented_programs_do_what_plain_ones_do() {
    let next = AtomicU64::new(0);
    let total = Mutex::new(Tally::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let engines = Engines::new();
                let mut tally = Tally::new();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= PROGRAMS {
                        break;
                    }
                    let run = std::panic::AssertUnwindSafe(|| check(&engines, seed, &mut tally));
                    if let Err(panic) = std::panic::catch_unwind(run) {
                        next.store(PROGRAMS, Ordering::Relaxed);
                        println!("seed {seed}");
                        std::panic::resume_unwind(panic);
                    }
                }
                let mut total = total.lock().unwrap();
                for (name, count) in tally {
                    *total.entry(name).or_default() += count;
                }
            });
        }
    });
    let tally = total.into_inner().unwrap();
    println!("{tally:#?}");
    let count = |name: &str| tally.get(name).copied().unwrap_or(0);
    assert!(
        count("admitted") >= 5_000,
        "fewer than 5,000 programs were admitted"
    );
    assert!(count("returned") >= PROGRAMS / 2, "too few runs return");
    for trap in ["Unreachable", "MemoryOutOfBounds", "DivisionByZero", "OutOfGas"] {
        assert!(count(trap) > 0, "no run ends by {trap}");
    }
}
