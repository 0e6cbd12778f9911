//! The node is killed while it is asked, again and again; what it acknowledged must be there after.

use crate::process::{Node, get};
use playfair_games::module::chess;
use playfair_runtime::local::Players;
use playfair_types::Decode;
use playfair_types::tape::genesis::GenesisRecord;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Times that it is killed.
const RUNS: u64 = 20;
/// Players at the same time.
const PLAYERS: u32 = 16;

/// What came of it.
pub(crate) struct Told {
    pub(crate) runs: u64,
    pub(crate) acknowledged: u64,
    pub(crate) lost: u64,
}

pub(crate) async fn run(folder: &Path) -> Told {
    let mut node = Node::start(folder, &[]).await;
    let settings = json!({ "account_calls_per_s": 10_000, "account_gas_per_s": u32::MAX, "prove": false });
    let genesis = GenesisRecord::decode(&node.chain(&chess().bytes, settings).await).expect("genesis");
    let mut told = Told {
        runs: 0,
        acknowledged: 0,
        lost: 0,
    };
    let mut seed = 11u64;
    for run in 0..RUNS {
        let tasks: Vec<_> = (0..PLAYERS)
            .map(|number| {
                let (client, chain) = (node.client(), genesis.chain_id());
                tokio::spawn(async move {
                    // New players each time: nobody has to find out which call was the last.
                    let mut players = Players::of(chain);
                    let name = format!("player {run} {number}");
                    let mut acknowledged = Vec::new();
                    loop {
                        let challenge = [vec![0, 0], 60_000u32.to_le_bytes().to_vec(), vec![0; 4]].concat();
                        let call = players.call(&name, 0, &challenge).expect("a call");
                        let path = "/v1/chains/bench/calls";
                        let Ok(answer) = client.post(path, "application/octet-stream", call).await else {
                            return acknowledged;
                        };
                        let Ok(answer) = answer.success() else {
                            return acknowledged;
                        };
                        let sealed: Value = serde_json::from_slice(&answer.body).expect("JSON");
                        if sealed["status"] == "sealed" {
                            acknowledged.push((sealed["id"].clone(), sealed["evidence"]["receipt"].clone()));
                        }
                    }
                })
            })
            .collect();
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis(100 + (seed >> 33) % 900)).await;
        let before = node.kill().await;
        let mut acknowledged = Vec::new();
        for task in tasks {
            acknowledged.extend(task.await.expect("a player"));
        }
        (node, _) = Node::again(folder, &before).await;
        let client = node.client();
        for (id, receipt) in &acknowledged {
            let path = format!("/v1/chains/bench/calls/{}", id.as_str().expect("digits"));
            let answer = client.get(&path).await.expect("an answer");
            let found: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            told.lost += u64::from(found["evidence"]["receipt"] != *receipt);
        }
        told.runs += 1;
        told.acknowledged += acknowledged.len() as u64;
    }
    assert_eq!(get(&node.client(), "/v1/chains/bench").await["status"], "running");
    node.kill().await;
    told
}
