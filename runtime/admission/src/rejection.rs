//! A refusal: the reason and the place.

use crate::limits::MESSAGE_CHARS;
use crate::names::{Names, cut};
use crate::reason::{Feature, Reason};
use core::fmt;
use wasmparser::WasmFeatures;

/// Where in the original module something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The function, by its index in the module (imports count first), if it is in one.
    pub function: Option<u32>,
    /// The function's name, if the module has a name section: cut, and visible ASCII only.
    pub name: Option<String>,
    /// Bytes from the start of the module.
    pub offset: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(function) = self.function {
            write!(f, "function {function}")?;
            if let Some(name) = &self.name {
                write!(f, " `{name}`")?;
            }
            f.write_str(", ")?;
        }
        write!(f, "byte {:#x}", self.offset)
    }
}

/// Why a module is not admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The reason.
    pub reason: Reason,
    /// The place, if there is one.
    pub at: Option<Location>,
}

impl Rejection {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        self.reason.hint()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = &self.at {
            write!(f, "{at}: ")?;
        }
        write!(f, "{}. Hint: {}", self.reason, self.hint())
    }
}

impl core::error::Error for Rejection {}

/// A refusal while reading: the name of the function is looked up once, at the end.
#[derive(Debug)]
pub(crate) struct Refused {
    reason: Reason,
    function: Option<u32>,
    offset: Option<usize>,
}

impl Refused {
    /// A refusal of the whole module.
    pub(crate) fn whole(reason: Reason) -> Self {
        Self {
            reason,
            function: None,
            offset: None,
        }
    }

    /// A refusal of what stands at an offset.
    pub(crate) fn at(offset: usize, reason: Reason) -> Self {
        Self {
            reason,
            function: None,
            offset: Some(offset),
        }
    }

    /// A refusal of a part of a feature at an offset.
    pub(crate) fn feature(offset: usize, feature: Feature, what: impl Into<String>) -> Self {
        Self::at(
            offset,
            Reason::Unsupported {
                feature,
                what: what.into(),
            },
        )
    }

    /// The same, in a function.
    pub(crate) fn inside(mut self, function: u32) -> Self {
        self.function = Some(function);
        self
    }

    pub(crate) fn named(self, names: &Names) -> Rejection {
        let Self {
            reason,
            function,
            offset,
        } = self;
        Rejection {
            reason,
            at: offset.map(|offset| Location {
                function,
                name: function.and_then(|function| names.of(function)),
                offset,
            }),
        }
    }
}

impl From<wasmparser::Error> for Refused {
    fn from(error: wasmparser::Error) -> Self {
        let message = cut(error.message(), MESSAGE_CHARS);
        let reason = match error.missing_wasm_feature().and_then(feature) {
            Some(feature) => Reason::Unsupported {
                feature,
                what: message,
            },
            None => Reason::Invalid(message),
        };
        Self::at(error.offset(), reason)
    }
}

/// The feature that wasmparser misses, if it says.
fn feature(features: WasmFeatures) -> Option<Feature> {
    Some(match features {
        WasmFeatures::FLOATS | WasmFeatures::SATURATING_FLOAT_TO_INT => Feature::Floats,
        WasmFeatures::SIMD | WasmFeatures::RELAXED_SIMD => Feature::Simd,
        WasmFeatures::THREADS | WasmFeatures::SHARED_EVERYTHING_THREADS => Feature::Threads,
        WasmFeatures::TAIL_CALL => Feature::TailCalls,
        WasmFeatures::EXCEPTIONS | WasmFeatures::LEGACY_EXCEPTIONS => Feature::Exceptions,
        WasmFeatures::GC | WasmFeatures::GC_TYPES => Feature::Gc,
        WasmFeatures::FUNCTION_REFERENCES => Feature::References,
        WasmFeatures::MULTI_MEMORY => Feature::MultiMemory,
        WasmFeatures::MEMORY64 => Feature::Memory64,
        WasmFeatures::EXTENDED_CONST => Feature::ExtendedConst,
        WasmFeatures::CUSTOM_PAGE_SIZES => Feature::CustomPageSizes,
        features if features.is_empty() => return None,
        _ => Feature::Other,
    })
}

/// Checks a count against its limit.
pub(crate) fn limit(
    limit: crate::limits::Limit,
    found: impl TryInto<u64>,
    offset: usize,
) -> Result<(), Refused> {
    let found = found.try_into().unwrap_or(u64::MAX);
    if found <= u64::from(limit.value) {
        return Ok(());
    }
    Err(Refused::at(offset, Reason::Limit { limit, found }))
}
