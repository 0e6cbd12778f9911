//! Constructors of every instruction (docs/CIRCUIT.md).
//!
//! An instruction reads x from slot A and y from slot B and writes its result to slot C, or, with dA, to the register of
//! slot A. Slot A is always a register of the frame; no two slots of one row may name one address. The constructors choose
//! the slots: a result that goes to an operand's register is written in place, operands are exchanged where the operation
//! allows it, and what the machine cannot encode is an [`AsmError`]: the caller then moves an operand first.
//!
//! Code indices (targets) are absolute and may be placeholders: [`Instr::set_target`] writes the linked one.

use crate::code::{Flags, Instr};
use ark_ff::{AdditiveGroup, Field};
use core::fmt;
use playfair_types::crypto::field::Fr;

mod flow;
mod int;
mod logic;
mod memory;
mod system;

pub use flow::*;
pub use int::*;
pub use logic::*;
pub use memory::*;
pub use system::*;

/// Where an operand lies, or a result goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// Register of the frame: its address is the frame pointer plus this.
    Reg(u32),
    /// Absolute address: a register from [`crate::code::address::ABSOLUTE`] on, or a word of kernel memory.
    Abs(u32),
}

/// What becomes of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dest {
    /// It is written.
    Put(Operand),
    /// It is 0 or 1, and 1 goes to this code index.
    Branch(u32),
    /// Both. Only for a register of the frame that is an operand too, as the result must be written in place.
    Tee(u32, u32),
    /// Nothing.
    Drop,
}

impl From<Operand> for Dest {
    fn from(operand: Operand) -> Self {
        Self::Put(operand)
    }
}

/// Why one row cannot hold an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsmError {
    /// Two slots would name this address: move one operand first.
    Same(Operand),
    /// Slot A would be an absolute address: move this operand to a register of the frame first.
    Absolute(Operand),
    /// A result that is stored and branched on goes to a register that is not an operand.
    Tee(u32),
    /// A constant is out of the operation's range.
    Constant(u64),
    /// The operation cannot branch: its result is the prover's choice, or a second row must follow. Branch by a row after it.
    Branch,
}

impl fmt::Display for AsmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(operand) => write!(f, "two slots name {operand:?}; move one operand first"),
            Self::Absolute(operand) => {
                write!(
                    f,
                    "{operand:?} would be slot A; move it to a register of the frame"
                )
            }
            Self::Tee(register) => {
                write!(
                    f,
                    "r{register} takes a result in place but is no operand; copy afterwards"
                )
            }
            Self::Constant(value) => write!(f, "the constant {value} is out of range"),
            Self::Branch => write!(f, "this operation cannot branch; branch by a row after it"),
        }
    }
}

impl core::error::Error for AsmError {}

/// Result of a constructor.
pub type Asm<T = Instr> = Result<T, AsmError>;

/// 2^i in the field.
#[must_use]
pub fn two(i: u32) -> Fr {
    Fr::from(2u64).pow([u64::from(i)])
}

/// Coefficients `k0..k7`, from pairs of index and value; the others are zero.
#[must_use]
pub fn coefficients<const N: usize>(pairs: [(usize, Fr); N]) -> [Fr; 8] {
    let mut k = [Fr::ZERO; 8];
    for (i, value) in pairs {
        if let Some(slot) = k.get_mut(i) {
            *slot = value;
        }
    }
    k
}

impl Instr {
    /// An instruction without slots and constants.
    #[must_use]
    pub fn new(flags: Flags) -> Self {
        Self {
            flags,
            a: 0,
            b: Fr::ZERO,
            c: Fr::ZERO,
            k: [Fr::ZERO; 8],
            gas: 0,
            hint: 0,
        }
    }

    /// The same with constants.
    #[must_use]
    pub fn with_k(mut self, k: [Fr; 8]) -> Self {
        self.k = k;
        self
    }

    /// The same charging gas before it runs.
    #[must_use]
    pub fn with_gas(mut self, gas: u32) -> Self {
        self.gas = gas;
        self
    }

    /// The code index that it may go to: of a branch, a call or an exit.
    #[must_use]
    pub fn target(&self) -> Option<Fr> {
        if self.flags.has(Flags::BR) {
            Some(self.c)
        } else {
            let jumps = [Flags::U0, Flags::U5];
            let control = self.flags.has(Flags::CTL) && jumps.iter().any(|u| self.flags.has(*u));
            control.then(|| self.k[2])
        }
    }

    /// Replaces the code index that it may go to. False if it has none.
    pub fn set_target(&mut self, index: u32) -> bool {
        let Some(_) = self.target() else { return false };
        if self.flags.has(Flags::BR) {
            self.c = Fr::from(index);
        } else {
            self.k[2] = Fr::from(index);
        }
        true
    }

    /// Slot A on a register of the frame.
    #[must_use]
    pub(crate) fn slot_a(mut self, register: u32) -> Self {
        self.flags = self.flags.with(Flags::SA);
        self.a = register;
        self
    }

    /// Slot B.
    #[must_use]
    pub(crate) fn slot_b(mut self, operand: Operand) -> Self {
        let (flags, offset) = match operand {
            Operand::Reg(register) => (Flags::SB, register),
            Operand::Abs(address) => (Flags::SB.with(Flags::GB), address),
        };
        self.flags = self.flags.with(flags);
        self.b = Fr::from(offset);
        self
    }

