//! One function: its frame, its symbolic operand stack, and where results go.
//!
//! Frame: parameters (or results, if there are more), the way back, other locals, operand slots, scratch. The operand at
//! depth i has slot i, where it lies when it must lie somewhere; until then it is what it is: a constant, a local, a linear
//! form of one. A result goes straight to the local that it is for.

use super::control::Control;
use super::decode::{Decoded, Op};
use super::read::Module;
use super::rows::{Code, Label, ONE, Result, Trap, ZERO};
use super::value::{Arg, Entry, Known, Source, Term, cut};
use crate::asm::{self, Operand};
use playfair_types::crypto::field::Fr;
use wasmparser::{Operator, ValType};

/// What all functions of a module share.
pub(crate) struct Context<'m, 'a> {
    pub(crate) module: &'m Module<'a>,
    /// Where each function begins, imported ones too (they are never bound).
    pub(crate) functions: Vec<Label>,
    /// The absolute register of global 0.
    pub(crate) globals: u32,
    /// Whether hints of alignment are not believed.
    pub(crate) careful: bool,
}

/// Where a result goes.
#[derive(Clone, Copy)]
enum Place {
    Slot,
    Set(u32),
    Tee(u32),
    Global,
    First,
}

/// A destination.
#[derive(Clone, Copy)]
pub(crate) struct Destination {
    pub(crate) to: Operand,
    place: Place,
}

/// A function while it is lowered.
pub(crate) struct Lowering<'m, 'a> {
    pub(crate) context: &'m Context<'m, 'a>,
    pub(crate) code: &'m mut Code,
    pub(crate) function: &'m Decoded<'a>,
    pub(crate) stack: Vec<Entry>,
    pub(crate) frames: Vec<Control>,
    /// What is known of each local.
    pub(crate) facts: Vec<Known>,
    /// The instruction that is lowered.
    pub(crate) at: usize,
    /// Whether the next instruction can be reached.
    pub(crate) live: bool,
    pub(crate) params: u32,
    pub(crate) results: u32,
    /// The register of the way back.
    pub(crate) link: u32,
    /// The register of operand 0.
    base: u32,
}

impl<'m, 'a> Lowering<'m, 'a> {
    /// Lowers function `index`.
    pub(crate) fn run(
        context: &'m Context<'m, 'a>,
        code: &'m mut Code,
        function: &'m Decoded<'a>,
        index: u32,
    ) -> Result<()> {
        let ty = context.module.function_type(index);
        let (params, results) = (ty.params().len() as u32, ty.results().len() as u32);
        let link = params.max(results);
        let locals = function.locals.len() as u32;
        let guest = code.guest;
        let mut lowering = Self {
            context,
            code,
            function,
            stack: Vec::new(),
            frames: vec![Control::function(results)],
            facts: function.locals.iter().map(|ty| known(*ty, guest)).collect(),
            at: 0,
            live: true,
            params,
            results,
            link,
            base: link + 1 + locals - params,
        };
        lowering.prologue()?;
        while let Some(item) = lowering.function.items.get(lowering.at) {
            lowering.code.place.offset = item.offset;
            lowering
                .code
                .scratch_from(lowering.base + lowering.stack.len() as u32 + 1);
            lowering.item()?;
            lowering.at += 1;
        }
        Ok(())
    }

    fn prologue(&mut self) -> Result<()> {
        if self.function.weight > 0 {
            let trap = Trap {
                class: 8,
                constant: u64::from(self.function.weight),
                ..Trap::default()
            };
            self.code
                .push_trap(asm::enter(self.function.weight, super::STACK_SLOTS), trap)?;
        }
        // What the first block pays for begins with the locals.
        if let Some(Op::Charge(amount)) = self.function.items.first().map(|item| &item.op) {
            self.code.charge(*amount)?;
            self.at = 1;
        }
        for local in super::assign::zeroed(self.function, self.params) {
            let register = self.local(local);
            self.code.constant(register, ZERO)?;
            self.learn(local, Known::of(0));
        }
        Ok(())
    }

