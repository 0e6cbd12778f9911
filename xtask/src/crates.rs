//! The table of who may import whom (docs/ARCHITECTURE.md), one row per crate.
//!
//! A row may precede its crate. A crate of ours without a row fails [`crate::import_rules`].

/// What one crate may know.
pub(crate) struct Rule {
    pub(crate) krate: &'static str,
    /// The crates of ours that it may depend on, tests and build scripts included.
    pub(crate) may_import: &'static [&'static str],
    /// Packages that must not be linked into it, directly or through others; `x*` bans every name that
    /// starts with `x`. Its own dev-dependencies are free: a test may compare with anything.
    pub(crate) banned: &'static [&'static str],
    /// Compiles for wasm32-unknown-unknown; its bans are then judged on that target's dependencies.
    pub(crate) wasm32: bool,
    /// Its root must say `#![no_std]`.
    pub(crate) no_std: bool,
    /// The one file, relative to the crate, that may hold `unsafe` code. Such a crate writes the workspace's lints out,
    /// with `unsafe_code = "deny"` in place of `forbid`.
    pub(crate) unsafe_file: Option<&'static str>,
}

/// May import all that is ours.
pub(crate) const ANY: &[&str] = &["*"];

const DEFAULT: Rule = Rule {
    krate: "",
    may_import: &[],
    banned: &[],
    wasm32: false,
    no_std: false,
    unsafe_file: None,
};

/// What code that runs everywhere, browsers included, never links: engines, provers, threads, randomness.
const HEAVY: &[&str] = &[
    "halo2*",
    "snark-verifier*",
    "wasmtime*",
    "tokio",
    "rayon",
    "wasm-bindgen",
    "getrandom",
];

