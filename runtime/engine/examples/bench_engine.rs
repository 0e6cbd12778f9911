//! What one run costs before the module's first instruction: a fresh instance with its memory, and its end.

use playfair_abi::export::Export;
use playfair_machine::engine::{End, Engine, Run};
use playfair_machine::host::{Context, Host};
use playfair_machine::world::World;
use playfair_runtime::Wasmtime;
use playfair_types::account::AccountId;
use playfair_types::crypto::field::Fr;
use playfair_types::limits::GAS_SCHEDULE;
use std::time::Instant;

const RUNS: u32 = 2_000;
const WINDOWS: usize = 7;

/// A module as a game has it: a megabyte and more of memory, 64 KiB of it initialised; its call touches two pages.
fn module() -> String {
    let data = "\\01\\02\\03\\04".repeat(16_384);
    format!(
        r#"(module (memory 18) (data (i32.const 65536) "{data}")
           (func (export "call") (param i32 i32)
             i32.const 65000 i32.const 7 i32.store
             i32.const 100000 i32.const 9 i32.store))"#
    )
}

fn context() -> Context {
    Context {
        chain_id: Fr::from(1u64),
        has_l1: false,
        height: 1,
        time_ms: 1,
        randomness: [0; 31],
        caller: AccountId::NONE,
        value: 0,
        payload: Vec::new(),
        read_only: false,
        schedule: GAS_SCHEDULE,
    }
}

fn main() {
    let wasm = wat::parse_str(module()).expect("WebAssembly text");
    let admitted = playfair_admission::admit(&wasm).expect("an admissible module");
    let engine = Wasmtime::new().expect("an engine");
    let compile = Instant::now();
    engine.load(&admitted).expect("a module");
    println!("compiled in {:?}", compile.elapsed());
    let run = Run {
        export: Export::Call,
        arguments: [0, 0],
        gas: 100_000,
    };
    let mut host = Host::new(World::default(), context());
    let mut windows = Vec::new();
    for _ in 0..WINDOWS {
        let start = Instant::now();
        for _ in 0..RUNS {
            let finished = engine.run(&admitted.hash, run, host).expect("a run");
            assert_eq!(finished.end, End::Returned);
            host = finished.host;
        }
        windows.push(start.elapsed().as_secs_f64() * 1e6 / f64::from(RUNS));
    }
    windows.sort_by(f64::total_cmp);
    println!("instance_start_us\t{:.2}\tus", windows[WINDOWS / 2]);
}
