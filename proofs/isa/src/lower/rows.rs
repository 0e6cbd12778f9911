//! Rows of relocatable code: emission, labels, gas, traps, scratch registers.

use super::error::{LowerError, Place};
use crate::asm::{self, AsmError, Dest, Operand, coefficients};
use crate::code::{Instr, at};
use crate::millicode::Helper;
use ark_ff::{AdditiveGroup, Field};
use playfair_types::crypto::field::Fr;
use std::collections::BTreeMap;

pub(crate) type Result<T> = core::result::Result<T, LowerError>;

pub(crate) const ONE: Fr = Fr::ONE;
pub(crate) const ZERO: Fr = Fr::ZERO;

/// Most rows of a unit: what no shape holds need not be finished.
const ROWS: usize = 1 << 20;

/// Most registers of a frame: EXIT leaves this many for the one that is left.
pub(crate) const FRAME: u32 = 2_304;

/// A place in the code of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label(pub(crate) u32);

/// Something outside of the unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    /// A fixed code index.
    At(u32),
    /// A function that the kernel exports.
    Kernel(String),
    /// A function that the module exports, or `reset`.
    Module(String),
    /// Microcode.
    Micro(Micro),
}

/// Functions of microcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Micro {
    /// Poseidon of five elements.
    Pos5,
    /// Poseidon of two elements.
    Pos2,
    /// 64 bits of double and add.
    Curve64,
}

/// Where a reference goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// In the unit.
    Label(Label),
    /// Outside.
    Symbol(Symbol),
}

impl From<Label> for Target {
    fn from(label: Label) -> Self {
        Self::Label(label)
    }
}

/// What of a row refers to a code index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The target of a branch, a call or an exit.
    Target,
    /// The base of a jump by table.
    Base,
}

/// A reference that linking resolves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The row.
    pub row: u32,
    /// Which of its constants.
    pub part: Part,
    /// Where it goes.
    pub target: Target,
}

/// What may end a run at a row (docs/CIRCUIT.md). Gas is the row's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trap {
    /// The class; 0 for gas only.
    pub class: u8,
    /// First register.
    pub register1: u32,
    /// Second register.
    pub register2: u32,
    /// Width of an access or a division, bytes; 0 if there is none.
    pub width: u32,
    /// The constant.
    pub constant: u64,
}

impl Trap {
    /// Whether the first register matters.
    pub(crate) fn reads_first(&self) -> bool {
        matches!(self.class, 2 | 4..=7)
    }

    /// Whether the second register matters.
    pub(crate) fn reads_second(&self) -> bool {
        matches!(self.class, 3 | 4)
    }
}

/// What becomes of a result.
#[derive(Clone, Debug)]
pub(crate) enum To {
    Put(Operand),
    Branch(Target),
}

impl From<Operand> for To {
    fn from(operand: Operand) -> Self {
        Self::Put(operand)
    }
}

/// A row that is a form of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Arith,
    Field,
    Equal,
    /// LOGIC with a constant: of slot A alone, which may be absolute here.
    Logic,
}

/// Code while it is written.
pub(crate) struct Code {
    pub(crate) rows: Vec<Instr>,
    pub(crate) references: Vec<Reference>,
    pub(crate) labels: Vec<Option<u32>>,
    pub(crate) traps: Vec<(u32, Trap)>,
    pub(crate) helpers: BTreeMap<Helper, Label>,
    /// Whether this is the module's code, with gas, traps and its memory, or the kernel's.
    pub(crate) guest: bool,
    pub(crate) place: Place,
    /// Gas that the next row charges.
    gas: u32,
    /// The next free register of the frame.
    scratch: u32,
}

impl Code {
    pub(crate) fn new(guest: bool) -> Self {
        Self {
            rows: Vec::new(),
            references: Vec::new(),
            labels: Vec::new(),
            traps: Vec::new(),
            helpers: BTreeMap::new(),
            guest,
            place: Place::default(),
            gas: 0,
            scratch: 0,
        }
    }

    pub(crate) fn internal<T>(&self, what: impl Into<String>) -> Result<T> {
        Err(LowerError::Internal {
            place: self.place,
            what: what.into(),
        })
    }

    fn asm<T>(&self, built: core::result::Result<T, AsmError>) -> Result<T> {
        built.or_else(|error| self.internal(error.to_string()))
    }

    fn too_large<T>(&self, what: &'static str, limit: u64) -> Result<T> {
        Err(LowerError::TooLarge {
            place: self.place,
            what,
            limit,
        })
    }

    pub(crate) fn here(&self) -> u32 {
        self.rows.len() as u32
    }

