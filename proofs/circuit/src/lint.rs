//! What the constraints take for granted of a program's code: one operation per row, slots that fit the operation, groups of rows that
//! speak of each other, fixed places, and tables whose keys are unique.
//!
//! The code lies in the verifying key, so a prover cannot break these rules; a compiler could, and then what the proof says would
//! not be what the code means. [`crate::tables::Tables::new`] therefore refuses such programs.

mod data;

use crate::op::Op;
use ark_ff::{AdditiveGroup, Field, PrimeField};
use playfair_proofs_isa::code::{Flags, Instr, Program, address, at};
use playfair_proofs_isa::ops;
use playfair_types::crypto::field::Fr;
use std::collections::HashSet;
use std::fmt;

/// What is wrong with a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The flags name no operation, or more than one.
    Operation,
    /// The operation lacks a slot that it needs.
    MissingSlot,
    /// The operation cannot store its result like this, or a slot is on that it does not know.
    Slots,
    /// The operation cannot branch.
    Branch,
    /// The row's constants leave something free: k7 = 0 with a result.
    Constants,
    /// The instruction is not well-formed in another way ([`playfair_proofs_isa::ops`]): no compiler makes it.
    Malformed,
    /// The row after this one, or before it, is not what the operation needs.
    Group,
    /// MEM, END, EXIT, STUCK, RESET are not where or what they must be.
    Place,
    /// A jump goes to a code index that does not exist, or into a group of rows.
    Target,
    /// A row of the auxiliary table has a tag that programs cannot have, or a key twice.
    Key,
    /// A row that ends a run without condition goes on: it could charge gas again and again before EXIT takes its place.
    Trap,
    /// The bounds in MEM do not fit the image rows.
    Image,
}

impl Fault {
    fn text(self) -> &'static str {
        match self {
            Self::Operation => "flags name no operation or more than one",
            Self::MissingSlot => "a slot that the operation needs is off",
            Self::Slots => "the operation cannot have these slots",
            Self::Branch => "the operation cannot branch",
            Self::Constants => "constants leave the result free",
            Self::Malformed => "the instruction is not well-formed",
            Self::Group => "rows that belong together are not together",
            Self::Place => "a fixed place of the code holds something else",
            Self::Target => "a jump goes nowhere, or into a group of rows",
            Self::Key => "a row of the auxiliary table has a wrong tag or a key twice",
            Self::Trap => "a row that always ends a run does not lead to STUCK",
            Self::Image => "bounds in MEM and image rows differ",
        }
    }
}

/// Where a program breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramError {
    /// What is wrong.
    pub fault: Fault,
    /// Code index, or index in [`Program::aux`] for [`Fault::Key`] and [`Fault::Image`].
    pub index: usize,
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "program row {}: {}; the compiler must not emit it",
            self.index,
            self.fault.text()
        )
    }
}

impl std::error::Error for ProgramError {}

/// The integer of a field element, if below 2^64.
pub(crate) fn word(value: &Fr) -> Option<u64> {
    match value.into_bigint().0 {
        [low, 0, 0, 0] => Some(low),
        _ => None,
    }
}

