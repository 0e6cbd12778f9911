//! Functions that move floats without looking at them.
//!
//! A constant, a load, a store, a local, a block's result, `drop` and `select` do with a float what they do with the integer
//! of its size and bits. So a function between integers that has no other float does the same with these integers: what it
//! tests (how the operand stack unwinds, where a trap strikes) is in scope.

use wasm_encoder::{Function, Instruction, ValType};
use wasmparser::{BinaryReaderError, BlockType, FunctionBody, Operator};

/// Whether an instruction does with floats what it does with integers.
pub(super) fn moves_floats(operator: &Operator<'_>) -> bool {
    match operator {
        Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
            matches!(blockty, BlockType::Type(ty) if is_float(*ty))
        }
        Operator::F32Const { .. }
        | Operator::F64Const { .. }
        | Operator::F32Load { .. }
        | Operator::F64Load { .. }
        | Operator::F32Store { .. }
        | Operator::F64Store { .. } => true,
        _ => false,
    }
}

/// Whether a type is one of floats.
pub(super) fn is_float(ty: wasmparser::ValType) -> bool {
    matches!(ty, wasmparser::ValType::F32 | wasmparser::ValType::F64)
}

/// A function that moves integers instead, and adds 1 to a global when it is called.
pub(super) fn with_integers(body: &FunctionBody<'_>, calls: u32) -> Result<Function, BinaryReaderError> {
    let mut locals = Vec::new();
    for group in body.get_locals_reader()? {
        let (count, ty) = group?;
        let long = matches!(ty, wasmparser::ValType::I64 | wasmparser::ValType::F64);
        locals.push((count, if long { ValType::I64 } else { ValType::I32 }));
    }
    let mut function = Function::new(locals);
    function
        .instruction(&Instruction::GlobalGet(calls))
        .instruction(&Instruction::I32Const(1))
        .instruction(&Instruction::I32Add)
        .instruction(&Instruction::GlobalSet(calls));
    let start = body.range().start;
    let mut reader = body.get_operators_reader()?;
    while !reader.eof() {
        let from = reader.original_position() - start;
        let operator = reader.read()?;
        let bytes = &body.as_bytes()[from..reader.original_position() - start];
        match operator {
            Operator::F32Const { value } => {
                function.instruction(&Instruction::I32Const(value.bits() as i32));
            }
            Operator::F64Const { value } => {
                function.instruction(&Instruction::I64Const(value.bits() as i64));
            }
            operator if moves_floats(&operator) => {
                function.raw(bytes.iter().enumerate().map(|(index, byte)| match (index, byte) {
                    // Opcodes of loads and stores: their alignments and offsets follow.
                    (0, 0x2a | 0x2b | 0x38 | 0x39) => byte - 2,
                    // Types of blocks.
                    (1, 0x7d) if bytes.len() == 2 => 0x7f,
                    (1, 0x7c) if bytes.len() == 2 => 0x7e,
                    _ => *byte,
                }));
            }
            _ => {
                function.raw(bytes.iter().copied());
            }
        }
    }
    Ok(function)
}
