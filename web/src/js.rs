//! The npm package's classes, typed: `client.mjs`, `predict.mjs`, `wallet.mjs`. Each runs in a worker of its own.

use crate::told::{
    Account, Anchors, Answered, Block, BlockHead, Call, CallPlace, Check, Foreseen, Key, MadeLie, News,
    RungWords, Trouble, Values, View,
};
use js_sys::{Array, Function, JSON, Object, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

/// What a promise of the package gives, or fails with.
pub type Told<T> = Result<T, Trouble>;
type Raw = Result<JsValue, JsValue>;

mod raw {
    use super::{Function, JsValue, Uint8Array, wasm_bindgen};

    #[wasm_bindgen(raw_module = "./light-client/client.mjs")]
    extern "C" {
        #[derive(Clone, Debug)]
        pub(super) type LightClient;
        #[wasm_bindgen(static_method_of = LightClient, catch)]
        pub(super) async fn open(node: &str, link: &str, options: &JsValue) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn view(this: &LightClient) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn call(this: &LightClient, id: &str) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn again(this: &LightClient, id: &str, height: f64) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn submit(this: &LightClient, record: Uint8Array) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn values(this: &LightClient, keys: &JsValue) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch, js_name = provenValues)]
        pub(super) async fn proven_values(this: &LightClient, keys: &JsValue) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn account(this: &LightClient, id: &str) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch, js_name = callsOf)]
        pub(super) async fn calls_of(
            this: &LightClient,
            account: &str,
            count: f64,
            before: JsValue,
        ) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn block(this: &LightClient, height: f64) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn blocks(this: &LightClient, from: f64, count: f64) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn anchors(this: &LightClient) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn ladder(this: &LightClient) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn lies(this: &LightClient) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn lie(this: &LightClient, name: JsValue) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch, js_name = takeChecks)]
        pub(super) async fn take_checks(this: &LightClient) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method)]
        pub(super) fn look(this: &LightClient);
        #[wasm_bindgen(method)]
        pub(super) fn follow(this: &LightClient, heard: &Function) -> Function;
    }

    #[wasm_bindgen(raw_module = "./light-client/predict.mjs")]
    extern "C" {
        #[derive(Clone, Debug)]
        pub(super) type Predictor;
        #[wasm_bindgen(static_method_of = Predictor, catch, js_name = open)]
        pub(super) async fn open_predictor(
            client: &LightClient,
            node: &str,
            options: &JsValue,
        ) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn calls(this: &Predictor, records: &JsValue) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn query(
            this: &Predictor,
            entry: u8,
            payload: Uint8Array,
        ) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn refresh(this: &Predictor) -> Result<JsValue, JsValue>;
    }

    #[wasm_bindgen(raw_module = "./light-client/wallet.mjs")]
    extern "C" {
        #[derive(Clone, Debug)]
        pub(super) type Wallet;
        #[wasm_bindgen(static_method_of = Wallet, catch, js_name = open)]
        pub(super) async fn open_wallet(options: &JsValue) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn keys(this: &Wallet) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn create(this: &Wallet, chain: &str, name: &str) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn sign(
            this: &Wallet,
            chain: &str,
            name: &str,
            call: &JsValue,
        ) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch, js_name = publicKey)]
        pub(super) async fn public_key(this: &Wallet, chain: &str, name: &str) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn allow(this: &Wallet, key: &JsValue) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn revoke(this: &Wallet, place: u8) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn forget(
            this: &Wallet,
            chain: &str,
            name: &str,
            account: &str,
        ) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn persist(this: &Wallet) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn backup(this: &Wallet, passphrase: &str) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn restore(this: &Wallet, text: &str, passphrase: &str) -> Result<JsValue, JsValue>;
    }

    #[wasm_bindgen(raw_module = "./workers.mjs")]
    extern "C" {
        /// A worker of this page's own code, under its Trusted Types policy.
        pub(super) fn worker(of: &str) -> JsValue;
        /// A function that makes such a worker.
        #[wasm_bindgen(js_name = newWorkers)]
        pub(super) fn new_workers(of: &str) -> JsValue;
    }
}

/// The light client of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Client(raw::LightClient);

impl PartialEq for raw::LightClient {
    fn eq(&self, other: &Self) -> bool {
        Object::is(self.as_ref(), other.as_ref())
    }
}

impl Client {
    /// Opens the chain of a link through a node.
    pub async fn open(node: &str, link: &str, insecure: bool) -> Told<Self> {
        let options = object(&[
            ("insecure", insecure.into()),
            ("worker", raw::worker("light-client/worker.mjs")),
        ]);
        let client = raw::LightClient::open(node, link, &options).await;
        client
            .map(|client| Self(client.unchecked_into()))
            .map_err(trouble)
    }

