//! System entries, 240 to 255: what an owner asks of the chain itself (FORMATS.md section 5).

use crate::accounts;
use crate::checks::Request;
use crate::engine::Engine;
use crate::error::Fault;
use crate::execute::{Job, Ran};
use crate::machine::Machine;
use playfair_types::Encode;
use playfair_types::account::{AccountId, Role};
use playfair_types::outbox::{Content, Message};
use playfair_types::receipt::Outcome;
use playfair_types::rules::{FeeMode, Upgrade};
use playfair_types::state::SystemKey;
use playfair_types::tape::system_entry::SystemEntry;

impl<E: Engine> Machine<E> {
    /// Runs a system entry with `gas` for it and for the module's call behind a payment. The world has the call's layer.
    pub(crate) fn run_system(
        &mut self,
        request: &Request<'_>,
        own_index: u8,
        gas: u32,
    ) -> Result<Ran, Fault> {
        let price = self.schedule.system_entry;
        let Some(rest) = gas.checked_sub(price) else {
            return Ok(Ran::system(Outcome::OutOfGas, gas));
        };
        let Ok(entry) = SystemEntry::from_call(request.entry, request.payload) else {
            return Ok(Ran::system(Outcome::Reverted, price));
        };
        let caller = request.account;
        let mut done = Ran::system(Outcome::Ok, price);
        let accepted = match entry {
            SystemEntry::SetKey { index, key } => {
                let demotes = index == own_index && matches!(key.role, Role::Session(..));
                if !demotes {
                    accounts::set_key(&mut self.world, caller, index, Some(&key));
                }
                !demotes
            }
            SystemEntry::RevokeKey { index } => {
                let removable =
                    index != own_index && accounts::key_bytes(&mut self.world, caller, index)?.is_some();
                if removable {
                    accounts::set_key(&mut self.world, caller, index, None);
                }
                removable
            }
            SystemEntry::Transfer { to, amount } => {
                accounts::transfer(&mut self.world, caller, to, amount)?.is_ok()
            }
            SystemEntry::Withdraw { to, amount } => {
                let accepted =
                    amount != 0 && self.params.has_l1 && accounts::debit(&mut self.world, caller, amount)?;
                if accepted {
                    done.outputs.messages.push(Message {
                        sender: caller,
                        content: Content::Withdraw { to, amount },
                    });
                }
                accepted
            }
            SystemEntry::AnnounceUpgrade(upgrade) => {
                let accepted = self.may_announce(caller, &upgrade);
                if accepted {
                    let key = self.world.system_key(SystemKey::Upgrade);
                    self.world.set(key, Some(upgrade.encode()));
                }
                accepted
            }
            SystemEntry::Pay {
                entry,
                amount,
                payload,
            } => {
                let paid = accounts::transfer(&mut self.world, caller, AccountId::MODULE, amount)?;
                if paid.is_ok() {
                    let job = Job::call(entry.get(), &payload, caller, amount, rest);
                    let mut ran = self.run(&job)?;
                    ran.gas_used += price;
                    return Ok(ran);
                }
                false
            }
        };
        if !accepted {
            return Ok(Ran::system(Outcome::Reverted, price));
        }
        Ok(done)
    }

    fn may_announce(&self, caller: AccountId, upgrade: &Upgrade) -> bool {
        let params = &self.params;
        let earliest = u128::from(self.boundary.time_ms.get()) + u128::from(params.upgrade_delay_ms);
        caller == params.upgrade_authority
            && caller != AccountId::NONE
            && u128::from(upgrade.time_ms.get()) > earliest
            && (upgrade.gas_price_min == 0 || params.fee_mode != FeeMode::Free)
    }
}
