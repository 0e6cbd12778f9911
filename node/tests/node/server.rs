//! Starting and stopping.

use super::scene::{
    Folder, PATIENCE, Process, command, figure, get, metrics, pause, players, running, runtime, submit, total,
};
use playfair_http::{Client, ClientLimits, Fingerprint};
use rustix::process::Signal;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use tokio::sync::Notify;

#[test]
fn it_says_where_it_listens_and_what_stands_in_the_way() {
    let folder = Folder::with_chains(&["counter"]);
    let first = Process::spawn(&folder, &[]).ready();
    assert_eq!(
        first.place("data"),
        folder
            .data()
            .canonicalize()
            .expect("a path")
            .display()
            .to_string()
    );

    let second = Process::spawn(&folder, &[]).wait();
    assert_eq!(second.status.code(), Some(3), "{second:?}");
    assert!(
        second.log.contains("another node runs on data: stop it first"),
        "{}",
        second.log
    );
    assert!(second.printed.is_empty(), "{second:?}");

    let address = first.place("api");
    let address = address.strip_prefix("http://").expect("plain HTTP");
    let other = Folder::empty();
    let taken = Process::of(command(&other).args(["node", "--data", "data", "--listen", address])).wait();
    assert_eq!(taken.status.code(), Some(4), "{taken:?}");
    for words in [address, "another program listens there", "another port"] {
        assert!(taken.log.contains(words), "no `{words}` in {}", taken.log);
    }

    let ended = first.stop();
    assert!(ended.status.success(), "{ended:?}");
    assert!(
        ended.log.contains("SIGTERM") && ended.log.contains("stopped"),
        "{}",
        ended.log
    );

    std::fs::write(folder.data().join("format"), "99").expect("written");
    let newer = Process::spawn(&folder, &[]).wait();
    assert_eq!(newer.status.code(), Some(5), "{newer:?}");
    assert!(
        newer.log.contains("format 99") && newer.log.contains("run the version that wrote it"),
        "{}",
        newer.log
    );

    // A folder that cannot be made, whoever asks.
    std::fs::write(other.path().join("file"), "").expect("written");
    let mut node = command(&other);
    let nowhere = Process::of(node.args(["node", "--data", "file/data", "--listen", "127.0.0.1:0"])).wait();
    assert_eq!(nowhere.status.code(), Some(6), "{nowhere:?}");
    assert!(nowhere.log.contains("file/data"), "{}", nowhere.log);
}

#[test]
fn too_few_files_are_told_at_the_start() {
    let folder = Folder::empty();
    let node = format!(
        "ulimit -n 400; exec {} node --listen 127.0.0.1:0",
        env!("CARGO_BIN_EXE_playfair")
    );
    let mut shell = std::process::Command::new("sh");
    let process = Process::of(shell.args(["-c", &node]).current_dir(folder.path())).ready();
    let ended = process.stop();
    for word in ["limit=400", "wanted=4608", "ulimit -n", "server.connections_max"] {
        assert!(ended.log.contains(word), "no `{word}` in {}", ended.log);
    }
}

