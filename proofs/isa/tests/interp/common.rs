//! Programs for tests, random operands, and a replay of a trace's memory.

use ark_ff::AdditiveGroup;
use playfair_proofs_isa::asm::{self, Dest, Operand};
use playfair_proofs_isa::code::{AuxRow, Instr, Program};
use playfair_proofs_isa::interp::{End, Executable, Fault, NoOracle, Oracle, Reason, View};
use playfair_proofs_isa::trace::{Access, Trace, Value};
use playfair_types::crypto::field::Fr;
use std::collections::BTreeMap;

pub(crate) use Operand::{Abs, Reg};

/// First absolute register that tests use.
pub(crate) const G: u32 = (1 << 14) + 8;
/// Where a test's rows start.
pub(crate) const BODY: u32 = 6;
/// Rows that a test may run.
pub(crate) const STEPS: u32 = 1_000_000;

/// A generator (xorshift64), seeded.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Words of all sizes.
    pub(crate) fn word(&mut self) -> u64 {
        let shift = self.next() % 64;
        self.next() >> shift
    }

    pub(crate) fn fr(&mut self) -> Fr {
        let base = Fr::from(u64::MAX);
        (0..4).fold(Fr::ZERO, |acc, _| acc * base + Fr::from(self.next()))
    }
}

/// Operands where operations change their behaviour.
pub(crate) const EDGES: [u64; 20] = [
    0,
    1,
    2,
    3,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe,
    0xffff_ffff,
    0x1_0000_0000,
    0x1_0000_0001,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_fffe,
    0xffff_ffff_ffff_ffff,
];

/// All pairs of edges, and random pairs; all below the bound.
pub(crate) fn pairs(seed: u64, bound: u64) -> Vec<[u64; 2]> {
    println!("seed {seed:#x}");
    let mut random = Random(seed);
    let mut pairs = Vec::new();
    for x in EDGES {
        for y in EDGES {
            pairs.push([x, y]);
        }
    }
    for _ in 0..600 {
        pairs.push([random.word(), random.word()]);
    }
    pairs.retain(|[x, y]| *x <= bound && *y <= bound);
    pairs
}

/// A program with these rows at [`BODY`], and an end after them.
pub(crate) fn program(body: Vec<Instr>, aux: Vec<AuxRow>) -> Program {
    let mut code = vec![
        asm::mem([0, 0], [0, 0]),
        asm::jump(1).unwrap(),
        asm::exit(1, 0),
        asm::jump(3).unwrap(),
        asm::jump(BODY).unwrap(),
        asm::reset(1),
    ];
    code.extend(body);
    code.push(asm::jump(1).unwrap());
    Program { code, aux }
}

/// Runs rows, with a trace that is checked, and reads cells.
pub(crate) fn cells(body: Vec<Instr>, addresses: &[u64]) -> Vec<Fr> {
    let executable = Executable::new(&program(body, vec![])).unwrap();
    let (trace, end) = executable
        .trace(&[], &mut NoOracle, STEPS)
        .unwrap_or_else(|fault| panic!("{fault}"));
    replay(&trace);
    addresses
        .iter()
        .map(|address| end.view().cell(*address).fr())
        .collect()
}

/// Why rows have no witness.
pub(crate) fn refusal(body: Vec<Instr>) -> Fault {
    let executable = Executable::new(&program(body, vec![])).unwrap();
    let fault = executable
        .run(&[], &mut NoOracle, STEPS)
        .map(|_| ())
        .expect_err("a refusal");
    println!("{fault}");
    fault
}

/// The same, only the reason.
pub(crate) fn reason(body: Vec<Instr>) -> Reason {
    refusal(body).reason
}

/// Sets a register to a constant.
pub(crate) fn set(to: Operand, value: impl Into<Fr>) -> Instr {
    asm::constant(to, value.into()).unwrap()
}

/// Feeds pairs of operands to a loop and takes its results.
pub(crate) struct Feed<'a> {
    pub(crate) inputs: &'a [[Fr; 2]],
    pub(crate) at: usize,
    pub(crate) results: Vec<Fr>,
}

impl Oracle for Feed<'_> {
    fn hint(&mut self, hint: u32, argument: Fr, _machine: &View<'_>) -> Fr {
        match hint {
            1 => self.inputs[self.at][0],
            2 => self.inputs[self.at][1],
            3 => {
                self.results.push(argument);
                self.at += 1;
                Fr::from(self.at < self.inputs.len())
            }
            _ => panic!("hint {hint}"),
        }
    }
}

/// Where operands and results lie in a test of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) dest: Dest,
    pub(crate) x: Operand,
    pub(crate) y: Operand,
}

