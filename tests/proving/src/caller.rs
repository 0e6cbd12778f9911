//! Callers that sign anything, and chains of any genesis for them.

use playfair_admission::Admitted;
use playfair_games::module;
use playfair_runtime::chain::Chain;
use playfair_runtime::local::{Local, Players};
use playfair_types::Encode;
use playfair_types::account::AccountId;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::crypto::eddsa::SecretKey;
use playfair_types::crypto::field::Fr;
use playfair_types::limits::CALL_GAS_MAX;
use playfair_types::tape::call::Call;
use playfair_types::tape::genesis::GenesisRecord;

/// A key and the account that it makes.
pub struct Caller {
    /// The key.
    pub key: SecretKey,
    /// The account.
    pub id: AccountId,
}

impl Caller {
    /// One of 256.
    #[must_use]
    pub fn new(number: u8) -> Self {
        let key = SecretKey::from_seed(&[number; 32]);
        let id = AccountId::from_key(key.public_key());
        Self { key, id }
    }

    /// A free call on lane 0.
    ///
    /// # Panics
    /// When the payload is too long.
    #[must_use]
    pub fn call(&self, nonce: u32, entry: u8, payload: &[u8]) -> Call {
        Call {
            account: self.id,
            key_index: 0,
            lane: 0,
            nonce: nonce.into(),
            valid_until_ms: U48::MAX,
            gas_limit: CALL_GAS_MAX,
            gas_price: 0,
            entry,
            payload: Bytes::new(payload).expect("a short payload"),
            new_key: None,
        }
    }

    /// The call that creates the account.
    ///
    /// # Panics
    /// When the payload is too long.
    #[must_use]
    pub fn first(&self, entry: u8, payload: &[u8]) -> Call {
        Call {
            new_key: Some(self.key.public_key().to_bytes()),
            ..self.call(0, entry, payload)
        }
    }

    /// The record of a call, signed with this caller's key, whoever is said to call.
    #[must_use]
    pub fn sign(&self, chain_id: Fr, call: Call) -> Vec<u8> {
        call.sign(chain_id, &self.key).encode()
    }
}

/// A chain of a genesis, with its state in memory.
///
/// # Panics
/// When the genesis is none of this module.
#[must_use]
pub fn started(admitted: &Admitted, genesis: &GenesisRecord) -> Local {
    let (chain, _) = Chain::create(module::engine(admitted), module::memory(), genesis).expect("a chain");
    Local {
        chain,
        players: Players::of(genesis.chain_id()),
        blocks: vec![genesis.encode()],
    }
}
