//! The functions of microcode against `playfair_types`.

use crate::common::*;
use ark_ff::{AdditiveGroup, Field};
use playfair_proofs_isa::asm;
use playfair_proofs_isa::code::{Instr, address, at};
use playfair_proofs_isa::interp::{Executable, NoOracle};
use playfair_proofs_isa::micro;
use playfair_types::crypto::babyjubjub::{BASE8, Point};
use playfair_types::crypto::field::Fr;
use playfair_types::crypto::poseidon;

/// Calls a function with parameters, and gives cells.
fn call(function: &[Instr], parameters: &[Fr], results: &[u64]) -> Vec<Fr> {
    let frame = 16;
    let mut body: Vec<Instr> = (frame..).zip(parameters).map(|(r, p)| set(Reg(r), *p)).collect();
    let entry = BODY + parameters.len() as u32 + 2;
    body.push(asm::call(frame, parameters.len() as u32, entry));
    body.push(asm::jump(at::END).unwrap());
    body.extend_from_slice(function);
    cells(body, results)
}

#[test]
fn hashes() {
    let mut random = Random(0x81);
    for i in 0..6u64 {
        let inputs: [Fr; 5] = core::array::from_fn(|j| if i == 0 { Fr::from(j as u64) } else { random.fr() });
        assert_eq!(
            call(&micro::pos5(), &inputs, &[16]),
            [poseidon::poseidon5(&inputs)]
        );
        assert_eq!(
            call(&micro::pos2(), &inputs[..2], &[16]),
            [poseidon::poseidon2(inputs[0], inputs[1])]
        );
    }
}

/// The sum of points by the textbook's law.
fn add(p: [Fr; 2], q: [Fr; 2]) -> [Fr; 2] {
    let ([x1, y1], [x2, y2]) = (p, q);
    let (a, d) = (Fr::from(168_700u64), Fr::from(168_696u64));
    let t = d * x1 * x2 * y1 * y2;
    let inverse = |x: Fr| x.inverse().unwrap();
    [
        (x1 * y2 + y1 * x2) * inverse(Fr::ONE + t),
        (y1 * y2 - a * x1 * x2) * inverse(Fr::ONE - t),
    ]
}

fn multiply(p: [Fr; 2], bits: impl Iterator<Item = bool>) -> [Fr; 2] {
    bits.fold([Fr::ZERO, Fr::ONE], |sum, bit| {
        let doubled = add(sum, sum);
        if bit { add(doubled, p) } else { doubled }
    })
}

fn bits(word: u64) -> impl Iterator<Item = bool> {
    (0..64).rev().map(move |i| word >> i & 1 == 1)
}

#[test]
fn double_and_add() {
    println!("seed 0x82");
    let mut random = Random(0x82);
    let base = [BASE8.x(), BASE8.y()];
    let scalars = [
        (0, 0),
        (1, 0),
        (0, 1),
        (u64::MAX, u64::MAX),
        (1 << 63, 1),
        (random.next(), random.next()),
    ];
    for (s, h) in scalars {
        let p = multiply(base, bits(random.next()));
        let t = multiply(base, bits(random.next()));
        assert!(Point::from_xy(t[0], t[1]).is_ok());
        let u = add(t, base);
        let numbers = [s, h, 63].map(Fr::from);
        let parameters = [p, t, u].concat().into_iter().chain(numbers).collect::<Vec<_>>();
        let entry = BODY + parameters.len() as u32 + 2;
        let result = call(&micro::curve64(entry), &parameters, &[address::CX, address::CY]);
        let shifted = (0..64).fold(p, |p, _| add(p, p));
        let expected = add(shifted, add(multiply(base, bits(s)), multiply(t, bits(h))));
        assert_eq!(result, expected, "{s:#x} {h:#x}");
    }
}

#[test]
fn traces_hold_the_state_before_each_row() {
    let mut body = vec![
        set(Reg(4), 5u64),
        asm::call(0, 5, BODY + 3),
        asm::jump(at::END).unwrap(),
    ];
    body.extend(micro::pos5());
    let executable = Executable::new(&program(body, vec![])).unwrap();
    let (trace, _) = executable.trace(&[], &mut NoOracle, STEPS).unwrap();
    let states: Vec<bool> = trace.steps.iter().map(|step| step.micro.is_some()).collect();
    // START, set, call, PIN; 14 rounds and GETS; RET, jump.
    let expected = [vec![false; 4], vec![true; 15], vec![false; 2]].concat();
    assert_eq!(states, expected);
    let first = trace.steps[4].micro.as_ref().unwrap();
    let constants = poseidon::round_constants6()[0];
    assert_eq!(first[..5], constants[..5]);
    assert_eq!(first[5], constants[5] + Fr::from(5u64));
    let last = trace.steps[18].micro.as_ref().unwrap();
    let zero = Fr::ZERO;
    let mut expected = [zero, zero, zero, zero, zero, Fr::from(5u64)];
    poseidon::permute6(&mut expected);
    assert_eq!(last[..6], expected);
    assert_eq!(trace.steps[18].result.fr(), expected[0]);
}
