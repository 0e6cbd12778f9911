//! `playfair`: the command of studios and operators.

mod developer;
mod operator;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use playfair_node::build::admitted;
use playfair_node::config::{self, Sources};
use playfair_node::{build, create, inspect, keyset, live, lower, prove, run, setup, verify};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Chains whose every move the players can verify.
#[derive(Parser)]
#[command(name = "playfair", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a new project: a module with a test and a script to replay.
    New {
        /// The project's name; a folder of this name is made here.
        name: String,
        /// Where the SDK lies, if not where this command was built.
        #[arg(long)]
        sdk: Option<PathBuf>,
    },
    /// Compile a project to a module and show what the chain makes of it.
    Build {
        /// The project's folder.
        #[arg(default_value = ".")]
        project: PathBuf,
    },
    /// Run a network on this machine: node, prover, accounts and the project's chain, which follows its sources.
    Dev(developer::Dev),
    /// Look at modules.
    #[command(subcommand)]
    Module(Module),
    /// What keys and proofs rest on.
    #[command(subcommand)]
    Setup(Setup),
    /// Replay a script of calls on a local chain: receipts and roots.
    Run(Run),
    /// Replay a script of calls on a local chain and prove every block.
    Prove(Prove),
    /// Verify the proofs in a folder, or a running chain as its page does, and show what they state.
    Verify(Verify),
    #[command(flatten)]
    Operator(operator::Command),
}

#[derive(Args)]
struct Verify {
    /// The folder that `playfair prove` filled, or a .proof file in it.
    #[arg(conflicts_with = "live")]
    path: Option<PathBuf>,
    /// The address of a running chain's page, with its link behind the #.
    #[arg(long, value_name = "URL")]
    live: Option<String>,
    #[command(flatten)]
    asked: live::Asked,
    #[command(flatten)]
    setup: Choice,
}

#[derive(Subcommand)]
enum Setup {
    /// Check a powers-of-tau file of snarkjs and prepare it for circuits.
    Import {
        /// A .ptau file.
        file: PathBuf,
        /// Log2 of the rows of the circuits, as 14 or 14,16.
        #[arg(long, required = true, value_delimiter = ',')]
        k: Vec<u32>,
        /// Folder for the setup; made if missing.
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Subcommand)]
enum Module {
    /// Give a node a module; prints its hash.
    Add {
        /// A .wasm file.
        file: PathBuf,
        #[command(flatten)]
        at: operator::AtAdmin,
    },
    /// Entry points, ABI, sizes, gas and the module's hash.
    Inspect {
        /// A .wasm file.
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Print the module's ABI and nothing else.
        #[arg(long, conflicts_with = "json")]
        abi: bool,
    },
    /// The verifying key of its proofs, computed from its bytes.
    Vk {
        /// A .wasm file.
        file: PathBuf,
        #[command(flatten)]
        circuit: Circuit,
    },
    /// The verifying keys of its shapes, as the set that a chain's link names: takes minutes for large shapes.
    Keys {
        /// A .wasm file.
        file: PathBuf,
        /// Where the set is written to; `playfair chain keys` gives it to a node.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Log2 of the rows of the largest shape. Calls that take more have proofs that nobody with this link believes.
        #[arg(long, default_value_t = 19)]
        k_max: u32,
        #[command(flatten)]
        setup: Choice,
    },
    /// What it becomes for the prover: rows of register code, by function and by operation.
    Lower {
        /// A .wasm file.
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(clap::Args)]
struct Prove {
    /// The script, a JSON file (docs/GUIDE-STUDIO.md shows one).
    script: PathBuf,
    /// The module, a .wasm file; without it, the project in this folder is built.
    #[arg(long)]
    module: Option<PathBuf>,
    /// Folder for the verifying key and the proofs.
    #[arg(long, default_value = "proofs")]
    out: PathBuf,
    #[command(flatten)]
    circuit: Circuit,
}

/// Which of a module's circuits.
#[derive(clap::Args)]
struct Circuit {
    /// Log2 of the rows of a proof; the smallest that holds the module if not given.
    #[arg(long)]
    k: Option<u32>,
    /// Do not believe the module's hints of alignment: for histories that have no proof otherwise.
    #[arg(long)]
    careful: bool,
    #[command(flatten)]
    setup: Choice,
    /// Folder that keeps the development setup.
    #[arg(long, conflicts_with = "setup")]
    cache: Option<PathBuf>,
}

/// Which setup.
#[derive(clap::Args)]
struct Choice {
    /// Folder that `playfair setup import` filled.
    #[arg(
        long,
        value_name = "FOLDER",
        requires = "setup_digest",
        conflicts_with = "insecure"
    )]
    setup: Option<PathBuf>,
    /// Which ceremony's it must be, 64 hexadecimal digits: the one that the chain pins.
    #[arg(long, value_name = "HEX", requires = "setup")]
    setup_digest: Option<String>,
    /// Rest on the development setup, whose secret anybody knows: proofs convince nobody.
    #[arg(long)]
    insecure: bool,
}

