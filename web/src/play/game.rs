//! A game as this browser knows it: what is verified, what happened, and the visitor's own move that is on its way.
//!
//! The position that is shown as verified is the stored game's under a certified root, never one that was put together from moves. The moves are calls
//! that were verified each for itself; replayed, they must lead to that position, or the list says that some are missing.

use super::abi::{self, AccountId, Challenge, Told};
use crate::told::{Call, Rung};
use playfair_chess_rules::game::{Game, Status};
use playfair_chess_rules::rules::{Move, Position, Side};
use playfair_chess_rules::san::san;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use yew::Reducible;

/// What is under the number of a game, at a verified height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Neither a game nor a challenge.
    Nothing,
    /// A challenge that waits for its second player.
    Challenge(Challenge),
    /// A game.
    Game(Box<Game>),
}

/// What happened, by a call in a block.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Ply {
    pub id: String,
    pub height: u64,
    pub index: u64,
    /// The time of its block, ms since 1970.
    pub time_ms: u64,
    /// The move as the module counts it; none for what ends a game without one.
    pub mv: Option<u16>,
    /// Whose call it was, digits.
    pub by: String,
    pub rung: Rung,
    #[serde(default)]
    pub times: Times,
}

/// What each rung took, ms, as far as this browser was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Times {
    /// Running the module.
    pub predicted: Option<f64>,
    /// From handing the call in until its certified block was verified here.
    pub sequenced: Option<f64>,
    /// From its block until its proof was verified here.
    pub proven: Option<f64>,
}

/// Waits that say what is usual.
const QUEUE_SAMPLES: usize = 9;

/// The visitor's own call on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    pub id: String,
    /// The move, if it is one.
    pub mv: Option<Move>,
    /// What predicting took, once it was.
    pub predicted: Option<f64>,
}

/// Something to tell the visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub is_bad: bool,
}

/// The game.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub number: u32,
    /// What is stored, and at which height that was verified.
    pub stored: Option<(u64, Stored)>,
    /// What was stored after the newest proven block that was looked at.
    pub proven: Option<(u64, Stored)>,
    /// In the order of the tape.
    pub plies: Vec<Ply>,
    pub pending: Option<Pending>,
    pub notice: Option<Notice>,
}

/// What changes what is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Another game is shown, with what was kept of it.
    Open(u32, Vec<Ply>),
    /// Something came of the game of this number. What comes of one that is not shown any more changes nothing: it was asked for before another was opened.
    Of(u32, Change),
}

/// What changes a game.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// This is stored at a height.
    Stored(u64, Stored),
    /// This was stored after a proven block.
    StoredProven(u64, Stored),
    /// These calls are in their blocks.
    Happened(Vec<Ply>),
    /// A call is covered by a proof, this long after its block.
    Proven(String, Option<f64>),
    /// The visitor's call is on its way.
    Sent(Pending),
    /// It was run here.
    Predicted(f64),
    /// It is in a block, or will never be.
    Arrived,
    Say(Option<Notice>),
}

/// A move of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// Which ply of the list of calls.
    pub ply: usize,
    pub mv: Move,
    pub san: String,
    pub after: Position,
}

impl State {
    /// The game, if it began.
    #[must_use]
    pub fn game(&self) -> Option<&Game> {
        match &self.stored {
            Some((_, Stored::Game(game))) => Some(game),
            _ => None,
        }
    }

    /// How long calls of this game waited for their proofs lately, where this browser saw it, ms: the median.
    #[must_use]
    pub fn usual_queue_ms(&self) -> Option<f64> {
        let waits = self.plies.iter().rev().filter_map(|ply| ply.times.proven);
        let mut waits: Vec<f64> = waits.take(QUEUE_SAMPLES).collect();
        waits.sort_by(f64::total_cmp);
        waits.get(waits.len() / 2).copied()
    }

    /// The side that an account plays.
    #[must_use]
    pub fn side_of(&self, account: &AccountId) -> Option<Side> {
        let game = self.game()?;
        [Side::White, Side::Black]
            .into_iter()
            .find(|side| game.player(*side) == *account)
    }

