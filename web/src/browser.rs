//! What the page asks of its browser.

use wasm_bindgen::prelude::*;
use web_sys::{Storage, Window};

/// The window.
///
/// # Panics
/// Outside of a page, where nothing of this runs.
#[must_use]
pub fn window() -> Window {
    web_sys::window().expect("a page has a window")
}

/// The clock, ms since 1970.
#[must_use]
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// A clock that only goes forward, ms.
#[must_use]
pub fn stopwatch() -> f64 {
    window().performance().map_or_else(now_ms, |clock| clock.now())
}

/// What stands behind the `#`.
#[must_use]
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// Goes to another place of the page.
pub fn go(fragment: &str) {
    let _ = window().location().set_hash(fragment);
}

/// The page's own address, without `#` and what is behind it.
#[must_use]
pub fn address() -> String {
    let href = window().location().href().unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_owned()
}

/// Where the page was loaded from.
#[must_use]
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// A value of the address's query: `?name=value`, or empty for `?name`.
#[must_use]
pub fn asked(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    let mut pairs = search.trim_start_matches('?').split('&');
    pairs.find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = js_sys::decode_uri_component(value).ok()?;
        (key == name).then(|| String::from(value))
    })
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// What was kept under a name. Nothing of it is secret, and nothing is lost that cannot be verified again.
#[must_use]
pub fn kept(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

/// Keeps something, unless just this is kept: writing goes to the disk and wakes other tabs. Full or forbidden storage costs time at the next visit.
pub fn keep(name: &str, text: &str) {
    if let Some(storage) = storage()
        && storage.get_item(name).ok().flatten().as_deref() != Some(text)
    {
        let _ = storage.set_item(name, text);
    }
}

/// A day and a time as this visitor writes them, from ms since 1970.
#[must_use]
pub fn date(ms: u64) -> String {
    let date = js_sys::Date::new(&(ms as f64).into());
    date.to_locale_string("default", &JsValue::UNDEFINED).into()
}

/// Forgets everything whose name begins with one of these.
pub fn forget(beginnings: &[&str]) {
    let Some(storage) = storage() else { return };
    let count = storage.length().unwrap_or(0);
    let names: Vec<String> = (0..count)
        .filter_map(|place| storage.key(place).ok().flatten())
        .filter(|name| beginnings.iter().any(|beginning| name.starts_with(beginning)))
        .collect();
    for name in names {
        let _ = storage.remove_item(&name);
    }
}

/// Calls whenever another tab has kept or forgotten something, until the page is left.
pub fn when_kept_elsewhere(heard: impl Fn(&str) + 'static) {
    let heard = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let name = js_sys::Reflect::get(&event, &"key".into())
            .ok()
            .and_then(|name| name.as_string());
        heard(&name.unwrap_or_default());
    });
    window().set_onstorage(Some(heard.as_ref().unchecked_ref()));
    heard.forget();
}

/// A value as an address's query has it.
#[must_use]
pub fn escaped(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// Marks the page as ready: tests and demos wait for it.
pub fn mark(name: &str, value: &str) {
    if let Some(body) = window().document().and_then(|document| document.body()) {
        let _ = body.set_attribute(name, value);
    }
}
