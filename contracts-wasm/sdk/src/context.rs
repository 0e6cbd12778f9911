//! What a module sees of its chain, and what it can ask of it.

use crate::codec::Codec;
use crate::module::Event;
use crate::sys;
use crate::values::{AccountId, Field, L1Address};

/// The chain around one call. `&Context` reads; what changes something needs `&mut Context`, which queries never have.
#[derive(Debug)]
pub struct Context(());

/// Why the module could not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayError {
    /// The module's account has less.
    Insufficient,
    /// The chain has no L1.
    NoL1,
}

impl Context {
    /// For the entry points that `#[playfair::module]` makes.
    #[doc(hidden)]
    #[inline(always)]
    #[must_use]
    pub fn of_this_run() -> Self {
        Self(())
    }

    /// Who calls; [`AccountId::NOBODY`] in init, tick and queries.
    #[inline(always)]
    #[must_use]
    pub fn caller(&self) -> AccountId {
        AccountId(sys::caller())
    }

    /// What the caller pays to the module with this call; 0 unless it was called through "pay and call".
    #[inline(always)]
    #[must_use]
    pub fn value(&self) -> u128 {
        amount(sys::value())
    }

    /// The block's height.
    #[inline(always)]
    #[must_use]
    pub fn height(&self) -> u64 {
        sys::height()
    }

    /// The block's time, in milliseconds since 1970. The same for every call of the block, later in every later block.
    #[inline(always)]
    #[must_use]
    pub fn time_ms(&self) -> u64 {
        sys::time()
    }

    /// The block's randomness, the same for every call of the block: 31 random bytes and a zero. Everybody knows it
    /// before the block closes, so who calls can choose by it; see [`crate::commit`].
    #[inline(always)]
    #[must_use]
    pub fn randomness(&self) -> [u8; 32] {
        Field(sys::randomness()).to_bytes()
    }

    /// The chain's id.
    #[inline(always)]
    #[must_use]
    pub fn chain_id(&self) -> Field {
        Field(sys::chain_id())
    }

    /// An account's balance, in the smallest unit of the chain's asset.
    #[inline(always)]
    #[must_use]
    pub fn balance(&self, account: AccountId) -> u128 {
        amount(sys::balance(&account.0))
    }

    /// Gives from the module's account to another.
    ///
    /// # Errors
    /// [`PayError::Insufficient`]. A receiver's balance that would reach 2^128 traps.
    pub fn transfer(&mut self, to: AccountId, amount: u128) -> Result<(), PayError> {
        paid(sys::transfer(&to.0, &words(amount)))
    }

    /// Gives from the module's account to an L1 address, through the outbox. At most 16 messages a call; more trap, and
    /// so does the amount 0.
    ///
    /// # Errors
    /// [`PayError`].
    pub fn withdraw(&mut self, to: L1Address, amount: u128) -> Result<(), PayError> {
        paid(sys::withdraw(&to.0, &words(amount)))
    }

    /// Sends a message of at most 1,024 bytes to a contract on L1. At most 16 messages a call; more trap.
    ///
    /// # Errors
    /// [`PayError::NoL1`].
    pub fn send<T: Codec>(&mut self, to: L1Address, message: &T) -> Result<(), PayError> {
        const {
            assert!(
                T::MAX <= 1024,
                "a message to L1 has at most 1,024 bytes: this type can be longer"
            )
        };
        paid(sys::with_room(T::MAX, |room| {
            message.encode(room);
            sys::send(&to.0, room.written())
        }))
    }

    /// Emits an event. At most 64 a call; more trap.
    #[inline(always)]
    pub fn emit<E: Event>(&mut self, event: E) {
        const {
            assert!(
                E::MAX <= 1024,
                "an event has at most 1,024 bytes: this type can be longer"
            )
        };
        sys::with_room(E::MAX, |room| {
            event.encode(room);
            sys::emit(E::TOPIC, room.written());
        });
    }

    /// Shows text to whoever runs the module; no part of any receipt. What is beyond 1,024 bytes is cut.
    pub fn log(&self, text: &str) {
        sys::log_bytes(&[text.as_bytes()]);
    }
}

const fn amount(words: [u64; 2]) -> u128 {
    words[0] as u128 | (words[1] as u128) << 64
}

const fn words(amount: u128) -> [u64; 2] {
    [amount as u64, (amount >> 64) as u64]
}

const fn paid(code: u32) -> Result<(), PayError> {
    match code {
        0 => Ok(()),
        1 => Err(PayError::Insufficient),
        _ => Err(PayError::NoL1),
    }
}
