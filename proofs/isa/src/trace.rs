//! What the interpreter leaves for the circuit: one [`Step`] per executed row, and the memory that was touched.

use playfair_types::crypto::field::Fr;

/// One access of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Address of the cell.
    pub address: u64,
    /// Step of the last access; `None` if this is the first of the segment (its MEM row is meant).
    pub last: Option<u32>,
    /// Value found.
    pub old: Fr,
    /// Value left.
    pub new: Fr,
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
    /// The row's result: `res`, whether or not it is stored.
    pub result: Fr,
    /// State of microcode before the row (Poseidon's X, the curve's C0..C8); none in other rows.
    pub micro: Option<Box<[Fr; 9]>>,
}

/// A cell of memory that the segment touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Address; the list is strictly increasing.
    pub address: u64,
    /// Initial value.
    pub initial: Fr,
    /// Value at the end.
    pub last_value: Fr,
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
