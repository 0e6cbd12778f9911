//! A game that waits for its second player: who made it gives the link away, who has the link joins.

use super::abi::{self, Challenge, entry};
use super::caller::PLAYER;
use super::driver::Driver;
use super::{invitation, lobby, pieces};
use crate::browser;
use crate::copy::Copy;
use crate::route::Route;
use crate::told::Trouble;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub driver: Rc<Driver>,
    pub number: u32,
    pub challenge: Challenge,
    pub is_mine: bool,
}

/// The clocks in words.
fn control(challenge: &Challenge) -> String {
    match (challenge.base_ms, challenge.increment_ms) {
        (0, _) => "without clocks".to_owned(),
        (base, increment) => format!("{} minutes, {} seconds a move", base / 60_000, increment / 1_000),
    }
}

#[component]
pub fn Waiting(props: &Props) -> Html {
    let busy = use_state_eq(|| false);
    let failed = use_state_eq(|| None::<String>);
    let link = invitation(&props.driver, props.number);

    let call = |entry: u8, after: Option<Route>| {
        let (driver, number, busy, failed) =
            (props.driver.clone(), props.number, busy.clone(), failed.clone());
        Callback::from(move |_: MouseEvent| {
            let (driver, busy, failed, after) = (driver.clone(), busy.clone(), failed.clone(), after.clone());
            busy.set(true);
            spawn_local(async move {
                let done: Result<Vec<u8>, Trouble> =
                    driver.caller.call(PLAYER, entry, abi::of_game(number)).await;
                match (done, after) {
                    (Err(trouble), _) => failed.set(Some(driver.handles.caught(trouble).message)),
                    (Ok(_), Some(route)) => browser::go(&driver.handles.to(&route)),
                    (Ok(_), None) => lobby::remember(&driver, number),
                }
                driver.clone().look_now().await;
                busy.set(false);
            });
        })
    };
    let theirs = pieces::side_name(props.challenge.colour.other());
    html! {
        <section class="card waiting" aria-labelledby="waiting">
            if props.is_mine {
                <h2 id="waiting">{ "Waiting for your friend" }</h2>
                <p>{ format!("You play {}, {}. Whoever opens this link first and joins plays {theirs}.", pieces::side_name(props.challenge.colour), control(&props.challenge)) }</p>
                <Copy text={link} label="Link to this game" button="Copy the link" is_primary={true} />
                <p class="quiet">{ "The link names the chain and whom to believe: your friend's browser checks everything from there. The page goes on by itself." }</p>
                <div class="buttons">
                    <button type="button" disabled={*busy} onclick={call(entry::WITHDRAW, Some(Route::Lobby))}>{ "Take it back" }</button>
                </div>
            } else {
                <h2 id="waiting">{ "You are invited to a game of chess" }</h2>
                <p>{ format!("You play {theirs}, {}.", control(&props.challenge)) }</p>
                <div class="buttons">
                    <button type="button" class="primary" id="join" disabled={*busy} onclick={call(entry::JOIN, None)}>{ if *busy { "Joining…" } else { "Join the game" } }</button>
                    <a class="button" href={props.driver.handles.to(&Route::Lobby)}>{ "Not now" }</a>
                </div>
                <p class="quiet">{ "No account is needed: your browser makes a key, and keeps it." }</p>
            }
            if let Some(text) = &*failed {
                <p class="warning" role="alert">{ text }</p>
            }
        </section>
    }
}
