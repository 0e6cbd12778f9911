//! A chain for tests: `cargo test` without a node.
//!
//! [`Chain`] runs the module's own entry points, so arguments and results pass through their encodings, over the host
//! functions that a node uses. What a call changed is kept only if it ends ok. A panic is a trap, as it is on a chain.
//!
//! What it does not have: instructions cost no gas here, only host calls do ([`Receipt::host_gas`]), and there are no
//! signatures, nonces or fees. A module that is built for wasm32 runs in a fresh memory for every call; here a `static`
//! or a thread-local would live on, so have none.

mod by_name;
mod receipt;
mod run;

pub use by_name::{Caller, Reader, Starter};
pub use receipt::{Failure, Outcome, Receipt};

use crate::codec::{self, Codec};
use crate::errors::{ModuleError, NoError};
use crate::module::{Event, Module};
use crate::values::AccountId;
use playfair_machine::world::World;
use playfair_types::account::{AccountId as ChainAccount, AccountRecord};
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::crypto::poseidon::poseidon2;
use playfair_types::state::SystemKey;
use playfair_types::{Decode, Encode};
use run::Run;
use std::marker::PhantomData;

/// Time of genesis: 1 January 2026, in ms.
const GENESIS_MS: u64 = 1_767_225_600_000;

/// A chain that runs the module `M`. Its first call, or the first [`Chain::advance_ms`], begins block 1.
pub struct Chain<M> {
    world: World,
    height: u64,
    time_ms: u64,
    randomness: [u8; 31],
    has_l1: bool,
    started: bool,
    names: Vec<String>,
    last: Receipt,
    module: PhantomData<M>,
}

impl<M: Module> Default for Chain<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M> core::fmt::Debug for Chain<M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Chain at height {}, time {} ms", self.height, self.time_ms)
    }
}

impl<M: Module> Chain<M> {
    /// A chain before its genesis, with L1, and without any balance.
    #[must_use]
    pub fn new() -> Self {
        Self {
            world: World::default(),
            height: 0,
            time_ms: GENESIS_MS,
            randomness: [0; 31],
            has_l1: true,
            started: !M::INIT,
            names: Vec::new(),
            last: Receipt::default(),
            module: PhantomData,
        }
    }

    /// The same chain without L1.
    #[must_use]
    pub fn without_l1(mut self) -> Self {
        self.has_l1 = false;
        self
    }

