//! Results that nobody reads, and copies into the register that the copied value could have been written to.

use super::body::Body;
use super::row::Row;
use crate::asm::Operand;
use crate::ops::Op;

/// Sets of registers that may be kept for a function, in words: larger ones stay as they are.
const WORDS: usize = 1 << 20;
/// Passes over a function's blocks until what is live must be settled.
const PASSES: usize = 16;
/// Rows between a value and its copy.
const DISTANCE: usize = 64;

/// A set of registers.
#[derive(Clone, PartialEq, Eq)]
struct Live(Vec<u64>);

impl Live {
    fn none(registers: usize) -> Self {
        Self(vec![0; registers.div_ceil(64)])
    }

    fn fill(&mut self) {
        self.0.fill(u64::MAX);
    }

    fn insert(&mut self, register: u32) {
        if let Some(word) = self.0.get_mut(register as usize / 64) {
            *word |= 1 << (register % 64);
        }
    }

    fn remove(&mut self, register: u32) {
        if let Some(word) = self.0.get_mut(register as usize / 64) {
            *word &= !(1 << (register % 64));
        }
    }

    fn remove_from(&mut self, register: u32) {
        for (place, word) in self.0.iter_mut().enumerate() {
            let first = 64 * place as u32;
            if first >= register {
                *word = 0;
            } else if register - first < 64 {
                *word &= (1 << (register - first)) - 1;
            }
        }
    }

    fn has(&self, register: u32) -> bool {
        let word = self.0.get(register as usize / 64);
        word.is_none_or(|word| word >> (register % 64) & 1 == 1)
    }

    fn join(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    /// What is live before a row, from what is live after it.
    fn before(&mut self, row: &Row, results: u32) {
        if let Some((frame, link)) = row.window() {
            self.remove_from(frame);
            (frame..link).for_each(|register| self.insert(register));
        } else if let Some(Operand::Reg(to)) = row.dest() {
            self.remove(to);
        }
        row.reads().for_each(|register| self.insert(register));
        if row.op == Op::Ret {
            (0..results).for_each(|register| self.insert(register));
        }
    }
}

/// Goes through all blocks backwards. True if anything changed.
pub(super) fn sweep(body: &mut Body) -> bool {
    let blocks = blocks(body);
    let Some(live) = live_after(body, &blocks) else {
        return false;
    };
    let mut changed = false;
    for (block, mut live) in blocks.iter().zip(live) {
        for at in block.clone().rev() {
            let Some(row) = body.rows.get(at).filter(|row| row.kept && !row.follows) else {
                continue;
            };
            let dead = match row.dest() {
                Some(Operand::Reg(to)) => row.is_pure() && !live.has(to),
                _ => false,
            };
            let idle = row.copies().is_some() && row.copies() == row.dest();
            if (dead || idle || moved(body, block.start, at, &live)) && body.drop_row(at) {
                changed = true;
                continue;
            }
            if let Some(row) = body.rows.get(at) {
                live.before(row, body.results);
            }
        }
    }
    changed
}

/// Runs of rows that are entered at the first and left at the last.
fn blocks(body: &Body) -> Vec<core::ops::Range<usize>> {
    let mut blocks = Vec::new();
    let mut start = 0;
    for at in 0..body.rows.len() {
        let ends = body
            .rows
            .get(at)
            .is_some_and(|row| row.branches() || row.leaves());
        if ends || at + 1 == body.rows.len() || body.is_entry(at + 1) {
            blocks.push(start..at + 1);
            start = at + 1;
        }
    }
    blocks
}

/// Registers that are live after each block. None if that is too much to find out.
fn live_after(body: &Body, blocks: &[core::ops::Range<usize>]) -> Option<Vec<Live>> {
    let mut registers = body.results;
    for row in &body.rows {
        let written = match row.dest() {
            Some(Operand::Reg(to)) => to + 1,
            _ => 0,
        };
        let window = row.window().map_or(0, |(_, link)| link + 1);
        let read = row.reads().max().map_or(0, |register| register + 1);
        registers = registers.max(written).max(window).max(read);
    }
    let words = (registers as usize).div_ceil(64);
    if blocks.len().saturating_mul(words) > WORDS {
        return None;
    }
    let mut block_of = vec![usize::MAX; body.rows.len()];
    for (number, block) in blocks.iter().enumerate() {
        if let Some(first) = block_of.get_mut(block.start) {
            *first = number;
        }
    }
    let none = Live::none(registers as usize);
    let mut before = vec![none.clone(); blocks.len()];
    let mut after = before.clone();
    for _ in 0..PASSES {
        let mut settled = true;
        for number in (0..blocks.len()).rev() {
            let block = blocks.get(number)?;
            let mut live = none.clone();
            let mut lost = false;
            let known = body.next_rows(block.end - 1, |next| {
                match block_of.get(next).and_then(|next| before.get(*next)) {
                    Some(next) => live.join(next),
                    None => lost = true,
                }
            });
            if !known || lost {
                live.fill();
            }
            *after.get_mut(number)? = live.clone();
            for row in body.rows.get(block.clone())?.iter().rev() {
                live.before(row, body.results);
            }
            let place = before.get_mut(number)?;
            if *place != live {
                *place = live;
                settled = false;
            }
        }
        if settled {
            return Some(after);
        }
    }
    None
}

/// Whether row `at` is a copy that its source was written to instead: nobody reads the source after it, and nothing between
/// touches either.
fn moved(body: &mut Body, start: usize, at: usize, live: &Live) -> bool {
    let Some(row) = body.rows.get(at) else {
        return false;
    };
    let (Some(Operand::Reg(from)), Some(to)) = (row.copies(), row.dest()) else {
        return false;
    };
    if live.has(from) || to == Operand::Reg(from) || body.is_in_table(at) {
        return false;
    }
    let (entry, gas) = (body.is_entry(at), row.instr.gas);
    if entry || gas > 0 {
        return false;
    }
    for place in (start.max(at.saturating_sub(DISTANCE))..at).rev() {
        let Some(row) = body.rows.get(place).filter(|row| row.kept) else {
            continue;
        };
        let reads = |operand| match operand {
            Operand::Reg(register) => row.reads().any(|read| read == register),
            Operand::Abs(_) => row.y() == Some(operand) || row.op == Op::Select,
        };
        if row.dest() == Some(Operand::Reg(from)) {
            let fits = row.op != Op::Select && row.window().is_none() && !row.branches();
            let instr = if fits {
                row.with(row.x(), row.y(), Some(to))
            } else {
                None
            };
            return match (instr, body.rows.get_mut(place)) {
                (Some(instr), Some(row)) => {
                    row.instr = instr;
                    true
                }
                _ => false,
            };
        }
        // A call may read and write absolute registers.
        if row.window().is_some() || reads(Operand::Reg(from)) || reads(to) || row.dest() == Some(to) {
            return false;
        }
    }
    false
}
