//! Integers and field elements: arithmetic, shifts, comparisons.
//!
//! A 32-bit value is kept as a word below 2^32, and every operation on 32 bits yields such a word. Sums also take wider words and
//! use their low halves; differences and products of wider words may have no proof.

use super::{Asm, AsmError, Dest, Operand, arith, coefficients, compare, farith, two};
use ark_ff::{AdditiveGroup, Field};
use playfair_types::crypto::field::Fr;

const ONE: Fr = Fr::ONE;
const ZERO: Fr = Fr::ZERO;

/// Result `lo` of `k0 x y + k1 x + k2 y + k3`, all scaled by `2^scale`: the low `64 - scale` bits.
fn low(dest: Dest, x: Operand, y: Option<Operand>, k: [Fr; 4], scale: u32) -> Asm {
    let s = two(scale);
    let [k0, k1, k2, k3] = k.map(|k| k * s);
    let k = coefficients([(0, k0), (1, k1), (2, k2), (3, k3), (4, ONE), (7, s)]);
    arith(dest, Some(x), y, k)
}

macro_rules! both_widths {
    ($($(#[$doc:meta])* $name64:ident $name32:ident ($($arg:ident: $type:ty),*) = |$mod:ident| ($x:expr, $y:expr, $k:expr);)*) => {$(
        $(#[$doc])*
        /// Modulo 2^64.
        ///
        /// # Errors
        /// [`AsmError`] if no choice of slots holds it.
        pub fn $name64(dest: impl Into<Dest>, $($arg: $type),*) -> Asm {
            let $mod = two(64);
            let _ = $mod;
            low(dest.into(), $x, $y, $k, 0)
        }
        $(#[$doc])*
        /// Modulo 2^32.
        ///
        /// # Errors
        /// [`AsmError`] if no choice of slots holds it.
        pub fn $name32(dest: impl Into<Dest>, $($arg: $type),*) -> Asm {
            let $mod = two(64);
            let _ = $mod;
            low(dest.into(), $x, $y, $k, 32)
        }
    )*};
}

both_widths! {
    /// x + y.
    add64 add32(x: Operand, y: Operand) = |_m| (x, Some(y), [ZERO, ONE, ONE, ZERO]);
    /// x + immediate (subtract by adding the immediate's negation).
    add64i add32i(x: Operand, imm: u64) = |_m| (x, None, [ZERO, ONE, ZERO, Fr::from(imm)]);
    /// x - y.
    sub64 sub32(x: Operand, y: Operand) = |m| (x, Some(y), [ZERO, ONE, -ONE, m]);
    /// immediate - x.
    rsub64i rsub32i(imm: u64, x: Operand) = |m| (x, None, [ZERO, -ONE, ZERO, m + Fr::from(imm)]);
    /// x y.
    mul64 mul32(x: Operand, y: Operand) = |_m| (x, Some(y), [ONE, ZERO, ZERO, ZERO]);
    /// x times immediate.
    mul64i mul32i(x: Operand, imm: u64) = |_m| (x, None, [ZERO, Fr::from(imm), ZERO, ZERO]);
    /// A signed field element (from [`signed`]) as a word: x if not negative, else x + 2^width.
    wrap64 wrap32(x: Operand) = |m| (x, None, [ZERO, ONE, ZERO, m]);
}

/// The high word of x y.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn mulhi(dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm {
    arith(
        dest,
        Some(x),
        Some(y),
        coefficients([(0, ONE), (5, ONE), (7, ONE)]),
    )
}

fn below(value: u32, bound: u32) -> Asm<u32> {
    if value < bound {
        Ok(value)
    } else {
        Err(AsmError::Constant(u64::from(value)))
    }
}

/// x shifted left by a constant, modulo 2^64.
///
/// # Errors
/// [`AsmError::Constant`] for 64 and more.
pub fn shl64i(dest: impl Into<Dest>, x: Operand, by: u32) -> Asm {
    low(dest.into(), x, None, [ZERO, two(below(by, 64)?), ZERO, ZERO], 0)
}

/// x shifted left by a constant, modulo 2^32.
///
/// # Errors
/// [`AsmError::Constant`] for 32 and more.
pub fn shl32i(dest: impl Into<Dest>, x: Operand, by: u32) -> Asm {
    low(dest.into(), x, None, [ZERO, two(below(by, 32)?), ZERO, ZERO], 32)
}

/// x shifted right by a constant, zeros from above. Right for 32-bit values too.
///
/// # Errors
/// [`AsmError::Constant`] for more than 64.
pub fn shr_ui(dest: impl Into<Dest>, x: Operand, by: u32) -> Asm {
    let k1 = two(64 - below(by, 65)?);
    arith(dest, Some(x), None, coefficients([(1, k1), (5, ONE), (7, ONE)]))
}

/// x shifted right by a register's power: `power` holds 2^(64 - shift) (AUX POW, v2), which may be 2^64.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn shr_u_by(dest: impl Into<Dest>, x: Operand, power: Operand) -> Asm {
    mulhi(dest, x, power)
}

/// x shifted right arithmetically by a constant on 64 bits; `sign` holds x's bit 63.
///
/// # Errors
/// [`AsmError::Constant`] for 64 and more.
pub fn shr_s64i(dest: impl Into<Dest>, x: Operand, sign: Operand, by: u32) -> Asm {
    let k1 = two(64 - below(by, 64)?);
    let k2 = two(64) * (two(64) - k1);
    arith(
        dest,
        Some(x),
        Some(sign),
        coefficients([(1, k1), (2, k2), (5, ONE), (7, ONE)]),
    )
}

/// x shifted right arithmetically by a constant on 32 bits; `sign` holds x's bit 31.
///
/// # Errors
/// [`AsmError::Constant`] for 32 and more.
pub fn shr_s32i(dest: impl Into<Dest>, x: Operand, sign: Operand, by: u32) -> Asm {
    let k1 = two(64 - below(by, 32)?);
    let k2 = two(64) * (two(32) - two(32 - by));
    arith(
        dest,
        Some(x),
        Some(sign),
        coefficients([(1, k1), (2, k2), (5, ONE), (7, ONE)]),
    )
}

/// x rotated left by a constant on 64 bits.
///
/// # Errors
/// [`AsmError::Constant`] for 64 and more.
pub fn rotl64i(dest: impl Into<Dest>, x: Operand, by: u32) -> Asm {
    let k1 = two(below(by, 64)?);
    arith(
        dest,
        Some(x),
        None,
        coefficients([(1, k1), (4, ONE), (5, ONE), (7, ONE)]),
    )
}

/// x rotated left by a constant on 32 bits.
///
/// # Errors
/// [`AsmError::Constant`] for 32 and more.
pub fn rotl32i(dest: impl Into<Dest>, x: Operand, by: u32) -> Asm {
    let k1 = two(32 + below(by, 32)?);
    let k = coefficients([(1, k1), (4, ONE), (5, two(32)), (7, two(32))]);
    arith(dest, Some(x), None, k)
}

/// x rotated left by a register's power on 64 bits: `power` holds 2^shift (AUX POW, v1), shift below 64.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn rotl64_by(dest: impl Into<Dest>, x: Operand, power: Operand) -> Asm {
    let k = coefficients([(0, ONE), (4, ONE), (5, ONE), (7, ONE)]);
    arith(dest, Some(x), Some(power), k)
}

