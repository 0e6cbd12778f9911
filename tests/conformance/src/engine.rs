//! What a test asks of an engine.

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
    /// The engine could not: no such export, wrong arguments, a limit of its own.
    Engine(String),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trap(trap) => write!(f, "{trap:?}"),
            Self::Engine(text) => write!(f, "engine: {text}"),
        }
    }
}

/// An engine that runs closed modules: the tests leave no import for it to supply.
///
/// An instrumented module is run as `playfair_abi::instrumented` says; of a module without these exports, gas and call
/// depth are not limited.
pub trait Engine {
    /// A module made ready to run.
    type Module;
    /// A running instance, whose memory and globals last from call to call.
    type Instance;

    /// Makes a module ready.
    ///
    /// # Errors
    /// Says why the engine refuses the module.
    fn load(&self, wasm: &[u8]) -> Result<Self::Module, String>;

    /// Makes an instance: memory, table and globals as the module's segments say.
    ///
    /// # Errors
    /// A segment that does not fit traps.
    fn instantiate(&self, module: &Self::Module) -> Result<Self::Instance, Stopped>;

    /// Runs an exported function with that much gas and all frame slots.
    ///
    /// # Errors
    /// How the run ended, if its function did not return.
    fn invoke(
        &self,
        instance: &mut Self::Instance,
        name: &str,
        args: &[Value],
        gas: i32,
    ) -> Result<Vec<Value>, Stopped>;

    /// The value of an exported global, if there is one of an integer type.
    fn global(&self, instance: &mut Self::Instance, name: &str) -> Option<Value>;

    /// The bytes of an exported memory, if there is one.
    fn memory<'a>(&self, instance: &'a mut Self::Instance, name: &str) -> Option<&'a [u8]>;
}
