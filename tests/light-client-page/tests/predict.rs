//! Predictions in Chromium: what is foreseen is what the recorded chain did. What each scenario does is told in `tests/peers/predict-pages.mjs`.

use playfair_light_client_page::chromium::{built, recording, run};
use std::path::Path;

fn scenario(name: &str) {
    let _ = run(
        "predict-pages.mjs",
        &[Path::new(name), &built("light-client"), &recording()],
    );
}

#[test]
fn what_is_foreseen_is_what_happened() {
    scenario("happens");
}

#[test]
fn after_a_refresh_nobody_is_asked() {
    scenario("refreshed");
}

#[test]
fn another_module_is_refused() {
    scenario("modules");
}

#[test]
fn only_what_a_verified_block_names_is_compiled() {
    scenario("compiled");
}

#[test]
fn what_takes_too_long_is_ended() {
    scenario("slow");
}
