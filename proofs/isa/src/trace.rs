//! What the interpreter leaves for the circuit: one [`Step`] per executed row, and the memory that was touched.

use ark_ff::{BigInt, PrimeField};
use playfair_types::crypto::field::Fr;

/// The content of a cell: a field element, kept as an integer if it is below 2^64. Most are, and the circuit
/// wants their limbs, so that neither side converts without need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Below 2^64.
    Word(u64),
    /// Any other field element: its canonical integer is 2^64 or more.
    Field(Fr),
}

impl Value {
    /// Zero.
    pub const ZERO: Self = Self::Word(0);

    /// The field element.
    #[must_use]
    pub fn fr(self) -> Fr {
        match self {
            Self::Word(word) => Fr::from(word),
            Self::Field(fr) => fr,
        }
    }

    /// The integer, if below 2^64.
    #[must_use]
    pub const fn word(self) -> Option<u64> {
        match self {
            Self::Word(word) => Some(word),
            Self::Field(_) => None,
        }
    }
}

impl Default for Value {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<u64> for Value {
    fn from(word: u64) -> Self {
        Self::Word(word)
    }
}

impl From<Fr> for Value {
    fn from(fr: Fr) -> Self {
        match fr.into_bigint() {
            BigInt([word, 0, 0, 0]) => Self::Word(word),
            _ => Self::Field(fr),
        }
    }
}

/// One access of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Address of the cell.
    pub address: u64,
    /// Step of the last access; `None` if this is the first of the segment (its MEM row is meant).
    pub last: Option<u32>,
    /// Value found.
    pub old: Value,
    /// Value left.
    pub new: Value,
}

/// One executed row, in order of time. MEM and END rows are not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Code index that was due.
    pub pc: u32,
    /// Code index that ran: `pc`, or that of EXIT.
    pub pcl: u32,
    /// Frame pointer before the row.
    pub fp: u32,
    /// Frame slots before the row.
    pub slots: u32,
    /// Gas before the row; negative only in runs that have no proof.
    pub gas: i64,
    /// Base address of the run's memory before the row.
    pub ctx: u64,
    /// Its size in bytes before the row.
    pub lim: u32,
    /// Slot A, if on.
    pub a: Option<Access>,
    /// Slot B, if on.
    pub b: Option<Access>,
    /// Slot C, if on.
    pub c: Option<Access>,
    /// The cell `nc`, also called `res`: the row's result, whether or not it is stored, or what is left in slot C.
    pub result: Value,
    /// State of microcode that the row before left in this row's limbs (Poseidon's X, the curve's C0..C8; limbs that it did not
    /// leave are zero). Also in the first CIN, where it is all zero; none in other rows.
    pub micro: Option<Box<[Fr; 9]>>,
}

/// A cell of memory that the segment touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Address; the list is strictly increasing.
    pub address: u64,
    /// Initial value.
    pub initial: Value,
    /// Value at the end.
    pub last_value: Value,
    /// Step of the last access.
    pub last: u32,
    /// Whether the initial value is a word of an image.
    pub image: bool,
}

/// A run of a program from boot to END.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Rows between MEM rows and END rows.
    pub steps: Vec<Step>,
    /// Memory, by address.
    pub touched: Vec<Touched>,
}
