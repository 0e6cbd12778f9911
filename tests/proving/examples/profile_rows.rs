//! Where the rows of one recorded call go, by function: `profile_rows [BLOCK [GAME]]`, the fourth move of the last game if not given.
//! Block 0 is the challenge, 1 the answer, then the moves.

use playfair_proving::chess::linked;
use playfair_proving::{cost, history};
use std::collections::BTreeMap;

/// Functions that are listed, the largest first.
const SHOWN: usize = 45;

fn main() {
    let number = |place: usize, default: usize| {
        let text = std::env::args().nth(place);
        text.map_or(default, |text| text.parse().expect("a number"))
    };
    let (block, game) = (number(1, cost::OPENING + 3), number(2, 5));
    let (local, steps) = history::game(game);
    let step = steps.get(block).expect("a block of this game");
    let trace = cost::alone(step, local.chain.machine().chain_id());
    let functions = &linked().linked.functions;
    println!("{:?}", linked().linked.sizes);
    println!(
        "{} rows, {} in the module's code, {} cells touched",
        cost::rows(&trace),
        cost::module_rows(&trace),
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
