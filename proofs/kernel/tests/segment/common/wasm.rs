//! Executes the committed program, kernel.wasm, one instruction after the other, with field elements that no integer instruction
//! may touch. So it shows that the compiler left them alone, and counts what runs.
//!
//! What is an element is said by where a value comes from, not by what it is: an element that happens to be zero may as
//! well be any other, and where an honest prover's is small a dishonest one's need not be.

use ark_ff::{BigInt, Field, PrimeField};
use playfair_proofs_kernel::native::{self, Answers, End, Entry, Linked};
use playfair_types::Fr;
use playfair_types::crypto::babyjubjub::BASE8;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use wasmparser::{BlockType, FuncType, Operator, Parser, Payload, TypeRef};

const PROGRAM: &[u8] = include_bytes!("../../../kernel.wasm");

/// A value: a word, an element whatever it is, or gas, which is compared with words although it may be negative.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Word(u64),
    Element(Fr),
    Gas(i128),
}

use Value::{Element, Gas, Word};

impl Value {
    fn element(self) -> Fr {
        match self {
            Word(word) => Fr::from(word),
            Element(element) => element,
            Gas(gas) if gas < 0 => -Fr::from(gas.unsigned_abs()),
            Gas(gas) => Fr::from(gas.unsigned_abs()),
        }
    }

    fn word(self) -> u64 {
        match self {
            Word(word) => word,
            Element(_) | Gas(_) => panic!("an element is computed on as an integer"),
        }
    }
}

/// A comparison of gas with a word; none if it is something else.
fn compare_gas(operator: &Operator<'_>, a: Value, b: Value) -> Option<bool> {
    use Operator as O;
    let (a, b) = match (a, b) {
        (Gas(a), Word(b)) => (a, i128::from(b)),
        (Word(a), Gas(b)) => (i128::from(a), b),
        _ => return None,
    };
    Some(match operator {
        O::I64LtU => a < b,
        O::I64GtU => a > b,
        O::I64LeU => a <= b,
        O::I64GeU => a >= b,
        _ => return None,
    })
}

/// What was executed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Executed {
    /// Instructions but structure, constants and moves of locals, which lower to nothing.
    pub(crate) instructions: u64,
    /// Calls of imports by name.
    pub(crate) imports: HashMap<String, u64>,
    /// Instructions by function index.
    pub(crate) by_function: HashMap<usize, u64>,
}

impl Executed {
    pub(crate) fn import(&self, name: &str) -> u64 {
        self.imports.get(name).copied().unwrap_or_default()
    }
}

struct Function {
    ty: FuncType,
    locals: usize,
    code: Vec<Operator<'static>>,
    /// For each block, loop, if and else: where its `end` is; for an if, where its else is.
    ends: HashMap<usize, (usize, Option<usize>)>,
}

#[derive(Default)]
struct Module {
    types: Vec<FuncType>,
    imports: Vec<(String, FuncType)>,
    functions: Vec<Function>,
    exports: HashMap<String, usize>,
    data: Vec<(usize, Vec<u8>)>,
}

struct Vm {
    module: Module,
    memory: RefCell<HashMap<u32, Value>>,
    public: [Fr; 31],
    linked: Linked,
    answers: RefCell<Box<dyn Answers>>,
    guest: RefCell<HashMap<u32, u64>>,
    gas: Cell<i128>,
    limit: Cell<u64>,
    xpc: Cell<u64>,
    point: Cell<(Fr, Fr)>,
    executed: RefCell<Executed>,
}

enum Stop {
    Exit,
    Reset,
    Fail,
    Finish,
}

thread_local! {
    static VM: RefCell<Option<Rc<Vm>>> = const { RefCell::new(None) };
}

fn vm() -> Option<Rc<Vm>> {
    VM.with_borrow(Clone::clone)
}

// What a guest needs of its kernel: this program's, or the native one's if none runs.

pub(crate) fn host(name: &str, arguments: [u32; 4]) -> u64 {
    match vm() {
        Some(vm) => vm.export(&format!("host_{name}"), &arguments.map(|a| Word(u64::from(a)))),
        None => native::host(name, arguments),
    }
}

