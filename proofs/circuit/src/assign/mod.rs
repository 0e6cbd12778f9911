//! The witness: from a trace to the advice columns.
//!
//! MEM rows come first, then one row per step, then END rows to the end of the table. Rows are computed independently of each
//! other, many at a time: what a row needs of its neighbours (state of microcode, the second row of DIV) is
//! computed from the neighbour's step. Multiplicities follow from lists that the rows leave.

mod entries;
mod micro;
mod row;
mod step;

pub use entries::EntryError;

use crate::columns::Columns;
use crate::lanes::{Machine, Partial};
use crate::op::Op;
use crate::tables::Tables;
use ark_ff::AdditiveGroup;
use entries::Entries;
use playfair_proofs_isa::code::{Flags, Program, at};
use playfair_proofs_isa::trace::{Step, Trace};
use playfair_types::crypto::field::Fr;
use rayon::prelude::*;
use row::{Hits, Row};
use std::fmt;

/// Rows that one task takes: enough to share an inversion.
const ROWS_PER_TASK: usize = 256;

/// Why a trace has no witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignError {
    /// It has more rows than the shape; take a larger one or prove less at once.
    Rows {
        /// Rows needed, one END row included.
        rows: usize,
        /// Usable rows.
        usable: usize,
    },
    /// The list of touched memory has no witness.
    Memory(EntryError),
    /// A step does not fit its instruction: a value is out of its range, or no table has it.
    Step(usize),
    /// More public inputs than the table has keys for.
    Public,
}

impl fmt::Display for AssignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows { rows, usable } => {
                write!(
                    f,
                    "the trace needs {rows} rows but the shape has {usable}; take a larger shape or fewer records"
                )
            }
            Self::Memory(error) => error.fmt(f),
            Self::Step(step) => write!(
                f,
                "step {step} does what its instruction cannot do; the trace is not of this program"
            ),
            Self::Public => f.write_str("more public inputs than a segment has"),
        }
    }
}

impl std::error::Error for AssignError {}

/// What a witness is made from.
struct Assigner<'a> {
    c: &'a Columns,
    tables: &'a Tables,
    trace: &'a Trace,
    public: &'a [Fr],
    entries: Entries,
    /// Columns of the code table as advice, by code index: flags, b, c, k0..k7, g.
    code: Vec<[Fr; CODE]>,
    /// Small integers.
    small: Vec<Fr>,
    /// Linear forms of ten partial rounds, of width 6 and 3.
    partial: [Partial; 2],
    /// Those of seven, of width 3.
    seven: Partial,
}

/// Advice columns that copy the code table.
const CODE: usize = Flags::COUNT + 11;

/// The advice columns of a run, usable rows only.
///
/// # Errors
/// When the trace does not fit the shape, or is not of this program. A trace that breaks a rule in another way yields a witness that
/// breaks a constraint.
pub fn assign(
    machine: &Machine,
    tables: &Tables,
    trace: &Trace,
    public: &[Fr],
) -> Result<Vec<Vec<Fr>>, AssignError> {
    if public.len() > crate::tables::PUBLIC_INPUTS {
        return Err(AssignError::Public);
    }
    let entries = Entries::new(&trace.touched, &tables.code()[0].k).map_err(AssignError::Memory)?;
    let usable = tables.shape().usable;
    let rows = entries.rows() + trace.steps.len() + 1;
    if rows > usable || trace.steps.is_empty() {
        return Err(AssignError::Rows { rows, usable });
    }
    let unknown = |step: &Step| step.pcl as usize >= tables.code_rows();
    if let Some(step) = trace.steps.iter().position(unknown) {
        return Err(AssignError::Step(step));
    }
    let assigner = Assigner {
        c: &machine.columns,
        tables,
        trace,
        public,
        entries,
        code: tables.code().iter().map(code_cells).collect(),
        small: (0..4096_u64).map(Fr::from).collect(),
        partial: [Partial::new(6, 10), Partial::new(3, 10)],
        seven: Partial::new(3, 7),
    };
    assigner.run(machine.air.advice().len(), usable)
}

/// How many rows of the table a trace takes, those of its memory included, without the END row that must follow.
///
/// # Errors
/// [`AssignError::Memory`] when the list of touched memory has no witness.
pub fn rows(program: &Program, trace: &Trace) -> Result<usize, AssignError> {
    let mem = program.code.first().map(|row| row.k).unwrap_or_default();
    let entries = Entries::new(&trace.touched, &mem).map_err(AssignError::Memory)?;
    Ok(entries.rows() + trace.steps.len())
}

