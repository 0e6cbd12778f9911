//! `playfair new`: a project that builds, tests and runs as it is. Its module is the tutorial's, `contracts-wasm/counter`.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

const MODULE: &str = include_str!("../../contracts-wasm/counter/src/lib.rs");
const SCRIPT: &str = include_str!("../template/play.json");
const IGNORED: &str = "/target\n/proofs\n/playfair-dev\n";

/// Longest name of a project.
const NAME_MAX: usize = 64;

/// Makes the project `name` in a new folder of that name in `place`. The SDK is taken from `sdk`, or from where this
/// command was built.
///
/// # Errors
/// When the name is no crate's name, the folder exists, the SDK is not found, or a file cannot be written.
pub fn create(place: &Path, name: &str, sdk: Option<&Path>) -> Result<PathBuf> {
    check_name(name)?;
    let sdk = match sdk {
        Some(sdk) => sdk.to_path_buf(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts-wasm/sdk"),
    };
    let sdk = sdk
        .canonicalize()
        .ok()
        .filter(|sdk| sdk.join("Cargo.toml").is_file())
        .with_context(|| {
            format!(
                "the SDK is not at {}: say where it lies with --sdk, the folder contracts-wasm/sdk of a checkout",
                sdk.display()
            )
        })?;
    let folder = place.join(name);
    if folder.exists() {
        bail!("{} exists already: choose another name", folder.display());
    }
    write(&folder, "Cargo.toml", &manifest(name, &sdk))?;
    write(&folder, "src/lib.rs", MODULE)?;
    write(&folder, "play.json", SCRIPT)?;
    write(&folder, ".gitignore", IGNORED)?;
    // The versions that the SDK was tested with; cargo drops what the project does not need.
    if let Ok(lock) = std::fs::read_to_string(sdk.join("../../Cargo.lock")) {
        write(&folder, "Cargo.lock", &lock)?;
    }
    Ok(folder)
}

/// What to do in a new project.
#[must_use]
pub fn next_steps(folder: &Path) -> String {
    format!(
        "made {}\n\n  cd {}\n  cargo test                  # the module's own tests, natively\n  \
         playfair build              # the module, as a chain runs it\n  \
         playfair run play.json      # real calls on a local chain: receipts and roots\n  \
         playfair dev                # a network on this machine, which follows your sources",
        folder.display(),
        folder.display()
    )
}

fn check_name(name: &str) -> Result<()> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts || name.len() > NAME_MAX || !name.chars().all(good) {
        bail!(
            "`{name}` is no name for a project: use small letters, digits, - and _, beginning with a letter"
        );
    }
    if name == "playfair" {
        bail!("`playfair` is the SDK's name: choose another");
    }
    Ok(())
}

fn manifest(name: &str, sdk: &Path) -> String {
    format!(
        r#"[package]
name = "{name}"
version = "0.1.0"
edition = "2024"
publish = false

# cdylib is the module, rlib lets tests use it.
[lib]
crate-type = ["cdylib", "rlib"]

[dependencies]
playfair = {{ path = {:?} }}

# The test harness hashes as the chain does; unoptimised that is slow.
[profile.dev.package."*"]
opt-level = 3
debug = false

[workspace]
"#,
        sdk.display().to_string()
    )
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_crates_names() {
        for good in ["game", "my-game", "a1_b"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "Game", "1game", "../game", "a b", "playfair", &"x".repeat(65)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
