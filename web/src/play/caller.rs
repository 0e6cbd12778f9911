//! Calls by the visitor's keys: for which account each acts, what is signed, and what becomes of it. It knows no game.
//!
//! A key of the wallet acts for the account whose first key it is. The visitor's own may act for another account that has given it a place among its keys
//! ([`session`]); that is looked up and proven again for every call. Who may act for the account, and who may no more, is always the own account's to say.

use super::abi::{self, AccountId};
use super::session::{self, Session};
use crate::browser::{self, now_ms};
use crate::chain::{Handles, chosen_as};
use crate::given::Given;
use crate::js::{SignedCall, Told, Unsigned, Wallet};
use crate::text;
use crate::told::{Account, Call, Key, Outcome, Trouble};
use gloo_timers::future::TimeoutFuture;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The visitor's key, and the house's: the house plays in the visitor's browser.
pub const PLAYER: &str = "player";
pub const HOUSE: &str = "house";

/// Under which name it is kept which key the visitor has chosen to play with.
const PLAYS_BY: &str = "plays-by";

/// More than any call of chess takes, and than a change of keys.
const GAS_LIMIT: u32 = 100_000;
/// How long a signed call may wait for its turn.
const VALID_MS: f64 = 60_000.0;
/// Before something that is not there yet is asked for again.
const AGAIN_MS: u32 = 500;

/// Signs and hands in.
pub struct Caller {
    handles: Rc<Handles>,
    /// The wallet's keys: the accounts whose first keys they are, by their names.
    own: RefCell<BTreeMap<&'static str, String>>,
    /// The public key of the visitor's, with the account whose first key it is.
    public_key: RefCell<Option<(String, String)>>,
    /// What accounts were at the last look.
    accounts: RefCell<BTreeMap<String, Account>>,
    /// Next nonces of calls that were handed in since, by account and lane.
    nonces: RefCell<BTreeMap<(String, u8), u64>>,
}

/// By which key of which account a call is made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct By {
    account: String,
    place: u8,
    lane: u8,
}

impl By {
    fn owner(account: String) -> Self {
        Self {
            account,
            place: 0,
            lane: 0,
        }
    }
}

impl Caller {
    #[must_use]
    pub fn new(handles: Rc<Handles>) -> Self {
        Self {
            handles,
            own: RefCell::default(),
            public_key: RefCell::default(),
            accounts: RefCell::default(),
            nonces: RefCell::default(),
        }
    }

    fn chain(&self) -> &str {
        &self.handles.anchors.chain_id
    }

    pub fn wallet(&self) -> Told<&Wallet> {
        self.handles.wallet.as_ref().ok_or_else(no_wallet)
    }

    /// The account whose first key a key of the wallet is; the key is made if it is not there.
    pub async fn own(&self, name: &'static str) -> Told<String> {
        let key = match self.there(name).await? {
            Some(key) => key,
            None => self.wallet()?.create(self.chain(), name).await?,
        };
        self.own.borrow_mut().insert(name, key.account.clone());
        Ok(key.account)
    }

    /// A key of the wallet, if it is there. None is made: who looks at the wallet may want to restore one.
    async fn there(&self, name: &'static str) -> Told<Option<Key>> {
        let mut keys = self.wallet()?.keys().await?;
        keys.retain(|key| key.chain == self.chain());
        let find = |called: &str| keys.iter().find(|key| key.name == called).cloned();
        let called = self.called(name);
        let found = find(&called);
        if found.is_some() || called == name {
            return Ok(found);
        }
        // It was chosen, and is gone.
        browser::forget(&[&self.key_place()]);
        Ok(find(name))
    }

    /// The public key of the visitor's key, if that is there.
    pub async fn public_key_there(&self) -> Told<Option<String>> {
        match self.there(PLAYER).await? {
            Some(_) => self.public_key().await.map(Some),
            None => Ok(None),
        }
    }

