//! Branches, calls, gas, tables, hints.

use crate::common::*;
use playfair_proofs_isa::asm::{self, Asm, Dest, Operand};
use playfair_proofs_isa::code::{AuxRow, Tag, address, at};
use playfair_proofs_isa::interp::{Executable, NoOracle, Oracle, View};
use playfair_types::crypto::field::Fr;

#[test]
fn fused_branches_go_where_the_result_says() {
    type Row = fn(Dest, Operand, Operand) -> Asm;
    type Taken = fn(u64, u64) -> bool;
    let rows: [(Row, Taken); 6] = [
        (|d, x, y| asm::lt_u(d, x, y), |x, y| x < y),
        (|d, x, y| asm::ge_u(d, x, y), |x, y| x >= y),
        (|d, x, y| asm::eq(d, x, y), |x, y| x == y),
        (|d, x, y| asm::ne(d, x, y), |x, y| x != y),
        (|d, x, _| asm::nei(d, x, 3), |x, _| x != 3),
        (|d, x, _| asm::lt_ui(d, x, 3), |x, _| x < 3),
    ];
    for (row, meaning) in rows {
        for [x, y] in [[0u64, 0], [3, 3], [2, 3], [3, 2], [u64::MAX, 0], [0, u64::MAX]] {
            // Skips the first of two rows, and remembers the result in place of x.
            for tee in [false, true] {
                let target = BODY + 4;
                let dest = if tee {
                    Dest::Tee(0, target)
                } else {
                    Dest::Branch(target)
                };
                let body = vec![
                    set(Reg(0), x),
                    set(Reg(1), y),
                    row(dest, Reg(0), Reg(1)).unwrap(),
                    set(Reg(2), 1u64),
                    set(Reg(3), 1u64),
                ];
                let taken = meaning(x, y);
                let kept = if tee { u64::from(taken) } else { x };
                let expected = [kept, y, u64::from(!taken), 1].map(Fr::from);
                assert_eq!(cells(body, &[0, 1, 2, 3]), expected, "{x} {y} {tee}");
            }
        }
    }
    assert!(asm::eq(Dest::Tee(2, 0), Reg(0), Reg(1)).is_err());
}

#[test]
fn jumps() {
    for (x, nonzero) in [(0u64, false), (1, true), (u64::MAX, true)] {
        let skip = |row: Asm| cells(vec![set(Reg(0), x), row.unwrap(), set(Reg(1), 1u64)], &[1])[0];
        assert_eq!(skip(asm::jump_nonzero(Reg(0), BODY + 3)), Fr::from(!nonzero));
        assert_eq!(skip(asm::jump_zero(Reg(0), BODY + 3)), Fr::from(nonzero));
        assert_eq!(skip(asm::jump(BODY + 3)), Fr::from(0u64));
        if x < 2 {
            assert_eq!(skip(asm::jump_if(Reg(0), BODY + 3)), Fr::from(!nonzero));
        }
    }
    let body = vec![
        set(Reg(0), 3u64),
        asm::dyn_jump(0, BODY),
        set(Reg(1), 1u64),
        asm::nop(),
        set(Reg(2), 1u64),
    ];
    assert_eq!(cells(body, &[1, 2]), [0u64, 1].map(Fr::from));
}

/// Calls a function of one parameter, `factorial`, that calls itself.
#[test]
fn calls_return_to_their_caller_with_its_frame() {
    let factorial = BODY + 4;
    let base = factorial + 7;
    let body = vec![
        set(Reg(10), 10u64),
        asm::call(10, 1, factorial),
        asm::mov(Reg(0), Reg(10)).unwrap(),
        asm::jump(base + 2).unwrap(),
        // factorial: r0 = n, r1 = the way back.
        asm::enter(5, 8192),
        asm::jump_zero(Reg(0), base).unwrap(),
        asm::add64i(Reg(4), Reg(0), u64::MAX).unwrap(),
        asm::call(4, 1, factorial),
        asm::mul64(Reg(0), Reg(0), Reg(4)).unwrap(),
        asm::jump(base + 1).unwrap(),
        asm::nop(),
        set(Reg(0), 1u64),
        asm::ret(1, 5),
    ];
    let executable = Executable::new(&program(body, vec![])).unwrap();
    let end = finish(&executable, &[], &mut NoOracle);
    assert_eq!(end.view().cell(0).word(), Some(3_628_800));
    assert_eq!((end.view().fp(), end.view().slots()), (0, 0));
    // The first call's way back: pc 2^16 + fp.
    assert_eq!(end.view().cell(11).word(), Some(u64::from(BODY + 2) << 16));
}

