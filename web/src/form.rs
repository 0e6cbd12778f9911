//! What a form's fields hold when it is sent.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

/// A form's field by its name.
pub fn field(event: &SubmitEvent, name: &str) -> Option<HtmlInputElement> {
    input(event, &format!("[name='{name}']"))
}

/// What stands in the one field of a form.
pub fn typed(event: &SubmitEvent) -> Option<String> {
    Some(input(event, "input")?.value().trim().to_owned())
}

fn input(event: &SubmitEvent, selector: &str) -> Option<HtmlInputElement> {
    let form = event.target()?.dyn_into::<Element>().ok()?;
    form.query_selector(selector).ok()??.dyn_into().ok()
}
