//! A function taken out of its unit: rows with what belongs to them, and labels.

use super::Mark;
use super::row::Row;
use crate::lower::rows::{Code, Label, Part, Reference, Target};
use crate::ops::Op;

/// A function's rows.
pub(super) struct Body {
    pub(super) rows: Vec<Row>,
    /// Rows of the labels that the function made, from the first of them.
    labels: Vec<Option<u32>>,
    first_label: usize,
    /// Whether a branch leads to a row, or the function begins there.
    entries: Vec<bool>,
    /// Rows of tables of jumps, which keep their places.
    tables: Vec<bool>,
    pub(super) results: u32,
}

impl Body {
    /// Takes what was written since `mark`. None if a row is of no operation.
    pub(super) fn take(code: &mut Code, mark: Mark, results: u32) -> Option<Self> {
        let start = mark.rows as u32;
        let mut rows = Vec::with_capacity(code.rows.len() - mark.rows);
        let mut follows = false;
        for instr in code.rows.drain(mark.rows..) {
            let row = Row {
                op: Op::of(&instr).ok()?,
                instr,
                target: None,
                trap: None,
                follows,
                kept: true,
            };
            follows = row.goes_on();
            rows.push(row);
        }
        for reference in code.references.drain(mark.references..) {
            let row = rows.get_mut((reference.row - start) as usize)?;
            row.target = Some((reference.part, reference.target));
        }
        for (row, trap) in code.traps.drain(mark.traps..) {
            rows.get_mut((row - start) as usize)?.trap = Some(trap);
        }
        let labels = code.labels.get(mark.labels..).unwrap_or_default();
        let labels = labels.iter().map(|row| row.map(|row| row - start)).collect();
        let mut body = Self {
            rows,
            labels,
            first_label: mark.labels,
            entries: Vec::new(),
            tables: Vec::new(),
            results,
        };
        body.find_entries();
        Some(body)
    }

    /// Puts it back.
    pub(super) fn give_back(self, code: &mut Code, mark: Mark) {
        let start = mark.rows as u32;
        for (place, row) in self.labels.iter().enumerate() {
            if let Some(label) = code.labels.get_mut(mark.labels + place) {
                *label = row.map(|row| row + start);
            }
        }
        for (place, row) in (start..).zip(self.rows) {
            if let Some((part, target)) = row.target {
                code.references.push(Reference {
                    row: place,
                    part,
                    target,
                });
            }
            if let Some(trap) = row.trap {
                code.traps.push((place, trap));
            }
            code.rows.push(row.instr);
        }
    }

    /// The row of a label of this function.
    pub(super) fn row_of(&self, label: Label) -> Option<usize> {
        let place = (label.0 as usize).checked_sub(self.first_label)?;
        self.labels.get(place).copied().flatten().map(|row| row as usize)
    }

    /// The row of this function that a row may go to; none also where it leaves the function.
    pub(super) fn target_of(&self, row: &Row) -> Option<usize> {
        match &row.target {
            Some((_, Target::Label(label))) if !matches!(row.op, Op::Call | Op::Calli) => self.row_of(*label),
            _ => None,
        }
    }

    pub(super) fn is_entry(&self, row: usize) -> bool {
        self.entries.get(row).copied().unwrap_or(true) || self.is_in_table(row)
    }

    pub(super) fn is_in_table(&self, row: usize) -> bool {
        self.tables.get(row).copied().unwrap_or(false)
    }

    fn find_entries(&mut self) {
        let mut entries = vec![false; self.rows.len()];
        let mut tables = vec![false; self.rows.len()];
        let mark = |row: usize, marks: &mut Vec<bool>| {
            if let Some(mark) = marks.get_mut(row) {
                *mark = true;
            }
        };
        mark(0, &mut entries);
        for row in &self.rows {
            if let Some(target) = self.target_of(row) {
                mark(target, &mut entries);
            }
        }
        for row in &self.rows {
            let Some((Part::Base, Target::Label(label))) = &row.target else {
                continue;
            };
            for place in self.table(*label, &entries) {
                mark(place, &mut tables);
            }
        }
        (self.entries, self.tables) = (entries, tables);
    }

    /// Rows of the table of jumps at a label: the first, and jumps after it that nothing else leads to.
    fn table(&self, label: Label, entries: &[bool]) -> core::ops::Range<usize> {
        let Some(start) = self.row_of(label) else {
            return 0..0;
        };
        let jumps = |place: usize| self.rows.get(place).is_some_and(|row| row.kept && row.jumps());
        let mut end = start;
        while jumps(end) && (end == start || !entries.get(end).copied().unwrap_or(true)) {
            end += 1;
        }
        start..end
    }

    /// Rows of the function that may come after a row. False if there may be others, of which nothing is known.
    pub(super) fn next_rows(&self, at: usize, mut each: impl FnMut(usize)) -> bool {
        let Some(row) = self.rows.get(at) else {
            return false;
        };
        if let Some((Part::Base, Target::Label(label))) = &row.target {
            self.table(*label, &self.entries).for_each(&mut each);
            return true;
        }
        let mut known = true;
        if row.branches() {
            match (self.target_of(row), &row.target) {
                (Some(target), _) => each(target),
                // Fixed indices: the kernel's own ends, which read no register.
                (None, Some((_, Target::Symbol(crate::lower::Symbol::At(_))))) => {}
                _ => known = false,
            }
        }
        if !row.leaves() {
            if at + 1 < self.rows.len() {
                each(at + 1);
            } else {
                known = false;
            }
        }
        known
    }

    /// A row that goes away hands on its gas to the first row after its group. False, and nothing changes, if it cannot.
    pub(super) fn drop_row(&mut self, at: usize) -> bool {
        let mut end = at + 1;
        while self.rows.get(end).is_some_and(|row| row.follows) {
            end += 1;
        }
        let gas = self.rows.get(at).map_or(0, |row| row.instr.gas);
        if self.is_in_table(at) {
            return false;
        }
        if gas > 0 {
            let free = !self.is_entry(end);
            let Some(next) = self
                .rows
                .get_mut(end)
                .filter(|row| free && row.kept && row.instr.gas == 0)
            else {
                return false;
            };
            next.instr.gas = gas;
            next.trap.get_or_insert_default();
        }
        for row in self.rows.get_mut(at..end).unwrap_or_default() {
            row.kept = false;
        }
        true
    }

    /// Removes the rows that are not kept.
    pub(super) fn compact(&mut self) {
        let mut places = Vec::with_capacity(self.rows.len() + 1);
        let mut next = 0;
        for row in &self.rows {
            places.push(next);
            next += u32::from(row.kept);
        }
        places.push(next);
        for label in self.labels.iter_mut().flatten() {
            *label = places.get(*label as usize).copied().unwrap_or(next);
        }
        self.rows.retain(|row| row.kept);
        self.find_entries();
    }
}
