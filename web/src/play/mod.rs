//! Playing: the lobby, and one game with its board, moves and ladder.

pub mod abi;
mod acting;
mod board;
pub mod caller;
mod clock;
pub mod driver;
pub mod game;
mod ladder;
mod lobby;
mod moves;
mod pieces;
pub mod session;
mod waiting;

use crate::browser;
use crate::chain;
use crate::lies::MakeLie;
use crate::route::Route;
use crate::sure::Sure;
use crate::text;
use crate::told::Rung;
use abi::{AccountId, entry};
use acting::acts_for;
use board::Board;
use caller::{HOUSE, PLAYER};
pub use clock::use_now;
use driver::Driver;
use game::{State, Stored};
use ladder::{Ladder, Queue};
use lobby::Lobby;
use moves::Moves;
use playfair_chess_rules::game::{Draw, Game, Status, Win};
use playfair_chess_rules::rules::{Move, Side};
use std::rc::Rc;
use waiting::Waiting;
use yew::prelude::*;

#[derive(Properties)]
pub struct Props {
    pub driver: Rc<Driver>,
    /// What is known of the chain: each change is a reason to look.
    pub chain: Rc<chain::State>,
    /// The game that is shown; none in the lobby.
    pub number: Option<u32>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.driver, &other.driver)
            && Rc::ptr_eq(&self.chain, &other.chain)
            && self.number == other.number
    }
}

/// Whom the visitor's keys play for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Us {
    player: Option<AccountId>,
    house: Option<AccountId>,
}

#[component]
pub fn Play(props: &Props) -> Html {
    let game = use_state(|| props.driver.game.get());
    let us = use_state_eq(Us::default);
    {
        let game = game.clone();
        use_effect_with((), {
            let driver = props.driver.clone();
            move |()| driver.game.listen(Callback::from(move |state| game.set(state)))
        });
    }
    {
        let (driver, us) = (props.driver.clone(), us.clone());
        // A visitor's keys are made by what he does first, which the chain goes on with.
        let head = props.chain.view.as_ref().and_then(|view| view.head.as_ref());
        let unless_known = us.player.is_none().then(|| head.map(|head| head.height));
        use_effect_with((props.number, unless_known), move |(number, _)| {
            if let Some(number) = *number {
                driver.open(number);
            }
            wasm_bindgen_futures::spawn_local(async move {
                // Who the visitor is, no node has a say in.
                let of = |name| driver.caller.acts_for(name);
                let (player, house) = (of(PLAYER).await, of(HOUSE).await);
                us.set(Us {
                    player: player.ok().flatten(),
                    house: house.ok().flatten(),
                });
            });
        });
    }
    {
        let driver = props.driver.clone();
        let view = props.chain.view.clone();
        use_effect_with((props.number, view), move |_| {
            wasm_bindgen_futures::spawn_local(driver.look())
        });
    }
    let Some(number) = props.number else {
        return html! { <Lobby driver={props.driver.clone()} /> };
    };
    let content = match &game.stored {
        _ if game.number != number => html! { <Empty text="Opening the game…" /> },
        None => html! {
            <>
                <Empty text="Asking the node, and checking what it says…" />
                if let Some(notice) = &game.notice {
                    <p class="warning" role="alert">{ &notice.text }</p>
                }
            </>
        },
        Some((height, Stored::Nothing)) => html! {
            <div class="card">
                <h2>{ format!("There is no game {number}") }</h2>
                <p>{ format!("That is verified: the state after block {height} has neither a game nor a challenge of this number.") }</p>
                <a class="button" href={props.driver.handles.to(&Route::Lobby)}>{ "To the lobby" }</a>
            </div>
        },
        Some((_, Stored::Challenge(challenge))) => html! {
            <Waiting driver={props.driver.clone()} {number} challenge={*challenge} is_mine={us.player == Some(challenge.by)} />
        },
        Some((_, Stored::Game(_))) => {
            html! { <Table driver={props.driver.clone()} game={(*game).clone()} us={*us} chain={props.chain.clone()} /> }
        }
    };
    html! { <div class="play" data-game={number.to_string()}>{ content }</div> }
}

#[derive(Properties, PartialEq)]
struct EmptyProps {
    text: AttrValue,
}

#[component]
fn Empty(props: &EmptyProps) -> Html {
    html! { <div class="card empty" role="status"><p>{ &props.text }</p></div> }
}

#[derive(Properties)]
struct TableProps {
    driver: Rc<Driver>,
    game: Rc<State>,
    us: Us,
    chain: Rc<chain::State>,
}

impl PartialEq for TableProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.game, &other.game) && self.us == other.us && Rc::ptr_eq(&self.chain, &other.chain)
    }
}

