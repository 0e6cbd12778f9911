//! Arithmetic of rows: forms `k0 x y + k1 x + k2 y + k3`, and the results that are made of two words.
//!
//! The meaning is that of the field. Where constants and operands are small the same is computed in machine integers, by
//! bounds that exclude an overflow.

use super::Reason;
use crate::trace::Value;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use playfair_types::crypto::field::Fr;

/// A field element as a signed integer, if its absolute value is below 2^127.
fn integer(fr: Fr) -> Option<i128> {
    let magnitude = |fr: Fr| match fr.into_bigint() {
        BigInt([low, high, 0, 0]) => i128::try_from(u128::from(high) << 64 | u128::from(low)).ok(),
        _ => None,
    };
    magnitude(fr).or_else(|| magnitude(-fr).map(|a| -a))
}

/// A signed integer as a value.
fn value(integer: i128) -> Value {
    match u64::try_from(integer) {
        Ok(word) => Value::Word(word),
        Err(_) => Value::from(Fr::from(integer)),
    }
}

/// A coefficient; products with most of them need no multiplication.
#[derive(Clone, Copy, Debug)]
enum Factor {
    Zero,
    One,
    Minus,
    Other(Fr),
}

impl Factor {
    fn new(k: Fr) -> Self {
        match k {
            k if k == Fr::ZERO => Self::Zero,
            k if k == Fr::ONE => Self::One,
            k if k == -Fr::ONE => Self::Minus,
            k => Self::Other(k),
        }
    }

    fn add(self, sum: &mut Fr, of: impl FnOnce() -> Fr) {
        match self {
            Self::Zero => {}
            Self::One => *sum += of(),
            Self::Minus => *sum -= of(),
            Self::Other(k) => *sum += k * of(),
        }
    }
}

/// `k0 x y + k1 x + k2 y + k3`.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// `[k1, k2, k3]` if k0 is zero, `|k1|, |k2| < 2^60` and `|k3| < 2^120`: then words give less than 2^127.
    small: Option<[i128; 3]>,
    k0: Factor,
    k1: Factor,
    k2: Factor,
    k3: Fr,
}

impl Form {
    pub(super) fn new([k0, k1, k2, k3]: [Fr; 4]) -> Self {
        let within = |k: Fr, bits: u32| integer(k).filter(|k| k.unsigned_abs() >> bits == 0);
        let small = match (within(k1, 60), within(k2, 60), within(k3, 120)) {
            (Some(k1), Some(k2), Some(k3)) if k0 == Fr::ZERO => Some([k1, k2, k3]),
            _ => None,
        };
        Self {
            small,
            k0: Factor::new(k0),
            k1: Factor::new(k1),
            k2: Factor::new(k2),
            k3,
        }
    }

    /// The value as an integer, if that is cheap.
    fn cheap(&self, x: Value, y: Value) -> Option<i128> {
        match (self.small, x, y) {
            (Some([k1, k2, k3]), Value::Word(x), Value::Word(y)) => {
                Some(k1 * i128::from(x) + k2 * i128::from(y) + k3)
            }
            _ => None,
        }
    }

    pub(super) fn field(&self, x: Value, y: Value) -> Fr {
        let mut sum = self.k3;
        self.k0.add(&mut sum, || x.fr() * y.fr());
        self.k1.add(&mut sum, || x.fr());
        self.k2.add(&mut sum, || y.fr());
        sum
    }

    pub(super) fn at(&self, x: Value, y: Value) -> Value {
        match self.cheap(x, y) {
            Some(integer) => value(integer),
            None => Value::from(self.field(x, y)),
        }
    }

    pub(super) fn is_zero(&self, x: Value, y: Value) -> bool {
        match self.cheap(x, y) {
            Some(integer) => integer == 0,
            None => self.field(x, y) == Fr::ZERO,
        }
    }
}

/// `k7 res = k4 lo + k5 hi + k6`.
#[derive(Clone, Debug)]
pub(super) struct Out {
    shape: Shape,
    /// k4, k5, k6, divided by k7 unless that is zero.
    k: [Fr; 3],
}

