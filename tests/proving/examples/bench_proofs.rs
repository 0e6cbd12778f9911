//! What proofs of chess cost: making them, verifying them here and in node, and their size. A measure a line,
//! `name<TAB>value<TAB>unit`; docs/BENCHMARKS.md says what each means.

use playfair_games::chess::recorded;
use playfair_games::module::chess;
use playfair_proofs_prover::fast::Watch;
use playfair_proofs_prover::state::Around;
use playfair_proving::chess::{Keys, keys, linked};
use playfair_proving::columns::{columns, commitments};
use playfair_proving::cost::{self, Cost};
use playfair_proving::game::{self, Whole};
use playfair_proving::history::{self, segment};
use playfair_proving::{javascript, process, replay};
use playfair_types::receipt::Outcome;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// The game that is proven whole: the last.
const GAME: usize = 5;
/// Moves that are proven alone.
const ALONE: std::ops::Range<usize> = cost::OPENING..cost::OPENING + 3;
/// Proofs of the batch.
const BATCH: usize = 50;
/// Columns that are listed.
const COLUMNS_SHOWN: usize = 16;
/// Rounds of the batch.
const ROUNDS: usize = 5;
/// Times that the replayed game is proven.
const REPLAYS: usize = 3;
/// Runs only the replayed game.
const ONLY_REPLAY: &str = "--replay";
/// Runs this program as a process of its own that proves moves, for its memory.
const ONLY_MOVES: &str = "--moves";
/// Runs this program as one that proves a move in the largest shape, for its memory.
const ONLY_LARGEST: &str = "--largest";

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(ONLY_MOVES) => moves(),
        Some(ONLY_LARGEST) => largest(),
        Some(ONLY_REPLAY) => replay87(),
        _ => {
            if let Err(problem) = suite() {
                eprintln!("error: {problem}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn print(name: &str, value: f64, unit: &str) {
    println!("{name}\t{value:.4}\t{unit}");
}

fn suite() -> Result<(), String> {
    javascript::node()?;
    let wasm = javascript::build()?;
    let exe = std::env::current_exe().map_err(|error| format!("where this program is: {error}"))?;
    for part in [ONLY_MOVES, ONLY_LARGEST] {
        let status = Command::new(&exe).arg(part).status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(format!(
                "the process that measures {part} failed: its message is above"
            ));
        }
    }
    replay87();
    instructions();
    let whole = whole_game();
    shape(&whole);
    here(&whole);
    let measured = javascript::verify(&wasm, &keys().prover, &whole.segments, BATCH)?;
    for (ours, theirs, unit) in [
        ("verify_wasm_node_ms", "one_ms", "ms"),
        ("verify_wasm_node_cpu_ms", "one_cpu_ms", "ms"),
        ("verify_wasm_node_first_ms", "first_ms", "ms"),
        ("verify50_wasm_node_ms", "batch_ms", "ms"),
        ("verify50_wasm_node_cpu_ms", "batch_cpu_ms", "ms"),
        ("verifier_wasm_bytes", "wasm_bytes", "bytes"),
        ("verifier_wasm_gz_bytes", "wasm_gz_bytes", "bytes"),
    ] {
        let value = measured
            .get(theirs)
            .ok_or_else(|| format!("verify.mjs printed no {theirs}"))?;
        print(ours, *value, unit);
    }
    Ok(())
}

/// Moves alone in their segments, in a process that does nothing else.
fn moves() {
    let keys = keys();
    let (local, steps) = history::game(GAME);
    let chain_id = local.chain.machine().chain_id();
    let (mut clock, mut cpu) = (Vec::new(), Vec::new());
    for step in &steps[ALONE] {
        let segment = segment(std::slice::from_ref(step), chain_id);
        let around = Around::new(&step.old, &step.new);
        let (start, before) = (Instant::now(), process::cpu());
        let proof = keys.prover.prove(&segment, around, &Watch::default());
        clock.push(start.elapsed());
        cpu.extend(process::cpu().zip(before).map(|(after, before)| after - before));
        println!(
            "a move: {} rows of {}",
            proof.expect("a proof").rows,
            keys.prover.key().usable_rows()
        );
    }
    print("move_prove_s", median(&mut clock), "s");
    if !cpu.is_empty() {
        print("move_prove_cpu_s", median(&mut cpu), "s");
    }
    if let Some(bytes) = process::peak_bytes() {
        print("prove_peak_mb", bytes as f64 / 1e6, "MB");
    }
}

/// A move in the largest shape, in a process that does nothing else.
fn largest() {
    let module = linked().clone();
    let shape = module.shapes().last().expect("shapes");
    let start = Instant::now();
    let keys = Keys::of(module, shape);
    print("largest_keys_s", start.elapsed().as_secs_f64(), "s");
    let (local, steps) = history::game(GAME);
    let segment = segment(
        &steps[ALONE.start..=ALONE.start],
        local.chain.machine().chain_id(),
    );
    let step = &steps[ALONE.start];
    let (start, before) = (Instant::now(), process::cpu());
    let proof = keys
        .prover
        .prove(&segment, Around::new(&step.old, &step.new), &Watch::default());
    assert!(proof.is_ok(), "{proof:?}");
    println!("a move in 2^{}", shape.k);
    print("largest_prove_s", start.elapsed().as_secs_f64(), "s");
    if let Some((before, after)) = before.zip(process::cpu()) {
        print("largest_prove_cpu_s", (after - before).as_secs_f64(), "s");
    }
    if let Some(bytes) = process::peak_bytes() {
        print("largest_peak_mb", bytes as f64 / 1e6, "MB");
    }
}

/// A game of 87 plies, read, checked and played in one call: what provers of other machines were given, too.
fn replay87() {
    let replayed = replay::replay(replay::GAME);
    assert_eq!(replayed.receipt.outcome, Outcome::Ok, "every move is legal");
    let keys = Keys::of(replay::linked().clone(), replayed.shape());
    let proven: Vec<Whole> = (0..REPLAYS)
        .map(|_| game::prove(&keys, std::slice::from_ref(&replayed.step), replayed.chain_id))
        .collect();
    let seconds = |time: &dyn Fn(&Whole) -> Option<Duration>| {
        let mut times: Vec<Duration> = proven.iter().filter_map(time).collect();
        (!times.is_empty()).then(|| median(&mut times))
    };
    let (rows, bytes) = (proven[0].rows(), proven[0].bytes());
    println!(
        "{} plies: {rows} rows in 2^{}",
        replay::PLIES,
        keys.prover.shape.k
    );
    let clock = seconds(&|whole| Some(whole.time())).unwrap_or_default();
    print("replay87_prove_s", clock, "s");
    if let Some(seconds) = seconds(&|whole| whole.cpu) {
        print("replay87_cpu_s", seconds, "s");
    }
    print("replay87_proof_bytes", bytes as f64, "bytes");
    print("replay87_instr", replayed.instructions() as f64, "instructions");
    print("replay87_rows", rows as f64, "rows");
    print(
        "replay87_instr_per_s",
        replayed.instructions() as f64 / clock.max(1e-9),
        "instructions/s",
    );
}

/// Instructions and rows of the moves of all six games.
fn instructions() {
    let mut all = Cost::default();
    for number in 0..recorded().len() {
        all += cost::moves(number);
    }
    let per = |number: u64, of: u64| number as f64 / of as f64;
    println!(
        "{} moves of six games, each block alone in its segment",
        all.calls
    );
    print(
        "chess_instr_per_move",
        per(all.instructions, all.calls),
        "instructions",
    );
    print(
        "chess_module_rows_per_move",
        per(all.module_rows, all.calls),
        "rows",
    );
    print("chess_rows_per_move", per(all.rows, all.calls), "rows");
    print(
        "wasm_instr_per_row",
        per(all.instructions, all.module_rows),
        "instructions",
    );
    print(
        "wasm_instr_per_any_row",
        per(all.instructions, all.rows),
        "instructions",
    );
}

/// A game proven whole.
fn whole_game() -> Whole {
    let keys = keys();
    let (local, steps) = history::game(GAME);
    let instructions: u64 = cost::instructions(chess(), &local).iter().sum();
    let whole = game::prove(keys, &steps, local.chain.machine().chain_id());
    let seconds = whole.time().as_secs_f64();
    let filling: Duration = whole
        .segments
        .iter()
        .map(|segment| segment.proof.trace + segment.proof.assign)
        .sum();
    println!(
        "game {}: {} blocks in {} segments, {} rows",
        GAME + 1,
        steps.len(),
        whole.segments.len(),
        whole.rows()
    );
    print("rows_per_s", whole.rows() as f64 / seconds, "1/s");
    print("wasm_instr_per_s", instructions as f64 / seconds, "1/s");
    print("game6_prove_s", seconds, "s");
    if let Some(cpu) = whole.cpu {
        print("game6_cpu_s", cpu.as_secs_f64(), "s");
    }
    print("game6_segments", whole.segments.len() as f64, "");
    print("game6_proof_bytes", whole.bytes() as f64, "bytes");
    print(
        "witness_share",
        (whole.cutting + filling).as_secs_f64() / seconds,
        "of game6_prove_s",
    );
    whole
}

/// What the proof of a segment that a game is cut into consists of.
fn shape(whole: &Whole) {
    let keys = keys();
    let (local, steps) = history::game(GAME);
    let steps = &steps[whole.segments[whole.segments.len() / 2].cut.blocks.clone()];
    let segment = segment(steps, local.chain.machine().chain_id());
    let around = Around::new(&steps[0].old, &steps[steps.len() - 1].new);
    let (witness, rows) = keys.prover.witness(&segment, around).expect("a witness");
    let mut columns = columns(&keys.prover, keys.module.air().advice(), &witness);
    columns.sort_by_key(|column| std::cmp::Reverse(column.large));
    let all = commitments(&keys.prover, &columns, rows);
    let shares: Vec<String> = columns
        .iter()
        .take(COLUMNS_SHOWN)
        .map(|column| format!("{} {:.2}", column.name, column.large as f64 / rows as f64))
        .collect();
    println!("large values a row, by column: {}, ...", shares.join(", "));
    let large: usize = columns.iter().map(|column| column.large).sum();
    print("advice_columns", columns.len() as f64, "");
    print("commitments", all.all as f64, "");
    print("full_size_commitments", all.full_size as f64, "");
    print(
        "large_values_per_row",
        large as f64 / rows as f64,
        "of advice_columns",
    );
    print(
        "multiplications_per_row",
        keys.prover.key().multiplications() as f64,
        "",
    );
}

/// Verification natively.
fn here(whole: &Whole) {
    let times = |pick: &dyn Fn(&game::Proven) -> Duration| -> Vec<Duration> {
        whole.segments.iter().map(pick).collect()
    };
    let bytes = whole
        .segments
        .iter()
        .map(|it| it.proof.envelope.proof.len())
        .max();
    print("proof_bytes", bytes.unwrap_or_default() as f64, "bytes");
    print(
        "verify_native_ms",
        median(&mut times(&|segment| segment.ours)) * 1e3,
        "ms",
    );
    print(
        "verify_halo2_ms",
        median(&mut times(&|segment| segment.halo2)) * 1e3,
        "ms",
    );
    let mut batches: Vec<Duration> = (0..ROUNDS)
        .map(|_| game::verify_together(keys(), &whole.segments, BATCH))
        .collect();
    print("verify50_native_ms", median(&mut batches) * 1e3, "ms");
}

/// In seconds.
fn median(times: &mut [Duration]) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}
