//! How a run ended, and what it left.

use crate::errors::ModuleError;
use core::fmt;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Ok, with the returned bytes.
    Ok(Vec<u8>),
    /// Reverted, with this message.
    Reverted(Vec<u8>),
    /// Trapped: a panic's message, or what the host refused.
    Trapped(String),
    /// The host calls alone used more gas than a call may have.
    OutOfGas,
    /// The caller could not pay what it wanted to pay to the module.
    Unpaid,
}

/// Why a call did not end ok. `E` is the entry's own error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure<E> {
    /// It reverted with an error of its own.
    Reverted(E),
    /// It reverted otherwise: with a code of [`crate::errors`], or one that is not the entry's.
    OtherRevert {
        /// The message's first two bytes.
        code: u16,
        /// The rest of it.
        text: String,
    },
    /// It trapped.
    Trapped(String),
    /// Its host calls alone used more gas than a call may have.
    OutOfGas,
    /// The caller could not pay what it wanted to pay to the module.
    Unpaid,
}

impl Outcome {
    /// The returned bytes, or why there are none.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn into_result<E: ModuleError>(self) -> Result<Vec<u8>, Failure<E>> {
        Err(match self {
            Self::Ok(output) => return Ok(output),
            Self::Reverted(message) => {
                let (code, text) = message.split_first_chunk().unwrap_or((&[0xff, 0xff], &[]));
                let code = u16::from_le_bytes(*code);
                match E::from_code(code) {
                    Some(error) => Failure::Reverted(error),
                    None => Failure::OtherRevert {
                        code,
                        text: String::from_utf8_lossy(text).into_owned(),
                    },
                }
            }
            Self::Trapped(why) => Failure::Trapped(why),
            Self::OutOfGas => Failure::OutOfGas,
            Self::Unpaid => Failure::Unpaid,
        })
    }
}

impl<E> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reverted(_) => f.write_str("reverted with an error of the module"),
            Self::OtherRevert { code, text } => write!(f, "reverted with code {code}: {text}"),
            Self::Trapped(why) => write!(f, "trapped: {why}"),
            Self::OutOfGas => f.write_str("out of gas"),
            Self::Unpaid => f.write_str("the caller has less than it wanted to pay"),
        }
    }
}

/// What a run left beside its result. Events and messages count only if it ended ok, so there are none otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Topic and data of each event, in order.
    pub events: Vec<(u16, Vec<u8>)>,
    /// Messages and withdrawals to L1.
    pub messages: usize,
    /// What it logged, kept for every outcome.
    pub logs: Vec<String>,
    /// Gas of its host calls; what its instructions cost comes on top.
    pub host_gas: u32,
}
