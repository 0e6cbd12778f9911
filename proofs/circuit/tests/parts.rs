//! Eight bytes in parts at every offset, up to the last byte of memory: what the rows do is right, and no other offset satisfies them.
//! Four bytes, which are read as eight of which the last may lie behind memory's end, and not a byte further.

mod common;

use common::forge::Forge;
use common::{Answers, Code, SHAPE, assigned, public, r, trace};
use playfair_proofs_circuit::air::{Change, Checker, Column, Witness};
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::asm::{self, Extend, Half, Space, Width};
use playfair_proofs_isa::code::{Program, address};
use playfair_proofs_isa::interp::{Executable, Reason};
use playfair_proofs_isa::trace::Value;
use playfair_types::crypto::field::Fr;

const MEMORY: u64 = 4_096;
const BEFORE: [u64; 2] = [0x8091_a2b3_c4d5_e6f7, 0x0123_4567_89ab_cdef];
const STORED: u64 = 0xfedc_ba98_7654_3210;

/// A program, and where it begins: it writes two words at the end of memory, whose address is in register 1.
fn two_words() -> (Code, u32) {
    let mut code = Code::new();
    let main = code.here();
    code.put(0, MEMORY);
    code.row(asm::setmem(0, true));
    code.put(1, MEMORY - 16);
    for (word, value) in (0_u32..).zip(BEFORE) {
        code.one(asm::store_constant(value, 1, 8 * word, Width::W8, Space::Module));
    }
    (code, main)
}

/// Writes two words at the end of memory, then eight bytes across them or in one of them, and reads these and both words.
fn program(offset: u32) -> Program {
    let space = Space::Module;
    let (mut code, main) = two_words();
    code.put(2, STORED);
    let last = offset + 7;
    code.one(asm::load_part(r(3), 1, last, Half::Scale, false, space));
    code.one(asm::mulhi(r(4), r(2), r(3)));
    code.one(asm::mul64(r(5), r(2), r(3)));
    code.one(asm::store_part(r(4), 1, last, Half::Last, space));
    code.one(asm::store_part(r(5), 1, offset, Half::First, space));
    code.one(asm::load_part(r(6), 1, last, Half::Last, false, space));
    code.one(asm::load_part(r(6), 1, offset, Half::First, true, space));
    for word in 0..2 {
        code.one(asm::load(r(7), 1, 8 * word, Width::W8, Extend::Zero, space));
    }
    code.one(asm::jump(1));
    code.program(main, main, main)
}

/// Memory's size and, `offset` bytes into its last two words, four bytes, with what the rows find before and after the cut.
fn four(memory: u64, offset: u32) -> Program {
    let space = Space::Module;
    let mut code = Code::new();
    let main = code.here();
    code.put(0, memory);
    code.row(asm::setmem(0, true));
    code.put(1, MEMORY - 16);
    for (word, value) in (0_u32..).zip(BEFORE) {
        code.one(asm::store_constant(value, 1, 8 * word, Width::W8, space));
    }
    code.one(asm::load_last_of_four(r(2), 1, offset + 7));
    code.one(asm::load_part(r(2), 1, offset, Half::First, true, space));
    code.one(asm::mask(r(3), r(2), 32));
    code.one(asm::jump(1));
    code.program(main, main, main)
}

#[test]
fn four_bytes_up_to_the_end() {
    let machine = Machine::new().unwrap();
    let bytes: Vec<u8> = BEFORE.into_iter().flat_map(u64::to_le_bytes).collect();
    for offset in 0..=12 {
        let program = four(MEMORY, offset);
        let trace = trace(&program);
        let results = trace.steps.iter().rev().skip(1).take(1);
        let found: Vec<u64> = results.map(|step| step.result.word().unwrap()).collect();
        let place = offset as usize..offset as usize + 4;
        let expected = u32::from_le_bytes(bytes[place].try_into().unwrap());
        assert_eq!(found, [u64::from(expected)], "offset {offset}");
        // The word behind the end is read where one byte of it is, and is zero.
        let behind = trace
            .touched
            .iter()
            .find(|cell| cell.address == address::RUN + MEMORY / 8);
        assert_eq!(behind.is_some(), offset > 8, "offset {offset}");
        assert!(behind.is_none_or(|cell| cell.last_value == Value::ZERO));
        let witness = assigned(&machine, &program, &trace, SHAPE);
        let report = Checker::new(&machine.air, &witness).unwrap().report();
        assert!(report.is_clean(), "offset {offset}:\n{report}");
    }
}

