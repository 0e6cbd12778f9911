//! Metered blocks: which straight-line stretches of a function are paid for together.
//!
//! A metered block is entered at its start only and left at its end only (or by a trap), so charging it whole at its start
//! charges what runs. One starts at the function's entry, after `loop`, `if` and `else`, after `br_if`, and after an `end`
//! that can be reached in another way than by falling through: one that joins an `if`, one that a branch targets, and one
//! whose fall-through is unreachable. Not after other `end`s, and not after calls.
//!
//! This is a filter over the instructions of a function that validation has accepted one by one. It drops those that no path
//! reaches, turns `return` into a branch to the wrapper around the body, and says where blocks start.

use crate::price::{Class, SCHEDULE, entry_gas};
use wasmparser::Operator;

/// A part of the function that is written.
pub(crate) enum Item<'a> {
    /// An instruction.
    Op(Operator<'a>),
    /// The start of the metered block with this number.
    Start(usize),
}

/// What a metered block costs and counts.
#[derive(Clone, Copy, Default)]
pub(crate) struct Block {
    /// Its price, in gas.
    pub(crate) gas: u32,
    /// Its instructions, without `end` and `else`.
    pub(crate) instructions: u32,
    /// Its loads and stores.
    pub(crate) accesses: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Block,
    Loop,
    If,
}

struct Frame {
    kind: Kind,
    /// Values that a branch to it carries; none for the function's own, which is paid for at its entry.
    moves: u32,
    /// Whether a live branch goes to this frame's label.
    targeted: bool,
}

/// The filter, for one function.
pub(crate) struct Meter<'a> {
    items: Vec<Item<'a>>,
    blocks: Vec<Block>,
    frames: Vec<Frame>,
    live: bool,
    /// Blocks opened in code that is not live.
    dead: u32,
}

impl<'a> Meter<'a> {
    /// Starts a function with this many locals that are no parameters, and results; the first block pays for zeroing the first and
    /// for giving back the others.
    pub(crate) fn new(locals: u32, results: u32) -> Self {
        let first = Block {
            gas: entry_gas(SCHEDULE, locals, results),
            ..Block::default()
        };
        Self {
            items: Vec::new(),
            blocks: vec![first],
            frames: vec![Frame {
                kind: Kind::Block,
                moves: 0,
                targeted: false,
            }],
            live: true,
            dead: 0,
        }
    }

    /// Whether the next instruction can be reached.
    pub(crate) fn live(&self) -> bool {
        self.live
    }

    /// Takes an instruction that validation has accepted. `values`: how many a branch to the block that it opens carries.
    pub(crate) fn push(&mut self, operator: Operator<'a>, class: Class, values: u32) {
        if !self.live && self.stays_dead(&operator) {
            return;
        }
        if self.live {
            self.count(&operator, class);
        }
        match operator {
            Operator::Block { .. } => self.enter(operator, Kind::Block, values),
            Operator::Loop { .. } => {
                self.enter(operator, Kind::Loop, values);
                self.start();
            }
            Operator::If { .. } => {
                self.enter(operator, Kind::If, values);
                self.start();
            }
            Operator::Else => {
                self.items.push(Item::Op(operator));
                self.live = true;
                self.start();
            }
            Operator::End => self.leave(),
            Operator::Br { relative_depth } => {
                self.target(relative_depth);
                self.items.push(Item::Op(operator));
                self.live = false;
            }
            Operator::BrIf { relative_depth } => {
                self.target(relative_depth);
                self.items.push(Item::Op(operator));
                self.start();
            }
            Operator::BrTable { ref targets } => {
                self.target(targets.default());
                for target in targets.targets().map_while(Result::ok) {
                    self.target(target);
                }
                self.items.push(Item::Op(operator));
                self.live = false;
            }
            Operator::Return => {
                // The wrapper's label is where the function's was: outside of everything that is open.
                let relative_depth = self.frames.len() as u32 - 1;
                self.items.push(Item::Op(Operator::Br { relative_depth }));
                self.live = false;
            }
            Operator::Unreachable => {
                self.items.push(Item::Op(operator));
                self.live = false;
            }
            _ => self.items.push(Item::Op(operator)),
        }
    }

    /// The function's instructions, without its last `end`, and its blocks, of which the first is at its entry.
    pub(crate) fn finish(self) -> (Vec<Item<'a>>, Vec<Block>) {
        (self.items, self.blocks)
    }

    /// Whether an instruction in dead code stays there: all do but the `else` and `end` of the block that died.
    fn stays_dead(&mut self, operator: &Operator<'_>) -> bool {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => self.dead += 1,
            Operator::Else | Operator::End if self.dead == 0 => return false,
            Operator::End => self.dead -= 1,
            _ => {}
        }
        true
    }

    fn count(&mut self, operator: &Operator<'_>, class: Class) {
        let moves = match operator {
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                self.moves(*relative_depth)
            }
            Operator::BrTable { targets } => {
                let others = targets.targets().map_while(Result::ok);
                let moves = others.map(|target| self.moves(target)).max();
                moves.unwrap_or(0).max(self.moves(targets.default()))
            }
            _ => 0,
        };
        let Some(block) = self.blocks.last_mut() else {
            return;
        };
        block.gas += class.gas(SCHEDULE, moves);
        block.accesses += class.accesses();
        block.instructions += u32::from(!matches!(operator, Operator::End | Operator::Else));
    }

    /// Values that a branch carries.
    fn moves(&self, depth: u32) -> u32 {
        let index = self.frames.len().checked_sub(1 + depth as usize);
        index
            .and_then(|index| self.frames.get(index))
            .map_or(0, |frame| frame.moves)
    }

    fn enter(&mut self, operator: Operator<'a>, kind: Kind, moves: u32) {
        self.items.push(Item::Op(operator));
        self.frames.push(Frame {
            kind,
            moves,
            targeted: false,
        });
    }

    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if self.frames.is_empty() {
            // The function's own end: the wrapper's end takes its place.
            return;
        }
        self.items.push(Item::Op(Operator::End));
        let joins = match frame.kind {
            Kind::Block => frame.targeted,
            // A branch to a loop goes to its start.
            Kind::Loop => false,
            Kind::If => true,
        };
        if joins || !self.live {
            self.start();
        }
        self.live = true;
    }

    fn target(&mut self, depth: u32) {
        let index = self.frames.len().checked_sub(1 + depth as usize);
        if let Some(frame) = index.and_then(|index| self.frames.get_mut(index)) {
            frame.targeted = true;
        }
    }

    fn start(&mut self) {
        self.items.push(Item::Start(self.blocks.len()));
        self.blocks.push(Block::default());
    }
}
