//! The chain that the page is about: its client and workers, and what was verified of it so far.

use crate::anchors::{self, Known, Other};
use crate::browser;
use crate::js::{Client, Predictor, Told, Wallet};
use crate::route::{Address, Route};
use crate::seen::Seen;
use crate::store::Store;
use crate::told::{Anchors, Block, Call, Check, Lie, MadeLie, News, Role, RungWords, Trouble, View};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use yew::Reducible;

/// Checks that stay on the page.
const CHECKS_KEPT: usize = 200;
/// Lies that stay on the page.
const LIES_KEPT: usize = 20;

/// What does the work. Everything that it gives was verified on the visitor's machine.
pub struct Handles {
    pub client: Client,
    /// None where the browser keeps no secrets: such a visitor watches.
    pub wallet: Option<Wallet>,
    predictor: RefCell<Option<Predictor>>,
    seen: Seen,
    /// The node that is asked.
    pub node: String,
    pub address: Address,
    pub anchors: Anchors,
    /// The link with them, as it is remembered.
    pub known: Known,
    pub ladder: Vec<RungWords>,
    pub lies: Vec<MadeLie>,
    /// Where what happens is told.
    pub store: Rc<Store<State>>,
}

impl PartialEq for Handles {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// What opening came to.
pub enum Opened {
    Ready(Box<Handles>),
    /// The chain is known under another link: no wallet was opened.
    Other(Box<Other>),
}

impl Handles {
    /// Opens the chain. `follow` begins as soon as it is known whom the visitor starts from; the wallet, which takes a worker of its own, comes after that.
    pub async fn open(
        node: String,
        address: Address,
        insecure: bool,
        store: Rc<Store<State>>,
        follow: impl FnOnce(&Client, &Known),
    ) -> Told<Opened> {
        let client = Client::open(&node, &address.link, insecure).await?;
        let anchors = client.anchors().await?;
        let known = Known::of(&address.link, browser::asked("node"), anchors.clone());
        if let Some(other) = anchors::other(&known) {
            return Ok(Opened::Other(Box::new(other)));
        }
        follow(&client, &known);
        let (ladder, lies) = (client.ladder().await?, client.lies().await?);
        Ok(Opened::Ready(Box::new(Self {
            wallet: Wallet::open().await.ok(),
            predictor: RefCell::new(None),
            seen: Seen::default(),
            client,
            node,
            address,
            anchors,
            known,
            ladder,
            lies,
            store,
        })))
    }

    /// The chain's module, ready to run here.
    pub async fn predictor(&self) -> Told<Predictor> {
        if let Some(predictor) = self.predictor.borrow().clone() {
            return Ok(predictor);
        }
        let predictor = Predictor::open(&self.client, &self.node).await?;
        self.predictor.replace(Some(predictor.clone()));
        Ok(predictor)
    }

    /// The next prediction begins with a new worker: the old one has ended, or runs another module.
    pub fn forget_predictor(&self) {
        self.predictor.replace(None);
    }

    /// A block, whose calls nobody can deny from now on.
    pub async fn block(&self, height: u64) -> Told<Block> {
        let block = self.client.block(height).await?;
        for id in block.records.iter().filter_map(|record| record.id.as_deref()) {
            self.seen.saw(id, block.height);
        }
        Ok(block)
    }

    /// A call was verified to be in the block of a height.
    pub fn saw(&self, id: &str, height: u64) {
        self.seen.saw(id, height);
    }

    /// A call. One that was seen in a block of this page is asked for again, so that its denial is a lie.
    pub async fn call(&self, id: &str) -> Told<Call> {
        let call = match self.seen.height(id) {
            Some(height) => self.client.again(id, height).await?,
            None => self.client.call(id).await?,
        };
        self.seen.saw(id, call.height);
        Ok(call)
    }

    /// The page's address of another place.
    pub fn to(&self, route: &Route) -> String {
        self.address.to(route)
    }

    /// The name under which the page keeps something of this chain for the next visit. It has all that the visitor believes: who comes with another
    /// link to the same chain, or believes another setup, meets nothing of it.
    pub fn kept_as(&self, what: &str) -> String {
        kept_as(&self.address.link, self.anchors.insecure, what)
    }

    /// The name under which the page keeps what the visitor has chosen or done on this chain. Nothing of it is believed: it says which of his keys to use, and which
    /// games to list, whoever named the chain. It is never deleted to make room.
    pub fn chosen_as(&self, what: &str) -> String {
        chosen_as(&self.anchors.chain_id, what)
    }

    /// The chain's own time, ms since 1970, as of the verified head; 0 before there is one.
    pub fn time_ms(&self) -> u64 {
        let state = self.store.get();
        let head = state.view.as_ref().and_then(|view| view.head.as_ref());
        head.map_or(0, |head| head.time_ms)
    }

    /// What a rung means.
    pub fn words(&self, rung: crate::told::Rung) -> Option<&RungWords> {
        self.ladder.iter().find(|words| words.name == rung)
    }

    /// Tells what failed, if it is something to show with its evidence; gives what was not.
    pub fn caught(&self, trouble: Trouble) -> Trouble {
        if trouble.lie.is_some() {
            self.store.act(Action::Caught(trouble.clone()));
        }
        trouble
    }
}

/// How names begin under which something is kept that can be verified again.
pub const KEPT: [&str; 2] = ["playfair/public/", "playfair/insecure/"];

/// How names begin of what a visitor has chosen.
pub const CHOSEN: &str = "playfair/chosen/";

/// The same for any chain.
pub fn chosen_as(chain_id: &str, what: &str) -> String {
    format!("{CHOSEN}{chain_id}/{what}")
}

fn kept_as(link: &str, insecure: bool, what: &str) -> String {
    let [public, development] = KEPT;
    let trust = if insecure { development } else { public };
    format!("{trust}{link}/{what}")
}

/// What is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub view: Option<View>,
    /// The newest first.
    pub checks: VecDeque<Check>,
    /// How many checks of this tab's own held since the page was opened.
    pub held: u64,
    /// Why the last look at the chain failed.
    pub trouble: Option<Trouble>,
    /// Whether another tab says so.
    pub is_heard: bool,
    /// What was caught, the newest first.
    pub lies: VecDeque<Lie>,
    /// The lie that the page was told to make and that was not caught yet.
    pub made: Option<String>,
    /// The one that was caught last and not put away.
    pub shown: Option<Lie>,
    pub role: Role,
}

