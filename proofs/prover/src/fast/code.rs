//! Expressions over cells as straight-line code without repetitions, run over blocks of rows.
//!
//! An instruction handles a few blocks at once, so that looking at it costs little beside its arithmetic, and all results
//! stay in the second cache.

use super::Block;
use ark_bn254::FrConfig as Config;
use ark_ff::AdditiveGroup;
use playfair_proofs_circuit::air::{Column, Expr, Node};
use playfair_proofs_vector::{Lanes, Scalar, Task, dispatch};
use playfair_types::Fr;
use std::collections::HashMap;

/// Blocks that an instruction handles at once.
const AT_ONCE: usize = 2;

/// Where an operand comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operand {
    /// A constant or a challenge, by its place in the scalars.
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

/// Straight-line code for some expressions.
#[derive(Clone, Debug)]
pub(super) struct Code {
    /// Challenges follow when it runs.
    constants: Vec<Fr>,
    /// Columns that are read.
    pub(super) columns: Vec<Column>,
    /// Instructions with their target registers.
    ops: Vec<(Op, u32)>,
    registers: usize,
    outputs: Vec<Operand>,
}

impl Code {
    /// Compiles expressions; output `i` is the value of the `i`th.
    pub(super) fn new(expressions: &[Expr]) -> Self {
        let mut compiler = Compiler::default();
        let outputs: Vec<Operand> = expressions.iter().map(|expr| compiler.visit(expr)).collect();
        let Compiler {
            constants,
            columns,
            ops,
            ..
        } = compiler;
        // Scalars that are not constants were numbered from the other end.
        let place = |operand| match operand {
            Operand::Scalar(i) if i >= VARIABLES => Operand::Scalar(i - VARIABLES + constants.len() as u32),
            other => other,
        };
        let ops: Vec<Op> = ops.into_iter().map(|op| op.map(place)).collect();
        let outputs: Vec<Operand> = outputs.into_iter().map(place).collect();
        let (ops, registers, outputs) = allocate(&ops, &outputs);
        Self {
            constants,
            columns,
            ops,
            registers,
            outputs,
        }
    }

    /// Multiplications per row, for reports.
    pub(super) fn multiplications(&self) -> usize {
        self.ops
            .iter()
            .filter(|(op, _)| matches!(op, Op::Mul(..) | Op::Square(_)))
            .count()
    }

    /// What a run needs beside columns: as many challenges as the expressions name.
    pub(super) fn scalars(&self, challenges: &[Fr]) -> Vec<Scalar<Config>> {
        self.constants.iter().chain(challenges).map(Scalar::new).collect()
    }

    /// Which of the columns are read at the next row.
    pub(super) fn read_next(&self) -> Vec<bool> {
        let mut read = vec![false; self.columns.len()];
        let mut see = |operand| {
            if let Operand::Cell(column, true) = operand {
                read[column as usize] = true;
            }
            operand
        };
        for (op, _) in &self.ops {
            op.map(&mut see);
        }
        self.outputs.iter().copied().for_each(|operand| {
            see(operand);
        });
        read
    }

    /// All outputs of block `first`, then those of the next, as far as there is room.
    pub(super) fn run(&self, scalars: &[Scalar<Config>], cells: Cells<'_>, first: usize, out: &mut [Block]) {
        dispatch(Run {
            code: self,
            scalars,
            cells,
            first,
            out,
        });
    }
}

/// The columns that a code reads, in its order.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    /// The rows' cells.
    pub(super) here: &'a [&'a [Block]],
    /// The next rows' cells, where they are read.
    pub(super) next: &'a [&'a [Block]],
    /// Whether `next` begins one row early; it then has one block more than is asked for.
    pub(super) shifted: bool,
}

struct Run<'a> {
    code: &'a Code,
    scalars: &'a [Scalar<Config>],
    cells: Cells<'a>,
    first: usize,
    out: &'a mut [Block],
}

