//! Where the rows of one recorded call go, by function: `profile_rows [BLOCK [GAME]]`, the fourth move of the last game if not given.
//! Block 0 is the challenge, 1 the answer, then the moves. `profile_rows replay [FUNCTION]` does the same for the replayed game of 87
//! plies, and lists the rows of the functions with this in their names, each after how often it ran.

use playfair_games::module::chess;
use playfair_proofs_isa::disasm;
use playfair_proofs_isa::trace::Trace;
use playfair_proofs_prover::module::Module;
use playfair_proving::chess::linked;
use playfair_proving::{cost, history, replay};
use std::collections::BTreeMap;

/// Functions that are listed, the largest first.
const SHOWN: usize = 45;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "replay") {
        return replayed(arguments.get(1));
    }
    let number = |place: usize, default: usize| {
        let text = arguments.get(place);
        text.map_or(default, |text| text.parse().expect("a number"))
    };
    let (block, game) = (number(0, cost::OPENING + 3), number(1, 5));
    let (local, steps) = history::game(game);
    let step = steps.get(block).expect("a block of this game");
    let trace = cost::alone(linked(), step, local.chain.machine().chain_id());
    println!("{} instructions", cost::instructions(chess(), &local)[block]);
    functions(linked(), &trace);
}

fn replayed(listed: Option<&String>) {
    let replayed = replay::replay(replay::GAME);
    let module = replay::linked();
    let trace = cost::alone(module, &replayed.step, replayed.chain_id);
    println!("{:?}", replayed.receipt);
    println!(
        "{:?} instructions by block",
        cost::instructions(replay::built(), &replayed.local)
    );
    functions(module, &trace);
    if let Some(listed) = listed {
        listing(module, &trace, listed);
    }
}

/// Rows by function.
fn functions(module: &Module, trace: &Trace) {
    let functions = &module.linked.functions;
    println!("{:?}, {:?}", module.linked.sizes, module.smallest());
    println!(
        "{} rows, {} in the module's code, {} cells touched",
        cost::rows(module, trace),
        cost::module_rows(module, trace),
        trace.touched.len()
    );
    let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
    for step in &trace.steps {
        let at = functions.partition_point(|(start, _)| *start <= step.pcl);
        *rows.entry(at.saturating_sub(1)).or_default() += 1;
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    for (function, rows) in rows.iter().take(SHOWN) {
        println!("{rows:>8} {}", functions[*function].1);
    }
}

/// The rows of functions with these words in their names.
fn listing(module: &Module, trace: &Trace, words: &str) {
    let mut times: BTreeMap<u32, usize> = BTreeMap::new();
    for step in &trace.steps {
        *times.entry(step.pcl).or_default() += 1;
    }
    let mut functions = module.linked.functions.iter().peekable();
    let code = &module.linked.program.code;
    while let Some((start, name)) = functions.next() {
        let end = functions.peek().map_or(code.len(), |(next, _)| *next as usize);
        if !name.contains(words) {
            continue;
        }
        println!("{name}:");
        for (at, row) in (*start..).zip(&code[*start as usize..end]) {
            let times = times.get(&at).copied().unwrap_or_default();
            println!("{times:>7} {at:>6} {}", disasm::row(row, None));
        }
    }
}
