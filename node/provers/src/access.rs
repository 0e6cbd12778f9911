//! Which workers may come from outside: names, with the hashes of their secrets.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// No list of ours is longer, bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Invitations that one node gives.
const INVITED_MAX: usize = 1_024;

/// Why the list could not be read or changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum AccessError {
    /// Its file.
    File(PathBuf, io::Error),
    /// It is not what this program writes.
    Damaged(PathBuf, String),
    /// A name that workers cannot have.
    Name(String),
    /// There is one of this name.
    Exists(String),
    /// There is none of this name.
    Unknown(String),
    /// No more may be invited.
    Full,
    /// The system gives no randomness.
    Random,
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Damaged(path, what) => write!(
                f,
                "{}: {what}: restore it from a backup, or remove it and invite the workers again",
                path.display()
            ),
            Self::Name(name) => write!(
                f,
                "{name:?} is no name for a worker: use 1 to 32 of a to z, 0 to 9 and -, beginning with a letter"
            ),
            Self::Exists(name) => write!(f, "{name} is invited already: take the invitation back first"),
            Self::Unknown(name) => write!(f, "there is no invitation for {name}"),
            Self::Full => write!(f, "{INVITED_MAX} workers are invited, no more may be"),
            Self::Random => f.write_str("the system gives no randomness"),
        }
    }
}

impl std::error::Error for AccessError {}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Name to SHA-256 of the secret, hexadecimal.
    invited: BTreeMap<String, String>,
}

/// The list, in a file.
#[derive(Debug)]
pub struct Access {
    path: PathBuf,
    /// Name to SHA-256 of the secret.
    invited: Mutex<BTreeMap<String, [u8; 32]>>,
}

impl Access {
    /// Reads the list; an empty one if there is no file.
    ///
    /// # Errors
    /// [`AccessError::File`], [`AccessError::Damaged`].
    pub fn open(path: &Path) -> Result<Self, AccessError> {
        let failed = |error| AccessError::File(path.to_owned(), error);
        let damaged = |what: &str| AccessError::Damaged(path.to_owned(), what.to_owned());
        let file = match fs::File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => File::default(),
            Err(error) => return Err(failed(error)),
            Ok(file) => {
                let mut bytes = Vec::new();
                file.take(FILE_BYTES_MAX + 1)
                    .read_to_end(&mut bytes)
                    .map_err(failed)?;
                if bytes.len() as u64 > FILE_BYTES_MAX {
                    return Err(damaged("it is too long"));
                }
                serde_json::from_slice(&bytes).map_err(|error| damaged(&error.to_string()))?
            }
        };
        let mut invited = BTreeMap::new();
        for (name, hash) in file.invited {
            let hash = from_hex(&hash).ok_or_else(|| damaged("a hash is none"))?;
            if !is_name(&name) {
                return Err(damaged("a name is none"));
            }
            invited.insert(name, hash);
        }
        Ok(Self {
            path: path.to_owned(),
            invited: Mutex::new(invited),
        })
    }

    /// Invites a worker. The secret is told once, and not kept.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn invite(&self, name: &str) -> Result<[u8; 32], AccessError> {
        if !is_name(name) {
            return Err(AccessError::Name(name.chars().take(64).collect()));
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| AccessError::Random)?;
        let mut invited = self.invited();
        if invited.contains_key(name) {
            return Err(AccessError::Exists(name.to_owned()));
        }
        if invited.len() >= INVITED_MAX {
            return Err(AccessError::Full);
        }
        let mut new = invited.clone();
        new.insert(name.to_owned(), Sha256::digest(secret).into());
        self.save(&new)?;
        *invited = new;
        Ok(secret)
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn revoke(&self, name: &str) -> Result<(), AccessError> {
        let mut invited = self.invited();
        let mut new = invited.clone();
        if new.remove(name).is_none() {
            return Err(AccessError::Unknown(name.chars().take(64).collect()));
        }
        self.save(&new)?;
        *invited = new;
        Ok(())
    }

    /// Who is invited.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.invited().keys().cloned().collect()
    }

    /// Whose secret this is. What is compared are hashes, so the time that it takes says nothing about secrets.
    pub(crate) fn who(&self, secret: &[u8]) -> Option<String> {
        let hash: [u8; 32] = Sha256::digest(secret).into();
        let invited = self.invited();
        let found = invited.iter().find(|(_, known)| **known == hash);
        found.map(|(name, _)| name.clone())
    }

    fn save(&self, invited: &BTreeMap<String, [u8; 32]>) -> Result<(), AccessError> {
        let file = File {
            invited: invited
                .iter()
                .map(|(name, hash)| (name.clone(), to_hex(hash)))
                .collect(),
        };
        let mut beside = self.path.as_os_str().to_owned();
        beside.push(".new");
        let write = || {
            let text = serde_json::to_vec_pretty(&file)?;
            let mut options = fs::OpenOptions::new();
            let mut out = options
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&beside)?;
            out.write_all(&text)?;
            out.sync_all()?;
            fs::rename(&beside, &self.path)?;
            // Or an invitation that was taken back could return with the power.
            match self.path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => fs::File::open(folder)?.sync_all(),
                _ => Ok(()),
            }
        };
        write().map_err(|error| AccessError::File(self.path.clone(), error))
    }

    fn invited(&self) -> MutexGuard<'_, BTreeMap<String, [u8; 32]>> {
        self.invited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether workers may be called so.
pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&name.len())
        && name.bytes().all(allowed)
        && name.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `N` bytes in lower-case hexadecimal digits.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_told_once_and_works_until_it_is_taken_back() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("provers.json");
        let access = Access::open(&path).unwrap();
        let secret = access.invite("rig-1").unwrap();
        let other = access.invite("rig-2").unwrap();
        assert!(matches!(access.invite("rig-1"), Err(AccessError::Exists(_))));
        assert!(matches!(access.invite("Rig"), Err(AccessError::Name(_))));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!fs::read_to_string(&path).unwrap().contains(&to_hex(&secret)));
        drop(access);
        let access = Access::open(&path).unwrap();
        assert_eq!(access.who(&secret).as_deref(), Some("rig-1"));
        assert_eq!(access.who(&other).as_deref(), Some("rig-2"));
        assert_eq!(access.who(&[0; 32]), None);
        access.revoke("rig-1").unwrap();
        assert_eq!(access.who(&secret), None);
        assert!(matches!(access.revoke("rig-1"), Err(AccessError::Unknown(_))));
        assert_eq!(Access::open(&path).unwrap().names(), ["rig-2"]);
    }

    #[test]
    fn a_damaged_list_is_told() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("provers.json");
        for text in [
            "",
            "{}",
            r#"{"invited":{"rig":"00"}}"#,
            r#"{"invited":{"Rig":"0000000000000000000000000000000000000000000000000000000000000000"}}"#,
            r#"{"invited":{},"more":1}"#,
        ] {
            fs::write(&path, text).unwrap();
            assert!(
                matches!(Access::open(&path), Err(AccessError::Damaged(..))),
                "{text}"
            );
        }
    }

    #[test]
    fn digits_are_strict() {
        assert_eq!(from_hex::<2>("00ff"), Some([0, 255]));
        for text in ["00f", "00fff", "00FF", "0g00", ""] {
            assert_eq!(from_hex::<2>(text), None, "{text}");
        }
    }
}
