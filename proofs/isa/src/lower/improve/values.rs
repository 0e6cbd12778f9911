//! Values that a block of rows has already: an operand that is a copy is read where it was copied from, and a result that a
//! register holds already is copied from there (so that, most often, nobody reads the copy).

use super::body::Body;
use super::row::Row;
use crate::asm::Operand;
use crate::ops::Op;
use playfair_types::crypto::field::Fr;
use std::collections::HashMap;
use std::rc::Rc;

/// What a pure row computes.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Value {
    op: Op,
    x: Option<u32>,
    y: Option<u32>,
    k: [Fr; 8],
}

/// Most facts of a kind: forgetting takes time for each.
const FACTS: usize = 256;

/// What is known where the pass stands.
#[derive(Clone, Default)]
struct Facts {
    /// Registers that hold what another operand does.
    copies: HashMap<u32, u32>,
    /// Registers that hold a value.
    holders: HashMap<Value, u32>,
}

impl Facts {
    /// What holds in both.
    fn meet(&mut self, other: &Self) {
        self.copies.retain(|to, from| other.copies.get(to) == Some(from));
        self.holders
            .retain(|value, holder| other.holders.get(value) == Some(holder));
    }

    /// Registers for which `lost` holds are written.
    fn forget(&mut self, lost: impl Fn(u32) -> bool) {
        self.copies.retain(|to, from| !lost(*to) && !lost(*from));
        self.holders.retain(|value, holder| {
            let reads = |operand: Option<u32>| operand.is_some_and(&lost);
            !lost(*holder) && !reads(value.x) && !reads(value.y)
        });
    }

    /// Where a register's value was first.
    fn origin(&self, register: u32) -> u32 {
        self.copies.get(&register).copied().unwrap_or(register)
    }

    /// Whether anything is known, so that forgetting costs nothing where there is none.
    fn is_empty(&self) -> bool {
        self.copies.is_empty() && self.holders.is_empty()
    }
}

/// Goes through all blocks. True if anything changed.
pub(super) fn forward(body: &mut Body) -> bool {
    // What holds here; none if the row before leads elsewhere.
    let mut before = Some(Rc::<Facts>::default());
    // What holds on all ways to rows further on: shared, as a table of jumps has thousands of ways.
    let mut ahead: HashMap<usize, Rc<Facts>> = HashMap::new();
    let back = targets_of_back_jumps(body);
    let mut changed = false;
    for at in 0..body.rows.len() {
        if body.is_entry(at) {
            let others = ahead.remove(&at);
            before = match (before, others) {
                _ if back.get(at) != Some(&false) => None,
                (Some(mut facts), Some(other)) => {
                    meet(&mut facts, &other);
                    Some(facts)
                }
                (facts, other) => facts.or(other),
            };
        }
        let mut facts = before.take().unwrap_or_default();
        let Some(row) = body.rows.get(at).filter(|row| !row.follows) else {
            before = Some(facts);
            continue;
        };
        let mut row = row.clone();
        changed |= from_origins(&mut row, &facts);
        if is_there(&row, &facts) && body.drop_row(at) {
            changed = true;
            before = Some(facts);
            continue;
        }
        if let Some(known) = known(&row, &facts) {
            // Rows that belong to it go with it; the copy stands in its place.
            let rest = body.rows.get_mut(at + 1..).unwrap_or_default();
            for follower in rest.iter_mut().take_while(|row| row.follows) {
                (follower.kept, follower.follows) = (false, false);
            }
            row = known;
            changed = true;
        }
        if row.dest().is_some() || row.window().is_some() {
            learn(&row, Rc::make_mut(&mut facts));
        }
        let leaves = row.leaves();
        let elsewhere = leaves || row.branches();
        if let Some(place) = body.rows.get_mut(at) {
            *place = row;
        }
        if elsewhere {
            // The next row, where it is one of them, has them from here.
            let first = at + 1 + usize::from(!leaves);
            body.next_rows(at, |next| {
                if next >= first {
                    ahead
                        .entry(next)
                        .and_modify(|known| meet(known, &facts))
                        .or_insert_with(|| Rc::clone(&facts));
                }
            });
        }
        before = (!leaves).then_some(facts);
    }
    body.compact();
    changed
}

