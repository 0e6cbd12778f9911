//! Numbers with a fraction, without floats: the same bits on every machine.

use crate::abi::Type;
use crate::codec::{Codec, DecodeError, Reader, Writer};
use core::fmt;
use core::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A number in 64 bits, 32 of them behind the point: from -2^31 to just below 2^31, in steps of 2^-32.
///
/// Products and quotients are cut towards zero. What leaves the range panics, in every build: it traps the call. The
/// `checked_` functions say `None` instead.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fixed(i64);

const FRACTION_BITS: u32 = 32;

impl Fixed {
    /// 0.
    pub const ZERO: Self = Self(0);
    /// 1.
    pub const ONE: Self = Self(1 << FRACTION_BITS);
    /// The largest number.
    pub const MAX: Self = Self(i64::MAX);
    /// The smallest number.
    pub const MIN: Self = Self(i64::MIN);
    /// Half the circumference of the unit circle, cut.
    pub const PI: Self = Self(0x3_243f_6a88);

    /// A whole number.
    #[must_use]
    pub const fn from_int(number: i32) -> Self {
        Self((number as i64) << FRACTION_BITS)
    }

    /// `numerator / denominator`.
    ///
    /// # Panics
    /// When `denominator` is 0, or the quotient out of range.
    #[must_use]
    pub fn ratio(numerator: i32, denominator: i32) -> Self {
        Self::from_int(numerator) / Self::from_int(denominator)
    }

    /// From its bits: the number times 2^32.
    #[must_use]
    pub const fn from_bits(bits: i64) -> Self {
        Self(bits)
    }

    /// Its bits: the number times 2^32.
    #[must_use]
    pub const fn to_bits(self) -> i64 {
        self.0
    }

    /// The whole number below or equal.
    #[must_use]
    pub const fn floor(self) -> i32 {
        (self.0 >> FRACTION_BITS) as i32
    }

    /// The nearest whole number, the larger of two.
    ///
    /// # Panics
    /// From 2^31 - 1/2 on.
    #[must_use]
    pub fn round(self) -> i32 {
        (self + Self(1 << (FRACTION_BITS - 1))).floor()
    }

    /// The number without its sign.
    ///
    /// # Panics
    /// For [`Fixed::MIN`].
    #[must_use]
    pub fn abs(self) -> Self {
        if self.0 < 0 { -self } else { self }
    }

    /// The sum, if it is in range.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(bits) => Some(Self(bits)),
            None => None,
        }
    }

    /// The difference, if it is in range.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(bits) => Some(Self(bits)),
            None => None,
        }
    }

    /// The product, cut towards zero, if it is in range.
    #[must_use]
    #[inline]
    pub const fn checked_mul(self, other: Self) -> Option<Self> {
        // Four products of halves: a quarter of the instructions of a product of 128 bits.
        let (a, b) = (self.0.unsigned_abs(), other.0.unsigned_abs());
        let (a_high, a_low) = (a >> 32, a & 0xffff_ffff);
        let (b_high, b_low) = (b >> 32, b & 0xffff_ffff);
        let high = a_high * b_high;
        if high >> 32 != 0 {
            return None;
        }
        // None of the four is above 2^63, and the middle ones not above 2^31 (2^32 - 1).
        let middle = a_high * b_low + a_low * b_high;
        let Some(sum) = (high << 32).checked_add(middle) else {
            return None;
        };
        let Some(size) = sum.checked_add((a_low * b_low) >> 32) else {
            return None;
        };
        signed(size, (self.0 < 0) != (other.0 < 0))
    }

    /// The quotient, cut towards zero; `None` when `other` is 0 or it is out of range.
    #[must_use]
    #[inline]
    pub const fn checked_div(self, other: Self) -> Option<Self> {
        let (a, b) = (self.0.unsigned_abs(), other.0.unsigned_abs());
        if b == 0 {
            return None;
        }
        let (whole, rest) = (a / b, a % b);
        if whole >> 32 != 0 {
            return None;
        }
        // The division of 128 bits is a loop in software: take it only for divisors of 1 and more with a fraction that
        // needs it.
        let fraction = if rest >> 32 == 0 {
            (rest << 32) / b
        } else {
            (((rest as u128) << 32) / b as u128) as u64
        };
        signed(whole << 32 | fraction, (self.0 < 0) != (other.0 < 0))
    }

    /// The square root, cut; `None` for negative numbers.
    #[must_use]
    pub const fn sqrt(self) -> Option<Self> {
        if self.0 < 0 {
            return None;
        }
        Some(Self(((self.0 as u128) << FRACTION_BITS).isqrt() as i64))
    }
}

/// A number from size and sign, if it is in range.
const fn signed(size: u64, negative: bool) -> Option<Fixed> {
    if negative {
        if size > 1 << 63 {
            return None;
        }
        return Some(Fixed((size as i64).wrapping_neg()));
    }
    if size >> 63 != 0 {
        return None;
    }
    Some(Fixed(size as i64))
}

#[cold]
#[inline(never)]
fn out_of_range() -> ! {
    panic!("a Fixed is out of range, or divided by 0")
}

macro_rules! operators {
    ($($trait:ident $function:ident $checked:ident)*) => {$(
        impl $trait for Fixed {
            type Output = Self;

            #[inline]
            fn $function(self, other: Self) -> Self {
                match self.$checked(other) {
                    Some(result) => result,
                    None => out_of_range(),
                }
            }
        }
    )*};
}

operators! {
    Add add checked_add
    Sub sub checked_sub
    Mul mul checked_mul
    Div div checked_div
}

impl AddAssign for Fixed {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Fixed {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for Fixed {
    type Output = Self;

    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl From<i32> for Fixed {
    fn from(number: i32) -> Self {
        Self::from_int(number)
    }
}

impl Codec for Fixed {
    const MAX: usize = 8;
    const TYPE: &'static Type = &Type::Builtin("fixed");

    #[inline(always)]
    fn encode(&self, to: &mut Writer<'_>) {
        self.0.encode(to);
    }

    #[inline(always)]
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        i64::decode(from).map(Self)
    }
}

impl fmt::Display for Fixed {
    /// With six digits behind the point, cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let digits = ((size & 0xffff_ffff) * 1_000_000) >> FRACTION_BITS;
        write!(f, "{sign}{}.{digits:06}", size >> FRACTION_BITS)
    }
}

impl fmt::Debug for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
