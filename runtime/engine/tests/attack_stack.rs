//! attack
mod common;
use common::{admitted, call, local};
use std::fmt::Write;

#[test]
fn hoisted() {
    let n: usize = std::env::var("N")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(9000);
    // before: n values in a chain, each consumed by the next only
    let mut before = String::from("local.get 0 i64.extend_i32_u ");
    let mut after = String::from("i64.const 0 local.set $acc local.get 0 i64.extend_i32_u ");
    for _ in 0..n {
        before.push_str("i64.ctz ");
        after.push_str(
            "i64.ctz local.tee $v local.get $v local.get $acc i64.add i64.const 3 i64.rotl local.set $acc ",
        );
    }
    let _ = write!(before, "local.set $acc ");
    let text = format!(
        r#"(module (memory 1)
      (global $sink (mut i64) (i64.const 0))
      (func $nop)
      (func $deep (param i32) (local $acc i64) (local $v i64)
        local.get 0 i32.const 100000 i32.gt_u
        if
          {before}
          local.get $acc global.set $sink
          call $nop
          {after} local.get $acc i64.add global.set $sink
        else
          local.get 0 i32.const 1 i32.add call $deep
        end)
      (func (export "call") (param i32 i32) i32.const 0 call $deep))"#
    );
    let t = std::time::Instant::now();
    let m = admitted(&text);
    eprintln!(
        "admit {:?} slots {:?}",
        t.elapsed(),
        m.info
            .functions
            .iter()
            .map(|f| (f.slots, f.bytes))
            .collect::<Vec<_>>()
    );
    let t = std::time::Instant::now();
    let mut l = local(&m);
    eprintln!("load {:?}", t.elapsed());
    eprintln!("{:?}", call(&mut l, "mallory", 0, &[]));
}