#[test]
fn indirect_calls_need_the_type() {
    let entry = |key: u64, target: u32, kind: u64| AuxRow {
        tag: Tag::Table,
        key,
        v1: Fr::from(target),
        v2: Fr::from(kind),
    };
    let table = vec![
        entry(0, BODY + 3, 7),
        entry(1, BODY + 5, 7),
        entry(2, BODY + 3, 8),
    ];
    let run = |index: u64, kind: u32| {
        let body = vec![
            set(Reg(0), index),
            asm::calli(4, 0, 0, kind),
            asm::jump(at::END).unwrap(),
            set(Reg(1), 33u64),
            asm::ret(0, 0),
            set(Reg(1), 55u64),
            asm::ret(0, 0),
        ];
        let executable = Executable::new(&program(body, table.clone())).unwrap();
        executable
            .run(&[], &mut NoOracle, STEPS)
            .ok()
            .map(|end| end.view().cell(5).word().unwrap())
    };
    assert_eq!([run(0, 7), run(1, 7), run(2, 8)], [Some(33), Some(55), Some(33)]);
    assert_eq!([run(2, 7), run(0, 8), run(3, 7), run(u64::MAX, 7)], [None; 4]);
}

#[test]
fn gas_is_set_charged_and_read() {
    let body = vec![
        set(Reg(0), 1_000u64),
        asm::setgas(0),
        asm::nop().with_gas(10),
        set(Reg(1), 5u64),
        asm::gasd(1).with_gas(1),
        asm::gets(Reg(2)).unwrap().with_gas(4),
        asm::gets(Reg(3)).unwrap(),
        // Beyond what is left: a field negative, which the kernel may look at.
        asm::gasd(0),
        asm::gets(Reg(4)).unwrap(),
    ];
    let expected = [Fr::from(984u64), Fr::from(980u64), -Fr::from(20u64)];
    assert_eq!(cells(body, &[2, 3, 4]), expected);
}

#[test]
fn tables_answer() {
    let value = Random(0x71).fr();
    let aux = vec![AuxRow {
        tag: Tag::Trap,
        key: 900,
        v1: Fr::from(1u64),
        v2: Fr::from(6u64),
    }];
    let k = |k1: u64, k2: u64, k4: u64, k5: u64| [k1, k2, k4, k5].map(Fr::from);
    let body = vec![
        set(Reg(0), 3u64),
        asm::public(Reg(1), 2).unwrap(),
        asm::aux_v1(Reg(2), Tag::Public, 0).unwrap(),
        asm::pow(Reg(3), 0).unwrap(),
        asm::pow_down(Reg(4), 0).unwrap(),
        asm::aux(Reg(5), Tag::Pow, Some(0), k(1, 1, 10, 1)).unwrap(),
        asm::aux(Dest::Drop, Tag::Limb, Some(0), k(1365, 0, 1, 1)).unwrap(),
        asm::aux(Reg(6), Tag::Pow, None, k(0, 0, 0, 1)).unwrap(),
        asm::pow(Reg(0), 0).unwrap(),
    ];
    // A TRAP entry must stand at a row: make the program long enough.
    let mut program = program(body, aux);
    program.code.resize(1_000, asm::nop());
    program.code[900] = asm::jump(3).unwrap();
    let executable = Executable::new(&program).unwrap();
    let public = [Fr::from(1u64), Fr::from(2u64), value, Fr::from(4u64)];
    let end = finish(&executable, &public, &mut NoOracle);
    let found = [1, 2, 3, 4, 5, 6, 0].map(|i| end.view().register(i).fr());
    let two = |i: u32| Fr::from(1u128 << i);
    assert_eq!(
        found,
        [
            value,
            public[3],
            two(3),
            two(61),
            Fr::from(160u64) + two(60),
            two(64),
            two(3)
        ]
    );
}

/// Answers with what it sees.
struct Looks(Vec<u32>);

impl Oracle for Looks {
    fn hint(&mut self, hint: u32, argument: Fr, machine: &View<'_>) -> Fr {
        self.0.push(hint);
        assert_eq!(machine.cell(address::XPC).word(), Some(0));
        argument + machine.register(1).fr() + Fr::from(machine.gas()) + Fr::from(machine.pc())
    }
}

#[test]
fn oracles_see_the_machine() {
    let body = vec![
        set(Reg(0), 100u64),
        set(Reg(1), 1_000u64),
        asm::setgas(0),
        asm::hint64(Reg(0), 8, Some(0)).unwrap(),
        asm::hint(Abs(G), 9, None).unwrap(),
    ];
    let executable = Executable::new(&program(body, vec![])).unwrap();
    let mut looks = Looks(vec![]);
    let end = finish(&executable, &[], &mut looks);
    assert_eq!(looks.0, [8, 9]);
    let pc = u64::from(BODY);
    assert_eq!(end.view().register(0).word(), Some(1_200 + pc + 3));
    assert_eq!(end.view().cell(u64::from(G)).word(), Some(1_100 + pc + 4));
    assert_eq!(end.view().steps(), 7);
}

#[test]
fn runs_with_and_without_trace_agree() {
    let body = vec![
        set(Reg(0), 1u64 << 40),
        asm::mul64i(Reg(1), Reg(0), 3 << 20).unwrap(),
    ];
    let executable = Executable::new(&program(body, vec![])).unwrap();
    let (trace, traced) = executable.trace(&[], &mut NoOracle, STEPS).unwrap();
    let plain = executable.run(&[], &mut NoOracle, STEPS).unwrap();
    assert_eq!(trace.steps.len(), plain.view().steps() as usize);
    assert_eq!(traced.view().register(1), plain.view().register(1));
    assert_eq!(plain.view().register(1).word(), Some(3 << 60));
}
