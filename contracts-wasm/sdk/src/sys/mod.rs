//! The host's functions, wrapped so that no other file needs `unsafe` or a pointer.
//!
//! There are two backends with the same signatures: on wasm32 the imports themselves ([`raw`]), elsewhere the chain's
//! own host functions over a small simulated memory ([`native`]).
//! Lengths in, words out: an account id is three words, an amount two, a field element four, all little-endian.

pub(crate) mod raw;

#[cfg(target_arch = "wasm32")]
mod panic;
#[cfg(target_arch = "wasm32")]
pub(crate) use raw::host::*;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod native;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::*;

#[cfg(target_arch = "wasm32")]
pub use {panic::panicked, raw::heap::Heap};

use raw::{Aligned, Buffer, Writer};

/// Runs `body` with room for at least `max` bytes. With a constant `max` only one branch is left after inlining, and
/// because the room is not cleared first, a larger class costs nothing but stack.
#[inline(always)]
pub(crate) fn with_room<R>(max: usize, body: impl FnOnce(&mut Writer<'_>) -> R) -> R {
    if max <= 64 {
        body(&mut Buffer::<64>::new().writer())
    } else if max <= 256 {
        body(&mut Buffer::<256>::new().writer())
    } else if max <= 1024 {
        body(&mut Buffer::<1024>::new().writer())
    } else {
        body(&mut Buffer::<4096>::new().writer())
    }
}

/// Shows text to whoever runs the module; what is beyond 1,024 bytes is cut.
pub(crate) fn log_bytes(parts: &[&[u8]]) {
    let mut buffer = Buffer::<1024>::new();
    let mut writer = buffer.writer();
    for part in parts {
        writer.put_what_fits(part);
    }
    log(writer.written());
}

/// Bytes known at compile time, where the host can read them.
#[derive(Debug)]
#[repr(C, align(8))]
pub struct Static<const N: usize>([u8; N]);

impl<const N: usize> Static<N> {
    /// The message that a revert with this code and text carries: `code u16 | text`.
    ///
    /// # Panics
    /// When `N` is not two more than the text's length, or above 256; at compile time, where this is for.
    #[must_use]
    pub const fn revert_message(code: u16, text: &str) -> Self {
        assert!(text.len() + 2 == N, "N is two more than the text's length");
        assert!(N <= 256, "the text of an error has at most 254 bytes");
        let mut bytes = [0; N];
        let (head, tail) = bytes.split_at_mut(2);
        head.copy_from_slice(&code.to_le_bytes());
        tail.copy_from_slice(text.as_bytes());
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn get(&'static self) -> StaticBytes {
        StaticBytes(Aligned::of_static(&self.0))
    }
}

/// What [`Static`] holds, without its length in the type.
#[derive(Clone, Copy, Debug)]
pub struct StaticBytes(pub(crate) Aligned<'static>);
