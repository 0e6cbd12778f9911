//! Setups of public ceremonies: imported from a powers-of-tau file into a folder, and loaded from it.
//!
//! The folder holds
//!
//! ```text
//! ceremony.g2                 "PFSETUP1" | [s] in G2 128, as playfair_proofs_verifier::setup::Ceremony reads it
//! powers-of-tau-powers-K.srs      files of points (`points`), whose headers carry the ceremony's digest
//! powers-of-tau-lagrange-K.srs
//! ```
//!
//! `ceremony.g2` is all that a verifier needs. It is written last, so that a folder without it holds no setup. Points are checked by
//! their files' hashes for damage, and by [`super::structure`] for being what they should, **whenever they are loaded**: then
//! nothing in the folder is trusted but `[s]`, and that is pinned by its digest.

use super::points::{Basis, Family, write};
use super::ptau;
use super::structure::{StructureError, check_lagrange, check_powers, sum};
use super::{K_RANGE, Params, SetupError, group_fft, params};
use halo2_proofs::halo2curves::CurveAffine;
use halo2_proofs::halo2curves::bn256::{Fq, Fq2, Fr, G1Affine, G2Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use playfair_proofs_verifier::setup::Ceremony;
use rand_core::OsRng;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// File of `[s]`.
const POINT_FILE: &str = "ceremony.g2";
const MAGIC: [u8; 8] = *b"PFSETUP1";

/// What an import has just done, for people who wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The file, which has `2^power` powers in G2, was read as far as `2^k` rows need.
    Read {
        /// Of the file.
        power: u32,
        /// Of the largest size.
        k: u32,
    },
    /// The points are powers of one secret.
    Checked,
    /// The Lagrange basis of a size is checked and kept.
    Prepared {
        /// The size.
        k: u32,
        /// Whether it had to be computed: the file offered none, or one that is not its powers'.
        computed: bool,
    },
}

/// Imports the file for circuits of `2^k` rows, for each `k` of `sizes`, into `folder`; it is made if missing. A folder that holds the
/// same ceremony gets the sizes beside those that it has. Stopped at any time, it leaves no file that would be believed.
///
/// # Errors
/// [`SetupError`].
pub fn import(
    file: &Path,
    sizes: &[u32],
    folder: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Ceremony, SetupError> {
    let in_range = |k: &&u32| !K_RANGE.contains(k);
    if let Some(k) = sizes.iter().find(in_range) {
        return Err(SetupError::Size(*k));
    }
    let largest = *sizes.iter().max().ok_or(SetupError::Size(0))?;
    let failed = |error| SetupError::File(file.to_owned(), error);
    let mut source = fs::File::open(file).map_err(failed)?;
    if !source.metadata().map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("it is no file")));
    }
    let powers =
        ptau::read(&mut source, largest).map_err(|error| SetupError::Ptau(file.to_owned(), error))?;
    progress(Progress::Read {
        power: powers.power,
        k: largest,
    });

    let structure = |error| SetupError::Structure(file.to_owned(), error);
    let [one, secret] = powers.in_g2;
    if one != G2Affine::generator() {
        return Err(structure(StructureError::FirstInG2));
    }
    let ceremony =
        Ceremony::new(&to_bytes(&secret)).map_err(|error| SetupError::Point(file.to_owned(), error))?;
    let r = Fr::random(OsRng);
    check_powers(&powers.in_g1, &secret, r, &sum(&powers.in_g1, r)).map_err(structure)?;
    progress(Progress::Checked);

    let point = folder.join(POINT_FILE);
    match read_point(&point) {
        Ok(bytes) if bytes == ceremony.to_bytes() => {}
        Err(SetupError::NoSetup(_)) => {}
        Ok(_) => return Err(SetupError::OtherCeremony(folder.to_owned())),
        Err(error) => return Err(error),
    }
    let family = family(folder, &ceremony);
    family.store(Basis::Powers, largest, &powers.in_g1)?;
    for k in sizes {
        let part = powers.in_g1.get(..1 << k).ok_or(SetupError::Size(*k))?;
        let offered = ptau::lagrange(&mut source, &powers, *k)
            .map_err(|error| SetupError::Ptau(file.to_owned(), error))?;
        let is_right = |basis: &[G1Affine]| {
            // Drawn when the points are there.
            let r = Fr::random(OsRng);
            check_lagrange(basis, r, &sum(part, r))
        };
        let offered = offered.filter(|basis| is_right(basis).is_ok());
        let computed = offered.is_none();
        let basis = offered.unwrap_or_else(|| group_fft::lagrange(part));
        if computed {
            is_right(&basis).map_err(structure)?;
        }
        family.store(Basis::Lagrange, *k, &basis)?;
        progress(Progress::Prepared { k: *k, computed });
    }
    write(&point, &[&MAGIC, &ceremony.to_bytes()])?;
    Ok(ceremony)
}

