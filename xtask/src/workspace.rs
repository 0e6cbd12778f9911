//! The workspace as `cargo metadata` tells it: crates, what they declare, what they build.

use std::path::PathBuf;

use serde_json::Value;

use crate::failure::{Result, failure};
use crate::repo::Repo;

/// The crates of this repository.
pub(crate) struct Workspace {
    pub(crate) crates: Vec<Crate>,
}

/// One crate of ours.
#[derive(Default)]
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) manifest: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

/// A declared dependency, by its package name whatever it is renamed to.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Given by a path: one of ours.
    pub(crate) internal: bool,
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Dev,
}

/// Something cargo builds: a library, a binary, a test, an example.
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) source: PathBuf,
    pub(crate) has_doctests: bool,
}

impl Workspace {
    pub(crate) fn load(repo: &Repo) -> Result<Self> {
        let text = repo
            .cargo()
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .capture()?;
        Self::parse(&text)
            .ok_or_else(|| failure!("cannot read `cargo metadata`: is this cargo too old or too new?"))
    }

    fn parse(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        let crates = json["packages"]
            .as_array()?
            .iter()
            .map(parse_crate)
            .collect::<Option<_>>()?;
        Some(Self { crates })
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Crate> {
        self.crates.iter().find(|krate| krate.name == name)
    }

    /// Fails in words when `package`, or `target` of that kind in it, is not there.
    pub(crate) fn require(&self, package: &str, kind: &str, target: &str) -> Result<()> {
        let Some(krate) = self.find(package) else {
            return Err(failure!(
                "the workspace has no crate {package}: add it to `members` in Cargo.toml"
            ));
        };
        if krate
            .targets
            .iter()
            .any(|have| have.kind == kind && have.name == target)
        {
            return Ok(());
        }
        Err(failure!(
            "{package} has no {kind} `{target}`: write it, or mend the table in xtask that names it"
        ))
    }
}

fn parse_crate(package: &Value) -> Option<Crate> {
    let dependencies = package["dependencies"].as_array()?.iter().map(parse_dependency);
    let targets = package["targets"].as_array()?.iter().map(parse_target);
    Some(Crate {
        name: package["name"].as_str()?.to_owned(),
        description: package["description"].as_str().map(str::to_owned),
        manifest: PathBuf::from(package["manifest_path"].as_str()?),
        dependencies: dependencies.collect::<Option<_>>()?,
        targets: targets.collect::<Option<_>>()?,
    })
}

fn parse_dependency(dependency: &Value) -> Option<Dependency> {
    let kind = match dependency["kind"].as_str() {
        None => Kind::Normal,
        Some("build") => Kind::Build,
        Some("dev") => Kind::Dev,
        Some(_) => return None,
    };
    let name = dependency["name"].as_str()?.to_owned();
    Some(Dependency {
        name,
        kind,
        internal: dependency["path"].is_string(),
    })
}

fn parse_target(target: &Value) -> Option<Target> {
    Some(Target {
        name: target["name"].as_str()?.to_owned(),
        kind: target["kind"].as_array()?.first()?.as_str()?.to_owned(),
        source: PathBuf::from(target["src_path"].as_str()?),
        has_doctests: target["doctest"].as_bool()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = r#"{"packages": [{"name": "a", "description": null, "manifest_path": "a/Cargo.toml",
        "dependencies": [{"name": "b", "kind": null, "path": "b"}, {"name": "c", "kind": "dev"}],
        "targets": [{"name": "demo", "kind": ["example"], "src_path": "a/examples/demo.rs", "doctest": false}]}]}"#;

    #[test]
    fn metadata_is_read() {
        let workspace = Workspace::parse(METADATA).unwrap();
        let krate = workspace.find("a").unwrap();
        assert_eq!(krate.description, None);
        assert!(krate.dependencies[0].internal && krate.dependencies[0].kind == Kind::Normal);
        assert!(!krate.dependencies[1].internal && krate.dependencies[1].kind == Kind::Dev);
        assert!(Workspace::parse("{}").is_none());
    }

    #[test]
    fn a_missing_crate_or_target_is_named() {
        let workspace = Workspace::parse(METADATA).unwrap();
        workspace.require("a", "example", "demo").unwrap();
        let crate_missing = workspace.require("z", "example", "demo").unwrap_err().to_string();
        assert!(crate_missing.contains("no crate z"));
        let target_missing = workspace.require("a", "bin", "demo").unwrap_err().to_string();
        assert!(target_missing.contains("no bin `demo`"));
    }
}
