//! Point arithmetic on the form of Baby Jubjub with `a = -1`.
//!
//! With `X = x sqrt(-168700)` the curve `168700 x^2 + y^2 = 1 + 168696 x^2 y^2` becomes
//! `-X^2 + y^2 = 1 + D X^2 y^2` with `D = -168696 / 168700`. As -1 is a square and `D` is not, the
//! addition law is complete. Formulas: H. Hisil et al., "Twisted Edwards Curves Revisited"
//! (eprint 2008/522), sections 3.1 and 3.3, in extended coordinates.

use super::super::fe::Fe;
use ark_ff::MontFp;

/// `sqrt(-168700)`.
const TO_INNER: Fe = Fe::from_fr(&MontFp!(
    "6360561867910373094066688120553762416144456282423235903351243436111059670888"
));
/// Its inverse.
const FROM_INNER: Fe = Fe::from_fr(&MontFp!(
    "19976260017534050147865154401153945156910754191401137453807035910720341838527"
));
/// `D`.
const D: Fe = Fe::from_fr(&MontFp!(
    "12181644023421730124874158521699555681764249180949974110617291017600649128846"
));
const D2: Fe = D.plus(D);

/// A point `(x / z, y / z)` with `t = x y / z`.
#[derive(Clone, Copy)]
pub(crate) struct Extended {
    x: Fe,
    y: Fe,
    z: Fe,
    t: Fe,
}

/// An affine point prepared for addition: `y + x`, `y - x`, `2 D x y`.
#[derive(Clone, Copy)]
pub(crate) struct Prepared {
    sum: Fe,
    difference: Fe,
    t2d: Fe,
}

/// A point of any `z` prepared for addition: `y + x`, `y - x`, `2 z`, `2 D t`.
#[derive(Clone, Copy)]
pub(crate) struct Cached {
    sum: Fe,
    difference: Fe,
    z2: Fe,
    t2d: Fe,
}

impl Prepared {
    /// From circomlib's affine coordinates.
    pub(crate) fn new(x: Fe, y: Fe) -> Self {
        let x = x * TO_INNER;
        Self {
            sum: y + x,
            difference: y - x,
            t2d: D2 * x * y,
        }
    }

    pub(crate) fn negated(&self) -> Self {
        Self {
            sum: self.difference,
            difference: self.sum,
            t2d: -self.t2d,
        }
    }
}

impl Cached {
    pub(crate) const IDENTITY: Self = Self {
        sum: Fe::ONE,
        difference: Fe::ONE,
        z2: Fe::ONE.plus(Fe::ONE),
        t2d: Fe::ZERO,
    };

    pub(crate) fn negated(&self) -> Self {
        Self {
            sum: self.difference,
            difference: self.sum,
            z2: self.z2,
            t2d: -self.t2d,
        }
    }

    /// `if choose_other { other } else { self }` without a branch on the choice.
    pub(crate) fn select(&self, other: &Self, choose_other: bool) -> Self {
        Self {
            sum: self.sum.select(other.sum, choose_other),
            difference: self.difference.select(other.difference, choose_other),
            z2: self.z2.select(other.z2, choose_other),
            t2d: self.t2d.select(other.t2d, choose_other),
        }
    }
}

impl Extended {
    pub(crate) const IDENTITY: Self = Self {
        x: Fe::ZERO,
        y: Fe::ONE,
        z: Fe::ONE,
        t: Fe::ZERO,
    };

    /// From circomlib's affine coordinates.
    pub(crate) fn new(x: Fe, y: Fe) -> Self {
        let x = x * TO_INNER;
        Self {
            x,
            y,
            z: Fe::ONE,
            t: x * y,
        }
    }

    /// Circomlib's affine coordinates; `z` is never zero, the addition law being complete.
    pub(crate) fn to_affine(self) -> (Fe, Fe) {
        let inverse = self.z.inverse_or_zero();
        (self.x * inverse * FROM_INNER, self.y * inverse)
    }

    pub(crate) fn is_identity(&self) -> bool {
        self.x.is_zero() && self.y.equals(self.z)
    }

    pub(crate) fn cached(&self) -> Cached {
        Cached {
            sum: self.y + self.x,
            difference: self.y - self.x,
            z2: self.z + self.z,
            t2d: self.t * D2,
        }
    }

    /// The common end of all formulas.
    #[inline(always)]
    fn finish(e: Fe, f: Fe, g: Fe, h: Fe) -> Self {
        Self {
            x: e * f,
            y: g * h,
            z: f * g,
            t: e * h,
        }
    }

    #[inline(always)]
    fn add_parts(&self, sum: Fe, difference: Fe, z2: Fe, t2d: Fe) -> Self {
        let a = (self.y - self.x) * difference;
        let b = (self.y + self.x) * sum;
        let c = self.t * t2d;
        Self::finish(b - a, z2 - c, z2 + c, b + a)
    }

