//! The board: pieces are dragged, tapped, or moved with the keys. Where a piece may go is shown by the rules; whether it goes there is
//! the module's to say.

use super::pieces::{at, picture, spoken};
use crate::browser;
use playfair_chess_rules::fen::square_name;
use playfair_chess_rules::rules::attacks::{LAST_RANKS, bit};
use playfair_chess_rules::rules::{Kind, Move, Position, Side};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// A pointer that goes farther than this, in pixels, drags.
const DRAG_FROM: f64 = 5.0;
const PROMOTIONS: [Kind; 4] = [Kind::QUEEN, Kind::ROOK, Kind::BISHOP, Kind::KNIGHT];

#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is drawn.
    pub position: Position,
    /// The move that is on its way: drawn, and not verified.
    #[prop_or_default]
    pub own: Option<Move>,
    /// The last verified move.
    #[prop_or_default]
    pub last: Option<Move>,
    /// Who sits below.
    pub below: Side,
    /// Whether the visitor may move now.
    pub may_move: bool,
    pub on_move: Callback<Move>,
}

/// A piece that is being dragged.
#[derive(Clone, Default)]
struct Drag {
    from: u32,
    /// Where the pointer went down.
    begin: (f64, f64),
    piece: Option<HtmlElement>,
    has_moved: bool,
}

/// Legal moves from a square, by their targets.
fn targets(position: &Position, from: u32) -> u64 {
    let mut targets = 0;
    position.each_legal_move(|mv| {
        if mv.from() == from {
            targets |= bit(mv.to());
        }
    });
    targets
}

fn promotes(position: &Position, from: u32, to: u32) -> bool {
    position.board.kind_at(from) == Kind::PAWN && bit(to) & LAST_RANKS != 0
}

/// The square under a point of the screen.
fn square_at(board: &Element, below: Side, x: f64, y: f64) -> Option<u32> {
    let rect = board.get_bounding_client_rect();
    let (column, row) = (
        (x - rect.left()) / rect.width() * 8.0,
        (y - rect.top()) / rect.height() * 8.0,
    );
    let is_on = (0.0..8.0).contains(&column) && (0.0..8.0).contains(&row);
    is_on.then(|| on_screen(below, row as u32, column as u32))
}

/// The square in a row and column of the screen.
const fn on_screen(below: Side, row: u32, column: u32) -> u32 {
    match below {
        Side::White => (7 - row) * 8 + column,
        Side::Black => row * 8 + 7 - column,
    }
}

