//! Files of points.
//!
//! ```text
//! "PFINSECU" | basis u8 | k u8 | SHA-256 of the points 32 | points: x 32 | y 32 each, halo2curves' raw form
//! ```
//!
//! The hash finds damage, the reader also checks that every point is on the curve. Neither makes a file
//! trustworthy that somebody forged: with wrong points one makes keys and proofs that verifiers, who pin
//! `[s]`, refuse.

use super::{K_RANGE, SetupError};
use halo2_proofs::halo2curves::bn256::G1Affine;
use halo2_proofs::halo2curves::serde::SerdeObject;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

const MAGIC: [u8; 8] = *b"PFINSECU";
const HEADER: usize = MAGIC.len() + 2 + 32;
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

fn file(folder: &Path, basis: Basis, k: u32) -> PathBuf {
    folder.join(format!("insecure-development-{}-{k}.srs", basis.name()))
}

fn header(basis: Basis, k: u32, points: &[u8]) -> [u8; HEADER] {
    let mut header = [0u8; HEADER];
    header[..8].copy_from_slice(&MAGIC);
    header[8] = basis.byte();
    // K_RANGE is far below 256.
    header[9] = k as u8;
    header[10..].copy_from_slice(&Sha256::digest(points));
    header
}

/// The first `2^k` points of the basis, if an intact file has them.
pub(super) fn load(folder: &Path, basis: Basis, k: u32) -> Result<Option<Vec<G1Affine>>, SetupError> {
    let largest = match basis {
        Basis::Powers => *K_RANGE.end(),
        Basis::Lagrange => k,
    };
    for size in k..=largest {
        let path = file(folder, basis, size);
        match read(&path, basis, size, 1 << k) {
            Ok(Some(points)) => return Ok(Some(points)),
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(SetupError::Cache(path, error)),
        }
    }
    Ok(None)
}

/// The first `count` points of a file, or nothing when the file is damaged.
fn read(path: &Path, basis: Basis, k: u32, count: usize) -> io::Result<Option<Vec<G1Affine>>> {
    let file = fs::File::open(path)?;
    let length = HEADER + (POINT << k);
    if file.metadata()?.len() != length as u64 {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(length);
    file.take(length as u64).read_to_end(&mut bytes)?;
    let Some((found, points)) = bytes.split_at_checked(HEADER) else {
        return Ok(None);
    };
    if found != header(basis, k, points) {
        return Ok(None);
    }
    let points = points.par_chunks_exact(POINT).take(count);
    // Checks that coordinates are below the modulus and on the curve.
    let points = points.map(G1Affine::from_raw_bytes);
    Ok(points
        .collect::<Option<Vec<_>>>()
        .filter(|points| points.len() == count))
}

/// Writes a file: whole or not at all.
pub(super) fn store(folder: &Path, basis: Basis, k: u32, points: &[G1Affine]) -> Result<(), SetupError> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let path = file(folder, basis, k);
    let mut bytes = Vec::with_capacity(points.len() * POINT);
    for point in points {
        let written = point.write_raw(&mut bytes);
        written.map_err(|error| SetupError::Cache(path.clone(), error))?;
    }
    let unique = format!(
        "{}-{}",
        std::process::id(),
        COUNTER.fetch_add(1, Ordering::Relaxed)
    );
    let partial = path.with_extension(format!("partial-{unique}"));
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut out = fs::File::create(&partial)?;
        out.write_all(&header(basis, k, &bytes))?;
        out.write_all(&bytes)?;
        fs::rename(&partial, &path)
    };
    write().map_err(|error| {
        // Nothing is lost if it is not there.
        let _ = fs::remove_file(&partial);
        SetupError::Cache(path.clone(), error)
    })
}
