//! A function's instructions, with what instrumentation added folded away.
//!
//! The shapes are those that the head of admission's `lib.rs` states, and nothing else: a use of the globals of gas and frame
//! slots that is none of them is refused.

use super::error::{LowerError, Place};
use super::read::Module;
use playfair_types::limits::GAS_SCHEDULE_2;
use wasmparser::{BlockType, FunctionBody, Operator, ValType};

/// Values on a function's frame: locals and operands. Admission's limits stay far below.
const LOCALS: u64 = 2_048;

/// An instruction.
#[derive(Clone, Debug)]
pub(crate) enum Op<'a> {
    /// Gas of the block that starts here.
    Charge(u32),
    /// The call of the bulk helper.
    BulkCharge,
    /// Any other.
    Plain(Operator<'a>),
}

/// An instruction and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) op: Op<'a>,
    pub(crate) offset: usize,
    /// For block, loop, if: the index of its end. For if and its else: that of the end, too.
    pub(crate) end: u32,
    /// For an if with an else: the index of the else.
    pub(crate) other: Option<u32>,
}

/// A function that is ready to be lowered.
#[derive(Default)]
pub(crate) struct Decoded<'a> {
    /// Parameters and other locals.
    pub(crate) locals: Vec<ValType>,
    pub(crate) items: Vec<Item<'a>>,
    /// Frame slots, if the function counts them.
    pub(crate) weight: u32,
    /// Instructions of the original: without charges, `end` and `else`.
    pub(crate) instructions: u32,
    /// Where locals are written: (item, local), in order.
    pub(crate) sets: Vec<(u32, u32)>,
    /// The same by local.
    pub(crate) sets_of: Vec<Vec<u32>>,
}

impl Decoded<'_> {
    /// Whether a local is written by items in `[from, to)`.
    pub(crate) fn is_set(&self, local: u32, from: u32, to: u32) -> bool {
        self.sets_of.get(local as usize).is_some_and(|sets| {
            let next = sets.partition_point(|at| *at < from);
            sets.get(next).is_some_and(|at| *at < to)
        })
    }

    /// Locals that are written by items in `[from, to)`.
    pub(crate) fn set_in(&self, from: u32, to: u32) -> &[(u32, u32)] {
        let start = self.sets.partition_point(|(at, _)| *at < from);
        let end = self.sets.partition_point(|(at, _)| *at < to);
        self.sets.get(start..end).unwrap_or_default()
    }
}

type Read<'a> = Vec<(Operator<'a>, usize)>;

fn operators<'a>(body: &FunctionBody<'a>) -> Result<Read<'a>, LowerError> {
    let mut reader = body.get_operators_reader()?;
    let mut all = Vec::new();
    while !reader.eof() {
        all.push(reader.read_with_offset()?);
    }
    Ok(all)
}

/// The charge of some amount to a global, if the instructions begin with it. Its length is [`CHARGE`].
fn charge(ops: &[(Operator<'_>, usize)], global: u32) -> Option<u32> {
    use Operator as O;
    let mut ops = ops.iter().map(|(op, _)| op);
    let amount = match (ops.next()?, ops.next()?, ops.next()?, ops.next()?) {
        (
            O::GlobalGet { global_index: a },
            O::I32Const { value },
            O::I32Sub,
            O::GlobalSet { global_index: b },
        ) if *a == global && *b == global => *value,
        _ => return None,
    };
    match (ops.next()?, ops.next()?, ops.next()?) {
        (O::GlobalGet { global_index }, O::I32Const { value: 0 }, O::I32LtS) if *global_index == global => {}
        _ => return None,
    }
    match (ops.next()?, ops.next()?, ops.next()?) {
        (
            O::If {
                blockty: BlockType::Empty,
            },
            O::Unreachable,
            O::End,
        ) => {}
        _ => return None,
    }
    u32::try_from(amount).ok()
}

/// Instructions of a charge.
const CHARGE: usize = 10;

/// Whether a function is the bulk helper: the one that admission's `emit.rs` writes.
pub(crate) fn is_bulk_helper(body: &FunctionBody<'_>, gas: u32) -> Result<bool, LowerError> {
    use Operator as O;
    let ops = operators(body)?;
    let get = |index| O::LocalGet { local_index: index };
    let constant = |value| O::I32Const { value };
    let shift = GAS_SCHEDULE_2.bulk_word.trailing_zeros() as i32;
    let (read, write) = (
        O::GlobalGet { global_index: gas },
        O::GlobalSet { global_index: gas },
    );
    let expected = [
        get(0),
        constant(3),
        O::I32ShrU,
        get(0),
        constant(7),
        O::I32And,
        constant(0),
        O::I32Ne,
        O::I32Add,
        O::LocalTee { local_index: 1 },
        read.clone(),
        constant(shift),
        O::I32ShrU,
        O::I32GtU,
        O::If {
            blockty: BlockType::Empty,
        },
        constant(-1),
        write.clone(),
        O::Unreachable,
        O::End,
        read,
        get(1),
        constant(shift),
        O::I32Shl,
        O::I32Sub,
        write,
        get(0),
        O::End,
    ];
    Ok(ops.len() == expected.len() && ops.iter().map(|(op, _)| op).eq(&expected))
}

/// Reads a function. `counters` are the globals of gas and frame slots of an instrumented module, `bulk` the bulk helper.
pub(crate) fn decode<'a>(
    module: &Module<'a>,
    function: u32,
    body: &FunctionBody<'a>,
    counters: Option<(u32, u32)>,
    bulk: Option<u32>,
) -> Result<Decoded<'a>, LowerError> {
    let ops = operators(body)?;
    let mut decoded = Decoded {
        locals: module.function_type(function).params().to_vec(),
        ..Decoded::default()
    };
    for local in body.get_locals_reader()? {
        let (count, ty) = local?;
        if decoded.locals.len() as u64 + u64::from(count) > LOCALS {
            return Err(LowerError::TooLarge {
                place: place(function, body.range().start),
                what: "locals of a function",
                limit: LOCALS,
            });
        }
        decoded.locals.resize(decoded.locals.len() + count as usize, ty);
    }
    let inner = match counters {
        Some(counters) => unwrap(&ops, function, counters, &mut decoded)?,
        None => {
            let all = ops.iter().map(|(op, offset)| (Op::Plain(op.clone()), *offset));
            all.collect()
        }
    };
    structure(inner, function, bulk, &mut decoded)?;
    Ok(decoded)
}

