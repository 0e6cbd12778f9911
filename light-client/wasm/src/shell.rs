//! The class.

use crate::browser::Browser;
use crate::told;
use futures_util::lock::Mutex;
use js_sys::{Error, JSON, Reflect, Uint8Array};
use playfair_light_client_core::client::Submitted;
use playfair_light_client_core::{Anchors, Client, Trouble};
use playfair_proofs_verifier::Trust;
use playfair_types::account::AccountId;
use playfair_types::bounded::Bytes;
use playfair_types::link::ChainLink;
use playfair_types::state::StateKey;
use serde_json::Value;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

#[wasm_bindgen]
extern "C" {
    /// A promise of what `types.d.ts` describes.
    #[wasm_bindgen(typescript_type = "View")]
    pub type ViewTold;
    #[wasm_bindgen(typescript_type = "Call")]
    pub type CallTold;
    #[wasm_bindgen(typescript_type = "Call | null")]
    pub type SubmittedTold;
    #[wasm_bindgen(typescript_type = "Values")]
    pub type ValuesTold;
    #[wasm_bindgen(typescript_type = "Values | null")]
    pub type ProvenTold;
    #[wasm_bindgen(typescript_type = "Read")]
    pub type ReadTold;
    #[wasm_bindgen(typescript_type = "Account")]
    pub type AccountTold;
    #[wasm_bindgen(typescript_type = "CallPlace[]")]
    pub type PlacesTold;
    #[wasm_bindgen(typescript_type = "Block")]
    pub type BlockTold;
    #[wasm_bindgen(typescript_type = "BlockHead[]")]
    pub type HeadsTold;
    #[wasm_bindgen(typescript_type = "Anchors")]
    pub type AnchorsTold;
    #[wasm_bindgen(typescript_type = "Check[]")]
    pub type ChecksTold;
    #[wasm_bindgen(typescript_type = "Rung[]")]
    pub type LadderTold;
}

/// A chain, followed through one node, of which nothing is believed.
#[wasm_bindgen]
pub struct LightClient {
    /// One question after the other: each moves what is verified.
    client: Mutex<Client<Browser>>,
}

#[wasm_bindgen]
impl LightClient {
    /// Follows the chain of a link (the text behind the `#` of a chain's address) through the node at an address.
    ///
    /// `insecure` believes proofs that rest on the development setup, whose secret everybody knows: for tests and local chains.
    pub async fn open(node: &str, link: &str, insecure: bool) -> Result<LightClient, JsValue> {
        let link =
            ChainLink::from_text(link).map_err(|error| bad(&format!("this is no chain link: {error}")))?;
        let trust = match insecure {
            true => Trust::InsecureDevelopmentToo,
            false => Trust::PublicSetup,
        };
        let anchors = Anchors::of(&link, trust).map_err(|error| bad(&error.to_string()))?;
        let mut client = Client::new(Browser::new(node), anchors);
        client.restore().await;
        Ok(Self {
            client: Mutex::new(client),
        })
    }

    /// What is verified so far.
    pub async fn view(&self) -> Result<ViewTold, JsValue> {
        let client = self.client.lock().await;
        object(&told::view(client.view()))
    }

    /// Asks for the chain's head; gives its height, or nothing while no block is certified.
    pub async fn head(&self) -> Result<Option<f64>, JsValue> {
        let mut client = self.client.lock().await;
        let head = client.head().await.map_err(|error| thrown(&error))?;
        Ok(head.map(|height| height as f64))
    }

    /// Fetches and verifies the next proofs; gives how many were accepted, 0 when there are no more.
    pub async fn prove(&self) -> Result<u32, JsValue> {
        let mut client = self.client.lock().await;
        let proven = client.prove().await.map_err(|error| thrown(&error))?;
        Ok(u32::try_from(proven).unwrap_or(u32::MAX))
    }

    /// Asks for a call by its id, 64 digits, and verifies it as far up the ladder as there is evidence for.
    pub async fn call(&self, id: &str) -> Result<CallTold, JsValue> {
        let id = array("a call's id", id)?;
        let mut client = self.client.lock().await;
        let call = client.call(&id).await.map_err(|error| thrown(&error))?;
        object(&told::call(&call))
    }

    /// The same for a call that was verified before, in a block of this height: a node that denies it now is caught.
    pub async fn again(&self, id: &str, height: f64) -> Result<CallTold, JsValue> {
        let id = array("a call's id", id)?;
        let mut client = self.client.lock().await;
        let call = client
            .again(&id, height as u64)
            .await
            .map_err(|error| thrown(&error))?;
        object(&told::call(&call))
    }

    /// Submits a signed call: its record's bytes. Gives it in its certified block, or nothing when the node only has it yet.
    pub async fn submit(&self, record: &[u8]) -> Result<SubmittedTold, JsValue> {
        let mut client = self.client.lock().await;
        match client.submit(record).await.map_err(|error| thrown(&error))? {
            Submitted::Sealed(call) => object(&told::call(&call)),
            Submitted::Waiting => object(&Value::Null),
        }
    }

    /// Values of the module's state at the head, for keys of the module, at most 64 bytes each.
    pub async fn values(&self, keys: Vec<Uint8Array>) -> Result<ValuesTold, JsValue> {
        let keys = keys_of(&keys)?;
        let mut client = self.client.lock().await;
        let values = client.values(&keys).await.map_err(|error| thrown(&error))?;
        object(&told::values(&values))
    }

    /// The same after the newest block whose whole boundary is proven; nothing while there is none.
    #[wasm_bindgen(js_name = provenValues)]
    pub async fn proven_values(&self, keys: Vec<Uint8Array>) -> Result<ProvenTold, JsValue> {
        let keys = keys_of(&keys)?;
        let mut client = self.client.lock().await;
        let values = client
            .proven_values(&keys)
            .await
            .map_err(|error| thrown(&error))?;
        object(&values.map_or(Value::Null, |values| told::values(&values)))
    }