/// Four bytes stored at every offset of the last two words, and both words afterwards.
fn four_stored(offset: u32) -> Program {
    let space = Space::Module;
    let (mut code, main) = two_words();
    code.put(2, STORED >> 32);
    code.one(asm::scale_of_four(r(3), 1, offset + 7));
    code.one(asm::mulhi(r(4), r(2), r(3)));
    code.one(asm::mul64(r(5), r(2), r(3)));
    code.one(asm::store_part_of_four(r(4), 1, offset + 3, Half::Last, space));
    code.one(asm::store_part_of_four(r(5), 1, offset, Half::First, space));
    for word in 0..2 {
        code.one(asm::load(r(7), 1, 8 * word, Width::W8, Extend::Zero, space));
    }
    code.one(asm::jump(1));
    code.program(main, main, main)
}

#[test]
fn four_bytes_stored() {
    let machine = Machine::new().unwrap();
    for offset in 0..=12 {
        let program = four_stored(offset);
        let trace = trace(&program);
        let mut bytes: Vec<u8> = BEFORE.into_iter().flat_map(u64::to_le_bytes).collect();
        bytes[offset as usize..][..4].copy_from_slice(&STORED.to_le_bytes()[4..]);
        let words = bytes.chunks_exact(8).map(|word| word.try_into().unwrap());
        let expected: Vec<u64> = words.map(u64::from_le_bytes).collect();
        let results = trace.steps.iter().rev().skip(1).take(2).rev();
        let found: Vec<u64> = results.map(|step| step.result.word().unwrap()).collect();
        assert_eq!(found, expected, "offset {offset}");
        // Nothing behind the end is written.
        let behind = trace
            .touched
            .iter()
            .find(|cell| cell.address >= address::RUN + MEMORY / 8);
        assert!(behind.is_none_or(|cell| cell.last_value == Value::ZERO));

        let witness = assigned(&machine, &program, &trace, SHAPE);
        let checker = Checker::new(&machine.air, &witness).unwrap();
        let report = checker.report();
        assert!(report.is_clean(), "offset {offset}:\n{report}");
        let entries = Forge::new(&machine, &witness).entries();
        for (at, step) in trace.steps.iter().enumerate() {
            let op = Op::of(program.code[step.pcl as usize].flags).unwrap();
            if op == Op::StoreP {
                another_offset(&machine, &witness, &checker, entries + at, op);
            }
        }
    }
    // One byte too far has no row.
    for beyond in 1..=4 {
        let executable = Executable::new(&four_stored(12 + beyond)).unwrap();
        let fault = executable.trace(&public(), &mut Answers, 1 << 20).unwrap_err();
        assert!(matches!(fault.reason, Reason::Bounds(..)), "{fault}");
    }
}

/// One byte too far: the interpreter has no row for it, and what a prover can say of one fails by its bound or by a limb of it.
#[test]
fn four_bytes_behind_the_end() {
    let machine = Machine::new().unwrap();
    let c = &machine.columns;
    for beyond in 1..=7 {
        let short = Executable::new(&four(MEMORY, 12 + beyond)).unwrap();
        let fault = short.trace(&public(), &mut Answers, 1 << 20).unwrap_err();
        assert!(matches!(fault.reason, Reason::Bounds(..)), "{fault}");

        // The same rows where memory has a word more, told of one that has not.
        let program = four(MEMORY + 8, 12 + beyond);
        let trace = trace(&program);
        let witness = assigned(&machine, &program, &trace, SHAPE);
        let forge = Forge::new(&machine, &witness);
        let step = trace.steps.iter().position(|step| {
            let instr = &program.code[step.pcl as usize];
            Op::of(instr.flags) == Some(Op::LoadP)
        });
        let row = forge.entries() + step.unwrap();
        let value = |column: Column| witness.advice[cell(column)][row];
        assert_eq!(value(c.limb[9]), Fr::from(u64::from(8 - beyond)));
        let change = |column: Column, value: Fr| Change { column, row, value };
        let lim = change(c.lim, Fr::from(MEMORY));
        let report = forge.settle(&[lim]);
        assert!(report.names().contains("memory.bound"), "{report}");
        let room = change(c.limb[9], Fr::from(u64::from(8 - beyond)) - Fr::from(8_u64));
        let report = forge.settle(&[lim, room]);
        assert!(!report.names().contains("memory.bound"), "{report}");
        assert!(report.names().contains("limb.9"), "{report}");
        // A wider bound is no constant of this row.
        let wider = change(c.k[5], Fr::from(12_u64));
        let report = forge.settle(&[lim, wider]);
        assert!(!report.names().contains("memory.bound"), "{report}");
        assert!(report.names().contains("code.use"), "{report}");
    }
}

