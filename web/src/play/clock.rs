//! The clocks of a game. They run by the chain's block times; what is shown between two blocks is this machine's guess.

use crate::browser::now_ms;
use playfair_chess_rules::game::{Game, Status};
use playfair_chess_rules::rules::Side;
use yew::prelude::*;

/// What is left to a side at a time, ms; none in a game without clocks.
#[must_use]
pub fn left(game: &Game, side: Side, now_ms: u64) -> Option<u64> {
    if game.control().base_ms == 0 {
        return None;
    }
    let left = u64::from(game.left_ms(side));
    let runs = game.status() == Status::Playing && game.turn() == side;
    let used = if runs {
        now_ms.saturating_sub(game.moved_at_ms())
    } else {
        0
    };
    Some(left.saturating_sub(used))
}

/// Draws its component again and again while `is_on`; gives the time, ms since 1970.
#[hook]
pub fn use_now(every_ms: u32, is_on: bool) -> f64 {
    let now = use_state_eq(now_ms);
    {
        let now = now.clone();
        use_effect_with((every_ms, is_on), move |(every_ms, is_on)| {
            let timer =
                is_on.then(|| gloo_timers::callback::Interval::new(*every_ms, move || now.set(now_ms())));
            move || drop(timer)
        });
    }
    *now
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_chess_rules::game::Control;
    use playfair_chess_rules::rules::Move;

    #[test]
    fn only_the_clock_of_the_player_to_move_runs() {
        let control = Control {
            base_ms: 60_000,
            increment_ms: 1_000,
        };
        let mut game = Game::new([1; 20], [2; 20], control, 1_000);
        assert_eq!(
            (left(&game, Side::White, 11_000), left(&game, Side::Black, 11_000)),
            (Some(50_000), Some(60_000))
        );
        game.play(Side::White, Move(12 << 6 | 28), false, false, 11_000)
            .unwrap();
        assert_eq!(
            (left(&game, Side::White, 99_000), left(&game, Side::Black, 99_000)),
            (Some(51_000), Some(0))
        );
        game.resign(Side::White).unwrap();
        assert_eq!(left(&game, Side::Black, 99_000), Some(60_000));
        let free = Game::new([1; 20], [2; 20], Control::default(), 0);
        assert_eq!(left(&free, Side::White, 5), None);
    }
}
