//! Reader of powers-of-tau files as snarkjs writes them (`.ptau`), for BN254. All numbers are little-endian.
//!
//! ```text
//! "ptau" | version u32 = 1 | sections u32 | sections: type u32 | length u64 | bytes
//! 1  u32 = 32 | the base field's modulus q 32 | power u32 | power of the whole ceremony u32
//! 2  [s^i] in G1 for i < 2^(power+1) - 1: x 32 | y 32
//! 3  [s^i] in G2 for i < 2^power: x.c0 | x.c1 | y.c0 | y.c1, 32 each
//! 12 Lagrange bases in G1 for 1, 2, 4, ... 2^(power+1) rows; in files that are prepared for phase 2
//! ```
//!
//! Coordinates are in Montgomery form, below q. Sections come in any order; each type occurs once; the last one ends where the file
//! ends. Other types are skipped by their lengths: 4 to 7 (other secrets, contributions), 13 to 15 (bases of what is not used). A
//! Lagrange basis is an offer, that saves computing it and is worth nothing before it is held against the powers ([`lagrange`]).
//!
//! What is read is checked point by point: the first `2^k` powers in G1, on the curve and not at infinity, and the first two in
//! G2, in the subgroup too. Points that nobody will use are not looked at. That the powers are those of one secret is for
//! [`super::structure`] to show. Memory is what the result takes, whatever the file says of its lengths.

use super::K_RANGE;
use halo2_proofs::halo2curves::CurveAffine;
use halo2_proofs::halo2curves::bn256::{Fq, Fq2, G1Affine, G2Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::halo2curves::group::cofactor::CofactorGroup;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::serde::SerdeObject;
use rayon::prelude::*;
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

const MAGIC: [u8; 4] = *b"ptau";
const VERSION: u32 = 1;
/// More than any version of snarkjs writes.
const SECTIONS_MAX: u32 = 64;
/// The group of the field's roots of unity ends here.
const POWER_MAX: u32 = 28;
const HEADER: u32 = 1;
const POWERS_G1: u32 = 2;
const POWERS_G2: u32 = 3;
const LAGRANGE_G1: u32 = 12;
const HEADER_BYTES: u64 = 44;
const G1_BYTES: usize = 64;
const G2_BYTES: usize = 128;
/// Points that are read at a time.
const CHUNK: usize = 1 << 12;

/// What a file holds that is used here.
#[derive(Clone, Debug)]
pub struct Powers {
    /// `[s^i]` in G1 for `i < 2^k`.
    pub in_g1: Vec<G1Affine>,
    /// `[1]` and `[s]` in G2.
    pub in_g2: [G2Affine; 2],
    /// Log2 of the powers that the file has in G2.
    pub power: u32,
    /// Where Lagrange bases are, if anywhere.
    bases: Option<Section>,
}

/// What is wrong with a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointFault {
    /// A coordinate is not below the modulus.
    Coordinate,
    /// It is not on the curve.
    OffCurve,
    /// It is at infinity.
    Infinity,
    /// It is on the curve in G2 and outside the subgroup.
    OutsideSubgroup,
}

/// Why a file is not read.
#[derive(Debug)]
pub enum PtauError {
    /// The file cannot be read.
    Io(io::Error),
    /// It is no `.ptau` file.
    Magic,
    /// Its version is not 1.
    Version(u32),
    /// It claims so many sections.
    Sections(u32),
    /// It ends before the section with this number (in order) does.
    Cut(u32),
    /// So many bytes follow its last section.
    Trailing(u64),
    /// Two sections have this type.
    Repeated(u32),
    /// It has no section of this type.
    Missing(u32),
    /// It is for another curve.
    Field,
    /// These powers, of the file and of the ceremony, are none.
    Power(u32, u32),
    /// It is too small.
    Small {
        /// What it has.
        power: u32,
        /// What is asked for.
        k: u32,
    },
    /// No circuit has this size.
    Size(u32),
    /// A section's length is not what header and type say.
    Length {
        /// Its type.
        section: u32,
        /// What the header says.
        wanted: u64,
        /// Its length.
        found: u64,
    },
    /// A point is none.
    Point {
        /// The section's type.
        section: u32,
        /// The point's place in it.
        number: usize,
        /// What is wrong with it.
        fault: PointFault,
    },
}

impl From<io::Error> for PtauError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for PointFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Coordinate => "has a coordinate that is not below the modulus",
            Self::OffCurve => "is not on the curve",
            Self::Infinity => "is at infinity",
            Self::OutsideSubgroup => "is outside the subgroup",
        })
    }
}

