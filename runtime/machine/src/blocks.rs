//! Records that no player signs: genesis (G1, G2), block and tick (B1 to B3), upgrade (U2), deposit (T5).

use crate::accounts;
use crate::engine::Engine;
use crate::error::{Broken, Error, Fault};
use crate::execute::{Job, Ran};
use crate::machine::{Machine, schedule_of};
use playfair_abi::export::Export;
use playfair_types::bounded::U48;
use playfair_types::chain::block_randomness;
use playfair_types::limits::INIT_GAS;
use playfair_types::receipt::Outcome;
use playfair_types::rules::Upgrade;
use playfair_types::state::SystemKey;
use playfair_types::state::params::ParamsRecord;
use playfair_types::tape::genesis::GenesisRecord;
use playfair_types::tape::system::{BlockRecord, Deposit, UpgradeRecord};
use playfair_types::{Decode, Encode};

impl<E: Engine> Machine<E> {
    /// G2; G1 has been checked.
    pub(crate) fn genesis(&mut self, genesis: &GenesisRecord) -> Result<Ran, Error> {
        let params = &genesis.params;
        // Everything that can fail for reasons around the machine, first.
        schedule_of(params.gas_schedule)?;
        let has_init = self.engine.has(&params.module, Export::Init)?;

        let before = (self.params, self.schedule, self.boundary.time_ms);
        let record = ParamsRecord::from(genesis);
        self.set_params(record)?;
        self.boundary.time_ms = params.time_ms;
        let key = self.world.system_key(SystemKey::Params);
        self.world.set(key, Some(record.encode()));
        for (account, amount) in &params.balances {
            accounts::credit(&mut self.world, *account, *amount)?;
        }
        if !has_init {
            return Ok(Ran::system(Outcome::Ok, 0));
        }
        self.world.begin();
        let ran = self.run(&Job::system(Export::Init, &params.init, INIT_GAS))?;
        self.world.end(ran.is_ok());
        if !ran.is_ok() {
            // Back to before: nothing else can be pending before genesis.
            self.world.forget();
            (self.params, self.schedule, self.boundary.time_ms) = before;
            return Err(Broken::InitFailed.into());
        }
        Ok(ran)
    }

    /// B1 to B3.
    pub(crate) fn block(&mut self, block: &BlockRecord) -> Result<Ran, Error> {
        let expected = self.boundary.height.saturating_add(1);
        if block.height != expected || block.height == self.boundary.height {
            let found = block.height;
            return Err(Broken::Height { expected, found }.into());
        }
        if block.time_ms <= self.boundary.time_ms {
            return Err(Broken::Time.into());
        }
        let activating = self.boundary.activating_ms;
        let due = if activating.get() != 0 {
            block.time_ms < activating
        } else {
            self.announced()?
                .is_some_and(|upgrade| upgrade.time_ms <= block.time_ms)
        };
        if due {
            return Err(Broken::UpgradeDue.into());
        }
        let has_tick = self.params.tick_gas > 0 && self.engine.has(&self.boundary.module, Export::Tick)?;

        self.boundary.height = block.height;
        self.boundary.time_ms = block.time_ms;
        self.boundary.activating_ms = U48::default();
        self.boundary.randomness = block_randomness(self.chain_id, block.height, &block.seed);
        if !has_tick {
            return Ok(Ran::system(Outcome::Ok, 0));
        }
        self.world.begin();
        let ran = self.run(&Job::system(Export::Tick, &[], self.params.tick_gas))?;
        self.world.end(ran.is_ok());
        Ok(ran)
    }

    /// U2.
    pub(crate) fn upgrade(&mut self, record: &UpgradeRecord) -> Result<Ran, Error> {
        let upgrade = record.0;
        if self.announced()? != Some(upgrade) {
            return Err(Broken::NotAnnounced.into());
        }
        // Both must be there before anything changes: the next block runs the new module.
        self.engine.has(&upgrade.module, Export::Call)?;
        let params = ParamsRecord {
            gas_schedule: upgrade.gas_schedule,
            tick_gas: upgrade.tick_gas,
            gas_price_min: upgrade.gas_price_min,
            ..self.params
        };
        self.set_params(params)?;
        let (params_key, upgrade_key) = (
            self.world.system_key(SystemKey::Params),
            self.world.system_key(SystemKey::Upgrade),
        );
        self.world.set(params_key, Some(params.encode()));
        self.world.set(upgrade_key, None);
        self.boundary.module = upgrade.module;
        self.boundary.vk_set_root = upgrade.vk_set_root;
        self.boundary.activating_ms = upgrade.time_ms;
        Ok(Ran::system(Outcome::Ok, 0))
    }

    /// T5.
    pub(crate) fn deposit(&mut self, deposit: &Deposit) -> Result<Ran, Fault> {
        accounts::credit(&mut self.world, deposit.account, deposit.amount)?;
        Ok(Ran::system(Outcome::Ok, 0))
    }

    /// The announced upgrade, if there is one.
    ///
    /// # Errors
    /// [`Fault`] when the state cannot be read.
    pub fn announced(&mut self) -> Result<Option<Upgrade>, Fault> {
        let key = self.world.system_key(SystemKey::Upgrade);
        let bytes = self.world.get(&key)?;
        bytes
            .map(|bytes| Upgrade::decode(&bytes).map_err(|_| Fault::Damaged("announced upgrade")))
            .transpose()
    }
}
