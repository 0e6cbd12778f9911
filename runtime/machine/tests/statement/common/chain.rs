//! A chain under test. Every record that it applies is checked for what holds of all records: accumulators recomputed
//! from bytes, a canonical receipt that commits to its body, work, and nothing changed by what is broken or invalid.

use super::engine::Scripted;
use playfair_machine::world::Changes;
use playfair_machine::{Applied, Broken, Error, Machine, Prepared};
use playfair_types::account::{AccountId, AccountRecord, KeyRecord, L1Address};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::chain::Origin;
use playfair_types::crypto::eddsa::SecretKey;
use playfair_types::crypto::field::Fr;
use playfair_types::hash::absorb;
use playfair_types::limits::{GAS_SCHEDULE, MESSAGES_MAX};
use playfair_types::module::ModuleHash;
use playfair_types::receipt::{Outcome, Receipt, ReceiptBody};
use playfair_types::rules::FeeMode;
use playfair_types::segment::Boundary;
use playfair_types::state::{StateKey, SystemKey, tree, value_hash};
use playfair_types::tape::call::{Call, L1Call};
use playfair_types::tape::frame::{absorb_frames, frames_for};
use playfair_types::tape::genesis::{GenesisParams, GenesisRecord};
use playfair_types::tape::system::{BlockRecord, Deposit};
use playfair_types::tape::system_entry::SystemEntry;
use playfair_types::tape::{Record, Step, kind};
use playfair_types::{Decode, Encode};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) const START_MS: u64 = 1_800_000_000_000;
/// The least gas price of chains with fees.
pub(crate) const LEAST: u64 = 3;
/// The gas limit of a call unless a test says otherwise.
pub(crate) const GAS: u32 = 100_000;

pub(crate) fn module(number: u8) -> ModuleHash {
    ModuleHash([number; 31])
}

pub(crate) fn account_key(id: AccountId) -> StateKey {
    StateKey::of_system(SystemKey::Account(id))
}

fn key_key(id: AccountId, index: u8) -> StateKey {
    StateKey::of_system(SystemKey::Key(id, index))
}

/// Genesis of module 1, with fees to account `[9; 20]` unless free, and an upgrade authority: player 0.
pub(crate) fn genesis_record(fee_mode: FeeMode, has_l1: bool) -> GenesisRecord {
    let origin = Origin {
        l1_chain_id: u64::from(has_l1),
        settlement: L1Address([u8::from(has_l1); 20]),
        salt: [7; 31],
    };
    let params = GenesisParams {
        module: module(1),
        gas_schedule: GAS_SCHEDULE.version,
        time_ms: U48::new(START_MS).expect("48 bits"),
        fee_mode,
        gas_price_min: if fee_mode == FeeMode::Free { 0 } else { LEAST },
        fee_recipient: AccountId([9; 20]),
        tick_gas: 20_000,
        unproven_rows_max: 1 << 30,
        upgrade_authority: Player::new(0).id,
        upgrade_delay_ms: 1000,
        balances: Vec::new(),
        init: Bytes::default(),
    };
    GenesisRecord { origin, params }
}

/// A key and the account that it makes.
#[derive(Clone)]
pub(crate) struct Player {
    pub(crate) key: SecretKey,
    pub(crate) id: AccountId,
}

impl Player {
    pub(crate) fn new(number: u8) -> Self {
        let key = SecretKey::from_seed(&[number; 32]);
        let id = AccountId::from_key(key.public_key());
        Self { key, id }
    }

    /// Its account's first call.
    pub(crate) fn first(&self, entry: u8, payload: &[u8]) -> Call {
        Call {
            new_key: Some(self.key.public_key().to_bytes()),
            ..self.call(0, entry, payload)
        }
    }

    /// A call on lane 0 at the least price.
    pub(crate) fn call(&self, nonce: u32, entry: u8, payload: &[u8]) -> Call {
        Call {
            account: self.id,
            key_index: 0,
            lane: 0,
            nonce: nonce.into(),
            valid_until_ms: U48::MAX,
            gas_limit: GAS,
            gas_price: LEAST,
            entry,
            payload: Bytes::new(payload).expect("a payload"),
            new_key: None,
        }
    }

    pub(crate) fn system(&self, nonce: u32, entry: &SystemEntry) -> Call {
        self.call(nonce, entry.entry(), &entry.payload())
    }
}

pub(crate) struct Chain {
    pub(crate) machine: Machine<Scripted>,
    pub(crate) tape: Vec<Vec<u8>>,
    state: BTreeMap<StateKey, Vec<u8>>,
}

/// A chain after its genesis and a first block.
pub(crate) fn chain_of(genesis: &GenesisRecord, engine: Scripted) -> Chain {
    let mut chain = Chain::before_genesis(genesis, engine);
    let done = chain.apply(&genesis.encode());
    assert_eq!(done.receipt.outcome, Outcome::Ok);
    chain.block(1000);
    chain
}

