//! The commands of who runs a node.

mod args;

pub(crate) use args::{AtAdmin, Command, Settings};

use anyhow::{Context, Result};
use args::{Chain, Config, KeysCommand, Node, One, Prover};
use playfair_node::client::admin::{self, Order};
use playfair_node::client::call::How;
use playfair_node::client::keys::Keys;
use playfair_node::client::{call, keys, logs, provers, snapshot, status};
use playfair_node::config::{self, Loaded, Sources};
use playfair_node::{join, server};
use playfair_types::Decode;
use playfair_types::vk::VkSet;
use std::io::Write;
use std::process::ExitCode;

pub(crate) fn command(command: Command) -> Result<ExitCode> {
    match command {
        Command::Node(node) => return run(node),
        Command::Config(Config::Check(settings)) => {
            let loaded = match load(&settings.sources()) {
                Ok(loaded) => loaded,
                Err(code) => return Ok(code),
            };
            print(&config::effective(&loaded))?;
            if let Err(failure) = server::page(&loaded.config) {
                eprintln!("playfair: {failure}");
                return Ok(failure.code());
            }
        }
        Command::Config(Config::Show { .. }) => print(config::default_file().trim_end())?,
        Command::Status { watch, json, at } => {
            let node = at.client()?;
            status::run(&node, watch, json, &mut std::io::stdout())?;
        }
        Command::Keys(command) => keys_command(command)?,
        Command::Call(options) => {
            let (node, keys) = options.at.client_and_keys()?;
            let how = How {
                lane: options.lane,
                gas_price: options.gas_price,
                ..How::by(options.key)
            };
            let how = How {
                gas_limit: options.gas.unwrap_or(how.gas_limit),
                ..how
            };
            let (text, is_ok) = call::call(&node, &keys, &options.what.into(), &how, options.json)?;
            return ended(&text, is_ok);
        }
        Command::Chain(command) => chain(command)?,
        Command::Logs {
            chain,
            json,
            count,
            at,
        } => {
            logs::follow(&at.client()?, &chain, json, count, &mut std::io::stdout())?;
        }
        Command::Prover(command) => prover(command)?,
        Command::Snapshot {
            chain,
            file,
            with_key,
            at,
        } => {
            let bytes = snapshot::fetch(&at.client()?, &chain, &file, with_key)?;
            print(&format!("{}, {bytes} bytes", file.display()))?;
        }
        Command::Restore {
            file,
            data,
            key,
            name,
            setup,
        } => {
            let setup = setup.given()?;
            let check = server::module_check();
            let restored = snapshot::restore(&file, &data, check, key.as_deref(), name, setup.as_ref())?;
            print(&snapshot::shown(&restored))?;
        }
        Command::Query { what, json, at } => {
            let (node, keys) = at.client_and_keys()?;
            let (text, is_ok) = call::query(&node, &keys, &what.into(), json)?;
            return ended(&text, is_ok);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints how something ended; what a module refused is a failure for scripts.
fn ended(text: &str, is_ok: bool) -> Result<ExitCode> {
    print(text)?;
    Ok(if is_ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn chain(command: Chain) -> Result<()> {
    let ordered = |one: One, order: Order| -> Result<()> {
        let told = admin::order(&one.shown.at.client()?, &one.chain, order)?;
        one_chain(&told, one.shown.json)
    };
    match command {
        Chain::Create {
            name,
            module,
            init,
            tick_gas,
            rules,
            setting,
            shown,
        } => {
            let new = admin::New {
                name,
                module,
                init,
                tick_gas,
                rules: rules
                    .as_deref()
                    .map(admin::rules)
                    .transpose()?
                    .unwrap_or_default(),
                settings: setting,
            };
            one_chain(&admin::create(&shown.at.client()?, &new)?, shown.json)
        }
        Chain::List(shown) => {
            let chains = admin::list(&shown.at.client()?)?;
            print(&if shown.json {
                chains.to_string()
            } else {
                admin::listed(&chains)
            })
        }
        Chain::Show(one) => one_chain(&admin::show(&one.shown.at.client()?, &one.chain)?, one.shown.json),
        Chain::Keys { chain, file, at } => {
            let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let set = VkSet::decode(&bytes);
            let set =
                set.map_err(|error| anyhow::anyhow!("{} is no set of keys: {error}", file.display()))?;
            let given = admin::add_key_set(&at.client()?, &chain, &set)?;
            print(&format!("root {}\nlink {}", given.root, given.link))
        }
        Chain::Pause(one) => ordered(one, Order::Pause),
        Chain::Resume(one) => ordered(one, Order::Resume),
        Chain::Archive(one) => ordered(one, Order::Archive),
        Chain::Checkpoint(one) => ordered(one, Order::Checkpoint),
        Chain::Set { chain, change, shown } => {
            one_chain(&admin::set(&shown.at.client()?, &chain, &change)?, shown.json)
        }
    }
}

fn prover(command: Prover) -> Result<()> {
    match command {
        Prover::Join {
            node,
            name,
            k_max,
            setup,
            cache,
            while_stdin,
            settings,
        } => join::run(join::Settings {
            log: config::load(&settings.sources())?.config.log,
            node,
            name,
            k_max,
            setup: setup.with(cache)?,
            while_stdin,
        }),
        Prover::Invite { name, at } => print(&provers::invite(&at.client()?, &name)?),
        Prover::Revoke { name, at } => provers::revoke(&at.client()?, &name),
        Prover::List(shown) => {
            let status = provers::status(&shown.at.client()?)?;
            print(&if shown.json {
                status.to_string()
            } else {
                provers::shown(&status)
            })
        }
    }
}

fn one_chain(chain: &serde_json::Value, json: bool) -> Result<()> {
    print(&if json {
        chain.to_string()
    } else {
        admin::shown(chain)
    })
}

/// Gives a node a module.
pub(crate) fn add_module(module: &[u8], at: AtAdmin) -> Result<()> {
    print(&admin::add_module(&at.client()?, module)?)
}

fn keys_command(command: KeysCommand) -> Result<()> {
    let keys = |settings: Settings| -> Result<Keys> { Keys::of(&config::load(&settings.sources())?.config) };
    match command {
        KeysCommand::New { name, json, settings } => {
            let keys = keys(settings)?;
            print(&keys::shown(&keys, &keys.create(&name)?, json))
        }
        KeysCommand::List { json, settings } => print(&keys::listed(&keys(settings)?, json)?),
        KeysCommand::Show { name, json, settings } => {
            let keys = keys(settings)?;
            print(&keys::shown(&keys, &keys.load(&name)?, json))
        }
    }
}

fn run(node: Node) -> Result<ExitCode> {
    let mut sources = node.settings.sources();
    let flags = [
        ("--data", "node.data", node.data),
        ("--listen", "api.listen", node.listen),
        ("--page", "api.page", node.page),
    ];
    for (flag, key, value) in flags {
        sources
            .flags
            .extend(value.map(|value| (flag.to_owned(), key, value)));
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
pub(crate) fn load(sources: &Sources) -> Result<Loaded, ExitCode> {
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
