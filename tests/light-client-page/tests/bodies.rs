//! The bodies of the native tests (`tests/light-client`), as WebAssembly in Chromium's engine.

use playfair_light_client_page::chromium::{built, run};
use serde_json::Value;
use std::path::Path;

#[test]
fn truths_are_believed_and_lies_named_as_they_are_natively() {
    let report = run(
        "light-client-bodies.mjs",
        &[Path::new("test"), &built("light-client-page")],
    );
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["wrong"], Value::Array(Vec::new()), "{report:#}");
    assert!(report["truths"].as_u64().unwrap() >= 5, "{report}");
    assert!(report["lies"].as_u64().unwrap() >= 100, "{report}");
}
