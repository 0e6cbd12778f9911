//! What a form's fields hold when it is sent.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

/// A form's field by its name.
pub fn field(event: &SubmitEvent, name: &str) -> Option<HtmlInputElement> {
    let form = event.target()?.dyn_into::<Element>().ok()?;
    form.query_selector(&format!("[name='{name}']"))
        .ok()??
        .dyn_into()
        .ok()
}