impl Choice {
    /// The setup, if one was named.
    fn given(self) -> Result<Option<setup::Choice>> {
        let is_named = self.setup.is_some() || self.setup_digest.is_some() || self.insecure;
        is_named.then(|| self.with(None)).transpose()
    }

    fn with(self, cache: Option<PathBuf>) -> Result<setup::Choice> {
        setup::Choice::new(self.setup, self.setup_digest.as_deref(), self.insecure, cache)
    }
}

impl TryFrom<Circuit> for prove::Circuit {
    type Error = anyhow::Error;

    fn try_from(circuit: Circuit) -> Result<Self> {
        Ok(Self {
            k: circuit.k,
            careful: circuit.careful,
            setup: circuit.setup.with(circuit.cache)?,
        })
    }
}

#[derive(clap::Args)]
struct Run {
    /// The script, a JSON file (docs/GUIDE-STUDIO.md shows one).
    script: PathBuf,
    /// The module, a .wasm file; without it, the project in this folder is built.
    #[arg(long)]
    module: Option<PathBuf>,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
    /// Count executed instructions, in a second run of the same script.
    #[arg(long)]
    measure: bool,
}

fn main() -> ExitCode {
    match command(Cli::parse().command) {
        Ok(code) => code,
        // A reader that went away (`| head`) is no failure of ours to talk about.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("playfair: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(command: Command) -> Result<ExitCode> {
    match command {
        Command::New { name, sdk } => {
            let folder = create::create(Path::new("."), &name, sdk.as_deref())?;
            print(&create::next_steps(&folder))?;
        }
        Command::Build { project } => {
            let built = build::build(&project)?;
            print(&inspect::text(&built.bytes, &built.admitted))?;
            print(&format!("\nwritten to {}", built.module.display()))?;
        }
        Command::Dev(options) => return developer::dev(options),
        Command::Module(Module::Inspect { file, json, abi }) => {
            let bytes = read(&file)?;
            let admitted = admitted(&bytes, &file)?;
            if abi {
                let Some(abi) = &admitted.info.abi else {
                    bail!("{} has no ABI section", file.display());
                };
                print(&String::from_utf8_lossy(abi))?;
            } else if json {
                print(&inspect::json(&bytes, &admitted).to_string())?;
            } else {
                print(&inspect::text(&bytes, &admitted))?;
            }
        }
        Command::Module(Module::Add { file, at }) => operator::add_module(&read(&file)?, at)?,
        Command::Module(Module::Lower { file, json }) => {
            let lowered = lower::lowered(&admitted(&read(&file)?, &file)?)
                .with_context(|| format!("cannot lower {}", file.display()))?;
            print(&if json {
                lowered.json().to_string()
            } else {
                lowered.text()
            })?;
        }
        Command::Module(Module::Vk { file, circuit }) => {
            let circuit = circuit.try_into()?;
            let admitted = admitted(&read(&file)?, &file)?;
            let prover = prove::prover(&admitted, &circuit)?;
            print(&prove::key_text(&prover.vk, &circuit.setup))?;
        }
        Command::Module(Module::Keys {
            file,
            out,
            k_max,
            setup,
        }) => {
            let admitted = admitted(&read(&file)?, &file)?;
            let set = keyset::up_to(&admitted, &setup.with(None)?, k_max, |shape| {
                print(&format!("shape {} (k = {})", shape.number, shape.k))
            })?;
            keyset::save(&set, &out)?;
            let root = playfair_types::crypto::field::fr_to_bytes(&set.root());
            print(&format!(
                "root {}\n{}",
                playfair_host::hex::encode(&root),
                out.display()
            ))?;
        }
        Command::Setup(Setup::Import { file, k, out: folder }) => {
            setup::import(&file, &k, &folder, &mut std::io::stdout().lock())?;
        }
        Command::Prove(options) => {
            let circuit = options.circuit.try_into()?;
            let module = match &options.module {
                Some(file) => read(file)?,
                None => build::build(Path::new("."))?.bytes,
            };
            let settings = prove::Settings {
                out: options.out,
                circuit,
            };
            let mut out = std::io::stdout().lock();
            prove::prove(&module, &read(&options.script)?, &settings, &mut out)?;
        }
        Command::Verify(options) => {
            let setup = options.setup.with(None)?;
            let mut out = std::io::stdout().lock();
            match (&options.live, &options.path) {
                (Some(url), _) => {
                    let loaded = config::load(&Sources::of_process())?;
                    live::verify(&loaded.config, url, &setup, &options.asked, &mut out)?;
                }
                (None, Some(path)) => verify::verify(path, &setup, &mut out)?,
                (None, None) => {
                    bail!("say what to verify: a folder of proofs, or --live with a page's address")
                }
            }
        }
        Command::Operator(command) => return operator::command(command),
        Command::Run(options) => {
            let module = match &options.module {
                Some(file) => read(file)?,
                None => build::build(Path::new("."))?.bytes,
            };
            let script = read(&options.script)?;
            let settings = run::Settings {
                json: options.json,
                measure: options.measure,
            };
            let mut out = std::io::stdout().lock();
            let unexpected = run::run(&module, &script, settings, &mut out)?;
            if unexpected > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn print(text: &str) -> Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{text}").context("cannot write")
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
