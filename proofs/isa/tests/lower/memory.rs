//! Accesses of every width at every address, bulk operations, growth.

use super::common::{Ended, run, run_carefully};
use playfair_proofs_isa::interp::Reason;
use playfair_proofs_isa::ops::Op;
use playfair_types::crypto::field::Fr;
use std::fmt::Write;

/// Runs statements in a module whose memory holds 0x80 + i at byte i of the first 128.
fn show(statements: &str) -> Ended {
    run(&with_bytes(statements)).unwrap_or_else(|fault| panic!("{fault}"))
}

fn with_bytes(statements: &str) -> String {
    let bytes = (0..128u32).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{:02x}", 0x80 + byte as u8);
        text
    });
    format!(
        r#"(module (import "playfair" "output" (func $output (param i32 i32))) (memory 1 3) (data (i32.const 0) "{bytes}")
        (func $show (param i64) (i64.store (i32.const 1024) (local.get 0)) (call $output (i32.const 1024) (i32.const 8)))
        (func (export "call") (param i32 i32) (local i32 i32 i64) {statements}))"#
    )
}

fn memory() -> Vec<u8> {
    (0..128)
        .map(|byte: u32| 0x80u8.wrapping_add(byte as u8))
        .collect()
}

fn word(bytes: &[u8], at: usize, width: usize) -> u64 {
    bytes[at..at + width]
        .iter()
        .rev()
        .fold(0, |value, byte| value << 8 | u64::from(*byte))
}

#[test]
fn loads() {
    let (mut code, mut expected) = (String::new(), Vec::new());
    for at in 0..16 {
        for (name, width, signed) in [
            ("i64.load8_u", 1, false),
            ("i64.load8_s", 1, true),
            ("i64.load16_u align=1", 2, false),
            ("i64.load16_s align=1", 2, true),
            ("i64.load32_u align=1", 4, false),
            ("i64.load32_s align=2", 4, true),
            ("i64.load align=1", 8, false),
        ] {
            let (name, align) = name.split_once(' ').unwrap_or((name, ""));
            let value = word(&memory(), at, width);
            let shift = 64 - 8 * width as u32;
            let value = if signed {
                ((value << shift) as i64 >> shift) as u64
            } else {
                value
            };
            let offset = at / 2;
            let _ = write!(
                code,
                "(call $show ({name} offset={offset} {align} (i32.const {})))",
                at - offset
            );
            expected.push(value);
            let _ = write!(
                code,
                "(call $show ({name} {align} (i32.add (local.get 1) (i32.const {at}))))"
            );
            expected.push(value);
            let aligned = at % 8 + width <= 8;
            if aligned {
                let _ = write!(
                    code,
                    "(call $show ({name} (i32.add (local.get 1) (i32.const {at}))))"
                );
                expected.push(value);
            }
        }
    }
    assert_eq!(show(&code), Ended::Returned(expected));
}