    #[inline]
    pub(crate) fn add_prepared(&self, other: &Prepared) -> Self {
        self.add_parts(other.sum, other.difference, self.z + self.z, other.t2d)
    }

    #[inline]
    pub(crate) fn add_cached(&self, other: &Cached) -> Self {
        self.add_parts(other.sum, other.difference, self.z * other.z2, other.t2d)
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        self.add_cached(&other.cached())
    }

    /// The four factors of a doubling.
    #[inline(always)]
    fn double_parts(&self) -> (Fe, Fe, Fe, Fe) {
        let a = self.x.square();
        let b = self.y.square();
        let zz = self.z.square();
        let e = (self.x + self.y).square() - a - b;
        let g = b - a;
        (e, g - zz - zz, g, -(a + b))
    }

    pub(crate) fn double(&self) -> Self {
        let (e, f, g, h) = self.double_parts();
        Self::finish(e, f, g, h)
    }

    /// `2^n` times the point; only the last doubling computes `t`, which doublings do not read.
    pub(crate) fn double_times(&self, n: u32) -> Self {
        let mut p = *self;
        for left in (0..n).rev() {
            let (e, f, g, h) = p.double_parts();
            p = Self {
                x: e * f,
                y: g * h,
                z: f * g,
                t: if left == 0 { e * h } else { Fe::ZERO },
            };
        }
        p
    }
}

/// `scalar` times the point, with `z` = 1. No step is chosen by the scalar: windows of four bits, every entry of the table
/// read for each, and an inversion by a fixed power. How far the compiler keeps this is its own affair.
pub(crate) fn multiply_secret(point: &Extended, scalar: &[u64; 4]) -> Extended {
    let mut table = [Cached::IDENTITY; 16];
    let mut multiple = Extended::IDENTITY;
    let step = point.cached();
    for slot in table.iter_mut().skip(1) {
        multiple = multiple.add_cached(&step);
        *slot = multiple.cached();
    }
    let mut result = Extended::IDENTITY;
    for limb in scalar.iter().rev() {
        for shift in (0..16).rev() {
            let digit = (limb >> (4 * shift)) & 15;
            let mut entry = Cached::IDENTITY;
            for (value, candidate) in (0u64..).zip(&table) {
                entry = entry.select(candidate, value == digit);
            }
            result = result.double_times(4).add_cached(&entry);
        }
    }
    let inverse = result.z.inverse_of_secret();
    let (x, y) = (result.x * inverse, result.y * inverse);
    Extended {
        x,
        y,
        z: Fe::ONE,
        t: x * y,
    }
}

/// The odd multiples `P, 3P, .. 15P`.
fn odd_multiples(point: &Extended) -> [Cached; 8] {
    let twice = point.double().cached();
    let mut table = [Cached::IDENTITY; 8];
    let mut multiple = *point;
    for slot in &mut table {
        *slot = multiple.cached();
        multiple = multiple.add_cached(&twice);
    }
    table
}

/// The non-adjacent form of width 5: odd digits from -15 to 15, at least four zeros after each.
fn wnaf(scalar: &[u64; 4]) -> [i8; 257] {
    let mut digits = [0i8; 257];
    let bit = |i: usize| scalar.get(i / 64).map_or(0, |limb| (limb >> (i % 64)) & 1);
    let mut carry = 0u64;
    let mut i = 0;
    while i < digits.len() {
        if bit(i) == carry {
            i += 1;
            continue;
        }
        let window = (0..5).fold(carry, |acc, k| acc + (bit(i + k) << k)) as i8;
        carry = u64::from(window > 16);
        if let Some(slot) = digits.get_mut(i) {
            *slot = if window > 16 { window - 32 } else { window };
        }
        i += 5;
    }
    digits
}

/// `a P + b Q` for public scalars (Straus).
pub(crate) fn multiply_two(p: &Extended, a: &[u64; 4], q: &Extended, b: &[u64; 4]) -> Extended {
    let parts = [(wnaf(a), odd_multiples(p)), (wnaf(b), odd_multiples(q))];
    let mut result = Extended::IDENTITY;
    let mut pending = 0;
    for i in (0..257).rev() {
        pending += 1;
        for (digits, table) in &parts {
            let digit = digits.get(i).copied().unwrap_or(0);
            if let Some(entry) = table
                .get(usize::from(digit.unsigned_abs() / 2))
                .filter(|_| digit != 0)
            {
                result = result.double_times(pending);
                pending = 0;
                result = result.add_cached(&if digit < 0 { entry.negated() } else { *entry });
            }
        }
    }
    result.double_times(pending)
}
