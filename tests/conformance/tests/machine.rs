//! Generated programs, instrumented: what the register machine does is what wasmtime does.
//!
//! For each exported function of each program, with arguments from the program's seed and a fresh instance each time, at
//! several limits of gas: the same results or the same trap, the same globals, the same memory, and after a run that returns
//! the same gas. Memory is not compared after a trap for an access beyond it: a store that spans two words may have written
//! the first, which nobody can read on a chain.

use playfair_abi::instrumented::GAS;
use playfair_admission::bare;
use playfair_conformance::engine::{Engine, Stopped, Trap, Value};
use playfair_conformance::machine::RegisterMachine;
use playfair_conformance::machine::circuit::Checked;
use playfair_conformance::programs::Program;
use playfair_conformance::random::Random;
use playfair_conformance::suite::run::PAGES_MAX;
use playfair_conformance::wasmtime::{Limits, Wasmtime};
use playfair_types::limits::CALL_GAS_MAX;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Programs of one run of the test.
const PROGRAMS: u64 = 2_200;
/// Gas that a run through the constraints has at most: longer ones are shown as far as that.
const SHOWN_GAS: i32 = 4_096;
/// Functions of a program that are run.
const FUNCTIONS_MAX: usize = 3;

/// What happened, by name.
type Tally = BTreeMap<String, u64>;

/// The end of a run: everything that can be seen of it.
#[derive(Debug, PartialEq)]
struct End {
    result: Result<Vec<Value>, Stopped>,
    globals: Vec<Option<Value>>,
    memory: Vec<Vec<u8>>,
    gas: Option<Value>,
}

struct Call<'a> {
    program: &'a Program,
    name: &'a str,
    args: Vec<Value>,
}

impl Call<'_> {
    fn run<E: Engine>(&self, engine: &E, module: &E::Module, gas: i32) -> End {
        let mut store = engine.store();
        let made = engine.instantiate(&mut store, module, &BTreeMap::new());
        let Ok(instance) = made else {
            panic!("segments fit");
        };
        let result = engine.invoke(&mut store, instance, self.name, &self.args, gas);
        let globals = self.program.globals.iter();
        let globals = globals
            .map(|name| engine.global(&mut store, instance, name))
            .collect();
        let mut memory = Vec::new();
        if result != Err(Stopped::Trap(Trap::MemoryOutOfBounds)) {
            for name in &self.program.memories {
                let bytes = engine.memory(&mut store, instance, name);
                memory.push(bytes.expect("exported").to_vec());
            }
        }
        let gas = engine
            .global(&mut store, instance, GAS)
            .filter(|_| result.is_ok());
        End {
            result,
            globals,
            memory,
            gas,
        }
    }

    /// Runs on both engines, of which one may record; the gas that wasmtime's run left.
    fn compare(
        &self,
        wasmtime: &Wasmtime,
        modules: &Modules,
        machine: &RegisterMachine,
        gas: i32,
        tally: &mut Tally,
    ) -> Option<i32> {
        let ours = self.run(machine, &modules.lowered, gas);
        if let Err(Stopped::Engine(text)) = &ours.result {
            assert!(!machine.careful, "{text}");
            let spans = ["which is not aligned", "spans two words"];
            assert!(spans.iter().any(|words| text.contains(words)), "{text}");
            *tally.entry("without a proof".to_owned()).or_default() += 1;
            return None;
        }
        let native = self.run(wasmtime, &modules.native, gas);
        assert!(
            ours == native,
            "{} with {gas} gas: {:?} {:?}, not {:?} {:?}",
            self.name,
            ours.result,
            ours.gas,
            native.result,
            native.gas
        );
        let name = match &ours.result {
            Ok(_) => "returned".to_owned(),
            Err(stopped) => stopped.to_string(),
        };
        *tally.entry(name).or_default() += 1;
        match native.gas {
            Some(Value::I32(left)) => Some(left),
            _ => None,
        }
    }
}

struct Modules {
    machine: RegisterMachine,
    lowered: <RegisterMachine as Engine>::Module,
    native: <Wasmtime as Engine>::Module,
}

/// A seed's program on both engines, and then through the constraints.
fn check(wasmtime: &Wasmtime, seed: u64) -> (Tally, Checked) {
    let (mut tally, mut checked) = (Tally::new(), Checked::default());
    let Some(program) = Program::generate(seed) else {
        return (tally, checked);
    };
    let Ok(instrumented) = bare(&program.wasm, false) else {
        return (tally, checked);
    };
    let careful = seed % 2 == 1;
    let (machine, silent) = (
        RegisterMachine::recording(careful),
        RegisterMachine::new(careful),
    );
    let modules = Modules {
        lowered: machine.load(&instrumented).expect("what is admitted is lowered"),
        native: wasmtime.load(&instrumented).expect("a valid module"),
        machine,
    };
    *tally.entry("programs".to_owned()).or_default() += 1;
    let mut random = Random::new(!seed);
    for (name, params) in program.functions.iter().take(FUNCTIONS_MAX) {
        let call = Call {
            program: &program,
            name,
            args: Program::arguments(&mut random, params),
        };
        let most = CALL_GAS_MAX as i32;
        let used = call
            .compare(wasmtime, &modules, &silent, most, &mut tally)
            .map(|left| most - left);
        let mut show = |gas| call.compare(wasmtime, &modules, &modules.machine, gas, &mut tally);
        match used {
            Some(used) if used <= SHOWN_GAS => {
                show(used);
                if used > 0 {
                    show(used - 1);
                    show(random.below(used as u64) as i32);
                }
            }
            // Traps, and what takes more: once with little gas.
            _ => drop(show(SHOWN_GAS)),
        }
    }
    for session in modules.machine.sessions() {
        checked.add(session.check().unwrap_or_else(|error| panic!("{error}")));
    }
    (tally, checked)
}

#[test]
fn programs_do_on_the_register_machine_what_they_do_natively() {
    let wasmtime = Wasmtime::new(Limits {
        pages_max: Some(PAGES_MAX as usize),
        ..Limits::default()
    });
    let next = AtomicU64::new(0);
    let total = Mutex::new((Tally::new(), Checked::default()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= PROGRAMS {
                        break;
                    }
                    let run = std::panic::AssertUnwindSafe(|| check(&wasmtime, seed));
                    match std::panic::catch_unwind(run) {
                        Ok((tally, checked)) => {
                            let mut total = total.lock().unwrap();
                            for (name, count) in tally {
                                *total.0.entry(name).or_default() += count;
                            }
                            total.1.add(checked);
                        }
                        Err(panic) => {
                            next.store(PROGRAMS, Ordering::Relaxed);
                            println!("seed {seed}");
                            std::panic::resume_unwind(panic);
                        }
                    }
                }
            });
        }
    });
    let (tally, checked) = total.into_inner().unwrap();
    println!("{tally:#?}\n{checked:#?}");
    let count = |name: &str| tally.get(name).copied().unwrap_or(0);
    assert!(count("programs") >= PROGRAMS * 9 / 10, "too few programs");
    for end in [
        "returned",
        "Unreachable",
        "MemoryOutOfBounds",
        "DivisionByZero",
        "OutOfGas",
    ] {
        assert!(count(end) > 0, "no run ends by {end}");
    }
}
