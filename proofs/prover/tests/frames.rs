//! The kernel's frames end below the absolute registers, whatever a prover answers to its hints: a hint decides how deep the update
//! of the state descends, and frames that reached XPC or a global would write there.

use playfair_proofs_isa::code::address;
use playfair_proofs_isa::lower::{Kind, STACK_SLOTS, Target, Unit, lower};
use playfair_proofs_isa::ops::Op;
use playfair_proofs_kernel::WASM;
use playfair_types::crypto::field::Fr;
use std::collections::BTreeMap;

/// Levels of the state's tree: the update descends at most one for each bit of a key, and to a leaf.
const LEVELS: u64 = 249;
/// Distance between EXIT's frame and the one that it leaves; more than the registers of any function.
const FRAME: u64 = 2_304;

/// Calls of each function: callee and distance of its frame. Microcode and functions of the module call nothing of the kernel that
/// counts here.
fn calls(kernel: &Unit) -> Vec<Vec<(usize, u64)>> {
    let starts: Vec<u32> = kernel.functions.iter().map(|function| function.start).collect();
    let mut calls = vec![Vec::new(); starts.len()];
    for reference in &kernel.references {
        let row = &kernel.rows[reference.row as usize];
        let Target::Label(label) = &reference.target else {
            continue;
        };
        if Op::of(row).is_ok_and(|op| op == Op::Call) {
            let caller = starts.partition_point(|start| *start <= reference.row) - 1;
            let to = kernel.row(*label).unwrap();
            let callee = starts.iter().position(|start| *start == to).unwrap();
            let distance = (0..FRAME).find(|k| Fr::from(*k) == row.k[0]).unwrap();
            calls[caller].push((callee, distance));
        }
    }
    calls
}

/// How far above a function's frame the last frame begins that calls from it reach.
fn height(
    calls: &[Vec<(usize, u64)>],
    at: usize,
    open: &mut Vec<usize>,
    known: &mut BTreeMap<usize, u64>,
) -> u64 {
    if let Some(height) = known.get(&at) {
        return *height;
    }
    assert!(!open.contains(&at), "functions {open:?} call each other");
    open.push(at);
    let (own, others): (Vec<_>, Vec<_>) = calls[at].iter().partition(|(callee, _)| *callee == at);
    let again = own
        .iter()
        .map(|(_, distance)| LEVELS * distance)
        .max()
        .unwrap_or(0);
    let above = others
        .iter()
        .map(|(callee, distance)| distance + height(calls, *callee, open, known));
    let height = again + above.max().unwrap_or(0);
    open.pop();
    known.insert(at, height);
    height
}

#[test]
fn frames_end_below_absolute_registers() {
    let kernel = lower(WASM, Kind::Kernel, address::GLOBALS as u32).unwrap();
    let calls = calls(&kernel);
    let recursive = (0..calls.len()).filter(|at| calls[*at].iter().any(|(callee, _)| callee == at));
    assert_eq!(recursive.count(), 1, "the walk of the state's tree");
    let mut known = BTreeMap::new();
    let mut height = |name: &str| {
        let start = kernel.exports[name];
        let at = kernel
            .functions
            .iter()
            .position(|function| function.start == start)
            .unwrap();
        height(&calls, at, &mut Vec::new(), &mut known)
    };
    // From an empty stack: everything, the update included, and the last frame itself.
    for entry in ["boot", "resume"] {
        let height = height(entry);
        println!("{entry}: {height}");
        assert!(height + FRAME < address::ABSOLUTE);
    }
    // Above the deepest frame of a module. A frame slot is at most 17/16 registers: a frame of 16 slots or more may take one more.
    let below = u64::from(STACK_SLOTS) * 17 / 16;
    let above = |name: &&String| name.starts_with("host_") || **name == "trapped";
    for name in kernel.exports.keys().filter(above) {
        let height = height(name);
        println!("{name}: {height}");
        assert!(below + FRAME + height + FRAME < address::ABSOLUTE);
    }
}
