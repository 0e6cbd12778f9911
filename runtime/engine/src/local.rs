//! A chain on the desk: players by name, signed calls, blocks on demand. For `playfair run`, the demo, benchmarks and
//! tests; the same chain, records and signatures as on a network.
//!
//! Keys are made from names and so are known to everybody: nothing here protects anything of value. The chain is free (fee
//! mode 0), has no L1 and no committee; seeds are zero, so its randomness is known in advance.

use crate::chain::{Block, Chain, ChainError};
use crate::engine::Wasmtime;
use playfair_state::State;
use playfair_types::Encode;
use playfair_types::account::{AccountId, KeyRecord, Role, SessionLimits};
use playfair_types::bounded::{Bytes, TooLong, U48};
use playfair_types::chain::Origin;
use playfair_types::crypto::eddsa::SecretKey;
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::limits::{CALL_GAS_MAX, PAYLOAD_BYTES_MAX};
use playfair_types::module::ModuleHash;
use playfair_types::rules::FeeMode;
use playfair_types::state::value_hash;
use playfair_types::tape::call::Call;
use playfair_types::tape::genesis::{GenesisParams, GenesisRecord};
use playfair_types::tape::system::BlockRecord;
use playfair_types::tape::system_entry::SystemEntry;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a session key of a local player lies.
const SESSION_INDEX: u8 = 1;
/// The session's nonce lane; the owner keeps lane 0.
const SESSION_LANE: u8 = 1;

/// What a local chain starts from.
#[derive(Clone, Debug)]
pub struct Start {
    /// The module; it must be loaded into the engine.
    pub module: ModuleHash,
    /// The argument of its init.
    pub init: Bytes<PAYLOAD_BYTES_MAX>,
    /// Gas of each block's tick; 0 for none.
    pub tick_gas: u32,
    /// Time of genesis, ms since 1970.
    pub time_ms: U48,
    /// Tells chains apart that are equal otherwise.
    pub salt: [u8; 31],
}

impl Start {
    /// A chain of this module with no init argument and no tick, at the beginning of 2026.
    #[must_use]
    pub fn of(module: ModuleHash) -> Self {
        Self {
            module,
            init: Bytes::default(),
            tick_gas: 0,
            time_ms: U48::new(1_767_225_600_000).unwrap_or_default(),
            salt: [0; 31],
        }
    }

    /// The genesis record.
    #[must_use]
    pub fn genesis(&self) -> GenesisRecord {
        GenesisRecord {
            origin: Origin::without_l1(self.salt),
            params: GenesisParams {
                module: self.module,
                gas_schedule: playfair_types::limits::GAS_SCHEDULE.version,
                time_ms: self.time_ms,
                fee_mode: FeeMode::Free,
                gas_price_min: 0,
                fee_recipient: AccountId::NONE,
                tick_gas: self.tick_gas,
                unproven_rows_max: u64::MAX,
                upgrade_authority: AccountId::NONE,
                upgrade_delay_ms: 0,
                balances: Vec::new(),
                init: self.init.clone(),
            },
        }
    }
}

/// Players of one chain: keys by name, and the nonces that they use next. It signs; it runs nothing.
pub struct Players {
    chain_id: Fr,
    players: BTreeMap<String, Player>,
}

struct Player {
    id: AccountId,
    owner: SecretKey,
    session: Option<SecretKey>,
    created: bool,
    nonces: [u32; 2],
}

impl Players {
    /// Nobody yet, on this chain.
    #[must_use]
    pub fn of(chain_id: Fr) -> Self {
        Self {
            chain_id,
            players: BTreeMap::new(),
        }
    }

    /// The account of a name.
    pub fn id(&mut self, name: &str) -> AccountId {
        self.player(name).id
    }

    /// Everybody named so far, with their accounts.
    pub fn named(&self) -> impl Iterator<Item = (&str, AccountId)> {
        self.players
            .iter()
            .map(|(name, player)| (name.as_str(), player.id))
    }

    fn player(&mut self, name: &str) -> &mut Player {
        self.players.entry(name.to_owned()).or_insert_with(|| {
            let owner = secret("owner", name);
            Player {
                id: AccountId::from_key(owner.public_key()),
                owner,
                session: None,
                created: false,
                nonces: [0; 2],
            }
        })
    }

