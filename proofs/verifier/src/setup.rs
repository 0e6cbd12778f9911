//! The setups' second points, `[s]` in G2: pinned here, never taken from outside.

use ark_bn254::{Fq2, G2Affine};
use ark_ff::MontFp;
use playfair_types::vk::Setup;

/// `[s]` of the insecure development setup. Its secret is derived from a public sentence by the prover crate,
/// whose tests compare.
const INSECURE_DEVELOPMENT: G2Affine = G2Affine::new_unchecked(
    Fq2::new(
        MontFp!("14362201241029935300636959489378044956126116197991761608273975747956018514224"),
        MontFp!("691992689089665670549999844500150855974792676432288014368319577788186393194"),
    ),
    Fq2::new(
        MontFp!("19245134302630924852079186865401780256258971664499322060268138815086728559274"),
        MontFp!("15153981266723122095248539894468218568483129027215306641534099979686668063749"),
    ),
);

/// `[s]` in G2 of `setup`; `None` when this version pins none.
#[must_use]
pub fn secret_in_g2(setup: Setup) -> Option<G2Affine> {
    match setup {
        Setup::InsecureDevelopment => Some(INSECURE_DEVELOPMENT),
        Setup::PowersOfTau => None,
    }
}
