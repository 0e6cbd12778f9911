//! The class.

use crate::bounds;
use crate::engine::Browser;
use crate::named::Named;
use crate::told;
use js_sys::{Error, JSON, Reflect, Uint8Array};
use playfair_machine::Fault;
use playfair_predict::Unpredictable;
use playfair_types::codec::Decode;
use playfair_types::crypto::field::fr_from_bytes;
use playfair_types::module::ModuleHash;
use playfair_types::segment::Boundary;
use playfair_types::state::{StateKey, SystemKey};
use serde_json::Value;
use wasm_bindgen::prelude::*;

/// A chain's module, and the verified block after which it is run.
#[wasm_bindgen]
pub struct Predictor {
    hash: ModuleHash,
    module: Module,
    after: Option<playfair_predict::Predictor<Browser>>,
}

/// How far a module came.
enum Module {
    /// As a node gave it: no engine has seen it.
    Given(Vec<u8>),
    /// The one that a verified block names, compiled.
    Compiled(Browser),
}

#[wasm_bindgen]
impl Predictor {
    /// Takes a module as a node gives it: instrumented, with what its hash is made of besides. It is compiled when a verified block names it.
    #[wasm_bindgen(constructor)]
    pub fn new(module: &[u8]) -> Result<Predictor, JsValue> {
        let named = Named::read(module).ok_or_else(|| {
            let message = "this is no module, or not instrumented as this client knows it";
            thrown("module", message)
        })?;
        Ok(Self {
            hash: named.hash,
            module: Module::Given(named.instrumented.to_vec()),
            after: None,
        })
    }

    /// The module's hash, in digits.
    pub fn hash(&self) -> String {
        told::digits(&self.hash.0)
    }

    /// Where the chain's parameters lie in the state: every prediction needs them.
    #[wasm_bindgen(js_name = paramsPlace)]
    pub fn params_place() -> Vec<u8> {
        StateKey::of_system(SystemKey::Params).0.to_vec()
    }

    /// Begins after a verified block, with nothing known of its state. The block's module must be this one: only then is it compiled.
    pub fn begin(&mut self, chain_id: &str, boundary: &str) -> Result<(), JsValue> {
        let bad = || thrown("bad", "a chain's id and a boundary's bytes, in digits");
        let chain_id = told::bytes(chain_id).and_then(|id| <[u8; 32]>::try_from(id).ok());
        let chain_id = chain_id.and_then(|id| fr_from_bytes(&id)).ok_or_else(bad)?;
        let boundary = told::bytes(boundary).and_then(|bytes| Boundary::decode(&bytes).ok());
        let boundary = boundary.ok_or_else(bad)?;
        if boundary.module != self.hash {
            let message = "the chain runs another module than this one";
            return Err(thrown("module", message));
        }
        let engine = self.compiled()?;
        self.after = Some(playfair_predict::Predictor::new(engine, chain_id, boundary));
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

    /// The module in the engine, which sees it first here: its hash was compared, and its bounds are.
    fn compiled(&mut self) -> Result<Browser, JsValue> {
        let module = |error: &dyn std::fmt::Display| thrown("module", &error.to_string());
        let code = match &self.module {
            Module::Compiled(engine) => return Ok(engine.clone()),
            Module::Given(code) => code,
        };
        bounds::check(code).map_err(|error| module(&error))?;
        let engine = Browser::load(self.hash, code).map_err(|error| module(&error))?;
        self.module = Module::Compiled(engine.clone());
        Ok(engine)
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
