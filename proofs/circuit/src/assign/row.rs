//! One row under construction, and what it uses of the tables.

use super::{Assigner, CODE};
use crate::air::Column;
use crate::columns::Limbs;
use crate::op::Op;
use ark_ff::AdditiveGroup;
use playfair_types::crypto::field::Fr;

/// The place of an advice column.
pub(super) fn index(column: Column) -> usize {
    match column {
        Column::Advice(i) | Column::Fixed(i) => usize::from(i),
        Column::Instance => 0,
    }
}

/// Rows of tables that were used, once per use.
#[derive(Default)]
pub(super) struct Hits {
    pub(super) code: Vec<u32>,
    pub(super) aux: Vec<u32>,
    pub(super) row: Vec<u32>,
}

/// The advice cells of a row.
pub(super) struct Row {
    cells: Vec<Fr>,
}

impl Row {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            cells: vec![Fr::ZERO; columns],
        }
    }

    pub(super) fn clear(&mut self) {
        self.cells.fill(Fr::ZERO);
    }

    pub(super) fn set(&mut self, column: Column, value: Fr) {
        self.cells[index(column)] = value;
    }

    pub(super) fn write(&self, columns: &mut [&mut [Fr]], row: usize) {
        for (column, value) in columns.iter_mut().zip(&self.cells) {
            column[row] = *value;
        }
    }
}

/// Limbs of a row as integers.
pub(super) type Ints = [u64; 2 * Limbs::S.count];

/// Cuts a word into limbs.
pub(super) fn cut(word: u64, limbs: &mut [u64]) {
    let Limbs { bits, .. } = Limbs::S;
    let mut rest = word;
    let last = limbs.len() - 1;
    for (i, limb) in limbs.iter_mut().enumerate() {
        *limb = if i == last { rest } else { rest & ((1 << bits) - 1) };
        rest >>= bits;
    }
}

impl Assigner<'_> {
    /// The cells that the code table gives.
    pub(super) fn code_row(&self, pcl: u32, row: &mut Row, hits: &mut Hits) {
        let c = self.c;
        hits.code.push(pcl);
        row.set(c.pcl, self.number(u64::from(pcl)));
        let columns = c.flags.iter().chain([&c.b, &c.c]).chain(&c.k).chain([&c.g]);
        let cells: &[Fr; CODE] = &self.code[pcl as usize];
        for (column, value) in columns.zip(cells) {
            row.set(*column, *value);
        }
    }

    /// Writes one group of limbs and counts its look-ups. `None` if one is out of range.
    pub(super) fn limbs(
        &self,
        op: Op,
        group: usize,
        ints: &Ints,
        row: &mut Row,
        hits: &mut Hits,
    ) -> Option<()> {
        let starts = self.tables.starts();
        let count = Limbs::S.count;
        for (i, int) in ints.iter().enumerate().skip(group * count).take(count) {
            let (start, bits) = if i < 9 && matches!(op, Op::LoadB | Op::StoreB | Op::LoadP | Op::StoreP) {
                (starts.byte, 8)
            } else if i % count == count - 1 {
                (starts.top, Limbs::S.top)
            } else {
                (starts.limb, Limbs::S.bits)
            };
            if int >> bits != 0 {
                return None;
            }
            hits.aux.push(start + *int as u32);
            row.set(self.c.limb[i], self.number(*int));
        }
        Some(())
    }
}
