//! What a game needs done: looking at the chain, the visitor's calls, the house's answers. Components only show what comes of it.
//!
//! A look: what is stored under the game's number at the verified head (the module's own query, run here), which calls led there (asked for by what the node
//! says of the players' calls, each verified), how far these are proven by now, and whether it is the house's turn.

use super::abi::{self, entry, query};
use super::caller::{Caller, HOUSE, PLAYER, done};
use super::game::{Action, Change, Notice, Pending, Ply, State, Stored, Times, ply_of};
use crate::browser::{self, stopwatch};
use crate::chain::{self, Handles};
use crate::js::Told;
use crate::store::Store;
use crate::text;
use crate::told::{Role, Rung, Trouble};
use gloo_timers::future::TimeoutFuture;
use playfair_chess_rules::game::{Game, Status};
use playfair_chess_rules::house;
use playfair_chess_rules::rules::{Move, Side};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Calls of one account that are asked for at once.
const CALLS: u64 = 60;
/// Calls whose proofs are looked for in one look.
const RAISED_MAX: usize = 12;

/// Before a look that failed is tried again, doubled so often.
const AGAIN_MS: u32 = 1_000;
const AGAIN_DOUBLED_MAX: u32 = 6;

/// Does the work for one game at a time.
pub struct Driver {
    pub handles: Rc<Handles>,
    pub game: Rc<Store<State>>,
    pub caller: Caller,
    looking: Cell<Looking>,
    /// Calls that are none of this game's, or were asked for already.
    strangers: RefCell<BTreeSet<String>>,
    /// When calls were first seen here, by the page's stopwatch.
    seen: RefCell<BTreeMap<String, f64>>,
    /// What was looked at last: head, proven block, frames.
    last: Cell<(u64, Option<u64>, u64)>,
    answering: Cell<bool>,
    /// How many looks failed since one that did not.
    failures: Cell<u32>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Looking {
    #[default]
    No,
    Yes,
    Again,
}

/// The same one.
impl PartialEq for Driver {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Driver {
    #[must_use]
    pub fn new(handles: Rc<Handles>) -> Rc<Self> {
        Rc::new(Self {
            caller: Caller::new(Rc::clone(&handles)),
            handles,
            game: Store::new(State::default()),
            looking: Cell::default(),
            strangers: RefCell::default(),
            seen: RefCell::default(),
            last: Cell::default(),
            answering: Cell::default(),
            failures: Cell::default(),
        })
    }

    /// Shows another game, with what was verified of it at an earlier visit.
    pub fn open(&self, number: u32) {
        if self.game.get().number == number {
            return;
        }
        let kept = browser::kept(&self.place(number));
        let plies = kept.and_then(|text| serde_json::from_str::<Vec<Ply>>(&text).ok());
        self.strangers.borrow_mut().clear();
        self.last.set((0, None, 0));
        self.failures.set(0);
        self.game.act(Action::Open(number, plies.unwrap_or_default()));
    }

    fn place(&self, number: u32) -> String {
        self.handles.kept_as(&format!("calls/{number}"))
    }

    /// Looks at the chain, now or right after the look that is going on.
    pub async fn look(self: Rc<Self>) {
        if self.looking.replace(Looking::Again) != Looking::No {
            return;
        }
        while self.looking.replace(Looking::Yes) == Looking::Again {
            let number = self.game.get().number;
            match self.look_once(number).await {
                // A node that keeps calls back does not fail, and is asked again all the same.
                Ok(()) if self.misses_calls() => self.look_later(),
                Ok(()) => {
                    if self.failures.replace(0) > 0 {
                        self.act_on(number, Change::Say(None));
                    }
                }
                Err(trouble) => {
                    self.failed(number, trouble);
                    self.look_later();
                }
            }
            if let Ok(checks) = self.handles.client.take_checks().await {
                self.handles.store.act(chain::Action::Checked(checks));
            }
        }
        self.looking.set(Looking::No);
    }

