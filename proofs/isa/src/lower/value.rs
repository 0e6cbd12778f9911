//! Values on the symbolic operand stack, and what is known of them.

use crate::asm::Operand;

/// What is known of a value without running the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// It is below 2^bits. More than 64: it may be any field element.
    pub(crate) bits: u32,
    /// It is a multiple of 2^zeros.
    pub(crate) zeros: u32,
}

impl Known {
    pub(crate) const FIELD: Self = Self::bits(255);
    pub(crate) const BOOL: Self = Self::bits(1);
    pub(crate) const WORD32: Self = Self::bits(32);
    pub(crate) const WORD64: Self = Self::bits(64);

    pub(crate) const fn bits(bits: u32) -> Self {
        Self { bits, zeros: 0 }
    }

    /// A word of 32 or 64 bits.
    pub(crate) const fn word(wide: bool) -> Self {
        if wide { Self::WORD64 } else { Self::WORD32 }
    }

    pub(crate) const fn of(value: u64) -> Self {
        Self {
            bits: 64 - value.leading_zeros(),
            zeros: value.trailing_zeros(),
        }
    }

    /// The greatest value, if it is a word.
    pub(crate) const fn max(self) -> u64 {
        if self.bits >= 64 {
            u64::MAX
        } else {
            (1 << self.bits) - 1
        }
    }

    /// What holds for two alternatives.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            bits: self.bits.max(other.bits),
            zeros: self.zeros.min(other.zeros),
        }
    }
}

/// Where the register of a pending linear form is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A local.
    Local(u32),
    /// The operand's own slot.
    Own,
}

/// A value on the operand stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A constant; of 32 bits, its zero extension.
    Const(u64),
    /// What a local holds.
    Local(u32),
    /// What an absolute register holds.
    Abs(u32, Known),
    /// What the slot of its position holds.
    Slot(Known),
    /// What register 0 holds; only just before a return.
    First,
    /// `factor source + add` modulo 2^64 or 2^32, still to be computed.
    Linear {
        source: Source,
        factor: i128,
        add: u64,
        wide: bool,
        known: Known,
    },
}

/// A value that an instruction takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arg {
    Const(u64),
    Reg(Operand, Known),
}

impl Arg {
    pub(crate) fn known(self) -> Known {
        match self {
            Self::Const(value) => Known::of(value),
            Self::Reg(_, known) => known,
        }
    }

    pub(crate) fn constant(self) -> Option<u64> {
        match self {
            Self::Const(value) => Some(value),
            Self::Reg(..) => None,
        }
    }
}

/// `factor register + add`, of which either may be absent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    pub(crate) register: Option<(Operand, Known, i128)>,
    pub(crate) add: u64,
}

/// A factor modulo 2^width with the least absolute value.
pub(crate) fn balanced(factor: i128, wide: bool) -> i128 {
    let modulus = 1i128 << if wide { 64 } else { 32 };
    let factor = factor.rem_euclid(modulus);
    if factor > modulus / 2 {
        factor - modulus
    } else {
        factor
    }
}

/// A constant modulo 2^width.
pub(crate) fn cut(value: u64, wide: bool) -> u64 {
    if wide { value } else { value & 0xffff_ffff }
}
