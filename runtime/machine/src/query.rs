//! Queries: reads for clients. They run on a committed state, change nothing and are on no tape.

use crate::engine::Engine;
use crate::error::Fault;
use crate::execute::{Job, length, run_once};
use crate::host::{Context, Host};
use crate::machine::schedule_of;
use crate::world::{StateRead, World};
use playfair_abi::export::Export;
use playfair_types::Decode;
use playfair_types::account::AccountId;
use playfair_types::crypto::field::Fr;
use playfair_types::limits::{CALL_GAS_MAX, PAYLOAD_BYTES_MAX};
use playfair_types::receipt::{Invalid, Outcome};
use playfair_types::segment::Boundary;
use playfair_types::state::params::ParamsRecord;
use playfair_types::state::{StateKey, SystemKey};
use std::sync::Arc;

/// What a query answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How it ended. Out of gas is that of a call: a query may use as much.
    pub outcome: Outcome,
    /// The returned bytes, or a revert's message.
    pub output: Vec<u8>,
    /// Gas that a call would have used beyond its base.
    pub gas_used: u32,
    /// What the module said to its operator.
    pub logs: Vec<String>,
}

impl Answer {
    fn refused(outcome: Outcome) -> Self {
        Self {
            outcome,
            output: Vec::new(),
            gas_used: 0,
            logs: Vec::new(),
        }
    }
}

/// Asks the module's `query` at `boundary`, whose state `state` is. A module without queries answers every one with
/// an empty revert; a payload above a call's limit is `invalid(encoding)`.
///
/// # Errors
/// [`Fault`] when the state or the engine failed.
pub fn query<E: Engine>(
    engine: &E,
    chain_id: Fr,
    boundary: &Boundary,
    state: Arc<dyn StateRead>,
    entry: u8,
    payload: &[u8],
) -> Result<Answer, Fault> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Ok(Answer::refused(Outcome::Invalid(Invalid::Encoding)));
    }
    let params = state
        .get(&StateKey::of_system(SystemKey::Params))
        .map_err(Fault::Storage)?;
    let params = params.ok_or(Fault::Damaged("parameters"))?;
    let params = ParamsRecord::decode(&params).map_err(|_| Fault::Damaged("parameters"))?;
    if !engine.has(&boundary.module, Export::Query)? {
        return Ok(Answer::refused(Outcome::Reverted));
    }
    let context = Context {
        chain_id,
        has_l1: params.has_l1,
        height: boundary.height,
        time_ms: boundary.time_ms.get(),
        randomness: boundary.randomness,
        caller: AccountId::NONE,
        value: 0,
        payload: payload.to_vec(),
        read_only: true,
        schedule: schedule_of(params.gas_schedule)?,
    };
    let job = Job {
        export: Export::Query,
        arguments: [u32::from(entry), length(payload)],
        payload,
        caller: AccountId::NONE,
        value: 0,
        gas: CALL_GAS_MAX,
    };
    let (ran, _) = run_once(
        engine,
        &boundary.module,
        &job,
        Host::new(World::new(state), context),
    )?;
    Ok(Answer {
        outcome: ran.outcome,
        gas_used: ran.gas_used,
        output: ran.outputs.output,
        logs: ran.outputs.logs,
    })
}