/// x rotated left by a register's power on 32 bits: `power` holds 2^shift (AUX POW, v1), shift below 32.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn rotl32_by(dest: impl Into<Dest>, x: Operand, power: Operand) -> Asm {
    let k = coefficients([(0, two(32)), (4, ONE), (5, two(32)), (7, two(32))]);
    arith(dest, Some(x), Some(power), k)
}

/// The low `bits` bits of x.
///
/// # Errors
/// [`AsmError::Constant`] for 0 and for more than 64 bits.
pub fn mask(dest: impl Into<Dest>, x: Operand, bits: u32) -> Asm {
    if bits == 0 {
        return Err(AsmError::Constant(0));
    }
    low(
        dest.into(),
        x,
        None,
        [ZERO, ONE, ZERO, ZERO],
        64 - below(bits, 65)?,
    )
}

/// The low `bits` bits of x as a signed field element: negative ones are field negatives. Compare two such values with
/// [`lt_u`], [`lt_si`] and the like, which are right for every difference below 2^64; make words of them with [`wrap64`].
///
/// # Errors
/// [`AsmError::Constant`] for 0 and for more than 64 bits.
pub fn signed(dest: impl Into<Dest>, x: Operand, bits: u32) -> Asm {
    if bits == 0 {
        return Err(AsmError::Constant(0));
    }
    let scale = two(64 - below(bits, 65)?);
    let k = coefficients([(1, scale), (3, two(63)), (4, ONE), (6, -two(63)), (7, scale)]);
    arith(dest, Some(x), None, k)
}

/// x - y + 2^64, whose high word says x >= y; the result is that or its complement.
fn order(dest: Dest, x: Operand, y: Option<Operand>, k: [Fr; 3], at_least: bool) -> Asm {
    let [k1, k2, k3] = k;
    let (k5, k6) = if at_least { (ONE, ZERO) } else { (-ONE, ONE) };
    let k = coefficients([(1, k1), (2, k2), (3, k3 + two(64)), (5, k5), (6, k6), (7, ONE)]);
    arith(dest, Some(x), y, k)
}

