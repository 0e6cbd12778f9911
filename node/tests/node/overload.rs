//! More than the node takes: it says so, and goes on.

use super::scene::{
    Folder, PATIENCE, Process, figure, get, metrics, pause, players, running, runtime, submit,
};
use playfair_http::{Client, ClientLimits};
use std::collections::BTreeMap;
use std::time::Instant;

const CLIENTS: usize = 48;
const REQUESTS: usize = 25;

#[test]
fn what_is_too_much_is_shed_and_the_node_recovers() {
    runtime().block_on(run());
}

async fn run() {
    let folder = Folder::with_chains(&["counter"]);
    let tiny = [
        "server.connections_max=24",
        "server.connections_per_ip_max=20",
        "guard.rate.per_second=40",
        "guard.rate.burst=60",
        "metrics.listen=127.0.0.1:0",
    ];
    let args: Vec<&str> = tiny.iter().flat_map(|setting| ["--set", setting]).collect();
    let process = Process::spawn(&folder, &args).ready();
    let shown = running(&process.client(), "counter").await;
    let address = process.place("api");
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let client = Client::new(&address, None, ClientLimits::default()).expect("an address");
            let mut players = players(&shown);
            tokio::spawn(async move {
                let mut next = || players.call(&format!("player {number}"), 0, &[]).expect("a call");
                let mut record = next();
                let mut seen = BTreeMap::<u16, u64>::new();
                for _ in 0..REQUESTS {
                    let (status, answer) = match submit(&client, "counter", &record).await {
                        Ok(answered) => answered,
                        // A connection that is one too many is told so before it asks, which this client's library may
                        // take for a broken one. The same call again: if it was sealed after all, it is the same.
                        Err(_) => continue,
                    };
                    *seen.entry(status).or_default() += 1;
                    match status {
                        200 => record = next(),
                        // What was refused was not taken: the same call again.
                        _ => assert!(answer["error"]["code"].is_string(), "{status} {answer}"),
                    }
                }
                seen
            })
        })
        .collect();
    let mut seen = BTreeMap::<u16, u64>::new();
    for client in clients {
        for (status, count) in client.await.expect("a client") {
            *seen.entry(status).or_default() += count;
        }
    }
    assert_eq!(
        seen.keys().copied().collect::<Vec<_>>(),
        [200, 429, 503],
        "{seen:?}"
    );

    // The same client again, once its allowance has come back.
    let client = process.client();
    let until = Instant::now() + PATIENCE;
    let mut players = players(&shown);
    let record = players.call("late", 0, &[]).expect("a call");
    while submit(&client, "counter", &record)
        .await
        .map_or(0, |(status, _)| status)
        != 200
    {
        assert!(Instant::now() < until, "the node does not recover");
        pause().await;
    }
    // What was told to be sealed was, and nothing else.
    while get(&client, "/v1/node").await.0 != 200 {
        assert!(Instant::now() < until, "the node does not recover");
        pause().await;
    }
    let page = metrics(&process).await;
    let ok = "playfair_chain_calls_total{chain=\"counter\",outcome=\"ok\"}";
    assert_eq!(figure(&page, ok), Some((seen[&200] + 1) as f64), "{page}");
    let shed = [
        "playfair_calls_refused_total{chain=\"counter\",code=\"rate_limited\"}",
        "playfair_http_ended_total{listener=\"api\",reason=\"per_ip\"}",
    ];
    for line in shed {
        assert!(
            figure(&page, line).is_some_and(|count| count > 0.0),
            "no {line} in\n{page}"
        );
    }
    assert!(process.stop().status.success());
}
