//! The most rows that each instruction takes, whatever its operands are and wherever its result goes: `tests/golden/worst.txt`, for prices to rest on.
//! PLAYFAIR_BLESS=1 writes it anew.
//!
//! Each function holds one instruction with operands of every kind, and is lowered and improved as any other. Its rows, less those of what is
//! around it, are the instruction's: a load that puts an operand in its slot and an addition of a constant, whose row comes
//! when it is wanted, count as one row each; constants, reads of locals and of globals as none. A row that always traps ends the run, so that
//! it is not executed with what follows it. (Copies that an operand needs because a local or a call comes in between are
//! its own; branches, calls and returns are in `tests/golden/control.txt`.)

use super::common::build;
use super::golden::compare;
use playfair_admission::admit;
use playfair_proofs_isa::code::address;
use playfair_proofs_isa::interp::{Executable, Oracle, View};
use playfair_proofs_isa::lower::{Kind, Unit, hints, lower};
use playfair_types::crypto::field::Fr;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Types of operands and result of an instruction.
struct Shape {
    /// The instruction, with what follows its name, if anything.
    text: String,
    /// Operands of 64 bits.
    operands: Vec<bool>,
    result: Option<bool>,
}

fn ty(wide: bool) -> &'static str {
    if wide { "i64" } else { "i32" }
}

/// An operand, and the rows that it has of its own.
fn operand(kind: usize, wide: bool) -> Option<(String, usize)> {
    let ty = ty(wide);
    let name = |narrow: char, broad: char| if wide { broad } else { narrow };
    Some(match kind {
        0 => (format!("(local.get ${})", name('a', 'c')), 0),
        1 => (format!("(local.get ${})", name('b', 'd')), 0),
        2 => (format!("(global.get ${ty})"), 0),
        3 => (format!("({ty}.load (i32.const 8))"), 1),
        4 => (
            format!("({ty}.add (local.get ${}) ({ty}.const 5))", name('a', 'c')),
            1,
        ),
        5 => (format!("({ty}.sub ({ty}.const 9) ({ty}.load (i32.const 16)))"), 2),
        6 => (format!("({ty}.const 77)"), 0),
        7 => (format!("({ty}.const -2)"), 0),
        8 => (format!("({ty}.const 0)"), 0),
        9 => (format!("(global.get $other_{ty})"), 0),
        // What a call gives has nothing left of its price.
        10 => (format!("(call $give_{ty})"), 1),
        _ => return None,
    })
}

/// Bodies with the result of `code` somewhere, and the rows of what takes it.
fn destinations(code: &str, result: Option<bool>) -> Vec<(String, usize)> {
    let Some(wide) = result else {
        return vec![(code.to_owned(), 0)];
    };
    let ty = ty(wide);
    let mut all = vec![
        (format!("(call $take_{ty} {code})"), 1),
        (format!("(global.set ${ty} {code})"), 0),
        (format!("(return {code})"), 0),
    ];
    for local in if wide { ["c", "d"] } else { ["a", "b"] } {
        // A store that reads the local, so that the result is wanted.
        let store = format!("({ty}.store (i32.const 24) (local.get ${local}))");
        all.push((format!("(local.set ${local} {code}) {store}"), 1));
    }
    all
}

/// All functions of an instruction: body, result, rows that are not the instruction's.
fn functions(shape: &Shape) -> Vec<(String, Option<bool>, usize)> {
    let mut codes = vec![(String::new(), 0)];
    for wide in &shape.operands {
        let mut more = Vec::new();
        for (before, rows) in &codes {
            for (text, own) in (0..).map_while(|kind| operand(kind, *wide)) {
                more.push((format!("{before} {text}"), rows + own));
            }
        }
        codes = more;
    }
    let mut all = Vec::new();
    for (operands, own) in codes {
        for (body, takes) in destinations(&format!("({}{operands})", shape.text), shape.result) {
            let result = if body.starts_with("(return") {
                shape.result
            } else {
                None
            };
            all.push((body, result, own + takes));
        }
    }
    all
}

fn module(functions: &[(String, Option<bool>, usize)]) -> Vec<u8> {
    let mut text =
        r#"(module (memory 1) (global $i32 (mut i32) (i32.const 0)) (global $i64 (mut i64) (i64.const 0))
        (global $other_i32 (mut i32) (i32.const 0)) (global $other_i64 (mut i64) (i64.const 0))
        (func $take_i32 (param i32)) (func $take_i64 (param i64)) (func $give_i32 (result i32) (i32.const 3))
        (func $give_i64 (result i64) (i64.const 3)) (func (export "call") (param i32 i32))"#
            .to_owned();
    for (body, result, _) in functions {
        let result = result.map_or(String::new(), |wide| format!("(result {})", ty(wide)));
        let _ = write!(
            text,
            "(func (param $a i32) (param $b i32) (param $c i64) (param $d i64) {result} {body})"
        );
    }
    let module = wat::parse_str(text + ")").expect("WebAssembly");
    admit(&module)
        .unwrap_or_else(|error| panic!("{error}"))
        .instrumented
}

