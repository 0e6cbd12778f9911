//! A verifying key made ready: its points checked and fitted to the program.

use crate::domain::{Domain, TWO_ADICITY};
use crate::error::Error;
use crate::point::on_curve;
use crate::program::Program;
use crate::setup::{Ceremony, secret_in_g2};
use alloc::vec::Vec;
use ark_bn254::{G1Affine, G2Affine};
use playfair_types::Fr;
use playfair_types::vk::{Setup, VerifyingKey};

/// Which setups the caller believes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// No insecure setup, and no ceremony either, because none is compiled in.
    PublicSetup,
    /// This ceremony only: what any chain of value asks for.
    Ceremony(Ceremony),
    /// The insecure development setup too, whose secret anybody knows: for tests and local development chains.
    InsecureDevelopmentToo,
}

/// A key whose points are on the curve and whose shape is the program's.
#[derive(Clone, Debug)]
pub struct Key<'p> {
    pub(crate) program: &'p Program,
    pub(crate) fixed: Vec<G1Affine>,
    pub(crate) domain: Domain,
    pub(crate) secret: G2Affine,
    pub(crate) transcript: Fr,
    digest: Fr,
}

impl<'p> Key<'p> {
    /// Checks `key` against `program`. Costs a few permutations and field products per commitment: keep the
    /// result.
    ///
    /// # Errors
    /// [`Error::KeyShape`], [`Error::KeyPoint`], [`Error::InsecureSetup`], [`Error::UnknownSetup`].
    pub fn new(program: &'p Program, key: &VerifyingKey, trust: Trust) -> Result<Self, Error> {
        let secret = match (key.setup, trust) {
            (Setup::InsecureDevelopment, Trust::InsecureDevelopmentToo) => secret_in_g2(key.setup),
            (Setup::InsecureDevelopment, _) => return Err(Error::InsecureSetup),
            (Setup::PowersOfTau, Trust::Ceremony(ceremony)) => Some(ceremony.secret_in_g2()),
            (Setup::PowersOfTau, _) => secret_in_g2(key.setup),
        };
        let secret = secret.ok_or(Error::UnknownSetup)?;
        if key.fixed.len() != program.fixed_columns() {
            return Err(Error::KeyShape("number of fixed commitments"));
        }
        if !key.permutation.is_empty() {
            return Err(Error::KeyShape("number of permutation commitments"));
        }
        let domain = (key.k <= TWO_ADICITY).then(|| Domain::new(key.k)).flatten();
        let domain = domain.ok_or(Error::KeyShape("k"))?;
        if domain.n() < program.rows_min() {
            return Err(Error::KeyShape("k"));
        }
        let points = key.fixed.iter().enumerate();
        let fixed = points.map(|(number, point)| match point {
            None => Ok(G1Affine::identity()),
            Some((x, y)) => on_curve(*x, *y).ok_or(Error::KeyPoint(number)),
        });
        Ok(Self {
            program,
            fixed: fixed.collect::<Result<_, _>>()?,
            domain,
            secret,
            transcript: key.transcript,
            digest: key.digest(),
        })
    }

    /// The key's digest: compare it with the registered one.
    #[must_use]
    pub fn digest(&self) -> Fr {
        self.digest
    }
}
