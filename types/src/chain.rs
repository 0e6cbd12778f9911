//! Chain id and block randomness.

use crate::account::L1Address;
use crate::crypto::field::{Fr, limb31_from_bytes, low248};
use crate::hash::{Tag, hash};
use crate::module::first31;
use sha2::{Digest, Sha256};

/// Where a chain lives and which of its lives this is. With the genesis hash it makes the chain id, so that a signature
/// for one chain never holds on another network, another deployment, under other rules or after a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// EIP-155 id of the L1; 0 when there is none.
    pub l1_chain_id: u64,
    /// The settlement contract; zero exactly when there is no L1.
    pub settlement: L1Address,
    /// Chosen when the chain is created.
    pub salt: [u8; 31],
}

impl Origin {
    /// A chain without L1.
    #[must_use]
    pub const fn without_l1(salt: [u8; 31]) -> Self {
        Self {
            l1_chain_id: 0,
            settlement: L1Address([0; 20]),
            salt,
        }
    }

    /// Whether the chain has an L1: then it has an inbox, and no balances of its own making.
    #[must_use]
    pub const fn has_l1(&self) -> bool {
        self.l1_chain_id != 0
    }

    /// The chain id: `hash(Chain; l1 chain id, settlement, genesis hash, salt)`.
    #[must_use]
    pub fn chain_id(&self, genesis: Fr) -> Fr {
        let elements = [
            Fr::from(self.l1_chain_id),
            self.settlement.to_field(),
            genesis,
            limb31_from_bytes(&self.salt),
        ];
        hash(Tag::Chain, &elements)
    }
}

/// The seed that a block record must carry: first 31 bytes of `SHA-256("playfair/1/seed" | signature)`.
///
/// `signature` is the committee's over the *round* of the parent, [`crate::certificate::Certificate::seed_bytes`]: it
/// does not depend on what the parent holds, so nobody can try contents until the seed pleases. The circuit takes the seed as it stands on the
/// tape; that it is the right one is checked by whoever holds the certificates (docs/STATEMENT.md, "not proven").
#[must_use]
pub fn seed_of(signature: &[u8; 48]) -> [u8; 31] {
    let mut sha = Sha256::new();
    sha.update(b"playfair/1/seed");
    sha.update(signature);
    first31(&sha.finalize().into())
}

/// The randomness that a module sees in a block: low 248 bits of `hash(Random; chain id, height, seed)`.
#[must_use]
pub fn block_randomness(chain_id: Fr, height: u64, seed: &[u8; 31]) -> [u8; 31] {
    low248(&hash(
        Tag::Random,
        &[chain_id, Fr::from(height), limb31_from_bytes(seed)],
    ))
}
