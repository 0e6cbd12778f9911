//! What the machine under the engine has little of: native stack and instances. An admitted module must never reach the
//! end of either, since that is a fault and stops the chain.

mod common;

use common::{admitted, call, local};
use playfair_types::receipt::{Outcome, Trap};

/// A function of few frame slots with much code that never runs before it calls itself: its frame must not grow with that
/// code.
fn recursive(dead: &str) -> String {
    format!(
        r#"(module
             (global $sink (mut i64) (i64.const 0))
             (func $nothing)
             (func $value (result i64) i64.const 7)
             (func $deep (param i32) (local $sum i64) (local $last i64)
               local.get 0 i32.const 100000 i32.gt_u
               if {dead} else local.get 0 i32.const 1 i32.add call $deep end)
             (func (export "call") (param i32 i32) i32.const 0 call $deep))"#
    )
}

fn ends_by_depth(text: &str) {
    let module = admitted(text);
    let (outcome, ..) = call(&mut local(&module), "mallory", 0, &[]);
    assert_eq!(outcome, Outcome::Trapped(Trap::CallDepth));
}

/// The same pure values before and after a call. A compiler that computes them once keeps them all across the call.
#[test]
fn common_subexpressions_take_no_stack() {
    const VALUES: usize = 9_000;
    let before = "i64.ctz ".repeat(VALUES);
    let after =
        "i64.ctz local.tee $last local.get $last local.get $sum i64.add i64.const 3 i64.rotl local.set $sum "
            .repeat(VALUES);
    ends_by_depth(&recursive(&format!(
        "local.get 0 i64.extend_i32_u {before} global.set $sink
         call $nothing
         local.get 0 i64.extend_i32_u {after} local.get $sum i64.add global.set $sink"
    )));
}

/// Many values that live across one call each may share their places in the frame.
#[test]
fn short_lives_share_their_place() {
    let dead = "call $value call $value local.set $sum call $value local.set $last
                local.get $sum local.get $last i64.rotl i64.add global.set $sink "
        .repeat(5_000);
    ends_by_depth(&recursive(&dead));
}

/// More queries at the same time than the pool has instances: they wait for each other.
#[test]
fn queries_wait_for_a_place() {
    const THREADS: usize = 160;
    const EACH: usize = 4;
    let module = admitted(
        r#"(module (memory 1) (func (export "call") (param i32 i32))
             (func (export "query") (param i32 i32) loop br 0 end))"#,
    );
    let local = local(&module);
    let start = std::sync::Barrier::new(THREADS);
    let ask = || {
        start.wait();
        for _ in 0..EACH {
            let answer = local.chain.query(0, &[]).expect("an answer, not a fault");
            assert_eq!(answer.outcome, Outcome::OutOfGas);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(ask);
        }
    });
}