    /// Slot C.
    #[must_use]
    pub(crate) fn slot_c(mut self, operand: Operand) -> Self {
        let (flags, offset) = match operand {
            Operand::Reg(register) => (Flags::SC, register),
            Operand::Abs(address) => (Flags::SC.with(Flags::GC), address),
        };
        self.flags = self.flags.with(flags);
        self.c = Fr::from(offset);
        self
    }

    /// Sends the result of an operation that cannot branch, as [`Instr::send`].
    pub(crate) fn put(self, x: Option<Operand>, y: Option<Operand>, dest: Dest) -> Asm {
        match dest {
            Dest::Branch(_) | Dest::Tee(..) => Err(AsmError::Branch),
            Dest::Put(_) | Dest::Drop => self.send(x, y, dest),
        }
    }

    /// Sends the result of a row whose slots A and B are `x` and `y`.
    pub(crate) fn send(mut self, x: Option<Operand>, y: Option<Operand>, dest: Dest) -> Asm {
        match dest {
            Dest::Put(to) if x == Some(to) => self.flags = self.flags.with(Flags::DA),
            Dest::Put(to) if y == Some(to) => return Err(AsmError::Same(to)),
            Dest::Put(to) => return Ok(self.slot_c(to)),
            Dest::Branch(target) => {
                self.flags = self.flags.with(Flags::BR);
                self.c = Fr::from(target);
            }
            Dest::Tee(register, target) => {
                if x != Some(Operand::Reg(register)) {
                    return Err(AsmError::Tee(register));
                }
                self.flags = self.flags.with(Flags::DA).with(Flags::BR);
                self.c = Fr::from(target);
            }
            Dest::Drop => {}
        }
        Ok(self)
    }
}

/// Slots A and B as they are named, and the result.
pub(crate) fn ordered(flags: Flags, x: Option<Operand>, y: Option<Operand>, dest: Dest, k: [Fr; 8]) -> Asm {
    let mut row = Instr::new(flags).with_k(k);
    match x {
        Some(Operand::Reg(register)) => row = row.slot_a(register),
        Some(absolute) => return Err(AsmError::Absolute(absolute)),
        None => {}
    }
    if let Some(y) = y {
        if x == Some(y) {
            return Err(AsmError::Same(y));
        }
        row = row.slot_b(y);
    }
    row.send(x, y, dest)
}

/// Whether operands should be exchanged: slot A must be a register of the frame, and a result in place must be slot A.
pub(crate) fn exchanged(x: Option<Operand>, y: Option<Operand>, dest: Dest) -> bool {
    let register = |operand: Option<Operand>| matches!(operand, Some(Operand::Reg(_)));
    let target = match dest {
        Dest::Put(to) => Some(to),
        Dest::Tee(to, _) => Some(Operand::Reg(to)),
        Dest::Branch(_) | Dest::Drop => None,
    };
    let in_place = target.is_some() && y == target && register(y);
    let absolute = matches!(x, Some(Operand::Abs(_))) && !matches!(y, Some(Operand::Abs(_)));
    in_place || absolute
}

/// A row that is a form `k0 x y + k1 x + k2 y + k3` of its operands: they may be exchanged, and equal ones merged.
fn form(flags: Flags, x: Option<Operand>, y: Option<Operand>, dest: Dest, mut k: [Fr; 8]) -> Asm {
    let (mut x, mut y) = (x, y);
    if let (Some(both), true) = (x, x == y) {
        if k[0] != Fr::ZERO {
            return Err(AsmError::Same(both));
        }
        (k[1], k[2], y) = (k[1] + k[2], Fr::ZERO, None);
    }
    if exchanged(x, y, dest) {
        core::mem::swap(&mut x, &mut y);
        k.swap(1, 2);
    }
    ordered(flags, x, y, dest, k)
}

/// ARITH: `k0 x y + k1 x + k2 y + k3 = lo + hi 2^64`, and the result is `(k4 lo + k5 hi + k6) / k7`.
///
/// With `k7 = 0` and no destination the row demands `k4 lo + k5 hi + k6 = 0`.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn arith(dest: impl Into<Dest>, x: Option<Operand>, y: Option<Operand>, k: [Fr; 8]) -> Asm {
    form(Flags::ARITH, x, y, dest.into(), k)
}

/// FARITH: the result is `k0 x y + k1 x + k2 y + k3` in the field.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn farith(dest: impl Into<Dest>, x: Option<Operand>, y: Option<Operand>, k: [Fr; 4]) -> Asm {
    let [k0, k1, k2, k3] = k;
    let k = coefficients([(0, k0), (1, k1), (2, k2), (3, k3)]);
    form(Flags::FARITH, x, y, dest.into(), k)
}

/// EQ: the result is `k4 e + k6` where e says that `k1 x + k2 y + k3` is zero in the field; `k` is `[k1, k2, k3, k4, k6]`.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn compare(dest: impl Into<Dest>, x: Option<Operand>, y: Option<Operand>, k: [Fr; 5]) -> Asm {
    let [k1, k2, k3, k4, k6] = k;
    let k = coefficients([(1, k1), (2, k2), (3, k3), (4, k4), (6, k6)]);
    form(Flags::CMP.with(Flags::U0), x, y, dest.into(), k)
}