    /// Values at the head by their places in the state's tree, 31 bytes each, the chain's own among them.
    pub async fn read(&self, places: Vec<Uint8Array>) -> Result<ReadTold, JsValue> {
        let places = places_of(&places)?;
        let mut client = self.client.lock().await;
        let values = client.values(&places).await.map_err(|error| thrown(&error))?;
        object(&told::read(&values, client.anchors()))
    }

    /// An account at the head, by its id of 40 digits. One that does not exist yet is a new one.
    pub async fn account(&self, id: &str) -> Result<AccountTold, JsValue> {
        let id = AccountId(array("an account's id", id)?);
        let mut client = self.client.lock().await;
        let account = client.account(id).await.map_err(|error| thrown(&error))?;
        object(&told::account(&account))
    }

    /// Where the node says that an account's calls lie, the newest first: a hint, of which nothing is verified.
    #[wasm_bindgen(js_name = callsOf)]
    pub async fn calls_of(
        &self,
        account: &str,
        count: Option<u32>,
        before: Option<f64>,
    ) -> Result<PlacesTold, JsValue> {
        let id = AccountId(array("an account's id", account)?);
        let mut client = self.client.lock().await;
        let before = before.map(|height| height as u64);
        let places = client.calls_of(id, count.unwrap_or(20), before).await;
        object(&told::places(&places.map_err(|error| thrown(&error))?))
    }

    /// The block of a height, with all of its records.
    pub async fn block(&self, height: f64) -> Result<BlockTold, JsValue> {
        let mut client = self.client.lock().await;
        let block = client
            .block(height as u64)
            .await
            .map_err(|error| thrown(&error))?;
        object(&told::block(&block))
    }

    /// Blocks from a height on, at most 64: each certified, each on the one before.
    pub async fn blocks(&self, from: f64, count: f64) -> Result<HeadsTold, JsValue> {
        let mut client = self.client.lock().await;
        let blocks = client.blocks(from as u64, count as u64).await;
        object(&told::blocks(&blocks.map_err(|error| thrown(&error))?))
    }

    /// Whom it starts from.
    pub async fn anchors(&self) -> Result<AnchorsTold, JsValue> {
        let client = self.client.lock().await;
        object(&told::anchors(client.anchors()))
    }

    /// The checks that held since they were last taken: the evidence.
    #[wasm_bindgen(js_name = takeChecks)]
    pub async fn take_checks(&self) -> Result<ChecksTold, JsValue> {
        let mut client = self.client.lock().await;
        object(&told::checks(&client.take_checks()))
    }

    /// Takes over what another tab has verified and kept since; says whether there was anything new.
    #[wasm_bindgen(js_name = catchUp)]
    pub async fn catch_up(&self) -> bool {
        self.client.lock().await.catch_up().await
    }

    /// Keeps what is verified for the next visit.
    pub async fn keep(&self) {
        self.client.lock().await.keep().await;
    }

    /// Forgets everything but the link.
    pub async fn forget(&self) {
        self.client.lock().await.forget().await;
    }

    /// The rungs of the confirmation ladder, with what was checked, who could still cheat, and what you hold.
    pub fn ladder() -> Result<LadderTold, JsValue> {
        object(&told::ladder())
    }
}

/// A plain object.
fn object<T: JsCast>(value: &Value) -> Result<T, JsValue> {
    Ok(JSON::parse(&value.to_string())?.unchecked_into())
}

/// A trouble as an error, with all that `types.d.ts` promises of it.
fn thrown(trouble: &Trouble) -> JsValue {
    let told = told::trouble(trouble);
    let error = Error::new(&trouble.to_string());
    for (name, value) in told.as_object().into_iter().flatten() {
        let value = JSON::parse(&value.to_string()).unwrap_or(JsValue::NULL);
        let _ = Reflect::set(&error, &name.into(), &value);
    }
    error.into()
}

/// What the caller should not have asked.
fn bad(message: &str) -> JsValue {
    let error = Error::new(message);
    let _ = Reflect::set(&error, &"kind".into(), &"bad".into());
    error.into()
}

fn array<const LENGTH: usize>(what: &str, text: &str) -> Result<[u8; LENGTH], JsValue> {
    let digit = |at: usize| {
        text.get(at..=at)
            .and_then(|digit| u8::from_str_radix(digit, 16).ok())
    };
    let wrong = || bad(&format!("{what} has {} hexadecimal digits", 2 * LENGTH));
    if text.len() != 2 * LENGTH {
        return Err(wrong());
    }
    let mut bytes = [0; LENGTH];
    for (place, byte) in bytes.iter_mut().enumerate() {
        let (high, low) = digit(2 * place).zip(digit(2 * place + 1)).ok_or_else(wrong)?;
        *byte = high << 4 | low;
    }
    Ok(bytes)
}

fn keys_of(keys: &[Uint8Array]) -> Result<Vec<StateKey>, JsValue> {
    let keys = keys.iter().map(|key| {
        let bytes = Bytes::new(key.to_vec());
        bytes
            .map(|bytes| StateKey::of_user(&bytes))
            .map_err(|_| bad("a key has at most 64 bytes"))
    });
    keys.collect()
}

fn places_of(places: &[Uint8Array]) -> Result<Vec<StateKey>, JsValue> {
    let places = places.iter().map(|place| {
        let place = <[u8; 31]>::try_from(place.to_vec());
        place
            .map(StateKey)
            .map_err(|_| bad("a place in the state's tree has 31 bytes"))
    });
    places.collect()
}
