//! attack
mod common;
use common::{admitted, call, local};
use std::fmt::Write;
use std::time::Instant;

fn env(n: &str, d: usize) -> usize {
    std::env::var(n).ok().and_then(|s| s.parse().ok()).unwrap_or(d)
}

fn rss() -> String {
    std::fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .filter(|l| l.starts_with("VmHWM") || l.starts_with("VmRSS"))
        .collect::<Vec<_>>()
        .join(" ")
}

fn engine(opt: wasmtime::OptLevel) -> wasmtime::Engine {
    let mut c = wasmtime::Config::new();
    c.max_wasm_stack(1 << 20)
        .epoch_interruption(true)
        .wasm_backtrace_max_frames(None)
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .cranelift_opt_level(opt);
    wasmtime::Engine::new(&c).unwrap()
}

/// direct run, for modules without imports
fn direct(opt: wasmtime::OptLevel, wasm: &[u8]) -> String {
    let e = engine(opt);
    let t = Instant::now();
    let m = wasmtime::Module::new(&e, wasm).unwrap();
    let c = t.elapsed();
    let mut s = wasmtime::Store::new(&e, ());
    s.set_epoch_deadline(1000);
    let mut out = String::new();
    let mut best = std::time::Duration::MAX;
    for _ in 0..3 {
        let i = wasmtime::Instance::new(&mut s, &m, &[]).unwrap();
        let gas = i.get_global(&mut s, "playfair:gas").unwrap();
        let stack = i.get_global(&mut s, "playfair:stack").unwrap();
        gas.set(&mut s, wasmtime::Val::I32(389_000)).unwrap();
        let f = i.get_typed_func::<(u32, u32), ()>(&mut s, "call").unwrap();
        let t = Instant::now();
        let r = f.call(&mut s, (0, 0));
        best = best.min(t.elapsed());
        out = format!(
            "{:?} gas {:?} stack {:?}",
            r.map_err(|e| e.downcast::<wasmtime::Trap>().unwrap()),
            gas.get(&mut s).unwrap_i32(),
            stack.get(&mut s).unwrap_i32()
        );
    }
    format!("compile {c:?} run {best:?} {out}")
}
fn both(name: &str, text: &str) {
    let m = admitted(text);
    for opt in [wasmtime::OptLevel::Speed, wasmtime::OptLevel::None] {
        eprintln!(
            "{name} {opt:?} slots {:?} {}",
            m.info.functions.iter().map(|f| f.slots).max(),
            direct(opt, &m.instrumented)
        );
    }
}

