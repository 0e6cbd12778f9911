//! The kernel's intrinsics: imports from the module `zk`, each a few rows.
//!
//! An `i64` of theirs may hold any field element; nothing here ranges it.

use super::error::LowerError;
use super::function::Lowering;
use super::rows::{Micro, ONE, Result, Symbol, Target, ZERO};
use super::value::{Arg, Known};
use crate::asm::{self, Extend, Operand, Space, Width};
use crate::code::{Tag, address, at};
use ark_ff::{BigInt, PrimeField};
use playfair_types::crypto::field::Fr;

impl Lowering<'_, '_> {
    /// Lowers a call of an intrinsic. Types are the validator's; a name with other types is refused here by operands.
    pub(crate) fn intrinsic(&mut self, name: &str) -> Result<()> {
        match name {
            "f_add" => self.field_sum(ONE),
            "f_sub" => self.field_sum(-ONE),
            "f_mul" => self.field_product(),
            "f_lin" => {
                let shift_b = self.constant_operand(name)?;
                let b = self.pop()?;
                let shift_a = self.constant_operand(name)?;
                let a = self.pop()?;
                self.field_form(a, power(shift_a), b, power(shift_b))
            }
            "f_const" => {
                let mut words = [0; 4];
                for word in words.iter_mut().rev() {
                    *word = self.constant_operand(name)?;
                }
                let Some(value) = Fr::from_bigint(BigInt(words)) else {
                    return self.wants_constant(name);
                };
                let destination = self.destination()?;
                self.code.constant(destination.to, value)?;
                self.done(destination, Known::FIELD);
                Ok(())
            }
            "f_eq" => self.compare(super::compare::Relation::Eq, false, true),
            "hint" | "hint_f" => {
                let argument = self.pop()?;
                let kind = self.constant_operand(name)? as u32;
                let register = match argument {
                    // Without a register the argument is zero.
                    Arg::Const(0) => None,
                    argument => Some(self.in_frame(argument)?),
                };
                let destination = self.destination()?;
                let (row, known) = if name == "hint" {
                    (asm::hint64(destination.to, kind, register), Known::WORD64)
                } else {
                    (asm::hint(destination.to, kind, register), Known::FIELD)
                };
                self.code.built(row)?;
                self.done(destination, known);
                Ok(())
            }
            "poseidon5" => self.micro(Micro::Pos5, 5, 5, Some(Known::FIELD)),
            "poseidon2" => self.micro(Micro::Pos2, 2, 2, Some(Known::FIELD)),
            "curve64" => {
                self.stack.push(super::value::Entry::Const(63));
                self.micro(Micro::Curve64, 9, 9, None)
            }
            "curve_x" => self.read_absolute(address::CX),
            "curve_y" => self.read_absolute(address::CY),
            "xpc" => self.read_absolute(address::XPC),
            // At most the address and a constant beside it: their sum does not wrap.
            "guest_load" => {
                let offset = self.constant_operand(name)? as u32;
                let x = self.pop_frame()?;
                let destination = self.destination()?;
                self.code.built(asm::load(
                    destination.to,
                    x,
                    offset,
                    Width::W8,
                    Extend::Zero,
                    Space::Module,
                ))?;
                self.done(destination, Known::FIELD);
                Ok(())
            }
            "guest_store" => {
                let value = self.pop()?;
                let (value, _) = self.register(value)?;
                let offset = self.constant_operand(name)? as u32;
                let x = self.pop_frame()?;
                let value = self.code.apart(value, Operand::Reg(x))?;
                self.code
                    .built(asm::store(value, x, offset, Width::W8, Space::Module))?;
                Ok(())
            }
            "gas" => {
                let destination = self.destination()?;
                self.code.built(asm::gets(destination.to))?;
                self.done(destination, Known::FIELD);
                Ok(())
            }
            "slots" => {
                let destination = self.destination()?;
                self.code.built(asm::get_slots(destination.to))?;
                // A run's limit, 8,192, and below it.
                self.done(destination, Known::bits(14));
                Ok(())
            }
            "gas_sub" => {
                let x = self.pop_frame()?;
                self.code.push(asm::gasd(x))?;
                Ok(())
            }
            "set_gas" => {
                let x = self.pop_frame()?;
                self.code.push(asm::setgas(x))?;
                Ok(())
            }
            "set_memory" => {
                let new_run = self.constant_operand(name)? != 0;
                let x = self.pop_frame()?;
                self.code.push(asm::setmem(x, new_run))?;
                Ok(())
            }
            "aux" | "aux2" => {
                let key = self.pop()?;
                let tag = self.constant_operand(name)?;
                let Some(tag) = tag_of(tag) else {
                    return self.wants_constant(name);
                };
                let (v1, v2) = if name == "aux" { (ONE, ZERO) } else { (ZERO, ONE) };
                let (register, k1, k2) = match key {
                    Arg::Const(value) => (None, ZERO, Fr::from(value)),
                    key => (Some(self.in_frame(key)?), ONE, ZERO),
                };
                let destination = self.destination()?;
                self.code
                    .built(asm::aux(destination.to, tag, register, [k1, k2, v1, v2]))?;
                self.done(destination, Known::FIELD);
                Ok(())
            }
            "raw" => {
                let x = self.pop_frame()?;
                let destination = self.destination()?;
                self.code.built(asm::raw(destination.to, x, 0))?;
                self.done(destination, Known::FIELD);
                Ok(())
            }
            "exit" => self.leave(at::RESET),
            "fail" => self.leave(at::STUCK),
            "finish" => self.leave(at::END),
            _ => Err(LowerError::Import {
                module: super::INTRINSICS.to_owned(),
                name: name.to_owned(),
                why: "there is no such intrinsic",
            }),
        }
    }

