//! Tables of constraints and their builder.

use super::MAX_DEGREE;
use super::error::AirError;
use super::expr::{Column, Expr, Node};
use std::collections::{HashMap, HashSet};

/// On which of the usable rows a constraint holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rows {
    /// Every row. Such a constraint cannot read the next row.
    All,
    /// Every row but the last.
    Trans,
    /// The first.
    First,
    /// The last. Such a constraint cannot read the next row.
    Last,
}

/// A polynomial that vanishes on some rows.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Stable and unique, like `arith.sum`.
    pub id: String,
    /// What it says, in words.
    pub doc: String,
    /// Where it holds.
    pub on: Rows,
    /// What vanishes.
    pub expr: Expr,
}

/// A sort of tuples on the bus. Tuples of different kinds never match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind(pub(super) u16);

impl Kind {
    /// The first component of its tuples: one for the kind that was declared first, and so on.
    #[must_use]
    pub fn tag(self) -> u64 {
        u64::from(self.0) + 1
    }

    /// Its place in [`Air::kinds`].
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A contribution of every row to the bus.
#[derive(Clone, Debug)]
pub struct Term {
    /// Stable and unique, like `memory.a.use`.
    pub name: String,
    /// The kind of its tuple.
    pub kind: Kind,
    /// How often a row supplies the tuple; negative for a use. Degree at most two.
    pub multiplicity: Expr,
    /// The tuple, without the kind. Affine.
    pub tuple: Vec<Expr>,
}

/// A table of constraints that passed validation.
#[derive(Clone, Debug)]
pub struct Air {
    fixed: Vec<String>,
    advice: Vec<String>,
    kinds: Vec<String>,
    constraints: Vec<Constraint>,
    terms: Vec<Term>,
}

impl Air {
    /// Names of the fixed columns.
    #[must_use]
    pub fn fixed(&self) -> &[String] {
        &self.fixed
    }

    /// Names of the advice columns.
    #[must_use]
    pub fn advice(&self) -> &[String] {
        &self.advice
    }

    /// Names of the kinds of tuples.
    #[must_use]
    pub fn kinds(&self) -> &[String] {
        &self.kinds
    }

    /// The constraints, in order of declaration.
    #[must_use]
    pub fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// The terms of the bus, in order of declaration.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The name of a column.
    #[must_use]
    pub fn column_name(&self, column: Column) -> &str {
        let name = match column {
            Column::Fixed(i) => self.fixed.get(usize::from(i)),
            Column::Advice(i) => self.advice.get(usize::from(i)),
            Column::Instance => return "instance",
        };
        name.map_or("undeclared", String::as_str)
    }
}

/// Collects columns, constraints and terms. Mistakes are reported by [`Builder::build`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    fixed: Vec<String>,
    advice: Vec<String>,
    kinds: Vec<String>,
    constraints: Vec<Constraint>,
    terms: Vec<Term>,
}

/// The index of the next column; beyond `u16` the builder refuses at the end.
fn index(names: &[String]) -> u16 {
    u16::try_from(names.len()).unwrap_or(u16::MAX)
}

impl Builder {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a fixed column.
    pub fn fixed(&mut self, name: impl Into<String>) -> Column {
        let column = Column::Fixed(index(&self.fixed));
        self.fixed.push(name.into());
        column
    }

    /// Declares an advice column.
    pub fn advice(&mut self, name: impl Into<String>) -> Column {
        let column = Column::Advice(index(&self.advice));
        self.advice.push(name.into());
        column
    }

    /// Declares a kind of tuples.
    pub fn kind(&mut self, name: impl Into<String>) -> Kind {
        let kind = Kind(index(&self.kinds));
        self.kinds.push(name.into());
        kind
    }

    /// States that `expr` is zero on `on`.
    pub fn constrain(
        &mut self,
        id: impl Into<String>,
        doc: impl Into<String>,
        on: Rows,
        expr: impl Into<Expr>,
    ) {
        self.constraints.push(Constraint {
            id: id.into(),
            doc: doc.into(),
            on,
            expr: expr.into(),
        });
    }

    /// Adds `tuple` to the bus, `multiplicity` times.
    pub fn supply<E: Into<Expr>>(
        &mut self,
        name: impl Into<String>,
        kind: Kind,
        multiplicity: impl Into<Expr>,
        tuple: impl IntoIterator<Item = E>,
    ) {
        let tuple = tuple.into_iter().map(Into::into).collect();
        self.terms.push(Term {
            name: name.into(),
            kind,
            multiplicity: multiplicity.into(),
            tuple,
        });
    }