#[test]
fn stacks() {
    // 1 GVN
    for n in [300, 9000] {
        let mut before = String::from("local.get 0 i64.extend_i32_u ");
        let mut after = String::from("i64.const 0 local.set $acc local.get 0 i64.extend_i32_u ");
        for _ in 0..n {
            before.push_str("i64.ctz ");
            after.push_str("i64.ctz local.tee $v local.get $v local.get $acc i64.add i64.const 3 i64.rotl local.set $acc ");
        }
        both(
            &format!("gvn {n}"),
            &format!(
                r#"(module (memory 1)
      (global $sink (mut i64) (i64.const 0))
      (func $nop)
      (func $deep (param i32) (local $acc i64) (local $v i64)
        local.get 0 i32.const 100000 i32.gt_u
        if {before} global.set $sink call $nop {after} local.get $acc i64.add global.set $sink
        else local.get 0 i32.const 1 i32.add call $deep end)
      (func (export "call") (param i32 i32) i32.const 0 call $deep))"#
            ),
        );
    }
    // 2: many short ranges across calls, no gvn
    for n in [300, 6000] {
        let mut dead = String::new();
        for _ in 0..n {
            dead.push_str("call $v call $v local.set $a call $v local.set $b local.get $a local.get $b i64.rotl i64.add global.set $sink ");
        }
        both(
            &format!("short {n}"),
            &format!(
                r#"(module (memory 1)
      (global $sink (mut i64) (i64.const 0))
      (func $v (result i64) i64.const 7)
      (func $deep (param i32) (local $a i64) (local $b i64)
        local.get 0 i32.const 100000 i32.gt_u
        if {dead} else local.get 0 i32.const 1 i32.add call $deep end)
      (func (export "call") (param i32 i32) i32.const 0 call $deep))"#
            ),
        );
    }
    // 3: multi-results of calls: return areas
    for n in [1, 1000] {
        let mut dead = String::new();
        for i in 0..n {
            let _ = write!(dead, "call $v{} drop drop drop drop drop drop drop drop ", i % 64);
        }
        let mut fs = String::new();
        for i in 0..64 {
            let _ = write!(
                fs,
                "(func $v{i} (result i64 i64 i64 i64 i64 i64 i64 i64) i64.const {i} i64.const 7 i64.const 7 i64.const 7 i64.const 7 i64.const 7 i64.const 7 i64.const 7)"
            );
        }
        both(
            &format!("results {n}"),
            &format!(
                r#"(module (memory 1) {fs}
      (func $deep (param i32)
        local.get 0 i32.const 100000 i32.gt_u
        if {dead} else local.get 0 i32.const 1 i32.add call $deep end)
      (func (export "call") (param i32 i32) i32.const 0 call $deep))"#
            ),
        );
    }
    // 4: smallest frame, and 1000 locals live across many calls with short ranges interleaved
    both(
        "tiny",
        r#"(module (func $deep call $deep) (func (export "call") (param i32 i32) call $deep))"#,
    );
    // 5: loops with params: many phis, swapped
    for n in [20, 400] {
        let mut dead = String::new();
        for _ in 0..n {
            dead.push_str("local.get $a local.get $b local.get $a local.get $b loop (param i64 i64 i64 i64) (result i64 i64) local.set $a local.set $b call $v call $v call $v local.get 0 br_if 0 drop drop end i64.add local.set $a i64.rotl global.set $sink local.get $a local.get $b ");
            dead.truncate(dead.len() - "local.get $a local.get $b ".len());
            dead = dead.replace("i64.rotl global.set $sink", "global.set $sink");
        }
        let text = format!(
            r#"(module (memory 1)
      (global $sink (mut i64) (i64.const 0))
      (func $v (result i64) i64.const 7)
      (func $deep (param i32) (local $a i64) (local $b i64)
        local.get 0 i32.const 100000 i32.gt_u
        if {dead} else local.get 0 i32.const 1 i32.add call $deep end)
      (func (export "call") (param i32 i32) i32.const 0 call $deep))"#
        );
        if wat::parse_str(&text)
            .ok()
            .and_then(|w| playfair_admission::admit(&w).ok())
            .is_some()
        {
            both(&format!("loops {n}"), &text);
        } else {
            eprintln!("loops invalid");
        }
    }
    // 6: memory accesses, loads re-read: redundant load elimination / address CSE
    for n in [1000, 8000] {
        let mut dead = String::new();
        for i in 0..n {
            let _ = write!(dead, "local.get 0 i32.load offset={} drop ", i * 8);
        }
        both(
            &format!("loads {n}"),
            &format!(
                r#"(module (memory 10)
      (func $v)
      (func $deep (param i32)
        local.get 0 i32.const 100000 i32.gt_u
        if {dead} call $v {dead} else local.get 0 i32.const 1 i32.add call $deep end)
      (func (export "call") (param i32 i32) i32.const 0 call $deep))"#
            ),
        );
    }
}

/// Smallest native stack at which the module ends as slots say.
fn need(opt: wasmtime::OptLevel, text: &str) -> String {
    let m = admitted(text);
    let ok = |bytes: usize| {
        let mut c = wasmtime::Config::new();
        c.async_stack_hack().max_wasm_stack(bytes);
        c.epoch_interruption(true)
            .wasm_backtrace_max_frames(None)
            .wasm_simd(false)
            .wasm_relaxed_simd(false)
            .cranelift_opt_level(opt);
        let e = wasmtime::Engine::new(&c).unwrap();
        let md = wasmtime::Module::new(&e, &m.instrumented).unwrap();
        let mut s = wasmtime::Store::new(&e, ());
        s.set_epoch_deadline(1000);
        let i = wasmtime::Instance::new(&mut s, &md, &[]).unwrap();
        let gas = i.get_global(&mut s, "playfair:gas").unwrap();
        gas.set(&mut s, wasmtime::Val::I32(i32::MAX)).unwrap();
        let f = i.get_typed_func::<(u32, u32), ()>(&mut s, "call").unwrap();
        let r = f
            .call(&mut s, (0, 0))
            .unwrap_err()
            .downcast::<wasmtime::Trap>()
            .unwrap();
        r == wasmtime::Trap::UnreachableCodeReached
    };
    let (mut lo, mut hi) = (1 << 12, 64 << 20);
    if !ok(hi) {
        return "more than 64 MiB".into();
    }
    while hi - lo > hi / 20 {
        let mid = (lo + hi) / 2;
        if ok(mid) { hi = mid } else { lo = mid }
    }
    format!("{} KiB native, {:.1} bytes a slot", hi >> 10, hi as f64 / 16384.0)
}
trait Hack {
    fn async_stack_hack(&mut self) -> &mut Self;
}
impl Hack for wasmtime::Config {
    fn async_stack_hack(&mut self) -> &mut Self {
        self.async_stack_size(100 << 20)
    }
}

