//! Which locals may be read before they are written: only those need a row that makes them zero.
//!
//! Registers of a frame hold what earlier calls left there. The analysis follows the structure of the function once: at a
//! block's end, a local is written if it is on every way there. At a loop's start it is if it is before the loop, since
//! the ways back to it have passed there.

use super::decode::{Decoded, Op};
use wasmparser::Operator;

/// A set of locals; `None` where no way leads.
type State = Option<Vec<u64>>;

struct Frame {
    is_loop: bool,
    /// What is written on all ways to the end so far.
    end: State,
    /// For an if: what is written at its start, until its else.
    start: State,
}

fn meet(into: &mut State, from: &State) {
    match (into.as_mut(), from) {
        (Some(into), Some(from)) => into.iter_mut().zip(from).for_each(|(a, b)| *a &= b),
        (None, Some(from)) => *into = Some(from.clone()),
        (_, None) => {}
    }
}

/// The locals, none of them a parameter, that must be zero at the start.
pub(crate) fn zeroed(function: &Decoded<'_>, params: u32) -> Vec<u32> {
    let locals = function.locals.len();
    let mut zero = vec![false; locals];
    let mut now: State = Some(vec![0; locals.div_ceil(64)]);
    let mut frames = vec![Frame {
        is_loop: false,
        end: None,
        start: None,
    }];
    for item in &function.items {
        let Op::Plain(op) = &item.op else { continue };
        step(op, &mut now, &mut frames, &mut zero, params);
    }
    let all = (params..locals as u32).zip(zero.iter().skip(params as usize));
    all.filter(|(_, zero)| **zero).map(|(local, _)| local).collect()
}

fn step(op: &Operator<'_>, now: &mut State, frames: &mut Vec<Frame>, zero: &mut [bool], params: u32) {
    let branch = |frames: &mut Vec<Frame>, depth: u32, now: &State| {
        let at = frames.len().checked_sub(1 + depth as usize);
        if let Some(frame) = at.and_then(|at| frames.get_mut(at))
            && !frame.is_loop
        {
            meet(&mut frame.end, now);
        }
    };
    match op {
        Operator::LocalGet { local_index } if *local_index >= params => {
            let (word, bit) = (*local_index as usize / 64, local_index % 64);
            if let Some(state) = now
                && state.get(word).is_none_or(|word| word >> bit & 1 == 0)
                && let Some(zero) = zero.get_mut(*local_index as usize)
            {
                *zero = true;
            }
        }
        Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
            if let Some(word) = now
                .as_mut()
                .and_then(|state| state.get_mut(*local_index as usize / 64))
            {
                *word |= 1 << (local_index % 64);
            }
        }
        Operator::Block { .. } | Operator::Loop { .. } => frames.push(Frame {
            is_loop: matches!(op, Operator::Loop { .. }),
            end: None,
            start: None,
        }),
        Operator::If { .. } => frames.push(Frame {
            is_loop: false,
            end: None,
            start: now.clone(),
        }),
        Operator::Else => {
            if let Some(frame) = frames.last_mut() {
                meet(&mut frame.end, now);
                *now = frame.start.take();
            }
        }
        Operator::End => {
            if let Some(mut frame) = frames.pop() {
                // An if without else goes around its body.
                meet(&mut frame.end, &frame.start);
                meet(&mut frame.end, now);
                *now = frame.end;
            }
        }
        Operator::Br { relative_depth } => {
            branch(frames, *relative_depth, now);
            *now = None;
        }
        Operator::BrIf { relative_depth } => branch(frames, *relative_depth, now),
        Operator::BrTable { targets } => {
            for depth in targets.targets().map_while(Result::ok) {
                branch(frames, depth, now);
            }
            branch(frames, targets.default(), now);
            *now = None;
        }
        Operator::Return | Operator::Unreachable => *now = None,
        _ => {}
    }
}
