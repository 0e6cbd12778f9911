//! The machine: one chain between two records.

use crate::accounts;
use crate::checks::{KeyCache, Request, Rules};
use crate::engine::Engine;
use crate::error::{Broken, Error, Fault};
use crate::execute::Ran;
use crate::host::{Lanes, Outputs};
use crate::pending::Pending;
use crate::prepared::Prepared;
use crate::world::{Changes, StateRead, World};
use playfair_types::Decode;
use playfair_types::account::AccountId;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::crypto::babyjubjub::PublicKey;
use playfair_types::crypto::field::Fr;
use playfair_types::limits::{GAS_SCHEDULE, GasSchedule, gas_schedule};
use playfair_types::module::ModuleHash;
use playfair_types::outbox::Message;
use playfair_types::receipt::{Invalid, Outcome, Receipt, ReceiptBody};
use playfair_types::rules::FeeMode;
use playfair_types::segment::Boundary;
use playfair_types::state::SystemKey;
use playfair_types::state::params::ParamsRecord;
use playfair_types::tape::frame::FRAME_BYTES;
use playfair_types::tape::{Record, Step, kind};
use playfair_types::{Encode, account::Role};
use std::sync::Arc;

/// A chain's state machine. It applies records in order; the state itself lies outside, behind [`StateRead`].
///
/// The owner applies some records, commits [`Machine::changes`] to the state, and tells the machine with
/// [`Machine::settle`] the root that came of it.
pub struct Machine<E> {
    pub(crate) engine: E,
    pub(crate) chain_id: Fr,
    pub(crate) boundary: Boundary,
    pub(crate) params: ParamsRecord,
    pub(crate) schedule: &'static GasSchedule,
    pub(crate) world: World,
    keys: KeyCache,
    /// Records applied whose receipts are still to be hashed.
    pub(crate) owed: usize,
    poisoned: bool,
}

/// What a record did.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Its receipt.
    pub receipt: Receipt,
    /// What the receipt commits to.
    pub body: ReceiptBody,
    /// The messages that it sent.
    pub messages: Vec<Message>,
    /// What the module said to its operator.
    pub logs: Vec<String>,
    /// What it used of each lane, beside the base of its record.
    pub lanes: Lanes,
    /// Its part of the segment's `work` (FORMATS.md section 11).
    pub work: u64,
}

/// What the state says about a call before its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The next nonce of the call's lane.
    pub next_nonce: u64,
    /// The caller's balance.
    pub balance: u128,
    /// Why it would be invalid.
    pub invalid: Option<Invalid>,
}

impl<E: Engine> Machine<E> {
    /// A chain before its genesis record, which must be the first record applied.
    pub fn new(engine: E, chain_id: Fr, module: ModuleHash) -> Self {
        Self {
            engine,
            chain_id,
            boundary: Boundary::before_genesis(chain_id, module),
            // Nothing reads these before genesis has set them.
            params: ParamsRecord {
                gas_schedule: GAS_SCHEDULE.version,
                has_l1: false,
                fee_mode: FeeMode::Free,
                gas_price_min: 0,
                fee_recipient: AccountId::NONE,
                tick_gas: 0,
                upgrade_authority: AccountId::NONE,
                upgrade_delay_ms: 0,
            },
            schedule: GAS_SCHEDULE,
            world: World::default(),
            keys: KeyCache::default(),
            owed: 0,
            poisoned: false,
        }
    }

    /// A chain at `boundary`, with the state of which it has the root.
    ///
    /// # Errors
    /// [`Fault`] when the state lacks the chain's parameters, or this build does not know its gas schedule.
    pub fn open(
        engine: E,
        chain_id: Fr,
        boundary: Boundary,
        state: Arc<dyn StateRead>,
    ) -> Result<Self, Fault> {
        let mut machine = Self::new(engine, chain_id, boundary.module);
        machine.boundary = boundary;
        machine.world = World::new(state);
        if boundary.tape.length > 0 {
            let key = machine.world.system_key(SystemKey::Params);
            let bytes = machine.world.get(&key)?.ok_or(Fault::Damaged("parameters"))?;
            let params = ParamsRecord::decode(&bytes).map_err(|_| Fault::Damaged("parameters"))?;
            drop(bytes);
            machine.set_params(params)?;
        }
        Ok(machine)
    }

    /// Makes the machine refuse everything further: its owner lost the state.
    pub fn poison(&mut self) {
        self.poisoned = true;
    }

    /// Makes `state` the committed state; it must have every change so far, and `root` is its root.
    pub fn settle(&mut self, state: Arc<dyn StateRead>, root: Fr) {
        self.world.settle(state);
        self.boundary.state_root = root;
    }

    /// What changed since the last [`Machine::settle`].
    #[must_use]
    pub fn changes(&self) -> &Changes {
        self.world.changes()
    }

    /// The boundary after the records applied so far. Its state root is that of the last [`Machine::settle`].
    #[must_use]
    pub fn boundary(&self) -> &Boundary {
        &self.boundary
    }