pub(crate) fn exit_at(index: u64, frame: u64) -> ! {
    match vm() {
        Some(vm) => {
            vm.xpc.set(index << 16 | frame);
            resume_unwind(Box::new(Stop::Exit))
        }
        None => native::exit_at(index, frame),
    }
}

pub(crate) fn burn(gas: u32) {
    match vm() {
        Some(vm) => vm.gas.set(vm.gas.get() - i128::from(gas)),
        None => native::burn(gas),
    }
}

pub(crate) fn gas_left() -> i128 {
    vm().map_or_else(native::gas_left, |vm| vm.gas.get())
}

pub(crate) fn peek(address: u32) -> u64 {
    match vm() {
        Some(vm) => vm.guest.borrow().get(&address).copied().unwrap_or_default(),
        None => native::peek(address),
    }
}

pub(crate) fn poke(address: u32, word: u64) {
    match vm() {
        Some(vm) => drop(vm.guest.borrow_mut().insert(address, word)),
        None => native::poke(address, word),
    }
}

/// Runs the program.
pub(crate) fn run(public: [Fr; 31], linked: Linked, answers: Box<dyn Answers>) -> (End, Executed) {
    let vm = Rc::new(Vm {
        module: read(),
        memory: RefCell::default(),
        public,
        linked,
        answers: RefCell::new(answers),
        guest: RefCell::default(),
        gas: Cell::new(0),
        limit: Cell::new(0),
        xpc: Cell::new(0),
        point: Cell::default(),
        executed: RefCell::default(),
    });
    for (at, bytes) in &vm.module.data {
        for (place, byte) in bytes.iter().enumerate() {
            vm.store((at + place) as u32, 1, Word(u64::from(*byte)));
        }
    }
    VM.set(Some(vm.clone()));
    let mut next = "boot";
    let end = loop {
        let stopped = catch_unwind(AssertUnwindSafe(|| vm.export(next, &[])));
        match stopped
            .expect_err("neither boot nor resume returns")
            .downcast::<Stop>()
        {
            Ok(stop) => match *stop {
                Stop::Exit => next = "trapped",
                Stop::Reset => next = "resume",
                Stop::Fail => break End::Stuck,
                Stop::Finish => break End::Finished,
            },
            Err(panic) => {
                VM.set(None);
                resume_unwind(panic)
            }
        }
    };
    VM.set(None);
    let executed = vm.executed.borrow().clone();
    (end, executed)
}

fn read() -> Module {
    let mut module = Module::default();
    let mut types = Vec::new();
    for payload in Parser::new(0).parse_all(PROGRAM) {
        match payload.expect("a module") {
            Payload::TypeSection(section) => {
                module.types = section
                    .into_iter_err_on_gc_types()
                    .map(|ty| ty.expect("a type"))
                    .collect();
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.expect("an import");
                    let TypeRef::Func(ty) = import.ty else {
                        panic!("{import:?}")
                    };
                    let name = format!("{}.{}", import.module, import.name);
                    module.imports.push((name, module.types[ty as usize].clone()));
                }
            }
            Payload::FunctionSection(section) => {
                types.extend(section.into_iter().map(|ty| ty.expect("a type")))
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.expect("an export");
                    module.exports.insert(export.name.into(), export.index as usize);
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data.expect("data");
                    let wasmparser::DataKind::Active { offset_expr, .. } = data.kind else {
                        panic!("passive")
                    };
                    let Ok(Operator::I32Const { value }) = offset_expr.get_operators_reader().read() else {
                        panic!("an offset")
                    };
                    module.data.push((value as usize, data.data.to_vec()));
                }
            }
            Payload::CodeSectionEntry(body) => {
                let locals = body.get_locals_reader().expect("locals").into_iter();
                let locals = locals.map(|local| local.expect("locals").0 as usize).sum();
                let code: Vec<_> = body.get_operators_reader().expect("code").into_iter().collect();
                let code: Vec<_> = code
                    .into_iter()
                    .map(|operator| operator.expect("an instruction"))
                    .collect();
                let ty = module.types[types[module.functions.len()] as usize].clone();
                let ends = ends(&code);
                module.functions.push(Function {
                    ty,
                    locals,
                    code,
                    ends,
                });
            }
            _ => {}
        }
    }
    module
}

