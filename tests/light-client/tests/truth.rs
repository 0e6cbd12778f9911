//! The truth is believed: the bodies of `src/truths.rs`, natively.

use playfair_light_client_tests::truths;

#[test]
fn the_truth_is_believed() {
    assert!(truths::ALL.len() >= 5);
    for (name, body) in truths::ALL {
        println!("{name}");
        body();
    }
}
