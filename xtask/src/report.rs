//! Summaries: aligned tables, times in words, time against budget.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::failure::Result;
use crate::issues::Issue;
use crate::junit::Tests;

/// One stage that ran.
pub(crate) struct Row {
    pub(crate) stage: &'static str,
    pub(crate) time: Duration,
    pub(crate) result: Result<Option<String>>,
}

/// A line per stage: name, ok or FAILED, time, note.
pub(crate) fn stage_table(rows: &[Row]) -> String {
    let cells = rows.iter().map(|row| {
        let (verdict, note) = match &row.result {
            Ok(note) => ("ok", note.clone().unwrap_or_default()),
            Err(_) => ("FAILED", "its message is above".to_owned()),
        };
        vec![row.stage.to_owned(), verdict.to_owned(), duration(row.time), note]
    });
    table(&["stage", "", "time", ""], cells.collect())
}

/// A line per issue whose tests ran: how many, their time, the budget; and the warnings there are.
///
/// The time is what the tests took added up and divided by `parallel`, the tests that run at once: the share
/// of the run that is theirs.
pub(crate) fn issue_table(issues: &[Issue], crates: &BTreeMap<String, Tests>, parallel: u32) -> String {
    let mut cells = Vec::new();
    let mut warnings = Vec::new();
    let mut homeless = crates.clone();
    for issue in issues {
        let mut total = Tests::default();
        for krate in issue.crates {
            let tests = homeless.remove(*krate).unwrap_or_default();
            total.count += tests.count;
            total.time += tests.time;
        }
        if total.count == 0 {
            continue;
        }
        let time = total.time / parallel.max(1);
        let budget = Duration::from_secs(issue.budget_min * 60);
        cells.push(vec![
            issue.label(),
            count(total.count, "test"),
            duration(time),
            duration(budget),
        ]);
        if time > budget {
            let over = duration(time - budget);
            warnings.push(format!("\nwarning: {} is {over} over its budget", issue.label()));
        }
    }
    for (krate, tests) in homeless {
        let time = duration(tests.time / parallel.max(1));
        cells.push(vec![
            krate.clone(),
            count(tests.count, "test"),
            time,
            "none".to_owned(),
        ]);
        warnings.push(format!(
            "\nwarning: {krate} belongs to no issue: name it in xtask/src/issues.rs"
        ));
    }
    table(&["issue", "", "time", "budget"], cells) + &warnings.concat()
}

/// The whole run against its budget.
pub(crate) fn whole_run(time: Duration, budget_min: u64, warmth: &str) -> String {
    let budget = Duration::from_secs(budget_min * 60);
    let line = format!("whole run ({warmth}): {} of {}", duration(time), duration(budget));
    match time > budget {
        true => format!(
            "{line}\nwarning: the whole run is {} over its budget",
            duration(time - budget)
        ),
        false => line,
    }
}

/// Left-aligned columns under a heading; no trailing spaces.
pub(crate) fn table(heading: &[&str], rows: Vec<Vec<String>>) -> String {
    let heading: Vec<String> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(rows).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let lines = rows.iter().map(|row| {
        let cells = row
            .iter()
            .enumerate()
            .map(|(column, cell)| format!("{cell:0$}", width(column)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// `1 test`, `2 tests`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// `0.4 s`, `12 s`, `3 min 20 s`.
pub(crate) fn duration(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::failure;

    #[test]
    fn stages_line_up() {
        let seconds = Duration::from_secs;
        let rows = [
            Row {
                stage: "fmt",
                time: seconds(1),
                result: Ok(Some("tidy".into())),
            },
            Row {
                stage: "doctests",
                time: seconds(200),
                result: Err(failure!("no")),
            },
        ];
        assert_eq!(
            stage_table(&rows),
            "stage             time\n\
             fmt       ok      1.0 s       tidy\n\
             doctests  FAILED  3 min 20 s  its message is above"
        );
    }

    #[test]
    fn an_issue_over_budget_and_a_crate_without_issue_are_warned_about() {
        const ISSUES: &[Issue] = &[Issue {
            number: 1,
            title: "x",
            budget_min: 1,
            crates: &["a", "b"],
        }];
        let tests = |seconds| Tests {
            count: 2,
            time: Duration::from_secs(seconds),
        };
        let crates = BTreeMap::from([
            ("a".into(), tests(150)),
            ("b".into(), tests(50)),
            ("c".into(), tests(1)),
        ]);
        let text = issue_table(ISSUES, &crates, 2);
        assert!(text.contains("#1 x   4 tests  1 min 40 s  1 min"), "{text}");
        assert!(text.contains("warning: #1 x is 40 s over its budget"), "{text}");
        assert!(text.contains("warning: c belongs to no issue"), "{text}");
    }

    #[test]
    fn the_whole_run_is_held_against_its_budget() {
        assert_eq!(
            whole_run(Duration::from_secs(61), 15, "warm"),
            "whole run (warm): 1 min 1 s of 15 min"
        );
        assert!(whole_run(Duration::from_secs(960), 15, "warm").ends_with("1 min over its budget"));
    }

    #[test]
    fn times_read_well() {
        let times = [400, 12_900, 60_000, 200_000].map(|ms| duration(Duration::from_millis(ms)));
        assert_eq!(times, ["0.4 s", "12 s", "1 min", "3 min 20 s"]);
    }
}