    /// Looks, and comes back when what is verified now is on the page.
    pub async fn look_now(self: Rc<Self>) {
        Rc::clone(&self).look().await;
        while self.looking.get() != Looking::No {
            TimeoutFuture::new(10).await;
        }
    }

    /// What failed is tried again, ever less often: an idle chain has no news to look at.
    fn look_later(self: &Rc<Self>) {
        let failures = self.failures.get();
        self.failures.set(failures.saturating_add(1));
        let (driver, number) = (Rc::clone(self), self.game.get().number);
        wasm_bindgen_futures::spawn_local(async move {
            TimeoutFuture::new(AGAIN_MS << failures.min(AGAIN_DOUBLED_MAX)).await;
            if driver.is_shown(number) && driver.failures.get() == failures.saturating_add(1) {
                driver.look().await;
            }
        });
    }

    fn misses_calls(&self) -> bool {
        self.game.get().missing().is_some_and(|missing| missing > 0)
    }

    fn act_on(&self, number: u32, change: Change) {
        self.game.act(Action::Of(number, change));
    }

    fn is_shown(&self, number: u32) -> bool {
        self.game.get().number == number
    }

    async fn look_once(self: &Rc<Self>, number: u32) -> Told<()> {
        let Ok(view) = self.handles.client.view().await else {
            return Ok(());
        };
        let Some(head) = view.head else { return Ok(()) };
        let (frames, proven) = view
            .proven
            .map_or((0, 0), |proven| (proven.frames, proven.height));
        let now = (head.height, view.proven_block, frames);
        let (was, was_proven, was_frames) = self.last.get();
        if number > 0 && (head.height > was || self.game.get().stored.is_none() || self.misses_calls()) {
            self.caller.look_at_accounts().await?;
            let (height, stored) = self.stored(number).await?;
            self.act_on(number, Change::Stored(height, stored));
            if !self.is_shown(number) {
                return Ok(());
            }
            self.find_calls(number).await?;
        }
        if number > 0 && (frames > was_frames || head.height > was) {
            let reach = view.proven_block.map_or(proven, |block| block.max(proven));
            self.raise(number, reach).await?;
        }
        if number > 0 && view.proven_block.is_some() && (view.proven_block != was_proven || head.height > was)
        {
            self.look_at_proven(number).await?;
        }
        // What is known of a game that was opened meanwhile is not known yet.
        if self.is_shown(number) {
            self.last.set(now);
            self.remember();
            self.answer();
        }
        Ok(())
    }

    /// What is under a number at the head, and the head's height: the module's own queries over verified values.
    async fn stored(&self, number: u32) -> Told<(u64, Stored)> {
        let predictor = self.handles.predictor().await?;
        predictor.refresh().await?;
        let payload = abi::of_game(number);
        loop {
            let answer = predictor.query(query::GAME, &payload).await?;
            let bytes = text::bytes(&answer.output).unwrap_or_default();
            if let Some(Some(game)) = abi::stored_game(&bytes) {
                return Ok((answer.height, decoded(game)?));
            }
            let no_game_at = answer.height;
            let answer = predictor.query(query::CHALLENGE, &payload).await?;
            let bytes = text::bytes(&answer.output).unwrap_or_default();
            match abi::open_challenge(&bytes) {
                Some(Some(challenge)) => return Ok((answer.height, Stored::Challenge(challenge))),
                Some(None) if answer.height == no_game_at => return Ok((answer.height, Stored::Nothing)),
                // The chain went on in between: the challenge may have become the game.
                Some(None) => {}
                None => return Err(no_chess()),
            }
        }
    }

    /// What was stored after the newest block that is proven to its end.
    async fn look_at_proven(&self, number: u32) -> Told<()> {
        let values = self
            .handles
            .client
            .proven_values(&[abi::game_key(number)])
            .await?;
        let Some(values) = values else { return Ok(()) };
        let Some(Some(bytes)) = values.values.first() else {
            return Ok(());
        };
        let stored = decoded(&text::bytes(bytes).unwrap_or_default())?;
        self.act_on(number, Change::StoredProven(values.height, stored));
        Ok(())
    }

