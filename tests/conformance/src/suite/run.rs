//! Runs the directives of one file.

use super::outcome::{Kind, Outcome, Step};
use super::rewrite::{Rewritten, START, STUBS_HIT};
use super::{Reason, rewrite};
use crate::engine::{Engine, Stopped, Trap, Value};
use std::collections::{HashMap, HashSet};
use wast::core::{WastArgCore, WastRetCore};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, QuoteWatTest, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

/// Pages that admission lets a memory have.
pub const PAGES_MAX: u64 = 256;

/// Why a module is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// In words.
    pub text: String,
    /// Whether a segment that does not fit is the reason: the module is valid, but its instantiation would trap.
    pub segment: bool,
}

/// What makes of a module the module that runs, or refuses it and says why.
pub type Prepare<'a> = dyn Fn(&[u8]) -> Result<Vec<u8>, Refused> + Sync + 'a;

/// How files are run.
pub struct Setup<'a, E> {
    /// What every module of the suite goes through, those that must be refused included.
    pub prepare: &'a Prepare<'a>,
    /// What runs the prepared modules.
    pub engine: &'a E,
}

/// Runs a file: a step for each of its directives.
///
/// # Errors
/// The file is not a script of the suite.
pub fn run_file<E: Engine>(setup: &Setup<'_, E>, text: &str) -> Result<Vec<Step>, String> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(|error| error.to_string())?;
    let script = parser::parse::<Wast<'_>>(&buffer).map_err(|error| error.to_string())?;
    let mut run = Run {
        setup,
        slots: vec![Slot::Out(Reason::Linking)],
        named: HashMap::new(),
        registered: HashSet::new(),
        linked: false,
    };
    let mut steps = Vec::new();
    for directive in script.directives {
        let (line, _) = directive.span().linecol_in(text);
        if let Some((kind, outcome)) = run.directive(directive) {
            steps.push(Step {
                line: line + 1,
                kind,
                outcome,
            });
        }
    }
    Ok(steps)
}

/// A module of the file.
enum Slot<I> {
    Live {
        instance: I,
        module: Rewritten,
        /// Whether a directive was skipped that might have changed it.
        stale: bool,
    },
    /// Out of scope.
    Out(Reason),
    /// It should run, but does not; the failed step says why.
    Broken,
}

struct Run<'a, E: Engine> {
    setup: &'a Setup<'a, E>,
    /// The last one is the current module.
    slots: Vec<Slot<E::Instance>>,
    named: HashMap<String, usize>,
    registered: HashSet<usize>,
    /// Whether a module that imports from registered ones was skipped: what it would have done to them is missing.
    linked: bool,
}

fn failed(expected: impl Into<String>, actual: impl Into<String>) -> Outcome {
    Outcome::Failed {
        expected: expected.into(),
        actual: actual.into(),
        stale: false,
    }
}

/// How many stubs ran and why the last one is one; see [`STUBS_HIT`].
fn stubs_hit<E: Engine>(engine: &E, instance: &mut E::Instance) -> (i32, Option<Reason>) {
    match engine.global(instance, STUBS_HIT) {
        Some(Value::I32(hits)) if hits > 0 => (hits, Reason::ALL.get((hits & 255) as usize).copied()),
        _ => (0, None),
    }
}

fn shown(result: &Result<Vec<Value>, Stopped>) -> String {
    match result {
        Ok(values) => format!("{values:?}"),
        Err(stopped) => stopped.to_string(),
    }
}

