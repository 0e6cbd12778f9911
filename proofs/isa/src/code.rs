//! Instructions of the register machine, as the code table holds them (docs/CIRCUIT.md).

use playfair_types::crypto::field::Fr;

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal,)*) => {
        /// Flags of an instruction: booleans that select constraints.
        impl Flags {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*
            /// Names in order of bits.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];
        }
    };
}

/// A set of flags; bit i is the i-th flag column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u64);

flags! {
    /// Slot A is on.
    SA = 0,
    /// Slot B is on.
    SB = 1,
    /// Slot C is on.
    SC = 2,
    /// The result goes to slot A's register.
    DA = 3,
    /// Slot B is an absolute register.
    GB = 4,
    /// Slot C is an absolute register.
    GC = 5,
    /// Branch by the result.
    BR = 6,
    /// Memory of the module's run, not the kernel's.
    M = 7,
    /// Integer arithmetic with two words of result.
    ARITH = 8,
    /// Field arithmetic.
    FARITH = 9,
    /// Primary flag of calls and jumps.
    CTL = 10,
    /// Primary flag of gas, hints and tables.
    SYS = 11,
    /// Primary flag of memory and of the curve's ends.
    MEMF = 12,
    /// Primary flag of comparison, choice, logic, division.
    CMP = 13,
    /// Secondary flag 0.
    U0 = 14,
    /// Secondary flag 1.
    U1 = 15,
    /// Secondary flag 2.
    U2 = 16,
    /// Secondary flag 3.
    U3 = 17,
    /// Secondary flag 4.
    U4 = 18,
    /// Secondary flag 5.
    U5 = 19,
    /// Full round, t = 6.
    P6F = 20,
    /// Ten partial rounds, t = 6.
    P6P = 21,
    /// Full round, t = 3.
    P3F = 22,
    /// Ten partial rounds, t = 3.
    P3P = 23,
    /// Seven partial rounds, t = 3.
    P3S = 24,
    /// One bit of double and add.
    CURVE = 25,
    /// Initial memory.
    MEM = 26,
}

impl Flags {
    /// Number of flags.
    pub const COUNT: usize = 27;

    /// Both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` are set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// One row of the code table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instr {
    /// What it does.
    pub flags: Flags,
    /// Register of slot A, relative to the frame pointer; 0 if the slot is off.
    pub a: u32,
    /// Register of slot B (absolute with [`Flags::GB`]), or a constant.
    pub b: Fr,
    /// Register of slot C, branch target, or a constant.
    pub c: Fr,
    /// Constants.
    pub k: [Fr; 8],
    /// Gas that the row charges before it runs.
    pub gas: u32,
    /// For hints: which one. Not part of the proof.
    pub hint: u32,
}

/// Code indices that are the same in every program.
pub mod at {
    /// Initial memory.
    pub const MEM: u32 = 0;
    /// The end, which loops.
    pub const END: u32 = 1;
    /// The exit from a module's run.
    pub const EXIT: u32 = 2;
    /// Where no proof comes from.
    pub const STUCK: u32 = 3;
    /// Where execution starts after initial memory.
    pub const START: u32 = 4;
    /// The kernel's own way back to an empty stack.
    pub const RESET: u32 = 5;
}

/// Addresses of memory cells.
pub mod address {
    /// Absolute registers start here; frames lie below.
    pub const ABSOLUTE: u64 = 1 << 14;
    /// EXIT stands only in frames below this, so that what comes after it stays below the absolute registers.
    pub const EXIT_FRAMES: u64 = 3 << 12;
    /// What EXIT writes: pc 2^16 + fp.
    pub const XPC: u64 = ABSOLUTE;
    /// x of the curve's result.
    pub const CX: u64 = ABSOLUTE + 1;
    /// y of the curve's result.
    pub const CY: u64 = ABSOLUTE + 2;
    /// First absolute register for globals of kernel and module.
    pub const GLOBALS: u64 = ABSOLUTE + 8;
    /// First word of kernel memory.
    pub const KERNEL: u64 = 1 << 22;
    /// Distance between the memories of two runs.
    pub const RUN: u64 = 1 << 31;
}

/// Tags of the auxiliary table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum Tag {
    /// key below 2^12 (the limb size of the shape).
    Limb = 8,
    /// key below 2^8.
    Byte = 9,
    /// key below 2^4 (the top limb of the shape).
    Top = 10,
    /// v2 = key & v1.
    And = 11,
    /// v1 = 2^key mod 2^64, v2 = 2^(64-key).
    Pow = 12,
    /// Initial memory: v1 = word at key.
    Image = 13,
    /// Indirect calls: v1 = code index, v2 = type.
    Table = 14,
    /// What may end a run at code index key.
    Trap = 15,
    /// Public input key.
    Public = 16,
}

impl Tag {
    /// Every tag.
    pub const ALL: [Self; 9] = [
        Self::Limb,
        Self::Byte,
        Self::Top,
        Self::And,
        Self::Pow,
        Self::Image,
        Self::Table,
        Self::Trap,
        Self::Public,
    ];
}

/// One row of the auxiliary table that depends on the program (the others are the same everywhere).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuxRow {
    /// Which part.
    pub tag: Tag,
    /// Key.
    pub key: u64,
    /// First value.
    pub v1: Fr,
    /// Second value.
    pub v2: Fr,
}

/// A linked program: what the fixed columns of a verifying key hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The code table; the index is the code index.
    pub code: Vec<Instr>,
    /// Image, table and trap rows of the auxiliary table.
    pub aux: Vec<AuxRow>,
}
