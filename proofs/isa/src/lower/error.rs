//! Why a module cannot be lowered.

use core::fmt;

/// Where in a module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Index of the function.
    pub function: Option<u32>,
    /// Byte offset.
    pub offset: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(function) = self.function {
            write!(f, "function {function}, ")?;
        }
        write!(f, "byte {:#x}", self.offset)
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LowerError {
    /// No valid WebAssembly.
    Invalid {
        /// Byte offset.
        offset: usize,
        /// What the validator says.
        message: String,
    },
    /// An instruction or a section that the machine does not have.
    Unsupported {
        /// Where.
        place: Place,
        /// What.
        what: String,
    },
    /// A module that is not as admission instruments it.
    Instrumentation {
        /// Where.
        place: Place,
        /// What is not so.
        what: &'static str,
    },
    /// An operand of an intrinsic that must be a constant and is none.
    Constant {
        /// Where.
        place: Place,
        /// The intrinsic.
        intrinsic: String,
    },
    /// More than the machine's fixed tables hold.
    TooLarge {
        /// Where.
        place: Place,
        /// Of what.
        what: &'static str,
        /// How many there are at most.
        limit: u64,
    },
    /// An import that nothing provides.
    Import {
        /// Its module.
        module: String,
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// An export that is missing or of another type.
    Export {
        /// Its name.
        name: String,
    },
    /// A function that can take more rows than the gas that it charges: prices of admission and lowering do not agree.
    Unpaid {
        /// Where.
        place: Place,
        /// The row from the function's first.
        row: usize,
    },
    /// A bug of this crate: a row that no choice of slots holds.
    Internal {
        /// Where.
        place: Place,
        /// What happened.
        what: String,
    },
}

impl fmt::Display for LowerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { offset, message } => write!(f, "invalid module at byte {offset:#x}: {message}"),
            Self::Unsupported { place, what } => {
                write!(f, "{place}: {what} has no lowering; admission refuses it, too")
            }
            Self::Instrumentation { place, what } => {
                write!(
                    f,
                    "{place}: {what}; pass the instrumented bytes that admission returns"
                )
            }
            Self::Constant { place, intrinsic } => {
                write!(
                    f,
                    "{place}: `{intrinsic}` wants a constant here; write it as a literal"
                )
            }
            Self::TooLarge { place, what, limit } => {
                write!(
                    f,
                    "{place}: more than {limit} {what}; split the function or the module"
                )
            }
            Self::Import { module, name, why } => write!(f, "import {module}.{name}: {why}"),
            Self::Export { name } => write!(f, "the kernel does not export `{name}` as it must"),
            Self::Unpaid { place, row } => write!(
                f,
                "{place}: its code takes more rows than its gas pays for (row {row}); please report it"
            ),
            Self::Internal { place, what } => {
                write!(f, "{place}: lowering failed ({what}); please report it")
            }
        }
    }
}

impl core::error::Error for LowerError {}

impl From<wasmparser::BinaryReaderError> for LowerError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::Invalid {
            offset: error.offset(),
            message: error.message().to_owned(),
        }
    }
}
