//! `cargo xtask test`: set up, check, run every test, and hold the time against the budgets.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use crate::args::Args;
use crate::failure::{Result, failure};
use crate::issues::{self, ISSUES, WHOLE_RUN_COLD_MIN, WHOLE_RUN_WARM_MIN};
use crate::repo::Repo;
use crate::stages::{self, Context, Group, Stage, Tests};
use crate::{junit, report, setup};

/// The crate whose tests load the pages that the `web` stage builds.
const PAGE_TESTS: &str = "playfair-light-client-page";
/// nextest's exit code when the filter selects nothing.
const NEXTEST_NO_TESTS: i32 = 4;
/// nextest's exit code when a test failed.
const NEXTEST_TEST_FAILED: i32 = 100;

pub(crate) fn run(repo: &Repo, mut args: Args) -> Result<()> {
    let soak = args.flag("--soak");
    let only = args.option("--only")?;
    args.finish()?;

    let start = Instant::now();
    let (warmth, budget_min) = match setup::is_warm(repo) {
        true => ("warm", WHOLE_RUN_WARM_MIN),
        false => ("cold", WHOLE_RUN_COLD_MIN),
    };
    let mut context = Context {
        soak,
        ..Context::new(repo)?
    };
    let chosen = choose(only.as_deref(), &mut context);
    // A report of an earlier run must not be taken for this one's.
    let _ = fs::remove_file(junit_file(&context));

    let rows = stages::run(&context, &chosen);

    say!("\n{}", report::stage_table(&rows));
    if let Ok(text) = fs::read_to_string(junit_file(&context)) {
        let parallel = std::thread::available_parallelism().map_or(1, |number| number.get() as u32);
        say!(
            "\n{}",
            report::issue_table(ISSUES, &junit::by_crate(&text), parallel)
        );
    }
    say!("\n{}", report::whole_run(start.elapsed(), budget_min, warmth));
    if let Some(summary) = context.nextest_summary.borrow().as_deref() {
        say!("{summary}");
    }
    stages::verdict(&rows)
}

/// The stages that `--only` leaves: one stage, one issue's tests, or the tests that a filter selects.
fn choose(only: Option<&str>, context: &mut Context) -> Vec<&'static Stage> {
    let Some(only) = only else {
        return stages::of(&[Group::Setup, Group::Check, Group::Test]);
    };
    let mut chosen = stages::of(&[Group::Setup]);
    if let Some(stage) = stages::named(only) {
        chosen.extend((stage.group != Group::Setup).then_some(stage));
        return chosen;
    }
    let is_there = |krate: &&str| context.workspace.find(krate).is_some();
    context.tests = match issues::named(only) {
        Some(issue) => Tests::Of(
            issue
                .crates
                .iter()
                .copied()
                .filter(is_there)
                .map(str::to_owned)
                .collect(),
        ),
        None if only.contains('(') => Tests::Matching(only.to_owned()),
        None => Tests::Matching(format!("test({only})")),
    };
    if matches!(&context.tests, Tests::Of(crates) if crates.iter().any(|krate| krate == PAGE_TESTS)) {
        chosen.extend(stages::named("web"));
    }
    chosen.extend(stages::named("tests"));
    chosen
}

/// The `tests` stage.
pub(crate) fn nextest(context: &Context) -> Result<Option<String>> {
    let program = setup::cargo_nextest(context.repo)?;
    let mut process = setup::tool(context.repo, &program).args(["nextest", "run", "--locked"]);
    process = match &context.tests {
        Tests::All => process.args(["--workspace"]),
        Tests::Of(crates) => process.args(crates.iter().flat_map(|krate| ["-p", krate.as_str()])),
        Tests::Matching(filter) => process.args(["--workspace", "-E", filter.as_str()]),
    };
    if context.soak {
        process = process.args(["--profile", "soak"]).env("PLAYFAIR_SOAK", "1");
    }
    let status = setup::for_tests(context.repo, process).run_watching_stderr(|line| {
        say_err!("{line}");
        if line.trim_start().starts_with("Summary [") {
            context
                .nextest_summary
                .replace(Some(line.trim_start().to_owned()));
        }
    })?;
    if status.success() {
        return Ok(None);
    }
    Err(match status.code() {
        Some(NEXTEST_NO_TESTS) => failure!(
            "there is no such test; --only takes a stage ({}), an issue such as '#2', part of a test's \
             name, or a nextest filter such as 'package(playfair-types)'",
            stages::names(&[Group::Setup, Group::Check, Group::Test])
        ),
        Some(NEXTEST_TEST_FAILED) => {
            failure!("tests failed; `cargo xtask test --only NAME` runs those whose name contains NAME")
        }
        _ => failure!("cargo nextest could not run the tests ({status}): its own message is above"),
    })
}

/// The `doctests` stage: nextest does not run them.
pub(crate) fn doctests(context: &Context) -> Result<Option<String>> {
    let crates = context.workspace.crates.iter();
    let with_lib = crates.filter(|krate| krate.targets.iter().any(|target| target.has_doctests));
    let names: Vec<&str> = with_lib.map(|krate| krate.name.as_str()).collect();
    if names.is_empty() {
        return Ok(Some("no library".to_owned()));
    }
    let packages = names.iter().flat_map(|name| ["-p", name]);
    context
        .repo
        .cargo()
        .args(["test", "--locked", "--doc"])
        .args(packages)
        .run()?;
    Ok(Some(names.join(", ")))
}

/// nextest keeps its reports in the checkout's `target`, wherever it builds.
fn junit_file(context: &Context) -> PathBuf {
    let profile = if context.soak { "soak" } else { "default" };
    context
        .repo
        .root
        .join("target/nextest")
        .join(profile)
        .join("junit.xml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Crate, Workspace};

    fn chosen(only: Option<&str>) -> (Vec<&'static str>, Tests) {
        let repo = Repo {
            root: PathBuf::from("."),
            cache: PathBuf::from("."),
        };
        let crates = ["playfair-types", PAGE_TESTS].map(|name| Crate {
            name: name.to_owned(),
            ..Crate::default()
        });
        let crates = crates.into();
        let mut context = Context::with(&repo, Workspace { crates });
        let stages = choose(only, &mut context);
        (stages.iter().map(|stage| stage.name).collect(), context.tests)
    }

    #[test]
    fn everything_runs_unless_asked_otherwise() {
        let (stages, tests) = chosen(None);
        assert_eq!(stages.len(), stages::STAGES.len());
        assert_eq!(tests, Tests::All);
    }

    #[test]
    fn only_takes_a_stage_an_issue_or_a_filter() {
        assert_eq!(chosen(Some("doctests")), (vec!["setup", "doctests"], Tests::All));
        assert_eq!(chosen(Some("setup")), (vec!["setup"], Tests::All));
        let matching = |filter: &str| (vec!["setup", "tests"], Tests::Matching(filter.to_owned()));
        assert_eq!(chosen(Some("tape")), matching("test(tape)"));
        assert_eq!(chosen(Some("not test(tape)")), matching("not test(tape)"));
    }

    #[test]
    fn an_issue_builds_only_its_crates_that_are_there() {
        let crates = Tests::Of(vec!["playfair-types".to_owned()]);
        assert_eq!(chosen(Some("#2")), (vec!["setup", "tests"], crates));
        let crates = Tests::Of(vec![PAGE_TESTS.to_owned()]);
        assert_eq!(chosen(Some("#7")), (vec!["setup", "web", "tests"], crates));
    }
}
