//! When and how a run of the module ends.

use crate::common::*;
use playfair_proofs_isa::asm::{self, Extend, Space, Width};
use playfair_proofs_isa::code::{AuxRow, Instr, Tag, address, at};
use playfair_proofs_isa::interp::{Executable, NoOracle, ProgramError, Reason};
use playfair_types::crypto::field::Fr;

/// Registers that the trapping row sees: r0, r1; gas 50; 64 bytes of memory; frame at 20.
struct Setting {
    r0: u64,
    r1: u64,
    slots: u32,
}

const PLAIN: Setting = Setting {
    r0: 0,
    r1: 0,
    slots: 0,
};

fn entry(class: u64, gas: u64, width: u64, v2: u64) -> (u64, u64) {
    // Register 1 is r0, register 2 is r1.
    (class | gas << 8 | 1 << 46 | (width - 1) << 60, v2)
}

/// Whether the row at code index 20 exits; if not, why not, if it has no witness.
fn exits(setting: &Setting, row: Instr, (v1, v2): (u64, u64)) -> Result<bool, Reason> {
    let frame = 20u64;
    let mut body = vec![
        set(Abs(G), frame + 1),
        set(Reg(0), 50u64),
        asm::setgas(0),
        set(Reg(0), 64u64),
        asm::setmem(0, true),
        set(Reg(20), setting.r0),
        set(Reg(21), setting.r1),
        asm::enter(setting.slots, 100_000),
        asm::call(20, 5, BODY + 14),
        asm::jump(at::END).unwrap(),
    ];
    body.resize(14, asm::nop());
    body.extend([row, asm::jump(at::END).unwrap(), asm::jump(at::END).unwrap()]);
    let index = BODY + 14;
    let trap = AuxRow {
        tag: Tag::Trap,
        key: u64::from(index),
        v1: Fr::from(v1),
        v2: Fr::from(v2),
    };
    let function = AuxRow {
        tag: Tag::Table,
        key: 3,
        v1: Fr::from(index + 1),
        v2: Fr::from(9u64),
    };
    let mut program = program(body, vec![trap, function]);
    // `trapped` remembers that it was there, and goes by RESET to a `resume` that ends.
    let trapped = program.code.len() as u32;
    program.code[at::EXIT as usize] = asm::exit(trapped, 2_304);
    program.code.push(set(Abs(G + 1), 1u64));
    program
        .code
        .push(asm::raw(Reg(0), 1, 0).map(|_| asm::nop()).unwrap());
    program
        .code
        .push(asm::mov(Abs(G + 2), Abs(address::XPC as u32)).unwrap());
    program.code.push(asm::jump(at::RESET).unwrap());
    let executable = Executable::new(&program).unwrap();
    let (trace, end) = executable.trace(&[], &mut NoOracle, STEPS).map_err(|fault| {
        println!("{fault}");
        fault.reason
    })?;
    replay(&trace);
    let exited = end.view().cell(u64::from(G) + 1).word() == Some(1);
    if exited {
        let xpc = end.view().cell(u64::from(G) + 2).word();
        assert_eq!(xpc, Some(u64::from(index) << 16 | frame));
        let last = end.view().cell(address::XPC).word();
        assert_eq!(last, Some(u64::from(at::RESET) << 16 | (frame + 2_304)));
        let exit = trace.steps.iter().position(|step| step.pcl != step.pc).unwrap();
        let (exit, next) = (&trace.steps[exit], &trace.steps[exit + 1]);
        assert_eq!((exit.pc, exit.pcl, exit.fp), (index, at::EXIT, frame as u32));
        assert_eq!(
            (next.pc, next.fp, next.slots, next.gas),
            (trapped, frame as u32 + 2_304, exit.slots, exit.gas)
        );
        let view = end.view();
        assert_eq!((view.pc(), view.fp(), view.slots()), (at::END, 0, 0));
    } else {
        assert!(trace.steps.iter().all(|step| step.pc == step.pcl));
    }
    Ok(exited)
}

#[test]
fn gas() {
    for (gas, exited) in [
        (0u32, false),
        (49, false),
        (50, false),
        (51, true),
        (1 << 23, true),
    ] {
        let row = asm::nop().with_gas(gas);
        assert_eq!(exits(&PLAIN, row, entry(0, u64::from(gas), 1, 0)), Ok(exited));
    }
}

#[test]
fn unconditional_classes() {
    for class in [1, 16, 17, 25, 255] {
        assert_eq!(
            exits(&PLAIN, asm::jump(at::STUCK).unwrap(), entry(class, 0, 1, 0)),
            Ok(true)
        );
    }
}

