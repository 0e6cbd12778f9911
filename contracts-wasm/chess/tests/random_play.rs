//! Random games against naive models: full lists of positions for repetition, all legal moves for mate and stalemate, and
//! the stored form at every step.

mod common;

use common::{BLACK, Chance, WHITE, encoded, game, legal_moves};
use playfair_chess::fen::Fen;
use playfair_chess::game::{BYTES_MAX, Control, Draw, Game, Status, Win};
use playfair_chess::rules::{Kind, Move, Position};

/// How a game must stand, from the plain definitions.
fn model(history: &[Position], quiet: u8) -> Status {
    let now = history.last().unwrap();
    let occurrences = history.iter().filter(|past| *past == now).count();
    if legal_moves(now).is_empty() {
        return if now.in_check() {
            Status::Won(now.turn.other(), Win::Checkmate)
        } else {
            Status::Drawn(Draw::Stalemate)
        };
    }
    let mut pieces: Vec<(Kind, u32)> = Vec::new();
    for square in 0..64 {
        let kind = now.board.kind_at(square);
        if kind != Kind::NONE && kind != Kind::KING {
            pieces.push((kind, (square ^ square >> 3) & 1));
        }
    }
    let lone_knight = pieces.len() == 1 && pieces[0].0 == Kind::KNIGHT;
    let bishops_of_one_colour = pieces
        .iter()
        .all(|(kind, colour)| *kind == Kind::BISHOP && *colour == pieces[0].1);
    if lone_knight || bishops_of_one_colour {
        Status::Drawn(Draw::DeadPosition)
    } else if occurrences >= 5 {
        Status::Drawn(Draw::Fivefold)
    } else if quiet >= 150 {
        Status::Drawn(Draw::SeventyFiveMoves)
    } else {
        Status::Playing
    }
}

/// Plays to the end, or 600 half-moves; `choose` picks one of the legal moves.
fn check_game(mut game: Game, mut choose: impl FnMut(&Game, &[Move]) -> Move) -> (Status, u32) {
    let mut history = vec![*game.position()];
    let mut quiet = game.quiet();
    let mut most = 1;
    while game.status() == Status::Playing && history.len() < 600 {
        let before = *game.position();
        let mv = choose(&game, &legal_moves(&before));
        let pawn = before.board.kind_at(mv.from()) == Kind::PAWN;
        let capture = before.board.occupied() >> mv.to() & 1 != 0;
        quiet = if pawn || capture { 0 } else { quiet + 1 };

        // What a claim with the move is worth, the model knows too.
        let mut claiming = game;
        let claim = claiming.play(game.turn(), mv, false, true, 0);

        let mut bytes = [0xa5; BYTES_MAX];
        let length = game.encode(&mut bytes);
        let played = game.play(game.turn(), mv, false, false, 0).unwrap();
        let mut in_place = Game::open(&mut bytes, length).unwrap();
        assert_eq!(in_place.play(before.turn, mv, false, false, 0), Ok(played));
        let length = in_place.save();
        assert_eq!(bytes[..length], encoded(&game), "played in the stored form");
        history.push(*game.position());
        let occurrences = history.iter().filter(|past| *past == game.position()).count() as u32;
        assert_eq!(game.occurrences(), occurrences, "occurrences");
        assert_eq!(game.quiet(), quiet);
        assert_eq!(played.status, model(&history, quiet));
        assert_eq!(played.check, game.position().in_check());
        assert!(game.position().is_valid());
        let now = game.position();
        let takes_en_passant = |mv: &Move| {
            let pawn = now.board.kind_at(mv.from()) == Kind::PAWN;
            pawn && 1 << mv.to() == now.en_passant_target()
        };
        let possible = legal_moves(now).iter().any(takes_en_passant);
        assert_eq!(now.en_passant != 0, possible, "en passant is kept if it is legal");
        most = most.max(occurrences);

        let may_claim = occurrences >= 3 || quiet >= 100;
        assert_eq!(claim.is_ok(), may_claim || played.status != Status::Playing);
        if claim.is_err() {
            let mut after = claiming;
            after.play(claiming.turn(), mv, false, false, 0).unwrap();
            assert_eq!(after, game, "a refused claim changes nothing");
        }
        assert_eq!(
            game.claimable().is_some(),
            may_claim && game.status() == Status::Playing
        );

        let bytes = encoded(&game);
        assert_eq!(Game::decode(&bytes), Ok(game), "stored form");
    }
    (game.status(), most)
}

