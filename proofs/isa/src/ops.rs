//! The table of operations (docs/CIRCUIT.md, "Instructions"): from it come names, the classification of an [`Instr`] and the
//! interpreter's dispatch.

use crate::asm::BEYOND;
use crate::code::{Flags, Instr, Tag};
use ark_ff::{AdditiveGroup, Field, PrimeField};
use core::fmt;
use playfair_types::crypto::field::Fr;

/// What kind of work an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Computes from operands.
    Compute,
    /// Decides where the program goes on.
    Control,
    /// Reads or writes memory at a computed address.
    Memory,
    /// Gas, hints, tables, the run's memory.
    System,
    /// Poseidon and curve.
    Micro,
}

/// What an operation does with a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// It must be off.
    Off,
    /// It may be on.
    May,
    /// It must be on.
    On,
    /// It must be on; its address is computed, so that its offset column is no register.
    Computed,
    /// It is on unless the result is written in place, branched on or dropped. Only slot C.
    Result,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// Which.
    pub op: Op,
    /// Name, as docs/CIRCUIT.md has it.
    pub name: &'static str,
    /// The flags that say so: all of bits 8 and up, and BR where it is part of the operation.
    pub flags: Flags,
    /// Slots A, B and C.
    pub slots: [Slot; 3],
    /// Kind of work.
    pub class: Class,
    /// Rows that it takes at least; those after the first have no slots.
    pub rows: u8,
    /// Meaning in a line.
    pub meaning: &'static str,
}

macro_rules! operations {
    ($($op:ident $name:literal [$($flag:ident)*] $a:ident $b:ident $c:ident $class:ident $rows:literal $meaning:literal;)*) => {
        /// An operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Op {
            $(#[doc = $meaning] $op,)*
        }

        /// Every operation, in the order of [`Op`].
        pub const TABLE: &[Info] = &[$(Info {
            op: Op::$op,
            name: $name,
            flags: Flags(0 $(| Flags::$flag.0)*),
            slots: [Slot::$a, Slot::$b, Slot::$c],
            class: Class::$class,
            rows: $rows,
            meaning: $meaning,
        },)*];
    };
}

