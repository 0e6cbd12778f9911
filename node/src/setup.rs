//! The setup that keys and proofs rest on: `playfair setup import`, and the choice that every other command asks for.
//!
//! There is no default. The insecure setup is taken where it is asked for by name; a ceremony's is taken from a folder, and only if
//! it is the one of the digest that was given with it.

use crate::table::hex;
use anyhow::{Context, Result, bail};
use playfair_proofs_prover::setup::ceremony::{self, Progress};
use playfair_proofs_prover::setup::{Params, insecure_development};
use playfair_proofs_verifier::Trust;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A ceremony's digest.
pub type Digest = [u8; 32];

/// Whose powers the commitments rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The development setup, whose secret anybody knows.
    Insecure {
        /// Folder for its points.
        cache: Option<PathBuf>,
    },
    /// A public ceremony.
    Ceremony {
        /// Folder that [`import`] filled.
        folder: PathBuf,
        /// Which ceremony it must be.
        digest: Digest,
    },
}

impl Choice {
    /// The choice that options name.
    ///
    /// # Errors
    /// When they name none or both, or the digest is none.
    pub fn new(
        folder: Option<PathBuf>,
        digest: Option<&str>,
        insecure: bool,
        cache: Option<PathBuf>,
    ) -> Result<Self> {
        match (folder, digest, insecure) {
            (None, None, true) => Ok(Self::Insecure { cache }),
            (Some(folder), Some(digest), false) => Ok(Self::Ceremony {
                folder,
                digest: parse(digest)?,
            }),
            _ => bail!(
                "which setup? Give --setup FOLDER --setup-digest HEX for a public ceremony's (`playfair setup import` makes the \
                 folder), or --insecure for the development setup, whose proofs convince nobody"
            ),
        }
    }

    /// Its parameters for `2^k` rows.
    ///
    /// # Errors
    /// When folder or cache have none that are right.
    pub fn params(&self, k: u32) -> Result<Params> {
        Ok(match self {
            Self::Insecure { cache } => insecure_development(k, cache.as_deref())?,
            Self::Ceremony { folder, digest } => ceremony::load(folder, digest, k)?,
        })
    }

    /// What a verifier believes in.
    ///
    /// # Errors
    /// When the folder holds no setup, or another ceremony's.
    pub fn trust(&self) -> Result<Trust> {
        Ok(match self {
            Self::Insecure { .. } => Trust::InsecureDevelopmentToo,
            Self::Ceremony { folder, digest } => Trust::Ceremony(ceremony::pinned(folder, digest)?),
        })
    }

    /// Its name, for people.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Insecure { .. } => "insecure, for development only".to_owned(),
            Self::Ceremony { digest, .. } => format!("powers of tau, digest {}", hex(digest)),
        }
    }
}

fn parse(digest: &str) -> Result<Digest> {
    let wrong = || format!("--setup-digest {digest}: a digest is 64 hexadecimal digits");
    let mut bytes = [0; 32];
    let (pairs, rest) = digest.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        bail!(wrong());
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let nibble = |digit: u8| char::from(digit).to_digit(16);
        let [high, low] = pair.map(nibble);
        let (high, low) = high.zip(low).with_context(wrong)?;
        // Two digits of 16 make a byte.
        *byte = (high << 4 | low) as u8;
    }
    Ok(bytes)
}

/// Imports a powers-of-tau file of snarkjs for circuits of these sizes, and says what it does.
///
/// # Errors
/// When the file is no setup for these sizes, or the folder cannot be written or holds another ceremony's.
pub fn import(file: &Path, sizes: &[u32], folder: &Path, out: &mut dyn Write) -> Result<()> {
    let mut begin = Instant::now();
    // What cannot be shown is no reason to stop.
    let mut say = |words: String| {
        let took = begin.elapsed().as_secs_f64();
        let _ = writeln!(out, "{words} ({took:.1} s)").and_then(|()| out.flush());
        begin = Instant::now();
    };
    let ceremony = ceremony::import(file, sizes, folder, &mut |progress| match progress {
        Progress::Read { power, k } => {
            say(format!(
                "read      powers for 2^{k} rows, of 2^{power} in the file"
            ));
        }
        Progress::Checked => say("checked   they are the powers of one secret".to_owned()),
        Progress::Prepared { k, computed } => say(format!(
            "prepared  k = {k}: Lagrange basis, {} checked against the powers",
            if computed {
                "computed and"
            } else {
                "taken from the file and"
            }
        )),
    })?;
    writeln!(
        out,
        "\nfolder    {}\ndigest    {}\n\n\
         The digest names the ceremony, whatever the size. Compare it with the one that your chain pins. That the ceremony was\n\
         held well, this does not show: `snarkjs powersoftau verify` checks its contributions.",
        folder.display(),
        hex(&ceremony.digest()),
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_setup_is_chosen_and_none_by_default() {
        let folder = || Some(PathBuf::from("setup"));
        let digest = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
        let chosen = Choice::new(folder(), Some(digest), false, None).unwrap();
        assert!(
            chosen.name().ends_with(&digest.to_lowercase()),
            "{}",
            chosen.name()
        );
        assert!(matches!(
            Choice::new(None, None, true, None),
            Ok(Choice::Insecure { .. })
        ));
        for (folder, digest, insecure) in [
            (None, None, false),
            (folder(), None, false),
            (None, Some(digest), false),
            (folder(), Some(digest), true),
            (None, Some(digest), true),
            (folder(), None, true),
        ] {
            let words = Choice::new(folder, digest, insecure, None)
                .unwrap_err()
                .to_string();
            assert!(words.contains("which setup?"), "{words}");
        }
        let short = &digest[1..];
        let long = format!("{digest}0");
        let other = digest.replace('f', "g");
        let wide = digest.replacen("00", "é", 1);
        for bad in ["", short, &long, &other, &wide, &format!("0x{}", &digest[2..])] {
            let words = Choice::new(folder(), Some(bad), false, None)
                .unwrap_err()
                .to_string();
            assert!(words.contains("64 hexadecimal digits"), "{words}");
        }
    }
}
