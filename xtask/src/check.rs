//! `cargo xtask check`: everything that can be judged without running the product.

use crate::args::Args;
use crate::failure::{Result, failure};
use crate::repo::Repo;
use crate::stages::{self, Context};
use crate::{report, setup};

pub(crate) fn run(repo: &Repo, mut args: Args) -> Result<()> {
    let mut wanted = Vec::new();
    while let Some(name) = args.positional() {
        wanted.push(name);
    }
    args.finish()?;
    let chosen = stages::checks(&wanted)?;
    let context = Context::new(repo)?;
    setup::toolchain(repo)?;
    let rows = stages::run(&context, &chosen);
    say!("\n{}", report::stage_table(&rows));
    stages::verdict(&rows)
}

pub(crate) fn fmt(context: &Context) -> Result<Option<String>> {
    let formatted = context.repo.cargo().args(["fmt", "--all", "--", "--check"]).run();
    formatted
        .map(|()| None)
        .map_err(|failure| failure!("{failure}; `cargo fmt --all` mends formatting"))
}

pub(crate) fn clippy(context: &Context) -> Result<Option<String>> {
    let args = [
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    context.repo.cargo().args(args).run()?;
    Ok(None)
}

pub(crate) fn clippy_wasm(context: &Context) -> Result<Option<String>> {
    let crates: Vec<&str> = context.wasm32_crates().collect();
    for krate in &crates {
        // One crate at a time, so that no other crate's features leak into it.
        let args = [
            "clippy",
            "--locked",
            "-p",
            krate,
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
        ];
        context
            .repo
            .cargo()
            .args(args)
            .args(["--", "-D", "warnings"])
            .run()?;
    }
    Ok(Some(crates.join(", ")))
}

pub(crate) fn deny(context: &Context) -> Result<Option<String>> {
    let deny = setup::cargo_deny(context.repo)?;
    setup::tool(context.repo, &deny)
        .args(["--all-features", "check", "licenses", "bans", "sources"])
        .run()?;
    Ok(Some(
        "advisories left out: they need a database from the network".into(),
    ))
}

pub(crate) fn docs(context: &Context) -> Result<Option<String>> {
    let doc = context
        .repo
        .cargo()
        .args(["doc", "--locked", "--workspace", "--no-deps"]);
    doc.env("RUSTDOCFLAGS", "-D warnings").run()?;
    Ok(None)
}
