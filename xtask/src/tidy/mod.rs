//! Tidiness: rules about text that neither rustfmt nor clippy knows.
//!
//! [`text`] looks at each file alone, [`manifests`] at each crate, [`crate::invariants`] at the stated
//! invariants. Every problem is one line, `path:line: what is wrong and what to do`.

mod manifests;
mod text;

use std::fs;

use crate::failure::{Doing, Result, failure};
use crate::invariants;
use crate::repo::Repo;
use crate::report;
use crate::workspace::Workspace;

/// What the rules found; a warning does not fail the stage.
#[derive(Default)]
struct Findings {
    problems: Vec<String>,
    warnings: Vec<String>,
}

pub(crate) fn check(repo: &Repo, workspace: &Workspace) -> Result<Option<String>> {
    let mut findings = Findings::default();
    let files = repo.files()?;
    for path in &files {
        let bytes = fs::read(repo.root.join(path)).doing(format_args!("read {}", path.display()))?;
        let path = path.to_string_lossy();
        match String::from_utf8(bytes) {
            Ok(content) if !content.contains('\0') => text::check(&path, &content, &mut findings),
            // Anything that is not text has no lines to look at.
            _ => {}
        }
    }
    manifests::check(repo, workspace, &mut findings)?;
    findings.problems.extend(invariants::problems(repo));

    for warning in &findings.warnings {
        say!("warning: {warning}");
    }
    if findings.problems.is_empty() {
        return Ok(Some(report::count(files.len(), "file")));
    }
    let found = report::count(findings.problems.len(), "problem");
    Err(failure!("{found}:\n  {}", findings.problems.join("\n  ")))
}
