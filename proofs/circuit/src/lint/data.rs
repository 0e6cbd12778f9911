//! The rows that a program adds to the auxiliary table.

use super::{Fault, ProgramError, word};
use playfair_proofs_isa::code::{Flags, Instr, Program, Tag, address, at};
use playfair_types::crypto::field::Fr;
use std::collections::HashSet;

/// Words of a memory, and the range of the distances that MEM rows prove.
const SPAN: u64 = 1 << 24;

/// Whether AUX may name the table: its keys are unique.
pub(super) fn may_look_up(tag: &Fr) -> bool {
    let unique = [
        Tag::Limb,
        Tag::Byte,
        Tag::Top,
        Tag::Pow,
        Tag::Image,
        Tag::Table,
        Tag::Trap,
        Tag::Public,
    ];
    unique.iter().any(|t| *tag == Fr::from(*t as u32))
}

/// Whether an entry of TRAP ends a run without condition: classes 1 and from 16 on.
fn always(v1: &Fr) -> bool {
    word(v1).is_none_or(|v1| matches!(v1 & 0xff, 1 | 16..))
}

/// Whether a row does nothing but go to STUCK.
fn stuck(instr: &Instr) -> bool {
    let [k0, k1, k2, k3, ..] = instr.k;
    let zero = Fr::from(0_u64);
    instr.flags == Flags::FARITH.with(Flags::BR)
        && instr.c == Fr::from(at::STUCK)
        && [k0, k1, k2, k3] == [zero, zero, zero, Fr::from(1_u64)]
}

/// Unique keys; images as dense as MEM says; functions and traps where code is.
pub(super) fn check(program: &Program, lands: impl Fn(&Fr) -> bool) -> Result<(), ProgramError> {
    let mut keys = HashSet::new();
    for (index, row) in program.aux.iter().enumerate() {
        let fault = |fault| Err(ProgramError { fault, index });
        if !matches!(row.tag, Tag::Image | Tag::Table | Tag::Trap) || !keys.insert((row.tag, row.key)) {
            return fault(Fault::Key);
        }
        match row.tag {
            Tag::Image if word(&row.v1).is_none() || row.v2 != Fr::from(0_u64) => return fault(Fault::Image),
            // EXIT between the rows of a group is excluded by the constraints; a trap there has no sense either.
            Tag::Trap if !lands(&Fr::from(row.key)) => return fault(Fault::Target),
            Tag::Trap if always(&row.v1) && !program.code.get(row.key as usize).is_some_and(stuck) => {
                return fault(Fault::Trap);
            }
            // An empty element: no function, of no type; no CALLI asks for type 0.
            Tag::Table if row.v1 == Fr::from(0_u64) && row.v2 == Fr::from(0_u64) => {}
            Tag::Table if !lands(&row.v1) || row.v2 == Fr::from(0_u64) => return fault(Fault::Target),
            _ => {}
        }
    }
    let Some(mem) = program.code.first() else {
        return Ok(());
    };
    let mut bounds = [0; 4];
    for (bound, k) in bounds.iter_mut().zip(&mem.k) {
        *bound = word(k).ok_or(ProgramError {
            fault: Fault::Image,
            index: 0,
        })?;
    }
    let [start, end, kernel_start, kernel_end] = bounds;
    let ordered = start <= end && end <= kernel_start && kernel_start <= kernel_end;
    let near = end <= SPAN && kernel_start >= address::KERNEL && kernel_end <= SPAN;
    let images = program.aux.iter().filter(|row| row.tag == Tag::Image);
    let inside = |key: u64| (start..end).contains(&key) || (kernel_start..kernel_end).contains(&key);
    let count = images.clone().count() as u64;
    // Keys are unique and inside, so that as many as there is room for are all of them.
    if !ordered
        || !near
        || !images.clone().all(|row| inside(row.key))
        || count != end - start + kernel_end - kernel_start
    {
        return Err(ProgramError {
            fault: Fault::Image,
            index: 0,
        });
    }
    Ok(())
}