    /// Genesis: has the module's init as a method.
    pub fn genesis(&mut self) -> M::Genesis<'_> {
        assert!(self.height == 0, "genesis comes before the first block");
        Starter(self).into()
    }

    /// An account for a name; the same name is the same account.
    pub fn account(&mut self, name: &str) -> AccountId {
        let at = self.names.iter().position(|known| known == name);
        let at = at.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        // Readable in hexadecimal, and never one of the ids 0 and 1.
        let mut bytes = [0; 20];
        bytes
            .iter_mut()
            .zip(name.bytes().take(16))
            .for_each(|(to, byte)| *to = byte);
        bytes[16] = 0xff;
        bytes[18..].copy_from_slice(&(at as u16).to_be_bytes());
        AccountId::from_bytes(bytes)
    }

    /// Calls by an account: has the module's calls as methods.
    pub fn by(&mut self, account: AccountId) -> M::Calls<'_> {
        self.by_paying(account, 0)
    }

    /// Calls by an account that pays this amount to the module with its call.
    pub fn by_paying(&mut self, account: AccountId, amount: u128) -> M::Calls<'_> {
        Caller {
            chain: self,
            account,
            amount,
        }
        .into()
    }

    /// Queries: has the module's queries as methods.
    pub fn view(&mut self) -> M::Queries<'_> {
        Reader(self).into()
    }

    /// Calls an entry with a payload that may be anything.
    pub fn call_raw(&mut self, account: AccountId, entry: u8, payload: &[u8]) -> Outcome {
        self.call(account, 0, entry, payload)
    }

    /// Begins a block so much later, and runs the module's tick if it has one.
    ///
    /// # Panics
    /// When the tick does not end ok, or `ms` is 0: time goes on between blocks.
    pub fn advance_ms(&mut self, ms: u64) {
        if let Err(failure) = self.try_advance_ms::<NoError>(ms) {
            panic!("the tick of block {} failed: {failure}", self.height);
        }
    }

    /// As [`Chain::advance_ms`], and gives the tick's failure.
    ///
    /// # Errors
    /// The tick's failure; `E` is its error.
    ///
    /// # Panics
    /// When `ms` is 0, or a module with an init was not started.
    pub fn try_advance_ms<E: ModuleError>(&mut self, ms: u64) -> Result<(), Failure<E>> {
        assert!(ms > 0, "a block's time is after the time of the block before");
        assert!(
            self.started,
            "this module has an init: start the chain with chain.genesis() first"
        );
        self.height += 1;
        self.time_ms += ms;
        self.set_randomness(self.height);
        if !M::TICK {
            return Ok(());
        }
        self.execute(&Run::Tick).into_result().map(drop)
    }

    /// Makes this block's randomness another one, derived from `seed`.
    pub fn set_randomness(&mut self, seed: u64) {
        let element = fr_to_bytes(&poseidon2(Fr::from(seed), Fr::from(self.height)));
        self.randomness.copy_from_slice(&element[1..]);
    }

    /// The block's height.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.height
    }

    /// The block's time, in ms since 1970.
    #[must_use]
    pub fn time_ms(&self) -> u64 {
        self.time_ms
    }

    /// An account's balance.
    pub fn balance(&mut self, account: AccountId) -> u128 {
        self.record(account).balance
    }

    /// Adds to an account's balance, as a deposit does.
    pub fn fund(&mut self, account: AccountId, amount: u128) {
        let balance = self.balance(account);
        self.set_balance(account, balance.saturating_add(amount));
    }

    /// What the last call, query, tick or init did.
    #[must_use]
    pub fn last(&self) -> &Receipt {
        &self.last
    }

    /// The last run's events of one type, in order.
    ///
    /// # Panics
    /// When an event's data does not decode.
    #[must_use]
    pub fn events<E: Event>(&self) -> Vec<E> {
        let of_type = self.last.events.iter().filter(|(topic, _)| *topic == E::TOPIC);
        of_type
            .map(|(_, data)| codec::decode(data).unwrap_or_else(|error| panic!("an event's data: {error}")))
            .collect()
    }

    /// Looks into the module's storage; what is written there is dropped.
    pub fn inspect<R>(&mut self, look: impl FnOnce(&M) -> R) -> R {
        self.look(|| look(&M::open()))
    }

    fn begin_first_block(&mut self) {
        if self.height == 0 {
            self.advance_ms(1);
        }
    }

    fn call(&mut self, account: AccountId, amount: u128, entry: u8, payload: &[u8]) -> Outcome {
        self.begin_first_block();
        self.execute(&Run::Call {
            account,
            amount,
            entry,
            payload,
        })
    }

    fn record(&mut self, account: AccountId) -> AccountRecord {
        let key = self
            .world
            .system_key(SystemKey::Account(ChainAccount(account.to_bytes())));
        let bytes = self.world.get(&key).expect("this state is in memory");
        bytes.map_or_else(AccountRecord::default, |bytes| {
            AccountRecord::decode(&bytes).expect("the chain wrote this record")
        })
    }

    fn set_balance(&mut self, account: AccountId, balance: u128) {
        let mut record = self.record(account);
        record.balance = balance;
        let key = self
            .world
            .system_key(SystemKey::Account(ChainAccount(account.to_bytes())));
        self.world.set(key, Some(record.encode()));
    }
}

/// A payload: the arguments' encodings in order.
fn payload<T: Codec>(arguments: &T) -> Vec<u8> {
    codec::encode(arguments)
}
