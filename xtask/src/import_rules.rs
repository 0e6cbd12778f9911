//! Enforces the table in [`crate::crates`]: who may import whom, and what must not be linked where.
//!
//! Declared dependencies come from `cargo metadata`. What is linked through others comes from `cargo tree`
//! for that crate alone: the workspace's common resolution would also show features that only another
//! crate turns on.

use crate::crates::{self, Rule, bans};
use crate::failure::{Result, failure};
use crate::repo::Repo;
use crate::workspace::{Crate, Kind, Workspace};

/// Fails with every broken rule.
pub(crate) fn check(repo: &Repo, workspace: &Workspace) -> Result<Option<String>> {
    let mut broken = Vec::new();
    for krate in &workspace.crates {
        let Some(rule) = crates::rule(&krate.name) else {
            broken.push(no_rule(krate));
            continue;
        };
        broken.extend(declared(rule, krate));
        if !rule.banned.is_empty() {
            broken.extend(linked(rule, &tree(repo, rule)?));
        }
    }
    match broken.is_empty() {
        true => Ok(Some(format!("{} crates", workspace.crates.len()))),
        false => Err(failure!(
            "import rules are broken (xtask/src/crates.rs):\n  {}",
            broken.join("\n  ")
        )),
    }
}

fn no_rule(krate: &Crate) -> String {
    format!(
        "{} has no rule: add a rule for it to RULES in xtask/src/crates.rs",
        krate.name
    )
}

/// Rules about what a crate's own manifest declares.
fn declared(rule: &Rule, krate: &Crate) -> Vec<String> {
    let mut broken = Vec::new();
    for dependency in &krate.dependencies {
        let name = dependency.name.as_str();
        if dependency.internal {
            if rule.may_import != crates::ANY && !rule.may_import.contains(&name) {
                broken.push(format!("{} must not import {name}", krate.name));
            }
        } else if dependency.kind != Kind::Dev {
            let everywhere = crates::BANNED_EVERYWHERE.iter().find(|(ban, _)| bans(ban, name));
            if let Some((_, reason)) = everywhere {
                broken.push(format!("{} must not depend on {name} ({reason})", krate.name));
            }
        }
    }
    broken
}

/// Rules about what ends up linked into a crate, its dependencies' dependencies included.
fn linked(rule: &Rule, tree: &[String]) -> Vec<String> {
    let is_banned = |package: &&String| rule.banned.iter().any(|ban| bans(ban, package));
    tree.iter()
        .filter(is_banned)
        .map(|package| {
            let how = format!("`cargo tree -p {} -e normal -i {package}` shows how", rule.krate);
            format!("{} must not link {package}; {how}", rule.krate)
        })
        .collect()
}

/// The packages linked into a crate, without its dev-dependencies.
fn tree(repo: &Repo, rule: &Rule) -> Result<Vec<String>> {
    let mut args = vec![
        "tree", "-p", rule.krate, "-e", "normal", "--prefix", "none", "--format", "{p}",
    ];
    if rule.wasm32 {
        args.extend(["--target", "wasm32-unknown-unknown"]);
    }
    Ok(package_names(&repo.cargo().args(args).capture()?))
}

/// `name v1.2.3 (path) (*)` per line: the names, each once.
fn package_names(listing: &str) -> Vec<String> {
    let mut names: Vec<String> = listing
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn krate(name: &str, dependencies: &[(&str, Kind, bool)]) -> Crate {
        let dependencies = dependencies.iter().map(|(name, kind, internal)| Dependency {
            name: (*name).to_owned(),
            kind: *kind,
            internal: *internal,
        });
        Crate {
            name: name.to_owned(),
            dependencies: dependencies.collect(),
            ..Crate::default()
        }
    }

    fn declared_by(name: &str, dependencies: &[(&str, Kind, bool)]) -> Vec<String> {
        declared(crates::rule(name).unwrap(), &krate(name, dependencies))
    }

    #[test]
    fn an_allowed_graph_passes() {
        assert!(declared_by("playfair-types", &[("ark-ff", Kind::Normal, false)]).is_empty());
        assert!(declared_by("playfair-node", &[("playfair-web", Kind::Normal, true)]).is_empty());
    }

    #[test]
    fn types_may_import_nothing_of_ours_not_even_for_tests() {
        let broken = declared_by("playfair-types", &[("playfair-runtime", Kind::Dev, true)]);
        assert_eq!(broken, ["playfair-types must not import playfair-runtime"]);
    }

    #[test]
    fn the_web_knows_the_rules_and_nothing_that_verifies() {
        let dependencies = [
            ("playfair-chess-rules", Kind::Normal, true),
            ("playfair-types", Kind::Normal, true),
        ];
        assert_eq!(
            declared_by("playfair-web", &dependencies),
            ["playfair-web must not import playfair-types"]
        );
    }

    #[test]
    fn another_poseidon_is_a_test_oracle_at_most() {
        assert!(declared_by("playfair-types", &[("light-poseidon", Kind::Dev, false)]).is_empty());
        let broken = declared_by("playfair-node", &[("light-poseidon", Kind::Normal, false)]);
        assert!(broken[0].starts_with("playfair-node must not depend on light-poseidon (one-hash"));
    }

    #[test]
    fn a_banned_package_deep_in_the_tree_is_found() {
        let listing =
            "playfair-proofs-verifier v0.1.0 (there)\nark-ec v0.6.0\nrayon v1.10.0\nrayon v1.10.0 (*)\n";
        let rule = crates::rule("playfair-proofs-verifier").unwrap();
        let broken = linked(rule, &package_names(listing));
        assert_eq!(broken.len(), 1);
        assert!(broken[0].starts_with("playfair-proofs-verifier must not link rayon;"));
    }

    #[test]
    fn a_crate_without_a_rule_is_told_to_add_one() {
        assert!(crates::rule("playfair-surprise").is_none());
        assert!(no_rule(&krate("playfair-surprise", &[])).contains("add a rule"));
    }
}