fn ends(code: &[Operator<'_>]) -> HashMap<usize, (usize, Option<usize>)> {
    let (mut ends, mut open) = (HashMap::new(), Vec::new());
    for (place, operator) in code.iter().enumerate() {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open.push((place, None)),
            Operator::Else => open.last_mut().expect("an if").1 = Some(place),
            Operator::End => {
                if let Some((start, middle)) = open.pop() {
                    ends.insert(start, (place, middle));
                    if let Some(middle) = middle {
                        ends.insert(middle, (place, None));
                    }
                }
            }
            _ => {}
        }
    }
    ends
}

impl Vm {
    fn export(&self, name: &str, arguments: &[Value]) -> u64 {
        let index = self.module.exports[name];
        let count = self.module.functions[index - self.module.imports.len()]
            .ty
            .params()
            .len();
        self.call(index, &arguments[..count]).map_or(0, Value::word)
    }

    fn load(&self, address: u32, bytes: u32) -> Value {
        let memory = self.memory.borrow();
        let found = memory.get(&(address & !7)).copied().unwrap_or(Word(0));
        let shift = 8 * (address & 7);
        match (bytes, shift) {
            (8, 0) => found,
            _ => {
                assert!(
                    8 * bytes + shift <= 64,
                    "a straddling access: {bytes} bytes at {address}"
                );
                Word(found.word() << (64 - shift - 8 * bytes) >> (64 - 8 * bytes))
            }
        }
    }

    fn store(&self, address: u32, bytes: u32, value: Value) {
        let mut memory = self.memory.borrow_mut();
        let cell = memory.entry(address & !7).or_insert(Word(0));
        let shift = 8 * (address & 7);
        *cell = match (bytes, shift) {
            (8, 0) => value,
            _ => {
                assert!(
                    8 * bytes + shift <= 64,
                    "a straddling access: {bytes} bytes at {address}"
                );
                let mask = u64::MAX >> (64 - 8 * bytes) << shift;
                Word(cell.word() & !mask | value.word() << shift & mask)
            }
        };
    }

