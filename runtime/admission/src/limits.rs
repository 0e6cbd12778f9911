//! Limits of a module, and why each is what it is.
//!
//! They keep admission's time and memory bounded, every engine's resources fixed per call, and the prover's tables small
//! enough for one circuit shape. All of them hold for the original module; what is instrumented stays within what engines
//! accept. Changing one changes [`crate::INSTRUMENTATION_VERSION`].

/// A limit, for documentation and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its name, as the constant of this module.
    pub name: &'static str,
    /// The greatest value that is admitted.
    pub value: u32,
    /// What is counted, in words that complete "too much: ...".
    pub what: &'static str,
    /// Why it is there.
    pub why: &'static str,
}

macro_rules! limits {
    ($($name:ident = $value:expr, $what:literal, $why:literal;)+) => {
        $(
            #[doc = concat!("Most ", $what, ": ", $why, ".")]
            pub const $name: u32 = $value;
        )+

        /// Every limit.
        pub const ALL: &[Limit] = &[$(row::$name),+];

        /// The rows of [`ALL`] by name.
        pub(crate) mod row {
            use super::Limit;
            $(pub(crate) const $name: Limit = Limit {
                name: stringify!($name),
                value: super::$name,
                what: $what,
                why: $why,
            };)+
        }
    };
}

limits! {
    MODULE_BYTES = 1 << 20, "bytes of the module", "a module is fetched by browsers and kept by every node";
    CODE_BYTES = 512 << 10, "bytes of the code section", "the lowered code lies in fixed columns of the circuit";
    FUNCTION_BYTES = 128 << 10, "bytes of a function's body", "bounds admission's and compilers' work on one function";
    FUNCTIONS = 4096, "functions", "bounds the tables of engines and of the lowering";
    TYPES = 1024, "function types", "the type of an indirect call is a table lookup in the circuit";
    PARAMS = 32, "parameters of a function type", "a call passes them in rows of its own";
    RESULTS = 8, "results of a function type", "a return passes them in rows of its own";
    LOCALS = 1024, "locals of a function, with parameters", "each is zeroed and each takes a frame slot";
    OPERANDS = 1024, "values on a function's operand stack", "each takes a frame slot";
    NESTING = 256, "nested blocks of a function", "bounds recursion in compilers";
    BR_TABLE_TARGETS = 4096, "targets of a br_table", "each becomes a row of the circuit's jump table";
    BR_TABLE_TARGETS_TOTAL = 65_536, "targets of all br_tables", "they share the circuit's jump table";
    JOINS = 2_097_152, "loops and br_table targets, each times the locals of its function", "compilers carry every local through each: bounds their time";
    IMPORTS = 128, "imports", "there are far fewer host functions";
    EXPORTS = 1024, "exports", "only the entry points are kept";
    GLOBALS = 256, "globals", "each is set anew for every call";
    TABLE_ENTRIES = 4096, "entries of the table", "each is set anew for every call";
    ELEMENT_SEGMENTS = 1024, "element segments", "each is applied anew for every call";
    ELEMENTS = 4096, "functions in all element segments", "overlapping segments must not cost more than the table";
    MEMORY_PAGES = 256, "pages of memory, initially and in all", "16 MiB: a call has its own memory, and engines reserve it";
    DATA_SEGMENTS = 1024, "data segments", "each is applied anew for every call";
    DATA_BYTES = 512 << 10, "bytes in all data segments", "they are copied for every call";
    IMAGE_BYTES = 512 << 10, "bytes from the lowest to the highest initialised byte", "the initial image lies in fixed columns of the circuit";
    ABI_BYTES = 64 << 10, "bytes of the ABI section", "clients parse it";
}

/// Frame slots that a call has in all, the initial value of the global of frame slots. A slot is 8 bytes in the module's terms;
/// compilers spill more than that, at worst some 56 bytes a slot in measured attacks, so that engines give a call's native
/// stack twenty times what the slots hold.
pub const STACK_SLOTS: u32 = 8_192;

/// Frame slots that every frame takes beside its locals and operands: return address, saved registers, spills.
pub const FRAME_SLOTS: u32 = 8;

// The dearest frame still fits, so that every admitted function can be called.
const _: () = assert!(LOCALS + OPERANDS + FRAME_SLOTS <= STACK_SLOTS);

/// Longest function name that a diagnostic shows, in characters.
pub const NAME_CHARS: usize = 96;

/// Longest message of the validator that a diagnostic shows, in characters: it may quote names of the module.
pub const MESSAGE_CHARS: usize = 240;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_values_positive() {
        for (index, limit) in ALL.iter().enumerate() {
            assert!(limit.value > 0 && !limit.what.is_empty() && !limit.why.is_empty());
            assert!(ALL[..index].iter().all(|other| other.name != limit.name));
        }
    }
}
