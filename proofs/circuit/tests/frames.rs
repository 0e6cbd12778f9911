//! Frames that a prover would like: the return that names another frame pointer, and EXIT right behind it.
//!
//! `trapped` reads registers of the frame that was left to see whether its instruction traps. If it could run in that frame, its own
//! locals would be what it finds there.

mod common;

use common::{ABOVE, Code, SHAPE, public, r};
use playfair_proofs_circuit::air::{Change, Checker, Column, Report, Witness};
use playfair_proofs_circuit::assign::assign;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::tables::Tables;
use playfair_proofs_isa::asm::{self, Operand};
use playfair_proofs_isa::code::{AuxRow, Program, Tag, address, at};
use playfair_types::crypto::field::Fr;

/// The frame of the function that is said to divide by zero, and the one of what it calls, in it.
const FRAME: u32 = 3_000;
const INNER: u32 = 10;
/// The divisor's register, and one that nobody writes.
const DIVISOR: u32 = 1;
const ZERO: u32 = 9;

/// Divides by 5, right after a call. The table of ends says that `divisor` is the register, and EXIT begins `above` registers above.
fn program(divisor: u32, above: u32) -> Program {
    let mut code = Code::new();
    let inner = code.row(asm::ret(0, 0));
    let function = code.here();
    code.put(DIVISOR, 5_u64);
    code.row(asm::call(INNER, 0, inner));
    let [division, rest] = asm::div_u(r(2), r(3), r(DIVISOR)).unwrap();
    let trap = code.row(division);
    code.row(rest);
    code.one(asm::jump(at::END));
    code.aux.push(AuxRow {
        tag: Tag::Trap,
        key: trap.into(),
        v1: (3 + (u64::from(divisor) << 46)).into(),
        v2: Fr::from(0_u64),
    });
    let main = code.row(asm::call(FRAME, 0, function));

    // As the kernel's: a local is zeroed, and the divisor is demanded to be zero.
    let trapped = code.here();
    code.put(0, 0_u64);
    code.one(asm::mov(r(1), Operand::Abs(address::XPC as u32)));
    let place = u64::from(trap) << 16;
    let divisor = Fr::from(u64::from(DIVISOR)) - Fr::from(place);
    code.one(asm::lin2(
        r(2),
        r(1),
        r(0),
        [Fr::from(1_u64), Fr::from(0_u64), divisor],
    ));
    code.one(asm::raw(r(3), 2, 0));
    code.one(asm::jump_nonzero(r(3), at::STUCK));
    code.one(asm::jump(at::END));
    let mut program = code.program(main, trapped, 3);
    program.code[at::EXIT as usize] = asm::exit(trapped, above);
    program
}

/// The witness of the run that divides by zero by having EXIT lead into its own frame, as a witness for the true program.
fn forged(machine: &Machine) -> Report {
    // The division is by another register, which is zero, and EXIT's frame begins at the divisor.
    let lie = program(ZERO, DIVISOR);
    let trace = common::trace(&lie);
    let lie = Tables::new(&lie, SHAPE).unwrap();
    let truth = Tables::new(&program(DIVISOR, ABOVE), SHAPE).unwrap();
    let witness = Witness {
        fixed: truth.fixed().clone(),
        advice: assign(machine, &lie, &trace, &public()).unwrap(),
        instance: public(),
    };
    let entries = trace.touched.len().div_ceil(2);
    let exit = trace.steps.iter().position(|step| step.pcl == at::EXIT).unwrap() + entries;
    let c = &machine.columns;
    let cell = |column: Column, row: usize| {
        let Column::Advice(i) = column else {
            panic!("no advice");
        };
        witness.advice[usize::from(i)][row]
    };
    // EXIT's k0 is what it is; so the return names a frame as much lower, and pc makes up for it.
    let lower = u64::from(ABOVE - DIVISOR);
    let frame = u64::from(FRAME) - lower;
    let scale = ark_ff::Field::inverse(&Fr::from(1_u64 << 16)).unwrap();
    let change = |column, row, value| Change { column, row, value };
    let mut changes = vec![
        change(c.limb[0], exit - 1, Fr::from(frame & 0xfff)),
        change(c.limb[5], exit - 1, Fr::from(frame >> 12)),
        change(c.fp, exit, Fr::from(frame)),
        change(c.slot_a.address, exit, Fr::from(frame)),
        change(c.pc, exit, cell(c.pc, exit) + Fr::from(lower) * scale),
        change(c.k[0], exit, Fr::from(ABOVE)),
    ];
    let checker = Checker::new(&machine.air, &witness).unwrap();
    // Multiplicities of limbs are free.
    for _ in 0..2 {
        let report = checker.with(&changes).unwrap();
        for tuple in report.unmatched.iter().filter(|tuple| tuple.kind == "aux") {
            let row = (0..witness.rows()).find(|row| {
                let fixed = [c.fixed.tag, c.fixed.key].map(|column| match column {
                    Column::Fixed(i) => witness.fixed[usize::from(i)][*row],
                    _ => panic!("not fixed"),
                });
                fixed == tuple.tuple[..2]
            });
            let row = row.unwrap();
            changes.push(change(c.m_aux, row, cell(c.m_aux, row) - tuple.balance));
        }
    }
    checker.with(&changes).unwrap()
}

#[test]
fn a_return_to_another_frame_is_caught() {
    let machine = Machine::new().unwrap();
    let report = forged(&machine);
    assert!(report.violates("ret.place"), "{report}");
}
