//! Rows without witness, and programs that are none.

use crate::common::*;
use ark_ff::{AdditiveGroup, Field};
use playfair_proofs_isa::asm::{self, Dest, Extend, Logic, Space, Width};
use playfair_proofs_isa::code::{AuxRow, Flags, Instr, Tag, address, at};
use playfair_proofs_isa::interp::{Executable, NoOracle, Oracle, ProgramError, Reason, View};
use playfair_proofs_isa::micro;
use playfair_proofs_isa::ops::{Malformed, Op};
use playfair_types::crypto::field::Fr;

const BIG: u128 = 1 << 64;

/// Register 0 set to a value, then one row.
fn after(value: impl Into<Fr>, row: Instr) -> Reason {
    reason(vec![set(Reg(0), value), row])
}

#[test]
fn faults_name_their_row() {
    let fault = refusal(vec![
        asm::nop(),
        asm::call(30, 0, BODY + 2),
        asm::jump(at::STUCK).unwrap(),
    ]);
    assert_eq!(
        (fault.step, fault.pc, fault.fp, fault.name),
        (4, at::STUCK, 30, "FARITH")
    );
    assert_eq!(fault.reason, Reason::Stuck);
    assert_eq!(fault.calls, [BODY + 1]);
    assert!(fault.to_string().contains("code index 3"));
}

#[test]
fn arithmetic() {
    let demand = asm::demand_word(Reg(0)).unwrap();
    assert_eq!(
        cells(vec![set(Reg(0), u64::MAX), demand.clone()], &[0]),
        [Fr::from(u64::MAX)]
    );
    assert_eq!(after(BIG, demand), Reason::Demand);
    let add = asm::add64i(Reg(1), Reg(0), 0).unwrap();
    assert_eq!(after(-Fr::ONE, add.clone()), Reason::Wide(-Fr::ONE));
    assert_eq!(cells(vec![set(Reg(0), BIG + 5), add], &[1]), [Fr::from(5u64)]);
    let wide = asm::logici(Logic::Xor, Reg(1), Reg(0), 1).unwrap();
    assert_eq!(after(BIG, wide), Reason::NotWord('x', Fr::from(BIG)));
    let other = asm::logic(Logic::AndNot, Reg(2), Reg(1), Reg(0)).unwrap();
    assert_eq!(after(BIG, other), Reason::NotWord('y', Fr::from(BIG)));
    let divide = asm::div_u(Reg(2), Reg(0), Reg(1)).unwrap().to_vec();
    assert_eq!(reason(divide.clone()), Reason::DivideByZero);
    let rows = [vec![set(Reg(0), BIG), set(Reg(1), 1u64)], divide].concat();
    assert_eq!(reason(rows), Reason::NotWord('x', Fr::from(BIG)));
}

#[test]
fn control() {
    assert_eq!(
        after(2u64, asm::jump_if(Reg(0), BODY).unwrap()),
        Reason::NotBoolean(Fr::from(2u64))
    );
    assert_eq!(after(0u64, asm::dyn_jump(0, 1_000)), Reason::NoCode(1_000));
    assert_eq!(after(0u64, asm::dyn_jump(0, at::MEM)), Reason::NoCode(0));
    assert_eq!(
        after(BIG, asm::dyn_jump(0, 0)),
        Reason::NotWord('x', Fr::from(BIG))
    );
    assert_eq!(after(-Fr::ONE, asm::ret(0, 0)), Reason::NotWord('x', -Fr::ONE));
    assert_eq!(after(u64::from(at::END) << 16, asm::ret(0, 1)), Reason::Slots(-1));
    assert_eq!(reason(vec![asm::enter(8_193, 8_192)]), Reason::Slots(8_193));
    assert_eq!(reason(vec![asm::jump(BODY).unwrap()]), Reason::StepLimit);
    assert_eq!(reason(vec![asm::call(1 << 14, 0, BODY)]), Reason::Frame(1 << 14));
    assert_eq!(reason(vec![set(Reg(1 << 14), 0u64)]), Reason::Frame(1 << 14));
}

