//! A table with everything a table can have: constraints on all kinds of rows, the next row, public inputs, two kinds of tuples.
//!
//! A machine of one register. Each row takes `x` to `x^2 + c` where the fixed flag is set and to `x + limb` elsewhere; limbs are
//! looked up in a fixed table of eight entries, and every value that a row leaves is handed to the next by a tuple `(row, value)`.

use ark_ff::{AdditiveGroup, Field};
use playfair_proofs_circuit::air::{Air, Builder, Column, Expr, Rows, Witness};
use playfair_types::Fr;

/// Entries of the table.
const ENTRIES: usize = 8;

pub(crate) fn air() -> Air {
    let mut b = Builder::new();
    let [flag, table, row] = ["flag", "table", "row"].map(|name| b.fixed(name));
    let [x, limb, count, seen, square] = ["x", "limb", "count", "seen", "square"].map(|name| b.advice(name));
    b.constrain("square", "The square of x.", Rows::All, x * x - square);
    let step = flag * (square + 3 - x.next()) + flag.cur().not() * (x + limb - x.next());
    b.constrain("step", "What a row does.", Rows::Trans, step);
    b.constrain(
        "first",
        "The first x is the first public input.",
        Rows::First,
        x - Column::Instance,
    );
    b.constrain(
        "seen",
        "What was handed over is x.",
        Rows::All,
        (seen - x) * (seen + 1) * flag + (seen - x) * flag.cur().not(),
    );
    b.constrain("last", "The last row is not flagged.", Rows::Last, flag.cur());
    let (limbs, values) = (b.kind("limb"), b.kind("value"));
    b.use_one("limb.use", limbs, [limb]);
    b.supply("limb.table", limbs, count, [table]);
    // On row 0 the same row takes what it gives.
    b.supply("value.give", values, 1, [row.cur(), x.cur(), Expr::from(7)]);
    b.use_one("value.take", values, [row.cur(), seen.cur(), Expr::from(7)]);
    b.build().expect("the toy keeps the rules")
}

pub(crate) fn witness(rows: usize, start: u64) -> Witness {
    let flag = |row: usize| row % 3 == 1 && row + 1 < rows;
    let mut columns = vec![vec![Fr::ZERO; rows]; 5];
    let mut x = Fr::from(start);
    for row in 0..rows {
        let limb = (row * row + row / 5) % ENTRIES;
        let values = [x, Fr::from(limb as u64), Fr::ZERO, x, x.square()];
        for (column, value) in columns.iter_mut().zip(values) {
            column[row] += value;
        }
        columns[2][limb] += Fr::ONE;
        x = if flag(row) {
            x.square() + Fr::from(3)
        } else {
            x + Fr::from(limb as u64)
        };
    }
    let fixed = |f: &dyn Fn(usize) -> u64| (0..rows).map(|row| Fr::from(f(row))).collect::<Vec<_>>();
    Witness {
        fixed: vec![
            fixed(&|row| u64::from(flag(row))),
            fixed(&|row| row.min(ENTRIES - 1) as u64),
            fixed(&|row| row as u64),
        ]
        .into(),
        advice: columns,
        instance: vec![Fr::from(start), Fr::from(9)],
    }
}
