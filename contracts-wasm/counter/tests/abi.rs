//! The ABI of the counter, as clients read it. Whoever changes it changes what generated clients are made of.

use playfair::Module;
use playfair_counter::Counter;

#[test]
fn the_abi_is_as_recorded() {
    assert_eq!(Counter::ABI, include_str!("abi.json").trim_end());
}
