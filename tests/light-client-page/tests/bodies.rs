//! The bodies of the native tests (`tests/light-client`), as WebAssembly in Chromium's engine.

use playfair_light_client_page::chromium::{built, run};
use serde_json::Value;
use std::path::Path;

/// The lies are told by tests of their own, side by side: each takes a while.
const SHARES: u64 = 4;

fn bodies(args: &[&str]) -> Value {
    let (what, rest) = args.split_first().unwrap();
    let folder = built("light-client-page");
    let mut paths = vec![Path::new(*what), folder.as_path()];
    paths.extend(rest.iter().map(Path::new));
    serde_json::from_str(&run("light-client-bodies.mjs", &paths)).unwrap()
}

fn lies(first: u64) {
    let report = bodies(&["lies", &first.to_string(), &SHARES.to_string()]);
    assert_eq!(report["wrong"], Value::Array(Vec::new()), "{report:#}");
    let (told, of) = (report["told"].as_array().unwrap(), report["of"].as_u64().unwrap());
    assert!(of >= 100, "{report}");
    assert_eq!(told.len() as u64, (of - first).div_ceil(SHARES), "{report}");
}

/// What the benchmark takes the time of, once each.
#[test]
fn single_checks_hold_in_chromium() {
    let times = bodies(&["cost", "1"]);
    let times = times.as_object().unwrap();
    assert!(times.len() >= 8, "{times:?}");
    for (name, ms) in times {
        assert!(ms.as_f64().is_some_and(|ms| ms > 0.0), "{name}: {ms}");
    }
}

#[test]
fn truths_are_believed_as_natively() {
    assert!(bodies(&["truths"]).as_array().unwrap().len() >= 5);
}

#[test]
fn lies_are_named_as_natively_first_share() {
    lies(0);
}

#[test]
fn lies_are_named_as_natively_second_share() {
    lies(1);
}

#[test]
fn lies_are_named_as_natively_third_share() {
    lies(2);
}

#[test]
fn lies_are_named_as_natively_fourth_share() {
    lies(3);
}
