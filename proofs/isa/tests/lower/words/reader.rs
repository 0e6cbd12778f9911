//! Reads a function's rows along all ways, until what is known of registers no longer changes.

use super::range::{Origin, Range, WORD};
use super::rows::{self, Operands};
use super::types::Types;
use ark_ff::PrimeField;
use playfair_proofs_isa::code::{Flags, Instr, Tag, address};
use playfair_proofs_isa::disasm;
use playfair_proofs_isa::lower::{Part, STACK_SLOTS, Symbol, Target, Unit};
use playfair_proofs_isa::ops::{Op, Slot};
use playfair_types::crypto::field::Fr;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::ValType;

/// What is known of registers; the others may hold anything.
type State = BTreeMap<u32, Range>;

/// Visits of a row after which what is known of it is made coarser.
const VISITS: u32 = 8;

pub(super) struct Reader<'a> {
    pub(super) unit: &'a Unit,
    pub(super) types: Types,
    pub(super) references: BTreeMap<u32, (Part, Target)>,
    /// Whether this is the kernel, some of whose i64 are field elements.
    pub(super) kernel: bool,
}

fn small(value: Fr) -> u32 {
    value.into_bigint().0[0] as u32
}

pub(super) fn of_type(ty: ValType) -> Range {
    Range::up_to(if ty == ValType::I32 { WORD >> 32 } else { WORD })
}

/// A function's parameters and results, as ranges.
#[derive(Clone, Debug, Default)]
pub(super) struct Signature {
    pub(super) params: Vec<Range>,
    pub(super) results: Vec<Range>,
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
                let (params, results) = match function.name.as_str() {
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
            // Elements, of any number.
            Target::Symbol(Symbol::Micro(_)) if self.kernel => Ok(Signature::default()),
            Target::Symbol(Symbol::Module(name)) if self.kernel => Ok(of(self.types.import(name))),
            other => Err(format!("a call of {other:?}")),
        }
    }

    /// What only the kernel's rows do; none if it is something else.
    fn only_kernels(
        &self,
        op: Op,
        instr: &Instr,
        operands: &Operands,
    ) -> Option<Result<Option<Range>, String>> {
        let is = |k: Fr, number: u32| k == Fr::from(number);
        let word = |known: Result<Range, String>| known.map(|_| None);
        Some(match op {
            Op::Farith => Ok(rows::farith(instr, operands).unwrap_or(None)),
            Op::Eq => Ok(Some(Range::up_to(1))),
            // Gas, which may be negative: of 2^20 rows, each with 24 bits; or frame slots.
            Op::Gets if is(instr.k[0], 1) => Ok(Some(Range::new(-(1 << 45), WORD >> 32))),
            Op::Gets => Ok(Some(Range::up_to(STACK_SLOTS.into()))),
            Op::Hint | Op::Raw => Ok(None),
            Op::Aux if is(instr.k[0], Tag::Public as u32) => Ok(None),
            // Constants of the program.
            Op::Aux if is(instr.k[0], Tag::Trap as u32) || is(instr.k[0], Tag::Table as u32) => {
                rows::word(&operands.x, 'x').map(|_| Some(Range::up_to(WORD)))
            }
            Op::Gasd | Op::Setgas | Op::Setmem => word(rows::word(&operands.x, 'x')),
            _ => return None,
        })
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
        let special = if self.kernel {
            self.only_kernels(op, instr, &operands)
        } else {
            None
        };
        let found = match op {
            _ if special.is_some() => special.transpose()?.flatten(),
            // An element may be stored.
            Op::Storew if self.kernel && !has(Flags::M) => return Ok(true),
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
                for (register, range) in (0..).zip(&function.results).filter(|(_, range)| self.asks(range)) {
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
                for (place, range) in (frame..)
                    .zip(&signature.params)
                    .filter(|(_, range)| self.asks(range))
                {
                    fits(state, place, range, "an argument")?;
                }
                let lost: Vec<u32> = state.range(frame..).map(|(register, _)| *register).collect();
                for register in lost {
                    write(state, register, None);
                }
                // The callee may write any of its registers, known or not, and any global.
                for range in state.values_mut() {
                    if matches!(range.origin, Origin::TopBit(place) | Origin::Copy(place) if place >= frame) {
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

    /// Whether a value of this type has to be shown: the kernel's i64 may be elements.
    fn asks(&self, range: &Range) -> bool {
        !self.kernel || range.most < WORD
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
    pub(super) fn function(&self, start: u32, rows: u32, signature: &Signature) -> Result<(), String> {
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
    // The top bit of what it held is that of its copy.
    let copy = state
        .iter()
        .find(|(_, range)| range.origin == Origin::Copy(register));
    let copy = copy.map(|(place, _)| *place);
    let value = value.map(|mut range| {
        range.origin = match (range.origin, copy) {
            (Origin::TopBit(of), Some(copy)) if of == register => Origin::TopBit(copy),
            (Origin::TopBit(of) | Origin::Copy(of), _) if of == register => Origin::Plain,
            (origin, _) => origin,
        };
        range
    });
    for range in state.values_mut() {
        if matches!(range.origin, Origin::TopBit(of) | Origin::Copy(of) if of == register) {
            range.origin = Origin::Plain;
        }
    }
    match value {
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