    /// The moves from the beginning, as far as they follow each other by the rules.
    #[must_use]
    pub fn played(&self) -> Vec<Played> {
        let mut position = Position::INITIAL;
        let mut all = Vec::new();
        for (ply, mv) in self
            .plies
            .iter()
            .enumerate()
            .filter_map(|(ply, call)| Some((ply, call.mv?)))
        {
            let mv = Move(mv);
            let Ok(after) = position.play(mv) else { break };
            all.push(Played {
                ply,
                mv,
                san: san(&position, mv),
                after,
            });
            position = after;
        }
        all
    }

    /// How many of the moves that led to the stored position are not known. None while there is no game.
    #[must_use]
    pub fn missing(&self) -> Option<usize> {
        let game = self.game()?;
        let played = self.played();
        let made = usize::from(game.ply());
        let reached = played
            .get(..made)
            .map(|moves| moves.last().map_or(Position::INITIAL, |last| last.after));
        match reached {
            Some(position) if position == *game.position() => Some(0),
            _ => Some(made.saturating_sub(played.len()).max(1)),
        }
    }

    /// What is drawn: the verified position, with the visitor's own move on top while that is on its way.
    #[must_use]
    pub fn shown(&self) -> Option<(Position, Option<Move>)> {
        let game = self.game()?;
        let verified = *game.position();
        let own = self.pending.as_ref().and_then(|pending| pending.mv);
        match own.and_then(|mv| Some((verified.play(mv).ok()?, mv))) {
            Some((position, mv)) if game.status() == Status::Playing => Some((position, Some(mv))),
            _ => Some((verified, None)),
        }
    }

    /// How far what is stored was verified, and at which height. A rung belongs to a value and a height: the same position is proven where it was stored
    /// after a block that is.
    #[must_use]
    pub fn rung(&self) -> Option<(Rung, u64)> {
        let (height, stored) = self.stored.as_ref()?;
        match &self.proven {
            Some((proven, same)) if same == stored => Some((Rung::Proven, *proven)),
            _ => Some((Rung::Sequenced, *height)),
        }
    }

    /// Whether the game is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.game().is_some_and(|game| game.status() != Status::Playing)
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        match action {
            Action::Open(number, plies) => Rc::new(Self {
                number,
                plies,
                ..Self::default()
            }),
            Action::Of(number, _) if number != self.number => self,
            Action::Of(_, change) => {
                let mut state = Rc::unwrap_or_clone(self);
                state.change(change);
                Rc::new(state)
            }
        }
    }
}

impl State {
    fn change(&mut self, change: Change) {
        match change {
            Change::Stored(height, stored) => {
                if self.stored.as_ref().is_none_or(|(known, _)| *known <= height) {
                    self.stored = Some((height, stored));
                }
            }
            Change::StoredProven(height, stored) => self.proven = Some((height, stored)),
            Change::Happened(plies) => self.add(plies),
            Change::Proven(id, ms) => {
                for ply in self.plies.iter_mut().filter(|ply| ply.id == id) {
                    ply.rung = Rung::Proven;
                    ply.times.proven = ply.times.proven.or(ms);
                }
            }
            Change::Sent(pending) => {
                self.notice = None;
                self.pending = Some(pending);
            }
            Change::Predicted(ms) => {
                if let Some(pending) = &mut self.pending {
                    pending.predicted = Some(ms);
                }
            }
            Change::Arrived => self.pending = None,
            Change::Say(notice) => self.notice = notice,
        }
    }

    /// Adds calls that are not there yet; what is known of one that is stays.
    fn add(&mut self, plies: Vec<Ply>) {
        for ply in plies {
            match self.plies.iter_mut().find(|known| known.id == ply.id) {
                Some(known) => known.rung = known.rung.max(ply.rung),
                None => self.plies.push(ply),
            }
        }
        self.plies.sort_by_key(|ply| (ply.height, ply.index));
    }
}

