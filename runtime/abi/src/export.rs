//! Entry points: the functions that a chain calls in a module.
//!
//! Every run starts in a fresh instance, so linear memory, globals and tables begin as the module defines them. The
//! arguments are small integers; the payload is fetched with the host function `input`.

use crate::host::ValType;

/// An entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Export {
    /// `call(entry, payload length)`: a player's call. Every module has it.
    Call,
    /// `init(payload length)`: once, at genesis, with the chain's init argument.
    Init,
    /// `tick()`: once at the start of each block, when the chain's tick gas is not 0.
    Tick,
    /// `query(entry, payload length)`: reads for a client; changes nothing and is on no tape.
    Query,
}

impl Export {
    /// Every entry point.
    pub const ALL: [Self; 4] = [Self::Call, Self::Init, Self::Tick, Self::Query];

    /// The export's name in the module.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Init => "init",
            Self::Tick => "tick",
            Self::Query => "query",
        }
    }

    /// The export with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|export| export.name() == name)
    }

    /// The types of its parameters. An entry point returns nothing: output goes through the host function `output`.
    #[must_use]
    pub const fn params(self) -> &'static [ValType] {
        match self {
            Self::Call | Self::Query => &[ValType::I32, ValType::I32],
            Self::Init => &[ValType::I32],
            Self::Tick => &[],
        }
    }

    /// Whether every module must have it.
    #[must_use]
    pub const fn required(self) -> bool {
        matches!(self, Self::Call)
    }
}
