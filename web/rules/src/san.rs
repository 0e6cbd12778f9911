//! Moves in standard algebraic notation (FIDE Laws, appendix C).

use crate::fen::square_name;
use crate::rules::attacks::bit;
use crate::rules::{Kind, Move, Position};

/// A kind's letter; none for a pawn.
#[must_use]
pub const fn letter(kind: Kind) -> &'static str {
    match kind {
        Kind::KNIGHT => "N",
        Kind::BISHOP => "B",
        Kind::ROOK => "R",
        Kind::QUEEN => "Q",
        Kind::KING => "K",
        _ => "",
    }
}

/// A legal move in the position before it.
#[must_use]
pub fn san(position: &Position, mv: Move) -> String {
    let mut text = without_check(position, mv);
    if let Ok(after) = position.play(mv) {
        if after.is_checkmate() {
            text.push('#');
        } else if after.in_check() {
            text.push('+');
        }
    }
    text
}

fn without_check(position: &Position, mv: Move) -> String {
    let board = &position.board;
    let (from, to) = (mv.from(), mv.to());
    let kind = board.kind_at(from);
    if kind == Kind::KING && from.abs_diff(to) == 2 {
        return if to > from { "O-O" } else { "O-O-O" }.to_owned();
    }
    let is_pawn = kind == Kind::PAWN;
    let captures = board.occupied() & bit(to) != 0 || is_pawn && from & 7 != to & 7;
    let name = square_name(from);
    let mut text = letter(kind).to_owned();
    if is_pawn && captures {
        text.push_str(&name[..1]);
    } else if !is_pawn {
        let (file, rank) = told_apart(position, mv, kind);
        text.push_str(&name[usize::from(!file)..1 + usize::from(rank)]);
    }
    if captures {
        text.push('x');
    }
    text.push_str(&square_name(to));
    if let Some(promoted) = mv.promotion().filter(|kind| *kind != Kind::NONE) {
        text.push('=');
        text.push_str(letter(promoted));
    }
    text
}

/// Whether the file and the rank of the square that is left must be said: the file if it is enough, else the rank, else both.
fn told_apart(position: &Position, mv: Move, kind: Kind) -> (bool, bool) {
    let (mut any, mut file, mut rank) = (false, false, false);
    position.each_legal_move(|other| {
        let from = other.from();
        if other.to() == mv.to() && from != mv.from() && position.board.kind_at(from) == kind {
            any = true;
            file |= from & 7 == mv.from() & 7;
            rank |= from >> 3 == mv.from() >> 3;
        }
    });
    (any && (!file || rank), file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fen::Fen;

    /// All legal moves of a position as written.
    fn all(fen: &str) -> Vec<String> {
        let position = Fen::parse(fen).unwrap().position;
        let mut all = Vec::new();
        position.each_legal_move(|mv| all.push(san(&position, mv)));
        all.sort();
        all
    }

    fn has(fen: &str, wanted: &[&str], unwanted: &[&str]) {
        let all = all(fen);
        for text in wanted {
            assert!(all.iter().any(|found| found == text), "{text} in {all:?}");
        }
        for text in unwanted {
            assert!(!all.iter().any(|found| found == text), "{text} in {all:?}");
        }
    }

    #[test]
    fn moves_are_written_as_the_laws_say() {
        has(
            "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
            &["e4", "Nf3", "a3"],
            &["e2e4"],
        );
        has(
            "r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1",
            &["O-O", "O-O-O", "Rxa8+", "Rxh8+", "Ke2"],
            &[],
        );
        has(
            "7k/P7/8/8/8/8/8/K7 w - - 0 1",
            &["a8=Q+", "a8=N", "a8=R+", "a8=B"],
            &["a8"],
        );
        has("4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 2", &["exd6", "e6"], &[]);
        has("6k1/5ppp/8/8/8/8/8/R3K3 w Q - 0 1", &["Ra8#", "O-O-O"], &["Ra8"]);
    }

    #[test]
    fn pieces_are_told_apart_by_file_then_rank_then_both() {
        has("k7/8/8/8/8/8/K7/R6R w - - 0 1", &["Rae1", "Rhe1"], &["Re1"]);
        has(
            "7k/8/R7/8/8/8/8/R1K5 w - - 0 1",
            &["R1a3", "R6a3"],
            &["Ra3", "Raa3"],
        );
        // Of three queens one needs its file, one its rank, and the one between them both.
        has(
            "8/2k5/8/8/Q6Q/8/8/K6Q w - - 0 1",
            &["Qae4", "Q1e4", "Qh4e4", "Q4e1", "Q1e1"],
            &["Qe4", "Qhe4", "Q4e4"],
        );
    }
}
