//! Polynomials in the cells of a row and of the next one.

use playfair_types::crypto::field::Fr;
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};
use std::sync::Arc;

/// A column of the table. Indices count per sort of column, from zero, in order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// Part of the verifying key.
    Fixed(u16),
    /// Part of the witness.
    Advice(u16),
    /// The public inputs, from row 0, then zeros.
    Instance,
}

impl Column {
    /// The cell of this column in the row at hand.
    #[must_use]
    pub fn cur(self) -> Expr {
        Expr::new(Node::Cell(self, 0), 1)
    }

    /// The cell of this column in the next row.
    #[must_use]
    pub fn next(self) -> Expr {
        Expr::new(Node::Cell(self, 1), 1)
    }
}

/// What an expression is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A constant.
    Const(Fr),
    /// A cell: column and how many rows below the row at hand (0 or 1; more is refused when an `Air` is built).
    Cell(Column, u8),
    /// A random challenge of the proof; only in a compiled [`System`](super::System). Degree zero.
    Challenge(u16),
    /// A sum.
    Add(Expr, Expr),
    /// A difference.
    Sub(Expr, Expr),
    /// A product.
    Mul(Expr, Expr),
    /// The negation.
    Neg(Expr),
}

/// A polynomial in cells, built with `+ - *` from columns, integers and field elements.
///
/// Cloning is cheap: parts are shared, and stay shared when evaluated.
#[derive(Clone, Debug)]
pub struct Expr(Arc<(Node, u32)>);

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Expr {}

impl Expr {
    fn new(node: Node, degree: u32) -> Self {
        Self(Arc::new((node, degree)))
    }

    /// A constant.
    #[must_use]
    pub fn constant(value: Fr) -> Self {
        Self::new(Node::Const(value), 0)
    }

    /// A challenge, for compiled systems; an `Air` has none.
    #[must_use]
    pub fn challenge(index: u16) -> Self {
        Self::new(Node::Challenge(index), 0)
    }

    /// What this expression is at its root.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.0.0
    }

    /// An identity of the shared part, for maps that visit it once; valid while the expression lives.
    #[must_use]
    pub fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// An upper bound of the total degree; every cell counts one, fixed ones too.
    #[must_use]
    pub fn degree(&self) -> u32 {
        self.0.1
    }

    /// The value, if this is a constant.
    #[must_use]
    pub fn as_constant(&self) -> Option<Fr> {
        match self.node() {
            Node::Const(value) => Some(*value),
            _ => None,
        }
    }

    /// The same expression one row below: what is `cur` becomes `next`.
    #[must_use]
    pub fn next(&self) -> Self {
        match self.node() {
            Node::Const(_) | Node::Challenge(_) => self.clone(),
            Node::Cell(column, rotation) => Self::new(Node::Cell(*column, rotation + 1), 1),
            Node::Add(a, b) => a.next() + b.next(),
            Node::Sub(a, b) => a.next() - b.next(),
            Node::Mul(a, b) => a.next() * b.next(),
            Node::Neg(a) => -a.next(),
        }
    }

    /// The square.
    #[must_use]
    pub fn square(&self) -> Self {
        self * self
    }

    /// `1 - self`: the other case of a boolean.
    #[must_use]
    pub fn not(&self) -> Self {
        Self::from(1) - self
    }

    fn is(&self, value: u64) -> bool {
        self.as_constant() == Some(Fr::from(value))
    }

    fn sum_of(a: Self, b: Self) -> Self {
        match (a.as_constant(), b.as_constant()) {
            (Some(x), Some(y)) => Self::constant(x + y),
            _ if a.is(0) => b,
            _ if b.is(0) => a,
            _ => {
                let degree = a.degree().max(b.degree());
                Self::new(Node::Add(a, b), degree)
            }
        }
    }

    fn difference_of(a: Self, b: Self) -> Self {
        match (a.as_constant(), b.as_constant()) {
            (Some(x), Some(y)) => Self::constant(x - y),
            _ if a.is(0) => -b,
            _ if b.is(0) => a,
            _ => {
                let degree = a.degree().max(b.degree());
                Self::new(Node::Sub(a, b), degree)
            }
        }
    }

    fn product_of(a: Self, b: Self) -> Self {
        match (a.as_constant(), b.as_constant()) {
            (Some(x), Some(y)) => Self::constant(x * y),
            _ if a.is(0) || b.is(1) => a,
            _ if b.is(0) || a.is(1) => b,
            _ => {
                let degree = a.degree().saturating_add(b.degree());
                Self::new(Node::Mul(a, b), degree)
            }
        }
    }

    fn negated(a: Self) -> Self {
        match a.node() {
            Node::Const(x) => Self::constant(-*x),
            Node::Neg(b) => b.clone(),
            _ => {
                let degree = a.degree();
                Self::new(Node::Neg(a), degree)
            }
        }
    }
}

