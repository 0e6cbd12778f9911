//! Rules about each crate: its manifest and its roots.

use std::fs;
use std::path::Path;

use super::Findings;
use crate::crates;
use crate::failure::{Doing, Result};
use crate::repo::Repo;
use crate::workspace::{Crate, Workspace};

pub(super) fn check(repo: &Repo, workspace: &Workspace, findings: &mut Findings) -> Result<()> {
    for krate in &workspace.crates {
        let read = |path: &Path| fs::read_to_string(path).doing(format_args!("read {}", path.display()));
        let manifest = krate
            .manifest
            .strip_prefix(&repo.root)
            .unwrap_or(&krate.manifest)
            .display();
        for what in manifest_problems(krate, &read(&krate.manifest)?) {
            findings.problems.push(format!("{manifest}: {what}"));
        }
        for target in &krate.targets {
            let root = target
                .source
                .strip_prefix(&repo.root)
                .unwrap_or(&target.source)
                .display();
            for what in root_problems(&krate.name, &target.kind, &read(&target.source)?) {
                findings.problems.push(format!("{root}: {what}"));
            }
        }
    }
    Ok(())
}

fn manifest_problems(krate: &Crate, manifest: &str) -> Vec<&'static str> {
    let mut problems = Vec::new();
    if krate
        .description
        .as_deref()
        .is_none_or(|description| description.trim().is_empty())
    {
        problems.push("no `description`: say in one line what the crate is for");
    }
    if !inherits_lints(manifest) {
        problems.push("the workspace's lints are not inherited: add `[lints]` with `workspace = true`");
    }
    problems
}

/// `workspace = true` under `[lints]`, or `lints.workspace = true`.
fn inherits_lints(manifest: &str) -> bool {
    let mut section = "";
    manifest.lines().map(str::trim).any(|line| {
        if line.starts_with('[') {
            section = line;
        }
        let line: String = line
            .chars()
            .filter(|character| !character.is_whitespace())
            .collect();
        (section == "[lints]" && line == "workspace=true")
            || (section.is_empty() && line == "lints.workspace=true")
    })
}

fn root_problems(krate: &str, kind: &str, source: &str) -> Vec<&'static str> {
    let mut problems = Vec::new();
    let first = source
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("// @generated"));
    if !first.is_some_and(|line| line.starts_with("//!")) {
        problems.push("a crate root opens with `//!` docs: say what it is for");
    }
    let must_be_no_std = kind == "lib" && crates::rule(krate).is_some_and(|rule| rule.no_std);
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    if must_be_no_std && !lines.contains(&"#![no_std]") {
        problems.push("this crate works without std: its root must say `#![no_std]`");
    }
    let brings_std = |pair: &[&str]| pair[1].starts_with("extern crate std") && pair[0] != "#[cfg(test)]";
    if must_be_no_std && lines.windows(2).any(brings_std) {
        problems.push("this crate works without std: `extern crate std` is for its tests only");
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_describes_its_crate_and_inherits_the_lints() {
        let good = Crate {
            description: Some("Formats".to_owned()),
            ..Crate::default()
        };
        assert!(manifest_problems(&good, "[package]\n[lints]\nworkspace = true\n").is_empty());
        assert!(manifest_problems(&good, "lints.workspace = true\n").is_empty());
        let elsewhere = "[dependencies]\nworkspace = true\n[lints.rust]\nunsafe_code = \"allow\"\n";
        assert_eq!(manifest_problems(&Crate::default(), elsewhere).len(), 2);
    }

    #[test]
    fn a_root_opens_with_docs() {
        assert!(root_problems("xtask", "bin", "// @generated\n\n//! Docs.\n").is_empty());
        assert_eq!(
            root_problems("xtask", "bin", "fn main() {}\n//! Late.\n").len(),
            1
        );
    }

    #[test]
    fn types_stays_without_std() {
        assert!(root_problems("playfair-types", "lib", "//! Docs.\n#![no_std]\n").is_empty());
        assert_eq!(root_problems("playfair-types", "lib", "//! Docs.\n").len(), 1);
        assert_eq!(
            root_problems("playfair-types", "lib", "//! D\n#![no_std]\nextern crate std;\n").len(),
            1
        );
        let for_tests = "//! D\n#![no_std]\n#[cfg(test)]\nextern crate std;\n";
        assert!(root_problems("playfair-types", "lib", for_tests).is_empty());
        assert!(root_problems("playfair-types", "test", "//! Docs.\n").is_empty());
    }
}
