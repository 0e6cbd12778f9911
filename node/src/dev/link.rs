//! The chain link of a development chain: whom a light client starts from.
//!
//! It names the chain's first module and that module's verifying keys, so it is made with the chain and kept in the folder: later
//! modules come by upgrades, which are proven.

use super::chain::Operator;
use super::source::Module;
use crate::client::admin;
use crate::setup::Choice;
use crate::{build, keyset};
use anyhow::{Context, Result, anyhow};
use playfair_types::link::ChainLink;
use playfair_types::vk::VkSet;
use std::fs;
use std::path::Path;

/// Shapes of a module whose keys are named: the smallest, in which almost everything is proven, and the next one, for long calls. All of
/// them would take minutes at each change of the module.
const SHAPES: usize = 2;

/// The keys of a module's smallest shapes.
pub(super) fn keys_of(module: &Module, proving: Option<&Choice>) -> Result<VkSet> {
    let setup = match proving {
        Some(choice) => choice.clone(),
        None => Choice::new(None, None, true, None)?,
    };
    keyset::smallest(&module.admitted, &setup, SHAPES)
}

/// The link of a chain: the one that was made with it, or else, if it runs its first module still, a new one. None for a chain whose
/// link is lost and that has another module by now.
pub(super) fn bring(ops: &Operator, path: &Path, name: &str, module: &Module) -> Result<Option<String>> {
    let failed = || format!("cannot write {}", path.display());
    if let Ok(known) = fs::read_to_string(path)
        && ChainLink::from_text(known.trim()).is_ok()
    {
        return Ok(Some(known.trim().to_owned()));
    }
    let set = keys_of(module, ops.proving.as_ref())?;
    let text = admin::add_key_set(&ops.admin, name, &set)?.link;
    let link = ChainLink::from_text(&text).map_err(|error| anyhow!("the node made no link: {error}"))?;
    if link.module != module.admitted.hash {
        return Ok(None);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    build::write(path, text.as_bytes())?;
    Ok(Some(text))
}
