//! The *insecure development setup*: `[s^i]` and the Lagrange basis for a secret `s` that is derived from a public
//! sentence. Whoever reads the sentence can forge proofs. It exists so that keys and proofs are the same on every machine without a
//! download; keys made with it say so in their bytes, and verifiers refuse them unless told otherwise.
//!
//! The points come from fixed-base windows (`fixed_base`), two multiplications per row, and are kept in files
//! if a folder is given (`points`). A forged file makes keys and proofs that verifiers, who pin `[s]`, refuse.

use super::fixed_base::FixedBase;
use super::points::{Basis, Family};
use super::{K_RANGE, Params, SetupError, along, inverse, params, root};
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine, G2Affine};
use halo2_proofs::halo2curves::ff::{Field, FromUniformBytes};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The public sentence.
const SENTENCE: &str = "playfair/1/insecure development setup: anybody can derive this secret";

/// The secret that is none.
pub(super) fn insecure_secret() -> Fr {
    let mut wide = [0u8; 64];
    for (half, label) in wide.as_chunks_mut::<32>().0.iter_mut().zip([0u8, 1]) {
        let mut hasher = Sha256::new();
        hasher.update(SENTENCE);
        hasher.update([label]);
        half.copy_from_slice(&hasher.finalize());
    }
    Fr::from_uniform_bytes(&wide)
}

/// `[s]` in G2 of the insecure development setup, as verifiers pin it.
#[must_use]
pub fn insecure_secret_in_g2() -> G2Affine {
    (G2Affine::generator() * insecure_secret()).into()
}

/// Its files.
pub(super) fn family(folder: &Path) -> Family<'_> {
    Family {
        folder,
        name: "insecure-development",
        magic: b"PFINSECU".to_vec(),
    }
}

/// The insecure development setup for `2^k` rows.
///
/// `cache` is a folder for the points (64 bytes each, `2^k` per basis); it is made if missing. A file that is
/// damaged, by its hash or by a point off the curve, is made anew. Smaller sizes take their powers from the
/// file of a larger one.
///
/// # Errors
/// [`SetupError::Size`]; [`SetupError::File`] when the folder cannot be read or written.
pub fn insecure_development(k: u32, cache: Option<&Path>) -> Result<Params, SetupError> {
    if !K_RANGE.contains(&k) {
        return Err(SetupError::Size(k));
    }
    let (secret, family) = (insecure_secret(), cache.map(family));
    let mut base: Option<FixedBase> = None;
    let mut basis = |basis: Basis| -> Result<Vec<G1Affine>, SetupError> {
        match family.as_ref().map(|family| family.load(basis, k)) {
            Some(Ok(Some(points))) => return Ok(points),
            None | Some(Ok(None) | Err(SetupError::Damaged(_))) => {}
            Some(Err(error)) => return Err(error),
        }
        let scalars = match basis {
            Basis::Powers => powers(secret, k),
            Basis::Lagrange => lagrange(secret, k),
        };
        let base = base.get_or_insert_with(|| FixedBase::new(G1Affine::generator(), k));
        let points = base.multiply(&scalars);
        if let Some(family) = &family {
            family.store(basis, k, &points)?;
        }
        Ok(points)
    };
    let (g, g_lagrange) = (basis(Basis::Powers)?, basis(Basis::Lagrange)?);
    Ok(params(k, g, g_lagrange, insecure_secret_in_g2()))
}

/// `s^i`.
pub(super) fn powers(secret: Fr, k: u32) -> Vec<Fr> {
    along(secret, 1 << k, |power| power)
}

/// `L_i(s) = omega^i (s^n - 1) / (n (s - omega^i))`.
pub(super) fn lagrange(secret: Fr, k: u32) -> Vec<Fr> {
    let n = 1usize << k;
    // Nonzero: the secret is not a root of unity, and n is below the modulus.
    let common = (secret.pow_vartime([n as u64]) - Fr::ONE) * inverse(Fr::from(n as u64));
    along(root(n), n, |row| row * common * inverse(secret - row))
}
