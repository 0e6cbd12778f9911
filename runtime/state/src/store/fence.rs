//! Calls into redb: it reports most damage as an error, but some of it only by a panic deep inside. So every call is
//! fenced: a panic becomes [`StoreError::Damaged`].

use crate::error::StoreError;
use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Collects redb's many error types, so that `?` takes them all.
#[derive(Debug)]
pub struct Failure(pub StoreError);

impl<E: Into<redb::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(store_error(error.into()))
    }
}

fn store_error(error: redb::Error) -> StoreError {
    match error {
        redb::Error::DatabaseAlreadyOpen => StoreError::InUse,
        redb::Error::Io(error) => match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                StoreError::NoSpace(error)
            }
            // redb's word for a file that is not its own.
            io::ErrorKind::InvalidData => StoreError::NotAStore,
            io::ErrorKind::UnexpectedEof => StoreError::Damaged("the file is too short".to_owned()),
            _ => StoreError::Io(error),
        },
        redb::Error::PreviousIo | redb::Error::DatabaseClosed | redb::Error::LockPoisoned(_) => {
            StoreError::Closed
        }
        redb::Error::Corrupted(what) => StoreError::Damaged(what),
        redb::Error::UpgradeRequired(_) | redb::Error::TableDoesNotExist(_) => StoreError::NotAStore,
        other => StoreError::Damaged(other.to_string()),
    }
}

/// Runs a call into redb; a panic inside it is damage that it did not expect.
///
/// # Errors
/// What the call returns, or [`StoreError::Damaged`].
pub fn fenced<T>(call: impl FnOnce() -> Result<T, Failure>) -> Result<T, StoreError> {
    // Unwind safe: a transaction that panicked is never committed, and redb refuses its poisoned locks afterwards.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|failure| failure.0),
        Err(panic) => Err(StoreError::Damaged(panic_text(panic.as_ref()))),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("redb gave up").to_owned()
}