impl<E: Engine> Run<'_, E> {
    fn directive(&mut self, directive: WastDirective<'_>) -> Option<(Kind, Outcome)> {
        Some(match directive {
            WastDirective::Module(mut module) => (Kind::Module, self.module(&mut module)),
            WastDirective::Register { module, .. } => {
                self.registered.insert(self.slot(module));
                return None;
            }
            WastDirective::Invoke(invoke) => (Kind::Action, self.action(&invoke)),
            WastDirective::AssertReturn { exec, results, .. } => (
                Kind::Return,
                self.assert_return(exec, &results)
                    .unwrap_or_else(Outcome::Skipped),
            ),
            WastDirective::AssertTrap { exec, message, .. } => (
                Kind::Trap,
                self.assert_trap(exec, message).unwrap_or_else(Outcome::Skipped),
            ),
            WastDirective::AssertExhaustion { call, message, .. } => {
                let exec = WastExecute::Invoke(call);
                (
                    Kind::Exhaustion,
                    self.assert_trap(exec, message).unwrap_or_else(Outcome::Skipped),
                )
            }
            WastDirective::AssertInvalid { module, message, .. } => {
                (Kind::Invalid, self.assert_refused(module, message))
            }
            WastDirective::AssertMalformed { module, message, .. } => {
                (Kind::Malformed, self.assert_refused(module, message))
            }
            WastDirective::AssertUnlinkable { .. } => {
                (Kind::Unlinkable, Outcome::Skipped(Reason::Unlinkable))
            }
            // Definitions apart from instances, exceptions, threads and custom sections belong to later versions.
            _ => (Kind::Action, Outcome::Skipped(Reason::Linking)),
        })
    }

    fn slot(&self, module: Option<Id<'_>>) -> usize {
        let current = self.slots.len() - 1;
        module.map_or(current, |id| self.named.get(id.name()).copied().unwrap_or(0))
    }

    fn module(&mut self, module: &mut QuoteWat<'_>) -> Outcome {
        if let Some(id) = module.name() {
            self.named.insert(id.name().to_owned(), self.slots.len());
        }
        let wasm = match module.encode() {
            Ok(wasm) => wasm,
            Err(error) => {
                self.slots.push(Slot::Broken);
                return failed("a module", error.to_string());
            }
        };
        let (slot, outcome) = match self.instantiate(&wasm) {
            Ok(Ok(slot)) => (slot, Outcome::Passed),
            Ok(Err(stopped)) => (Slot::Broken, failed("an instance", stopped.to_string())),
            Err(reason) => {
                self.linked |= reason == Reason::Linking;
                (Slot::Out(reason), Outcome::Skipped(reason))
            }
        };
        self.slots.push(slot);
        outcome
    }

    /// An instance of what is in scope of a module, after its start function.
    fn instantiate(&self, wasm: &[u8]) -> Result<Result<Slot<E::Instance>, Stopped>, Reason> {
        let rewritten = rewrite(wasm)?;
        if rewritten.pages_min > PAGES_MAX {
            return Err(Reason::MemoryLimit);
        }
        let engine = self.setup.engine;
        let prepared = match (self.setup.prepare)(&rewritten.wasm) {
            Ok(prepared) => prepared,
            Err(refused) if refused.segment => return Err(Reason::Refused),
            Err(refused) => return Ok(Err(Stopped::Engine(refused.text))),
        };
        let make = || {
            let module = engine.load(&prepared).map_err(Stopped::Engine)?;
            let mut instance = engine.instantiate(&module)?;
            let started = match rewritten.start {
                true => engine.invoke(&mut instance, START, &[], i32::MAX),
                false => Ok(Vec::new()),
            };
            Ok((instance, started))
        };
        let (mut instance, started) = match make() {
            Ok(made) => made,
            Err(stopped) => return Ok(Err(stopped)),
        };
        match stubs_hit(engine, &mut instance) {
            (_, Some(reason)) => Err(reason),
            (_, None) => Ok(started.map(|_| Slot::Live {
                instance,
                module: rewritten,
                stale: false,
            })),
        }
    }

    fn linking(&self, slot: usize) -> Result<(), Reason> {
        match self.linked && self.registered.contains(&slot) {
            true => Err(Reason::Linking),
            false => Ok(()),
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Result<Vec<Value>, Stopped>, Reason> {
        let slot = self.slot(invoke.module);
        self.linking(slot)?;
        let args: Result<Vec<Value>, Reason> = invoke.args.iter().map(argument).collect();
        let engine = self.setup.engine;
        let (instance, module, stale) = match &mut self.slots[slot] {
            Slot::Out(reason) => return Err(*reason),
            Slot::Broken => return Ok(Err(Stopped::Engine("its module does not run".to_owned()))),
            Slot::Live {
                instance,
                module,
                stale,
            } => (instance, module, stale),
        };
        let reason = match (module.removed.get(invoke.name), args) {
            (Some(reason), _) => *reason,
            (None, Err(reason)) => reason,
            (None, Ok(args)) => {
                let before = stubs_hit(engine, instance);
                let result = engine.invoke(instance, invoke.name, &args, i32::MAX);
                match stubs_hit(engine, instance) {
                    after if after == before => return Ok(result),
                    (_, reason) => reason.unwrap_or(Reason::Limits),
                }
            }
        };
        *stale = true;
        Err(reason)
    }

    /// Whether the module that a directive names lacks what a skipped one would have done.
    fn stale(&self, module: Option<Id<'_>>) -> bool {
        matches!(self.slots[self.slot(module)], Slot::Live { stale: true, .. })
    }

    fn global(&mut self, module: Option<Id<'_>>, name: &str) -> Result<Result<Vec<Value>, Stopped>, Reason> {
        let slot = self.slot(module);
        self.linking(slot)?;
        let engine = self.setup.engine;
        let value = match &mut self.slots[slot] {
            Slot::Out(reason) => return Err(*reason),
            Slot::Broken => None,
            Slot::Live { instance, module, .. } => match module.removed.get(name) {
                Some(reason) => return Err(*reason),
                None => engine.global(instance, name),
            },
        };
        Ok(value
            .map(|value| vec![value])
            .ok_or_else(|| Stopped::Engine(format!("no global {name:?}"))))
    }

    fn action(&mut self, invoke: &WastInvoke<'_>) -> Outcome {
        match self.invoke(invoke) {
            Ok(Ok(_)) => Outcome::Passed,
            Ok(result) => failed("it returns", shown(&result)).stale(self.stale(invoke.module)),
            Err(reason) => Outcome::Skipped(reason),
        }
    }

    fn assert_return(&mut self, exec: WastExecute<'_>, results: &[WastRet<'_>]) -> Result<Outcome, Reason> {
        let (actual, module) = match exec {
            WastExecute::Invoke(call) => (self.invoke(&call)?, call.module),
            WastExecute::Get { module, global, .. } => (self.global(module, global)?, module),
            WastExecute::Wat(_) => return Err(Reason::Linking),
        };
        let expected: Vec<Value> = results.iter().map(result).collect::<Result<_, _>>()?;
        Ok(if actual.as_ref() == Ok(&expected) {
            Outcome::Passed
        } else {
            failed(shown(&Ok(expected)), shown(&actual)).stale(self.stale(module))
        })
    }

    fn assert_trap(&mut self, exec: WastExecute<'_>, message: &str) -> Result<Outcome, Reason> {
        let (actual, stale) = match exec {
            WastExecute::Invoke(call) => (self.invoke(&call)?, self.stale(call.module)),
            WastExecute::Wat(mut module) => {
                let wasm = module.encode().map_err(|_| Reason::Text)?;
                (self.instantiate(&wasm)?.map(|_| Vec::new()), false)
            }
            WastExecute::Get { .. } => return Err(Reason::Linking),
        };
        let expected = trap(message);
        Ok(match &actual {
            Err(Stopped::Trap(trap)) if Some(*trap) == expected => Outcome::Passed,
            Err(Stopped::Trap(Trap::OutOfGas)) => Outcome::Skipped(Reason::Gas),
            _ => failed(message, shown(&actual)).stale(stale),
        })
    }

    fn assert_refused(&self, mut module: QuoteWat<'_>, message: &str) -> Outcome {
        // What the text format's parser refuses has no binary that could be refused.
        let wasm = match module.to_test() {
            Ok(QuoteWatTest::Binary(wasm)) => Some(wasm),
            Ok(QuoteWatTest::Text(text)) => std::str::from_utf8(&text).ok().and_then(from_text),
            Err(_) => None,
        };
        match wasm.map(|wasm| (self.setup.prepare)(&wasm)) {
            None => Outcome::Skipped(Reason::Text),
            Some(Err(_)) => Outcome::Passed,
            Some(Ok(_)) => failed(format!("refused: {message}"), "accepted"),
        }
    }
}

