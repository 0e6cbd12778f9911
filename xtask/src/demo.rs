//! `cargo xtask demo`: what works today, shown end to end.

use std::time::Instant;

use crate::args::Args;
use crate::failure::Result;
use crate::repo::Repo;
use crate::report;
use crate::setup;
use crate::workspace::Workspace;

/// One thing to show: an example that prints what it does.
struct Show {
    about: &'static str,
    package: &'static str,
    example: &'static str,
}

const SHOWS: &[Show] = &[
    Show {
        about: "formats: two chess moves from key to signed call, tape and state proof, each step checked from bytes",
        package: "playfair-types",
        example: "demo_formats",
    },
    Show {
        about: "runtime: Kasparov against Deep Blue, 1997, all six games as signed calls to the chess module",
        package: "playfair-games",
        example: "demo_chess",
    },
    Show {
        about: "proofs: the last of them proven whole, and every proof accepted by two verifiers",
        package: "playfair-proving",
        example: "demo_proofs",
    },
];

pub(crate) fn run(repo: &Repo, args: Args) -> Result<()> {
    args.finish()?;
    // Modules are compiled for wasm32, whose standard library a fresh machine lacks.
    setup::toolchain(repo)?;
    show(repo, &Workspace::load(repo)?).map(|_| ())
}

/// Runs every show; also a stage of `cargo xtask test`, so that the README's command keeps working.
pub(crate) fn show(repo: &Repo, workspace: &Workspace) -> Result<Option<String>> {
    for Show {
        about,
        package,
        example,
    } in SHOWS
    {
        workspace.require(package, "example", example)?;
        say!("== {about}");
        // Built first, so that the time below is the demo's own.
        let target = ["--locked", "--release", "-p", *package, "--example", *example];
        repo.cargo().args(["build"]).args(target).run()?;
        let start = Instant::now();
        repo.cargo().args(["run", "--quiet"]).args(target).run()?;
        say!("\nshown in {}", report::duration(start.elapsed()));
    }
    Ok(None)
}
