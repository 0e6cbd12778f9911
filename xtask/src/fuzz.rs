//! `cargo xtask fuzz`: one fuzz target, from a seed that its run prints and that replays it.

use crate::args::Args;
use crate::failure::{Result, failure};
use crate::repo::Repo;
use crate::workspace::Workspace;

const PACKAGE: &str = "playfair-fuzz";

pub(crate) fn run(repo: &Repo, mut args: Args) -> Result<()> {
    let seconds = args.number("--seconds")?;
    let seed = args.number("--seed")?;
    let target = args.positional();
    args.finish()?;
    let Some(target) = target else {
        return Err(failure!(
            "no target was named\nusage: cargo xtask fuzz TARGET [--seconds N] [--seed S]\n\
             an unknown TARGET is answered with the list of targets"
        ));
    };
    Workspace::load(repo)?.require(PACKAGE, "bin", PACKAGE)?;
    let mut process = repo.cargo().args([
        "run",
        "--locked",
        "--release",
        "-p",
        PACKAGE,
        "--bin",
        PACKAGE,
        "--",
        &target,
    ]);
    for (name, value) in [("--seconds", seconds), ("--seed", seed)] {
        if let Some(value) = value {
            process = process.args([name, &value.to_string()]);
        }
    }
    process.run()
}
