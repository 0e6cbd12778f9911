//! The register machine that is proven as an engine: modules lowered, linked to a kernel of this crate and interpreted.
//!
//! An instance is a machine that runs on a thread of its own. Its kernel asks for what to do by hints, calls the export, and
//! gives back results by hints; when the run of the module ends otherwise, the machine goes through EXIT and RESET as on a
//! chain, and the kernel asks again. So memory and globals last from call to call, as the suite wants it. What ended a run is
//! what the kernel verified by the table of ends, as docs/CIRCUIT.md has it.
//!
//! A machine that records leaves [`Session`]s: what its instances were asked and answered, for the circuit ([`circuit`]).

pub mod circuit;
mod kernel;
mod paid;
mod session;

use crate::engine::{Engine, Stopped, Trap, Value};
use kernel::{Exports, OUT_OF_GAS, kernel, redirect};
use playfair_abi::instrumented::GAS;
use playfair_proofs_isa::code::{Program, address};
use playfair_proofs_isa::interp::{Executable, Oracle, View};
use playfair_proofs_isa::link::{Constants, link};
use playfair_proofs_isa::lower::{Kind, hints, lower};
use playfair_types::Fr;
use session::{Call, Record};
pub use session::{Entry, Session};
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use wasmparser::{ExternalKind, FuncType, ValType};

/// Hints of the kernel: which export is next, its gas, its next argument; the next result, and how the run ended; a word.
mod ask {
    pub(super) const NEXT: u32 = 1;
    pub(super) const GAS: u32 = 2;
    pub(super) const ARGUMENT: u32 = 3;
    pub(super) const RESULT: u32 = 4;
    pub(super) const ENDED: u32 = 5;
    pub(super) const WORD: u32 = 6;
}

/// The interpreter.
#[derive(Clone, Default)]
pub struct RegisterMachine {
    /// Whether modules are lowered without believing their hints of alignment.
    pub careful: bool,
    record: Option<Record>,
}

impl RegisterMachine {
    /// A machine that lowers modules so.
    #[must_use]
    pub fn new(careful: bool) -> Self {
        Self {
            careful,
            record: None,
        }
    }

    /// The same, which keeps what its instances do.
    #[must_use]
    pub fn recording(careful: bool) -> Self {
        Self {
            careful,
            record: Some(Record::default()),
        }
    }

    /// Takes what was kept of instances whose stores are gone, in the order of their ends; instances of one module in a row are one
    /// session.
    #[must_use]
    pub fn sessions(&self) -> Vec<Session> {
        let kept =
            |record: &Record| std::mem::take(&mut *record.lock().unwrap_or_else(PoisonError::into_inner));
        self.record.as_ref().map(kept).unwrap_or_default()
    }
}

/// A module, linked.
pub struct Loaded {
    /// The module, instrumented.
    wasm: Vec<u8>,
    executable: Executable,
    program: Program,
    code: paid::Code,
    /// Exported functions: number for the kernel, type.
    functions: BTreeMap<String, (u64, FuncType)>,
    /// Exported globals: absolute register, type.
    globals: BTreeMap<String, (u64, ValType)>,
    memories: Vec<String>,
}

/// An instance.
pub struct Running {
    module: Arc<Loaded>,
    work: Work,
    /// Calls that it has run, for a machine that takes its place.
    history: Vec<Entry>,
    record: Option<Record>,
    memory: Vec<u8>,
}

/// A machine at work.
struct Work {
    commands: Option<Sender<Command>>,
    replies: Receiver<Reply>,
    thread: Option<JoinHandle<String>>,
}

enum Command {
    Call(Call),
    Cell(u64),
    Gas,
    Memory,
}

enum Reply {
    Ended(Answer),
    Cell(u64),
    Memory(Vec<u8>),
}

/// What a call came to.
struct Answer {
    result: Result<Vec<u64>, Trap>,
    gas: u64,
    rows: u32,
}

/// The trap of a detail that the kernel verified.
fn trap(detail: u64) -> Option<Trap> {
    Some(match detail {
        1 => Trap::Unreachable,
        2 => Trap::MemoryOutOfBounds,
        3 => Trap::DivisionByZero,
        4 => Trap::IntegerOverflow,
        5 => Trap::IndirectCallType,
        6 => Trap::TableOutOfBounds,
        7 => Trap::NullElement,
        8 => Trap::CallDepth,
        OUT_OF_GAS => Trap::OutOfGas,
        _ => return None,
    })
}

