//! A table of any size that costs what a real one costs, for measurements.

use ark_ff::PrimeField;
use playfair_proofs_circuit::air::{Air, Builder, Column, Expr, Rows, Witness, sum};
use playfair_types::Fr;

/// How large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) bits: usize,
    pub(crate) small: usize,
    pub(crate) full: usize,
    /// Fixed columns besides the three selectors.
    pub(crate) fixed: usize,
    /// Helper columns besides `phi`; each has three terms.
    pub(crate) helpers: usize,
    /// Products of two cells in constraints.
    pub(crate) products: usize,
}

#[allow(dead_code, reason = "for the example that measures")]
/// The machine as it was planned: 84 + 12 advice columns and 22 fixed ones.
pub(crate) const MACHINE: Shape = Shape {
    bits: 27,
    small: 45,
    full: 12,
    fixed: 19,
    helpers: 10,
    products: 230,
};

/// Products per constraint.
const PER_CONSTRAINT: usize = 2;

/// Pseudorandom numbers (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn field(&mut self) -> Fr {
        Fr::from_le_bytes_mod_order(
            &[self.next(), self.next(), self.next(), self.next()]
                .map(u64::to_le_bytes)
                .concat(),
        )
    }
}

/// Constraints `(bit^2 - bit) (x y + x' y' + ...)` and terms in pairs that cancel.
pub(crate) fn air(shape: Shape) -> Air {
    let mut b = Builder::new();
    let fixed: Vec<Column> = (0..shape.fixed).map(|i| b.fixed(format!("f{i}"))).collect();
    let bits: Vec<Column> = (0..shape.bits).map(|i| b.advice(format!("b{i}"))).collect();
    let mut cells = bits.clone();
    cells.extend((0..shape.small).map(|i| b.advice(format!("s{i}"))));
    cells.extend((0..shape.full).map(|i| b.advice(format!("w{i}"))));
    cells.extend(&fixed);
    let boolean = |i: usize| {
        let bit = bits[i % bits.len()];
        bit * bit - bit
    };
    let constraints = shape.products.div_ceil(PER_CONSTRAINT).max(1);
    for i in 0..constraints {
        // Every column is used; a fourth of the products read the next row.
        let products = (i * PER_CONSTRAINT..shape.products.min((i + 1) * PER_CONSTRAINT)).map(|j| {
            let (x, y) = (
                cells[j % cells.len()],
                cells[(j * 7 + j / cells.len() + 3) % cells.len()],
            );
            if j % 4 == 0 { x.cur() * y.next() } else { x * y }
        });
        b.constrain(
            format!("c{i}"),
            "Zero by its first factor.",
            Rows::Trans,
            boolean(i) * (sum(products) + 1),
        );
    }
    let kind = b.kind("tuple");
    let terms = 3 * shape.helpers;
    for i in 0..terms {
        let tuple: Vec<Expr> = (0..4)
            .map(|j| cells[(i / 2 * 5 + j) % cells.len()].cur())
            .collect();
        let multiplicity: Expr = match i % 2 {
            _ if i + 1 == terms && terms % 2 == 1 => boolean(i),
            0 => 1.into(),
            _ => (-1).into(),
        };
        b.supply(format!("t{i}"), kind, multiplicity, tuple);
    }
    b.build().expect("the synthetic table keeps the rules")
}

/// A witness of `rows` rows.
pub(crate) fn witness(shape: Shape, rows: usize, seed: u64) -> Witness {
    let mut random = Random(seed);
    let mut column = |sort: usize| -> Vec<Fr> {
        (0..rows)
            .map(|_| match sort {
                0 => Fr::from(random.next() & 1),
                1 => Fr::from(random.next() & 0xffff),
                _ => random.field(),
            })
            .collect()
    };
    let mut advice: Vec<Vec<Fr>> = (0..shape.bits).map(|_| column(0)).collect();
    advice.extend((0..shape.small).map(|_| column(1)));
    advice.extend((0..shape.full).map(|_| column(2)));
    let fixed: Vec<Vec<Fr>> = (0..shape.fixed).map(|_| column(1)).collect();
    Witness {
        fixed: fixed.into(),
        advice,
        instance: vec![],
    }
}
