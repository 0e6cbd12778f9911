//! The package that `cargo xtask web` has built, in real pages of Chromium under a strict content security policy. What each scenario does is
//! told in `tests/peers/light-client-pages.mjs`.

use playfair_light_client_page::chromium::{built, recording, run};
use std::path::Path;

fn scenario(name: &str) {
    let _ = run(
        "light-client-pages.mjs",
        &[Path::new(name), &built("light-client"), &recording()],
    );
}

#[test]
fn a_page_follows_the_chain_until_every_call_is_proven() {
    scenario("follows");
}

#[test]
fn a_lie_reaches_the_page_as_what_it_is() {
    scenario("lies");
}

#[test]
fn blocks_accounts_and_places_are_what_was_recorded() {
    scenario("reads");
}

#[test]
fn a_busy_node_is_asked_again() {
    scenario("busy");
}

#[test]
fn a_socket_only_says_when_to_ask() {
    scenario("woken");
}

#[test]
fn every_lie_that_a_page_asks_for_is_caught() {
    scenario("made");
}

#[test]
fn a_lie_of_the_nodes_own_is_never_counted_as_made() {
    scenario("own");
}

#[test]
fn mistakes_of_a_page_are_told_by_their_kind() {
    scenario("mistakes");
}

#[test]
fn a_node_that_is_gone_for_a_while_is_waited_for() {
    scenario("silence");
}

#[test]
fn a_page_that_nobody_looks_at_asks_seldom() {
    scenario("paces");
}

#[test]
fn a_visitor_who_comes_back_asks_for_no_proof_again() {
    scenario("reload");
}

#[test]
fn one_tab_asks_and_the_next_one_goes_on() {
    scenario("tabs");
}

#[test]
fn without_locks_each_tab_is_for_itself() {
    scenario("alone");
}

#[test]
fn storage_that_is_cleared_is_filled_again() {
    scenario("cleared");
}

#[test]
fn the_code_in_the_readme_runs() {
    scenario("readme");
}

#[test]
fn the_example_page_shows_what_was_verified() {
    scenario("example");
}
