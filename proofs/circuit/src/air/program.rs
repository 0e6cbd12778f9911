//! Expressions compiled to straight-line code, so that equal parts are evaluated once per row.

use super::expr::{Column, Expr, Node};
use ark_ff::{AdditiveGroup, Field};
use playfair_types::crypto::field::Fr;
use std::collections::HashMap;

/// Where a program finds the cells of a table.
pub trait Source {
    /// The cell of `column` in `row`; the program asks only for columns and rows that exist.
    fn cell(&self, column: Column, row: usize) -> Fr;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Op {
    Add(u32, u32),
    Sub(u32, u32),
    Mul(u32, u32),
    Square(u32),
    Neg(u32),
}

/// Straight-line code for a list of expressions.
///
/// Values are numbered: constants, then challenges, then cells, then one per operation.
#[derive(Clone, Debug)]
pub struct Program {
    constants: Vec<Fr>,
    challenges: usize,
    cells: Vec<(Column, u8)>,
    ops: Vec<Op>,
    outputs: Vec<u32>,
}

/// A value before the numbers of cells and operations are known.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Value {
    Const(u32),
    Challenge(u32),
    Cell(u32),
    Op(u32),
}

#[derive(Default)]
struct Compiler {
    seen: HashMap<usize, Value>,
    constants: HashMap<Fr, u32>,
    cells: HashMap<(Column, u8), u32>,
    ops: HashMap<(u8, Value, Value), u32>,
    code: Vec<(u8, Value, Value)>,
    challenges: u32,
}

const ADD: u8 = 0;
const SUB: u8 = 1;
const MUL: u8 = 2;
const NEG: u8 = 3;

impl Compiler {
    fn visit(&mut self, expr: &Expr) -> Value {
        if let Some(value) = self.seen.get(&expr.address()) {
            return *value;
        }
        let value = match expr.node() {
            Node::Const(x) => {
                let next = self.constants.len() as u32;
                Value::Const(*self.constants.entry(*x).or_insert(next))
            }
            Node::Challenge(i) => {
                self.challenges = self.challenges.max(u32::from(*i) + 1);
                Value::Challenge(u32::from(*i))
            }
            Node::Cell(column, rotation) => {
                let next = self.cells.len() as u32;
                Value::Cell(*self.cells.entry((*column, *rotation)).or_insert(next))
            }
            Node::Add(a, b) => self.op(ADD, a, b),
            Node::Sub(a, b) => self.op(SUB, a, b),
            Node::Mul(a, b) => self.op(MUL, a, b),
            Node::Neg(a) => self.op(NEG, a, a),
        };
        self.seen.insert(expr.address(), value);
        value
    }

    fn op(&mut self, code: u8, a: &Expr, b: &Expr) -> Value {
        let key = (code, self.visit(a), self.visit(b));
        let next = self.code.len() as u32;
        let op = *self.ops.entry(key).or_insert(next);
        if op == next {
            self.code.push(key);
        }
        Value::Op(op)
    }
}

/// The keys of a numbering, in order.
fn listed<K: Clone>(numbers: HashMap<K, u32>) -> Vec<K> {
    let mut list: Vec<_> = numbers.into_iter().collect();
    list.sort_by_key(|(_, number)| *number);
    list.into_iter().map(|(key, _)| key).collect()
}

impl Program {
    /// Compiles expressions; output `i` is the value of the `i`th.
    #[must_use]
    pub fn new<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> Self {
        let exprs: Vec<&Expr> = exprs.into_iter().collect();
        let mut compiler = Compiler::default();
        let outputs: Vec<Value> = exprs.iter().map(|expr| compiler.visit(expr)).collect();
        let Compiler {
            constants,
            cells,
            code,
            challenges,
            ..
        } = compiler;
        let (constants, cells) = (listed(constants), listed(cells));
        let first_challenge = constants.len() as u32;
        let first_cell = first_challenge + challenges;
        let first_op = first_cell + cells.len() as u32;
        let place = |value| match value {
            Value::Const(i) => i,
            Value::Challenge(i) => first_challenge + i,
            Value::Cell(i) => first_cell + i,
            Value::Op(i) => first_op + i,
        };
        let ops = code
            .into_iter()
            .map(|(code, a, b)| match (code, place(a), place(b)) {
                (ADD, a, b) => Op::Add(a, b),
                (SUB, a, b) => Op::Sub(a, b),
                (MUL, a, b) if a == b => Op::Square(a),
                (MUL, a, b) => Op::Mul(a, b),
                (_, a, _) => Op::Neg(a),
            });
        Self {
            ops: ops.collect(),
            outputs: outputs.into_iter().map(place).collect(),
            challenges: challenges as usize,
            constants,
            cells,
        }
    }

    /// Working memory for [`Program::run`], with these challenges; missing ones are zero.
    #[must_use]
    pub fn memory(&self, challenges: &[Fr]) -> Vec<Fr> {
        let mut memory = self.constants.clone();
        memory.extend(
            challenges
                .iter()
                .copied()
                .chain(std::iter::repeat(Fr::ZERO))
                .take(self.challenges),
        );
        memory.resize(memory.len() + self.cells.len() + self.ops.len(), Fr::ZERO);
        memory
    }

    /// Evaluates on one row of a table of `rows` rows; "next" of the last row is the first.
    pub fn run(&self, memory: &mut [Fr], source: &impl Source, row: usize, rows: usize) {
        let mut at = self.constants.len() + self.challenges;
        for (column, rotation) in &self.cells {
            let row = row + usize::from(*rotation);
            memory[at] = source.cell(*column, if row < rows { row } else { row - rows });
            at += 1;
        }
        for op in &self.ops {
            memory[at] = match *op {
                Op::Add(a, b) => memory[a as usize] + memory[b as usize],
                Op::Sub(a, b) => memory[a as usize] - memory[b as usize],
                Op::Mul(a, b) => memory[a as usize] * memory[b as usize],
                Op::Square(a) => memory[a as usize].square(),
                Op::Neg(a) => -memory[a as usize],
            };
            at += 1;
        }
    }

    /// The value of expression `index` after [`Program::run`].
    #[must_use]
    pub fn output(&self, memory: &[Fr], index: usize) -> Fr {
        memory[self.outputs[index] as usize]
    }

    /// Multiplications and squarings per row, by constants included: the measure of a gate's cost.
    #[must_use]
    pub fn multiplications(&self) -> usize {
        self.ops
            .iter()
            .filter(|op| matches!(op, Op::Mul(..) | Op::Square(_)))
            .count()
    }
}
