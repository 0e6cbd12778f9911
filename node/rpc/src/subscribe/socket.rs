//! A socket's life: it listens, tells what there is to tell, and notices when nobody is there any more.

use super::frame;
use super::session::{Session, Step};
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::SinkExt;
use playfair_host::Status;
use playfair_http::{Problem, Shutdown};
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

/// Messages that were none, before the socket is closed.
const NONSENSE_MAX: u32 = 8;
/// Pings that may be unanswered.
const UNANSWERED_MAX: u32 = 2;
/// How long the client has to answer a close.
const CLOSE_TIME: Duration = Duration::from_secs(2);

/// What happened.
enum Event {
    Said(Option<Result<Message, axum::Error>>),
    Tick,
    Status,
    /// There may be something to tell.
    Look,
}

/// Why a socket ends.
enum End {
    /// It has, or nobody is there.
    Gone,
    Close(u16, &'static str),
}

/// Hands a message over; it is on its way at the latest when there is nothing more to tell.
async fn feed(socket: &mut WebSocket, text: String) -> Result<(), axum::Error> {
    socket.feed(Message::Text(text.into())).await
}

/// Serves a socket to its end.
pub(crate) async fn run(mut socket: WebSocket, mut session: Session, shutdown: Shutdown, ping: Duration) {
    let mut stopping = pin!(shutdown.wait());
    let end = tokio::select! {
        biased;
        () = &mut stopping => End::Close(close_code::AWAY, "the node is stopping"),
        end = serve(&mut socket, &mut session, ping) => end,
    };
    if let End::Close(code, reason) = end {
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        let close = async {
            if socket.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = socket.recv().await {}
            }
        };
        let _ = tokio::time::timeout(CLOSE_TIME, close).await;
    }
}

async fn serve(socket: &mut WebSocket, session: &mut Session, ping: Duration) -> End {
    let mut status = session.feed.chain.watch_status();
    let mut news = session.feed.watch();
    let mut tick = tokio::time::interval_at(Instant::now() + ping, ping);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut nonsense, mut unanswered) = (0, 0);
    // Whether anything was told since the last tick, and whether there is nothing more to tell now.
    let (mut told, mut idle) = (false, false);
    let first = status.borrow_and_update().clone();
    if first != Status::Running && feed(socket, frame::status(&first)).await.is_err() {
        return End::Gone;
    }
    loop {
        if idle && socket.flush().await.is_err() {
            return End::Gone;
        }
        let event = tokio::select! {
            biased;
            said = socket.recv() => Event::Said(said),
            _ = tick.tick() => Event::Tick,
            Ok(()) = status.changed() => Event::Status,
            Ok(()) = news.changed(), if idle => Event::Look,
            () = std::future::ready(()), if !idle => Event::Look,
        };
        let mut texts = Vec::new();
        let is_tick = matches!(event, Event::Tick);
        match event {
            Event::Said(None | Some(Err(_) | Ok(Message::Close(_)))) => return End::Gone,
            Event::Said(Some(Ok(message))) => {
                unanswered = 0;
                let heard = match message {
                    Message::Text(text) => Some(session.hear(&text).await),
                    Message::Binary(_) => {
                        let problem = Problem::bad_request("requests are JSON in text frames");
                        texts.push(frame::error(None, &problem));
                        nonsense += 1;
                        None
                    }
                    _ => continue,
                };
                if let Some(heard) = heard {
                    nonsense += u32::from(heard.is_nonsense);
                    texts.extend(heard.answers);
                }
            }
            Event::Tick => {
                if unanswered >= UNANSWERED_MAX {
                    return End::Close(close_code::AWAY, "two pings were not answered");
                }
                unanswered += 1;
                if socket.feed(Message::Ping(Default::default())).await.is_err() {
                    return End::Gone;
                }
                texts = session.cursors();
                if !told && texts.is_empty() {
                    let head = session.feed.told().blocks;
                    texts.extend(head.map(frame::head));
                }
            }
            Event::Status => {
                let now = status.borrow_and_update().clone();
                texts.push(frame::status(&now));
            }
            Event::Look => {
                // Before it is looked at: what comes meanwhile is a change after it.
                news.mark_unchanged();
                match session.step().await {
                    Step::Tell(text) => texts.push(text),
                    Step::Again => {}
                    Step::Idle => {
                        idle = true;
                        continue;
                    }
                }
            }
        }
        idle = false;
        told = !is_tick && (told || !texts.is_empty());
        for text in texts {
            if feed(socket, text).await.is_err() {
                return End::Gone;
            }
        }
        if nonsense >= NONSENSE_MAX {
            return End::Close(close_code::POLICY, "too many messages that were no requests");
        }
    }
}
