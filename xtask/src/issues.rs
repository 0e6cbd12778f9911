//! Minute budgets: what the tests of each issue may cost on two cores, and the whole run.

/// The tests that came with one issue, and what they may take.
pub(crate) struct Issue {
    /// As in `--only '#2'`.
    pub(crate) number: u32,
    pub(crate) title: &'static str,
    pub(crate) budget_min: u64,
    /// Every test of these crates is charged to the issue.
    pub(crate) crates: &'static [&'static str],
}

/// A crate belongs to one row. Tests of a crate in no row are shown as such.
pub(crate) const ISSUES: &[Issue] = &[
    Issue {
        number: 2,
        title: "formats and statement",
        budget_min: 6,
        crates: &["playfair-types", "playfair-peers", "playfair-fuzz", "xtask"],
    },
    Issue {
        number: 3,
        title: "runtime, state, SDK, chess",
        budget_min: 10,
        crates: &[
            "playfair",
            "playfair-abi",
            "playfair-admission",
            "playfair-browser-tests",
            "playfair-chess",
            "playfair-conformance",
            "playfair-counter",
            "playfair-games",
            "playfair-machine",
            "playfair-macros",
            "playfair-node",
            "playfair-runtime",
            "playfair-state",
        ],
    },
    Issue {
        number: 4,
        title: "zkWASM end to end",
        budget_min: 20,
        crates: &[
            "playfair-proofs-circuit",
            "playfair-proofs-isa",
            "playfair-proofs-kernel",
            "playfair-proofs-prover",
            "playfair-proofs-vector",
            "playfair-proofs-verifier",
            "playfair-replay",
            "playfair-proving",
            "playfair-verifier-wasm",
        ],
    },
    Issue {
        number: 6,
        title: "the node",
        budget_min: 20,
        crates: &[
            "playfair-bls",
            "playfair-host",
            "playfair-http",
            "playfair-lanes",
            "playfair-mempool",
            "playfair-pipeline",
            "playfair-provers",
            "playfair-rpc",
            "playfair-segments",
            "playfair-sequencer",
            "playfair-simulation",
            "playfair-storage",
        ],
    },
    Issue {
        number: 7,
        title: "light client and page",
        budget_min: 20,
        crates: &[
            "playfair-ethereum",
            "playfair-light-client",
            "playfair-light-client-core",
            "playfair-light-client-page",
            "playfair-light-client-tests",
            "playfair-chess-rules",
            "playfair-page",
            "playfair-web",
            "playfair-predict",
            "playfair-predictor",
            "playfair-wallet",
        ],
    },
];

/// The whole of `cargo xtask test` when tools and dependencies are still to be built.
pub(crate) const WHOLE_RUN_COLD_MIN: u64 = 45;
/// The whole of `cargo xtask test` when they are there. It was 15 until there was a page: its tests run alone, each before a network of its own, and take eight.
pub(crate) const WHOLE_RUN_WARM_MIN: u64 = 25;

/// The issue that `#2` or `2` names.
pub(crate) fn named(text: &str) -> Option<&'static Issue> {
    let number: u32 = text.strip_prefix('#').unwrap_or(text).parse().ok()?;
    ISSUES.iter().find(|issue| issue.number == number)
}

impl Issue {
    /// As `#2 formats and statement`.
    pub(crate) fn label(&self) -> String {
        format!("#{} {}", self.number, self.title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_is_named_with_or_without_its_mark() {
        assert_eq!(named("#2").unwrap().label(), "#2 formats and statement");
        assert_eq!(named("2").unwrap().number, 2);
        assert!(named("#999").is_none() && named("poseidon").is_none());
    }

    #[test]
    fn a_crate_belongs_to_one_issue() {
        let mut crates: Vec<_> = ISSUES.iter().flat_map(|issue| issue.crates).collect();
        let count = crates.len();
        crates.sort();
        crates.dedup();
        assert_eq!(crates.len(), count);
    }
}