    fn call(&self, index: usize, arguments: &[Value]) -> Option<Value> {
        if index < self.module.imports.len() {
            let name = &self.module.imports[index].0;
            *self
                .executed
                .borrow_mut()
                .imports
                .entry(name.clone())
                .or_default() += 1;
            return self.import(name, arguments);
        }
        let function = &self.module.functions[index - self.module.imports.len()];
        let mut locals = arguments.to_vec();
        locals.resize(arguments.len() + function.locals, Word(0));
        let mut stack: Vec<Value> = Vec::new();
        // Where a branch goes, what it carries, the height of the stack below.
        let mut labels: Vec<(usize, usize, usize)> =
            vec![(function.code.len() - 1, function.ty.results().len(), 0)];
        let (mut pc, mut count) = (0, 0u64);
        let arity = |ty: &BlockType| usize::from(!matches!(ty, BlockType::Empty));
        while pc < function.code.len() {
            use Operator as O;
            let operator = &function.code[pc];
            let mut branch = None;
            count += 1;
            match operator {
                O::Block { blockty } => {
                    count -= 1;
                    labels.push((function.ends[&pc].0, arity(blockty), stack.len()));
                }
                O::Loop { .. } => {
                    count -= 1;
                    labels.push((pc, 0, stack.len()));
                }
                O::If { blockty } => {
                    let taken = stack.pop().expect("a condition").word() != 0;
                    let (end, middle) = function.ends[&pc];
                    labels.push((end, arity(blockty), stack.len()));
                    if !taken {
                        match middle {
                            Some(middle) => pc = middle,
                            None => pc = end - 1,
                        }
                    }
                }
                O::Else => {
                    count -= 1;
                    pc = function.ends[&pc].0 - 1;
                }
                O::End => {
                    count -= 1;
                    labels.pop();
                }
                O::Br { relative_depth } => branch = Some(*relative_depth),
                O::BrIf { relative_depth } => {
                    if stack.pop().expect("a condition").word() != 0 {
                        branch = Some(*relative_depth);
                    }
                }
                O::BrTable { targets } => {
                    let place = stack.pop().expect("an index").word() as usize;
                    let target = targets.targets().nth(place);
                    branch = Some(target.map_or(targets.default(), |target| target.expect("a target")));
                }
                O::Return => branch = Some(labels.len() as u32 - 1),
                O::Call { function_index } => {
                    count -= 1;
                    let index = *function_index as usize;
                    let imports = &self.module.imports;
                    let params = match imports.get(index) {
                        Some((_, ty)) => ty.params().len(),
                        None => {
                            count += 1;
                            self.module.functions[index - imports.len()].ty.params().len()
                        }
                    };
                    let arguments = stack.split_off(stack.len() - params);
                    stack.extend(self.call(index, &arguments));
                }
                O::LocalGet { local_index } => {
                    count -= 1;
                    stack.push(locals[*local_index as usize]);
                }
                O::LocalSet { local_index } => {
                    count -= 1;
                    locals[*local_index as usize] = stack.pop().expect("a value");
                }
                O::LocalTee { local_index } => {
                    count -= 1;
                    locals[*local_index as usize] = *stack.last().expect("a value");
                }
                O::I32Const { value } => {
                    count -= 1;
                    stack.push(Word(u64::from(*value as u32)));
                }
                O::I64Const { value } => {
                    count -= 1;
                    stack.push(Word(*value as u64));
                }
                O::Unreachable => panic!("unreachable"),
                other => self.compute(other, &mut stack),
            }
            if let Some(depth) = branch {
                let place = labels.len() - 1 - depth as usize;
                let (target, carried, height) = labels[place];
                let top = stack.split_off(stack.len() - carried);
                stack.truncate(height);
                stack.extend(top);
                // A loop's label stays; others are popped by their `end`.
                labels.truncate(place + 1);
                pc = if matches!(function.code[target], O::Loop { .. }) {
                    target
                } else {
                    target - 1
                };
            }
            pc += 1;
        }
        let mut executed = self.executed.borrow_mut();
        executed.instructions += count;
        *executed.by_function.entry(index).or_default() += count;
        drop(executed);
        stack.pop()
    }

    fn compute(&self, operator: &Operator<'_>, stack: &mut Vec<Value>) {
        use Operator as O;
        let mut pop = || stack.pop().expect("an operand");
        let address = |base: Value, offset: u64| (base.word() + offset) as u32;
        let result = match operator {
            O::Drop => {
                pop();
                return;
            }
            O::Select => {
                let (condition, b, a) = (pop().word(), pop(), pop());
                if condition != 0 { a } else { b }
            }
            O::I32Load { memarg } | O::I64Load32U { memarg } => self.load(address(pop(), memarg.offset), 4),
            O::I64Load { memarg } => self.load(address(pop(), memarg.offset), 8),
            O::I32Load8U { memarg } | O::I64Load8U { memarg } => self.load(address(pop(), memarg.offset), 1),
            O::I32Load16U { memarg } | O::I64Load16U { memarg } => {
                self.load(address(pop(), memarg.offset), 2)
            }
            O::I32Store { memarg } | O::I64Store32 { memarg } => {
                let value = pop();
                return self.store(address(pop(), memarg.offset), 4, value);
            }
            O::I64Store { memarg } => {
                let value = pop();
                return self.store(address(pop(), memarg.offset), 8, value);
            }
            O::I32Eqz | O::I64Eqz => Word(u64::from(pop().word() == 0)),
            O::I32WrapI64 => Word(u64::from(pop().word() as u32)),
            O::I64ExtendI32U => pop(),
            O::I64ExtendI32S => Word(i64::from(pop().word() as i32) as u64),
            other => {
                let (b, a) = (pop(), pop());
                match compare_gas(other, a, b) {
                    Some(holds) => Word(u64::from(holds)),
                    None => Word(binary(other, a.word(), b.word())),
                }
            }
        };
        stack.push(result);
    }

