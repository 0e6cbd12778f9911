//! Subscriptions: a WebSocket that tells of blocks, receipts, values and a call's rungs as they come.
//!
//! # Protocol
//!
//! Text frames, one JSON object each. The client asks, and names each of its subscriptions by a number of its own:
//! ```text
//! {"subscribe":"blocks",  "as":1, "from":17}                   every sealed block from a height on; without it, from now on
//! {"subscribe":"receipts","as":2, "account":"..", "from":17,   records of an account's calls (or all records) with their
//!                                 "evidence":true}             receipts; with evidence, the way from them to the header
//! {"subscribe":"state",   "as":3, "keys":[..], "from":17}      values, keys as in POST state
//! {"subscribe":"call",    "as":4, "id":".."}                   the rungs of one call
//! {"subscribe":"proofs",  "as":5, "from":310}                  proofs of the proven history from a frame of the tape on
//! {"unsubscribe":1}
//! ```
//! The server answers with a snapshot, then with deltas:
//! ```text
//! {"as":1,"cursor":16,"snapshot":{..}}                         null when `from` goes on from an earlier cursor
//! {"as":1,"after":16,"cursor":17,"delta":{..}}
//! {"as":2,"after":17,"cursor":40}                              nothing for this subscription in 18 to 40; every 15 s at most
//! {"as":1,"error":{"code":"..","message":".."}}                the subscription has ended
//! {"as":1,"end":"unsubscribed"}                                and so it has here; a call's ends with "last_rung"
//! {"head":17}                                                  after 15 s without anything else: we are both alive
//! {"status":"halted","reason":"..","retry_ms":..}              the chain; at the beginning unless it runs, then at each change
//! {"error":{"code":"..","message":".."}}                       what came was no request; after eight of them the socket closes
//! ```
//!
//! **Cursors.** A cursor is a height: everything up to it has been told. `after` is the cursor of the message before in
//! the same subscription; a client that has another one has missed something and subscribes again with `from` one above its own
//! cursor. That is how it goes on after a lost connection too, without a gap and without a repetition. Before height 0 the cursor is
//! null. A block whose records do not fit into one message comes in several: all but the last leave the cursor
//! where it was and say `"more":true`, so who goes on from there hears the block again.
//!
//! The cursor of *proofs* is a frame of the tape: everything before it is proven and has been told. `from` is such a cursor.
//!
//! **Nothing is skipped for slow readers**: each socket reads the history at its own pace, and what it is told of a block
//! does not depend on when. One that falls behind what is kept is told so (`not_retained`), and one that does not take what
//! it is sent is cut by the server. *Values* are told as they are after the last block: who is slow, or a node that is,
//! hears of the newest value and not of each between. Each delta has the keys that changed since the cursor
//! before, with one proof for them against the root of its own block. Who must see every change subscribes to receipts.
//!
//! **While the chain is halted, archived or opened again**, nothing is told but its status; subscriptions stay and go on
//! by themselves when it is back.
//!
//! **Bounds.** Sockets in all and for an address (503 and 429 before the upgrade), subscriptions of a socket, keys of a
//! subscription, bytes of a message; each request costs tokens of the address that sends it. The server pings every 15 s and
//! closes after two that were not answered. At shutdown it closes with 1001.
//!
//! # Cost
//!
//! A chain that somebody follows has one task that reads each new block once and renders it once for all sockets
//! ([`feed`]); a socket copies the text behind its own two numbers. Watched keys are looked at once a block for
//! all who watch them, and those who ask for the same keys share the proof ([`watched`]). Who goes through a long history for one
//! account reads those of its blocks that have something for it ([`index`]).

mod ask;
mod feed;
mod frame;
mod index;
mod places;
pub(crate) mod rung;
mod session;
mod socket;
pub(crate) mod texts;
mod values;
mod watched;

pub(crate) use feed::Feeds;
pub(crate) use places::Places;

use crate::Api;
use axum::Extension;
use axum::extract::{Path, State, WebSocketUpgrade};
use axum::response::Response;
use http::StatusCode;
use playfair_http::{ClientIp, Problem, Shutdown, Toll};

/// Bytes of a message from a client.
const MESSAGE_BYTES_MAX: usize = 64 << 10;
/// Bytes that wait to be sent: a state proof of as many keys as may be asked for is far below.
const WAITING_BYTES_MAX: usize = 16 << 20;

/// Follows a chain: a WebSocket with a snapshot, then deltas, a cursor to go on from and no gaps. Requests and answers are JSON
/// in text frames; docs/NODE.md, "Subscriptions", describes them.
#[utoipa::path(get, path = "/chains/{chain}/ws", tag = "subscriptions",
    params(("chain" = String, Path, description = "id or name")),
    responses((status = 101, description = "the WebSocket is open"),
              (status = 400, description = "no WebSocket was asked for"),
              (status = 404, description = "no such chain"),
              (status = 426, description = "the connection cannot become a WebSocket"),
              (status = 429, description = "this address has as many as it may have"),
              (status = 503, description = "the node has as many as it can serve")))]
pub(crate) async fn open(
    State(api): State<Api>,
    Path(chain): Path<String>,
    ip: Option<Extension<ClientIp>>,
    shutdown: Option<Extension<Shutdown>>,
    toll: Toll,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let chain = api.chain(&chain)?;
    let place = api
        .places
        .take(ip.and_then(|Extension(ClientIp(ip))| ip))
        .map_err(|refusal| {
            let (status, message) = match refusal {
                places::Refusal::Full => (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the node has as many subscribers as it can serve",
                ),
                places::Refusal::PerAddress => (
                    StatusCode::TOO_MANY_REQUESTS,
                    "this address has as many WebSockets as one may have; close some, or subscribe more on each",
                ),
            };
            Problem::new(status, "too_many_sockets", message).retry_after_ms(5_000)
        })?;
    let feed = api.feeds.of(&chain);
    let shutdown = shutdown.map(|Extension(shutdown)| shutdown).unwrap_or_default();
    let ping = api.limits.ping;
    let upgrade = upgrade
        .read_buffer_size(4 << 10)
        .write_buffer_size(16 << 10)
        .max_write_buffer_size(WAITING_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .max_message_size(MESSAGE_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let session = session::Session::new(feed, toll);
        socket::run(socket, session, shutdown, ping).await;
        drop(place);
    }))
}
