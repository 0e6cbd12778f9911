//! Who may act for the visitor's account: its keys, as they are in the state, and taking one away.

use super::OfKeys;
use super::allow::Allow;
use super::powers::words;
use super::sessions::{self, Mine};
use crate::browser;
use crate::copy::Copy;
use crate::given::Given;
use crate::lies::digest;
use crate::play::driver::Driver;
use crate::route::Route;
use crate::sure::Sure;
use crate::told::{AccountKey, SessionLimits, Trouble};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The address that the other device opens.
#[must_use]
pub fn link(driver: &Driver, given: &Given) -> String {
    let place = driver.handles.to(&Route::Given(given.clone()));
    format!("{}{place}", browser::address())
}

/// Until when a session's key is valid. It is over when the chain says so, whatever this device's clock shows.
#[must_use]
pub fn until(driver: &Driver, expires_ms: u64) -> String {
    match expires_ms < driver.handles.time_ms() {
        true => format!("{} (over)", browser::date(expires_ms)),
        false => browser::date(expires_ms),
    }
}

#[component]
pub fn Acting(props: &OfKeys) -> Html {
    let mine = use_state(|| None::<Rc<Result<Option<Mine>, Trouble>>>);
    {
        let (mine, driver) = (mine.clone(), props.driver.clone());
        use_effect_with(props.changed, move |_| {
            spawn_local(async move {
                let told = Mine::there(&driver.caller).await;
                mine.set(Some(Rc::new(
                    told.map_err(|trouble| driver.handles.caught(trouble)),
                )));
            });
        });
    }
    let content = match mine.as_deref() {
        None => {
            html! { <p class="quiet" role="status">{ "Asking the node, and checking what it says…" }</p> }
        }
        Some(Err(trouble)) => html! { <p class="warning" role="alert">{ &trouble.message }</p> },
        Some(Ok(mine)) => html! {
            <>
                { table(props, mine.as_ref()) }
                <Allow driver={props.driver.clone()} account={mine.as_ref().map(|mine| mine.account.id.clone())} on_change={props.on_change.clone()} />
            </>
        },
    };
    html! {
        <section class="card wide acting" aria-labelledby="acting">
            <h2 id="acting">{ "Who may act for you" }</h2>
            { content }
        </section>
    }
}

fn table(props: &OfKeys, mine: Option<&Mine>) -> Html {
    let Some(mine) = mine else {
        return html! { <p>{ "Nobody: this browser has no key for this chain yet. The first game makes one." }</p> };
    };
    let account = &mine.account;
    if account.keys.is_empty() {
        return html! { <p>{ format!("Nobody but this browser. Your account is not on the chain yet, which is verified after block {}: its first call makes it, with this browser's key as its owner.", account.height) }</p> };
    }
    let row = |key: &AccountKey| row(props, mine, key);
    html! {
        <>
            <p>{ "The keys of your account " }{ digest(&account.id) }{ format!(", verified after block {}. Of its places, the first sixteen are looked at; this page uses no others.", account.height) }</p>
            <table class="stack">
                <thead><tr><th scope="col">{ "Key" }</th><th scope="col">{ "Whose" }</th><th scope="col">{ "May" }</th><th scope="col">{ "Until" }</th><th scope="col">{ "Lanes" }</th><th scope="col">{ "Take away" }</th></tr></thead>
                <tbody>{ for account.keys.iter().map(row) }</tbody>
            </table>
        </>
    }
}

fn row(props: &OfKeys, mine: &Mine, key: &AccountKey) -> Html {
    let whose = match &key.public_key {
        Some(public_key) if *public_key == mine.public_key => html! { "this browser" },
        Some(public_key) => digest(public_key),
        None => html! { "an address on L1" },
    };
    // What was asked about one key is never answered about another at its place.
    let name = format!("{}/{}/{:?}", mine.account.id, key.place, key.public_key);
    let Some(limits) = &key.session else {
        return html! {
            <tr key={name} data-place={key.place.to_string()}>
                <th scope="row">{ format!("{} owner", key.place) }</th>
                <td data-label="Whose">{ whose }</td>
                <td data-label="May">{ "everything: calls, money, keys" }</td>
                <td data-label="Until">{ "always" }</td>
                <td data-label="Lanes">{ "all" }</td>
                <td></td>
            </tr>
        };
    };
    let lanes: Vec<String> = limits.lanes.iter().map(u8::to_string).collect();
    let given = Given::new(&mine.account.id, key.place);
    html! {
        <tr key={name} data-place={key.place.to_string()}>
            <th scope="row">{ format!("{} device", key.place) }</th>
            <td data-label="Whose">{ whose }</td>
            <td data-label="May">{ words(&limits.entries) }{ prices(limits) }</td>
            <td data-label="Until">{ until(&props.driver, limits.expires_ms) }</td>
            <td data-label="Lanes">{ lanes.join(", ") }</td>
            <td>{ for given.map(|given| html! { <Held driver={props.driver.clone()} {given} public_key={key.public_key.clone()} on_change={props.on_change.clone()} /> }) }</td>
        </tr>
    }
}

/// What a key may spend, where callers pay. This page gives no such key.
fn prices(limits: &SessionLimits) -> String {
    match limits.gas_price_max.as_str() {
        "0" => String::new(),
        most => format!("; pays up to {most} for a unit of gas out of the balance"),
    }
}

#[derive(Properties, PartialEq)]
struct HeldProps {
    driver: Rc<Driver>,
    given: Given,
    public_key: Option<String>,
    on_change: Callback<()>,
}

/// What can be done with another device's key.
#[derive(Clone, Debug, Default, PartialEq)]
enum Doing {
    #[default]
    Nothing,
    /// Its link is shown.
    Linking,
    Revoking,
    Failed(String),
}

#[component]
fn Held(props: &HeldProps) -> Html {
    let doing = use_state_eq(Doing::default);
    let place = props.given.place;
    let linking = {
        let doing = doing.clone();
        Callback::from(move |_: MouseEvent| doing.set(Doing::Linking))
    };
    let revoke = {
        let (doing, driver) = (doing.clone(), props.driver.clone());
        let (given, public_key) = (props.given.clone(), props.public_key.clone());
        let on_change = props.on_change.clone();
        Callback::from(move |_: MouseEvent| {
            let (given, public_key) = (given.clone(), public_key.clone());
            let (doing, driver, on_change) = (doing.clone(), driver.clone(), on_change.clone());
            doing.set(Doing::Revoking);
            spawn_local(async move {
                match sessions::revoke(&driver.caller, &given, public_key.as_ref()).await {
                    Ok(()) => on_change.emit(()),
                    Err(trouble) => doing.set(Doing::Failed(driver.handles.caught(trouble).message)),
                }
            });
        })
    };
    let buttons = html! {
        <>
            <Sure button="Revoke" label={format!("Revoke key {place}")} yes="Yes, revoke it" on_yes={revoke} />
            <button type="button" aria-label={format!("Its link, of key {place}")} onclick={linking}>{ "Its link" }</button>
        </>
    };
    match &*doing {
        Doing::Nothing => html! { <div class="buttons">{ buttons }</div> },
        Doing::Linking => html! {
            <Copy text={link(&props.driver, &props.given)} label={format!("Link for the device of key {place}")} button="Copy" />
        },
        Doing::Revoking => html! { <span role="status">{ "Revoking…" }</span> },
        Doing::Failed(why) => html! {
            <>
                <p class="warning" role="alert">{ why }</p>
                <div class="buttons">{ buttons }</div>
            </>
        },
    }
}