#[test]
fn random_games_follow_the_definitions() {
    let mut endings = [0_u32; 3];
    for seed in 0..60 {
        println!("seed {seed}");
        let mut chance = Chance(seed);
        let game = Game::new(WHITE, BLACK, Control::default(), 0);
        let (status, _) = check_game(game, |_, moves| moves[chance.below(moves.len())]);
        endings[match status {
            Status::Playing => 0,
            Status::Won(..) => 1,
            Status::Drawn(_) => 2,
        }] += 1;
    }
    assert!(endings[1] > 0 && endings[2] > 0, "{endings:?}");
}

/// Positions with few moves, equal pieces, castling rights and en passant, in which pieces come back often.
const SHUFFLES: [&str; 7] = [
    "7k/8/8/8/8/8/8/RR5K w - - 0 1",
    "1n2k1n1/8/8/8/8/8/8/1N2K1N1 w - - 0 1",
    "r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1",
    "4k3/8/8/8/3pP3/8/8/4K2R b K e3 0 1",
    "k7/p1p5/P1P5/8/8/5p1p/5P1P/7K w - - 0 1",
    "kb6/8/8/8/8/8/8/6BK b - - 0 1",
    "2bqkbn1/8/8/8/8/8/8/2BQKBN1 w - - 30 1",
];

#[test]
fn repetition_is_that_of_full_positions() {
    let mut most = 0;
    for seed in 0..140 {
        let fen = SHUFFLES[seed as usize % SHUFFLES.len()];
        println!("seed {seed} from {fen}");
        let mut chance = Chance(seed);
        let mut last: [Option<Move>; 2] = [None; 2];
        let (_, seen) = check_game(game(fen), |game, moves| {
            let own = &mut last[game.turn() as usize];
            let back = own
                .map(|mv| Move::new(mv.to(), mv.from()))
                .filter(|mv| moves.contains(mv));
            let quiet: Vec<Move> = moves
                .iter()
                .copied()
                .filter(|mv| game.position().board.occupied() >> mv.to() & 1 == 0)
                .collect();
            let any = if quiet.is_empty() { moves } else { &quiet };
            let mv = match back {
                Some(back) if chance.below(3) == 0 => back,
                _ => any[chance.below(any.len())],
            };
            *own = Some(mv);
            mv
        });
        most = most.max(seen);
    }
    assert_eq!(most, 5, "some game reaches the fifth occurrence");
}

/// Mates, stalemates and pins come up often when little material meets.
#[test]
fn sparse_positions_end_as_defined() {
    const KINDS: [Kind; 5] = [Kind::QUEEN, Kind::ROOK, Kind::BISHOP, Kind::KNIGHT, Kind::PAWN];
    let mut endings = [0_u32; 3];
    let mut games = 0;
    for seed in 0..4_000 {
        let mut chance = Chance(seed);
        let mut position = Fen::parse("7k/8/8/8/8/8/8/K7 w - - 0 1").unwrap().position;
        let board = &mut position.board;
        for _ in 0..1 + chance.below(7) {
            let (square, kind) = (chance.below(64) as u32, KINDS[chance.below(5)]);
            let side = if chance.below(2) == 0 {
                position.turn
            } else {
                position.turn.other()
            };
            if board.kind_at(square) == Kind::NONE && (kind != Kind::PAWN || (8..56).contains(&square)) {
                *board = board.with(0, square, kind, side);
            }
        }
        let mut waiting = position;
        waiting.turn = position.turn.other();
        if waiting.in_check() || legal_moves(&position).is_empty() {
            continue;
        }
        games += 1;
        println!("seed {seed}");
        let mut left = 40;
        let game = Game::from_position(WHITE, BLACK, Control::default(), 0, position, 0);
        let (status, _) = check_game(game, |game, moves| {
            left -= 1;
            // Ends by the clock of this test: 40 half-moves, then the shortest way to 150.
            if left > 0 {
                return moves[chance.below(moves.len())];
            }
            *moves
                .iter()
                .min_by_key(|mv| game.position().play(**mv).map_or(99, |p| legal_moves(&p).len()))
                .unwrap()
        });
        endings[match status {
            Status::Playing => 0,
            Status::Won(..) => 1,
            Status::Drawn(_) => 2,
        }] += 1;
    }
    assert!(
        games > 1_000 && endings[1] > 100 && endings[2] > 100,
        "{games} {endings:?}"
    );
}
