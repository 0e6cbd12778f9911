//! Room for frames: nothing in a circuit keeps a frame from reaching into the absolute registers, so that programs must not.
//!
//! The module's frames are bounded by its frame slots, the kernel's by its call graph, which is the program's to have small.

use ark_ff::PrimeField;
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::code::{Flags, address};
use playfair_proofs_isa::link::{Constants, Linked, link};
use playfair_proofs_isa::lower::STACK_SLOTS;
use playfair_types::crypto::field::Fr;
use std::collections::BTreeSet;

const KERNEL: &[u8] = include_bytes!("../../kernel/kernel.wasm");
const MODULE: &str = r#"(module (memory 1) (func (export "call") (param i32 i32)))"#;
/// Calls of the state's update inside each other: one for each bit of a key, and one.
const RECURSION: u64 = 249;
/// Registers of a frame, at most, and how far above a frame EXIT leads.
const FRAME: u64 = 2_304;

fn integer(value: &Fr) -> u64 {
    value.into_bigint().0[0]
}

/// Registers of each function's own frame, and the frames that it calls: how far above, and whose.
#[derive(Clone, Default)]
struct Function {
    registers: u64,
    calls: BTreeSet<(u64, usize)>,
}

fn functions(linked: &Linked) -> Vec<Function> {
    let starts: Vec<u32> = linked.functions.iter().map(|(start, _)| *start).collect();
    let of = |index: u32| starts.partition_point(|start| *start <= index) - 1;
    let mut functions = vec![Function::default(); starts.len()];
    for (index, row) in linked.program.code.iter().enumerate() {
        let function = &mut functions[of(index as u32)];
        let op = Op::of(row.flags).unwrap();
        let has = |flag| row.flags.has(flag);
        let computed_b = matches!(op, Op::LoadB | Op::LoadW | Op::LoadP | Op::Raw);
        let computed_c = matches!(op, Op::StoreB | Op::StoreW | Op::StoreP | Op::Mem);
        let named = [
            (has(Flags::SA), u64::from(row.a)),
            (has(Flags::SB) && !has(Flags::GB) && !computed_b, integer(&row.b)),
            (has(Flags::SC) && !has(Flags::GC) && !computed_c, integer(&row.c)),
        ];
        for (_, register) in named.into_iter().filter(|(on, _)| *on) {
            function.registers = function.registers.max(register + 1);
        }
        if op == Op::Call {
            let callee = of(integer(&row.k[2]) as u32);
            function.calls.insert((integer(&row.k[0]), callee));
        }
    }
    functions
}

/// Registers of a function and all that it calls, functions that are open left out; and the frames between a function and itself.
fn depth(functions: &[Function], at: usize, open: &mut Vec<usize>, own: &mut u64) -> u64 {
    let mut most = functions[at].registers;
    open.push(at);
    for (above, callee) in &functions[at].calls {
        if *callee == at {
            *own = (*own).max(*above);
        } else {
            assert!(!open.contains(callee), "functions that call each other in turn");
            most = most.max(above + depth(functions, *callee, open, own));
        }
    }
    open.pop();
    most
}

#[test]
fn frames_stay_below_the_absolute_registers() {
    let original = wat::parse_str(MODULE).unwrap();
    let admitted = playfair_admission::admit(&original).unwrap();
    let linked = link(KERNEL, &admitted.instrumented, &Constants::default()).unwrap();
    let functions = functions(&linked);
    let (mut kernel, mut own) = (0, 0);
    for at in 0..functions.len() {
        kernel = kernel.max(depth(&functions, at, &mut Vec::new(), &mut own));
    }
    assert!(
        kernel + RECURSION * own < address::ABSOLUTE,
        "{kernel} + {RECURSION} x {own}"
    );
    // A function's frame is at most one register longer than its slots, of which there are eight at least.
    let module = u64::from(STACK_SLOTS) + u64::from(STACK_SLOTS) / 8;
    // The kernel below the module, the module, its last frame, and above it the kernel again: a host function, or `trapped`.
    assert!(kernel + module + FRAME + kernel < address::ABSOLUTE, "{kernel}");
}
