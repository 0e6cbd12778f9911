//! How the node's web services are served and reached, whatever they say.
//!
//! ```text
//! Listener ── serve ── guard ── the service's Router          the server's side
//! Client ── HTTP/1.1 and WebSockets over TCP, TLS, Unix       the other
//! ```
//!
//! **Everything from outside is hostile.** What one client can hold of the server is bounded in number, bytes and
//! time ([`ServerLimits`], [`GuardLimits`]), and so is
//! what a server can make a client hold ([`ClientLimits`]).
//! Nothing that arrives makes this crate panic, and a panic in a handler is one answer 500.
//!
//! **One form of error**: [`Problem`], for unknown routes and wrong methods as well.
//!
//! This crate knows nothing of chains and depends on no other of ours.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod client;
mod guard;
mod limiter;
mod listener;
mod peer;
mod problem;
mod server;
mod shutdown;
mod slots;
mod tls;
mod websocket;
mod wire;

pub use client::{Answer, Client, ClientError, ClientLimits};
pub use guard::{ClientIp, GuardLimits, Origins, Toll, guard};
pub use limiter::RateLimit;
pub use listener::{Bound, ListenError, Listener};
pub use peer::Peer;
pub use problem::{Problem, ProblemCode};
pub use server::{ServerLimits, serve};
pub use shutdown::Shutdown;
pub use slots::{Counters, Counts};
pub use tls::{Fingerprint, Identity, IdentityError};
pub use websocket::{Message, WebSocket, WebSocketLimits};
