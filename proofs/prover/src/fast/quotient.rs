//! The sum of all gates, `sum y^i gate_i`, over the rows of a coset.
//!
//! Gates with the same selector are added before it is applied, and within them those with a common factor (an instruction's
//! flag) before that is. What remains is straight-line code without repetitions; it runs over blocks of rows, so that looking at
//! an instruction costs little beside its arithmetic.

use crate::transcript::to_halo2;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use playfair_proofs_circuit::air::{Column, Expr, Node, Rows, System};
use rayon::prelude::*;
use std::collections::HashMap;

/// Rows that an instruction handles at once: registers of this many elements stay in the second cache.
const BLOCK: usize = 32;
/// Rows that a task takes.
const TASK: usize = 1 << 10;

/// Where an operand comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operand {
    /// A constant, challenge or power of `y`, by its place in the scalars.
    Scalar(u32),
    /// A column, by its place in [`Code::columns`], and whether the next row's cell.
    Cell(u32, bool),
    /// An earlier result: numbered by instruction when compiled, by register when stored.
    Result(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Op {
    Add(Operand, Operand),
    Sub(Operand, Operand),
    Mul(Operand, Operand),
    Square(Operand),
}

impl Op {
    fn map(self, mut f: impl FnMut(Operand) -> Operand) -> Self {
        match self {
            Self::Add(a, b) => Self::Add(f(a), f(b)),
            Self::Sub(a, b) => Self::Sub(f(a), f(b)),
            Self::Mul(a, b) => Self::Mul(f(a), f(b)),
            Self::Square(a) => Self::Square(f(a)),
        }
    }
}

/// Straight-line code for the sum of all gates.
#[derive(Clone, Debug)]
pub(super) struct Code {
    /// Constants; challenges and powers of `y` follow when it runs.
    constants: Vec<Fr>,
    challenges: usize,
    gates: usize,
    /// Columns that are read.
    pub(super) columns: Vec<Column>,
    /// Instructions with their target registers.
    ops: Vec<(Op, u32)>,
    registers: usize,
    output: Operand,
}

impl Code {
    pub(super) fn new(system: &System) -> Self {
        let total = combined(system);
        let mut compiler = Compiler::default();
        let output = compiler.visit(&total);
        let Compiler {
            constants,
            columns,
            ops,
            ..
        } = compiler;
        let constants: Vec<Fr> = constants;
        // Scalars that are not constants were numbered from the other end.
        let place = |operand| match operand {
            Operand::Scalar(i) if i >= VARIABLES => Operand::Scalar(i - VARIABLES + constants.len() as u32),
            other => other,
        };
        let ops: Vec<Op> = ops.into_iter().map(|op| op.map(place)).collect();
        let (ops, registers, output) = allocate(&ops, place(output));
        Self {
            constants,
            challenges: system.challenges(),
            gates: system.gates().len(),
            columns,
            ops,
            registers,
            output,
        }
    }

    /// Multiplications per row, for reports.
    pub(super) fn multiplications(&self) -> usize {
        self.ops
            .iter()
            .filter(|(op, _)| matches!(op, Op::Mul(..) | Op::Square(_)))
            .count()
    }

    /// Scalars for a run: `factor` multiplies the whole sum.
    pub(super) fn scalars(&self, challenges: &[Fr], y: Fr, factor: Fr) -> Vec<Fr> {
        debug_assert_eq!(challenges.len(), self.challenges);
        let mut scalars = self.constants.clone();
        scalars.extend_from_slice(challenges);
        // The verifier folds from the first gate on: the last one has the power zero.
        let start = scalars.len();
        let mut power = factor;
        for _ in 0..self.gates {
            scalars.push(power);
            power *= y;
        }
        scalars[start..].reverse();
        scalars
    }

    /// The sum on each of the rows of `out`; columns have one value more, the first again.
    pub(super) fn run(&self, scalars: &[Fr], columns: &[&[Fr]], out: &mut [Fr]) {
        out.par_chunks_mut(TASK).enumerate().for_each(|(task, out)| {
            let mut registers = vec![vec![Fr::ZERO; BLOCK]; self.registers];
            for (block, out) in out.chunks_mut(BLOCK).enumerate() {
                let machine = Machine {
                    scalars,
                    columns,
                    row: task * TASK + block * BLOCK,
                    rows: out.len(),
                };
                for (op, target) in &self.ops {
                    let mut result = std::mem::take(&mut registers[*target as usize]);
                    machine.execute(op, &registers, &mut result[..out.len()]);
                    registers[*target as usize] = result;
                }
                match machine.load(self.output, &registers) {
                    Loaded::Scalar(x) => out.fill(x),
                    Loaded::Slice(values) => out.copy_from_slice(values),
                }
            }
        });
    }
}

enum Loaded<'a> {
    Scalar(Fr),
    Slice(&'a [Fr]),
}

struct Machine<'a> {
    scalars: &'a [Fr],
    columns: &'a [&'a [Fr]],
    row: usize,
    rows: usize,
}