#[test]
fn stores() {
    for at in 0..12 {
        for (name, width) in [("store8", 1), ("store16", 2), ("store32", 4), ("store", 8)] {
            let value = 0x1122_3344_5566_7788u64;
            let mut bytes = memory();
            bytes[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
            let all: Vec<u64> = (0..3).map(|index| word(&bytes, 8 * index, 8)).collect();
            let reads = "(call $show (i64.load (i32.const 0))) (call $show (i64.load (i32.const 8)))
                (call $show (i64.load (i32.const 16)))";
            let align = if width == 1 { "" } else { "align=1" };
            let slow = format!("(i64.{name} {align} (i32.const {at}) (i64.const {value})) {reads}");
            assert_eq!(show(&slow), Ended::Returned(all.clone()), "{slow}");
            let based = format!("(i64.{name} offset={at} {align} (local.get 2) (i64.const {value})) {reads}");
            assert_eq!(show(&based), Ended::Returned(all.clone()), "{based}");
            if at % 8 + width <= 8 {
                let fast = format!("(i64.{name} (i32.const {at}) (i64.const {value})) {reads}");
                assert_eq!(show(&fast), Ended::Returned(all), "{fast}");
            }
        }
    }
}

/// A constant that is stored is no address, though it could be one of an aligned word.
#[test]
fn stored_constants_are_no_addresses() {
    for (name, width) in [("store16", 2), ("store32", 4), ("store", 8)] {
        for (at, value) in [(7usize, 1u64), (5, 3), (15, 9)] {
            let mut bytes = memory();
            bytes[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
            let words: Vec<u64> = (0..3).map(|index| word(&bytes, 8 * index, 8)).collect();
            let reads = "(call $show (i64.load (i32.const 0))) (call $show (i64.load (i32.const 8)))
                (call $show (i64.load (i32.const 16)))";
            for align in ["align=1", ""] {
                let code =
                    format!("(i64.{name} offset={at} {align} (local.get 2) (i64.const {value})) {reads}");
                let ended = run_carefully(&with_bytes(&code));
                assert_eq!(ended, Ok(Ended::Returned(words.clone())), "{code}");
            }
        }
    }
}

#[test]
fn false_hints() {
    // Accesses that span two words although they are called aligned: code that believes it has no row for them.
    for (load, store, at, width) in [
        ("i64.load", "i64.store", 12, 8),
        ("i64.load32_u", "i64.store32", 6, 4),
        ("i64.load16_u", "i64.store16", 15, 2),
    ] {
        let module = with_bytes(&format!("(call $show ({load} offset={at} (local.get 2)))"));
        let fault = run(&module).expect_err("it has no proof");
        assert!(
            matches!(fault.reason, Reason::Unaligned(_) | Reason::Straddle(..)),
            "{fault}"
        );
        let found = word(&memory(), at, width);
        assert_eq!(run_carefully(&module), Ok(Ended::Returned(vec![found])));

        let module = with_bytes(&format!(
            "({store} offset={at} (local.get 2) (i64.const 0x1122334455667788))
            (call $show (i64.load (i32.const 0))) (call $show (i64.load (i32.const 8))) (call $show (i64.load (i32.const 16)))"
        ));
        assert!(run(&module).is_err());
        let mut bytes = memory();
        bytes[at..at + width].copy_from_slice(&0x1122_3344_5566_7788u64.to_le_bytes()[..width]);
        let words = (0..3).map(|index| word(&bytes, 8 * index, 8)).collect();
        assert_eq!(run_carefully(&module), Ok(Ended::Returned(words)));
    }
    // At the end of memory they trap.
    let end = with_bytes("(call $show (i64.load offset=65529 (local.get 2)))");
    assert_eq!(run_carefully(&end), Ok(Ended::Trapped));
}

/// Accesses of eight bytes in parts, at the ends of memory and of the address space: they trap exactly where the specification says so, and
/// leave what they stored otherwise.
#[test]
fn parts_at_the_edges() {
    const END: u64 = 1 << 16;
    let bases = [0, 1, 7, END - 16, END - 9, END - 8, END - 7, END - 1, END];
    let high = [0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff];
    let offsets = [
        0,
        1,
        8,
        END - 8,
        END - 7,
        0xffff_fff0,
        0xffff_fff7,
        0xffff_fff8,
        0xffff_fff9,
        0xffff_ffff,
    ];
    for base in bases.into_iter().chain(high) {
        for offset in offsets {
            let inside = base + offset + 8 <= END;
            let at = base + offset;
            // A local, a constant, a sum in the register that the value goes to.
            for address in [
                "(local.get 2)".to_owned(),
                format!("(i32.const {base})"),
                format!(
                    "(i32.add (i32.and (local.get 2) (i32.const 0xffff)) (i32.const {}))",
                    base & 0xffff_0000
                ),
            ] {
                let set = format!("(local.set 2 (i32.const {base}))");
                let load = format!(
                    "{set} (call $show (i64.load offset={offset} align=1 {address}))
                    (local.set 4 (i64.load offset={offset} align=2 {address})) (call $show (local.get 4))"
                );
                let expected = if inside {
                    let byte = |i: u64| if i < 128 { 0x80u8.wrapping_add(i as u8) } else { 0 };
                    let bytes: [u8; 8] = core::array::from_fn(|i| byte(at + i as u64));
                    Ended::Returned(vec![u64::from_le_bytes(bytes); 2])
                } else {
                    Ended::Trapped
                };
                assert_eq!(show(&load), expected, "{load}");
                let store = format!(
                    "{set} (i64.store offset={offset} align=2 {address} (i64.const 0x1122334455667788))
                    (call $show (i64.load offset={offset} align=4 {address}))"
                );
                let expected = if inside {
                    Ended::Returned(vec![0x1122_3344_5566_7788])
                } else {
                    Ended::Trapped
                };
                assert_eq!(show(&store), expected, "{store}");
            }
        }
    }
    // No memory at all.
    for access in [
        "(drop (i64.load align=1 (local.get 0)))",
        "(i64.store align=1 (i32.const 0) (i64.const 1))",
    ] {
        let module = format!(r#"(module (memory 0) (func (export "call") (param i32 i32) {access}))"#);
        assert_eq!(run(&module), Ok(Ended::Trapped), "{access}");
    }
}

/// Two and four bytes that may span two words, at the end of memory, before and after it grows, and of the address space: they trap exactly where
/// the specification says so, and beyond the end they leave nothing.
#[test]
fn narrow_accesses_at_the_edges() {
    const PAGE: u64 = 1 << 16;
    let mut trapped = 0;
    for (pages, grow) in [(1, 0), (2, 1), (3, 2)] {
        let end = pages * PAGE;
        for (loads, store, width) in [
            (["i64.load16_u", "i64.load16_s"], "i64.store16", 2u64),
            (["i64.load32_u", "i64.load32_s"], "i64.store32", 4),
        ] {
            let near = (end - 9..=end + 1).map(|at| (at - 5, 5));
            let far = [
                (0xffff_ffff, 0xffff_ffff),
                (1, 0xffff_ffff),
                (0xffff_ffff, 1),
                (end - width, 0xffff_fffa),
                (0x8000_0000, 0x8000_0000),
            ];
            for (base, offset) in near.chain(far) {
                let at = base + offset;
                let inside = at + width <= end;
                let value = 0x1122_3344_8596_a7b8_u64;
                let kept = value & u64::MAX >> (64 - 8 * width);
                let shift = 64 - 8 * width as u32;
                let signed = ((kept << shift) as i64 >> shift) as u64;
                let code = format!(
                    "(drop (memory.grow (i32.const {grow}))) (local.set 2 (i32.const {base}))
                    ({store} offset={offset} align=1 (local.get 2) (i64.const {value}))
                    (call $show ({} offset={offset} align=1 (local.get 2)))
                    (call $show ({} offset={offset} align=1 (i32.const {base})))",
                    loads[0], loads[1],
                );
                let expected = if inside {
                    Ended::Returned(vec![kept, signed])
                } else {
                    trapped += 1;
                    Ended::Trapped
                };
                assert_eq!(show(&code), expected, "{code}");
                let code = format!(
                    "(drop (memory.grow (i32.const {grow}))) (local.set 2 (i32.const {base}))
                    (call $show ({} offset={offset} align=1 (local.get 2)))",
                    loads[1],
                );
                let expected = if inside {
                    Ended::Returned(vec![0])
                } else {
                    Ended::Trapped
                };
                assert_eq!(show(&code), expected, "{code}");
            }
        }
    }
    // Bytes 1 or 3 short of the end, the end, one behind it, and what is far.
    assert_eq!(trapped, 3 * ((1 + 2 + 5) + (3 + 2 + 5)));
    // No memory at all.
    for access in [
        "(drop (i32.load align=1 (local.get 0)))",
        "(drop (i32.load16_s align=1 (i32.const 0)))",
        "(i32.store align=1 (i32.const 0) (local.get 0))",
        "(i32.store16 align=1 (local.get 0) (i32.const 0))",
    ] {
        let module = format!(r#"(module (memory 0) (func (export "call") (param i32 i32) {access}))"#);
        assert_eq!(run(&module), Ok(Ended::Trapped), "{access}");
    }
}

/// The word behind memory's end belongs to nobody: what a load of four bytes sees of it does not show, and when memory has grown it is
/// the next page's first.
#[test]
fn the_word_behind_the_end() {
    let code = "(i64.store (i32.const 65528) (i64.const -1))
        (call $show (i64.load32_u align=1 (i32.add (local.get 2) (i32.const 65532))))
        (drop (memory.grow (i32.const 1)))
        (i64.store32 align=1 (i32.add (local.get 2) (i32.const 65534)) (i64.const 0x55667788))
        (call $show (i64.load32_u align=1 (i32.add (local.get 2) (i32.const 65532))))
        (call $show (i64.load (i32.add (local.get 2) (i32.const 65536))))";
    let expected = vec![0xffff_ffff, 0x7788_ffff, 0x5566];
    assert_eq!(show(code), Ended::Returned(expected));
}

/// Rows of each narrow access: one entry of TRAP, at the row whose bound is that of all, which is the first that touches memory.
#[test]
fn narrow_parts_end_a_run_at_their_first_row_only() {
    for (code, width, constant) in [
        ("(drop (i32.load offset=9 align=1 (local.get 0)))", 4, 9),
        ("(drop (i64.load32_s offset=9 align=2 (local.get 0)))", 4, 9),
        ("(drop (i32.load16_s offset=9 align=1 (local.get 0)))", 2, 9),
        ("(i32.store offset=9 align=1 (local.get 0) (local.get 1))", 4, 9),
        ("(i32.store16 offset=9 align=1 (local.get 0) (local.get 0))", 2, 9),
        (
            "(i32.store16 offset=4294967289 align=1 (local.get 0) (i32.const 7))",
            2,
            0,
        ),
    ] {
        let module = format!("(module (memory 1) (func (export \"call\") (param i32 i32) {code}))");
        let (_, linked) = super::common::build(&module);
        let unit = &linked.module;
        let touches = |row: &playfair_proofs_isa::code::Instr| {
            matches!(
                Op::of(row),
                Ok(Op::Loadb | Op::Loadp | Op::Storeb | Op::Storep | Op::Loadw | Op::Storew)
            )
        };
        let rows: Vec<u32> = (0u32..)
            .zip(&unit.rows)
            .filter(|(_, row)| touches(row))
            .map(|(at, _)| at)
            .collect();
        let traps: Vec<_> = unit.traps.iter().filter(|(_, trap)| trap.class == 2).collect();
        let [(at, trap)] = traps[..] else {
            panic!("{code}: {traps:?}");
        };
        assert_eq!(Some(at), rows.first(), "{code}");
        assert_eq!(
            (trap.class, trap.width, trap.constant),
            (2, width, constant),
            "{code}"
        );
        assert!(rows.len() >= 2, "{code}");
        // Its bound: the last byte's own, or with what may lie behind the end.
        let row = &unit.rows[*at as usize];
        let reach = if Op::of(row) == Ok(Op::Loadp) { 8 } else { width };
        assert_eq!(row.k[4], Fr::from(constant + u64::from(reach) - 1), "{code}");
        assert!(reach < 8 || row.k[5] == Fr::from(4u64), "{code}");
    }
}

/// Of an access in parts only the first row has an entry of TRAP: EXIT in place of a later one, when part of it is done, has no proof.
#[test]
fn parts_end_a_run_at_their_first_row_only() {
    let module = with_bytes(
        "(local.set 2 (i32.add (local.get 2) (local.get 1)))
        (local.set 2 (i32.wrap_i64 (i64.load offset=3 align=1 (local.get 2))))
        (i64.store offset=4294967290 align=1 (local.get 2) (i64.load align=1 (local.get 0)))",
    );
    let (_, linked) = super::common::build(&module);
    let unit = &linked.module;
    let is = |row: &playfair_proofs_isa::code::Instr, wanted: Op| Op::of(row) == Ok(wanted);
    let mut parts = 0;
    for (at, row) in (0u32..).zip(&unit.rows) {
        let (load, store) = (is(row, Op::Loadp), is(row, Op::Storep));
        if !load && !store {
            continue;
        }
        parts += 1;
        // The first part has no other before it in its place: it adds to nothing.
        let first = load && row.k[3] == Fr::from(0u64);
        let entry = unit.traps.iter().find(|(row, _)| *row == at);
        assert_eq!(entry.is_some(), first, "row {at}");
        assert!(entry.is_none_or(|(_, trap)| trap.class == 2));
    }
    assert_eq!(parts, 2 + 2 + 3);
}

#[test]
fn bulk() {
    let copies = [
        (0, 64, 24),
        (64, 0, 64),
        (3, 64, 21),
        (5, 13, 40),
        (8, 0, 90),
        (1, 0, 100),
        (0, 1, 100),
        (9, 1, 110),
        (1, 9, 110),
        (7, 7, 30),
        (4, 4, 0),
        (100, 2, 3),
    ];
    for (to, from, length) in copies {
        let mut bytes = memory();
        bytes.copy_within(from..from + length, to);
        let fills = length.min(120 - to);
        let code = format!("(memory.copy (i32.const {to}) (i32.const {from}) (i32.const {length}))");
        check(&code, &bytes);
        bytes = memory();
        bytes[to..to + fills].fill(0xa5);
        check(
            &format!("(memory.fill (i32.const {to}) (i32.const 0x1a5) (i32.const {fills}))"),
            &bytes,
        );
    }
}

fn check(code: &str, bytes: &[u8]) {
    let reads = (0..16).fold(String::new(), |mut text, index| {
        let _ = write!(text, "(call $show (i64.load (i32.const {})))", 8 * index);
        text
    });
    let all = (0..16).map(|index| word(bytes, 8 * index, 8)).collect();
    assert_eq!(show(&format!("{code}{reads}")), Ended::Returned(all), "{code}");
}

#[test]
fn growth() {
    let code = "(call $show (i64.extend_i32_u (memory.size))) (call $show (i64.extend_i32_u (memory.grow (i32.const 2))))
        (call $show (i64.extend_i32_u (memory.grow (i32.const 1)))) (call $show (i64.load (i32.const 196600)))";
    assert_eq!(show(code), Ended::Returned(vec![1, 1, 0xffff_ffff, 0]));
    assert_eq!(
        show("(drop (memory.grow (i32.const 1))) (drop (i64.load (i32.const 131068)))"),
        Ended::Trapped
    );
}
