//! Random straight-line programs with branches: expressions, writes of locals, choices, loops, against an evaluator in Rust.
//!
//! Operands are read late and written early, so that what is pending on the symbolic stack meets what changes it.

use super::common::{Ended, run};
use super::numbers::{binary32, binary64};
use super::structured::Random;
use std::fmt::Write;

/// Locals of 32 bits, then of 64.
const LOCALS: usize = 4;

struct Program {
    random: Random,
    code: String,
    narrow: [u32; LOCALS],
    wide: [u64; LOCALS],
    shown: Vec<u64>,
}

const OPS: [&str; 14] = [
    "add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "shr_s", "rotl", "rotr", "add", "sub", "and",
];
const TESTS: [&str; 6] = ["eq", "ne", "lt_u", "lt_s", "ge_u", "gt_s"];

impl Program {
    /// Writes an expression of 32 or 64 bits in stack order and evaluates it; it may write locals on its way.
    fn expression(&mut self, wide: bool, depth: usize) -> u64 {
        let ty = if wide { "i64" } else { "i32" };
        match if depth == 0 {
            self.random.below(2)
        } else {
            self.random.below(9)
        } {
            0 => {
                let value = self.random.constant();
                let value = if wide { value } else { value & 0xffff_ffff };
                let _ = writeln!(self.code, "{ty}.const {value:#x}");
                value
            }
            1 => {
                let local = self.random.below(LOCALS);
                let _ = writeln!(self.code, "local.get ${ty}{local}");
                if wide {
                    self.wide[local]
                } else {
                    u64::from(self.narrow[local])
                }
            }
            2 => {
                let value = self.expression(wide, depth - 1);
                let local = self.random.below(LOCALS);
                let _ = writeln!(self.code, "local.tee ${ty}{local}");
                if wide {
                    self.wide[local] = value;
                } else {
                    self.narrow[local] = value as u32;
                }
                value
            }
            3 => {
                let value = self.expression(!wide, depth - 1);
                let op = if wide { "i64.extend_i32_s" } else { "i32.wrap_i64" };
                let _ = writeln!(self.code, "{op}");
                if wide {
                    value as i32 as u64
                } else {
                    value & 0xffff_ffff
                }
            }
            4 => {
                let a = self.expression(wide, depth - 1);
                let b = self.expression(wide, depth - 1);
                let side = self.random.below(2) == 0;
                let holds = self.test(side, depth - 1);
                self.code.push_str("select\n");
                if holds { a } else { b }
            }
            5 => {
                let holds = self.test(wide, depth - 1);
                let _ = writeln!(self.code, "if (result {ty})");
                let kept = (self.narrow, self.wide);
                let a = self.expression(wide, depth - 1);
                let after = (self.narrow, self.wide);
                (self.narrow, self.wide) = kept;
                self.code.push_str("else\n");
                let b = self.expression(wide, depth - 1);
                self.code.push_str("end\n");
                if holds {
                    (self.narrow, self.wide) = after;
                }
                if holds { a } else { b }
            }
            _ => {
                let a = self.expression(wide, depth - 1);
                let b = self.expression(wide, depth - 1);
                let op = OPS[self.random.below(OPS.len())];
                let _ = writeln!(self.code, "{ty}.{op}");
                let value = if wide {
                    binary64(op, a, b)
                } else {
                    binary32(op, a as u32, b as u32).map(u64::from)
                };
                value.expect("none of these traps")
            }
        }
    }

    /// A comparison.
    fn test(&mut self, wide: bool, depth: usize) -> bool {
        let a = self.expression(wide, depth);
        let b = self.expression(wide, depth);
        let op = TESTS[self.random.below(TESTS.len())];
        let _ = writeln!(self.code, "{}.{op}", if wide { "i64" } else { "i32" });
        let value = if wide {
            binary64(op, a, b)
        } else {
            binary32(op, a as u32, b as u32).map(u64::from)
        };
        let mut holds = value == Some(1);
        for _ in 0..self.random.below(3) {
            self.code.push_str("i32.eqz\n");
            holds = !holds;
        }
        holds
    }

    fn statement(&mut self) {
        let value = self.expression(true, 5);
        self.code.push_str("call $show\n");
        self.shown.push(value);
        for local in 0..LOCALS {
            let _ = writeln!(
                self.code,
                "local.get $i32{local} i64.extend_i32_u call $show local.get $i64{local} call $show"
            );
            self.shown
                .extend([u64::from(self.narrow[local]), self.wide[local]]);
        }
    }
}

#[test]
fn programs() {
    for seed in 0..60 {
        let mut program = Program {
            random: Random::new(seed),
            code: String::new(),
            narrow: [0; LOCALS],
            wide: [0; LOCALS],
            shown: Vec::new(),
        };
        for _ in 0..8 {
            program.statement();
        }
        let locals = (0..LOCALS).fold(String::new(), |text, local| {
            format!("{text} (local $i32{local} i32) (local $i64{local} i64)")
        });
        let module = format!(
            r#"(module (import "playfair" "output" (func $output (param i32 i32))) (memory 1)
            (func $show (param i64) (i64.store (i32.const 0) (local.get 0)) (call $output (i32.const 0) (i32.const 8)))
            (func (export "call") (param i32 i32) {locals} {}))"#,
            program.code
        );
        let ended = run(&module).unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
        assert_eq!(ended, Ended::Returned(program.shown), "seed {seed}");
    }
}
