//! Players' keys, one file each: `NAME.key`, the key's seed in 64 hexadecimal digits, mode 0600.
//!
//! There is no passphrase: whoever can read the file is the player, and a file that others may read is refused. These are
//! for operators, scripts and tests; players have their keys in their browsers. A key that guards something of value belongs
//! on a machine of its own.

use crate::config::Config;
use crate::table::{hex, left};
use anyhow::{Context, Result, bail};
use playfair_types::account::AccountId;
use playfair_types::crypto::eddsa::SecretKey;
use serde_json::json;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What the files' names end with.
const END: &str = ".key";

/// The folder of keys.
#[derive(Clone, Debug)]
pub struct Keys(PathBuf);

/// A key with its name.
pub struct Key {
    /// What its owner calls it.
    pub name: String,
    /// It.
    pub secret: SecretKey,
}

impl Key {
    /// The account that the key owns, on every chain.
    #[must_use]
    pub fn account(&self) -> AccountId {
        AccountId::from_key(self.secret.public_key())
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "name": self.name,
            "account": hex(&self.account().0),
            "public_key": hex(&self.secret.public_key().to_bytes()),
        })
    }
}

impl Keys {
    /// The folder that the configuration names, else `.playfair/keys` in the home folder.
    ///
    /// # Errors
    /// When there is no home folder.
    pub fn of(config: &Config) -> Result<Self> {
        if let Some(folder) = &config.client.keys {
            return Ok(Self(folder.clone()));
        }
        let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
        let home =
            home.context("there is no home folder: set client.keys (PLAYFAIR_CLIENT__KEYS) to a folder")?;
        Ok(Self(Path::new(&home).join(".playfair/keys")))
    }

    /// The keys in this folder.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Makes a key.
    ///
    /// # Errors
    /// When there is one of this name, or it cannot be written.
    pub fn create(&self, name: &str) -> Result<Key> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed)
            .map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
        self.write(name, &seed)
    }

    /// Writes a key of this seed.
    ///
    /// # Errors
    /// As [`Keys::create`].
    pub fn write(&self, name: &str, seed: &[u8; 32]) -> Result<Key> {
        let path = self.path(name)?;
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true).mode(0o700);
        folder
            .create(&self.0)
            .with_context(|| format!("cannot make {}", self.0.display()))?;
        let digits = Zeroizing::new(hex(seed));
        let write = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?;
            file.write_all(digits.as_bytes())?;
            file.sync_all()
        };
        match write() {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                bail!(
                    "there is a key {name} already, in {}: choose another name",
                    path.display()
                )
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot write {}", path.display()));
            }
        }
        self.load(name)
    }

    /// Reads a key.
    ///
    /// # Errors
    /// When there is none of this name, others may read it, or it is none.
    pub fn load(&self, name: &str) -> Result<Key> {
        let path = self.path(name)?;
        let mut text = Zeroizing::new(String::new());
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => bail!(
                "there is no key {name} in {}: make it with `playfair keys new {name}`; `playfair keys list` lists those that are there",
                self.0.display()
            ),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let read = |error| format!("cannot read {}: {error}", path.display());
        let mode = file
            .metadata()
            .map_err(read)
            .map_err(anyhow::Error::msg)?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            bail!(
                "others may read {0}: make a new key, or `chmod 600 {0}` if nobody did",
                path.display()
            );
        }
        (&mut file)
            .take(128)
            .read_to_string(&mut text)
            .map_err(read)
            .map_err(anyhow::Error::msg)?;
        let bytes = playfair_host::hex::decode(text.trim()).map(Zeroizing::new);
        let seed: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.as_slice().try_into().ok());
        let Some(seed) = seed.map(Zeroizing::new) else {
            bail!(
                "{} is no key: it has other than 64 hexadecimal digits",
                path.display()
            );
        };
        Ok(Key {
            name: name.to_owned(),
            secret: SecretKey::from_seed(&seed),
        })
    }

    /// All keys that can be read, by name, and what stands in the way of others.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Result<Key>>> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", self.0.display())),
        };
        let names = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names
            .filter_map(|name| Some(name.strip_suffix(END)?.to_owned()))
            .collect();
        names.sort();
        Ok(names.iter().map(|name| self.load(name)).collect())
    }

    fn path(&self, name: &str) -> Result<PathBuf> {
        let is_name = (1..=64).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_name {
            bail!("{name:?} is no name for a key: use letters, digits, - and _");
        }
        Ok(self.0.join(format!("{name}{END}")))
    }
}

/// What `playfair keys` prints of one key. The secret is never printed: it is in the file.
#[must_use]
pub fn shown(keys: &Keys, key: &Key, json: bool) -> String {
    if json {
        return key.json().to_string();
    }
    let path = keys.0.join(format!("{}{END}", key.name));
    format!(
        "name        {}\naccount     {}\npublic key  {}\nfile        {} (secret, without a passphrase: who reads it is this player)",
        key.name,
        hex(&key.account().0),
        hex(&key.secret.public_key().to_bytes()),
        path.display()
    )
}

/// What `playfair keys list` prints.
///
/// # Errors
/// As [`Keys::list`].
pub fn listed(keys: &Keys, json: bool) -> Result<String> {
    let all = keys.list()?;
    let (good, bad): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    for error in bad.into_iter().filter_map(Result::err) {
        eprintln!("playfair: {error:#}");
    }
    let good: Vec<Key> = good.into_iter().flatten().collect();
    if json {
        return Ok(serde_json::Value::Array(good.iter().map(Key::json).collect()).to_string());
    }
    if good.is_empty() {
        return Ok(format!(
            "no keys in {}: make one with `playfair keys new NAME`",
            keys.0.display()
        ));
    }
    let rows: Vec<Vec<String>> = good
        .iter()
        .map(|key| vec![key.name.clone(), hex(&key.account().0)])
        .collect();
    Ok(left(&["name", "account"], &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_owners_alone() {
        let temp = tempfile::tempdir().unwrap();
        let keys = Keys(temp.path().join("keys"));
        assert!(listed(&keys, false).unwrap().contains("keys new"));
        let made = keys.create("ada").unwrap();
        let path = temp.path().join("keys/ada.key");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&temp.path().join("keys"))), (0o600, 0o700));
        assert_eq!(keys.load("ada").unwrap().account(), made.account());
        assert_ne!(keys.create("bob").unwrap().account(), made.account());
        let again = keys.create("ada").err().unwrap().to_string();
        assert!(again.contains("already"), "{again}");
        assert_eq!(keys.list().unwrap().len(), 2);
        let text = shown(&keys, &made, false) + &shown(&keys, &made, true) + &listed(&keys, true).unwrap();
        assert!(
            !text.contains(fs::read_to_string(&path).unwrap().trim()),
            "the secret is printed"
        );

        let refused = |name: &str, word: &str| {
            let error = keys.load(name).err().unwrap().to_string();
            assert!(error.contains(word), "{error}");
        };
        refused("eve", "keys new eve");
        refused("../ada", "no name for a key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        refused("ada", "chmod 600");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for text in ["", "00", &"0".repeat(65), &"zz".repeat(32), &"0".repeat(500)] {
            fs::write(&path, text).unwrap();
            refused("ada", "is no key");
        }
        assert_eq!(keys.list().unwrap().iter().filter(|key| key.is_ok()).count(), 1);
    }
}