/// The sum of expressions; zero if there are none.
pub fn sum<E: Into<Expr>>(parts: impl IntoIterator<Item = E>) -> Expr {
    parts
        .into_iter()
        .fold(Expr::from(0), |acc, part| acc + part.into())
}

/// The product of expressions; one if there are none.
pub fn product<E: Into<Expr>>(parts: impl IntoIterator<Item = E>) -> Expr {
    parts
        .into_iter()
        .fold(Expr::from(1), |acc, part| acc * part.into())
}

/// The sum of `part_i base^i` by Horner's rule, first part first.
pub fn affine<E: Into<Expr>>(
    base: impl Into<Expr>,
    parts: impl IntoIterator<Item = E, IntoIter: DoubleEndedIterator>,
) -> Expr {
    let base = base.into();
    parts
        .into_iter()
        .rev()
        .fold(Expr::from(0), |acc, part| part.into() + acc * &base)
}

impl From<Fr> for Expr {
    fn from(value: Fr) -> Self {
        Self::constant(value)
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Expr {
            fn from(value: $integer) -> Self {
                Self::constant(Fr::from(value))
            }
        }
    )*};
}

integers!(u16, u32, u64, u128, i32, i64);

impl From<Column> for Expr {
    fn from(column: Column) -> Self {
        column.cur()
    }
}

impl From<&Expr> for Expr {
    fn from(expr: &Expr) -> Self {
        expr.clone()
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $make:ident),*) => {$(
        impl<R: Into<Expr>> $trait<R> for Expr {
            type Output = Expr;
            fn $method(self, right: R) -> Expr {
                Expr::$make(self, right.into())
            }
        }
        impl<R: Into<Expr>> $trait<R> for &Expr {
            type Output = Expr;
            fn $method(self, right: R) -> Expr {
                Expr::$make(self.clone(), right.into())
            }
        }
        impl<R: Into<Expr>> $trait<R> for Column {
            type Output = Expr;
            fn $method(self, right: R) -> Expr {
                Expr::$make(self.cur(), right.into())
            }
        }
    )*};
}

operators!(Add add sum_of, Sub sub difference_of, Mul mul product_of);

impl Neg for Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        Expr::negated(self)
    }
}

impl Neg for &Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        Expr::negated(self.clone())
    }
}

impl Neg for Column {
    type Output = Expr;
    fn neg(self) -> Expr {
        Expr::negated(self.cur())
    }
}

impl<R: Into<Expr>> AddAssign<R> for Expr {
    fn add_assign(&mut self, right: R) {
        *self = &*self + right;
    }
}

impl<R: Into<Expr>> SubAssign<R> for Expr {
    fn sub_assign(&mut self, right: R) {
        *self = &*self - right;
    }
}

impl<R: Into<Expr>> MulAssign<R> for Expr {
    fn mul_assign(&mut self, right: R) {
        *self = &*self * right;
    }
}

impl std::iter::Sum for Expr {
    fn sum<I: Iterator<Item = Expr>>(parts: I) -> Expr {
        sum(parts)
    }
}
