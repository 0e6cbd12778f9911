//! `memory.copy` and `memory.fill` of a module: every length up to 300, every alignment of both ranges, apart and overlapping either way. What they
//! leave, and how many rows they take at most: prices rest on it.

use super::common::{Ended, build, run};
use playfair_proofs_isa::asm::Space;
use playfair_proofs_isa::interp::{Executable, Oracle, View};
use playfair_proofs_isa::lower::hints;
use playfair_types::crypto::field::Fr;
use std::fmt::Write;

/// Bytes of memory that are compared, and where the destination begins.
const SHOWN: u32 = 2_048;
const START: i32 = 1_024;
/// Lengths of one run.
const LENGTHS: u32 = 43;

/// Rows from the call to the return, both included: so many for every eight bytes or part of eight, and the most that there are more of them, of any
/// length above 0 (for which the kernel is asked). Longer ranges take fewer for eight bytes.
const COPY: (u32, u32) = (7, 21);
const FILL: (u32, u32) = (4, 15);

/// Looks before and after each instruction, which stands between two hints, whose argument says what it does.
#[derive(Default)]
struct Watch {
    fills: bool,
    before: Option<(u32, Vec<u8>)>,
    /// Length, and rows between the hints.
    rows: Vec<(u32, u32)>,
}

fn bytes(view: &View<'_>) -> Vec<u8> {
    view.bytes(Space::Module, 0, SHOWN).expect("words")
}

impl Oracle for Watch {
    fn hint(&mut self, hint: u32, argument: Fr, view: &View<'_>) -> Fr {
        let what = playfair_proofs_isa::trace::Value::from(argument)
            .word()
            .expect("a word");
        if hint == hints::CLZ64 {
            self.before = Some((view.steps(), bytes(view)));
        } else if let Some((steps, mut memory)) = self.before.take() {
            let (to, from, length) = (
                (what & 0xffff) as usize,
                what >> 16 & 0xffff,
                (what >> 32) as usize,
            );
            if self.fills {
                memory[to..to + length].fill(from as u8);
            } else {
                memory.copy_within(from as usize..from as usize + length, to);
            }
            assert!(memory == bytes(view), "{length} bytes from {from} to {to}");
            self.rows.push((length as u32, view.steps() - steps));
        }
        hints::answer(hint, argument).expect("a hint of lowered code")
    }
}

/// A module that does one of the instructions for all of these lengths, alignments and distances.
fn module(fills: bool, lengths: std::ops::Range<u32>, distances: &[i32]) -> String {
    let name = if fills { "fill" } else { "copy" };
    let image = (0..SHOWN).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{:02x}", (byte * 31 + byte / 251) as u8);
        text
    });
    let from = |distance: i32| {
        if fills {
            format!("(i32.const {})", 0xa5 + distance)
        } else {
            format!("(i32.add (local.get $to) (i32.const {distance}))")
        }
    };
    let each = distances.iter().fold(String::new(), |mut text, distance| {
        let _ = write!(
            text,
            "(local.set $from {})
            (local.set $what (i64.or (i64.extend_i32_u (i32.or (local.get $to) (i32.shl (local.get $from) (i32.const 16))))
                (i64.shl (i64.extend_i32_u (local.get $length)) (i64.const 32))))
            (drop (i64.clz (local.get $what)))
            (memory.{name} (local.get $to) (local.get $from) (local.get $length))
            (drop (i64.ctz (local.get $what)))",
            from(*distance)
        );
        text
    });
    format!(
        r#"(module (memory 1) (data (i32.const 0) "{image}")
        (func (export "call") (param i32 i32) (local $to i32) (local $from i32) (local $length i32) (local $what i64)
          (local.set $length (i32.const {}))
          (loop $lengths
            (local.set $to (i32.const {START}))
            (loop $starts
              {each}
              (local.set $to (i32.add (local.get $to) (i32.const 1)))
              (br_if $starts (i32.lt_u (local.get $to) (i32.const {}))))
            (local.set $length (i32.add (local.get $length) (i32.const 1)))
            (br_if $lengths (i32.lt_u (local.get $length) (i32.const {}))))))"#,
        lengths.start,
        START + 8,
        lengths.end
    )
}

/// Length and rows between the hints of every instruction of a module.
fn watched(fills: bool, executable: &Executable) -> Vec<(u32, u32)> {
    let mut watch = Watch {
        fills,
        ..Watch::default()
    };
    executable
        .run(&[], &mut watch, 50_000_000)
        .unwrap_or_else(|fault| panic!("{fault}"));
    watch.rows
}