    /// Follows the chain until the page is left; `heard` is told all news.
    pub fn follow(&self, heard: impl Fn(News) + 'static) {
        let heard = Closure::<dyn Fn(JsValue)>::new(move |news: JsValue| {
            // An error's message is not among what JSON has of it.
            let told = Reflect::get(&news, &"trouble".into()).unwrap_or(JsValue::NULL);
            let trouble = (!told.is_null()).then(|| trouble(told));
            if let Ok(news) = read::<News>(&news) {
                heard(News { trouble, ..news });
            }
        });
        drop(self.0.follow(heard.as_ref().unchecked_ref()));
        heard.forget();
    }

    pub fn look(&self) {
        self.0.look();
    }

    pub async fn view(&self) -> Told<View> {
        told(self.0.view().await)
    }

    pub async fn call(&self, id: &str) -> Told<Call> {
        told(self.0.call(id).await)
    }

    pub async fn again(&self, id: &str, height: u64) -> Told<Call> {
        told(self.0.again(id, height as f64).await)
    }

    /// Hands a signed call in; none if the node has it and it is in no block yet.
    pub async fn submit(&self, record: &[u8]) -> Told<Option<Call>> {
        told(self.0.submit(record.into()).await)
    }

    pub async fn values(&self, keys: &[Vec<u8>]) -> Told<Values> {
        told(self.0.values(&arrays(keys)).await)
    }

    pub async fn proven_values(&self, keys: &[Vec<u8>]) -> Told<Option<Values>> {
        told(self.0.proven_values(&arrays(keys)).await)
    }

    pub async fn account(&self, id: &str) -> Told<Account> {
        told(self.0.account(id).await)
    }

    /// Where the node says that an account's last calls are: nothing that is verified.
    pub async fn calls_of(&self, account: &str, count: u64, before: Option<u64>) -> Told<Vec<CallPlace>> {
        let before = before.map_or(JsValue::UNDEFINED, |height| (height as f64).into());
        told(self.0.calls_of(account, count as f64, before).await)
    }

    pub async fn block(&self, height: u64) -> Told<Block> {
        told(self.0.block(height as f64).await)
    }

    pub async fn blocks(&self, from: u64, count: u64) -> Told<Vec<BlockHead>> {
        told(self.0.blocks(from as f64, count as f64).await)
    }

    pub async fn anchors(&self) -> Told<Anchors> {
        told(self.0.anchors().await)
    }

    pub async fn ladder(&self) -> Told<Vec<RungWords>> {
        told(self.0.ladder().await)
    }

    pub async fn lies(&self) -> Told<Vec<MadeLie>> {
        told(self.0.lies().await)
    }

    /// From now on, until it was caught once, answers come changed as a lying node would change them.
    pub async fn lie(&self, name: Option<&str>) -> Told<()> {
        let name = name.map_or(JsValue::NULL, JsValue::from);
        self.0.lie(name).await.map(drop).map_err(trouble)
    }

    pub async fn take_checks(&self) -> Told<Vec<Check>> {
        told(self.0.take_checks().await)
    }
}

/// What calls will do.
#[derive(Clone, Debug)]
pub struct Predictor(raw::Predictor);

impl Predictor {
    /// Fetches the head's module and holds it against its verified hash.
    pub async fn open(client: &Client, node: &str) -> Told<Self> {
        let options = object(&[("worker", raw::new_workers("light-client/predict-worker.mjs"))]);
        let predictor = raw::Predictor::open_predictor(&client.0, node, &options).await;
        predictor
            .map(|predictor| Self(predictor.unchecked_into()))
            .map_err(trouble)
    }

    /// What a signed call will do.
    pub async fn call(&self, record: &[u8]) -> Told<Foreseen> {
        told(self.0.calls(&arrays(&[record.to_vec()])).await)
    }

    pub async fn query(&self, entry: u8, payload: &[u8]) -> Told<Answered> {
        told(self.0.query(entry, payload.into()).await)
    }

    /// Reads what was needed lately at the present head, so that the next prediction asks nobody.
    pub async fn refresh(&self) -> Told<()> {
        self.0.refresh().await.map(drop).map_err(trouble)
    }
}

/// The visitor's keys.
#[derive(Clone, Debug)]
pub struct Wallet(raw::Wallet);

/// A call to be signed.
#[derive(Clone, Debug)]
pub struct Unsigned {
    /// Who calls.
    pub account: String,
    /// Which of the account's keys signs.
    pub key_index: u8,
    pub lane: u8,
    pub nonce: u64,
    pub entry: u8,
    pub payload: Vec<u8>,
    /// Whether it is the first of its account.
    pub is_new: bool,
    pub gas_limit: u32,
    pub valid_until_ms: f64,
}

/// A signed call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCall {
    pub record: Vec<u8>,
    pub id: String,
}

/// A key that is to act for an account within limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKey {
    pub place: u8,
    pub public_key: String,
    pub entries: Vec<u8>,
    pub lane: u8,
    pub expires_ms: u64,
}

