//! Who proves what: jobs go out to workers, proofs come in.
//!
//! ```text
//! who has jobs (Office) ── push ──► Queue (apalis, SQLite) ──► Desk ◄── HTTP ── Worker
//!        ▲                                                       │
//!        └───────────────── take: verified, kept ◄───────────────┘
//! ```
//!
//! This room knows no chain and no proof: a job is bytes with a name, a proof is bytes that the [`Office`] takes or calls a
//! lie. What it knows is time and workers.
//!
//! # Rules
//!
//! - **Nothing is lost with a worker.** A job is *leased*: who does not say for a while that it is still at it, or takes too
//!   long in all, loses the lease, and the job goes back. A worker that dies, stalls or lies costs time and nothing else.
//! - **Nobody is believed.** The office verifies every proof before it counts. One that does not verify ends the lease, and the worker
//!   gets nothing for a while, longer each time.
//! - **What is proven is proven.** A proof that comes after its lease has ended still counts while its job is open; the worker that has
//!   the job now is told to stop. A second proof of the same job is answered as gone.
//! - **Nothing is lost with the queue.** It holds names. The office makes jobs again from the chains; so the queue's file is removed at each
//!   start, and losing it costs nothing but the time of asking again.
//! - **Hostile workers**: only invited ones reach the service ([`Access`]); bodies are bounded by the guard in front; a worker can hold as
//!   many leases as it has places, and not more than [`Settings::leases_per_worker`].
//!
//! # Workers
//!
//! Near and far they are the same program and speak the same HTTP: over a Unix socket without a word (who may open it may do
//! worse), over TLS with an [`Invite`], by which each side knows the other: the worker pins the node's certificate, the node
//! knows the worker by its secret.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod access;
mod board;
mod desk;
mod invite;
mod name;
mod office;
mod queue;
mod service;
mod worker;

pub use access::{Access, AccessError};
pub use board::{Settings, WorkerStatus};
pub use desk::{Desk, Status};
pub use invite::Invite;
pub use name::JobName;
pub use office::{Job, Office, Refusal};
pub use queue::{Queue, QueueError};
pub use service::router;
pub use worker::{Craft, Stop, Worker, WorkerError, WorkerSettings};