    /// A signed call of a name's owner, or of its session key once it has one. The first call creates the account.
    ///
    /// # Errors
    /// [`TooLong`] for a payload above the limit.
    pub fn call(&mut self, name: &str, entry: u8, payload: &[u8]) -> Result<Vec<u8>, TooLong> {
        let payload = Bytes::new(payload)?;
        let chain_id = self.chain_id;
        let player = self.player(name);
        let session = player.session.clone().filter(|_| entry < 64);
        let (key_index, lane) = match session {
            Some(_) => (SESSION_INDEX, SESSION_LANE),
            None => (0, 0),
        };
        let [owner_nonce, session_nonce] = &mut player.nonces;
        let next = if session.is_some() {
            session_nonce
        } else {
            owner_nonce
        };
        let nonce = U48::from(*next);
        *next += 1;
        let call = Call {
            account: player.id,
            key_index,
            lane,
            nonce,
            valid_until_ms: U48::MAX,
            gas_limit: CALL_GAS_MAX,
            gas_price: 0,
            entry,
            payload,
            new_key: (!player.created).then(|| player.owner.public_key().to_bytes()),
        };
        player.created = true;
        let key = session.as_ref().unwrap_or(&player.owner);
        Ok(call.sign(chain_id, key).encode())
    }

    /// A call by which a name's owner gives it a session key for the entries of `scope` (bit e for entry e). Later
    /// calls of these entries are signed by that key.
    ///
    /// # Errors
    /// [`TooLong`] never happens: the payload is short.
    pub fn open_session(&mut self, name: &str, scope: u64) -> Result<Vec<u8>, TooLong> {
        let session = secret("session", name);
        let entry = SystemEntry::SetKey {
            index: SESSION_INDEX,
            key: KeyRecord {
                role: Role::Session(
                    *session.public_key(),
                    SessionLimits {
                        scope,
                        gas_price_max: 0,
                        lanes: 1 << SESSION_LANE,
                    },
                ),
                expires_ms: U48::MAX,
            },
        };
        let record = self.call(name, entry.entry(), &entry.payload())?;
        self.player(name).session = Some(session);
        Ok(record)
    }
}

/// The seed of the key of a name's owner, for wallets that shall have it.
#[must_use]
pub fn seed(name: &str) -> [u8; 32] {
    seed_of("owner", name)
}

fn seed_of(what: &str, name: &str) -> [u8; 32] {
    fr_to_bytes(&value_hash(format!("playfair/local {what} {name}").as_bytes()))
}

/// A key that everybody can make.
fn secret(what: &str, name: &str) -> SecretKey {
    SecretKey::from_seed(&seed_of(what, name))
}

/// A local chain with its players.
pub struct Local {
    /// The chain.
    pub chain: Chain,
    /// Who plays.
    pub players: Players,
    /// The blocks so far, as they would be replayed; genesis first.
    pub blocks: Vec<Vec<u8>>,
}

impl Local {
    /// Starts a chain in an empty state.
    ///
    /// # Errors
    /// As [`Chain::create`].
    pub fn start(engine: Wasmtime, state: Arc<State>, start: &Start) -> Result<(Self, Block), ChainError> {
        let genesis = start.genesis();
        let (chain, block) = Chain::create(engine, state, &genesis)?;
        let local = Self {
            players: Players::of(genesis.chain_id()),
            chain,
            blocks: vec![genesis.encode()],
        };
        Ok((local, block))
    }

    /// Makes a block of these call records, `after_ms` after the block before (at least 1).
    ///
    /// # Errors
    /// As [`Chain::apply`].
    pub fn block(&mut self, after_ms: u64, calls: &[Vec<u8>]) -> Result<Block, ChainError> {
        let boundary = self.chain.boundary();
        let mut bytes = block_record(boundary.height + 1, boundary.time_ms.get() + after_ms.max(1));
        bytes.extend(calls.iter().flatten());
        let block = self.chain.apply(&bytes)?;
        self.blocks.push(bytes);
        Ok(block)
    }
}

/// The bytes of a block record with a zero seed.
#[must_use]
pub fn block_record(height: u64, time_ms: u64) -> Vec<u8> {
    let record = BlockRecord {
        height,
        time_ms: U48::new(time_ms).unwrap_or(U48::MAX),
        seed: [0; 31],
        seed_signature: [0; 48],
    };
    record.encode()
}
