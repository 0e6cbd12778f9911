//! The chain link of a development chain: whom a light client starts from.
//!
//! It names the chain's first module and that module's verifying keys, so it is made with the chain and kept in the folder: later
//! modules come by upgrades, which are proven.

use super::chain::Operator;
use super::source::Module;
use crate::build;
use crate::client::{admin, hex as bytes};
use crate::prove;
use crate::setup::Choice;
use anyhow::{Context, Result};
use playfair_proofs_prover::module::Module as Lowered;
use playfair_types::Decode;
use playfair_types::certificate::Committee;
use playfair_types::link::{ChainLink, OrderingAnchor};
use playfair_types::tape::genesis::GenesisRecord;
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
    let lowered = Lowered::new(&module.admitted.instrumented, module.admitted.hash)?;
    let smallest = lowered.smallest()?.k;
    let mut set = VkSet::default();
    let shapes = lowered.shapes().filter(|shape| shape.k >= smallest);
    for k in shapes.map(|shape| shape.k).take(SHAPES) {
        let circuit = prove::Circuit {
            k: Some(k),
            careful: false,
            setup: setup.clone(),
        };
        let key = prove::prover(&module.admitted, &circuit)?.vk;
        let place = set.digests.get_mut(usize::from(key.shape));
        *place.context("a shape outside the set")? = Some(key.digest());
    }
    Ok(set)
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
    let link = of(ops, name, &set)?;
    if link.module != module.admitted.hash {
        return Ok(None);
    }
    admin::add_key_set(&ops.admin, name, &set)?;
    let text = link.to_text();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    build::write(path, text.as_bytes())?;
    Ok(Some(text))
}

/// The link of a chain that begins with keys `set`.
fn of(ops: &Operator, name: &str, set: &VkSet) -> Result<ChainLink> {
    let shown = ops.api.get(&format!("/v1/chains/{name}"))?;
    let genesis = GenesisRecord::decode(&bytes(&shown, "genesis")?)?;
    let committee = Committee::decode(&bytes(&shown, "committee")?)?;
    let chain_id = genesis.chain_id();
    Ok(ChainLink {
        chain_id,
        module: genesis.params.module,
        vk_set_root: set.root(),
        l1: None,
        committee: Some(OrderingAnchor {
            ordering_id: chain_id,
            committee,
        }),
    })
}
