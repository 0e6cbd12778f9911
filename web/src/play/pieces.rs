//! Pieces: shapes that index.html brings, and their names.

use playfair_chess_rules::fen::square_name;
use playfair_chess_rules::rules::{Board, Kind, Side};
use yew::prelude::*;

/// The six kinds: symbols of index.html, and words.
#[must_use]
pub const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::PAWN => "pawn",
        Kind::KNIGHT => "knight",
        Kind::BISHOP => "bishop",
        Kind::ROOK => "rook",
        Kind::QUEEN => "queen",
        Kind::KING => "king",
        _ => "empty",
    }
}

/// A side in words.
#[must_use]
pub const fn side_name(side: Side) -> &'static str {
    match side {
        Side::White => "white",
        Side::Black => "black",
    }
}

/// What stands on a square.
#[must_use]
pub fn at(board: &Board, square: u32) -> Option<(Kind, Side)> {
    let kind = board.kind_at(square);
    let side = if board.white >> (square & 63) & 1 == 1 {
        Side::White
    } else {
        Side::Black
    };
    (kind != Kind::NONE).then_some((kind, side))
}

/// A square as a screen reader says it.
#[must_use]
pub fn spoken(board: &Board, square: u32) -> String {
    let name = square_name(square);
    match at(board, square) {
        Some((kind, side)) => format!("{name}, {} {}", side_name(side), kind_name(kind)),
        None => name,
    }
}

/// A piece's picture.
pub fn picture(kind: Kind, side: Side) -> Html {
    let href = format!("#piece-{}", kind_name(kind));
    html! {
        <svg class={classes!("piece", side_name(side))} viewBox="0 0 45 45" aria-hidden="true" focusable="false">
            <use href={href} />
        </svg>
    }
}
