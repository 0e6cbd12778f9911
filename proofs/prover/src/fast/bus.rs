//! The second phase: helper columns of the bus and their running sum, eight rows at a time.
//!
//! What they are is the circuit's `logup`, whose own (slow) evaluation the tests compare this one with.

use super::Block;
use super::code::{Cells, Code};
use ark_bn254::FrConfig as Config;
use ark_ff::{AdditiveGroup, Field, batch_inversion};
use playfair_proofs_circuit::air::{Column, Expr, System, TERMS_PER_HELPER, Witness};
use playfair_proofs_vector::{Lanes, Task, WIDTH, dispatch, pack, unpack};
use playfair_types::Fr;
use rayon::prelude::*;

/// Blocks of rows that a task takes: they share an inversion, and their fractions stay in the second cache.
const TASK: usize = 1 << 6;

/// What evaluates the bus.
#[derive(Clone, Debug)]
pub(super) struct Bus {
    /// Numerator and denominator of each helper.
    code: Code,
    helpers: usize,
}

impl Bus {
    pub(super) fn new(system: &System) -> Self {
        let fractions = system.fractions().chunks(TERMS_PER_HELPER);
        let outputs: Vec<Expr> = fractions.clone().flat_map(total).collect();
        Self {
            code: Code::new(&outputs),
            helpers: fractions.len(),
        }
    }

    /// Helpers, then the running sum, on the first `rows` rows; nothing without terms.
    pub(super) fn columns(&self, witness: &Witness, rows: usize, theta: Fr, beta: Fr) -> Vec<Vec<Fr>> {
        if self.helpers == 0 {
            return Vec::new();
        }
        let scalars = self.code.scalars(&[theta, beta]);
        let tasks: Vec<Vec<Fr>> = (0..rows.div_ceil(TASK * WIDTH))
            .into_par_iter()
            .map(|task| {
                let first = task * TASK * WIDTH;
                let blocks = (rows - first).div_ceil(WIDTH).min(TASK);
                let columns: Vec<Vec<Block>> = self
                    .code
                    .columns
                    .iter()
                    .map(|column| piece(witness, *column, first, blocks + 1))
                    .collect();
                let columns: Vec<&[Block]> = columns.iter().map(Vec::as_slice).collect();
                let mut fractions = vec![Block::ZERO; blocks * 2 * self.helpers];
                let cells = Cells {
                    here: &columns,
                    next: &columns,
                    shifted: true,
                };
                self.code.run(&scalars, cells, 0, &mut fractions);
                dispatch(Divide(&mut fractions));
                let values: Vec<Block> = fractions.iter().step_by(2).copied().collect();
                let mut elements = vec![Fr::ZERO; values.len() * WIDTH];
                unpack(&values, &mut elements);
                elements
            })
            .collect();
        let mut columns = vec![Vec::with_capacity(rows + WIDTH); self.helpers];
        for block in tasks
            .iter()
            .flat_map(|task| task.chunks_exact(self.helpers * WIDTH))
        {
            for (column, values) in columns.iter_mut().zip(block.chunks_exact(WIDTH)) {
                column.extend_from_slice(values);
            }
        }
        let mut phi = Fr::ZERO;
        let sums = (0..rows).map(|row| {
            let before = phi;
            phi += columns.iter().map(|column| column[row]).sum::<Fr>();
            before
        });
        let sums = sums.collect();
        for column in &mut columns {
            column.truncate(rows);
        }
        columns.push(sums);
        columns
    }
}

/// Rows of a column from `first` on; zeros behind its end.
fn piece(witness: &Witness, column: Column, first: usize, blocks: usize) -> Vec<Block> {
    let all: &[Fr] = match column {
        Column::Fixed(i) => &witness.fixed[usize::from(i)],
        Column::Advice(i) => &witness.advice[usize::from(i)],
        Column::Instance => &witness.instance,
    };
    let mut packed = vec![Block::ZERO; blocks];
    let rows = first.min(all.len())..all.len().min(first + blocks * WIDTH);
    pack(&all[rows], &mut packed);
    packed
}

/// The sum of at most three fractions `(d, n)`, as numerator and denominator.
fn total(fractions: &[(Expr, Expr)]) -> [Expr; 2] {
    let mut sum = [Expr::from(0u64), Expr::from(1u64)];
    for (i, (d, n)) in fractions.iter().enumerate() {
        sum = match i {
            0 => [n.clone(), d.clone()],
            _ => [&sum[0] * d + n * &sum[1], &sum[1] * d],
        };
    }
    sum
}

/// Pairs of numerator and denominator: the quotients come to the numerators' places.
struct Divide<'a>(&'a mut [Block]);

impl Task<Config> for Divide<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<Config>>(self) {
        let pairs = self.0.as_chunks_mut::<2>().0;
        let mut product = L::from_elements(&[Fr::ONE; WIDTH]);
        let mut before = Vec::with_capacity(pairs.len());
        for [_, denominator] in &*pairs {
            before.push(product);
            product = product.mul(L::read(denominator));
        }
        let mut inverses = product.to_elements();
        batch_inversion(&mut inverses);
        let mut inverse = L::from_elements(&inverses);
        for ([numerator, denominator], before) in pairs.iter_mut().zip(before).rev() {
            let quotient = L::read(numerator).mul(inverse.mul(before));
            inverse = inverse.mul(L::read(denominator));
            quotient.write(numerator);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_proofs_circuit::air::Builder;

    #[test]
    fn is_what_the_circuit_says() {
        // Seven terms, the last helper with one; numbers of rows around a block's and a task's.
        let mut b = Builder::new();
        let (x, y, table) = (b.advice("x"), b.advice("y"), b.fixed("table"));
        let kind = b.kind("pair");
        for i in 0..6u64 {
            b.use_one(format!("use.{i}"), kind, [x.cur() * i, y.cur() + i]);
        }
        b.supply("table", kind, y.cur() * x.cur(), [table.cur(), x.cur()]);
        let system = System::new(&b.build().unwrap());
        let bus = Bus::new(&system);
        for rows in [2, 7, 8, 9, 511, 512, 513, 1030] {
            let column = |a: u64| -> Vec<Fr> { (0..rows).map(|i| Fr::from(i * i * a + 3)).collect() };
            let witness = Witness {
                fixed: vec![column(5)].into(),
                advice: vec![column(1), column(2)],
                instance: Vec::new(),
            };
            let (theta, beta) = (Fr::from(1_000_003u64), -Fr::from(77u64));
            let expected = system.second_phase_values(&witness, theta, beta);
            assert_eq!(
                bus.columns(&witness, rows as usize, theta, beta),
                expected,
                "{rows} rows"
            );
        }
    }
}
