//! Letting another device play for the visitor.

use super::acting::{link, until};
use super::powers::{POWERS, words};
use super::sessions::{self, Wish, pasted};
use crate::copy::Copy;
use crate::form::field;
use crate::given::Given;
use crate::play::driver::Driver;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// For how long, in days; the middle one is proposed.
const TIMES: [(&str, u32); 3] = [("A day", 1), ("A week", 7), ("30 days", 30)];
const USUAL_DAYS: u32 = 7;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub driver: Rc<Driver>,
    /// The account that is shown above; none while this browser has no key.
    pub account: Option<String>,
    pub on_change: Callback<()>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
enum State {
    #[default]
    Open,
    Busy,
    Failed(String),
    /// The key is there, which was verified after a block.
    Done {
        given: Given,
        words: String,
        height: u64,
    },
}

/// What the form holds; else what is wrong with it.
fn wish(event: &SubmitEvent, days: u32, chosen: &[bool]) -> Result<Wish, String> {
    let text = field(event, "public-key").map(|field| field.value());
    let public_key = pasted(&text.unwrap_or_default());
    let powers = POWERS.iter().zip(chosen).filter(|(_, is_chosen)| **is_chosen);
    let mut entries: Vec<u8> = powers.flat_map(|(power, _)| power.entries).copied().collect();
    entries.sort_unstable();
    Ok(Wish {
        public_key: public_key.ok_or("A key has 64 digits: copy it from the Wallet of the other device.")?,
        days,
        entries,
    })
}

#[component]
pub fn Allow(props: &Props) -> Html {
    let state = use_state_eq(State::default);
    let days = use_state_eq(|| USUAL_DAYS);
    let chosen = use_state_eq(|| POWERS.each_ref().map(|power| power.is_usual));
    let onsubmit = {
        let (state, days, chosen) = (state.clone(), days.clone(), chosen.clone());
        let (driver, account, on_change) = (
            props.driver.clone(),
            props.account.clone(),
            props.on_change.clone(),
        );
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let wish = match wish(&event, *days, &*chosen) {
                Ok(wish) => wish,
                Err(why) => return state.set(State::Failed(why)),
            };
            let (state, driver, on_change) = (state.clone(), driver.clone(), on_change.clone());
            let account = account.clone();
            state.set(State::Busy);
            spawn_local(async move {
                match sessions::allow(&driver.caller, account.as_deref(), &wish).await {
                    Ok((account, given)) => {
                        let limits = account.keys.iter().find(|key| key.place == given.place);
                        let limits = limits.and_then(|key| key.session.as_ref());
                        let words = limits.map_or_else(String::new, |limits| {
                            format!(
                                "{}, until {}",
                                words(&limits.entries),
                                until(&driver, limits.expires_ms)
                            )
                        });
                        let height = account.height;
                        state.set(State::Done { given, words, height });
                        on_change.emit(());
                    }
                    Err(trouble) => state.set(State::Failed(driver.handles.caught(trouble).message)),
                }
            });
        })
    };
    let is_busy = *state == State::Busy;
    html! {
        <>
            <h3 id="allow">{ "Let another device play for you" }</h3>
            <form class="stack" aria-labelledby="allow" {onsubmit}>
                <label>{ "Its key: open the Wallet there, and copy \u{201c}This device's key\u{201d}" }
                    <input type="text" name="public-key" autocomplete="off" spellcheck="false" autocapitalize="none" /></label>
                <fieldset>
                    <legend>{ "For how long" }</legend>
                    { for TIMES.iter().map(|(name, time)| {
                        let (days, time) = (days.clone(), *time);
                        let checked = *days == time;
                        html! {
                            <label class={classes!("choice", checked.then_some("chosen"))}>
                                <input type="radio" name="days" {checked} onchange={Callback::from(move |_| days.set(time))} />{ *name }
                            </label>
                        }
                    }) }
                </fieldset>
                <fieldset>
                    <legend>{ "What it may do" }</legend>
                    { for POWERS.iter().enumerate().map(|(place, power)| {
                        let chosen = chosen.clone();
                        let checked = chosen.get(place).copied().unwrap_or(false);
                        let toggle = Callback::from(move |_| {
                            let mut next = *chosen;
                            if let Some(one) = next.get_mut(place) {
                                *one = !*one;
                            }
                            chosen.set(next);
                        });
                        html! {
                            <label class={classes!("choice", "power", checked.then_some("chosen"))}>
                                <input type="checkbox" name={power.name} {checked} onchange={toggle} />
                                <span><strong>{ power.title }</strong>{ format!(": {}", power.what) }</span>
                            </label>
                        }
                    }) }
                </fieldset>
                <p class="quiet">{ "That is all it can do: it cannot move money, and neither add, change nor take away keys. You can take it back at any time, and it can do nothing about that." }</p>
                <button type="submit" class="primary" disabled={is_busy}>{ if is_busy { "Signing, and waiting for its block…" } else { "Let it play for me" } }</button>
            </form>
            { match &*state {
                State::Failed(why) => html! { <p class="warning" role="alert">{ why }</p> },
                State::Done { given, words, height } => html! {
                    <div class="given" role="status">
                        <p>{ format!("Done, which is verified after block {height}: key {} may {words}. Open this link on the other device:", given.place) }</p>
                        <Copy text={link(&props.driver, given)} label="Link for the other device" button="Copy the link" is_primary={true} id="given-link" />
                        <p class="quiet">{ "The link is no secret: it works with that device's key only." }</p>
                    </div>
                },
                State::Open | State::Busy => Html::default(),
            } }
        </>
    }
}
