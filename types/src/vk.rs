//! Verifying keys: their bytes, their digest, and the set that a module's shapes form.
//!
//! ```text
//! "PFVK" | version u8 = 1 | module 31 | shape u8 | k u8 | setup u8 | fixed u16 | permutation u16
//! | (x 32 | y 32) for each commitment | transcript initial state 32
//! ```
//!
//! Coordinates are below the base field's modulus, big-endian; the point at infinity is 64 zero bytes. Whether a point
//! is on the curve is the verifier's to check: it has the curve. The digest hashes `module, shape, k, setup,
//! fixed, permutation`, then for each commitment `x >> 128, x mod 2^128, y >> 128, y mod 2^128`, then the transcript state.
//!
//! The set root is a tree of [`SHAPES_MAX`] leaves: place `s` holds the digest of shape `s`, or 0; nodes as everywhere.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer, check_limit};
use crate::crypto::field::Fr;
use crate::hash::{Tag, hash, node};
use crate::module::ModuleHash;
use alloc::vec::Vec;
use ark_bn254::Fq;
use ark_ff::{AdditiveGroup, BigInteger, PrimeField};

/// Most shapes of one module: the set tree has depth 4.
pub const SHAPES_MAX: usize = 16;
/// Most preprocessed commitments of a key.
pub const COMMITMENTS_MAX: usize = 256;

/// A point of BN254 G1 as coordinates; `None` is the point at infinity.
pub type Point = Option<(Fq, Fq)>;

/// A verifying key's bytes: one module, one shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    /// The module whose code lies in the fixed columns.
    pub module: ModuleHash,
    /// Which of the module's shapes, below [`SHAPES_MAX`].
    pub shape: u8,
    /// Log2 of the rows.
    pub k: u8,
    /// Whose secret the commitments rest on. A verifier takes the setup's points from its own table.
    pub setup: Setup,
    /// Commitments of the fixed columns.
    pub fixed: Vec<Point>,
    /// Commitments of the permutation.
    pub permutation: Vec<Point>,
    /// The transcript's first input, as halo2 derives it from the constraint system.
    pub transcript: Fr,
}

/// A trusted setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Setup {
    /// Anybody knows the secret: for development only, refused on any L1 that is not a local one.
    InsecureDevelopment = 0,
    /// The pinned public Powers-of-Tau file.
    PowersOfTau = 1,
}

const MAGIC: [u8; 4] = *b"PFVK";
const VERSION: u8 = 1;

impl VerifyingKey {
    fn points(&self) -> impl Iterator<Item = &Point> {
        self.fixed.iter().chain(&self.permutation)
    }

    /// The digest that names this key in proofs and on L1.
    #[must_use]
    pub fn digest(&self) -> Fr {
        let mut elements = Vec::with_capacity(6 + 4 * (self.fixed.len() + self.permutation.len()));
        elements.push(self.module.to_field());
        elements.extend([self.shape, self.k, self.setup as u8].map(Fr::from));
        elements.extend([self.fixed.len() as u64, self.permutation.len() as u64].map(Fr::from));
        for point in self.points() {
            for coordinate in coordinates(point) {
                let (high, low) = coordinate.split_at(16);
                elements.extend([
                    Fr::from_be_bytes_mod_order(high),
                    Fr::from_be_bytes_mod_order(low),
                ]);
            }
        }
        elements.push(self.transcript);
        hash(Tag::VerifyingKey, &elements)
    }
}

/// Both coordinates as 32 big-endian bytes; infinity is zeros, which is no point of the curve.
fn coordinates(point: &Point) -> [[u8; 32]; 2] {
    let Some((x, y)) = point else { return [[0; 32]; 2] };
    [x, y].map(|coordinate| {
        let mut bytes = [0u8; 32];
        for (slot, byte) in bytes.iter_mut().zip(coordinate.into_bigint().to_bytes_be()) {
            *slot = byte;
        }
        bytes
    })
}

