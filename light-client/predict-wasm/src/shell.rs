//! The class.

use crate::engine::Browser;
use crate::named::Named;
use crate::told;
use js_sys::{Error, JSON, Reflect, Uint8Array};
use playfair_machine::Fault;
use playfair_predict::Unpredictable;
use playfair_types::codec::Decode;
use playfair_types::crypto::field::fr_from_bytes;
use playfair_types::segment::Boundary;
use playfair_types::state::{StateKey, SystemKey};
use serde_json::Value;
use wasm_bindgen::prelude::*;

/// A chain's module, and the verified block after which it is run.
#[wasm_bindgen]
pub struct Predictor {
    engine: Browser,
    after: Option<playfair_predict::Predictor<Browser>>,
}

#[wasm_bindgen]
impl Predictor {
    /// Compiles a module as a node gives it: instrumented, with what its hash is made of besides.
    #[wasm_bindgen(constructor)]
    pub fn new(module: &[u8]) -> Result<Predictor, JsValue> {
        let named = Named::read(module).ok_or_else(|| {
            let message = "this is no module, or not instrumented as this client knows it";
            thrown("module", message)
        })?;
        let engine = Browser::load(named.hash, named.instrumented);
        let engine = engine.map_err(|error| thrown("module", &error.to_string()))?;
        Ok(Self { engine, after: None })
    }

    /// The module's hash, in digits.
    pub fn hash(&self) -> String {
        told::digits(&self.engine.hash().0)
    }

    /// Where the chain's parameters lie in the state: every prediction needs them.
    #[wasm_bindgen(js_name = paramsPlace)]
    pub fn params_place() -> Vec<u8> {
        StateKey::of_system(SystemKey::Params).0.to_vec()
    }

    /// Begins after a verified block, with nothing known of its state. The block's module must be this one.
    pub fn begin(&mut self, chain_id: &str, boundary: &str) -> Result<(), JsValue> {
        let bad = || thrown("bad", "a chain's id and a boundary's bytes, in digits");
        let chain_id = told::bytes(chain_id).and_then(|id| <[u8; 32]>::try_from(id).ok());
        let chain_id = chain_id.and_then(|id| fr_from_bytes(&id)).ok_or_else(bad)?;
        let boundary = told::bytes(boundary).and_then(|bytes| Boundary::decode(&bytes).ok());
        let boundary = boundary.ok_or_else(bad)?;
        if boundary.module != self.engine.hash() {
            let message = "the chain runs another module than this one";
            return Err(thrown("module", message));
        }
        let predictor = playfair_predict::Predictor::new(self.engine.clone(), chain_id, boundary);
        self.after = Some(predictor);
        Ok(())
    }

    /// A value of that state, verified; nothing for a place that has none.
    pub fn know(&mut self, place: &[u8], value: Option<Vec<u8>>) -> Result<(), JsValue> {
        let place = <[u8; 31]>::try_from(place);
        let place = place.map_err(|_| thrown("bad", "a place in the state's tree has 31 bytes"))?;
        if let Some(predictor) = &mut self.after {
            predictor.know(StateKey(place), value);
        }
        Ok(())
    }

    /// What these calls will do in a block at a time, ms since 1970: `needs`, the places of what is not known yet, or `will`.
    pub fn calls(&self, records: Vec<Uint8Array>, time_ms: f64) -> Result<JsValue, JsValue> {
        let records: Vec<Vec<u8>> = records.iter().map(Uint8Array::to_vec).collect();
        let predicted = self.after()?.calls(&records, time_ms as u64);
        let predicted = predicted.map_err(|error| unpredictable(&error))?;
        object(&told::predicted(&predicted, told::foreseen))
    }

    /// What the module answers about the verified block: `needs` or `will`.
    pub fn query(&self, entry: u8, payload: &[u8]) -> Result<JsValue, JsValue> {
        let predicted = self.after()?.query(entry, payload);
        let predicted = predicted.map_err(|error| unpredictable(&error))?;
        object(&told::predicted(&predicted, told::answer))
    }

    fn after(&self) -> Result<&playfair_predict::Predictor<Browser>, JsValue> {
        self.after
            .as_ref()
            .ok_or_else(|| thrown("bad", "begin after a block first"))
    }
}

fn object(value: &Value) -> Result<JsValue, JsValue> {
    JSON::parse(&value.to_string())
}

fn unpredictable(error: &Unpredictable) -> JsValue {
    let kind = match error {
        Unpredictable::Record(_) => "bad",
        Unpredictable::Fault(Fault::UnknownModule(_)) => "module",
        Unpredictable::Fault(_) => "unpredictable",
    };
    thrown(kind, &error.to_string())
}

fn thrown(kind: &str, message: &str) -> JsValue {
    let error = Error::new(message);
    let _ = Reflect::set(&error, &"kind".into(), &kind.into());
    error.into()
}
