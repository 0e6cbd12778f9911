//! `cargo xtask demo`: what works today, shown end to end.
//!
//! Without a name it shows the network: `playfair dev`, two players, each move up to *proven*. Parts of it alone have names.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::args::Args;
use crate::failure::{Result, failure};
use crate::process::Process;
use crate::repo::Repo;
use crate::report;
use crate::setup;
use crate::web;
use crate::workspace::Workspace;

/// A part to show: an example that prints what it does.
struct Show {
    name: &'static str,
    about: &'static str,
    package: &'static str,
    example: &'static str,
}

const NETWORK: Show = Show {
    name: "network",
    about: "a network on this machine: two players over HTTP and WebSockets, each call up to its last rung",
    package: "playfair-games",
    example: "demo_network",
};

const PARTS: &[Show] = &[
    Show {
        name: "formats",
        about: "two chess moves from key to signed call, tape and state proof, each step checked from bytes",
        package: "playfair-types",
        example: "demo_formats",
    },
    Show {
        name: "runtime",
        about: "Kasparov against Deep Blue, 1997, all six games as signed calls to the chess module",
        package: "playfair-games",
        example: "demo_chess",
    },
    Show {
        name: "proofs",
        about: "the last of them proven whole, and every proof accepted by two verifiers",
        package: "playfair-proving",
        example: "demo_proofs",
    },
];

pub(crate) fn run(repo: &Repo, mut args: Args) -> Result<()> {
    let shown = Shown {
        exits: args.flag("--exit"),
        page: !args.flag("--no-page"),
        browser: args.flag("--browser"),
    };
    let part = args.positional();
    args.finish()?;
    // Modules are compiled for wasm32, whose standard library a fresh machine lacks.
    setup::toolchain(repo)?;
    let workspace = Workspace::load(repo)?;
    let Some(name) = part else {
        return network(repo, &workspace, shown);
    };
    match PARTS.iter().find(|show| show.name == name) {
        Some(show) => show.run(repo, &workspace),
        None => {
            let names: Vec<&str> = PARTS.iter().map(|show| show.name).collect();
            Err(failure!(
                "there is no demo {name}: without a name the network is shown, and its parts are {}",
                names.join(", ")
            ))
        }
    }
}

/// Runs every show; a stage of `cargo xtask test`, so that the README's command keeps working.
pub(crate) fn show(repo: &Repo, workspace: &Workspace) -> Result<Option<String>> {
    for part in PARTS {
        part.run(repo, workspace)?;
    }
    let shown = Shown {
        exits: true,
        page: true,
        browser: false,
    };
    network(repo, workspace, shown)?;
    Ok(None)
}

/// How the network is shown.
struct Shown {
    /// It ends with the game, or else with Ctrl-C.
    exits: bool,
    /// It serves the page.
    page: bool,
    /// The game's end is played in a browser.
    browser: bool,
}

/// The page's folder, built; none unless it is wanted, and where its sources are not.
fn page(repo: &Repo, shown: &Shown) -> Result<Option<PathBuf>> {
    if !shown.page {
        return Ok(None);
    }
    say!("building the page");
    Ok(Some(web::build(repo)?.page.folder))
}

fn network(repo: &Repo, workspace: &Workspace, shown: Shown) -> Result<()> {
    let page = page(repo, &shown)?;
    if shown.browser && page.is_none() {
        return Err(failure!(
            "there is no page to open in a browser: leave out --browser, or --no-page"
        ));
    }
    say!("building the node and the demo (some minutes the first time)");
    let node = [
        "--locked",
        "--release",
        "-p",
        "playfair-node",
        "--bin",
        "playfair",
    ];
    repo.cargo().args(["build"]).args(node).run()?;
    let example = NETWORK.build(repo, workspace)?;
    let release = repo.target().join("release");
    let folder = repo.target().join("demo-network");
    let start = Instant::now();
    let mut demo = example.args([release.join("playfair"), folder]);
    if let Some(page) = page {
        demo = demo.args([Path::new("--page"), &page]);
    }
    if shown.browser {
        let (peers, pictures) = (setup::browser(repo)?, repo.root.join("target/page"));
        demo = demo.args([Path::new("--browser"), &peers, &pictures]);
    }
    if shown.exits {
        demo = demo.args(["--exit"]);
    }
    demo.run()?;
    say!("\nshown in {}", report::duration(start.elapsed()));
    Ok(())
}

impl Show {
    fn run(&self, repo: &Repo, workspace: &Workspace) -> Result<()> {
        let example = self.build(repo, workspace)?;
        let start = Instant::now();
        example.run()?;
        say!("\nshown in {}", report::duration(start.elapsed()));
        Ok(())
    }

    /// Built first, so that the times that are shown are the demo's own. What runs it comes back.
    fn build(&self, repo: &Repo, workspace: &Workspace) -> Result<Process> {
        workspace.require(self.package, "example", self.example)?;
        say!("== {}: {}", self.name, self.about);
        let target = [
            "--locked",
            "--release",
            "-p",
            self.package,
            "--example",
            self.example,
        ];
        repo.cargo().args(["build"]).args(target).run()?;
        Ok(repo.cargo().args(["run", "--quiet"]).args(target).args(["--"]))
    }
}
