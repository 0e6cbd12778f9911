//! What a module consists of, for people and tools.

use core::ops::Range;
use playfair_abi::export::Export;
use playfair_abi::host::HostFunction;

/// What an admitted module consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleInfo {
    /// Its entry points, in the order of [`Export::ALL`].
    pub exports: Vec<Export>,
    /// The content of its ABI section, as it stands there: hostile JSON, or anything.
    pub abi: Option<Vec<u8>>,
    /// The functions that it defines.
    pub functions: Vec<FunctionInfo>,
    /// The host functions that it imports, in the order of its imports.
    pub imports: Vec<HostFunction>,
    /// Its memory.
    pub memory: Option<Pages>,
    /// Entries of its table; 0 if it has none.
    pub table: u32,
    /// Globals that it defines, without those of the instrumentation.
    pub globals: u32,
    /// The bytes of memory from the lowest to the highest that a data segment sets.
    pub image: Option<Range<u32>>,
    /// Its data segments.
    pub data: Vec<Segment>,
    /// Functions in its element segments.
    pub elements: u32,
    /// The index of the bulk helper in the instrumented module, if the module has a bulk operation that can be reached.
    pub bulk_helper: Option<u32>,
    /// Bytes of its code section.
    pub code_bytes: u32,
}

/// The size of a memory, in pages of 64 KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// At the start of each call.
    pub initial: u32,
    /// At most, after admission has bounded it.
    pub max: u32,
}

/// A data segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// First byte in memory.
    pub start: u32,
    /// Length, bytes.
    pub length: u32,
}

/// A function that the module defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Its index in the module; imports count first.
    pub index: u32,
    /// Its name, if the module has a name section: cut, and visible ASCII only.
    pub name: Option<String>,
    /// Bytes of its body in the original.
    pub bytes: u32,
    /// Its instructions, without `end`, `else` and code that no path reaches.
    pub instructions: u32,
    /// What running each of them once would cost, and zeroing its locals, without words of bulk operations.
    pub gas: u32,
    /// Frame slots that a call of it takes.
    pub slots: u32,
}