#[component]
pub fn Board(props: &Props) -> Html {
    let selected = use_state_eq(|| None::<u32>);
    let focus = use_state_eq(|| 12u32);
    let promoting = use_state_eq(|| None::<(u32, u32)>);
    let node = use_node_ref();
    let drag = use_mut_ref(|| None::<Drag>);
    let ate_click = use_mut_ref(|| false);

    let position = props.position;
    // Nothing stays chosen when the position is another one.
    {
        let (selected, promoting) = (selected.clone(), promoting.clone());
        use_effect_with((position, props.may_move), move |_| {
            selected.set(None);
            promoting.set(None);
        });
    }

    let is_mine = {
        let may_move = props.may_move;
        move |square: u32| may_move && position.board.of(position.turn) & bit(square) != 0
    };
    let hints = selected.map_or(0, |from| targets(&position, from));

    let go = {
        let (selected, promoting, on_move) = (selected.clone(), promoting.clone(), props.on_move.clone());
        move |from: u32, to: u32| {
            if targets(&position, from) & bit(to) == 0 {
                return false;
            }
            if promotes(&position, from, to) {
                promoting.set(Some((from, to)));
            } else {
                selected.set(None);
                on_move.emit(Move::new(from, to));
            }
            true
        }
    };

    let on_square = {
        let (selected, focus, go) = (selected.clone(), focus.clone(), go.clone());
        Callback::from(move |square: u32| {
            focus.set(square);
            match *selected {
                Some(from) if from == square => selected.set(None),
                Some(from) if go(from, square) => {}
                _ => selected.set(is_mine(square).then_some(square)),
            }
        })
    };

    let on_pointer_down = {
        let (drag, node, below, ate_click) = (drag.clone(), node.clone(), props.below, ate_click.clone());
        Callback::from(move |event: PointerEvent| {
            ate_click.replace(false);
            let Some(board) = node
                .cast::<Element>()
                .filter(|_| event.button() == 0 && event.is_primary())
            else {
                return;
            };
            let point = (f64::from(event.client_x()), f64::from(event.client_y()));
            let from = square_at(&board, below, point.0, point.1).filter(|square| is_mine(*square));
            let Some(from) = from else { return };
            let piece = board.query_selector(&format!("[data-square='{}'] .piece", square_name(from)));
            *drag.borrow_mut() = Some(Drag {
                from,
                begin: point,
                // An SVG element has a style as an HTML element has.
                piece: piece.ok().flatten().map(|piece| piece.unchecked_into()),
                has_moved: false,
            });
            let _ = board.set_pointer_capture(event.pointer_id());
        })
    };
    let on_pointer_move = {
        let (drag, selected) = (drag.clone(), selected.clone());
        Callback::from(move |event: PointerEvent| {
            let mut held = drag.borrow_mut();
            let Some(drag) = held.as_mut() else { return };
            let (dx, dy) = (
                f64::from(event.client_x()) - drag.begin.0,
                f64::from(event.client_y()) - drag.begin.1,
            );
            if !drag.has_moved && dx.hypot(dy) < DRAG_FROM {
                return;
            }
            if !drag.has_moved {
                drag.has_moved = true;
                selected.set(Some(drag.from));
            }
            if let Some(piece) = &drag.piece {
                let _ = piece
                    .style()
                    .set_property("transform", &format!("translate({dx}px, {dy}px) scale(1.1)"));
                let _ = piece.class_list().add_1("dragged");
            }
        })
    };
    let on_pointer_up = {
        let (drag, node, below, ate_click, selected) = (
            drag.clone(),
            node.clone(),
            props.below,
            ate_click.clone(),
            selected.clone(),
        );
        let go = go.clone();
        let on_square = on_square.clone();
        Callback::from(move |event: PointerEvent| {
            let Some(board) = node.cast::<Element>() else {
                return;
            };
            let point = (f64::from(event.client_x()), f64::from(event.client_y()));
            let dropped = square_at(&board, below, point.0, point.1);
            let Some(held) = drag.borrow_mut().take() else {
                return;
            };
            if let Some(piece) = &held.piece {
                let _ = piece.style().remove_property("transform");
                let _ = piece.class_list().remove_1("dragged");
            }
            if event.type_() == "pointercancel" {
                return;
            }
            // Where a captured pointer's click goes, browsers do not agree on: what it means is decided here, and a click that follows is not looked at.
            if !held.has_moved {
                on_square.emit(held.from);
            } else if !dropped.is_some_and(|to| to != held.from && go(held.from, to)) {
                selected.set(None);
            }
            ate_click.replace(true);
        })
    };

    let on_key = {
        let (focus, selected, node, below) = (focus.clone(), selected.clone(), node.clone(), props.below);
        Callback::from(move |event: KeyboardEvent| {
            let (dx, dy) = match event.key().as_str() {
                "ArrowLeft" => (-1, 0),
                "ArrowRight" => (1, 0),
                "ArrowUp" => (0, 1),
                "ArrowDown" => (0, -1),
                "Escape" => {
                    selected.set(None);
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            let sign = if below == Side::White { 1 } else { -1 };
            let step = |at: u32, by: i32| (at as i32 + sign * by).clamp(0, 7) as u32;
            let next = step(*focus >> 3, dy) << 3 | step(*focus & 7, dx);
            focus.set(next);
            let found = node.cast::<Element>().and_then(|board| {
                board
                    .query_selector(&format!("[data-square='{}']", square_name(next)))
                    .ok()
                    .flatten()
            });
            if let Some(square) = found.and_then(|square| square.dyn_into::<HtmlElement>().ok()) {
                let _ = square.focus();
            }
        })
    };

    let shown = |square: u32, row: u32, column: u32| {
        let piece = at(&position.board, square);
        let touches = |mv: Option<Move>| mv.is_some_and(|mv| mv.from() == square || mv.to() == square);
        let is_hint = hints & bit(square) != 0;
        let in_check = piece == Some((Kind::KING, position.turn)) && position.in_check();
        let classes = classes!(
            "square",
            if (square ^ square >> 3) & 1 == 0 {
                "dark"
            } else {
                "light"
            },
            (*selected == Some(square)).then_some("selected"),
            is_hint.then_some(if piece.is_some() { "prey" } else { "hint" }),
            touches(props.last).then_some("last"),
            touches(props.own).then_some("own"),
            in_check.then_some("check"),
            is_mine(square).then_some("mine"),
        );
        let mut label = spoken(&position.board, square);
        if is_hint {
            label.push_str(", possible");
        }
        let (choose, ate_click) = (on_square.clone(), ate_click.clone());
        let onclick = Callback::from(move |event: MouseEvent| {
            // Keys click, too; nothing was decided about those.
            let was_decided = ate_click.replace(false) && event.detail() != 0;
            if !was_decided {
                choose.emit(square);
            }
        });
        html! {
            <button key={square} type="button" role="gridcell" class={classes} data-square={square_name(square)} aria-label={label}
                aria-selected={(*selected == Some(square)).to_string()} tabindex={if *focus == square { "0" } else { "-1" }} {onclick}>
                if column == 0 {
                    <span class="rank-name" data-name={(square / 8 + 1).to_string()} aria-hidden="true"></span>
                }
                if row == 7 {
                    <span class="file-name" data-name={square_name(square)[..1].to_owned()} aria-hidden="true"></span>
                }
                { piece.map_or_else(Html::default, |(kind, side)| picture(kind, side)) }
            </button>
        }
    };

    html! {
        <div class="board-frame">
            <div class="board" role="grid" aria-label="Chess board" ref={node} onpointerdown={on_pointer_down} onpointermove={on_pointer_move}
                onpointerup={on_pointer_up.clone()} onpointercancel={on_pointer_up} onkeydown={on_key}>
                { for (0..8).map(|row| html! {
                    <div class="rank" role="row" key={row}>
                        { for (0..8).map(|column| shown(on_screen(props.below, row, column), row, column)) }
                    </div>
                }) }
            </div>
            if let Some((from, to)) = *promoting {
                <Promotion side={position.turn} on_choose={{
                    let (promoting, selected, on_move) = (promoting.clone(), selected.clone(), props.on_move.clone());
                    Callback::from(move |kind: Option<Kind>| {
                        promoting.set(None);
                        selected.set(None);
                        if let Some(kind) = kind {
                            on_move.emit(Move::new(from, to).promoting(kind));
                        }
                    })
                }} />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct PromotionProps {
    side: Side,
    on_choose: Callback<Option<Kind>>,
}

/// What a pawn becomes.
#[component]
fn Promotion(props: &PromotionProps) -> Html {
    let first = use_node_ref();
    {
        let first = first.clone();
        use_effect_with((), move |()| {
            if let Some(button) = first.cast::<HtmlElement>() {
                let _ = button.focus();
            }
        });
    }
    let onkeydown = {
        let on_choose = props.on_choose.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                on_choose.emit(None);
            }
        })
    };
    html! {
        <div class="promotion" role="dialog" aria-modal="true" aria-label="Promote to" {onkeydown}>
            { for PROMOTIONS.into_iter().enumerate().map(|(place, kind)| html! {
                <button type="button" key={place} ref={if place == 0 { first.clone() } else { NodeRef::default() }}
                    aria-label={super::pieces::kind_name(kind)} onclick={props.on_choose.reform(move |_| Some(kind))}>
                    { picture(kind, props.side) }
                </button>
            }) }
            <button type="button" class="quiet" onclick={props.on_choose.reform(|_| None)}>{ "Cancel" }</button>
        </div>
    }
}

/// Puts the keyboard on the board.
pub fn focus() {
    let found = browser::window()
        .document()
        .and_then(|document| document.query_selector(".board [tabindex='0']").ok().flatten());
    if let Some(square) = found.and_then(|square| square.dyn_into::<HtmlElement>().ok()) {
        let _ = square.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_lie_where_they_are_seen() {
        assert_eq!(
            (on_screen(Side::White, 7, 0), on_screen(Side::White, 0, 7)),
            (0, 63)
        );
        assert_eq!(
            (on_screen(Side::Black, 7, 0), on_screen(Side::Black, 0, 7)),
            (63, 0)
        );
        assert_eq!(targets(&Position::INITIAL, 12), bit(20) | bit(28));
        assert_eq!(targets(&Position::INITIAL, 52), 0);
    }
}
