//! A machine for the control flow of small modules: enough to run a module before and after instrumentation and to add up
//! what each executed instruction costs. All values are `i64`; 32-bit ones are kept sign-extended.

use playfair_admission::price::{SCHEDULE, class, entry_gas};
use wasmparser::{BlockType, Operator, Parser, Payload};

/// Why a run ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// `unreachable`.
    Trap,
    /// More instructions than the test wants to wait for.
    Steps,
}

struct Function<'a> {
    params: usize,
    results: usize,
    locals: usize,
    operators: Vec<Operator<'a>>,
    /// For each `block`, `loop`, `if` and `else`, where its `end` is; for an `if`, also where its `else` is.
    ends: Vec<usize>,
    elses: Vec<Option<usize>>,
}

/// A module and the state of its run.
pub(crate) struct Machine<'a> {
    functions: Vec<Function<'a>>,
    /// Its globals.
    pub(crate) globals: Vec<i64>,
    /// Sum of the prices of executed instructions, and of functions entered.
    pub(crate) gas: u64,
    /// Executed instructions without `end` and `else`.
    pub(crate) instructions: u64,
    /// Instructions that may still be executed.
    pub(crate) steps: u64,
}

struct Label {
    /// Where a branch goes: behind the `end`, or behind the `loop`, whose label stays open.
    to: usize,
    repeats: bool,
    height: usize,
    arity: usize,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(module: &'a [u8], steps: u64) -> Self {
        let (mut types, mut of, mut functions, mut globals) = (vec![], vec![], vec![], vec![]);
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::TypeSection(reader) => {
                    for ty in reader.into_iter_err_on_gc_types() {
                        let ty = ty.unwrap();
                        types.push((ty.params().len(), ty.results().len()));
                    }
                }
                Payload::FunctionSection(reader) => {
                    of.extend(reader.into_iter().map(|ty| types[ty.unwrap() as usize]));
                }
                Payload::GlobalSection(reader) => {
                    for global in reader {
                        let value = match global.unwrap().init_expr.get_operators_reader().read().unwrap() {
                            Operator::I32Const { value } => value.into(),
                            Operator::I64Const { value } => value,
                            other => panic!("{other:?}"),
                        };
                        globals.push(value);
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let (params, results) = of[functions.len()];
                    let locals = body.get_locals_reader().unwrap().into_iter();
                    let locals = locals.map(|local| local.unwrap().0 as usize).sum();
                    let operators: Result<Vec<_>, _> =
                        body.get_operators_reader().unwrap().into_iter().collect();
                    functions.push(Function::new(params, results, locals, operators.unwrap()));
                }
                _ => {}
            }
        }
        Self {
            functions,
            globals,
            gas: 0,
            instructions: 0,
            steps,
        }
    }

    /// Calls a function.
    pub(crate) fn call(&mut self, function: usize, arguments: &[i64]) -> Result<Vec<i64>, End> {
        let Function {
            params,
            locals: others,
            results,
            ..
        } = self.functions[function];
        assert_eq!(params, arguments.len());
        let mut locals = arguments.to_vec();
        locals.resize(params + others, 0);
        self.gas += u64::from(entry_gas(SCHEDULE, others as u32, results as u32));
        let mut stack = Vec::new();
        let length = self.functions[function].operators.len();
        let mut labels = vec![Label {
            to: length,
            repeats: false,
            height: 0,
            arity: results,
        }];
        let mut pc = 0;
        while pc < length {
            let operator = self.functions[function].operators[pc].clone();
            self.steps = self.steps.checked_sub(1).ok_or(End::Steps)?;
            // The label of the function itself is the first.
            let carried = |depth: u32| match labels.len() - 1 - depth as usize {
                0 => 0,
                at => labels[at].arity as u32,
            };
            let moves = match &operator {
                Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                    carried(*relative_depth)
                }
                Operator::BrTable { targets } => {
                    let all = targets.targets().map(Result::unwrap).chain([targets.default()]);
                    all.map(carried).max().unwrap()
                }
                _ => 0,
            };
            self.gas += u64::from(class(&operator).unwrap().gas(SCHEDULE, moves));
            self.instructions += u64::from(!matches!(operator, Operator::End | Operator::Else));
            let end = self.functions[function].ends[pc];
            let mut branch = None;
            pc += 1;
            match operator {
                Operator::Block { blockty } => labels.push(label(end + 1, &stack, blockty)),
                Operator::Loop { .. } => labels.push(Label {
                    to: pc,
                    repeats: true,
                    height: stack.len(),
                    arity: 0,
                }),
                Operator::If { blockty } => {
                    let taken = pop(&mut stack) != 0;
                    labels.push(label(end + 1, &stack, blockty));
                    if !taken {
                        // Without an else, the end is executed; it closes the label.
                        pc = self.functions[function].elses[pc - 1].map_or(end, |other| other + 1);
                    }
                }
                Operator::Else => pc = end,
                Operator::End => drop(labels.pop()),
                Operator::Br { relative_depth } => branch = Some(relative_depth),
                Operator::BrIf { relative_depth } => {
                    branch = (pop(&mut stack) != 0).then_some(relative_depth);
                }
                Operator::BrTable { targets } => {
                    let index = pop(&mut stack) as u32;
                    let target = targets.targets().nth(index as usize);
                    branch = Some(target.map_or(targets.default(), Result::unwrap));
                }
                Operator::Return => branch = Some(labels.len() as u32 - 1),
                Operator::Unreachable => return Err(End::Trap),
                Operator::Call { function_index } => {
                    let callee = function_index as usize;
                    let arguments = stack.split_off(stack.len() - self.functions[callee].params);
                    stack.extend(self.call(callee, &arguments)?);
                }
                other => self.plain(&other, &mut stack, &mut locals),
            }
            if let Some(depth) = branch {
                let at = labels.len() - 1 - depth as usize;
                let target = &labels[at];
                let values = stack.split_off(stack.len() - target.arity);
                stack.truncate(target.height);
                stack.extend(values);
                pc = target.to;
                labels.truncate(at + usize::from(target.repeats));
            }
        }
        assert_eq!(stack.len(), results);
        Ok(stack)
    }

    fn plain(&mut self, operator: &Operator<'_>, stack: &mut Vec<i64>, locals: &mut [i64]) {
        match *operator {
            Operator::Nop => {}
            Operator::Drop => drop(stack.pop()),
            Operator::I32Const { value } => stack.push(value.into()),
            Operator::I64Const { value } => stack.push(value),
            Operator::LocalGet { local_index } => stack.push(locals[local_index as usize]),
            Operator::LocalSet { local_index } => locals[local_index as usize] = pop(stack),
            Operator::LocalTee { local_index } => locals[local_index as usize] = *stack.last().unwrap(),
            Operator::GlobalGet { global_index } => stack.push(self.globals[global_index as usize]),
            Operator::GlobalSet { global_index } => self.globals[global_index as usize] = pop(stack),
            Operator::I32Eqz => {
                let value = pop(stack);
                stack.push(i64::from(value == 0));
            }
            Operator::Select => {
                let (chosen, b, a) = (pop(stack), pop(stack), pop(stack));
                stack.push(if chosen != 0 { a } else { b });
            }
            Operator::I32Add => binary(stack, |a, b| i64::from((a as i32).wrapping_add(b as i32))),
            Operator::I32Sub => binary(stack, |a, b| i64::from((a as i32).wrapping_sub(b as i32))),
            Operator::I32And => binary(stack, |a, b| a & b),
            Operator::I32LtS => binary(stack, |a, b| i64::from(a < b)),
            Operator::I32Ne => binary(stack, |a, b| i64::from(a != b)),
            Operator::I32GtU => binary(stack, |a, b| i64::from(a as u32 > b as u32)),
            Operator::I32Shl => binary(stack, |a, b| i64::from((a as i32) << (b & 31))),
            Operator::I32ShrU => binary(stack, |a, b| i64::from(((a as u32) >> (b & 31)) as i32)),
            Operator::I64ExtendI32U => {
                let value = pop(stack);
                stack.push(i64::from(value as u32));
            }
            Operator::I64Add => binary(stack, i64::wrapping_add),
            ref other => panic!("{other:?}"),
        }
    }
}

