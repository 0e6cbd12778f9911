//! The register machine that is proven as an engine: modules lowered, linked to a kernel of this crate and interpreted.
//!
//! An instance is a machine that runs on a thread of its own. Its kernel asks for what to do by hints, calls the export, and
//! gives back results by hints; when the run of the module ends otherwise, the machine goes through EXIT and RESET as on a
//! chain, and the kernel asks again. So memory and globals last from call to call, as the suite wants it. What ended a run is
//! read off the table of ends here, as docs/CIRCUIT.md has it.

use crate::engine::{Engine, Stopped, Trap, Value};
use playfair_proofs_isa::code::{Flags, Program, Tag, address, at};
use playfair_proofs_isa::interp::{Executable, Oracle, View};
use playfair_proofs_isa::link::{Constants, Linked, link};
use playfair_proofs_isa::lower::hints;
use playfair_types::Fr;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use wasmparser::{ExternalKind, FuncType, Parser, Payload, TypeRef, ValType};

/// Hints of the kernel: which export is next, its gas, its next argument; the next result, and that the run ended.
mod ask {
    pub(super) const NEXT: u32 = 1;
    pub(super) const GAS: u32 = 2;
    pub(super) const ARGUMENT: u32 = 3;
    pub(super) const RESULT: u32 = 4;
    pub(super) const ENDED: u32 = 5;
}

/// What does not depend on the module: memory's size in the kernel's word 984, and entries that never return.
const KERNEL: &str = r#"
  (import "zk" "hint" (func $hint (param i32 i64) (result i64)))
  (import "zk" "set_gas" (func $set_gas (param i64)))
  (import "zk" "gas_sub" (func $gas_sub (param i64)))
  (import "zk" "set_memory" (func $set_memory (param i64 i32)))
  (import "zk" "exit" (func $exit))
  (import "zk" "finish" (func $finish))
  (import "module" "reset" (func $reset))
  (import "module" "memory_bytes" (func $memory_bytes (result i32)))
  (import "module" "memory_max" (func $memory_max (result i32)))
  (memory 1)
  (func (export "boot")
    (i32.store (i32.const 984) (call $memory_bytes))
    (call $set_memory (i64.extend_i32_u (call $memory_bytes)) (i32.const 1))
    (call $reset)
    (call $serve))
  (func (export "trapped") (drop (call $hint (i32.const 5) (i64.const 0))) (call $exit))
  (func (export "resume") (call $serve))
  (func (export "bulk_charge") (param i32) (result i32)
    (call $gas_sub (i64.extend_i32_u
      (i32.mul (i32.const 4) (i32.add (i32.shr_u (local.get 0) (i32.const 3))
        (i32.ne (i32.and (local.get 0) (i32.const 7)) (i32.const 0))))))
    (local.get 0))
  (func $size (export "memory_size") (result i32) (i32.shr_u (i32.load (i32.const 984)) (i32.const 16)))
  (func (export "memory_grow") (param i32) (result i32) (local i32)
    (local.set 1 (call $size))
    (if (i32.gt_u (local.get 0) (i32.const 65535)) (then (return (i32.const -1))))
    (if (i32.gt_u (i32.add (local.get 0) (local.get 1)) (i32.shr_u (call $memory_max) (i32.const 16)))
      (then (return (i32.const -1))))
    (i32.store (i32.const 984) (i32.shl (i32.add (local.get 0) (local.get 1)) (i32.const 16)))
    (call $set_memory (i64.extend_i32_u (i32.load (i32.const 984))) (i32.const 0))
    (local.get 1))
"#;

/// The interpreter.
pub struct RegisterMachine;

/// A module, linked.
pub struct Loaded {
    executable: Executable,
    ends: Ends,
    /// Exported functions: number for the kernel, type.
    functions: BTreeMap<String, (u64, FuncType)>,
    /// Exported globals: absolute register, type.
    globals: BTreeMap<String, (u64, ValType)>,
    memories: Vec<String>,
}

/// What a linked program says about ends of runs.
struct Ends {
    table: HashMap<(Tag, u64), (u64, u64)>,
    table_size: u64,
}

/// An instance.
pub struct Running {
    module: Arc<Loaded>,
    work: Work,
    /// Calls that it has run, for a machine that takes its place.
    history: Vec<Call>,
    memory: Vec<u8>,
}

/// A machine at work.
struct Work {
    commands: Option<Sender<Command>>,
    replies: Receiver<Reply>,
    thread: Option<JoinHandle<String>>,
}

#[derive(Clone)]
struct Call {
    number: u64,
    gas: u64,
    arguments: Vec<u64>,
}