fn code_cells(instr: &playfair_proofs_isa::code::Instr) -> [Fr; CODE] {
    let mut cells = [Fr::ZERO; CODE];
    for (i, cell) in cells.iter_mut().take(Flags::COUNT).enumerate() {
        *cell = Fr::from(instr.flags.0 >> i & 1);
    }
    let rest = [instr.b, instr.c]
        .into_iter()
        .chain(instr.k)
        .chain([Fr::from(instr.gas)]);
    for (cell, value) in cells[Flags::COUNT..].iter_mut().zip(rest) {
        *cell = value;
    }
    cells
}

impl Assigner<'_> {
    fn run(&self, columns: usize, usable: usize) -> Result<Vec<Vec<Fr>>, AssignError> {
        let mut advice = vec![vec![Fr::ZERO; usable]; columns];
        let mut tasks: Vec<Vec<&mut [Fr]>> = Vec::new();
        tasks.resize_with(usable.div_ceil(ROWS_PER_TASK), || Vec::with_capacity(columns));
        for column in &mut advice {
            for (task, cells) in tasks.iter_mut().zip(column.chunks_mut(ROWS_PER_TASK)) {
                task.push(cells);
            }
        }
        let hits: Vec<Hits> = tasks
            .into_par_iter()
            .enumerate()
            .map(|(task, mut cells)| self.task(task * ROWS_PER_TASK, &mut cells))
            .collect::<Result<_, _>>()?;
        let mut counts = [vec![0_u64; usable], vec![0; usable], vec![0; usable]];
        for hits in &hits {
            for (counts, hits) in counts.iter_mut().zip([&hits.code, &hits.aux, &hits.row]) {
                for row in hits {
                    counts[*row as usize] += 1;
                }
            }
        }
        for (column, counts) in [self.c.m_code, self.c.m_aux, self.c.m_row]
            .into_iter()
            .zip(counts)
        {
            advice[row::index(column)] = counts.into_iter().map(|count| self.number(count)).collect();
        }
        Ok(advice)
    }

    /// Fills the rows from `first` on.
    fn task(&self, first: usize, cells: &mut [&mut [Fr]]) -> Result<Hits, AssignError> {
        let rows = cells.first().map_or(0, |column| column.len());
        let mut inverses = Vec::new();
        let steps = self.entries.rows()..self.entries.rows() + self.trace.steps.len();
        for row in (first..first + rows).filter(|row| steps.contains(row)) {
            self.denominators(row - steps.start, &mut inverses);
        }
        ark_ff::batch_inversion(&mut inverses);
        let mut inverses = inverses.into_iter();
        let mut hits = Hits::default();
        let mut row = Row::new(cells.len());
        for offset in 0..rows {
            let number = first + offset;
            row.clear();
            if number < steps.start {
                self.entry_row(number, &mut row, &mut hits)?;
            } else if number < steps.end {
                let step = number - steps.start;
                self.step_row(step, &mut row, &mut hits, &mut inverses)
                    .ok_or(AssignError::Step(step))?;
            } else {
                self.end_row(&mut row, &mut hits);
            }
            row.write(cells, offset);
        }
        Ok(hits)
    }

    /// A field element, without multiplication if it is small.
    fn number(&self, value: u64) -> Fr {
        self.small
            .get(value as usize)
            .copied()
            .unwrap_or_else(|| Fr::from(value))
    }

    fn op(&self, step: usize) -> Op {
        self.tables.ops()[self.trace.steps[step].pcl as usize]
    }

    /// The END row and the state that the last step leaves.
    fn end_row(&self, row: &mut Row, hits: &mut Hits) {
        let c = self.c;
        let last = self.trace.steps.len() - 1;
        let [fp, sl, gas, ctx, lim] = self.state_after(last);
        self.code_row(at::END, row, hits);
        row.set(c.pc, self.number(u64::from(at::END)));
        for (column, value) in [(c.fp, fp), (c.sl, sl), (c.gas, gas), (c.ctx, ctx), (c.lim, lim)] {
            row.set(column, value);
        }
        row.set(c.slot_a.address, fp);
        row.set(c.slot_c.new, Fr::from(1_u64));
    }
}