    /// The public key of the visitor's key, which is made if it is not there.
    pub async fn public_key(&self) -> Told<String> {
        // A name may be another key's by now, made or chosen in another tab.
        let account = self.own(PLAYER).await?;
        let known = self.public_key.borrow().clone();
        if let Some((_, key)) = known.filter(|(of, _)| *of == account) {
            return Ok(key);
        }
        let key = self
            .wallet()?
            .public_key(self.chain(), &self.called(PLAYER))
            .await?;
        if self.own(PLAYER).await? != account {
            return Err(another_key());
        }
        self.public_key.replace(Some((account, key.clone())));
        Ok(key)
    }

    // --- by which key ---

    fn key_place(&self) -> String {
        self.handles.chosen_as(PLAYS_BY)
    }

    /// What the wallet calls a key. The visitor may have several, as when one came back from a backup beside another, and has chosen one of them.
    #[must_use]
    pub fn called(&self, name: &'static str) -> String {
        let chosen = (name == PLAYER)
            .then(|| browser::kept(&self.key_place()))
            .flatten();
        chosen
            .filter(|chosen| may_play(chosen))
            .unwrap_or_else(|| name.to_owned())
    }

    /// From now on the visitor plays with this very key of the wallet.
    pub async fn play_by(&self, key: &Key) -> Told<()> {
        let keys = self.wallet()?.keys().await?;
        if !keys.iter().any(|there| there.is(key)) {
            return Err(another_key());
        }
        browser::keep(&self.key_place(), &key.name);
        self.own.borrow_mut().remove(PLAYER);
        Ok(())
    }

    /// Forgets this very key of the wallet for good. If the visitor played with it on its chain, the next game there is played with the usual one.
    pub async fn forget(&self, key: &Key) -> Told<()> {
        let forgotten = self.wallet()?.forget(key).await;
        // One that was gone already is chosen no more either.
        if forgotten
            .as_ref()
            .is_err_and(|trouble| trouble.kind != "no-such-key")
        {
            return forgotten;
        }
        self.own.borrow_mut().retain(|_, account| *account != key.account);
        let place = chosen_as(&key.chain, PLAYS_BY);
        if browser::kept(&place).as_deref() == Some(&key.name) {
            browser::forget(&[&place]);
        }
        // Other tabs begin again without it.
        browser::keep(&chosen_as(&key.chain, "plays-without"), &now_ms().to_string());
        forgotten
    }

    // --- for whom ---

    fn given_place(&self) -> String {
        self.handles.chosen_as("plays-as")
    }

    /// The account that the visitor plays for, if it is not his own. Not verified: whether it may is known when it does.
    #[must_use]
    pub fn given(&self) -> Option<Given> {
        Given::read(&browser::kept(&self.given_place())?)
    }

    /// From now on the visitor's key acts for an account, as far as that lets it.
    pub fn play_as(&self, given: &Given) {
        browser::keep(&self.given_place(), &given.write());
    }

    pub fn play_as_oneself(&self) {
        browser::forget(&[&self.given_place()]);
    }

    /// Proves that a key of an account is this browser's, at the present head.
    pub async fn prove(&self, given: &Given) -> Told<(Account, Result<Session, String>)> {
        let key = self.public_key_there().await?.unwrap_or_default();
        let account = self.look_at(&given.account).await?;
        let session = session::proven(&account, given, &key, self.handles.time_ms());
        Ok((account, session))
    }

    /// Whom a key of the wallet plays for, if it is there. What that account has on the chain is looked at from the next look on.
    pub async fn acts_for(&self, name: &'static str) -> Told<Option<AccountId>> {
        let Some(key) = self.there(name).await? else {
            return Ok(None);
        };
        self.own.borrow_mut().insert(name, key.account.clone());
        let account = self.given_to(name).map_or(key.account, |given| given.account);
        Ok(abi::account(&account))
    }

    fn given_to(&self, name: &str) -> Option<Given> {
        (name == PLAYER).then(|| self.given()).flatten()
    }

