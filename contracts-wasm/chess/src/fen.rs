//! Positions in Forsyth-Edwards notation, for clients and tests.
//!
//! En passant is read as FEN writers mean it (the square behind a pawn that has just gone two squares) and kept only if
//! such a capture is legal; it is written only then.

use crate::rules::attacks::bit;
use crate::rules::{Board, Kind, Position, Rights, Side};
use std::fmt;

/// A position with its two counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fen {
    /// The position.
    pub position: Position,
    /// Half-moves since the last pawn move or capture.
    pub quiet: u8,
    /// Number of the move, from 1.
    pub number: u32,
}

/// Text that is no FEN, by the field that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FenError {
    /// The pieces.
    Pieces,
    /// The side to move.
    Turn,
    /// Castling rights.
    Castling,
    /// En passant.
    EnPassant,
    /// A counter, or more fields than six.
    Counter,
    /// The fields contradict each other: kings, pawns on a last rank, rights without king and rook at home.
    Position,
}

impl fmt::Display for FenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pieces => "write the pieces as eight ranks of pnbrqkPNBRQK and digits",
            Self::Turn => "write the side to move as w or b",
            Self::Castling => "write castling rights as KQkq, some of these, or -",
            Self::EnPassant => "write the en passant square as a3 to h3, a6 to h6, or -",
            Self::Counter => "write the half-move clock (0 to 149) and the move number (from 1), or neither",
            Self::Position => "no chess game has this position",
        })
    }
}

impl std::error::Error for FenError {}

const LETTERS: [(char, Kind); 6] = [
    ('p', Kind::PAWN),
    ('n', Kind::KNIGHT),
    ('b', Kind::BISHOP),
    ('r', Kind::ROOK),
    ('q', Kind::QUEEN),
    ('k', Kind::KING),
];

impl Fen {
    /// Reads a FEN of four or six fields.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn parse(text: &str) -> Result<Self, FenError> {
        let mut fields = text.split_ascii_whitespace();
        let board = parse_board(fields.next().unwrap_or(""))?;
        let turn = match fields.next() {
            Some("w") => Side::White,
            Some("b") => Side::Black,
            _ => return Err(FenError::Turn),
        };
        let mut position = Position {
            board,
            turn,
            rights: parse_rights(fields.next().unwrap_or(""))?,
            en_passant: 0,
        };
        if !position.is_valid() {
            return Err(FenError::Position);
        }
        allow_en_passant(&mut position, fields.next().unwrap_or(""))?;
        let quiet = fields.next().map_or(Ok(0), str::parse).ok();
        let number = fields.next().map_or(Ok(1), str::parse).ok();
        match (quiet, number, fields.next()) {
            (Some(quiet @ 0..=149), Some(number @ 1..), None) => Ok(Self {
                position,
                quiet,
                number,
            }),
            _ => Err(FenError::Counter),
        }
    }
}

fn parse_board(text: &str) -> Result<Board, FenError> {
    let mut board = Board::default();
    let mut ranks = 0;
    for (row, rank) in text.split('/').enumerate() {
        let mut file = 0;
        for c in rank.chars() {
            if let Some(skip @ 1..=8) = c.to_digit(10) {
                file = (file + skip).min(9);
                continue;
            }
            let letter = c.to_ascii_lowercase();
            let Some((_, kind)) = LETTERS.iter().find(|(l, _)| *l == letter) else {
                return Err(FenError::Pieces);
            };
            if row > 7 || file > 7 {
                return Err(FenError::Pieces);
            }
            let square = 56 - 8 * row as u32 + file;
            let side = if c == letter { Side::Black } else { Side::White };
            board = board.with(0, square, *kind, side);
            file += 1;
        }
        if file != 8 {
            return Err(FenError::Pieces);
        }
        ranks += 1;
    }
    if ranks == 8 {
        Ok(board)
    } else {
        Err(FenError::Pieces)
    }
}

fn parse_rights(text: &str) -> Result<Rights, FenError> {
    let mut rights = 0;
    let mut letters = "KQkq".chars().enumerate();
    if text != "-" {
        for c in text.chars() {
            let (index, _) = letters.find(|(_, l)| *l == c).ok_or(FenError::Castling)?;
            rights |= 1 << index;
        }
        if rights == 0 {
            return Err(FenError::Castling);
        }
    }
    Ok(Rights(rights))
}

fn allow_en_passant(position: &mut Position, text: &str) -> Result<(), FenError> {
    if text == "-" {
        return Ok(());
    }
    let (rank, pawn_rank, origin_rank) = match position.turn {
        Side::White => (5, 4, 6),
        Side::Black => (2, 3, 1),
    };
    let target = parse_square(text).ok_or(FenError::EnPassant)?;
    let file = target & 7;
    let pawn = pawn_rank * 8 + file;
    let board = &position.board;
    let stands = board.pawns() & board.of(position.turn.other()) & bit(pawn) != 0;
    let empty = board.occupied() & (bit(target) | bit(origin_rank * 8 + file)) == 0;
    if target >> 3 != rank || !stands || !empty {
        return Err(FenError::EnPassant);
    }
    position.set_en_passant(pawn);
    Ok(())
}

/// The square with a name like e4.
#[must_use]
pub fn parse_square(text: &str) -> Option<u32> {
    match text.as_bytes() {
        [file @ b'a'..=b'h', rank @ b'1'..=b'8'] => Some(u32::from(rank - b'1') * 8 + u32::from(file - b'a')),
        _ => None,
    }
}

/// The name of a square, like e4.
#[must_use]
pub fn square_name(square: u32) -> String {
    let letter = |first: u8, index: u32| char::from(first + (index & 7) as u8);
    [letter(b'a', square), letter(b'1', square >> 3)].iter().collect()
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position {
            board,
            turn,
            rights,
            en_passant,
        } = self.position;
        for rank in (0..8).rev() {
            let mut empty = 0;
            for file in 0..8 {
                let square = rank * 8 + file;
                let kind = board.kind_at(square);
                let Some((letter, _)) = LETTERS.iter().find(|(_, k)| *k == kind) else {
                    empty += 1;
                    continue;
                };
                if empty > 0 {
                    write!(f, "{empty}")?;
                    empty = 0;
                }
                let is_white = board.white & bit(square) != 0;
                write!(
                    f,
                    "{}",
                    if is_white {
                        letter.to_ascii_uppercase()
                    } else {
                        *letter
                    }
                )?;
            }
            if empty > 0 {
                write!(f, "{empty}")?;
            }
            if rank > 0 {
                f.write_str("/")?;
            }
        }
        f.write_str(if turn == Side::White { " w " } else { " b " })?;
        for (index, letter) in "KQkq".chars().enumerate() {
            if rights.0 >> index & 1 != 0 {
                write!(f, "{letter}")?;
            }
        }
        if rights.0 == 0 {
            f.write_str("-")?;
        }
        if en_passant == 0 {
            f.write_str(" -")?;
        } else {
            let target = self.position.en_passant_target().trailing_zeros();
            write!(f, " {}", square_name(target))?;
        }
        write!(f, " {} {}", self.quiet, self.number)
    }
}