impl Machine<'_> {
    fn load<'b>(&'b self, operand: Operand, registers: &'b [Vec<Fr>]) -> Loaded<'b> {
        match operand {
            Operand::Scalar(i) => Loaded::Scalar(self.scalars[i as usize]),
            Operand::Cell(column, next) => {
                let start = self.row + usize::from(next);
                Loaded::Slice(&self.columns[column as usize][start..start + self.rows])
            }
            Operand::Result(register) => Loaded::Slice(&registers[register as usize][..self.rows]),
        }
    }

    fn execute(&self, op: &Op, registers: &[Vec<Fr>], out: &mut [Fr]) {
        match *op {
            Op::Add(a, b) => binary(self.load(a, registers), self.load(b, registers), out, |x, y| {
                *x + y
            }),
            Op::Sub(a, b) => binary(self.load(a, registers), self.load(b, registers), out, |x, y| {
                *x - y
            }),
            Op::Mul(a, b) => binary(self.load(a, registers), self.load(b, registers), out, |x, y| {
                *x * y
            }),
            Op::Square(a) => match self.load(a, registers) {
                Loaded::Scalar(x) => out.fill(x.square()),
                Loaded::Slice(a) => {
                    for (out, x) in out.iter_mut().zip(a) {
                        *out = x.square();
                    }
                }
            },
        }
    }
}

#[inline]
fn binary(a: Loaded<'_>, b: Loaded<'_>, out: &mut [Fr], f: impl Fn(&Fr, &Fr) -> Fr) {
    match (a, b) {
        (Loaded::Slice(a), Loaded::Slice(b)) => {
            for ((out, x), y) in out.iter_mut().zip(a).zip(b) {
                *out = f(x, y);
            }
        }
        (Loaded::Slice(a), Loaded::Scalar(y)) => {
            for (out, x) in out.iter_mut().zip(a) {
                *out = f(x, &y);
            }
        }
        (Loaded::Scalar(x), Loaded::Slice(b)) => {
            for (out, y) in out.iter_mut().zip(b) {
                *out = f(&x, y);
            }
        }
        (Loaded::Scalar(x), Loaded::Scalar(y)) => out.fill(f(&x, &y)),
    }
}

/// All gates in one expression; challenge `system.challenges() + i` stands for gate `i`'s power of `y`.
fn combined(system: &System) -> Expr {
    let mut names = Compiler::default();
    let mut uses: HashMap<Operand, usize> = HashMap::new();
    let factors: Vec<_> = system
        .gates()
        .iter()
        .map(|gate| match gate.body.node() {
            Node::Mul(a, b) => Some([
                (names.visit(a), a.clone(), b.clone()),
                (names.visit(b), b.clone(), a.clone()),
            ]),
            _ => None,
        })
        .collect();
    for (name, ..) in factors.iter().flatten().flatten() {
        *uses.entry(*name).or_default() += 1;
    }
    let mut total = Expr::from(0u64);
    for rows in [Rows::All, Rows::Trans, Rows::First, Rows::Last] {
        let mut sum = Expr::from(0u64);
        // By common factor, in order of appearance.
        let mut groups: Vec<(Operand, Expr, Expr)> = Vec::new();
        for (i, (gate, factors)) in system.gates().iter().zip(&factors).enumerate() {
            if gate.on != rows {
                continue;
            }
            let power = Expr::challenge((system.challenges() + i) as u16);
            let common = factors
                .as_ref()
                .and_then(|pair| pair.iter().max_by_key(|(name, ..)| uses[name]));
            match common {
                Some((name, factor, rest)) => {
                    let part = rest * power;
                    match groups.iter_mut().find(|(known, ..)| known == name) {
                        Some((_, _, sum)) => *sum += part,
                        None => groups.push((*name, factor.clone(), part)),
                    }
                }
                None => sum += &gate.body * power,
            }
        }
        for (_, factor, rest) in groups {
            sum += factor * rest;
        }
        total += system.selected(rows) * sum;
    }
    total
}

/// Challenges and powers of `y` are numbered from here until the number of constants is known.
const VARIABLES: u32 = 1 << 30;

