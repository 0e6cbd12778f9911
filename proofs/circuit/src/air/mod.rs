//! Constraints as data, independent of any proof system.
//!
//! An [`Air`] is a table of `u` usable rows with fixed columns (part of the verifying key), advice columns (the
//! witness) and one instance column (public inputs), together with
//!
//! * **constraints**: polynomials in the cells of a row and of the next one that vanish on all rows, on all but the
//!   last, on the first or on the last ([`Rows`]);
//! * **terms** of one bus: every row adds each term's multiplicity to the term's tuple. The bus balances when the
//!   multiplicities of every tuple sum to zero in the field: what is used was supplied.
//!
//! [`System`] compiles an `Air` into polynomials alone, the bus by a logarithmic derivative (logUp), for a proof system
//! with two challenges. [`Checker`] evaluates an `Air` on a [`Witness`] directly and names what fails: the oracle of the
//! negative tests.
//!
//! ```
//! use playfair_proofs_circuit::air::{Builder, Rows, Witness, check};
//!
//! let mut b = Builder::new();
//! let (x, limb, table, count) = (b.advice("x"), b.advice("limb"), b.fixed("table"), b.advice("count"));
//! b.constrain("double", "The next x is twice this one.", Rows::Trans, x.next() - x * 2);
//! let range = b.kind("range");
//! b.use_one("range.limb", range, [limb.cur()]);
//! b.supply("range.table", range, count.cur(), [table.cur()]);
//! let air = b.build().unwrap();
//!
//! let column = |values: [u64; 3]| values.map(Into::into).to_vec();
//! let witness = Witness {
//!     fixed: vec![column([0, 1, 2])].into(),
//!     advice: vec![column([3, 6, 12]), column([2, 0, 2]), column([1, 0, 2])],
//!     instance: vec![],
//! };
//! assert!(check(&air, &witness).unwrap().is_clean());
//! ```

mod build;
mod check;
mod error;
mod expr;
mod logup;
mod program;
#[cfg(test)]
mod tests;

pub use build::{Air, Builder, Constraint, Kind, Rows, Term};
pub use check::{Change, Checker, Emission, Evaluator, Report, Unmatched, Violation, Witness, check};
pub use error::{AirError, WitnessError};
pub use expr::{Column, Expr, Node, affine, product, sum};
pub use logup::{Gate, Selector, System};
pub use program::{Program, Source};

/// The largest degree of a constraint, its row selector (degree one) included.
pub const MAX_DEGREE: u32 = 5;

/// How many terms of the bus share one helper column.
pub const TERMS_PER_HELPER: usize = 3;
