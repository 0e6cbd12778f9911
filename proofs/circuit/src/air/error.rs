//! What is wrong with an `Air` or with the shape of a witness.

use super::{Column, MAX_DEGREE};
use std::fmt;

/// Why a builder's table is refused. Names are those of the constraint, term or column at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AirError {
    /// Two constraints, two terms, two kinds or two columns of the same name, or an empty name.
    Name(String),
    /// More than 65,535 columns of a sort, or of kinds.
    TooMany,
    /// A degree above its limit: of a constraint with its selector, of a multiplicity (two) or of a tuple's component (one).
    Degree {
        /// Which constraint or term.
        name: String,
        /// What it has.
        degree: u32,
        /// What it may have.
        limit: u32,
    },
    /// A rotation that the rows do not have: two rows below, the next row from the last one, or the next row in a term.
    Rotation(String),
    /// A column that was not declared.
    Column(String, Column),
    /// A challenge in a constraint or term.
    Challenge(String),
    /// A constraint that is a constant: it says nothing, or can never hold.
    Constant(String),
    /// Terms of one kind with tuples of different lengths, or an empty tuple.
    Width(String),
}

impl fmt::Display for AirError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "the name {name:?} is empty or used twice; choose another"),
            Self::TooMany => write!(f, "more than 65,535 columns or kinds"),
            Self::Degree { name, degree, limit } if *limit == MAX_DEGREE => {
                write!(
                    f,
                    "{name} has degree {degree} with its selector, at most {limit} is possible; name a product by a column"
                )
            }
            Self::Degree { name, degree, limit } => {
                write!(f, "{name} has a part of degree {degree} where {limit} is allowed")
            }
            Self::Rotation(name) => write!(
                f,
                "{name} reads a row that is not there (terms read their own row only)"
            ),
            Self::Column(name, column) => write!(f, "{name} reads {column:?}, which is not declared"),
            Self::Challenge(name) => write!(f, "{name} contains a challenge"),
            Self::Constant(name) => write!(f, "{name} is a constant"),
            Self::Width(name) => write!(
                f,
                "{name} has a tuple of another length than its kind, or an empty one"
            ),
        }
    }
}

impl std::error::Error for AirError {}

/// A witness whose shape is not that of its `Air`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessError {
    /// Another number of fixed columns.
    FixedColumns {
        /// As declared.
        expected: usize,
        /// As given.
        found: usize,
    },
    /// Another number of advice columns.
    AdviceColumns {
        /// As declared.
        expected: usize,
        /// As given.
        found: usize,
    },
    /// A column whose length differs from that of the others.
    Length(Column),
    /// No rows, more than `2^32` of them, or more public inputs than rows.
    Rows,
    /// A change outside the table.
    Cell(Column, usize),
}

impl fmt::Display for WitnessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FixedColumns { expected, found } => {
                write!(f, "{found} fixed columns instead of {expected}")
            }
            Self::AdviceColumns { expected, found } => {
                write!(f, "{found} advice columns instead of {expected}")
            }
            Self::Length(column) => write!(f, "{column:?} is not as long as the other columns"),
            Self::Rows => write!(f, "no rows, too many rows, or more public inputs than rows"),
            Self::Cell(column, row) => write!(f, "there is no row {row} in {column:?}"),
        }
    }
}

impl std::error::Error for WitnessError {}
