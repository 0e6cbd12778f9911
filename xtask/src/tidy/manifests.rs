//! Rules about each crate: its manifest and its roots.

use std::fs;
use std::path::{Path, PathBuf};

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
        let text = read(&krate.manifest)?;
        let unsafe_file = crates::rule(&krate.name).and_then(|rule| rule.unsafe_file);
        for what in manifest_problems(krate, &text, unsafe_file.is_some()) {
            findings.problems.push(format!("{manifest}: {what}"));
        }
        if let Some(file) = unsafe_file {
            let root = read(&repo.root.join("Cargo.toml"))?;
            findings.problems.extend(missing_lints(&root, &text).map(|line| {
                format!("{manifest}: its lints are the workspace's, but for unsafe code: `{line}` is missing")
            }));
            findings.problems.extend(
                strays(krate, file)?
                    .into_iter()
                    .map(|stray| format!("{}: unsafe code belongs in {file} alone", stray.display())),
            );
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

/// Lines of the workspace's lints that a crate which writes them out lacks.
fn missing_lints<'a>(workspace: &'a str, manifest: &'a str) -> impl Iterator<Item = &'a str> {
    let mut inside = false;
    let lints = workspace.lines().filter(move |line| {
        if line.starts_with('[') {
            inside = line.starts_with("[workspace.lints.");
        }
        inside && line.contains('=') && !line.starts_with("unsafe_code")
    });
    lints
        .chain(["unsafe_code = \"deny\""])
        .filter(|line| !manifest.lines().any(|other| other == *line))
}

/// Files of a crate, other than `allowed`, that allow themselves unsafe code.
fn strays(krate: &Crate, allowed: &str) -> Result<Vec<PathBuf>> {
    let folder = krate.manifest.parent().unwrap_or(Path::new("/"));
    let (mut folders, mut found) = (vec![folder.join("src")], Vec::new());
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).doing(format_args!("list {}", next.display()))? {
            let path = entry.doing(format_args!("list {}", next.display()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path != folder.join(allowed)
                && fs::read_to_string(&path).is_ok_and(|text| text.contains("allow(unsafe_code)"))
            {
                found.push(path);
            }
        }
    }
    Ok(found)
}

fn manifest_problems(krate: &Crate, manifest: &str, writes_lints: bool) -> Vec<&'static str> {
    let mut problems = Vec::new();
    if krate
        .description
        .as_deref()
        .is_none_or(|description| description.trim().is_empty())
    {
        problems.push("no `description`: say in one line what the crate is for");
    }
    if !writes_lints && !inherits_lints(manifest) {
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
        assert!(manifest_problems(&good, "[package]\n[lints]\nworkspace = true\n", false).is_empty());
        assert!(manifest_problems(&good, "lints.workspace = true\n", false).is_empty());
        let elsewhere = "[dependencies]\nworkspace = true\n[lints.rust]\nunsafe_code = \"allow\"\n";
        assert!(manifest_problems(&good, elsewhere, true).is_empty());
        assert_eq!(manifest_problems(&Crate::default(), elsewhere, false).len(), 2);
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

    #[test]
    fn lints_that_are_written_out_are_all_there() {
        let workspace =
            "[workspace.lints.rust]\na = \"warn\"\nunsafe_code = \"forbid\"\n[other]\nb = \"no\"\n";
        let good = "[lints.rust]\nunsafe_code = \"deny\"\na = \"warn\"\n";
        assert_eq!(missing_lints(workspace, good).count(), 0);
        let bad = "[lints.rust]\nunsafe_code = \"allow\"\n";
        assert_eq!(
            missing_lints(workspace, bad).collect::<Vec<_>>(),
            ["a = \"warn\"", "unsafe_code = \"deny\""]
        );
    }
}
