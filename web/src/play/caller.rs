//! Calls by the visitor's keys: which accounts these have, what is signed for them, and what becomes of it. It knows no game.

use super::abi::{self, AccountId};
use crate::browser::now_ms;
use crate::chain::Handles;
use crate::js::{SignedCall, Told, Unsigned};
use crate::text;
use crate::told::{Account, Call, Outcome, Trouble};
use gloo_timers::future::TimeoutFuture;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The visitor's key, and the house's: the house plays in the visitor's browser.
pub const PLAYER: &str = "player";
pub const HOUSE: &str = "house";

/// More than any call of chess takes.
const GAS_LIMIT: u32 = 100_000;
/// How long a signed call may wait for its turn.
const VALID_MS: f64 = 60_000.0;

/// Signs and hands in.
pub struct Caller {
    handles: Rc<Handles>,
    /// The wallet's keys: their accounts by their names.
    own: RefCell<BTreeMap<&'static str, String>>,
    /// What these accounts were at the last look.
    accounts: RefCell<BTreeMap<String, Account>>,
    /// Next nonces of calls that were handed in since.
    nonces: RefCell<BTreeMap<String, u64>>,
}

impl Caller {
    #[must_use]
    pub fn new(handles: Rc<Handles>) -> Self {
        Self {
            handles,
            own: RefCell::default(),
            accounts: RefCell::default(),
            nonces: RefCell::default(),
        }
    }

    fn chain(&self) -> &str {
        &self.handles.anchors.chain_id
    }

    /// The account of a key of the wallet, which is made if it is not there. What it has on the chain is looked at from the next look on.
    pub async fn own(&self, name: &'static str) -> Told<AccountId> {
        let wallet = self.handles.wallet.as_ref().ok_or_else(no_wallet)?;
        let key = wallet.create(self.chain(), name).await?;
        let id =
            abi::account(&key.account).ok_or_else(|| Trouble::of("page", "the wallet gives no account"))?;
        self.own.borrow_mut().insert(name, key.account);
        Ok(id)
    }

    /// The same, with what it has on the chain.
    pub async fn account(&self, name: &'static str) -> Told<AccountId> {
        let id = self.own(name).await?;
        if !self.accounts.borrow().contains_key(name) {
            self.look_at_account(name, &text::hex(&id)).await?;
        }
        Ok(id)
    }

    /// The account of a key, as far as it was looked at.
    pub fn known(&self, name: &str) -> Option<AccountId> {
        let accounts = self.accounts.borrow();
        accounts.get(name).and_then(|account| abi::account(&account.id))
    }

    async fn look_at_account(&self, name: &'static str, id: &str) -> Told<()> {
        let account = match self.handles.client.account(id).await {
            // The chain is so young that nothing of it is certified: a key that was made here has no account there. That it is so young is not what the
            // node says now: this browser has verified no block of it.
            Err(trouble)
                if trouble.code.as_deref() == Some("nothing_certified")
                    && self.handles.client.view().await?.head.is_none() =>
            {
                no_account(id)
            }
            told => told?,
        };
        self.accounts.borrow_mut().insert(name.to_owned(), account);
        Ok(())
    }

    /// The visitor's accounts at the present head: signing asks nobody then.
    pub async fn look_at_accounts(&self) -> Told<()> {
        let own: Vec<(&'static str, String)> = self
            .own
            .borrow()
            .iter()
            .map(|(name, id)| (*name, id.clone()))
            .collect();
        for (name, id) in own {
            self.look_at_account(name, &id).await?;
        }
        Ok(())
    }

    /// Signs a call.
    pub async fn signed(&self, name: &'static str, entry: u8, payload: Vec<u8>) -> Told<SignedCall> {
        self.account(name).await?;
        let wallet = self.handles.wallet.as_ref().ok_or_else(no_wallet)?;
        let known = self
            .accounts
            .borrow()
            .get(name)
            .map(|account| (account.exists, account.nonces.first().copied().unwrap_or(0)));
        let (exists, verified) = known.unwrap_or((false, 0));
        let nonce = verified.max(self.nonces.borrow().get(name).copied().unwrap_or(0));
        let unsigned = Unsigned {
            nonce,
            entry,
            payload,
            is_new: !exists && nonce == 0,
            gas_limit: GAS_LIMIT,
            valid_until_ms: now_ms() + VALID_MS,
        };
        wallet.sign(self.chain(), name, &unsigned).await
    }

    /// Hands a call in. Gives it in its block.
    pub async fn submitted(&self, name: &str, signed: &SignedCall) -> Told<Call> {
        let call = self.handles.client.submit(&signed.record).await?;
        let call = match call {
            Some(call) => call,
            // The node has it and says no more: it is asked until the call cannot be ordered any more.
            None => self.waited_for(&signed.id).await?,
        };
        let used = call.signed.as_ref().map_or(0, |signed| signed.nonce + 1);
        self.nonces.borrow_mut().insert(name.to_owned(), used);
        if let Some(account) = self.accounts.borrow_mut().get_mut(name) {
            account.exists = true;
        }
        Ok(call)
    }

    async fn waited_for(&self, id: &str) -> Told<Call> {
        let until = now_ms() + VALID_MS;
        loop {
            match self.handles.client.call(id).await {
                Err(trouble) if trouble.kind == "refused" && now_ms() < until => {
                    TimeoutFuture::new(500).await
                }
                other => return other,
            }
        }
    }

    /// A call without a prediction, by a key of the wallet. Gives its output.
    pub async fn call(&self, name: &'static str, entry: u8, payload: Vec<u8>) -> Told<Vec<u8>> {
        let signed = self.signed(name, entry, payload).await?;
        let call = self.submitted(name, &signed).await?;
        done(&call.outcome, &call.output)
    }
}

fn no_account(id: &str) -> Account {
    Account {
        id: id.to_owned(),
        height: 0,
        exists: false,
        balance: "0".to_owned(),
        nonces: Vec::new(),
        keys: 0,
    }
}

fn no_wallet() -> Trouble {
    Trouble::of(
        "page",
        "this browser lets the page keep no keys (a private window?): you can watch, but not play",
    )
}

/// The output of a call that did what it was to do; else why it did nothing.
pub fn done(outcome: &Outcome, output: &str) -> Told<Vec<u8>> {
    let output = text::bytes(output).unwrap_or_default();
    match outcome.is_ok() {
        true => Ok(output),
        false => Err(Trouble::of("outcome", refusal(&outcome.name, &output))),
    }
}

/// Why a call did nothing, for people.
fn refusal(outcome: &str, output: &[u8]) -> String {
    match outcome {
        "reverted" => abi::revert(output),
        "invalid" => "the chain took the call for invalid: look again and repeat it".to_owned(),
        "out-of-gas" => "the call ran out of gas".to_owned(),
        other => format!("the module ended: {other}"),
    }
}
