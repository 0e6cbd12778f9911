//! What a test asks of an engine.

use std::collections::BTreeMap;
use std::fmt;

/// An integer value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// `i32`
    I32(i32),
    /// `i64`
    I64(i64),
}

/// Why a run ended before its function returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trap {
    /// The instruction `unreachable`.
    Unreachable,
    /// A load, store, bulk operation or data segment outside memory.
    MemoryOutOfBounds,
    /// An integer divided by zero.
    DivisionByZero,
    /// The quotient of the least integer and -1.
    IntegerOverflow,
    /// `call_indirect` found a function of another type.
    IndirectCallType,
    /// `call_indirect` or an element segment outside the table.
    TableOutOfBounds,
    /// `call_indirect` found no function.
    NullElement,
    /// More calls inside each other than the limit.
    CallDepth,
    /// The gas did not suffice.
    OutOfGas,
}

/// How a run or an instantiation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// As the specification says, or for want of gas.
    Trap(Trap),
    /// Nothing has the name of an import.
    UnknownImport(String),
    /// What has the name of an import is of another type.
    ImportType(String),
    /// The engine could not: no such export, wrong arguments, a limit of its own.
    Engine(String),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trap(trap) => write!(f, "{trap:?}"),
            Self::UnknownImport(text) | Self::ImportType(text) => write!(f, "unlinkable: {text}"),
            Self::Engine(text) => write!(f, "engine: {text}"),
        }
    }
}

/// An engine that runs modules, closed ones at least.
///
/// An instrumented module is run as `playfair_abi::instrumented` says; of a module without these exports, gas and call
/// depth are not limited.
pub trait Engine {
    /// A module made ready to run.
    type Module;
    /// Instances, whose memories, tables and globals last from call to call.
    type Store;
    /// One of a store's instances.
    type Instance: Copy;

    /// Whether an instance may import from others of its store, and share their memory, table and globals. To an engine
    /// that cannot, the tests give closed modules only.
    fn links(&self) -> bool {
        false
    }

    /// Makes a module ready.
    ///
    /// # Errors
    /// Says why the engine refuses the module.
    fn load(&self, wasm: &[u8]) -> Result<Self::Module, String>;

    /// A store without instances.
    fn store(&self) -> Self::Store;

    /// Makes an instance: memory, table and globals as the module's segments say. Its imports are exports of the instances
    /// with these names.
    ///
    /// # Errors
    /// A segment that does not fit traps. An import may be unknown or of another type.
    fn instantiate(
        &self,
        store: &mut Self::Store,
        module: &Self::Module,
        names: &BTreeMap<String, Self::Instance>,
    ) -> Result<Self::Instance, Stopped>;

    /// Runs an exported function with that much gas and all frame slots in each instance of the store.
    ///
    /// # Errors
    /// How the run ended, if its function did not return. It is out of gas, or of frame slots, if any instance is.
    fn invoke(
        &self,
        store: &mut Self::Store,
        instance: Self::Instance,
        name: &str,
        args: &[Value],
        gas: i32,
    ) -> Result<Vec<Value>, Stopped>;

    /// The value of an exported global, if there is one of an integer type.
    fn global(&self, store: &mut Self::Store, instance: Self::Instance, name: &str) -> Option<Value>;

    /// The bytes of an exported memory, if there is one.
    fn memory<'a>(
        &self,
        store: &'a mut Self::Store,
        instance: Self::Instance,
        name: &str,
    ) -> Option<&'a [u8]>;
}