/// Rows between the hints that are not the function's: one instruction, row by row, says what is.
fn others(fills: bool) -> u32 {
    let (_, linked) = build(&module(fills, 5..6, &[1]));
    let executable = Executable::new(&linked.program).expect("a program");
    let mut watch = Watch {
        fills,
        ..Watch::default()
    };
    let (trace, _) = executable.trace(&[], &mut watch, 10_000).expect("a run");
    let name = if fills { "memory.fill" } else { "memory.copy" };
    let mut places = linked.functions.iter().map(|(index, _)| *index);
    let function = linked.functions.iter().find(|(_, other)| other.ends_with(name));
    let (start, _) = function.expect("millicode");
    let end = places.find(|index| index > start).unwrap_or(u32::MAX);
    let inside = |pc: u32| (*start..end).contains(&pc);
    let first = trace.steps.iter().skip_while(|step| !inside(step.pc));
    let function = 1 + first.take_while(|step| inside(step.pc)).count() as u32;
    watch.rows[0].1 - function
}

/// Rows of every instruction, from the call to the return, by length.
fn measured(fills: bool, lengths: std::ops::Range<u32>, distances: &[i32]) -> Vec<(u32, u32)> {
    let (_, linked) = build(&module(fills, lengths, distances));
    let executable = Executable::new(&linked.program).expect("a program");
    let others = others(fills);
    let rows = watched(fills, &executable).into_iter();
    rows.map(|(length, rows)| (length, rows - others)).collect()
}

/// The most that rows are above so many for eight bytes.
fn worst(fills: bool, per_word: u32, distances: &[i32]) -> (u32, Vec<(u32, u32)>) {
    let mut most = std::collections::BTreeMap::<u32, u32>::new();
    for first in (1..=300).step_by(LENGTHS as usize) {
        for (length, rows) in measured(fills, first..(first + LENGTHS).min(301), distances) {
            let place = most.entry(length).or_default();
            *place = rows.max(*place);
        }
    }
    let above = most
        .iter()
        .map(|(length, rows)| rows.saturating_sub(per_word * length.div_ceil(8)));
    (above.max().expect("lengths"), most.into_iter().collect())
}

#[test]
fn copies() {
    let near = -9..=9;
    let apart = -1_000..-992;
    let distances: Vec<i32> = near.chain(apart).collect();
    let (found, most) = worst(false, COPY.0, &distances);
    assert_eq!(found, COPY.1, "{most:?}");
}

#[test]
fn fills() {
    let (found, most) = worst(true, FILL.0, &[0, 1]);
    assert_eq!(found, FILL.1, "{most:?}");
}

/// Ranges that end where memory does, or one byte behind: what lies outside traps, of either range, before anything is written.
#[test]
fn ends_of_memory() {
    const END: u32 = 1 << 16;
    for length in (0..=20).chain([64, 65, 100]) {
        for beyond in 0..=1 {
            let end = END - length + beyond;
            for (code, back) in [
                (
                    format!("(memory.copy (i32.const {end}) (i32.const 1000) (i32.const {length}))"),
                    None,
                ),
                (
                    format!("(memory.copy (i32.const 1000) (i32.const {end}) (i32.const {length}))"),
                    Some(1_000),
                ),
                (
                    format!(
                        "(memory.copy (i32.const {}) (i32.const {end}) (i32.const {length}))",
                        end - 3
                    ),
                    None,
                ),
                (
                    format!(
                        "(memory.copy (i32.const {end}) (i32.const {}) (i32.const {length}))",
                        end - 3
                    ),
                    None,
                ),
                (
                    format!("(memory.fill (i32.const {end}) (i32.const 0x1a5) (i32.const {length}))"),
                    Some(end),
                ),
                (
                    format!(
                        "(memory.fill (i32.const -1) (i32.const 1) (i32.const {}))",
                        length + 1
                    ),
                    None,
                ),
                (
                    format!(
                        "(memory.copy (i32.const 0) (i32.const -1) (i32.const {}))",
                        length + 2
                    ),
                    None,
                ),
                (
                    "(memory.copy (i32.const -1) (i32.const -1) (i32.const -1))".to_owned(),
                    None,
                ),
                (
                    format!("(memory.fill (i32.const {length}) (i32.const 0) (i32.const -1))"),
                    None,
                ),
            ] {
                let module = format!(
                    r#"(module (import "playfair" "output" (func $output (param i32 i32))) (memory 1)
                    (func (export "call") (param i32 i32)
                    (memory.fill (i32.const 60000) (i32.const 0xa5) (i32.const 5536)) {code}
                    (call $output (i32.const {}) (i32.const 8))))"#,
                    back.unwrap_or(0) & !7
                );
                let expected = if beyond == 0 && !code.contains("-1") {
                    let from = back.unwrap_or(0);
                    let byte = |at: u32| {
                        let written = back.is_some() && (from..from + length).contains(&at);
                        if written || at >= 60_000 { 0xa5 } else { 0 }
                    };
                    let word = core::array::from_fn(|byte_of| byte((from & !7) + byte_of as u32));
                    Ended::Returned(vec![u64::from_le_bytes(word)])
                } else {
                    Ended::Trapped
                };
                let read_outside = back == Some(END) && beyond == 0;
                if !read_outside {
                    assert_eq!(run(&module), Ok(expected), "{code}");
                }
            }
        }
    }
}