impl fmt::Display for PtauError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// What to do with a file that nobody's mistake explains.
        const AGAIN: &str = "download it again and compare its hash with the published one";
        match self {
            Self::Io(error) => write!(f, "cannot be read: {error}"),
            Self::Magic => write!(f, "is no .ptau file: give one that snarkjs wrote or verified"),
            Self::Version(version) => {
                write!(f, "has version {version} of the format: only version 1 is known")
            }
            Self::Sections(count) => write!(f, "claims {count} sections: {AGAIN}"),
            Self::Cut(number) => write!(f, "ends within its section number {number}: {AGAIN}"),
            Self::Trailing(bytes) => write!(f, "has {bytes} bytes after its last section: {AGAIN}"),
            Self::Repeated(section) => write!(f, "has two sections of type {section}: {AGAIN}"),
            Self::Missing(section) => write!(f, "has no section of type {section}: {AGAIN}"),
            Self::Field => write!(f, "is for another curve: give a file for BN254 (snarkjs: bn128)"),
            Self::Power(power, ceremony) => {
                write!(f, "claims power {power} of a ceremony of {ceremony}: {AGAIN}")
            }
            Self::Small { power, k } => write!(
                f,
                "has powers for 2^{power} rows, 2^{k} are asked for: give a larger file of the ceremony, or a smaller k"
            ),
            Self::Size(k) => write!(
                f,
                "cannot serve k = {k}: k is {} to {}",
                K_RANGE.start(),
                K_RANGE.end()
            ),
            Self::Length {
                section,
                wanted,
                found,
            } => write!(
                f,
                "has {found} bytes in section {section} where its header asks for {wanted}: {AGAIN}"
            ),
            Self::Point {
                section,
                number,
                fault,
            } => {
                write!(f, "point {number} of section {section} {fault}: {AGAIN}")
            }
        }
    }
}

impl std::error::Error for PtauError {}

/// Where a section lies.
#[derive(Clone, Copy, Debug)]
struct Section {
    start: u64,
    length: u64,
}

/// Reads what `2^k` rows need.
///
/// # Errors
/// [`PtauError`], for any file that is not exactly of the format.
pub fn read<S: Read + Seek>(source: &mut S, k: u32) -> Result<Powers, PtauError> {
    if !K_RANGE.contains(&k) {
        return Err(PtauError::Size(k));
    }
    let ([header, g1, g2], bases) = sections(source)?;
    let power = power(source, header)?;
    for (section, found, wanted) in [
        (POWERS_G1, g1, ((2u64 << power) - 1) * G1_BYTES as u64),
        (POWERS_G2, g2, (1u64 << power) * G2_BYTES as u64),
    ] {
        if found.length != wanted {
            return Err(PtauError::Length {
                section,
                wanted,
                found: found.length,
            });
        }
    }
    if power < k {
        return Err(PtauError::Small { power, k });
    }

    source.seek(SeekFrom::Start(g2.start))?;
    let mut in_g2 = [G2Affine::identity(); 2];
    for (number, point) in in_g2.iter_mut().enumerate() {
        *point = self::g2(&bytes::<G2_BYTES, _>(source)?).map_err(|fault| PtauError::Point {
            section: POWERS_G2,
            number,
            fault,
        })?;
    }
    source.seek(SeekFrom::Start(g1.start))?;
    Ok(Powers {
        in_g1: powers(source, 1 << k)?,
        in_g2,
        power,
        bases,
    })
}

