//! The page in Chromium, before a network of `playfair dev`: what strangers do with it (`tests/peers/page-*.mjs`).
//!
//! The page must be built (`cargo xtask web`), and so must the peers' packages be installed.

use super::scene::{Folder, Process, command};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Stdio;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A network with chess, proving, that serves the page.
fn network(folder: &Folder) -> Process {
    let page = root().join("target/web/page");
    assert!(
        page.join("bundle.json").is_file(),
        "there is no page in {}: run `cargo xtask web`, which builds it",
        page.display()
    );
    let mut command = command(folder);
    // cargo, which builds the module, has its things in the home of who runs the tests.
    command.args(["dev", "--listen", "127.0.0.1:0"]);
    // Several visitors come from this one address.
    command.args(["--set", "guard.rate.per_second=0"]);
    command
        .arg("--page")
        .arg(page)
        .arg(root().join("contracts-wasm/chess"));
    Process::of(&mut command).ready()
}

/// Runs a script before a network of its own.
pub(super) fn visit(script: &str, scenario: &str) {
    visit_beside(script, scenario, None);
}

/// The same with another node in reach, which knows nothing of the network.
fn visit_beside(script: &str, scenario: &str, other: Option<&Process>) {
    let folder = Folder::empty();
    let network = network(&folder);
    let mut node = playfair_peers::script(script);
    node.arg(scenario).arg(network.place("page"));
    if let Some(other) = other {
        node.env("PLAYFAIR_OTHER_NODE", other.place("api"));
    }
    if let Some(pictures) = env::var_os("PLAYFAIR_PICTURES") {
        node.arg(pictures);
    }
    let status = node
        .stdin(Stdio::null())
        .status()
        .expect(playfair_peers::NEEDS_NODE);
    let ended = network.stop();
    assert!(
        status.success(),
        "{script} {scenario} failed; its own message is above"
    );
    assert!(ended.status.success(), "{ended:?}");
}

#[test]
fn two_strangers_play_to_mate_and_every_move_climbs_the_ladder() {
    visit("page-play.mjs", "mate");
}

#[test]
fn the_house_is_played_with_the_keyboard_alone() {
    visit("page-play.mjs", "keys");
}

#[test]
fn two_tabs_of_a_visitor_show_one_game() {
    visit("page-play.mjs", "tabs");
}

#[test]
fn another_device_plays_for_a_visitor_until_it_is_shut_out() {
    visit("page-trust.mjs", "session");
}

#[test]
fn a_backup_is_played_with_where_somebody_has_played_already() {
    visit("page-trust.mjs", "restore");
}

#[test]
fn another_link_to_a_known_chain_is_told_before_anything_else() {
    visit("page-trust.mjs", "links");
}

#[test]
fn every_place_on_a_desktop_hinders_nobody() {
    visit("page-play.mjs", "desktop");
}

#[test]
fn every_place_fits_a_phone_and_hinders_nobody() {
    visit("page-play.mjs", "phone");
}

#[test]
fn no_lie_about_blocks_gets_onto_the_screen() {
    let folder = Folder::with_chains(&["other"]);
    let other = Process::spawn(&folder, &[]).ready();
    visit_beside("page-lies.mjs", "blocks", Some(&other));
    let ended = other.stop();
    assert!(ended.status.success(), "{ended:?}");
}

#[test]
fn no_lie_about_calls_and_values_gets_onto_the_screen() {
    visit("page-lies.mjs", "values");
}

#[test]
fn no_lie_about_proofs_gets_onto_the_screen() {
    visit("page-lies.mjs", "proofs");
}
