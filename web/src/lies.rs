//! Lies: the button that makes the node lie, and what is shown when one is caught.

use crate::chain::{Action, State};
use crate::play::abi;
use crate::play::driver::Driver;
use crate::text::{short, took};
use crate::told::Lie;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Digits of an exhibit that are shown.
const DIGITS_SHOWN: usize = 600;

#[derive(Properties)]
pub struct Props {
    pub driver: Rc<Driver>,
    pub chain: Rc<State>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.driver, &other.driver) && Rc::ptr_eq(&self.chain, &other.chain)
    }
}

/// Asks everything that a lie could be about, so that it is caught at once if it can be.
async fn provoke(driver: Rc<Driver>) {
    let state = driver.game.get();
    let client = driver.handles.client.clone();
    client.look();
    let last = state.plies.last().map(|ply| (ply.id.clone(), ply.height));
    let answers = [
        client.values(&[abi::game_key(state.number)]).await.map(drop),
        match &last {
            Some((id, height)) => client.again(id, *height).await.map(drop),
            None => Ok(()),
        },
        match &last {
            Some((_, height)) => client.block(*height).await.map(drop),
            None => Ok(()),
        },
    ];
    for trouble in answers.into_iter().filter_map(Result::err) {
        driver.handles.caught(trouble);
    }
    if let Ok(checks) = client.take_checks().await {
        driver.handles.store.act(Action::Checked(checks));
    }
}

/// The button with its list.
#[component]
pub fn MakeLie(props: &Props) -> Html {
    let choose = |name: Option<String>| {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| {
            let (driver, name) = (driver.clone(), name.clone());
            spawn_local(async move {
                if driver.handles.client.lie(name.as_deref()).await.is_ok() {
                    let is_on = name.is_some();
                    driver.handles.store.act(Action::Lying(name));
                    if is_on {
                        provoke(driver).await;
                    }
                }
            });
        })
    };
    let lies = &props.driver.handles.lies;
    let made = props.chain.made.as_ref();
    let title = made
        .and_then(|name| lies.iter().find(|lie| lie.name == *name))
        .map(|lie| lie.title.clone());
    html! {
        <details class="card liar">
            <summary>{ "Make the node lie" }</summary>
            <p class="quiet">{ "Choose a lie. Your browser then changes the node's next answer of that kind, as a lying node would, before it is checked. Watch what happens." }</p>
            if let Some(title) = title {
                <p class="warning" role="status">{ format!("From now on: {title}. It is caught as soon as such an answer comes.") }
                    <button type="button" class="link" onclick={choose(None)}>{ "Stop" }</button></p>
            }
            <ul>
                { for lies.iter().map(|lie| html! {
                    <li key={lie.name.clone()}>
                        <button type="button" data-lie={lie.name.clone()} disabled={made.is_some()} onclick={choose(Some(lie.name.clone()))}>{ &lie.title }</button>
                        <span class="quiet">{ &lie.what }</span>
                    </li>
                }) }
            </ul>
        </details>
    }
}

/// What was caught, over everything else until it was read.
#[component]
pub fn Caught(props: &Props) -> Html {
    let Some(lie) = &props.chain.shown else {
        return Html::default();
    };
    let driver = props.driver.clone();
    let read = Callback::from(move |_: MouseEvent| driver.handles.store.act(Action::Read));
    let title = match (lie.made, lie.committees) {
        (true, _) => "Caught: the lie that you asked for",
        (_, true) => "The committee was caught lying",
        (_, false) => "The node was caught lying",
    };
    let title = match lie.is_heard {
        true => format!("In another tab: {title}"),
        false => title.to_owned(),
    };
    html! {
        <section class="caught" role="alert" data-lie={lie.name.clone()}>
            <h2>{ title }</h2>
            <Told lie={lie.clone()} />
            <p>{ if lie.committees { "Nothing more is accepted on this chain: no node can mend it. What you see is what was verified before." }
                 else { "What you see is what was verified before. Nothing of the lie got onto the page." } }</p>
            <button type="button" onclick={read}>{ "Understood" }</button>
        </section>
    }
}

#[derive(Properties, PartialEq)]
pub struct ToldProps {
    pub lie: Lie,
}

/// A lie with its evidence.
#[component]
pub fn Told(props: &ToldProps) -> Html {
    let lie = &props.lie;
    html! {
        <div class="lie">
            <p class="what"><strong>{ &lie.message }</strong></p>
            <p class="quiet">{ "Caught as " }<code>{ &lie.name }</code>{ format!(" after {}, when asked for ", took(lie.micros as f64 / 1e3)) }<code class="path">{ &lie.asked }</code></p>
            if !lie.exhibits.is_empty() {
                <details>
                    <summary>{ "The evidence" }</summary>
                    { for lie.exhibits.iter().map(|exhibit| {
                        let shown = exhibit.bytes.get(..DIGITS_SHOWN).unwrap_or(&exhibit.bytes);
                        let more = exhibit.bytes.len() > shown.len();
                        html! {
                            <figure>
                                <figcaption>{ format!("{}, {} bytes", exhibit.what, exhibit.bytes.len() / 2) }</figcaption>
                                <code class="bytes">{ shown }{ if more { "…" } else { "" } }</code>
                            </figure>
                        }
                    }) }
                </details>
            }
        </div>
    }
}

/// The digest of something, short, with all of it for who points at it.
pub fn digest(digits: &str) -> Html {
    html! { <code title={digits.to_owned()}>{ short(digits) }</code> }
}
