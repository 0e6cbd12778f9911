//! Every instruction on numbers, with every kind of operand, against Rust's integers.

use super::common::{Ended, run};
use std::fmt::Write;

const VALUES: [u64; 12] = [
    0,
    1,
    2,
    7,
    31,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fff0,
    0xffff_ffff,
    0x8000_0000_0000_0000,
    0x1234_5678_9abc_def0,
    u64::MAX,
];

pub(crate) fn binary32(op: &str, a: u32, b: u32) -> Option<u32> {
    let (x, y) = (a as i32, b as i32);
    Some(match op {
        "add" => a.wrapping_add(b),
        "sub" => a.wrapping_sub(b),
        "mul" => a.wrapping_mul(b),
        "and" => a & b,
        "or" => a | b,
        "xor" => a ^ b,
        "shl" => a.wrapping_shl(b),
        "shr_u" => a.wrapping_shr(b),
        "shr_s" => x.wrapping_shr(b) as u32,
        "rotl" => a.rotate_left(b % 32),
        "rotr" => a.rotate_right(b % 32),
        "div_u" => a.checked_div(b)?,
        "rem_u" => a.checked_rem(b)?,
        "div_s" => x.checked_div(y)? as u32,
        "rem_s" => {
            if y == 0 {
                return None;
            } else {
                x.wrapping_rem(y) as u32
            }
        }
        "eq" => u32::from(a == b),
        "ne" => u32::from(a != b),
        "lt_u" => u32::from(a < b),
        "gt_u" => u32::from(a > b),
        "le_u" => u32::from(a <= b),
        "ge_u" => u32::from(a >= b),
        "lt_s" => u32::from(x < y),
        "gt_s" => u32::from(x > y),
        "le_s" => u32::from(x <= y),
        "ge_s" => u32::from(x >= y),
        _ => unreachable!("{op}"),
    })
}

pub(crate) fn binary64(op: &str, a: u64, b: u64) -> Option<u64> {
    let (x, y) = (a as i64, b as i64);
    Some(match op {
        "add" => a.wrapping_add(b),
        "sub" => a.wrapping_sub(b),
        "mul" => a.wrapping_mul(b),
        "and" => a & b,
        "or" => a | b,
        "xor" => a ^ b,
        "shl" => a.wrapping_shl(b as u32),
        "shr_u" => a.wrapping_shr(b as u32),
        "shr_s" => x.wrapping_shr(b as u32) as u64,
        "rotl" => a.rotate_left((b % 64) as u32),
        "rotr" => a.rotate_right((b % 64) as u32),
        "div_u" => a.checked_div(b)?,
        "rem_u" => a.checked_rem(b)?,
        "div_s" => x.checked_div(y)? as u64,
        "rem_s" => {
            if y == 0 {
                return None;
            } else {
                x.wrapping_rem(y) as u64
            }
        }
        "eq" => u64::from(a == b),
        "ne" => u64::from(a != b),
        "lt_u" => u64::from(a < b),
        "gt_u" => u64::from(a > b),
        "le_u" => u64::from(a <= b),
        "ge_u" => u64::from(a >= b),
        "lt_s" => u64::from(x < y),
        "gt_s" => u64::from(x > y),
        "le_s" => u64::from(x <= y),
        "ge_s" => u64::from(x >= y),
        _ => unreachable!("{op}"),
    })
}

const COMPARISONS: [&str; 10] = [
    "eq", "ne", "lt_u", "gt_u", "le_u", "ge_u", "lt_s", "gt_s", "le_s", "ge_s",
];
const OTHERS: [&str; 15] = [
    "add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "shr_s", "rotl", "rotr", "div_u", "rem_u",
    "div_s", "rem_s",
];

/// Words that the module's memory holds from 64 on.
fn data() -> String {
    let bytes = VALUES.iter().flat_map(|value| value.to_le_bytes());
    bytes.fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{byte:02x}");
        text
    })
}

