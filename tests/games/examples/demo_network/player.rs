//! A player: hears the other's calls, and answers each with the next of its own.

use crate::Result;
use crate::ladder::{Ladder, Submitted};
use crate::network::{self, bytes};
use http::HeaderMap;
use playfair_chess::rules::Move;
use playfair_games::chess::Match;
use playfair_http::{Client, Message, WebSocketLimits};
use playfair_runtime::local::Players;
use playfair_types::Fr;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::tape::call_message;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

/// A call of the game, signed.
pub(crate) struct Step {
    pub(crate) by: String,
    /// As players say it.
    pub(crate) name: String,
    record: Vec<u8>,
    id: [u8; 32],
}

/// All calls of a game in order.
pub(crate) fn steps(game: &Match, chain_id: Fr) -> Result<Vec<Step>> {
    let mut players = Players::of(chain_id);
    let moves = game.pgn.moves.iter().zip(0..);
    let moves = moves.map(|(mv, ply)| match ply % 2 {
        0 => format!("{:>2}. {}", ply / 2 + 1, squares(*mv)),
        _ => format!("{:>2}. .. {}", ply / 2 + 1, squares(*mv)),
    });
    let names = ["challenges".to_owned(), "joins".to_owned()].into_iter();
    let names = names.chain(moves).chain(["ends it".to_owned()]);
    let opening = game.opening(&mut players);
    let calls = opening.into_iter().chain(game.moves()).chain(game.ending());
    let steps = calls.zip(names).map(|(call, name)| {
        let record = call.sign(&mut players);
        Ok(Step {
            id: fr_to_bytes(&call_message(chain_id, &record)?),
            by: call.by,
            name,
            record,
        })
    });
    steps.collect()
}

/// A move by its squares, with what a pawn becomes.
fn squares(mv: Move) -> String {
    let file = |square: u32| char::from(b'a' + (square % 8) as u8);
    let becomes = ["", "n", "b", "r", "q"]
        .get(usize::from(mv.0 >> 12))
        .unwrap_or(&"");
    let (from, to) = (mv.from(), mv.to());
    format!(
        "{}{}{}{}{becomes}",
        file(from),
        from / 8 + 1,
        file(to),
        to / 8 + 1
    )
}

/// One of the two.
pub(crate) struct Player {
    client: Client,
    name: String,
    steps: Arc<Vec<Step>>,
    ladder: Ladder,
}

impl Player {
    pub(crate) fn new(client: &Client, name: &str, steps: &Arc<Vec<Step>>, ladder: Ladder) -> Self {
        Self {
            client: client.clone(),
            name: name.to_owned(),
            steps: Arc::clone(steps),
            ladder,
        }
    }

    /// Plays to the end.
    pub(crate) async fn play(self) -> Result<()> {
        let limits = WebSocketLimits::default();
        let mut socket = self
            .client
            .websocket("/v1/chains/chess/ws", HeaderMap::new(), &limits)
            .await?;
        let ask = json!({ "subscribe": "receipts", "as": 1, "from": 1 });
        socket.send(Message::text(ask.to_string())).await?;
        let mut heard = HashSet::new();
        for (number, step) in self.steps.iter().enumerate() {
            if step.by == self.name {
                self.submit(number, step).await?;
                continue;
            }
            while !heard.contains(&step.id) {
                let message = socket.next().await.ok_or("the node has closed the connection")?;
                let Message::Text(text) = message? else { continue };
                heard.extend(ids(&serde_json::from_str(&text)?)?);
            }
        }
        socket.close().await;
        Ok(())
    }

    /// Submits a call, and waits until it is sealed.
    async fn submit(&self, number: usize, step: &Step) -> Result<()> {
        self.ladder.follow(Submitted {
            number: u32::try_from(number)?,
            what: format!("{:<15} {:<12}", step.by, step.name),
            id: step.id,
            at: Instant::now(),
        })?;
        let path = "/v1/chains/chess/calls";
        let record = step.record.clone();
        let answer = self.client.post(path, "application/octet-stream", record).await?;
        let sealed: Value = network::json(answer)?;
        match sealed["outcome"] == "ok" {
            true => Ok(()),
            false => Err(format!("{}: {sealed}", step.name).into()),
        }
    }
}

/// The names of the calls in a message.
fn ids(message: &Value) -> Result<Vec<[u8; 32]>> {
    if let Some(problem) = message.get("error") {
        return Err(problem.to_string().into());
    }
    let records = message["delta"]["records"].as_array().into_iter().flatten();
    let ids = records.filter_map(|record| record.get("id"));
    ids.map(|id| Ok(bytes(id)?.try_into().map_err(|_| "a call's name has 32 bytes")?))
        .collect()
}
