//! Accounts and storage values under a proven state root.

use super::{keccak, rlp, rlp::Items, trie};
use crate::Error;
use crate::error::Malformed;
use crate::ssz::Root;

/// An account of the execution layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// How many transactions it sent, or contracts it made.
    pub nonce: u64,
    /// In wei, big-endian.
    pub balance: [u8; 32],
    /// The root of its storage.
    pub storage_root: Root,
    /// Keccak of its code.
    pub code_hash: Root,
}

/// The account at an address, or `None` if the proof shows that there is none.
///
/// # Errors
/// [`Error::Node`], [`Error::ProofShort`], [`Error::ProofLong`] for what is no proof of this account under this root,
/// [`Error::Malformed`] for nodes that no trie has.
pub fn verify_account<P: AsRef<[u8]>>(
    state_root: &Root,
    address: &[u8; 20],
    proof: &[P],
) -> Result<Option<Account>, Error> {
    let Some(value) = trie::get(state_root, &keccak(address), proof)? else {
        return Ok(None);
    };
    let read = || {
        let mut fields = Items::of_list(value)?;
        let account = Account {
            nonce: fields.u64()?,
            balance: fields.u256()?,
            storage_root: fields.array()?,
            code_hash: fields.array()?,
        };
        fields.end()?;
        Ok(account)
    };
    read().map(Some).map_err(Error::malformed("account"))
}

/// The value of a storage slot, big-endian; zero if the proof shows that the slot was never set, which is the same.
///
/// # Errors
/// As [`verify_account`].
pub fn verify_storage<P: AsRef<[u8]>>(
    storage_root: &Root,
    slot: &Root,
    proof: &[P],
) -> Result<[u8; 32], Error> {
    let Some(value) = trie::get(storage_root, &keccak(slot), proof)? else {
        return Ok([0; 32]);
    };
    let read = || {
        let mut items = Items::new(value);
        let string = items.string()?;
        items.end()?;
        match string {
            // Zeros are not stored.
            [] => Err(Malformed::Form),
            _ => rlp::number(string),
        }
    };
    read().map_err(Error::malformed("storage value"))
}