/// What a verified call did to a game; none if it did nothing to it.
#[must_use]
pub fn ply_of(call: &Call, game: u32) -> Option<Ply> {
    let signed = call.signed.as_ref()?;
    let mut told = call.events.iter().filter_map(|event| {
        let (number, told) = abi::event(event.topic, &crate::text::bytes(&event.data)?)?;
        (number == game).then_some(told)
    });
    let mv = match told.find(|told| !matches!(told, Told::Started { .. }))? {
        Told::Moved(mv) => Some(mv),
        _ => None,
    };
    Some(Ply {
        id: call.id.clone(),
        height: call.height,
        index: call.index,
        time_ms: call.time_ms,
        // A flag that fell ends the game without the move; the stored game says so, and the move does not follow.
        mv,
        by: signed.account.clone(),
        rung: call.rung,
        times: Times::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::{Event, Outcome, Signed};
    use playfair_chess_rules::game::Control;

    /// In the game that is shown.
    fn of(change: Change) -> Action {
        Action::Of(5, change)
    }

    const E2E4: u16 = 12 << 6 | 28;
    const E7E5: u16 = 52 << 6 | 36;

    #[test]
    fn what_comes_of_another_game_changes_nothing() {
        let shown = Rc::new(State::default()).reduce(Action::Open(5, Vec::new()));
        for change in [
            Change::Stored(3, Stored::Nothing),
            Change::Happened(vec![moved("b", 3, E7E5)]),
            Change::Arrived,
            Change::Say(Some(Notice {
                text: String::new(),
                is_bad: true,
            })),
        ] {
            assert_eq!(*Rc::clone(&shown).reduce(Action::Of(4, change)), *shown);
        }
    }

    #[test]
    fn what_is_usual_is_the_middle_of_what_was_seen_lately() {
        let ply = |(height, proven): (usize, Option<f64>)| Ply {
            id: height.to_string(),
            height: height as u64,
            index: 1,
            time_ms: 0,
            mv: None,
            by: String::new(),
            rung: Rung::Sequenced,
            times: Times {
                proven,
                ..Times::default()
            },
        };
        let state = |waits: &[Option<f64>]| State {
            plies: waits.iter().copied().enumerate().map(ply).collect(),
            ..State::default()
        };
        assert_eq!(state(&[None, None]).usual_queue_ms(), None);
        assert_eq!(
            state(&[Some(9.0), None, Some(1.0), Some(2.0)]).usual_queue_ms(),
            Some(2.0)
        );
        // What was long ago does not count.
        let mut waits = vec![Some(100.0); 5];
        waits.extend([Some(3.0); QUEUE_SAMPLES]);
        assert_eq!(state(&waits).usual_queue_ms(), Some(3.0));
    }

    fn call(id: &str, height: u64, topic: u32, data: &str) -> Call {
        Call {
            id: id.to_owned(),
            height,
            index: 1,
            time_ms: height,
            rung: Rung::Sequenced,
            outcome: Outcome {
                name: "ok".to_owned(),
                detail: None,
            },
            gas_used: 1,
            output: String::new(),
            events: vec![Event {
                topic,
                data: data.to_owned(),
            }],
            signed: Some(Signed {
                account: "07".repeat(20),
                lane: 0,
                nonce: 0,
                entry: 1,
                payload: String::new(),
            }),
        }
    }

    fn moved(id: &str, height: u64, mv: u16) -> Ply {
        let [low, high] = mv.to_le_bytes();
        ply_of(&call(id, height, 1, &format!("05000000{low:02x}{high:02x}00")), 5).unwrap()
    }

    fn game(moves: &[u16]) -> Stored {
        let mut game = Game::new(
            [7; 20],
            [9; 20],
            Control {
                base_ms: 0,
                increment_ms: 0,
            },
            0,
        );
        for mv in moves {
            game.play(game.turn(), Move(*mv), false, false, 0).unwrap();
        }
        Stored::Game(Box::new(game))
    }

    fn after(actions: impl IntoIterator<Item = Action>) -> Rc<State> {
        let begin = Rc::new(State::default()).reduce(Action::Open(5, Vec::new()));
        actions
            .into_iter()
            .fold(begin, |state, action| state.reduce(action))
    }

    #[test]
    fn moves_that_are_missing_are_noticed() {
        let state = after([
            of(Change::Stored(3, game(&[E2E4, E7E5]))),
            of(Change::Happened(vec![moved("b", 3, E7E5)])),
        ]);
        assert_eq!((state.played().len(), state.missing()), (0, Some(2)));
        let state = after([
            of(Change::Stored(3, game(&[E2E4, E7E5]))),
            of(Change::Happened(vec![moved("b", 3, E7E5)])),
            of(Change::Happened(vec![moved("a", 2, E2E4), moved("b", 3, E7E5)])),
        ]);
        assert_eq!(
            state
                .played()
                .iter()
                .map(|played| played.san.as_str())
                .collect::<Vec<_>>(),
            ["e4", "e5"]
        );
        assert_eq!((state.plies.len(), state.missing()), (2, Some(0)));
        // Another move than the one that was made leads elsewhere.
        let state = after([
            of(Change::Stored(2, game(&[E2E4]))),
            of(Change::Happened(vec![moved("a", 2, 8 << 6 | 16)])),
        ]);
        assert_eq!(state.missing(), Some(1));
        assert_eq!(after([of(Change::Stored(2, Stored::Nothing))]).missing(), None);
    }

    #[test]
    fn what_is_verified_stays_under_what_is_on_its_way() {
        let pending = Pending {
            id: "a".to_owned(),
            mv: Some(Move(E2E4)),
            predicted: None,
        };
        let state = after([of(Change::Stored(2, game(&[]))), of(Change::Sent(pending))]);
        assert_eq!(state.game().unwrap().position(), &Position::INITIAL);
        assert_eq!(state.shown().unwrap().1, Some(Move(E2E4)));
        // What arrives is what is stored then; an older answer does not come back.
        let state = state
            .reduce(of(Change::Stored(3, game(&[E2E4]))))
            .reduce(of(Change::Arrived));
        assert_eq!(state.shown().unwrap(), (*state.game().unwrap().position(), None));
        let state = state.reduce(of(Change::Stored(2, game(&[]))));
        assert_eq!(state.game().unwrap().ply(), 1);
    }

    #[test]
    fn rungs_are_of_a_value_and_a_height() {
        let state = after([
            of(Change::Stored(3, game(&[E2E4]))),
            of(Change::StoredProven(2, game(&[]))),
        ]);
        assert_eq!(state.rung(), Some((Rung::Sequenced, 3)));
        let state = state
            .reduce(of(Change::StoredProven(3, game(&[E2E4]))))
            .reduce(of(Change::Stored(4, game(&[E2E4]))));
        assert_eq!(state.rung(), Some((Rung::Proven, 3)), "the same position");
        let state = state.reduce(of(Change::Stored(5, game(&[E2E4, E7E5]))));
        assert_eq!(state.rung(), Some((Rung::Sequenced, 5)));
        let state = state
            .reduce(of(Change::Happened(vec![moved("a", 2, E2E4)])))
            .reduce(of(Change::Proven("a".to_owned(), Some(9.0))));
        assert_eq!(
            (state.plies[0].rung, state.plies[0].times.proven),
            (Rung::Proven, Some(9.0))
        );
        // A later look that did not reach the proof takes nothing back.
        let state = state.reduce(of(Change::Happened(vec![moved("a", 2, E2E4)])));
        assert_eq!(state.plies[0].rung, Rung::Proven);
    }

    #[test]
    fn calls_about_other_games_are_none_of_this_one() {
        assert_eq!(ply_of(&call("a", 1, 1, "060000001c0300"), 5), None);
        assert_eq!(ply_of(&call("a", 1, 0, "05000000"), 5), None);
        assert_eq!(ply_of(&call("a", 1, 2, "050000000201"), 5).unwrap().mv, None);
        assert_eq!(ply_of(&call("a", 1, 7, "zz"), 5), None);
    }
}