operations! {
    Arith "ARITH" [ARITH] May May Result Compute 1 "k0 x y + k1 x + k2 y + k3 = lo + hi 2^64; k7 res = k4 lo + k5 hi + k6";
    Farith "FARITH" [FARITH] May May Result Compute 1 "res = k0 x y + k1 x + k2 y + k3 in the field";
    Eq "EQ" [CMP U0] May May Result Compute 1 "res = k4 (k1 x + k2 y + k3 = 0) + k6";
    Select "SELECT" [CMP U1] On On On Compute 1 "keeps slot A if slot C is not zero, else y goes there";
    Logic "LOGIC" [CMP U2] On May Result Compute 1 "res = k4 x + k6 y + k5 (k1 x + k0 and k2 y + k3) + k7";
    Div "DIV" [CMP U3] On On Result Compute 2 "x = y hi + lo, lo < y; k7 res = k4 lo + k5 hi + k6";
    Pin "PIN" [CMP U4] On On May Micro 1 "next state = k0, x + k1, y + k2, z + k3, x' + k4, y' + k5";
    Setmem "SETMEM" [CMP U5] On Off Off System 1 "ctx = ctx + k0, lim = x";
    Call "CALL" [CTL U0] Off Off On Control 1 "goes to k2 with the frame k0 further; slot C takes the way back";
    Calli "CALLI" [CTL U1] On Off On Control 1 "the same to function x of the table, of type k3";
    Ret "RET" [CTL U2] On Off Off Control 1 "goes the way back in x; gives back k0 frame slots";
    Enter "ENTER" [CTL U3] Off Off Off Control 1 "takes k0 frame slots of k1";
    Dyn "DYN" [CTL U4] On Off Off Control 1 "goes to x + k0";
    Exit "EXIT" [CTL U5] Off Off On Control 1 "leaves a run of the module for k2; slot C takes where it was";
    Gets "GETS" [SYS U0] Off Off Result System 1 "res = k0 gas + k1 (lane 0 of the state) + k2 sl";
    Gasd "GASD" [SYS U1] On Off Off System 1 "gas = gas - x";
    Setgas "SETGAS" [SYS U2] On Off Off System 1 "gas = x";
    Hint64 "HINT64" [SYS U3] May Off Result System 1 "res is a word that the prover chooses";
    Raw "RAW" [SYS U4] On Computed Result Memory 1 "res = the cell at address x + k4";
    Aux "AUX" [SYS U5] May Off Result System 1 "res = k4 v1 + k5 v2 of the table's row with tag k0 and key k1 x + k2";
    Hint "hint" [] May Off Result System 1 "res is a field element that the prover chooses";
    Loadw "LOADW" [MEMF U1] May Computed Result Memory 1 "res = the word at x + k4";
    Storew "STOREW" [MEMF U3] May May Computed Memory 1 "the word at x + k4 becomes y, or the constant k3";
    Loadb "LOADB" [MEMF U0] May Computed Result Memory 1 "res = 1, 2 or 4 bytes at x + k4, with or without sign";
    Storeb "STOREB" [MEMF U2] May May Computed Memory 1 "1, 2 or 4 bytes at x + k4 become y, or the constant k3";
    Loadp "LOADP" [MEMF U4] May Computed Result Memory 1 "res = a part of the word at x + k4, before or behind an offset";
    Storep "STOREP" [MEMF U5] May On Computed Memory 1 "a part of the word at x + k4 is added to y, the other is lost";
    Cin "CIN" [CMP] On On On Micro 1 "shifts the state by three and appends x, y, z";
    Cout "COUT" [SYS] Off Off Result Micro 1 "res = k0 C0 + k1 C1";
    P6f "P6F" [P6F] May May Off Micro 1 "a full round of poseidon5";
    P6p "P6P" [P6P] Off Off Off Micro 1 "ten partial rounds of poseidon5";
    P3f "P3F" [P3F] May May Off Micro 1 "a full round of poseidon2";
    P3p "P3P" [P3P] Off Off Off Micro 1 "ten partial rounds of poseidon2";
    P3s "P3S" [P3S] Off Off Off Micro 1 "seven partial rounds of poseidon2";
    Curve "CURVE" [CURVE BR] Off Off Off Micro 1 "one bit of s B8 + h T";
    Mem "MEM" [MEM] On Off On System 1 "two entries of initial memory";
}

/// Why an instruction is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// No operation has these flags.
    Flags(Flags),
    /// A slot is on that must be off, or off that must be on, or absolute where that means nothing.
    Slots(Op),
    /// The result has two destinations, or a branch is none.
    Result(Op),
    /// A constant is not what the operation demands: an operand of a slot that is off has a coefficient, the width of
    /// an access differs from its bytes, a code index or a register does not exist.
    Constant(Op),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flags(flags) => write!(f, "no operation has the flags {:#x}", flags.0),
            Self::Slots(op) => write!(f, "{} does not have these slots", op.info().name),
            Self::Result(op) => write!(f, "{} cannot send its result so", op.info().name),
            Self::Constant(op) => write!(f, "{} does not have these constants", op.info().name),
        }
    }
}

impl core::error::Error for Malformed {}

/// Flags of slots and destinations: the others name the operation.
const GENERAL: Flags = Flags(0xff);

impl Op {
    /// Its line of the table.
    #[must_use]
    pub const fn info(self) -> &'static Info {
        &TABLE[self as usize]
    }

    /// The operation of an instruction that is well-formed: slots, destination and constants are those of the table.
    ///
    /// # Errors
    /// [`Malformed`] if no honest compiler makes it.
    pub fn of(instr: &Instr) -> Result<Self, Malformed> {
        let Instr { flags, .. } = *instr;
        let named = Flags(flags.0 & !GENERAL.0);
        let info = TABLE
            .iter()
            .find(|info| info.flags.0 & !GENERAL.0 == named.0)
            .ok_or(Malformed::Flags(flags))?;
        if !flags.has(info.flags) || flags.0 >> Flags::COUNT != 0 {
            return Err(Malformed::Flags(flags));
        }
        slots(info, instr)?;
        if constants(info.op, instr) {
            Ok(info.op)
        } else {
            Err(Malformed::Constant(info.op))
        }
    }
}