/// Checks a program.
///
/// # Returns
/// The operation of each row.
///
/// # Errors
/// The first rule that is broken.
pub fn check(program: &Program) -> Result<Vec<Op>, ProgramError> {
    let at = |index, fault: Option<Fault>| fault.map_or(Ok(()), |fault| Err(ProgramError { fault, index }));
    let mut ops = Vec::with_capacity(program.code.len());
    for (index, instr) in program.code.iter().enumerate() {
        let Some(op) = Op::of(instr.flags) else {
            return Err(ProgramError {
                fault: Fault::Operation,
                index,
            });
        };
        at(index, row(op, instr))?;
        ops.push(op);
    }
    for index in 0..ops.len() {
        at(index, place(program, &ops, index))?;
        at(index, group(program, &ops, index))?;
    }
    if ops.len() <= at::RESET as usize {
        return Err(ProgramError {
            fault: Fault::Place,
            index: ops.len(),
        });
    }
    let inner: HashSet<u64> = (0..ops.len())
        .filter(|i| is_inner(&ops, *i))
        .map(|i| i as u64)
        .collect();
    let lands =
        |target: &Fr| word(target).is_some_and(|t| t < ops.len() as u64 && t != 0 && !inner.contains(&t));
    for (index, (op, instr)) in ops.iter().zip(&program.code).enumerate() {
        let own = *op == Op::Curve && instr.c == Fr::from(index as u64);
        let branch = instr.flags.has(Flags::BR) && !own && !lands(&instr.c);
        let jump = matches!(op, Op::Call | Op::Exit) && !lands(&instr.k[2]);
        at(index, (branch || jump).then_some(Fault::Target))?;
    }
    data::check(program, lands)?;
    for (index, instr) in program.code.iter().enumerate() {
        at(index, ops::Op::of(instr).is_err().then_some(Fault::Malformed))?;
    }
    Ok(ops)
}

/// Whether a result of this operation is bound (or meant to be free), so that it may be stored.
fn has_result(op: Op) -> bool {
    use Op::*;
    matches!(
        op,
        Hint | Arith | Farith | Eq | Logic | Div | GetS | Hint64 | Raw | Aux | LoadB | LoadW | LoadP | Cout
    )
}

/// Whether it may branch by its result: not where the result is free or the next row is spoken of.
fn may_branch(op: Op) -> bool {
    use Op::*;
    matches!(
        op,
        Arith | Farith | Eq | Logic | GetS | Raw | Aux | LoadB | LoadW | Curve
    )
}

/// Rules of a row on its own.
fn row(op: Op, instr: &Instr) -> Option<Fault> {
    use Op::*;
    let flags = instr.flags;
    let has = |flag: Flags| flags.has(flag);
    let (a, b, c) = (has(Flags::SA), has(Flags::SB), has(Flags::SC));
    let (in_place, branch) = (has(Flags::DA), has(Flags::BR));

    // A load or store without slot A is one at a constant address.
    let needs_a = matches!(op, Select | Logic | Ret | Dyn | Raw | Cin | Mem | Pin | CallI);
    let needs_b = matches!(op, Select | Raw | LoadB | LoadW | LoadP | StoreP | Cin | Pin);
    let needs_c = matches!(
        op,
        Select | Call | CallI | Exit | StoreB | StoreW | StoreP | Cin | Mem
    );
    if (needs_a && !a) || (needs_b && !b) || (needs_c && !c) {
        return Some(Fault::MissingSlot);
    }
    // In rows with computed addresses or constants in b, c, the slots mean something else.
    let partial = matches!(op, P6P | P3P | P3S);
    let bare = partial || op == Curve;
    let no_b = bare
        || matches!(
            op,
            Call | CallI | Ret | Enter | Dyn | Exit | SetMem | GasD | SetGas | Mem
        );
    let may_c = has_result(op) || needs_c || op == Pin;
    let wrong_c = c && (!may_c || in_place || branch);
    if wrong_c || (in_place && !(a && has_result(op))) || (b && no_b) || (a && bare) || (!a && instr.a != 0) {
        return Some(Fault::Slots);
    }
    if branch && !may_branch(op) {
        return Some(Fault::Branch);
    }
    let result = c || in_place || branch;
    let free = (matches!(op, Arith | Div) && instr.k[7] == Fr::ZERO && result)
        || (op == Aux && !data::may_look_up(&instr.k[0]))
        || (op == CallI && instr.k[3] == Fr::ZERO);
    free.then_some(Fault::Constants)
}

/// A row that is nothing but these flags.
fn bare(instr: &Instr, op: Op) -> bool {
    instr.flags == op.flags()
}