    /// Verifies the calls that led to the position, as far as they are not known.
    async fn find_calls(&self, number: u32) -> Told<()> {
        let state = self.game.get();
        let is_complete =
            state.missing().is_none_or(|missing| missing == 0) && (!state.is_over() || self.is_ended(&state));
        let Some(game) = state.game().filter(|_| !is_complete) else {
            return Ok(());
        };
        for side in [Side::White, Side::Black] {
            let account = text::hex(&game.player(side));
            let mut before = None;
            loop {
                let places = self.handles.client.calls_of(&account, CALLS, before).await?;
                let known = self.verify_calls(number, &places).await?;
                let oldest = places.iter().map(|place| place.height).min();
                // Calls come newest first: what was known already ends the search.
                if known
                    || places.len() < CALLS as usize
                    || oldest.is_none()
                    || self.game.get().missing() == Some(0)
                {
                    break;
                }
                before = oldest;
            }
        }
        Ok(())
    }

    /// Whether the end of a game that is over is among the calls.
    fn is_ended(&self, state: &State) -> bool {
        let by_move = state.game().is_some_and(|game| {
            matches!(
                game.status(),
                Status::Won(_, playfair_chess_rules::game::Win::Checkmate)
            ) || matches!(game.status(), Status::Drawn(_))
        });
        by_move || state.plies.last().is_some_and(|ply| ply.mv.is_none())
    }

    /// Verifies calls that the node names; says whether one was known already.
    async fn verify_calls(&self, number: u32, places: &[crate::told::CallPlace]) -> Told<bool> {
        let mut any_known = false;
        for id in places.iter().filter_map(|place| place.id.clone()) {
            if !self.is_shown(number) {
                return Ok(true);
            }
            let is_known = self.game.get().plies.iter().any(|ply| ply.id == id);
            any_known |= is_known;
            if is_known || !self.strangers.borrow_mut().insert(id.clone()) {
                continue;
            }
            match self.handles.client.call(&id).await {
                Ok(call) => self.happened(number, ply_of(&call, number)),
                // The node named a call that it does not have: a hint, not an answer, and perhaps another one the next time.
                Err(trouble) if trouble.kind == "refused" => {
                    self.strangers.borrow_mut().remove(&id);
                }
                Err(trouble) => {
                    self.strangers.borrow_mut().remove(&id);
                    return Err(trouble);
                }
            }
        }
        Ok(any_known)
    }

    fn happened(&self, number: u32, ply: Option<Ply>) {
        let Some(ply) = ply else { return };
        self.handles.saw(&ply.id, ply.height);
        self.seen
            .borrow_mut()
            .entry(ply.id.clone())
            .or_insert_with(stopwatch);
        self.act_on(number, Change::Happened(vec![ply]));
    }

    /// Looks for the proofs of calls up to a height that have none yet.
    async fn raise(&self, number: u32, reach: u64) -> Told<()> {
        let state = self.game.get();
        let open = state
            .plies
            .iter()
            .rev()
            .filter(|ply| ply.rung < Rung::Proven && ply.height <= reach);
        for ply in open.take(RAISED_MAX) {
            let call = self.handles.client.again(&ply.id, ply.height).await?;
            if call.rung == Rung::Proven {
                let ms = self.seen.borrow().get(&ply.id).map(|seen| stopwatch() - seen);
                self.act_on(number, Change::Proven(ply.id.clone(), ms));
            }
        }
        Ok(())
    }

    /// Keeps the verified calls for the next visit.
    fn remember(&self) {
        let state = self.game.get();
        if let Ok(text) = serde_json::to_string(&state.plies)
            && !state.plies.is_empty()
        {
            browser::keep(&self.place(state.number), &text);
        }
    }

    fn failed(&self, number: u32, trouble: Trouble) {
        if ["closed", "slow", "module"].contains(&trouble.kind.as_str()) {
            self.handles.forget_predictor();
        }
        let trouble = self.handles.caught(trouble);
        // A lie is shown as one, and a node that gives nothing at all by the chain's own state; one that keeps back what a game needs is told here.
        let is_told = trouble.lie.is_some() || self.handles.store.get().trouble.is_some();
        if !is_told {
            self.say(number, trouble.message, true);
        }
    }

