//! The fixed columns of a program: code table and auxiliary table.
//!
//! Auxiliary table, from row 0: the public inputs' keys (their values are the instance column's, on the same rows), 12-bit numbers,
//! bytes, 4-bit numbers, AND of six bits, powers of two, then what the program adds. Rows after the code repeat STUCK, at a price.

use crate::columns::{Limbs, SECOND, Shape};
use crate::lint::{self, ProgramError};
use crate::op::Op;
use ark_ff::AdditiveGroup;
use playfair_proofs_isa::code::{Instr, Program, Tag, at};
use playfair_types::crypto::field::Fr;
use playfair_types::segment::SEGMENT_FIELDS;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Public inputs of a segment.
pub const PUBLIC_INPUTS: usize = SEGMENT_FIELDS;
/// Keys of the table of powers.
const POWERS: u64 = 128;

/// Why a program has no tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TablesError {
    /// The program breaks a rule.
    Program(ProgramError),
    /// The code has more rows than the shape; take a larger one.
    Code {
        /// Rows of code.
        rows: usize,
        /// Usable rows.
        usable: usize,
    },
    /// The auxiliary table has more rows than the shape; take a larger one.
    Aux {
        /// Rows of the table.
        rows: usize,
        /// Usable rows.
        usable: usize,
    },
}

impl fmt::Display for TablesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(error) => error.fmt(f),
            Self::Code { rows, usable } => {
                write!(
                    f,
                    "the code has {rows} rows but the shape only {usable}; take a larger shape"
                )
            }
            Self::Aux { rows, usable } => {
                write!(
                    f,
                    "the auxiliary table has {rows} rows but the shape only {usable}; take a larger shape"
                )
            }
        }
    }
}

impl std::error::Error for TablesError {}

impl From<ProgramError> for TablesError {
    fn from(error: ProgramError) -> Self {
        Self::Program(error)
    }
}

/// One row of the auxiliary table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AuxEntry {
    pub(crate) tag: Tag,
    pub(crate) v1: Fr,
    pub(crate) v2: Fr,
}

/// Where constant parts of the auxiliary table begin.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Starts {
    pub(crate) limb: u32,
    pub(crate) byte: u32,
    pub(crate) top: u32,
    pub(crate) and: u32,
}

/// A program laid out for a shape.
#[derive(Clone, Debug)]
pub struct Tables {
    shape: Shape,
    code: Vec<Instr>,
    ops: Vec<Op>,
    fixed: Arc<Vec<Vec<Fr>>>,
    starts: Starts,
    /// Rows by tag and key, of the tables that have unique keys.
    keys: HashMap<(u32, u64), u32>,
    aux: Vec<AuxEntry>,
}

impl Tables {
    /// Lays out a program.
    ///
    /// # Errors
    /// When the program breaks a rule of [`crate::lint`] or does not fit.
    pub fn new(program: &Program, shape: Shape) -> Result<Self, TablesError> {
        let ops = lint::check(program)?;
        let usable = shape.usable;
        let rows = program.code.len();
        if rows > usable {
            return Err(TablesError::Code { rows, usable });
        }
        let mut aux = AuxTable::default();
        let starts = aux.constant();
        for row in &program.aux {
            aux.push(row.tag, row.key, row.v1, row.v2);
        }
        let rows = aux.entries.len();
        if rows > usable {
            return Err(TablesError::Aux { rows, usable });
        }

        // Nothing jumps here. The price is there for the column's sake: a module may charge nowhere, and the commitment to a
        // column of zeros is the point at infinity, which no transcript takes.
        let stuck = &program.code[at::STUCK as usize].clone().with_gas(1);
        let padded = || (0..usable).map(|i| program.code.get(i).unwrap_or(stuck));
        let column = |cell: &dyn Fn(&Instr) -> Fr| padded().map(cell).collect::<Vec<_>>();
        let mut fixed = vec![
            (0..usable as u64).map(Fr::from).collect(),
            column(&|i| Fr::from(i.flags.0)),
            column(&|i| Fr::from(i.a)),
            column(&|i| i.b),
            column(&|i| i.c),
        ];
        for j in 0..8 {
            fixed.push(column(&|i| i.k[j]));
        }
        fixed.push(column(&|i| Fr::from(i.gas)));
        let AuxTable {
            entries,
            columns,
            keys,
        } = aux;
        fixed.extend(columns.map(|mut column| {
            column.resize(usable, Fr::ZERO);
            column
        }));
        Ok(Self {
            shape,
            code: program.code.clone(),
            ops,
            fixed: fixed.into(),
            starts,
            keys,
            aux: entries,
        })
    }

    /// The fixed columns, usable rows only, in the order of [`crate::columns::Columns::declare`].
    #[must_use]
    pub fn fixed(&self) -> &Arc<Vec<Vec<Fr>>> {
        &self.fixed
    }

    /// The shape it was laid out for.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// How many rows of the auxiliary table are taken.
    #[must_use]
    pub fn aux_rows(&self) -> usize {
        self.aux.len()
    }

    /// How many rows of the code table are taken.
    #[must_use]
    pub fn code_rows(&self) -> usize {
        self.code.len()
    }

    pub(crate) fn code(&self) -> &[Instr] {
        &self.code
    }

    pub(crate) fn ops(&self) -> &[Op] {
        &self.ops
    }

    pub(crate) fn starts(&self) -> Starts {
        self.starts
    }

    /// The row of a key, and its values.
    pub(crate) fn find(&self, tag: u64, key: u64) -> Option<(u32, AuxEntry)> {
        let row = *self.keys.get(&(u32::try_from(tag).ok()?, key))?;
        Some((row, self.aux[row as usize]))
    }
}

#[derive(Default)]
struct AuxTable {
    entries: Vec<AuxEntry>,
    columns: [Vec<Fr>; 4],
    keys: HashMap<(u32, u64), u32>,
}

impl AuxTable {
    fn push(&mut self, tag: Tag, key: u64, v1: Fr, v2: Fr) {
        let row = self.entries.len() as u32;
        self.keys.insert((tag as u32, key), row);
        self.row(tag, Fr::from(key), v1, v2);
    }

    /// A row that is not looked for by its key.
    fn row(&mut self, tag: Tag, key: Fr, v1: Fr, v2: Fr) {
        self.entries.push(AuxEntry { tag, v1, v2 });
        let cells = [Fr::from(tag as u32), key, v1, v2];
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
    }

    /// The parts that every program has.
    fn constant(&mut self) -> Starts {
        let zero = Fr::ZERO;
        for i in 0..PUBLIC_INPUTS as u64 {
            self.push(Tag::Public, i, zero, zero);
        }
        let mut starts = Starts::default();
        let limbs = Limbs::S;
        for (start, tag, bits) in [
            (&mut starts.limb, Tag::Limb, limbs.bits),
            (&mut starts.byte, Tag::Byte, 8),
            (&mut starts.top, Tag::Top, limbs.top),
        ] {
            *start = self.entries.len() as u32;
            (0..1 << bits).for_each(|i| self.push(tag, i, zero, zero));
        }
        starts.and = self.entries.len() as u32;
        for i in 0..64 * 64_u64 {
            let (x, y) = (i / 64, i % 64);
            let pair = Fr::from(u128::from(x) + SECOND * u128::from(y));
            self.row(Tag::And, pair, Fr::from(x & y), zero);
        }
        for i in 0..POWERS {
            let up = Fr::from(1_u64 << (i % 64));
            let down = if i <= 64 {
                Fr::from(1_u128 << (64 - i))
            } else {
                zero
            };
            self.push(Tag::Pow, i, up, down);
        }
        starts
    }
}