/// Rows of a function that are executed together: all but those that end the run.
fn executed(unit: &Unit, index: usize) -> usize {
    let mut functions = unit.functions.iter().filter(|function| function.index.is_some());
    let function = functions.nth(index + 5).expect("a function");
    let rows = function.start..function.start + function.rows;
    let ends = unit
        .traps
        .iter()
        .filter(|(row, trap)| rows.contains(row) && (trap.class == 1 || trap.class >= 16))
        .count();
    function.rows as usize - ends
}

/// The most rows of an instruction, and the body that has them.
fn worst(shape: &Shape, kind: Kind) -> (usize, String) {
    let mut most = (0, String::new());
    for some in functions(shape).chunks(400) {
        let unit = lower(&module(some), kind, address::GLOBALS as u32).expect("lowered");
        for (index, (body, _, others)) in some.iter().enumerate() {
            // ENTER and RET. What an operand's row became part of may be less than nothing.
            let own = executed(&unit, index).saturating_sub(others + 2);
            if own > most.0 {
                most = (own, body.clone());
            }
        }
    }
    most
}

fn shapes() -> Vec<Shape> {
    let mut all = Vec::new();
    let mut push = |text: String, operands: &[bool], result| {
        all.push(Shape {
            text,
            operands: operands.to_vec(),
            result,
        });
    };
    for wide in [false, true] {
        let ty = ty(wide);
        for op in [
            "add", "sub", "mul", "div_s", "div_u", "rem_s", "rem_u", "and", "or", "xor", "shl", "shr_s",
            "shr_u", "rotl", "rotr",
        ] {
            push(format!("{ty}.{op}"), &[wide, wide], Some(wide));
        }
        for op in [
            "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u",
        ] {
            push(format!("{ty}.{op}"), &[wide, wide], Some(false));
        }
        push(format!("{ty}.eqz"), &[wide], Some(false));
        for op in ["clz", "ctz", "popcnt", "extend8_s", "extend16_s"] {
            push(format!("{ty}.{op}"), &[wide], Some(wide));
        }
        push(format!("select (result {ty})"), &[wide, wide, false], Some(wide));
        push(format!("global.set ${ty}"), &[wide], None);
        let narrow: &[&str] = if wide {
            &["8_s", "8_u", "16_s", "16_u", "32_s", "32_u", ""]
        } else {
            &["8_s", "8_u", "16_s", "16_u", ""]
        };
        for op in narrow {
            for rest in ["", " offset=5", " offset=4294967290"] {
                push(format!("{ty}.load{op}{rest}"), &[false], Some(wide));
                push(format!("{ty}.load{op}{rest} align=1"), &[false], Some(wide));
            }
            if !op.ends_with("_s") {
                let op = op.trim_end_matches("_u");
                for rest in ["", " offset=5", " offset=4294967290"] {
                    push(format!("{ty}.store{op}{rest}"), &[false, wide], None);
                    push(format!("{ty}.store{op}{rest} align=1"), &[false, wide], None);
                }
            }
        }
    }
    push("i32.wrap_i64".to_owned(), &[true], Some(false));
    push("i64.extend_i32_s".to_owned(), &[false], Some(true));
    push("i64.extend_i32_u".to_owned(), &[false], Some(true));
    push("i64.extend32_s".to_owned(), &[true], Some(true));
    all
}

/// The rows at which hints are asked for.
#[derive(Default)]
struct Marks(Vec<u32>);

impl Oracle for Marks {
    fn hint(&mut self, hint: u32, argument: Fr, view: &View<'_>) -> Fr {
        self.0.push(view.steps());
        hints::answer(hint, argument).expect("a hint of lowered code")
    }
}

/// Rows that run between two marks. Parameters 0 and 1 are 7 and 0.
fn between(code: &str) -> u32 {
    let mark = "(drop (i64.clz (local.get $mark)))";
    let text = format!(
        r#"(module (memory 1) (table 2 funcref) (elem (i32.const 0) $turn $turn) (global $i32 (mut i32) (i32.const 1))
        (type $three (func (param i32 i32 i32) (result i32 i32 i32)))
        (func $nothing)
        (func $zeroed (local i32 i64 i32) (i32.store (i32.const 0) (local.get 0)) (i64.store (i32.const 0) (local.get 1))
            (i32.store (i32.const 0) (local.get 2)))
        (func $turn (type $three) (local.get 2) (local.get 0) (local.get 1))
        (func $take (param i32 i32 i32))
        (func $leave (type $three) (i32.store (i32.const 8) (i32.const 1)) (local.get 0) (local.get 1) (local.get 2))
        (func (export "call") (param i32 i32) (local $mark i64)
            (local.set $mark (i64.load (i32.const 0)))
            {mark} {code} {mark}))"#
    );
    let executable = Executable::new(&build(&text).1.program).expect("a program");
    let mut marks = Marks::default();
    executable.run(&[], &mut marks, 100_000).expect("a run");
    marks.0[1] - marks.0[0]
}

