//! Comparisons, and conditions that fuse with what takes them.

use super::function::Lowering;
use super::rows::{Kind, ONE, Result, ZERO};
use super::value::{Arg, Known};
use crate::asm::{self, Operand, coefficients};
use playfair_types::crypto::field::Fr;
use wasmparser::Operator;

/// A row whose result is 0 or 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Condition {
    pub(crate) kind: Kind,
    pub(crate) x: Option<Operand>,
    pub(crate) y: Option<Operand>,
    pub(crate) k: [Fr; 8],
}

impl Condition {
    fn new<const N: usize>(kind: Kind, x: Operand, y: Option<Operand>, k: [(usize, Fr); N]) -> Self {
        let k = coefficients(k);
        Self {
            kind,
            x: Some(x),
            y,
            k,
        }
    }

    fn always(value: bool) -> Self {
        let k = coefficients([(3, Fr::from(value))]);
        Self {
            kind: Kind::Field,
            x: None,
            y: None,
            k,
        }
    }

    /// The value, if it does not depend on anything.
    pub(crate) fn fixed(&self) -> Option<bool> {
        (self.x.is_none() && self.y.is_none()).then(|| self.k[3] == ONE)
    }

    /// A value that is 0 or 1.
    pub(crate) fn of_bool(x: Operand) -> Self {
        Self::new(Kind::Field, x, None, [(1, ONE)])
    }

    /// Whether a value is not zero.
    pub(crate) fn not_zero(x: Operand) -> Self {
        Self::new(Kind::Equal, x, None, [(1, ONE), (4, -ONE), (6, ONE)])
    }

    /// Bit `bit` of a value, and all above it, which must be zero.
    pub(crate) fn top_bit(x: Operand, bit: u32) -> Self {
        Self::new(
            Kind::Arith,
            x,
            None,
            [(1, asm::two(64 - bit)), (5, ONE), (7, ONE)],
        )
    }

    /// `a >= b`, for operands that differ by less than 2^64.
    fn at_least(a: Arg, b: Arg, signed_bits: Option<u32>) -> Self {
        let constant = |value: u64| match signed_bits {
            None => Fr::from(value),
            Some(32) => Fr::from(value as u32 as i32),
            Some(_) => Fr::from(value as i64),
        };
        let (mut x, mut y, mut k3) = (None, None, asm::two(64));
        match a {
            Arg::Const(value) => k3 += constant(value),
            Arg::Reg(operand, _) => x = Some(operand),
        }
        match b {
            Arg::Const(value) => k3 -= constant(value),
            Arg::Reg(operand, _) => y = Some(operand),
        }
        let k = coefficients([(1, ONE), (2, -ONE), (3, k3), (5, ONE), (7, ONE)]);
        Self {
            kind: Kind::Arith,
            x,
            y,
            k,
        }
    }

    /// The opposite.
    pub(crate) fn negated(self) -> Self {
        self.choosing(ZERO, ONE)
    }

    /// The row whose result is `yes` or `no`.
    pub(crate) fn choosing(mut self, yes: Fr, no: Fr) -> Self {
        let scale = yes - no;
        let k = &mut self.k;
        match self.kind {
            Kind::Field => {
                for k in k.iter_mut().take(4) {
                    *k *= scale;
                }
                k[3] += no;
            }
            Kind::Arith => {
                for k in k.iter_mut().skip(4).take(3) {
                    *k *= scale;
                }
                let one = k[7];
                k[6] += no * one;
            }
            Kind::Equal => {
                k[4] *= scale;
                k[6] = k[6] * scale + no;
            }
            Kind::Logic => {
                for k in k.iter_mut().skip(4) {
                    *k *= scale;
                }
                k[7] += no;
            }
        }
        self
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Eq,
    Ne,
    Lt,
    Gt,
    Le,
    Ge,
}

impl Lowering<'_, '_> {
    /// A comparison of the two top operands.
    pub(crate) fn compare(&mut self, relation: Relation, signed: bool, wide: bool) -> Result<()> {
        let b = self.pop()?;
        let a = self.pop()?;
        let condition = self.comparison(relation, signed, wide, a, b)?;
        self.condition(condition)
    }