fn slots(info: &Info, instr: &Instr) -> Result<(), Malformed> {
    let flags = instr.flags;
    let pairs = [
        (info.slots[0], Flags::SA, Flags::default()),
        (info.slots[1], Flags::SB, Flags::GB),
        (info.slots[2], Flags::SC, Flags::GC),
    ];
    for (slot, on, absolute) in pairs {
        let is_on = flags.has(on);
        let is_absolute = absolute != Flags::default() && flags.has(absolute);
        let right = match slot {
            Slot::Off => !is_on,
            Slot::May | Slot::Result => true,
            Slot::On => is_on,
            Slot::Computed => is_on && !is_absolute,
        };
        if !right || (is_absolute && !is_on) {
            return Err(Malformed::Slots(info.op));
        }
    }
    // The addresses of MEM rows come from memory's order.
    let memory = info.class == Class::Memory && info.op != Op::Raw;
    if (!flags.has(Flags::SA) && instr.a != 0) || (flags.has(Flags::M) && !memory) {
        return Err(Malformed::Slots(info.op));
    }
    let has_result = info.slots[2] == Slot::Result;
    let in_place = flags.has(Flags::DA);
    let branch = flags.has(Flags::BR);
    let right = if has_result {
        let stored = flags.has(Flags::SC);
        // No branch on what the prover chooses, and none around a second row.
        let straight = matches!(info.op, Op::Loadp | Op::Div | Op::Hint64 | Op::Hint | Op::Cout);
        !(stored && (in_place || branch)) && (!in_place || flags.has(Flags::SA)) && !(branch && straight)
    } else {
        !in_place && branch == info.flags.has(Flags::BR)
    };
    if right {
        Ok(())
    } else {
        Err(Malformed::Result(info.op))
    }
}

/// Whether constants are zero that multiply operands which are off, and those of accesses agree with their width.
fn constants(op: Op, instr: &Instr) -> bool {
    let Instr { flags, k, .. } = instr;
    let zero = |i: usize| k[i] == Fr::ZERO;
    let no_x = !flags.has(Flags::SA);
    let no_y = !flags.has(Flags::SB);
    let no_z = !flags.has(Flags::SC) && !flags.has(Flags::BR);
    let small = |value: &Fr| value.into_bigint() < Fr::from(1u64 << 32).into_bigint();
    let registers = (no_y || small(&instr.b)) && (no_z || small(&instr.c));
    let rest = match op {
        Op::Arith | Op::Farith | Op::Eq => {
            (!(no_x || no_y) || zero(0))
                && (!no_x || zero(1))
                && (!no_y || zero(2))
                && (op != Op::Eq || zero(0))
        }
        Op::Logic => !no_y || (zero(2) && zero(6)),
        Op::Div => !zero(7),
        Op::Setmem => zero(0) || k[0] == Fr::from(1u64 << 31),
        Op::Call => small(&k[0]) && small(&k[2]),
        Op::Calli => small(&k[0]),
        Op::Ret | Op::Dyn => small(&k[0]),
        Op::Enter => small(&k[0]) && small(&k[1]),
        Op::Exit => small(&k[2]) && small(&k[0]) && (zero(1) || k[1] == Fr::ONE),
        Op::Aux => {
            let known = Tag::ALL
                .iter()
                .any(|tag| *tag != Tag::And && Fr::from(*tag as u32) == k[0]);
            (!no_x || zero(1)) && known
        }
        Op::Loadw => small(&k[4]) && zero(5),
        Op::Storew => small(&k[4]) && zero(5) && (no_y || zero(3)),
        Op::Loadb => small(&k[4]) && width(k).is_some_and(|w| Fr::from(w) == instr.b) && sign(k),
        // What it adds to is in slot C. Only an access of four bytes may read behind memory's end, and only where that is.
        Op::Loadp => {
            let beyond = k[5] == Fr::from(BEYOND) && flags.has(Flags::M);
            let adds = flags.has(Flags::SC) || zero(3);
            small(&k[4]) && adds && (zero(5) || beyond) && zero(6) && zero(7)
        }
        // All before or behind an offset is kept, and what is on the other side of four bytes, or nothing of it.
        Op::Storep => {
            let one = |i: usize| k[i] == Fr::ONE;
            let first = one(0) && zero(1) && (zero(2) || one(2)) && zero(3);
            let last = zero(0) && one(1) && zero(2) && (zero(3) || one(3));
            small(&k[4]) && (first || last) && (5..8).all(zero)
        }
        Op::Storeb => small(&k[4]) && (no_y || zero(3)) && width(k).is_some_and(|w| Fr::from(w) == instr.c),
        _ => true,
    };
    registers && rest
}

