//! Speed of hashing many things at once, beside one by one, on one core.

use playfair_lanes::{Lists, nodes, width};
use playfair_types::Fr;
use playfair_types::hash::{Tag, hash, node};
use std::hint::black_box;
use std::time::Instant;

/// Hashes in one batch: what a block of some hundred calls has of a kind.
const BATCH: usize = 1_024;
const ROUNDS: usize = 40;

/// Prints how many hashes a second one run of `hashes` of them makes; the best of some runs, since others share the machine.
fn print(name: &str, hashes: usize, mut run: impl FnMut()) {
    run();
    let time = || {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    let best = std::iter::repeat_with(time).take(ROUNDS).fold(f64::MAX, f64::min);
    println!("{name}\t{:.0}\t/s", hashes as f64 / best);
}

fn main() {
    println!("hashed_at_a_time\t{}\telements", width());
    let element = |i: usize| node(Fr::from(i as u64), Fr::from(7u64));
    let pairs: Vec<[Fr; 2]> = (0..BATCH).map(|i| [element(i), element(i + 1)]).collect();
    print("nodes_one_by_one_per_s", BATCH, || {
        for [left, right] in &pairs {
            black_box(node(*left, *right));
        }
    });
    print("nodes_per_s", BATCH, || {
        black_box(nodes(&pairs));
    });
    print("lists_one_by_one_per_s", BATCH, || {
        for pair in &pairs {
            black_box(hash(Tag::Leaf, pair));
        }
    });
    print("lists_per_s", BATCH, || {
        let mut lists = Lists::new();
        for pair in &pairs {
            lists.push(Tag::Leaf, *pair);
        }
        black_box(lists.hash());
    });
    for few in 1..=8 {
        let some: Vec<[Fr; 2]> = pairs.iter().take(few).copied().collect();
        print(&format!("nodes_of_{few}_per_s"), few, || {
            black_box(nodes(&some));
        });
    }
}
