//! From a proven header to the execution layer's state: the block's header, accounts, storage.
//!
//! ```text
//! beacon header -> execution block's hash (a branch) -> its header (RLP, Keccak) -> state root
//! state root -> account (a Merkle-Patricia proof of Keccak(address)) -> storage root -> value (of Keccak(slot))
//! ```
//!
//! Before Gloas, the branch proves the state root itself and no RLP is needed. Proofs are those of `eth_getProof`
//! (EIP-1186), of presence and of absence alike. RLP and proofs are read strictly: every node is the only encoding of
//! what it says, all of it is read, nothing follows the last node. `alloy-trie` verifies proofs too, but brings some
//! forty crates for two hundred lines, and compares with a value that the caller must know already.

mod header;
mod proof;
mod rlp;
mod trie;

pub use header::ExecutionHeader;
pub use proof::{Account, verify_account, verify_storage};

use sha3::{Digest, Keccak256};

pub(crate) fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}
