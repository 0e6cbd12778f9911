//! Writing functions: the fixed shapes that instrumentation adds, and nothing else.

use crate::body::Body;
use crate::meter::{Block, Item};
use crate::price::SCHEDULE;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, Function, InstructionSink, ValType};
use wasmparser::Operator;

/// Where the things that instrumentation adds are in the index spaces.
#[derive(Clone, Copy)]
pub(crate) struct Added {
    /// The global of gas. That of frame slots follows; in a measuring build, those of instructions and accesses too.
    pub(crate) gas: u32,
    /// The bulk helper, if there will be one.
    pub(crate) bulk: u32,
    /// Whether this is a measuring build.
    pub(crate) measuring: bool,
}

impl Added {
    pub(crate) fn stack(self) -> u32 {
        self.gas + 1
    }

    pub(crate) fn instructions(self) -> u32 {
        self.gas + 2
    }

    pub(crate) fn accesses(self) -> u32 {
        self.gas + 3
    }
}

/// Writes a function. `results` is the block type of its results.
pub(crate) fn function(body: &Body<'_>, results: BlockType, added: Added) -> Function {
    let mut function = Function::new_with_locals_types(body.locals.iter().map(|value| integer(*value)));
    charge(&mut function.instructions(), added.stack(), body.slots);
    if let Some(first) = body.blocks.first() {
        start(&mut function.instructions(), first, added);
    }
    function.instructions().block(results);
    for item in &body.items {
        match item {
            Item::Start(number) => {
                if let Some(block) = body.blocks.get(*number) {
                    start(&mut function.instructions(), block, added);
                }
            }
            Item::Op(operator) => {
                if matches!(
                    operator,
                    Operator::MemoryCopy { .. } | Operator::MemoryFill { .. }
                ) {
                    function.instructions().call(added.bulk);
                }
                match RoundtripReencoder.instruction(operator.clone()) {
                    Ok(instruction) => function.instruction(&instruction),
                    Err(error) => unreachable!("admitted instructions have an encoding: {error}"),
                };
            }
        }
    }
    function.instructions().end();
    function
        .instructions()
        .global_get(added.stack())
        .i32_const(constant(body.slots))
        .i32_add()
        .global_set(added.stack())
        .end();
    function
}

/// The bulk helper: charges the started words of `n` bytes and returns `n`.
///
/// Words are at most 2^29, so their price is compared by division: it may not fit 32 bits, but fits the gas if the words
/// fit the quotient. Gas is not negative while code runs, so the comparison may be unsigned.
pub(crate) fn bulk_helper(added: Added) -> Function {
    const PRICE: u32 = SCHEDULE.bulk_word;
    const { assert!(PRICE.is_power_of_two()) };
    let shift = constant(PRICE.trailing_zeros());
    let (length, words) = (0, 1);
    let mut function = Function::new([(1, ValType::I32)]);
    let mut sink = function.instructions();
    sink.local_get(length).i32_const(3).i32_shr_u();
    sink.local_get(length)
        .i32_const(7)
        .i32_and()
        .i32_const(0)
        .i32_ne();
    sink.i32_add().local_tee(words);
    sink.global_get(added.gas).i32_const(shift).i32_shr_u().i32_gt_u();
    sink.if_(BlockType::Empty);
    sink.i32_const(-1).global_set(added.gas).unreachable().end();
    sink.global_get(added.gas);
    sink.local_get(words).i32_const(shift).i32_shl().i32_sub();
    sink.global_set(added.gas);
    if added.measuring {
        sink.global_get(added.accesses());
        sink.local_get(words).i64_extend_i32_u().i64_add();
        sink.global_set(added.accesses());
    }
    sink.local_get(length).end();
    function
}

/// What stands at the start of a metered block.
fn start(sink: &mut InstructionSink<'_>, block: &Block, added: Added) {
    if block.gas > 0 {
        charge(sink, added.gas, block.gas);
    }
    if added.measuring {
        count(sink, added.instructions(), block.instructions);
        count(sink, added.accesses(), block.accesses);
    }
}

/// The charge: the one shape that lowering recognises.
fn charge(sink: &mut InstructionSink<'_>, global: u32, amount: u32) {
    sink.global_get(global)
        .i32_const(constant(amount))
        .i32_sub()
        .global_set(global);
    sink.global_get(global).i32_const(0).i32_lt_s();
    sink.if_(BlockType::Empty).unreachable().end();
}

fn count(sink: &mut InstructionSink<'_>, global: u32, amount: u32) {
    if amount > 0 {
        sink.global_get(global)
            .i64_const(i64::from(amount))
            .i64_add()
            .global_set(global);
    }
}

/// Prices and weights are far below 2^31: see [`crate::price`] and [`crate::limits`].
fn constant(amount: u32) -> i32 {
    i32::try_from(amount).expect("prices and weights fit i32")
}

/// An admitted type of value.
pub(crate) fn integer(value: wasmparser::ValType) -> ValType {
    match value {
        wasmparser::ValType::I64 => ValType::I64,
        _ => ValType::I32,
    }
}
