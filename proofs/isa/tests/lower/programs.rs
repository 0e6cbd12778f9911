//! Programs whose results are known.

use super::common::{Ended, run};

fn body(body: &str) -> String {
    format!(
        r#"(module (import "playfair" "output" (func $output (param i32 i32)))
        (import "playfair" "height" (func $height (result i64)))
        (memory 1) (global $sp (mut i32) (i32.const 4096)) (global $wide (mut i64) (i64.const -2))
        (func $show (param i64) (i64.store (i32.const 0) (local.get 0)) (call $output (i32.const 0) (i32.const 8)))
        {body})"#
    )
}

fn call(code: &str) -> Ended {
    let module = body(&format!(
        r#"(func (export "call") (param i32 i32) (local i32 i32 i64 i64) {code})"#
    ));
    run(&module).unwrap_or_else(|fault| panic!("{fault}"))
}

fn shows(code: &str, expected: &[u64]) {
    assert_eq!(call(code), Ended::Returned(expected.to_vec()), "{code}");
}

#[test]
fn returns() {
    shows("", &[]);
    shows("(call $show (i64.const 5))", &[5]);
}

#[test]
fn host_and_globals() {
    shows(
        "(call $show (call $height)) (call $show (global.get $wide))",
        &[0x0123_4567_89ab_cdef, u64::MAX - 1],
    );
    shows(
        "(global.set $sp (i32.sub (global.get $sp) (i32.const 16))) (call $show (i64.extend_i32_u (global.get $sp)))",
        &[4080],
    );
}

#[test]
fn loops() {
    shows(
        "(local.set 2 (i32.const 10)) (loop $l (local.set 3 (i32.add (local.get 3) (local.get 2)))
         (br_if $l (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
         (call $show (i64.extend_i32_u (local.get 3)))",
        &[55],
    );
}

#[test]
fn traps() {
    assert_eq!(call("(unreachable)"), Ended::Trapped);
    assert_eq!(call("(drop (i32.load (i32.const 65533)))"), Ended::Trapped);
    assert_eq!(
        call("(drop (i32.div_u (i32.const 1) (local.get 2)))"),
        Ended::Trapped
    );
    assert_eq!(
        call("(drop (i32.div_s (i32.const 0x80000000) (i32.sub (local.get 2) (i32.const 1))))"),
        Ended::Trapped
    );
    assert_eq!(
        call("(drop (i64.rem_s (i64.const 1) (local.get 4)))"),
        Ended::Trapped
    );
    assert_eq!(call("(loop $l (br $l))"), Ended::Trapped);
    assert_eq!(
        call("(memory.fill (i32.const 65530) (i32.const 1) (i32.const 7))"),
        Ended::Trapped
    );
    assert_eq!(
        call("(memory.fill (i32.const 65537) (i32.const 1) (i32.const 0))"),
        Ended::Trapped
    );
    assert_eq!(
        call("(memory.copy (i32.const 0) (i32.const 65537) (i32.const 0))"),
        Ended::Trapped
    );
}

#[test]
fn recursion() {
    let module = body(
        r#"(func $f (param i32) (result i32) (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
           (else (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 2)))))))
           (func $deep (call $deep))
           (func (export "call") (param i32 i32) (call $show (i64.extend_i32_u (call $f (i32.const 10)))))"#,
    );
    assert_eq!(
        run(&module).unwrap_or_else(|fault| panic!("{fault}")),
        Ended::Returned(vec![55])
    );
    let module = body(r#"(func $deep (call $deep)) (func (export "call") (param i32 i32) (call $deep))"#);
    assert_eq!(
        run(&module).unwrap_or_else(|fault| panic!("{fault}")),
        Ended::Trapped
    );
}

#[test]
fn indirect() {
    let module = |index: i32| {
        body(&format!(
            r#"(type $t (func (param i32 i32) (result i32 i32 i32))) (table 4 funcref) (elem (i32.const 1) $a $b $height)
           (func $a (param i32 i32) (result i32 i32 i32) (local.get 1) (local.get 0) (i32.const 9))
           (func $b (param i32 i32) (result i32 i32 i32) (i32.add (local.get 1) (local.get 0)) (local.get 1) (local.get 0))
           (func (export "call") (param i32 i32)
             (call_indirect (type $t) (i32.const 3) (i32.const 4) (i32.add (local.get 1) (i32.const {index})))
             (i32.mul (i32.const 10)) (i32.add) (i32.mul (i32.const 10)) (i32.add)
             (call $show (i64.extend_i32_u))
             (call $show (call_indirect (result i64) (i32.const 3))))"#
        ))
    };
    let run = |index| run(&module(index)).unwrap_or_else(|fault| panic!("{fault}"));
    let height = 0x0123_4567_89ab_cdef;
    assert_eq!(run(1), Ended::Returned(vec![4 + 10 * (3 + 90), height]));
    assert_eq!(run(2), Ended::Returned(vec![7 + 10 * (4 + 30), height]));
    for index in [0, 3, 4, -1] {
        assert_eq!(run(index), Ended::Trapped);
    }
}

#[test]
fn tables_of_branches() {
    let code = |index: u32| {
        format!(
        "(block $d (block $c (block $b (block $a (br_table $a $b $c $b $d (i32.add (local.get 1) (i32.const {index}))))
           (call $show (i64.const 1)) (br $d)) (call $show (i64.const 2)) (br $d)) (call $show (i64.const 3)))
         (call $show (block $x (result i64) (block $y (result i64) (i64.const 70) (local.get 1) (i32.const {index}) (i32.add)
           (br_table $x $y $y)) (i64.const 1) (i64.add)))"
    )
    };
    shows(&code(0), &[1, 70]);
    shows(&code(1), &[2, 71]);
    assert_eq!(call(&code(2)), Ended::Returned(vec![3, 71]));
    shows(&code(3), &[2, 71]);
    shows(&code(9), &[71]);
}

