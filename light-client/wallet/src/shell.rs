//! The classes.

use crate::backup::{Backup, Entry, KEYS_MAX};
use crate::call::{account_of, bytes, digits, sign};
use crate::keys::{self, SystemCall};
use crate::names::{beside, is_kept, is_name, plain};
use js_sys::{Error, Object, Reflect, Uint8Array};
use playfair_types::bounded::U48;
use playfair_types::codec::{Decode, Encode};
use playfair_types::crypto::eddsa::SecretKey;
use playfair_types::crypto::field::{Fr, fr_from_bytes};
use wasm_bindgen::prelude::*;
use zeroize::{Zeroize, Zeroizing};

/// A key for as long as it is needed; `free` overwrites it.
#[wasm_bindgen]
pub struct Secret(SecretKey);

#[wasm_bindgen]
impl Secret {
    /// The key of a seed of 32 bytes. The caller overwrites its own copy.
    #[wasm_bindgen(constructor)]
    pub fn new(seed: &Uint8Array) -> Result<Secret, JsValue> {
        Ok(Self(SecretKey::from_seed(&*seed_of(seed)?)))
    }

    /// The account whose first key it is, 40 digits.
    pub fn account(&self) -> String {
        digits(&account_of(&self.0).0)
    }

    /// The public key, packed, 64 digits.
    #[wasm_bindgen(js_name = publicKey)]
    pub fn public_key(&self) -> String {
        digits(&self.0.public_key().to_bytes())
    }

    /// Signs the call that an object (as JSON) and a payload describe: `{ record, id }`.
    pub fn sign(&self, chain: &str, call: &str, payload: &[u8]) -> Result<Object, JsValue> {
        let chain = chain_of(chain)?;
        let call = serde_json::from_str(call).map_err(|_| bad("a call is an object"))?;
        let signed = sign(chain, &self.0, &call, payload).map_err(|why| bad(&why))?;
        let told = Object::new();
        Reflect::set(
            &told,
            &"record".into(),
            &Uint8Array::from(signed.record.as_slice()),
        )?;
        Reflect::set(&told, &"id".into(), &digits(&signed.id).into())?;
        Ok(told)
    }
}

/// Whether a key of a chain that is there may be called so; throws what is wrong.
#[wasm_bindgen(js_name = checkName)]
pub fn check_name(chain: &str, name: &str) -> Result<(), JsValue> {
    chain_of(chain)?;
    match is_kept(name) {
        true => Ok(()),
        false => Err(bad("a key's name has 1 to 32 characters")),
    }
}

/// Whether a new key may be called so; throws what is wrong.
#[wasm_bindgen(js_name = checkNewName)]
pub fn check_new_name(name: &str) -> Result<(), JsValue> {
    match is_name(name) {
        true => Ok(()),
        false => Err(bad("a key's name has 1 to 32 characters, none of them invisible")),
    }
}

/// What a key that was called so comes back as.
#[wasm_bindgen(js_name = plainName)]
#[must_use]
pub fn plain_name(name: &str) -> String {
    plain(name)
}

/// The `copy`th name beside a name, which is its first.
#[wasm_bindgen(js_name = nameBeside)]
#[must_use]
pub fn name_beside(name: &str, copy: u32) -> String {
    beside(name, copy)
}

/// How many keys there may be: as many as one backup holds.
#[wasm_bindgen(js_name = keysMax)]
#[must_use]
pub fn keys_max() -> usize {
    KEYS_MAX
}

/// The call of the chain that lets a session's key act for an account, which an object (as JSON) describes: `{ entry, payload }`.
#[wasm_bindgen]
pub fn allow(key: &str) -> Result<Object, JsValue> {
    described(key, keys::allow)
}

/// The call of the chain that takes the key at a place away: `{ entry, payload }`.
#[wasm_bindgen]
pub fn revoke(key: &str) -> Result<Object, JsValue> {
    described(key, keys::revoke)
}