impl Run<'_> {
    #[inline(always)]
    fn fetch<L: Lanes<Config>>(
        &self,
        operand: Operand,
        registers: &[[L; AT_ONCE]],
        block: usize,
        at: usize,
    ) -> L {
        match operand {
            Operand::Scalar(i) => L::splat(&self.scalars[i as usize]),
            Operand::Cell(column, false) => L::read(&self.cells.here[column as usize][block + at]),
            Operand::Cell(column, true) => {
                let column = &self.cells.next[column as usize][block + at..];
                if self.cells.shifted {
                    L::read_shifted(&column[0], &column[1])
                } else {
                    L::read(&column[0])
                }
            }
            Operand::Result(register) => registers[register as usize][at],
        }
    }
}

impl Task<Config> for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<Config>>(self) {
        let outputs = self.code.outputs.len();
        let blocks = self.out.len() / outputs.max(1);
        let zero = L::read(&Block::ZERO);
        let mut registers = vec![[zero; AT_ONCE]; self.code.registers];
        let mut done = 0;
        while done < blocks {
            let block = self.first + done;
            let count = AT_ONCE.min(blocks - done);
            for (op, target) in &self.code.ops {
                for at in 0..count {
                    let result = match *op {
                        Op::Add(a, b) => {
                            let a = self.fetch(a, &registers, block, at);
                            a.add(self.fetch(b, &registers, block, at))
                        }
                        Op::Sub(a, b) => {
                            let a = self.fetch(a, &registers, block, at);
                            a.sub(self.fetch(b, &registers, block, at))
                        }
                        Op::Mul(a, b) => {
                            let a = self.fetch(a, &registers, block, at);
                            a.mul(self.fetch(b, &registers, block, at))
                        }
                        Op::Square(a) => self.fetch(a, &registers, block, at).square(),
                    };
                    registers[*target as usize][at] = result;
                }
            }
            for at in 0..count {
                for (o, operand) in self.code.outputs.iter().enumerate() {
                    let value: L = self.fetch(*operand, &registers, block, at);
                    value.write(&mut self.out[(done + at) * outputs + o]);
                }
            }
            done += count;
        }
    }
}

/// Challenges are numbered from here until the number of constants is known.
const VARIABLES: u32 = 1 << 30;

/// What compiles expressions; also what says whether two of them are the same.
#[derive(Default)]
pub(super) struct Compiler {
    seen: HashMap<usize, (Expr, Operand)>,
    constants: Vec<Fr>,
    constant_places: HashMap<Fr, u32>,
    columns: Vec<Column>,
    column_places: HashMap<Column, u32>,
    ops: Vec<Op>,
    op_places: HashMap<Op, u32>,
}

impl Compiler {
    fn constant(&mut self, value: Fr) -> Operand {
        let next = self.constants.len() as u32;
        let place = *self.constant_places.entry(value).or_insert(next);
        if place == next {
            self.constants.push(value);
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

    /// Where an expression's value will be: equal operands for equal expressions.
    pub(super) fn visit(&mut self, expr: &Expr) -> Operand {
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
                let (zero, a) = (self.constant(Fr::ZERO), self.visit(a));
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

/// Gives each result a register that is free from its last use on; outputs are used at the end.
fn allocate(ops: &[Op], outputs: &[Operand]) -> (Vec<(Op, u32)>, usize, Vec<Operand>) {
    let mut last = vec![0usize; ops.len()];
    for (i, op) in ops.iter().enumerate() {
        op.map(|operand| {
            if let Operand::Result(r) = operand {
                last[r as usize] = i;
            }
            operand
        });
    }
    for output in outputs {
        if let Operand::Result(r) = output {
            last[*r as usize] = usize::MAX;
        }
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
    let outputs = outputs
        .iter()
        .map(|output| match output {
            Operand::Result(r) => Operand::Result(registers[*r as usize]),
            other => *other,
        })
        .collect();
    (result, count as usize, outputs)
}
