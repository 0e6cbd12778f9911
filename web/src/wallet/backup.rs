//! All keys as one text, and back.

use crate::browser;
use crate::chain::Handles;
use crate::form::field;
use crate::told::Key;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The shortest passphrase of a backup.
const PASSPHRASE_MIN: usize = 10;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub handles: Rc<Handles>,
    pub on_change: Callback<()>,
}

#[component]
pub fn Backup(props: &Props) -> Html {
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
            let Some(typed) = field(&event, "passphrase") else {
                return;
            };
            let passphrase = typed.value();
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
                    let backup = wallet.backup(&passphrase).await;
                    if backup.is_ok() {
                        typed.set_value("");
                    }
                    text.set(Some(backup.map_err(|trouble| trouble.message)));
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
pub fn Restore(props: &Props) -> Html {
    let told = use_state_eq(|| None::<Result<Vec<String>, String>>);
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
            let (Some(text), Some(passphrase)) = (field(&event, "backup"), field(&event, "passphrase"))
            else {
                return;
            };
            let (handles, told, busy, on_change) =
                (handles.clone(), told.clone(), busy.clone(), on_change.clone());
            busy.set(true);
            spawn_local(async move {
                if let Some(wallet) = &handles.wallet {
                    let restored = wallet.restore(text.value().trim(), &passphrase.value()).await;
                    if restored.is_ok() {
                        // No secret stays on the page.
                        text.set_value("");
                        passphrase.set_value("");
                    }
                    let chain = &handles.anchors.chain_id;
                    let told_of = |key: Key| match key.chain == *chain {
                        true => key.name,
                        false => format!("{} (another chain's)", key.name),
                    };
                    let names = restored.map(|keys| keys.into_iter().map(told_of).collect());
                    told.set(Some(names.map_err(|trouble| trouble.message)));
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
                Some(Ok(names)) if names.is_empty() => html! { <p role="status">{ "All of its keys are here already." }</p> },
                Some(Ok(names)) => html! { <p role="status">{ format!("Back: {}.", names.join(", ")) }</p> },
                Some(Err(why)) => html! { <p class="warning" role="alert">{ why }</p> },
                None => Html::default(),
            } }
            <p class="quiet">{ "A key that is here already is never replaced: one of the same name comes back beside it, with a number, and the table above lets you choose which one plays. Who made a backup knows its keys: restore only your own." }</p>
        </section>
    }
}
