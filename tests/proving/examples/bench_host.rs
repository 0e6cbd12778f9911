//! What each host function costs: rows of the machine, and gas. One call of it more, in a call of its own, with the update of the
//! state that it asks for.

use playfair_admission::admit;
use playfair_proofs_prover::module::Module;
use playfair_proofs_prover::segment::trace;
use playfair_proofs_prover::state::Around;
use playfair_proving::caller::{Caller, started};
use playfair_proving::history::{make, segment};
use playfair_runtime::local::Start;
use playfair_types::receipt::Outcome;
use std::fmt::Write;

/// Name and statement of each case; the first does nothing. Bytes at 64 are not zero; a key of 8 bytes and a value of 32 exist.
const CASES: [(&str, &str); 32] = [
    ("nothing", ""),
    ("input_0", "(call $input (i32.const 512))"),
    ("output_32", "(call $output (i32.const 64) (i32.const 32))"),
    ("output_1024", "(call $output (i32.const 64) (i32.const 1024))"),
    (
        "get_32",
        "(drop (call $get (i32.const 64) (i32.const 8) (i32.const 512) (i32.const 32)))",
    ),
    (
        "get_absent",
        "(drop (call $get (i32.const 72) (i32.const 8) (i32.const 512) (i32.const 32)))",
    ),
    (
        "get_again",
        "(drop (call $get (i32.const 64) (i32.const 8) (i32.const 512) (i32.const 32)))
        (drop (call $get (i32.const 64) (i32.const 8) (i32.const 512) (i32.const 32)))",
    ),
    (
        "set_32",
        "(call $set (i32.const 64) (i32.const 8) (i32.const 80) (i32.const 32))",
    ),
    (
        "set_new_32",
        "(call $set (i32.const 72) (i32.const 8) (i32.const 80) (i32.const 32))",
    ),
    (
        "set_new_1024",
        "(call $set (i32.const 80) (i32.const 8) (i32.const 64) (i32.const 1024))",
    ),
    ("remove", "(drop (call $remove (i32.const 64) (i32.const 8)))"),
    ("exists", "(drop (call $exists (i32.const 64) (i32.const 8)))"),
    (
        "emit_0",
        "(call $emit (i32.const 1) (i32.const 64) (i32.const 0))",
    ),
    (
        "emit_32",
        "(call $emit (i32.const 1) (i32.const 64) (i32.const 32))",
    ),
    (
        "emit_1024",
        "(call $emit (i32.const 1) (i32.const 64) (i32.const 1024))",
    ),
    ("caller", "(call $caller (i32.const 512))"),
    ("value", "(call $value (i32.const 512))"),
    ("chain_id", "(call $chain_id (i32.const 512))"),
    ("height", "(drop (call $height))"),
    ("time", "(drop (call $time))"),
    ("randomness", "(call $randomness (i32.const 512))"),
    ("balance", "(call $balance (i32.const 64) (i32.const 512))"),
    (
        "transfer_0",
        "(drop (call $transfer (i32.const 64) (i32.const 480)))",
    ),
    ("poseidon2", "(call $poseidon2 (i32.const 480) (i32.const 512))"),
    ("poseidon5", "(call $poseidon5 (i32.const 256) (i32.const 512))"),
    ("log_32", "(call $log (i32.const 64) (i32.const 32))"),
    ("memory_grow", "(drop (memory.grow (i32.const 1)))"),
    (
        "memory_fill_64",
        "(memory.fill (i32.const 64) (i32.const 7) (i32.const 64))",
    ),
    (
        "memory_fill_4096",
        "(memory.fill (i32.const 64) (i32.const 7) (i32.const 4096))",
    ),
    (
        "memory_copy_64",
        "(memory.copy (i32.const 512) (i32.const 64) (i32.const 64))",
    ),
    (
        "memory_copy_4096",
        "(memory.copy (i32.const 8192) (i32.const 64) (i32.const 4096))",
    ),
    (
        "memory_copy_unaligned_4096",
        "(memory.copy (i32.const 8193) (i32.const 66) (i32.const 4096))",
    ),
];

