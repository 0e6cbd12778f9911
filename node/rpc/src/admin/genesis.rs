//! A chain's first record as an operator writes it.

use crate::hex::Hex;
use playfair_http::Problem;
use playfair_types::account::AccountId;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::chain::Origin;
use playfair_types::module::ModuleHash;
use playfair_types::rules::FeeMode;
use playfair_types::tape::genesis::{GenesisParams, GenesisRecord};
use playfair_types::{Decode, Encode};
use serde::Deserialize;
use utoipa::ToSchema;

/// A chain's rules by their names. A chain with an L1 is made of its record's bytes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    /// The module's hash, 31 bytes; it must have been uploaded.
    module: Hex,
    /// Argument of the module's init.
    #[serde(default)]
    init: Hex,
    /// Gas of each block's tick. Default 0: none.
    #[serde(default)]
    tick_gas: u32,
    /// Time of genesis, ms since 1970. Default: now.
    time_ms: Option<u64>,
    /// Tells chains apart that are equal otherwise, 31 bytes. Default: zeros.
    salt: Option<Hex>,
    /// Who pays. Default: nobody.
    #[serde(default)]
    fees: Fees,
    /// The least gas price. Default 0.
    #[serde(default)]
    gas_price_min: u64,
    /// The account that receives fees. Default: none.
    fee_recipient: Option<Hex>,
    /// Rows that may be executed and not proven. Default: no bound.
    unproven_rows_max: Option<u64>,
    /// The account that may announce upgrades. Default: nobody, ever.
    upgrade_authority: Option<Hex>,
    /// From an upgrade's announcement to its activation, ms. Default 0.
    #[serde(default)]
    upgrade_delay_ms: u64,
    /// Balances from the start.
    #[serde(default)]
    balances: Vec<Balance>,
}

/// Who pays for calls.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Fees {
    /// Nobody.
    #[default]
    Free,
    /// Who calls.
    Paid,
    /// This account, for all.
    Sponsored(Hex),
}

/// What an account has from the start.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Balance {
    /// The account's id.
    account: Hex,
    /// Smallest units: a decimal number.
    amount: String,
}

fn array<const N: usize>(what: &str, bytes: &Hex) -> Result<[u8; N], Problem> {
    let found = bytes.0.as_slice().try_into();
    found.map_err(|_| Problem::bad_request(format!("{what} has {N} bytes")))
}

fn account(id: Option<&Hex>) -> Result<AccountId, Problem> {
    id.map_or(Ok(AccountId::NONE), |id| {
        array("an account's id", id).map(AccountId)
    })
}

/// The record of its bytes.
pub(crate) fn of_bytes(bytes: &Hex) -> Result<GenesisRecord, Problem> {
    GenesisRecord::decode(&bytes.0)
        .map_err(|error| Problem::bad_request(format!("this is no genesis record: {error}")))
}

impl Rules {
    /// The record.
    pub(crate) fn record(&self, now_ms: u64) -> Result<GenesisRecord, Problem> {
        let bad = |why: &str| Problem::bad_request(why);
        let mut balances = Vec::with_capacity(self.balances.len().min(256));
        for balance in &self.balances {
            let amount = balance.amount.parse();
            let amount = amount.map_err(|_| bad("an amount is a decimal number below 2^128, in quotes"))?;
            balances.push((account(Some(&balance.account))?, amount));
        }
        balances.sort_unstable_by_key(|(account, _)| account.0);
        let salt = self.salt.as_ref();
        let record = GenesisRecord {
            origin: Origin::without_l1(salt.map_or(Ok([0; 31]), |salt| array("a salt", salt))?),
            params: GenesisParams {
                module: ModuleHash(array("a module's hash", &self.module)?),
                gas_schedule: playfair_types::limits::GAS_SCHEDULE.version,
                time_ms: U48::new(self.time_ms.unwrap_or(now_ms))
                    .ok_or_else(|| bad("a time has at most 48 bits"))?,
                fee_mode: match &self.fees {
                    Fees::Free => FeeMode::Free,
                    Fees::Paid => FeeMode::Paid,
                    Fees::Sponsored(id) => FeeMode::Sponsored(account(Some(id))?),
                },
                gas_price_min: self.gas_price_min,
                fee_recipient: account(self.fee_recipient.as_ref())?,
                tick_gas: self.tick_gas,
                unproven_rows_max: self.unproven_rows_max.unwrap_or(u64::MAX),
                upgrade_authority: account(self.upgrade_authority.as_ref())?,
                upgrade_delay_ms: self.upgrade_delay_ms,
                balances,
                init: Bytes::new(self.init.0.clone())
                    .map_err(|_| bad("the argument of init has at most 4,096 bytes"))?,
            },
        };
        // The decoder knows all rules that a record must keep.
        let record = GenesisRecord::decode(&record.encode());
        record.map_err(|error| bad(&format!("such a chain cannot be: {error}")))
    }
}
