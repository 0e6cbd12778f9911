//! One function's body: our limits, then wasmparser's validation, instruction by instruction, then metering.

use crate::limits::{FRAME_SLOTS, row};
use crate::meter::{Block, Item, Meter};
use crate::operator::describe;
use crate::price::class;
use crate::reason::Feature;
use crate::rejection::{Refused, limit};
use wasmparser::{
    BlockType, CompositeInnerType, FuncType, FuncValidator, FuncValidatorAllocations, FunctionBody, Operator,
    ValType, ValidatorResources, WasmModuleResources,
};

/// A function that is ready to be written.
pub(crate) struct Body<'a> {
    /// Locals that are no parameters.
    pub(crate) locals: Vec<ValType>,
    /// Its instructions and where metered blocks start.
    pub(crate) items: Vec<Item<'a>>,
    /// Its metered blocks.
    pub(crate) blocks: Vec<Block>,
    /// Frame slots that a call of it takes.
    pub(crate) slots: u32,
    /// Whether it has a bulk operation.
    pub(crate) bulk: bool,
}

/// What is counted over all functions of a module.
#[derive(Default)]
pub(crate) struct Totals {
    /// Targets of `br_table`s.
    targets: u64,
    /// Loops and targets of `br_table`s, each times the locals of its function.
    joins: u64,
}

/// Reads a body of the given type.
pub(crate) fn read<'a>(
    body: &FunctionBody<'a>,
    ty: &FuncType,
    mut validator: FuncValidator<ValidatorResources>,
    totals: &mut Totals,
) -> Result<(Body<'a>, FuncValidatorAllocations), Refused> {
    let locals = read_locals(body, ty, &mut validator)?;
    let params = ty.params().len() as u32;
    let mut meter = Meter::new(locals.len() as u32, ty.results().len() as u32);
    let (mut height, mut bulk) = (0, false);
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        let Some(class) = class(&operator) else {
            let (feature, what) = describe(&operator);
            return Err(Refused::feature(offset, feature, what));
        };
        check(&operator, offset, u64::from(params) + locals.len() as u64, totals)?;
        if matches!(
            operator,
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. }
        ) {
            // The function's own frame is one of them, and this block is not there yet.
            limit(row::NESTING, validator.control_stack_height(), offset)?;
        }
        validator.op(offset, &operator)?;
        limit(row::OPERANDS, validator.operand_stack_height(), offset)?;
        bulk |= meter.live()
            && matches!(
                operator,
                Operator::MemoryCopy { .. } | Operator::MemoryFill { .. }
            );
        let values = values(&operator, &validator);
        meter.push(operator, class, values);
        if meter.live() {
            height = height.max(validator.operand_stack_height());
        }
    }
    operators.finish()?;
    let (items, blocks) = meter.finish();
    let slots = params + locals.len() as u32 + height + FRAME_SLOTS;
    let body = Body {
        locals,
        items,
        blocks,
        slots,
        bulk,
    };
    Ok((body, validator.into_allocations()))
}

/// How many values a branch to the block carries that an instruction opens: its results, a loop's parameters.
fn values(operator: &Operator<'_>, validator: &FuncValidator<ValidatorResources>) -> u32 {
    let (ty, is_loop) = match operator {
        Operator::Block { blockty } | Operator::If { blockty } => (blockty, false),
        Operator::Loop { blockty } => (blockty, true),
        _ => return 0,
    };
    match ty {
        BlockType::Empty => 0,
        BlockType::Type(_) => u32::from(!is_loop),
        BlockType::FuncType(index) => {
            let ty = validator.resources().sub_type_at(*index);
            ty.map_or(0, |ty| match &ty.composite_type.inner {
                CompositeInnerType::Func(ty) if is_loop => ty.params().len() as u32,
                CompositeInnerType::Func(ty) => ty.results().len() as u32,
                _ => 0,
            })
        }
    }
}

fn read_locals(
    body: &FunctionBody<'_>,
    ty: &FuncType,
    validator: &mut FuncValidator<ValidatorResources>,
) -> Result<Vec<ValType>, Refused> {
    let mut reader = body.get_locals_reader()?;
    let mut locals = Vec::new();
    for _ in 0..reader.get_count() {
        let offset = reader.original_position();
        let (count, value) = reader.read()?;
        integer(value, offset, "local")?;
        let total = ty.params().len() as u64 + locals.len() as u64 + u64::from(count);
        limit(row::LOCALS, total, offset)?;
        validator.define_locals(offset, count, value)?;
        locals.resize(locals.len() + count as usize, value);
    }
    Ok(locals)
}

/// What an instruction's immediates may be, beyond what validation checks.
fn check(operator: &Operator<'_>, offset: usize, locals: u64, totals: &mut Totals) -> Result<(), Refused> {
    let joins = match operator {
        Operator::Loop { .. } => 1,
        Operator::BrTable { targets } => u64::from(targets.len()),
        _ => 0,
    };
    totals.joins += joins * locals;
    limit(row::JOINS, totals.joins, offset)?;
    match operator {
        Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
            match blockty {
                BlockType::Type(value) => integer(*value, offset, "block"),
                BlockType::Empty | BlockType::FuncType(_) => Ok(()),
            }
        }
        Operator::TypedSelect { ty } => integer(*ty, offset, "select"),
        Operator::BrTable { targets: table } => {
            limit(row::BR_TABLE_TARGETS, table.len(), offset)?;
            totals.targets += u64::from(table.len());
            limit(row::BR_TABLE_TARGETS_TOTAL, totals.targets, offset)
        }
        _ => Ok(()),
    }
}

/// Refuses every type of value but the two integers.
pub(crate) fn integer(value: ValType, offset: usize, what: &str) -> Result<(), Refused> {
    let feature = match value {
        ValType::I32 | ValType::I64 => return Ok(()),
        ValType::F32 | ValType::F64 => Feature::Floats,
        ValType::V128 => Feature::Simd,
        ValType::Ref(_) => Feature::References,
    };
    Err(Refused::feature(
        offset,
        feature,
        format!("{what} of type {value}"),
    ))
}
