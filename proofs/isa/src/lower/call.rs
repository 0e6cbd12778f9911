//! Calls: of functions, through the table, of the kernel, of millicode.

use super::error::LowerError;
use super::function::{Lowering, known};
use super::rows::{Result, Symbol, Target, Trap};
use super::value::{Entry, Known};
use crate::asm::{self, Operand};
use crate::millicode::Helper;
use playfair_abi::host::IMPORT_MODULE;
use wasmparser::Operator;

/// Class of the traps of an indirect call.
const INDIRECT: u8 = 6;

impl<'a> Lowering<'_, 'a> {
    /// Any instruction but block ends.
    pub(crate) fn operator(&mut self, operator: &Operator<'a>) -> Result<()> {
        use Operator as O;
        match operator {
            O::Nop => Ok(()),
            O::LocalGet { .. }
            | O::LocalSet { .. }
            | O::LocalTee { .. }
            | O::GlobalGet { .. }
            | O::GlobalSet { .. }
            | O::I32Const { .. }
            | O::I64Const { .. }
            | O::Drop => self.variable(operator),
            O::Block { .. } | O::Loop { .. } => self.open(operator, None),
            O::If { .. } => {
                let condition = self.pop_condition()?;
                self.open(operator, Some(condition))
            }
            O::Br { relative_depth } => self.br(*relative_depth),
            O::BrIf { relative_depth } => {
                let condition = self.pop_condition()?;
                self.br_if(condition, *relative_depth)
            }
            O::BrTable { targets } => self.br_table(targets),
            O::Return => self.br(self.frames.len() as u32 - 1),
            O::Unreachable => {
                self.code.trap(1)?;
                self.live = false;
                Ok(())
            }
            O::Select | O::TypedSelect { .. } => {
                let condition = self.pop_condition()?;
                self.select(condition)
            }
            O::Call { function_index } => self.call(*function_index),
            O::CallIndirect { type_index, .. } => self.call_indirect(*type_index),
            O::MemorySize { .. } | O::MemoryGrow { .. } => self.size(operator),
            O::MemoryCopy { .. } => self.call_helper(Helper::Copy),
            O::MemoryFill { .. } => self.call_helper(Helper::Fill),
            _ => {
                if self.number(operator)? || self.memory(operator)? {
                    return Ok(());
                }
                Err(LowerError::Unsupported {
                    place: self.code.place,
                    what: format!("{operator:?}").chars().take(80).collect(),
                })
            }
        }
    }

    /// Moves the top operands to their slots, where the callee's frame begins. Returns its register.
    pub(crate) fn arguments(&mut self, count: usize) -> Result<u32> {
        let Some(first) = self.stack.len().checked_sub(count) else {
            return self.code.internal("operand stack underflow");
        };
        self.spill_absolute()?;
        for depth in first..self.stack.len() {
            self.settle(depth)?;
        }
        self.stack.truncate(first);
        self.frame_start()
    }

    /// Where a frame above the operands begins.
    pub(crate) fn frame_start(&self) -> Result<u32> {
        match self.slot(self.stack.len()) {
            Operand::Reg(register) => Ok(register),
            Operand::Abs(_) => self.code.internal("an absolute slot"),
        }
    }

    /// The results of a call lie where its arguments lay.
    pub(crate) fn results_of(&mut self, results: &[Known]) {
        for known in results {
            self.stack.push(Entry::Slot(*known));
        }
    }

    fn call(&mut self, function: u32) -> Result<()> {
        let context = self.context;
        let ty = context.module.function_type(function);
        let target = match context.module.imports.get(function as usize) {
            // Of the kernel only: a module that names one is refused below.
            Some(import) if import.module == super::INTRINSICS && !self.code.guest => {
                return self.intrinsic(&import.name.clone());
            }
            Some(import) => Target::Symbol(symbol(import, self.code.guest)?),
            None => match context.functions.get(function as usize) {
                Some(label) => Target::Label(*label),
                None => return self.code.internal("no such function"),
            },
        };
        let (params, results) = (ty.params().len(), ty.results());
        let frame = self.arguments(params)?;
        self.code.call(frame, params.max(results.len()) as u32, target)?;
        let guest = self.code.guest;
        let results: Vec<Known> = results.iter().map(|ty| known(*ty, guest)).collect();
        self.results_of(&results);
        Ok(())
    }

    fn call_indirect(&mut self, type_index: u32) -> Result<()> {
        let context = self.context;
        let ty = context.module.ty(type_index);
        let number = context.module.type_number(ty);
        let (params, results) = (ty.params().len(), ty.results());
        let link = params.max(results.len()) as u32;
        let (index, _) = self.pop_register()?;
        let first = self.stack.len().saturating_sub(params);
        // The index must not lie where the callee's frame takes the way back, nor be lost with the arguments.
        let Operand::Reg(start) = self.slot(first) else {
            return self.code.internal("an absolute slot");
        };
        let index = match index {
            Operand::Reg(register) if self.local_of(index).is_some() => register,
            _ => {
                let above = (start + link + 1).max(self.code.scratch());
                self.code.scratch_from(above);
                let to = self.code.tmp()?;
                self.code.mov(to, index)?;
                self.code.frame(to)?
            }
        };
        let frame = self.arguments(params)?;
        self.code.check_frame(frame + link)?;
        let trap = Trap {
            class: INDIRECT,
            register1: index,
            constant: u64::from(number),
            ..Trap::default()
        };
        self.code
            .push_trap(asm::calli(frame, link, index, number), trap)?;
        let guest = self.code.guest;
        let results: Vec<Known> = results.iter().map(|ty| known(*ty, guest)).collect();
        self.results_of(&results);
        Ok(())
    }

    /// A function of the kernel on 32-bit operands.
    pub(crate) fn call_kernel(&mut self, name: &str, params: usize, results: usize) -> Result<()> {
        let frame = self.arguments(params)?;
        let symbol = Symbol::Kernel(name.to_owned());
        self.code
            .call(frame, params.max(results) as u32, Target::Symbol(symbol))?;
        self.results_of(&vec![Known::WORD32; results]);
        Ok(())
    }

    /// Millicode on the top three operands (address, address or byte, length), which gives nothing back.
    pub(crate) fn call_helper(&mut self, helper: Helper) -> Result<()> {
        let frame = self.arguments(3)?;
        let label = self.code.helper(helper);
        self.code.call(frame, helper.link(), label)
    }
}

/// What an import resolves to.
pub(crate) fn symbol(import: &super::read::Import, guest: bool) -> Result<Symbol> {
    match (import.module.as_str(), guest) {
        (IMPORT_MODULE, true) => Ok(Symbol::Kernel(format!("host_{}", import.name))),
        (super::MODULE, false) => Ok(Symbol::Module(import.name.clone())),
        _ => Err(LowerError::Import {
            module: import.module.clone(),
            name: import.name.clone(),
            why: "nothing provides it",
        }),
    }
}
