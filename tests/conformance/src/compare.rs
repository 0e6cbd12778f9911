//! A generated program on wasmtime, on the register machine, and through the constraints.
//!
//! For exported functions, with arguments from the program's seed and a fresh instance each time, at several limits of gas: the same
//! results or the same trap, the same globals, the same memory, and after a run that returns the same gas. Memory is not compared after a
//! trap for an access beyond it: a store that spans two words may have written the first, which nobody can read on a chain. Then the
//! register machine's runs that had little gas are shown to the constraints ([`crate::machine::circuit`]).

use crate::engine::{Engine, Stopped, Trap, Value};
use crate::machine::RegisterMachine;
use crate::machine::circuit::Checked;
use crate::programs::Program;
use crate::random::Random;
use crate::suite::run::PAGES_MAX;
use crate::wasmtime::{Limits, Wasmtime};
use playfair_abi::instrumented::GAS;
use playfair_admission::bare;
use playfair_types::limits::CALL_GAS_MAX;
use std::collections::BTreeMap;

/// Functions of a program that are run.
const FUNCTIONS_MAX: usize = 3;
/// Gas that a run through the constraints has at most: longer ones are shown as far as that.
const SHOWN_GAS: i32 = 4_096;
/// Calls that believe a wrong hint of alignment; the module lowered carefully has them.
const WITHOUT: &str = "not aligned as they say";

/// What happened, by name.
pub type Tally = BTreeMap<String, u64>;

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
            *tally.entry(WITHOUT.to_owned()).or_default() += 1;
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
    lowered: <RegisterMachine as Engine>::Module,
    native: <Wasmtime as Engine>::Module,
}

/// The engine that programs are compared with.
#[must_use]
pub fn native() -> Wasmtime {
    Wasmtime::new(Limits {
        pages_max: Some(PAGES_MAX as usize),
        ..Limits::default()
    })
}

/// Runs a program everywhere; what happened, and what went through the constraints. `None` if it is not admitted. Odd seeds are lowered
/// without believing hints of alignment, the others again so if a hint was wrong.
///
/// # Panics
/// If the engines differ, or the constraints refuse what happened.
#[must_use]
pub fn compare(wasmtime: &Wasmtime, program: &Program) -> Option<(Tally, Checked)> {
    let instrumented = bare(&program.wasm, false).ok()?;
    let careful = program.seed % 2 == 1;
    let (mut tally, mut checked) = run(wasmtime, program, &instrumented, careful);
    if tally.contains_key(WITHOUT) {
        let (more, again) = run(wasmtime, program, &instrumented, true);
        for (name, count) in more {
            *tally.entry(name).or_default() += count;
        }
        checked.add(again);
    }
    *tally.entry("programs".to_owned()).or_default() += 1;
    Some((tally, checked))
}

fn run(wasmtime: &Wasmtime, program: &Program, instrumented: &[u8], careful: bool) -> (Tally, Checked) {
    let (mut tally, mut checked) = (Tally::new(), Checked::default());
    let (machine, silent) = (RegisterMachine::recording(careful), RegisterMachine::new(careful));
    let modules = Modules {
        lowered: machine.load(instrumented).expect("what is admitted is lowered"),
        native: wasmtime.load(instrumented).expect("a valid module"),
    };
    let mut random = Random::new(!program.seed);
    for (name, params) in program.functions.iter().take(FUNCTIONS_MAX) {
        let call = Call {
            program,
            name,
            args: Program::arguments(&mut random, params),
        };
        let most = CALL_GAS_MAX as i32;
        let left = call.compare(wasmtime, &modules, &silent, most, &mut tally);
        let mut show = |gas| {
            call.compare(wasmtime, &modules, &machine, gas, &mut tally);
        };
        match left.map(|left| most - left) {
            Some(used) if used <= SHOWN_GAS => {
                show(used);
                if used > 0 {
                    show(used - 1);
                    show(random.below(used as u64) as i32);
                }
            }
            // Traps, and what takes more.
            _ => show(SHOWN_GAS),
        }
    }
    for session in machine.sessions() {
        checked.add(session.check().unwrap_or_else(|error| panic!("{error}")));
    }
    (tally, checked)
}