    fn comparison(
        &mut self,
        relation: Relation,
        signed: bool,
        wide: bool,
        a: Arg,
        b: Arg,
    ) -> Result<Condition> {
        if let (Some(a), Some(b)) = (a.constant(), b.constant()) {
            return Ok(Condition::always(fold(relation, signed, wide, a, b)));
        }
        if matches!(relation, Relation::Eq | Relation::Ne) {
            let (x, y, k3) = match (a, b) {
                (Arg::Reg(x, _), Arg::Const(value)) | (Arg::Const(value), Arg::Reg(x, _)) => {
                    (x, None, -Fr::from(value))
                }
                (Arg::Reg(x, _), Arg::Reg(y, _)) => (x, Some(y), ZERO),
                (Arg::Const(_), Arg::Const(_)) => return self.code.internal("two constants"),
            };
            let pairs = [(1, ONE), (2, -ONE), (3, k3), (4, ONE)];
            let equal = Condition::new(Kind::Equal, x, y, pairs);
            return Ok(if relation == Relation::Eq {
                equal
            } else {
                equal.negated()
            });
        }
        // All four by "a >= b": a < b is its opposite, a <= b and a > b exchange the sides.
        let (a, b, negated) = match relation {
            Relation::Ge => (a, b, false),
            Relation::Lt => (a, b, true),
            Relation::Le => (b, a, false),
            _ => (b, a, true),
        };
        let width = if wide { 64 } else { 32 };
        let small = |arg: Arg| arg.known().bits < width;
        let at_least = if !signed || (small(a) && small(b)) {
            Condition::at_least(a, b, None)
        } else if let (Arg::Reg(x, _), Some(0)) = (a, b.constant()) {
            Condition::top_bit(x, width - 1).negated()
        } else if let (Some(minus_one), Arg::Reg(x, _)) = (a.constant(), b)
            && minus_one == Known::word(wide).max()
        {
            // -1 >= x: x is negative.
            Condition::top_bit(x, width - 1)
        } else {
            let a = self.signed(a, width)?;
            let b = self.signed(b, width)?;
            Condition::at_least(a, b, Some(width))
        };
        Ok(if negated { at_least.negated() } else { at_least })
    }

    /// A register with the signed value, as a field element. Constants stay.
    pub(crate) fn signed(&mut self, arg: Arg, width: u32) -> Result<Arg> {
        match arg {
            Arg::Reg(operand, known) if known.bits >= width => {
                let tmp = self.code.tmp()?;
                self.code.built(asm::signed(tmp, operand, width))?;
                Ok(Arg::Reg(tmp, Known::FIELD))
            }
            arg => Ok(arg),
        }
    }

    /// `x = 0`.
    pub(crate) fn eqz(&mut self) -> Result<()> {
        let condition = self.pop_condition()?.negated();
        self.condition(condition)
    }

    /// The top operand as a condition: whether it is not zero.
    pub(crate) fn pop_condition(&mut self) -> Result<Condition> {
        Ok(match self.pop()? {
            Arg::Const(value) => Condition::always(value != 0),
            Arg::Reg(x, known) if known.bits <= 1 => Condition::of_bool(x),
            Arg::Reg(x, _) => Condition::not_zero(x),
        })
    }

    /// Gives a condition to the instruction that takes it, or makes a value of it.
    pub(crate) fn condition(&mut self, mut condition: Condition) -> Result<()> {
        loop {
            match self.next() {
                Some(Operator::I32Eqz) => condition = condition.negated(),
                Some(Operator::I64ExtendI32U) => {}
                Some(Operator::I64Eqz) => condition = condition.negated(),
                Some(Operator::BrIf { relative_depth }) => {
                    let depth = *relative_depth;
                    self.at += 1;
                    return self.br_if(condition, depth);
                }
                Some(operator @ Operator::If { .. }) => {
                    self.at += 1;
                    return self.open(operator, Some(condition));
                }
                Some(Operator::Select | Operator::TypedSelect { .. }) => {
                    self.at += 1;
                    return self.select(condition);
                }
                _ => break,
            }
            self.at += 1;
        }
        if let Some(value) = condition.fixed() {
            return self.push_arg(Arg::Const(u64::from(value)));
        }
        let destination = self.destination()?;
        self.code.form(
            condition.kind,
            condition.x,
            condition.y,
            condition.k,
            destination.to,
        )?;
        self.done(destination, Known::BOOL);
        Ok(())
    }