/// What no module of ours links: its cryptography is the host's, and every byte of it must be proven.
const GUEST: &[&str] = &[
    "ark-*",
    "halo2*",
    "wasmtime*",
    "tokio",
    "rayon",
    "wasm-bindgen",
    "getrandom",
    "sha2",
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        krate: "playfair-types",
        may_import: &["playfair-peers"],
        banned: HEAVY,
        wasm32: true,
        no_std: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-abi",
        may_import: &["playfair-types"],
        banned: HEAVY,
        wasm32: true,
        no_std: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-admission",
        may_import: &["playfair-types", "playfair-abi"],
        banned: HEAVY,
        wasm32: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-machine",
        may_import: &["playfair-types", "playfair-abi", "playfair-lanes"],
        banned: HEAVY,
        wasm32: true,
        ..DEFAULT
    },
    // The same hashes as in types, many at once.
    Rule {
        krate: "playfair-lanes",
        may_import: &["playfair-types", "playfair-proofs-vector"],
        banned: HEAVY,
        wasm32: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-state",
        may_import: &["playfair-types", "playfair-lanes"],
        banned: &["halo2*", "snark-verifier*", "wasmtime*", "tokio"],
        ..DEFAULT
    },
    Rule {
        krate: "playfair-runtime",
        may_import: &[
            "playfair-types",
            "playfair-abi",
            "playfair-admission",
            "playfair-machine",
            "playfair-state",
        ],
        banned: &["halo2*", "snark-verifier*", "tokio"],
        ..DEFAULT
    },
    Rule {
        krate: "playfair-macros",
        banned: &["halo2*", "wasmtime*", "tokio"],
        ..DEFAULT
    },
    // Guests: what they link on wasm32 is the module itself. On other targets the SDK brings its test harness.
    Rule {
        krate: "playfair",
        may_import: &[
            "playfair-macros",
            "playfair-types",
            "playfair-abi",
            "playfair-machine",
        ],
        banned: GUEST,
        wasm32: true,
        // The host's functions are foreign to Rust, and so are its exports and heap.
        unsafe_file: Some("src/sys/raw.rs"),
        ..DEFAULT
    },
    Rule {
        krate: "playfair-chess",
        may_import: &["playfair"],
        banned: GUEST,
        wasm32: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-counter",
        may_import: &["playfair"],
        banned: GUEST,
        wasm32: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-replay",
        may_import: &["playfair", "playfair-chess"],
        banned: GUEST,
        wasm32: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-proofs-isa",
        // Admission: its tests lower what it admits.
        may_import: &["playfair-types", "playfair-abi", "playfair-admission"],
        banned: &["halo2*", "snark-verifier*", "wasmtime*"],
        ..DEFAULT
    },
    // A program for the register machine: it links nothing on wasm32.
    Rule {
        krate: "playfair-proofs-kernel",
        may_import: &["playfair-types", "playfair-abi", "playfair-machine"],
        banned: GUEST,
        wasm32: true,
        unsafe_file: Some("src/sys/raw.rs"),
        ..DEFAULT
    },
    // Constraints are data: they know no proof system.
    Rule {
        krate: "playfair-proofs-circuit",
        may_import: &[
            "playfair-types",
            "playfair-abi",
            "playfair-admission",
            "playfair-proofs-isa",
        ],
        banned: &["halo2*", "snark-verifier*", "wasmtime*", "tokio"],
        ..DEFAULT
    },
    Rule {
        krate: "playfair-proofs-prover",
        may_import: &[
            "playfair-types",
            "playfair-abi",
            "playfair-proofs-isa",
            "playfair-proofs-kernel",
            "playfair-proofs-circuit",
            "playfair-proofs-vector",
            "playfair-proofs-verifier",
            "playfair-peers",
        ],
        banned: &["wasmtime*", "tokio"],
        ..DEFAULT
    },
    // The processor's vector instructions are unsafe to Rust.
    Rule {
        krate: "playfair-proofs-vector",
        banned: &["halo2*", "wasmtime*", "tokio", "rayon"],
        unsafe_file: Some("src/ifma.rs"),
        ..DEFAULT
    },
    Rule {
        krate: "playfair-proofs-verifier",
        may_import: &["playfair-types"],
        banned: &[
            "halo2*",
            "snark-verifier*",
            "rayon",
            "tokio",
            "wasm-bindgen",
            "instant",
            "web-time",
        ],
        wasm32: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-bls",
        may_import: &["playfair-types"],
        banned: HEAVY,
        wasm32: true,
        no_std: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-ethereum",
        may_import: &["playfair-types", "playfair-bls"],
        banned: HEAVY,
        wasm32: true,
        no_std: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-predict",
        may_import: &["playfair-types", "playfair-machine"],
        banned: HEAVY,
        wasm32: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-predictor",
        may_import: &[
            "playfair-types",
            "playfair-abi",
            "playfair-admission",
            "playfair-machine",
            "playfair-predict",
        ],
        banned: &["tokio", "halo2*", "wasmtime*"],
        wasm32: true,
        ..DEFAULT
    },
    // What has players' secrets knows as little as it can.
    Rule {
        krate: "playfair-wallet",
        may_import: &["playfair-types"],
        banned: &["tokio", "halo2*", "wasmtime*", "rayon"],
        wasm32: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-light-client-core",
        may_import: &[
            "playfair-types",
            "playfair-bls",
            "playfair-ethereum",
            "playfair-proofs-verifier",
        ],
        banned: &["wasm-bindgen", "tokio", "halo2*", "wasmtime*"],
        wasm32: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-light-client",
        may_import: &[
            "playfair-types",
            "playfair-light-client-core",
            "playfair-proofs-verifier",
        ],
        // rexie waits through tokio's channels, which is all of it that is linked.
        banned: &["tokio-*", "mio", "halo2*", "wasmtime*"],
        wasm32: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-light-client-tests",
        may_import: &[
            "playfair-types",
            "playfair-bls",
            "playfair-light-client-core",
            "playfair-proofs-verifier",
        ],
        banned: HEAVY,
        wasm32: true,
        ..DEFAULT
    },
    // What runs in Chromium, and the tests that drive Chromium.
    Rule {
        krate: "playfair-light-client-page",
        may_import: &[
            "playfair-types",
            "playfair-bls",
            "playfair-ethereum",
            "playfair-light-client-core",
            "playfair-light-client-tests",
            "playfair-peers",
            "playfair-proofs-verifier",
        ],
        banned: &["tokio", "halo2*", "wasmtime*", "rayon"],
        wasm32: true,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-web",
        may_import: &["playfair-chess-rules"],
        banned: &["tokio", "halo2*", "wasmtime*", "ark-*"],
        wasm32: true,
        ..DEFAULT
    },
    // The chess module's own files, for pages.
    Rule {
        krate: "playfair-chess-rules",
        banned: HEAVY,
        wasm32: true,
        ..DEFAULT
    },
    // A function of what it is told: no clock, no thread, no file.
    Rule {
        krate: "playfair-mempool",
        may_import: &["playfair-types"],
        banned: HEAVY,
        ..DEFAULT
    },
    // How services are served, whatever they say: it knows no chain.
    Rule {
        krate: "playfair-http",
        banned: &["halo2*", "wasmtime*", "aws-lc-*", "openssl*"],
        ..DEFAULT
    },
    // Files for browsers: it knows no chain either.
    Rule {
        krate: "playfair-page",
        may_import: &["playfair-http"],
        banned: &["halo2*", "wasmtime*", "aws-lc-*", "openssl*"],
        ..DEFAULT
    },
    Rule {
        krate: "playfair-storage",
        may_import: &["playfair-types", "playfair-state"],
        banned: &["halo2*", "snark-verifier*", "wasmtime*", "tokio"],
        ..DEFAULT
    },
    // A chain's rules of ordering know no clock, network or thread: a simulation drives them.
    Rule {
        krate: "playfair-sequencer",
        may_import: &[
            "playfair-types",
            "playfair-bls",
            "playfair-machine",
            "playfair-mempool",
            "playfair-runtime",
            "playfair-state",
            "playfair-storage",
        ],
        banned: &["halo2*", "snark-verifier*", "tokio"],
        ..DEFAULT
    },
    // Histories to proofs: no clock, network or file. It links provers, which no crate that serves does.
    Rule {
        krate: "playfair-segments",
        may_import: &[
            "playfair-types",
            "playfair-admission",
            "playfair-machine",
            "playfair-proofs-kernel",
            "playfair-proofs-prover",
            "playfair-proofs-verifier",
            "playfair-runtime",
            "playfair-state",
        ],
        banned: &["tokio", "axum", "hyper"],
        ..DEFAULT
    },
    Rule {
        krate: "playfair-host",
        may_import: &[
            "playfair-types",
            "playfair-admission",
            "playfair-bls",
            "playfair-machine",
            "playfair-runtime",
            "playfair-sequencer",
            "playfair-state",
            "playfair-storage",
        ],
        banned: &["halo2*", "snark-verifier*", "axum", "hyper"],
        ..DEFAULT
    },
    Rule {
        krate: "playfair-pipeline",
        may_import: &[
            "playfair-types",
            "playfair-host",
            "playfair-http",
            "playfair-machine",
            "playfair-proofs-prover",
            "playfair-proofs-verifier",
            "playfair-provers",
            "playfair-runtime",
            "playfair-segments",
            "playfair-state",
            "playfair-storage",
        ],
        banned: &["snark-verifier*", "aws-lc-rs"],
        ..DEFAULT
    },
    // Jobs are bytes with names: it knows no chain.
    Rule {
        krate: "playfair-provers",
        may_import: &["playfair-http"],
        banned: &["halo2*", "snark-verifier*", "wasmtime*", "aws-lc-rs"],
        ..DEFAULT
    },
    Rule {
        krate: "playfair-rpc",
        may_import: &[
            "playfair-types",
            "playfair-bls",
            "playfair-host",
            "playfair-http",
            "playfair-mempool",
            "playfair-runtime",
            "playfair-sequencer",
            "playfair-state",
            "playfair-storage",
        ],
        banned: &["halo2*", "snark-verifier*", "aws-lc-rs"],
        ..DEFAULT
    },
    Rule {
        krate: "playfair-simulation",
        may_import: ANY,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-node",
        may_import: ANY,
        ..DEFAULT
    },
    // Where tests find what nobody here wrote.
    Rule {
        krate: "playfair-peers",
        ..DEFAULT
    },
    Rule {
        krate: "playfair-browser-tests",
        may_import: ANY,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-conformance",
        may_import: ANY,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-games",
        may_import: ANY,
        ..DEFAULT
    },
    Rule {
        krate: "playfair-proving",
        may_import: ANY,
        ..DEFAULT
    },
    // What a page links of the verifier; only the names of its exports are unsafe to Rust.
    Rule {
        krate: "playfair-verifier-wasm",
        may_import: &["playfair-types", "playfair-proofs-verifier"],
        banned: HEAVY,
        wasm32: true,
        unsafe_file: Some("src/lib.rs"),
        ..DEFAULT
    },
    Rule {
        krate: "playfair-fuzz",
        may_import: ANY,
        ..DEFAULT
    },
    Rule {
        krate: "xtask",
        banned: &["halo2*", "wasmtime*", "tokio"],
        ..DEFAULT
    },
];

