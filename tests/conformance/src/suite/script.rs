//! The suite's values and words as ours.

use super::Reason;
use crate::engine::{Trap, Value};
use wast::core::{WastArgCore, WastRetCore};
use wast::parser::{self, ParseBuffer};
use wast::{WastArg, WastRet, Wat};

/// The binary of a module's text, if it is one.
pub(super) fn from_text(text: &str) -> Option<Vec<u8>> {
    let buffer = ParseBuffer::new(text).ok()?;
    parser::parse::<Wat<'_>>(&buffer).ok()?.encode().ok()
}

/// An argument, or why it is out of scope.
pub(super) fn argument(argument: &WastArg<'_>) -> Result<Value, Reason> {
    let WastArg::Core(argument) = argument else {
        return Err(Reason::References);
    };
    match argument {
        WastArgCore::I32(value) => Ok(Value::I32(*value)),
        WastArgCore::I64(value) => Ok(Value::I64(*value)),
        WastArgCore::F32(_) | WastArgCore::F64(_) => Err(Reason::Floats),
        WastArgCore::V128(_) => Err(Reason::Vectors),
        _ => Err(Reason::References),
    }
}

/// A result, or why it is out of scope.
pub(super) fn result(result: &WastRet<'_>) -> Result<Value, Reason> {
    let WastRet::Core(result) = result else {
        return Err(Reason::References);
    };
    match result {
        WastRetCore::I32(value) => Ok(Value::I32(*value)),
        WastRetCore::I64(value) => Ok(Value::I64(*value)),
        WastRetCore::F32(_) | WastRetCore::F64(_) => Err(Reason::Floats),
        WastRetCore::V128(_) => Err(Reason::Vectors),
        _ => Err(Reason::References),
    }
}

/// The trap that a message of the suite names.
pub(super) fn trap(message: &str) -> Option<Trap> {
    Some(match message {
        "unreachable" => Trap::Unreachable,
        "out of bounds memory access" => Trap::MemoryOutOfBounds,
        "integer divide by zero" => Trap::DivisionByZero,
        "integer overflow" => Trap::IntegerOverflow,
        "indirect call type mismatch" | "indirect call" => Trap::IndirectCallType,
        "undefined element" | "undefined" | "out of bounds table access" => Trap::TableOutOfBounds,
        "call stack exhausted" => Trap::CallDepth,
        message if message.starts_with("uninitialized") => Trap::NullElement,
        _ => return None,
    })
}