    /// Takes `tuple` from the bus, `times` times.
    pub fn use_times<E: Into<Expr>>(
        &mut self,
        name: impl Into<String>,
        kind: Kind,
        times: impl Into<Expr>,
        tuple: impl IntoIterator<Item = E>,
    ) {
        self.supply(name, kind, -times.into(), tuple);
    }

    /// Takes `tuple` from the bus once on every row.
    pub fn use_one<E: Into<Expr>>(
        &mut self,
        name: impl Into<String>,
        kind: Kind,
        tuple: impl IntoIterator<Item = E>,
    ) {
        self.use_times(name, kind, 1, tuple);
    }

    /// The table, if it keeps the rules.
    ///
    /// # Errors
    /// The first fault found; see [`AirError`].
    pub fn build(self) -> Result<Air, AirError> {
        for names in [&self.fixed, &self.advice, &self.kinds] {
            if names.len() > usize::from(u16::MAX) {
                return Err(AirError::TooMany);
            }
        }
        unique(self.fixed.iter().chain(&self.advice))?;
        unique(&self.kinds)?;
        unique(
            self.constraints
                .iter()
                .map(|c| &c.id)
                .chain(self.terms.iter().map(|t| &t.name)),
        )?;
        for constraint in &self.constraints {
            self.check_constraint(constraint)?;
        }
        let mut widths = HashMap::new();
        for term in &self.terms {
            self.check_term(term, &mut widths)?;
        }
        let Self {
            fixed,
            advice,
            kinds,
            constraints,
            terms,
        } = self;
        Ok(Air {
            fixed,
            advice,
            kinds,
            constraints,
            terms,
        })
    }

    fn check_constraint(&self, constraint: &Constraint) -> Result<(), AirError> {
        let Constraint { id, on, expr, .. } = constraint;
        limit(id, expr.degree().saturating_add(1), MAX_DEGREE)?;
        if expr.as_constant().is_some() {
            return Err(AirError::Constant(id.clone()));
        }
        // The first row has a next one unless it is the only row, which the prover's domains rule out.
        let rotations = if matches!(on, Rows::Trans | Rows::First) {
            1
        } else {
            0
        };
        self.check_cells(id, expr, rotations)
    }

    fn check_term(&self, term: &Term, widths: &mut HashMap<Kind, usize>) -> Result<(), AirError> {
        let Term {
            name,
            kind,
            multiplicity,
            tuple,
        } = term;
        if tuple.is_empty() || *widths.entry(*kind).or_insert(tuple.len()) != tuple.len() {
            return Err(AirError::Width(name.clone()));
        }
        if kind.index() >= self.kinds.len() {
            return Err(AirError::Width(name.clone()));
        }
        limit(name, multiplicity.degree(), 2)?;
        self.check_cells(name, multiplicity, 0)?;
        for part in tuple {
            limit(name, part.degree(), 1)?;
            self.check_cells(name, part, 0)?;
        }
        Ok(())
    }

    fn check_cells(&self, name: &str, expr: &Expr, rotations: u8) -> Result<(), AirError> {
        let mut seen = HashSet::new();
        let mut stack = vec![expr];
        while let Some(expr) = stack.pop() {
            if !seen.insert(expr.address()) {
                continue;
            }
            match expr.node() {
                Node::Const(_) => {}
                Node::Challenge(_) => return Err(AirError::Challenge(name.into())),
                Node::Cell(_, rotation) if *rotation > rotations => {
                    return Err(AirError::Rotation(name.into()));
                }
                Node::Cell(column, _) => {
                    let declared = match column {
                        Column::Fixed(i) => usize::from(*i) < self.fixed.len(),
                        Column::Advice(i) => usize::from(*i) < self.advice.len(),
                        Column::Instance => true,
                    };
                    if !declared {
                        return Err(AirError::Column(name.into(), *column));
                    }
                }
                Node::Add(a, b) | Node::Sub(a, b) | Node::Mul(a, b) => stack.extend([a, b]),
                Node::Neg(a) => stack.push(a),
            }
        }
        Ok(())
    }
}

fn limit(name: &str, degree: u32, limit: u32) -> Result<(), AirError> {
    if degree <= limit {
        Ok(())
    } else {
        Err(AirError::Degree {
            name: name.into(),
            degree,
            limit,
        })
    }
}

fn unique<'a>(names: impl IntoIterator<Item = &'a String>) -> Result<(), AirError> {
    let mut seen = HashSet::new();
    for name in names {
        if name.is_empty() || !seen.insert(name) {
            return Err(AirError::Name(name.clone()));
        }
    }
    Ok(())
}
