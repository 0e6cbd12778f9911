//! Random changes of single cells, ten thousand for each type of row: each is caught, or the cell is one that its row does not
//! use, which is said for each by [`unused`].

mod common;

use common::Seeded;
use playfair_proofs_circuit::air::{Change, Checker, Column, Witness};
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::code::{Flags, Instr, Program};
use playfair_types::crypto::field::Fr;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Changes tried per type of row.
const MUTATIONS: u64 = 10_000;
/// The seed of the changes.
const SEED: u64 = 2026;

/// Extra cells that an operation uses.
fn extra(op: Op) -> &'static [usize] {
    match op {
        Op::Eq => &[0, 1, 2],
        Op::Select => &[1, 2],
        Op::CallI | Op::Aux => &[0, 1, 2, 12],
        Op::Logic => &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        Op::LoadP | Op::StoreP => &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        Op::P3S => &[0, 4, 5, 6, 7, 8, 9],
        Op::Curve => &[0, 1, 2, 3, 4, 5, 6],
        Op::LoadB | Op::StoreB | Op::P6P | Op::P3P | Op::Mem => &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        _ => &[],
    }
}

/// Limbs that an operation uses, or ranges.
fn limbs(op: Op) -> &'static [usize] {
    match op {
        Op::Arith
        | Op::Div
        | Op::Logic
        | Op::LoadB
        | Op::StoreB
        | Op::LoadP
        | Op::StoreP
        | Op::Mem
        | Op::P6F
        | Op::P6P => &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        Op::Ret | Op::Enter | Op::Hint64 => &[0, 1, 2, 3, 4, 5],
        Op::LoadW | Op::StoreW => &[6, 7, 8, 9, 10, 11],
        // Three lanes, and squares.
        Op::P3F => &[0, 1, 2, 6, 7, 8],
        Op::P3P => &[0, 1, 2, 6, 7, 8, 9, 10, 11],
        Op::P3S => &[0, 1, 2, 6, 7, 8, 9, 10, 11],
        Op::Curve => &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        // What the first CIN shifts out, and what COUT does not give, nobody reads.
        Op::Cin => &[3, 4, 5, 6, 7, 8],
        Op::Cout => &[1],
        _ => &[],
    }
}

/// Why a cell may be anything: the row does not use it.
fn unused(name: &str, op: Op, instr: &Instr, witness_is_zero: bool) -> bool {
    let on = |flag: Flags| instr.flags.has(flag);
    let number = |prefix: &str| {
        name.strip_prefix(prefix)
            .and_then(|rest| rest.parse::<usize>().ok())
    };
    if let Some(i) = number("E") {
        // The inverse of zero, and the second value of an entry that looks nothing up.
        let idle = (matches!(op, Op::Eq | Op::Select) && i == 1 && witness_is_zero)
            || (op == Op::Mem && matches!(i, 2 | 5) && witness_is_zero);
        return idle || !extra(op).contains(&i);
    }
    if let Some(i) = number("L") {
        return !limbs(op).contains(&i);
    }
    match name {
        // A slot that is off has no access; slot A's address is bound also then.
        "tA" => !on(Flags::SA),
        "aB" | "tB" => !on(Flags::SB),
        "aC" | "tC" => !on(Flags::SC),
        // Operations without a result.
        "nc" => {
            !on(Flags::SC)
                && (op.is_poseidon()
                    || matches!(
                        op,
                        Op::Ret | Op::Enter | Op::Dyn | Op::GasD | Op::SetGas | Op::SetMem
                    ))
        }
        _ => false,
    }
}

fn instr_of<'a>(program: &'a Program, codes: &[usize], row: usize) -> &'a Instr {
    &program.code[codes.get(row).copied().unwrap_or(1)]
}

/// A value to try in a cell: near the old one, taken from elsewhere, or anything.
fn other(random: &mut Seeded, witness: &Witness, column: usize, row: usize) -> Fr {
    let old = witness.advice[column][row];
    match random.below(8) {
        0 => old + Fr::from(1_u64),
        1 => old - Fr::from(1_u64),
        2 => -old,
        3 => Fr::from(random.below(2)),
        // From another column, from another row.
        4 => witness.advice[random.below(witness.advice.len() as u64) as usize][row],
        5 => witness.advice[column][random.below(witness.rows() as u64) as usize],
        6 => old + Fr::from(1_u64 << random.below(64)),
        _ => random.field(),
    }
}

#[test]
fn a_changed_cell_is_caught_or_unused() {
    let machine = Machine::new().unwrap();
    let program = common::sink::program(SEED);
    let witness = common::witness(&machine, &program, common::SHAPE);
    let checker = Checker::new(&machine.air, &witness).unwrap();
    assert!(checker.report().is_clean());
    let steps = common::trace(&program).steps;
    let names = machine.air.advice();
    let mem = names.iter().position(|name| name == "MEM").unwrap();
    let entries = witness.advice[mem]
        .iter()
        .filter(|flag| **flag == Fr::from(1_u64))
        .count();
    let mut codes = vec![0; entries];
    codes.extend(steps.iter().map(|step| step.pcl as usize));
    // Two rows of END, and the last of all, are a type like any other.
    let rows = (0..codes.len() + 2).chain([witness.rows() - 1]);
    let mut types: BTreeMap<Op, Vec<usize>> = BTreeMap::new();
    for row in rows {
        let op = Op::of(instr_of(&program, &codes, row).flags).unwrap();
        types.entry(op).or_default().push(row);
    }
    assert_eq!(types.len(), Op::ALL.len(), "the program has every operation");

    let counts: Vec<(Op, u64)> = types
        .into_par_iter()
        .map(|(op, rows)| {
            let mut random = Seeded(SEED ^ (op as u64) << 32);
            let mut idle = 0;
            let mut tried = 0;
            while tried < MUTATIONS {
                let row = rows[random.below(rows.len() as u64) as usize];
                let column = random.below(names.len() as u64) as usize;
                let old = witness.advice[column][row];
                let value = other(&mut random, &witness, column, row);
                if value == old {
                    continue;
                }
                tried += 1;
                let change = Change {
                    column: Column::Advice(column as u16),
                    row,
                    value,
                };
                if !checker.with(&[change]).unwrap().is_clean() {
                    continue;
                }
                idle += 1;
                let (name, zero) = (&names[column], old == Fr::from(0_u64));
                assert!(
                    unused(name, op, instr_of(&program, &codes, row), zero),
                    "seed {SEED}: {name} of row {row} ({op:?}) can be {value}"
                );
            }
            (op, idle)
        })
        .collect();
    for (op, idle) in counts {
        println!("{op:?}: {MUTATIONS} changes, {idle} of them of cells that it does not use");
        assert!(idle < MUTATIONS / 2, "{op:?} leaves most cells free");
    }
}
