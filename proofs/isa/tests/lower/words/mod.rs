//! Every value of a module is a word, and one of 32 bits below 2^32: not because the compiler meant it, but by what the rows demand.
//!
//! LOGIC, DIV, stores and conditions take for granted that their operands are words (docs/CIRCUIT.md), and nothing ranges
//! most results. So this reads lowered rows as the circuit does, knowing nothing of how they came about: parameters, globals, results of
//! calls and words of memory are of their types; each row's result follows from its constraint; each operand must be what
//! the row needs; and what goes to a call, a global, memory or back must be of its type again. A register that nothing wrote may hold any element.
//! Millicode, which loops over addresses, is not read: its parameters are checked.

mod range;
mod rows;
mod types;

use super::structured;
use ark_ff::PrimeField;
use playfair_admission::admit;
use playfair_proofs_isa::code::{Flags, Instr, address};
use playfair_proofs_isa::disasm;
use playfair_proofs_isa::lower::{Kind, Part, Symbol, Target, Unit, lower};
use playfair_proofs_isa::ops::{Op, Slot};
use playfair_types::crypto::field::Fr;
use range::{Origin, Range, WORD};
use rows::Operands;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use types::Types;
use wasmparser::ValType;

/// What is known of registers; the others may hold anything.
type State = BTreeMap<u32, Range>;

/// Visits of a row after which what is known of it is made coarser.
const VISITS: u32 = 8;

struct Reader<'a> {
    unit: &'a Unit,
    types: Types,
    references: BTreeMap<u32, (Part, Target)>,
}

fn small(value: Fr) -> u32 {
    value.into_bigint().0[0] as u32
}

fn of_type(ty: ValType) -> Range {
    Range::up_to(if ty == ValType::I32 { WORD >> 32 } else { WORD })
}

/// A function's parameters and results, as ranges.
#[derive(Clone, Debug, Default)]
struct Signature {
    params: Vec<Range>,
    results: Vec<Range>,
}

