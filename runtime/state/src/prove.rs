//! State proofs from the stored tree. Their format and their verifier are `playfair_types::state::proof`.

use crate::error::StateError;
use crate::node::{Child, Kind, Load};
use crate::update::check_level;
use playfair_types::codec::Decode;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::limits::{STATE_PROOF_BYTES_MAX, STATE_PROOF_KEYS_MAX};
use playfair_types::state::StateKey;
use playfair_types::state::proof::StateProof;

/// Symbols of the format.
const EMPTY: u8 = 0;
const LEAF: u8 = 1;
const NODE: u8 = 2;
const HASH: u8 = 3;

/// The proof's three streams.
#[derive(Default)]
struct Streams {
    symbols: Vec<u8>,
    leaves: Vec<u8>,
    hashes: Vec<u8>,
}

pub(crate) fn prove(loader: &impl Load, root: Child, keys: &[StateKey]) -> Result<StateProof, StateError> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() || keys.len() > STATE_PROOF_KEYS_MAX {
        return Err(StateError::ProofKeys { count: keys.len() });
    }
    let mut streams = Streams::default();
    streams.show(loader, root, &keys, 0)?;
    // By way of the wire format, which is the only other way to a proof than a whole map.
    let count = u32::try_from(streams.symbols.len()).map_err(|_| StateError::ProofTooLong)?;
    let mut wire = count.to_be_bytes().to_vec();
    for four in streams.symbols.chunks(4) {
        let packed = four.iter().fold(0, |byte, symbol| byte << 2 | symbol);
        wire.push(packed << (2 * (4 - four.len())));
    }
    wire.append(&mut streams.leaves);
    wire.append(&mut streams.hashes);
    if wire.len() > STATE_PROOF_BYTES_MAX {
        return Err(StateError::ProofTooLong);
    }
    StateProof::decode(&wire).map_err(|_| StateError::Damaged("a hash of the tree is zero"))
}

impl Streams {
    /// The subtree `at` a `level`, which `keys` enter. At most as deep as a key has bits.
    fn show(
        &mut self,
        loader: &impl Load,
        at: Child,
        keys: &[StateKey],
        level: usize,
    ) -> Result<(), StateError> {
        match (at.kind(), keys) {
            (Kind::Empty, _) => self.symbols.push(EMPTY),
            (_, []) => {
                self.symbols.push(HASH);
                self.hashes.extend(fr_to_bytes(&at.hash));
            }
            (Kind::Leaf, _) => {
                let leaf = loader.leaf(at.id)?;
                self.symbols.push(LEAF);
                self.leaves.extend(leaf.key.0);
                self.leaves.extend(fr_to_bytes(&leaf.value_hash));
            }
            (Kind::Inner, _) => {
                check_level(level)?;
                let (left, right) = loader.inner(at.id)?;
                self.symbols.push(NODE);
                let (left_keys, right_keys) = keys.split_at(keys.partition_point(|key| !key.bit(level)));
                self.show(loader, left, left_keys, level + 1)?;
                self.show(loader, right, right_keys, level + 1)?;
            }
        }
        Ok(())
    }
}
