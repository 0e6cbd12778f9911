//! The six games of Kasparov against Deep Blue (1997), replayed from their record to their results.

mod common;

use common::{BLACK, Chance, WHITE, encoded};
use playfair_chess::game::{Control, Draw, Game, Refusal, Status, Win};
use playfair_chess::pgn::{Pgn, Score};
use playfair_chess::rules::{Move, Side};
use std::path::Path;

fn games() -> Vec<Pgn> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let text = std::fs::read_to_string(fixtures.join("kasparov-deep-blue-1997.pgn")).unwrap();
    Pgn::parse_all(&text).unwrap()
}

/// A clock of two hours with half a minute a move; every move takes a second.
const CONTROL: Control = Control {
    base_ms: 7_200_000,
    increment_ms: 30_000,
};

#[test]
fn recorded_games_end_as_recorded() {
    let games = games();
    assert_eq!(games.len(), 6);
    for pgn in &games {
        let round = pgn.tag("Round").unwrap();
        let mut now = 1_000;
        let mut game = Game::new(WHITE, BLACK, CONTROL, now);
        for (ply, mv) in pgn.moves.iter().enumerate() {
            assert_eq!(usize::from(game.ply()), ply);
            now += 1_000;
            let last = ply + 1 == pgn.moves.len();
            let offers = last && pgn.score == Score::Draw;
            // Every move is made from the stored form, as in a module.
            game = Game::decode(&encoded(&game)).unwrap();
            let played = game.play(game.turn(), *mv, offers, false, now).unwrap();
            assert_eq!(played.status, Status::Playing, "round {round} ply {ply}");
        }
        let status = match pgn.score {
            Score::White => game.resign(Side::Black),
            Score::Black => game.resign(Side::White),
            Score::Draw => game.accept_draw(game.turn(), now),
            Score::Unknown => panic!("round {round} has no result"),
        };
        let expected = match pgn.score {
            Score::White => Status::Won(Side::White, Win::Resignation),
            Score::Black => Status::Won(Side::Black, Win::Resignation),
            _ => Status::Drawn(Draw::Agreement),
        };
        assert_eq!(status, Ok(expected), "round {round}");
        let white_moves = pgn.moves.len().div_ceil(2) as u32;
        assert_eq!(game.left_ms(Side::White), 7_200_000 + 29_000 * white_moves);
        assert_eq!(
            game.play(game.turn(), pgn.moves[0], false, false, now),
            Err(Refusal::Over)
        );
    }
}

#[test]
fn an_illegal_move_is_refused_at_any_ply() {
    let seed = 7;
    println!("seed {seed}");
    let mut chance = Chance(seed);
    for pgn in &games() {
        let mut game = Game::new(WHITE, BLACK, CONTROL, 0);
        for mv in &pgn.moves {
            let legal = common::legal_moves(game.position());
            let before = game;
            for _ in 0..50 {
                let wrong = Move(chance.next() as u16);
                let refused = matches!(
                    game.play(game.turn(), wrong, false, false, 0),
                    Err(Refusal::Illegal(_))
                );
                if legal.contains(&wrong) {
                    game = before;
                } else {
                    assert!(refused, "{wrong:?}");
                    assert_eq!(game, before);
                }
            }
            let other = game.turn().other();
            assert_eq!(game.play(other, *mv, false, false, 0), Err(Refusal::NotYourTurn));
            game.play(game.turn(), *mv, false, false, 0).unwrap();
        }
    }
}