fn place(function: u32, offset: usize) -> Place {
    Place {
        function: Some(function),
        offset,
    }
}

/// Takes away what instrumentation put around the body, and makes charges of the shapes in it.
fn unwrap<'a>(
    ops: &[(Operator<'a>, usize)],
    function: u32,
    (gas, stack): (u32, u32),
    decoded: &mut Decoded<'a>,
) -> Result<Vec<(Op<'a>, usize)>, LowerError> {
    use Operator as O;
    let offset = ops.first().map_or(0, |(_, offset)| *offset);
    let wrong = |what, offset| {
        Err(LowerError::Instrumentation {
            place: place(function, offset),
            what,
        })
    };
    let Some(weight) = charge(ops, stack) else {
        return wrong("the function does not charge its frame", offset);
    };
    decoded.weight = weight;
    let mut inner = Vec::with_capacity(ops.len());
    let mut rest = ops.get(CHARGE..).unwrap_or_default();
    if let Some(amount) = charge(rest, gas) {
        inner.push((Op::Charge(amount), offset));
        rest = rest.get(CHARGE..).unwrap_or_default();
    }
    // The wrapper's `block`, its `end`, four instructions of the epilogue, and the function's `end`.
    let (Some(((O::Block { .. }, _), body)), true) = (rest.split_first(), rest.len() >= 7) else {
        return wrong("the function's body is not wrapped", offset);
    };
    let (body, tail) = body.split_at(body.len() - 6);
    let given_back = match tail.iter().map(|(op, _)| op).collect::<Vec<_>>().as_slice() {
        [
            O::End,
            O::GlobalGet { global_index: a },
            O::I32Const { value },
            O::I32Add,
            O::GlobalSet { global_index: b },
            O::End,
        ] => *a == stack && *b == stack && *value as u32 == weight,
        _ => false,
    };
    if !given_back {
        return wrong("the function does not give its frame back", offset);
    }
    let mut rest = body;
    while let Some(((op, offset), after)) = rest.split_first() {
        if let Some(amount) = charge(rest, gas) {
            inner.push((Op::Charge(amount), *offset));
            rest = rest.get(CHARGE..).unwrap_or_default();
            continue;
        }
        if let O::GlobalGet { global_index } | O::GlobalSet { global_index } = op
            && (*global_index == gas || *global_index == stack)
        {
            return wrong("a use of the counters that is no charge", *offset);
        }
        inner.push((Op::Plain(op.clone()), *offset));
        rest = after;
    }
    if let Some((end, offset)) = tail.first() {
        inner.push((Op::Plain(end.clone()), *offset));
    }
    Ok(inner)
}

/// Matches blocks with their ends and notes where locals are written.
fn structure<'a>(
    ops: Vec<(Op<'a>, usize)>,
    function: u32,
    bulk: Option<u32>,
    decoded: &mut Decoded<'a>,
) -> Result<(), LowerError> {
    use Operator as O;
    decoded.sets_of = vec![Vec::new(); decoded.locals.len()];
    let mut open: Vec<u32> = Vec::new();
    let unbalanced = || LowerError::Instrumentation {
        place: place(function, 0),
        what: "blocks are not balanced",
    };
    let last = ops.len().saturating_sub(1);
    for (index, (op, offset)) in ops.into_iter().enumerate() {
        let at = index as u32;
        let op = match op {
            Op::Plain(O::Call { function_index }) if Some(function_index) == bulk => Op::BulkCharge,
            op => op,
        };
        match &op {
            Op::Plain(O::Block { .. } | O::Loop { .. } | O::If { .. }) => open.push(at),
            Op::Plain(O::Else) => {
                let start = *open.last().ok_or_else(unbalanced)?;
                if let Some(item) = decoded.items.get_mut(start as usize) {
                    item.other = Some(at);
                }
            }
            Op::Plain(O::End) if index < last => {
                let start = open.pop().ok_or_else(unbalanced)?;
                let other = decoded.items.get(start as usize).and_then(|item| item.other);
                for opener in [Some(start), other].into_iter().flatten() {
                    if let Some(item) = decoded.items.get_mut(opener as usize) {
                        item.end = at;
                    }
                }
            }
            Op::Plain(O::LocalSet { local_index } | O::LocalTee { local_index }) => {
                decoded.sets.push((at, *local_index));
                if let Some(sets) = decoded.sets_of.get_mut(*local_index as usize) {
                    sets.push(at);
                }
            }
            _ => {}
        }
        if !matches!(op, Op::Charge(_) | Op::BulkCharge | Op::Plain(O::End | O::Else)) {
            decoded.instructions += 1;
        }
        decoded.items.push(Item {
            op,
            offset,
            end: at,
            other: None,
        });
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(unbalanced())
    }
}
