//! The command of who writes modules: a network on one machine.

use crate::operator::{Settings, load};
use anyhow::Result;
use clap::Args;
use playfair_node::dev::{self, Source};
use playfair_node::server::Failure;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args)]
pub(crate) struct Dev {
    /// A project's folder or a .wasm file; without it the project in this folder, else the chess module.
    module: Option<PathBuf>,
    /// What the chain is called; as the folder or file if not given.
    #[arg(long)]
    name: Option<String>,
    /// An argument of the module's init, NAME=VALUE.
    #[arg(long, value_name = "NAME=VALUE")]
    init: Vec<String>,
    /// Gas of each block's tick; 0 for none.
    #[arg(long, default_value_t = 0)]
    tick_gas: u32,
    /// Throw away what an earlier run left.
    #[arg(long)]
    fresh: bool,
    /// The folder of everything; made if there is none.
    #[arg(long, value_name = "FOLDER", default_value = "playfair-dev")]
    data: String,
    /// Address and port of the web API; a free port of this machine from 8480 on if not given.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Folder of the page; playfair-page beside the program if not given and there, "none" for no page.
    #[arg(long, value_name = "FOLDER")]
    page: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

pub(crate) fn dev(options: Dev) -> Result<ExitCode> {
    let mut sources = options.settings.sources();
    let listen = options.listen.unwrap_or_else(|| dev::free_address().to_string());
    // Below what --set says, above everything else: a node's configuration that lies around is not meant.
    let own = [
        ("node.data", options.data),
        ("api.listen", listen),
        ("prover.setup", "insecure".to_owned()),
        ("log.level", "warn".to_owned()),
    ];
    let flag = "playfair dev".to_owned();
    sources
        .flags
        .extend(own.map(|(key, value)| (flag.clone(), key, value)));
    let page = options.page.map(|page| ("--page".to_owned(), "api.page", page));
    sources.flags.extend(page);
    let loaded = match load(&sources) {
        Ok(loaded) => loaded,
        Err(code) => return Ok(code),
    };
    let source = match options.module {
        Some(path) => Source::at(path)?,
        None => Source::here()?,
    };
    let settings = dev::Settings {
        name: options.name.unwrap_or_else(|| source.name()),
        source,
        init: options.init,
        tick_gas: options.tick_gas,
        fresh: options.fresh,
    };
    match dev::run(&loaded, settings, &mut std::io::stdout()) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => match error.downcast_ref::<Failure>() {
            Some(failure) => {
                eprintln!("playfair: {failure}");
                Ok(failure.code())
            }
            None => Err(error),
        },
    }
}