/// The ceremony whose setup the folder holds, if it is the pinned one. Reads 136 bytes: it is what verifiers need.
///
/// # Errors
/// [`SetupError::NoSetup`], [`SetupError::Damaged`], [`SetupError::Point`], [`SetupError::File`].
pub fn pinned(folder: &Path, digest: &[u8; 32]) -> Result<Ceremony, SetupError> {
    let file = folder.join(POINT_FILE);
    let bytes = read_point(&file)?;
    Ceremony::pinned(&bytes, digest).map_err(|error| SetupError::Point(file, error))
}

/// The setup that the folder holds for `2^k` rows, checked, if it is the pinned ceremony's.
///
/// # Errors
/// [`SetupError`].
pub fn load(folder: &Path, digest: &[u8; 32], k: u32) -> Result<Params, SetupError> {
    let ceremony = pinned(folder, digest)?;
    let point = || folder.join(POINT_FILE);
    let secret = from_bytes(&ceremony.to_bytes()).ok_or_else(|| SetupError::Damaged(point()))?;
    let family = family(folder, &ceremony);
    let load = |basis| {
        let points = family.load(basis, k)?;
        points.ok_or_else(|| SetupError::Unprepared(folder.to_owned(), k))
    };
    if !K_RANGE.contains(&k) {
        return Err(SetupError::Size(k));
    }
    let (powers, lagrange) = (load(Basis::Powers)?, load(Basis::Lagrange)?);
    let r = Fr::random(OsRng);
    let sum = sum(&powers, r);
    check_powers(&powers, &secret, r, &sum)
        .and_then(|()| check_lagrange(&lagrange, r, &sum))
        .map_err(|error| SetupError::Structure(folder.to_owned(), error))?;
    Ok(params(k, powers, lagrange, secret))
}

fn family<'a>(folder: &'a Path, ceremony: &Ceremony) -> Family<'a> {
    Family {
        folder,
        name: "powers-of-tau",
        magic: [&b"PFPOWERS"[..], &ceremony.digest()].concat(),
    }
}

fn read_point(file: &PathBuf) -> Result<[u8; Ceremony::BYTES], SetupError> {
    const LENGTH: usize = MAGIC.len() + Ceremony::BYTES;
    let mut bytes = Vec::with_capacity(LENGTH + 1);
    match fs::File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(SetupError::NoSetup(file.clone()));
        }
        opened => opened
            .and_then(|opened| opened.take(LENGTH as u64 + 1).read_to_end(&mut bytes))
            .map_err(|error| SetupError::File(file.clone(), error))?,
    };
    let point = bytes.strip_prefix(&MAGIC);
    let point = point.and_then(|point| <[u8; Ceremony::BYTES]>::try_from(point).ok());
    point.ok_or_else(|| SetupError::Damaged(file.clone()))
}

/// A point of G2 as verifiers read it: `x.c0 | x.c1 | y.c0 | y.c1`, big-endian.
#[must_use]
pub fn to_bytes(point: &G2Affine) -> [u8; Ceremony::BYTES] {
    let mut bytes = [0; Ceremony::BYTES];
    let coordinates = [point.x.c0, point.x.c1, point.y.c0, point.y.c1];
    for (word, coordinate) in bytes.as_chunks_mut::<32>().0.iter_mut().zip(coordinates) {
        word.copy_from_slice(coordinate.to_repr().as_ref());
        word.reverse();
    }
    bytes
}

/// The point of such bytes, if it is on the curve.
fn from_bytes(bytes: &[u8; Ceremony::BYTES]) -> Option<G2Affine> {
    let coordinate = |place: usize| -> Option<Fq> {
        let mut repr = <Fq as PrimeField>::Repr::default();
        let word = bytes.as_chunks::<32>().0.get(place)?;
        repr.as_mut().copy_from_slice(word);
        repr.as_mut().reverse();
        Option::from(Fq::from_repr(repr))
    };
    let x = Fq2::new(coordinate(0)?, coordinate(1)?);
    let y = Fq2::new(coordinate(2)?, coordinate(3)?);
    Option::from(G2Affine::from_xy(x, y))
}

#[cfg(test)]
mod tests;
