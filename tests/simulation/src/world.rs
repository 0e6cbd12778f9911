//! A small module, a chain of it, and players who sign.

use crate::disk::SimDisk;
use playfair_admission::{Admitted, admit};
use playfair_bls::{SecretKey as CommitteeKey, Signer};
use playfair_runtime::Wasmtime;
use playfair_runtime::local::Start;
use playfair_sequencer::{OpenError, Opened, Origin, Sequencer, Settings};
use playfair_types::account::AccountId;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::crypto::eddsa::SecretKey;
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::module::ModuleHash;
use playfair_types::state::value_hash;
use playfair_types::tape::call::Call;
use playfair_types::tape::genesis::{GenesisParams, GenesisRecord};
use playfair_types::{Encode, limits};

/// Time of genesis, ms.
pub const START_MS: u64 = 1_800_000_000_000;

/// Entry n of the module ends its n-th way; each counts first, in the key that is the payload, of which eight bytes count.
const MODULE: &str = r#"
(module
  (import "playfair" "input" (func $input (param i32)))
  (import "playfair" "output" (func $output (param i32 i32)))
  (import "playfair" "revert" (func $revert (param i32 i32)))
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "emit" (func $emit (param i32 i32 i32)))
  (import "playfair" "log" (func $log (param i32 i32)))
  (memory 1)
  (data (i32.const 8192) "no such thing")
  (data (i32.const 8208) "ticks")
  ;; Adds one to the number at the key of this place and length.
  (func $count (param $key i32) (param $length i32)
    i32.const 8256 i64.const 0 i64.store
    local.get $key local.get $length i32.const 8256 i32.const 8 call $get drop
    i32.const 8256 i32.const 8256 i64.load i64.const 1 i64.add i64.store
    local.get $key local.get $length i32.const 8256 i32.const 8 call $set)
  (func (export "tick") i32.const 8208 i32.const 5 call $count)
  (func (export "query") (param i32 i32)
    i32.const 8192 i32.const 13 call $output)
  (func (export "call") (param $entry i32) (param $length i32)
    i32.const 0 call $input
    i32.const 0
    local.get $length i32.const 8 local.get $length i32.const 8 i32.lt_u select
    call $count
    block $log block $loop block $trap block $revert block $ok
      local.get $entry
      br_table $ok $revert $trap $loop $log
    end
      i32.const 7 i32.const 8256 i32.const 8 call $emit
      i32.const 8256 i32.const 8 call $output
      return
    end
      i32.const 8192 i32.const 13 call $revert unreachable
    end
      unreachable
    end
      loop br 0 end
    end
      i32.const 8192 i32.const 13 call $log))
"#;

/// Everything that does not change while a chain runs, crashes and is opened again.
pub struct World {
    engine: Wasmtime,
    /// The chain's first record.
    pub genesis: GenesisRecord,
    /// How it is sequenced.
    pub settings: Settings,
}

impl World {
    /// A chain of the module, with a tick in every block or not.
    #[must_use]
    pub fn new(ticks: bool) -> Self {
        Self::with(|params| params.tick_gas = if ticks { 50_000 } else { 0 })
    }

    /// A chain of the module, with other parameters.
    ///
    /// # Panics
    /// When the module is not admitted: a bug here.
    #[must_use]
    pub fn with(change: impl FnOnce(&mut GenesisParams)) -> Self {
        let admitted = admitted(MODULE);
        let engine = Wasmtime::new().expect("an engine");
        engine.load(&admitted).expect("it compiles");
        let start = Start {
            time_ms: U48::new(START_MS).expect("48 bits"),
            ..Start::of(admitted.hash)
        };
        let mut genesis = start.genesis();
        change(&mut genesis.params);
        Self {
            engine,
            genesis,
            settings: Settings {
                cache_bytes: 1 << 18,
                ..Settings::default()
            },
        }
    }