fn described(
    key: &str,
    read: fn(&serde_json::Value) -> Result<SystemCall, String>,
) -> Result<Object, JsValue> {
    let key = serde_json::from_str(key).map_err(|_| bad("a key is an object"))?;
    let call = read(&key).map_err(|why| bad(&why))?;
    let told = Object::new();
    Reflect::set(&told, &"entry".into(), &call.entry.into())?;
    Reflect::set(
        &told,
        &"payload".into(),
        &Uint8Array::from(call.payload.as_slice()),
    )?;
    Ok(told)
}

/// Keys on their way into a backup, or out of one.
#[wasm_bindgen]
#[derive(Default)]
pub struct Keyring(Backup);

#[wasm_bindgen]
impl Keyring {
    /// None yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The keys that a backup's decrypted bytes hold.
    pub fn read(plain: &Uint8Array) -> Result<Keyring, JsValue> {
        let mut plain = plain.to_vec();
        let backup = Backup::decode(&plain);
        plain.as_mut_slice().zeroize();
        let backup = backup.map_err(|error| thrown("backup", &error.to_string()))?;
        Ok(Self(backup))
    }

    /// Adds a key.
    pub fn add(
        &mut self,
        chain: &str,
        name: &str,
        created_ms: f64,
        seed: &Uint8Array,
    ) -> Result<(), JsValue> {
        let chain = bytes(chain).and_then(|id| id.try_into().ok());
        let created_ms = U48::new(created_ms as u64);
        let entry = Entry {
            chain: chain.ok_or_else(|| bad("a chain's id has 64 digits"))?,
            name: name.to_owned(),
            created_ms: created_ms.ok_or_else(|| bad("a time below 2^48 ms"))?,
            seed: Box::new(*seed_of(seed)?),
        };
        self.0.add(entry).map_err(|error| bad(&error.to_string()))
    }

    /// What is to be encrypted. The caller overwrites it then.
    pub fn bytes(&self) -> Uint8Array {
        let mut bytes = self.0.encode();
        let given = Uint8Array::from(bytes.as_slice());
        bytes.as_mut_slice().zeroize();
        given
    }

    /// How many keys there are.
    pub fn count(&self) -> usize {
        self.0.entries().len()
    }

    /// The chain of the key at a place.
    pub fn chain(&self, place: usize) -> Option<String> {
        self.0.entries().get(place).map(|entry| digits(&entry.chain))
    }

    /// Its name.
    pub fn name(&self, place: usize) -> Option<String> {
        self.0.entries().get(place).map(|entry| entry.name.clone())
    }

    /// When it was made.
    #[wasm_bindgen(js_name = createdMs)]
    pub fn created_ms(&self, place: usize) -> Option<f64> {
        self.0
            .entries()
            .get(place)
            .map(|entry| entry.created_ms.get() as f64)
    }

    /// Its secret. The caller overwrites it.
    pub fn seed(&self, place: usize) -> Option<Uint8Array> {
        self.0
            .entries()
            .get(place)
            .map(|entry| Uint8Array::from(entry.seed.as_slice()))
    }
}

fn seed_of(seed: &Uint8Array) -> Result<Zeroizing<[u8; 32]>, JsValue> {
    let mut bytes = Zeroizing::new([0; 32]);
    match seed.length() {
        32 => {
            seed.copy_to(bytes.as_mut());
            Ok(bytes)
        }
        _ => Err(bad("a seed has 32 bytes")),
    }
}

fn chain_of(text: &str) -> Result<Fr, JsValue> {
    let id = bytes(text).and_then(|id| <[u8; 32]>::try_from(id).ok());
    let id = id.and_then(|id| fr_from_bytes(&id));
    id.ok_or_else(|| bad("a chain's id has 64 digits"))
}

fn bad(message: &str) -> JsValue {
    thrown("bad", message)
}

fn thrown(kind: &str, message: &str) -> JsValue {
    let error = Error::new(message);
    let _ = Reflect::set(&error, &"kind".into(), &kind.into());
    error.into()
}
