//! Programs that the constraints must not be given: each breaks one rule of `lint`, and is refused for it.

mod common;

use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lint::{Fault, check};
use playfair_proofs_circuit::op::Op;
use playfair_proofs_circuit::tables::{Tables, TablesError};
use playfair_proofs_isa::asm;
use playfair_proofs_isa::code::{AuxRow, Flags, Instr, Program, Tag};
use playfair_types::crypto::field::Fr;

/// What is done to a good program, and what is wrong with it then.
type Case = (&'static str, fn(&mut Program), Fault);

/// The first row of an operation, beyond the fixed places.
fn row(program: &mut Program, op: Op) -> &mut Instr {
    let at = index(program, op);
    &mut program.code[at]
}

fn index(program: &Program, op: Op) -> usize {
    let fits = |instr: &Instr| Op::of(instr.flags) == Some(op);
    (6..program.code.len()).find(|i| fits(&program.code[*i])).unwrap()
}

fn off(instr: &mut Instr, flag: Flags) {
    instr.flags = Flags(instr.flags.0 & !flag.0);
}

fn on(instr: &mut Instr, flag: Flags) {
    instr.flags = instr.flags.with(flag);
}

fn number(value: u64) -> Fr {
    Fr::from(value)
}

const CASES: &[Case] = &[
    (
        "two operations",
        |p| on(row(p, Op::Arith), Flags::FARITH),
        Fault::Operation,
    ),
    (
        "two secondary flags",
        |p| on(row(p, Op::Hint64), Flags::U4),
        Fault::Operation,
    ),
    (
        "an unknown flag",
        |p| on(row(p, Op::Arith), Flags(1 << 40)),
        Fault::Operation,
    ),
    (
        "a return without its cell",
        |p| off(row(p, Op::Ret), Flags::SA),
        Fault::MissingSlot,
    ),
    (
        "a load without a word",
        |p| off(row(p, Op::LoadW), Flags::SB),
        Fault::MissingSlot,
    ),
    (
        "a call that leaves no way back",
        |p| off(row(p, Op::Call), Flags::SC),
        Fault::MissingSlot,
    ),
    (
        "a result in place and in slot C",
        |p| on(row(p, Op::Cout), Flags::DA),
        Fault::Slots,
    ),
    (
        "an unbound result stored",
        |p| on(row(p, Op::GasD), Flags::SC),
        Fault::Slots,
    ),
    (
        "a slot where constants are",
        |p| on(row(p, Op::P6P), Flags::SB),
        Fault::Slots,
    ),
    (
        "an offset without a slot",
        |p| row(p, Op::Hint64).a = 4,
        Fault::Slots,
    ),
    (
        "a branch on a hint",
        |p| {
            let i = row(p, Op::Hint64);
            off(i, Flags::SC);
            on(i, Flags::BR);
        },
        Fault::Branch,
    ),
    (
        "a division that branches",
        |p| {
            let i = row(p, Op::Div);
            off(i, Flags::SC);
            on(i, Flags::BR);
        },
        Fault::Branch,
    ),
    (
        "a result times zero",
        |p| row(p, Op::Arith).k[7] = number(0),
        Fault::Constants,
    ),
    (
        "a quotient times zero",
        |p| row(p, Op::Div).k[7] = number(0),
        Fault::Constants,
    ),
    (
        "any AND",
        |p| row(p, Op::Aux).k[0] = number(Tag::And as u64),
        Fault::Constants,
    ),
    (
        "an operand of LOGIC that is not there",
        |p| off(row(p, Op::Logic), Flags::SB),
        Fault::Malformed,
    ),
    (
        "a LOGIC that binds nothing",
        |p| {
            let i = row(p, Op::Logic);
            off(i, Flags::SA);
            i.a = 0;
        },
        Fault::MissingSlot,
    ),
    (
        "a part of a word that is nowhere",
        |p| off(row(p, Op::LoadP), Flags::SB),
        Fault::MissingSlot,
    ),
    (
        "a part added to what is not there",
        |p| {
            let i = row(p, Op::LoadP);
            off(i, Flags::SC);
            i.c = number(0);
            i.k[3] = number(1);
        },
        Fault::Malformed,
    ),
    (
        "a part of a word that branches",
        |p| {
            let i = row(p, Op::LoadP);
            off(i, Flags::SC);
            on(i, Flags::BR);
        },
        Fault::Branch,
    ),
    (
        "a part of a word stored with another constant",
        |p| {
            let i = row(p, Op::StoreP);
            (i.k[0], i.k[1], i.k[2]) = (number(0), number(1), number(1));
        },
        Fault::Malformed,
    ),
    (
        "a part of a word stored beside another's",
        |p| {
            let i = row(p, Op::StoreP);
            (i.k[2], i.k[3]) = (number(1), number(1));
        },
        Fault::Malformed,
    ),
    (
        "a word of which both sides are kept",
        |p| {
            let i = row(p, Op::StoreP);
            (i.k[0], i.k[1]) = (number(1), number(1));
        },
        Fault::Malformed,
    ),
    (
        "bytes that are kept twice",
        |p| {
            let i = row(p, Op::StoreP);
            (i.k[0], i.k[1], i.k[2]) = (number(1), number(0), number(2));
        },
        Fault::Malformed,
    ),
    (
        "bytes from far behind memory's end",
        |p| row(p, Op::LoadP).k[5] = number(5),
        Fault::Malformed,
    ),
    (
        "bytes that memory's end is short of",
        |p| row(p, Op::LoadP).k[5] = -number(4),
        Fault::Malformed,
    ),
    (
        "the end of a memory that has none",
        |p| {
            let i = row(p, Op::LoadP);
            off(i, Flags::M);
            i.k[5] = number(4);
        },
        Fault::Malformed,
    ),
    (
        "bytes stored behind memory's end",
        |p| row(p, Op::StoreP).k[5] = number(4),
        Fault::Malformed,
    ),
    (
        "a word from behind memory's end",
        |p| row(p, Op::LoadW).k[5] = number(4),
        Fault::Malformed,
    ),
    (
        "a word stored behind memory's end",
        |p| row(p, Op::StoreW).k[5] = number(4),
        Fault::Malformed,
    ),
    (
        "bytes that are not those of the width",
        |p| row(p, Op::LoadB).k[0] = number(7),
        Fault::Malformed,
    ),
    (
        "a sign of another byte",
        |p| row(p, Op::LoadB).k[6] = number(1),
        Fault::Malformed,
    ),
    (
        "a base between two runs",
        |p| row(p, Op::SetMem).k[0] = number(5),
        Fault::Malformed,
    ),
    (
        "a division alone",
        |p| {
            let i = index(p, Op::Div);
            p.code.swap(i + 1, i + 2);
        },
        Fault::Group,
    ),
    (
        "lane 0 of nothing",
        |p| {
            let i = index(p, Op::Farith);
            p.code[i].flags = Op::GetS.flags().with(Flags::SC);
            p.code[i].k[1] = number(1);
        },
        Fault::Group,
    ),
    (
        "a round without its start",
        |p| {
            let i = index(p, Op::Pin);
            p.code[i].flags = Op::Cin.flags().with(Flags(7));
        },
        Fault::Group,
    ),
    (
        "a curve whose state is not all given",
        |p| {
            let i = index(p, Op::Cin);
            p.code[i] = asm::nop();
        },
        Fault::Group,
    ),
    (
        "a coordinate that no row keeps",
        |p| {
            let i = index(p, Op::Cout) + 1;
            p.code[i].k[0] = number(1);
        },
        Fault::Group,
    ),
    (
        "a loop to elsewhere",
        |p| row(p, Op::Curve).c = number(6),
        Fault::Group,
    ),
    (
        "memory later on",
        |p| {
            let i = p.code.len() - 1;
            p.code[i] = p.code[0].clone();
        },
        Fault::Place,
    ),
    (
        "an exit of one's own",
        |p| {
            let i = p.code.len() - 1;
            p.code[i] = p.code[2].clone();
        },
        Fault::Place,
    ),
    ("an end that goes on", |p| p.code[1].c = number(4), Fault::Place),
    (
        "a reset that may stand anywhere",
        |p| p.code[5].k[1] = number(1),
        Fault::Place,
    ),
    ("an exit that charges", |p| p.code[2].gas = 1, Fault::Place),
    (
        "a jump into a permutation",
        |p| p.code[4].c = number(8),
        Fault::Target,
    ),
    (
        "a jump to initial memory",
        |p| p.code[4].c = number(0),
        Fault::Target,
    ),
    (
        "a jump out of the code",
        |p| p.code[4].c = number(60_000),
        Fault::Target,
    ),
    (
        "a jump by a fraction",
        |p| p.code[4].c = -number(1),
        Fault::Target,
    ),
    (
        "a trap in a second row",
        |p| {
            let key = index(p, Op::Div) as u64 + 1;
            p.aux.push(aux(Tag::Trap, key));
        },
        Fault::Target,
    ),
    (
        "a trap that can run",
        |p| {
            let key = index(p, Op::Arith) as u64;
            p.aux.push(AuxRow {
                v1: number(1),
                ..aux(Tag::Trap, key)
            });
        },
        Fault::Trap,
    ),
    (
        "a trap that runs again",
        |p| {
            let key = p.code.len() as u64;
            p.code.push(p.code[3].clone());
            p.code[key as usize].c = number(key);
            p.aux.push(AuxRow {
                v1: number(16 + 4),
                ..aux(Tag::Trap, key)
            });
        },
        Fault::Trap,
    ),
    (
        "a function in a second row",
        |p| {
            let v1 = number(index(p, Op::Div) as u64 + 1);
            p.aux.push(AuxRow {
                v1,
                ..aux(Tag::Table, 50)
            });
        },
        Fault::Target,
    ),
    (
        "a public input of one's own",
        |p| p.aux.push(aux(Tag::Public, 40)),
        Fault::Key,
    ),
    ("a key twice", |p| p.aux.push(p.aux[0].clone()), Fault::Key),
    (
        "an image with a hole",
        |p| {
            p.aux.remove(1);
        },
        Fault::Image,
    ),
    (
        "a word outside the image",
        |p| p.aux.push(aux(Tag::Image, 99)),
        Fault::Image,
    ),
    (
        "an image word beyond 64 bits",
        |p| p.aux[0].v1 = -number(1),
        Fault::Image,
    ),
    (
        "kernel memory among registers",
        |p| (p.code[0].k[2], p.code[0].k[3]) = (number(20), number(20)),
        Fault::Image,
    ),
];

fn aux(tag: Tag, key: u64) -> AuxRow {
    AuxRow {
        tag,
        key,
        v1: number(0),
        v2: number(0),
    }
}

#[test]
fn undisciplined_programs_are_refused() {
    let good = common::sink::program(3);
    check(&good).unwrap();
    for (name, change, fault) in CASES {
        let mut program = good.clone();
        change(&mut program);
        assert_eq!(
            check(&program).map_err(|error| error.fault),
            Err(*fault),
            "{name}"
        );
    }
}

#[test]
fn programs_that_do_not_fit_are_refused() {
    let program = common::sink::program(3);
    let tables = |usable| Tables::new(&program, Shape { k: 14, usable });
    let rows = tables(9_000).unwrap().aux_rows();
    assert!(tables(rows).is_ok());
    assert_eq!(
        tables(rows - 1).err(),
        Some(TablesError::Aux {
            rows,
            usable: rows - 1
        })
    );
    let code = program.code.len();
    assert_eq!(
        tables(code - 1).err(),
        Some(TablesError::Code {
            rows: code,
            usable: code - 1
        })
    );
}
