//! The host functions, for every engine: [`Host::invoke`] takes the function, its arguments, the module's memory and the
//! gas that is left, and does exactly what docs/HOST.md says, for every argument.
//!
//! A host serves one run. It owns the [`World`] meanwhile and collects what the run put out; the machine takes both back
//! and keeps them if the run ended ok.

mod functions;
mod lanes;
mod memory;

pub use lanes::Lanes;
pub use memory::Memory;

use crate::error::Fault;
use crate::world::World;
use playfair_abi::host::{Dynamic, HostFunction};
use playfair_types::account::AccountId;
use playfair_types::crypto::field::Fr;
use playfair_types::limits::GasSchedule;
use playfair_types::outbox::Message;
use playfair_types::receipt::{Event, Trap};
use playfair_types::state::StateKey;
use std::collections::{HashMap, HashSet};

/// What a run can learn about its surroundings.
#[derive(Clone, Debug)]
pub struct Context {
    /// The chain.
    pub chain_id: Fr,
    /// Whether the chain has an L1.
    pub has_l1: bool,
    /// Height of the block.
    pub height: u64,
    /// Time of the block, ms.
    pub time_ms: u64,
    /// Randomness of the block.
    pub randomness: [u8; 31],
    /// Who calls; [`AccountId::NONE`] in init, tick and query.
    pub caller: AccountId,
    /// What the call pays to the module.
    pub value: u128,
    /// The argument bytes.
    pub payload: Vec<u8>,
    /// Whether functions that change something are refused: in a query.
    pub read_only: bool,
    /// The prices.
    pub schedule: &'static GasSchedule,
}

/// Why a host function ended the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The module reverted, with this message.
    Reverted(Vec<u8>),
    /// A trap: *host argument* or *host limit*.
    Trapped(Trap),
    /// The gas that is left does not pay for the host call.
    OutOfGas,
    /// The machine's surroundings failed; the engine passes it on as its own fault.
    Fault(Fault),
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What a run put out. Kept if it ends ok.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    /// The bytes it returned.
    pub output: Vec<u8>,
    /// Events in order.
    pub events: Vec<Event>,
    /// Outbox messages in order.
    pub messages: Vec<Message>,
    /// What it said to its operator; not part of any receipt, and kept for every outcome.
    pub logs: Vec<String>,
}

/// The host of one run.
pub struct Host {
    world: World,
    context: Context,
    /// Keys that this run has paid for touching.
    touched: HashSet<StateKey>,
    /// Keys that it has paid for changing.
    changed: HashSet<StateKey>,
    /// Accounts that it has paid for opening, and whether for changing too.
    opened: HashMap<AccountId, bool>,
    outputs: Outputs,
    lanes: Lanes,
    gas: u32,
}

impl Host {
    /// A host for one run in this world.
    #[must_use]
    pub fn new(world: World, context: Context) -> Self {
        Self {
            world,
            context,
            touched: HashSet::new(),
            changed: HashSet::new(),
            opened: HashMap::new(),
            outputs: Outputs::default(),
            lanes: Lanes::default(),
            gas: 0,
        }
    }

    /// The surroundings that it shows.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Takes the host apart: the world, what the run put out, and what its host calls used.
    #[must_use]
    pub fn into_parts(self) -> (World, Outputs, Lanes) {
        (self.world, self.outputs, self.lanes)
    }

    /// Calls a host function.
    ///
    /// `arguments` are the WebAssembly arguments, zero-extended, as many as the signature has; `gas` is the gas that is
    /// left and is charged. The result is the WebAssembly result, zero-extended; `None` for a function without one.
    ///
    /// # Errors
    /// [`Ended`] when the run ends here. Then memory and `gas` are of no further meaning, except that after
    /// [`Ended::Reverted`] and [`Ended::Trapped`] `gas` is what is left.
    pub fn invoke(
        &mut self,
        function: HostFunction,
        arguments: &[u64],
        memory: &mut dyn Memory,
        gas: &mut u32,
    ) -> Result<Option<u64>, Ended> {
        self.gas = *gas;
        let result = self.run(function, arguments, memory);
        *gas = self.gas;
        result
    }

    fn run(
        &mut self,
        function: HostFunction,
        arguments: &[u64],
        memory: &mut dyn Memory,
    ) -> Result<Option<u64>, Ended> {
        let signature = function.signature();
        self.charge(function.fixed_gas(self.context.schedule))?;
        self.lanes.add_fixed(signature.fixed);
        if self.context.read_only && !signature.read_only {
            return Err(memory::BAD_ARGUMENT);
        }
        self.dispatch(function, arguments, memory)
    }

    fn charge(&mut self, price: u32) -> Result<(), Ended> {
        self.gas = self.gas.checked_sub(price).ok_or(Ended::OutOfGas)?;
        Ok(())
    }

    /// Charges what a function costs beside its fixed price.
    fn charge_dynamic(&mut self, price: Dynamic) -> Result<(), Ended> {
        self.charge(price.gas(self.context.schedule))?;
        self.lanes.add(price);
        Ok(())
    }
}