fn label(to: usize, stack: &[i64], blockty: BlockType) -> Label {
    let arity = match blockty {
        BlockType::Empty => 0,
        BlockType::Type(_) => 1,
        BlockType::FuncType(_) => panic!("not in these tests"),
    };
    Label {
        to,
        repeats: false,
        height: stack.len(),
        arity,
    }
}

fn pop(stack: &mut Vec<i64>) -> i64 {
    stack.pop().expect("validated")
}

fn binary(stack: &mut Vec<i64>, f: fn(i64, i64) -> i64) {
    let (b, a) = (pop(stack), pop(stack));
    stack.push(f(a, b));
}

impl<'a> Function<'a> {
    fn new(params: usize, results: usize, locals: usize, operators: Vec<Operator<'a>>) -> Self {
        let mut ends = vec![0; operators.len()];
        let mut elses = vec![None; operators.len()];
        let mut open: Vec<usize> = Vec::new();
        for (at, operator) in operators.iter().enumerate() {
            match operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open.push(at),
                Operator::Else => elses[*open.last().unwrap()] = Some(at),
                Operator::End => {
                    if let Some(start) = open.pop() {
                        ends[start] = at;
                        if let Some(other) = elses[start] {
                            ends[other] = at;
                        }
                    }
                }
                _ => {}
            }
        }
        Self {
            params,
            results,
            locals,
            operators,
            ends,
            elses,
        }
    }
}
