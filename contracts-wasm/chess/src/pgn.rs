//! Games in Portable Game Notation, for clients and tests: tags, moves in SAN, comments, annotation glyphs, variations
//! (skipped) and the result.
//!
//! A move is understood by looking for the one legal move that fits it, so a game that is read is legal. Check and mate signs are
//! not compared with the board.

use crate::fen::{Fen, FenError};
use crate::rules::{Kind, Move, Position};
use std::fmt;

/// The result at the end of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Score {
    /// 1-0
    White,
    /// 0-1
    Black,
    /// 1/2-1/2
    Draw,
    /// *
    Unknown,
}

/// A game that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pgn {
    /// Names and values of the tags.
    pub tags: Vec<(String, String)>,
    /// The position it begins with.
    pub start: Position,
    /// Half-moves before it since a pawn move or capture.
    pub quiet: u8,
    /// Its moves, all legal.
    pub moves: Vec<Move>,
    /// Its result.
    pub score: Score,
}

/// Text that is no PGN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PgnError {
    /// A tag is not `[Name "value"]`, from this line on.
    Tag(usize),
    /// A comment or variation is never closed.
    Unclosed,
    /// The FEN tag is wrong.
    Fen(FenError),
    /// No legal move fits this text.
    NoMove(String),
    /// More than one legal move fits this text.
    Ambiguous(String),
    /// A game has no result at its end.
    NoResult,
}

impl fmt::Display for PgnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(line) => write!(f, "line {line}: write a tag as [Name \"value\"]"),
            Self::Unclosed => f.write_str("close every comment with } and every variation with )"),
            Self::Fen(error) => write!(f, "FEN tag: {error}"),
            Self::NoMove(text) => write!(f, "no legal move is {text}"),
            Self::Ambiguous(text) => write!(f, "more than one legal move is {text}"),
            Self::NoResult => f.write_str("end a game with 1-0, 0-1, 1/2-1/2 or *"),
        }
    }
}

impl std::error::Error for PgnError {}