    fn item(&mut self) -> Result<()> {
        let function = self.function;
        let Some(item) = function.items.get(self.at) else {
            return Ok(());
        };
        match &item.op {
            Op::Plain(Operator::End) => self.end(),
            Op::Plain(Operator::Else) => self.other(),
            Op::Plain(Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. }) if !self.live => {
                self.at = item.end as usize;
                Ok(())
            }
            _ if !self.live => Ok(()),
            Op::Charge(amount) => self.code.charge(*amount),
            Op::BulkCharge => self.call_kernel("bulk_charge", 1, 1),
            Op::Plain(operator) => self.operator(operator),
        }
    }

    /// The next instruction, if it is not the start of a metered block.
    pub(crate) fn next(&self) -> Option<&'m Operator<'a>> {
        match &self.function.items.get(self.at + 1)?.op {
            Op::Plain(operator) => Some(operator),
            _ => None,
        }
    }

    /// The instruction `places` further, if no metered block starts between.
    pub(crate) fn after(&self, places: usize) -> Option<&'m Operator<'a>> {
        let items = self.function.items.get(self.at + 1..=self.at + places)?;
        items.iter().try_fold(None, |_, item| match &item.op {
            Op::Plain(operator) => Some(Some(operator)),
            _ => None,
        })?
    }

    /// The register of a local.
    pub(crate) fn local(&self, local: u32) -> Operand {
        Operand::Reg(if local < self.params {
            local
        } else {
            self.link + 1 + local - self.params
        })
    }

    /// The register of the operand at a depth.
    pub(crate) fn slot(&self, depth: usize) -> Operand {
        Operand::Reg(self.base + depth as u32)
    }

    pub(crate) fn fact(&self, local: u32) -> Known {
        self.facts.get(local as usize).copied().unwrap_or(Known::FIELD)
    }

    pub(crate) fn learn(&mut self, local: u32, known: Known) {
        if let Some(fact) = self.facts.get_mut(local as usize) {
            *fact = known;
        }
    }

    /// Forgets locals that items in `[from, to)` write.
    pub(crate) fn forget(&mut self, from: u32, to: u32) {
        for (_, local) in self.function.set_in(from, to) {
            let ty = self.function.locals.get(*local as usize).copied();
            self.learn(*local, known(ty.unwrap_or(ValType::I64), self.code.guest));
        }
    }

    pub(crate) fn pop_entry(&mut self) -> Result<Entry> {
        match self.stack.pop() {
            Some(entry) => Ok(entry),
            None => self.code.internal("operand stack underflow"),
        }
    }

    /// Takes an operand; a pending form is computed in its slot.
    pub(crate) fn pop(&mut self) -> Result<Arg> {
        let entry = self.pop_entry()?;
        self.arg(entry)
    }

    /// The value of an entry that was just taken.
    pub(crate) fn arg(&mut self, entry: Entry) -> Result<Arg> {
        let slot = self.slot(self.stack.len());
        Ok(match entry {
            Entry::Const(value) => Arg::Const(value),
            Entry::Local(local) => Arg::Reg(self.local(local), self.fact(local)),
            Entry::Abs(address, known) => Arg::Reg(Operand::Abs(address), known),
            Entry::Slot(known) => Arg::Reg(slot, known),
            Entry::First => Arg::Reg(Operand::Reg(0), Known::FIELD),
            Entry::Linear { known, .. } => {
                self.put(entry, self.stack.len(), slot)?;
                Arg::Reg(slot, known)
            }
        })
    }

    /// Takes an operand in a register; a constant gets a scratch one.
    pub(crate) fn pop_register(&mut self) -> Result<(Operand, Known)> {
        let arg = self.pop()?;
        self.register(arg)
    }

    pub(crate) fn register(&mut self, arg: Arg) -> Result<(Operand, Known)> {
        match arg {
            Arg::Reg(operand, known) => Ok((operand, known)),
            Arg::Const(value) => {
                let tmp = self.code.tmp()?;
                self.code.constant(tmp, Fr::from(value))?;
                Ok((tmp, Known::of(value)))
            }
        }
    }

    /// Takes an operand as a linear form modulo 2^64 or 2^32.
    pub(crate) fn pop_term(&mut self, wide: bool) -> Result<Term> {
        let entry = self.pop_entry()?;
        if let Entry::Linear {
            source,
            factor,
            add,
            wide: same,
            ..
        } = entry
            && same == wide
        {
            let (operand, known) = self.source(source, wide);
            return Ok(Term {
                register: Some((operand, known, factor)),
                add,
            });
        }
        Ok(match self.arg(entry)? {
            Arg::Const(add) => Term { register: None, add },
            Arg::Reg(operand, known) => Term {
                register: Some((operand, known, 1)),
                add: 0,
            },
        })
    }

    /// The register of a pending form that was just taken.
    pub(crate) fn source(&self, source: Source, wide: bool) -> (Operand, Known) {
        match source {
            Source::Local(local) => (self.local(local), self.fact(local)),
            Source::Own => (self.slot(self.stack.len()), Known::word(wide)),
        }
    }

    /// Writes what an entry at a depth is to a register.
    pub(crate) fn put(&mut self, entry: Entry, depth: usize, to: Operand) -> Result<()> {
        match entry {
            Entry::Const(value) => self.code.constant(to, Fr::from(value)),
            Entry::Local(local) => self.code.mov(to, self.local(local)),
            Entry::Abs(address, _) => self.code.mov(to, Operand::Abs(address)),
            Entry::Slot(_) => self.code.mov(to, self.slot(depth)),
            Entry::First => self.code.mov(to, Operand::Reg(0)),
            Entry::Linear {
                source,
                factor,
                add,
                wide,
                ..
            } => {
                let register = match source {
                    Source::Local(local) => self.local(local),
                    Source::Own => self.slot(depth),
                };
                self.linear_row(&[(register, factor)], add, wide, to)
            }
        }
    }

    pub(crate) fn entry_known(&self, entry: Entry) -> Known {
        match entry {
            Entry::Const(value) => Known::of(value),
            Entry::Local(local) => self.fact(local),
            Entry::First => Known::FIELD,
            Entry::Abs(_, known) | Entry::Slot(known) | Entry::Linear { known, .. } => known,
        }
    }

    /// Moves the operand at a depth to its slot.
    pub(crate) fn settle(&mut self, depth: usize) -> Result<()> {
        let Some(entry) = self.stack.get(depth).copied() else {
            return self.code.internal("no such operand");
        };
        if matches!(entry, Entry::Slot(_)) {
            return Ok(());
        }
        let known = self.entry_known(entry);
        self.put(entry, depth, self.slot(depth))?;
        if let Some(place) = self.stack.get_mut(depth) {
            *place = Entry::Slot(known);
        }
        Ok(())
    }

    /// Settles every operand for which `which` holds.
    pub(crate) fn settle_if(&mut self, which: impl Fn(&Entry) -> bool) -> Result<()> {
        for depth in 0..self.stack.len() {
            if self.stack.get(depth).is_some_and(&which) {
                self.settle(depth)?;
            }
        }
        Ok(())
    }

    /// Settles what still reads a local that is about to be written.
    pub(crate) fn spill(&mut self, local: u32) -> Result<()> {
        self.settle_if(|entry| {
            matches!(entry, Entry::Local(read) | Entry::Linear { source: Source::Local(read), .. } if *read == local)
        })
    }

    /// Settles what reads absolute registers, before one is written or a call that may write them.
    pub(crate) fn spill_absolute(&mut self) -> Result<()> {
        self.settle_if(|entry| matches!(entry, Entry::Abs(..)))
    }

    /// Decides where the result of this instruction goes. All operands are taken before; only the last row writes it.
    pub(crate) fn destination(&mut self) -> Result<Destination> {
        let (to, place) = match self.next() {
            Some(Operator::LocalSet { local_index }) => (self.local(*local_index), Place::Set(*local_index)),
            Some(Operator::LocalTee { local_index }) => (self.local(*local_index), Place::Tee(*local_index)),
            Some(Operator::GlobalSet { global_index }) => {
                (Operand::Abs(self.context.globals + global_index), Place::Global)
            }
            Some(operator) if self.results == 1 && self.returns(operator) => (Operand::Reg(0), Place::First),
            _ => (self.slot(self.stack.len()), Place::Slot),
        };
        match place {
            Place::Set(local) | Place::Tee(local) => self.spill(local)?,
            Place::Global => self.spill_absolute()?,
            Place::Slot | Place::First => {}
        }
        Ok(Destination { to, place })
    }

    /// Whether an instruction that follows leaves the function.
    fn returns(&self, operator: &Operator<'_>) -> bool {
        let outermost = self.frames.len() - 1;
        match operator {
            Operator::End => outermost == 0,
            Operator::Br { relative_depth } => *relative_depth as usize == outermost,
            Operator::Return => true,
            _ => false,
        }
    }

    /// The result is where it was to go.
    pub(crate) fn done(&mut self, destination: Destination, known: Known) {
        match destination.place {
            Place::Slot => self.stack.push(Entry::Slot(known)),
            Place::First => self.stack.push(Entry::First),
            Place::Global => self.at += 1,
            Place::Set(local) => {
                self.learn(local, known);
                self.at += 1;
            }
            Place::Tee(local) => {
                self.learn(local, known);
                self.stack.push(Entry::Local(local));
                self.at += 1;
            }
        }
    }

    /// Pushes a value that is there already: no row, unless something wants it elsewhere.
    pub(crate) fn push_arg(&mut self, arg: Arg) -> Result<()> {
        match arg {
            Arg::Const(value) => self.stack.push(Entry::Const(value)),
            Arg::Reg(operand, known) if operand == self.slot(self.stack.len()) => {
                self.stack.push(Entry::Slot(known));
            }
            Arg::Reg(operand, known) => match self.local_of(operand) {
                Some(local) => self.stack.push(Entry::Local(local)),
                None => {
                    let destination = self.destination()?;
                    self.code.mov(destination.to, operand)?;
                    self.done(destination, known);
                }
            },
        }
        Ok(())
    }

    /// The local whose register this is.
    pub(crate) fn local_of(&self, operand: Operand) -> Option<u32> {
        let Operand::Reg(register) = operand else {
            return None;
        };
        if register < self.params {
            Some(register)
        } else if register > self.link && register < self.base {
            Some(register - self.link - 1 + self.params)
        } else {
            None
        }
    }

    /// Locals, globals, constants, structure.
    pub(crate) fn variable(&mut self, operator: &Operator<'_>) -> Result<()> {
        match operator {
            Operator::LocalGet { local_index } => self.stack.push(Entry::Local(*local_index)),
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                let entry = self.pop_entry()?;
                let depth = self.stack.len();
                let known = self.entry_known(entry);
                if entry != Entry::Local(*local_index) {
                    self.spill(*local_index)?;
                    self.put(entry, depth, self.local(*local_index))?;
                    self.learn(*local_index, known);
                }
                if matches!(operator, Operator::LocalTee { .. }) {
                    self.stack.push(Entry::Local(*local_index));
                }
            }
            Operator::GlobalGet { global_index } => {
                let address = self.context.globals + global_index;
                let ty = self.context.module.globals.get(*global_index as usize);
                let known = known(ty.map_or(ValType::I64, |(ty, _)| *ty), self.code.guest);
                self.stack.push(Entry::Abs(address, known));
            }
            Operator::GlobalSet { global_index } => {
                let entry = self.pop_entry()?;
                let depth = self.stack.len();
                self.spill_absolute()?;
                let to = Operand::Abs(self.context.globals + global_index);
                self.put(entry, depth, to)?;
            }
            Operator::I32Const { value } => self.stack.push(Entry::Const(u64::from(*value as u32))),
            Operator::I64Const { value } => self.stack.push(Entry::Const(*value as u64)),
            _ => {
                self.pop_entry()?;
            }
        }
        Ok(())
    }

    /// `sum factor register + add` modulo 2^64 or 2^32.
    pub(crate) fn linear_row(
        &mut self,
        terms: &[(Operand, i128)],
        add: u64,
        wide: bool,
        to: Operand,
    ) -> Result<()> {
        let scale = asm::two(if wide { 0 } else { 32 });
        let modulus = asm::two(if wide { 64 } else { 32 });
        let mut constant = Fr::from(cut(add, wide));
        for (_, factor) in terms.iter().filter(|(_, factor)| *factor < 0) {
            constant += Fr::from(factor.unsigned_abs()) * modulus;
        }
        let term = |index: usize| terms.get(index).copied();
        let factor = |index| term(index).map_or(ZERO, |(_, factor)| Fr::from(factor));
        let k = asm::coefficients([
            (1, factor(0) * scale),
            (2, factor(1) * scale),
            (3, constant * scale),
            (4, ONE),
            (7, scale),
        ]);
        let operand = |index| term(index).map(|(operand, _)| operand);
        self.code
            .form(super::rows::Kind::Arith, operand(0), operand(1), k, to)
    }
}

/// What the type of a value says. In the kernel, an i64 may be any field element.
pub(crate) fn known(ty: ValType, guest: bool) -> Known {
    match ty {
        ValType::I32 => Known::WORD32,
        _ if guest => Known::WORD64,
        _ => Known::FIELD,
    }
}
