//! Blocks, branches, returns.
//!
//! At a label, the values that it takes lie in their slots, and everything below them is as it was when the block was entered:
//! so what a block may change (locals that it writes, absolute registers) is settled before it.

use super::compare::Condition;
use super::function::{Lowering, known};
use super::rows::{Label, Result, To};
use super::value::{Arg, Entry, Known};
use crate::asm::{self, Operand};
use playfair_types::crypto::field::Fr;
use wasmparser::{BlockType, BrTable, Operator, ValType};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Function,
    Block,
    Loop,
    If,
}

/// An open block.
pub(crate) struct Control {
    kind: Kind,
    /// Where branches to it go.
    label: Option<Label>,
    /// For an if: where its else begins.
    other: Option<Label>,
    /// Operands below it.
    height: usize,
    params: Vec<ValType>,
    results: Vec<ValType>,
    /// Whether a branch goes to its end.
    targeted: bool,
    /// The instruction that opened it.
    start: u32,
    /// For an if: the parameters and what was known of locals.
    saved: Option<(Vec<Entry>, Vec<Known>)>,
}

impl Control {
    pub(crate) fn function(results: u32) -> Self {
        Self {
            kind: Kind::Function,
            label: None,
            other: None,
            height: 0,
            params: Vec::new(),
            results: vec![ValType::I64; results as usize],
            targeted: false,
            start: 0,
            saved: None,
        }
    }

    /// Values that a branch to it takes.
    fn arity(&self) -> usize {
        if self.kind == Kind::Loop {
            self.params.len()
        } else {
            self.results.len()
        }
    }
}

impl Lowering<'_, '_> {
    fn block_type(&self, ty: BlockType) -> (Vec<ValType>, Vec<ValType>) {
        match ty {
            BlockType::Empty => (Vec::new(), Vec::new()),
            BlockType::Type(result) => (Vec::new(), vec![result]),
            BlockType::FuncType(index) => {
                let ty = self.context.module.ty(index);
                (ty.params().to_vec(), ty.results().to_vec())
            }
        }
    }

    /// Opens a block that the instruction `self.at` begins. `condition` is that of an if.
    pub(crate) fn open(&mut self, operator: &Operator<'_>, condition: Option<Condition>) -> Result<()> {
        let (kind, ty) = match operator {
            Operator::Block { blockty } => (Kind::Block, *blockty),
            Operator::Loop { blockty } => (Kind::Loop, *blockty),
            Operator::If { blockty } => (Kind::If, *blockty),
            _ => return self.code.internal("no block"),
        };
        let (params, results) = self.block_type(ty);
        let start = self.at as u32;
        let (end, has_else) = match self.function.items.get(self.at) {
            Some(item) => (item.end, item.other.is_some()),
            None => (start, false),
        };
        let Some(height) = self.stack.len().checked_sub(params.len()) else {
            return self.code.internal("operand stack underflow");
        };
        let function = self.function;
        self.settle_if(|entry| match entry {
            Entry::Abs(..) => true,
            Entry::Local(local)
            | Entry::Linear {
                source: super::value::Source::Local(local),
                ..
            } => function.is_set(*local, start, end),
            _ => false,
        })?;
        let mut control = Control {
            kind,
            label: Some(self.code.label()),
            other: None,
            height,
            params,
            results,
            targeted: false,
            start,
            saved: None,
        };
        match kind {
            Kind::Loop => {
                for depth in height..self.stack.len() {
                    self.settle(depth)?;
                }
                self.forget(start, end);
                for depth in height..self.stack.len() {
                    let ty = control.params.get(depth - height).copied();
                    self.set_slot(depth, ty.unwrap_or(ValType::I64));
                }
                if let Some(label) = control.label {
                    self.code.bind(label)?;
                }
            }
            Kind::If => {
                if !has_else {
                    for depth in height..self.stack.len() {
                        self.settle(depth)?;
                    }
                }
                let other = self.code.label();
                control.other = Some(other);
                let params = self.stack.get(height..).unwrap_or_default().to_vec();
                control.saved = Some((params, self.facts.clone()));
                let Some(condition) = condition else {
                    return self.code.internal("an if without condition");
                };
                self.branch_row(condition.negated(), other)?;
            }
            Kind::Block | Kind::Function => {}
        }
        self.frames.push(control);
        Ok(())
    }

