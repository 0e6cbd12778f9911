//! `cargo xtask <command>`: every developer task of Playfair behind one command.
//!
//! The rooms of this house, in the order a newcomer needs them:
//! - one module per command: `check`, `test`, `web`, `demo`, `bench`, `bless`, `fuzz`;
//! - `stages`, the one table of what `check` and `test` run, and `setup`, what they need installed;
//! - the tables that people edit: `crates` (who may import whom), `issues` (minute budgets),
//!   `invariants` (where each stated invariant is enforced), `bench`'s suites and bars;
//! - `bundle`, the page as nodes serve it, and `optimise`, wasm-opt with a memory;
//! - the rules: `import_rules` and `tidy`;
//! - plumbing: `args`, `process`, `repo`, `workspace`, `report`, `failure`.
//!
//! A failure is one message that says what to do, with exit code 1; nothing here panics on a user.

#[macro_use]
mod say;

mod args;
mod bench;
mod bless;
mod bundle;
mod check;
mod crates;
mod demo;
mod failure;
mod fuzz;
mod import_rules;
mod invariants;
mod issues;
mod junit;
mod optimise;
mod process;
mod python;
mod repo;
mod report;
mod setup;
mod stages;
mod test;
mod tidy;
mod web;
mod workspace;

use std::process::ExitCode;

use args::Args;
use failure::{Result, failure};
use repo::Repo;

/// One command: its name, its arguments as usage shows them, what it does, and the code that does it.
struct Command {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(&Repo, Args) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "check",
        usage: "[STAGE...]",
        about: "format, lints, wasm32, import rules, tidiness, licences, docs",
        run: check::run,
    },
    Command {
        name: "test",
        usage: "[--soak] [--only STAGE|#ISSUE|FILTER]",
        about: "set up, check, run every test, report time against budgets",
        run: test::run,
    },
    Command {
        name: "demo",
        usage: "[formats|runtime|proofs] [--exit] [--no-page] [--browser]",
        about: "a network on this machine and a game on it, or a part of it alone",
        run: demo::run,
    },
    Command {
        name: "bench",
        usage: "SUITE [--json FILE]",
        about: "measure a suite in release mode against its bars",
        run: bench::run,
    },
    Command {
        name: "web",
        usage: "",
        about: "build the light client's npm package and the page into target/web",
        run: web::run,
    },
    Command {
        name: "bless",
        usage: "",
        about: "regenerate the committed vectors, a deliberate and reviewed act",
        run: bless::run,
    },
    Command {
        name: "fuzz",
        usage: "TARGET [--seconds N] [--seed S]",
        about: "fuzz one decoder or property from a printed seed",
        run: fuzz::run,
    },
];

fn main() -> ExitCode {
    match dispatch(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say_err!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut words: Vec<String>) -> Result<()> {
    if words.is_empty() || words.iter().any(|word| word == "--help" || word == "-h") || words[0] == "help" {
        say!("{}", usage());
        return Ok(());
    }
    let name = words.remove(0);
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return Err(failure!("there is no command `{name}`\n\n{}", usage()));
    };
    let usage = format!("usage: cargo xtask {} {}", command.name, command.usage);
    (command.run)(&Repo::locate()?, Args::new(words, usage))
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask <command>\n");
    let signature = |command: &Command| format!("{} {}", command.name, command.usage);
    let width = COMMANDS
        .iter()
        .map(|command| signature(command).len())
        .max()
        .unwrap_or(0);
    for command in COMMANDS {
        text.push_str(&format!("\n  {:width$}  {}", signature(command), command.about));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_has_one_line_per_command() {
        let text = usage();
        for command in COMMANDS {
            assert_eq!(
                text.matches(&format!("\n  {} ", command.name)).count(),
                1,
                "{}",
                command.name
            );
        }
    }

    #[test]
    fn an_unknown_command_is_answered_with_the_usage() {
        let failure = dispatch(vec!["dance".into()]).unwrap_err().to_string();
        assert!(failure.contains("no command `dance`") && failure.contains("cargo xtask <command>"));
    }
}