    /// By whom a key of the wallet makes a call, if it may.
    async fn by(&self, name: &'static str, entry: u8) -> Told<By> {
        let own = self.own(name).await?;
        let Some(given) = self.given_to(name) else {
            return Ok(By::owner(own));
        };
        let (key, account) = (self.public_key().await?, self.looked_at(&given.account).await?);
        let session = session::proven(&account, &given, &key, self.handles.time_ms());
        let session = session.and_then(|session| session.may(&given, entry).map(|()| session));
        let session = session.map_err(|why| Trouble::of("session", why))?;
        Ok(By {
            account: given.account,
            place: given.place,
            lane: session.lane,
        })
    }

    // --- accounts ---

    /// The account of a key that has no other, with what it has on the chain.
    pub async fn account(&self, name: &'static str) -> Told<AccountId> {
        let id = self.own(name).await?;
        self.looked_at(&id).await?;
        abi::account(&id).ok_or_else(|| Trouble::of("page", "the wallet gives no account"))
    }

    /// The account of a key that has no other, if the key is there.
    pub fn known(&self, name: &str) -> Option<AccountId> {
        abi::account(self.own.borrow().get(name)?)
    }

    async fn looked_at(&self, id: &str) -> Told<Account> {
        let known = self.accounts.borrow().get(id).cloned();
        match known {
            Some(account) => Ok(account),
            None => self.look_at(id).await,
        }
    }

    /// An account at the present head.
    pub async fn look_at(&self, id: &str) -> Told<Account> {
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
        self.accounts.borrow_mut().insert(id.to_owned(), account.clone());
        Ok(account)
    }

    /// An account after a block that was verified: what its calls have done is in it.
    pub async fn look_after(&self, id: &str, height: u64) -> Told<Account> {
        let until = now_ms() + VALID_MS;
        loop {
            let account = self.look_at(id).await?;
            if account.height >= height {
                return Ok(account);
            }
            if now_ms() > until {
                return Err(Trouble::of(
                    "page",
                    "the node does not show what the call has done: look again later",
                ));
            }
            TimeoutFuture::new(AGAIN_MS).await;
        }
    }

    /// The accounts that are called for, at the present head: signing asks nobody then.
    pub async fn look_at_accounts(&self) -> Told<()> {
        let mut ids: BTreeSet<String> = self.own.borrow().values().cloned().collect();
        ids.extend(self.given().map(|given| given.account));
        for id in ids {
            self.look_at(&id).await?;
        }
        Ok(())
    }

    // --- calls ---

    /// Signs a call for whom the key plays.
    pub async fn signed(&self, name: &'static str, entry: u8, payload: Vec<u8>) -> Told<SignedCall> {
        let by = self.by(name, entry).await?;
        let account = self.looked_at(&by.account).await?;
        self.signed_by(name, by, &account, entry, payload).await
    }

    /// The nonce is that of `account`: what was decided by looking at it holds, or the call is refused.
    async fn signed_by(
        &self,
        name: &'static str,
        by: By,
        account: &Account,
        entry: u8,
        payload: Vec<u8>,
    ) -> Told<SignedCall> {
        let verified = account.nonces.get(usize::from(by.lane)).copied().unwrap_or(0);
        let of_lane = (by.account, by.lane);
        let used = self.nonces.borrow().get(&of_lane).copied().unwrap_or(0);
        let nonce = verified.max(used);
        let (account_id, lane) = of_lane;
        let unsigned = Unsigned {
            account: account_id,
            key_index: by.place,
            lane,
            nonce,
            entry,
            payload,
            is_new: !account.exists && by.place == 0 && nonce == 0,
            gas_limit: GAS_LIMIT,
            valid_until_ms: now_ms() + VALID_MS,
        };
        self.wallet()?
            .sign(self.chain(), &self.called(name), &unsigned)
            .await
    }

    /// Hands a call in. Gives it in its block.
    pub async fn submitted(&self, signed: &SignedCall) -> Told<Call> {
        let call = self.handles.client.submit(&signed.record).await;
        if call.is_err() {
            // Another tab or device may have used the nonce, or the answer was lost: the next call is signed after another look.
            self.accounts.borrow_mut().clear();
        }
        let call = match call? {
            Some(call) => call,
            // The node has it and says no more: it is asked until the call cannot be ordered any more.
            None => self.waited_for(&signed.id).await?,
        };
        // What is invalid uses no nonce and makes no account.
        if let Some(signed) = call.signed.as_ref().filter(|_| call.outcome.name != "invalid") {
            let of_lane = (signed.account.clone(), signed.lane);
            self.nonces.borrow_mut().insert(of_lane, signed.nonce + 1);
            if let Some(account) = self.accounts.borrow_mut().get_mut(&signed.account) {
                account.exists = true;
            }
        }
        Ok(call)
    }

