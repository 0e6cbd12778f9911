//! Halves of words that are at hand: a wide logic operation splits its operands, and often the next one wants the same.
//!
//! What is remembered holds until a row writes one of the registers, a call, or a label. Pairs of halves lie above the operand
//! slots and scratch registers of the instruction.

use crate::asm::Operand;
use crate::code::{Flags, Instr};
use ark_ff::{BigInt, PrimeField};

/// Pairs that are kept.
const PAIRS: u32 = 8;

/// Scratch registers below the pairs.
const SCRATCH: u32 = 16;

/// A register and those of its halves.
#[derive(Clone, Copy)]
struct Split {
    of: u32,
    low: u32,
    high: u32,
}

/// What is remembered.
#[derive(Default)]
pub(crate) struct Halves {
    known: Vec<Split>,
    /// Pairs that the current instruction uses.
    pinned: Vec<u32>,
    base: u32,
    next: u32,
}

impl Halves {
    /// A function begins; pairs lie from here on.
    pub(crate) fn function(&mut self, base: u32) {
        self.forget();
        self.base = base;
    }

    /// An instruction begins, whose scratch registers start here. They and the slots of operands stay below the pairs.
    pub(crate) fn instruction(&mut self, scratch: u32) {
        self.pinned.clear();
        self.base = self.base.max(scratch + SCRATCH);
    }

    /// The first register from this one on that is no pair's.
    pub(crate) fn beside(&self, register: u32) -> u32 {
        if (self.base..self.base + 2 * PAIRS).contains(&register) {
            self.base + 2 * PAIRS
        } else {
            register
        }
    }

    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }

    /// The halves of a register.
    pub(crate) fn of(&mut self, operand: Operand) -> Option<(Operand, Operand)> {
        let Operand::Reg(register) = operand else {
            return None;
        };
        let split = self.known.iter().find(|split| split.of == register)?;
        let (low, high) = (split.low, split.high);
        self.pinned.extend([low, high]);
        Some((Operand::Reg(low), Operand::Reg(high)))
    }

    /// Registers for two halves. They stay as long as the instruction.
    pub(crate) fn pair(&mut self) -> (u32, u32) {
        loop {
            let low = self.base + 2 * self.next;
            self.next = (self.next + 1) % PAIRS;
            if !self.pinned.contains(&low) && !self.pinned.contains(&(low + 1)) {
                self.pinned.extend([low, low + 1]);
                return (low, low + 1);
            }
        }
    }

    /// The halves of a register are in two others.
    pub(crate) fn remember(&mut self, of: Operand, low: Operand, high: Operand) {
        if let (Operand::Reg(of), Operand::Reg(low), Operand::Reg(high)) = (of, low, high)
            && of != low
            && of != high
        {
            self.known.push(Split { of, low, high });
        }
    }

    /// A row was emitted.
    pub(crate) fn row(&mut self, row: &Instr) {
        if self.known.is_empty() {
            return;
        }
        if row.flags.has(Flags::CTL) {
            return self.forget();
        }
        let mut write = |register: u32| {
            self.known
                .retain(|split| split.of != register && split.low != register && split.high != register);
        };
        let has = |flag| row.flags.has(flag);
        if has(Flags::DA) || (has(Flags::CMP) && has(Flags::U1)) {
            write(row.a);
        }
        if has(Flags::SC) && !has(Flags::GC) {
            let BigInt([register, ..]) = row.c.into_bigint();
            write(register as u32);
        }
    }
}