/// Results that need no field arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// lo / 2^s.
    Low(u32),
    /// hi.
    High,
    /// 1 - hi.
    NotHigh,
    /// lo / 2^s + hi.
    Rotated(u32),
    /// lo / 2^s - 2^(63 - s).
    Signed(u32),
    /// k7 is zero: a demand.
    Demand,
    /// Anything else.
    Other,
}

impl Out {
    pub(super) fn new([k4, k5, k6, k7]: [Fr; 4]) -> Self {
        let inverse = if k7 == Fr::ONE { Some(k7) } else { k7.inverse() };
        let Some(inverse) = inverse else {
            return Self {
                shape: Shape::Demand,
                k: [k4, k5, k6],
            };
        };
        let k = [k4, k5, k6].map(|k| k * inverse);
        let (zero, one) = (Fr::ZERO, Fr::ONE);
        let shift = match k7.into_bigint() {
            BigInt([power, 0, 0, 0]) if power.is_power_of_two() && k4 == one => Some(power.trailing_zeros()),
            _ => None,
        };
        let shape = match (shift, k) {
            (Some(s), [_, k5, k6]) if k5 == zero && k6 == zero => Shape::Low(s),
            (Some(s), [_, k5, k6]) if k5 == one && k6 == zero => Shape::Rotated(s),
            (Some(s), [_, k5, _]) if k5 == zero && k6 == -Fr::from(1u64 << 63) => Shape::Signed(s),
            (_, [k4, k5, k6]) if k4 == zero && k5 == one && k6 == zero => Shape::High,
            (_, [k4, k5, k6]) if k4 == zero && k5 == -one && k6 == one => Shape::NotHigh,
            _ => Shape::Other,
        };
        Self { shape, k }
    }

    pub(super) fn of(&self, lo: u64, hi: u64) -> Result<Value, Reason> {
        let exact = |s: u32| lo.trailing_zeros() >= s;
        match self.shape {
            Shape::Low(s) if exact(s) => return Ok(Value::Word(lo >> s)),
            Shape::High => return Ok(Value::Word(hi)),
            Shape::NotHigh if hi <= 1 => return Ok(Value::Word(1 - hi)),
            Shape::Rotated(s) if exact(s) => {
                if let Some(sum) = (lo >> s).checked_add(hi) {
                    return Ok(Value::Word(sum));
                }
            }
            Shape::Signed(s) if exact(s) => {
                return Ok(value(i128::from(lo >> s) - (1i128 << (63 - s))));
            }
            _ => {}
        }
        let [k4, k5, k6] = self.k;
        let sum = k4 * Fr::from(lo) + k5 * Fr::from(hi) + k6;
        match self.shape {
            Shape::Demand if sum == Fr::ZERO => Ok(Value::ZERO),
            Shape::Demand => Err(Reason::Demand),
            _ => Ok(Value::from(sum)),
        }
    }
}

/// ARITH.
#[derive(Clone, Debug)]
pub(super) struct Arith {
    /// k0..k3 modulo 2^128 and the largest operands for which the value is in 0..2^128.
    fast: Option<([u128; 4], [u64; 2])>,
    form: Form,
    out: Out,
}

impl Arith {
    pub(super) fn new(k: &[Fr; 8]) -> Self {
        let [k0, k1, k2, k3, k4, k5, k6, k7] = *k;
        let form = Form::new([k0, k1, k2, k3]);
        Self {
            fast: fast([k0, k1, k2, k3]),
            form,
            out: Out::new([k4, k5, k6, k7]),
        }
    }

