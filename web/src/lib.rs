//! The page: chess on a chain, each move as far up the confirmation ladder as this browser has verified it; what was checked, the chain's blocks, and the
//! visitor's keys.
//!
//! ```text
//! workers of the npm package (client, predictor, wallet) ── js ──► chain, play/driver ── stores ──► components
//! ```
//!
//! Nothing is verified here and nothing is believed: what the package's workers give was checked there, and no request goes from this code to a node. Components draw what the two
//! stores ([`chain::State`], [`play::game::State`]) hold; the driver does what a game needs done.
//!
//! # Invariants
//!
//! - No rung is drawn that a worker did not give. What is predicted is drawn over what is verified, and marked.
//! - A lie changes no store but by its own report.
//! - A known chain under another link ([`anchors`]) opens no wallet and shows nothing before the visitor has chosen.
//! - Nothing of a node's answer becomes HTML, a style, or an address outside of the page.
//! - Inline styles do not exist (content security policy); what moves is moved through the object model.
#![allow(missing_docs, unreachable_pub)]

pub mod anchors;
mod app;
mod browser;
pub mod chain;
mod copy;
mod explorer;
mod form;
pub mod given;
pub mod js;
mod lies;
mod other_link;
pub mod play;
pub mod route;
mod seen;
mod store;
mod sure;
pub mod text;
pub mod told;
mod verify;
mod wallet;

use wasm_bindgen::prelude::*;

/// Draws the page.
#[wasm_bindgen]
pub fn run() {
    let root = browser::window()
        .document()
        .and_then(|document| document.get_element_by_id("page"));
    if let Some(root) = root {
        yew::Renderer::<app::App>::with_root(root).render();
    }
}
