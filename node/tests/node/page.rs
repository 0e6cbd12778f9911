//! The page beside the web API.

use super::scene::{Folder, Process, command, get, read};
use playfair_http::Client;
use serde_json::json;
use std::fs;

const FILES: usize = 24;

/// A page with as many files as a visit asks for.
pub(crate) fn write(folder: &Folder) {
    let page = folder.path().join("page");
    fs::create_dir_all(page.join("assets-0")).expect("a folder");
    fs::write(page.join("index.html"), "<!doctype html><title>page</title>").expect("written");
    for number in 0..FILES {
        fs::write(page.join(format!("assets-0/{number}.js")), "let it = 1").expect("written");
    }
}

async fn status(client: &Client, path: &str) -> u16 {
    get(client, path).await.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_costs_the_web_api_nothing_and_the_other_way_round() {
    let folder = Folder::with_chains(&["one"]);
    write(&folder);
    let rate = ["--set", "guard.rate.burst=2", "--set", "guard.rate.per_second=1"];
    let node = Process::spawn(&folder, &[&["--page", "page"][..], &rate].concat()).ready();
    let client = node.client();
    let index = client.get("/").await.expect("an answer");
    assert_eq!(index.status, 200);
    assert!(index.body.starts_with(b"<!doctype html>"));
    let policy = index.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.contains("require-trusted-types-for"), "{policy}");
    // What is the page's alone no other page may read; what is the API's, any.
    assert!(!index.headers.contains_key("access-control-allow-origin"));
    for number in 0..FILES {
        assert_eq!(status(&client, &format!("/assets-0/{number}.js")).await, 200);
    }
    // So many are more than the web API would have answered.
    let api = client.get("/v1/chains").await.expect("an answer");
    assert_eq!(api.status, 200);
    assert_eq!(api.headers["access-control-allow-origin"], "*");
    let unknown = client.get("/v1/nothing").await.expect("an answer");
    assert_eq!(unknown.headers["access-control-allow-origin"], "*");
    assert_eq!(read(&unknown).0, 404);
    let mut refused = 0;
    for _ in 0..8 {
        refused += usize::from(status(&client, "/v1/chains").await == 429);
    }
    assert!(refused > 0);
    assert_eq!(status(&client, "/").await, 200);
    let ended = node.stop();
    assert!(ended.status.success(), "{ended:?}");
    assert!(ended.log.contains("files=25"), "{}", ended.log);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_page_everything_else_is_as_it_was() {
    let folder = Folder::with_chains(&["one"]);
    write(&folder);
    for (page, found) in [("none", 404), ("page", 200)] {
        let node = Process::spawn(&folder, &["--set", &format!("api.page={page}")]).ready();
        let client = node.client();
        let (code, told) = get(&client, "/").await;
        assert_eq!(code, found);
        let says = told["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(says.contains("cargo xtask web"), found == 404, "{says}");
        for (path, expected) in [
            ("/v1", json!("not_found")),
            ("/v1/", json!("not_found")),
            ("/v1/nothing", json!("not_found")),
            ("/nothing", json!("not_found")),
            ("//", json!("not_found")),
            ("/v1/chains/none", json!("unknown_chain")),
        ] {
            let (code, told) = get(&client, path).await;
            assert_eq!((code, &told["error"]["code"]), (404, &expected), "{path}");
        }
        let posted = client
            .post("/v1/nothing", "text/plain", "")
            .await
            .expect("an answer");
        assert_eq!(posted.status, 404);
        let posted = client.post("/", "text/plain", "").await.expect("an answer");
        assert_eq!(posted.status, 405);
        assert_eq!(status(&client, "/v1/docs").await, 200);
        assert!(node.stop().status.success());
    }
}

#[test]
fn a_folder_that_is_no_page_stops_the_start_and_the_check() {
    let folder = Folder::empty();
    fs::create_dir(folder.path().join("empty")).expect("a folder");
    for args in [
        &["config", "check", "--set", "api.page=empty"][..],
        &["node", "--page", "empty"],
        &["node", "--page", "nowhere"],
    ] {
        let output = command(&folder).args(args).output().expect("the command");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains("the page (api.page) cannot be served"), "{said}");
    }
    assert!(!folder.path().join("playfair-data").exists());
    write(&folder);
    let checked = command(&folder)
        .args(["config", "check"])
        .env("PLAYFAIR_API__PAGE", "page")
        .output()
        .expect("the command");
    let shown = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(
        checked.status.success() && shown.contains("the variable PLAYFAIR_API__PAGE"),
        "{shown}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_beside_the_program_is_served_unless_another_is_named() {
    let folder = Folder::empty();
    write(&folder);
    let program = folder.path().join("playfair");
    let built = env!("CARGO_BIN_EXE_playfair");
    if fs::hard_link(built, &program).is_err() {
        fs::copy(built, &program).expect("the program");
    }
    fs::rename(folder.path().join("page"), folder.path().join("playfair-page")).expect("its name");
    for (args, found) in [(&[][..], 200), (&["--page", "none"], 404)] {
        let mut command = std::process::Command::new(&program);
        command
            .current_dir(folder.path())
            .args(["node", "--listen", "127.0.0.1:0"]);
        let node = Process::of(command.args(args)).ready();
        assert_eq!(status(&node.client(), "/").await, found);
        assert!(node.stop().status.success());
    }
}
