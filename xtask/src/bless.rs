//! `cargo xtask bless`: regenerates the committed tables and the vectors that freeze the formats.

use crate::args::Args;
use crate::failure::Result;
use crate::process::Process;
use crate::repo::Repo;
use crate::setup;
use crate::workspace::Workspace;

/// Tests that write their files when `PLAYFAIR_BLESS=1`, and compare with them otherwise.
struct Blessed {
    about: &'static str,
    package: &'static str,
    /// The kind and name of the target that holds the tests, as `cargo metadata` says them.
    target: (&'static str, &'static str),
    /// What `cargo test` takes to run them alone.
    args: &'static [&'static str],
}

/// In this order: the vectors are made with the tables.
const BLESSED: &[Blessed] = &[
    Blessed {
        about: "the Poseidon tables",
        package: "playfair-types",
        target: ("lib", "playfair_types"),
        args: &["--lib", "poseidon"],
    },
    Blessed {
        about: "the format vectors",
        package: "playfair-types",
        target: ("test", "fixtures"),
        args: &["--test", "fixtures"],
    },
    Blessed {
        about: "the tables of docs/HOST.md",
        package: "playfair-admission",
        target: ("test", "reference"),
        args: &["--test", "reference"],
    },
    Blessed {
        about: "the listings of instrumented modules",
        package: "playfair-admission",
        target: ("test", "golden"),
        args: &["--test", "golden"],
    },
    Blessed {
        about: "the ABI of the tutorial's module",
        package: "playfair-counter",
        target: ("test", "abi"),
        args: &["--test", "abi"],
    },
    Blessed {
        about: "where the recorded games end",
        package: "playfair-games",
        target: ("test", "recorded_games"),
        args: &["--test", "recorded_games"],
    },
    Blessed {
        about: "the kernel's program",
        package: "playfair-proofs-kernel",
        target: ("test", "program"),
        args: &["--test", "program", "it_is_what"],
    },
    Blessed {
        about: "the listings of lowered modules",
        package: "playfair-proofs-isa",
        target: ("test", "lower"),
        args: &["--test", "lower", "golden"],
    },
    Blessed {
        about: "the most rows of instructions",
        package: "playfair-proofs-isa",
        target: ("test", "lower"),
        args: &["--test", "lower", "worst"],
    },
    Blessed {
        about: "the list of faulty executors: those of the circuit",
        package: "playfair-proofs-circuit",
        target: ("test", "faulty"),
        args: &["--test", "faulty", "campaign"],
    },
    Blessed {
        about: "those of the kernel",
        package: "playfair-proving",
        target: ("test", "faulty"),
        args: &["--test", "faulty", "campaign"],
    },
    Blessed {
        about: "the list of constraints",
        package: "playfair-proofs-circuit",
        target: ("test", "listing"),
        args: &["--test", "listing"],
    },
    Blessed {
        about: "the constraints that verifiers have compiled in",
        package: "playfair-proofs-prover",
        target: ("test", "constraints"),
        args: &["--test", "constraints"],
    },
    Blessed {
        about: "the counts of the official suite",
        package: "playfair-conformance",
        target: ("test", "official"),
        args: &["--test", "official"],
    },
    Blessed {
        about: "the digest that every target must make",
        package: "playfair-fuzz",
        target: ("test", "wasm32"),
        args: &["--test", "wasm32", "this_target"],
    },
];

pub(crate) fn run(repo: &Repo, args: Args) -> Result<()> {
    args.finish()?;
    let workspace = Workspace::load(repo)?;
    for Blessed {
        package,
        target: (kind, name),
        ..
    } in BLESSED
    {
        workspace.require(package, kind, name)?;
    }
    setup::toolchain(repo)?;
    setup::peers(repo)?;
    for Blessed {
        about, package, args, ..
    } in BLESSED
    {
        say!("== bless: {about}");
        let cargo = repo.cargo().args(["test", "--locked", "-p", package]).args(*args);
        setup::for_tests(repo, cargo).env("PLAYFAIR_BLESS", "1").run()?;
    }
    say!("\n== what changed");
    Process::new("git", &repo.root)
        .args(["--no-pager", "diff", "--stat"])
        .run()?;
    Process::new("git", &repo.root)
        .args(["--no-pager", "status", "--short"])
        .run()?;
    say!(
        "\nA changed vector is a changed format: nodes, provers and clients in the field disagree about it.\n\
         Bless deliberately: read the diff line by line, say why in the commit, and change the version\n\
         where the format's page asks for it. No change above means that nothing moved."
    );
    Ok(())
}
