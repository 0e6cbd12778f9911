//! `cargo xtask web`: what browsers load, ready to be published or served.
//!
//! `target/web/light-client` is the npm package: light client, predictor and wallet as WebAssembly, the JavaScript that wasm-bindgen writes for it, and what is written
//! by hand in `light-client/wasm/npm`. `target/web/light-client-page` has the bodies of the tests that run in Chromium. No path of the machine gets into
//! them: the same sources make the same bytes everywhere.

use std::fs;
use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::failure::{Doing, Result, failure};
use crate::process::Process;
use crate::repo::Repo;
use crate::stages::Context;
use crate::{report, setup};

const WASM32: &str = "wasm32-unknown-unknown";
/// The profile in Cargo.toml.
const PROFILE: &str = "wasm";

/// A module for browsers.
struct Module {
    krate: &'static str,
    /// The folder in `target/web`.
    folder: &'static str,
    /// What its files are called.
    name: &'static str,
    /// What lies beside it.
    written: Option<&'static str>,
}

const MODULES: &[Module] = &[
    Module {
        krate: "playfair-light-client",
        folder: "light-client",
        name: "light_client",
        written: Some("light-client/wasm/npm"),
    },
    // Beside it: what only some pages load.
    Module {
        krate: "playfair-predictor",
        folder: "light-client",
        name: "predictor",
        written: None,
    },
    Module {
        krate: "playfair-wallet",
        folder: "light-client",
        name: "wallet",
        written: None,
    },
    Module {
        krate: "playfair-light-client-page",
        folder: "light-client-page",
        name: "page",
        written: None,
    },
];

/// What wasm-opt may use, which is what rustc uses: all of it is in every browser since 2023.
const OPTIMISE: &[&str] = &[
    "-O3",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Prints the lengths of files, and of what gzip makes of them.
const MEASURE: &str =
    "const { readFileSync } = require('node:fs'); const { gzipSync } = require('node:zlib');
for (const file of process.argv.slice(1)) {
    const bytes = readFileSync(file);
    console.log(bytes.length, gzipSync(bytes, { level: 9 }).length);
}";

pub(crate) fn run(repo: &Repo, args: Args) -> Result<()> {
    args.finish()?;
    setup::toolchain(repo)?;
    let sizes = build(repo)?;
    say!(
        "\n{}\n\nthe package is in {}",
        report::table(&["module", "bytes", "gzipped"], sizes),
        folder(repo, &MODULES[0]).display()
    );
    Ok(())
}

/// The `web` stage.
pub(crate) fn stage(context: &Context) -> Result<Option<String>> {
    let sizes = build(context.repo)?;
    Ok(sizes.first().map(|size| format!("{} bytes gzipped", size[2])))
}

/// Builds everything; a row of sizes for each module.
pub(crate) fn build(repo: &Repo) -> Result<Vec<Vec<String>>> {
    compile(repo)?;
    let mut rows = Vec::new();
    for module in MODULES {
        let _ = fs::remove_dir_all(folder(repo, module));
    }
    for module in MODULES {
        let folder = folder(repo, module);
        package(repo, module, &folder)?;
        rows.push(sizes(
            repo,
            module,
            &folder.join(format!("{}_bg.wasm", module.name)),
        )?);
    }
    Ok(rows)
}

/// Always in the checkout, where tests and servers find it.
fn folder(repo: &Repo, module: &Module) -> PathBuf {
    repo.root.join("target/web").join(module.folder)
}

fn compile(repo: &Repo) -> Result<()> {
    let crates = MODULES.iter().flat_map(|module| ["-p", module.krate]);
    repo.cargo()
        .args([
            "build",
            "--locked",
            "--profile",
            PROFILE,
            "--lib",
            "--target",
            WASM32,
        ])
        .args(crates)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", nameless(repo))
        .run()
}

/// Takes this machine's folders out of the messages of panics.
fn nameless(repo: &Repo) -> String {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from).or(home);
    let mut flags = format!("--remap-path-prefix={}=playfair", repo.root.display());
    if let Some(cargo) = cargo {
        flags.push_str(&format!(" --remap-path-prefix={}=cargo", cargo.display()));
    }
    flags
}

/// Writes a module into its folder.
fn package(repo: &Repo, module: &Module, folder: &Path) -> Result<()> {
    let built = repo
        .target()
        .join(WASM32)
        .join(PROFILE)
        .join(format!("{}.wasm", module.krate.replace('-', "_")));
    fs::create_dir_all(folder).doing(format_args!("make {}", folder.display()))?;
    Process::new(setup::bindgen(repo)?, &repo.root)
        .args([built.as_path(), Path::new(module.name), folder])
        .run()?;
    let wasm = folder.join(format!("{}_bg.wasm", module.name));
    setup::wasm_opt(repo)?
        .args(OPTIMISE)
        .args([wasm.as_path(), Path::new("-o"), &wasm])
        .run()?;
    if let Some(written) = module.written {
        copy_all(&repo.root.join(written), folder)?;
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            copy(&repo.root.join(licence), &folder.join(licence))?;
        }
    }
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).doing(format_args!("list {}", from.display()))? {
        let path = entry.doing(format_args!("list {}", from.display()))?.path();
        let name = path.file_name().unwrap_or_default();
        copy(&path, &to.join(name))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).doing(format_args!("copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// A module's row: its name, its bytes, its bytes after gzip.
fn sizes(repo: &Repo, module: &Module, wasm: &Path) -> Result<Vec<String>> {
    let text = Process::new("node", &repo.root)
        .args([Path::new("-e"), Path::new(MEASURE), wasm])
        .capture()?;
    match text.split_whitespace().collect::<Vec<_>>()[..] {
        [bytes, gzipped] => Ok(vec![module.name.to_owned(), bytes.to_owned(), gzipped.to_owned()]),
        _ => Err(failure!(
            "node did not tell the length of {}: `{}`",
            wasm.display(),
            text.trim()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_this_machine_are_renamed() {
        let repo = Repo {
            root: PathBuf::from("/where/it/is"),
            cache: PathBuf::from("."),
        };
        assert!(nameless(&repo).starts_with("--remap-path-prefix=/where/it/is=playfair"));
    }

    #[test]
    fn the_npm_package_has_the_version_of_the_workspace() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let text = fs::read_to_string(root.join("light-client/wasm/npm/package.json")).unwrap();
        let package: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(package["version"], env!("CARGO_PKG_VERSION"));
        for file in package["files"].as_array().unwrap() {
            let name = file.as_str().unwrap();
            let mut generated = MODULES.iter().flat_map(|module| {
                ["{}.js", "{}.d.ts", "{}_bg.wasm", "{}_bg.wasm.d.ts"]
                    .map(|form| form.replace("{}", module.name))
            });
            let is_generated = generated.any(|file| file == name) || name == "snippets";
            let is_there =
                root.join("light-client/wasm/npm").join(name).is_file() || root.join(name).is_file();
            assert!(is_generated || is_there, "{name}");
        }
        for entry in fs::read_dir(root.join("light-client/wasm/npm")).unwrap() {
            let name = entry.unwrap().file_name();
            let name = name.to_str().unwrap();
            let is_listed = package["files"]
                .as_array()
                .unwrap()
                .iter()
                .any(|file| file == name);
            assert!(is_listed || name == "package.json", "{name} is not published");
        }
    }
}
