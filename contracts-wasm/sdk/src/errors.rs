//! Reverts: how a call says no.
//!
//! A revert's message is `code u16 | text`, at most 256 bytes: programs read the code, people the text. Codes of a module's
//! own errors are those of its `#[playfair::error]` enums, below 65,280. The SDK's own:

use crate::abi::ErrorType;
use crate::sys::raw::Buffer;
use crate::sys::{self, StaticBytes};

/// The module has no such entry.
pub const NO_ENTRY: u16 = 65_535;
/// The payload is not the encoding of the entry's arguments.
pub const PAYLOAD: u16 = 65_534;
/// A revert by [`revert`], with text only.
pub const TEXT: u16 = 65_533;
/// Codes from here on are the SDK's.
pub const RESERVED: u16 = 65_280;

/// An error type of a module, made by `#[playfair::error]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no error of a module",
    note = "add `#[playfair::error]` to an enum, with `#[error(\"...\")]` on each variant"
)]
pub trait ModuleError: Sized {
    /// What the ABI says about it.
    const TYPE: &'static ErrorType;
    /// The revert's message.
    #[doc(hidden)]
    fn message(&self) -> StaticBytes;
    /// The error with this code.
    fn from_code(code: u16) -> Option<Self>;
}

/// The error of entries that cannot fail by the module's own rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoError {}

impl ModuleError for NoError {
    const TYPE: &'static ErrorType = &ErrorType {
        name: "NoError",
        path: "playfair::errors::NoError",
        variants: &[],
    };

    fn message(&self) -> StaticBytes {
        match *self {}
    }

    fn from_code(_: u16) -> Option<Self> {
        None
    }
}

/// Ends the call as reverted, with a text of at most 254 bytes (what is beyond is cut). A `#[playfair::error]` tells
/// clients more.
pub fn revert(text: &str) -> ! {
    revert_with(TEXT, text)
}

#[cold]
#[inline(never)]
pub(crate) fn revert_with(code: u16, text: &str) -> ! {
    let mut buffer = Buffer::<256>::new();
    let mut message = buffer.writer();
    message.put(&code.to_le_bytes());
    message.put_what_fits(text.as_bytes());
    sys::revert(message.written())
}
