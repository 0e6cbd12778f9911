//! Where each invariant stated in docs/ARCHITECTURE.md is enforced.
//!
//! The page states them in lines of the form `**Architecture invariant (NAME):** ...`. Page and table
//! must agree both ways, and every row's evidence must be there.

use std::collections::BTreeSet;
use std::fs;

use crate::repo::Repo;

const PAGE: &str = "docs/ARCHITECTURE.md";
const MARK: &str = "**Architecture invariant (";

/// One invariant and what keeps it true.
pub(crate) struct Invariant {
    name: &'static str,
    enforced_by: &'static str,
    /// A file, and words in it, without which the enforcement would be gone.
    evidence: &'static [(&'static str, &'static str)],
}

const INVARIANTS: &[Invariant] = &[
    Invariant {
        name: "types-import-nothing",
        enforced_by: "the import rules",
        evidence: &[("xtask/src/crates.rs", "krate: \"playfair-types\"")],
    },
    Invariant {
        name: "types-no-std",
        enforced_by: "clippy on wasm32-unknown-unknown, and tidy's look at the crate root",
        evidence: &[
            ("types/src/lib.rs", "#![no_std]"),
            ("xtask/src/stages.rs", "name: \"clippy-wasm\""),
        ],
    },
    Invariant {
        name: "no-unsafe",
        enforced_by: "the workspace lint, which every crate inherits, and tidy's look at the one exception",
        evidence: &[
            ("Cargo.toml", "unsafe_code = \"forbid\""),
            ("contracts-wasm/sdk/Cargo.toml", "unsafe_code = \"deny\""),
            (
                "xtask/src/tidy/manifests.rs",
                "unsafe code belongs in {file} alone",
            ),
            ("proofs/kernel/Cargo.toml", "unsafe_code = \"deny\""),
            ("proofs/vector/Cargo.toml", "unsafe_code = \"deny\""),
            ("tests/verifier-wasm/Cargo.toml", "unsafe_code = \"deny\""),
        ],
    },
    Invariant {
        name: "strict-decoding",
        enforced_by: "the fuzz targets and the property tests",
        evidence: &[
            ("tests/fuzz/Cargo.toml", "playfair-fuzz"),
            ("types/Cargo.toml", "proptest"),
        ],
    },
    Invariant {
        name: "frozen-formats",
        enforced_by: "the committed vectors, compared by `cargo test -p playfair-types --test fixtures`",
        evidence: &[("types/tests/fixtures.rs", "#[test]")],
    },
    Invariant {
        name: "one-host-table",
        enforced_by: "the page's test, and admission's and the engine's use of the table",
        evidence: &[
            ("runtime/admission/tests/reference.rs", "docs/HOST.md"),
            ("runtime/admission/src/imports.rs", "HostFunction"),
            ("runtime/engine/src/engine/imports.rs", "HostFunction::ALL"),
        ],
    },
    Invariant {
        name: "engine-decides-nothing",
        enforced_by: "the import rules",
        evidence: &[
            ("xtask/src/crates.rs", "krate: \"playfair-machine\""),
            ("runtime/engine/src/engine/imports.rs", "host.invoke("),
        ],
    },
    Invariant {
        name: "log-is-the-truth",
        enforced_by: "the simulation's books and the damage tests",
        evidence: &[
            ("tests/simulation/src/run.rs", "an acknowledged call is gone"),
            ("tests/simulation/tests/damage.rs", "#[test]"),
        ],
    },
    Invariant {
        name: "sequencer-is-pure",
        enforced_by: "the import rules, and the test that runs a seed twice",
        evidence: &[
            ("xtask/src/crates.rs", "krate: \"playfair-sequencer\""),
            (
                "tests/simulation/tests/histories.rs",
                "the_same_seed_is_the_same_history",
            ),
        ],
    },
    Invariant {
        name: "same-roots-everywhere",
        enforced_by: "the recorded games' test and the browser's",
        evidence: &[
            ("tests/games/tests/recorded_games.rs", "golden::agrees"),
            ("tests/browser/tests/chromium.rs", "#[test]"),
        ],
    },
    Invariant {
        name: "constraints-are-data",
        enforced_by: "the import rules, and the test that compares the committed constraints with the circuit's",
        evidence: &[
            ("xtask/src/crates.rs", "krate: \"playfair-proofs-circuit\""),
            ("proofs/prover/tests/constraints.rs", "segment.constraints"),
        ],
    },
    Invariant {
        name: "two-verifiers",
        enforced_by: "the import rules, and the tests, the demo and the benchmark that ask both",
        evidence: &[
            ("xtask/src/crates.rs", "krate: \"playfair-proofs-verifier\""),
            ("tests/proving/src/game.rs", "the verifiers disagree"),
            ("tests/proving/src/game.rs", "halo2::verify("),
        ],
    },
    Invariant {
        name: "rules-are-one-program",
        enforced_by: "clippy on wasm32-unknown-unknown, and the tests that execute the committed kernel.wasm",
        evidence: &[
            ("xtask/src/crates.rs", "krate: \"playfair-proofs-kernel\""),
            ("proofs/kernel/src/lib.rs", "include_bytes!(\"../kernel.wasm\")"),
            ("proofs/kernel/tests/program.rs", "#[test]"),
        ],
    },
    Invariant {
        name: "one-hash",
        enforced_by: "the import rules, and the tests that hold `runtime/lanes` equal to `types`",
        evidence: &[
            ("xtask/src/crates.rs", "\"light-poseidon*\""),
            ("runtime/lanes/src/tests.rs", "fn lanes_are_poseidon"),
            ("runtime/lanes/src/tests.rs", "fn portable_lanes_are_too"),
        ],
    },
];