/// How the game stands, in words.
fn standing(game: &Game, mine: Option<Side>) -> String {
    let who = |side: Side| match mine {
        Some(own) if own == side => "You".to_owned(),
        _ => if side == Side::White { "White" } else { "Black" }.to_owned(),
    };
    match game.status() {
        Status::Won(side, how) => {
            let how = match how {
                Win::Checkmate => "checkmate",
                Win::Resignation => "resignation",
                Win::Time => "time",
            };
            let verb = if mine == Some(side) { "win" } else { "wins" };
            format!("{} {verb} by {how}", who(side))
        }
        Status::Drawn(how) => format!(
            "Drawn: {}",
            match how {
                Draw::Stalemate => "stalemate",
                Draw::DeadPosition => "nobody can mate",
                Draw::Agreement => "by agreement",
                Draw::Threefold => "the same position three times",
                Draw::FiftyMoves => "fifty moves without progress",
                Draw::Fivefold => "the same position five times",
                Draw::SeventyFiveMoves => "seventy-five moves without progress",
                Draw::TimeWithoutMaterial => "time is up, but nobody can mate",
            }
        ),
        Status::Playing => {
            let check = if game.position().in_check() {
                ", in check"
            } else {
                ""
            };
            match mine {
                Some(own) if own == game.turn() => format!("Your move{check}"),
                _ => format!("{} to move{check}", who(game.turn())),
            }
        }
    }
}