/// MEM, END, EXIT, STUCK and RESET.
fn place(program: &Program, ops: &[Op], index: usize) -> Option<Fault> {
    let instr = &program.code[index];
    let place = index as u32;
    // The code index fits: it was counted in u32 by whoever linked it, and tables are smaller.
    let ok = match place {
        at::MEM => {
            let slots = Flags::SA.with(Flags::SC).with(Flags::MEM);
            instr.flags == slots && instr.a == 0 && instr.gas == 0
        }
        at::END | at::STUCK => {
            let [k0, k1, k2, k3, ..] = instr.k;
            instr.flags == Flags::FARITH.with(Flags::BR)
                && instr.c == Fr::from(place)
                && [k0, k1, k2] == [Fr::ZERO; 3]
                && k3 == Fr::ONE
                && instr.gas == 0
        }
        at::EXIT | at::RESET => {
            let slot = Flags::SC.with(Flags::GC);
            // k1 = 1 is what lets a prover put EXIT anywhere.
            let [above, anywhere, ..] = instr.k;
            let is_reset = place == at::RESET;
            instr.flags == Op::Exit.flags().with(slot)
                && instr.c == Fr::from(address::XPC)
                && instr.gas == 0
                && anywhere == if is_reset { Fr::ZERO } else { Fr::ONE }
                && (!is_reset || above == Fr::ZERO)
        }
        _ => !matches!(ops[index], Op::Mem | Op::Exit),
    };
    (!ok).then_some(Fault::Place)
}

/// GETS that reads lane 0 of Poseidon's state.
fn reads_lane(op: Op, instr: &Instr) -> bool {
    op == Op::GetS && instr.k[1] != Fr::ZERO
}

/// Whether a row must be reached from the row above only.
fn is_inner(ops: &[Op], index: usize) -> bool {
    let Some(before) = index.checked_sub(1) else {
        return false;
    };
    let op = ops[index];
    match ops[before] {
        Op::Div => true,
        Op::Cin => matches!(op, Op::Cin | Op::Curve),
        Op::Curve | Op::Cout => op == Op::Cout,
        Op::Pin => true,
        before => before.is_poseidon(),
    }
}

/// Groups of rows that speak of each other.
fn group(program: &Program, ops: &[Op], index: usize) -> Option<Fault> {
    let op = ops[index];
    let instr = &program.code[index];
    let before = index.checked_sub(1).map(|i| (ops[i], &program.code[i]));
    let next = ops.get(index + 1).copied().zip(program.code.get(index + 1));
    let next_fits = match op {
        Op::Div => next.is_some_and(|(op, instr)| op == Op::Hint64 && bare(instr, op)),
        Op::Pin => next.is_some_and(|(op, _)| matches!(op, Op::P6F | Op::P3F)),
        op if op.is_poseidon() => next.is_some_and(|(op, instr)| op.is_poseidon() || reads_lane(op, instr)),
        Op::Cin => next.is_some_and(|(op, _)| matches!(op, Op::Cin | Op::Curve)),
        Op::Curve => next.is_some_and(|(op, _)| op == Op::Cout) && instr.c == Fr::from(index as u64),
        _ => true,
    };
    let before_fits = match op {
        op if op.is_poseidon() => before.is_some_and(|(op, _)| op == Op::Pin || op.is_poseidon()),
        Op::GetS if reads_lane(op, instr) => before.is_some_and(|(op, _)| op.is_poseidon()),
        // Nine values, three a row: fewer rows would leave the rest of the state to the prover.
        Op::Curve => (1..=3).all(|i| index.checked_sub(i).is_some_and(|at| ops[at] == Op::Cin)),
        Op::Cout => match before {
            Some((Op::Curve, _)) => true,
            // The first keeps C1 for the second, and nothing keeps C0.
            Some((Op::Cout, first)) => first.k[0] != Fr::ZERO && instr.k[0] == Fr::ZERO,
            _ => false,
        },
        _ => true,
    };
    // A full round at the start of a permutation may have slots, which PIN reads; no other row has a use for them.
    let stray = matches!(op, Op::P6F | Op::P3F)
        && (instr.flags.has(Flags::SA) || instr.flags.has(Flags::SB))
        && before.is_none_or(|(op, _)| op != Op::Pin);
    (!next_fits || !before_fits || stray).then_some(Fault::Group)
}
