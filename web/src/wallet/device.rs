//! This browser as the other device: its key, and the account that it was given a key of.

use super::OfKeys;
use super::acting::until;
use super::powers::words;
use crate::copy::Copy;
use crate::given::Given;
use crate::play::driver::Driver;
use crate::play::session::Session;
use crate::route::Route;
use crate::told::Trouble;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The key that is shown to who wants to let this browser play.
#[component]
pub fn DeviceKey(props: &OfKeys) -> Html {
    let key = use_state_eq(|| None::<Result<Option<String>, String>>);
    {
        let (key, driver) = (key.clone(), props.driver.clone());
        use_effect_with(props.changed, move |_| {
            spawn_local(async move {
                let told = driver.caller.public_key_there().await;
                key.set(Some(told.map_err(|trouble| trouble.message)));
            });
        });
    }
    let make = {
        let (key, driver, on_change) = (key.clone(), props.driver.clone(), props.on_change.clone());
        Callback::from(move |_: MouseEvent| {
            let (key, driver, on_change) = (key.clone(), driver.clone(), on_change.clone());
            spawn_local(async move {
                let told = driver.caller.public_key().await;
                key.set(Some(told.map(Some).map_err(|trouble| trouble.message)));
                on_change.emit(());
            });
        })
    };
    html! {
        <section class="card" aria-labelledby="device">
            <h2 id="device">{ "This device's key" }</h2>
            <p>{ "To play here for an account that is at home in another browser, paste this into the Wallet there, under \u{201c}Let another device play for you\u{201d}. It is a public key and no secret." }</p>
            { match &*key {
                None => html! { <p class="quiet" role="status">{ "Opening…" }</p> },
                Some(Err(why)) => html! { <p class="warning" role="alert">{ why }</p> },
                Some(Ok(Some(key))) => html! { <Copy text={key.clone()} label="This device's key" button="Copy" id="device-key" /> },
                Some(Ok(None)) => html! {
                    <div class="buttons"><button type="button" id="make-device-key" onclick={make}>{ "Make a key for this device" }</button></div>
                },
            } }
        </section>
    }
}

#[derive(Properties, PartialEq)]
pub struct GivenProps {
    pub driver: Rc<Driver>,
    pub given: Given,
    /// Whether this browser plays for that account already.
    pub is_kept: bool,
    pub on_change: Callback<()>,
}

/// At which height, and what was found there.
type Proof = Result<(u64, Result<Session, String>), Trouble>;

/// A key of another account, proven, and then used or not.
#[component]
pub fn GivenKey(props: &GivenProps) -> Html {
    let proof = use_state(|| None::<Rc<Proof>>);
    {
        let (proof, driver) = (proof.clone(), props.driver.clone());
        use_effect_with((props.given.clone(), props.is_kept), move |(given, _)| {
            let given = given.clone();
            proof.set(None);
            spawn_local(async move {
                let told = driver.caller.prove(&given).await;
                let told = told.map(|(account, session)| (account.height, session));
                proof.set(Some(Rc::new(
                    told.map_err(|trouble| driver.handles.caught(trouble)),
                )));
            });
        });
    }
    let play_as = {
        let (driver, given, on_change) = (props.driver.clone(), props.given.clone(), props.on_change.clone());
        Callback::from(move |_: MouseEvent| {
            driver.caller.play_as(&given);
            on_change.emit(());
        })
    };
    let oneself = {
        let (driver, on_change) = (props.driver.clone(), props.on_change.clone());
        Callback::from(move |_: MouseEvent| {
            driver.caller.play_as_oneself();
            on_change.emit(());
        })
    };
    let lobby = props.driver.handles.to(&Route::Lobby);
    let is_good = matches!(proof.as_deref(), Some(Ok((_, Ok(_)))));
    html! {
        <section class="card wide given" aria-labelledby="given" data-kept={props.is_kept.to_string()}>
            <h2 id="given">
                { if props.is_kept { "You play for another account" } else { "You were given a key of another account" } }
            </h2>
            <p class="value"><code>{ &props.given.account }</code></p>
            { match proof.as_deref() {
                None => html! { <p class="quiet" role="status">{ "Asking the node, and checking what it says…" }</p> },
                Some(Err(trouble)) => html! { <p class="warning" role="alert">{ &trouble.message }</p> },
                Some(Ok((_, Err(why)))) => html! { <p class="warning" role="alert">{ why }</p> },
                Some(Ok((height, Ok(session)))) => html! {
                    <p role="status">{ format!(
                        "Key {} of that account is this browser's, which is verified after block {height}. With it you may {}, until {}; its owner can take it back earlier.",
                        props.given.place, words(&session.limits.entries), until(&props.driver, session.limits.expires_ms)
                    ) }</p>
                },
            } }
            if props.is_kept {
                <p>{ "Until you say otherwise, what you do on this page in this browser is done for that account." }</p>
                <div class="buttons">
                    <a class="button primary" href={lobby}>{ "To the games" }</a>
                    <button type="button" onclick={oneself}>{ "Play as yourself again" }</button>
                </div>
            } else if is_good {
                <p>{ "If you take it, what you do on this page in this browser is done for that account from then on. Take keys from people whom you know." }</p>
                <div class="buttons">
                    <button type="button" class="primary" onclick={play_as}>{ "Play for this account" }</button>
                    <a class="button" href={lobby}>{ "Not now" }</a>
                </div>
            }
        </section>
    }
}