    fn say(&self, number: u32, text: impl Into<String>, is_bad: bool) {
        let notice = Notice {
            text: text.into(),
            is_bad,
        };
        self.act_on(number, Change::Say(Some(notice)));
    }

    // --- calls ---

    /// The visitor's own call in the game that is shown: signed, run here, handed in.
    pub async fn act(self: Rc<Self>, entry: u8, payload: Vec<u8>, mv: Option<Move>) {
        let state = self.game.get();
        if state.pending.is_some() {
            return;
        }
        let number = state.number;
        let pending = Pending {
            id: String::new(),
            mv,
            predicted: None,
        };
        self.act_on(number, Change::Sent(pending));
        if let Err(trouble) = self.try_act(number, entry, payload).await {
            let trouble = self.caller.explained(PLAYER, trouble).await;
            let trouble = self.handles.caught(trouble);
            self.say(number, trouble.message, true);
        }
        // What it led to comes with a look: until then the old position stays with the move on top.
        Rc::clone(&self).look_now().await;
        self.act_on(number, Change::Arrived);
    }

    async fn try_act(&self, number: u32, entry: u8, payload: Vec<u8>) -> Told<()> {
        let signed = self.caller.signed(PLAYER, entry, payload).await?;
        let foreseen = self.handles.predictor().await?.call(&signed.record).await?;
        if let Some(will) = foreseen.calls.first() {
            done(&will.outcome, &will.output)?;
        }
        self.act_on(number, Change::Predicted(foreseen.ms));
        let begin = stopwatch();
        let call = self.caller.submitted(&signed).await?;
        done(&call.outcome, &call.output)?;
        let times = Times {
            predicted: Some(foreseen.ms),
            sequenced: Some(stopwatch() - begin),
            proven: None,
        };
        self.happened(number, ply_of(&call, number).map(|ply| Ply { times, ..ply }));
        Ok(())
    }

    // --- the house ---

    /// Lets the house move, if it is its turn and no other tab lets it.
    fn answer(self: &Rc<Self>) {
        let state = self.game.get();
        let is_ours = self.handles.store.get().role != Role::Follower;
        let Some(game) = state
            .game()
            .filter(|game| is_ours && game.status() == Status::Playing)
        else {
            return;
        };
        let house = self.caller.known(HOUSE);
        let is_turn = house.is_some_and(|house| game.player(game.turn()) == house);
        if !is_turn || self.answering.replace(true) {
            return;
        }
        let (driver, game, number) = (Rc::clone(self), *game, state.number);
        wasm_bindgen_futures::spawn_local(async move {
            // A breath, so that the visitor's own move is on the board first.
            TimeoutFuture::new(350).await;
            if let Err(trouble) = driver.house_moves(number, &game).await {
                driver.failed(number, trouble);
            }
            driver.answering.set(false);
            driver.look().await;
        });
    }

    async fn house_moves(&self, number: u32, game: &Game) -> Told<()> {
        let Some(mv) = house::choose(game.position(), u64::from(number) << 16 | u64::from(game.ply())) else {
            return Ok(());
        };
        let begin = stopwatch();
        let signed = self
            .caller
            .signed(HOUSE, entry::PLAY, abi::of_move(number, mv.0))
            .await?;
        let call = self.caller.submitted(&signed).await?;
        let times = Times {
            sequenced: Some(stopwatch() - begin),
            ..Times::default()
        };
        self.happened(number, ply_of(&call, number).map(|ply| Ply { times, ..ply }));
        Ok(())
    }
}

/// A stored game as the module keeps it.
fn decoded(bytes: &[u8]) -> Told<Stored> {
    match Game::decode(bytes) {
        Ok(game) => Ok(Stored::Game(Box::new(game))),
        Err(_) => Err(no_chess()),
    }
}

fn no_chess() -> Trouble {
    Trouble::of(
        "page",
        "this chain's module is not the chess that this board is for: see the explorer",
    )
}