impl Chain {
    pub(crate) fn before_genesis(genesis: &GenesisRecord, engine: Scripted) -> Self {
        Self {
            machine: Machine::new(engine, genesis.chain_id(), genesis.params.module),
            tape: Vec::new(),
            state: BTreeMap::new(),
        }
    }

    pub(crate) fn id(&self) -> Fr {
        self.machine.chain_id()
    }

    pub(crate) fn boundary(&self) -> Boundary {
        *self.machine.boundary()
    }

    /// Applies bytes that may not break the tape.
    pub(crate) fn apply(&mut self, bytes: &[u8]) -> Applied {
        let record = Prepared::read(self.id(), bytes).expect("a record");
        self.apply_prepared(&record)
            .expect("a record that may stand here")
    }

    pub(crate) fn broken(&mut self, bytes: &[u8]) -> Broken {
        let record = match Prepared::read(self.id(), bytes) {
            Ok(record) => record,
            Err(broken) => return broken,
        };
        match self.apply_prepared(&record) {
            Err(Error::Broken(broken)) => broken,
            other => panic!("not broken: {other:?}"),
        }
    }

    pub(crate) fn apply_prepared(&mut self, record: &Prepared) -> Result<Applied, Error> {
        let before = (
            self.boundary(),
            *self.machine.params(),
            self.machine.changes().clone(),
        );
        let result = self.machine.apply(record);
        match &result {
            Ok(done) => {
                self.tape.push(record.bytes().to_vec());
                check(record, done, &before.0, &self.boundary());
                if matches!(done.receipt.outcome, Outcome::Invalid(_)) {
                    assert!(before.2 == *self.machine.changes(), "invalid changes no state");
                }
            }
            Err(Error::Broken(_)) => {
                let after = (self.boundary(), *self.machine.params());
                assert_eq!((before.0, before.1), after, "broken changes nothing");
                assert!(before.2 == *self.machine.changes(), "broken changes no state");
            }
            Err(Error::Fault(_)) => {}
        }
        result
    }

    pub(crate) fn block_record(&self, after_ms: u64) -> BlockRecord {
        let boundary = self.boundary();
        BlockRecord {
            height: boundary.height + 1,
            time_ms: U48::new(boundary.time_ms.get() + after_ms).expect("48 bits"),
            seed: [boundary.height as u8; 31],
            seed_signature: [0; 48],
        }
    }

    pub(crate) fn block(&mut self, after_ms: u64) -> Applied {
        let block = self.block_record(after_ms);
        self.apply(&Record::Block(block).encode())
    }

    /// A signed call's bytes.
    pub(crate) fn signed(&self, call: Call, key: &SecretKey) -> Vec<u8> {
        call.sign(self.id(), key).encode()
    }

    /// The same, through the inbox.
    pub(crate) fn forced(&self, call: Call, key: &SecretKey) -> Vec<u8> {
        let mut bytes = self.signed(call, key);
        bytes[0] |= kind::INBOX;
        bytes
    }

    pub(crate) fn call(&mut self, player: &Player, call: Call) -> Applied {
        let bytes = self.signed(call, &player.key);
        self.apply(&bytes)
    }

    pub(crate) fn outcome(&mut self, player: &Player, call: Call) -> Outcome {
        self.call(player, call).receipt.outcome
    }

    pub(crate) fn l1_call(&mut self, call: L1Call) -> Applied {
        self.apply(&Record::L1Call(call).encode())
    }

    pub(crate) fn deposit(&mut self, account: AccountId, amount: u128) -> Applied {
        let deposit = Deposit {
            account,
            amount,
            sender: L1Address([2; 20]),
            memo: [0; 31],
        };
        self.apply(&Record::Deposit(deposit).encode())
    }

    pub(crate) fn value(&self, key: &StateKey) -> Option<Vec<u8>> {
        match self.machine.changes().get(key) {
            Some(changed) => changed.clone(),
            None => self.state.get(key).cloned(),
        }
    }

    pub(crate) fn account(&self, id: AccountId) -> Option<AccountRecord> {
        let bytes = self.value(&account_key(id))?;
        Some(AccountRecord::decode(&bytes).expect("an account record"))
    }

    pub(crate) fn balance(&self, id: AccountId) -> u128 {
        self.account(id).map_or(0, |record| record.balance)
    }

    pub(crate) fn key(&self, id: AccountId, index: u8) -> Option<KeyRecord> {
        let bytes = self.value(&key_key(id, index))?;
        Some(KeyRecord::decode(&bytes).expect("a key record"))
    }

    pub(crate) fn user(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.value(&StateKey::of_user(&Bytes::new(key).expect("a key")))
    }

