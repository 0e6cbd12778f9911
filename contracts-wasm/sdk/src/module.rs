//! What `#[playfair::module]`, `#[playfair::storage]` and `#[playfair::event]` implement.

use crate::abi::{ErrorType, Stored, Type};
use crate::codec::{self, Codec};
use crate::errors::{ModuleError, NO_ENTRY, NoError, PAYLOAD, revert_with};
use crate::sys;

/// A module: its entry points over its storage. `#[playfair::module]` implements it.
pub trait Module: Storage {
    /// The ABI, as JSON; see [`crate::abi`]. On wasm32 it lies in the custom section only.
    #[cfg(not(target_arch = "wasm32"))]
    const ABI: &'static str;
    /// Whether it has an init.
    const INIT: bool;
    /// Whether it has a tick.
    const TICK: bool;

    /// The entry point `call`.
    fn call(entry: u32, length: u32);
    /// The entry point `query`.
    fn query(entry: u32, length: u32);
    /// The entry point `init`.
    fn init(length: u32);
    /// The entry point `tick`.
    fn tick();

    /// Its calls by name, for tests.
    #[cfg(not(target_arch = "wasm32"))]
    type Calls<'chain>: From<crate::testing::Caller<'chain, Self>>
    where
        Self: Sized;
    /// Its queries by name, for tests.
    #[cfg(not(target_arch = "wasm32"))]
    type Queries<'chain>: From<crate::testing::Reader<'chain, Self>>
    where
        Self: Sized;
    /// Its init by name, for tests.
    #[cfg(not(target_arch = "wasm32"))]
    type Genesis<'chain>: From<crate::testing::Starter<'chain, Self>>
    where
        Self: Sized;
}

/// A struct of collections; `#[playfair::storage]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no storage",
    note = "a module is an `impl` block of a struct with `#[playfair::storage]`"
)]
pub trait Storage: Sized + 'static {
    /// Its fields.
    const FIELDS: &'static [Stored];
    /// Opens it; nothing is read yet.
    fn open() -> Self;
}

/// An event of a module; its topic is its place in `#[playfair::module(events(...))]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not among the module's events",
    note = "list it: `#[playfair::module(events({Self}))]`"
)]
pub trait Event: EventData {
    /// Its number.
    const TOPIC: u16;
}

/// The data of an event; `#[playfair::event]` implements it.
#[diagnostic::on_unimplemented(message = "`{Self}` is no event", note = "add `#[playfair::event]`")]
pub trait EventData: Codec {}

/// What an entry may return: a value, or a `Result` of a value and a `#[playfair::error]`.
#[diagnostic::on_unimplemented(
    message = "an entry cannot return `{Self}`",
    note = "return a value with an encoding, or a Result of one and a `#[playfair::error]`"
)]
pub trait Reply: Sized {
    /// The value.
    type Value: Codec;
    /// The error.
    type Error: ModuleError;
    /// What the ABI says about the value.
    const VALUE: &'static Type = <Self::Value as Codec>::TYPE;
    /// What the ABI says about the error.
    const ERROR: &'static ErrorType = <Self::Error as ModuleError>::TYPE;
    /// As a `Result`.
    fn into_result(self) -> Result<Self::Value, Self::Error>;
    /// From a `Result`; `None` for an error that the type does not have.
    fn from_result(result: Result<Self::Value, Self::Error>) -> Self;
}

impl<T: Codec> Reply for T {
    type Value = T;
    type Error = NoError;

    #[inline(always)]
    fn into_result(self) -> Result<T, NoError> {
        Ok(self)
    }

    fn from_result(result: Result<T, NoError>) -> Self {
        match result {
            Ok(value) => value,
            Err(error) => match error {},
        }
    }
}

impl<T: Codec, E: ModuleError> Reply for Result<T, E> {
    type Value = T;
    type Error = E;

    #[inline(always)]
    fn into_result(self) -> Self {
        self
    }

    fn from_result(result: Self) -> Self {
        result
    }
}

/// Reads an entry's arguments; a payload that is not their encoding reverts.
#[doc(hidden)]
#[inline(always)]
pub fn arguments<T: Codec>(length: u32) -> T {
    const {
        assert!(
            T::MAX <= 4096,
            "an entry's arguments have at most 4,096 bytes: these can be longer"
        )
    };
    let length = length as usize;
    if length > T::MAX {
        bad_payload();
    }
    if T::MAX == 0 {
        // Nothing to fetch.
        return codec::decode(&[]).unwrap_or_else(|_| bad_payload());
    }
    sys::with_room(T::MAX, |room| {
        sys::input(room, length);
        codec::decode(room.written().bytes()).unwrap_or_else(|_| bad_payload())
    })
}

/// Ends an entry: returns its value, or reverts with its error.
#[doc(hidden)]
#[inline(always)]
pub fn reply<R: Reply>(reply: R) {
    const {
        assert!(
            R::Value::MAX <= 1024,
            "an entry returns at most 1,024 bytes: this type can be longer"
        )
    };
    match reply.into_result() {
        Ok(_) if R::Value::MAX == 0 => {}
        Ok(value) => sys::with_room(R::Value::MAX, |room| {
            value.encode(room);
            sys::output(room.written());
        }),
        Err(error) => sys::revert(error.message().0),
    }
}

/// Reverts a call of an entry that the module does not have.
#[doc(hidden)]
#[cold]
pub fn no_entry() -> ! {
    revert_with(NO_ENTRY, "the module has no such entry")
}

#[cold]
#[inline(never)]
fn bad_payload() -> ! {
    revert_with(
        PAYLOAD,
        "the payload is not the encoding of the entry's arguments",
    )
}

/// The larger of some lengths: an enum is as long as its longest variant.
#[doc(hidden)]
#[must_use]
pub const fn longest(lengths: &[usize]) -> usize {
    let (mut longest, mut at) = (0, 0);
    while at < lengths.len() {
        if lengths[at] > longest {
            longest = lengths[at];
        }
        at += 1;
    }
    longest
}
