//! The key of a chain's committee of one. Whoever has the file can certify other histories of the chain; whoever loses it
//! cannot go on with the chain.

use crate::error::HostError;
use crate::folder::{read_bounded, write_durably};
use crate::hex;
use playfair_bls::SecretKey;
use std::path::Path;
use zeroize::Zeroizing;

const FILE: &str = "committee.key";

/// A key that is written nowhere: genesis has no certificate.
pub(crate) fn throwaway(folder: &Path) -> Result<SecretKey, HostError> {
    let mut seed = Zeroizing::new([0; 64]);
    fill(&mut *seed, folder)?;
    Ok(SecretKey::from_seed(&seed))
}

/// Makes a key in a chain's folder.
pub(crate) fn create(folder: &Path) -> Result<SecretKey, HostError> {
    let key = throwaway(folder)?;
    save(folder, &key)?;
    Ok(key)
}

/// Writes the key of a chain into its folder.
pub(crate) fn save(folder: &Path, key: &SecretKey) -> Result<(), HostError> {
    write_durably(&folder.join(FILE), text(key).as_bytes(), 0o600)
}

/// A key as its file has it.
pub(crate) fn text(key: &SecretKey) -> Zeroizing<String> {
    Zeroizing::new(hex::encode(&*Zeroizing::new(key.to_bytes())))
}

/// The key that a file's text is.
pub(crate) fn of_text(text: &str) -> Option<SecretKey> {
    let bytes = Zeroizing::new(hex::decode(text.trim())?);
    let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(bytes.as_slice().try_into().ok()?);
    SecretKey::from_bytes(&bytes).ok()
}

/// Reads the key of a chain.
pub(crate) fn load(folder: &Path) -> Result<SecretKey, HostError> {
    let path = folder.join(FILE);
    let text = Zeroizing::new(read_bounded(&path, 128)?);
    let key = std::str::from_utf8(&text).ok().and_then(of_text);
    key.ok_or(HostError::Damaged {
        path,
        what: "it is no committee's key".to_owned(),
    })
}

/// Random bytes from the system.
pub(crate) fn fill(bytes: &mut [u8], folder: &Path) -> Result<(), HostError> {
    getrandom::fill(bytes).map_err(|error| HostError::Io {
        path: folder.to_owned(),
        source: std::io::Error::other(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_and_nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let temp = tempfile::tempdir().unwrap();
        let key = create(temp.path()).unwrap();
        assert_eq!(load(temp.path()).unwrap().public(), key.public());
        let mode = std::fs::metadata(temp.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_ne!(create(temp.path()).unwrap().public(), key.public());
        for text in [
            "",
            "00",
            &"00".repeat(32),
            &"ff".repeat(32),
            &"zz".repeat(32),
            &"1".repeat(500),
        ] {
            std::fs::write(temp.path().join(FILE), text).unwrap();
            assert!(
                matches!(load(temp.path()), Err(HostError::Damaged { .. })),
                "{text}"
            );
        }
    }
}
