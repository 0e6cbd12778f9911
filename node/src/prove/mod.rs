//! `playfair prove`: a script's whole history, segment by segment; `playfair module vk`: the key that its proofs are for.

pub mod cut;
pub mod history;

use crate::build::write;
use crate::run;
use crate::setup::Choice;
use crate::table::hex;
use anyhow::{Context, Result};
use cut::cut;
use history::History;
use playfair_admission::{Admitted, admit};
use playfair_proofs_prover::fast::{Committer, Watch};
use playfair_proofs_prover::module::{Module, Prover};
use playfair_proofs_prover::setup::kind;
use playfair_proofs_verifier::{Key, verify};
use playfair_runtime::Wasmtime;
use playfair_types::Encode;
use playfair_types::vk::VerifyingKey;
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
    /// The circuit.
    pub circuit: Circuit,
}

/// Which of a module's circuits.
#[derive(Clone, Debug)]
pub struct Circuit {
    /// Log2 of the rows; the smallest shape that holds the module if not given.
    pub k: Option<u32>,
    /// Whether hints of alignment are not believed.
    pub careful: bool,
    /// What its key rests on.
    pub setup: Choice,
}

/// A module's prover in a shape.
///
/// # Errors
/// When the module does not fit the shape, or there is no setup for it.
pub fn prover(admitted: &Admitted, circuit: &Circuit) -> Result<Prover> {
    let lowered = if circuit.careful {
        Module::careful
    } else {
        Module::new
    };
    let module = Arc::new(lowered(&admitted.instrumented, admitted.hash)?);
    let shape = match circuit.k {
        Some(k) => module.shapes().find(|shape| shape.k == k).with_context(|| {
            let known: Vec<String> = module.shapes().map(|shape| shape.k.to_string()).collect();
            format!("there is no shape with k = {k}; there are {}", known.join(", "))
        })?,
        None => module.smallest()?,
    };
    let params = circuit.setup.params(shape.k)?;
    let committer = Arc::new(Committer::new(&params));
    Ok(Prover::new(module, shape, committer, kind(&params))?)
}

/// What `playfair module vk` prints of a key that rests on `setup`.
#[must_use]
pub fn key_text(vk: &VerifyingKey, setup: &Choice) -> String {
    format!(
        "module      {}\nshape       {} (k = {})\nsetup       {}\nvk digest   {}\nbytes       {}",
        hex(&vk.module.0),
        vk.shape,
        vk.k,
        setup.name(),
        hex(&playfair_types::crypto::field::fr_to_bytes(&vk.digest())),
        vk.encode().len(),
    )
}

/// Replays `script` with the module `wasm`, and proves every block. Returns the number of proofs.
///
/// It may be stopped at any time: every file in the folder is whole, and the proofs so far are valid.
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
    let prover = prover(&admitted, &settings.circuit)?;
    let keys = begin.elapsed();
    let cuts = cut(&prover, &history.steps, history.chain_id)?;
    let total: usize = cuts.iter().map(|cut| cut.rows).sum();
    writeln!(
        out,
        "{} blocks in {} segments, {total} rows; keys in {}; setup: {}",
        history.steps.len(),
        cuts.len(),
        seconds(keys),
        settings.circuit.setup.name(),
    )?;
    remove_old(&settings.out)?;
    let key = Key::new(&prover.constraints, &prover.vk, settings.circuit.setup.trust()?)
        .map_err(|error| anyhow::anyhow!("the verifying key: {error}"))?;
    write(&settings.out.join(KEY_FILE), &prover.vk.encode())?;

    let begin = Instant::now();
    let mut done = 0;
    for (number, cut) in cuts.iter().enumerate() {
        let proof = cut.prove(&prover, &history.steps, history.chain_id, &Watch::default())?;
        // Proving does not look whether the witness is right.
        verify(&key, &proof.envelope.inputs.to_fields(), &proof.envelope.proof)
            .map_err(|error| anyhow::anyhow!("proof {number}: {error}: this is a bug of playfair"))?;
        let file = settings.out.join(format!("{number:04}.proof"));
        write(&file, &proof.envelope.encode())?;
        done += cut.rows;
        let took = begin.elapsed();
        writeln!(
            out,
            "{}  blocks {} to {}, {} rows, {}; {done} of {total} rows, {:.0} rows/s, {} left",
            file.display(),
            cut.blocks.start,
            cut.blocks.end.saturating_sub(1),
            cut.rows,
            seconds(proof.trace + proof.assign + proof.prove),
            done as f64 / took.as_secs_f64().max(1e-9),
            seconds(took.mul_f64((total - done) as f64 / done.max(1) as f64)),
        )?;
    }
    Ok(cuts.len())
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

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
