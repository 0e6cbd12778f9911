//! Chess on the whole runtime: execution alone, a replay with signatures and roots, instructions a move.

use playfair_admission::measure;
use playfair_games::chess::{Match, SCOPE, recorded};
use playfair_games::module::{chess, engine, local, memory};
use playfair_machine::{Machine, Prepared};
use playfair_runtime::local::{Local, Start, block_record};
use playfair_runtime::{Chain, Wasmtime};
use playfair_types::Encode;
use std::time::Instant;

/// Games at the same time; each block has a move of each.
const TABLES: u32 = 100;
const BLOCK_MS: u64 = 100;

fn main() {
    let admitted = &chess().admitted;
    let start = Start::of(admitted.hash);
    let blocks = tape(&start);
    let calls: usize = blocks.iter().map(|(_, calls)| calls).sum();
    println!(
        "{calls} signed calls in {} blocks, {TABLES} games at a time",
        blocks.len()
    );

    // Execution alone: decoded and verified before, no root.
    let genesis = start.genesis();
    let chain_id = genesis.chain_id();
    let mut machine = Machine::new(engine(admitted), chain_id, admitted.hash);
    machine
        .apply(&Prepared::read(chain_id, &genesis.encode()).expect("genesis"))
        .expect("genesis");
    let mut time = 0.0;
    let mut most = 0.0f64;
    for (block, _) in &blocks {
        let mut records = Prepared::read_all(chain_id, block).expect("records");
        let keys = machine.expected_keys(&records).expect("keys");
        Prepared::verify_batch(&mut records, &keys);
        let start = Instant::now();
        for record in &records {
            let one = Instant::now();
            machine.apply(record).expect("a receipt");
            most = most.max(one.elapsed().as_secs_f64());
        }
        time += start.elapsed().as_secs_f64();
    }
    println!("exec_chess_calls_per_s\t{:.0}\t1/s", calls as f64 / time);
    println!("exec_slowest_call_ms\t{:.3}\tms", most * 1e3);

    // A follower: signatures, execution, roots.
    let mut rates = Vec::new();
    for _ in 0..3 {
        let (mut chain, _) = Chain::create(engine(admitted), memory(), &genesis).expect("a chain");
        let start = Instant::now();
        chain
            .replay(blocks.iter().map(|(block, _)| block), drop)
            .expect("the same blocks");
        rates.push(calls as f64 / start.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    println!("replay_calls_per_s\t{:.0}\t1/s", rates[1]);

    instructions();
}

/// The six recorded games at many tables, over and over, until every table has played one: block after block.
fn tape(start: &Start) -> Vec<(Vec<u8>, usize)> {
    let genesis = start.genesis();
    let mut players = playfair_runtime::local::Players::of(genesis.chain_id());
    let games = recorded();
    let mut tables: Vec<Match> = (1..=TABLES)
        .zip(games.iter().cycle())
        .map(|(number, pgn)| Match::of(pgn, number))
        .collect();
    for game in &mut tables {
        game.white.push_str(&format!(" {}", game.number));
        game.black.push_str(&format!(" {}", game.number));
    }
    let mut waves: Vec<Vec<Vec<u8>>> = Vec::new();
    let sessions = tables
        .iter()
        .flat_map(|game| [&game.white, &game.black])
        .map(|name| players.open_session(name, SCOPE).expect("a session"))
        .collect();
    waves.push(sessions);
    let mut queues: Vec<_> = Vec::new();
    for game in &tables {
        let opening = game.opening(&mut players);
        queues.push(opening.into_iter().chain(game.moves()).chain(game.ending()));
    }
    // Challenges take numbers in order, so every table begins in the first wave.
    loop {
        let wave: Vec<_> = queues
            .iter_mut()
            .filter_map(Iterator::next)
            .map(|call| call.sign(&mut players))
            .collect();
        if wave.is_empty() {
            break;
        }
        waves.push(wave);
    }
    let genesis_ms = genesis.params.time_ms.get();
    let blocks = (1u64..).zip(waves).map(|(height, wave)| {
        let mut bytes = block_record(height, genesis_ms + height * BLOCK_MS);
        bytes.extend(wave.iter().flatten());
        (bytes, wave.len())
    });
    blocks.collect()
}

/// Instructions and gas of the moves of the six games.
fn instructions() {
    let built = chess();
    let measuring = measure(&built.bytes).expect("a measuring build");
    let engine = Wasmtime::new().expect("an engine");
    engine
        .load_measuring(built.admitted.hash, &measuring)
        .expect("it compiles");
    let mut local: Local = local(engine.clone(), &built.admitted);
    let (mut moves, mut gas, mut most) = (0u64, 0u64, 0u64);
    let (mut instructions, mut accesses) = (0, 0);
    for (number, pgn) in (1u32..).zip(&recorded()) {
        let game = Match::of(pgn, number);
        for call in game.opening(&mut local.players) {
            let record = call.sign(&mut local.players);
            local.block(BLOCK_MS, &[record]).expect("a block");
        }
        for call in game.moves() {
            let record = call.sign(&mut local.players);
            let before = engine.counted();
            let block = local.block(BLOCK_MS, &[record]).expect("a block");
            let after = engine.counted();
            let used = after.instructions - before.instructions;
            instructions += used;
            accesses += after.accesses - before.accesses;
            most = most.max(used);
            gas += u64::from(block.applied[1].receipt.gas_used);
            moves += 1;
        }
    }
    println!(
        "chess_instr_per_move\t{:.0}\tinstructions",
        instructions as f64 / moves as f64
    );
    println!("chess_instr_most\t{most}\tinstructions");
    println!(
        "chess_accesses_per_move\t{:.0}\tloads and stores",
        accesses as f64 / moves as f64
    );
    println!("chess_gas_per_move\t{:.0}\tgas", gas as f64 / moves as f64);
}