#[test]
fn https_has_the_certificate_that_was_made_and_stays() {
    let folder = Folder::empty();
    let tls = [
        "--set",
        "api.tls_certificate=node.cert",
        "--set",
        "api.tls_key=node.key",
    ];
    let mut shown = Vec::new();
    for _ in 0..2 {
        let process = Process::spawn(&folder, &tls).ready();
        let certificate = std::fs::read(folder.path().join("node.cert")).expect("a certificate");
        let address = process.place("api");
        assert!(address.starts_with("https://"), "{address}");
        assert_eq!(process.place("sha256"), Fingerprint::of(&certificate).to_string());
        let client = Client::new(
            &address,
            Some(Fingerprint::of(&certificate)),
            ClientLimits::default(),
        )
        .expect("an address");
        let answer = runtime().block_on(get(&client, "/v1/node"));
        assert_eq!(answer.0, 200, "{answer:?}");
        shown.push(certificate);
        assert!(process.stop().status.success());
    }
    assert_eq!(shown[0], shown[1]);
    let key = folder.path().join("node.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    let exposed = Process::spawn(&folder, &tls).wait();
    assert_eq!(exposed.status.code(), Some(2), "{exposed:?}");
    assert!(
        exposed.log.contains("others may read this private key"),
        "{}",
        exposed.log
    );
}

#[test]
fn a_stop_keeps_what_it_said_and_a_start_has_all_of_it() {
    runtime().block_on(stop_and_start());
}

async fn stop_and_start() {
    let folder = Folder::with_chains(&["counter", "other"]);
    let process = Process::spawn(
        &folder,
        &["--set", "guard.rate.per_second=0", "--set", "log.format=json"],
    )
    .ready();
    let shown = running(&process.client(), "counter").await;
    let (count, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let clients: Vec<_> = (0..6)
        .map(|number| {
            let client = process.client();
            let mut players = players(&shown);
            let (count, enough) = (Arc::clone(&count), Arc::clone(&enough));
            tokio::spawn(async move {
                let mut book = Vec::new();
                loop {
                    let record = players.call(&format!("player {number}"), 0, &[]).expect("a call");
                    match submit(&client, "counter", &record).await {
                        Ok((200, answer)) => {
                            book.push(answer);
                            if count.fetch_add(1, Ordering::AcqRel) == 60 {
                                enough.notify_one();
                            }
                        }
                        // A request may cross the end of a connection that was idle: then its sender does not know.
                        Ok((503, _)) | Err(_) => return (book, record),
                        Ok((status, answer)) => panic!("{status} {answer}"),
                    }
                }
            })
        })
        .collect();
    enough.notified().await;
    let ended = process.stop();
    assert!(ended.status.success(), "{ended:?}");
    for line in ended.log.lines() {
        let line: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(line["level"].is_string() && line["message"].is_string(), "{line}");
    }
    assert!(ended.log.contains("\"chain\":\"counter\""), "{}", ended.log);

    let again = Process::spawn(&folder, &[]).ready();
    let client = again.client();
    running(&client, "other").await;
    let after = running(&client, "counter").await;
    assert_eq!(
        (&after["id"], &after["genesis"]),
        (&shown["id"], &shown["genesis"])
    );
    let mut booked = 0;
    for task in clients {
        let (book, open) = task.await.expect("a client");
        for answer in book.iter().rev().take(5) {
            let id = answer["id"].as_str().expect("an id");
            assert_eq!(
                get(&client, &format!("/v1/chains/counter/calls/{id}")).await,
                (200, answer.clone())
            );
        }
        let (status, answer) = submit(&client, "counter", &open).await.expect("an answer");
        assert_eq!(status, 200, "{answer}");
        booked += book.len() as u64 + 1;
    }
    assert!(booked > 60);
    assert_eq!(total(&client, "counter").await, booked);
    // Twice is at once, whatever is going on.
    again.signal(Signal::INT);
    again.signal(Signal::INT);
    let ended = again.wait();
    assert!(matches!(ended.status.code(), Some(0 | 130)), "{ended:?}");
}

#[test]
fn who_waits_for_a_block_is_told_that_the_node_stops() {
    runtime().block_on(stop_while_calls_wait());
}

async fn stop_while_calls_wait() {
    const WAITING: usize = 10;
    let folder = Folder::with_chains_each(&["slow"], 60_000);
    let args = [
        "--set",
        "metrics.listen=127.0.0.1:0",
        "--set",
        "server.grace_ms=2000",
    ];
    let process = Process::spawn(&folder, &args).ready();
    let client = process.client();
    let shown = running(&client, "slow").await;
    let mut first = players(&shown);
    let sealed = submit(&client, "slow", &first.call("first", 0, &[]).expect("a call"))
        .await
        .expect("an answer");
    assert_eq!(sealed.0, 200, "{sealed:?}");
    let received = "playfair_http_received_total{listener=\"api\"}";
    let before = figure(&metrics(&process).await, received).expect("a figure");
    // The next block is a minute away.
    let waiting: Vec<_> = (0..WAITING)
        .map(|number| {
            let (client, mut players) = (process.client(), players(&shown));
            let record = players.call(&format!("player {number}"), 0, &[]).expect("a call");
            tokio::spawn(async move { submit(&client, "slow", &record).await })
        })
        .collect();
    let until = Instant::now() + PATIENCE;
    while figure(&metrics(&process).await, received).expect("a figure") < before + WAITING as f64 {
        assert!(Instant::now() < until, "calls do not come");
        pause().await;
    }
    process.signal(Signal::TERM);
    for told in waiting {
        let (status, answer) = told.await.expect("a client").expect("an answer");
        assert_eq!(
            (status, answer["error"]["code"].as_str()),
            (503, Some("unavailable")),
            "{answer}"
        );
        assert!(
            answer["error"]["message"]
                .as_str()
                .is_some_and(|text| text.contains("stopping")),
            "{answer}"
        );
    }
    assert!(process.wait().status.success());
}

#[test]
fn a_status_that_is_watched_is_told_again_and_again() {
    let folder = Folder::empty();
    let node = Process::spawn(&folder, &[]).ready();
    let mut watch = command(&folder);
    watch.env("PLAYFAIR_NODE", node.place("api"));
    let mut watched = Process::of(watch.args(["status", "--watch", "--json"]));
    for _ in 0..3 {
        let line = watched.line("{", PATIENCE).expect("a status");
        assert!(line.contains(r#""chains":[]"#), "{line}");
    }
    // Also of a node that has gone.
    assert!(node.stop().status.success());
    let gone = watched.line(r#"{"error""#, PATIENCE).expect("what is wrong");
    assert!(gone.contains("there is no node"), "{gone}");
    watched.kill();
}
