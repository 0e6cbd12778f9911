//! Points and public keys of Baby Jubjub in circomlib's coordinates.
//!
//! The curve is `168700 x^2 + y^2 = 1 + 168696 x^2 y^2` over [`Fr`], of order `8 l` with `l` prime.
//! Source: EIP-2494; the packing is that of circomlib's `packPoint` with its bytes reversed.
//!
//! A point is packed in 32 bytes, big-endian: bit 255 says that `x > (r - 1) / 2`, bit 254 is
//! zero, and the low 254 bits are `y < r`. Every point has exactly one packed form, and every
//! other string is refused: circomlib's own `unpackPoint` is laxer (it accepts `y = r` and a sign
//! on `x = 0`).
//!
//! A [`Point`] is any point of the curve. A [`PublicKey`] is in the subgroup of order `l` and not
//! the identity. Circomlib's verifier takes keys outside the subgroup, for which its equation,
//! multiplied by the cofactor only on one side, depends on the hash modulo 8; they are refused
//! here where a key is decoded, so that neither a signature check nor a circuit meets one.

pub(crate) mod curve;
mod sqrt;
mod subgroup;

use super::fe::{Fe, invert_all};
use super::field::{Fr, fr_from_bytes, fr_to_bytes};
use alloc::vec::Vec;
use ark_ff::{MontFp, PrimeField};
use core::fmt;
use curve::Extended;

/// The generator of the subgroup of order `l` that signatures use.
pub const BASE8: Point = Point {
    x: MontFp!("5299619240641551281634865583518297030282874472190772894086521144482721001553"),
    y: MontFp!("16950150798460657717958625567821834550301663161624707787222815936182638968203"),
};

const A: Fe = Fe::from_fr(&MontFp!("168700"));
const D: Fe = Fe::from_fr(&MontFp!("168696"));

/// Why a point or a key was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PointError {
    /// Bit 254 of the packed form, which no `y` needs, is set.
    SpareBit,
    /// The `y` of the packed form is not below `r`.
    NonCanonical,
    /// No point of the curve has these coordinates, or this `y`.
    NotOnCurve,
    /// The sign bit is set though `x` is zero.
    SignOfZero,
    /// The point is the identity, which is no key.
    Identity,
    /// The point is not in the subgroup of order `l`.
    WrongSubgroup,
}

impl fmt::Display for PointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SpareBit => "bit 254 of the packed point is set",
            Self::NonCanonical => "the y coordinate is not below the modulus",
            Self::NotOnCurve => "no point of the curve has these coordinates",
            Self::SignOfZero => "the sign bit is set for x = 0",
            Self::Identity => "the point is the identity",
            Self::WrongSubgroup => "the point is not in the subgroup of prime order",
        })
    }
}

impl core::error::Error for PointError {}

/// A point of the curve, in any of the cosets of the prime subgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Point {
    x: Fr,
    y: Fr,
}

impl Point {
    /// The neutral element, `(0, 1)`.
    pub const IDENTITY: Self = Self {
        x: MontFp!("0"),
        y: MontFp!("1"),
    };

    /// The point with these coordinates.
    ///
    /// # Errors
    /// [`PointError::NotOnCurve`].
    pub fn from_xy(x: Fr, y: Fr) -> Result<Self, PointError> {
        let (xx, yy) = (Fe::from_fr(&x).square(), Fe::from_fr(&y).square());
        let on_curve = (A * xx + yy).equals(Fe::ONE + D * xx * yy);
        if on_curve {
            Ok(Self { x, y })
        } else {
            Err(PointError::NotOnCurve)
        }
    }

    /// Unpacks a point.
    ///
    /// # Errors
    /// Every [`PointError`] but those of keys.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, PointError> {
        let packed = Packed::parse(bytes)?;
        packed.finish(packed.denominator().inverse_or_zero())
    }

    /// The checks of [`Point::from_bytes`] that need no square root.
    pub(crate) fn check_packed(bytes: &[u8; 32]) -> Result<(), PointError> {
        let packed = Packed::parse(bytes)?;
        // x = 0 iff y^2 = 1.
        if packed.sign && packed.yy.equals(Fe::ONE) {
            Err(PointError::SignOfZero)
        } else {
            Ok(())
        }
    }

    /// The packed form.
    pub fn to_bytes(&self) -> [u8; 32] {
        let mut bytes = fr_to_bytes(&self.y);
        if is_high(&self.x) {
            bytes[0] |= 0x80;
        }
        bytes
    }

    /// The first coordinate.
    pub fn x(&self) -> Fr {
        self.x
    }

    /// The second coordinate.
    pub fn y(&self) -> Fr {
        self.y
    }

    /// Whether this is the neutral element.
    pub fn is_identity(&self) -> bool {
        *self == Self::IDENTITY
    }

    /// Whether the point is in the subgroup of order `l`, which contains the identity.
    pub fn is_in_subgroup(&self) -> bool {
        subgroup::contains(Fe::from_fr(&self.x), Fe::from_fr(&self.y))
    }

    /// For arithmetic.
    pub(crate) fn extended(&self) -> Extended {
        Extended::new(Fe::from_fr(&self.x), Fe::from_fr(&self.y))
    }

    /// For additions to a sum.
    pub(crate) fn prepared(&self) -> curve::Prepared {
        curve::Prepared::new(Fe::from_fr(&self.x), Fe::from_fr(&self.y))
    }

    /// A result of the arithmetic, which stays on the curve.
    pub(crate) fn from_extended(point: Extended) -> Self {
        let (x, y) = point.to_affine();
        Self {
            x: x.to_fr(),
            y: y.to_fr(),
        }
    }
}