    /// Loads another module, which counts nothing: all its calls end ok. Tells its hash.
    ///
    /// # Panics
    /// When the module is not admitted: a bug here.
    pub fn load_other(&self) -> ModuleHash {
        let admitted = admitted(r#"(module (func (export "call") (param i32 i32)))"#);
        self.engine.load(&admitted).expect("it compiles");
        admitted.hash
    }

    /// The chain's id.
    #[must_use]
    pub fn chain_id(&self) -> Fr {
        self.genesis.chain_id()
    }

    /// Makes the chain on an empty disk.
    ///
    /// # Errors
    /// As [`Sequencer::open`].
    pub fn create(&self, disk: &SimDisk) -> Result<Opened<SimDisk, Signer>, OpenError> {
        self.start(disk, true, false)
    }

    /// Opens the chain on a disk.
    ///
    /// # Errors
    /// As [`Sequencer::open`].
    pub fn open(&self, disk: &SimDisk) -> Result<Opened<SimDisk, Signer>, OpenError> {
        self.start(disk, false, false)
    }

    /// Opens the chain on a disk whose state or history has failed.
    ///
    /// # Errors
    /// As [`Sequencer::open`].
    pub fn open_distrusting(&self, disk: &SimDisk) -> Result<Opened<SimDisk, Signer>, OpenError> {
        self.start(disk, false, true)
    }

    fn start(
        &self,
        disk: &SimDisk,
        is_new: bool,
        distrust: bool,
    ) -> Result<Opened<SimDisk, Signer>, OpenError> {
        let origin = Origin {
            genesis: self.genesis.clone(),
            certifier: signer(self.chain_id()),
            salt: *b"salt of a tape!!",
            is_new,
            distrust,
        };
        Sequencer::open(self.engine.clone(), disk.clone(), origin, self.settings)
    }
}

fn admitted(text: &str) -> Admitted {
    let wasm = wat::parse_str(text).expect("WebAssembly text");
    admit(&wasm).unwrap_or_else(|rejection| panic!("{rejection}"))
}

/// The committee of one of a chain.
#[must_use]
pub fn signer(chain_id: Fr) -> Signer {
    Signer::new(CommitteeKey::from_seed(&[9; 64]), 0, chain_id)
}

/// One who signs calls.
pub struct Player {
    key: SecretKey,
    /// The account.
    pub id: AccountId,
}

impl Player {
    /// The player of a number; everybody knows the key.
    #[must_use]
    pub fn new(number: u64) -> Self {
        let seed = value_hash(format!("simulated player {number}").as_bytes());
        let key = SecretKey::from_seed(&fr_to_bytes(&seed));
        Self {
            id: AccountId::from_key(key.public_key()),
            key,
        }
    }

    /// A signed call; the first one of an account brings its key.
    ///
    /// # Panics
    /// For a payload longer than calls may have.
    #[must_use]
    pub fn call(&self, chain_id: Fr, order: &Order) -> Vec<u8> {
        let call = Call {
            account: self.id,
            key_index: 0,
            lane: order.lane,
            nonce: U48::new(order.nonce).expect("48 bits"),
            valid_until_ms: U48::new(order.valid_until_ms).expect("48 bits"),
            gas_limit: order.gas_limit,
            gas_price: order.gas_price,
            entry: order.entry,
            payload: Bytes::new(order.payload.clone()).expect("a short payload"),
            new_key: order.creates.then(|| self.key.public_key().to_bytes()),
        };
        call.sign(chain_id, &self.key).encode()
    }
}

/// What a player wants.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its lane.
    pub lane: u8,
    /// Its nonce there.
    pub nonce: u64,
    /// The last block time at which it may be played.
    pub valid_until_ms: u64,
    /// The most gas.
    pub gas_limit: u32,
    /// The price of it.
    pub gas_price: u64,
    /// The module's entry.
    pub entry: u8,
    /// The key that is counted.
    pub payload: Vec<u8>,
    /// Whether it is the account's first call.
    pub creates: bool,
}

impl Order {
    /// A call of entry 0 on lane 0 that counts in `payload`.
    #[must_use]
    pub fn count(nonce: u64, payload: &[u8]) -> Self {
        Self {
            lane: 0,
            nonce,
            valid_until_ms: START_MS + 1_000_000_000,
            gas_limit: limits::CALL_GAS_MAX / 16,
            gas_price: 0,
            entry: 0,
            payload: payload.to_vec(),
            creates: nonce == 0,
        }
    }
}