/// The Lagrange basis for `2^k` rows that the file from which `powers` were read offers. Its points are points, and nothing more is known
/// of them. Nothing if it offers none, or no points.
///
/// # Errors
/// [`PtauError::Io`].
pub fn lagrange<S: Read + Seek>(
    source: &mut S,
    powers: &Powers,
    k: u32,
) -> Result<Option<Vec<G1Affine>>, PtauError> {
    let wanted = ((4u64 << powers.power) - 1) * G1_BYTES as u64;
    let found = powers.bases.filter(|bases| bases.length == wanted);
    let Some(bases) = found.filter(|_| k <= powers.power) else {
        return Ok(None);
    };
    let before = ((1u64 << k) - 1) * G1_BYTES as u64;
    source.seek(SeekFrom::Start(bases.start + before))?;
    match self::powers(source, 1 << k) {
        Ok(points) => Ok(Some(points)),
        Err(PtauError::Point { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Walks all sections to the file's end, and returns the three that must be there, and the Lagrange bases.
fn sections<S: Read + Seek>(source: &mut S) -> Result<([Section; 3], Option<Section>), PtauError> {
    let end = source.seek(SeekFrom::End(0))?;
    source.seek(SeekFrom::Start(0))?;
    if end < 12 || bytes::<4, _>(source)? != MAGIC {
        return Err(PtauError::Magic);
    }
    let version = number(source)?;
    if version != VERSION {
        return Err(PtauError::Version(version));
    }
    let count = number(source)?;
    if count == 0 || count > SECTIONS_MAX {
        return Err(PtauError::Sections(count));
    }
    let mut seen: Vec<(u32, Section)> = Vec::new();
    let mut at = 12u64;
    for place in 1..=count {
        // Never beyond the end: `at` is at most `end` here.
        if end - at < 12 {
            return Err(PtauError::Cut(place));
        }
        let section = number(source)?;
        let length = u64::from_le_bytes(bytes(source)?);
        let start = at + 12;
        if length > end - start {
            return Err(PtauError::Cut(place));
        }
        if seen.iter().any(|(other, _)| *other == section) {
            return Err(PtauError::Repeated(section));
        }
        seen.push((section, Section { start, length }));
        at = source.seek(SeekFrom::Start(start + length))?;
    }
    if at != end {
        return Err(PtauError::Trailing(end - at));
    }
    let find = |wanted: u32| {
        let found = seen.iter().find(|(section, _)| *section == wanted);
        found.map(|(_, place)| *place)
    };
    let required = |wanted: u32| find(wanted).ok_or(PtauError::Missing(wanted));
    let three = [required(HEADER)?, required(POWERS_G1)?, required(POWERS_G2)?];
    Ok((three, find(LAGRANGE_G1)))
}

/// The header's power.
fn power<S: Read + Seek>(source: &mut S, section: Section) -> Result<u32, PtauError> {
    if section.length != HEADER_BYTES {
        return Err(PtauError::Length {
            section: HEADER,
            wanted: HEADER_BYTES,
            found: section.length,
        });
    }
    source.seek(SeekFrom::Start(section.start))?;
    let width = number(source)?;
    let modulus: [u8; 32] = bytes(source)?;
    if width != 32 || modulus != self::modulus() {
        return Err(PtauError::Field);
    }
    let (power, ceremony) = (number(source)?, number(source)?);
    if power == 0 || power > ceremony || ceremony > POWER_MAX {
        return Err(PtauError::Power(power, ceremony));
    }
    Ok(power)
}

/// q: one more than the largest element.
fn modulus() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice((-Fq::ONE).to_repr().as_ref());
    // q - 1 is even: nothing carries.
    bytes[0] += 1;
    bytes
}

/// `count` points in G1.
fn powers<S: Read>(source: &mut S, count: usize) -> Result<Vec<G1Affine>, PtauError> {
    let mut points = Vec::with_capacity(count);
    let mut buffer = vec![0; CHUNK.min(count) * G1_BYTES];
    while points.len() < count {
        let bytes = &mut buffer[..CHUNK.min(count - points.len()) * G1_BYTES];
        source.read_exact(bytes)?;
        let read: Vec<_> = bytes.par_chunks_exact(G1_BYTES).map(g1).collect();
        for point in read {
            let number = points.len();
            points.push(point.map_err(|fault| PtauError::Point {
                section: POWERS_G1,
                number,
                fault,
            })?);
        }
    }
    Ok(points)
}

fn g1(bytes: &[u8]) -> Result<G1Affine, PointFault> {
    let (x, y) = bytes.split_at(G1_BYTES / 2);
    let [x, y] = [x, y].map(Fq::from_raw_bytes);
    let (x, y) = x.zip(y).ok_or(PointFault::Coordinate)?;
    if (x, y) == (Fq::ZERO, Fq::ZERO) {
        return Err(PointFault::Infinity);
    }
    Option::from(G1Affine::from_xy(x, y)).ok_or(PointFault::OffCurve)
}

fn g2(bytes: &[u8]) -> Result<G2Affine, PointFault> {
    let (x, y) = bytes.split_at(G2_BYTES / 2);
    let [x, y] = [x, y].map(Fq2::from_raw_bytes);
    let (x, y) = x.zip(y).ok_or(PointFault::Coordinate)?;
    if (x, y) == (Fq2::ZERO, Fq2::ZERO) {
        return Err(PointFault::Infinity);
    }
    let point: G2Affine = Option::from(G2Affine::from_xy(x, y)).ok_or(PointFault::OffCurve)?;
    if bool::from(point.to_curve().is_torsion_free()) {
        Ok(point)
    } else {
        Err(PointFault::OutsideSubgroup)
    }
}

fn bytes<const N: usize, S: Read>(source: &mut S) -> Result<[u8; N], PtauError> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn number<S: Read>(source: &mut S) -> Result<u32, PtauError> {
    Ok(u32::from_le_bytes(bytes(source)?))
}

#[cfg(test)]
mod tests;
