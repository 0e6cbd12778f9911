//! A chain in one file: fetched from a running node, and restored where none runs.

use super::{Node, chain_part, told};
use crate::setup::Choice;
use anyhow::{Context, Result, anyhow, bail};
use playfair_host::ModuleCheck;
use playfair_host::snapshot::{Restored, restore as restore_chain};
use playfair_pipeline::{KeptProofs, Trusted};
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Longest file of a key, bytes.
const KEY_BYTES_MAX: u64 = 128;

/// Fetches a chain's snapshot into a new file; its bytes.
///
/// # Errors
/// When there is such a file already, or no snapshot; then there is no file.
pub fn fetch(node: &Node, chain: &str, file: &Path, with_key: bool) -> Result<u64> {
    if file.exists() {
        bail!("{} exists: give another name, or remove it", file.display());
    }
    let path = format!(
        "/admin/v1/chains/{}/snapshot?with_key={with_key}",
        chain_part(chain)?
    );
    let draft = draft_of(file);
    let fetched = fetch_into(node, &path, &draft).and_then(|bytes| {
        // The name must still be free: a link fails where a rename would replace.
        fs::hard_link(&draft, file).with_context(|| format!("cannot make {}", file.display()))?;
        Ok(bytes)
    });
    let _ = fs::remove_file(&draft);
    let bytes = fetched?;
    sync_folder(file)?;
    Ok(bytes)
}

fn fetch_into(node: &Node, path: &str, draft: &Path) -> Result<u64> {
    // Never into a file that somebody else has made, whatever it is: there may be a key in it.
    if let Err(error) = fs::remove_file(draft)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(error).with_context(|| format!("cannot remove {}", draft.display()));
    }
    let file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(draft)
        .with_context(|| format!("cannot make {}", draft.display()))?;
    let mut out = BufWriter::new(file);
    let (mut bytes, mut last) = (0, 1);
    let answer = node.runtime.block_on(node.client.download(path, |piece| {
        bytes += piece.len() as u64;
        last = piece.last().copied().unwrap_or(last);
        out.write_all(piece)
    }));
    let answer = answer.map_err(|error| node.unreachable(&error))?;
    answer.success().map_err(|problem| told(&problem))?;
    // Its last byte is its end's.
    if bytes == 0 || last != 0 {
        bail!("the node broke off: look at its log, and try again");
    }
    let file = out.into_inner().map_err(|error| anyhow!("{error}"))?;
    file.sync_all()
        .with_context(|| format!("cannot write {}", draft.display()))?;
    Ok(bytes)
}

fn draft_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn sync_folder(file: &Path) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new(".")));
    folder
        .and_then(|folder| folder.sync_all())
        .context("cannot sync the folder")
}

/// Restores a chain in a data folder in which no node runs. Its proofs must rest on `setup`; without one, it must have none.
///
/// # Errors
/// When a file cannot be read, or the chain not be restored.
pub fn restore(
    file: &Path,
    data: &Path,
    check: ModuleCheck,
    key: Option<&Path>,
    name: Option<String>,
    setup: Option<&Choice>,
) -> Result<Restored> {
    let key = key.map(read_key).transpose()?;
    let input = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let key = key.as_ref().map(|key| key.as_str());
    let trust = setup.map(Choice::trust).transpose()?;
    let trusted = Trusted::of(trust).map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut proofs = KeptProofs::new(&trusted);
    Ok(restore_chain(
        data,
        check,
        BufReader::new(input),
        key,
        name,
        &mut proofs,
    )?)
}

fn read_key(path: &Path) -> Result<Zeroizing<String>> {
    let read = || -> std::io::Result<String> {
        if fs::metadata(path)?.len() > KEY_BYTES_MAX {
            return Err(std::io::Error::other("it is no committee's key: it is too long"));
        }
        fs::read_to_string(path)
    };
    let text = read().with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Zeroizing::new(text))
}

/// What is told of a restored chain, and what must be known of it.
#[must_use]
pub fn shown(restored: &Restored) -> String {
    let Restored {
        name,
        id,
        height,
        tip,
    } = restored;
    let proven = match tip.boundary {
        Some(end) => format!("proven to block {}", end.height),
        None => "not proven: what it has sealed until now cannot be proven here".to_owned(),
    };
    format!(
        "restored {name}, {id}\nat block {height}, {proven}\n\n\
         If the node that it came from has sealed blocks after {height}, the same heights will be sealed again with others, and whoever \
         kept the old ones can prove it. Never let the two run at once: they have one committee.key. Tell players."
    )
}
