//! Why the state tree is compact and not indexed: Poseidon permutations per operation for both, counted on random keys.
//!
//! *constrain* is what a segment's batch update proves: every touched node and leaf under the old root and under the
//! new one. *compute* is what a node does: the new hashes only (for an absence, the proof's hashes). Nothing is hashed
//! here; only the shapes of the trees are counted. `cargo xtask bench tree` prints it.

use std::collections::BTreeSet;

#[derive(Clone, Copy, PartialEq)]
enum Operation {
    Update,
    Insert,
    Delete,
    Absence,
}

const OPERATIONS: [(Operation, &str); 4] = [
    (Operation::Update, "update"),
    (Operation::Insert, "insert"),
    (Operation::Delete, "delete"),
    (Operation::Absence, "absence"),
];

/// Permutations of one batch.
#[derive(Default)]
struct Cost {
    constrain: u64,
    compute: u64,
}

/// SplitMix64; two words make a key, whose first 128 bits decide the tree's shape.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn key(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }
}

/// Inner nodes of the compact tree over `keys` that the `touched` keys pass through.
fn compact_nodes(keys: &[u128], touched: &[u128], level: u32) -> u64 {
    if touched.is_empty() || keys.len() < 2 {
        return 0;
    }
    let right = |key: &u128| (key >> (127 - level)) & 1 == 1;
    let (keys_left, keys_right) = keys.split_at(keys.partition_point(|key| !right(key)));
    let (left, rest) = touched.split_at(touched.partition_point(|key| !right(key)));
    1 + compact_nodes(keys_left, left, level + 1) + compact_nodes(keys_right, rest, level + 1)
}

fn compact(keys: &BTreeSet<u128>, touched: &[u128], operation: Operation) -> Cost {
    let before: Vec<u128> = keys.iter().copied().collect();
    let after: Vec<u128> = match operation {
        Operation::Update | Operation::Absence => before.clone(),
        Operation::Insert => keys
            .iter()
            .chain(touched)
            .copied()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        Operation::Delete => keys
            .iter()
            .filter(|key| touched.binary_search(key).is_err())
            .copied()
            .collect(),
    };
    let (old, new) = (
        compact_nodes(&before, touched, 0),
        compact_nodes(&after, touched, 0),
    );
    // Leaves: the key's own under either root; beside an insertion, an absence or a deletion, one neighbour opened.
    let count = touched.len() as u64;
    let (leaves, made) = match operation {
        Operation::Update => (2 * count, count),
        Operation::Insert | Operation::Delete => (2 * count, count),
        Operation::Absence => (count, count),
    };
    Cost {
        constrain: old + new + leaves,
        compute: new + made,
    }
}

fn indexed(size: u64, touched: u64, operation: Operation, random: &mut Random) -> Cost {
    let mut slots: BTreeSet<u64> = (0..touched).map(|_| random.next() % size).collect();
    let total = if operation == Operation::Insert {
        size + touched
    } else {
        size
    };
    let height = u64::BITS - (total - 1).leading_zeros();
    if operation == Operation::Insert {
        slots.extend(size..total);
    }
    let leaves = slots.len() as u64;
    let mut nodes = 0;
    for _ in 0..height {
        slots = slots.into_iter().map(|slot| slot >> 1).collect();
        nodes += slots.len() as u64;
    }
    Cost {
        constrain: 2 * (nodes + leaves),
        compute: nodes + leaves,
    }
}

fn main() {
    for (size, name) in [(1u64 << 10, "1k"), (1 << 16, "64k"), (1 << 20, "1m")] {
        let mut random = Random(size);
        let keys: BTreeSet<u128> = (0..size).map(|_| random.key()).collect();
        let present: Vec<u128> = keys.iter().copied().collect();
        for batch in [1u64, 10, 1000] {
            if batch * 4 > size {
                continue;
            }
            let trials = if size >= 1 << 20 { 3 } else { 20 } * if batch == 1 { 3 } else { 1 };
            for (operation, verb) in OPERATIONS {
                let (mut of_compact, mut of_indexed) = (Cost::default(), Cost::default());
                for _ in 0..trials {
                    let mut touched: Vec<u128> = (0..batch)
                        .map(|_| match operation {
                            Operation::Update | Operation::Delete => present[(random.next() % size) as usize],
                            Operation::Insert | Operation::Absence => random.key(),
                        })
                        .collect();
                    touched.sort_unstable();
                    touched.dedup();
                    let (a, b) = (
                        compact(&keys, &touched, operation),
                        indexed(size, batch, operation, &mut random),
                    );
                    of_compact = Cost {
                        constrain: of_compact.constrain + a.constrain,
                        compute: of_compact.compute + a.compute,
                    };
                    of_indexed = Cost {
                        constrain: of_indexed.constrain + b.constrain,
                        compute: of_indexed.compute + b.compute,
                    };
                }
                let each = |sum: u64| sum as f64 / (trials * batch) as f64;
                for (tree, cost) in [("compact", &of_compact), ("indexed", &of_indexed)] {
                    println!(
                        "{name}_{verb}_x{batch}_{tree}_constrain\t{:.1}\tpermutations",
                        each(cost.constrain)
                    );
                    println!(
                        "{name}_{verb}_x{batch}_{tree}_compute\t{:.1}\tpermutations",
                        each(cost.compute)
                    );
                }
            }
        }
    }
}