impl Pgn {
    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        let (_, value) = self.tags.iter().find(|(tag, _)| tag == name)?;
        Some(value)
    }

    /// Reads every game of a file.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, PgnError> {
        let mut reader = Reader { rest: text, line: 1 };
        let mut games = Vec::new();
        while reader.skip_space() {
            games.push(reader.game()?);
        }
        Ok(games)
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    /// Skips white space and escaped lines; whether anything follows.
    fn skip_space(&mut self) -> bool {
        loop {
            let trimmed = self.rest.trim_start();
            let space = &self.rest[..self.rest.len() - trimmed.len()];
            let at_line_start = space.ends_with('\n') || (self.line == 1 && space.is_empty());
            self.line += space.matches('\n').count();
            self.rest = trimmed;
            if !(at_line_start && self.rest.starts_with('%')) {
                return !self.rest.is_empty();
            }
            // The line end stays, so that an escape on the next line is seen too.
            self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end..]);
        }
    }

    /// Skips the text up to `end`, and `end` itself.
    fn skip_until(&mut self, end: char) -> Result<(), PgnError> {
        let (skipped, rest) = self.rest.split_once(end).ok_or(PgnError::Unclosed)?;
        self.line += skipped.matches('\n').count() + usize::from(end == '\n');
        self.rest = rest;
        Ok(())
    }

    fn tags(&mut self) -> Result<Vec<(String, String)>, PgnError> {
        let mut tags = Vec::new();
        while self.skip_space() && self.rest.starts_with('[') {
            tags.push(self.tag().ok_or(PgnError::Tag(self.line))?);
        }
        Ok(tags)
    }

    fn tag(&mut self) -> Option<(String, String)> {
        let name = self.rest.get(1..)?.split('"').next()?;
        self.rest = self.rest.get(1 + name.len() + 1..)?;
        let name = name.trim();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return None;
        }
        let mut value = String::new();
        loop {
            let c = self.rest.chars().next()?;
            self.rest = &self.rest[c.len_utf8()..];
            match c {
                '"' => break,
                '\n' => return None,
                '\\' => {
                    let escaped = self.rest.chars().next().filter(|c| matches!(c, '"' | '\\'))?;
                    self.rest = &self.rest[1..];
                    value.push(escaped);
                }
                c => value.push(c),
            }
        }
        self.rest = self.rest.trim_start_matches([' ', '\t']).strip_prefix(']')?;
        Some((name.to_owned(), value))
    }

    fn game(&mut self) -> Result<Pgn, PgnError> {
        let tags = self.tags()?;
        let mut position = Position::INITIAL;
        let mut quiet = 0;
        if let Some((_, fen)) = tags.iter().find(|(name, _)| name == "FEN") {
            let fen = Fen::parse(fen).map_err(PgnError::Fen)?;
            (position, quiet) = (fen.position, fen.quiet);
        }
        let (start, mut moves) = (position, Vec::new());
        while self.skip_space() {
            let score = match self.token()? {
                Token::Nothing => continue,
                Token::Score(score) => score,
                Token::Move(text) => {
                    let (mv, next) = find_move(&position, text)?;
                    moves.push(mv);
                    position = next;
                    continue;
                }
            };
            return Ok(Pgn {
                tags,
                start,
                quiet,
                moves,
                score,
            });
        }
        Err(PgnError::NoResult)
    }

    fn token(&mut self) -> Result<Token<'a>, PgnError> {
        match self.rest.as_bytes() {
            [b'{', ..] => {
                self.skip_until('}')?;
                return Ok(Token::Nothing);
            }
            [b';', ..] => {
                self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end..]);
                return Ok(Token::Nothing);
            }
            [b'(', ..] => {
                self.skip_variation()?;
                return Ok(Token::Nothing);
            }
            [b'[', ..] => return Err(PgnError::NoResult),
            _ => {}
        }
        let is_end = |c: char| c.is_whitespace() || "{}();[]".contains(c);
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        // A stray closing sign is a token of its own, and no move.
        let end = if end == 0 { 1 } else { end };
        let (token, rest) = self.rest.split_at(end);
        let score = match token {
            "1-0" => Some(Score::White),
            "0-1" => Some(Score::Black),
            "1/2-1/2" => Some(Score::Draw),
            "*" => Some(Score::Unknown),
            _ => None,
        };
        if let Some(score) = score {
            self.rest = rest;
            return Ok(Token::Score(score));
        }
        // A move number may touch its move: "12.Nf3", "12...Nf6". But "0-0" is castling.
        let digits = token.bytes().take_while(u8::is_ascii_digit).count();
        let is_number = digits > 0 && matches!(token.as_bytes().get(digits), None | Some(b'.'));
        let text = if is_number {
            token[digits..].trim_start_matches('.')
        } else {
            token.trim_start_matches('.')
        };
        self.rest = rest;
        let is_glyph = text
            .strip_prefix('$')
            .is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
        let is_mark = text.bytes().all(|b| matches!(b, b'!' | b'?'));
        Ok(if is_glyph || is_mark {
            Token::Nothing
        } else {
            Token::Move(text)
        })
    }

    /// Skips a variation with the variations and comments in it.
    fn skip_variation(&mut self) -> Result<(), PgnError> {
        let mut depth = 0_usize;
        loop {
            let at = self
                .rest
                .find(['(', ')', '{', ';', '\n'])
                .ok_or(PgnError::Unclosed)?;
            let sign = self.rest.as_bytes()[at];
            self.rest = &self.rest[at + 1..];
            match sign {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'{' => self.skip_until('}')?,
                b';' => self.skip_until('\n')?,
                _ => self.line += 1,
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

enum Token<'a> {
    Nothing,
    Move(&'a str),
    Score(Score),
}

/// Finds the legal move that a SAN text means, and the position after it.
///
/// # Errors
/// No legal move fits, or more than one.
pub fn find_move(position: &Position, text: &str) -> Result<(Move, Position), PgnError> {
    let no_move = || PgnError::NoMove(text.chars().take(16).collect());
    let wanted = San::parse(text).ok_or_else(no_move)?;
    let mut found = Vec::new();
    position.each_legal_move(|mv| {
        if wanted.fits(position, mv) {
            found.push(mv);
        }
    });
    match found[..] {
        [mv] => Ok((mv, position.play(mv).map_err(|_| no_move())?)),
        [] => Err(no_move()),
        _ => Err(PgnError::Ambiguous(text.to_owned())),
    }
}

/// What a SAN text says about a move.
struct San {
    kind: Kind,
    file: Option<u32>,
    rank: Option<u32>,
    /// The target square; for castling the file only.
    to: Target,
    promotion: Kind,
}

enum Target {
    Square(u32),
    Castling { file: u32 },
}

impl San {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end_matches(['+', '#', '!', '?']);
        let castling = match text {
            "O-O" | "0-0" => Some(6),
            "O-O-O" | "0-0-0" => Some(2),
            _ => None,
        };
        if let Some(file) = castling {
            return Some(Self {
                kind: Kind::KING,
                file: None,
                rank: None,
                to: Target::Castling { file },
                promotion: Kind::NONE,
            });
        }
        if !text.is_ascii() {
            return None;
        }
        let (text, promotion) = match text.as_bytes() {
            [.., b'=', letter] => (&text[..text.len() - 2], promotion_kind(*letter)?),
            [.., digit, letter] if digit.is_ascii_digit() && letter.is_ascii_uppercase() => {
                (&text[..text.len() - 1], promotion_kind(*letter)?)
            }
            _ => (text, Kind::NONE),
        };
        let (kind, text) = match text.as_bytes().first()? {
            b'N' => (Kind::KNIGHT, &text[1..]),
            b'B' => (Kind::BISHOP, &text[1..]),
            b'R' => (Kind::ROOK, &text[1..]),
            b'Q' => (Kind::QUEEN, &text[1..]),
            b'K' => (Kind::KING, &text[1..]),
            _ => (Kind::PAWN, text),
        };
        let origin = text.get(..text.len().checked_sub(2)?)?;
        let to = crate::fen::parse_square(&text[origin.len()..])?;
        let (mut file, mut rank) = (None, None);
        match origin.strip_suffix(['x', '-']).unwrap_or(origin).as_bytes() {
            [] => {}
            [f @ b'a'..=b'h'] => file = Some(u32::from(f - b'a')),
            [r @ b'1'..=b'8'] => rank = Some(u32::from(r - b'1')),
            [f @ b'a'..=b'h', r @ b'1'..=b'8'] => {
                (file, rank) = (Some(u32::from(f - b'a')), Some(u32::from(r - b'1')));
            }
            _ => return None,
        }
        Some(Self {
            kind,
            file,
            rank,
            to: Target::Square(to),
            promotion,
        })
    }

    fn fits(&self, position: &Position, mv: Move) -> bool {
        let (from, to) = (mv.from(), mv.to());
        let castles = self.kind == Kind::KING && from.abs_diff(to) == 2;
        let goes = match self.to {
            Target::Square(square) => to == square && !castles,
            Target::Castling { file } => castles && to & 7 == file,
        };
        goes && position.board.kind_at(from) == self.kind
            && self.file.is_none_or(|file| from & 7 == file)
            && self.rank.is_none_or(|rank| from >> 3 == rank)
            && mv.promotion() == Some(self.promotion)
    }
}

fn promotion_kind(letter: u8) -> Option<Kind> {
    match letter {
        b'N' => Some(Kind::KNIGHT),
        b'B' => Some(Kind::BISHOP),
        b'R' => Some(Kind::ROOK),
        b'Q' => Some(Kind::QUEEN),
        _ => None,
    }
}
