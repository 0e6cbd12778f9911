//! Set-up: what the stages need on a machine that has rustup, node, npm and python3. It says what it installs, and
//! does nothing where nothing is missing.
//!
//! Tools and packages of npm and Python live in the cache folder, never in the checkout and never system-wide. The one exception is
//! Chromium, for the browser tests: it is a package of the system, and is left alone where there is one.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Doing, Result, failure};
use crate::process::Process;
use crate::python;
use crate::repo::Repo;
use crate::stages::Context;

const WASM32: &str = "wasm32-unknown-unknown";
const NODE_MAJOR_MIN: u32 = 20;
/// Where tests/peers/chain-engines.mjs looks for Chromium, unless [`CHROMIUM_VARIABLE`] names it.
const CHROMIUM_PLACES: &[&str] = &[
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome-stable",
];
const CHROMIUM_VARIABLE: &str = "PLAYFAIR_CHROMIUM";

/// A program that cargo installs for us at an exact version.
struct Tool {
    name: &'static str,
    version: &'static str,
    /// Where its source lies in the checkout; without it, it comes from the registry.
    source: Option<&'static str>,
}

const NEXTEST: Tool = Tool {
    name: "cargo-nextest",
    version: "0.9.143",
    source: None,
};
const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    source: None,
};
/// Its version is that of the library `wasm-bindgen`.
const BINDGEN: Tool = Tool {
    name: "playfair-bindgen",
    version: "0.2.130",
    source: Some("xtask/bindgen"),
};
/// wasm-opt among the npm peers, run by node.
const WASM_OPT: &str = "node_modules/binaryen/bin/wasm-opt";

/// The `setup` stage: all of it.
pub(crate) fn everything(context: &Context) -> Result<Option<String>> {
    toolchain(context.repo)?;
    cargo_nextest(context.repo)?;
    cargo_deny(context.repo)?;
    bindgen(context.repo)?;
    peers(context.repo)?;
    chromium(context.repo)?;
    Ok(None)
}

/// rustfmt, clippy and the standard library of wasm32.
pub(crate) fn toolchain(repo: &Repo) -> Result<()> {
    for (component, probe) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if Process::cargo(&repo.root)
            .args([probe, "--version"])
            .capture()
            .is_err()
        {
            say!("set-up: adding the toolchain component {component}");
            rustup(repo, ["component", "add", component])?;
        }
    }
    let sysroot = Process::new("rustc", &repo.root)
        .args(["--print", "sysroot"])
        .capture()?;
    if !Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM32)
        .is_dir()
    {
        say!("set-up: adding the toolchain target {WASM32}");
        rustup(repo, ["target", "add", WASM32])?;
    }
    Ok(())
}

fn rustup<const N: usize>(repo: &Repo, args: [&str; N]) -> Result<()> {
    Process::new("rustup", &repo.root).args(args).run()
}

/// cargo-nextest's program, installed when missing.
pub(crate) fn cargo_nextest(repo: &Repo) -> Result<PathBuf> {
    install(repo, &NEXTEST)
}

/// cargo-deny's program, installed when missing.
pub(crate) fn cargo_deny(repo: &Repo) -> Result<PathBuf> {
    install(repo, &DENY)
}

/// wasm-bindgen's generator, installed when missing.
pub(crate) fn bindgen(repo: &Repo) -> Result<PathBuf> {
    install(repo, &BINDGEN)
}

/// wasm-opt's process; the npm peers have it.
pub(crate) fn wasm_opt(repo: &Repo) -> Result<Process> {
    let peers = repo.cache.join("peers");
    npm_peers(repo, &peers)?;
    Ok(Process::new("node", &repo.root).args([peers.join(WASM_OPT)]))
}

/// A tool's process, building where our own cargo commands build.
pub(crate) fn tool(repo: &Repo, program: &Path) -> Process {
    Process::new(program, &repo.root).env("CARGO_TARGET_DIR", repo.target())
}