#[test]
fn memory() {
    let load = |width, space| asm::load(Reg(1), 0, 0, width, Extend::Zero, space).unwrap();
    assert_eq!(after(4u64, load(Width::W8, Space::Kernel)), Reason::Unaligned(4));
    assert_eq!(
        after(7u64, load(Width::W2, Space::Kernel)),
        Reason::Straddle(7, 2)
    );
    assert_eq!(
        after(5u64, load(Width::W4, Space::Kernel)),
        Reason::Straddle(5, 4)
    );
    assert_eq!(after(0u64, load(Width::W1, Space::Module)), Reason::Bounds(0, 0));
    assert_eq!(
        after(BIG, load(Width::W1, Space::Kernel)),
        Reason::NotWord('x', Fr::from(BIG))
    );
    assert!(matches!(
        after(u64::MAX - 7, load(Width::W8, Space::Kernel)),
        Reason::Address(_)
    ));
    assert!(matches!(
        after(1u64 << 40, load(Width::W8, Space::Kernel)),
        Reason::Address(_)
    ));
    let store = |width| asm::store(Reg(1), 2, 0, width, Space::Kernel).unwrap();
    let wide = |width, value: u64| reason(vec![set(Reg(1), value), store(width)]);
    assert_eq!(wide(Width::W1, 256), Reason::NotWord('y', Fr::from(256u64)));
    assert_eq!(
        wide(Width::W4, 1 << 32),
        Reason::NotWord('y', Fr::from(1u64 << 32))
    );
    // A word that is none has no bytes.
    let element = vec![set(Reg(1), BIG), store(Width::W8), load(Width::W1, Space::Kernel)];
    assert_eq!(reason(element), Reason::NotWord('w', Fr::from(BIG)));
    assert!(matches!(
        after(1u64 << 20, asm::raw(Reg(1), 0, 0).unwrap()),
        Reason::Address(_)
    ));
    assert!(matches!(
        after(-Fr::ONE, asm::raw(Reg(1), 0, 0).unwrap()),
        Reason::Address(_)
    ));
    assert_eq!(after(0u64, asm::raw(Reg(1), 0, 0).unwrap()), Reason::Clash(0));
    assert_eq!(
        after(BIG, asm::setmem(0, true)),
        Reason::NotWord('x', Fr::from(BIG))
    );
}

#[test]
fn system() {
    assert!(matches!(after(1u64 << 63, asm::setgas(0)), Reason::Gas(_)));
    let range = asm::aux_v1(Dest::Drop, Tag::Byte, 0).unwrap();
    assert_eq!(after(256u64, range), Reason::NoRow(Tag::Byte, Fr::from(256u64)));
    let public = asm::public(Reg(1), 0).unwrap();
    assert_eq!(reason(vec![public]), Reason::NoRow(Tag::Public, Fr::ZERO));
    assert_eq!(
        after(0u64, asm::calli(3, 0, 0, 0)),
        Reason::NoRow(Tag::Table, Fr::ZERO)
    );
    struct Wide;
    impl Oracle for Wide {
        fn hint(&mut self, _hint: u32, _argument: Fr, _machine: &View<'_>) -> Fr {
            Fr::from(BIG)
        }
    }
    let hint = program(vec![asm::hint64(Reg(1), 0, None).unwrap()], vec![]);
    let executable = Executable::new(&hint).unwrap();
    let fault = executable.run(&[], &mut Wide, STEPS).map(|_| ()).unwrap_err();
    assert_eq!(fault.reason, Reason::NotWord('h', Fr::from(BIG)));
}