    /// The chain.
    #[must_use]
    pub fn chain_id(&self) -> Fr {
        self.chain_id
    }

    /// The chain's parameters.
    #[must_use]
    pub fn params(&self) -> &ParamsRecord {
        &self.params
    }

    /// The gas prices that stand.
    #[must_use]
    pub fn schedule(&self) -> &'static GasSchedule {
        self.schedule
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &E {
        &self.engine
    }

    /// The key that each record's signature will most likely be judged by, as far as the state now knows: a hint for
    /// [`Prepared::verify_batch`].
    ///
    /// # Errors
    /// [`Fault`] when the state cannot be read.
    pub fn expected_keys(&mut self, records: &[Prepared]) -> Result<Vec<Option<PublicKey>>, Fault> {
        let mut expected = Vec::with_capacity(records.len());
        for record in records {
            expected.push(match (&record.step, record.new_key()) {
                (_, Some(key)) => Some(key),
                (Step::Record(Record::Call(signed)), None) => {
                    let call = &signed.call;
                    match self.keys.get(&mut self.world, call.account, call.key_index)? {
                        Some(record) => match record.role {
                            Role::Owner(key) | Role::Session(key, _) => Some(key),
                            Role::L1Owner(_) => None,
                        },
                        None => None,
                    }
                }
                _ => None,
            });
        }
        Ok(expected)
    }

    /// Applies the next record.
    ///
    /// # Errors
    /// [`Error::Broken`] when the record may not stand here; the machine is unchanged. [`Error::Fault`] when something
    /// around the machine failed; it then refuses everything further.
    pub fn apply(&mut self, record: &Prepared) -> Result<Applied, Error> {
        let pending = self.append(record)?;
        let applied = self.complete(vec![pending])?;
        applied
            .into_iter()
            .next()
            .ok_or(Fault::Damaged("receipts").into())
    }

    /// Applies the next record, but for its receipt: [`Machine::complete`] must follow.
    ///
    /// # Errors
    /// As [`Machine::apply`].
    pub fn append(&mut self, record: &Prepared) -> Result<Pending, Error> {
        self.apply_unless(record, |_| false)?
            .map_err(|_| Fault::Damaged("outcome").into())
    }

    /// As [`Machine::append`], unless the record is a call that would be invalid: then nothing happens. A sequencer need not
    /// take what comes to nothing.
    ///
    /// # Errors
    /// As [`Machine::apply`].
    pub fn offer(&mut self, record: &Prepared) -> Result<Result<Pending, Invalid>, Error> {
        self.apply_unless(record, |_| true)
    }

    fn apply_unless(
        &mut self,
        record: &Prepared,
        refuse: impl FnOnce(Invalid) -> bool,
    ) -> Result<Result<Pending, Invalid>, Error> {
        if self.poisoned {
            return Err(Fault::Poisoned.into());
        }
        // Should the engine unwind, the world is lost with the run: no later record may see an empty one.
        self.poisoned = true;
        let applied = self.apply_record(record, refuse);
        self.poisoned = matches!(applied, Err(Error::Fault(_)));
        applied
    }

    /// What a block at `time_ms` would say to a call as the state now is, and the next nonce of its lane. A call whose
    /// turn has not come is invalid for its nonce; what is checked after it (C8, C9) has not been judged then.
    ///
    /// # Errors
    /// [`Fault`] when the state cannot be read.
    pub fn judge(&mut self, record: &Prepared, time_ms: U48) -> Result<Judgement, Fault> {
        let Step::Record(Record::Call(call)) = &record.step else {
            return Ok(Judgement {
                next_nonce: 0,
                balance: 0,
                invalid: Some(Invalid::Encoding),
            });
        };
        let account = accounts::account(&mut self.world, call.call.account)?.unwrap_or_default();
        let next_nonce = account.next_nonces.get(usize::from(call.call.lane));
        let frames = u32::try_from(record.bytes.len() / FRAME_BYTES).unwrap_or(u32::MAX);
        let rules = Rules {
            params: &self.params,
            schedule: self.schedule,
            time_ms,
        };
        let judged = Request::signed(record, call, frames).check(&rules, &mut self.world, &mut self.keys)?;
        Ok(Judgement {
            next_nonce: next_nonce.map_or(0, |next| next.get()),
            balance: account.balance,
            invalid: judged.err(),
        })
    }

