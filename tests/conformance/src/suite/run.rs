//! Runs the directives of one file.

use super::instances::{Failure, Instances};
use super::outcome::{Kind, Outcome, Step};
use super::{Reason, script};
use crate::engine::{Engine, Stopped, Trap, Value};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, QuoteWatTest, Wast, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

/// Pages that admission lets a memory have.
pub const PAGES_MAX: u64 = 256;

/// Why a module is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// In words.
    pub text: String,
    /// If a segment that does not fit is the reason, how the module, which is valid, would trap when instantiated.
    pub segment: Option<Trap>,
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
        instances: Instances::new(setup),
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

fn failed(expected: impl Into<String>, actual: impl Into<String>) -> Outcome {
    Outcome::Failed {
        expected: expected.into(),
        actual: actual.into(),
        stale: false,
    }
}

fn shown(result: &Result<Vec<Value>, Stopped>) -> String {
    match result {
        Ok(values) => format!("{values:?}"),
        Err(stopped) => stopped.to_string(),
    }
}

struct Run<'a, E: Engine> {
    setup: &'a Setup<'a, E>,
    instances: Instances<'a, E>,
}

impl<E: Engine> Run<'_, E> {
    fn directive(&mut self, directive: WastDirective<'_>) -> Option<(Kind, Outcome)> {
        let (kind, outcome) = match directive {
            WastDirective::Module(mut module) => (Kind::Module, self.module(&mut module)),
            WastDirective::Register { module, name, .. } => {
                self.instances.register(module, name);
                return None;
            }
            WastDirective::Invoke(invoke) => (Kind::Action, self.action(&invoke)),
            WastDirective::AssertReturn { exec, results, .. } => {
                (Kind::Return, self.assert_return(exec, &results))
            }
            WastDirective::AssertTrap { exec, message, .. } => (Kind::Trap, self.assert_trap(exec, message)),
            WastDirective::AssertExhaustion { call, message, .. } => (
                Kind::Exhaustion,
                self.assert_trap(WastExecute::Invoke(call), message),
            ),
            WastDirective::AssertUnlinkable { module, message, .. } => {
                (Kind::Unlinkable, self.assert_unlinkable(module, message))
            }
            WastDirective::AssertInvalid { module, message, .. } => {
                (Kind::Invalid, Ok(self.assert_refused(module, message)))
            }
            WastDirective::AssertMalformed { module, message, .. } => {
                (Kind::Malformed, Ok(self.assert_refused(module, message)))
            }
            // Definitions apart from instances, exceptions, threads and custom sections belong to later versions.
            _ => (Kind::Action, Err(Reason::Linking)),
        };
        let moved = self.instances.take_moved();
        let outcome = match outcome.unwrap_or_else(Outcome::Skipped) {
            Outcome::Passed if moved => Outcome::Moved,
            outcome => outcome,
        };
        Some((kind, outcome))
    }

    fn module(&mut self, module: &mut QuoteWat<'_>) -> Result<Outcome, Reason> {
        let name = module.name();
        let made = module.encode().map(|wasm| self.instances.instantiate(&wasm));
        let outcome = match &made {
            Ok(Ok(Ok(_))) => Ok(Outcome::Passed),
            Ok(Ok(Err(failure))) => Ok(failed("an instance", format!("{failure:?}"))),
            Ok(Err(reason)) => Err(*reason),
            Err(error) => Ok(failed("a module", error.to_string())),
        };
        self.instances.push(name, made.ok());
        outcome
    }

    fn action(&mut self, invoke: &WastInvoke<'_>) -> Result<Outcome, Reason> {
        let result = self.instances.invoke(invoke)?;
        Ok(match result {
            Ok(_) => Outcome::Passed,
            result => failed("it returns", shown(&result)).stale(self.instances.is_stale(invoke.module)),
        })
    }

    fn assert_return(&mut self, exec: WastExecute<'_>, results: &[WastRet<'_>]) -> Result<Outcome, Reason> {
        let (actual, module) = match exec {
            WastExecute::Invoke(call) => (self.instances.invoke(&call)?, call.module),
            WastExecute::Get { module, global, .. } => (self.instances.global(module, global)?, module),
            WastExecute::Wat(_) => return Err(Reason::Linking),
        };
        let expected: Vec<Value> = results.iter().map(script::result).collect::<Result<_, _>>()?;
        if actual.as_ref() == Ok(&expected) {
            return Ok(Outcome::Passed);
        }
        self.differs(shown(&Ok(expected)), &actual, module)
    }

    fn assert_trap(&mut self, exec: WastExecute<'_>, message: &str) -> Result<Outcome, Reason> {
        let expected = script::trap(message);
        let (actual, module) = match exec {
            WastExecute::Invoke(call) => (self.instances.invoke(&call)?, call.module),
            WastExecute::Wat(mut module) => {
                let wasm = module.encode().map_err(|_| Reason::Text)?;
                return Ok(match self.instances.instantiate(&wasm)? {
                    Err(Failure::Refused(trap)) if Some(trap) == expected => Outcome::Refused,
                    Err(Failure::Stopped(Stopped::Trap(trap))) if Some(trap) == expected => Outcome::Passed,
                    Err(failure) => failed(message, format!("{failure:?}")),
                    Ok(_) => failed(message, "an instance"),
                });
            }
            WastExecute::Get { .. } => return Err(Reason::Linking),
        };
        match &actual {
            Err(Stopped::Trap(trap)) if Some(*trap) == expected => Ok(Outcome::Passed),
            Err(Stopped::Trap(Trap::OutOfGas)) => Err(Reason::Gas),
            _ => self.differs(message, &actual, module),
        }
    }

    /// A call that does otherwise than the suite says.
    fn differs(
        &self,
        expected: impl Into<String>,
        actual: &Result<Vec<Value>, Stopped>,
        module: Option<Id<'_>>,
    ) -> Result<Outcome, Reason> {
        // Without gas, its charge traps with the instruction `unreachable`.
        if *actual == Err(Stopped::Trap(Trap::Unreachable)) && self.instances.may_be_lost(module) {
            return Err(Reason::State);
        }
        Ok(failed(expected, shown(actual)).stale(self.instances.is_stale(module)))
    }

    fn assert_unlinkable(&mut self, mut module: Wat<'_>, message: &str) -> Result<Outcome, Reason> {
        let wasm = module.encode().map_err(|_| Reason::Text)?;
        let expected = |stopped: &Stopped| match message {
            "unknown import" => matches!(stopped, Stopped::UnknownImport(_)),
            "incompatible import type" => matches!(stopped, Stopped::ImportType(_)),
            _ => false,
        };
        let made = self.instances.link(&wasm)?;
        if message.ends_with("segment does not fit") {
            // The check before anything is written, which the second version replaced by a trap.
            self.instances.make_linked_stale();
            return Err(Reason::LaterVersion);
        }
        Ok(match made {
            Err(Failure::Stopped(stopped)) if expected(&stopped) => Outcome::Passed,
            Err(failure) => failed(message, format!("{failure:?}")),
            Ok(_) => failed(message, "an instance"),
        })
    }

    fn assert_refused(&self, mut module: QuoteWat<'_>, message: &str) -> Outcome {
        // What the text format's parser refuses has no binary that could be refused.
        let wasm = match module.to_test() {
            Ok(QuoteWatTest::Binary(wasm)) => Some(wasm),
            Ok(QuoteWatTest::Text(text)) => std::str::from_utf8(&text).ok().and_then(script::from_text),
            Err(_) => None,
        };
        match wasm.map(|wasm| (self.setup.prepare)(&wasm)) {
            None => Outcome::Skipped(Reason::Text),
            Some(Err(_)) => Outcome::Passed,
            Some(Ok(_)) => failed(format!("refused: {message}"), "accepted"),
        }
    }
}