/// The low 64 bits.
fn low(value: Fr) -> u64 {
    let bytes = playfair_types::crypto::field::fr_to_bytes(&value);
    let (_, last) = bytes.split_at(24);
    last.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// What the kernel of an instance talks to.
struct Servant {
    commands: Receiver<Command>,
    replies: Sender<Reply>,
    module: Arc<Loaded>,
    running: bool,
    gas: u64,
    arguments: VecDeque<u64>,
    result: Result<Vec<u64>, Trap>,
    /// Rows before the call.
    rows: u32,
}

impl Servant {
    /// The number of the next export to call.
    fn next(&mut self, machine: &View<'_>) -> u64 {
        if std::mem::take(&mut self.running) {
            let answer = Answer {
                result: std::mem::replace(&mut self.result, Ok(Vec::new())),
                gas: machine.gas() as u64,
                rows: machine.steps() - self.rows,
            };
            let _ = self.replies.send(Reply::Ended(answer));
        }
        self.rows = machine.steps();
        while let Ok(command) = self.commands.recv() {
            let reply = match command {
                Command::Call(call) => {
                    (self.running, self.gas, self.arguments) = (true, call.gas, call.arguments.into());
                    return call.export;
                }
                Command::Cell(address) => Reply::Cell(machine.cell(address).word().unwrap_or_default()),
                Command::Gas => Reply::Cell(machine.gas() as u64),
                Command::Memory => {
                    let words = 0..u64::from(machine.lim()) / 8;
                    let word = |word: u64| machine.cell(machine.ctx() + word).word().unwrap_or_default();
                    Reply::Memory(words.flat_map(|at| word(at).to_le_bytes()).collect())
                }
            };
            let _ = self.replies.send(reply);
        }
        // The number behind that of a fresh instance ends the machine.
        self.module.functions.len() as u64 + 1
    }
}

impl Oracle for Servant {
    fn hint(&mut self, kind: u32, argument: Fr, machine: &View<'_>) -> Fr {
        if let Some(answer) = hints::answer(kind, argument) {
            return answer;
        }
        Fr::from(match kind {
            ask::NEXT => self.next(machine),
            ask::GAS => self.gas,
            ask::ARGUMENT => self.arguments.pop_front().unwrap_or_default(),
            ask::RESULT => {
                if let Ok(results) = &mut self.result {
                    results.push(low(argument));
                }
                0
            }
            ask::WORD => low(argument),
            ask::ENDED => {
                self.result = Err(trap(low(argument)).expect("the kernel names what ended the run"));
                0
            }
            other => panic!("hint {other}"),
        })
    }
}

impl Work {
    fn start(module: &Arc<Loaded>) -> Self {
        let (commands, asked) = channel();
        let (answers, replies) = channel();
        let module = module.clone();
        let mut servant = Servant {
            commands: asked,
            replies: answers,
            module: module.clone(),
            running: false,
            gas: 0,
            arguments: VecDeque::new(),
            result: Ok(Vec::new()),
            rows: 0,
        };
        // Nothing is stated yet: the machine stops where its kernel would compare.
        let public = [Fr::from(0_u64); 2];
        let thread = move || match module.executable.run(&public, &mut servant, u32::MAX) {
            Ok(_) => "the machine has ended".to_owned(),
            Err(fault) => fault.to_string(),
        };
        Self {
            commands: Some(commands),
            replies,
            thread: Some(std::thread::spawn(thread)),
        }
    }

    /// Sends a command and waits for its reply. Without one, the fault that stopped the machine.
    fn ask(&mut self, command: Command) -> Result<Reply, String> {
        let sent = self.commands.as_ref().map(|commands| commands.send(command));
        let reply = sent.and_then(|_| self.replies.recv().ok());
        reply.ok_or_else(|| match self.thread.take().map(JoinHandle::join) {
            Some(Ok(text)) => text,
            _ => "the machine's thread panicked".to_owned(),
        })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Running {
    /// Runs a call. One that has no row to go on leaves the instance as it was before.
    fn call(&mut self, call: Call) -> Result<Result<Vec<u64>, Trap>, Stopped> {
        match self.work.ask(Command::Call(call.clone())) {
            Ok(Reply::Ended(Answer { result, gas, rows })) => {
                self.history.push(Entry {
                    call,
                    result: result.clone(),
                    gas,
                    rows,
                });
                Ok(result)
            }
            Ok(_) => Err(Stopped::Engine("another reply".to_owned())),
            Err(fault) => {
                self.work = Work::start(&self.module);
                for entry in &self.history {
                    self.work
                        .ask(Command::Call(entry.call.clone()))
                        .map_err(Stopped::Engine)?;
                }
                Err(Stopped::Engine(fault))
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(record) = &self.record {
            session::keep(record, &self.module, std::mem::take(&mut self.history));
        }
    }
}

impl Engine for RegisterMachine {
    type Module = Arc<Loaded>;
    type Store = Vec<Running>;
    type Instance = usize;

    fn load(&self, wasm: &[u8]) -> Result<Arc<Loaded>, String> {
        let exports = Exports::read(wasm)?;
        let functions: Vec<(&String, usize)> = exports.of(ExternalKind::Func).collect();
        let types: Vec<&FuncType> = functions
            .iter()
            .map(|(_, function)| exports.ty(*function))
            .collect::<Result<_, _>>()?;
        let kernel = wat::parse_str(kernel(&types)).map_err(|error| error.to_string())?;
        let constants = Constants {
            careful: self.careful,
            ..Constants::default()
        };
        let linked = link(&kernel, wasm, &constants);
        let mut linked = linked.map_err(|error| error.to_string())?;
        // The other lowering holds the module to its prices, too.
        let other = if self.careful { Kind::Module } else { Kind::Careful };
        lower(wasm, other, address::GLOBALS as u32).map_err(|error| error.to_string())?;
        let indices: Vec<usize> = functions.iter().map(|(_, index)| *index).collect();
        redirect(&mut linked, &indices)?;
        let executable = Executable::new(&linked.program).map_err(|error| error.to_string())?;
        let first = address::GLOBALS + u64::from(linked.kernel.globals);
        let globals = exports.of(ExternalKind::Global);
        let global = |(name, index): (&String, usize)| {
            let ty = exports.globals.get(index)?;
            Some((name.clone(), (first + index as u64, *ty)))
        };
        Ok(Arc::new(Loaded {
            wasm: wasm.to_vec(),
            executable,
            code: paid::Code::of(&linked),
            program: linked.program,
            functions: (0..)
                .zip(functions.iter().zip(&types))
                .map(|(number, ((name, _), ty))| ((*name).clone(), (number, (*ty).clone())))
                .collect(),
            globals: globals.filter_map(global).collect(),
            memories: exports
                .of(ExternalKind::Memory)
                .map(|(name, _)| name.clone())
                .collect(),
        }))
    }

    fn store(&self) -> Vec<Running> {
        Vec::new()
    }

    fn instantiate(
        &self,
        store: &mut Vec<Running>,
        module: &Arc<Loaded>,
        _: &BTreeMap<String, usize>,
    ) -> Result<usize, Stopped> {
        store.push(Running {
            module: module.clone(),
            work: Work::start(module),
            history: Vec::new(),
            record: self.record.clone(),
            memory: Vec::new(),
        });
        Ok(store.len() - 1)
    }

    fn invoke(
        &self,
        store: &mut Vec<Running>,
        instance: usize,
        name: &str,
        args: &[Value],
        gas: i32,
    ) -> Result<Vec<Value>, Stopped> {
        let running = &mut store[instance];
        let module = running.module.clone();
        let (number, ty) = module
            .functions
            .get(name)
            .ok_or_else(|| Stopped::Engine(format!("no function {name:?}")))?;
        if args.len() != ty.params().len() {
            return Err(Stopped::Engine("another number of arguments".to_owned()));
        }
        let arguments = args.iter().map(|value| match value {
            Value::I32(value) => u64::from(*value as u32),
            Value::I64(value) => *value as u64,
        });
        let results = running.call(Call {
            export: *number,
            gas: gas.try_into().unwrap_or(0),
            arguments: arguments.collect(),
        })?;
        let results = results.map_err(Stopped::Trap)?.into_iter();
        Ok(results
            .zip(ty.results())
            .map(|(word, ty)| value(word, *ty))
            .collect())
    }

    fn global(&self, store: &mut Vec<Running>, instance: usize, name: &str) -> Option<Value> {
        let running = &mut store[instance];
        let (register, ty) = *running.module.globals.get(name)?;
        // The gas of a run is no register of the module's here.
        let command = match name {
            GAS => Command::Gas,
            _ => Command::Cell(register),
        };
        match running.work.ask(command) {
            Ok(Reply::Cell(word)) => Some(value(word, ty)),
            _ => None,
        }
    }

    fn memory<'a>(&self, store: &'a mut Vec<Running>, instance: usize, name: &str) -> Option<&'a [u8]> {
        let running = &mut store[instance];
        if !running.module.memories.iter().any(|memory| memory == name) {
            return None;
        }
        match running.work.ask(Command::Memory) {
            Ok(Reply::Memory(bytes)) => running.memory = bytes,
            _ => return None,
        }
        Some(&running.memory)
    }
}

fn value(word: u64, ty: ValType) -> Value {
    match ty {
        ValType::I32 => Value::I32(word as i32),
        _ => Value::I64(word as i64),
    }
}
