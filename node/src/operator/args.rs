//! What the commands of who runs a node are told: their arguments, and which node and configuration they are about.

use anyhow::Result;
use clap::{Args, Subcommand};
use playfair_node::client::Node as Client;
use playfair_node::client::call::What;
use playfair_node::client::keys::Keys;
use playfair_node::config::{self, Sources};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run a node: its chains, its web API, its metrics.
    Node(Node),
    /// Look at a node's configuration.
    #[command(subcommand)]
    Config(Config),
    /// What a node and its chains are doing.
    Status {
        /// Look again each second.
        #[arg(long)]
        watch: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        at: At,
    },
    /// Players' keys on this machine.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Sign a call, submit it, and wait until it is sealed.
    Call(Call),
    /// Make chains and say what they shall do.
    #[command(subcommand)]
    Chain(Chain),
    /// What a chain's module says and how calls fail, live; the last 200 lines first.
    Logs {
        /// The chain's name or id.
        chain: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// End after so many lines.
        #[arg(long)]
        count: Option<u64>,
        #[command(flatten)]
        at: AtAdmin,
    },
    /// Keep a chain in one file, from which another node can go on with it.
    Snapshot {
        /// The chain's name or id.
        chain: String,
        /// A file that is not there yet.
        file: PathBuf,
        /// With the committee's key in it: a secret, and all that is needed to go on with the chain.
        #[arg(long)]
        with_key: bool,
        #[command(flatten)]
        at: AtAdmin,
    },
    /// Make a chain again from a snapshot, in a data folder where no node runs.
    Restore {
        /// What `playfair snapshot` wrote.
        file: PathBuf,
        /// The data folder; made if there is none.
        #[arg(long, value_name = "FOLDER")]
        data: PathBuf,
        /// The chain's committee.key, unless the snapshot has it.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// What the chain is to be called, unless as before.
        #[arg(long)]
        name: Option<String>,
        /// What the snapshot's proofs rest on.
        #[command(flatten)]
        setup: crate::Choice,
    },
    /// Who proves a node's chains.
    #[command(subcommand)]
    Prover(Prover),
    /// Ask a chain's module.
    Query {
        #[command(flatten)]
        what: Asked,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Subcommand)]
pub(crate) enum Prover {
    /// Prove for a node until told to stop.
    Join {
        /// The invitation, or unix:/path of a node on this machine.
        node: String,
        /// What the worker is called by a node on this machine.
        #[arg(long, default_value = "worker")]
        name: String,
        /// Log2 of the most rows of a proof; some 0.3 GiB of memory at 14, 4 at 19.
        #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(14..=19))]
        k_max: u32,
        #[command(flatten)]
        setup: crate::Choice,
        /// Folder that keeps the development setup.
        #[arg(long, conflicts_with = "setup")]
        cache: Option<PathBuf>,
        /// End when standard input ends.
        #[arg(long)]
        while_stdin: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Invite a worker on another machine; prints what it joins with, once.
    Invite {
        /// What it is called: a to z, 0 to 9 and -.
        name: String,
        #[command(flatten)]
        at: AtAdmin,
    },
    /// Take an invitation back.
    Revoke {
        /// Whose.
        name: String,
        #[command(flatten)]
        at: AtAdmin,
    },
    /// Workers, jobs, and how proving the chains goes.
    List(Shown),
}

/// The operator's own service of which node.
#[derive(Args)]
pub(crate) struct AtAdmin {
    /// The node's admin socket, unix:/path; the one that the configuration describes if not given.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) node: Option<String>,
    #[command(flatten)]
    pub(super) settings: Settings,
}

#[derive(Subcommand)]
pub(crate) enum Chain {
    /// Make a chain and start it.
    Create {
        /// What it is called: a to z, 0 to 9 and -.
        name: String,
        /// The module: a .wasm file, or the hash of one that the node has.
        #[arg(long, value_name = "FILE|HASH")]
        module: String,
        /// An argument of the module's init, NAME=VALUE.
        #[arg(long, value_name = "NAME=VALUE")]
        init: Vec<String>,
        /// Gas of each block's tick; 0 for none.
        #[arg(long, default_value_t = 0)]
        tick_gas: u32,
        /// Further rules, a JSON file (docs/OPERATOR.md).
        #[arg(long, value_name = "FILE")]
        rules: Option<PathBuf>,
        /// How it is run, as interval_ms=50; the node's defaults for the rest.
        #[arg(long, value_name = "NAME=VALUE")]
        setting: Vec<String>,
        #[command(flatten)]
        shown: Shown,
    },
    /// All chains.
    List(Shown),
    /// One chain, with its settings.
    Show(One),
    /// Take no calls any more; the chain can be read.
    Pause(One),
    /// Take calls again; a halted chain is tried at once.
    Resume(One),
    /// Close the chain and keep its files.
    Archive(One),
    /// Write history and state now.
    Checkpoint(One),
    /// Give light clients the verifying keys of a module, and print the chain's link.
    Keys {
        /// The chain's name or id.
        chain: String,
        /// What `playfair module keys` wrote: of the chain's first module for its link, of another one before an upgrade to it.
        file: PathBuf,
        #[command(flatten)]
        at: AtAdmin,
    },
    /// Change how a chain is run, as interval_ms=50; it is closed and opened again.
    Set {
        /// The chain's name or id.
        chain: String,
        /// What changes.
        #[arg(required = true, value_name = "NAME=VALUE")]
        change: Vec<String>,
        #[command(flatten)]
        shown: Shown,
    },
}

/// How an answer is printed, and who gives it.
#[derive(Args)]
pub(crate) struct Shown {
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) at: AtAdmin,
}