/// The result of a shape: register 2, or the absolute register.
pub(crate) const SHAPES: [Shape; 6] = [
    Shape {
        dest: Dest::Put(Reg(2)),
        x: Reg(0),
        y: Reg(1),
    },
    Shape {
        dest: Dest::Put(Reg(0)),
        x: Reg(0),
        y: Reg(1),
    },
    Shape {
        dest: Dest::Put(Reg(1)),
        x: Reg(0),
        y: Reg(1),
    },
    Shape {
        dest: Dest::Put(Abs(G)),
        x: Reg(0),
        y: Abs(G + 1),
    },
    Shape {
        dest: Dest::Put(Reg(2)),
        x: Abs(G + 1),
        y: Reg(0),
    },
    Shape {
        dest: Dest::Put(Reg(0)),
        x: Abs(G + 1),
        y: Reg(0),
    },
];

/// Runs an operation (of these rows) on all inputs in a loop.
pub(crate) fn evaluate(shape: Shape, op: &[Instr], inputs: &[[Fr; 2]]) -> Vec<Fr> {
    let Dest::Put(result) = shape.dest else {
        panic!("no destination")
    };
    let mut body = vec![
        asm::hint(shape.x, 1, None).unwrap(),
        asm::hint(shape.y, 2, None).unwrap(),
    ];
    body.extend_from_slice(op);
    body.push(asm::mov(Reg(9), result).unwrap());
    body.push(asm::hint64(Reg(10), 3, Some(9)).unwrap());
    body.push(asm::jump_if(Reg(10), BODY).unwrap());
    let mut feed = Feed {
        inputs,
        at: 0,
        results: vec![],
    };
    let executable = Executable::new(&program(body, vec![])).unwrap();
    let (trace, _) = executable
        .trace(&[], &mut feed, STEPS)
        .unwrap_or_else(|fault| panic!("{shape:?}: {fault}"));
    replay(&trace);
    assert_eq!(feed.results.len(), inputs.len());
    feed.results
}

/// Every shape that the operation has, on all pairs, against its meaning.
pub(crate) fn check<F, M>(name: &str, build: F, inputs: &[[u64; 2]], meaning: M)
where
    F: Fn(Dest, Operand, Operand) -> asm::Asm<Vec<Instr>>,
    M: Fn(u64, u64) -> Fr,
{
    let fed: Vec<[Fr; 2]> = inputs.iter().map(|pair| pair.map(Fr::from)).collect();
    let mut shapes = 0;
    for shape in SHAPES {
        let Ok(op) = build(shape.dest, shape.x, shape.y) else {
            continue;
        };
        shapes += 1;
        let results = evaluate(shape, &op, &fed);
        for ([x, y], result) in inputs.iter().zip(results) {
            assert_eq!(result, meaning(*x, *y), "{name} {x:#x} {y:#x} {shape:?}");
        }
    }
    assert!(shapes >= 2, "{name} has {shapes} shapes");
}

/// Follows every access of a trace: times, values, and what was touched.
pub(crate) fn replay(trace: &Trace) {
    let initial: BTreeMap<u64, Value> = trace
        .touched
        .iter()
        .map(|cell| (cell.address, cell.initial))
        .collect();
    assert!(
        trace
            .touched
            .windows(2)
            .all(|pair| pair[0].address < pair[1].address)
    );
    let mut memory: BTreeMap<u64, (Option<u32>, Value)> = initial
        .iter()
        .map(|(address, value)| (*address, (None, *value)))
        .collect();
    for (now, step) in (0u32..).zip(&trace.steps) {
        for access in [&step.a, &step.b, &step.c].into_iter().flatten() {
            let Access {
                address,
                last,
                old,
                new,
            } = *access;
            let cell = memory.get_mut(&address).expect("touched");
            assert_eq!((last, old), *cell, "step {now} address {address}");
            assert_ne!(last, Some(now), "two accesses");
            *cell = (Some(now), new);
        }
        if let Some(next) = trace.steps.get(now as usize + 1) {
            assert!(next.pcl == next.pc || next.pcl == 2);
        }
    }
    for cell in &trace.touched {
        assert_eq!(memory[&cell.address], (Some(cell.last), cell.last_value));
    }
}

/// Public inputs and an oracle.
pub(crate) fn finish<'e>(executable: &'e Executable, public: &[Fr], oracle: &mut dyn Oracle) -> End<'e> {
    let (trace, end) = executable
        .trace(public, oracle, STEPS)
        .unwrap_or_else(|fault| panic!("{fault}"));
    replay(&trace);
    end
}
