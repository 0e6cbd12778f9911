//! The verifier as a page has it: tests/verifier-wasm, built for wasm32 as it would ship, run by node.

use crate::game::Proven;
use playfair_proofs_prover::module::Prover;
use playfair_types::Encode;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Node's name for the messages.
const INSTALL: &str = "install Node.js 20 or newer (apt-get install nodejs)";
const TARGET: &str = "wasm32-unknown-unknown";
/// Half the bytes of opt-level 3, for a tenth more time.
const OPT_LEVEL: &str = "s";

/// Whether there is a node to run.
///
/// # Errors
/// What to install.
pub fn node() -> Result<(), String> {
    let version = Command::new("node").arg("--version").output();
    match version {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("`node --version` failed ({}): {INSTALL}", output.status)),
        Err(error) => Err(format!("`node` does not start ({error}): {INSTALL}")),
    }
}

/// Builds the module, with the workspace's locked dependencies, and returns where it lies.
///
/// # Errors
/// When it does not build; cargo's messages are on standard error.
pub fn build() -> Result<PathBuf, String> {
    let exe = std::env::current_exe().map_err(|error| format!("where this program is: {error}"))?;
    // target/release/examples/this: beside the other builds, and in none of them, for its profile is its own.
    let Some(target) = exe.ancestors().nth(3) else {
        return Err("this program is not in a target folder: run it with cargo".to_owned());
    };
    let folder = target.join("verifier-wasm");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args([
            "build",
            "--locked",
            "--quiet",
            "--release",
            "--lib",
            "--target",
            TARGET,
        ])
        .arg("--manifest-path")
        .arg(package().join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&folder);
    for setting in [
        format!("opt-level=\"{OPT_LEVEL}\""),
        "lto=\"fat\"".to_owned(),
        "codegen-units=1".to_owned(),
        "panic=\"abort\"".to_owned(),
        "debug=false".to_owned(),
        "strip=true".to_owned(),
    ] {
        cargo.args(["--config", &format!("profile.release.{setting}")]);
    }
    // Flags for this machine are not for that target.
    cargo
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    let status = cargo.stdin(Stdio::null()).status();
    let status = status.map_err(|error| format!("cargo does not start: {error}"))?;
    if !status.success() {
        return Err(format!(
            "the verifier does not build for {TARGET}; if the target is missing: `rustup target add {TARGET}`"
        ));
    }
    Ok(folder.join(TARGET).join("release/playfair_verifier_wasm.wasm"))
}

fn package() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier-wasm")
}

/// What verify.mjs measured, by name.
pub type Measured = BTreeMap<String, f64>;

/// Verifies proofs in node: one by one, and `batch` together.
///
/// # Errors
/// When node cannot be started, or a verdict is not as it must be.
pub fn verify(module: &Path, prover: &Prover, segments: &[Proven], batch: usize) -> Result<Measured, String> {
    let folder = Folder::new().map_err(|error| format!("a folder for proofs: {error}"))?;
    folder
        .fill(prover, segments)
        .map_err(|error| format!("writing proofs: {error}"))?;
    let output = Command::new("node")
        .arg(package().join("verify.mjs"))
        .arg(module)
        .arg(&folder.0)
        .arg(batch.to_string())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("`node` does not start ({error}): {INSTALL}"))?;
    measured(&output)
}

fn measured(output: &Output) -> Result<Measured, String> {
    if !output.status.success() {
        return Err("verify.mjs failed: its message is above".to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let pairs = text.lines().map(|line| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    });
    pairs
        .collect::<Option<_>>()
        .ok_or_else(|| format!("verify.mjs printed something else than measures:\n{text}"))
}

/// A folder of proofs as `playfair prove` leaves it, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("playfair-proofs-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    fn fill(&self, prover: &Prover, segments: &[Proven]) -> io::Result<()> {
        fs::write(self.0.join(playfair_node::prove::KEY_FILE), prover.vk.encode())?;
        for (number, segment) in segments.iter().enumerate() {
            let file = self.0.join(format!("{number:04}.proof"));
            fs::write(file, segment.proof.envelope.encode())?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
