//! Structured reference strings: what KZG commitments are made with.
//!
//! Two kinds, never taken for each other: keys say in their bytes which one they rest on, and [`kind`] tells from the points.
//!
//! * `insecure`: for development. Its secret follows from a public sentence.
//! * `ceremony`: powers of tau that many people made together, of which one honest is enough. It comes from a file of snarkjs
//!   (`ptau`), is proven to be what it should (`structure`), gets its Lagrange bases (`group_fft`), is kept in a folder
//!   (`points`), and is named by a digest of `[s]` in G2 that chains and verifiers pin
//!   (`playfair_proofs_verifier::setup::Ceremony`).

pub mod ceremony;
mod error;
mod fixed_base;
mod group_fft;
mod insecure;
mod points;
pub mod ptau;
#[cfg(test)]
mod sample;
pub mod structure;

pub use error::SetupError;
pub use insecure::{insecure_development, insecure_secret_in_g2};

use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine, G2Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::poly::commitment::ParamsProver;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use playfair_types::vk::Setup;
use rayon::prelude::*;

/// halo2's parameters on our curve.
pub type Params = ParamsKZG<Bn256>;

/// Least and greatest log2 of the rows.
pub const K_RANGE: std::ops::RangeInclusive<u32> = 3..=24;

/// What keys made with these parameters say of their setup.
#[must_use]
pub fn kind(params: &Params) -> Setup {
    if params.s_g2() == insecure_secret_in_g2() {
        Setup::InsecureDevelopment
    } else {
        Setup::PowersOfTau
    }
}

/// Parameters from their parts.
fn params(k: u32, powers: Vec<G1Affine>, lagrange: Vec<G1Affine>, secret_in_g2: G2Affine) -> Params {
    // The library builds parameters only from parameters; the smallest ones serve.
    let template = Params::new(1);
    template.from_parts(k, powers, Some(lagrange), G2Affine::generator(), secret_in_g2)
}

/// Elements that one thread computes from one power.
const CHUNK: usize = 1 << 10;

/// `f` of `root^i` for `i < n`, in chunks over the threads.
fn along(root: Fr, n: usize, f: impl Fn(Fr) -> Fr + Sync) -> Vec<Fr> {
    let mut values = vec![Fr::ZERO; n];
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

/// A primitive root of unity of order `n`, a power of two.
fn root(n: usize) -> Fr {
    (n.trailing_zeros()..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square())
}

fn inverse(value: Fr) -> Fr {
    Option::from(value.invert()).unwrap_or(Fr::ZERO)
}

#[cfg(test)]
mod tests;