impl Reader<'_> {
    /// What a call goes to.
    fn callee(&self, row: u32) -> Result<Signature, String> {
        let narrow = of_type(ValType::I32);
        let of = |ty: &wasmparser::FuncType| Signature {
            params: ty.params().iter().map(|ty| of_type(*ty)).collect(),
            results: ty.results().iter().map(|ty| of_type(*ty)).collect(),
        };
        match &self.references.get(&row).ok_or("a call to nowhere")?.1 {
            Target::Label(label) => {
                let start = self.unit.row(*label).ok_or("a label")?;
                let function = self.unit.function_at(start).ok_or("no function")?;
                if let Some(index) = function.index {
                    return Ok(of(self.types.function(index)));
                }
                let (far, word) = (Range::up_to(1 << 33), of_type(ValType::I64));
                let (params, results) = match function.name.as_str() {
                    "popcnt" => (vec![word], vec![Range::up_to(64)]),
                    "load16" => (vec![far], vec![Range::up_to(0xffff)]),
                    "load32" => (vec![far], vec![narrow]),
                    "store16" => (vec![far, Range::up_to(0xffff)], vec![]),
                    "store32" => (vec![far, narrow], vec![]),
                    "memory.copy" | "memory.fill" => (vec![narrow; 3], vec![]),
                    other => return Err(format!("no millicode {other}")),
                };
                Ok(Signature { params, results })
            }
            Target::Symbol(Symbol::Kernel(name)) => Ok(match name.as_str() {
                "memory_size" => Signature {
                    params: vec![],
                    results: vec![narrow],
                },
                "memory_grow" | "bulk_charge" => Signature {
                    params: vec![narrow],
                    results: vec![narrow],
                },
                name => of(self.types.import(name.trim_start_matches("host_"))),
            }),
            other => Err(format!("a call of {other:?}")),
        }
    }

    fn operand(&self, state: &State, place: Fr, absolute: bool) -> Option<Range> {
        if absolute {
            let global = small(place).checked_sub(address::GLOBALS as u32)?;
            let written = state.get(&small(place)).copied();
            return written.or_else(|| Some(of_type(self.types.global(global))));
        }
        state.get(&small(place)).copied()
    }

    /// Does a row: what is known after it, and whether a run can go on behind it.
    fn step(&self, row: u32, instr: &Instr, function: &Signature, state: &mut State) -> Result<bool, String> {
        let op = Op::of(instr).map_err(|error| error.to_string())?;
        let has = |flag| instr.flags.has(flag);
        let computed = op.info().slots[1] == Slot::Computed;
        let operands = Operands {
            x: has(Flags::SA).then(|| state.get(&instr.a).copied()),
            y: (has(Flags::SB) && !computed).then(|| self.operand(state, instr.b, has(Flags::GB))),
            old: has(Flags::SC)
                .then(|| self.operand(state, instr.c, has(Flags::GC)))
                .flatten(),
            places: [instr.a, small(instr.b)],
        };
        let found = match op {
            Op::Arith => rows::arith(instr, &operands)?,
            Op::Farith => rows::farith(instr, &operands)?,
            Op::Eq => rows::equal(instr, &operands)?,
            Op::Logic => rows::logic(instr, &operands)?,
            Op::Div => rows::divide(instr, &operands)?,
            Op::Aux => {
                let found = rows::power(instr, &operands)?;
                // What the table takes as a key is small.
                let bound = operands.x.flatten().and_then(|x| rows::key(instr, &x));
                if let Some(x) = bound {
                    write(state, instr.a, Some(x));
                }
                found
            }
            Op::Hint64 => Some(Range::up_to(WORD)),
            Op::Loadw | Op::Loadb | Op::Loadp => rows::load(op, instr, &operands)?,
            Op::Storew | Op::Storeb | Op::Storep => {
                rows::store(op, instr, &operands)?;
                return Ok(true);
            }
            Op::Select => {
                let (x, y) = (operands.x.flatten(), operands.y.flatten());
                let chosen = x.zip(y).map(|(x, y)| x.join(&y));
                write(state, instr.a, chosen);
                return Ok(true);
            }
            Op::Dyn => {
                rows::word(&operands.x, 'x')?;
                return Ok(false);
            }
            Op::Enter => return Ok(true),
            Op::Ret => {
                for (register, range) in (0..).zip(&function.results) {
                    fits(state, register, range, "a result")?;
                }
                return Ok(false);
            }
            Op::Call | Op::Calli => {
                let signature = if op == Op::Call {
                    self.callee(row)?
                } else {
                    rows::word(&operands.x, 'x')?;
                    let ty = self.types.number(small(instr.k[3]));
                    Signature {
                        params: ty.params().iter().map(|ty| of_type(*ty)).collect(),
                        results: ty.results().iter().map(|ty| of_type(*ty)).collect(),
                    }
                };
                let frame = small(instr.k[0]);
                for (place, range) in (frame..).zip(&signature.params) {
                    fits(state, place, range, "an argument")?;
                }
                let lost: Vec<u32> = state.range(frame..).map(|(register, _)| *register).collect();
                for register in lost {
                    write(state, register, None);
                }
                // The callee may write any global.
                for range in state.values_mut() {
                    if matches!(range.origin, Origin::TopBit(place) if u64::from(place) >= address::ABSOLUTE)
                    {
                        range.origin = Origin::Plain;
                    }
                }
                for (place, range) in (frame..).zip(&signature.results) {
                    state.insert(place, *range);
                }
                return Ok(true);
            }
            other => return Err(format!("{} in a module", other.info().name)),
        };
        if has(Flags::BR) {
            let yes = found.is_some_and(|found| found.is_within(1));
            if !yes {
                return Err(format!(
                    "a branch by {found:?} of {:?}, {:?}",
                    operands.x, operands.y
                ));
            }
        }
        if has(Flags::DA) {
            write(state, instr.a, found);
        } else if has(Flags::SC) && has(Flags::GC) {
            let global = small(instr.c) - address::GLOBALS as u32;
            let range = of_type(self.types.global(global));
            if !found.is_some_and(|found| found.is_within(range.most)) {
                return Err(format!("global {global} takes {found:?}"));
            }
            write(state, small(instr.c), found);
        } else if has(Flags::SC) {
            write(state, small(instr.c), found);
        }
        // A jump that is always taken.
        let one = Fr::from(1u64);
        let always =
            op == Op::Farith && has(Flags::BR) && instr.k[3] == one && !has(Flags::SA) && !has(Flags::SB);
        Ok(!always)
    }

    /// Rows that may come after a branch or a jump by table.
    fn targets(&self, row: u32) -> Vec<u32> {
        match self.references.get(&row) {
            Some((Part::Target, Target::Label(label))) => self.unit.row(*label).into_iter().collect(),
            Some((Part::Base, Target::Label(label))) => {
                let start = self.unit.row(*label).unwrap_or_default();
                let jumps = |row: &u32| {
                    let instr = &self.unit.rows[*row as usize];
                    instr.flags == Flags::FARITH.with(Flags::BR)
                };
                (start..).take_while(jumps).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Reads the function that begins at `start`.
    fn function(&self, start: u32, rows: u32, signature: &Signature) -> Result<(), String> {
        let mut states: BTreeMap<u32, (State, u32)> = BTreeMap::new();
        let first = (0..).zip(signature.params.iter().copied()).collect();
        let entries: BTreeSet<u32> = (start..start + rows).flat_map(|row| self.targets(row)).collect();
        let mut open = vec![(start, first)];
        while let Some((row, state)) = open.pop() {
            let (mut state, visits) = match states.get(&row) {
                None => (state, 0),
                Some((known, _)) if !entries.contains(&row) => {
                    // Only one way leads here, along which less and less is known.
                    if state == *known {
                        continue;
                    }
                    (state, 0)
                }
                Some((known, visits)) => {
                    let joined = join(known, &state, *visits >= VISITS);
                    if joined == *known {
                        continue;
                    }
                    (joined, *visits)
                }
            };
            states.insert(row, (state.clone(), visits + 1));
            let instr = &self.unit.rows[row as usize];
            if let Some((_, trap)) = self.unit.traps.iter().find(|(at, _)| *at == row) {
                let registers = [
                    (trap.register1, [2, 4, 5, 6, 7].as_slice()),
                    (trap.register2, &[3, 4]),
                ];
                for (register, _) in registers
                    .iter()
                    .filter(|(_, classes)| classes.contains(&trap.class))
                {
                    let word = Range::up_to(WORD);
                    fits(&state, *register, &word, "the kernel reads")
                        .map_err(|error| format!("row {row}: {error}"))?;
                }
            }
            let fault = |error| format!("row {row}, {}: {error}", disasm::row(instr, None));
            let goes_on = self.step(row, instr, signature, &mut state).map_err(fault)?;
            let calls = matches!(Op::of(instr), Ok(Op::Call | Op::Calli));
            if !calls {
                for target in self.targets(row) {
                    open.push((target, state.clone()));
                }
            }
            if goes_on && row + 1 < start + rows {
                open.push((row + 1, state));
            }
        }
        Ok(())
    }
}

/// A register takes a value: whoever knew about what it held no longer does.
fn write(state: &mut State, register: u32, value: Option<Range>) {
    for range in state.values_mut() {
        if range.origin == Origin::TopBit(register) {
            range.origin = Origin::Plain;
        }
    }
    match value {
        Some(range) if range.origin == Origin::TopBit(register) => {
            state.insert(
                register,
                Range {
                    origin: Origin::Plain,
                    ..range
                },
            );
        }
        Some(range) => drop(state.insert(register, range)),
        None => drop(state.remove(&register)),
    }
}

fn fits(state: &State, register: u32, range: &Range, what: &str) -> Result<(), String> {
    match state.get(&register) {
        Some(found) if found.is_within(range.most) => Ok(()),
        found => Err(format!(
            "{what} in r{register} must be below {:#x}, and is {found:?}",
            range.most + 1
        )),
    }
}

fn join(known: &State, other: &State, coarse: bool) -> State {
    let both = known.iter().filter_map(|(register, range)| {
        let joined = range.join(other.get(register)?);
        let joined = if coarse && joined != *range {
            joined.widened()?
        } else {
            joined
        };
        Some((*register, joined))
    });
    both.collect()
}

/// Reads all functions of an instrumented module.
fn read(bytes: &[u8], kind: Kind) -> Result<usize, String> {
    let unit = lower(bytes, kind, address::GLOBALS as u32).map_err(|error| error.to_string())?;
    check(&unit, bytes).map_err(|error| format!("{error}\n{}", disasm::unit(&unit)))
}

fn check(unit: &Unit, bytes: &[u8]) -> Result<usize, String> {
    let references = unit.references.iter();
    let references = references.map(|reference| (reference.row, (reference.part, reference.target.clone())));
    let reader = Reader {
        unit,
        types: Types::read(bytes),
        references: references.collect(),
    };
    let mut rows = 0;
    for function in &unit.functions {
        let Some(index) = function.index.filter(|index| !reader.types.is_import(*index)) else {
            continue;
        };
        let ty = reader.types.function(index);
        let signature = Signature {
            params: ty.params().iter().map(|ty| of_type(*ty)).collect(),
            results: ty.results().iter().map(|ty| of_type(*ty)).collect(),
        };
        reader.function(function.start, function.rows, &signature)?;
        rows += function.rows as usize;
    }
    Ok(rows)
}

fn instrumented(text: &str) -> Vec<u8> {
    let module = wat::parse_str(text).expect("WebAssembly");
    let admitted = admit(&module).unwrap_or_else(|error| panic!("{error}"));
    admitted.instrumented
}

/// Programs that are read.
const PROGRAMS: u64 = 60;

#[test]
fn values_of_modules_are_words() {
    let mut rows = 0;
    for seed in 0..PROGRAMS {
        let module = instrumented(&structured::program(seed));
        for kind in [Kind::Module, Kind::Careful] {
            rows += read(&module, kind).unwrap_or_else(|error| panic!("seed {seed}, {kind:?}: {error}"));
        }
    }
    assert!(rows > 10_000, "{rows} rows");
}

/// Chains of masks and moves by constants, which become one row: what they store must fit.
#[test]
fn values_of_chains_are_words() {
    let mut random = structured::Random::new(1);
    let mut body = String::new();
    for _ in 0..400 {
        let mut wide = random.below(2) == 1;
        let mut chain = format!("(local.get {})", u32::from(wide));
        for _ in 0..2 + random.below(4) {
            let (ty, bits) = if wide { ("i64", 64) } else { ("i32", 32) };
            let ones = (1u64 << (1 + random.below(bits - 1))) - 1;
            let mask = ones << random.below(bits) & u64::MAX >> (64 - bits);
            let by = random.below(bits);
            chain = match random.below(8) {
                0..3 => format!("({ty}.and {chain} ({ty}.const {mask:#x}))"),
                3 | 4 => format!("({ty}.shl {chain} ({ty}.const {by}))"),
                5 | 6 => format!("({ty}.shr_u {chain} ({ty}.const {by}))"),
                _ if wide => format!("(i32.wrap_i64 {chain})"),
                _ => format!("(i64.extend_i32_u {chain})"),
            };
            wide = chain.starts_with("(i64");
        }
        let ty = if wide { "i64" } else { "i32" };
        let _ = write!(body, "({ty}.store (local.get 0) {chain})");
    }
    let text = format!(
        r#"(module (memory 1) (func $f (param i32 i64) {body})
        (func (export "call") (param i32 i32) (call $f (local.get 0) (i64.extend_i32_u (local.get 1)))))"#
    );
    read(&instrumented(&text), Kind::Module).unwrap_or_else(|error| panic!("{error}"));
}

const SHAPES: [&str; 2] = [super::golden::COUNTER, super::golden::SHAPES];

#[test]
fn values_of_shapes_are_words() {
    for module in SHAPES {
        read(&instrumented(module), Kind::Module).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// What a broken compiler would make is seen: an operand that no row made a word of, a bound that is not there any more.
#[test]
fn what_is_no_word_is_found() {
    let bytes = instrumented(super::golden::SHAPES);
    let unit = lower(&bytes, Kind::Module, address::GLOBALS as u32).expect("lowered");
    assert!(check(&unit, &bytes).is_ok());
    let (mut found, mut tried) = (0, 0);
    for row in 0..unit.rows.len() {
        let Ok(op @ (Op::Arith | Op::Logic | Op::Loadb | Op::Aux | Op::Hint64)) = Op::of(&unit.rows[row])
        else {
            continue;
        };
        // The row's result becomes the prover's.
        let instr = &unit.rows[row];
        let result = instr.flags.has(Flags::SC) || instr.flags.has(Flags::DA);
        if !result
            || instr.flags.has(Flags::BR)
            || unit.function_at(row as u32).is_none_or(|f| f.index.is_none())
        {
            continue;
        }
        let mut broken = unit.clone();
        let flags = Flags(instr.flags.0 & (Flags::SC.0 | Flags::DA.0 | Flags::GC.0 | Flags::SA.0));
        let row_of_any = &mut broken.rows[row];
        (row_of_any.flags, row_of_any.k, row_of_any.b) = (flags, [Fr::from(0u64); 8], Fr::from(0u64));
        tried += 1;
        let error = check(&broken, &bytes).err();
        assert!(error.is_some(), "row {row}, {op:?}");
        found += 1;
    }
    assert!(tried > 5 && found == tried, "{found} of {tried}");
}