#[test]
fn margins() {
    let h = std::thread::Builder::new().stack_size(128 << 20).spawn(|| {
        let mut cases = vec![("tiny".to_string(), r#"(module (func $deep call $deep) (func (export "call") (param i32 i32) call $deep))"#.to_string())];
        for l in [0usize, 20, 100, 200, 500, 1000] {
            for n in [10usize, 5000] {
                let mut dead = String::new();
                for i in 0..l { let _ = write!(dead, "call $v local.set {} ", i + 3); }
                let n = if l > 400 { n.min(4000) } else { n };
                for i in 0..n { dead.push_str("call $v call $v local.set $a call $v local.set $b local.get $a local.get $b i64.rotl i64.add global.set $sink ");
                    if l > 0 && i % 7 == 3 { let _ = write!(dead, "local.get {} global.set $sink call $v local.set {} ", 3 + (i * 31) % l, 3 + (i * 17) % l); } }
                for i in 0..l { let _ = write!(dead, "local.get {} global.set $sink ", i + 3); }
                cases.push((format!("long {l} short {n}"), format!(r#"(module (global $sink (mut i64) (i64.const 0))
      (func $v (result i64) i64.const 7)
      (func $deep (param i32) (local $a i64) (local $b i64) {}
        local.get 0 i32.const 100000 i32.gt_u
        if {dead} else local.get 0 i32.const 1 i32.add call $deep end)
      (func (export "call") (param i32 i32) i32.const 0 call $deep))"#, "(local i64) ".repeat(l))));
            }
        }
        for k in [8usize, 32] {
            let ps = "i64 ".repeat(k);
            let args = (0..k).map(|i| format!("local.get {} ", (i + 1) % k)).collect::<String>();
            cases.push((format!("params {k}"), format!(r#"(module (func $deep (param {ps}) {args} call $deep) (func (export "call") (param i32 i32) {} call $deep))"#, "i64.const 1 ".repeat(k))));
            cases.push((format!("indirect results {k}"), format!(r#"(module (type $t (func (param {ps}) (result i64 i64 i64 i64 i64 i64 i64 i64))) (table 1 funcref) (elem (i32.const 0) $deep)
              (func $deep (type $t) {args} i32.const 0 call_indirect (type $t)) (func (export "call") (param i32 i32) {} call $deep {}))"#, "i64.const 1 ".repeat(k), "drop ".repeat(8))));
        }
        // calls of small-arity in the frame, 8 results to small frame with many callees
        cases.push(("results only".into(), r#"(module (func $deep (result i64 i64 i64 i64 i64 i64 i64 i64) call $deep) (func (export "call") (param i32 i32) call $deep drop drop drop drop drop drop drop drop))"#.into()));
        // phis: nested loops with many values
        let mut dead = String::new();
        for _ in 0..1200 { dead.push_str("i64.const 1 i64.const 2 loop (param i64 i64) (result i64) local.set $a local.set $b call $v call $v local.get $a i64.add local.get $b i64.mul local.get 0 br_if 0 drop end "); dead.push_str("global.set $sink "); }
        let dead = dead.replace("local.get 0 br_if 0 drop end", "local.set $a local.get $a local.get $b local.get 0 br_if 0 drop end").replace("i64.mul local.set $a", "i64.mul local.set $a local.set $b");
        cases.push(("phis".into(), format!(r#"(module (global $sink (mut i64) (i64.const 0)) (func $v (result i64) i64.const 7)
      (func $deep (param i32) (local $a i64) (local $b i64) local.get 0 i32.const 100000 i32.gt_u
        if {dead} else local.get 0 i32.const 1 i32.add call $deep end) (func (export "call") (param i32 i32) i32.const 0 call $deep))"#)));
        for (name, text) in cases {
            let Some(_) = wat::parse_str(&text).map_err(|e| eprintln!("{name} {e}")).ok().and_then(|w| playfair_admission::admit(&w).map_err(|e| eprintln!("{name}: {e}")).ok()) else { continue };
            eprintln!("{name}: Speed {} | None {}", need(wasmtime::OptLevel::Speed, &text), need(wasmtime::OptLevel::None, &text));
        }
    }).unwrap();
    h.join().unwrap();
}

#[test]
fn probes() {
    let h = std::thread::Builder::new()
        .stack_size(128 << 20)
        .spawn(|| {
            for l in std::env::var("LS")
                .unwrap_or("30,60,100,150".into())
                .split(',')
                .map(|s| s.parse::<usize>().unwrap())
            {
                let n = env("N", 30000);
                let every = env("EVERY", 7);
                let kind = env("K", 0);
                let mut dead = String::new();
                for i in 0..l {
                    let _ = write!(dead, "call $v local.set {} ", i + 1);
                }
                dead.push_str("call $v ");
                for i in 0..n {
                    match kind {
                        0 => dead.push_str("call $v i32.lt_u "),
                        1 => dead.push_str("call $v call $v i32.lt_u i32.lt_u "),
                        2 => dead.push_str("call $v call $v local.set $a call $v local.get $a i32.rotl i32.add global.set $sink "), 3 => dead.push_str("call $v call $v local.set $a call $v local.get $a i32.lt_u i32.lt_u global.set $sink "), _ => dead.push_str("call $v i32.add "),
                    }
                    if every > 0 && l > 0 && i % every == 3 {
                        let _ = write!(dead, "call $v local.set {} ", 1 + (i * 17) % l);
                    }
                }
                dead.push_str("global.set $sink ");
                for i in 0..l {
                    let _ = write!(dead, "local.get {} global.set $sink ", i + 1);
                }
                let text = format!(
                    r#"(module (global $sink (mut i32) (i32.const 0))
      (func $v (result i32) i32.const 7)
      (func $deep (param i32) {}
        local.get 0 i32.const 100000 i32.gt_u
        if {dead} else local.get 0 i32.const 1 i32.add call $deep end)
      (func (export "call") (param i32 i32) i32.const 0 call $deep))"#,
                    "(local i32) ".repeat(l)
                );
                let m = match wat::parse_str(&text)
                    .map_err(|e| e.to_string())
                    .and_then(|w| playfair_admission::admit(&w).map_err(|e| e.to_string()))
                {
                    Ok(m) => m,
                    Err(e) => {
                        eprintln!("{e}");
                        continue;
                    }
                };
                let f = &m.info.functions[1];
                eprintln!(
                    "l {l} n {n} every {every} kind {kind} slots {} bytes {}: Speed {} | None {}",
                    f.slots,
                    f.bytes,
                    need(wasmtime::OptLevel::Speed, &text),
                    need(wasmtime::OptLevel::None, &text)
                );
            }
        })
        .unwrap();
    h.join().unwrap();
}

/// Compile bombs: phis by nested loops, and br_tables.
#[test]
fn bomb() {
    let kind = std::env::var("KIND").unwrap_or("nest".into());
    let (funcs, locals, depth, reps, tab) = (
        env("FUNCS", 1),
        env("LOCALS", 1000),
        env("DEPTH", 250),
        env("REPS", 1),
        env("TAB", 0),
    );
    let mut body = String::new();
    let mut decl = String::from("(local");
    for _ in 0..locals {
        decl.push_str(" i32");
    }
    decl.push(')');
    for _ in 0..reps {
        let (open, close) = ("loop ", "end ");
        match kind.as_str() {
            "nest" => {
                for d in 0..depth {
                    body.push_str(open);
                    let _ = d;
                }
                for i in 0..locals {
                    let _ = write!(body, "local.get {} local.set {} ", (i + 1) % locals, i);
                }
                if tab > 0 {
                    body.push_str("local.get 0 br_table ");
                    for i in 0..tab {
                        let _ = write!(body, "{} ", i % depth);
                    }
                    body.push_str("0 ");
                    for _ in 0..depth {
                        body.push_str(close);
                    }
                } else {
                    for _ in 0..depth {
                        body.push_str("local.get 1 br_if 0 end ");
                    }
                }
            }
            "brif" => {
                for i in 0..depth {
                    let _ = write!(
                        body,
                        "block local.get {} br_if 0 i32.const {i} local.set {} end ",
                        i % locals,
                        (i * 7) % locals
                    );
                }
            }
            "charges" => {
                for _ in 0..depth {
                    body.push_str("local.get 0 br_if 0 ");
                }
            }
            "live" => {
                for i in 0..depth {
                    let _ = write!(
                        body,
                        "call $f{} local.get {} i32.add local.set {} ",
                        funcs - 1,
                        i % locals,
                        (i * 7 + 3) % locals
                    );
                }
            }
            _ => {}
        }
    }
    let mut text = String::from("(module (memory 1) ");
    for f in 0..funcs {
        if kind == "live" {
            let _ = write!(text, "(func $f{f} (result i32) {decl} {body} i32.const 0)");
        } else {
            let _ = write!(text, "(func $f{f} {decl} {body})");
        }
    }
    text.push_str("(func (export \"call\") (param i32 i32)))");
    let wasm = wat::parse_str(&text).expect("wat");
    let t = Instant::now();
    let m = match playfair_admission::admit(&wasm) {
        Ok(m) => m,
        Err(e) => {
            eprintln!("rejected: {e}");
            return;
        }
    };
    eprintln!(
        "{kind} funcs {funcs} locals {locals} depth {depth} reps {reps} tab {tab}: {} bytes -> {} in {:?} {}",
        wasm.len(),
        m.instrumented.len(),
        t.elapsed(),
        rss()
    );
    for (n, opt) in [
        ("None", wasmtime::OptLevel::None),
        ("Speed", wasmtime::OptLevel::Speed),
    ] {
        if std::env::var("OPT").is_ok_and(|o| o != n) {
            continue;
        }
        let e = engine(opt);
        let t = Instant::now();
        let r = wasmtime::Module::new(&e, &m.instrumented);
        eprintln!(
            "  {n} compile {:?} {:?} {}",
            t.elapsed(),
            r.err().map(|e| format!("{e:#}")),
            rss()
        );
    }
}

const IMPORTS: &str = r#"
  (import "playfair" "output" (func $output (param i32 i32)))
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "exists" (func $exists (param i32 i32) (result i32)))
  (import "playfair" "remove" (func $remove (param i32 i32) (result i32)))
  (import "playfair" "poseidon2" (func $poseidon2 (param i32 i32)))
  (import "playfair" "poseidon5" (func $poseidon5 (param i32 i32)))
  (import "playfair" "balance" (func $balance (param i32 i32)))
  (import "playfair" "height" (func $height (result i64)))
  (import "playfair" "log" (func $log (param i32 i32)))
"#;

/// ms per call
#[test]
fn milliseconds() {
    let many = |s: &str| format!("loop {} br 0 end", s.repeat(200));
    let cases: Vec<(&str, String)> = vec![
        ("exists 4096 in base", many("i32.const 0 i32.const 8 call $exists drop ")),
        ("exists absent empty key", many("i32.const 0 i32.const 0 call $exists drop ")),
        ("get cap0 4096 in base", many("i32.const 0 i32.const 8 i32.const 64 i32.const 0 call $get drop ")),
        ("set same 0", many("i32.const 0 i32.const 0 i32.const 0 i32.const 0 call $set ")),
        ("set 4096", many("i32.const 0 i32.const 8 i32.const 0 i32.const 4096 call $set ")),
        ("set new keys 8", "loop i32.const 0 local.get $i i32.store i32.const 0 i32.const 4 i32.const 0 i32.const 0 call $set local.get $i i32.const 1 i32.add local.set $i br 0 end".into()),
        ("set new keys 8 until 900", "loop i32.const 0 local.get $i i32.store i32.const 0 i32.const 4 i32.const 0 i32.const 8 call $set local.get $i i32.const 1 i32.add local.tee $i i32.const 850 i32.lt_u br_if 0 end".into()),
        ("poseidon2", many("i32.const 0 i32.const 0 call $poseidon2 ")),
        ("poseidon5", many("i32.const 0 i32.const 0 call $poseidon5 ")),
        ("balance", many("i32.const 0 i32.const 64 call $balance ")),
        ("height", many("call $height drop ")),
        ("log0", many("i32.const 0 i32.const 0 call $log ")),
        ("log1024", many("i32.const 8192 i32.const 1024 call $log ")),
        ("output0", many("i32.const 0 i32.const 0 call $output ")),
        ("output1024", many("i32.const 0 i32.const 1024 call $output ")),
        ("div", many("i64.const 0x7fffffffffffffff local.get $i i64.extend_i32_u i64.const 1 i64.or i64.rem_s drop ")),
        ("div chain", many("local.get $d i64.const 3 i64.add local.get $d i64.rem_u local.set $d ")),
        ("touch pages", "i32.const 254 memory.grow drop loop local.get $i i32.const 1 i32.store8 local.get $i i32.const 4096 i32.add local.tee $i i32.const 0x1000000 i32.lt_u br_if 0 end".into()),
        ("grow 1", many("i32.const 1 memory.grow drop ")),
        ("fill", many("i32.const 0 i32.const 0 i32.const 65536 memory.fill ")),
        ("fill0", many("i32.const 0 i32.const 0 i32.const 0 memory.fill ")),
        ("copy1", many("i32.const 1 i32.const 0 i32.const 1 memory.copy ")),
        ("nothing", "".into()),
        ("spin", "loop br 0 end".into()),
        ("indirect", many("i32.const 0 call_indirect (type $t) ")),
        ("direct", many("call $empty ")),
    ];
    let only = std::env::var("ONLY").ok();
    for (name, body) in cases {
        if only.as_ref().is_some_and(|o| !name.contains(o.as_str())) {
            continue;
        }
        let text = format!(
            r#"(module {IMPORTS} (memory 2) (type $t (func)) (table 1 funcref) (elem (i32.const 0) $empty) (func $empty)
           (data (i32.const 8192) "{}")
           (func (export "init") (param i32) (local $i i32) i32.const 0 i32.const 8 i32.const 0 i32.const 4096 call $set
             loop i32.const 0 local.get $i i32.store i32.const 0 i32.const 16 i32.const 0 i32.const 8 call $set local.get $i i32.const 1 i32.add local.tee $i i32.const 400 i32.lt_u br_if 0 end)
           (func (export "call") (param $entry i32) (param $length i32) (local $i i32) (local $d i64) i64.const 0x7fffffffffffffff local.set $d {body}))"#,
            "\\ff".repeat(1024)
        );
        let m = admitted(&text);
        let mut l = local(&m);
        call(&mut l, "mallory", 0, &[]);
        let mut best = std::time::Duration::MAX;
        let mut out = None;
        for _ in 0..5 {
            let record = l.players.call("mallory", 0, &[]).unwrap();
            let t = Instant::now();
            let block = l.block(1000, &[record]).unwrap();
            best = best.min(t.elapsed());
            let done = &block.applied[1];
            out = Some((
                done.receipt.outcome,
                done.receipt.gas_used,
                done.body.output.len(),
            ));
        }
        eprintln!("{name}: {best:?} {out:?}");
    }
}

#[test]
fn many_at_once() {
    let m = admitted(
        r#"(module (memory 1) (func (export "call") (param i32 i32)) (func (export "query") (param i32 i32) loop br 0 end))"#,
    );
    let l = local(&m);
    let l = &l;
    let faults: Vec<_> = std::thread::scope(|s| {
        let hs: Vec<_> = (0..200)
            .map(|_| {
                s.spawn(move || {
                    for _ in 0..50 {
                        if let Err(f) = l.chain.query(0, &[]) {
                            return Some(f.to_string());
                        }
                    }
                    None
                })
            })
            .collect();
        hs.into_iter().filter_map(|h| h.join().unwrap()).collect()
    });
    eprintln!("faults {} {:?}", faults.len(), faults.first());
}