    fn import(&self, name: &str, arguments: &[Value]) -> Option<Value> {
        let word = |place: usize| arguments[place].word();
        let e = |place: usize| arguments[place].element();
        let read = |address: u32| self.guest.borrow().get(&address).copied().unwrap_or_default();
        let power = |place: usize| Fr::from(2u64).pow([word(place)]);
        Some(Element(match name.rsplit('.').next().unwrap_or_default() {
            "f_add" => e(0) + e(1),
            "f_sub" => e(0) - e(1),
            "f_mul" => e(0) * e(1),
            // The kernel's way to swap bytes: words moved apart, of which the sum is one.
            "f_lin"
                if matches!(
                    (arguments[0], word(1), arguments[2], word(3)),
                    (Word(_), 8..=64, Word(_), 0)
                ) =>
            {
                let sum = (u128::from(word(0)) << word(1)) + u128::from(word(2));
                return Some(Word(u64::try_from(sum).expect("bytes that do not meet")));
            }
            "f_lin" => e(0) * power(1) + e(2) * power(3),
            "f_const" => {
                Fr::from_bigint(BigInt::new([word(0), word(1), word(2), word(3)])).expect("canonical")
            }
            "f_eq" => return Some(Word(u64::from(e(0) == e(1)))),
            "hint" => return Some(Word(self.answers.borrow_mut().word(word(0) as u32, &e(1), &read))),
            "hint_f" => self.answers.borrow_mut().element(word(0) as u32, &e(1)),
            "poseidon2" => playfair_types::crypto::poseidon::poseidon2(e(0), e(1)),
            "poseidon5" => playfair_types::crypto::poseidon::poseidon5(&[e(0), e(1), e(2), e(3), e(4)]),
            "curve64" => {
                self.curve(&[e(0), e(1), e(2), e(3), e(4), e(5)], word(6), word(7));
                return None;
            }
            "curve_x" => self.point.get().0,
            "curve_y" => self.point.get().1,
            "guest_load" => {
                let address = word(0) + word(1);
                assert!(address % 8 == 0 && address + 8 <= self.limit.get());
                return Some(Word(read(address as u32)));
            }
            "guest_store" => {
                let address = word(0) + word(1);
                assert!(address % 8 == 0 && address + 8 <= self.limit.get());
                self.guest.borrow_mut().insert(address as u32, word(2));
                return None;
            }
            "gas" => return Some(Gas(self.gas.get())),
            "gas_sub" => {
                self.gas.set(self.gas.get() - i128::from(word(0)));
                return None;
            }
            "set_gas" => {
                self.gas.set(i128::from(word(0)));
                return None;
            }
            "set_memory" => {
                if word(1) != 0 {
                    self.guest.borrow_mut().clear();
                }
                self.limit.set(word(0));
                return None;
            }
            "aux" if word(0) == 16 => self.public[word(1) as usize],
            which @ ("aux" | "aux2") => match self.linked.aux.get(&(word(0) as i32, word(1))) {
                Some((v1, v2)) => return Some(Word(if which == "aux" { *v1 } else { *v2 })),
                None => resume_unwind(Box::new(Stop::Fail)),
            },
            "raw" => Fr::from(0u64),
            "slots" => return Some(Word(0)),
            "xpc" => Fr::from(self.xpc.get()),
            "exit" => {
                self.xpc.set(5 << 16);
                resume_unwind(Box::new(Stop::Reset))
            }
            "fail" => resume_unwind(Box::new(Stop::Fail)),
            "finish" => resume_unwind(Box::new(Stop::Finish)),
            "call" => return self.enter(Entry::Call(word(0) as u32, word(1) as u32)),
            "init" => return self.enter(Entry::Init(word(0) as u32)),
            "tick" => return self.enter(Entry::Tick),
            "reset" => return None,
            "memory_bytes" => return Some(Word(u64::from(self.linked.memory_bytes))),
            "memory_max" => return Some(Word(u64::from(self.linked.memory_max))),
            "table_size" => return Some(Word(self.linked.table_size)),
            "has_init" => return Some(Word(u64::from(self.linked.has_init))),
            "has_tick" => return Some(Word(u64::from(self.linked.has_tick))),
            "module_hash" => self.linked.hash,
            "gas_schedule" => return Some(Word(2)),
            _ => panic!("no import {name}"),
        }))
    }