    fn set_slot(&mut self, depth: usize, ty: ValType) {
        let known = known(ty, self.code.guest);
        if let Some(entry) = self.stack.get_mut(depth) {
            *entry = Entry::Slot(known);
        }
    }

    /// A row that goes to a label if the condition holds.
    fn branch_row(&mut self, condition: Condition, label: Label) -> Result<()> {
        match condition.fixed() {
            Some(true) => self.code.jump(label),
            Some(false) => Ok(()),
            None => self.code.form(
                condition.kind,
                condition.x,
                condition.y,
                condition.k,
                To::Branch(label.into()),
            ),
        }
    }

    /// Leaves the first branch of an if.
    pub(crate) fn other(&mut self) -> Result<()> {
        let Some(mut control) = self.frames.pop() else {
            return self.code.internal("else without if");
        };
        if self.live {
            self.settle_results(&control)?;
            if let Some(label) = control.label {
                self.code.jump(label)?;
            }
            control.targeted = true;
        }
        if let Some(label) = control.other.take() {
            self.code.bind(label)?;
        }
        self.stack.truncate(control.height);
        if let Some((params, facts)) = control.saved.take() {
            self.stack.extend(params);
            self.facts = facts;
        }
        self.live = true;
        self.frames.push(control);
        Ok(())
    }

    fn settle_results(&mut self, control: &Control) -> Result<()> {
        for depth in control.height..control.height + control.results.len() {
            self.settle(depth)?;
        }
        Ok(())
    }

    /// Leaves a block.
    pub(crate) fn end(&mut self) -> Result<()> {
        let Some(control) = self.frames.pop() else {
            return self.code.internal("end without block");
        };
        match control.kind {
            Kind::Function => {
                if self.live {
                    self.give_back()?;
                }
                self.live = false;
                return Ok(());
            }
            Kind::Loop => return Ok(()),
            Kind::Block if !control.targeted => {
                if !self.live {
                    self.stack.truncate(control.height);
                }
                return Ok(());
            }
            Kind::Block | Kind::If => {}
        }
        let joins = control.targeted || control.other.is_some();
        if self.live {
            self.settle_results(&control)?;
        }
        for label in [control.label, control.other].into_iter().flatten() {
            self.code.bind(label)?;
        }
        if !self.live && !joins {
            return Ok(());
        }
        self.live = true;
        self.stack.truncate(control.height);
        for ty in &control.results {
            self.stack.push(Entry::Slot(known(*ty, self.code.guest)));
        }
        self.forget(control.start, self.at as u32);
        Ok(())
    }

    fn frame_at(&mut self, depth: u32) -> Result<usize> {
        match self.frames.len().checked_sub(1 + depth as usize) {
            Some(at) => Ok(at),
            None => self.code.internal("a branch out of the function"),
        }
    }

    /// Whether a branch needs rows beside its own.
    fn needs_moves(&mut self, depth: u32) -> Result<bool> {
        let at = self.frame_at(depth)?;
        let Some(frame) = self.frames.get(at) else {
            return Ok(true);
        };
        if frame.kind == Kind::Function {
            return Ok(true);
        }
        let arity = frame.arity();
        let Some(first) = self.stack.len().checked_sub(arity) else {
            return self.code.internal("operand stack underflow");
        };
        let values = self.stack.get(first..).unwrap_or_default();
        Ok(arity > 0
            && (first != frame.height || values.iter().any(|entry| !matches!(entry, Entry::Slot(_)))))
    }

    /// The label of a branch that needs no moves.
    fn label_of(&mut self, depth: u32) -> Result<Label> {
        let at = self.frame_at(depth)?;
        let label = self.frames.get_mut(at).and_then(|frame| {
            frame.targeted = true;
            frame.label
        });
        match label {
            Some(label) => Ok(label),
            None => self.code.internal("no label"),
        }
    }

    /// Goes to a label with its values. The symbolic stack stays as it is.
    fn go(&mut self, depth: u32) -> Result<()> {
        let at = self.frame_at(depth)?;
        let Some(frame) = self.frames.get(at) else {
            return Ok(());
        };
        if frame.kind == Kind::Function {
            return self.give_back();
        }
        let (arity, height) = (frame.arity(), frame.height);
        let first = self.stack.len() - arity.min(self.stack.len());
        // Values move down or stay, so in this order none is overwritten before it is read.
        for index in 0..arity {
            let Some(entry) = self.stack.get(first + index).copied() else {
                return self.code.internal("operand stack underflow");
            };
            self.put(entry, first + index, self.slot(height + index))?;
        }
        let label = self.label_of(depth)?;
        self.code.jump(label)
    }

