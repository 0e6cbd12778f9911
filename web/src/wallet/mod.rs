//! The wallet: the keys that this browser keeps, and their backup.

use crate::browser::{self, now_ms};
use crate::chain::Handles;
use crate::lies::digest;
use crate::play::key_title;
use crate::text::ago;
use crate::told::{Account, Key, Trouble};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

/// The shortest passphrase of a backup.
const PASSPHRASE_MIN: usize = 10;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub handles: Rc<Handles>,
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

/// A form's field by its name.
fn field(event: &SubmitEvent, name: &str) -> Option<HtmlInputElement> {
    let form = event.target()?.dyn_into::<Element>().ok()?;
    form.query_selector(&format!("[name='{name}']"))
        .ok()??
        .dyn_into()
        .ok()
}

#[component]
pub fn WalletPage(props: &Props) -> Html {
    let keys = use_state(|| None::<Rc<Result<Vec<Shown>, Trouble>>>);
    let changed = use_state_eq(|| 0u32);
    let is_persistent = use_state_eq(|| None::<bool>);
    {
        let (keys, handles) = (keys.clone(), props.handles.clone());
        use_effect_with(*changed, move |_| {
            spawn_local(async move { keys.set(Some(Rc::new(load(&handles).await))) });
        });
    }
    let persist = {
        let (handles, is_persistent) = (props.handles.clone(), is_persistent.clone());
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
        let changed = changed.clone();
        Callback::from(move |()| changed.set(*changed + 1))
    };
    if props.handles.wallet.is_none() {
        return html! { <section class="card"><h2>{ "Wallet" }</h2><p class="warning">{ "This browser lets the page keep no keys (a private window?): you can watch games, but not play." }</p></section> };
    }
    let row = |(key, account): &Shown| {
        html! {
            <tr key={format!("{}/{}", key.chain, key.name)}>
                <th scope="row">{ key_title(&key.name) }</th>
                <td>{ digest(&key.account) }</td>
                <td>{ match account {
                    OnChain::Verified(account) if account.exists => format!("{} calls, balance {}", account.nonces.first().copied().unwrap_or(0), account.balance),
                    OnChain::Verified(_) => "no call yet".to_owned(),
                    OnChain::Unknown => "not verified".to_owned(),
                    OnChain::Elsewhere => "another chain's".to_owned(),
                } }</td>
                <td>{ ago(now_ms() - key.created_ms) }</td>
                <td>{ if key.is_backed_up { "yes" } else { "no" } }</td>
            </tr>
        }
    };
    html! {
        <div class="wallet columns">
            <section class="card wide" aria-labelledby="keys">
                <h2 id="keys">{ "Keys in this browser" }</h2>
                { match keys.as_deref() {
                    None => html! { <p class="quiet" role="status">{ "Opening…" }</p> },
                    Some(told) => match told {
                        Err(trouble) => html! { <p class="warning" role="alert">{ &trouble.message }</p> },
                        Ok(keys) if keys.is_empty() => html! { <p class="quiet">{ "None yet: the first game makes one." }</p> },
                        Ok(keys) => html! {
                            <div class="scroll" tabindex="0" role="region" aria-labelledby="keys">
                                <table>
                                    <thead><tr><th scope="col">{ "Name" }</th><th scope="col">{ "Account" }</th><th scope="col">{ "On the chain (verified)" }</th><th scope="col">{ "Made" }</th><th scope="col">{ "Backed up" }</th></tr></thead>
                                    <tbody>{ for keys.iter().map(row) }</tbody>
                                </table>
                            </div>
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
            <Backup handles={props.handles.clone()} on_change={on_change.clone()} />
            <Restore handles={props.handles.clone()} {on_change} />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct PartProps {
    handles: Rc<Handles>,
    on_change: Callback<()>,
}

#[component]
fn Backup(props: &PartProps) -> Html {
    let text = use_state_eq(|| None::<Result<String, String>>);
    let busy = use_state_eq(|| false);
    let onsubmit = {
        let (handles, text, busy, on_change) = (
            props.handles.clone(),
            text.clone(),
            busy.clone(),
            props.on_change.clone(),
        );
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(passphrase) = field(&event, "passphrase").map(|field| field.value()) else {
                return;
            };
            if passphrase.chars().count() < PASSPHRASE_MIN {
                return text.set(Some(Err(format!(
                    "Take at least {PASSPHRASE_MIN} characters: nothing else protects the backup."
                ))));
            }
            let (handles, text, busy, on_change) =
                (handles.clone(), text.clone(), busy.clone(), on_change.clone());
            busy.set(true);
            spawn_local(async move {
                if let Some(wallet) = &handles.wallet {
                    text.set(Some(
                        wallet
                            .backup(&passphrase)
                            .await
                            .map_err(|trouble| trouble.message),
                    ));
                }
                busy.set(false);
                on_change.emit(());
            });
        })
    };
    html! {
        <section class="card" aria-labelledby="backup">
            <h2 id="backup">{ "Back up" }</h2>
            <form class="stack" {onsubmit}>
                <label>{ "Passphrase" }<input type="password" name="passphrase" autocomplete="new-password" /></label>
                <button type="submit" disabled={*busy}>{ if *busy { "Encrypting…" } else { "Make a backup" } }</button>
            </form>
            { match &*text {
                Some(Ok(backup)) => html! {
                    <>
                        <p role="status">{ "Keep this text where you keep papers. With the passphrase it is all of your keys." }</p>
                        <textarea readonly={true} rows="5" aria-label="The backup" value={backup.clone()} />
                        <button type="button" onclick={{
                            let backup = backup.clone();
                            Callback::from(move |_: MouseEvent| drop(browser::window().navigator().clipboard().write_text(&backup)))
                        }}>{ "Copy" }</button>
                    </>
                },
                Some(Err(why)) => html! { <p class="warning" role="alert">{ why }</p> },
                None => Html::default(),
            } }
        </section>
    }
}

#[component]
fn Restore(props: &PartProps) -> Html {
    let told = use_state_eq(|| None::<Result<u64, String>>);
    let busy = use_state_eq(|| false);
    let onsubmit = {
        let (handles, told, busy, on_change) = (
            props.handles.clone(),
            told.clone(),
            busy.clone(),
            props.on_change.clone(),
        );
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let value = |name: &str| field(&event, name).map(|field| field.value());
            let (Some(text), Some(passphrase)) = (value("backup"), value("passphrase")) else {
                return;
            };
            let (handles, told, busy, on_change) =
                (handles.clone(), told.clone(), busy.clone(), on_change.clone());
            busy.set(true);
            spawn_local(async move {
                if let Some(wallet) = &handles.wallet {
                    told.set(Some(
                        wallet
                            .restore(text.trim(), &passphrase)
                            .await
                            .map_err(|trouble| trouble.message),
                    ));
                }
                busy.set(false);
                on_change.emit(());
            });
        })
    };
    html! {
        <section class="card" aria-labelledby="restore">
            <h2 id="restore">{ "Restore" }</h2>
            <form class="stack" {onsubmit}>
                <label>{ "Backup" }<input type="text" name="backup" autocomplete="off" spellcheck="false" /></label>
                <label>{ "Its passphrase" }<input type="password" name="passphrase" autocomplete="current-password" /></label>
                <button type="submit" disabled={*busy}>{ if *busy { "Decrypting…" } else { "Restore" } }</button>
            </form>
            { match &*told {
                Some(Ok(0)) => html! { <p role="status">{ "All of its keys are here already." }</p> },
                Some(Ok(count)) => html! { <p role="status">{ format!("{count} keys are back.") }</p> },
                Some(Err(why)) => html! { <p class="warning" role="alert">{ why }</p> },
                None => Html::default(),
            } }
            <p class="quiet">{ "A key that is here already is never replaced." }</p>
        </section>
    }
}