    fn enter(&self, entry: Entry) -> Option<Value> {
        let body = self.linked.body.clone();
        body(entry);
        None
    }

    fn curve(&self, [px, py, tx, ty, ux, uy]: &[Fr; 6], s: u64, h: u64) {
        let mut p = (*px, *py);
        for bit in (0..64).rev() {
            p = plus(p, p);
            p = match (s >> bit & 1, h >> bit & 1) {
                (0, 0) => p,
                (1, 0) => plus(p, (BASE8.x(), BASE8.y())),
                (0, _) => plus(p, (*tx, *ty)),
                _ => plus(p, (*ux, *uy)),
            };
        }
        self.point.set(p);
    }
}

fn plus((x1, y1): (Fr, Fr), (x2, y2): (Fr, Fr)) -> (Fr, Fr) {
    let (a, d) = (Fr::from(168_700u64), Fr::from(168_696u64));
    let t = d * x1 * x2 * y1 * y2;
    let over = |e: Fr| e.inverse().expect("complete");
    (
        (x1 * y2 + y1 * x2) * over(Fr::ONE + t),
        (y1 * y2 - a * x1 * x2) * over(Fr::ONE - t),
    )
}

fn binary(operator: &Operator<'_>, a: u64, b: u64) -> u64 {
    use Operator as O;
    let (x, y) = (a as u32, b as u32);
    let narrow = |value: u32| u64::from(value);
    match operator {
        O::I32Add => narrow(x.wrapping_add(y)),
        O::I32Sub => narrow(x.wrapping_sub(y)),
        O::I32Mul => narrow(x.wrapping_mul(y)),
        O::I32DivU => narrow(x / y),
        O::I32RemU => narrow(x % y),
        O::I32And => narrow(x & y),
        O::I32Or => narrow(x | y),
        O::I32Xor => narrow(x ^ y),
        O::I32Shl => narrow(x.wrapping_shl(y)),
        O::I32ShrU => narrow(x.wrapping_shr(y)),
        O::I32Eq => u64::from(x == y),
        O::I32Ne => u64::from(x != y),
        O::I32LtU => u64::from(x < y),
        O::I32GtU => u64::from(x > y),
        O::I32LeU => u64::from(x <= y),
        O::I32GeU => u64::from(x >= y),
        O::I32LtS => u64::from((x as i32) < y as i32),
        O::I32GtS => u64::from(x as i32 > y as i32),
        O::I32GeS => u64::from(x as i32 >= y as i32),
        O::I32LeS => u64::from(x as i32 <= y as i32),
        O::I64Add => a.wrapping_add(b),
        O::I64Sub => a.wrapping_sub(b),
        O::I64Mul => a.wrapping_mul(b),
        O::I64DivU => a / b,
        O::I64RemU => a % b,
        O::I64And => a & b,
        O::I64Or => a | b,
        O::I64Xor => a ^ b,
        O::I64Shl => a.wrapping_shl(b as u32),
        O::I64ShrU => a.wrapping_shr(b as u32),
        O::I64Rotl => a.rotate_left(b as u32 & 63),
        O::I64Rotr => a.rotate_right(b as u32 & 63),
        O::I64Eq => u64::from(a == b),
        O::I64Ne => u64::from(a != b),
        O::I64LtU => u64::from(a < b),
        O::I64GtU => u64::from(a > b),
        O::I64LeU => u64::from(a <= b),
        O::I64GeU => u64::from(a >= b),
        O::I64LtS => u64::from((a as i64) < b as i64),
        O::I64GtS => u64::from(a as i64 > b as i64),
        O::I64GeS => u64::from(a as i64 >= b as i64),
        O::I64LeS => u64::from(a as i64 <= b as i64),
        other => panic!("{other:?} is not expected in the program"),
    }
}
