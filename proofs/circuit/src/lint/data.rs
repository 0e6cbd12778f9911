//! The rows that a program adds to the auxiliary table.

use super::{Fault, ProgramError, word};
use playfair_proofs_isa::code::{Program, Tag, address};
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
