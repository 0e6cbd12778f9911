//! What goes wrong.

use crate::code::Tag;
use crate::ops::Malformed;
use core::fmt;
use playfair_types::crypto::field::Fr;

/// Why a program cannot run. Indices are code indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramError {
    /// A row is no instruction.
    Malformed(u32, Malformed),
    /// The row after this one must be its second row.
    SecondRow(u32),
    /// There are fewer rows than the fixed ones (END, EXIT, STUCK, START), or more than 2^32.
    Length(usize),
    /// Two rows of the auxiliary table have this tag and key, which must be unique.
    Duplicate(Tag, u64),
    /// A row of the auxiliary table has a tag that every program shares, or values that the tag does not take.
    Row(Tag, u64),
    /// The image lacks a word of a range that the MEM row names, or has one outside, at this key.
    Image(u64),
    /// The TRAP entry for this row is unreadable, stands at no row, or behind a row that speaks of its next one (EXIT cannot stand there).
    Trap(u64),
    /// The TRAP entry says that the row charges this gas, but the row charges another.
    Gas(u32, u32),
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(index, why) => write!(f, "row {index}: {why}"),
            Self::SecondRow(index) => write!(f, "row {index}: its second row does not follow"),
            Self::Length(rows) => write!(f, "{rows} rows are no program"),
            Self::Duplicate(tag, key) => write!(f, "the table has two rows {tag:?} {key}"),
            Self::Row(tag, key) => write!(f, "the table's row {tag:?} {key} is not one of a program"),
            Self::Image(key) => write!(f, "the image's range and its words differ at key {key}"),
            Self::Trap(key) => write!(
                f,
                "the TRAP entry {key} is unreadable, or at no row that EXIT can replace"
            ),
            Self::Gas(index, gas) => write!(f, "row {index}: TRAP says {gas} gas, the row does not"),
        }
    }
}

impl core::error::Error for ProgramError {}

/// Why a row has no witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// This operand (x, y, z or the found word) must be below 2^64, or below a narrower bound.
    NotWord(char, Fr),
    /// The value of ARITH is not in 0..2^128.
    Wide(Fr),
    /// ARITH without k7 demands what is not so.
    Demand,
    /// A branch on something other than 0 and 1.
    NotBoolean(Fr),
    /// Code index 3: the program refuses.
    Stuck,
    /// The run is longer than allowed.
    StepLimit,
    /// No row is at this code index, or it is MEM's.
    NoCode(u64),
    /// A word access at this byte address, which is no multiple of 8.
    Unaligned(u64),
    /// An access of this byte address and width spans two words.
    Straddle(u64, u32),
    /// An access of the run's memory at this byte address exceeds the limit, and no TRAP entry says so.
    Bounds(u64, u32),
    /// Two slots name this address.
    Clash(u64),
    /// No cell has this address.
    Address(Fr),
    /// A frame reaches beyond the registers.
    Frame(u64),
    /// The auxiliary table has no such row.
    NoRow(Tag, Fr),
    /// Division by zero, and no TRAP entry says so.
    DivideByZero,
    /// More frame slots than allowed, or more given back than taken.
    Slots(i64),
    /// A price exceeds the gas that is left, and no TRAP entry says so; or gas beyond 2^63.
    Gas(i64),
    /// Microcode needs a state that the row before did not leave, or this row's limbs are taken by the state that it left.
    State,
    /// A point is not on the curve, or a scalar has more bits than the loop takes.
    Curve,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWord(name, value) => write!(f, "{name} = {value} is too large"),
            Self::Wide(value) => write!(f, "the value {value} is not below 2^128"),
            Self::Demand => write!(f, "a demanded equation does not hold"),
            Self::NotBoolean(value) => write!(f, "a branch on {value}"),
            Self::Stuck => write!(f, "the program refuses (STUCK)"),
            Self::StepLimit => write!(f, "the run is longer than allowed"),
            Self::NoCode(index) => write!(f, "no code at index {index}"),
            Self::Unaligned(address) => write!(f, "word access at {address:#x}, which is not aligned"),
            Self::Straddle(address, width) => {
                write!(f, "access of {width} bytes at {address:#x} spans two words")
            }
            Self::Bounds(address, limit) => {
                write!(f, "access at {address:#x} beyond {limit:#x} without TRAP entry")
            }
            Self::Clash(address) => write!(f, "two slots name address {address:#x}"),
            Self::Address(address) => write!(f, "no cell has address {address}"),
            Self::Frame(address) => write!(f, "register {address} is beyond the frames"),
            Self::NoRow(tag, key) => write!(f, "the table has no row {tag:?} {key}"),
            Self::DivideByZero => write!(f, "division by zero without TRAP entry"),
            Self::Slots(slots) => write!(f, "{slots} frame slots"),
            Self::Gas(gas) => write!(f, "{gas} gas would be left, and no TRAP entry says so"),
            Self::State => write!(f, "microcode's state is not there, or in the way"),
            Self::Curve => write!(f, "no point of the curve, or scalars too long"),
        }
    }
}

/// A row that has no witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number, counted from START.
    pub step: u32,
    /// Its code index.
    pub pc: u32,
    /// Its frame pointer.
    pub fp: u32,
    /// Name of its operation.
    pub name: &'static str,
    /// Why.
    pub reason: Reason,
    /// Code indices of the calls that are open, the innermost first; at most 32.
    pub calls: Vec<u32>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            step,
            pc,
            fp,
            name,
            reason,
            calls,
        } = self;
        write!(
            f,
            "step {step}, code index {pc} ({name}), frame {fp}: {reason}; called from {calls:?}"
        )
    }
}

impl core::error::Error for Fault {}
