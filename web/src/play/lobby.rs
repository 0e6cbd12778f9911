//! Beginning a game: against the house, with a friend, or one that was played before.

use super::abi::{self, entry};
use super::acting::acts_for;
use super::caller::{HOUSE, PLAYER};
use super::driver::Driver;
use crate::browser;
use crate::route::Route;
use crate::told::Trouble;
use playfair_chess_rules::rules::Side;
use std::rc::Rc;
use yew::prelude::*;

/// Minutes for all moves, seconds for each.
const CONTROLS: [(&str, u32, u32); 4] = [
    ("No clocks", 0, 0),
    ("3 + 2", 3, 2),
    ("5 + 3", 5, 3),
    ("15 + 10", 15, 10),
];

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Colour {
    #[default]
    White,
    Any,
    Black,
}

impl Colour {
    const ALL: [(Self, &'static str); 3] = [
        (Self::White, "White"),
        (Self::Any, "Random"),
        (Self::Black, "Black"),
    ];

    fn side(self) -> Side {
        match self {
            Self::White => Side::White,
            Self::Black => Side::Black,
            Self::Any if js_sys::Math::random() < 0.5 => Side::White,
            Self::Any => Side::Black,
        }
    }
}

/// Where the numbers of the visitor's games are kept.
fn place(driver: &Driver) -> String {
    driver.handles.chosen_as("games")
}

/// The visitor's games, the newest first.
#[must_use]
pub fn games(driver: &Driver) -> Vec<u32> {
    let kept = browser::kept(&place(driver)).unwrap_or_default();
    serde_json::from_str(&kept).unwrap_or_default()
}

/// Remembers a game of the visitor's.
pub fn remember(driver: &Driver, number: u32) {
    let mut games = games(driver);
    if games.contains(&number) {
        return;
    }
    games.insert(0, number);
    games.truncate(50);
    browser::keep(&place(driver), &serde_json::to_string(&games).unwrap_or_default());
}

/// Offers a game; gives its number.
async fn challenge(
    driver: &Driver,
    colour: Colour,
    control: (u32, u32),
    with_house: bool,
) -> Result<u32, Trouble> {
    let house = match with_house {
        true => Some(driver.caller.account(HOUSE).await?),
        false => None,
    };
    let (minutes, seconds) = control;
    let payload = abi::challenge(colour.side(), house, minutes * 60_000, seconds * 1_000);
    let output = driver.caller.call(PLAYER, entry::CHALLENGE, payload).await?;
    let number = output.first_chunk().map(|number| u32::from_le_bytes(*number));
    let number = number.ok_or_else(|| Trouble::of("page", "the module gives no number of a game"))?;
    remember(driver, number);
    if with_house {
        driver
            .caller
            .call(HOUSE, entry::JOIN, abi::of_game(number))
            .await?;
    }
    Ok(number)
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub driver: Rc<Driver>,
}

#[component]
pub fn Lobby(props: &Props) -> Html {
    let colour = use_state_eq(Colour::default);
    let control = use_state_eq(|| 0usize);
    let busy = use_state_eq(|| None::<&'static str>);
    let failed = use_state_eq(|| None::<String>);

    let begin = {
        let (driver, colour, control, busy, failed) = (
            props.driver.clone(),
            colour.clone(),
            control.clone(),
            busy.clone(),
            failed.clone(),
        );
        move |with_house: bool| {
            let (driver, colour, busy, failed) = (driver.clone(), *colour, busy.clone(), failed.clone());
            let (_, minutes, seconds) = CONTROLS[*control];
            Callback::from(move |_: MouseEvent| {
                let (driver, busy, failed) = (driver.clone(), busy.clone(), failed.clone());
                busy.set(Some(if with_house { "house" } else { "friend" }));
                failed.set(None);
                wasm_bindgen_futures::spawn_local(async move {
                    match challenge(&driver, colour, (minutes, seconds), with_house).await {
                        Ok(number) => browser::go(&driver.handles.to(&Route::Game(number))),
                        Err(trouble) => failed.set(Some(driver.handles.caught(trouble).message)),
                    }
                    busy.set(None);
                });
            })
        }
    };
    let games = games(&props.driver);
    let is_busy = busy.is_some();
    let label = |mine: &'static str, text: &'static str| {
        if *busy == Some(mine) {
            "Setting up the board…"
        } else {
            text
        }
    };
    html! {
        <div class="lobby">
            <section class="card begin" aria-labelledby="begin">
                <h2 id="begin">{ "Play chess that checks itself" }</h2>
                <p>{ "Each move is a call to a chain. Your browser predicts it, verifies the certificate of its block, and then a proof that the rules were kept. It believes no server." }</p>
                { acts_for(&props.driver) }
                <fieldset>
                    <legend>{ "You play" }</legend>
                    { for Colour::ALL.into_iter().map(|(one, name)| {
                        let colour = colour.clone();
                        let checked = *colour == one;
                        html! {
                            <label class={classes!("choice", checked.then_some("chosen"))}>
                                <input type="radio" name="colour" {checked} onchange={Callback::from(move |_| colour.set(one))} />{ name }
                            </label>
                        }
                    }) }
                </fieldset>
                <fieldset>
                    <legend>{ "Clocks (minutes + seconds a move)" }</legend>
                    { for CONTROLS.iter().enumerate().map(|(place, (name, _, _))| {
                        let control = control.clone();
                        let checked = *control == place;
                        html! {
                            <label class={classes!("choice", checked.then_some("chosen"))}>
                                <input type="radio" name="control" {checked} onchange={Callback::from(move |_| control.set(place))} />{ *name }
                            </label>
                        }
                    }) }
                </fieldset>
                <div class="buttons">
                    <button type="button" class="primary" id="play-house" disabled={is_busy} onclick={begin(true)}>{ label("house", "Play the house") }</button>
                    <button type="button" id="invite" disabled={is_busy} onclick={begin(false)}>{ label("friend", "Invite a friend") }</button>
                </div>
                if let Some(text) = &*failed {
                    <p class="warning" role="alert">{ text }</p>
                }
                <p class="quiet">{ "No account is needed: your browser makes a key, and keeps it. The house is a small program in your browser with a key of its own." }</p>
            </section>
            <section class="card" aria-labelledby="certain">
                <h2 id="certain">{ "How certain is a move?" }</h2>
                <ol class="promise">
                    { for props.driver.handles.ladder.iter().map(|words| html! {
                        <li key={words.name.name()}><span class={classes!("rung", words.name.name())}>{ words.name.name() }</span><span>{ &words.holds }</span></li>
                    }) }
                </ol>
                <p class="quiet">{ "Each move climbs as far as your browser has checked it, and says who could still cheat." }</p>
            </section>
            if !games.is_empty() {
                <section class="card" aria-labelledby="yours">
                    <h2 id="yours">{ "Your games" }</h2>
                    <ul class="games">
                        { for games.iter().take(12).map(|number| html! {
                            <li key={*number}><a href={props.driver.handles.to(&Route::Game(*number))}>{ format!("Game {number}") }</a></li>
                        }) }
                    </ul>
                </section>
            }
        </div>
    }
}