/// Bytes of a sub-word access, by its constants.
#[must_use]
pub fn width(k: &[Fr; 8]) -> Option<u32> {
    let byte = |n: u32| Fr::from(1u64 << (8 * n));
    match &k[..3] {
        [k0, k1, k2] if *k0 == Fr::ZERO && *k1 == Fr::ZERO && *k2 == Fr::ZERO => Some(1),
        [k0, k1, k2] if *k0 == byte(1) && *k1 == Fr::ZERO && *k2 == Fr::ZERO => Some(2),
        [k0, k1, k2] if *k0 == byte(1) && *k1 == byte(2) && *k2 == byte(3) => Some(4),
        _ => None,
    }
}

/// Whether a sub-word load takes its sign from its own top byte, or from none.
fn sign(k: &[Fr; 8]) -> bool {
    let (top, bits) = match width(k) {
        Some(1) => (5, 8),
        Some(2) => (6, 16),
        _ => (7, 32),
    };
    let signed = k[top] == Fr::ONE;
    let others = (5..8).all(|i| (i == top && signed) || k[i] == Fr::ZERO);
    let sum = k[3] + Fr::from(1u64 << bits);
    let extends = sum == Fr::from(1u64 << 32) || sum == Fr::from(1u128 << 64);
    others && if signed { extends } else { k[3] == Fr::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of the instruction table: names and flags as they are written.
    fn documented() -> Vec<(String, String)> {
        let text = include_str!("../../../docs/CIRCUIT.md");
        let table = text.split("## Instructions").nth(1).expect("section");
        // The first table of the section; after its header comes a line of dashes.
        let table = table.lines().skip_while(|line| !line.starts_with('|'));
        let mut rows = Vec::new();
        for line in table.take_while(|line| line.starts_with('|')).skip(2) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            for name in cells[1].split(", ") {
                rows.push((name.to_owned(), cells[2].to_owned()));
            }
        }
        rows
    }

    #[test]
    fn the_documents_table_names_exactly_these() {
        let mut found: Vec<(String, Flags)> = Vec::new();
        for (name, flags) in documented() {
            let words = match flags.as_str() {
                "one flag" => vec![name.to_uppercase()],
                "none, sC" => vec![],
                _ => flags.split(' ').map(str::to_uppercase).collect(),
            };
            let bits = words.iter().map(|word| {
                let bit = Flags::NAMES.iter().position(|flag| flag == word);
                1u64 << bit.unwrap_or_else(|| panic!("{name}: no flag {word}"))
            });
            let flags = Flags(bits.sum());
            found.push((name, flags));
        }
        let mut table: Vec<(String, Flags)> = TABLE
            .iter()
            .map(|info| (info.name.to_owned(), info.flags))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        table.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(found, table);
    }

    #[test]
    fn the_table_is_in_order_and_unambiguous() {
        for (i, info) in TABLE.iter().enumerate() {
            assert_eq!(info.op as usize, i);
            for other in &TABLE[..i] {
                assert_ne!(other.flags.0 & !GENERAL.0, info.flags.0 & !GENERAL.0);
            }
        }
    }
}
