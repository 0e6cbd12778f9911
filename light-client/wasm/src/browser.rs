//! The core's platform in a browser: `fetch`, the page's clocks, IndexedDB.

use crate::store;
use js_sys::{Date, Reflect, Uint8Array};
use playfair_light_client_core::{Body, Platform, Request, Response, Unreachable};
use wasm_bindgen::prelude::*;

/// How long an answer is waited for: a submission may take twenty seconds until its block.
const TIME_MAX_MS: u32 = 30_000;

#[wasm_bindgen(module = "/src/fetch.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn question(
        url: &str,
        kind: Option<&str>,
        body: Option<Uint8Array>,
        bytes_max: u32,
        time_max_ms: u32,
    ) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// A worker of a page, or the page itself.
pub(crate) struct Browser {
    /// Where the node is, without a `/` at the end.
    node: String,
}

impl Browser {
    pub(crate) fn new(node: &str) -> Self {
        Self {
            node: node.trim_end_matches('/').to_owned(),
        }
    }
}

impl Platform for Browser {
    async fn fetch(&self, request: Request<'_>) -> Result<Response, Unreachable> {
        let url = format!("{}{}", self.node, request.path);
        let (kind, body) = match request.body {
            None => (None, None),
            Some(Body::Json(text)) => (Some("application/json"), Some(text.as_bytes())),
            Some(Body::Bytes(bytes)) => (Some("application/octet-stream"), Some(bytes)),
        };
        let bytes_max = u32::try_from(request.bytes_max).unwrap_or(u32::MAX);
        let answer = question(&url, kind, body.map(Uint8Array::from), bytes_max, TIME_MAX_MS).await;
        let answer = answer.map_err(|error| Unreachable(text(&error)))?;
        let status = Reflect::get(&answer, &"status".into())
            .ok()
            .and_then(|status| status.as_f64());
        let body = Reflect::get(&answer, &"body".into())
            .ok()
            .and_then(|body| body.dyn_into::<Uint8Array>().ok());
        match (status, body) {
            (Some(status), Some(body)) => Ok(Response {
                status: status as u16,
                body: body.to_vec(),
            }),
            _ => Err(Unreachable("no answer".to_owned())),
        }
    }

    fn now_ms(&self) -> u64 {
        Date::now() as u64
    }

    fn micros(&self) -> u64 {
        (performance_now() * 1e3) as u64
    }

    async fn load(&self, name: &str) -> Option<Vec<u8>> {
        store::load(name).await
    }

    async fn store(&self, name: &str, bytes: &[u8]) {
        // A failure costs time at the next visit, and nothing else.
        let _ = store::keep(name, bytes).await;
    }
}

/// What an error of JavaScript says.
fn text(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into())
        .ok()
        .and_then(|message| message.as_string());
    message
        .or_else(|| error.as_string())
        .unwrap_or_else(|| "the browser does not say why".to_owned())
}
