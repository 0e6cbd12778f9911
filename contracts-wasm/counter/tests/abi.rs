//! The ABI of the counter, as clients read it. Whoever changes it changes what generated clients are made of.

use playfair::Module;
use playfair_counter::Counter;
use std::path::Path;

#[test]
fn the_abi_is_as_recorded() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/abi.json");
    if std::env::var_os("PLAYFAIR_BLESS").is_some() {
        std::fs::write(&file, format!("{}\n", Counter::ABI)).expect("writing the ABI");
    }
    let recorded = std::fs::read_to_string(&file).expect("the recorded ABI");
    assert_eq!(Counter::ABI, recorded.trim_end());
}
