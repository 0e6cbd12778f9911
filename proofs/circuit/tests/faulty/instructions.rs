//! Executors that take an instruction for another: everything behind it follows from what they did.

use super::common::r;
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::asm::{self, Space, Width};
use playfair_proofs_isa::code::{Flags, Instr, Program, Tag, at};
use playfair_types::crypto::field::Fr;

/// A misread program, and a constraint that names what is wrong with its run.
type Misread = (&'static str, fn(&mut Program), &'static str);

/// The instructions of an operation, without those at fixed places.
fn all(program: &mut Program, op: Op) -> impl Iterator<Item = &mut Instr> {
    let rows = program.code.iter_mut().skip(at::RESET as usize + 1);
    rows.filter(move |row| Op::of(row.flags) == Some(op))
}

fn first(program: &mut Program, op: Op) -> &mut Instr {
    all(program, op).next().unwrap()
}

fn one() -> Fr {
    Fr::from(1_u64)
}

/// Two constants change places.
fn swap(row: &mut Instr, i: usize, j: usize) {
    assert_ne!(row.k[i], row.k[j]);
    row.k.swap(i, j);
}

pub(super) const MISREAD: &[Misread] = &[
    (
        "a sum for a difference",
        |program| {
            let row = all(program, Op::Arith).find(|row| row.k[2] == -one()).unwrap();
            (row.k[2], row.k[3]) = (one(), Fr::from(0_u64));
        },
        "arith.result",
    ),
    (
        "a low product for a high one",
        |program| {
            let high = |row: &&mut Instr| row.k[0] == one() && row.k[5] == one();
            swap(all(program, Op::Arith).find(high).unwrap(), 4, 5);
        },
        "arith.result",
    ),
    (
        "a sum of field elements for their product",
        |program| {
            let row = all(program, Op::Farith).find(|row| row.k[0] == one()).unwrap();
            (row.k[0], row.k[1], row.k[2]) = (Fr::from(0_u64), one(), one());
        },
        "farith.result",
    ),
    (
        "unequal for equal",
        |program| {
            let row = first(program, Op::Eq);
            (row.k[4], row.k[6]) = (-row.k[4], one() - row.k[6]);
        },
        "eq.result",
    ),
    (
        "or for and",
        |program| {
            let and = |row: &&mut Instr| row.k[4] == Fr::from(0_u64) && row.flags.has(Flags::SB);
            let row = all(program, Op::Logic).find(and).unwrap();
            (row.k[4], row.k[5], row.k[6]) = (one(), -one(), one());
        },
        "logic.result",
    ),
    (
        "a mask of something else",
        |program| {
            let row = all(program, Op::Logic)
                .find(|row| !row.flags.has(Flags::SB))
                .unwrap();
            row.k[0] += Fr::from(1_u64 << 8);
        },
        "logic.result",
    ),
    (
        "the other side of a word",
        |program| swap(first(program, Op::LoadP), 0, 1),
        "loadp.result",
    ),
    (
        "a part that is not added",
        |program| {
            let row = all(program, Op::LoadP)
                .filter(|row| row.k[3] == one())
                .last()
                .unwrap();
            row.k[3] = Fr::from(0_u64);
        },
        "loadp.result",
    ),
    (
        "the next byte, loaded from on",
        |program| first(program, Op::LoadP).k[4] -= one(),
        "loadp.result",
    ),
    (
        "the other side of a word kept",
        |program| swap(first(program, Op::StoreP), 0, 1),
        "storep.result",
    ),
    (
        "bytes behind four cleared",
        |program| {
            for row in all(program, Op::StoreP) {
                row.k[2] = Fr::from(0_u64);
            }
        },
        "storep.result",
    ),
    (
        "bytes before four cleared",
        |program| {
            for row in all(program, Op::StoreP) {
                row.k[3] = Fr::from(0_u64);
            }
        },
        "storep.result",
    ),
    (
        "a remainder for a quotient",
        |program| swap(first(program, Op::Div), 4, 5),
        "div.result",
    ),
    (
        "zeros for the sign of a load",
        |program| {
            for row in all(program, Op::LoadB) {
                for i in [3, 5, 6, 7] {
                    row.k[i] = Fr::from(0_u64);
                }
            }
        },
        "loadb.result",
    ),
    (
        "the next word, loaded",
        |program| first(program, Op::LoadW).k[4] += Fr::from(8_u64),
        "load.address",
    ),
    (
        "the next word, stored",
        |program| first(program, Op::StoreW).k[4] += Fr::from(8_u64),
        "store.address",
    ),
    (
        "another constant, stored",
        |program| {
            let constant = |row: &&mut Instr| row.k[3] != Fr::from(0_u64);
            all(program, Op::StoreW).find(constant).unwrap().k[3] += one();
        },
        "storew.value",
    ),
    (
        "another narrow constant, stored",
        |program| {
            let constant = |row: &&mut Instr| row.k[3] != Fr::from(0_u64);
            all(program, Op::StoreB).find(constant).unwrap().k[3] += one();
        },
        "storeb.result",
    ),
    (
        "the next byte, loaded",
        |program| first(program, Op::LoadB).k[4] -= one(),
        "load.address loadb.result",
    ),
    (
        "the next byte, stored",
        |program| first(program, Op::StoreB).k[4] -= one(),
        "storeb.result",
    ),
    (
        "a store that spills into the next byte",
        |program| {
            let row = first(program, Op::StoreB);
            let offset = row.k[4];
            *row = asm::store(r(4), 1, 0, Width::W2, Space::Module).unwrap();
            row.k[4] = offset;
        },
        "storeb.result",
    ),
    (
        "the kernel's memory for the module's",
        |program| {
            let row = first(program, Op::LoadW);
            assert!(row.flags.has(Flags::M));
            row.flags = Flags(row.flags.0 & !Flags::M.0);
        },
        "load.address",
    ),
    (
        "a cheaper row",
        |program| {
            let row = all(program, Op::GasD).find(|row| row.gas == 11).unwrap();
            row.gas = 6;
        },
        "state.gas",
    ),
    (
        "frame slots for gas",
        |program| {
            swap(
                all(program, Op::GetS).find(|row| row.k[0] == one()).unwrap(),
                0,
                2,
            )
        },
        "gets.result",
    ),
    (
        "more frame slots given back than taken",
        |program| {
            let row = all(program, Op::Ret)
                .find(|row| row.k[0] == Fr::from(5_u64))
                .unwrap();
            row.k[0] = Fr::from(4_u64);
        },
        "state.sl",
    ),
    (
        "a branch to the row before its target",
        |program| {
            let branches = all(program, Op::Eq).filter(|row| row.flags.has(Flags::BR));
            branches.last().unwrap().c -= one();
        },
        "state.pc",
    ),
    (
        "EXIT into the frame that it leaves",
        |program| program.code[at::EXIT as usize].k[0] = Fr::from(256_u64),
        "state.fp",
    ),
    (
        "another public input",
        |program| {
            let public = Fr::from(Tag::Public as u32);
            let row = all(program, Op::Aux).find(|row| row.k[0] == public).unwrap();
            row.k[2] += one();
        },
        "aux.result",
    ),
    (
        "the table's other value",
        |program| {
            let pow = Fr::from(Tag::Pow as u32);
            let row = all(program, Op::Aux).find(|row| row.k[0] == pow).unwrap();
            swap(row, 4, 5);
        },
        "aux.result",
    ),
    (
        "a cell beside the one that is meant",
        |program| first(program, Op::Raw).k[4] += one(),
        "raw.address",
    ),
    (
        "a hash that starts from another constant",
        |program| first(program, Op::Pin).k[1] = Fr::from(0_u64),
        "p6f.next.0 p6f.next.1 p6f.next.2 p6f.next.3 p6f.next.4 p6f.next.5",
    ),
    (
        "a full round with another constant",
        |program| first(program, Op::P6F).k[2] += one(),
        "p6f.next.2",
    ),
    (
        "partial rounds with another constant",
        |program| first(program, Op::P3P).k[3] += one(),
        "p3p.next.0 p3p.next.1 p3p.next.2",
    ),
];
