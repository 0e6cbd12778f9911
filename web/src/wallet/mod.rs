//! The wallet: the keys that this browser keeps and their backup, who may act for the visitor, and for whom the visitor acts.

mod acting;
mod allow;
mod backup;
mod device;
mod powers;
mod sessions;

use crate::browser::now_ms;
use crate::chain::Handles;
use crate::given::Given;
use crate::lies::digest;
use crate::play::caller::{PLAYER, may_play};
use crate::play::driver::Driver;
use crate::play::key_title;
use crate::text::ago;
use crate::told::{Account, Key, Trouble};
use acting::Acting;
use backup::{Backup, Restore};
use device::{DeviceKey, GivenKey};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub driver: Rc<Driver>,
    /// The key that a link says was given to this browser.
    pub given: Option<Given>,
}

/// What shows something of the visitor's keys.
#[derive(Properties, PartialEq)]
pub struct OfKeys {
    pub driver: Rc<Driver>,
    /// Another number when keys have changed.
    pub changed: u32,
    pub on_change: Callback<()>,
}

/// A key with its account at the head.
type Shown = (Key, OnChain);

/// What is known of a key's account.
enum OnChain {
    Verified(Account),
    /// The node gave nothing that could be verified.
    Unknown,
    /// It is a key for another chain.
    Elsewhere,
}

async fn load(handles: &Handles) -> Result<Vec<Shown>, Trouble> {
    let Some(wallet) = &handles.wallet else {
        return Ok(Vec::new());
    };
    let mut shown = Vec::new();
    for key in wallet.keys().await? {
        let account = match key.chain == handles.anchors.chain_id {
            true => match handles.client.account(&key.account).await {
                Ok(account) => OnChain::Verified(account),
                Err(trouble) => {
                    handles.caught(trouble);
                    OnChain::Unknown
                }
            },
            false => OnChain::Elsewhere,
        };
        shown.push((key, account));
    }
    Ok(shown)
}

/// What a key is called: the two of this page by their titles, which no other name can look like.
fn titled(name: &str) -> String {
    match key_title(name) {
        title if title != name => title.to_owned(),
        name => format!("\u{201c}{name}\u{201d}"),
    }
}