    /// A label that is bound later.
    pub(crate) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() as u32 - 1)
    }

    /// Gas that is due with the next row. It must not be charged on a way that joins here.
    pub(crate) fn charge(&mut self, amount: u32) -> Result<()> {
        match self.gas.checked_add(amount).filter(|gas| gas >> 24 == 0) {
            Some(gas) => self.gas = gas,
            None => return self.too_large("gas of a block", 1 << 24),
        }
        Ok(())
    }

    /// Charges what is due, with a row of its own if need be.
    pub(crate) fn flush(&mut self) -> Result<()> {
        if self.gas > 0 {
            self.push(asm::nop())?;
        }
        Ok(())
    }

    pub(crate) fn bind(&mut self, label: Label) -> Result<()> {
        self.flush()?;
        let here = self.here();
        match self.labels.get_mut(label.0 as usize) {
            Some(place @ None) => *place = Some(here),
            _ => return self.internal("a label is bound twice"),
        }
        Ok(())
    }

    /// Registers from here on are scratch.
    pub(crate) fn scratch_from(&mut self, register: u32) {
        self.scratch = register;
    }

    /// The first scratch register that is free.
    pub(crate) fn scratch(&self) -> u32 {
        self.scratch
    }

    /// A scratch register.
    pub(crate) fn tmp(&mut self) -> Result<Operand> {
        let register = self.scratch;
        if register >= FRAME {
            return self.too_large("registers of a frame", u64::from(FRAME));
        }
        self.scratch = register + 1;
        Ok(Operand::Reg(register))
    }

    pub(crate) fn push(&mut self, row: Instr) -> Result<u32> {
        self.push_trap(row, Trap::default())
    }

    pub(crate) fn push_trap(&mut self, mut row: Instr, trap: Trap) -> Result<u32> {
        let here = self.here();
        if self.rows.len() >= ROWS {
            return self.too_large("rows of code", ROWS as u64);
        }
        row.gas = core::mem::take(&mut self.gas);
        if row.gas > 0 || (trap.class > 0 && self.guest) {
            self.traps.push((here, trap));
        }
        self.rows.push(row);
        Ok(here)
    }

    fn refer(&mut self, row: u32, part: Part, target: Target) {
        self.references.push(Reference { row, part, target });
    }

    /// Moves an operand to a scratch register.
    pub(crate) fn copy(&mut self, x: Operand) -> Result<Operand> {
        let to = self.tmp()?;
        let row = self.asm(asm::mov(to, x))?;
        self.push(row)?;
        Ok(to)
    }

    /// A row that is a form of two operands, whatever these and the destination are.
    pub(crate) fn form(
        &mut self,
        kind: Kind,
        x: Option<Operand>,
        y: Option<Operand>,
        k: [Fr; 8],
        to: impl Into<To>,
    ) -> Result<()> {
        let (mut x, mut y, mut k, to) = (x, y, k, to.into());
        if kind == Kind::Logic {
            return self.mask(x, k, to);
        }
        // What a slot that is off would hold is not bound.
        if x.is_none() {
            (k[0], k[1]) = (ZERO, ZERO);
        }
        if y.is_none() {
            (k[0], k[2]) = (ZERO, ZERO);
        }
        let absolute = |operand: Option<Operand>| matches!(operand, Some(Operand::Abs(_)));
        if let (Some(x), true, true) = (x, x == y, k.first() != Some(&ZERO)) {
            y = Some(self.copy(x)?);
        }
        if let (Some(moved), true, true) = (x, absolute(x), absolute(y) && x != y) {
            x = Some(self.copy(moved)?);
        }
        let (dest, after) = match &to {
            To::Put(to @ Operand::Abs(_)) if x == Some(*to) || y == Some(*to) => {
                let tmp = self.tmp()?;
                (Dest::Put(tmp), Some((tmp, *to)))
            }
            To::Put(to) => (Dest::Put(*to), None),
            To::Branch(_) => (Dest::Branch(0), None),
        };
        let row = match kind {
            Kind::Arith => asm::arith(dest, x, y, k),
            Kind::Field => asm::farith(dest, x, y, [k[0], k[1], k[2], k[3]]),
            Kind::Equal => asm::compare(dest, x, y, [k[1], k[2], k[3], k[4], k[6]]),
            Kind::Logic => return self.internal("a mask of two operands"),
        };
        let row = self.asm(row)?;
        let row = self.push(row)?;
        if let To::Branch(target) = to {
            self.refer(row, Part::Target, target);
        }
        if let Some((from, to)) = after {
            self.mov(to, from)?;
        }
        Ok(())
    }

    /// LOGIC with a constant.
    fn mask(&mut self, x: Option<Operand>, k: [Fr; 8], to: To) -> Result<()> {
        let Some(x) = x else {
            return self.internal("a mask of nothing");
        };
        let x = Operand::Reg(self.frame(x)?);
        let dest = match &to {
            To::Put(to) => Dest::Put(*to),
            To::Branch(_) => Dest::Branch(0),
        };
        let row = self.built(asm::logic_form(dest, x, None, k))?;
        if let To::Branch(target) = to {
            self.refer(row, Part::Target, target);
        }
        Ok(())
    }

    /// `to = k0 x y + k1 x + k2 y + k3` in the field.
    pub(crate) fn field(
        &mut self,
        to: impl Into<To>,
        x: Option<Operand>,
        y: Option<Operand>,
        [k0, k1, k2, k3]: [Fr; 4],
    ) -> Result<()> {
        let k = coefficients([(0, k0), (1, k1), (2, k2), (3, k3)]);
        self.form(Kind::Field, x, y, k, to)
    }

    /// A copy, unless it is one to itself.
    pub(crate) fn mov(&mut self, to: Operand, x: Operand) -> Result<()> {
        if to == x {
            return Ok(());
        }
        self.field(to, Some(x), None, [ZERO, ONE, ZERO, ZERO])
    }

    pub(crate) fn constant(&mut self, to: Operand, value: Fr) -> Result<()> {
        self.field(to, None, None, [ZERO, ZERO, ZERO, value])
    }

    /// Goes to a target.
    pub(crate) fn jump(&mut self, target: impl Into<Target>) -> Result<()> {
        self.field(To::Branch(target.into()), None, None, [ZERO, ZERO, ZERO, ONE])
    }

    /// Goes to a target if x is zero, or unless it is.
    pub(crate) fn jump_zero(&mut self, x: Operand, zero: bool, target: impl Into<Target>) -> Result<()> {
        let (k4, k6) = if zero { (ONE, ZERO) } else { (-ONE, ONE) };
        let k = coefficients([(1, ONE), (4, k4), (6, k6)]);
        self.form(Kind::Equal, Some(x), None, k, To::Branch(target.into()))
    }

    /// A row of one of the constructors that cannot fail here.
    pub(crate) fn built(&mut self, row: core::result::Result<Instr, AsmError>) -> Result<u32> {
        let row = self.asm(row)?;
        self.push(row)
    }

    /// The same with a trap.
    pub(crate) fn built_trap(
        &mut self,
        row: core::result::Result<Instr, AsmError>,
        trap: Trap,
    ) -> Result<u32> {
        let row = self.asm(row)?;
        self.push_trap(row, trap)
    }

    /// `to` = `factor` times the high word of `k1 x`.
    pub(crate) fn built_form(&mut self, k1: Fr, x: Operand, factor: Fr, to: Operand) -> Result<()> {
        let k = coefficients([(1, k1), (5, factor), (7, ONE)]);
        self.form(Kind::Arith, Some(x), None, k, to)
    }

    /// A row without result, which holds only if `k4 lo + k5 hi + k6 = 0`.
    pub(crate) fn demand(&mut self, x: Operand, y: Operand, k: [Fr; 8]) -> Result<()> {
        let row = self.asm(asm::arith(Dest::Drop, Some(x), Some(y), k))?;
        self.push(row)?;
        Ok(())
    }

    /// Rows that belong together.
    pub(crate) fn group(
        &mut self,
        rows: core::result::Result<impl IntoIterator<Item = Instr>, AsmError>,
        trap: Trap,
    ) -> Result<()> {
        let mut trap = Some(trap);
        for row in self.asm(rows)? {
            self.push_trap(row, trap.take().unwrap_or_default())?;
        }
        Ok(())
    }

    /// A register of the frame that holds the operand.
    pub(crate) fn frame(&mut self, x: Operand) -> Result<u32> {
        match x {
            Operand::Reg(register) => Ok(register),
            Operand::Abs(_) => match self.copy(x)? {
                Operand::Reg(register) => Ok(register),
                Operand::Abs(_) => self.internal("scratch is absolute"),
            },
        }
    }

    /// The same, different from another operand.
    pub(crate) fn apart(&mut self, x: Operand, other: Operand) -> Result<Operand> {
        if x == other { self.copy(x) } else { Ok(x) }
    }

    /// A call. `link` is the register of the callee's frame that takes the way back.
    pub(crate) fn call(&mut self, frame: u32, link: u32, target: impl Into<Target>) -> Result<()> {
        self.check_frame(frame + link)?;
        let row = self.push(asm::call(frame, link, 0))?;
        self.refer(row, Part::Target, target.into());
        Ok(())
    }

    pub(crate) fn check_frame(&self, register: u32) -> Result<()> {
        if register < FRAME {
            Ok(())
        } else {
            self.too_large("registers of a frame", u64::from(FRAME))
        }
    }

    /// Goes to row `x` of a table.
    pub(crate) fn jump_by(&mut self, x: u32, table: Label) -> Result<()> {
        let row = self.push(asm::dyn_jump(x, 0))?;
        self.refer(row, Part::Base, table.into());
        Ok(())
    }

    /// A row that a run ends at. It may charge gas, so that no proof comes from running it before EXIT takes its place: it leads
    /// to STUCK, for ever.
    pub(crate) fn trap(&mut self, class: u8) -> Result<()> {
        let trap = Trap {
            class,
            ..Trap::default()
        };
        let row = self.built_trap(asm::jump(at::STUCK), trap)?;
        self.refer(row, Part::Target, Target::Symbol(Symbol::At(at::STUCK)));
        Ok(())
    }

    pub(crate) fn helper(&mut self, helper: Helper) -> Label {
        if let Some(label) = self.helpers.get(&helper) {
            return *label;
        }
        let label = self.label();
        self.helpers.insert(helper, label);
        label
    }

    /// Whether the row reads or writes the module's memory.
    pub(crate) fn space(&self) -> asm::Space {
        if self.guest {
            asm::Space::Module
        } else {
            asm::Space::Kernel
        }
    }
}
