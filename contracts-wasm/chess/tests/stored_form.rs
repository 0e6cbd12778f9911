//! The stored form of a game: one form a game, and nothing hostile gets in or panics.

mod common;

use common::{Chance, encoded, game, legal_moves, mv, timed};
use playfair_chess::game::{BYTES_MAX, BYTES_MIN, Game, Malformed, Status};
use playfair_chess::rules::{Move, Side};

const START: &str = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1";

#[test]
fn the_layout_is_the_documented_one() {
    let mut game = timed(START, 0x0102_0304, 5);
    game.play(Side::White, mv("g1f3"), true, false, 0x0005_0607)
        .unwrap();
    let bytes = encoded(&game);
    assert_eq!(bytes.len(), BYTES_MIN + 8);
    let word = |at: usize| u64::from_le_bytes(bytes[8 * at..8 * at + 8].try_into().unwrap());
    assert_eq!(
        (&bytes[..20], &bytes[20..40]),
        (&common::WHITE[..], &common::BLACK[..])
    );
    assert_eq!(word(5), 0x6e00_0000_0020_002e);
    assert_eq!(word(8), 0x0000_0000_0020_ffbf);
    assert_eq!(word(9), 0x0000_0005_0102_0304);
    assert_eq!(word(11), 0x0005_0607);
    assert_eq!(word(12), 1 << 41 | 0xf << 32 | 1 << 24 | 1 << 16 | 1);
    assert_eq!(word(13), 6 << 6 | 21);
}

#[test]
fn wrong_lengths_are_refused() {
    let bytes = encoded(&game(START));
    for length in 0..bytes.len() {
        assert_eq!(Game::decode(&bytes[..length]), Err(Malformed::Length));
    }
    for more in 1..=BYTES_MAX {
        let mut longer = bytes.clone();
        longer.resize(bytes.len() + more, 0);
        assert_eq!(Game::decode(&longer), Err(Malformed::Length));
    }
}

/// Plays seeded games, spoils their stored forms in one to three places, and does everything with what is accepted.
#[test]
fn spoiled_games_are_refused_or_harmless() {
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..400 {
        println!("seed {seed}");
        let mut chance = Chance(seed);
        let mut game = timed(START, [0, 9_000][chance.below(2)], 0);
        for _ in 0..chance.below(120) {
            let moves = legal_moves(game.position());
            if moves.is_empty() || game.status() != Status::Playing {
                break;
            }
            game.play(game.turn(), moves[chance.below(moves.len())], false, false, 1_000)
                .unwrap();
        }
        let bytes = encoded(&game);
        for _ in 0..100 {
            let mut spoiled = bytes.clone();
            for _ in 0..1 + chance.below(3) {
                // Mostly the last header word and what follows, where most rules are.
                let from = if chance.below(2) == 0 { 96 } else { 40 };
                let at = from + chance.below(spoiled.len() - from);
                spoiled[at] ^= 1 << chance.below(8);
            }
            let mut buffer = [0; BYTES_MAX];
            buffer[..spoiled.len()].copy_from_slice(&spoiled);
            let opened = Game::open(&mut buffer, spoiled.len()).map(Game::save);
            assert_eq!(opened, Game::decode(&spoiled).map(|_| spoiled.len()));
            let Ok(mut game) = Game::decode(&spoiled) else {
                refused += 1;
                continue;
            };
            accepted += 1;
            assert_eq!(encoded(&game), spoiled, "an accepted game has one form");
            let _ = (game.occurrences(), game.claimable());
            let by = game.turn();
            for _ in 0..20 {
                let any = Move(chance.next() as u16);
                let _ = game.play(by, any, chance.below(2) == 0, chance.below(2) == 0, chance.next());
            }
            let moves = legal_moves(game.position());
            if !moves.is_empty() && game.play(game.turn(), moves[0], true, false, 0).is_ok() {
                assert_eq!(Game::decode(&encoded(&game)), Ok(game));
            }
            let _ = (
                game.accept_draw(by, 0),
                game.claim_draw(by, 0),
                game.claim_time(by, 0),
                game.resign(by),
            );
            assert!(Game::decode(&encoded(&game)).is_ok());
        }
    }
    assert!(accepted > 1_000 && refused > 1_000, "{accepted} {refused}");
}

#[test]
fn noise_is_refused_without_panic() {
    let seed = 11;
    println!("seed {seed}");
    let mut chance = Chance(seed);
    for _ in 0..20_000 {
        let length = chance.below(BYTES_MAX + 17);
        let noise: Vec<u8> = (0..length).map(|_| chance.next() as u8).collect();
        assert!(Game::decode(&noise).is_err());
    }
}

#[test]
fn contradictions_are_refused() {
    let plain = encoded(&game(START));
    let spoil = |at: usize, byte: u8| {
        let mut bytes = plain.clone();
        bytes[at] = byte;
        Game::decode(&bytes)
    };
    assert_eq!(spoil(40, 0xff), Err(Malformed::Position), "a kind of three bits");
    assert_eq!(spoil(64 + 3, 1), Err(Malformed::Position), "a white empty square");
    assert_eq!(spoil(72, 0), Ok(game(START)));
    assert_eq!(spoil(76, 1), Err(Malformed::Clock), "an increment without clocks");
    assert_eq!(spoil(80, 1), Err(Malformed::Clock), "time left without clocks");
    assert_eq!(
        spoil(98, 150),
        Err(Malformed::Counters),
        "75 moves in a game in play"
    );
    assert_eq!(spoil(98, 151), Err(Malformed::Counters));
    assert_eq!(spoil(99, 1), Err(Malformed::Counters), "a move that is not there");
    assert_eq!(
        spoil(100, 0x1f),
        Err(Malformed::Position),
        "en passant without a pawn"
    );
    assert_eq!(
        spoil(101, 1),
        Err(Malformed::Counters),
        "en passant in the past only"
    );
    assert_eq!(spoil(101, 1 << 2), Err(Malformed::Status), "won for no reason");
    assert_eq!(spoil(102, 1), Err(Malformed::Reserved));
    assert_eq!(spoil(103, 0x80), Err(Malformed::Reserved));
}
