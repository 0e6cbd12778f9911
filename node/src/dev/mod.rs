//! `playfair dev`: a whole network on this machine, for who writes a module or tries one.
//!
//! ```text
//! the module is built ──► a node starts, with a worker ──► the chain is made, or brought to the module ──► ready
//!                                                                                   ▲
//!                        a source changes, and builds to another module ────────────┘
//! ```
//!
//! - **One folder** has everything: the node's data, and the keys of four players and the operator. A folder that
//!   another node has written is refused, since a chain here does what the developer says.
//! - **Another module is an upgrade of the same chain**: its name, state, accounts and history stay, and so do the
//!   proofs that are there; what comes after is proven under the new module's keys. Who wants a chain that begins again says
//!   `--fresh`.
//! - **Nothing here is safe.** Everybody knows the keys and the setup's secret. It listens on this machine alone unless told
//!   otherwise.

mod accounts;
mod chain;
mod folder;
mod link;
mod source;

pub use source::Source;

use crate::client::keys::Keys;
use crate::client::{Node, logs};
use crate::config::{Config, Loaded};
use crate::server::{self, Failure, Kind};
use anyhow::Result;
use chain::Wanted;
use source::Module;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// Where the web API listens if nobody else does.
const PORTS: std::ops::Range<u16> = 8480..8490;
/// Between two looks at the sources.
const LOOK: Duration = Duration::from_millis(300);

/// What is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the module comes from.
    pub source: Source,
    /// What its chain is called.
    pub name: String,
    /// Arguments of the module's init, NAME=VALUE each.
    pub init: Vec<String>,
    /// Gas of each block's tick.
    pub tick_gas: u32,
    /// Whether what is in the folder is thrown away first.
    pub fresh: bool,
}

/// The first of some ports of this machine that nobody has, else any.
#[must_use]
pub fn free_address() -> SocketAddr {
    let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let free = PORTS
        .map(local)
        .find(|address| TcpListener::bind(address).is_ok());
    free.unwrap_or_else(|| local(0))
}

/// Runs the network until it is told to stop.
///
/// # Errors
/// When the module does not build, the folder is another node's, or the node cannot start.
pub fn run(loaded: &Loaded, settings: Settings, out: &mut dyn Write) -> Result<()> {
    let config = &loaded.config;
    folder::check(&config.data, settings.fresh)?;
    let looked = settings.source.look();
    let module = settings.source.load()?;
    // Not before it is known that there is something to run: who asks for a fresh network keeps the old one when the source is broken.
    folder::prepare(&config.data, settings.fresh)?;
    let keys = Keys::at(folder::keys(&config.data));
    accounts::write(&keys)?;
    let stage = |places: &[(&'static str, String)], out: &mut dyn Write| {
        begin(config, settings, &keys, (looked, module), places, out)
            .map_err(|error| Failure::new(Kind::Other, format!("{error:#}")))
    };
    Ok(server::run_with(loaded, out, stage)?)
}

/// Between the node's start and its being ready.
fn begin(
    config: &Config,
    settings: Settings,
    keys: &Keys,
    (looked, module): (source::Look, Module),
    places: &[(&'static str, String)],
    out: &mut dyn Write,
) -> Result<()> {
    let place = |name: &str| places.iter().find(|(known, _)| *known == name);
    let api = place("api")
        .map(|(_, address)| address.clone())
        .unwrap_or_default();
    let ops = chain::Operator {
        admin: Node::admin(config, None)?,
        api: Node::of(config, Some(&api))?,
        keys: keys.clone(),
        proving: server::setup(&config.prover)?,
    };
    let wanted = Wanted {
        name: settings.name.clone(),
        init: settings.init.clone(),
        tick_gas: settings.tick_gas,
    };
    let brought = ops.bring(&wanted, &module)?;
    let link = folder::link(&config.data, &settings.name);
    let link = link::bring(&ops, &link, &settings.name, &module)?;
    let chain_url = format!("{api}/v1/chains/{}", settings.name);
    writeln!(out, "chain    {}", settings.name)?;
    writeln!(out, "module   {}", module.hash())?;
    writeln!(out, "state    {brought}")?;
    writeln!(out, "reach    {chain_url}")?;
    writeln!(out, "socket   {}/ws", chain_url.replacen("http", "ws", 1))?;
    writeln!(out, "docs     {api}/v1/docs")?;
    match link {
        Some(link) => {
            writeln!(out, "link     {api}/#{link}")?;
            if config.page_folder().is_some() {
                // The page is told what its proofs rest on here, which it refuses unless asked for by name.
                writeln!(out, "page     {api}/?insecure#{link}")?;
            }
        }
        None => writeln!(
            out,
            "link     lost: the chain began with another module (--fresh begins again)"
        )?,
    }
    for (name, account) in accounts::all() {
        writeln!(out, "account  {name:<8} {account}")?;
    }
    let folder = server::absolute(&folder::keys(&config.data));
    writeln!(out, "keys     {}", folder.display())?;
    writeln!(out, "watched  {}", settings.source)?;
    writeln!(
        out,
        "export   PLAYFAIR_NODE={api} PLAYFAIR_CLIENT__KEYS={}",
        folder.display()
    )?;
    let listener = Node::admin(config, None)?;
    let name = settings.name.clone();
    // Both end with the process.
    std::thread::Builder::new()
        .name("logs".to_owned())
        .spawn(move || {
            // It ends when the node stops, which says so itself.
            let _ = logs::follow(&listener, &name, false, None, &mut std::io::stdout());
        })?;
    std::thread::Builder::new()
        .name("sources".to_owned())
        .spawn(move || watch(&settings.source, looked, &module, &ops, &wanted))?;
    Ok(())
}

/// Brings the chain to each new module that the sources become.
fn watch(
    source: &Source,
    mut built: source::Look,
    module: &Module,
    ops: &chain::Operator,
    wanted: &Wanted,
) -> Result<()> {
    let mut hash = module.hash();
    let mut before = built.clone();
    loop {
        std::thread::sleep(LOOK);
        let now = source.look();
        // An editor may be writing still.
        let is_settled = now == before;
        before = now;
        if !is_settled || before == built {
            continue;
        }
        built = before.clone();
        let told = match source.load() {
            Ok(new) if new.hash() == hash => continue,
            Ok(new) => {
                let begin = std::time::Instant::now();
                let brought = ops.bring(wanted, &new);
                brought.map(|brought| {
                    hash = new.hash();
                    format!(
                        "reload   {hash} in {:.1} s: {brought}",
                        begin.elapsed().as_secs_f64()
                    )
                })
            }
            Err(error) => Err(error),
        };
        let mut out = std::io::stdout();
        // Who read this may be gone; the network runs on.
        let _ = match told {
            Ok(line) => writeln!(out, "{line}"),
            Err(error) => {
                let why = format!("{error:#}").replace('\n', "; ");
                writeln!(out, "reload   not done, {hash} runs on: {why}")
            }
        };
        let _ = out.flush();
    }
}