#[test]
fn memory_out_of_bounds() {
    for width in [Width::W1, Width::W2, Width::W4, Width::W8] {
        for offset in [0u32, 8, 64, u32::MAX] {
            for r0 in [0u64, 48, 56, 64, 0xffff_fff8] {
                let w = width as u64;
                let row = asm::load(Reg(0), 0, offset, width, Extend::Zero, Space::Module).unwrap();
                let out = r0 + u64::from(offset) + w > 64;
                if !out && (r0 + u64::from(offset)) % 8 + w > 8 {
                    continue;
                }
                let result = exits(&Setting { r0, ..PLAIN }, row, entry(2, 0, w, u64::from(offset)));
                assert_eq!(result, Ok(out), "{w} {offset} {r0}");
            }
        }
    }
}

#[test]
fn division() {
    let div = |entry| move |r0: u64, r1: u64| exits(&Setting { r0, r1, slots: 0 }, asm::nop(), entry);
    let zero = div(entry(3, 0, 8, 0));
    assert_eq!(
        [zero(5, 0), zero(0, 5), zero(0, u64::MAX)],
        [Ok(true), Ok(false), Ok(false)]
    );
    let overflow32 = div(entry(4, 0, 4, 1 << 31));
    assert_eq!(overflow32(1 << 31, 0xffff_ffff), Ok(true));
    assert_eq!(overflow32(1 << 31, u64::MAX), Ok(false));
    assert_eq!(overflow32((1 << 31) + 1, 0xffff_ffff), Ok(false));
    let overflow64 = div(entry(4, 0, 8, 1 << 63));
    assert_eq!(overflow64(1 << 63, u64::MAX), Ok(true));
    assert_eq!(overflow64(1 << 63, u64::MAX - 1), Ok(false));
}

#[test]
fn indirect_calls() {
    for class in [5, 6, 7] {
        for (index, kind, out) in [
            (3u64, 9u32, false),
            (3, 8, true),
            (4, 9, true),
            (0xffff_ffff, 9, true),
        ] {
            let row = asm::calli(8, 0, 0, kind);
            let setting = Setting { r0: index, ..PLAIN };
            assert_eq!(exits(&setting, row, entry(class, 0, 1, u64::from(kind))), Ok(out));
        }
    }
}

#[test]
fn call_depth() {
    for (slots, weight, out) in [
        (0u32, 8_192u32, false),
        (1, 8_192, true),
        (8_000, 192, false),
        (8_000, 193, true),
    ] {
        let setting = Setting { slots, ..PLAIN };
        let row = asm::enter(weight, 8_192);
        assert_eq!(exits(&setting, row, entry(8, 0, 1, u64::from(weight))), Ok(out));
    }
}

#[test]
fn without_entry_a_trapping_row_has_no_witness() {
    let memory = asm::load(Reg(0), 0, 64, Width::W1, Extend::Zero, Space::Module).unwrap();
    let none = entry(0, 0, 1, 0);
    assert_eq!(exits(&PLAIN, memory, none), Err(Reason::Bounds(64, 64)));
    assert_eq!(
        exits(&PLAIN, asm::enter(8_193, 8_192), none),
        Err(Reason::Slots(8_193))
    );
    assert_eq!(
        exits(&PLAIN, asm::jump(at::STUCK).unwrap(), none),
        Err(Reason::Stuck)
    );
    let body = vec![asm::nop().with_gas(1)];
    assert_eq!(reason(body), Reason::Gas(-1));
}

#[test]
fn entries_must_fit_their_rows() {
    let trap = |key: u64, v1: u64| AuxRow {
        tag: Tag::Trap,
        key,
        v1: Fr::from(v1),
        v2: Fr::from(0u64),
    };
    let body = vec![asm::nop().with_gas(3)];
    let index = u64::from(BODY);
    let decode = |aux: Vec<AuxRow>| Executable::new(&program(body.clone(), aux)).err();
    assert_eq!(decode(vec![trap(index, 3 << 8)]), None);
    assert_eq!(
        decode(vec![trap(index, 4 << 8)]),
        Some(ProgramError::Gas(BODY, 4))
    );
    assert_eq!(
        decode(vec![trap(index, 9 | 3 << 8)]),
        Some(ProgramError::Trap(index))
    );
    assert_eq!(
        decode(vec![trap(index, 3 << 8 | 15 << 60)]),
        Some(ProgramError::Trap(index))
    );
    assert_eq!(decode(vec![trap(99, 0)]), Some(ProgramError::Trap(99)));
    assert_eq!(
        decode(vec![trap(index, 3 << 8); 2]),
        Some(ProgramError::Duplicate(Tag::Trap, index))
    );
    let [head, second] = asm::div_u(Reg(2), Reg(0), Reg(1)).unwrap();
    let inner = program(vec![head, second], vec![trap(index + 1, 0)]);
    assert_eq!(Executable::new(&inner).err(), Some(ProgramError::Trap(index + 1)));
}