#[derive(Default)]
struct Compiler {
    seen: HashMap<usize, (Expr, Operand)>,
    constants: Vec<Fr>,
    constant_places: HashMap<playfair_types::Fr, u32>,
    columns: Vec<Column>,
    column_places: HashMap<Column, u32>,
    ops: Vec<Op>,
    op_places: HashMap<Op, u32>,
}

impl Compiler {
    fn constant(&mut self, value: playfair_types::Fr) -> Operand {
        let next = self.constants.len() as u32;
        let place = *self.constant_places.entry(value).or_insert(next);
        if place == next {
            self.constants.push(to_halo2(&value));
        }
        Operand::Scalar(place)
    }

    fn op(&mut self, op: Op) -> Operand {
        // Sums and products in one order of operands, so that equal ones are found.
        let op = match op {
            Op::Mul(a, b) if a == b => Op::Square(a),
            Op::Mul(a, b) if key(b) < key(a) => Op::Mul(b, a),
            Op::Add(a, b) if key(b) < key(a) => Op::Add(b, a),
            other => other,
        };
        let next = self.ops.len() as u32;
        let place = *self.op_places.entry(op).or_insert(next);
        if place == next {
            self.ops.push(op);
        }
        Operand::Result(place)
    }

    fn visit(&mut self, expr: &Expr) -> Operand {
        if let Some((_, operand)) = self.seen.get(&expr.address()) {
            return *operand;
        }
        let operand = match expr.node() {
            Node::Const(value) => self.constant(*value),
            Node::Challenge(i) => Operand::Scalar(VARIABLES + u32::from(*i)),
            Node::Cell(column, rotation) => {
                let next = self.columns.len() as u32;
                let place = *self.column_places.entry(*column).or_insert(next);
                if place == next {
                    self.columns.push(*column);
                }
                Operand::Cell(place, *rotation == 1)
            }
            Node::Add(a, b) => match (a.node(), b.node()) {
                (_, Node::Neg(b)) => self.pair(Op::Sub, a, b),
                (Node::Neg(a), _) => self.pair(Op::Sub, b, a),
                _ => self.pair(Op::Add, a, b),
            },
            Node::Sub(a, b) => match b.node() {
                Node::Neg(b) => self.pair(Op::Add, a, b),
                _ => self.pair(Op::Sub, a, b),
            },
            Node::Mul(a, b) => self.pair(Op::Mul, a, b),
            Node::Neg(a) => {
                let (zero, a) = (self.constant(0u64.into()), self.visit(a));
                self.op(Op::Sub(zero, a))
            }
        };
        // The expression is kept: an address names it only while it lives.
        self.seen.insert(expr.address(), (expr.clone(), operand));
        operand
    }

    fn pair(&mut self, op: fn(Operand, Operand) -> Op, a: &Expr, b: &Expr) -> Operand {
        let (a, b) = (self.visit(a), self.visit(b));
        self.op(op(a, b))
    }
}

fn key(operand: Operand) -> (u8, u32, bool) {
    match operand {
        Operand::Scalar(i) => (2, i, false),
        Operand::Cell(i, next) => (1, i, next),
        Operand::Result(i) => (0, i, false),
    }
}

/// Gives each result a register that is free from its last use on.
fn allocate(ops: &[Op], output: Operand) -> (Vec<(Op, u32)>, usize, Operand) {
    let mut last = vec![0usize; ops.len()];
    for (i, op) in ops.iter().enumerate() {
        op.map(|operand| {
            if let Operand::Result(r) = operand {
                last[r as usize] = i;
            }
            operand
        });
    }
    if let Operand::Result(r) = output {
        last[r as usize] = usize::MAX;
    }
    let mut registers: Vec<u32> = Vec::with_capacity(ops.len());
    let (mut free, mut count) = (Vec::new(), 0u32);
    let mut result = Vec::with_capacity(ops.len());
    for (i, op) in ops.iter().enumerate() {
        let target = free.pop().unwrap_or_else(|| {
            count += 1;
            count - 1
        });
        let mut ended = Vec::new();
        let op = op.map(|operand| match operand {
            Operand::Result(r) => {
                if last[r as usize] == i && !ended.contains(&r) {
                    ended.push(r);
                }
                Operand::Result(registers[r as usize])
            }
            other => other,
        });
        // The target differs from the operands: they are freed only now.
        free.extend(ended.iter().map(|r| registers[*r as usize]));
        registers.push(target);
        result.push((op, target));
    }
    let output = match output {
        Operand::Result(r) => Operand::Result(registers[r as usize]),
        other => other,
    };
    (result, count as usize, output)
}
