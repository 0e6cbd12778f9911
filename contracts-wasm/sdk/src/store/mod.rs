//! Typed storage. A module's state is a struct of these, each with its own key prefix, one byte:
//!
//! | collection | keys | values |
//! |---|---|---|
//! | [`Item<T>`] | `prefix` | `T` |
//! | [`Map<K, V>`] | `prefix, K` | `V` |
//! | [`Blobs<K, N>`] | `prefix, K` | bytes as the module keeps them |
//! | [`Vector<T>`] | `prefix` | length `u32` |
//! | | `prefix, index u32` | `T` |
//! | [`Table<K, V>`] | `prefix` | number of rows `u32` |
//! | | `prefix, 0, K` | place `u32`, `V` |
//! | | `prefix, 1, place u32` | `K` |
//! | [`Schedule<T>`](crate::schedule::Schedule) | `prefix` | length `u32`, next number `u64` |
//! | | `prefix, place u32` | time `u64`, number `u64`, `T` |
//!
//! State keys are hashed, so nobody can list what exists: a client can prove the value of a key that it knows, or that
//! there is none. A `Vector` and a `Table` keep a length and an index of their own, so that a client can prove that it has
//! seen everything; a `Map` does not, and is cheaper: in gas, what counts is how many different keys a call touches.
//!
//! Keys have at most 64 bytes and values at most 4,096. A type that could be longer does not compile.

mod blobs;
mod item;
mod map;
mod table;
mod vector;

pub use blobs::Blobs;
pub use item::Item;
pub use map::Map;
pub use table::Table;
pub use vector::Vector;

use crate::abi::Stored;
use crate::codec::{self, Codec};
use crate::sys;
use crate::sys::raw::{Aligned, Writer};

/// A field of a storage struct.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no storage type",
    label = "a storage field is an Item, a Map, a Vector, a Table, Blobs or a Schedule",
    note = "one value is an `Item<{Self}>`"
)]
pub trait Collection: Sized {
    /// Evaluates the proof that keys and values are short enough.
    #[doc(hidden)]
    const PROVEN: ();

    /// What the ABI says about it, without name and prefix.
    #[doc(hidden)]
    const STORED: Stored;

    /// The collection whose keys begin with `prefix`.
    #[doc(hidden)]
    fn at(prefix: u8) -> Self;
}

/// Fails to compile when values can be too long.
pub(crate) const fn prove_value(max: usize) {
    assert!(
        max <= 4096,
        "a stored value has at most 4,096 bytes: this type can be longer"
    );
}

/// Fails to compile when keys can be too long.
pub(crate) const fn prove_key(max: usize) {
    assert!(
        max <= 64,
        "a storage key has at most 64 bytes, its prefix included: this type can be longer"
    );
}

/// Runs `body` with the key `prefix, parts`, of at most 64 bytes.
#[inline(always)]
pub(crate) fn with_key<R>(prefix: &[u8], parts: &impl Codec, body: impl FnOnce(Aligned<'_>) -> R) -> R {
    sys::with_room(64, |key: &mut Writer<'_>| {
        key.put(prefix);
        parts.encode(key);
        body(key.written())
    })
}

#[inline(always)]
pub(crate) fn get<T: Codec>(key: Aligned<'_>) -> Option<T> {
    sys::with_room(T::MAX, |room| match sys::get(key, room) {
        false => None,
        true => match codec::decode(room.written().bytes()) {
            Ok(value) => Some(value),
            Err(_) => damaged(),
        },
    })
}

#[inline(always)]
pub(crate) fn set<T: Codec>(key: Aligned<'_>, value: &T) {
    sys::with_room(T::MAX, |room| {
        value.encode(room);
        sys::set(key, room.written());
    });
}

/// Only the module writes its state, so this is a change of a stored type without a migration.
#[cold]
#[inline(never)]
pub(crate) fn damaged() -> ! {
    panic!("a stored value is not of its field's type: was the type changed in an upgrade?")
}