#[component]
pub fn WalletPage(props: &Props) -> Html {
    let keys = use_state(|| None::<Rc<Result<Vec<Shown>, Trouble>>>);
    let changed = use_state_eq(|| 0u32);
    let count = use_memo((), |()| Cell::new(0u32));
    let is_persistent = use_state_eq(|| None::<bool>);
    {
        let (keys, driver) = (keys.clone(), props.driver.clone());
        use_effect_with(*changed, move |_| {
            spawn_local(async move {
                keys.set(Some(Rc::new(load(&driver.handles).await)));
            });
        });
    }
    let persist = {
        let (handles, is_persistent) = (props.driver.handles.clone(), is_persistent.clone());
        Callback::from(move |_: MouseEvent| {
            let (handles, is_persistent) = (handles.clone(), is_persistent.clone());
            spawn_local(async move {
                if let Some(wallet) = &handles.wallet {
                    is_persistent.set(Some(wallet.persist().await.unwrap_or(false)));
                }
            });
        })
    };
    let on_change = {
        // Counted apart from what is drawn: two changes may end on one drawing.
        let (changed, count) = (changed.clone(), count.clone());
        Callback::from(move |()| {
            let next = count.get() + 1;
            count.set(next);
            changed.set(next);
        })
    };
    if props.driver.handles.wallet.is_none() {
        return html! { <section class="card"><h2>{ "Wallet" }</h2><p class="warning">{ "This browser lets the page keep no keys (a private window?): you can watch games, but not play." }</p></section> };
    }
    let driver = &props.driver;
    let plays = |key: &Key| {
        if key.name == driver.caller.called(PLAYER) {
            return html! { "plays here" };
        }
        let onclick = {
            let (driver, name, on_change) = (driver.clone(), key.name.clone(), on_change.clone());
            Callback::from(move |_: MouseEvent| {
                driver.caller.play_by(&name);
                on_change.emit(());
            })
        };
        html! { <button type="button" aria-label={format!("Play with it: {}", key.name)} {onclick}>{ "Play with it" }</button> }
    };
    // There is a choice where several keys of this chain are the visitor's.
    let may_play = |(key, account): &Shown| may_play(&key.name) && !matches!(account, OnChain::Elsewhere);
    let is_choice = match keys.as_deref() {
        Some(Ok(keys)) => keys.iter().filter(|shown| may_play(shown)).count() > 1,
        _ => false,
    };
    let row = |shown: &Shown| {
        let (key, account) = shown;
        html! {
            <tr key={format!("{}/{}", key.chain, key.name)}>
                <th scope="row">{ titled(&key.name) }</th>
                <td data-label="Account">{ digest(&key.account) }</td>
                <td data-label="On the chain">{ match account {
                    OnChain::Verified(account) if account.exists => format!("{} calls, balance {}", account.nonces.first().copied().unwrap_or(0), account.balance),
                    OnChain::Verified(_) => "no call yet".to_owned(),
                    OnChain::Unknown => "not verified".to_owned(),
                    OnChain::Elsewhere => "another chain's".to_owned(),
                } }</td>
                <td data-label="Made">{ ago(now_ms() - key.created_ms) }</td>
                <td data-label="Backed up">{ if key.is_backed_up { "yes" } else { "no" } }</td>
                if is_choice {
                    <td>{ if may_play(shown) { plays(key) } else { Html::default() } }</td>
                }
            </tr>
        }
    };
    let kept = driver.caller.given();
    let offered = props.given.clone().filter(|given| kept.as_ref() != Some(given));
    let given = |given: Given, is_kept: bool| {
        let key = given.write();
        html! { <GivenKey {key} driver={driver.clone()} {given} {is_kept} on_change={on_change.clone()} /> }
    };
    html! {
        <div class="wallet columns">
            { for offered.map(|offered| given(offered, false)) }
            { for kept.map(|kept| given(kept, true)) }
            <section class="card wide" aria-labelledby="keys">
                <h2 id="keys">{ "Keys in this browser" }</h2>
                { match keys.as_deref() {
                    None => html! { <p class="quiet" role="status">{ "Opening…" }</p> },
                    Some(told) => match told {
                        Err(trouble) => html! { <p class="warning" role="alert">{ &trouble.message }</p> },
                        Ok(keys) if keys.is_empty() => html! { <p class="quiet">{ "None yet: the first game makes one." }</p> },
                        Ok(keys) => html! {
                            <table class="stack">
                                <thead><tr><th scope="col">{ "Name" }</th><th scope="col">{ "Account" }</th><th scope="col">{ "On the chain (verified)" }</th><th scope="col">{ "Made" }</th><th scope="col">{ "Backed up" }</th>if is_choice { <th scope="col">{ "Plays" }</th> }</tr></thead>
                                <tbody>{ for keys.iter().map(row) }</tbody>
                            </table>
                        },
                    },
                } }
                <p class="quiet">{ "Keys lie encrypted in this browser; the page's own code never sees one in clear, a worker signs for it. Who clears this site's data without a backup loses them." }</p>
                <div class="buttons">
                    <button type="button" onclick={persist}>{ "Ask the browser to keep them" }</button>
                    { match *is_persistent {
                        Some(true) => html! { <span role="status">{ "It will not clear them by itself." }</span> },
                        Some(false) => html! { <span role="status">{ "It does not promise it: make a backup." }</span> },
                        None => Html::default(),
                    } }
                </div>
            </section>
            <Acting driver={driver.clone()} changed={*changed} on_change={on_change.clone()} />
            <DeviceKey driver={driver.clone()} changed={*changed} on_change={on_change.clone()} />
            <Backup handles={props.driver.handles.clone()} on_change={on_change.clone()} />
            <Restore handles={props.driver.handles.clone()} {on_change} />
        </div>
    }
}
