//! The demo: the six recorded games, played by signed calls of two session keys on a local chain.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use playfair_admission::measure;
use playfair_games::chess::{Match, SCOPE, recorded};
use playfair_games::golden::{self, hex};
use playfair_games::module::{chess, engine, local, memory};
use playfair_runtime::Wasmtime;
use playfair_runtime::chain::Block;
use playfair_runtime::local::{Local, Start};
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::receipt::Outcome;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What a game came to.
#[derive(Default)]
struct Played {
    calls: u32,
    ok: u32,
    gas: u64,
    instructions: u64,
    root: String,
    time: Duration,
    /// Its blocks among the chain's.
    blocks: std::ops::Range<usize>,
}

fn main() -> ExitCode {
    let built = chess();
    let admitted = &built.admitted;
    println!("module {} ({} bytes)", hex(&admitted.hash.0), built.bytes.len());
    let mut local = local(engine(admitted), admitted);
    let games = recorded();
    let matches: Vec<Match> = (1u32..)
        .zip(&games)
        .map(|(number, pgn)| Match::of(pgn, number))
        .collect();
    println!(
        "chain  {}\nplayers {} and {}, each with an owner key and a session key for moves\n",
        hex(&fr_to_bytes(&local.chain.machine().chain_id())),
        matches[0].white,
        matches[0].black
    );
    for name in [&matches[0].white, &matches[0].black] {
        let record = local.players.open_session(name, SCOPE).expect("a session");
        local.block(1_000, &[record]).expect("a block");
    }

    let total: usize = matches.iter().map(|game| game.pgn.moves.len() + 3).sum();
    let bar = progress(total as u64);
    let mut played: Vec<Played> = matches.iter().map(|game| play(&mut local, game, &bar)).collect();
    bar.finish_and_clear();
    count(&local, &mut played);
    print(&matches, &played);

    let agrees = golden::agrees(&local);
    let calls: u32 = played.iter().map(|game| game.calls).sum();
    println!(
        "\n{calls} calls in {} blocks; state {} keys; block {}\n\
         replayed with the measuring build: the same block; {}",
        local.blocks.len() - 1,
        local.chain.state().len(),
        hex(&local.chain.digest()),
        if agrees {
            "as committed in tests/fixtures/recorded-games.txt"
        } else {
            "NOT as committed: if the module, the SDK or the compiler changed on purpose, `cargo xtask bless`"
        }
    );
    if agrees {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn play(local: &mut Local, game: &Match, bar: &ProgressBar) -> Played {
    bar.set_message(format!("game {}", game.number));
    let mut played = Played::default();
    let first = local.blocks.len();
    let opening = game.opening(&mut local.players);
    for call in opening.into_iter().chain(game.moves()).chain(game.ending()) {
        let record = call.sign(&mut local.players);
        let start = Instant::now();
        let block = local.block(1_000, &[record]).expect("a block");
        played.time += start.elapsed();
        played.add(&block);
        bar.inc(1);
    }
    played.blocks = first..local.blocks.len();
    played
}

impl Played {
    fn add(&mut self, block: &Block) {
        for done in block.applied.iter().skip(1) {
            self.calls += 1;
            self.ok += u32::from(done.receipt.outcome == Outcome::Ok);
            self.gas += u64::from(done.receipt.gas_used);
        }
        self.root = hex(&fr_to_bytes(&block.header.after.state_root));
    }
}

/// Executed instructions of each game, by the measuring build of the same module over the same blocks.
fn count(local: &Local, played: &mut [Played]) {
    let built = chess();
    let measuring = measure(&built.bytes).expect("a measuring build");
    let engine = Wasmtime::new().expect("an engine");
    engine
        .load_measuring(built.admitted.hash, &measuring)
        .expect("it compiles");
    let start = Start::of(built.admitted.hash);
    let (mut again, _) = Local::start(engine.clone(), memory(), &start).expect("the same genesis");
    for (place, block) in local.blocks.iter().enumerate().skip(1) {
        let before = engine.counted().instructions;
        again.chain.apply(block).expect("the same block");
        let instructions = engine.counted().instructions - before;
        if let Some(game) = played.iter_mut().find(|game| game.blocks.contains(&place)) {
            game.instructions += instructions;
        }
    }
    assert_eq!(
        again.chain.digest(),
        local.chain.digest(),
        "measuring changes nothing"
    );
}

fn print(matches: &[Match], played: &[Played]) {
    println!(
        "{:<4} {:<15} {:<15} {:<8} {:>5} {:>9} {:>10} {:>14} {:>12}  {:<16} {:>8}",
        "game",
        "white",
        "black",
        "result",
        "calls",
        "outcomes",
        "gas",
        "instructions",
        "a call",
        "root",
        "calls/s"
    );
    for (game, played) in matches.iter().zip(played) {
        println!(
            "{:<4} {:<15} {:<15} {:<8} {:>5} {:>9} {:>10} {:>14} {:>12}  {:<16} {:>8.0}",
            game.number,
            game.white,
            game.black,
            game.pgn.tag("Result").unwrap_or("*"),
            played.calls,
            format!("{} ok", played.ok),
            played.gas,
            played.instructions,
            played.instructions / u64::from(played.calls.max(1)),
            &played.root[..16],
            f64::from(played.calls) / played.time.as_secs_f64()
        );
    }
}

fn progress(total: u64) -> ProgressBar {
    let style = "{msg} [{bar:40}] {pos}/{len} calls, {per_sec}, {eta} left";
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template(style).expect("a template"));
    bar
}
