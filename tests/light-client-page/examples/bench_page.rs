//! `cargo xtask bench browser`: what the light client costs in Chromium, as lines of name, value and unit.
//!
//! Single checks are medians of many, in a worker; `committee_made_chromium_ms` is the making of 512 keys and reading them, once. A newcomer's and a
//! returning visitor's time runs from opening the chain to the last proof, with a node on this machine.

use playfair_light_client_page::chromium::{built, recording, run};
use serde_json::{Map, Value};
use std::path::Path;

fn main() {
    let page = run(
        "light-client-pages.mjs",
        &[Path::new("cost"), &built("light-client"), &recording()],
    );
    let checks = run(
        "light-client-bodies.mjs",
        &[Path::new("cost"), &built("light-client-page")],
    );
    let predicted = run(
        "predict-pages.mjs",
        &[Path::new("cost"), &built("light-client"), &recording()],
    );
    for report in [page, checks, predicted] {
        let costs: Map<String, Value> = serde_json::from_str(&report).expect("a script's report is JSON");
        for (name, value) in costs {
            let unit = if name.ends_with("_ms") { "ms" } else { "bytes" };
            println!("{name}\t{value}\t{unit}");
        }
    }
}
