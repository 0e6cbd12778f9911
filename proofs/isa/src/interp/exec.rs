//! The machine and one row of it.

use super::decode::{Kind, Place, Row};
use super::form::word;
use super::image::Tables;
use super::memory::{Memory, NEVER};
use super::state::Pending;
use super::{Executable, FIRST, Fault, Oracle, Reason, View};
use crate::code::{Flags, address, at};
use crate::trace::{Access, Step, Value};
use ark_ff::AdditiveGroup;
use playfair_types::crypto::field::Fr;

mod access;
mod control;
mod micro;

/// Calls that a fault names at most.
const CALLS: usize = 32;

/// A running machine.
#[derive(Debug)]
pub(super) struct Machine<'p> {
    program: &'p Executable,
    public: Vec<Fr>,
    pub(super) memory: Memory<'p>,
    pub(super) pc: u32,
    pub(super) fp: u32,
    pub(super) slots: u32,
    pub(super) gas: i64,
    pub(super) ctx: u64,
    pub(super) lim: u32,
    /// Rows done.
    pub(super) now: u32,
    pending: Pending,
    /// What DIV wants of its second row.
    owed: Option<u64>,
    /// Code indices of the calls that are open, for faults.
    calls: Vec<u32>,
    pub(super) trace: Vec<Step>,
}

/// The accesses of a row.
#[derive(Default)]
struct Slots {
    a: Option<Access>,
    b: Option<Access>,
    c: Option<Access>,
}

/// What a row does to the machine apart from its slots.
struct Effect {
    /// The cell `nc`: the result, or what is left in slot C.
    result: Value,
    /// Where to go on, unless at the next row or by a branch.
    next: Option<u32>,
    /// Whether the row leaves a state for the next one.
    micro: bool,
}

impl From<Value> for Effect {
    fn from(result: Value) -> Self {
        Self {
            result,
            next: None,
            micro: false,
        }
    }
}

impl<'p> Machine<'p> {
    pub(super) fn new(program: &'p Executable, public: &[Fr]) -> Self {
        let Tables { module, kernel, .. } = &program.tables;
        Self {
            program,
            public: public.to_vec(),
            memory: Memory::new(module, kernel),
            pc: at::START,
            fp: 0,
            slots: 0,
            gas: 0,
            ctx: 0,
            lim: 0,
            now: 0,
            pending: Pending::default(),
            owed: None,
            calls: Vec::new(),
            trace: Vec::new(),
        }
    }