/// A coordinate below the base field's modulus.
fn read_coordinate(reader: &mut Reader<'_>) -> Result<Fq, DecodeError> {
    let bytes: [u8; 32] = reader.array("commitment")?;
    let value = Fq::from_be_bytes_mod_order(&bytes);
    if value.into_bigint().to_bytes_be() == bytes {
        Ok(value)
    } else {
        Err(DecodeError::NonCanonicalField("commitment"))
    }
}

fn read_points(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Point>, DecodeError> {
    let mut points = Vec::with_capacity(count);
    for _ in 0..count {
        let point = (read_coordinate(reader)?, read_coordinate(reader)?);
        points.push((point != (Fq::ZERO, Fq::ZERO)).then_some(point));
    }
    Ok(points)
}

impl Encode for VerifyingKey {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.bytes(&MAGIC)
            .u8(VERSION)
            .bytes(&self.module.0)
            .u8(self.shape)
            .u8(self.k)
            .u8(self.setup as u8);
        w.u16(u16::try_from(self.fixed.len()).unwrap_or(u16::MAX));
        w.u16(u16::try_from(self.permutation.len()).unwrap_or(u16::MAX));
        for point in self.points() {
            for coordinate in coordinates(point) {
                w.bytes(&coordinate);
            }
        }
        w.field(&self.transcript);
    }
}

impl Decode for VerifyingKey {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_magic(MAGIC)?;
        reader.expect_u8("key version", VERSION)?;
        let (module, shape, k) = (
            ModuleHash(reader.array("module")?),
            reader.u8("shape")?,
            reader.u8("k")?,
        );
        check_limit("shape", usize::from(shape), SHAPES_MAX - 1)?;
        check_limit("k", usize::from(k), 28)?;
        let setup = match reader.u8("setup")? {
            0 => Setup::InsecureDevelopment,
            1 => Setup::PowersOfTau,
            found => {
                return Err(DecodeError::Unknown {
                    what: "setup",
                    found: u64::from(found),
                });
            }
        };
        let (fixed, permutation) = (
            usize::from(reader.u16("fixed")?),
            usize::from(reader.u16("permutation")?),
        );
        check_limit("commitments", fixed + permutation, COMMITMENTS_MAX)?;
        let (fixed, permutation) = (read_points(reader, fixed)?, read_points(reader, permutation)?);
        Ok(Self {
            module,
            shape,
            k,
            setup,
            fixed,
            permutation,
            transcript: reader.field("transcript")?,
        })
    }
}

/// The digests of a module's shapes: `digests[s]` is shape `s`'s, `None` where there is no such shape.
///
/// As bytes: which shapes there are, u16, bit `s` for shape `s`; then their digests in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VkSet {
    /// One place for each shape.
    pub digests: [Option<Fr>; SHAPES_MAX],
}

impl VkSet {
    /// The root of the set: a tree of depth 4, 0 where there is no shape.
    #[must_use]
    pub fn root(&self) -> Fr {
        let mut layer: Vec<Fr> = self
            .digests
            .iter()
            .map(|digest| digest.unwrap_or(Fr::ZERO))
            .collect();
        while layer.len() > 1 {
            let (pairs, _) = layer.as_chunks::<2>();
            layer = pairs.iter().map(|[left, right]| node(*left, *right)).collect();
        }
        layer.first().copied().unwrap_or(Fr::ZERO)
    }
}

impl Encode for VkSet {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let shapes = self.digests.iter().enumerate();
        let mask = shapes.fold(0u16, |mask, (shape, digest)| {
            mask | u16::from(digest.is_some()) << shape
        });
        let mut w = Writer::new(out);
        w.u16(mask);
        for digest in self.digests.iter().flatten() {
            w.field(digest);
        }
    }
}

impl Decode for VkSet {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mask = reader.u16("shapes")?;
        let mut digests = [None; SHAPES_MAX];
        for (shape, slot) in digests.iter_mut().enumerate() {
            if (mask >> shape) & 1 == 1 {
                let digest = reader.field("VK digest")?;
                // 0 stands for no shape in the tree.
                *slot = Some(digest).filter(|digest| *digest != Fr::ZERO);
                if slot.is_none() {
                    return Err(DecodeError::NonCanonical("VK digest"));
                }
            }
        }
        Ok(Self { digests })
    }
}
