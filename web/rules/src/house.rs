//! The house's player: a small search, for somebody to play against at once. No engine worth the name.
//!
//! Material and where pieces stand, a few half-moves deep, captures to their end; as many positions as the time of a frame allows. The same position
//! and seed give the same move.

use crate::rules::attacks::{bit, lowest};
use crate::rules::{Kind, Move, Position, Side};

/// Worse than anything but being mated.
const MATED: i32 = -100_000;
/// Half-moves that are looked ahead, captures aside.
const DEPTH: u32 = 3;
/// Positions that are looked at at most: some tens of milliseconds in a browser.
const POSITIONS_MAX: u32 = 12_000;
/// Moves as good as the best one within this much (a hundredth of a pawn) are as good: one of them is drawn.
const AS_GOOD: i32 = 12;

/// The move that the house makes; none when there is no legal one.
#[must_use]
pub fn choose(position: &Position, seed: u64) -> Option<Move> {
    let mut search = Search { left: POSITIONS_MAX };
    let mut rated: Vec<(i32, Move)> = Vec::new();
    for mv in ordered(position, false) {
        if let Ok(after) = position.play(mv) {
            let value = -search.value(&after, DEPTH - 1, -i32::MAX, i32::MAX);
            rated.push((value, mv));
        }
    }
    let best = rated.iter().map(|(value, _)| *value).max()?;
    rated.retain(|(value, _)| *value >= best - AS_GOOD);
    let place = usize::try_from(mixed(seed) % rated.len() as u64).unwrap_or(0);
    rated.get(place).map(|(_, mv)| *mv)
}

/// Spreads the bits of a small number (the finaliser of MurmurHash3).
const fn mixed(mut seed: u64) -> u64 {
    seed ^= seed >> 33;
    seed = seed.wrapping_mul(0xff51_afd7_ed55_8ccd);
    seed ^= seed >> 33;
    seed = seed.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    seed ^ seed >> 33
}

struct Search {
    left: u32,
}

impl Search {
    /// What the position is worth to the player to move, in hundredths of a pawn.
    fn value(&mut self, position: &Position, depth: u32, mut alpha: i32, beta: i32) -> i32 {
        self.left = self.left.saturating_sub(1);
        let in_check = position.in_check();
        let is_quiet = depth == 0 && !in_check;
        let mut best = -i32::MAX;
        if is_quiet || self.left == 0 {
            best = standing(position);
            if best >= beta || self.left == 0 {
                return best;
            }
            alpha = alpha.max(best);
        }
        let moves = ordered(position, is_quiet);
        if moves.is_empty() {
            return match (is_quiet, in_check) {
                (true, _) => best,
                // Sooner is worse.
                (_, true) => MATED - i32::try_from(depth).unwrap_or(0),
                _ => 0,
            };
        }
        for mv in moves {
            let Ok(after) = position.play(mv) else { continue };
            let value = -self.value(&after, depth.saturating_sub(1), -beta, -alpha);
            best = best.max(value);
            alpha = alpha.max(value);
            if alpha >= beta {
                break;
            }
        }
        best
    }
}

/// Legal moves, or only captures and promotions: the most valuable prey first.
fn ordered(position: &Position, only_captures: bool) -> Vec<Move> {
    let board = &position.board;
    let mut moves = Vec::with_capacity(48);
    position.each_legal_move(|mv| {
        let prey = worth(board.kind_at(mv.to()));
        let promoted = mv.promotion().map_or(0, worth);
        let gain = prey + promoted;
        if gain > 0 || !only_captures {
            moves.push((gain * 16 - worth(board.kind_at(mv.from())), mv));
        }
    });
    moves.sort_by_key(|(gain, _)| -gain);
    moves.into_iter().map(|(_, mv)| mv).collect()
}

const fn worth(kind: Kind) -> i32 {
    match kind {
        Kind::PAWN => 100,
        Kind::KNIGHT => 310,
        Kind::BISHOP => 325,
        Kind::ROOK => 500,
        Kind::QUEEN => 930,
        _ => 0,
    }
}

/// Material, and where pieces like to stand, for the player to move.
fn standing(position: &Position) -> i32 {
    let side = |side: Side| {
        let mut pieces = position.board.of(side);
        let mut sum = 0;
        while pieces != 0 {
            let square = lowest(pieces);
            let kind = position.board.kind_at(square);
            sum += worth(kind) + place(kind, square, side);
            pieces &= !bit(square);
        }
        sum
    };
    side(position.turn) - side(position.turn.other())
}

/// Pieces towards the middle, pawns ahead, the king at home.
fn place(kind: Kind, square: u32, side: Side) -> i32 {
    let file = (square & 7) as i32;
    let rank = match side {
        Side::White => square >> 3,
        Side::Black => 7 - (square >> 3),
    } as i32;
    let off_middle = (2 * file - 7).abs() / 2 + (2 * rank - 7).abs() / 2;
    match kind {
        Kind::PAWN => rank * rank + if (2..6).contains(&file) { 4 * rank } else { 0 },
        Kind::KNIGHT => 24 - 8 * off_middle,
        Kind::BISHOP => 12 - 4 * off_middle,
        Kind::QUEEN => 4 - 2 * off_middle,
        Kind::KING => -10 * rank + 3 * ((2 * file - 7).abs() / 2),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fen::Fen;
    use crate::san::san;

    fn chosen(fen: &str) -> String {
        let position = Fen::parse(fen).unwrap().position;
        choose(&position, 7).map_or_else(|| "none".to_owned(), |mv| san(&position, mv))
    }

    #[test]
    fn it_mates_takes_and_saves() {
        assert_eq!(chosen("6k1/5ppp/8/8/8/8/8/R3K3 w - - 0 1"), "Ra8#");
        // Not the first mate that is found later, but the one at hand.
        assert_eq!(chosen("7k/5Q2/6K1/8/8/8/8/7q w - - 0 1"), "Qg7#");
        assert_eq!(chosen("4k3/8/8/3q4/4P3/8/8/4K3 w - - 0 1"), "exd5");
        // A queen is hanging: it goes, or takes something.
        assert_ne!(chosen("3qk3/8/8/8/8/8/3Q1PPP/3R2K1 b - - 0 1"), "Ke7");
    }

    #[test]
    fn it_plays_whole_games_by_the_rules() {
        for seed in 0..2 {
            let mut position = Position::INITIAL;
            for ply in 0..40 {
                let Some(mv) = choose(&position, seed * 1_000 + ply) else {
                    break;
                };
                position = position.play(mv).expect("a legal move");
            }
        }
        assert_eq!(choose(&Position::INITIAL, 3), choose(&Position::INITIAL, 3));
    }

    #[test]
    fn who_is_mated_has_no_move() {
        assert_eq!(chosen("R5k1/5ppp/8/8/8/8/8/4K3 b - - 0 1"), "none");
    }
}
