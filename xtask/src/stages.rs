//! The one table of what `cargo xtask check` and `cargo xtask test` run, and the loop that runs it.
//!
//! Every stage runs even after another failed, so that one run shows everything there is to mend; only a
//! failed set-up ends it at once.

use std::cell::RefCell;
use std::time::Instant;

use crate::failure::{Failure, Result, failure};
use crate::repo::Repo;
use crate::report::{self, Row};
use crate::workspace::Workspace;
use crate::{check, crates, demo, import_rules, setup, test, tidy, web};

/// Which tests the `tests` stage runs.
#[derive(Debug, PartialEq)]
pub(crate) enum Tests {
    All,
    /// Those of these crates; nothing else is built.
    Of(Vec<String>),
    /// Those that a nextest filter selects.
    Matching(String),
}

/// What a stage works with.
pub(crate) struct Context<'a> {
    pub(crate) repo: &'a Repo,
    pub(crate) workspace: Workspace,
    /// Run the long versions of the tests.
    pub(crate) soak: bool,
    pub(crate) tests: Tests,
    /// nextest's own summary line, repeated at the end of the run.
    pub(crate) nextest_summary: RefCell<Option<String>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(repo: &'a Repo) -> Result<Self> {
        Ok(Self::with(repo, Workspace::load(repo)?))
    }

    pub(crate) fn with(repo: &'a Repo, workspace: Workspace) -> Self {
        Self {
            repo,
            workspace,
            soak: false,
            tests: Tests::All,
            nextest_summary: RefCell::new(None),
        }
    }

    /// The crates of ours that must compile for wasm32.
    pub(crate) fn wasm32_crates(&self) -> impl Iterator<Item = &str> {
        let names = self.workspace.crates.iter().map(|krate| krate.name.as_str());
        names.filter(|name| crates::rule(name).is_some_and(|rule| rule.wasm32))
    }
}

/// Which command a stage belongs to; `test` runs them all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Setup,
    Check,
    Test,
}

/// One line of the summary. A passing stage may return a note for it.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) group: Group,
    pub(crate) run: fn(&Context) -> Result<Option<String>>,
}

pub(crate) const STAGES: &[Stage] = &[
    Stage {
        name: "setup",
        about: "toolchain targets, cargo-nextest, cargo-deny, npm and Python peers, Chromium",
        group: Group::Setup,
        run: setup::everything,
    },
    Stage {
        name: "fmt",
        about: "every file is formatted",
        group: Group::Check,
        run: check::fmt,
    },
    Stage {
        name: "imports",
        about: "who may import whom",
        group: Group::Check,
        run: |context| import_rules::check(context.repo, &context.workspace),
    },
    Stage {
        name: "tidy",
        about: "text, file sizes, manifests, stated invariants",
        group: Group::Check,
        run: |context| tidy::check(context.repo, &context.workspace),
    },
    Stage {
        name: "deny",
        about: "licences, bans, sources",
        group: Group::Check,
        run: check::deny,
    },
    Stage {
        name: "clippy",
        about: "lints on this machine",
        group: Group::Check,
        run: check::clippy,
    },
    Stage {
        name: "clippy-wasm",
        about: "lints on wasm32-unknown-unknown",
        group: Group::Check,
        run: check::clippy_wasm,
    },
    Stage {
        name: "docs",
        about: "rustdoc without warnings",
        group: Group::Check,
        run: check::docs,
    },
    Stage {
        name: "web",
        about: "the page, and the light client's npm package, which the tests load into Chromium",
        group: Group::Test,
        run: web::stage,
    },
    Stage {
        name: "tests",
        about: "cargo nextest",
        group: Group::Test,
        run: test::nextest,
    },
    Stage {
        name: "doctests",
        about: "examples in the docs",
        group: Group::Test,
        run: test::doctests,
    },
    Stage {
        name: "demo",
        about: "the README's first command",
        group: Group::Test,
        run: |context| demo::show(context.repo, &context.workspace),
    },
];

/// The stage of that name.
pub(crate) fn named(name: &str) -> Option<&'static Stage> {
    STAGES.iter().find(|stage| stage.name == name)
}

/// The stages of these groups, in order.
pub(crate) fn of(groups: &[Group]) -> Vec<&'static Stage> {
    STAGES
        .iter()
        .filter(|stage| groups.contains(&stage.group))
        .collect()
}

/// The names of these groups' stages, for a message.
pub(crate) fn names(groups: &[Group]) -> String {
    let names: Vec<&str> = of(groups).iter().map(|stage| stage.name).collect();
    names.join(", ")
}

/// Runs `stages` in order; each becomes a row of the summary.
pub(crate) fn run(context: &Context, stages: &[&'static Stage]) -> Vec<Row> {
    let mut rows = Vec::new();
    for stage in stages {
        say!("\n== {}: {}", stage.name, stage.about);
        let start = Instant::now();
        let result = (stage.run)(context);
        if let Err(failure) = &result {
            say_err!("{}: {failure}", stage.name);
        }
        let stop = result.is_err() && stage.group == Group::Setup;
        rows.push(Row {
            stage: stage.name,
            time: start.elapsed(),
            result,
        });
        if stop {
            break;
        }
    }
    rows
}

/// The verdict on `rows`: which stages failed, and how to run only those again.
pub(crate) fn verdict(rows: &[Row]) -> Result<()> {
    let failed: Vec<&Row> = rows.iter().filter(|row| row.result.is_err()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let mut message = format!("{} failed:", report::count(failed.len(), "stage"));
    for row in failed {
        message.push_str(&format!(
            "\n  {}: run it alone with `{}`",
            row.stage,
            rerun(row.stage)
        ));
    }
    Err(Failure::new(message))
}

fn rerun(stage: &str) -> String {
    match named(stage).map(|stage| stage.group) {
        Some(Group::Check) => format!("cargo xtask check {stage}"),
        _ => format!("cargo xtask test --only {stage}"),
    }
}

/// The check stages that `names` ask for; all of them when none is named.
pub(crate) fn checks(wanted: &[String]) -> Result<Vec<&'static Stage>> {
    if wanted.is_empty() {
        return Ok(of(&[Group::Check]));
    }
    let find = |name: &String| {
        let stage = named(name).filter(|stage| stage.group == Group::Check);
        stage.ok_or_else(|| failure!("no check `{name}`; there are: {}", names(&[Group::Check])))
    };
    wanted.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn row(stage: &'static str, result: Result<Option<String>>) -> Row {
        Row {
            stage,
            time: Duration::ZERO,
            result,
        }
    }

    #[test]
    fn a_failed_stage_says_how_to_run_it_alone() {
        let rows = [
            row("fmt", Err(failure!("no"))),
            row("tidy", Ok(None)),
            row("tests", Err(failure!("no"))),
        ];
        let message = verdict(&rows).unwrap_err().to_string();
        assert_eq!(
            message,
            "2 stages failed:\n  fmt: run it alone with `cargo xtask check fmt`\n  \
             tests: run it alone with `cargo xtask test --only tests`"
        );
        assert!(verdict(&rows[1..2]).is_ok());
    }

    #[test]
    fn checks_are_chosen_by_name() {
        let chosen = checks(&["tidy".into(), "fmt".into()]).unwrap();
        assert_eq!(
            chosen.iter().map(|stage| stage.name).collect::<Vec<_>>(),
            ["tidy", "fmt"]
        );
        let failure = checks(&["tests".into()]).err().unwrap().to_string();
        assert!(failure.starts_with("no check `tests`; there are: fmt, imports"));
    }
}