/// Control flow: what runs, and rows that are not its own.
const CONTROL: &[(&str, &str, u32)] = &[
    ("br", "(block (block (br_if 0 (local.get 1)) (br 1)) S drop)", 1),
    (
        "br, three results of a call",
        "(block (result i32 i32 i32) (block (br_if 0 (local.get 1)) S (call $leave S S S) (br 1)) S S S) (call $take)",
        12,
    ),
    ("br_if, taken", "(block (br_if 0 (local.get 0)) S drop)", 0),
    ("br_if, not taken", "(block (br_if 0 (local.get 1)) T)", 1),
    (
        "br_if, taken, three values",
        "(block (result i32 i32 i32) S S S S (br_if 0 (local.get 0)) T drop) (call $take)",
        7,
    ),
    (
        "br_table of a local, three values",
        "(block (result i32 i32 i32) (block (br_if 0 (local.get 1)) S S S S (br_table 1 1 (local.get 1))) S S S) (call $take)",
        8,
    ),
    (
        "br_table of a global, three values",
        "(block (result i32 i32 i32) (block (br_if 0 (local.get 1)) S S S S (br_table 1 1 1 (global.get $i32))) S S S) (call $take)",
        8,
    ),
    (
        "br_table, the default, three values",
        "(block (result i32 i32 i32) (block (br_if 0 (local.get 1)) S S S S (br_table 1 1 (local.get 0))) S S S) (call $take)",
        8,
    ),
    ("if, taken", "(if (local.get 0) (then T))", 1),
    ("if, not taken", "(if (local.get 1) (then T))", 0),
    (
        "if and else, taken, a result of a local, and global.set",
        "(global.set $i32 (if (result i32) (local.get 0) (then T (local.get 0)) (else T (local.get 1))))",
        1,
    ),
    ("call", "(call $nothing)", 0),
    ("call with three arguments", "(call $take S S S)", 3),
    (
        "call with three arguments of locals",
        "(call $take (local.get 0) (local.get 0) (local.get 1))",
        0,
    ),
    (
        "call of a function with three locals that are read first",
        "(call $zeroed)",
        3,
    ),
    (
        "call that returns three parameters in their places",
        "(call $leave S S S) drop drop drop",
        4,
    ),
    (
        "call that returns three parameters in other places",
        "(call $turn S S S) drop drop drop",
        3,
    ),
    (
        "call_indirect of a local that returns three parameters in other places",
        "(call_indirect (type $three) S S S (local.get 1)) drop drop drop",
        3,
    ),
    (
        "call_indirect of a global that returns three parameters in other places",
        "(call_indirect (type $three) S S S (global.get $i32)) drop drop drop",
        3,
    ),
];

#[test]
fn rows_of_control() {
    let mut text =
        "# Rows that run of control flow, calls with those of the callee. See tests/lower/worst.rs.\n"
            .to_owned();
    let nothing = between("");
    for (name, code, others) in CONTROL {
        let code = code
            .replace(" T", " (i32.store (i32.const 16) (i32.const 3))")
            .replace(" S", " (i32.load (i32.const 8))");
        let rows = between(&code);
        let _ = writeln!(text, "{name}: {}", i64::from(rows) - i64::from(nothing + others));
    }
    compare("control", &text);
}

#[test]
fn the_most_rows_of_each_instruction() {
    // Plain and careful, with a body each.
    let mut table: BTreeMap<String, [(usize, String); 2]> = BTreeMap::new();
    for shape in shapes() {
        let name = shape
            .text
            .split(" offset")
            .next()
            .expect("a name")
            .split(" (result")
            .next();
        let mut name = name.expect("a name").to_owned();
        if shape.text.starts_with("global.set") {
            name = name.split(" $").next().expect("a name").to_owned();
        }
        if shape.text.ends_with("align=1") && !name.ends_with("align=1") {
            name += " align=1";
        }
        let entry = table.entry(name).or_default();
        for (place, kind) in entry.iter_mut().zip([Kind::Module, Kind::Careful]) {
            let found = worst(&shape, kind);
            if found.0 > place.0 {
                *place = found;
            }
        }
    }
    let mut text = "# The most rows of each instruction: lowered plainly, carefully, and a body that has them then. See tests/lower/worst.rs.\n".to_owned();
    for (name, [plain, careful]) in &table {
        let _ = writeln!(text, "{name}: {} {}  {}", plain.0, careful.0, careful.1);
    }
    compare("worst", &text);
}