const IMPORTS: &str = "input(i) output(ii) get(iiii)i set(iiii) remove(ii)i exists(ii)i emit(iii) caller(i) value(i) chain_id(i)
    height()l time()l randomness(i) balance(ii) transfer(ii)i poseidon2(ii) poseidon5(ii) log(ii)";

/// The module: entry i runs case i, the entry after the last makes the key.
fn text() -> String {
    let mut out = String::from("(module ");
    for import in IMPORTS.split_whitespace() {
        let (name, types) = import.split_once('(').expect("a signature");
        let (params, result) = types.split_once(')').expect("a signature");
        let result = match result {
            "i" => "(result i32)",
            "l" => "(result i64)",
            _ => "",
        };
        let _ = write!(
            out,
            "(import \"playfair\" \"{name}\" (func ${name} (param {}) {result}))",
            "i32 ".repeat(params.len())
        );
    }
    // Every fourth word is zero, so that four words are a field element.
    let data = "\\01\\02\\03\\04\\05\\06\\07\\08".repeat(3) + &"\\00".repeat(8);
    let _ = write!(out, "(memory 1 4) (data (i32.const 64) \"{}\")", data.repeat(13));
    // One table leads to every entry, so that all of them are as far.
    let entries = || 0..=CASES.len();
    out.push_str("(func (export \"call\") (param i32 i32)");
    for entry in entries().rev() {
        let _ = write!(out, "(block ${entry} ");
    }
    out.push_str("(br_table ");
    for entry in entries() {
        let _ = write!(out, "${entry} ");
    }
    out.push_str("(local.get 0))");
    for (_, statement) in CASES {
        let _ = write!(out, ") {statement} (return)");
    }
    out.push_str(") (call $set (i32.const 64) (i32.const 8) (i32.const 64) (i32.const 32))");
    out + "))"
}

fn main() {
    let wasm = wat::parse_str(text()).expect("WebAssembly");
    let admitted = admit(&wasm).unwrap_or_else(|rejection| panic!("{rejection}"));
    let module = Module::new(&admitted.instrumented, admitted.hash).expect("it lowers");
    let genesis = Start::of(admitted.hash).genesis();
    let caller = Caller::new(1);
    let (mut nothing, mut rows) = ((0, 0), Vec::new());
    for (entry, (name, _)) in CASES.iter().enumerate() {
        let mut local = started(&admitted, &genesis);
        let chain_id = local.chain.machine().chain_id();
        let first = caller.first(CASES.len() as u8, &[]);
        make(&mut local, 1_000, &[caller.sign(chain_id, first)]);
        let call = caller.call(1, entry as u8, &[]);
        let (step, block) = make(&mut local, 1_000, &[caller.sign(chain_id, call)]);
        let receipt = block.applied.last().expect("the call").receipt;
        assert_eq!(receipt.outcome, Outcome::Ok, "{name}");
        let part = segment(std::slice::from_ref(&step), chain_id);
        let trace = trace(
            &module.executable,
            &part,
            Around::new(&step.old, &step.new),
            1 << 20,
        )
        .unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let cost = (
            module.rows(&trace).expect("its trace") as u64,
            u64::from(receipt.gas_used),
        );
        if entry == 0 {
            nothing = cost;
        }
        rows.push((name, cost));
    }
    println!("a call of nothing: {} rows, {} gas", nothing.0, nothing.1);
    println!("{:28} {:>8} {:>8}", "one call more of", "rows", "gas");
    for (name, cost) in rows.into_iter().skip(1) {
        let (rows, gas) = (cost.0.saturating_sub(nothing.0), cost.1.saturating_sub(nothing.1));
        println!("{name:28} {rows:>8} {gas:>8}");
    }
}