enum Command {
    Call(Call),
    Cell(u64),
    Memory,
}

enum Reply {
    Ended(Result<Vec<u64>, Trap>),
    Cell(u64),
    Memory(Vec<u8>),
}

/// What an instrumented module exports.
#[derive(Default)]
struct Exports {
    types: Vec<FuncType>,
    declared: Vec<u32>,
    globals: Vec<ValType>,
    exports: Vec<(String, ExternalKind, u32)>,
}

impl Exports {
    fn read(wasm: &[u8]) -> Result<Self, String> {
        let mut found = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            found.section(payload.map_err(|error| error.to_string())?)?;
        }
        Ok(found)
    }

    fn section(&mut self, payload: Payload<'_>) -> Result<(), String> {
        let text = |error: wasmparser::BinaryReaderError| error.to_string();
        match payload {
            Payload::TypeSection(reader) => {
                for ty in reader.into_iter_err_on_gc_types() {
                    self.types.push(ty.map_err(text)?);
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let TypeRef::Func(_) = import.map_err(text)?.ty else {
                        return Err("an import".to_owned());
                    };
                    return Err("an imported function".to_owned());
                }
            }
            Payload::FunctionSection(reader) => {
                for ty in reader {
                    self.declared.push(ty.map_err(text)?);
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader {
                    self.globals.push(global.map_err(text)?.ty.content_type);
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export.map_err(text)?;
                    let name = export.name.to_owned();
                    self.exports.push((name, export.kind, export.index));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn of(&self, kind: ExternalKind) -> impl Iterator<Item = (&String, usize)> {
        let of_kind = self.exports.iter().filter(move |(_, found, _)| *found == kind);
        of_kind.map(|(name, _, index)| (name, *index as usize))
    }

    fn ty(&self, function: usize) -> Result<&FuncType, String> {
        let ty = self
            .declared
            .get(function)
            .and_then(|ty| self.types.get(*ty as usize));
        ty.ok_or_else(|| format!("function {function} has no type"))
    }
}

/// The kernel for functions of these types: `case_i` calls the i-th.
fn kernel(types: &[&FuncType]) -> String {
    let mut text = String::from("(module");
    let mut cases = String::new();
    let wasm = |ty: &ValType| if *ty == ValType::I32 { "i32" } else { "i64" };
    for (number, ty) in types.iter().enumerate() {
        let list = |types: &[ValType]| types.iter().map(wasm).collect::<Vec<_>>().join(" ");
        let (params, results) = (list(ty.params()), list(ty.results()));
        write!(
            text,
            "\n(import \"module\" \"call\" (func $target_{number} (param {params}) (result {results})))"
        )
        .expect("a string grows");
        let argument = |ty: &ValType| {
            let asked = "(call $hint (i32.const 3) (i64.const 0))";
            match ty {
                ValType::I32 => format!("(i32.wrap_i64 {asked})"),
                _ => asked.to_owned(),
            }
        };
        let arguments: Vec<_> = ty.params().iter().map(argument).collect();
        let kept: String = (0..ty.results().len())
            .rev()
            .map(|i| format!("(local.set {i})"))
            .collect();
        let shown = ty.results().iter().enumerate().map(|(i, ty)| {
            let value = match ty {
                ValType::I32 => format!("(i64.extend_i32_u (local.get {i}))"),
                _ => format!("(local.get {i})"),
            };
            format!("(drop (call $hint (i32.const 4) {value}))")
        });
        write!(
            cases,
            "\n(func $case_{number} (export \"case_{number}\") (local {results})
              (call $set_gas (call $hint (i32.const 2) (i64.const 0)))
              (call $target_{number} {}) {kept} {})",
            arguments.join(" "),
            shown.collect::<String>()
        )
        .expect("a string grows");
    }
    text.push_str(KERNEL);
    text.push_str(&cases);
    let labels: String = (0..=types.len())
        .rev()
        .map(|i| format!("(block $b{i} "))
        .collect();
    let table: String = (0..=types.len()).map(|i| format!("$b{i} ")).collect();
    let bodies: String = (0..types.len())
        .map(|i| format!("(call $case_{i}) (br $next))\n"))
        .collect();
    write!(
        text,
        "\n(func $serve (loop $next {labels}
          (br_table {table} (i32.wrap_i64 (call $hint (i32.const 1) (i64.const 0)))))
          {bodies} (call $finish))))"
    )
    .expect("a string grows");
    text
}

