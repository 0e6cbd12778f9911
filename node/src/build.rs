//! `playfair build`: from a project to a module that chains admit.
//!
//! cargo compiles the project's library for `wasm32-unknown-unknown` with settings that belong to the module's identity
//! (its hash is over its bytes), not to the project's taste: full optimisation, one code unit, no unwinding, no paths of
//! the machine. Names of functions are kept beside it for `inspect` and error messages, and left out of the module itself.

use crate::{sections, shape};
use anyhow::{Context, Result, bail};
use playfair_admission::{Admitted, admit};
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A module that was built.
#[derive(Debug)]
pub struct Built {
    /// The crate's name.
    pub name: String,
    /// The module, as it is published: without names.
    pub module: PathBuf,
    /// The same with names of functions, for `playfair module inspect`.
    pub named: PathBuf,
    /// The published bytes.
    pub bytes: Vec<u8>,
    /// What admission made of them; its functions have their names.
    pub admitted: Admitted,
}

const TARGET: &str = "wasm32-unknown-unknown";

/// Stack of a module in bytes. It lies below the data, so that an overflow traps instead of overwriting them.
const STACK_BYTES: u32 = 65_536;

/// Compiles the cargo project in `project`. cargo's own messages go to standard error.
///
/// # Errors
/// When the folder is no project with a library of type `cdylib`, when it does not compile, when the chain would not
/// admit it, or when no proof could hold it.
pub fn build(project: &Path) -> Result<Built> {
    let manifest = project.join("Cargo.toml");
    if !manifest.is_file() {
        bail!(
            "{} has no Cargo.toml: go to your project's folder, or make one with `playfair new NAME`",
            project.display()
        );
    }
    let manifest = manifest
        .canonicalize()
        .with_context(|| format!("cannot open {}", manifest.display()))?;
    let (name, compiled) = compile(&manifest)?;
    let named = std::fs::read(&compiled).with_context(|| format!("cannot read {}", compiled.display()))?;
    // Judged with names, so that a rejection says which function it means.
    let with_names =
        admit(&named).map_err(|rejection| anyhow::anyhow!("the chain does not admit {name}: {rejection}"))?;
    let bytes = sections::published(&named);
    let mut admitted =
        admit(&bytes).map_err(|rejection| anyhow::anyhow!("the chain does not admit {name}: {rejection}"))?;

    shape::smallest(&admitted).with_context(|| format!("{name} is not built"))?;

    // The same functions, with their names.
    admitted.info.functions = with_names.info.functions;

    let folder = compiled.with_file_name("playfair");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let module = folder.join(format!("{name}.wasm"));
    let beside = folder.join(format!("{name}.named.wasm"));
    write(&module, &bytes)?;
    write(&beside, &named)?;
    Ok(Built {
        name,
        module,
        named: beside,
        bytes,
        admitted,
    })
}

/// What admission makes of a module that lies in `file`.
///
/// # Errors
/// When a chain would not admit it.
pub fn admitted(bytes: &[u8], file: &Path) -> Result<Admitted> {
    admit(bytes)
        .map_err(|rejection| anyhow::anyhow!("a chain would not admit {}: {rejection}", file.display()))
}

/// Writes a file so that a reader never sees half of it: tests and tools build the same module at the same time, and
/// proving may be interrupted.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    std::fs::write(&part, bytes)
        .and_then(|()| std::fs::rename(&part, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// A line of cargo's output.
#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

fn compile(manifest: &Path) -> Result<(String, PathBuf)> {
    let mut child = cargo(manifest)?
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo: install Rust with rustup (https://rustup.rs)")?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let mut found = None;
    for line in BufReader::new(stdout).lines() {
        let line = line.context("cannot read cargo's output")?;
        let Ok(message) = serde_json::from_str::<Message>(&line) else {
            continue;
        };
        let ours = message.manifest_path.as_deref() == Some(manifest);
        let Some(target) = message
            .target
            .filter(|_| message.reason == "compiler-artifact" && ours)
        else {
            continue;
        };
        let module = |path: &PathBuf| path.extension().is_some_and(|end| end == "wasm");
        if target.crate_types.iter().any(|kind| kind == "cdylib")
            && let Some(path) = message.filenames.into_iter().find(module)
        {
            found = Some((target.name.replace('-', "_"), path));
        }
    }
    let status = child.wait().context("cargo did not end")?;
    if !status.success() {
        bail!(
            "the project does not compile for {TARGET}: see cargo's messages above\n\
             (if they say that the target is missing: `rustup target add {TARGET}`)"
        );
    }
    found.with_context(|| {
        format!(
            "{} builds no module: its Cargo.toml needs\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]",
            manifest.display()
        )
    })
}

fn cargo(manifest: &Path) -> Result<Command> {
    let mut cargo = Command::new(cargo_program());
    cargo
        .args(["build", "--lib", "--release", "--target", TARGET])
        .args(["--message-format", "json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(manifest);
    for setting in [
        "profile.release.opt-level=3",
        "profile.release.lto=\"fat\"",
        "profile.release.codegen-units=1",
        "profile.release.panic=\"abort\"",
        "profile.release.debug=false",
        "profile.release.strip=\"none\"",
        "profile.release.overflow-checks=true",
    ] {
        cargo.args(["--config", setting]);
    }
    let mut flags = vec![format!("-Clink-arg=-zstack-size={STACK_BYTES}")];
    for package in packages(manifest)? {
        let folder = package.manifest_path.parent().unwrap_or(Path::new("/"));
        let name = format!("/{}-{}", package.name, package.version);
        flags.push(format!("--remap-path-prefix={}={name}", folder.display()));
    }
    // A list of strings is the same in TOML and in JSON.
    let flags = serde_json::to_string(&flags).context("flags")?;
    cargo
        .arg("--config")
        .arg(format!("target.{TARGET}.rustflags={flags}"));
    // Flags from the environment would take the place of these and change the module's hash.
    cargo
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo.stdin(Stdio::null());
    Ok(cargo)
}

/// A package that the module is built from.
#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    manifest_path: PathBuf,
}

/// Every package that the project is built from. Messages of panics name source files, and these are part of the module:
/// each package's folder is given a name that is the same on every machine.
fn packages(manifest: &Path) -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let output = Command::new(cargo_program())
        .args(["metadata", "--format-version", "1", "--filter-platform", TARGET])
        .arg("--manifest-path")
        .arg(manifest)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo: install Rust with rustup (https://rustup.rs)")?;
    if !output.status.success() {
        bail!(
            "cargo does not understand {}: see its messages above",
            manifest.display()
        );
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    Ok(metadata.packages)
}

fn cargo_program() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
