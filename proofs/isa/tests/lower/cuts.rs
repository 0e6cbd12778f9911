//! Chains of constant masks and shifts, which become one row, from every kind of operand to everything that takes the result,
//! against Rust's integers.

use super::common::{Ended, run};
use super::structured::Random;
use std::fmt::Write;

/// Chains to a module, and modules.
const CHAINS: usize = 150;
const SEEDS: u64 = 40;

/// A value and the type that it has now.
struct Chain<'r> {
    random: &'r mut Random,
    code: String,
    value: u64,
    wide: bool,
}

impl Chain<'_> {
    fn ty(&self) -> &'static str {
        if self.wide { "i64" } else { "i32" }
    }

    /// The mask: sparse, dense, a run of ones, one bit.
    fn mask(&mut self) -> u64 {
        let constant = self.random.constant();
        let (low, bits) = (self.random.below(64), 1 + self.random.below(63));
        let mask = match self.random.below(4) {
            0 => constant,
            1 => ((1 << bits) - 1) << low,
            2 => 1 << low,
            _ => u64::MAX >> low,
        };
        if self.wide { mask } else { mask & 0xffff_ffff }
    }

    fn step(&mut self) {
        let ty = self.ty();
        let (bits, max) = if self.wide {
            (64, u64::MAX)
        } else {
            (32, 0xffff_ffff)
        };
        // Counts are taken modulo the width.
        let by = self.random.below(80) as u64;
        match self.random.below(9) {
            0..=2 => {
                let mask = self.mask();
                let _ = write!(self.code, " ({ty}.const {mask:#x}) {ty}.and");
                self.value &= mask;
            }
            3 | 4 => {
                let _ = write!(self.code, " ({ty}.const {by}) {ty}.shl");
                self.value = self.value << (by % bits) & max;
            }
            5 | 6 => {
                let _ = write!(self.code, " ({ty}.const {by}) {ty}.shr_u");
                self.value >>= by % bits;
            }
            7 if self.wide => {
                self.code.push_str(" i32.wrap_i64");
                (self.value, self.wide) = (self.value & 0xffff_ffff, false);
            }
            _ if !self.wide => {
                self.code.push_str(" i64.extend_i32_u");
                self.wide = true;
            }
            _ => {
                let _ = write!(self.code, " (i64.const -1) i64.xor");
                self.value = !self.value;
            }
        }
    }

    /// Gives the value to something that takes it; what is shown then.
    fn end(mut self) -> (String, Vec<u64>) {
        let ty = self.ty();
        let local = if self.wide { "$w" } else { "$n" };
        let (global, extend) = if self.wide {
            ("$gw", "")
        } else {
            ("$gn", " i64.extend_i32_u")
        };
        let (value, is_zero) = (self.value, self.value == 0);
        let pick = |yes: u64, no: u64| if is_zero { no } else { yes };
        let eqz = format!("{ty}.eqz");
        // Whether the value is one that branches take.
        let test = if self.wide { " i64.eqz i32.eqz" } else { "" };
        let code = core::mem::take(&mut self.code);
        match self.random.below(10) {
            0 => (format!("{code}{extend} call $show"), vec![value]),
            1 => (
                format!("{code} local.tee {local}{extend} call $show local.get {local}{extend} call $show"),
                vec![value, value],
            ),
            2 => (
                format!("{code} local.set {local} local.get {local}{extend} call $show"),
                vec![value],
            ),
            3 => (
                format!("{code} global.set {global} global.get {global}{extend} call $show"),
                vec![value],
            ),
            4 => (
                format!("{code} {eqz} i64.extend_i32_u call $show"),
                vec![u64::from(is_zero)],
            ),
            5 => (
                format!("(i64.const 3) (i64.const -4) {code}{test} select call $show"),
                vec![pick(3, 4_u64.wrapping_neg())],
            ),
            6 => (
                format!(
                    "(local.set $s (i64.const 9)) (local.get $s) (i64.const 5) {code} {eqz} select call $show"
                ),
                vec![pick(5, 9)],
            ),
            7 => (
                format!("{code}{test} if (result i64) (i64.const 6) else (i64.const 7) end call $show"),
                vec![pick(6, 7)],
            ),
            8 => (
                format!(
                    "(block $b (result i64) (i64.const 1) {code}{test} br_if $b drop (i64.const 2)) call $show"
                ),
                vec![pick(1, 2)],
            ),
            _ => (
                format!(
                    "(local.set $s (i64.const 9)) (local.get $s) (i64.load (i32.const 8)) {code}{test} select call $show"
                ),
                vec![pick(9, 11)],
            ),
        }
    }
}

fn chain(random: &mut Random) -> (String, Vec<u64>) {
    let (wide, value) = (random.below(2) == 0, random.constant());
    let value = if wide { value } else { value & 0xffff_ffff };
    let (ty, global, local) = if wide {
        ("i64", "$gw", "$w")
    } else {
        ("i32", "$gn", "$n")
    };
    let given = format!("({ty}.store (i32.const 64) ({ty}.const {value:#x}))");
    let (before, code, value) = match random.below(6) {
        0 => (given, format!("({ty}.load (i32.const 64))"), value),
        1 => (
            format!("{given} (local.set {local} ({ty}.load (i32.const 64)))"),
            format!("(local.get {local})"),
            value,
        ),
        2 => (
            format!("{given} (global.set {global} ({ty}.load (i32.const 64)))"),
            format!("(global.get {global})"),
            value,
        ),
        3 => (given, format!("({ty}.load8_u (i32.const 64))"), value & 0xff),
        4 => (
            given,
            format!("({ty}.add ({ty}.load8_u (i32.const 64)) ({ty}.const 1))"),
            (value & 0xff) + 1,
        ),
        _ => (String::new(), format!("({ty}.const {value:#x})"), value),
    };
    let mut chain = Chain {
        random,
        code,
        value,
        wide,
    };
    for _ in 0..1 + chain.random.below(6) {
        chain.step();
    }
    let (code, shown) = chain.end();
    (format!("{before} {code}"), shown)
}

#[test]
fn chains() {
    for seed in 0..SEEDS {
        let mut random = Random::new(seed);
        let (mut code, mut shown) = (String::new(), Vec::new());
        for _ in 0..CHAINS {
            let (text, values) = chain(&mut random);
            code.push_str(&text);
            code.push('\n');
            shown.extend(values.into_iter().map(|value| (value, text.clone())));
        }
        let module = format!(
            r#"(module (import "playfair" "output" (func $output (param i32 i32))) (memory 1) (data (i32.const 8) "\0b")
            (global $gn (mut i32) (i32.const 0)) (global $gw (mut i64) (i64.const 0))
            (func $show (param i64) (i64.store (i32.const 0) (local.get 0)) (call $output (i32.const 0) (i32.const 8)))
            (func (export "call") (param i32 i32) (local $n i32) (local $w i64) (local $s i64)
            {code}))"#
        );
        let ended = run(&module).unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
        let Ended::Returned(found) = ended else {
            panic!("seed {seed} trapped")
        };
        assert_eq!(found.len(), shown.len(), "seed {seed}");
        for (found, (expected, text)) in found.into_iter().zip(shown) {
            assert_eq!(
                found, expected,
                "seed {seed}: {text}: {found:#x} instead of {expected:#x}"
            );
        }
    }
}