    fn apply_record(
        &mut self,
        record: &Prepared,
        refuse: impl FnOnce(Invalid) -> bool,
    ) -> Result<Result<Pending, Invalid>, Error> {
        let bytes = record.bytes();
        let frames = bytes.len() / FRAME_BYTES;
        let frames = u8::try_from(frames).map_err(|_| Broken::NotGenesis)?;
        let inbox = bytes.first().is_some_and(|kind| kind & kind::INBOX != 0);
        self.check_place(record, inbox)?;

        // What the record costs whatever comes of it, by the prices that stand before it.
        let base = u64::from(self.base_schedule(&record.step)?.record_base(u32::from(frames)));
        let (ran, gas_base, fee) = match &record.step {
            Step::Malformed(_) => (invalid(Invalid::Encoding), 0, 0),
            Step::Record(Record::Genesis(genesis)) => (self.genesis(genesis)?, 0, 0),
            Step::Record(Record::Block(block)) => (self.block(block)?, 0, 0),
            Step::Record(Record::Upgrade(upgrade)) => (self.upgrade(upgrade)?, 0, 0),
            Step::Record(Record::Deposit(deposit)) => (self.deposit(deposit)?, 0, 0),
            Step::Record(Record::Call(call)) => {
                self.call(&Request::signed(record, call, u32::from(frames)))?
            }
            Step::Record(Record::L1Call(call)) => self.call(&Request::l1(call, u32::from(frames)))?,
        };
        // An invalid call has changed nothing so far (C11).
        if let Outcome::Invalid(reason) = ran.outcome
            && refuse(reason)
        {
            return Ok(Err(reason));
        }
        self.boundary.tape.absorb_frames(bytes).map_err(Broken::Format)?;
        if inbox {
            self.absorb_inbox(bytes)?;
        }
        let Outputs {
            output,
            events,
            messages,
            logs,
        } = ran.outputs;
        for message in &messages {
            self.boundary
                .outbox
                .absorb_frames(&message.encode())
                .map_err(|_| Fault::Damaged("message"))?;
        }
        let body = ReceiptBody {
            output: Bytes::new(output).map_err(|_| Fault::Damaged("output"))?,
            events,
        };
        self.owed += 1;
        Ok(Ok(Pending(Applied {
            receipt: Receipt {
                outcome: ran.outcome,
                gas_used: gas_base + ran.gas_used,
                fee,
                messages: u8::try_from(messages.len()).map_err(|_| Fault::Damaged("messages"))?,
                frames,
                tape: self.boundary.tape.value,
                output: Fr::default(),
                events: Fr::default(),
            },
            body,
            messages,
            logs,
            lanes: ran.lanes,
            work: base + u64::from(ran.gas_used),
        })))
    }

    /// Whether a record of this kind may stand here at all.
    fn check_place(&self, record: &Prepared, inbox: bool) -> Result<(), Broken> {
        let step = &record.step;
        // A signed message names its chain: one that was computed for another chain proves nothing here.
        if record.chain_id != self.chain_id {
            return Err(Broken::OtherChain);
        }
        let first = self.boundary.tape.length == 0;
        let genesis = match step {
            Step::Record(Record::Genesis(genesis)) => Some(genesis),
            _ => None,
        };
        if genesis.is_some() != first {
            return Err(Broken::NotGenesis);
        }
        // G1, before anything that this build may not know: another chain's record is no fault of this machine.
        if let Some(genesis) = genesis
            && (genesis.chain_id() != self.chain_id || genesis.params.module != self.boundary.module)
        {
            return Err(Broken::OtherChain);
        }
        if inbox && !self.params.has_l1 {
            return Err(Broken::NoInbox);
        }
        let activating = self.boundary.activating_ms.get() != 0;
        if activating && !matches!(step, Step::Record(Record::Block(_))) {
            return Err(Broken::NotBlock);
        }
        Ok(())
    }

    fn base_schedule(&self, step: &Step) -> Result<&'static GasSchedule, Fault> {
        match step {
            Step::Record(Record::Genesis(genesis)) => schedule_of(genesis.params.gas_schedule),
            _ => Ok(self.schedule),
        }
    }

    fn absorb_inbox(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let inbox = playfair_types::tape::frame::absorb_frames(self.boundary.inbox, bytes);
        self.boundary.inbox = inbox.map_err(Broken::Format)?;
        self.boundary.inbox_records = self.boundary.inbox_records.saturating_add(1);
        Ok(())
    }

    fn call(&mut self, request: &Request<'_>) -> Result<(Ran, u32, u128), Fault> {
        let rules = Rules {
            params: &self.params,
            schedule: self.schedule,
            time_ms: self.boundary.time_ms,
        };
        match request.check(&rules, &mut self.world, &mut self.keys)? {
            Err(reason) => Ok((invalid(reason), 0, 0)),
            Ok(authorised) => {
                let base = self.schedule.record_base(request.frames);
                let (ran, fee) = self.execute(request, authorised)?;
                Ok((ran, base, fee))
            }
        }
    }

    /// Takes over parameters, with their prices.
    pub(crate) fn set_params(&mut self, params: ParamsRecord) -> Result<(), Fault> {
        self.schedule = schedule_of(params.gas_schedule)?;
        self.params = params;
        Ok(())
    }
}

pub(crate) fn schedule_of(version: u16) -> Result<&'static GasSchedule, Fault> {
    gas_schedule(version).ok_or(Fault::UnknownSchedule(version))
}

fn invalid(reason: Invalid) -> Ran {
    Ran::system(Outcome::Invalid(reason), 0)
}