/// `x > (r - 1) / 2` for the canonical integer of `x`.
fn is_high(x: &Fr) -> bool {
    x.into_bigint() > Fr::MODULUS_MINUS_ONE_DIV_TWO
}

/// A packed form whose `y` is canonical, before the root is taken.
struct Packed {
    sign: bool,
    y: Fr,
    yy: Fe,
}

impl Packed {
    fn parse(bytes: &[u8; 32]) -> Result<Self, PointError> {
        let mut y = *bytes;
        let [top, ..] = &mut y;
        let sign = *top & 0x80 != 0;
        if *top & 0x40 != 0 {
            return Err(PointError::SpareBit);
        }
        *top &= 0x3f;
        let y = fr_from_bytes(&y).ok_or(PointError::NonCanonical)?;
        Ok(Self {
            sign,
            y,
            yy: Fe::from_fr(&y).square(),
        })
    }

    /// `168700 - 168696 y^2`, never zero since 168700 / 168696 is not a square.
    fn denominator(&self) -> Fe {
        A - D * self.yy
    }

    /// The point, given the inverse of the denominator.
    fn finish(&self, inverse: Fe) -> Result<Point, PointError> {
        let root = sqrt::sqrt((Fe::ONE - self.yy) * inverse).ok_or(PointError::NotOnCurve)?;
        if self.sign && root.is_zero() {
            return Err(PointError::SignOfZero);
        }
        let x = root.to_fr();
        let x = if is_high(&x) == self.sign { x } else { -x };
        Ok(Point { x, y: self.y })
    }
}

/// Unpacks many points with one inversion for all; item by item as [`Point::from_bytes`].
pub(crate) fn unpack_all<'a>(items: impl Iterator<Item = &'a [u8; 32]>) -> Vec<Result<Point, PointError>> {
    let parsed: Vec<_> = items.map(Packed::parse).collect();
    let mut inverses: Vec<Fe> = parsed
        .iter()
        .map(|p| p.as_ref().map_or(Fe::ONE, Packed::denominator))
        .collect();
    invert_all(&mut inverses);
    parsed
        .into_iter()
        .zip(inverses)
        .map(|(packed, inverse)| packed.and_then(|p| p.finish(inverse)))
        .collect()
}

/// A point of order `l`: the public key of a signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey(Point);

impl PublicKey {
    /// The key with these coordinates.
    ///
    /// # Errors
    /// [`PointError::NotOnCurve`], [`PointError::Identity`] or [`PointError::WrongSubgroup`].
    pub fn from_xy(x: Fr, y: Fr) -> Result<Self, PointError> {
        Point::from_xy(x, y)?.try_into()
    }

    /// Unpacks a key.
    ///
    /// # Errors
    /// Every [`PointError`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, PointError> {
        Point::from_bytes(bytes)?.try_into()
    }

    /// A multiple of [`BASE8`] that the caller knows not to be the identity.
    pub(crate) fn from_multiple(point: Point) -> Self {
        Self(point)
    }

    /// The packed form.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The first coordinate.
    pub fn x(&self) -> Fr {
        self.0.x
    }

    /// The second coordinate.
    pub fn y(&self) -> Fr {
        self.0.y
    }

    /// The point.
    pub fn point(&self) -> &Point {
        &self.0
    }
}

impl TryFrom<Point> for PublicKey {
    type Error = PointError;

    fn try_from(point: Point) -> Result<Self, PointError> {
        if point.is_identity() {
            Err(PointError::Identity)
        } else if point.is_in_subgroup() {
            Ok(Self(point))
        } else {
            Err(PointError::WrongSubgroup)
        }
    }
}

#[cfg(test)]
mod tests;
