//! Does the light client believe only what holds?
//!
//! A chain was recorded once (tests/games/examples/record_light_client.rs): every answer that a real node gave to a client that follows a game of chess, in two
//! parts, the second after more moves. A [`table::Table`] gives these answers again. [`lies`] are the ways in which a node
//! can say something else, one change each; for every one the client must name the lie, and hold what it held before.
//!
//! The bodies ([`truths`], [`judge`]) know neither threads nor files: `tests/` runs them natively, `tests/light-client-page` in Chromium.
#![allow(clippy::missing_panics_doc)]

pub mod judge;
pub mod lies;
pub mod scenario;
pub mod table;
pub mod truths;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a task that never has to wait: a table's answers are there.
pub fn now<T>(task: impl Future<Output = T>) -> T {
    let mut task = pin!(task);
    match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("a table keeps nobody waiting"),
    }
}
