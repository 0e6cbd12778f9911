//! Running the module, and what surrounds a call's execution (C10, E5).

use crate::accounts;
use crate::checks::{Authorised, By, Request};
use crate::engine::{End, Engine, Run};
use crate::error::Fault;
use crate::host::{Context, Ended, Host, Lanes, Outputs};
use crate::machine::Machine;
use playfair_abi::export::Export;
use playfair_types::account::AccountId;
use playfair_types::bounded::U48;
use playfair_types::limits::SYSTEM_ENTRY_MIN;
use playfair_types::receipt::Outcome;

/// What came of an execution.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    /// Gas used, without the record's base. All that was given after out of gas.
    pub(crate) gas_used: u32,
    /// As the receipt shows it: events and messages of an ok run only, output or revert message.
    pub(crate) outputs: Outputs,
    pub(crate) lanes: Lanes,
}

impl Ran {
    /// An execution of the chain itself.
    pub(crate) fn system(outcome: Outcome, gas_used: u32) -> Self {
        Self {
            outcome,
            gas_used,
            outputs: Outputs::default(),
            lanes: Lanes::default(),
        }
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.outcome == Outcome::Ok
    }
}

/// Who runs the module, with what.
pub(crate) struct Job<'a> {
    pub(crate) export: Export,
    pub(crate) arguments: [u32; 2],
    pub(crate) payload: &'a [u8],
    pub(crate) caller: AccountId,
    pub(crate) value: u128,
    pub(crate) gas: u32,
}

impl<'a> Job<'a> {
    /// A call of the module's entry.
    pub(crate) fn call(entry: u8, payload: &'a [u8], caller: AccountId, value: u128, gas: u32) -> Self {
        Self {
            export: Export::Call,
            arguments: [u32::from(entry), length(payload)],
            payload,
            caller,
            value,
            gas,
        }
    }

    /// A run that nobody calls.
    pub(crate) fn system(export: Export, payload: &'a [u8], gas: u32) -> Self {
        Self {
            export,
            arguments: [length(payload), 0],
            payload,
            caller: AccountId::NONE,
            value: 0,
            gas,
        }
    }
}

pub(crate) fn length(payload: &[u8]) -> u32 {
    u32::try_from(payload.len()).unwrap_or(u32::MAX)
}

impl<E: Engine> Machine<E> {
    /// C10: executes a call that is not invalid. Returns what ran and the fee paid.
    pub(crate) fn execute(
        &mut self,
        request: &Request<'_>,
        authorised: Authorised,
    ) -> Result<(Ran, u128), Fault> {
        let Authorised {
            mut record,
            creates,
            own_index,
            payer,
        } = authorised;
        if let By::Key { nonce, .. } = request.by
            && let Some(next) = record.next_nonces.get_mut(usize::from(request.lane))
        {
            *next = U48::new(nonce.get() + 1).unwrap_or(U48::MAX);
        }
        record.created |= creates.is_some();
        if creates.is_some() || matches!(request.by, By::Key { .. }) {
            accounts::set_account(&mut self.world, request.account, &record);
        }
        if let Some(key) = &creates {
            accounts::set_key(&mut self.world, request.account, 0, Some(key));
        }
        let price = u128::from(request.gas_price);
        if let Some(payer) = payer {
            accounts::debit(&mut self.world, payer, u128::from(request.gas_limit) * price)?;
        }

        let base = self.schedule.record_base(request.frames);
        let gas = request.gas_limit.saturating_sub(base);
        self.world.begin();
        let ran = if request.entry < SYSTEM_ENTRY_MIN {
            let job = Job::call(request.entry, request.payload, request.account, 0, gas);
            self.run(&job)?
        } else {
            self.run_system(request, own_index, gas)?
        };
        self.world.end(ran.is_ok());

        let Some(payer) = payer else { return Ok((ran, 0)) };
        let used = base + ran.gas_used;
        let refund = u128::from(request.gas_limit.saturating_sub(used)) * price;
        let fee = u128::from(used) * price;
        accounts::credit(&mut self.world, payer, refund)?;
        accounts::credit(&mut self.world, self.params.fee_recipient, fee)?;
        Ok((ran, fee))
    }

    /// Runs the module once. What it changed is in the world's topmost layer; the caller keeps or drops it.
    pub(crate) fn run(&mut self, job: &Job<'_>) -> Result<Ran, Fault> {
        let context = Context {
            chain_id: self.chain_id,
            has_l1: self.params.has_l1,
            height: self.boundary.height,
            time_ms: self.boundary.time_ms.get(),
            randomness: self.boundary.randomness,
            caller: job.caller,
            value: job.value,
            payload: job.payload.to_vec(),
            read_only: false,
            schedule: self.schedule,
        };
        let host = Host::new(core::mem::take(&mut self.world), context);
        let (ran, world) = run_once(&self.engine, &self.boundary.module, job, host)?;
        self.world = world;
        Ok(ran)
    }
}

/// Runs an entry point with this host and reads its end as an outcome.
pub(crate) fn run_once<E: Engine>(
    engine: &E,
    module: &playfair_types::module::ModuleHash,
    job: &Job<'_>,
    host: Host,
) -> Result<(Ran, crate::world::World), Fault> {
    let schedule = host.context().schedule;
    let run = Run {
        export: job.export,
        arguments: job.arguments,
        gas: job.gas,
    };
    let finished = engine.run(module, run, host)?;
    let (world, mut outputs, mut lanes) = finished.host.into_parts();
    let (outcome, message) = match finished.end {
        End::Returned => (Outcome::Ok, None),
        End::Host(Ended::Reverted(message)) => (Outcome::Reverted, Some(message)),
        End::Trapped(trap) | End::Host(Ended::Trapped(trap)) => (Outcome::Trapped(trap), None),
        End::OutOfGas | End::Host(Ended::OutOfGas) => (Outcome::OutOfGas, None),
        End::Host(Ended::Fault(fault)) => return Err(fault),
    };
    let gas_used = match outcome {
        Outcome::OutOfGas => job.gas,
        _ => job.gas.saturating_sub(finished.gas_left),
    };
    lanes.rows = gas_used.saturating_sub(lanes.host_gas(schedule));
    if outcome != Outcome::Ok {
        outputs = Outputs {
            output: message.unwrap_or_default(),
            logs: outputs.logs,
            ..Outputs::default()
        };
    }
    let ran = Ran {
        outcome,
        gas_used,
        outputs,
        lanes,
    };
    Ok((ran, world))
}
