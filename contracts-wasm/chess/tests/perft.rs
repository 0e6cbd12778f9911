//! The move generator against published counts: the standard positions of the chess programming community.

use playfair_chess::fen::Fen;
use playfair_chess::rules::{Move, Position};

const POSITIONS: [(&str, [u64; 4]); 6] = [
    (
        "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
        [20, 400, 8_902, 197_281],
    ),
    (
        "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",
        [48, 2_039, 97_862, 4_085_603],
    ),
    (
        "8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1",
        [14, 191, 2_812, 43_238],
    ),
    (
        "r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq - 0 1",
        [6, 264, 9_467, 422_333],
    ),
    (
        "rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ - 1 8",
        [44, 1_486, 62_379, 2_103_487],
    ),
    (
        "r4rk1/1pp1qppp/p1np1n2/2b1p1B1/2B1P1b1/P1NP1N2/1PP1QPPP/R4RK1 w - - 0 10",
        [46, 2_079, 89_890, 3_894_594],
    ),
];

fn start(fen: &str) -> Position {
    Fen::parse(fen).unwrap().position
}

/// Counts the leaves; the last ply only counts legal moves.
fn bulk(position: &Position, depth: usize) -> u64 {
    let mut nodes = 0;
    position.each_legal_move(|mv| {
        nodes += if depth == 1 {
            1
        } else {
            bulk(&position.play(mv).unwrap(), depth - 1)
        };
    });
    nodes
}

/// Counts the leaves by trying all 2^15 moves through the path that players use.
fn exhaustive(position: &Position, depth: usize) -> u64 {
    if depth == 0 {
        return 1;
    }
    let next = (0..1 << 15).filter_map(|bits| position.play(Move(bits)).ok());
    next.map(|next| exhaustive(&next, depth - 1)).sum()
}

#[test]
fn counts_to_depth_4_are_those_published() {
    for (fen, counts) in POSITIONS {
        let position = start(fen);
        for (depth, count) in counts.into_iter().enumerate() {
            assert_eq!(bulk(&position, depth + 1), count, "{fen} depth {}", depth + 1);
        }
    }
}

#[test]
fn no_other_move_is_accepted() {
    for (fen, counts) in POSITIONS {
        for (depth, count) in counts.into_iter().enumerate().take(2) {
            assert_eq!(
                exhaustive(&start(fen), depth + 1),
                count,
                "{fen} depth {}",
                depth + 1
            );
        }
    }
}

/// The mirrored position, with colours exchanged, has the same counts: what differs by side is right for both.
#[test]
fn black_moves_as_white_does() {
    for (fen, counts) in POSITIONS {
        let mut fields = fen.split(' ');
        let mut field = || fields.next().unwrap();
        let swap_case = |text: &str| -> String {
            let swap = |c: char| {
                if c.is_ascii_lowercase() {
                    c.to_ascii_uppercase()
                } else {
                    c.to_ascii_lowercase()
                }
            };
            text.chars().map(swap).collect()
        };
        let board = swap_case(&field().rsplit('/').collect::<Vec<_>>().join("/"));
        let turn = if field() == "w" { "b" } else { "w" };
        let mut rights: Vec<char> = swap_case(field()).chars().collect();
        rights.sort_unstable();
        let rights: String = rights.into_iter().collect();
        let mirrored = start(&format!("{board} {turn} {rights} - 0 1"));
        for (depth, count) in counts.into_iter().enumerate().take(3) {
            assert_eq!(
                bulk(&mirrored, depth + 1),
                count,
                "mirror of {fen} depth {}",
                depth + 1
            );
        }
    }
}
