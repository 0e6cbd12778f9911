//! What is kept between two visits: one IndexedDB database, which may be deleted at any time.
//!
//! Its version is the layout's: another one makes the store anew. Whatever fails here costs time at the next visit, and nothing else: private
//! windows forbid it, disks fill up, people clear it.

use js_sys::Uint8Array;
use rexie::{ObjectStore, Rexie, TransactionMode};
use wasm_bindgen::{JsCast, JsValue};

const DATABASE: &str = "playfair-cache";
const VERSION: u32 = 1;
const KEPT: &str = "kept";

pub(crate) struct Store(Rexie);

impl Store {
    /// The database, made if it is not there; none where it cannot be.
    pub(crate) async fn open() -> Option<Self> {
        let database = Rexie::builder(DATABASE).version(VERSION);
        let database = database.add_object_store(ObjectStore::new(KEPT));
        database.build().await.ok().map(Self)
    }

    pub(crate) async fn load(&self, name: &str) -> Option<Vec<u8>> {
        let transaction = self.0.transaction(&[KEPT], TransactionMode::ReadOnly).ok()?;
        let found = transaction
            .store(KEPT)
            .ok()?
            .get(JsValue::from_str(name))
            .await
            .ok()??;
        Some(found.dyn_into::<Uint8Array>().ok()?.to_vec())
    }

    pub(crate) async fn keep(&self, name: &str, bytes: &[u8]) {
        let Ok(transaction) = self.0.transaction(&[KEPT], TransactionMode::ReadWrite) else {
            return;
        };
        let Ok(store) = transaction.store(KEPT) else {
            return;
        };
        let value = Uint8Array::from(bytes);
        if store.put(&value, Some(&JsValue::from_str(name))).await.is_ok() {
            let _ = transaction.done().await;
        }
    }
}
