//! Why a module is refused, and what to do about it.

use crate::limits::Limit;
use core::fmt;
use playfair_abi::export::Export;
use playfair_abi::host::{HostFunction, IMPORT_MODULE, ValType};

/// A part of WebAssembly that no chain runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// Floating point.
    Floats,
    /// Vectors.
    Simd,
    /// Atomics and shared memories.
    Threads,
    /// Tail calls.
    TailCalls,
    /// Exceptions and tags.
    Exceptions,
    /// Garbage-collected types.
    Gc,
    /// References as values, tables of anything but functions, more than one table.
    References,
    /// Changing a table.
    TableMutation,
    /// Passive and declared segments.
    PassiveSegments,
    /// 64-bit memories and tables.
    Memory64,
    /// More than one memory.
    MultiMemory,
    /// Constant expressions of more than one constant.
    ExtendedConst,
    /// Memories whose pages are not 64 KiB.
    CustomPageSizes,
    /// Any other proposal.
    Other,
}

impl Feature {
    const fn title(self) -> &'static str {
        match self {
            Self::Floats => "floating point",
            Self::Simd => "SIMD",
            Self::Threads => "threads",
            Self::TailCalls => "tail calls",
            Self::Exceptions => "exceptions",
            Self::Gc => "garbage-collected types",
            Self::References => "references",
            Self::TableMutation => "table mutation",
            Self::PassiveSegments => "passive segments",
            Self::Memory64 => "64-bit memories",
            Self::MultiMemory => "several memories",
            Self::ExtendedConst => "extended constant expressions",
            Self::CustomPageSizes => "custom page sizes",
            Self::Other => "a WebAssembly proposal beyond what chains run",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Floats => {
                "use integers or the SDK's fixed-point numbers. Where this is, the function or one inlined into it computes \
                 with f32 or f64 (formatting and parsing numbers of these types count too); `wasm-tools print` shows the code"
            }
            Self::Simd => "build without -C target-feature=+simd128 and without crates that force it",
            Self::Threads => "build without -C target-feature=+atomics; a call has one thread",
            Self::TailCalls => "build without -C target-feature=+tail-call",
            Self::Exceptions => {
                "build with panic = \"abort\" and without -C target-feature=+exception-handling"
            }
            Self::Gc => "use a language that compiles to linear memory, such as Rust",
            Self::References => {
                "build without -C target-feature=+reference-types; wasm-bindgen output is for browsers, not for chains"
            }
            Self::TableMutation => {
                "build without wasm-ld's --growable-table; the table of functions is constant"
            }
            Self::PassiveSegments => "build without -C target-feature=+atomics; segments must be active",
            Self::Memory64 => "build for wasm32-unknown-unknown",
            Self::MultiMemory => "a module has one memory",
            Self::ExtendedConst => "build without position-independent code (-C relocation-model=static)",
            Self::CustomPageSizes => "build with pages of 64 KiB",
            Self::Other => "build for wasm32-unknown-unknown with rustc's default features",
        }
    }
}

/// Why a module is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The bytes are no WebAssembly of version 1.
    NotWasm,
    /// A component, not a core module.
    Component,
    /// The bytes do not decode or do not validate; wasmparser's words.
    Invalid(String),
    /// More of something than its limit.
    Limit {
        /// The limit.
        limit: Limit,
        /// What the module has.
        found: u64,
    },
    /// The module exports a name that instrumentation adds.
    Instrumented {
        /// The name.
        export: String,
    },
    /// An instruction, a type or a section of a feature that no chain runs.
    Unsupported {
        /// The feature.
        feature: Feature,
        /// What of it: an instruction's name, or a description.
        what: String,
    },
    /// A start function.
    Start,
    /// An import that is not a host function.
    UnknownImport {
        /// Its module.
        module: String,
        /// Its name.
        name: String,
        /// The host function that was probably meant.
        nearest: Option<HostFunction>,
    },
    /// An import that is no function.
    ImportKind {
        /// Its name.
        name: String,
        /// What it is.
        kind: &'static str,
    },
    /// A host function imported with the wrong type.
    ImportSignature {
        /// The function.
        function: HostFunction,
        /// The type that the module gives it.
        found: String,
    },
    /// The entry point `call` is missing.
    MissingCall,
    /// An export that is named as an entry point and is not one.
    EntryPoint {
        /// The entry point.
        export: Export,
        /// What the module exports.
        found: String,
    },
    /// A data segment that does not fit the initial memory.
    DataOutOfBounds {
        /// First byte.
        start: u32,
        /// Length, bytes.
        length: u32,
        /// Size of the initial memory, bytes.
        memory: u64,
    },
    /// An element segment that does not fit the table.
    ElementsOutOfBounds {
        /// First entry.
        start: u32,
        /// Number of entries.
        length: u32,
        /// Size of the table.
        table: u64,
    },
    /// More than one ABI section.
    TwoAbis,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWasm => f.write_str("not a WebAssembly module of version 1"),
            Self::Component => f.write_str("a component, not a core module"),
            Self::Invalid(message) => write!(f, "not valid: {message}"),
            Self::Limit { limit, found } => {
                write!(
                    f,
                    "too many {}: {found}, where {} are allowed",
                    limit.what, limit.value
                )
            }
            Self::Instrumented { export } => write!(f, "the export `{export}` has a reserved name"),
            Self::Unsupported { feature, what } => write!(f, "{what}: {} is not supported", feature.title()),
            Self::Start => f.write_str("the module has a start function"),
            Self::UnknownImport { module, name, .. } => {
                write!(f, "the import `{module}`.`{name}` is not a host function")
            }
            Self::ImportKind { name, kind } => write!(f, "the import `{name}` is a {kind}, not a function"),
            Self::ImportSignature { function, found } => write!(
                f,
                "the host function `{}` is imported with the type {found}",
                function.signature().name
            ),
            Self::MissingCall => write!(f, "the module exports no function `{}`", Export::Call.name()),
            Self::EntryPoint { export, found } => write!(f, "the export `{}` is {found}", export.name()),
            Self::DataOutOfBounds {
                start,
                length,
                memory,
            } => write!(
                f,
                "a data segment of {length} bytes at {start} does not fit the initial memory of {memory} bytes"
            ),
            Self::ElementsOutOfBounds { start, length, table } => write!(
                f,
                "an element segment of {length} entries at {start} does not fit the table of {table} entries"
            ),
            Self::TwoAbis => write!(f, "more than one custom section `{}`", playfair_abi::ABI_SECTION),
        }
    }
}

