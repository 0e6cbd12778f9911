//! Files of points.
//!
//! ```text
//! magic 8 | what the family adds | basis u8 | k u8 | SHA-256 of the points 32 | points: x 32 | y 32 each, halo2curves' raw form
//! ```
//!
//! The hash finds damage, the reader also checks that every point is on the curve. Neither makes a file
//! trustworthy that somebody forged: that is for those who load it.

use super::{K_RANGE, SetupError};
use halo2_proofs::halo2curves::bn256::G1Affine;
use halo2_proofs::halo2curves::serde::SerdeObject;
use rand_core::{OsRng, RngCore};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const POINT: usize = 64;

/// Which points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// `[s^i]`: those of a smaller size are the first of a larger one.
    Powers,
    /// `[L_i(s)]`, different for every size.
    Lagrange,
}

impl Basis {
    fn name(self) -> &'static str {
        match self {
            Self::Powers => "powers",
            Self::Lagrange => "lagrange",
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Powers => 0,
            Self::Lagrange => 1,
        }
    }
}

/// Files of one setup in one folder.
#[derive(Clone, Debug)]
pub(super) struct Family<'a> {
    pub(super) folder: &'a Path,
    /// How their names begin.
    pub(super) name: &'static str,
    /// How the files begin.
    pub(super) magic: Vec<u8>,
}

/// What a file is like.
enum Found {
    Intact(Vec<G1Affine>),
    Damaged,
    Missing,
}

impl Family<'_> {
    pub(super) fn file(&self, basis: Basis, k: u32) -> PathBuf {
        self.folder
            .join(format!("{}-{}-{k}.srs", self.name, basis.name()))
    }

    fn header(&self, basis: Basis, k: u32, points: &[u8]) -> Vec<u8> {
        let mut header = self.magic.clone();
        // K_RANGE is far below 256.
        header.extend([basis.byte(), k as u8]);
        header.extend(Sha256::digest(points).as_slice());
        header
    }

    /// The first `2^k` points of the basis, if an intact file has them.
    ///
    /// # Errors
    /// When a file that is there cannot be read; [`SetupError::Damaged`] when none is intact and one was damaged.
    pub(super) fn load(&self, basis: Basis, k: u32) -> Result<Option<Vec<G1Affine>>, SetupError> {
        let largest = match basis {
            Basis::Powers => *K_RANGE.end(),
            Basis::Lagrange => k,
        };
        let mut damaged = None;
        for size in k..=largest {
            let path = self.file(basis, size);
            match self.read(&path, basis, size, 1 << k) {
                Ok(Found::Intact(points)) => return Ok(Some(points)),
                Ok(Found::Missing) => {}
                Ok(Found::Damaged) => damaged = damaged.or(Some(path)),
                Err(error) => return Err(SetupError::File(path, error)),
            }
        }
        damaged.map_or(Ok(None), |path| Err(SetupError::Damaged(path)))
    }

    /// The first `count` points of a file.
    fn read(&self, path: &Path, basis: Basis, k: u32, count: usize) -> io::Result<Found> {
        let file = match fs::File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
            opened => opened?,
        };
        let header = self.magic.len() + 2 + 32;
        let length = header + (POINT << k);
        if file.metadata()?.len() != length as u64 {
            return Ok(Found::Damaged);
        }
        let mut bytes = Vec::with_capacity(length);
        file.take(length as u64).read_to_end(&mut bytes)?;
        let Some((found, points)) = bytes.split_at_checked(header) else {
            return Ok(Found::Damaged);
        };
        if found != self.header(basis, k, points) {
            return Ok(Found::Damaged);
        }
        let points = points.par_chunks_exact(POINT).take(count);
        // Checks that coordinates are below the modulus and on the curve.
        let points = points.map(G1Affine::from_raw_bytes);
        let points = points.collect::<Option<Vec<_>>>();
        Ok(match points.filter(|points| points.len() == count) {
            Some(points) => Found::Intact(points),
            None => Found::Damaged,
        })
    }

    /// Writes a file: whole or not at all.
    ///
    /// # Errors
    /// [`SetupError::File`].
    pub(super) fn store(&self, basis: Basis, k: u32, points: &[G1Affine]) -> Result<(), SetupError> {
        let path = self.file(basis, k);
        let mut bytes = Vec::with_capacity(points.len() * POINT);
        for point in points {
            let written = point.write_raw(&mut bytes);
            written.map_err(|error| SetupError::File(path.clone(), error))?;
        }
        write(&path, &[&self.header(basis, k, &bytes), &bytes])
    }
}

/// Writes a file, whole or not at all: under another name, to the disk, and then by a new name. What a killed process or a full disk
/// leaves is never read.
///
/// # Errors
/// [`SetupError::File`].
pub(super) fn write(path: &Path, parts: &[&[u8]]) -> Result<(), SetupError> {
    // Not the process's number: machines and containers that share a folder share those too, and others could lay a link there.
    let partial = path.with_extension(format!("partial-{:016x}", OsRng.next_u64()));
    let write = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut out = fs::File::create_new(&partial)?;
        for part in parts {
            out.write_all(part)?;
        }
        out.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(|error| {
        // Nothing is lost if it is not there.
        let _ = fs::remove_file(&partial);
        SetupError::File(path.to_owned(), error)
    })
}