    async fn waited_for(&self, id: &str) -> Told<Call> {
        let until = now_ms() + VALID_MS;
        loop {
            match self.handles.client.call(id).await {
                Err(trouble) if trouble.kind == "refused" && now_ms() < until => {
                    TimeoutFuture::new(AGAIN_MS).await
                }
                other => return other,
            }
        }
    }

    /// A call without a prediction, by a key of the wallet. Gives its output.
    pub async fn call(&self, name: &'static str, entry: u8, payload: Vec<u8>) -> Told<Vec<u8>> {
        match self.try_call(name, entry, payload).await {
            Ok(output) => Ok(output),
            Err(trouble) => Err(self.explained(name, trouble).await),
        }
    }

    async fn try_call(&self, name: &'static str, entry: u8, payload: Vec<u8>) -> Told<Vec<u8>> {
        let signed = self.signed(name, entry, payload).await?;
        let call = self.submitted(&signed).await?;
        done(&call.outcome, &call.output)
    }

    /// A call by the visitor's key for its own account, whomever it plays for, as decided by looking at that `account`. It makes the account, if that is not there.
    /// Gives what the account is afterwards.
    pub async fn call_as_owner(&self, account: &Account, entry: u8, payload: Vec<u8>) -> Told<Account> {
        let own = self.own(PLAYER).await?;
        if account.id != own {
            return Err(another_key());
        }
        let by = By::owner(own.clone());
        let signed = self.signed_by(PLAYER, by, account, entry, payload).await?;
        let call = self.submitted(&signed).await?;
        done(&call.outcome, &call.output)?;
        self.look_after(&own, call.height).await
    }

    /// Why a call was refused: who plays for another account is told if that does not let him any more.
    pub async fn explained(&self, name: &'static str, trouble: Trouble) -> Trouble {
        let is_refusal = ["refused", "outcome"].contains(&trouble.kind.as_str());
        let Some(given) = self.given_to(name).filter(|_| is_refusal) else {
            return trouble;
        };
        match self.prove(&given).await {
            Ok((_, Err(why))) => Trouble::of("session", why),
            _ => trouble,
        }
    }
}

/// Whether a key of this name may be the visitor's: the house's are the house's, also those that came back from a backup.
#[must_use]
pub fn may_play(name: &str) -> bool {
    !name.is_empty()
        && name.chars().count() <= 32
        && !name.starts_with(HOUSE)
        && !name.chars().any(char::is_control)
}

fn another_key() -> Trouble {
    Trouble::of(
        "page",
        "another key plays here by now, in this tab or another: look at the Wallet again",
    )
}

fn no_account(id: &str) -> Account {
    Account {
        id: id.to_owned(),
        height: 0,
        exists: false,
        balance: "0".to_owned(),
        nonces: Vec::new(),
        keys: Vec::new(),
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
        false => Err(Trouble::of("outcome", refusal(outcome, &output))),
    }
}

/// Why a call did nothing, for people. The reasons of invalid calls have the numbers of FORMATS.md section 9.
fn refusal(outcome: &Outcome, output: &[u8]) -> String {
    match (outcome.name.as_str(), outcome.detail) {
        ("reverted", _) => abi::revert(output),
        ("invalid", Some(4)) => "the account has no such key, or no more".to_owned(),
        ("invalid", Some(6)) => "the key's time is over, or it may not do this".to_owned(),
        ("invalid", _) => "the chain took the call for invalid: look again and repeat it".to_owned(),
        ("out-of-gas", _) => "the call ran out of gas".to_owned(),
        (other, _) => format!("the module ended: {other}"),
    }
}