#[test]
fn complements() {
    // Pending complements of locals and of operands, on either side, into locals, and where the local changes meanwhile.
    let (a, b) = (0xf0f0_1234_5678_9abcu64, 0x0ff0_ffff_0000_1111u64);
    shows(
        &format!(
            "(local.set 4 (i64.const {a})) (local.set 5 (i64.const {b}))
            (call $show (i64.and (local.get 4) (i64.xor (local.get 5) (i64.const -1))))
            (call $show (i64.and (i64.xor (local.get 4) (i64.const -1)) (local.get 5)))
            (call $show (i64.and (i64.xor (local.get 4) (i64.const -1)) (i64.xor (i64.const -1) (local.get 5))))
            (call $show (i64.and (i64.mul (local.get 4) (local.get 5)) (i64.xor (i64.mul (local.get 5) (local.get 5)) (i64.const -1))))
            (call $show (i64.and (local.get 4) (i64.xor (local.get 4) (i64.const -1))))
            (call $show (i64.and (local.get 4) (i64.sub (i64.const -1) (local.get 5))))
            (call $show (i64.and (i64.xor (local.get 4) (i64.const -1)) (local.tee 4 (local.get 5))))
            (local.set 5 (i64.and (local.get 4) (i64.xor (local.get 5) (i64.const -1)))) (call $show (local.get 5))
            (local.set 2 (i32.wrap_i64 (i64.const {a}))) (local.set 3 (i32.const 0x0ff0))
            (call $show (i64.extend_i32_u (i32.and (local.get 2) (i32.xor (local.get 3) (i32.const -1)))))
            (local.set 3 (i32.and (i32.xor (local.get 3) (i32.const -1)) (local.get 2)))
            (call $show (i64.extend_i32_u (local.get 3)))
            (call $show (i64.xor (local.get 4) (i64.const -1)))
            (call $show (i64.or (local.get 4) (i64.xor (local.get 4) (i64.const -1))))"
        ),
        &[
            a & !b,
            !a & b,
            !a & !b,
            a.wrapping_mul(b) & !b.wrapping_mul(b),
            0,
            a & !b,
            !a & b,
            0,
            0x5678_9abc & !0x0ff0,
            0x5678_9abc & !0x0ff0,
            !b,
            u64::MAX,
        ],
    );
}

#[test]
fn counts_of_seven_bits() {
    // The table reduces them: of shifts to the left and rotations by what has seven bits.
    for by in [0u64, 1, 63, 64, 65, 100, 127] {
        let x = 0x8123_4567_89ab_cdefu64;
        shows(
            &format!(
                "(local.set 4 (i64.const {x})) (local.set 5 (i64.and (i64.const {by}) (i64.load (i32.const 2048))))
                (i64.store (i32.const 2048) (i64.const -1))
                (local.set 5 (i64.and (i64.load (i32.const 2048)) (i64.const {by})))
                (local.set 5 (i64.and (local.get 5) (i64.const 127)))
                (call $show (i64.shl (i64.const 1) (local.get 5))) (call $show (i64.shl (local.get 4) (local.get 5)))
                (call $show (i64.rotl (local.get 4) (local.get 5))) (call $show (i64.rotr (local.get 4) (local.get 5)))
                (call $show (i64.shr_u (local.get 4) (local.get 5))) (call $show (i64.shr_s (local.get 4) (local.get 5)))"
            ),
            &[
                1u64.wrapping_shl(by as u32),
                x.wrapping_shl(by as u32),
                x.rotate_left(by as u32 % 64),
                x.rotate_right(by as u32 % 64),
                x.wrapping_shr(by as u32),
                (x as i64).wrapping_shr(by as u32) as u64,
            ],
        );
    }
}

#[test]
fn what_is_known_of_a_local_ends_with_its_block() {
    // 5, a narrow number, is what the last write before the label says; on the other ways the local is wide.
    let wide = u64::from(u32::MAX);
    for body in [
        "(local.set 2 (i32.const -1)) (block $b (br_if $b (local.get 0)) (local.set 2 (i32.const 5)))",
        "(local.set 2 (i32.const -1)) (if (i32.eqz (local.get 0)) (then (local.set 2 (i32.const 5))))",
        "(if (local.get 0) (then (local.set 2 (i32.const -1))) (else (local.set 2 (i32.const 5))))",
        "(local.set 2 (i32.const 5)) (loop $l (br_if $l (local.tee 1 (i32.eqz (local.get 1)))) (local.set 2 (i32.const -1)))",
    ] {
        let module = format!(
            r#"(module (import "playfair" "output" (func $output (param i32 i32))) (memory 1)
            (func $show (param i64) (i64.store (i32.const 0) (local.get 0)) (call $output (i32.const 0) (i32.const 8)))
            (func (export "call") (param i32 i32) (local i32) {body}
              (call $show (i64.extend_i32_u (i32.and (local.get 2) (i32.const 0xfffffffd))))
              (call $show (i64.extend_i32_u (i32.xor (local.get 2) (i32.const 7))))
              (i32.store8 (i32.const 0) (local.get 2)) (call $show (i64.load8_s (i32.const 0)))))"#
        );
        let ended = run(&module).unwrap_or_else(|fault| panic!("{body}: {fault}"));
        assert_eq!(
            ended,
            Ended::Returned(vec![wide - 2, wide - 7, u64::MAX]),
            "{body}"
        );
    }
}
