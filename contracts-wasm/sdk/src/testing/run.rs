//! One run: the host is set up, the entry point called, and what it changed kept or dropped.

use super::{Chain, Outcome, Receipt};
use crate::module::Module;
use crate::sys::native::{self, Running};
use crate::values::AccountId;
use playfair_machine::host::{Context, Ended, Host, Outputs};
use playfair_types::account::AccountId as ChainAccount;
use playfair_types::crypto::field::Fr;
use playfair_types::limits::{CALL_GAS_MAX, GAS_SCHEDULE, INIT_GAS};
use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What to run.
pub(super) enum Run<'a> {
    Init(&'a [u8]),
    Tick,
    Call {
        account: AccountId,
        amount: u128,
        entry: u8,
        payload: &'a [u8],
    },
    Query {
        entry: u8,
        payload: &'a [u8],
    },
}

impl Run<'_> {
    fn payload(&self) -> &[u8] {
        match self {
            Self::Init(payload) | Self::Call { payload, .. } | Self::Query { payload, .. } => payload,
            Self::Tick => &[],
        }
    }

    fn enter<M: Module>(&self) {
        let length = self.payload().len() as u32;
        match self {
            Self::Init(_) => M::init(length),
            Self::Tick => M::tick(),
            Self::Call { entry, .. } => M::call(u32::from(*entry), length),
            Self::Query { entry, .. } => M::query(u32::from(*entry), length),
        }
    }
}

impl<M: Module> Chain<M> {
    /// Runs an entry point, and keeps what it changed if it ends ok.
    pub(super) fn execute(&mut self, run: &Run<'_>) -> Outcome {
        let (caller, amount) = match run {
            Run::Call { account, amount, .. } => (*account, *amount),
            _ => (AccountId::NOBODY, 0),
        };
        let query = matches!(run, Run::Query { .. });
        self.last = Receipt::default();
        self.world.begin();
        if amount > 0 && !self.pay(caller, amount) {
            self.world.end(false);
            return Outcome::Unpaid;
        }
        let gas = match run {
            Run::Init(_) => INIT_GAS,
            _ => CALL_GAS_MAX,
        };
        let context = self.context(caller, amount, run.payload().to_vec(), query);
        let (ended, outputs, host_gas) = self.with_host(context, gas, || run.enter::<M>());
        let outcome = match ended {
            Ok(()) => Outcome::Ok(outputs.output),
            Err(unwound) => outcome_of(unwound),
        };
        let ok = matches!(outcome, Outcome::Ok(_));
        self.world.end(ok && !query);
        self.last = Receipt {
            logs: outputs.logs,
            host_gas,
            ..Receipt::default()
        };
        if ok {
            self.last.messages = outputs.messages.len();
            self.last.events = outputs
                .events
                .into_iter()
                .map(|event| (event.topic, event.data.to_vec()))
                .collect();
        }
        outcome
    }

    /// Runs `look` with a host that refuses changes.
    pub(super) fn look<R>(&mut self, look: impl FnOnce() -> R) -> R {
        let context = self.context(AccountId::NOBODY, 0, Vec::new(), true);
        let mut result = None;
        let (ended, _, _) = self.with_host(context, CALL_GAS_MAX, || result = Some(look()));
        match (ended, result) {
            (Ok(()), Some(result)) => result,
            (Err(unwound), _) => match outcome_of(unwound) {
                Outcome::Trapped(why) => panic!("looking into the storage failed: {why}"),
                other => panic!("looking into the storage failed: {other:?}"),
            },
            (Ok(()), None) => unreachable!("what returned has a result"),
        }
    }

    /// Runs `body` with a host over this chain's world: how it unwound, what it put out, gas of its host calls.
    fn with_host(
        &mut self,
        context: Context,
        gas: u32,
        body: impl FnOnce(),
    ) -> (Result<(), Box<dyn Any + Send>>, Outputs, u32) {
        let host = Host::new(mem::take(&mut self.world), context);
        let before = native::replace(Some(Running { host, gas }));
        let ended = catch_unwind(AssertUnwindSafe(body));
        let running = native::replace(before).expect("nothing else replaces the host during a run");
        let (world, outputs, _) = running.host.into_parts();
        self.world = world;
        (ended, outputs, gas - running.gas)
    }

    fn context(&self, caller: AccountId, value: u128, payload: Vec<u8>, read_only: bool) -> Context {
        Context {
            chain_id: Fr::from(1u64),
            has_l1: self.has_l1,
            height: self.height,
            time_ms: self.time_ms,
            randomness: self.randomness,
            caller: ChainAccount(caller.to_bytes()),
            value,
            payload,
            read_only,
            schedule: GAS_SCHEDULE,
        }
    }

    /// Moves what a caller pays to the module; whether it has as much.
    fn pay(&mut self, caller: AccountId, amount: u128) -> bool {
        let Some(rest) = self.balance(caller).checked_sub(amount) else {
            return false;
        };
        self.set_balance(caller, rest);
        self.fund(AccountId::MODULE, amount);
        true
    }
}

/// What an unwinding run means: the host ended it, or the module panicked.
fn outcome_of(unwound: Box<dyn Any + Send>) -> Outcome {
    let unwound = match unwound.downcast::<Ended>() {
        Ok(ended) => {
            return match *ended {
                Ended::Reverted(message) => Outcome::Reverted(message),
                Ended::Trapped(trap) => Outcome::Trapped(format!("the host refused: {trap:?}")),
                Ended::OutOfGas => Outcome::OutOfGas,
                Ended::Fault(fault) => panic!("the test chain's own state failed: {fault}"),
            };
        }
        Err(unwound) => unwound,
    };
    match unwound.downcast::<String>() {
        Ok(text) => Outcome::Trapped(*text),
        Err(unwound) => match unwound.downcast::<&str>() {
            Ok(text) => Outcome::Trapped((*text).to_owned()),
            Err(other) => resume_unwind(other),
        },
    }
}
