//! Modules that histories run: WebAssembly text, AssemblyScript compiled by its own compiler, Rust as `playfair build`
//! compiles it.

use crate::peers;
use playfair_admission::{Admitted, admit};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Admits a module of WebAssembly text.
///
/// # Panics
/// If it is no text of a module, or no chain admits it.
#[must_use]
pub fn text(wat: &str) -> Admitted {
    let wasm = wat::parse_str(wat).expect("WebAssembly text");
    admit(&wasm).unwrap_or_else(|rejection| panic!("{rejection}"))
}

/// The module that does whatever it is told: see [`crate::programs`].
///
/// # Panics
/// Never.
#[must_use]
pub fn sink() -> Admitted {
    text(include_str!("../modules/sink.wat"))
}

/// Compiles a Rust module: the folder `name` of contracts-wasm.
///
/// # Panics
/// If it does not compile, or no chain admits it.
#[must_use]
pub fn rust(name: &str) -> Admitted {
    let project = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../contracts-wasm")
        .join(name);
    let built = playfair_node::build::build(&project).unwrap_or_else(|problem| panic!("{problem:#}"));
    built.admitted
}

/// Compiles contracts-wasm/tally with the AssemblyScript compiler and returns the module. `name` tells builds of one
/// test run apart.
///
/// # Panics
/// If the compiler does not run or does not like the module.
#[must_use]
pub fn tally(into: &Path, name: &str) -> Vec<u8> {
    let project = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts-wasm/tally");
    let module = into.join(format!("{name}.wasm"));
    let compiler = peers::dir().join("node_modules/assemblyscript/bin/asc.js");
    let status = Command::new("node")
        .arg(compiler)
        .args(["--config", "asconfig.json", "--outFile"])
        .arg(&module)
        .current_dir(project)
        .status()
        .expect("`node` starts; version 20 or later must be installed");
    assert!(
        status.success(),
        "the AssemblyScript compiler failed: its message is above"
    );
    std::fs::read(module).expect("the compiled module")
}
