//! Membership in the subgroup of prime order by a Tate pairing.
//!
//! The group of rational points has order `8 l` and its 8-torsion is cyclic of order 8, and 8 divides `r - 1`. The
//! reduced Tate pairing of a fixed point `T` of order 8 with `P` is then trivial iff `P` is a
//! multiple of eight, that is, iff it lies in the subgroup of order `l`. The Miller function of
//! `T` has three steps with constant lines, and the final exponentiation tests for an eighth
//! power: some 320 products instead of the 2400 of a multiplication by `l`.
//! Source: D. Koshelev, "Subgroup membership testing on elliptic curves via the Tate pairing"
//! (eprint 2022/037); the tests compare with the multiplication by `l` on all cosets.
//!
//! On the Montgomery form `v^2 = u^3 + 168698 u^2 + u`, `u = (1 + y) / (1 - y)`, `v = u / x`,
//! with `T = (u1, v1)`, `2T = (1, v4)` and `4T = (0, 0)`, the function is, up to eighth powers,
//! `l1^4 (u - 1)^4 l2^2 / u` for the tangents `l1` at `T` and `l2 = v - v4 u` at `2T`.

use super::super::fe::Fe;
use super::sqrt::is_eighth_power;
use ark_ff::MontFp;

/// Slope of the tangent at `T`.
const SLOPE1: Fe = Fe::from_fr(&MontFp!(
    "16762876435069652057040745353149335732737639370712691103751456512640640292937"
));
/// `v1 - SLOPE1 u1`.
const OFFSET1: Fe = Fe::from_fr(&MontFp!(
    "19799329160503878365519859265345525785148473002902384773314932802961476726446"
));
/// `v4`, which is also the slope of the tangent at `2T`.
const SLOPE2: Fe = Fe::from_fr(&MontFp!(
    "7214280148105020021932206872019688659210616427216992810330019057549499971851"
));

/// Whether a point of the curve, in circomlib's coordinates, is in the subgroup of order `l`.
pub(super) fn contains(x: Fe, y: Fe) -> bool {
    let u = Fe::ONE + y;
    let w = Fe::ONE - y;
    if w.is_zero() {
        // y = 1 only at the identity.
        return true;
    }
    // With u = U / W and v = U / (W x) and all denominators cleared by eighth powers.
    let z = w * x;
    let ux = u * x;
    let line1 = u - OFFSET1 * z - SLOPE1 * ux;
    let line2 = u - SLOPE2 * ux;
    let inner = line1 * (u - w) * w;
    let middle = line2 * z * u.square() * u * inner.square();
    // It vanishes at some points of the 8-torsion other than the identity, which are no members.
    is_eighth_power(w * u * middle.square())
}
