//! What is known of a register: a range of integers, and what a linear form of two ranges is.

use ark_ff::{BigInt, PrimeField};
use playfair_types::crypto::field::Fr;
use std::cmp::Ordering;

/// 2^64 - 1.
pub(super) const WORD: i128 = u64::MAX as i128;

/// A magnitude with its sign: an integer whose absolute value is below 2^128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    negative: bool,
    size: u128,
}

impl Signed {
    pub(super) const ZERO: Self = Self::of(0);

    pub(super) const fn of(value: i128) -> Self {
        Self {
            negative: value < 0,
            size: value.unsigned_abs(),
        }
    }

    /// The element as the integer of the least absolute value, if that is below 2^128.
    pub(super) fn of_element(element: Fr) -> Option<Self> {
        let size = |element: Fr| match element.into_bigint() {
            BigInt([low, high, 0, 0]) => Some(u128::from(high) << 64 | u128::from(low)),
            _ => None,
        };
        match size(element) {
            Some(size) => Some(Self {
                negative: false,
                size,
            }),
            None => Some(Self {
                negative: true,
                size: size(-element)?,
            }),
        }
    }

    pub(super) fn is_zero(self) -> bool {
        self.size == 0
    }

    /// The number, if it is not negative.
    pub(super) fn natural(self) -> Option<u128> {
        (!self.negative || self.size == 0).then_some(self.size)
    }

    pub(super) fn integer(self) -> Option<i128> {
        let size = i128::try_from(self.size).ok()?;
        Some(if self.negative { -size } else { size })
    }

    fn times(self, other: i128) -> Option<Self> {
        Some(Self {
            negative: self.negative != (other < 0),
            size: self.size.checked_mul(other.unsigned_abs())?,
        })
    }

    fn sum(terms: &[Self]) -> Option<Self> {
        let (mut plus, mut minus) = (0u128, 0u128);
        for term in terms {
            let side = if term.negative { &mut minus } else { &mut plus };
            *side = side.checked_add(term.size)?;
        }
        Some(Self {
            negative: minus > plus,
            size: plus.abs_diff(minus),
        })
    }

    fn compare(self, other: Self) -> Ordering {
        match (self.natural(), other.natural()) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => Ordering::Greater,
            (None, Some(_)) => Ordering::Less,
            (None, None) => other.size.cmp(&self.size),
        }
    }
}

/// How a value came about, where its range alone does not show what is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nothing else is known.
    Plain,
    /// It is a power of two.
    Power,
    /// It is bit 63 of what a register holds.
    TopBit(u32),
    /// It is what a register holds.
    Copy(u32),
    /// It is a word of four bytes times a power of two.
    Four,
    /// It is the part of eight bytes that a word has from its beginning: LOADP adds the other.
    Part,
}

/// A register's value: an integer between two, and a multiple of 2^zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) least: i128,
    pub(super) most: i128,
    pub(super) zeros: u32,
    pub(super) origin: Origin,
}

impl Range {
    pub(super) const fn new(least: i128, most: i128) -> Self {
        Self {
            least,
            most,
            zeros: 0,
            origin: Origin::Plain,
        }
    }

    pub(super) const fn up_to(most: i128) -> Self {
        Self::new(0, most)
    }

    /// Known to be a multiple of 2^zeros: so the greatest is one too.
    pub(super) fn multiple(self, zeros: u32) -> Self {
        let bits = zeros.min(64);
        Self {
            most: self.most >> bits << bits,
            zeros,
            ..self
        }
    }

    pub(super) fn is_within(&self, most: i128) -> bool {
        self.least >= 0 && self.most <= most
    }

    pub(super) fn join(&self, other: &Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
            zeros: self.zeros.min(other.zeros),
            origin: if self.origin == other.origin {
                self.origin
            } else {
                Origin::Plain
            },
        }
    }

    /// The same, no closer than a few bounds: so that loops come to an end.
    pub(super) fn widened(&self) -> Option<Self> {
        let bounds = [1, 8, 16, 31, 32, 63, 64].map(|bits| (1i128 << bits) - 1);
        let most = bounds.into_iter().find(|most| self.most <= *most)?;
        let least = [0, -(1i128 << 31), -(1i128 << 63)]
            .into_iter()
            .find(|least| self.least >= *least)?;
        Some(Self {
            origin: self.origin,
            ..Self::new(least, most)
        })
    }
}

/// A linear form's values: least, most, and zeros below.
pub(super) struct Form {
    pub(super) least: Signed,
    pub(super) most: Signed,
    pub(super) zeros: u32,
}

/// `k0 x y + k1 x + k2 y + k3`; none if it may be 2^128 or more in absolute value. Without an operand its coefficients do not count.
pub(super) fn form(k: [Signed; 4], x: Option<&Range>, y: Option<&Range>) -> Option<Form> {
    let nothing = Range {
        zeros: 128,
        ..Range::up_to(0)
    };
    let (x, y) = (x.unwrap_or(&nothing), y.unwrap_or(&nothing));
    let mut corners = Vec::new();
    for a in [x.least, x.most] {
        for b in [y.least, y.most] {
            // Products of operands below 2^65 in absolute value.
            let product = Signed::of(a).times(b)?;
            let both = if k[0].is_zero() {
                Signed::ZERO
            } else {
                Signed {
                    negative: k[0].negative != product.negative,
                    size: k[0].size.checked_mul(product.size)?,
                }
            };
            corners.push(Signed::sum(&[both, k[1].times(a)?, k[2].times(b)?, k[3]])?);
        }
    }
    let least = corners.iter().copied().min_by(|a, b| a.compare(*b))?;
    let most = corners.iter().copied().max_by(|a, b| a.compare(*b))?;
    let scales = [x.zeros + y.zeros, x.zeros, y.zeros, 0];
    let zeros = k.iter().zip(scales).filter(|(k, _)| !k.is_zero());
    let zeros = zeros.map(|(k, scale)| k.size.trailing_zeros() + scale).min();
    Some(Form {
        least,
        most,
        zeros: zeros.unwrap_or(128).min(128),
    })
}