    fn wants_constant<T>(&self, name: &str) -> Result<T> {
        Err(LowerError::Constant {
            place: self.code.place,
            intrinsic: name.to_owned(),
        })
    }

    fn constant_operand(&mut self, name: &str) -> Result<u64> {
        match self.pop()? {
            Arg::Const(value) => Ok(value),
            Arg::Reg(..) => self.wants_constant(name),
        }
    }

    fn in_frame(&mut self, arg: Arg) -> Result<u32> {
        let (operand, _) = self.register(arg)?;
        self.code.frame(operand)
    }

    fn pop_frame(&mut self) -> Result<u32> {
        let arg = self.pop()?;
        self.in_frame(arg)
    }

    fn field_sum(&mut self, sign: Fr) -> Result<()> {
        let b = self.pop()?;
        let a = self.pop()?;
        self.field_form(a, ONE, b, sign)
    }

    /// `ka a + kb b`.
    fn field_form(&mut self, a: Arg, ka: Fr, b: Arg, kb: Fr) -> Result<()> {
        let (mut x, mut y, mut k3) = (None, None, ZERO);
        match a {
            Arg::Const(value) => k3 += Fr::from(value) * ka,
            Arg::Reg(operand, _) => x = Some(operand),
        }
        match b {
            Arg::Const(value) => k3 += Fr::from(value) * kb,
            Arg::Reg(operand, _) => y = Some(operand),
        }
        let destination = self.destination()?;
        self.code.field(destination.to, x, y, [ZERO, ka, kb, k3])?;
        self.done(destination, Known::FIELD);
        Ok(())
    }

    fn field_product(&mut self) -> Result<()> {
        let b = self.pop()?;
        let a = self.pop()?;
        let (a, b) = if a.constant().is_some() { (b, a) } else { (a, b) };
        let (x, _) = self.register(a)?;
        let (y, k) = match b {
            Arg::Const(value) => (None, [ZERO, Fr::from(value), ZERO, ZERO]),
            Arg::Reg(y, _) => (Some(y), [ONE, ZERO, ZERO, ZERO]),
        };
        let destination = self.destination()?;
        self.code.field(destination.to, Some(x), y, k)?;
        self.done(destination, Known::FIELD);
        Ok(())
    }

    fn micro(&mut self, micro: Micro, params: usize, link: u32, result: Option<Known>) -> Result<()> {
        let frame = self.arguments(params)?;
        self.code
            .call(frame, link, Target::Symbol(Symbol::Micro(micro)))?;
        self.results_of(result.as_slice());
        Ok(())
    }

    fn read_absolute(&mut self, address: u64) -> Result<()> {
        let destination = self.destination()?;
        self.code.mov(destination.to, Operand::Abs(address as u32))?;
        self.done(destination, Known::FIELD);
        Ok(())
    }

    /// Goes away for good.
    fn leave(&mut self, index: u32) -> Result<()> {
        self.code.jump(Target::Symbol(Symbol::At(index)))?;
        self.live = false;
        Ok(())
    }
}

fn power(shift: u64) -> Fr {
    asm::two(u32::try_from(shift).unwrap_or(u32::MAX))
}

fn tag_of(tag: u64) -> Option<Tag> {
    [
        Tag::Limb,
        Tag::Byte,
        Tag::Top,
        Tag::And,
        Tag::Pow,
        Tag::Image,
        Tag::Table,
        Tag::Trap,
        Tag::Public,
    ]
    .into_iter()
    .find(|known| u64::from(*known as u32) == tag)
}
