//! The demo: the last recorded game proven whole, and every proof verified by halo2's verifier and by ours.
//!
//! It writes nothing, so it can be interrupted at any time.

use playfair_games::chess::{Match, recorded};
use playfair_games::golden::hex;
use playfair_proving::chess::keys;
use playfair_proving::game::{self, Whole};
use playfair_proving::history;
use playfair_types::crypto::field::fr_to_bytes;
use std::time::Instant;

/// The last game.
const GAME: usize = 5;

fn main() {
    let played = Match::of(&recorded()[GAME], 1);
    let (local, steps) = history::game(GAME);
    println!(
        "game {}: {} against {}, {} moves; {} blocks of a call each",
        GAME + 1,
        played.white,
        played.black,
        played.pgn.moves.len(),
        steps.len()
    );
    let start = Instant::now();
    let keys = keys();
    println!(
        "keys for 2^{} rows in {:.1} s (insecure development setup)\n",
        keys.prover.shape.k,
        start.elapsed().as_secs_f64()
    );
    let whole = game::prove(keys, &steps, local.chain.machine().chain_id());
    println!("{}", table(&whole));
    let together = game::verify_together(keys, &whole.segments, whole.segments.len());
    let root = |root| hex(&fr_to_bytes(root));
    let (first, last) = (&steps[0].before, &steps[steps.len() - 1].after);
    println!(
        "\nall {} proofs together, with one pairing: {:.1} ms\n\
         proven: state {}\n     to {}",
        whole.segments.len(),
        together.as_secs_f64() * 1e3,
        root(&first.state_root),
        root(&last.state_root)
    );
}

/// A line for each segment, and one for all.
fn table(whole: &Whole) -> String {
    let mut lines = vec![format!(
        "{:<8} {:>8} {:>8} {:>9} {:>7} {:>13} {:>12}",
        "segment", "blocks", "rows", "proven in", "bytes", "halo2 accepts", "ours accepts"
    )];
    let mut line = |name: &str, blocks: [usize; 2], rows: usize, bytes: usize, seconds: [f64; 3]| {
        let [proven, halo2, ours] = seconds;
        lines.push(format!(
            "{name:<8} {:>8} {rows:>8} {proven:>7.1} s {bytes:>7} {:>10.1} ms {:>9.1} ms",
            format!("{} to {}", blocks[0], blocks[1]),
            halo2 * 1e3,
            ours * 1e3
        ));
    };
    let (mut halo2, mut ours) = (0.0, 0.0);
    for (number, segment) in (1..).zip(&whole.segments) {
        let times = [segment.time(), segment.halo2, segment.ours].map(|time| time.as_secs_f64());
        let blocks = &segment.cut.blocks;
        line(
            &format!("{number}"),
            [blocks.start + 1, blocks.end],
            segment.cut.rows,
            segment.proof.envelope.proof.len(),
            times,
        );
        halo2 += times[1];
        ours += times[2];
    }
    let last = whole.segments.last().map_or(0, |last| last.cut.blocks.end);
    let times = [whole.time().as_secs_f64(), halo2, ours];
    line("all", [1, last], whole.rows(), whole.bytes(), times);
    lines.join("\n")
}
