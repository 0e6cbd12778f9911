//! Structured reference strings: what KZG commitments are made with.
//!
//! Only the *insecure development setup* lives here so far: `[s^i]` and the Lagrange basis for a secret `s`
//! that is derived from a public sentence. Whoever reads the sentence can forge proofs. It exists so that keys
//! and proofs are the same on every machine without a download; keys made with it say so in their bytes, and
//! verifiers refuse them unless told otherwise.
//!
//! The points come from fixed-base windows (`fixed_base`), two multiplications per row, and are kept in files
//! if a folder is given (`cache`).

mod cache;
mod fixed_base;

use cache::Basis;
use fixed_base::FixedBase;
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine, G2Affine};
use halo2_proofs::halo2curves::ff::{Field, FromUniformBytes, PrimeField};
use halo2_proofs::poly::commitment::ParamsProver;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// halo2's parameters on our curve.
pub type Params = ParamsKZG<Bn256>;

/// Least and greatest log2 of the rows.
pub const K_RANGE: std::ops::RangeInclusive<u32> = 3..=24;

/// The public sentence.
const SENTENCE: &str = "playfair/1/insecure development setup: anybody can derive this secret";

/// Why there are no parameters.
#[derive(Debug)]
pub enum SetupError {
    /// The size is outside [`K_RANGE`].
    Size(u32),
    /// The cache folder cannot be used.
    Cache(PathBuf, io::Error),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size(k) => write!(
                f,
                "no setup for k = {k}: k is {} to {}",
                K_RANGE.start(),
                K_RANGE.end()
            ),
            Self::Cache(path, error) => write!(
                f,
                "the setup cache {} cannot be used: {error}; give another folder, or none",
                path.display()
            ),
        }
    }
}

impl std::error::Error for SetupError {}

/// The secret that is none.
fn insecure_secret() -> Fr {
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

/// The insecure development setup for `2^k` rows.
///
/// `cache` is a folder for the points (64 bytes each, `2^k` per basis); it is made if missing. A file that is
/// damaged, by its hash or by a point off the curve, is made anew. Smaller sizes take their powers from the
/// file of a larger one.
///
/// # Errors
/// [`SetupError::Size`]; [`SetupError::Cache`] when the folder cannot be read or written.
pub fn insecure_development(k: u32, cache: Option<&Path>) -> Result<Params, SetupError> {
    if !K_RANGE.contains(&k) {
        return Err(SetupError::Size(k));
    }
    let secret = insecure_secret();
    let mut base: Option<FixedBase> = None;
    let mut basis = |basis: Basis| -> Result<Vec<G1Affine>, SetupError> {
        if let Some(points) = cache
            .map(|folder| cache::load(folder, basis, k))
            .transpose()?
            .flatten()
        {
            return Ok(points);
        }
        let scalars = match basis {
            Basis::Powers => powers(secret, k),
            Basis::Lagrange => lagrange(secret, k),
        };
        let base = base.get_or_insert_with(|| FixedBase::new(G1Affine::generator(), k));
        let points = base.multiply(&scalars);
        if let Some(folder) = cache {
            cache::store(folder, basis, k, &points)?;
        }
        Ok(points)
    };
    let (g, g_lagrange) = (basis(Basis::Powers)?, basis(Basis::Lagrange)?);
    // The library builds parameters only from parameters; the smallest ones serve.
    let template = Params::new(1);
    Ok(template.from_parts(
        k,
        g,
        Some(g_lagrange),
        G2Affine::generator(),
        insecure_secret_in_g2(),
    ))
}

/// Elements that one thread computes from one power.
const CHUNK: usize = 1 << 10;

/// `f` of `root^i` for all rows, in chunks over the threads.
fn along(root: Fr, k: u32, f: impl Fn(Fr) -> Fr + Sync) -> Vec<Fr> {
    let mut values = vec![Fr::ZERO; 1 << k];
    values
        .par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(number, chunk)| {
            let mut power = root.pow_vartime([(number * CHUNK) as u64]);
            for value in chunk {
                *value = f(power);
                power *= root;
            }
        });
    values
}

/// `s^i`.
fn powers(secret: Fr, k: u32) -> Vec<Fr> {
    along(secret, k, |power| power)
}

/// `L_i(s) = omega^i (s^n - 1) / (n (s - omega^i))`.
fn lagrange(secret: Fr, k: u32) -> Vec<Fr> {
    let omega = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
    let n = 1u64 << k;
    // Nonzero: the secret is not a root of unity, and n is below the modulus.
    let common = (secret.pow_vartime([n]) - Fr::ONE) * inverse(Fr::from(n));
    along(omega, k, |row| row * common * inverse(secret - row))
}

fn inverse(value: Fr) -> Fr {
    Option::from(value.invert()).unwrap_or(Fr::ZERO)
}

#[cfg(test)]
mod tests;
