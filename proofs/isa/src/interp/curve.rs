//! CURVE: one bit of s B8 + h T by double and add.

use super::Reason;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use playfair_types::crypto::babyjubjub::BASE8;
use playfair_types::crypto::field::Fr;

/// Coefficients of the curve `a x^2 + y^2 = 1 + d x^2 y^2`.
const A: u64 = 168_700;
const D: u64 = 168_696;

/// The state after the row, and whether the row loops. State: PX PY TX TY UX UY SA HA CNT.
pub(super) fn step(state: &[Fr; 9]) -> Result<([Fr; 9], bool), Reason> {
    let [px, py, tx, ty, ux, uy, sa, ha, count] = *state;
    let ((s, next_sa), (h, next_ha)) = (bit(sa)?, bit(ha)?);
    let doubled = double([px, py])?;
    let sum = match (s, h) {
        (false, false) => doubled,
        (true, false) => add(doubled, [BASE8.x(), BASE8.y()])?,
        (false, true) => add(doubled, [tx, ty])?,
        (true, true) => add(doubled, [ux, uy])?,
    };
    let again = count != Fr::ZERO;
    if !again && (next_sa != Fr::ZERO || next_ha != Fr::ZERO) {
        return Err(Reason::Curve);
    }
    Ok((
        [sum[0], sum[1], tx, ty, ux, uy, next_sa, next_ha, count - Fr::ONE],
        again,
    ))
}

/// The top bit of a word, and the word without it, twice.
fn bit(scalar: Fr) -> Result<(bool, Fr), Reason> {
    match scalar.into_bigint() {
        BigInt([word, 0, 0, 0]) => Ok((word >> 63 == 1, Fr::from(word << 1))),
        _ => Err(Reason::Curve),
    }
}

/// `x / (1 + e)` and `y / (1 - e)`.
fn divide(x: Fr, y: Fr, e: Fr) -> Result<[Fr; 2], Reason> {
    let (plus, minus) = (Fr::ONE + e, Fr::ONE - e);
    // Not zero for points of the curve, whose law is complete.
    let inverse = (plus * minus).inverse().ok_or(Reason::Curve)?;
    Ok([x * minus * inverse, y * plus * inverse])
}

fn double([x, y]: [Fr; 2]) -> Result<[Fr; 2], Reason> {
    let w = x * y;
    divide(
        w.double(),
        y.square() - Fr::from(A) * x.square(),
        Fr::from(D) * w.square(),
    )
}

fn add([x1, y1]: [Fr; 2], [x2, y2]: [Fr; 2]) -> Result<[Fr; 2], Reason> {
    let (beta, gamma) = (x1 * y2, y1 * x2);
    divide(
        beta + gamma,
        y1 * y2 - Fr::from(A) * x1 * x2,
        Fr::from(D) * beta * gamma,
    )
}