/// A call of the chain itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemCall {
    pub entry: u8,
    pub payload: Vec<u8>,
}

impl Wallet {
    pub async fn open() -> Told<Self> {
        let options = object(&[("worker", raw::worker("light-client/wallet-worker.mjs"))]);
        let wallet = raw::Wallet::open_wallet(&options).await;
        wallet
            .map(|wallet| Self(wallet.unchecked_into()))
            .map_err(trouble)
    }

    pub async fn keys(&self) -> Told<Vec<Key>> {
        told(self.0.keys().await)
    }

    /// The key of this name, made if there is none.
    pub async fn create(&self, chain: &str, name: &str) -> Told<Key> {
        told(self.0.create(chain, name).await)
    }

    pub async fn sign(&self, chain: &str, name: &str, call: &Unsigned) -> Told<SignedCall> {
        let call = object(&[
            ("account", call.account.as_str().into()),
            ("keyIndex", call.key_index.into()),
            ("lane", call.lane.into()),
            ("nonce", (call.nonce as f64).into()),
            ("entry", call.entry.into()),
            ("payload", Uint8Array::from(call.payload.as_slice()).into()),
            ("isNew", call.is_new.into()),
            ("gasLimit", call.gas_limit.into()),
            ("validUntilMs", call.valid_until_ms.into()),
        ]);
        let signed = self.0.sign(chain, name, &call).await.map_err(trouble)?;
        Ok(SignedCall {
            record: Uint8Array::new(&field(&signed, "record")).to_vec(),
            id: field(&signed, "id").as_string().unwrap_or_default(),
        })
    }

    /// The public key, packed.
    pub async fn public_key(&self, chain: &str, name: &str) -> Told<String> {
        told(self.0.public_key(chain, name).await)
    }

    /// The call that lets a key act for an account. It may spend nothing.
    pub async fn allow(&self, key: &SessionKey) -> Told<SystemCall> {
        let numbers = |all: &[u8]| -> JsValue {
            all.iter()
                .map(|one| JsValue::from(*one))
                .collect::<Array>()
                .into()
        };
        let key = object(&[
            ("place", key.place.into()),
            ("publicKey", key.public_key.as_str().into()),
            ("entries", numbers(&key.entries)),
            ("lanes", numbers(&[key.lane])),
            ("expiresMs", (key.expires_ms as f64).into()),
        ]);
        system_call(self.0.allow(&key).await)
    }

    /// The call that takes the key at a place away.
    pub async fn revoke(&self, place: u8) -> Told<SystemCall> {
        system_call(self.0.revoke(place).await)
    }

    /// Forgets this very key, for good.
    pub async fn forget(&self, key: &Key) -> Told<()> {
        let forgotten = self.0.forget(&key.chain, &key.name, &key.account).await;
        forgotten.map(drop).map_err(trouble)
    }

    pub async fn persist(&self) -> Told<bool> {
        told(self.0.persist().await)
    }

    pub async fn backup(&self, passphrase: &str) -> Told<String> {
        told(self.0.backup(passphrase).await)
    }

    pub async fn restore(&self, text: &str, passphrase: &str) -> Told<Vec<Key>> {
        told(self.0.restore(text, passphrase).await)
    }
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::NULL)
}

fn system_call(raw: Raw) -> Told<SystemCall> {
    let call = raw.map_err(trouble)?;
    let entry = field(&call, "entry").as_f64().unwrap_or_default();
    Ok(SystemCall {
        entry: entry as u8,
        payload: Uint8Array::new(&field(&call, "payload")).to_vec(),
    })
}

fn arrays(all: &[Vec<u8>]) -> JsValue {
    let arrays: Array = all
        .iter()
        .map(|bytes| Uint8Array::from(bytes.as_slice()))
        .collect();
    arrays.into()
}

fn told<T: DeserializeOwned>(raw: Raw) -> Told<T> {
    read(&raw.map_err(trouble)?)
}

fn read<T: DeserializeOwned>(value: &JsValue) -> Told<T> {
    let text = JSON::stringify(value).ok().and_then(|text| text.as_string());
    let text = text.unwrap_or_else(|| "null".to_owned());
    serde_json::from_str(&text).map_err(|error| {
        Trouble::of(
            "page",
            format!("the page and its workers do not fit: {error}; reload it"),
        )
    })
}

/// What was thrown.
fn trouble(error: JsValue) -> Trouble {
    let message = Reflect::get(&error, &"message".into())
        .ok()
        .and_then(|text| text.as_string());
    let mut trouble = read::<Trouble>(&error).unwrap_or_else(|_| Trouble::of("page", ""));
    trouble.message =
        message.unwrap_or_else(|| error.as_string().unwrap_or_else(|| "something failed".to_owned()));
    trouble
}
