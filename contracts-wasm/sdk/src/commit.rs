//! Hidden information and chance on a chain where everybody sees everything.
//!
//! **Hidden choices.** Whoever must choose without knowing the others' choice first sends a [`Commitment`], and reveals
//! choice and salt once all have committed. The salt is random and secret, or the choice can be guessed by trying all. A
//! player who does not like what the others revealed can stay silent: give each reveal a deadline
//! ([`crate::schedule`]), and make silence lose.
//!
//! **Chance.** The randomness of block `i` is known to everybody when block `i - 1` is out, *before* block `i` closes; to a
//! committee of one from the start, and to whoever sees enough of a larger committee's votes a little before the rest. So
//! what it decides must have been fixed in a block before `i - 1`: [`Draw`]. And whoever chooses *when* to resolve chooses
//! among blocks: resolve in `tick`, in the first block that may. docs/STATEMENT.md, "What is not proven", has the details.

use crate::codec::Codec;
use crate::context::Context;
use crate::sys;
use crate::values::{AccountId, Field};

/// What tells commitments from every other use of the hash: "playfair/1/commit" as a number.
const DOMAIN: Field = Field::from_bytes31(b"playfair/1/commit\0\0\0\0\0\0\0\0\0\0\0\0\0\0");

/// A choice that cannot be seen and cannot be changed.
///
/// `poseidon5(domain, account, salt, first 31 bytes, next 31 bytes)`, where the bytes are the length of the choice's
/// encoding, one byte, then the encoding, then zeros; numbers are least significant byte first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, crate::Codec)]
pub struct Commitment(Field);

impl Commitment {
    /// The commitment of an account to a choice of at most 61 bytes. The account is part of it, so that nobody can copy
    /// another's commitment and reveal after them.
    #[must_use]
    pub fn new<T: Codec>(account: AccountId, salt: &[u8; 31], choice: &T) -> Self {
        const {
            assert!(
                T::MAX <= 61,
                "a committed choice has at most 61 bytes: commit to a hash of it"
            )
        };
        let mut bytes = [0; 62];
        sys::with_room(T::MAX, |room| {
            choice.encode(room);
            let encoding = room.written().bytes();
            bytes[0] = encoding.len() as u8;
            bytes[1..=encoding.len()].copy_from_slice(encoding);
        });
        let mut halves = [[0; 31]; 2];
        halves[0].copy_from_slice(&bytes[..31]);
        halves[1].copy_from_slice(&bytes[31..]);
        let [first, second] = halves;
        Self(Field::hash5([
            DOMAIN,
            account.into(),
            Field::from_bytes31(salt),
            Field::from_bytes31(&first),
            Field::from_bytes31(&second),
        ]))
    }

    /// Whether this is the account's commitment to the choice.
    #[must_use]
    pub fn opens_to<T: Codec>(&self, account: AccountId, salt: &[u8; 31], choice: &T) -> bool {
        *self == Self::new(account, salt, choice)
    }
}

/// A stake in chance: fixed now, decided by the randomness of a block that nobody knows yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, crate::Codec)]
pub struct Draw {
    height: u64,
}

impl Draw {
    /// Fixed in this block.
    #[must_use]
    pub fn fixed_now(ctx: &Context) -> Self {
        Self { height: ctx.height() }
    }

    /// This block's randomness, if what was fixed may be decided by it: from the second block after on.
    #[must_use]
    pub fn decide(&self, ctx: &Context) -> Option<[u8; 32]> {
        (ctx.height() >= self.height.saturating_add(2)).then(|| ctx.randomness())
    }
}