    pub(crate) fn br(&mut self, depth: u32) -> Result<()> {
        self.go(depth)?;
        self.live = false;
        Ok(())
    }

    pub(crate) fn br_if(&mut self, condition: Condition, depth: u32) -> Result<()> {
        match condition.fixed() {
            Some(false) => return Ok(()),
            // What follows is lowered all the same, as code that is not reached.
            Some(true) if !self.needs_moves(depth)? => {
                let label = self.label_of(depth)?;
                return self.code.jump(label);
            }
            _ => {}
        }
        if self.needs_moves(depth)? {
            let past = self.code.label();
            self.branch_row(condition.negated(), past)?;
            self.go(depth)?;
            self.code.bind(past)
        } else {
            let label = self.label_of(depth)?;
            self.branch_row(condition, label)
        }
    }

    pub(crate) fn br_table(&mut self, targets: &BrTable<'_>) -> Result<()> {
        let index = self.pop()?;
        let mut depths: Vec<u32> = targets.targets().collect::<core::result::Result<_, _>>()?;
        depths.push(targets.default());
        self.live = false;
        if let Arg::Const(index) = index {
            let at = (index as usize).min(depths.len() - 1);
            let depth = depths.get(at).copied().unwrap_or_default();
            return self.go(depth);
        }
        let (index, _) = self.register(index)?;
        let register = self.code.frame(index)?;
        // Stubs for targets that take values or leave the function.
        let mut stubs: Vec<(u32, Label)> = Vec::new();
        let mut labels = Vec::with_capacity(depths.len());
        for depth in &depths {
            let label = if !self.needs_moves(*depth)? {
                self.label_of(*depth)?
            } else if let Some((_, label)) = stubs.iter().find(|(known, _)| known == depth) {
                *label
            } else {
                let label = self.code.label();
                stubs.push((*depth, label));
                label
            };
            labels.push(label);
        }
        let Some(default) = labels.pop() else {
            return Ok(());
        };
        if labels.is_empty() {
            self.code.jump(default)?;
        } else {
            let count = labels.len() as u64;
            let at_least = asm::coefficients([
                (1, Fr::from(1u64)),
                (3, asm::two(64) - Fr::from(count)),
                (5, Fr::from(1u64)),
                (7, Fr::from(1u64)),
            ]);
            let to = To::Branch(default.into());
            let x = Some(Operand::Reg(register));
            self.code.form(super::rows::Kind::Arith, x, None, at_least, to)?;
            let table = self.code.label();
            self.code.jump_by(register, table)?;
            self.code.bind(table)?;
            for label in labels {
                self.code.jump(label)?;
            }
        }
        for (depth, label) in stubs {
            self.code.bind(label)?;
            self.go(depth)?;
        }
        Ok(())
    }

    /// Returns with the top operands.
    fn give_back(&mut self) -> Result<()> {
        let count = self.results as usize;
        let Some(first) = self.stack.len().checked_sub(count) else {
            return self.code.internal("operand stack underflow");
        };
        // A result that lies in a parameter which another result overwrites before moves out of the way.
        let mut sources = Vec::with_capacity(count);
        for index in 0..count {
            let Some(entry) = self.stack.get(first + index).copied() else {
                return self.code.internal("operand stack underflow");
            };
            let local = match entry {
                Entry::Local(local) => Some(local),
                Entry::Linear {
                    source: super::value::Source::Local(local),
                    ..
                } => Some(local),
                _ => None,
            };
            let overwritten = local.is_some_and(|local| local < self.params && (local as usize) < index);
            sources.push(if overwritten {
                let tmp = self.code.tmp()?;
                self.put(entry, first + index, tmp)?;
                Some(tmp)
            } else {
                None
            });
        }
        for (index, source) in sources.into_iter().enumerate() {
            let to = Operand::Reg(index as u32);
            match (source, self.stack.get(first + index).copied()) {
                (Some(tmp), _) => self.code.mov(to, tmp)?,
                (None, Some(entry)) => self.put(entry, first + index, to)?,
                (None, None) => {}
            }
        }
        self.code.push(asm::ret(self.link, self.function.weight))?;
        Ok(())
    }
}
