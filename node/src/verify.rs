//! `playfair verify`: proofs of consecutive segments under one key, and what they say.

use crate::prove::KEY_FILE;
use crate::setup::Choice;
use crate::table::hex;
use anyhow::{Context, Result, bail};
use playfair_proofs_verifier::{Claim, Error, Key, segment_constraints, verify_batch};
use playfair_types::Decode;
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::envelope::ProofEnvelope;
use playfair_types::segment::{Boundary, SegmentInputs};
use playfair_types::vk::{Setup, VerifyingKey};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Verifies the proofs of a folder, or one proof with the key beside it, and prints what they state. The key must rest on `setup`.
///
/// # Errors
/// When a proof is not valid, is for another key or setup, or two do not follow each other.
pub fn verify(path: &Path, setup: &Choice, out: &mut dyn Write) -> Result<()> {
    let (folder, files) = files(path)?;
    let vk: VerifyingKey = decode(&folder.join(KEY_FILE))?;
    let constraints = segment_constraints().map_err(|error| anyhow::anyhow!("{error}"))?;
    let key = Key::new(&constraints, &vk, setup.trust()?).map_err(|error| match error {
        Error::InsecureSetup => {
            anyhow::anyhow!("the verifying key: {error} (--insecure accepts it all the same)")
        }
        Error::UnknownSetup => anyhow::anyhow!("the verifying key: {error} (--setup, --setup-digest)"),
        error => anyhow::anyhow!("the verifying key: {error}"),
    })?;
    let mut envelopes: Vec<ProofEnvelope> = Vec::new();
    for file in &files {
        let envelope: ProofEnvelope = decode(file)?;
        if envelope.vk != vk.digest() {
            bail!("{} is for another verifying key", file.display());
        }
        if let Some(before) = envelopes.last()
            && !before.inputs.chains_to(&envelope.inputs)
        {
            bail!("{} does not start where the proof before it ends", file.display());
        }
        // S2: an upgrade retires keys, even where it keeps the module.
        if let Some(first) = envelopes.first()
            && first.inputs.before.vk_set_root != envelope.inputs.before.vk_set_root
        {
            bail!(
                "{} starts after an upgrade of the chain's keys: verify the proofs from there on by themselves, with a key of the new set",
                file.display()
            );
        }
        envelopes.push(envelope);
    }
    let (Some(first), Some(last)) = (envelopes.first(), envelopes.last()) else {
        bail!("there is no proof in {}", path.display());
    };
    let instances: Vec<_> = envelopes
        .iter()
        .map(|envelope| envelope.inputs.to_fields())
        .collect();
    let claims: Vec<Claim<'_>> = envelopes
        .iter()
        .zip(&instances)
        .map(|(envelope, instances)| Claim {
            key: &key,
            instances,
            proof: &envelope.proof,
        })
        .collect();
    let start = Instant::now();
    verify_batch(&claims).map_err(|error| anyhow::anyhow!("not valid: {error}"))?;
    let took = start.elapsed();
    if first.inputs.before.module != vk.module {
        bail!("the key is for another module than the segment's");
    }
    writeln!(out, "setup        {}", setup.name())?;
    statement(&first.inputs, &last.inputs, &vk, out)?;
    writeln!(
        out,
        "\nvalid: {} proof(s), verified in {:.1} ms",
        envelopes.len(),
        took.as_secs_f64() * 1e3
    )?;
    if vk.setup == Setup::InsecureDevelopment {
        writeln!(
            out,
            "The setup is the insecure one: this shows that the software works, and convinces nobody."
        )?;
    }
    Ok(())
}

/// The folder, and its proofs in order of their names.
fn files(path: &Path) -> Result<(PathBuf, Vec<PathBuf>)> {
    if !path.is_dir() {
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        return Ok((folder.unwrap_or(Path::new(".")).to_owned(), vec![path.to_owned()]));
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "proof") {
            files.push(file);
        }
    }
    // Numbers have four digits at least: by length first, so that proof 10000 comes after 9999.
    files.sort_by_key(|file| (file.as_os_str().len(), file.clone()));
    Ok((path.to_owned(), files))
}

fn decode<T: Decode>(file: &Path) -> Result<T> {
    /// More than any key or envelope.
    const BYTES_MAX: u64 = 1 << 16;
    let name = || format!("cannot read {}", file.display());
    let mut bytes = Vec::new();
    let file_bytes = fs::File::open(file).with_context(name)?;
    file_bytes
        .take(BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .with_context(name)?;
    if bytes.len() as u64 > BYTES_MAX {
        bail!("{} is too large to be a key or a proof", file.display());
    }
    T::decode(&bytes).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))
}

fn statement(
    first: &SegmentInputs,
    last: &SegmentInputs,
    vk: &VerifyingKey,
    out: &mut dyn Write,
) -> Result<()> {
    let (before, after) = (&first.before, &last.after);
    let root = |root: &Fr| hex(&fr_to_bytes(root));
    let genesis = *before == Boundary::before_genesis(first.chain_id, before.module);
    writeln!(out, "chain        {}", root(&first.chain_id))?;
    writeln!(out, "module       {}", hex(&vk.module.0))?;
    writeln!(out, "vk digest    {}", root(&vk.digest()))?;
    writeln!(out, "vk set root  {}", root(&before.vk_set_root))?;
    writeln!(
        out,
        "starts       {}",
        if genesis {
            "at the chain's genesis"
        } else {
            "later: nothing here shows that the chain ever was in the state before"
        }
    )?;
    writeln!(out, "height       {} to {}", before.height, after.height)?;
    writeln!(
        out,
        "time, ms     {} to {}",
        before.time_ms.get(),
        after.time_ms.get()
    )?;
    writeln!(
        out,
        "tape frames  {} to {}",
        before.tape.length, after.tape.length
    )?;
    writeln!(out, "state root   {}", root(&before.state_root))?;
    writeln!(out, "          to {}", root(&after.state_root))?;
    writeln!(out, "tape         {}", root(&before.tape.value))?;
    writeln!(out, "          to {}", root(&after.tape.value))?;
    writeln!(out, "receipts     {}", root(&before.receipts))?;
    writeln!(out, "          to {}", root(&after.receipts))?;
    Ok(())
}
