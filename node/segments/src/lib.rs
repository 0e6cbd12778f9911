//! From sealed blocks to proven segments.
//!
//! ```text
//! node     blocks ──► Segmenter ──► Job ─┐             ┌─► Checker ──► counts, or a Lie
//! worker                                 └─► Keys::prove ┘ envelope
//! ```
//!
//! **Statement.** The segments that a [`Segmenter`] cuts off are the chain's history without gap or overlap: each begins at the
//! boundary where the one before ended, and where blocks end, the boundaries are those of their headers. Each is in the smallest
//! [`Shape`] that holds its first record, is as long as that shape allows, ends with an upgrade record if it comes to one, and
//! comes as a [`Job`] that needs neither the chain's state nor its history to be proven. Where the cuts lie is a function of the history
//! and of when the caller said that no more blocks are coming; going on from any earlier cut leads to the same ones.
//!
//! Cuts lie between any two records, so that long blocks do not make long proofs. The state there is in no store: blocks are executed
//! again over forks of a view ([`playfair_state::Fork`]), and the root is computed after each record. That, and the two or three
//! traces that count rows, cost a few hundredths of what proving costs.
//!
//! Nothing here knows a clock, a thread, a network or a file. Everything computes for long and belongs on threads that may block.
//!
//! # How can I attack it?
//! **As the node that lies to a worker.** It can only waste what it pays for.
//! - *A job about a state that does not exist*: what it says about the state before is proven against the root in the inputs
//!   ([`Answers::known`]). That the root is a chain's, no worker knows, and no worker needs to: the node checks proofs itself.
//! - *Wrong or missing answers, other tapes, other boundaries*: the run of the kernel does not end at the boundary after, and there is no
//!   trace. Answers are hints; no proof depends on who gave them.
//! - *A job that never ends*: a trace stops at its shape's rows; the way down a tree, at 248 levels, since hashes that were verified have
//!   no circles.
//! - *A job that fills the memory*: its length is bounded before it is read, keys are kept up to a bound of rows, and a larger shape
//!   than that is refused.
//! - *A module that is none, or another one*: it is admitted again, and its hash compared.
//!
//! **As the worker that lies to the node**: see [`Checker`]. It can also keep silent, which costs time: whoever leases jobs bounds it.
//!
//! **As the disk that lies to the node.** A block that is executed again and comes to another end than its header, a view of another
//! state, a boundary that the history does not pass: an error each, and no job. A store that fails while rows are counted fails the
//! count, and what it failed to say is not taken for an answer.
//!
//! **As a player.** A record that no shape holds ends the chain's proofs, and says so ([`Error::NoProof`]). Gas is priced so that there is
//! none (docs/FORMATS.md section 17); a module that lies about its alignment costs its chain a careful shape.
//!
//! [`Shape`]: playfair_proofs_prover::module::Shape
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod answers;
mod check;
mod error;
mod execute;
mod job;
mod keys;
mod modules;
mod replica;
mod segmenter;
mod trial;

pub use answers::{Answer, Answers, AnswersError, Known};
pub use check::{CheckError, Checker, Lie};
pub use error::Error;
pub use job::{JOB_BYTES_MAX, Job};
pub use keys::{Keys, Setups, WorkError};
pub use modules::{Linked, ModuleError, Modules};
pub use replica::{Replica, ReplicaError};
pub use segmenter::{Cut, Place, Position, Segmenter, Settings};
