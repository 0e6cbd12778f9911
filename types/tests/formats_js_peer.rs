//! docs/FORMATS.md read a second time, in another language with another Poseidon: `tests/peers/formats.mjs` recomputes
//! vectors from the bytes of other vectors, and this test demands the committed ones.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

fn pairs(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.split_once(' ')).collect()
}

#[test]
fn javascript_computes_the_same_vectors() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/formats-v1.txt");
    let committed = std::fs::read_to_string(file).expect("the committed vectors");
    let mut node = playfair_peers::start("formats.mjs");
    node.stdin
        .take()
        .expect("stdin")
        .write_all(committed.as_bytes())
        .expect("node reads");
    let output = node.wait_with_output().expect("node ends");
    assert!(
        output.status.success(),
        "formats.mjs failed: its message is above"
    );
    let recomputed = String::from_utf8(output.stdout).expect("text");
    let (committed, recomputed) = (pairs(&committed), pairs(&recomputed));
    for (name, value) in &recomputed {
        assert_eq!(committed.get(name), Some(value), "{name}");
    }
    assert!(
        recomputed.len() >= 22,
        "only {} vectors were recomputed",
        recomputed.len()
    );
}
