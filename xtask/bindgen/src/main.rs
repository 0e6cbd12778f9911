//! wasm-bindgen's generator: writes the JavaScript beside a WebAssembly module that `#[wasm_bindgen]` has marked.
//!
//! `wasm-bindgen-cli` does the same with a web server and a client in tow, and its version must be the library's, to the digit. This program
//! is the generator alone, at the version that this package has, with a lock file: a page's bytes are the same wherever it is built.

use std::path::Path;
use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["--version"] => {
            println!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        [module, name, folder] => generate(module, name, folder),
        _ => Err("usage: playfair-bindgen MODULE.wasm NAME FOLDER".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Modules of JavaScript for a page, their types, and the WebAssembly module beside them.
fn generate(module: &str, name: &str, folder: &str) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Display| format!("{module}: {error:#}");
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name(name)
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(false);
    bindgen.web(true).map_err(|error| told(&error))?;
    bindgen.generate(Path::new(folder)).map_err(|error| told(&error))
}
