//! The Poseidon transcript for halo2, and field elements between halo2's types and ours.
//!
//! The sponge itself is the verifier's ([`Sponge`]), its permutation `playfair-types`': there is one hash. A
//! proof written here is read by halo2's verifier through [`PoseidonRead`], by our verifier, and by
//! snark-verifier's aggregation circuit. Encodings in the proof are halo2curves': scalars and the `x` of
//! points little-endian, bit 254 of a point the parity of `y`.
//!
//! [`PoseidonRead`] is stricter than halo2curves: it refuses a point whose bytes are not those that the point
//! would be written as (halo2curves ignores the infinity flag unless `x` is zero), so that a proof has one
//! encoding for all our verifiers.

use ark_ff::{AdditiveGroup, BigInt};
use halo2_proofs::halo2curves::bn256::{self, G1Affine};
use halo2_proofs::halo2curves::ff::PrimeField;
use halo2_proofs::halo2curves::group::GroupEncoding;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::serde::SerdeObject;
use halo2_proofs::transcript::{
    EncodedChallenge, Transcript, TranscriptRead, TranscriptReadBuffer, TranscriptWrite,
    TranscriptWriterBuffer,
};
use playfair_proofs_verifier::transcript::Sponge;
use playfair_types::Fr;
use std::io::{self, Read, Write};

/// Eight bytes at a time, least significant first.
fn limbs(bytes: &[u8; 32]) -> [u64; 4] {
    let mut limbs = [0u64; 4];
    for (limb, word) in limbs.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *limb = u64::from_le_bytes(*word);
    }
    limbs
}