/// Every disagreement between the page, the table and the files that enforce it.
pub(crate) fn problems(repo: &Repo) -> Vec<String> {
    let read = |path: &str| fs::read_to_string(repo.root.join(path)).ok();
    let Some(page) = read(PAGE) else {
        return vec![format!(
            "{PAGE} is missing: it states the invariants that xtask holds the code to"
        )];
    };
    disagreements(&page, INVARIANTS, &read)
}

fn disagreements(page: &str, table: &[Invariant], read: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let stated = stated(page);
    let mut problems = Vec::new();
    for name in &stated {
        if !table.iter().any(|invariant| invariant.name == *name) {
            problems.push(format!(
                "{PAGE} states the invariant `{name}`, which nothing is known to enforce: \
                 add it to INVARIANTS in xtask/src/invariants.rs"
            ));
        }
    }
    for Invariant {
        name,
        enforced_by,
        evidence,
    } in table
    {
        if !stated.contains(name) {
            problems.push(format!(
                "xtask/src/invariants.rs knows the invariant `{name}`, which {PAGE} no longer states as \
                 `{MARK}{name}):**`: state it or remove the row"
            ));
        }
        for (path, words) in *evidence {
            if !read(path).is_some_and(|text| text.contains(words)) {
                problems.push(format!(
                    "the invariant `{name}` is enforced by {enforced_by}, but {path} is missing or no longer \
                     has `{words}`"
                ));
            }
        }
    }
    problems
}

fn stated(page: &str) -> BTreeSet<&str> {
    page.split(MARK)
        .skip(1)
        .filter_map(|rest| rest.split_once("):**"))
        .map(|(name, _)| name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Invariant] = &[Invariant {
        name: "one-hash",
        enforced_by: "a rule",
        evidence: &[("rules.rs", "poseidon")],
    }];

    fn read_rules(path: &str) -> Option<String> {
        (path == "rules.rs").then(|| "bans poseidon".to_owned())
    }

    #[test]
    fn page_and_table_that_agree_pass() {
        let page = "text\n\n**Architecture invariant (one-hash):** one hash for all.\n";
        assert!(disagreements(page, TABLE, &read_rules).is_empty());
    }

    #[test]
    fn they_fail_both_ways_when_out_of_step() {
        let page = "**Architecture invariant (new-rule):** nobody tests this.";
        let problems = disagreements(page, TABLE, &read_rules);
        assert_eq!(problems.len(), 2);
        assert!(problems[0].contains("states the invariant `new-rule`"));
        assert!(problems[1].contains("knows the invariant `one-hash`"));
    }

    #[test]
    fn evidence_that_went_away_is_reported() {
        let page = "**Architecture invariant (one-hash):** one hash for all.";
        let problems = disagreements(page, TABLE, &|_| None);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("rules.rs is missing"));
    }
}
