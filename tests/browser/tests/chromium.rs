//! The same histories in wasmtime and in headless Chromium. A row of [`rows::all`] is a module with blocks of calls.

mod rows;

use playfair_browser_tests::history::History;
use playfair_browser_tests::peers::{self, Engine};
use std::path::Path;

#[test]
fn chromium_and_wasmtime_agree() {
    let histories = rows::all();
    let answer = peers::run(Engine::Chromium, &histories.iter().collect::<Vec<_>>());
    println!("{}", answer.agent);
    assert!(
        answer.agent.contains("Chrome/"),
        "{} is no Chromium",
        answer.agent
    );
    assert_eq!(answer.histories.len(), histories.len());
    let pairs = histories.iter().zip(&answer.histories);
    let differences: Vec<_> = pairs
        .flat_map(|(history, found)| history.differences(found))
        .collect();
    if !differences.is_empty() {
        panic!(
            "the engines differ:\n  {}\n{}",
            differences.join("\n  "),
            again(&histories)
        );
    }
}

/// The comparison is worth something only if an engine that is wrong is found out. This one, in node for speed, gets a
/// module that charges one gas too much wherever it charges a little.
#[test]
fn a_module_that_charges_otherwise_is_found_out() {
    let mut history = rows::small();
    let answer = peers::run(Engine::Node, &[&history]);
    assert_eq!(history.differences(&answer.histories[0]), Vec::<String>::new());

    history.pretend(charge_more);
    let answer = peers::run(Engine::Node, &[&history]);
    let differences = history.differences(&answer.histories[0]);
    let names = |name: &str| differences.iter().any(|difference| difference.contains(name));
    assert!(names(".gas: ") && names(".receipts: "), "{differences:?}");
    assert!(!names(".root: ") && !names(".tape: "), "{differences:?}");
}

/// Raises every charge of gas that is one byte long: `global.get G; i32.const c; i32.sub; global.set G`. A function begins
/// with the charge of its frame to another global.
fn charge_more(instrumented: &mut [u8]) {
    let is_charge = |bytes: &[u8]| matches!(bytes, [0x23, g, 0x41, 0..62, 0x6b, 0x24, h] if g == h);
    let charges = |bytes: &[u8]| -> Vec<usize> {
        let windows = bytes.windows(7).enumerate();
        windows
            .filter(|(_, bytes)| is_charge(bytes))
            .map(|(at, _)| at)
            .collect()
    };
    let charges = charges(instrumented);
    let frames = instrumented[charges[0] + 1];
    for at in charges {
        if instrumented[at + 1] != frames {
            instrumented[at + 3] += 1;
        }
    }
}

/// Keeps the histories for a closer look, and says how.
fn again(histories: &[History]) -> String {
    let jobs: Vec<_> = histories.iter().map(History::job).collect();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("histories.json");
    match std::fs::write(&file, serde_json::json!({ "histories": jobs }).to_string()) {
        Ok(()) => format!(
            "to run the same in node: `node chain-engines.mjs node < {}` in {}",
            file.display(),
            peers::dir().display()
        ),
        Err(error) => format!("the histories could not be kept: {error}"),
    }
}