/// The board with all around it.
#[component]
fn Table(props: &TableProps) -> Html {
    let chosen = use_state_eq(|| None::<usize>);
    let flipped = use_state_eq(|| false);
    let offers = use_state_eq(|| false);
    let (driver, state) = (&props.driver, &props.game);
    let now = use_now(
        200,
        state
            .game()
            .is_some_and(|game| game.control().base_ms > 0 && game.status() == Status::Playing),
    ) as u64;
    let Some(game) = state.game() else {
        return Html::default();
    };
    let number = state.number;

    let mine = props.us.player.and_then(|account| state.side_of(&account));
    let house = props.us.house.and_then(|account| state.side_of(&account));
    let below = match (mine.unwrap_or(Side::White), *flipped) {
        (side, false) => side,
        (side, true) => side.other(),
    };
    let played = state.played();
    let looked_at = chosen.and_then(|place| played.get(place));
    let (position, own) = match looked_at {
        Some(one) => (one.after, None),
        None => state.shown().unwrap_or((*game.position(), None)),
    };
    let last = match looked_at {
        Some(one) => Some(one.mv),
        None => played
            .get(usize::from(game.ply()).wrapping_sub(1))
            .map(|one| one.mv),
    };
    let is_free = state.pending.is_none() && game.status() == Status::Playing;
    let is_turn = is_free && mine == Some(game.turn());

    let on_move = {
        let (driver, offers) = (driver.clone(), offers.clone());
        Callback::from(move |mv: Move| {
            let entry = if *offers { entry::OFFER_DRAW } else { entry::PLAY };
            offers.set(false);
            wasm_bindgen_futures::spawn_local(driver.clone().act(
                entry,
                abi::of_move(number, mv.0),
                Some(mv),
            ));
        })
    };
    let act = |entry: u8| {
        let driver = driver.clone();
        Callback::from(move |_: MouseEvent| {
            wasm_bindgen_futures::spawn_local(driver.clone().act(entry, abi::of_game(number), None))
        })
    };

    let seat = |side: Side| {
        let name = match side {
            side if mine == Some(side) => "You".to_owned(),
            side if house == Some(side) => "The house".to_owned(),
            side => text::short(&text::hex(&game.player(side))),
        };
        let is_turn = game.status() == Status::Playing && game.turn() == side;
        let left = clock::left(game, side, now);
        html! {
            <div class={classes!("seat", is_turn.then_some("turn"))}>
                <span class={classes!("chip", pieces::side_name(side))} aria-hidden="true"></span>
                <span class="who">{ name }<span class="sr">{ format!(", {}", pieces::side_name(side)) }</span></span>
                if let Some(left) = left {
                    <span class={classes!("clock", (left < 20_000).then_some("low"))} role="timer">{ text::clock(left) }</span>
                }
            </div>
        }
    };
    let is_late = mine.is_some_and(|side| {
        is_free && game.turn() != side && clock::left(game, side.other(), now) == Some(0)
    });

    // The ladder is about the move that is looked at, else the one on its way, else the last one.
    let shown = looked_at.or_else(|| played.get(usize::from(game.ply()).wrapping_sub(1)));
    let ladder = match (&state.pending, looked_at, shown) {
        (Some(pending), None, _) if pending.predicted.is_none() => html! {
            <section class="ladder" role="status"><p class="quiet">{ "Signing, and running the module here…" }</p></section>
        },
        (Some(pending), None, _) => html! {
            <Ladder title={pending.mv.map_or("Your call".to_owned(), |mv| format!("Your move {}", playfair_chess_rules::san::san(game.position(), mv)))}
                rung={Rung::Predicted} took={[pending.predicted, None, None]} words={driver.handles.ladder.clone()} />
        },
        (_, _, Some(one)) => {
            let ply = &state.plies[one.ply];
            let who = if Some(abi::account(&ply.by).unwrap_or_default()) == props.us.player {
                "Your move"
            } else {
                "The move"
            };
            let queue = Queue {
                since_ms: ply.time_ms as f64,
                usual_ms: state.usual_queue_ms(),
            };
            html! {
                <Ladder title={format!("{who} {}", one.san)} rung={ply.rung} took={[ply.times.predicted, ply.times.sequenced, ply.times.proven]} {queue}
                    words={driver.handles.ladder.clone()} href={driver.handles.to(&Route::Call(ply.id.clone()))} />
            }
        }
        _ => Html::default(),
    };
    let rung = state.rung();
    let announced = match played.last() {
        Some(one) => format!("{}. {}", one.san, standing(game, mine)),
        None => standing(game, mine),
    };
    let choose = {
        let chosen = chosen.clone();
        Callback::from(move |place| chosen.set(place))
    };
    html! {
        <div class="table">
            <div class="left">
                { seat(below.other()) }
                <Board {position} {own} {last} {below} may_move={is_turn && looked_at.is_none()} {on_move} />
                { seat(below) }
                <p class="rung-line" data-rung={rung.map_or("", |(rung, _)| rung.name())} data-ply={game.ply().to_string()}>
                    if looked_at.is_some() {
                        { "An earlier position. " }
                        <button type="button" class="link" onclick={choose.reform(|_| None)}>{ "Back to now" }</button>
                    } else if let Some((rung, height)) = rung {
                        <span class={classes!("rung", rung.name())}>{ rung.name() }</span>
                        { if own.is_some() { format!("Position after block {height}, and your move on top, which is not verified yet") }
                          else { format!("Position after block {height}") } }
                    }
                </p>
            </div>
            <div class="right">
                <section class="card state">
                    <h2>{ standing(game, mine) }</h2>
                    if mine.is_none() {
                        <p class="quiet">{ "You are watching. Nothing that you see here is believed: it is all checked in your browser." }</p>
                    }
                    { acts_for(driver) }
                    if let Some(notice) = &state.notice {
                        <p class={if notice.is_bad { "warning" } else { "quiet" }} role="alert">{ &notice.text }</p>
                    }
                    if game.is_offered_draw() && mine == Some(game.turn()) {
                        <p role="status">{ "Your opponent offers a draw." }
                            <button type="button" disabled={!is_free} onclick={act(entry::ACCEPT_DRAW)}>{ "Accept it" }</button></p>
                    }
                    <div class="buttons">
                        if mine.is_some() && game.status() == Status::Playing {
                            if is_turn && game.claimable().is_some() {
                                <button type="button" onclick={act(entry::CLAIM_DRAW)}>{ "Claim the draw" }</button>
                            }
                            if is_late {
                                <button type="button" class="primary" onclick={act(entry::CLAIM_TIME)}>{ "Claim the win on time" }</button>
                            }
                            if house.is_none() {
                                <button type="button" aria-pressed={offers.to_string()} disabled={!is_turn} onclick={{
                                    let offers = offers.clone();
                                    Callback::from(move |_| offers.set(!*offers))
                                }}>{ if *offers { "Draw is offered with your move" } else { "Offer a draw" } }</button>
                            }
                            <Sure button="Resign" yes="Yes, I resign" disabled={!is_free} on_yes={act(entry::RESIGN)} />
                        }
                        <button type="button" onclick={{ let flipped = flipped.clone(); Callback::from(move |_| flipped.set(!*flipped)) }}>{ "Turn the board" }</button>
                        if game.status() != Status::Playing {
                            <a class="button primary" href={driver.handles.to(&Route::Lobby)}>{ "New game" }</a>
                        }
                    </div>
                </section>
                <Moves game={state.clone()} chosen={*chosen} on_choose={choose} />
                { ladder }
                <MakeLie driver={driver.clone()} chain={props.chain.clone()} />
            </div>
            <div class="sr" aria-live="polite">{ announced }</div>
        </div>
    }
}

/// The address of a game, to be given to somebody.
#[must_use]
pub fn invitation(driver: &Driver, number: u32) -> String {
    format!(
        "{}{}",
        browser::address(),
        driver.handles.to(&Route::Game(number))
    )
}

/// Puts the keyboard on the page's content: on the board, if there is one.
pub fn focus_main() {
    board::focus();
}

/// The name of a key of this browser's, for people.
#[must_use]
pub fn key_title(name: &str) -> &str {
    match name {
        PLAYER => "You",
        HOUSE => "The house",
        other => other,
    }
}