/// Packages that nothing of ours may declare outside tests, with the reason.
///
/// One hash: every Poseidon value of the product comes from playfair-types, or from playfair-lanes, whose tests compare it with
/// that, so that no two parts can disagree about it. Another implementation is a test oracle (a dev-dependency) at most.
pub(crate) const BANNED_EVERYWHERE: &[(&str, &str)] = &[
    ("light-poseidon*", ONE_HASH),
    ("poseidon*", ONE_HASH),
    ("pse-poseidon*", ONE_HASH),
    ("neptune", ONE_HASH),
    ("dusk-poseidon", ONE_HASH),
    ("zkhash", ONE_HASH),
];

const ONE_HASH: &str = "one-hash: hash with playfair-types; another Poseidon may only be a dev-dependency";

/// The rule for `krate`.
pub(crate) fn rule(krate: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.krate == krate)
}

/// Whether a ban such as `halo2*` or `tokio` names `package`.
pub(crate) fn bans(ban: &str, package: &str) -> bool {
    match ban.strip_suffix('*') {
        Some(prefix) => package.starts_with(prefix),
        None => ban == package,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_has_one_rule() {
        for rule in RULES {
            let same = RULES.iter().filter(|other| other.krate == rule.krate).count();
            assert_eq!(same, 1, "{}", rule.krate);
        }
    }

    #[test]
    fn every_import_has_a_rule_itself() {
        for import in RULES
            .iter()
            .flat_map(|rule| rule.may_import)
            .filter(|import| **import != "*")
        {
            assert!(rule(import).is_some(), "{import}");
        }
    }

    #[test]
    fn a_star_bans_every_name_with_that_start() {
        assert!(bans("halo2*", "halo2-axiom") && bans("halo2*", "halo2_proofs"));
        assert!(bans("tokio", "tokio") && !bans("tokio", "tokio-util"));
    }
}
