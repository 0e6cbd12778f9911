//! That a function's rows are paid for: on every way through it, whatever its input, the rows that were executed never exceed the gas
//! that was charged. So a call's module rows never exceed its gas, whatever module it is (E2), and prices of instructions need not be
//! believed: admission charges them, and here every module is held to them.
//!
//! The *balance* before a row is the worst of all ways to it: rows less gas, in half rows, since an access may touch a word of memory
//! that takes half a row of initial memory. It must not be above zero behind any row. A call's price has a row beside the one that
//! calls, which the callee begins with; what a callee has left over when it returns is not given back. So the sum over all frames of a
//! run is not above zero either, at any time.
//!
//! What is called outside of the module's code has prices of its own: host functions charge what they take; functions of the kernel
//! and millicode that an instruction calls take at most what [`KERNEL`] and [`millicode`] say, which tests measure.

use super::body::Body;
use super::row::Row;
use crate::lower::rows::{Symbol, Target};
use crate::millicode::Helper;
use crate::ops::{Class, Op};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Rows that a call's price has for what its callee begins with.
const ENTRY: i64 = 1;

/// Rows of the kernel's functions that instructions call, at most.
const KERNEL: [(&str, i64); 3] = [("memory_size", 6), ("memory_grow", 24), ("bulk_charge", 20)];

/// Rows of millicode at most, beside the words of a bulk operation, which are charged on their own.
const fn millicode(helper: Helper) -> i64 {
    match helper {
        Helper::Copy | Helper::Fill => 32,
    }
}

/// How often a row's balance may get worse before its loops are taken for unpaid: nested loops are few.
const VISITS: u16 = 2_048;

/// Whether every way through the function pays for its rows; if not, a row, from the function's first, that is not paid for. `helper`
/// tells what millicode a label is.
pub(super) fn check(body: &Body, helper: impl Fn(&Target) -> Option<Helper>) -> Result<(), usize> {
    let mut balances: Vec<Option<i64>> = vec![None; body.rows.len()];
    let mut visits = vec![0u16; body.rows.len()];
    let mut open = BinaryHeap::new();
    if let Some(first) = balances.first_mut() {
        *first = Some(-2 * ENTRY);
        open.push(Reverse(0));
    }
    // In the order of rows, which is that of ways but for loops.
    while let Some(Reverse(at)) = open.pop() {
        let (Some(row), Some(Some(before))) = (body.rows.get(at), balances.get(at).copied()) else {
            continue;
        };
        while open.peek() == Some(&Reverse(at)) {
            open.pop();
        }
        let after = before - 2 * i64::from(row.instr.gas) + cost(row, &helper);
        if after > 0 {
            return Err(at);
        }
        let mut unpaid = None;
        body.next_rows(at, |next| {
            let (Some(balance), Some(visits)) = (balances.get_mut(next), visits.get_mut(next)) else {
                return;
            };
            if balance.is_some_and(|balance| balance >= after) {
                return;
            }
            *balance = Some(after);
            *visits += 1;
            if *visits > VISITS {
                unpaid = Some(next);
            } else {
                open.push(Reverse(next));
            }
        });
        if let Some(unpaid) = unpaid {
            return Err(unpaid);
        }
    }
    Ok(())
}

/// Half rows that a row takes.
fn cost(row: &Row, helper: &impl Fn(&Target) -> Option<Helper>) -> i64 {
    let own = 2 + i64::from(row.op.info().class == Class::Memory);
    let callee = match (&row.op, &row.target) {
        (Op::Calli, _) => ENTRY,
        (Op::Call, Some((_, Target::Symbol(Symbol::Kernel(name))))) => {
            let known = KERNEL.iter().find(|(kernel, _)| kernel == name);
            known.map_or(ENTRY, |(_, rows)| *rows)
        }
        (Op::Call, Some((_, target))) => helper(target).map_or(ENTRY, millicode),
        (Op::Call, None) => ENTRY,
        _ => 0,
    };
    own + 2 * callee
}
