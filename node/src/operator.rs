//! The commands of who runs a node.

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use playfair_node::config::{self, Loaded, Sources};
use playfair_node::server;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run a node: its chains, its web API, its metrics.
    Node(Node),
    /// Look at a node's configuration.
    #[command(subcommand)]
    Config(Config),
}

/// Which configuration.
#[derive(Args)]
pub(crate) struct Settings {
    /// The configuration, a TOML file; playfair.toml in this folder if not given and there.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting, as server.connections_max=100; wins over the file and the environment.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Node {
    #[command(flatten)]
    settings: Settings,
    /// The data folder; made if there is none.
    #[arg(long, value_name = "FOLDER")]
    data: Option<String>,
    /// Address and port of the web API; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Config {
    /// Check a configuration, and print what holds and where it came from.
    Check(Settings),
    /// Print a configuration file.
    Show {
        /// The commented file of all defaults.
        #[arg(long, required = true)]
        default: bool,
    },
}

impl Settings {
    fn sources(self) -> Sources {
        Sources {
            file: self.config,
            set: self.set,
            ..Sources::of_process()
        }
    }
}

pub(crate) fn command(command: Command) -> Result<ExitCode> {
    match command {
        Command::Node(node) => return run(node),
        Command::Config(Config::Check(settings)) => {
            let loaded = match load(&settings.sources()) {
                Ok(loaded) => loaded,
                Err(code) => return Ok(code),
            };
            print(&config::effective(&loaded))?;
        }
        Command::Config(Config::Show { .. }) => print(config::default_file().trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn run(node: Node) -> Result<ExitCode> {
    let mut sources = node.settings.sources();
    let flags = [("--data", "node.data", node.data), ("--listen", "api.listen", node.listen)];
    for (flag, key, value) in flags {
        sources.flags.extend(value.map(|value| (flag.to_owned(), key, value)));
    }
    let loaded = match load(&sources) {
        Ok(loaded) => loaded,
        Err(code) => return Ok(code),
    };
    match server::run(&loaded, &mut std::io::stdout()) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(failure) => {
            eprintln!("playfair: {failure}");
            Ok(failure.code())
        }
    }
}

/// The configuration; if there is something wrong with it, all of it is told.
fn load(sources: &Sources) -> Result<Loaded, ExitCode> {
    config::load(sources).map_err(|errors| {
        for error in errors.0 {
            eprintln!("playfair: {error}");
        }
        ExitCode::from(server::Kind::Config as u8)
    })
}

fn print(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("cannot write")
}
