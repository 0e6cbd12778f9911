//! Jumps to jumps, jumps to the next row, branches around a jump, and rows that nothing reaches.

use super::body::Body;
use super::row::Row;
use crate::lower::rows::{Part, Target};

/// Jumps that are followed at most.
const CHAIN: usize = 16;

/// True if anything changed.
pub(super) fn thread(body: &mut Body) -> bool {
    let mut changed = false;
    for at in 0..body.rows.len() {
        changed |= follow(body, at);
    }
    for at in 0..body.rows.len() {
        changed |= around(body, at);
        changed |= to_next(body, at);
    }
    body.compact();
    changed |= unreached(body);
    changed
}

/// Whether all that a row does is to go to its target.
fn only_goes(row: &Row) -> bool {
    row.jumps() && row.instr.gas == 0 && row.trap.is_none_or(|trap| trap.class == 0)
}

/// Where a branch ends up that goes to a jump.
fn follow(body: &mut Body, at: usize) -> bool {
    let mut found: Option<Target> = None;
    let Some(row) = body.rows.get(at).filter(|row| row.branches()) else {
        return false;
    };
    // A row that goes to itself is a trap.
    let mut next = body.target_of(row).filter(|next| *next != at);
    for _ in 0..CHAIN {
        let Some(jump) = next
            .and_then(|next| body.rows.get(next))
            .filter(|row| only_goes(row))
        else {
            break;
        };
        let Some((Part::Target, target)) = &jump.target else {
            break;
        };
        let after = body.target_of(jump);
        if after.is_some() && (after == next || after == Some(at)) {
            break;
        }
        found = Some(target.clone());
        next = after;
    }
    match (found, body.rows.get_mut(at)) {
        (Some(target), Some(row)) => {
            row.target = Some((Part::Target, target));
            true
        }
        _ => false,
    }
}

/// A branch to the row after a jump that is next becomes the opposite branch to where the jump goes.
fn around(body: &mut Body, at: usize) -> bool {
    let (Some(row), Some(jump)) = (body.rows.get(at), body.rows.get(at + 1)) else {
        return false;
    };
    let skips = row.kept && !row.jumps() && body.target_of(row) == Some(at + 2);
    if !skips || !jump.kept || !only_goes(jump) || body.is_entry(at + 1) {
        return false;
    }
    // A row that goes to itself is a trap.
    if body.target_of(jump) == Some(at + 1) {
        return false;
    }
    let Some(instr) = row.opposite() else {
        return false;
    };
    let target = jump.target.clone();
    if let Some(row) = body.rows.get_mut(at) {
        (row.instr, row.target) = (instr, target);
    }
    if let Some(jump) = body.rows.get_mut(at + 1) {
        jump.kept = false;
    }
    true
}

/// A jump to the next row is none.
fn to_next(body: &mut Body, at: usize) -> bool {
    let Some(row) = body.rows.get(at).filter(|row| row.kept && row.jumps()) else {
        return false;
    };
    if row.trap.is_some_and(|trap| trap.class != 0) {
        return false;
    }
    let Some(target) = body.target_of(row).filter(|target| *target > at) else {
        return false;
    };
    let gone = body
        .rows
        .get(at + 1..target)
        .is_some_and(|rows| rows.iter().all(|row| !row.kept));
    gone && body.drop_row(at)
}

/// Removes rows that no way from the first leads to.
fn unreached(body: &mut Body) -> bool {
    let mut reached = vec![false; body.rows.len()];
    let mut open = vec![0];
    while let Some(at) = open.pop() {
        match reached.get_mut(at) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        body.next_rows(at, |next| open.push(next));
    }
    let mut changed = false;
    for (row, reached) in body.rows.iter_mut().zip(reached) {
        if !reached && row.kept {
            row.kept = false;
            changed = true;
        }
    }
    changed
}
