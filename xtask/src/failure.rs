//! The one error type: a message for the person at the terminal that says what to do next.

use std::fmt;

/// Why a command stopped, in words that need no stack trace.
#[derive(Debug)]
pub(crate) struct Failure(String);

pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Builds a [`Failure`] from a format string.
macro_rules! failure {
    ($($arg:tt)*) => { $crate::failure::Failure::new(format!($($arg)*)) };
}
pub(crate) use failure;

/// Names what was being done when the operating system refused.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl fmt::Display) -> Result<T>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| failure!("cannot {what}: {error}"))
    }
}