/// One chain.
#[derive(Args)]
pub(crate) struct One {
    /// Its name or id.
    pub(super) chain: String,
    #[command(flatten)]
    pub(super) shown: Shown,
}

/// Which node.
#[derive(Args)]
pub(crate) struct At {
    /// http://host:port, https://host:port or unix:/path; else the variable PLAYFAIR_NODE, else the configuration.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) node: Option<String>,
    #[command(flatten)]
    pub(super) settings: Settings,
}

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key.
    New {
        /// What it is called.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// All keys, with their accounts.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// A key's account and public key.
    Show {
        /// What it is called.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        settings: Settings,
    },
}

/// What is called or asked.
#[derive(Args)]
pub(crate) struct Asked {
    /// The chain's name or id.
    pub(super) chain: String,
    /// The entry's name, as `playfair module inspect` shows it; with --payload its number.
    pub(super) entry: String,
    /// Arguments, NAME=VALUE each; values are JSON, or text as it stands. An account is 0x and digits, or a key's name.
    pub(super) args: Vec<String>,
    /// The argument's bytes in hexadecimal digits, for modules without an ABI.
    #[arg(long, value_name = "HEX", conflicts_with = "args")]
    pub(super) payload: Option<String>,
}

#[derive(Args)]
pub(crate) struct Call {
    #[command(flatten)]
    pub(super) what: Asked,
    /// Whose key signs.
    #[arg(long, value_name = "NAME")]
    pub(super) key: String,
    /// The nonce lane, 0 to 7.
    #[arg(long, default_value_t = 0)]
    pub(super) lane: u8,
    /// Gas that the call may use; as much as any may if not given.
    #[arg(long)]
    pub(super) gas: Option<u32>,
    /// What is paid for a unit of gas, on chains that want payment.
    #[arg(long, default_value_t = 0)]
    pub(super) gas_price: u64,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) at: At,
}

impl From<Asked> for What {
    fn from(asked: Asked) -> Self {
        Self {
            chain: asked.chain,
            entry: asked.entry,
            args: asked.args,
            payload: asked.payload,
        }
    }
}

impl AtAdmin {
    pub(super) fn client(self) -> Result<Client> {
        let config = config::load(&self.settings.sources())?.config;
        Client::admin(&config, self.node.as_deref())
    }
}

impl At {
    pub(super) fn client(self) -> Result<Client> {
        Client::of(
            &config::load(&self.settings.sources())?.config,
            self.node.as_deref(),
        )
    }

    pub(super) fn client_and_keys(self) -> Result<(Client, Keys)> {
        let config = config::load(&self.settings.sources())?.config;
        Ok((Client::of(&config, self.node.as_deref())?, Keys::of(&config)?))
    }
}

/// Which configuration.
#[derive(Args)]
pub(crate) struct Settings {
    /// The configuration, a TOML file; playfair.toml in this folder if not given and there.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// One setting, as server.connections_max=100; wins over the file and the environment.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) set: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Node {
    #[command(flatten)]
    pub(super) settings: Settings,
    /// The data folder; made if there is none.
    #[arg(long, value_name = "FOLDER")]
    pub(super) data: Option<String>,
    /// Address and port of the web API; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
    /// Folder of the page; playfair-page beside the program if not given and there, "none" for no page.
    #[arg(long, value_name = "FOLDER")]
    pub(super) page: Option<String>,
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
    pub(crate) fn sources(self) -> Sources {
        Sources {
            file: self.config,
            set: self.set,
            ..Sources::of_process()
        }
    }
}