    /// Every live key with its value: what was settled, under what changed since.
    pub(crate) fn live(&self) -> BTreeMap<StateKey, Vec<u8>> {
        let mut live = self.state.clone();
        overlay(&mut live, self.machine.changes());
        live
    }

    /// Another chain at the same place, opened anew from what this one has stored.
    pub(crate) fn fork(&self, engine: Scripted) -> Self {
        let (boundary, state) = (self.boundary(), self.live());
        let machine = Machine::open(engine, self.id(), boundary, Arc::new(state.clone()));
        Self {
            machine: machine.expect("a state with its parameters"),
            tape: self.tape.clone(),
            state,
        }
    }

    /// Commits what changed, as a node does after a block.
    pub(crate) fn settle(&mut self) {
        self.state = self.live();
        let hashes = self.state.iter().map(|(key, value)| (*key, value_hash(value)));
        let root = tree::root(&hashes.collect());
        self.machine.settle(Arc::new(self.state.clone()), root);
        assert!(self.machine.changes().is_empty());
    }
}

fn overlay(state: &mut BTreeMap<StateKey, Vec<u8>>, changes: &Changes) {
    for (key, value) in changes {
        match value {
            Some(value) => state.insert(*key, value.clone()),
            None => state.remove(key),
        };
    }
}

/// The sum of all balances that a state holds.
pub(crate) fn sum(chain: &Chain, ids: &[AccountId]) -> u128 {
    ids.iter().map(|id| chain.balance(*id)).sum()
}

/// What holds of every record (S5, F1, F3, C11, C12, FORMATS.md sections 9 and 11).
fn check(record: &Prepared, done: &Applied, before: &Boundary, after: &Boundary) {
    let (bytes, receipt) = (record.bytes(), &done.receipt);
    let frames = bytes.len() / 124;
    assert_eq!(Receipt::decode(&receipt.encode()), Ok(*receipt));
    assert_eq!(ReceiptBody::decode(&done.body.encode()), Ok(done.body.clone()));
    assert!(done.body.matches(receipt));
    assert!(receipt.is_of(before.tape.value, bytes));
    assert_eq!(usize::from(receipt.frames), frames);
    assert_eq!(usize::from(receipt.messages), done.messages.len());
    assert!(done.messages.len() <= MESSAGES_MAX);

    assert_eq!(
        (after.tape.value, after.tape.length),
        (receipt.tape, before.tape.length + frames as u64)
    );
    assert_eq!(after.receipts, absorb(before.receipts, &receipt.elements()));
    let through_inbox = bytes[0] & kind::INBOX != 0;
    let inbox = absorb_frames(before.inbox, bytes).expect("frames");
    let wanted = if through_inbox {
        (inbox, before.inbox_records + 1)
    } else {
        (before.inbox, before.inbox_records)
    };
    assert_eq!((after.inbox, after.inbox_records), wanted);
    let sent: Vec<u8> = done.messages.iter().flat_map(Encode::encode).collect();
    assert_eq!(
        after.outbox.value,
        absorb_frames(before.outbox.value, &sent).expect("frames")
    );
    assert_eq!(
        after.outbox.length,
        before.outbox.length + frames_for(sent.len()) as u64
    );
    assert_eq!(after.state_root, before.state_root);

    let base = GAS_SCHEDULE.record_base(frames as u32);
    let is_call = matches!(
        record.step(),
        Step::Record(Record::Call(_) | Record::L1Call(_)) | Step::Malformed(_)
    );
    let invalid = matches!(receipt.outcome, Outcome::Invalid(_));
    let own = if is_call && !invalid { base } else { 0 };
    let executed = receipt.gas_used - own;
    assert_eq!(done.work, u64::from(base) + u64::from(executed));
    assert!(done.lanes.rows + done.lanes.host_gas(GAS_SCHEDULE) <= executed);
    if invalid {
        assert!(is_call);
        assert_eq!((receipt.gas_used, receipt.fee), (0, 0));
    }
    if receipt.outcome != Outcome::Ok {
        assert!(done.messages.is_empty() && done.body.events.is_empty());
    }
    if let Step::Record(Record::Call(signed)) = record.step() {
        let call = &signed.call;
        assert!(receipt.gas_used <= call.gas_limit);
        assert!(receipt.fee == 0 || receipt.fee == u128::from(receipt.gas_used) * u128::from(call.gas_price));
        assert!(receipt.fee == 0 || !signed.forced);
        if receipt.outcome == Outcome::OutOfGas {
            assert_eq!(receipt.gas_used, call.gas_limit);
        }
    }
    if !matches!(record.step(), Step::Record(Record::Block(_))) {
        assert_eq!(
            (after.height, after.randomness),
            (before.height, before.randomness)
        );
    }
}
