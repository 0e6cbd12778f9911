//! The machine's constraints, one file per family of instructions.
//!
//! # Why a row does one thing
//! A row's flags, offsets, constants and gas price are looked up in the code table under the code index that runs (`pcl`), so that
//! a prover chooses none of them. [`crate::lint`] refuses programs whose rows name more than one operation; in the constraints
//! operations therefore exclude each other, and what a family adds to the machine's next state is a difference from the default
//! that is zero on all other rows.
//!
//! # What leans on the code being fixed
//! Some instructions speak of the next row (DIV, PIN, the rounds of Poseidon, CIN, CURVE, COUT, MEM). Nothing in a
//! circuit says that the next row is what they expect: the program does, as they do not branch, plus `state.joined`, which
//! keeps the prover from putting EXIT between. That nothing jumps to the second part of such a group is a property of the
//! program too: [`crate::lint`] checks the jumps that can be seen, and computed jumps (RET, DYN) are the compiler's.

mod arith;
mod bus;
mod compare;
mod control;
mod curve;
mod divide;
mod initial;
mod logic;
mod memory;
mod parts;
mod poseidon;
mod slots;
mod state;
mod system;

pub(crate) use curve::{A as CURVE_A, D as CURVE_D};
pub(crate) use poseidon::{Partial, mds};

use crate::air::{Air, AirError, Builder, Expr, Rows};
use crate::columns::Columns;
use crate::op::Op;

/// The machine: its constraints and its columns by name.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Constraints and bus.
    pub air: Air,
    /// Columns.
    pub columns: Columns,
}

impl Machine {
    /// Builds the constraints. They do not depend on program or shape.
    ///
    /// # Errors
    /// Never, unless the constraints themselves break a rule of [`crate::air`] (which a test excludes).
    pub fn new() -> Result<Self, AirError> {
        let mut builder = Builder::new();
        let columns = Columns::declare(&mut builder);
        let mut lanes = Lanes::new(&mut builder, &columns);
        lanes.arith();
        lanes.compare();
        lanes.logic();
        lanes.divide();
        lanes.control();
        lanes.system();
        lanes.memory();
        lanes.parts();
        lanes.poseidon();
        lanes.curve();
        lanes.initial();
        // Last: what the families added to the next state and to the slots is complete.
        lanes.slots();
        lanes.state();
        lanes.bus();
        Ok(Self {
            air: builder.build()?,
            columns,
        })
    }
}

/// What families of instructions add to the default: each is zero on rows of other families.
struct Extra {
    /// Next `pc` less `pc + 1 + BR res (c - pc - 1)`.
    pc: Expr,
    /// Next `fp` less `fp`.
    fp: Expr,
    /// Next `sl` less `sl`.
    sl: Expr,
    /// Next `gas` less `gas - g`.
    gas: Expr,
    /// Next `ctx` less `ctx`.
    ctx: Expr,
    /// Next `lim` less `lim`.
    lim: Expr,
    /// `wa` less `va + dA (res - va)`.
    wa: Expr,
    /// One where slot B's address is computed.
    computed_b: Expr,
    /// One where slot C's address is computed.
    computed_c: Expr,
}

/// The constraints under construction.
struct Lanes<'a> {
    builder: &'a mut Builder,
    c: &'a Columns,
    extra: Extra,
}

impl<'a> Lanes<'a> {
    fn new(builder: &'a mut Builder, c: &'a Columns) -> Self {
        let zero = || Expr::from(0);
        let extra = Extra {
            pc: zero(),
            fp: zero(),
            sl: zero(),
            gas: zero(),
            ctx: zero(),
            lim: zero(),
            wa: zero(),
            computed_b: zero(),
            computed_c: zero(),
        };
        Self { builder, c, extra }
    }

    /// `expr` vanishes in every row.
    fn all(&mut self, id: &str, doc: &str, expr: impl Into<Expr>) {
        self.builder.constrain(id, doc, Rows::All, expr);
    }

    /// `expr`, which may read the next row, vanishes in every row but the last.
    fn trans(&mut self, id: &str, doc: &str, expr: impl Into<Expr>) {
        self.builder.constrain(id, doc, Rows::Trans, expr);
    }

    /// `value` is zero or one where `selector` is one.
    fn boolean(&mut self, id: &str, doc: &str, selector: &Expr, value: impl Into<Expr>) {
        let value = value.into();
        self.all(id, doc, selector * (value.square() - &value));
    }

    fn is(&self, op: Op) -> Expr {
        self.c.is(op)
    }

    fn k(&self, i: usize) -> Expr {
        self.c.k[i].cur()
    }

    fn limb(&self, i: usize) -> Expr {
        self.c.limb[i].cur()
    }

    fn cell(&self, i: usize) -> Expr {
        self.c.extra[i].cur()
    }

    /// `k1 x + k2 y + k3`.
    fn form(&self) -> Expr {
        self.k(1) * self.c.x() + self.k(2) * self.c.y() + self.k(3)
    }
}