/// Whether everything slow is already there: the tools, and crates of ours (xtask aside) that an earlier run
/// built. A run that finds it so has the warm budget.
pub(crate) fn is_warm(repo: &Repo) -> bool {
    let has = |tool: &Tool| find(repo, tool).is_some();
    let built = fs::read_dir(repo.target().join("debug/.fingerprint"));
    let is_ours = |name: std::ffi::OsString| name.to_string_lossy().starts_with("playfair-");
    let was_built =
        built.is_ok_and(|mut list| list.any(|entry| entry.is_ok_and(|it| is_ours(it.file_name()))));
    was_built && has(&NEXTEST) && has(&DENY) && has(&BINDGEN) && !lacks_chromium(repo)
}

fn install(repo: &Repo, tool: &Tool) -> Result<PathBuf> {
    if let Some(program) = find(repo, tool) {
        return Ok(program);
    }
    let tools = repo.cache.join("tools");
    let build = tools.join("build");
    say!(
        "set-up: building {} {} into {} (a few minutes, once)",
        tool.name,
        tool.version,
        tools.display()
    );
    let package = format!("{}@{}", tool.name, tool.version);
    let what: &[&str] = match tool.source {
        Some(folder) => &["--path", folder],
        None => &[package.as_str()],
    };
    Process::cargo(&repo.root)
        .args(["install", "--locked"])
        .args(what)
        .args(["--root"])
        .args([&tools])
        .args(["--target-dir"])
        .args([&build])
        .run()?;
    // The build's leavings are larger than the tool and of no further use.
    let _ = fs::remove_dir_all(&build);
    Ok(tools.join("bin").join(tool.name))
}

/// The tool in our folder, else on the PATH, at exactly its version.
fn find(repo: &Repo, tool: &Tool) -> Option<PathBuf> {
    let ours = repo.cache.join("tools/bin").join(tool.name);
    [ours, PathBuf::from(tool.name)].into_iter().find(|program| {
        let version = Process::new(program, &repo.root).args(["--version"]).capture();
        version.is_ok_and(|text| says_version(&text, tool))
    })
}

/// `cargo-deny 0.20.2`, perhaps followed by more.
fn says_version(text: &str, tool: &Tool) -> bool {
    let mut words = text.split_whitespace();
    words.next() == Some(tool.name) && words.next() == Some(tool.version)
}

/// A process that runs tests, told where their peers are.
pub(crate) fn for_tests(repo: &Repo, process: Process) -> Process {
    match peers_dir(repo) {
        Some(peers) => process.env("PLAYFAIR_PEERS_DIR", peers),
        None => process,
    }
}

/// Where the peers of the tests are installed; `None` when the repository has none.
fn peers_dir(repo: &Repo) -> Option<PathBuf> {
    repo.root
        .join("tests/peers/package.json")
        .is_file()
        .then(|| repo.cache.join("peers"))
}

/// The peers that tests compare themselves with, in the cache.
pub(crate) fn peers(repo: &Repo) -> Result<()> {
    let Some(peers) = peers_dir(repo) else {
        return Ok(());
    };
    npm_peers(repo, &peers)?;
    python::packages(repo, &peers)
}

/// Copies tests/peers to the cache and installs its npm packages when their lock changed.
fn npm_peers(repo: &Repo, peers: &Path) -> Result<()> {
    node(repo)?;
    let source = repo.root.join("tests/peers");
    fs::create_dir_all(peers).doing(format_args!("make {}", peers.display()))?;
    let mut stamp = Vec::new();
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        if source.join(name).is_file() {
            copy(&source, peers, name)?;
            stamp.extend(fs::read(source.join(name)).doing(format_args!("read tests/peers/{name}"))?);
        }
    }
    copy_scripts(&source, peers)?;
    // The stamp is what was installed, byte for byte; it is written after the install succeeded.
    let stamp_file = peers.join("installed.stamp");
    let is_installed = fs::read(&stamp_file).is_ok_and(|installed| installed == stamp);
    if is_installed && peers.join("node_modules").is_dir() {
        return Ok(());
    }
    say!(
        "set-up: installing the npm peers of the tests into {}",
        peers.display()
    );
    Process::new("npm", peers)
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .run()?;
    fs::write(&stamp_file, stamp).doing(format_args!("write {}", stamp_file.display()))
}

