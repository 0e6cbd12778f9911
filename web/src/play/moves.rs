//! The list of moves, each with its rung.

use super::game::State;
use crate::told::Rung;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub game: Rc<State>,
    /// The move that is looked at.
    pub chosen: Option<usize>,
    pub on_choose: Callback<Option<usize>>,
}

#[component]
pub fn Moves(props: &Props) -> Html {
    let played = props.game.played();
    let missing = props.game.missing().unwrap_or(0);
    let pending = props.game.pending.as_ref().and_then(|pending| pending.mv);
    let own = pending.and_then(|mv| {
        let game = props
            .game
            .game()
            .filter(|game| played.len() <= usize::from(game.ply()))?;
        let before = *game.position();
        before
            .play(mv)
            .ok()
            .map(|_| playfair_chess_rules::san::san(&before, mv))
    });
    let end = use_node_ref();
    {
        let end = end.clone();
        use_effect_with((played.len(), own.is_some()), move |_| {
            if let Some(list) = end.cast::<web_sys::Element>() {
                list.set_scroll_top(list.scroll_height());
            }
        });
    }
    let cell = |place: usize| {
        let Some(one) = played.get(place) else {
            let is_own = own.as_ref().filter(|_| place == played.len());
            return is_own.map_or_else(
                || html! { <span class="move none"></span> },
                |san| {
                    let predicted = props.game.pending.as_ref().is_some_and(|pending| pending.predicted.is_some());
                    let rung = if predicted { "predicted" } else { "asked" };
                    html! { <span class={classes!("move", rung)}><span class="dot" aria-hidden="true"></span>{ san }<span class="sr">{ format!(", {rung}") }</span></span> }
                },
            );
        };
        let rung = props
            .game
            .plies
            .get(one.ply)
            .map_or(Rung::Sequenced, |ply| ply.rung);
        let is_chosen = props.chosen == Some(place);
        let onclick = props.on_choose.reform(move |_| (!is_chosen).then_some(place));
        html! {
            <button type="button" class={classes!("move", rung.name(), is_chosen.then_some("chosen"))} aria-pressed={is_chosen.to_string()} {onclick}>
                <span class="dot" aria-hidden="true"></span>{ &one.san }<span class="sr">{ format!(", {}", rung.name()) }</span>
            </button>
        }
    };
    let rows = (played.len() + usize::from(own.is_some())).div_ceil(2);
    html! {
        <section class="moves" aria-label="Moves">
            if rows == 0 && missing == 0 {
                <p class="quiet">{ "No move yet. Each one will show how far it was verified here." }</p>
            }
            <ol ref={end} tabindex="0" aria-label="Moves so far">
                { for (0..rows).map(|row| html! {
                    <li key={row}><span class="number">{ format!("{}.", row + 1) }</span>{ cell(2 * row) }{ cell(2 * row + 1) }</li>
                }) }
            </ol>
            if missing > 0 {
                <p class="warning" role="status">{ format!("The node has not shown {missing} of the moves yet. The position on the board is verified all the same.") }</p>
            }
        </section>
    }
}
