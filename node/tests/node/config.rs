//! Configurations as the command reads them.

use super::scene::{Folder, command};
use std::process::Output;

fn run(folder: &Folder, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = command(folder);
    command
        .args(args)
        .envs(variables.iter().copied())
        .output()
        .expect("the command")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_default_file_can_be_written_and_read() {
    let folder = Folder::empty();
    let shown = run(&folder, &["config", "show", "--default"], &[]);
    assert!(shown.status.success());
    // It is found by its name.
    std::fs::write(folder.path().join("playfair.toml"), &shown.stdout).expect("written");
    let checked = run(&folder, &["config", "check"], &[("PLAYFAIR_LOG__FORMAT", "json")]);
    let checked = text(&checked.stdout);
    for words in [
        "api.listen",
        "\"127.0.0.1:8480\"",
        "playfair.toml:",
        "the variable PLAYFAIR_LOG__FORMAT",
        "admin.socket",
    ] {
        assert!(checked.contains(words), "no `{words}` in\n{checked}");
    }
}

#[test]
fn a_mistake_is_told_with_its_place_before_anything_is_touched() {
    let folder = Folder::empty();
    std::fs::write(folder.path().join("bad.toml"), "[server]\nconections_max = 1\n").expect("written");
    for command in [
        &["config", "check", "--config", "bad.toml"][..],
        &["node", "--config", "bad.toml"],
    ] {
        let output = run(&folder, command, &[("PLAYFAIR_API__LISTEN", "everywhere")]);
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        for words in [
            "bad.toml:2: there is no setting `server.conections_max`; is `server.connections_max` meant?",
            "the variable PLAYFAIR_API__LISTEN: api.listen = \"everywhere\"",
        ] {
            assert!(errors.contains(words), "no `{words}` in {errors}");
        }
    }
    let missing = run(&folder, &["node", "--config", "none.toml"], &[]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(
        text(&missing.stderr).contains("none.toml: cannot be read"),
        "{missing:?}"
    );
    let flag = run(&folder, &["node", "--listen", "here"], &[]);
    assert!(
        text(&flag.stderr).contains("--listen: api.listen = \"here\""),
        "{flag:?}"
    );
    assert!(!folder.path().join("playfair-data").exists());
}
