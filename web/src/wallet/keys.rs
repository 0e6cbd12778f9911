//! The keys that this browser keeps: whose accounts they are, which one plays, and forgetting one.

use super::OfKeys;
use crate::browser::now_ms;
use crate::chain::Handles;
use crate::lies::digest;
use crate::play::caller::{PLAYER, may_play};
use crate::play::key_title;
use crate::sure::Sure;
use crate::text::ago;
use crate::told::{Account, Key, Trouble};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

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

/// What is lost with a key.
fn warning(key: &Key, account: &OnChain) -> AttrValue {
    let lost = match account {
        // Money may come to an account that has made no call yet.
        OnChain::Verified(account) if !account.exists && account.balance == "0" => {
            "its account has made no call yet, and has nothing".to_owned()
        }
        OnChain::Verified(account) => format!(
            "with it go the games and the money of its account, whose balance is {}",
            account.balance
        ),
        OnChain::Unknown | OnChain::Elsewhere => {
            "with it go the games and the money of its account".to_owned()
        }
    };
    let back = match key.is_backed_up {
        true => "A backup was made that has it; without that,",
        false => "No backup has it:",
    };
    format!("{back} {lost}.").into()
}

/// What can be done with a key that is shown.
#[derive(Clone, Copy)]
enum Deed {
    Play,
    Forget,
}

/// Does it, with this very key. `failed` gets why it could not be done.
fn doing(
    props: &OfKeys,
    key: &Key,
    deed: Deed,
    failed: &UseStateHandle<Option<String>>,
) -> Callback<MouseEvent> {
    let (driver, key) = (props.driver.clone(), key.clone());
    let (failed, on_change) = (failed.clone(), props.on_change.clone());
    Callback::from(move |_: MouseEvent| {
        let (driver, key) = (driver.clone(), key.clone());
        let (failed, on_change) = (failed.clone(), on_change.clone());
        spawn_local(async move {
            let done = match deed {
                Deed::Play => driver.caller.play_by(&key).await,
                Deed::Forget => driver.caller.forget(&key).await,
            };
            failed.set(done.err().map(|trouble| trouble.message));
            on_change.emit(());
        });
    })
}

/// What a key is called where its row is not seen.
fn spoken((key, account): &Shown) -> String {
    match account {
        OnChain::Elsewhere => format!("{}, another chain's", titled(&key.name)),
        _ => titled(&key.name),
    }
}

fn table(props: &OfKeys, keys: &[Shown], failed: &UseStateHandle<Option<String>>) -> Html {
    let may_play = |(key, account): &Shown| may_play(&key.name) && !matches!(account, OnChain::Elsewhere);
    let playing = props.driver.caller.called(PLAYER);
    // There is a choice where a key of this chain is the visitor's, and does not play.
    let is_choice = keys
        .iter()
        .any(|shown| may_play(shown) && shown.0.name != playing);
    let plays = |shown: &Shown| match shown.0.name == playing {
        _ if !may_play(shown) => Html::default(),
        true => html! { "plays here" },
        false => {
            let onclick = doing(props, &shown.0, Deed::Play, failed);
            html! { <button type="button" aria-label={format!("Play with it: {}", spoken(shown))} {onclick}>{ "Play with it" }</button> }
        }
    };
    let forget = |shown: &Shown| {
        let on_yes = doing(props, &shown.0, Deed::Forget, failed);
        html! { <Sure button="Forget" label={format!("Forget the key: {}", spoken(shown))} warning={warning(&shown.0, &shown.1)} yes="Yes, forget it" {on_yes} /> }
    };
    let row = |shown: &Shown| {
        let (key, account) = shown;
        html! {
            <tr key={format!("{}/{}/{}", key.chain, key.name, key.account)}>
                <th scope="row">{ titled(&key.name) }</th>
                <td data-label="Account">{ digest(&key.account) }</td>
                <td data-label="On the chain">{ match account {
                    OnChain::Verified(account) if account.exists => format!("{} calls, balance {}", account.nonces.first().copied().unwrap_or(0), account.balance),
                    OnChain::Verified(account) if account.balance != "0" => format!("no call yet, balance {}", account.balance),
                    OnChain::Verified(_) => "no call yet".to_owned(),
                    OnChain::Unknown => "not verified".to_owned(),
                    OnChain::Elsewhere => "another chain's".to_owned(),
                } }</td>
                <td data-label="Made">{ ago(now_ms() - key.created_ms) }</td>
                <td data-label="Backed up">{ if key.is_backed_up { "yes" } else { "no" } }</td>
                if is_choice {
                    <td>{ plays(shown) }</td>
                }
                <td>{ forget(shown) }</td>
            </tr>
        }
    };
    html! {
        <table class="stack">
            <thead><tr><th scope="col">{ "Name" }</th><th scope="col">{ "Account" }</th><th scope="col">{ "On the chain (verified)" }</th><th scope="col">{ "Made" }</th><th scope="col">{ "Backed up" }</th>if is_choice { <th scope="col">{ "Plays" }</th> }<th scope="col">{ "Forget" }</th></tr></thead>
            <tbody>{ for keys.iter().map(row) }</tbody>
        </table>
    }
}

#[component]
pub fn Keys(props: &OfKeys) -> Html {
    let keys = use_state(|| None::<Rc<Result<Vec<Shown>, Trouble>>>);
    let is_persistent = use_state_eq(|| None::<bool>);
    let failed = use_state_eq(|| None::<String>);
    {
        let (keys, driver) = (keys.clone(), props.driver.clone());
        use_effect_with(props.changed, move |_| {
            let is_last = Rc::new(Cell::new(true));
            let still = Rc::clone(&is_last);
            spawn_local(async move {
                let loaded = load(&driver.handles).await;
                // A later look has begun, which must not be overwritten by what was there before.
                if still.get() {
                    keys.set(Some(Rc::new(loaded)));
                }
            });
            move || is_last.set(false)
        });
    }
    let persist = {
        let (driver, is_persistent) = (props.driver.clone(), is_persistent.clone());
        Callback::from(move |_: MouseEvent| {
            let (driver, is_persistent) = (driver.clone(), is_persistent.clone());
            spawn_local(async move {
                if let Some(wallet) = &driver.handles.wallet {
                    is_persistent.set(Some(wallet.persist().await.unwrap_or(false)));
                }
            });
        })
    };
    html! {
        <section class="card wide" aria-labelledby="keys">
            <h2 id="keys">{ "Keys in this browser" }</h2>
            { match keys.as_deref() {
                None => html! { <p class="quiet" role="status">{ "Opening…" }</p> },
                Some(Err(trouble)) => html! { <p class="warning" role="alert">{ &trouble.message }</p> },
                Some(Ok(keys)) if keys.is_empty() => html! { <p class="quiet">{ "None yet: the first game makes one." }</p> },
                Some(Ok(keys)) => table(props, keys, &failed),
            } }
            { for failed.iter().map(|why| html! { <p class="warning" role="alert">{ why }</p> }) }
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
    }
}
