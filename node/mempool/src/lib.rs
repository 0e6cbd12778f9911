//! The waiting room of one chain's signed calls: bounded, fair, and a function of what it is told.
//!
//! A [`Pool`] knows no clock, thread, randomness or file. Time arrives as `now_ms`, and what it does follows from the
//! sequence of calls of its methods alone: the same sequence gives the same answers, in the same order.
//!
//! # Protocol
//!
//! The caller has decoded a call, verified its signature, and looked up what the state says of its lane. Then:
//!
//! 1. [`Pool::insert`] takes an [`Entry`] with the lane's next nonce and answers: added, replaced, known, or refused and
//!    why. Whatever is not kept is handed back, the newcomer and those that had to leave for it.
//! 2. For each block: [`Pool::start_block`], then [`Pool::take`] with what is left of the block's gas and bytes until it
//!    answers with no call. Each call that was taken is *in play*: its lane gives no other one until the caller reports
//!    [`Pool::played`] (its nonce is used up) or [`Pool::dropped`] (it was invalid when its turn came, and used nothing
//!    up; the lane then waits for another call with that nonce).
//! 3. [`Pool::forget_below`] tells of nonces that the state has passed by other ways: forced calls, a replayed log.
//! 4. [`Pool::expire`] from time to time, also while the chain is idle; [`Pool::drain`] when the chain stops or pauses.
//!
//! # Rules
//!
//! - **Lanes.** Calls of an account's lane are played in the order of their nonces, without gaps. A call may wait for a
//!   gap before it to be filled if its nonce is less than [`Limits::lane_window`] ahead, and no longer than
//!   [`Limits::gap_ms`] to twice that.
//! - **Expiry.** A call is handed back when the time passes its *valid until* (a block at that very time may still hold
//!   it), and refused when less than [`Limits::margin_ms`] of its life is left.
//! - **Replacement.** A call with the account, lane and nonce of one that waits takes its place. Where the price counts,
//!   it must offer a tenth more (rounded up, one at least); where it does not, it costs the lane's quota.
//! - **Bounds** are on calls and bytes, of an account and in all. A lane in which nothing waits may have one call also
//!   beyond its account's bounds: the other lanes may be other devices' (FORMATS.md section 4), and the lane that no
//!   session has is where the owner revokes them. When the pool is full, a newcomer may push others out, always the last
//!   of a lane first, so that nobody is cut off from calls that come before:
//!   - [`Pricing::Paid`]: out goes what offers the least, if that is less than the newcomer offers. What a call *offers* is
//!     the lowest price in its lane up to itself, since it cannot be played before those; behind a gap it offers nothing,
//!     since it may never be played. Among equals the newest leaves.
//!   - [`Pricing::Free`]: out goes a call of the account that holds the most, if that is two slots more than the
//!     newcomer's account would hold; among equals, the account that added last. Of its lanes the one with the most calls
//!     gives way; among equals, the one whose last call is the newest. If nobody holds as much, and the newcomer would be
//!     alone in its lane, its account's other lanes give way likewise, as long as they have more than one call. A call
//!     holds one slot, a large one as many as its share of the bytes ([`Limits::slots`]).
//! - **Quotas** where the price does not count: each lane of an account has a bucket of calls and one of gas limits, which
//!   refill with time. A refusal says when to come back. Nothing that is refused is charged.
//! - **Order.** Blocks are filled in rounds over the accounts that have something to play (deficit round robin over gas
//!   limits); an account's turn goes round its lanes. A round goes on in the next block where the last one stopped.
//!   Whoever is new joins at the end.
//!
//! Price buys a place *in* the pool and none in the order. There is no auction for being early, so nothing to gain by
//! outbidding a move that one has seen. It is no protection against the sequencer itself, who sees all calls and could order
//! them otherwise; that takes an order shared by several.
//!
//! # Invariants
//!
//! - Calls and bytes never exceed their limits. Those of an account exceed theirs by no more than one call in each lane,
//!   each alone there: what waits in lanes with more than one call is within the account's limits.
//! - Each entry that was added leaves exactly once: by `take`, in a list of [`Gone`], or by `drain`.
//! - `take` hands out a lane's nonces in order, none again unless it was dropped, none while another one of that lane is
//!   in play, and none that has expired.
//! - While accounts stay backlogged and every call fits what is left of its block, no account gets a second turn before all
//!   others had one, and the gas limits that two of them were served since differ by less than [`Limits::quantum`] plus
//!   [`Limits::call_gas_max`].
//!
//! **Why nothing starves at a block's end.** If the call whose turn it is does not fit what is left of the block, its whole
//! account is passed over for the rest of this block and keeps its turn: in the next block it stands where it stood, before
//! all that were behind it. What others get meanwhile is less than that call (in gas or in bytes, of which it lacked), and
//! nothing that its account could have used, so it loses nothing. (Over many blocks, accounts of small calls use more of such remainders than those of large ones.)
//! If blocks start with room for the largest call, whoever is first in the round fits, so every block serves the account
//! that is first, and every turn comes. An account's own other lanes do not slip past its large call either, or that
//! one would starve.
//!
//! # How one could cheat, and what comes of it
//!
//! - *Flood from one account*: its limits, its quota for each lane, one turn in each round; on a full pool it loses to
//!   whoever holds less.
//! - *Flood from a session*, to keep the owner's revocation out: quota, the place of a first call and the turn within the
//!   account are the lane's, and a session has none of the owner's. On a full pool its lanes give way to the
//!   owner's first call, but for one call each: what they hold so still counts against the account beside other accounts.
//!   What a session's calls may cost is not held against it either.
//! - *Flood from many accounts*: nothing in here tells a hundred thousand players from one with as many keys. On paid
//!   chains it costs the price; on free ones the caller must limit what makes accounts (connections, addresses) before
//!   it inserts.
//! - *Fill the pool with calls behind gaps*, which are never played and never paid: they offer nothing, and leave after
//!   `gap_ms`.
//! - *Shield cheap calls with a dear one at the end of the lane*: the lane offers its lowest price.
//! - *Promise a price without the funds*: the caller compares the balance with [`Pool::promised_beside`] before it inserts. What waits
//!   alone in its lane may be beyond the balance then: with its 8 lanes, an account can offer what is left of its balance up to 8 times, and
//!   others must offer more to push that out. A call that cannot be paid when its turn comes leaves without gas.
//! - *Offer another's money*: on a sponsored chain the price is the sponsor's; use [`Pricing::Free`] there.
//! - *Replace without end*: each one costs a tenth more, or quota.
//! - *Make the pool remember many lanes' quotas*: full buckets are forgotten, and the fullest when there are too many
//!   ([`Limits::buckets_max`]); a flood then gains the little that its fullest bucket lacked, and nobody is refused.
//! - *Declare a huge gas limit*: turns, quotas and room in blocks are charged by the limit, not by what was used.
//! - *Insert a call under another's name*: the caller verifies signatures first. An id is the signed message, so two
//!   entries with one id are one call.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod account;
mod answer;
mod counters;
mod insert;
mod lane;
mod leave;
mod limits;
mod pool;
mod quota;
mod room;
mod round;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Entry, Gone, Inserted, Refused, Taken, Why};
pub use counters::Counters;
pub use limits::{Limits, Pricing, Quota};
pub use pool::Pool;
