//! Bytes that admission did not return: refused with an error, never a panic.

use playfair_admission::admit;
use playfair_proofs_isa::code::address;
use playfair_proofs_isa::lower::{Kind, LowerError, lower};
use std::fmt::Write;

const MODULE: &str = r#"(module (import "playfair" "height" (func $height (result i64))) (memory 1)
  (table 2 funcref) (elem (i32.const 0) $f $f) (data (i32.const 8) "playfair")
  (func $f (param i32) (result i32) (i32.div_s (local.get 0) (i32.const 3)))
  (func (export "call") (param i32 i32) (local i64)
    (loop $l (local.set 2 (i64.xor (local.get 2) (call $height))) (br_if $l (i32.ctz (local.get 1))))
    (block $b (block $a (br_table $a $b (local.get 0))) (i64.store (local.get 0) (local.get 2)))
    (drop (call_indirect (param i32) (result i32) (i32.const 1) (local.get 1)))
    (memory.fill (i32.const 0) (local.get 0) (select (local.get 0) (i32.const 5) (i32.lt_s (local.get 0) (local.get 1))))))"#;

fn refused(bytes: &[u8], kind: Kind) -> LowerError {
    lower(bytes, kind, address::GLOBALS as u32).expect_err("it must be refused")
}

#[test]
fn changed_bytes() {
    let original = wat::parse_str(MODULE).expect("the test's module is WebAssembly");
    let bytes = admit(&original)
        .unwrap_or_else(|error| panic!("{error}"))
        .instrumented;
    assert!(lower(&bytes, Kind::Module, address::GLOBALS as u32).is_ok());
    for at in 0..bytes.len() {
        let _ = lower(&bytes[..at], Kind::Module, address::GLOBALS as u32);
        for change in [1u8, 2, 16, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] = changed[at].wrapping_add(change);
            for kind in [Kind::Module, Kind::Kernel] {
                let _ = lower(&changed, kind, address::GLOBALS as u32);
            }
        }
    }
}

#[test]
fn what_is_wrong_is_said() {
    assert!(matches!(refused(b"", Kind::Module), LowerError::Invalid { .. }));
    let plain = wat::parse_str(MODULE).expect("the test's module is WebAssembly");
    assert!(matches!(
        refused(&plain, Kind::Module),
        LowerError::Instrumentation { .. }
    ));
    let floats =
        wat::parse_str("(module (func (drop (f32.add (f32.const 1) (f32.const 2)))))").expect("valid");
    assert!(matches!(
        refused(&floats, Kind::Kernel),
        LowerError::Unsupported { .. } | LowerError::Invalid { .. }
    ));
    let unknown =
        wat::parse_str(r#"(module (import "zk" "magic" (func $m)) (func (call $m)))"#).expect("valid");
    assert!(matches!(
        refused(&unknown, Kind::Kernel),
        LowerError::Import { .. }
    ));
    // The kernel's intrinsics are not a module's, however its bytes came about.
    let intrinsic = wat::parse_str(
        r#"(module (import "zk" "gas_sub" (func $gas_sub (param i64)))
        (global $g (export "playfair:gas") (mut i32) (i32.const 0))
        (global $s (export "playfair:stack") (mut i32) (i32.const 8192))
        (func (export "call") (param i32 i32)
          global.get $s i32.const 10 i32.sub global.set $s global.get $s i32.const 0 i32.lt_s if unreachable end
          block i64.const -5 call $gas_sub end
          global.get $s i32.const 10 i32.add global.set $s))"#,
    );
    assert!(matches!(
        refused(&intrinsic.expect("valid"), Kind::Module),
        LowerError::Import { .. }
    ));
    // A counter that is written otherwise than by a charge.
    let forged = wat::parse_str(
        r#"(module (global $g (export "playfair:gas") (mut i32) (i32.const 0))
        (global $s (export "playfair:stack") (mut i32) (i32.const 8192))
        (func (export "call") (param i32 i32) (global.set $g (i32.const 9))))"#,
    );
    assert!(matches!(
        refused(&forged.expect("valid"), Kind::Module),
        LowerError::Instrumentation { .. }
    ));
}

/// Gas, hints and the kernel's jumps are not for modules, whoever says that he has admitted them.
#[test]
fn a_module_has_no_intrinsics() {
    let original = wat::parse_str(MODULE).expect("the test's module is WebAssembly");
    let admitted = admit(&original).unwrap_or_else(|error| panic!("{error}"));
    let mut bytes = admitted.instrumented;
    let host = b"\x08playfair\x06height";
    // As long as the other: lengths with leading zeros.
    let intrinsic = b"\x82\x80\x80\x80\0zk\x85\x80\x80\0slots";
    let at = bytes
        .windows(host.len())
        .position(|window| window == host)
        .expect("the import");
    bytes[at..at + host.len()].copy_from_slice(intrinsic);
    assert!(matches!(
        refused(&bytes, Kind::Module),
        LowerError::Import {
            why: "nothing provides it",
            ..
        }
    ));
}

#[test]
fn an_empty_data_segment_below_the_others() {
    let original = wat::parse_str(
        r#"(module (memory 1) (data (i32.const 8) "") (data (i32.const 20) "\01") (data (i32.const 65536) "")
        (func (export "call") (param i32 i32)))"#,
    );
    let admitted = admit(&original.expect("valid")).unwrap_or_else(|error| panic!("{error}"));
    let unit = lower(&admitted.instrumented, Kind::Module, address::GLOBALS as u32);
    let unit = unit.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(unit.image, (2, vec![1 << 32]));
}

/// Whatever is known of values is kept once for all the ways on which it holds, not once for each of thousands: such modules took
/// gigabytes and many seconds.
#[test]
fn many_ways_on_which_much_is_known() {
    let known = (0..250).fold(String::new(), |mut text, k| {
        let _ = write!(text, "(i64.xor (local.get 2) (i64.const {})) ", 1_000 + 2 * k);
        text
    });
    let targets = (0..4_000).fold(String::new(), |text, i| format!("{text} {}", i % 200));
    let table = format!(
        "{} {known} local.get 0 br_table {targets} {}",
        "(block ".repeat(200),
        ")".repeat(200)
    );
    let branch = "(local.set 1 (i32.mul (local.get 1) (local.get 1))) local.get 0 br_if $out ";
    let branches = format!(
        "(block $out {known} {} {})",
        branch.repeat(6_000),
        "drop ".repeat(250)
    );
    for (body, rows) in [(table.repeat(10), 40_000), (branches, 12_000)] {
        let original = wat::parse_str(format!(
            r#"(module (memory 1) (func (export "call") (param i32 i32) (local i64)
            (local.set 2 (i64.load (i32.const 8))) {body}))"#
        ));
        let admitted = admit(&original.expect("valid")).unwrap_or_else(|error| panic!("{error}"));
        let unit = lower(&admitted.instrumented, Kind::Module, address::GLOBALS as u32);
        let unit = unit.unwrap_or_else(|error| panic!("{error}"));
        assert!(unit.rows.len() > rows);
    }
}
