//! Answers that are damaged anywhere: whatever comes of it, nothing false is seen or held, and the truth is believed afterwards.

use playfair_light_client_tests::lies::{To, Told};
use playfair_light_client_tests::now;
use playfair_light_client_tests::scenario::{tell, truth};
use playfair_light_client_tests::table::Recorded;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Conversations in which answers are damaged.
const ROUNDS: u64 = 120;

/// A seeded sequence.
#[derive(Clone)]
struct Random(Rc<Cell<u64>>);

impl Random {
    fn below(&self, end: usize) -> usize {
        let next = self
            .0
            .get()
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0.set(next);
        (next >> 33) as usize % end.max(1)
    }
}

/// Some of what JSON is made of, and what is none.
const PIECES: [&str; 8] = ["0", "f", "null", "]", "{", "\"", "18446744073709551616", "\u{e9}"];

#[test]
fn nothing_comes_of_noise() {
    let recorded = Recorded::committed();
    let honest = now(truth(&recorded));
    let mut ways: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..ROUNDS {
        let random = Random(Rc::new(Cell::new(seed)));
        let noise = random.clone();
        let change = move |_: &str, mut answer: playfair_light_client_core::Response| {
            // One answer in some is damaged.
            if noise.below(12) == 0 && !answer.body.is_empty() {
                let at = noise.below(answer.body.len());
                match noise.below(4) {
                    0 => answer.body[at] ^= 1 << noise.below(8),
                    1 => answer.body.truncate(at),
                    2 => drop(
                        answer
                            .body
                            .drain(at..(at + noise.below(40)).min(answer.body.len()).max(at)),
                    ),
                    _ => drop(
                        answer
                            .body
                            .splice(at..at, PIECES[noise.below(PIECES.len())].bytes()),
                    ),
                }
            }
            answer
        };
        let told = Told {
            name: "noise",
            caught: "",
            to: To::Everybody,
            is_signed: false,
            change: Rc::new(change),
        };
        let taken = now(tell(&recorded, &honest, &told, seed % 2 == 1));
        assert!(
            taken.holds_truth && taken.goes_on && taken.caught != "believed",
            "seed {seed}: {taken:?}"
        );
        *ways.entry(taken.caught).or_default() += 1;
    }
    assert!(ways.len() > 5, "{ways:?}");
}