impl Reason {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NotWasm => "pass the .wasm file that cargo build --target wasm32-unknown-unknown made".into(),
            Self::Component => "build for wasm32-unknown-unknown instead of a wasip2 target".into(),
            Self::Invalid(_) => "build again with rustc's default features; post-processing may have broken it".into(),
            Self::Limit { limit, .. } => format!("{} ({})", limit_hint(limit), limit.why),
            Self::Instrumented { .. } => "this is an instrumented module: submit the original instead".into(),
            Self::Unsupported { feature, .. } => feature.hint().into(),
            Self::Start => "nothing runs before an entry point: export `init` for what happens once".into(),
            Self::UnknownImport {
                nearest: Some(function),
                ..
            } => format!("did you mean {}?", signature(*function)),
            Self::UnknownImport { module, .. } if module == "env" => format!(
                "an extern function that nothing defines becomes an import of `env`: define it, or link host functions from \
                 `{IMPORT_MODULE}`"
            ),
            Self::UnknownImport { module, .. } if module.starts_with("__wbindgen") || module == "wbg" => {
                "build with cargo build, not with wasm-bindgen or wasm-pack; and no dependency may use JavaScript".into()
            }
            Self::UnknownImport { .. } => format!("import host functions from the module `{IMPORT_MODULE}` only"),
            Self::ImportKind { .. } => "define it in the module: build without --import-memory and --import-table".into(),
            Self::ImportSignature { function, .. } => format!("its type is {}", signature(*function)),
            Self::MissingCall => {
                "export it as (i32, i32) -> (); the SDK's #[playfair::module] does. Is crate-type cdylib?".into()
            }
            Self::EntryPoint { export, .. } => {
                format!(
                    "it must be a function of the module with the type {}",
                    arrow(export.params(), None)
                )
            }
            Self::DataOutOfBounds { .. } => "raise the initial memory (-C link-arg=--initial-memory=...)".into(),
            Self::ElementsOutOfBounds { .. } => "the linker sizes the table; post-processing may have broken it".into(),
            Self::TwoAbis => "the SDK's #[playfair::module] may stand once in a module".into(),
        }
    }
}

fn limit_hint(limit: &Limit) -> &'static str {
    match limit.name {
        "MODULE_BYTES" => {
            "build with --release and, in the profile, strip = \"debuginfo\", opt-level = \"s\", lto = true"
        }
        "CODE_BYTES" | "FUNCTIONS" | "TYPES" => {
            "build with --release, opt-level = \"s\" and lto; drop unused dependencies"
        }
        "FUNCTION_BYTES" | "NESTING" | "OPERANDS" | "LOCALS" => {
            "split the function, or keep others from being inlined into it with #[inline(never)]"
        }
        "BR_TABLE_TARGETS" | "BR_TABLE_TARGETS_TOTAL" | "JOINS" => "replace large matches by tables in data",
        "MEMORY_PAGES" => "lower the initial memory or the stack (-C link-arg=-zstack-size=...)",
        "DATA_BYTES" | "IMAGE_BYTES" | "DATA_SEGMENTS" => {
            "compute large constant tables instead of storing them"
        }
        "PARAMS" | "RESULTS" => "pass a reference to a struct instead",
        _ => "make it smaller",
    }
}

/// A host function as an author would declare it.
pub(crate) fn signature(function: HostFunction) -> String {
    let row = function.signature();
    format!(
        "`{IMPORT_MODULE}`.`{}` {}",
        row.name,
        arrow(row.params, row.result)
    )
}

fn arrow(params: &[ValType], result: Option<ValType>) -> String {
    let name = |value: &ValType| match value {
        ValType::I32 => "i32",
        ValType::I64 => "i64",
    };
    let params: Vec<_> = params.iter().map(name).collect();
    format!(
        "({}) -> {}",
        params.join(", "),
        result.as_ref().map_or("()", name)
    )
}