/// The linker knows `call` alone of these exports; the calls of the others are sent to their functions here.
fn redirect(linked: &mut Linked, functions: &[usize]) -> Result<(), String> {
    let kernel = linked.sizes.fixed_rows + linked.sizes.micro_rows;
    let module = kernel + linked.sizes.kernel_rows;
    let call = linked
        .module
        .exports
        .get("call")
        .map_or(at::STUCK, |row| module + row);
    let flags = Flags::CTL.with(Flags::U0);
    for (number, function) in functions.iter().enumerate() {
        let found = linked.module.functions.iter();
        let found = found.clone().find(|found| found.index == Some(*function as u32));
        let case = linked.kernel.exports.get(&format!("case_{number}"));
        let (Some(found), Some(case)) = (found, case) else {
            return Err(format!("function {function} was not lowered"));
        };
        let rows = linked.program.code.iter_mut().skip((kernel + case) as usize);
        let mut calls = rows.filter(|row| row.flags.has(flags) && row.k[2] == Fr::from(call));
        let site = calls.next().ok_or("the kernel does not call the module")?;
        site.k[2] = Fr::from(module + found.start);
    }
    Ok(())
}

impl Ends {
    fn of(program: &Program, table_size: u32) -> Self {
        let word = |value: &Fr| low(*value);
        let rows = program
            .aux
            .iter()
            .filter(|row| matches!(row.tag, Tag::Trap | Tag::Table));
        Self {
            table: rows
                .map(|row| ((row.tag, row.key), (word(&row.v1), word(&row.v2))))
                .collect(),
            table_size: table_size.into(),
        }
    }

    /// What ended the run that the machine has left; none if nothing may end a run there.
    fn trap(&self, machine: &View<'_>) -> Option<Trap> {
        let cell = |address: u64| machine.cell(address).word();
        let place = cell(address::XPC)?;
        let (index, frame) = (place >> 16, place & 0xffff);
        let (what, _) = self.table.get(&(Tag::Trap, index))?;
        if machine.gas() < (what >> 8 & 0xff_ffff) as i64 {
            return Some(Trap::OutOfGas);
        }
        // From 16 on: the detail without a condition.
        let class = what & 0xff;
        Some(match if class > 16 { class - 16 } else { class } {
            1 => Trap::Unreachable,
            2 => Trap::MemoryOutOfBounds,
            3 => Trap::DivisionByZero,
            4 => Trap::IntegerOverflow,
            5..=7 => {
                let element = cell(frame + (what >> 32 & 0x3fff))?;
                match self.table.get(&(Tag::Table, element)) {
                    _ if element >= self.table_size => Trap::TableOutOfBounds,
                    None | Some((0, _)) => Trap::NullElement,
                    Some(_) => Trap::IndirectCallType,
                }
            }
            8 => Trap::CallDepth,
            _ => return None,
        })
    }
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
}

impl Servant {
    /// The number of the next export to call.
    fn next(&mut self, machine: &View<'_>) -> u64 {
        if std::mem::take(&mut self.running) {
            let result = std::mem::replace(&mut self.result, Ok(Vec::new()));
            let _ = self.replies.send(Reply::Ended(result));
        }
        while let Ok(command) = self.commands.recv() {
            let reply = match command {
                Command::Call(call) => {
                    (self.running, self.gas, self.arguments) = (true, call.gas, call.arguments.into());
                    return call.number;
                }
                Command::Cell(address) => Reply::Cell(machine.cell(address).word().unwrap_or_default()),
                Command::Memory => {
                    let words = 0..u64::from(machine.lim()) / 8;
                    let word = |word: u64| machine.cell(machine.ctx() + word).word().unwrap_or_default();
                    Reply::Memory(words.flat_map(|at| word(at).to_le_bytes()).collect())
                }
            };
            let _ = self.replies.send(reply);
        }
        // The number behind all exports ends the machine.
        self.module.functions.len() as u64
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
            ask::ENDED => {
                let trap = self.module.ends.trap(machine);
                self.result = Err(trap.expect("the table of ends names what ended the run"));
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
        };
        let thread = move || match module.executable.run(&[], &mut servant, u32::MAX) {
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
            Ok(Reply::Ended(result)) => {
                self.history.push(call);
                Ok(result)
            }
            Ok(_) => Err(Stopped::Engine("another reply".to_owned())),
            Err(fault) => {
                self.work = Work::start(&self.module);
                for call in &self.history {
                    self.work
                        .ask(Command::Call(call.clone()))
                        .map_err(Stopped::Engine)?;
                }
                Err(Stopped::Engine(fault))
            }
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
        let linked = link(&kernel, wasm, &Constants::default());
        let mut linked = linked.map_err(|error| error.to_string())?;
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
            executable,
            ends: Ends::of(&linked.program, linked.module.table_size),
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
            number: *number,
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
        match running.work.ask(Command::Cell(register)) {
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
