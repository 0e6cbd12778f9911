//! The frame pointer stays below the absolute registers, wherever a prover puts EXIT and however often: a return address holds 16
//! bits of it, and so does XPC. With more, both would name another row of the code.

mod common;

use common::{ABOVE, Code, SHAPE, assigned};
use playfair_proofs_circuit::air::{Checker, Report};
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_isa::asm;
use playfair_proofs_isa::code::{address, at};
use playfair_proofs_isa::trace::{Access, Step, Touched, Trace, Value};

/// Registers before the frame of the function that `trapped` calls.
const FRAME: u32 = 4;

/// A program that has no proof: whatever the prover does, the kernel's `trapped` calls a function and gets stuck. Behind that
/// stands, out of reach, a jump to the end.
///
/// The prover puts EXIT in place of the row after START, so many times, and lets `trapped` run with what the frame pointer is then.
fn exits(count: u32) -> Report {
    let mut code = Code::new();
    let main = code.one(asm::jump(at::STUCK));
    let function = code.row(asm::ret(0, 0));
    let trapped = code.row(asm::call(FRAME, 0, function));
    code.one(asm::jump(at::STUCK));
    let end = code.one(asm::jump(at::END));
    let program = code.program(main, trapped, main);
    let idle = |pc: u32, fp: u32| Step {
        pc,
        pcl: pc,
        fp,
        slots: 0,
        gas: 0,
        ctx: 0,
        lim: 0,
        a: None,
        b: None,
        c: None,
        result: Value::Word(1),
        micro: None,
    };
    let place = |pc: u32, fp: u32| Value::Word((u64::from(pc) << 16) + u64::from(fp));
    let mut steps = vec![idle(at::START, 0)];
    let (mut xpc, mut fp, mut due) = (Value::ZERO, 0, main);
    for number in 0..count {
        let new = place(due, fp);
        steps.push(Step {
            pcl: at::EXIT,
            c: Some(Access {
                address: address::XPC,
                last: (number > 0).then_some(number),
                old: xpc,
                new,
            }),
            result: new,
            ..idle(due, fp)
        });
        (xpc, fp, due) = (new, fp + ABOVE, trapped);
    }
    let (link, back) = (u64::from(fp + FRAME), place(trapped + 1, fp));
    let call = steps.len() as u32;
    steps.push(Step {
        c: Some(Access {
            address: link,
            last: None,
            old: Value::ZERO,
            new: back,
        }),
        result: back,
        ..idle(trapped, fp)
    });
    steps.push(Step {
        a: Some(Access {
            address: link,
            last: Some(call),
            old: back,
            new: back,
        }),
        result: Value::ZERO,
        ..idle(function, fp + FRAME)
    });
    // The way back as the row of RET reads it.
    let back = back.word().expect("a word");
    steps.push(idle((back >> 16) as u32, (back & 0xffff) as u32));
    let touched = |address: u64, last_value: Value, last: u32| Touched {
        address,
        initial: Value::ZERO,
        last_value,
        last,
        image: false,
    };
    let mut cells = vec![
        touched(address::XPC, xpc, count),
        touched(link, Value::Word(back), call + 1),
    ];
    cells.sort_by_key(|cell| cell.address);
    let trace = Trace {
        steps,
        touched: cells,
    };

    let machine = Machine::new().unwrap();
    let witness = assigned(&machine, &program, &trace, SHAPE);
    let report = Checker::new(&machine.air, &witness).unwrap().report();
    println!("{count} exits, end at {end}, back to {}:\n{report}", back >> 16);
    report
}

#[test]
fn a_frame_pointer_beyond_a_return_address() {
    // 29 frames of EXIT are more than 2^16 registers: the function would return one row too far, to the jump to END.
    let report = exits(29);
    assert_eq!(report.names(), ["exit.frame"].into());
}

#[test]
fn frames_of_exit_stay_below_the_absolute_registers() {
    // The sixth EXIT stands at 11,520 and leads below 2^14; the seventh would stand beyond what is allowed.
    assert!(5 * u64::from(ABOVE) < address::EXIT_FRAMES && 6 * u64::from(ABOVE) >= address::EXIT_FRAMES);
    let (six, seven) = (exits(6), exits(7));
    assert!(!six.names().contains("exit.frame"), "{six}");
    assert!(seven.names().contains("exit.frame"), "{seven}");
}