#[test]
fn microcode() {
    // A state that is not there, and one that is in the way.
    assert_eq!(reason(vec![asm::get_lane(Reg(0)).unwrap()]), Reason::State);
    assert_eq!(reason(vec![asm::cout(Reg(0), false).unwrap()]), Reason::State);
    assert_eq!(reason(vec![asm::curve(BODY)]), Reason::State);
    assert_eq!(reason(micro::pos5().split_off(1)), Reason::State);
    let mut six = micro::pos5();
    six[4] = micro::pos2()[4].clone();
    six[5] = micro::pos5()[5].clone();
    assert_eq!(reason(six), Reason::State);
    let pin = asm::pin(0, 1, None, [Fr::ONE; 6]);
    assert_eq!(
        reason(vec![pin, asm::add64i(Reg(1), Reg(0), 0).unwrap()]),
        Reason::State
    );
    // A return right behind the first COUT, which leaves C1 in a limb of the return's frame.
    let mut curve = [vec![set(Reg(8), 63u64)], micro::curve64(BODY + 1)].concat();
    curve.remove(6);
    assert_eq!(reason(curve), Reason::State);
    // A scalar whose bits are left over: CNT is zero at once.
    let short = [vec![set(Reg(7), 1u64)], micro::curve64(BODY + 1)].concat();
    assert_eq!(reason(short), Reason::Curve);
}

#[test]
fn programs() {
    let error = |body: Vec<Instr>, aux: Vec<AuxRow>| Executable::new(&program(body, aux)).err();
    let malformed =
        |row: Instr, why| assert_eq!(error(vec![row], vec![]), Some(ProgramError::Malformed(BODY, why)));
    let both = Flags::ARITH.with(Flags::FARITH);
    malformed(Instr::new(both), Malformed::Flags(both));
    malformed(Instr::new(Flags::CURVE), Malformed::Flags(Flags::CURVE));
    let mut row = asm::add64(Reg(2), Reg(0), Reg(1)).unwrap();
    row.flags = row.flags.with(Flags::DA);
    malformed(row.clone(), Malformed::Result(Op::Arith));
    row.flags = Flags(row.flags.0 & !(Flags::DA.0 | Flags::SB.0));
    malformed(row, Malformed::Constant(Op::Arith));
    malformed(Instr::new(Flags::CTL.with(Flags::U2)), Malformed::Slots(Op::Ret));
    let mut load = asm::load(Reg(1), 0, 0, Width::W2, Extend::Zero, Space::Kernel).unwrap();
    load.b = Fr::from(4u64);
    malformed(load, Malformed::Constant(Op::Loadb));
    let [head, second] = asm::div_u(Reg(2), Reg(0), Reg(1)).unwrap();
    assert_eq!(
        error(vec![head.clone()], vec![]),
        Some(ProgramError::SecondRow(BODY))
    );
    assert_eq!(error(vec![head, second], vec![]), None);

    let row = |tag, key| AuxRow {
        tag,
        key,
        v1: Fr::ZERO,
        v2: Fr::ZERO,
    };
    let image = row(Tag::Image, 3);
    assert_eq!(error(vec![], vec![image.clone()]), Some(ProgramError::Image(3)));
    assert_eq!(
        error(vec![], vec![row(Tag::Byte, 3)]),
        Some(ProgramError::Row(Tag::Byte, 3))
    );
    let mut short = program(vec![], vec![image.clone()]);
    short.code[0] = asm::mem([3, 5], [0, 0]);
    assert_eq!(Executable::new(&short).err(), Some(ProgramError::Image(3)));
    short.aux.push(row(Tag::Image, 4));
    assert!(Executable::new(&short).is_ok());
    short.code[0] = asm::mem([3, 5], [address::KERNEL, address::KERNEL + 1]);
    assert_eq!(
        Executable::new(&short).err(),
        Some(ProgramError::Image(address::KERNEL))
    );
    short.code.truncate(4);
    assert_eq!(
        Executable::new(&short).err(),
        Some(ProgramError::Image(address::KERNEL))
    );
    short.code[0] = asm::mem([3, 5], [0, 0]);
    assert_eq!(Executable::new(&short).err(), Some(ProgramError::Length(4)));
    assert_eq!(
        Executable::new(&program(vec![], vec![])).map(|e| e.run(&[], &mut NoOracle, 0).is_err()),
        Ok(true)
    );
}