    pub(super) fn tables(&self) -> &'p Tables {
        &self.program.tables
    }

    /// A register of the frame, without touching it.
    pub(super) fn peek(&self, register: u32) -> Result<Value, Reason> {
        let address = u64::from(self.fp) + u64::from(register);
        self.memory.peek(address).ok_or(Reason::Frame(address))
    }

    /// Runs to END.
    pub(super) fn run<const TRACE: bool>(
        &mut self,
        oracle: &mut dyn Oracle,
        max_steps: u32,
    ) -> Result<(), Fault> {
        let program = self.program;
        while self.pc != at::END {
            let row = program.rows.get(self.pc as usize);
            let stepped = match row {
                _ if self.now >= max_steps => Err(Reason::StepLimit),
                Some(_) if self.pc == at::STUCK => Err(Reason::Stuck),
                Some(row) if self.pc >= FIRST || self.pc == at::EXIT => self.due::<TRACE>(row, oracle),
                _ => Err(Reason::NoCode(u64::from(self.pc))),
            };
            stepped.map_err(|reason| Fault {
                step: self.now,
                pc: self.pc,
                fp: self.fp,
                name: row.map_or("none", |row| row.op.info().name),
                reason,
                calls: self.calls.iter().rev().take(CALLS).copied().collect(),
            })?;
        }
        Ok(())
    }

    /// Runs the row that is due, or EXIT in its place.
    #[inline]
    fn due<const TRACE: bool>(&mut self, row: &Row, oracle: &mut dyn Oracle) -> Result<(), Reason> {
        let program = self.program;
        if let Some(trap) = row.trap().and_then(|trap| program.traps.get(trap))
            && trap.holds(self)?
        {
            let exit = program
                .rows
                .get(at::EXIT as usize)
                .ok_or(Reason::NoCode(u64::from(at::EXIT)))?;
            return self.step::<TRACE>(exit, at::EXIT, oracle);
        }
        self.step::<TRACE>(row, self.pc, oracle)
    }

    /// Runs one row.
    #[inline]
    fn step<const TRACE: bool>(
        &mut self,
        row: &Row,
        pcl: u32,
        oracle: &mut dyn Oracle,
    ) -> Result<(), Reason> {
        if self.pending.set & row.limbs != 0 {
            return Err(Reason::State);
        }
        if row.gas != 0 && i64::from(row.gas) > self.gas {
            return Err(Reason::Gas(self.gas.saturating_sub(i64::from(row.gas))));
        }
        let before = TRACE.then(|| self.before(row, pcl));
        let Effect { result, next, micro } = self.work::<TRACE>(row, oracle, before)?;
        self.gas = self
            .gas
            .checked_sub(i64::from(row.gas))
            .ok_or(Reason::Gas(i64::MIN))?;
        self.pc = match next {
            Some(next) => next,
            None if row.flags.has(Flags::BR) => match result {
                Value::Word(0) => self.pc + 1,
                Value::Word(1) => row.target,
                other => return Err(Reason::NotBoolean(other.fr())),
            },
            None => self.pc + 1,
        };
        if !micro {
            self.pending.set = 0;
        }
        self.now += 1;
        Ok(())
    }

    /// The step as far as it is known before the row.
    fn before(&self, row: &Row, pcl: u32) -> Step {
        let left = self.pending.set != 0;
        let state = if left { self.pending.state } else { [Fr::ZERO; 9] };
        let micro = left || matches!(row.kind, Kind::Cin);
        Step {
            pc: self.pc,
            pcl,
            fp: self.fp,
            slots: self.slots,
            gas: self.gas,
            ctx: self.ctx,
            lim: self.lim,
            a: None,
            b: None,
            c: None,
            result: Value::ZERO,
            micro: micro.then(|| Box::new(state)),
        }
    }

    /// Reads the slots, works, writes the result, records.
    #[inline]
    fn work<const TRACE: bool>(
        &mut self,
        row: &Row,
        oracle: &mut dyn Oracle,
        before: Option<Step>,
    ) -> Result<Effect, Reason> {
        let flags = row.flags;
        let mut slots = Slots::default();
        let x = if flags.has(Flags::SA) {
            let at = self.register(row.a)?;
            self.touch::<TRACE>(at, &mut slots.a)?
        } else {
            Value::ZERO
        };
        let computed = matches!(row.kind, Kind::Load(_) | Kind::LoadPart(_) | Kind::Raw(_));
        let y = if flags.has(Flags::SB) && !computed {
            let at = self.register(row.b)?;
            self.touch::<TRACE>(at, &mut slots.b)?
        } else {
            Value::ZERO
        };
        // A call's way back lies relative to the caller's frame: the address is taken before the row moves it.
        let c = if flags.has(Flags::SC) && !matches!(row.kind, Kind::Store(_) | Kind::StorePart(_)) {
            Some(self.register(row.c)?)
        } else {
            None
        };
        let effect = self.effect::<TRACE>(row, x, y, oracle, &mut slots)?;
        if flags.has(Flags::DA) {
            let at = self.register(row.a)?;
            self.put::<TRACE>(at, effect.result, &mut slots.a);
        }
        if let Some(at) = c
            // Rows that only read slot C touched it already.
            && !matches!(row.kind, Kind::Select | Kind::Pin(_) | Kind::Cin)
        {
            // So did those that add to it.
            if !matches!(row.kind, Kind::LoadPart(_)) {
                self.touch::<TRACE>(at, &mut slots.c)?;
            }
            self.put::<TRACE>(at, effect.result, &mut slots.c);
        }
        if let Some(mut step) = before {
            (step.a, step.b, step.c, step.result) = (slots.a, slots.b, slots.c, effect.result);
            self.trace.push(step);
        }
        Ok(effect)
    }

    /// Address of a slot; those of frames must lie below the absolute registers.
    #[inline]
    fn register(&self, place: Place) -> Result<u64, Reason> {
        let at = place.at(self.fp);
        if place.is_frame() && at >= address::ABSOLUTE {
            Err(Reason::Frame(at))
        } else {
            Ok(at)
        }
    }

    /// Accesses a cell, leaving its value.
    #[inline]
    fn touch<const TRACE: bool>(&mut self, at: u64, slot: &mut Option<Access>) -> Result<Value, Reason> {
        let now = self.now;
        let cell = self
            .memory
            .cell(at)
            .ok_or_else(|| Reason::Address(Fr::from(at)))?;
        if cell.last == now {
            return Err(Reason::Clash(at));
        }
        if TRACE {
            let last = (cell.last != NEVER).then_some(cell.last);
            *slot = Some(Access {
                address: at,
                last,
                old: cell.value,
                new: cell.value,
            });
        }
        cell.last = now;
        Ok(cell.value)
    }

    /// Writes a cell that the row has accessed.
    #[inline]
    fn put<const TRACE: bool>(&mut self, at: u64, value: Value, slot: &mut Option<Access>) {
        if let Some(cell) = self.memory.cell(at) {
            cell.value = value;
        }
        if let (true, Some(access)) = (TRACE, slot) {
            access.new = value;
        }
    }

    /// Slot C of a row that only reads it; zero if it is off.
    fn read_c<const TRACE: bool>(&mut self, row: &Row, slots: &mut Slots) -> Result<Value, Reason> {
        if !row.flags.has(Flags::SC) {
            return Ok(Value::ZERO);
        }
        let at = self.register(row.c)?;
        self.touch::<TRACE>(at, &mut slots.c)
    }

    #[inline]
    fn effect<const TRACE: bool>(
        &mut self,
        row: &Row,
        x: Value,
        y: Value,
        oracle: &mut dyn Oracle,
        slots: &mut Slots,
    ) -> Result<Effect, Reason> {
        let result = match &row.kind {
            Kind::Arith(arith) => arith.at(x, y)?,
            Kind::Constant(value) => *value,
            Kind::CopyX => x,
            Kind::CopyY => y,
            Kind::Form(form) => form.at(x, y),
            Kind::Eq { form, yes, no } => {
                if form.is_zero(x, y) {
                    *yes
                } else {
                    *no
                }
            }
            Kind::Select => {
                let condition = self.read_c::<TRACE>(row, slots)?;
                if condition == Value::ZERO {
                    let at = self.register(row.a)?;
                    self.put::<TRACE>(at, y, &mut slots.a);
                }
                condition
            }
            Kind::Logic(logic) => logic.at(x, y)?,
            Kind::Div(out) => {
                let (x, y) = (word(x, 'x')?, word(y, 'y')?);
                let (Some(hi), Some(lo)) = (x.checked_div(y), x.checked_rem(y)) else {
                    return Err(Reason::DivideByZero);
                };
                self.owed = Some(y - 1 - lo);
                out.of(lo, hi)?
            }
            Kind::Hint { hint, word } => {
                let answer = match self.owed.take() {
                    Some(owed) => Value::Word(owed),
                    None => Value::from(oracle.hint(*hint, x.fr(), &View { machine: self })),
                };
                if *word && answer.word().is_none() {
                    return Err(Reason::NotWord('h', answer.fr()));
                }
                answer
            }
            Kind::Raw(address) => {
                let at = address.at(x, Value::ZERO);
                let at = at.word().ok_or_else(|| Reason::Address(at.fr()))?;
                self.touch::<TRACE>(at, &mut slots.b)?
            }
            Kind::Aux { tag, key, result } => {
                let key = key.at(x, Value::ZERO);
                let found = key
                    .word()
                    .and_then(|key| self.tables().look(*tag, key, &self.public));
                let (v1, v2) = found.ok_or_else(|| Reason::NoRow(*tag, key.fr()))?;
                result.at(v1, v2)
            }
            Kind::Load(access) => self.load::<TRACE>(access, x, slots)?,
            Kind::LoadPart(part) => {
                let old = self.read_c::<TRACE>(row, slots)?;
                self.load_part::<TRACE>(part, x, old, slots)?
            }
            Kind::StorePart(part) => self.store_part::<TRACE>(part, x, y, slots)?,
            Kind::Store(access) => {
                let y = if row.flags.has(Flags::SB) {
                    y
                } else {
                    Value::Word(access.sign)
                };
                self.store::<TRACE>(access, x, y, slots)?
            }
            Kind::Pin(_) | Kind::Cin | Kind::Cout(_) | Kind::Poseidon(..) | Kind::Curve => {
                return self.micro::<TRACE>(row, x, y, slots);
            }
            _ => return self.control(row, x),
        };
        Ok(result.into())
    }
}