/// x < y as 0 or 1, unsigned (or of two values of [`signed`]).
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn lt_u(dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm {
    order(dest.into(), x, Some(y), [ONE, -ONE, ZERO], false)
}

/// x >= y as 0 or 1, unsigned (or of two values of [`signed`]).
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn ge_u(dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm {
    order(dest.into(), x, Some(y), [ONE, -ONE, ZERO], true)
}

/// x < immediate, unsigned.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn lt_ui(dest: impl Into<Dest>, x: Operand, imm: u64) -> Asm {
    order(dest.into(), x, None, [ONE, ZERO, -Fr::from(imm)], false)
}

/// x >= immediate, unsigned.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn ge_ui(dest: impl Into<Dest>, x: Operand, imm: u64) -> Asm {
    order(dest.into(), x, None, [ONE, ZERO, -Fr::from(imm)], true)
}

/// x > immediate, unsigned.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn gt_ui(dest: impl Into<Dest>, x: Operand, imm: u64) -> Asm {
    order(dest.into(), x, None, [-ONE, ZERO, Fr::from(imm)], false)
}

/// x <= immediate, unsigned.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn le_ui(dest: impl Into<Dest>, x: Operand, imm: u64) -> Asm {
    order(dest.into(), x, None, [-ONE, ZERO, Fr::from(imm)], true)
}

/// x < immediate, for x of [`signed`].
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn lt_si(dest: impl Into<Dest>, x: Operand, imm: i64) -> Asm {
    order(dest.into(), x, None, [ONE, ZERO, -Fr::from(imm)], false)
}

/// x >= immediate, for x of [`signed`].
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn ge_si(dest: impl Into<Dest>, x: Operand, imm: i64) -> Asm {
    order(dest.into(), x, None, [ONE, ZERO, -Fr::from(imm)], true)
}

/// x > immediate, for x of [`signed`].
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn gt_si(dest: impl Into<Dest>, x: Operand, imm: i64) -> Asm {
    order(dest.into(), x, None, [-ONE, ZERO, Fr::from(imm)], false)
}

/// x <= immediate, for x of [`signed`].
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn le_si(dest: impl Into<Dest>, x: Operand, imm: i64) -> Asm {
    order(dest.into(), x, None, [-ONE, ZERO, Fr::from(imm)], true)
}

/// x = y as 0 or 1, in the field.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn eq(dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm {
    compare(dest, Some(x), Some(y), [ONE, -ONE, ZERO, ONE, ZERO])
}

/// x is not y, as 0 or 1, in the field.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn ne(dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm {
    compare(dest, Some(x), Some(y), [ONE, -ONE, ZERO, -ONE, ONE])
}

/// x = immediate as 0 or 1.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn eqi(dest: impl Into<Dest>, x: Operand, imm: u64) -> Asm {
    compare(dest, Some(x), None, [ONE, ZERO, -Fr::from(imm), ONE, ZERO])
}

/// x is not the immediate, as 0 or 1.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn nei(dest: impl Into<Dest>, x: Operand, imm: u64) -> Asm {
    compare(dest, Some(x), None, [ONE, ZERO, -Fr::from(imm), -ONE, ONE])
}

/// A constant: any field element.
///
/// # Errors
/// Never for [`Dest::Put`].
pub fn constant(dest: impl Into<Dest>, value: Fr) -> Asm {
    farith(dest, None, None, [ZERO, ZERO, ZERO, value])
}

/// A copy.
///
/// # Errors
/// [`AsmError::Same`] for a copy of an absolute address to itself.
pub fn mov(dest: impl Into<Dest>, x: Operand) -> Asm {
    farith(dest, Some(x), None, [ZERO, ONE, ZERO, ZERO])
}

/// x + y in the field.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn fadd(dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm {
    lin2(dest, x, y, [ONE, ONE, ZERO])
}

/// x - y in the field.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn fsub(dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm {
    lin2(dest, x, y, [ONE, -ONE, ZERO])
}

/// x y in the field. A square needs a copy of x.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn fmul(dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm {
    farith(dest, Some(x), Some(y), [ONE, ZERO, ZERO, ZERO])
}

/// k1 x + k2 y + k3 in the field.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn lin2(dest: impl Into<Dest>, x: Operand, y: Operand, [k1, k2, k3]: [Fr; 3]) -> Asm {
    farith(dest, Some(x), Some(y), [ZERO, k1, k2, k3])
}

/// Demands that x is a word.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn demand_word(x: Operand) -> Asm {
    arith(Dest::Drop, Some(x), None, coefficients([(1, ONE), (5, ONE)]))
}
