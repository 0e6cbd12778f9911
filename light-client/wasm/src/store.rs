//! What is kept between two visits: one IndexedDB database, which may be deleted at any time.
//!
//! Its version is the layout's: another one makes the store anew. Whatever fails here costs time at the next visit, and nothing else: private
//! windows forbid it, disks fill up, people clear it. It is opened for each use: what was cleared under a page that runs is there again
//! at the next one, and no tab stands in the way of another that clears it or has a newer version.

use js_sys::Uint8Array;
use rexie::{ObjectStore, Result, Rexie, TransactionMode};
use wasm_bindgen::{JsCast, JsValue};

const DATABASE: &str = "playfair-cache";
const VERSION: u32 = 1;
const KEPT: &str = "kept";

/// What lies there under a name; none also where nothing can be read.
pub(crate) async fn load(name: &str) -> Option<Vec<u8>> {
    let database = open().await.ok()?;
    let found = get(&database, name).await;
    database.close();
    Some(found.ok()??.dyn_into::<Uint8Array>().ok()?.to_vec())
}

/// Keeps bytes under a name.
pub(crate) async fn keep(name: &str, bytes: &[u8]) -> Result<()> {
    let database = open().await?;
    let put = put(&database, name, bytes).await;
    database.close();
    put
}

async fn open() -> Result<Rexie> {
    let database = Rexie::builder(DATABASE).version(VERSION);
    database.add_object_store(ObjectStore::new(KEPT)).build().await
}

async fn get(database: &Rexie, name: &str) -> Result<Option<JsValue>> {
    let transaction = database.transaction(&[KEPT], TransactionMode::ReadOnly)?;
    transaction.store(KEPT)?.get(JsValue::from_str(name)).await
}

async fn put(database: &Rexie, name: &str, bytes: &[u8]) -> Result<()> {
    let transaction = database.transaction(&[KEPT], TransactionMode::ReadWrite)?;
    let value = Uint8Array::from(bytes);
    let store = transaction.store(KEPT)?;
    store.put(&value, Some(&JsValue::from_str(name))).await?;
    transaction.done().await.map(drop)
}