/// The peers' own scripts, without those that left the repository.
fn copy_scripts(source: &Path, peers: &Path) -> Result<()> {
    for name in scripts(peers)? {
        fs::remove_file(peers.join(&name)).doing(format_args!("remove the old {name}"))?;
    }
    for name in scripts(source)? {
        copy(source, peers, &name)?;
    }
    Ok(())
}

fn scripts(folder: &Path) -> Result<Vec<String>> {
    let listing = fs::read_dir(folder).doing(format_args!("list {}", folder.display()))?;
    let names = listing.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|name| name.ends_with(".mjs")).collect())
}

fn copy(from: &Path, to: &Path, name: &str) -> Result<()> {
    fs::copy(from.join(name), to.join(name)).doing(format_args!("copy {name} to {}", to.display()))?;
    Ok(())
}

/// Chromium and the scripts that drive it, whose folder comes back.
pub(crate) fn browser(repo: &Repo) -> Result<PathBuf> {
    let peers = repo.cache.join("peers");
    npm_peers(repo, &peers)?;
    chromium(repo)?;
    Ok(peers)
}

/// Installs Chromium for the browser tests, with the system's package manager.
fn chromium(repo: &Repo) -> Result<()> {
    if !lacks_chromium(repo) {
        return Ok(());
    }
    say!(
        "set-up: installing the system package chromium, for the tests in tests/browser (some minutes, once)"
    );
    let apt = |args: &[&str]| {
        let process = Process::new("apt-get", &repo.root).args(args);
        process.env("DEBIAN_FRONTEND", "noninteractive").run()
    };
    // Package lists may be old, or not there at all.
    apt(&["update"])
        .and_then(|()| apt(&["install", "-y", "--no-install-recommends", "chromium"]))
        .map_err(|why| {
            failure!(
                "the tests in tests/browser need Chromium, and it could not be installed: {why}\n\
                 As root: apt-get install chromium. Elsewhere: install Chromium or Chrome, and set \
                 {CHROMIUM_VARIABLE} to its program."
            )
        })
}

/// Whether there are browser tests and no Chromium for them.
fn lacks_chromium(repo: &Repo) -> bool {
    let is_named = std::env::var_os(CHROMIUM_VARIABLE).is_some();
    let is_there = || CHROMIUM_PLACES.iter().any(|place| Path::new(place).exists());
    repo.root.join("tests/browser").is_dir() && !is_named && !is_there()
}

fn node(repo: &Repo) -> Result<()> {
    let version = Process::new("node", &repo.root).args(["--version"]).capture()?;
    match node_major(&version) {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => Err(failure!(
            "node is {}, the tests need {NODE_MAJOR_MIN} or newer: install Node.js {NODE_MAJOR_MIN}+ \
             (apt-get install nodejs npm)",
            version.trim()
        )),
    }
}

/// `v20.20.2` is 20.
fn node_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_of_another_version_is_not_the_tool() {
        assert!(says_version("cargo-deny 0.20.2\n", &DENY));
        assert!(says_version(
            "cargo-nextest 0.9.143 (abc 2026-01-01)\nrelease: 0.9.143\n",
            &NEXTEST
        ));
        assert!(!says_version("cargo-nextest 0.9.14\n", &NEXTEST));
        assert!(!says_version("", &NEXTEST));
    }

    #[test]
    fn node_versions_are_read() {
        assert_eq!(node_major("v20.20.2\n"), Some(20));
        assert_eq!(node_major("twenty"), None);
    }

    #[test]
    fn scripts_that_left_the_repository_leave_the_cache() {
        let folder = std::env::temp_dir().join(format!("playfair-xtask-{}", std::process::id()));
        let (source, peers) = (folder.join("source"), folder.join("peers"));
        fs::create_dir_all(&source).unwrap();
        fs::create_dir_all(&peers).unwrap();
        fs::write(source.join("new.mjs"), "").unwrap();
        fs::write(peers.join("old.mjs"), "").unwrap();
        copy_scripts(&source, &peers).unwrap();
        assert_eq!(scripts(&peers).unwrap(), ["new.mjs"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