/// A module whose `call` shows the values of expressions, many to a function. `$d`, `$e` are locals of 32, 64 bits.
fn module(expressions: &[String]) -> String {
    let mut functions = String::new();
    let mut calls = String::new();
    for (number, chunk) in expressions.chunks(100).enumerate() {
        let _ = writeln!(
            functions,
            "(func $f{number} (local $d i32) (local $e i64) (local $s i32) (local $w i64)"
        );
        for expression in chunk {
            let _ = writeln!(functions, "(call $show {expression})");
        }
        functions.push(')');
        let _ = write!(calls, "(call $f{number})");
    }
    format!(
        r#"(module (import "playfair" "output" (func $output (param i32 i32))) (memory 1) (data (i32.const 64) "{}")
        (func $show (param i64) (i64.store (i32.const 0) (local.get 0)) (call $output (i32.const 0) (i32.const 8)))
        {functions} (func (export "call") (param i32 i32) {calls}))"#,
        data()
    )
}

fn check(expressions: &[(String, u64)]) {
    for part in expressions.chunks(3000) {
        let code: Vec<String> = part.iter().map(|(code, _)| code.clone()).collect();
        let ended = run(&module(&code)).unwrap_or_else(|fault| panic!("{fault}"));
        let Ended::Returned(words) = ended else {
            panic!("trapped in {}", code[0])
        };
        assert_eq!(words.len(), part.len());
        for ((code, expected), found) in part.iter().zip(words) {
            assert_eq!(found, *expected, "{code}: {found:#x} instead of {expected:#x}");
        }
    }
}

/// An operand as a constant, a load, or a local.
fn operand(wide: bool, index: usize, form: usize) -> String {
    let (ty, value) = if wide {
        ("i64", VALUES[index])
    } else {
        ("i32", VALUES[index] & 0xffff_ffff)
    };
    let address = 64 + 8 * index;
    match form {
        0 => format!("({ty}.const {value:#x})"),
        1 => format!("({ty}.load (i32.const {address}))"),
        _ => {
            let local = if wide { "$e" } else { "$d" };
            format!("(local.tee {local} ({ty}.load (i32.const {address})))")
        }
    }
}

fn widened(wide: bool, code: String) -> String {
    if wide {
        code
    } else {
        format!("(i64.extend_i32_u {code})")
    }
}

#[test]
fn binary() {
    for wide in [false, true] {
        let ty = if wide { "i64" } else { "i32" };
        let mut all = Vec::new();
        for op in OTHERS.into_iter().chain(COMPARISONS) {
            for (i, a) in VALUES.into_iter().enumerate() {
                for (j, b) in VALUES.into_iter().enumerate() {
                    let value = if wide {
                        binary64(op, a, b)
                    } else {
                        binary32(op, a as u32, b as u32).map(u64::from)
                    };
                    let Some(value) = value else { continue };
                    for (f, g) in [(0, 1), (1, 0), (1, 1), (2, 1), (1, 2)] {
                        let code = format!("({ty}.{op} {} {})", operand(wide, i, f), operand(wide, j, g));
                        let compares = COMPARISONS.contains(&op);
                        all.push((widened(wide && !compares, code), value));
                    }
                }
            }
        }
        check(&all);
    }
}

