//! Points of Baby Jubjub: packed forms, keys, signatures (C1, C4). Each question has one provable answer.

use crate::constants::{ABOVE_HALF, BASE_X, BASE_Y, CURVE_A, CURVE_D, MODULUS, ORDER};
use crate::hint;
use crate::memory::Memory;
use crate::number::{below, canonical, hinted_words, is_zero, join4};
use crate::sys::{
    F, curve_x, curve_y, curve64, f_add, f_eq, f_mul, f_sub, hint as ask, hint_f, konst, poseidon5, require,
    require_eq,
};

/// The inverse of an element that is not zero.
#[inline(always)]
fn inverse(e: F) -> F {
    let inverse = hint_f::<{ hint::INVERSE }>(e);
    require_eq(f_mul(e, inverse), F::word(1));
    inverse
}

/// Unpacks a point from its first byte and the other 31: whether there is one; then `m.point` is it.
pub(crate) fn unpack(m: &Memory, high: u64, w0: u64, w1: u64, w2: u64, w3: u64) -> bool {
    let y_words = (w0, w1, w2, (high & 0x3f) << 56 | w3);
    if high & 0x40 != 0 || !below(y_words, MODULUS) {
        return false;
    }
    let y = join4(y_words);
    // x^2 = (1 - y^2) / (A - D y^2) = u / v. v is never zero, since A / D is no square.
    let yy = f_mul(y, y);
    let u = f_sub(F::word(1), yy);
    let v = f_sub(konst!(CURVE_A), f_mul(konst!(CURVE_D), yy));
    let uv = f_mul(u, v);
    let root = hint_f::<{ hint::ROOT }>(uv);
    let square = f_mul(root, root);
    if !f_eq(square, uv) {
        // Five times u v is a square, and u v is not zero, since then they would be equal: so u v is none, as 5 is none.
        require_eq(square, f_mul(F::word(5), uv));
        return false;
    }
    let x = f_mul(root, inverse(v));
    // The one of x and -x that is not above (r - 1) / 2.
    let negated = f_sub(F::word(0), x);
    let low = if ask::<{ hint::HIGH }>(x) != 0 { negated } else { x };
    require(below(hinted_words(low), ABOVE_HALF));
    let sign = high & 0x80 != 0;
    if sign && is_zero(low) {
        return false;
    }
    m.point[0].set(if sign { f_sub(F::word(0), low) } else { low });
    m.point[1].set(y);
    true
}

/// Whether the point `m.point`, which is on the curve, is a key: of order l.
pub(crate) fn is_key(m: &Memory) -> bool {
    let t = [m.point[0].get(), m.point[1].get()];
    if is_identity(t[0], t[1]) {
        return false;
    }
    // l T by double and add. No bit asks for T + B8, so T stands in for it.
    let [l0, l1, l2, l3] = ORDER;
    curve64([F::word(0), F::word(1)], t, t, 0, l3);
    curve64([curve_x(), curve_y()], t, t, 0, l2);
    curve64([curve_x(), curve_y()], t, t, 0, l1);
    curve64([curve_x(), curve_y()], t, t, 0, l0);
    is_identity(curve_x(), curve_y())
}

#[inline(always)]
fn is_identity(x: F, y: F) -> bool {
    is_zero(x) && f_eq(y, F::word(1))
}

/// Doubles `m.point`, a point of the curve.
fn double(m: &Memory) {
    let (x, y) = (m.point[0].get(), m.point[1].get());
    let (xx, yy, xy) = (f_mul(x, x), f_mul(y, y), f_mul(x, y));
    let axx = f_mul(konst!(CURVE_A), xx);
    // On the curve 1 + D x^2 y^2 = A x^2 + y^2. Neither denominator is ever zero.
    let plus = f_add(axx, yy);
    let minus = f_sub(F::word(2), plus);
    let both = inverse(f_mul(plus, minus));
    m.point[0].set(f_mul(f_mul(f_add(xy, xy), minus), both));
    m.point[1].set(f_mul(f_mul(f_sub(yy, axx), plus), both));
}

/// Adds B8 to `m.point`, a point of the curve.
fn add_base(m: &Memory) {
    let (x, y) = (m.point[0].get(), m.point[1].get());
    let (bx, by) = (konst!(BASE_X), konst!(BASE_Y));
    let (xx, yy, xy, yx) = (f_mul(x, bx), f_mul(y, by), f_mul(x, by), f_mul(y, bx));
    let t = f_mul(f_mul(konst!(CURVE_D), xx), yy);
    let (plus, minus) = (f_add(F::word(1), t), f_sub(F::word(1), t));
    let both = inverse(f_mul(plus, minus));
    m.point[0].set(f_mul(f_mul(f_add(xy, yx), minus), both));
    let difference = f_sub(yy, f_mul(konst!(CURVE_A), xx));
    m.point[1].set(f_mul(f_mul(difference, plus), both));
}

/// C4: whether `S B8 = R + 8 h A` with `h = poseidon5(R, A, message)`, for `m.r`, `m.s` and the key (x, y).
///
/// Computed as `S B8 + h T = R` with T = -8 A, bit by bit of both.
pub(crate) fn verify(m: &Memory, x: F, y: F, message: F) -> bool {
    let (rx, ry) = (m.r[0].get(), m.r[1].get());
    let (h0, h1, h2, h3) = canonical(poseidon5(rx, ry, x, y, message));
    m.point[0].set(f_sub(F::word(0), x));
    m.point[1].set(y);
    double(m);
    double(m);
    double(m);
    let t = [m.point[0].get(), m.point[1].get()];
    add_base(m);
    let u = [m.point[0].get(), m.point[1].get()];
    let s = &m.s;
    curve64([F::word(0), F::word(1)], t, u, s[3].get(), h3);
    curve64([curve_x(), curve_y()], t, u, s[2].get(), h2);
    curve64([curve_x(), curve_y()], t, u, s[1].get(), h1);
    curve64([curve_x(), curve_y()], t, u, s[0].get(), h0);
    f_eq(curve_x(), rx) && f_eq(curve_y(), ry)
}