fn from_text(text: &str) -> Option<Vec<u8>> {
    let buffer = ParseBuffer::new(text).ok()?;
    parser::parse::<Wat<'_>>(&buffer).ok()?.encode().ok()
}

fn argument(argument: &WastArg<'_>) -> Result<Value, Reason> {
    let WastArg::Core(argument) = argument else {
        return Err(Reason::References);
    };
    match argument {
        WastArgCore::I32(value) => Ok(Value::I32(*value)),
        WastArgCore::I64(value) => Ok(Value::I64(*value)),
        WastArgCore::F32(_) | WastArgCore::F64(_) => Err(Reason::Floats),
        WastArgCore::V128(_) => Err(Reason::Vectors),
        _ => Err(Reason::References),
    }
}

fn result(result: &WastRet<'_>) -> Result<Value, Reason> {
    let WastRet::Core(result) = result else {
        return Err(Reason::References);
    };
    match result {
        WastRetCore::I32(value) => Ok(Value::I32(*value)),
        WastRetCore::I64(value) => Ok(Value::I64(*value)),
        WastRetCore::F32(_) | WastRetCore::F64(_) => Err(Reason::Floats),
        WastRetCore::V128(_) => Err(Reason::Vectors),
        _ => Err(Reason::References),
    }
}

/// The trap that a message of the suite names.
fn trap(message: &str) -> Option<Trap> {
    Some(match message {
        "unreachable" => Trap::Unreachable,
        "out of bounds memory access" => Trap::MemoryOutOfBounds,
        "integer divide by zero" => Trap::DivisionByZero,
        "integer overflow" => Trap::IntegerOverflow,
        "indirect call type mismatch" | "indirect call" => Trap::IndirectCallType,
        "undefined element" | "undefined" | "out of bounds table access" => Trap::TableOutOfBounds,
        "call stack exhausted" => Trap::CallDepth,
        message if message.starts_with("uninitialized") => Trap::NullElement,
        _ => return None,
    })
}