#[test]
fn conditions() {
    // Comparisons where they fuse: branches, choices, negations.
    for wide in [false, true] {
        let ty = if wide { "i64" } else { "i32" };
        let mut all = Vec::new();
        for op in COMPARISONS {
            for (i, a) in VALUES.into_iter().enumerate() {
                for (j, b) in VALUES.into_iter().enumerate() {
                    let holds = if wide {
                        binary64(op, a, b)
                    } else {
                        binary32(op, a as u32, b as u32).map(u64::from)
                    };
                    let holds = holds == Some(1);
                    for (f, g) in [(0, 1), (1, 0), (1, 1)] {
                        let code = format!("({ty}.{op} {} {})", operand(wide, i, f), operand(wide, j, g));
                        let pick = |yes, no| if holds { yes } else { no };
                        all.push((
                            format!("(if (result i64) {code} (then (i64.const 3)) (else (i64.const 4)))"),
                            pick(3, 4),
                        ));
                        all.push((
                            format!("(select (i64.const 3) (i64.const -4) {code})"),
                            pick(3, -4i64 as u64),
                        ));
                        let w = "(local.set $w (i64.const 9))";
                        all.push((format!("(block (result i64) {w} (select (local.get $w) (i64.const 4) (i32.eqz {code})))"), pick(4, 9)));
                        all.push((
                            format!("(block (result i64) {w} (select (i64.const 5) (local.get $w) {code}))"),
                            pick(5, 9),
                        ));
                        all.push((format!("(block (result i64) {w} (local.set $w (select (local.get $w) (i64.load (i32.const 88)) {code})) (local.get $w))"), pick(9, 7)));
                        all.push((format!("(block (result i64) {w} (local.set $w (select (i64.load (i32.const 88)) (local.get $w) {code})) (local.get $w))"), pick(7, 9)));
                        all.push((format!("(block $b (result i64) (i64.const 6) (br_if $b (i32.eqz (i32.eqz {code}))) (drop) (i64.const 8))"), pick(6, 8)));
                    }
                }
            }
        }
        check(&all);
    }
}

#[test]
fn unary() {
    let mut all = Vec::new();
    for (i, value) in VALUES.into_iter().enumerate() {
        let low = value as u32;
        let cases32 = [
            ("clz", low.leading_zeros()),
            ("ctz", low.trailing_zeros()),
            ("popcnt", low.count_ones()),
            ("eqz", u32::from(low == 0)),
            ("extend8_s", low as i8 as u32),
            ("extend16_s", low as i16 as u32),
        ];
        let cases64 = [
            ("clz", u64::from(value.leading_zeros())),
            ("ctz", u64::from(value.trailing_zeros())),
            ("popcnt", u64::from(value.count_ones())),
            ("extend8_s", value as i8 as u64),
            ("extend16_s", value as i16 as u64),
            ("extend32_s", value as i32 as u64),
        ];
        for form in 0..3 {
            for (op, expected) in cases32 {
                all.push((
                    widened(false, format!("(i32.{op} {})", operand(false, i, form))),
                    u64::from(expected),
                ));
            }
            for (op, expected) in cases64 {
                all.push((format!("(i64.{op} {})", operand(true, i, form)), expected));
            }
            all.push((
                widened(false, format!("(i32.wrap_i64 {})", operand(true, i, form))),
                u64::from(low),
            ));
            all.push((
                format!("(i64.extend_i32_s {})", operand(false, i, form)),
                low as i32 as u64,
            ));
            for mask in [
                1u64,
                0xff,
                0xfff0,
                0xff00,
                0x0f0f,
                0xffff_fff8,
                0xffff_fff8_0000_0000,
                0xffff_ffff_ffff_fff0,
            ] {
                all.push((
                    format!("(i64.and {} (i64.const {mask:#x}))", operand(true, i, form)),
                    value & mask,
                ));
                let small = mask as u32;
                let code = format!("(i32.and {} (i32.const {small:#x}))", operand(false, i, form));
                all.push((widened(false, code), u64::from(low & small)));
                let code = format!(
                    "(i32.and (i32.sub {} (i32.const 97)) (i32.const {small:#x}))",
                    operand(false, i, form)
                );
                all.push((widened(false, code), u64::from(low.wrapping_sub(97) & small)));
                let code = format!(
                    "(i64.and (i64.sub (i64.mul {} (i64.const -3)) (i64.const 97)) (i64.const {mask:#x}))",
                    operand(true, i, form)
                );
                all.push((code, value.wrapping_mul(3).wrapping_neg().wrapping_sub(97) & mask));
            }
        }
    }
    check(&all);
}