#[test]
fn every_offset() {
    let machine = Machine::new().unwrap();
    for offset in 0..=8 {
        let program = program(offset);
        let trace = trace(&program);
        let mut bytes: Vec<u8> = BEFORE.into_iter().flat_map(u64::to_le_bytes).collect();
        bytes[offset as usize..][..8].copy_from_slice(&STORED.to_le_bytes());
        let words = bytes.chunks_exact(8).map(|word| word.try_into().unwrap());
        let mut expected = vec![STORED];
        expected.extend(words.map(u64::from_le_bytes));
        let results = trace.steps.iter().rev().skip(1).take(3).rev();
        let found: Vec<u64> = results.map(|step| step.result.word().unwrap()).collect();
        assert_eq!(found, expected, "offset {offset}");

        let witness = assigned(&machine, &program, &trace, SHAPE);
        let checker = Checker::new(&machine.air, &witness).unwrap();
        let report = checker.report();
        assert!(report.is_clean(), "offset {offset}:\n{report}");

        // Another offset, with parts that fit it: the word would be at a fraction of an address.
        let entries = witness.advice[cell(machine.columns.flags[26])]
            .iter()
            .filter(|flag| **flag == Fr::from(1_u64))
            .count();
        for (at, step) in trace.steps.iter().enumerate() {
            let op = Op::of(program.code[step.pcl as usize].flags).unwrap();
            if matches!(op, Op::LoadP | Op::StoreP) {
                another_offset(&machine, &witness, &checker, entries + at, op);
            }
        }
    }
}

fn cell(column: Column) -> usize {
    match column {
        Column::Advice(i) | Column::Fixed(i) => usize::from(i),
        Column::Instance => 0,
    }
}

/// All that a prover can say of a row with another offset: it fails by its address alone.
fn another_offset(machine: &Machine, witness: &Witness, checker: &Checker<'_>, row: usize, op: Op) {
    let c = &machine.columns;
    let value = |column: Column| witness.advice[cell(column)][row];
    let (zero, one) = (Fr::from(0_u64), Fr::from(1_u64));
    let byte = |j: usize| value(c.limb[j]);
    let power = |bytes: usize| Fr::from(1_u64 << (8 * bytes));
    let honest = (0..8).find(|o| value(c.extra[*o]) == one).unwrap();
    let offset = (honest + 3) % 8;
    let sum =
        |range: std::ops::Range<usize>, from: usize| -> Fr { range.map(|j| byte(j) * power(j - from)).sum() };
    let [beyond, before] = [
        sum((offset + 4).min(8)..8, 0),
        sum(0..offset.saturating_sub(3), 0),
    ];
    let parts = if op == Op::LoadP {
        let up = if offset < 7 {
            sum(0..offset + 1, 0) * power(7 - offset)
        } else {
            zero
        };
        [sum(offset..8, offset), up]
    } else {
        [sum(0..offset, 0), sum(offset + 1..8, 0)]
    };
    let k = |i: usize| value(c.k[i]);
    let result = if op == Op::LoadP {
        k(2) * power((offset + 1) % 8) + k(3) * value(c.slot_c.old)
    } else {
        value(c.slot_b.value) + k(2) * beyond + k(3) * before
    };
    let result = result + k(0) * parts[0] + k(1) * parts[1];
    let changes: Vec<Change> = [
        (c.extra[honest], zero),
        (c.extra[offset], one),
        (c.extra[8], parts[0]),
        (c.extra[9], parts[1]),
        (c.slot_c.new, result),
        (c.extra[10], if op == Op::StoreP { beyond } else { zero }),
        (c.extra[11], if op == Op::StoreP { before } else { zero }),
    ]
    .into_iter()
    .map(|(column, value)| Change { column, row, value })
    .collect();
    let report = checker.with(&changes).unwrap();
    let address = if op == Op::LoadP {
        "load.address"
    } else {
        "store.address"
    };
    let violated: Vec<_> = report.violations.iter().collect();
    assert!(report.violates(address), "{report}");
    assert_eq!(violated.len(), 1, "{report}");
}
