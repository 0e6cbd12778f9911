//! The chain of a development network, and how it comes to a module.

use super::source::Module;
use super::{accounts, link};
use crate::client::admin::{self, New, Order};
use crate::client::call::{How, What, call};
use crate::client::keys::Keys;
use crate::client::{Node, hex as bytes, number, text};
use crate::setup::Choice;
use crate::table::hex;
use anyhow::{Context, Result, bail};
use playfair_types::Decode;
use playfair_types::bounded::U48;
use playfair_types::crypto::field::Fr;
use playfair_types::header::Header;
use playfair_types::limits::GAS_SCHEDULE;
use playfair_types::rules::Upgrade;
use playfair_types::tape::system_entry::SystemEntry;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// From an announcement to its upgrade, by the chain's time: what is tried, one after the other.
const DELAYS_MS: [u64; 4] = [300, 1_000, 4_000, 15_000];
/// How long an upgrade may take until it is given up.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);

/// What chain there shall be.
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) init: Vec<String>,
    pub(super) tick_gas: u32,
}

/// Who makes it so.
pub(super) struct Operator {
    pub(super) admin: Node,
    pub(super) api: Node,
    pub(super) keys: Keys,
    /// What proofs rest on; none if nothing is proven.
    pub(super) proving: Option<Choice>,
}

impl Operator {
    /// Makes the chain, or brings it to this module. Says what came of it.
    pub(super) fn bring(&self, wanted: &Wanted, module: &Module) -> Result<String> {
        let chains = admin::list(&self.admin)?;
        let mut known = chains.as_array().into_iter().flatten();
        if !known.any(|chain| chain["name"] == wanted.name.as_str()) {
            self.make(wanted, module)?;
            return Ok("new, at block 0".to_owned());
        }
        let shown = self.open(&wanted.name)?;
        if shown["module"] == module.hash().as_str() {
            return Ok(format!("goes on after block {}", number(&shown, "height")?));
        }
        self.upgrade(wanted, module, &shown)
    }

    fn make(&self, wanted: &Wanted, module: &Module) -> Result<()> {
        let balances: Vec<Value> = accounts::all()
            .map(|(_, account)| json!({ "account": account, "amount": accounts::BALANCE }))
            .collect();
        let mut rules = Map::new();
        rules.insert("upgrade_authority".to_owned(), accounts::operator().into());
        rules.insert("balances".to_owned(), balances.into());
        let new = New {
            name: wanted.name.clone(),
            module: module.path.display().to_string(),
            init: wanted.init.clone(),
            tick_gas: wanted.tick_gas,
            rules,
            settings: Vec::new(),
        };
        admin::create(&self.admin, &new)?;
        self.open(&wanted.name).map(drop)
    }

    /// Waits until the chain takes calls, whatever it was told before.
    fn open(&self, name: &str) -> Result<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let shown = admin::show(&self.admin, name)?;
            match text(&shown, "status")? {
                "running" => return Ok(shown),
                "paused" | "archived" => drop(admin::order(&self.admin, name, Order::Resume)?),
                "halted" => bail!(
                    "the chain is halted: {}",
                    text(&shown, "reason").unwrap_or("the log says why")
                ),
                _ => {}
            }
            if Instant::now() > until {
                bail!("the chain does not open: `playfair status` says what it does");
            }
            self.admin.pause(LOOK);
        }
    }

    fn upgrade(&self, wanted: &Wanted, module: &Module, shown: &Value) -> Result<String> {
        admin::add_module(&self.admin, &module.bytes)?;
        let set = link::keys_of(module, self.proving.as_ref())?;
        admin::add_key_set(&self.admin, &wanted.name, &set)?;
        self.announce(wanted, module, set.root())?;
        let until = Instant::now() + PATIENCE;
        loop {
            let now = self.open(&wanted.name)?;
            if now["module"] == module.hash().as_str() {
                let (before, height) = (number(shown, "height")?, number(&now, "height")?);
                return Ok(format!(
                    "upgraded at block {height}, with the state of block {before} and all since; \
                     proofs restart there, under the new module's keys"
                ));
            }
            if Instant::now() > until {
                bail!(
                    "the upgrade was announced and does not come: `playfair status` says what the chain does"
                );
            }
            self.admin.pause(LOOK);
        }
    }

    /// Announces the module for a moment from now. A machine that is busy may take longer than that until the announcement is
    /// sealed, which is none then: it is made again, for a later moment.
    fn announce(&self, wanted: &Wanted, module: &Module, vk_set_root: Fr) -> Result<()> {
        let mut refused = String::new();
        for delay_ms in DELAYS_MS {
            let upgrade = Upgrade {
                time_ms: self.soon(&wanted.name, delay_ms)?,
                module: module.admitted.hash,
                vk_set_root,
                gas_schedule: GAS_SCHEDULE.version,
                tick_gas: wanted.tick_gas,
                gas_price_min: 0,
            };
            let announced = SystemEntry::AnnounceUpgrade(upgrade);
            let what = What {
                chain: wanted.name.clone(),
                entry: announced.entry().to_string(),
                args: Vec::new(),
                payload: Some(hex(&announced.payload())),
            };
            let (told, is_ok) = call(&self.api, &self.keys, &what, &How::by(accounts::OPERATOR), false)?;
            if is_ok {
                return Ok(());
            }
            refused = told;
        }
        bail!("the chain took no upgrade: {refused}");
    }

    /// A moment from now, by the chain's time: its last block may be later than this machine's clock says.
    fn soon(&self, name: &str, delay_ms: u64) -> Result<U48> {
        let shown = self.api.get(&format!("/v1/chains/{name}"))?;
        let block = Header::decode(&bytes(&shown["head"], "header")?)?
            .after
            .time_ms
            .get();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
        let now = u64::try_from(now.as_millis()).unwrap_or_default();
        U48::new(now.max(block).saturating_add(delay_ms)).context("this machine's clock is wrong: set it")
    }
}
