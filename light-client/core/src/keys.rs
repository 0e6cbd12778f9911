//! Verifying keys: which ones a chain names, and those that were read and found good.

use crate::lie::Lie;
use playfair_proofs_verifier::{Key, Program, Trust, segment_constraints};
use playfair_types::Fr;
use playfair_types::module::ModuleHash;
use playfair_types::vk::{VerifyingKey, VkSet};
use std::sync::OnceLock;

/// Sets and keys that a client keeps ready. A chain has one set for each module that it ran, and a few shapes of each in use.
const KEPT_MAX: usize = 32;

/// The constraints of segment proofs, read once.
fn constraints() -> Option<&'static Program> {
    static CONSTRAINTS: OnceLock<Option<Program>> = OnceLock::new();
    CONSTRAINTS.get_or_init(|| segment_constraints().ok()).as_ref()
}

/// What the chain names, as far as the client has met it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    sets: Vec<(Fr, VkSet)>,
    keys: Vec<(ModuleHash, Key<'static>)>,
}

impl Keys {
    /// The set of this root, if it is there.
    pub(crate) fn set(&self, root: Fr) -> Option<&VkSet> {
        self.sets
            .iter()
            .find(|(known, _)| *known == root)
            .map(|(_, set)| set)
    }

    /// Takes a set if its root is this one.
    pub(crate) fn add_set(&mut self, root: Fr, set: VkSet) -> Result<(), Lie> {
        if set.root() != root {
            return Err(Lie::OtherKeySet);
        }
        push(&mut self.sets, (root, set));
        Ok(())
    }

    /// The key of this digest, if it is there, with its module.
    pub(crate) fn key(&self, digest: Fr) -> Option<&(ModuleHash, Key<'static>)> {
        self.keys.iter().find(|(_, key)| key.digest() == digest)
    }

    /// Takes a key if its digest is this one, it fits the constraints, and its setup is to be believed.
    pub(crate) fn add_key(&mut self, digest: Fr, key: &VerifyingKey, trust: Trust) -> Result<(), Lie> {
        if key.digest() != digest {
            return Err(Lie::OtherKey);
        }
        let program =
            constraints().ok_or(Lie::Key(playfair_proofs_verifier::Error::KeyShape("constraints")))?;
        let ready = Key::new(program, key, trust).map_err(Lie::Key)?;
        push(&mut self.keys, (key.module, ready));
        Ok(())
    }
}

fn push<T>(kept: &mut Vec<T>, new: T) {
    if kept.len() >= KEPT_MAX {
        kept.remove(0);
    }
    kept.push(new);
}