/// An element of our field as halo2's: both keep the same Montgomery limbs, so this costs a copy.
#[must_use]
#[inline]
pub fn to_halo2(value: &Fr) -> bn256::Fr {
    let mut bytes = [0u8; 32];
    for (word, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(value.0.0) {
        *word = limb.to_le_bytes();
    }
    bn256::Fr::from_raw_bytes_unchecked(&bytes)
}

/// The inverse of [`to_halo2`].
#[must_use]
#[inline]
pub fn from_halo2(value: &bn256::Fr) -> Fr {
    let mut bytes = [0u8; 32];
    // An array as long as the element takes all of it.
    let written = value.write_raw(&mut bytes.as_mut_slice());
    debug_assert!(written.is_ok());
    Fr::new_unchecked(BigInt::new(limbs(&bytes)))
}

/// A coordinate of halo2's as arkworks'.
fn coordinate(value: &bn256::Fq) -> ark_bn254::Fq {
    let mut bytes = [0u8; 32];
    let written = value.write_raw(&mut bytes.as_mut_slice());
    debug_assert!(written.is_ok());
    ark_bn254::Fq::new_unchecked(BigInt::new(limbs(&bytes)))
}

/// The coordinates of a point; `None` for infinity.
#[must_use]
pub fn coordinates(point: &G1Affine) -> playfair_types::vk::Point {
    let finite = !bool::from(point.is_identity());
    finite.then(|| (coordinate(&point.x), coordinate(&point.y)))
}

/// The inverse of [`coordinate`].
fn base_element(value: &ark_bn254::Fq) -> bn256::Fq {
    let mut bytes = [0u8; 32];
    for (word, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(value.0.0) {
        *word = limb.to_le_bytes();
    }
    bn256::Fq::from_raw_bytes_unchecked(&bytes)
}

/// A point of halo2's from its coordinates, which are taken as they are.
pub(crate) fn affine(x: &ark_bn254::Fq, y: &ark_bn254::Fq) -> G1Affine {
    let (x, y) = (base_element(x), base_element(y));
    G1Affine { x, y }
}

/// The inverse by halo2's algorithm; zero for zero.
pub(crate) fn inverse(value: &ark_bn254::Fq) -> ark_bn254::Fq {
    Option::from(halo2_proofs::halo2curves::ff::Field::invert(&base_element(value)))
        .map_or(ark_bn254::Fq::ZERO, |x| coordinate(&x))
}

/// A challenge as it comes from the sponge.
#[derive(Clone, Copy, Debug)]
pub struct Challenge(bn256::Fr);

impl EncodedChallenge<G1Affine> for Challenge {
    type Input = bn256::Fr;

    fn new(challenge_input: &bn256::Fr) -> Self {
        Self(*challenge_input)
    }

    fn get_scalar(&self) -> bn256::Fr {
        self.0
    }
}

fn squeeze(sponge: &mut Sponge) -> Challenge {
    Challenge(to_halo2(&sponge.squeeze()))
}

fn absorb_point(sponge: &mut Sponge, point: &G1Affine) -> io::Result<()> {
    let (x, y) =
        coordinates(point).ok_or_else(|| invalid("a point at infinity has no place in a transcript"))?;
    sponge.absorb(playfair_proofs_verifier::transcript::reduce(x));
    sponge.absorb(playfair_proofs_verifier::transcript::reduce(y));
    Ok(())
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The verifier's side.
#[derive(Clone, Debug)]
pub struct PoseidonRead<R> {
    sponge: Sponge,
    reader: R,
}

impl<R> PoseidonRead<R> {
    /// What was not read. halo2's verifier does not look: check that nothing is left.
    #[must_use]
    pub fn into_rest(self) -> R {
        self.reader
    }
}

/// The prover's side.
#[derive(Clone, Debug)]
pub struct PoseidonWrite<W> {
    sponge: Sponge,
    writer: W,
}

impl<R: Read> TranscriptReadBuffer<R, G1Affine, Challenge> for PoseidonRead<R> {
    fn init(reader: R) -> Self {
        Self {
            sponge: Sponge::new(),
            reader,
        }
    }
}

impl<W: Write> TranscriptWriterBuffer<W, G1Affine, Challenge> for PoseidonWrite<W> {
    fn init(writer: W) -> Self {
        Self {
            sponge: Sponge::new(),
            writer,
        }
    }

    fn finalize(self) -> W {
        self.writer
    }
}

impl<R> Transcript<G1Affine, Challenge> for PoseidonRead<R> {
    fn squeeze_challenge(&mut self) -> Challenge {
        squeeze(&mut self.sponge)
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        absorb_point(&mut self.sponge, &point)
    }

    fn common_scalar(&mut self, scalar: bn256::Fr) -> io::Result<()> {
        self.sponge.absorb(from_halo2(&scalar));
        Ok(())
    }
}

impl<W> Transcript<G1Affine, Challenge> for PoseidonWrite<W> {
    fn squeeze_challenge(&mut self) -> Challenge {
        squeeze(&mut self.sponge)
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        absorb_point(&mut self.sponge, &point)
    }

    fn common_scalar(&mut self, scalar: bn256::Fr) -> io::Result<()> {
        self.sponge.absorb(from_halo2(&scalar));
        Ok(())
    }
}

impl<R: Read> TranscriptRead<G1Affine, Challenge> for PoseidonRead<R> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let mut bytes = <G1Affine as GroupEncoding>::Repr::default();
        self.reader.read_exact(bytes.as_mut())?;
        let point = Option::from(G1Affine::from_bytes(&bytes));
        let point: G1Affine = point.ok_or_else(|| invalid("a point is not on the curve"))?;
        if point.to_bytes().as_ref() != bytes.as_ref() {
            return Err(invalid("a point is not in its only accepted form"));
        }
        absorb_point(&mut self.sponge, &point)?;
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<bn256::Fr> {
        let mut bytes = [0u8; 32];
        self.reader.read_exact(&mut bytes)?;
        let scalar = Option::from(bn256::Fr::from_repr(bytes));
        let scalar: bn256::Fr = scalar.ok_or_else(|| invalid("a scalar is not below the modulus"))?;
        self.sponge.absorb(from_halo2(&scalar));
        Ok(scalar)
    }
}

impl<W: Write> TranscriptWrite<G1Affine, Challenge> for PoseidonWrite<W> {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        absorb_point(&mut self.sponge, &point)?;
        self.writer.write_all(point.to_bytes().as_ref())
    }

    fn write_scalar(&mut self, scalar: bn256::Fr) -> io::Result<()> {
        self.sponge.absorb(from_halo2(&scalar));
        self.writer.write_all(scalar.to_repr().as_ref())
    }
}