    /// Chooses between the two top operands: the lower one if the condition holds.
    pub(crate) fn select(&mut self, condition: Condition) -> Result<()> {
        let no = self.pop()?;
        let yes = self.pop()?;
        if let Some(value) = condition.fixed() {
            let chosen = if value { yes } else { no };
            return match chosen {
                Arg::Reg(operand, known) if self.local_of(operand).is_none() => {
                    let destination = self.destination()?;
                    self.code.mov(destination.to, operand)?;
                    self.done(destination, known);
                    Ok(())
                }
                chosen => self.push_arg(chosen),
            };
        }
        let known = yes.known().or(no.known());
        match (yes, no) {
            (Arg::Const(yes), Arg::Const(no)) => {
                let row = condition.choosing(Fr::from(yes), Fr::from(no));
                let destination = self.destination()?;
                self.code.form(row.kind, row.x, row.y, row.k, destination.to)?;
                self.done(destination, known);
            }
            // value bit + constant (1 - bit), and the other way round.
            (Arg::Reg(value, _), Arg::Const(constant)) => {
                self.choose_constant(condition, value, constant, known)?;
            }
            (Arg::Const(constant), Arg::Reg(value, _)) => {
                self.choose_constant(condition.negated(), value, constant, known)?;
            }
            (Arg::Reg(yes, _), Arg::Reg(no, _)) => self.choose(condition, yes, no, known)?,
        }
        Ok(())
    }

    /// `value` if the condition holds, else the constant.
    fn choose_constant(
        &mut self,
        condition: Condition,
        value: Operand,
        constant: u64,
        known: Known,
    ) -> Result<()> {
        let constant = Fr::from(constant);
        let bit = self.bit(condition)?;
        let destination = self.destination()?;
        self.code.field(
            destination.to,
            Some(value),
            Some(bit),
            [ONE, ZERO, -constant, constant],
        )?;
        self.done(destination, known);
        Ok(())
    }

    /// A register with the value of a condition.
    fn bit(&mut self, condition: Condition) -> Result<Operand> {
        if let (Kind::Field, Some(x)) = (condition.kind, condition.x)
            && (condition.k[1], condition.k[3]) == (ONE, ZERO)
        {
            return Ok(x);
        }
        let tmp = self.code.tmp()?;
        self.code
            .form(condition.kind, condition.x, condition.y, condition.k, tmp)?;
        Ok(tmp)
    }

    /// One of two registers: SELECT overwrites its first operand.
    fn choose(&mut self, condition: Condition, yes: Operand, no: Operand, known: Known) -> Result<()> {
        if yes == no {
            return self.push_arg(Arg::Reg(yes, known));
        }
        let destination = self.destination()?;
        let to = destination.to;
        // If one of them lies where the result goes, it is the one that is kept.
        let (condition, kept, other) = if to == no {
            (condition.negated(), no, yes)
        } else {
            (condition, yes, no)
        };
        let bit = self.condition_register(condition)?;
        let bit = self.code.apart(bit, other)?;
        let bit = self.code.apart(bit, kept)?;
        let in_place = matches!(to, Operand::Reg(_)) && to != other && to != bit;
        let kept_in_place = kept == to && matches!(to, Operand::Reg(_));
        let place = if kept_in_place || in_place {
            to
        } else {
            self.code.tmp()?
        };
        self.code.mov(place, kept)?;
        let Operand::Reg(register) = place else {
            return self.code.internal("select to an absolute register");
        };
        self.code.built(asm::select(register, other, bit))?;
        self.code.mov(to, place)?;
        self.done(destination, known);
        Ok(())
    }

    /// A register that is not zero exactly if a condition holds.
    fn condition_register(&mut self, condition: Condition) -> Result<Operand> {
        if let (Kind::Equal, Some(x), None) = (condition.kind, condition.x, condition.y)
            && (condition.k[1], condition.k[3]) == (ONE, ZERO)
            && (condition.k[4], condition.k[6]) == (-ONE, ONE)
        {
            return Ok(x);
        }
        self.bit(condition)
    }
}

fn fold(relation: Relation, signed: bool, wide: bool, a: u64, b: u64) -> bool {
    let order = match (signed, wide) {
        (false, _) => a.cmp(&b),
        (true, false) => (a as u32 as i32).cmp(&(b as u32 as i32)),
        (true, true) => (a as i64).cmp(&(b as i64)),
    };
    match relation {
        Relation::Eq => order.is_eq(),
        Relation::Ne => order.is_ne(),
        Relation::Lt => order.is_lt(),
        Relation::Gt => order.is_gt(),
        Relation::Le => order.is_le(),
        Relation::Ge => order.is_ge(),
    }
}
