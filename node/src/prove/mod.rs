//! `playfair prove`: a script's whole history, segment by segment; `playfair module vk`: the key that its proofs are for.

pub mod history;

use crate::run;
use crate::table::hex;
use anyhow::{Context, Result, bail};
use history::{History, Step, segment};
use playfair_admission::{Admitted, admit};
use playfair_proofs_prover::fast::{Committer, Watch};
use playfair_proofs_prover::module::{Module, Prover, Shape};
use playfair_proofs_prover::setup;
use playfair_proofs_prover::state::Around;
use playfair_proofs_verifier::{Key, Trust, verify};
use playfair_runtime::Wasmtime;
use playfair_types::Encode;
use playfair_types::account::L1Address;
use playfair_types::crypto::field::Fr;
use playfair_types::vk::{Setup, VerifyingKey};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// File of the verifying key in the folder of proofs.
pub const KEY_FILE: &str = "verifying.key";

/// How to prove.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder for key and proofs; made if missing.
    pub out: PathBuf,
    /// Log2 of the rows; the smallest shape that holds the module if not given.
    pub k: Option<u32>,
    /// Folder for the development setup's points.
    pub cache: Option<PathBuf>,
}

/// A module's prover in a shape.
///
/// # Errors
/// When the module does not fit the shape, or the setup's cache fails.
pub fn prover(admitted: &Admitted, k: Option<u32>, cache: Option<&Path>) -> Result<Prover> {
    let module = Arc::new(Module::new(&admitted.instrumented, admitted.hash)?);
    let shape = match k {
        Some(k) => Shape::ALL
            .into_iter()
            .find(|shape| shape.k == k)
            .with_context(|| {
                let known: Vec<String> = Shape::ALL.iter().map(|shape| shape.k.to_string()).collect();
                format!("there is no shape with k = {k}; there are {}", known.join(", "))
            })?,
        None => module.smallest()?,
    };
    let params = setup::insecure_development(shape.k, cache)?;
    let committer = Arc::new(Committer::new(&params));
    Ok(Prover::new(module, shape, committer, Setup::InsecureDevelopment)?)
}

/// What `playfair module vk` prints of a key.
#[must_use]
pub fn key_text(vk: &VerifyingKey) -> String {
    format!(
        "module      {}\nshape       {} (k = {})\nsetup       insecure, for development only\nvk digest   {}\nbytes       {}",
        hex(&vk.module.0),
        vk.shape,
        vk.k,
        hex(&playfair_types::crypto::field::fr_to_bytes(&vk.digest())),
        vk.encode().len(),
    )
}

/// Replays `script` with the module `wasm`, and proves every block. Returns the number of proofs.
///
/// # Errors
/// When the script cannot be replayed, a block has no proof, or a file cannot be written.
pub fn prove(wasm: &[u8], script: &[u8], settings: &Settings, out: &mut dyn Write) -> Result<usize> {
    let admitted =
        admit(wasm).map_err(|rejection| anyhow::anyhow!("the chain does not admit it: {rejection}"))?;
    let (start, blocks) = run::history(&admitted, script)?;
    let engine = Wasmtime::new()?;
    engine.load(&admitted)?;
    let history = History::replay(engine, &start, &blocks)?;
    fs::create_dir_all(&settings.out).with_context(|| format!("cannot make {}", settings.out.display()))?;

    let begin = Instant::now();
    let prover = prover(&admitted, settings.k, settings.cache.as_deref())?;
    writeln!(
        out,
        "{} blocks; keys in {} (insecure development setup)",
        history.steps.len(),
        seconds(begin.elapsed())
    )?;
    remove_old(&settings.out)?;
    let key = Key::new(&prover.constraints, &prover.vk, Trust::InsecureDevelopmentToo)
        .map_err(|error| anyhow::anyhow!("the verifying key: {error}"))?;
    let file = settings.out.join(KEY_FILE);
    fs::write(&file, prover.vk.encode()).with_context(|| format!("cannot write {}", file.display()))?;

    let begin = Instant::now();
    let (mut rest, mut proofs, mut rows) = (history.steps.as_slice(), 0, 0);
    while !rest.is_empty() {
        let count = fitting(&prover, rest, history.chain_id)?;
        let (steps, later) = rest.split_at(count);
        let (Some(cut), Some((first, last))) = (
            segment(steps, history.chain_id, L1Address::default()),
            steps.first().zip(steps.last()),
        ) else {
            bail!("an empty segment");
        };
        let proof = prover.prove(&cut, Around::new(&first.old, &last.new), &Watch::default())?;
        // Proving does not look whether the witness is right.
        verify(&key, &cut.inputs.to_fields(), &proof.envelope.proof)
            .map_err(|error| anyhow::anyhow!("proof {proofs}: {error}: this is a bug of playfair"))?;
        let file = settings.out.join(format!("{proofs:04}.proof"));
        fs::write(&file, proof.envelope.encode())
            .with_context(|| format!("cannot write {}", file.display()))?;
        proofs += 1;
        rows += proof.rows;
        rest = later;
        let done = history.steps.len() - rest.len();
        let took = begin.elapsed();
        writeln!(
            out,
            "{}  blocks {} to {}, {} rows, {}; {done} of {} blocks, {:.0} rows/s, {} left",
            file.display(),
            done - count,
            done - 1,
            proof.rows,
            seconds(proof.trace + proof.assign + proof.prove),
            history.steps.len(),
            rows as f64 / took.as_secs_f64().max(1e-9),
            seconds(took.mul_f64(rest.len() as f64 / done as f64)),
        )?;
    }
    Ok(proofs)
}

/// Removes the proofs of an earlier run: one history's proofs among another's would look like a gap.
fn remove_old(folder: &Path) -> Result<()> {
    let failed = || format!("cannot remove old proofs in {}", folder.display());
    for entry in fs::read_dir(folder).with_context(failed)? {
        let file = entry.with_context(failed)?.path();
        let stem = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        let ours = stem.len() >= 4 && stem.bytes().all(|byte| byte.is_ascii_digit());
        if ours && file.extension().is_some_and(|extension| extension == "proof") {
            fs::remove_file(&file).with_context(failed)?;
        }
    }
    Ok(())
}

/// How many of the next blocks fit one segment, at least one.
fn fitting(prover: &Prover, steps: &[Step], chain_id: Fr) -> Result<usize> {
    let mut count = 0;
    for end in 1..=steps.len() {
        let part = &steps[..end];
        let (Some(cut), Some((first, last))) = (
            segment(part, chain_id, L1Address::default()),
            part.first().zip(part.last()),
        ) else {
            break;
        };
        if !prover.fits(&cut, Around::new(&first.old, &last.new))? {
            break;
        }
        count = end;
    }
    if count == 0 {
        bail!("a block does not fit this shape; take a larger k");
    }
    Ok(count)
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