/// What holds in both.
fn meet(facts: &mut Rc<Facts>, other: &Rc<Facts>) {
    if !Rc::ptr_eq(facts, other) {
        Rc::make_mut(facts).meet(other);
    }
}

/// Rows that a row behind them, or themselves, may lead to.
fn targets_of_back_jumps(body: &Body) -> Vec<bool> {
    let mut back = vec![false; body.rows.len()];
    for at in 0..body.rows.len() {
        body.next_rows(at, |next| {
            if let Some(back) = back.get_mut(next).filter(|_| next <= at) {
                *back = true;
            }
        });
    }
    back
}

/// Reads operands where they were copied from.
fn from_origins(row: &mut Row, facts: &Facts) -> bool {
    if matches!(row.op, Op::Ret | Op::Select) || facts.copies.is_empty() {
        return false;
    }
    let mut changed = false;
    for (first, second) in [(true, true), (true, false), (false, true)] {
        let origin = |register| facts.origin(register);
        let x = row.x().map(|x| if first { origin(x) } else { x });
        let y = row.y().map(|y| match y {
            Operand::Reg(y) if second => Operand::Reg(origin(y)),
            other => other,
        });
        if (x, y) == (row.x(), row.y()) {
            continue;
        }
        // A branch keeps its result where it is.
        if row.branches() && row.dest().is_some() {
            continue;
        }
        if let Some(instr) = row.with(x, y, row.dest()) {
            row.instr = instr;
            changed = true;
            break;
        }
    }
    if let Some(trap) = &mut row.trap {
        // The table's entry names what the row reads.
        if trap.reads_first() {
            trap.register1 = facts.origin(trap.register1);
        }
        if trap.reads_second() {
            trap.register2 = facts.origin(trap.register2);
        }
    }
    changed
}

fn value(row: &Row) -> Option<Value> {
    let y = match row.y() {
        Some(Operand::Reg(y)) => Some(y),
        // Calls write absolute registers.
        Some(Operand::Abs(_)) => return None,
        None => None,
    };
    Some(Value {
        op: row.op,
        x: row.x(),
        y,
        k: row.instr.k,
    })
}

/// Whether the row's register holds its result already.
fn is_there(row: &Row, facts: &Facts) -> bool {
    let holder = value(row).and_then(|value| facts.holders.get(&value));
    row.is_pure() && holder.is_some_and(|holder| row.dest() == Some(Operand::Reg(*holder)))
}

/// The row as a copy of what a register holds.
fn known(row: &Row, facts: &Facts) -> Option<Row> {
    if !row.is_pure() || row.copies().is_some() {
        return None;
    }
    let holder = facts.holders.get(&value(row)?)?;
    let to = row.dest()?;
    if to == Operand::Reg(*holder) {
        return None;
    }
    Some(row.copy(*holder, to))
}

/// What is known after a row.
fn learn(row: &Row, facts: &mut Facts) {
    let made = (row.is_pure() && row.copies().is_none())
        .then(|| value(row))
        .flatten();
    let copied = row.copies();
    if !facts.is_empty() {
        if let Some((frame, _)) = row.window() {
            facts.forget(|register| register >= frame);
        }
        if let Some(Operand::Reg(to)) = row.dest() {
            facts.forget(|register| register == to);
        }
    }
    let Some(Operand::Reg(to)) = row.dest() else {
        return;
    };
    if let Some(Operand::Reg(from)) = copied
        && from != to
    {
        let from = facts.origin(from);
        if facts.copies.len() < FACTS {
            facts.copies.insert(to, from);
        }
    }
    if let Some(value) = made
        && value.x != Some(to)
        && value.y != Some(to)
    {
        if facts.holders.len() >= FACTS {
            facts.holders.clear();
        }
        facts.holders.entry(value).or_insert(to);
    }
}