    pub(super) fn at(&self, x: Value, y: Value) -> Result<Value, Reason> {
        if let (Some((k, most)), Value::Word(x), Value::Word(y)) = (&self.fast, x, y)
            && x <= most[0]
            && y <= most[1]
        {
            let (x, y) = (u128::from(x), u128::from(y));
            let product = k[0].wrapping_mul(x * y);
            let sum = product
                .wrapping_add(k[1].wrapping_mul(x))
                .wrapping_add(k[2].wrapping_mul(y));
            let sum = sum.wrapping_add(k[3]);
            return self.out.of(sum as u64, (sum >> 64) as u64);
        }
        let sum = match self.form.cheap(x, y) {
            Some(sum) => u128::try_from(sum).map_err(|_| Reason::Wide(Fr::from(sum)))?,
            None => {
                let fr = self.form.field(x, y);
                match fr.into_bigint() {
                    BigInt([low, high, 0, 0]) => u128::from(high) << 64 | u128::from(low),
                    _ => return Err(Reason::Wide(fr)),
                }
            }
        };
        self.out.of(sum as u64, (sum >> 64) as u64)
    }
}

/// LOGIC.
#[derive(Clone, Debug)]
pub(super) struct Logic {
    /// The operands: `k1 x + k0`, `k2 y + k3`.
    operands: [Form; 2],
    /// `k4 x + k6 y + k7`, and k5 times their AND.
    sum: Form,
    and: Form,
}

impl Logic {
    pub(super) fn new([k0, k1, k2, k3, k4, k5, k6, k7]: &[Fr; 8]) -> Self {
        let zero = Fr::ZERO;
        Self {
            operands: [[zero, *k1, zero, *k0], [zero, zero, *k2, *k3]].map(Form::new),
            sum: Form::new([zero, *k4, *k6, *k7]),
            and: Form::new([zero, *k5, zero, zero]),
        }
    }

    pub(super) fn at(&self, x: Value, y: Value) -> Result<Value, Reason> {
        let [first, second] = &self.operands;
        let and = word(first.at(x, y), 'x')? & word(second.at(x, y), 'y')?;
        let and = Value::Word(and);
        let integers = self.sum.cheap(x, y).zip(self.and.cheap(and, Value::ZERO));
        Ok(match integers.and_then(|(sum, and)| sum.checked_add(and)) {
            Some(sum) => value(sum),
            None => Value::from(self.sum.field(x, y) + self.and.field(and, Value::ZERO)),
        })
    }
}

/// Constants modulo 2^128, and the most generous of a few bounds of operands that keep the value in 0..2^128. Then
/// arithmetic modulo 2^128 is exact.
fn fast(k: [Fr; 4]) -> Option<([u128; 4], [u64; 2])> {
    // Absolute values below 2^128, with signs.
    let signed = k.map(|k| {
        let half = Fr::MODULUS_MINUS_ONE_DIV_TWO;
        let negative = k.into_bigint() > half;
        let magnitude = if negative { -k } else { k }.into_bigint();
        match magnitude {
            BigInt([low, high, 0, 0]) => Some((negative, u128::from(high) << 64 | u128::from(low))),
            _ => None,
        }
    });
    let [Some(k0), Some(k1), Some(k2), Some(k3)] = signed else {
        return None;
    };
    let k = [k0, k1, k2, k3];
    let half = u64::from(u32::MAX);
    let bounds = [[u64::MAX, u64::MAX], [half, half], [u64::MAX, 1], [half, 1]];
    let within = |[x, y]: [u64; 2]| -> Option<bool> {
        let (x, y) = (u128::from(x), u128::from(y));
        let (mut most, mut least) = (0u128, 0u128);
        for ((negative, k), factor) in k.iter().zip([x * y, x, y, 1]) {
            let term = k.checked_mul(factor)?;
            let side = if *negative { &mut least } else { &mut most };
            *side = side.checked_add(term)?;
        }
        // The smallest value is k3, as far as it is positive, less all negative terms.
        let constant = if k3.0 { 0 } else { k3.1 };
        Some(least <= constant)
    };
    let most = bounds.into_iter().find(|bound| within(*bound) == Some(true))?;
    let wrapped = k.map(|(negative, k)| if negative { k.wrapping_neg() } else { k });
    Some((wrapped, most))
}

/// The word of a value.
pub(super) fn word(value: Value, name: char) -> Result<u64, Reason> {
    value.word().ok_or_else(|| Reason::NotWord(name, value.fr()))
}