/// What changes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Heard(Box<News>),
    Checked(Vec<Check>),
    Caught(Trouble),
    /// From now on the page changes answers.
    Lying(Option<String>),
    /// The visitor has read it.
    Read,
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut state = Rc::unwrap_or_clone(self);
        match action {
            Action::Heard(news) => {
                let News {
                    view,
                    checks,
                    trouble,
                    is_heard,
                    role,
                } = *news;
                if let Some(trouble) = &trouble {
                    state.catch(trouble, is_heard);
                }
                state.view = view.or(state.view);
                state.role = role;
                (state.trouble, state.is_heard) = (trouble, is_heard);
                state.check(checks, is_heard);
            }
            Action::Checked(checks) => state.check(checks, false),
            Action::Caught(trouble) => state.catch(&trouble, false),
            Action::Lying(name) => state.made = name,
            Action::Read => state.shown = None,
        }
        Rc::new(state)
    }
}

impl State {
    fn check(&mut self, checks: Vec<Check>, is_heard: bool) {
        self.held += if is_heard { 0 } else { checks.len() as u64 };
        for check in checks {
            self.checks.push_front(Check { is_heard, ..check });
        }
        self.checks.truncate(CHECKS_KEPT);
    }

    fn catch(&mut self, trouble: &Trouble, is_heard: bool) {
        let Some(lie) = trouble.lie.as_deref().cloned() else {
            return;
        };
        let lie = Lie { is_heard, ..lie };
        // What another tab makes is not told here.
        if lie.made && !is_heard {
            self.made = None;
        }
        // A node that repeats itself is one entry.
        if self.lies.front() != Some(&lie) {
            self.lies.push_front(lie.clone());
            self.lies.truncate(LIES_KEPT);
        }
        self.shown = Some(lie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lie(name: &str, made: bool) -> Trouble {
        Trouble {
            lie: Some(Box::new(Lie {
                name: name.to_owned(),
                message: String::new(),
                committees: false,
                asked: String::new(),
                exhibits: Vec::new(),
                micros: 1,
                made,
                is_heard: false,
            })),
            ..Trouble::of("lie", "")
        }
    }

    fn news(height: Option<u64>, trouble: Option<Trouble>) -> Action {
        let head = |height| crate::told::Head {
            height,
            time_ms: 0,
            digest: String::new(),
            module: String::new(),
        };
        let view = height.map(|height| View {
            head: Some(head(height)),
            proven: None,
            proven_block: None,
            frozen: None,
        });
        let check = Check {
            kind: "certificate".to_owned(),
            what: String::new(),
            against: String::new(),
            micros: 1,
            is_heard: false,
        };
        Action::Heard(Box::new(News {
            view,
            checks: vec![check; 150],
            trouble,
            is_heard: false,
            role: Role::Leader,
        }))
    }

    #[test]
    fn what_another_tab_says_is_marked_and_no_check_of_this_one() {
        let Action::Heard(mut heard) = news(Some(4), Some(lie("hidden-value", true))) else {
            unreachable!("news are heard");
        };
        heard.is_heard = true;
        let state = Rc::new(State::default()).reduce(Action::Lying(Some("value".to_owned())));
        let state = state.reduce(Action::Heard(heard));
        assert!(state.checks.iter().all(|check| check.is_heard) && !state.checks.is_empty());
        assert_eq!((state.held, state.made.as_deref()), (0, Some("value")));
        assert!(state.lies.iter().chain(&state.shown).all(|lie| lie.is_heard));
        // The same, caught here, is another finding.
        let state = state.reduce(news(None, Some(lie("hidden-value", false))));
        assert!(state.lies.len() == 2 && !state.is_heard && state.held == 150);
    }

    #[test]
    fn what_is_kept_belongs_to_whom_the_visitor_believes() {
        let places = [("pf1.a", true), ("pf1.a", false), ("pf1.b", true)]
            .map(|(link, insecure)| kept_as(link, insecure, "game/1"));
        assert_eq!(
            places
                .each_ref()
                .map(|place| places.iter().filter(|other| *other == place).count()),
            [1; 3]
        );
    }

    #[test]
    fn what_was_verified_stays_when_a_lie_comes() {
        let state = Rc::new(State::default()).reduce(news(Some(4), None));
        let state = state.reduce(Action::Lying(Some("value".to_owned())));
        let state = state.reduce(news(None, Some(lie("hidden-value", true))));
        assert_eq!(state.view.as_ref().unwrap().head.as_ref().unwrap().height, 4);
        assert_eq!(
            (
                state.made.as_ref(),
                state.lies.len(),
                state.checks.len(),
                state.held
            ),
            (None, 1, CHECKS_KEPT, 300)
        );
        // The same again is no other one, and stays shown until it was read.
        let state = state.reduce(Action::Caught(lie("hidden-value", true)));
        assert_eq!(state.lies.len(), 1);
        let state = state.reduce(news(Some(5), None));
        assert!(state.shown.is_some() && state.trouble.is_none());
        assert!(state.reduce(Action::Read).shown.is_none());
    }
}
