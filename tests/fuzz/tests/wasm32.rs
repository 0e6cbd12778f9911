//! The browser's target computes what this one does: samples, hashes and signatures, to the byte.

use playfair_fuzz::cross_target::{COMMITTED, digest};
use std::path::Path;
use std::process::Command;

/// Runs the `main` of a module without imports; its result is the exit code.
const RUN: &str = "
    const { readFileSync } = require('node:fs');
    WebAssembly.instantiate(readFileSync(process.argv[1])).then(
        ({ instance }) => process.exit(instance.exports.main(0, 0)),
        (error) => { console.error(error); process.exit(2); },
    );
";

#[test]
fn this_target_makes_the_committed_digest() {
    let found = digest();
    if std::env::var_os("PLAYFAIR_BLESS").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/cross-target.txt");
        std::fs::write(file, format!("{found}\n")).expect("writing the blessed digest");
        return;
    }
    assert_eq!(
        found,
        COMMITTED.trim(),
        "run `cargo xtask bless` if a format changed on purpose"
    );
}

#[test]
fn wasm32_makes_the_committed_digest() {
    let target_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasm32");
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--locked",
            "--quiet",
            "--target",
            "wasm32-unknown-unknown",
            "--bin",
            "cross_target",
        ])
        .arg("--target-dir")
        .arg(&target_dir)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo starts");
    assert!(
        built.success(),
        "the wasm32 build failed; `rustup target add wasm32-unknown-unknown`, then again"
    );
    let module = target_dir.join("wasm32-unknown-unknown/debug/cross_target.wasm");
    let run = Command::new("node")
        .args(["-e", RUN])
        .arg(&module)
        .status()
        .expect("`node` starts: install Node.js 18+");
    assert_eq!(run.code(), Some(0), "wasm32 differs (1) or trapped (2)");
}
