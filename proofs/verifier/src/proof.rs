//! A proof's words, read in step with the transcript.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::error::Error;
use crate::key::Key;
use crate::point::{decompress, scalar};
use crate::transcript::Sponge;
use alloc::vec;
use alloc::vec::Vec;
use ark_bn254::G1Affine;
use ark_ff::AdditiveGroup;
use playfair_types::Fr;

/// A proof's content and the challenges that follow from it.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) advice: Vec<G1Affine>,
    pub(crate) random: G1Affine,
    pub(crate) pieces: Vec<G1Affine>,
    pub(crate) challenges: Vec<Fr>,
    /// Folds the gate polynomials.
    pub(crate) y: Fr,
    /// Where the columns are opened.
    pub(crate) x: Fr,
    /// Advice evaluations, fixed evaluations, `R(x)`.
    pub(crate) evaluations: Vec<Fr>,
    /// Folds the members of a group.
    pub(crate) member: Fr,
    /// Folds the groups.
    pub(crate) group: Fr,
    pub(crate) w: G1Affine,
    /// Where the opening is opened.
    pub(crate) u: Fr,
    pub(crate) w_prime: G1Affine,
    /// Hash of all of the above and of the key, for the weights of a batch.
    pub(crate) digest: Fr,
}

/// The words that are left, and the transcript of those that are not.
struct Words<'a> {
    rest: core::iter::Enumerate<core::slice::Iter<'a, [u8; 32]>>,
    sponge: Sponge,
}

impl Words<'_> {
    fn point(&mut self) -> Result<G1Affine, Error> {
        // The length was checked: words do not run out.
        let (number, word) = self.rest.next().ok_or(Error::Refused)?;
        let point = decompress(word).ok_or(Error::Point(number))?;
        self.sponge.absorb_point(&point).ok_or(Error::Point(number))?;
        Ok(point)
    }

    fn scalar(&mut self) -> Result<Fr, Error> {
        let (number, word) = self.rest.next().ok_or(Error::Refused)?;
        let value = scalar(word).ok_or(Error::Scalar(number))?;
        self.sponge.absorb(value);
        Ok(value)
    }
}

impl Proof {
    /// Reads `bytes` as a proof for `key` about `instances`.
    pub(crate) fn read(key: &Key<'_>, instances: &[Fr], bytes: &[u8]) -> Result<Self, Error> {
        let program = key.program;
        if instances.len() != program.instances() {
            return Err(Error::InstanceCount {
                wanted: program.instances(),
                found: instances.len(),
            });
        }
        if bytes.len() != program.proof_bytes() {
            return Err(Error::ProofLength {
                wanted: program.proof_bytes(),
                found: bytes.len(),
            });
        }
        let (words, _) = bytes.as_chunks::<32>();
        let mut words = Words {
            rest: words.iter().enumerate(),
            sponge: Sponge::new(),
        };
        words.sponge.absorb(key.transcript);
        for instance in instances {
            words.sponge.absorb(*instance);
        }
        let (advice, challenges) = read_phases(key, &mut words)?;
        for _unused in ["theta", "beta", "gamma"] {
            words.sponge.squeeze();
        }
        let random = words.point()?;
        let y = words.sponge.squeeze();
        let pieces = (0..program.pieces()).map(|_| words.point());
        let pieces = pieces.collect::<Result<_, _>>()?;
        let x = words.sponge.squeeze();
        let parts = program.parts();
        let queries = parts.advice_queries.iter().chain(&parts.fixed_queries);
        let evaluations = queries.map(|_| ()).chain([()]).map(|()| words.scalar());
        let evaluations = evaluations.collect::<Result<_, _>>()?;
        let (member, group) = (words.sponge.squeeze(), words.sponge.squeeze());
        let w = words.point()?;
        let u = words.sponge.squeeze();
        let w_prime = words.point()?;
        words.sponge.absorb(key.digest());
        Ok(Self {
            advice,
            random,
            pieces,
            challenges,
            y,
            x,
            evaluations,
            member,
            group,
            w,
            u,
            w_prime,
            digest: words.sponge.squeeze(),
        })
    }
}

/// The advice commitments in the order of the columns, and the challenges.
fn read_phases(key: &Key<'_>, words: &mut Words<'_>) -> Result<(Vec<G1Affine>, Vec<Fr>), Error> {
    let parts = key.program.parts();
    let mut advice = vec![G1Affine::identity(); parts.advice.len()];
    let mut challenges = vec![Fr::ZERO; parts.challenges.len()];
    for current in 0..=crate::program::PHASE_MAX {
        for (commitment, phase) in advice.iter_mut().zip(&parts.advice) {
            if *phase == current {
                *commitment = words.point()?;
            }
        }
        for (challenge, phase) in challenges.iter_mut().zip(&parts.challenges) {
            if *phase == current {
                *challenge = words.sponge.squeeze();
            }
        }
    }
    Ok((advice, challenges))
}
