//! One socket's subscriptions: where each stands, and what is to be told next.
//!
//! A step tells one thing. Subscriptions take turns, so that one which goes through a long history does not keep the others
//! waiting; what has nothing for anybody is gone through in short strides between which the socket listens.

use super::ask::{self, Ask, What};
use super::feed::{BATCH_BYTES, Feed, check_from};
use super::texts::{Texts, Wanted, json};
use super::values::{self, Beginning, Watching};
use super::{frame, index, rung};
use crate::calls::Standing;
use crate::paths::PathsKept;
use crate::problem;
use crate::proofs::{self, ProvenHistory};
use http::StatusCode;
use playfair_host::Readers;
use playfair_http::{Problem, Toll};
use playfair_types::state::StateKey;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// Subscriptions of one socket.
const SUBSCRIPTIONS_MAX: usize = 64;
/// Keys that one socket watches, in all.
const KEYS_MAX: usize = 1_024;
/// Keys of a chain that are watched, in all.
const WATCHED_MAX: usize = 1 << 18;
/// Blocks that are gone through in a stride, if nothing in them is to be told.
const STRIDE: usize = 64;

pub(crate) struct Session {
    pub(crate) feed: Arc<Feed>,
    toll: Toll,
    subscriptions: BTreeMap<u32, Subscription>,
    /// Old blocks that were read together, ascending.
    old: Vec<Arc<Texts>>,
    /// Whose turn it was last.
    turn: u32,
}

struct Subscription {
    /// The cursor that the client has.
    told: Option<u64>,
    /// All up to here has been looked at; ahead of `told` when nothing was for it.
    seen: Option<u64>,
    kind: Kind,
}

enum Kind {
    Blocks,
    /// `part` is where in the next block to go on.
    Receipts {
        wanted: Wanted,
        part: usize,
    },
    State(Watching),
    /// `sealed` has where its record ends on the tape, and the rung that was told.
    Call {
        id: [u8; 32],
        sealed: Option<(u64, usize)>,
    },
    /// The cursor is a frame.
    Proofs,
}

/// What came of a step.
pub(crate) enum Step {
    Tell(String),
    /// Nothing yet, but there is more to look at.
    Again,
    /// Nothing until something happens.
    Idle,
}

/// What to answer to a message, and whether it was one.
pub(crate) struct Heard {
    pub(crate) answers: Vec<String>,
    pub(crate) is_nonsense: bool,
}

impl Session {
    pub(crate) fn new(feed: Arc<Feed>, toll: Toll) -> Self {
        Self {
            feed,
            toll,
            subscriptions: BTreeMap::new(),
            old: Vec::new(),
            turn: 0,
        }
    }

    /// Takes a message.
    pub(crate) async fn hear(&mut self, text: &str) -> Heard {
        let (name, problem, is_nonsense) = match ask::read(text) {
            Err(unasked) => (unasked.name, unasked.problem, true),
            Ok(Ask::Unsubscribe(name)) => match self.subscriptions.remove(&name) {
                Some(_) => {
                    return Heard {
                        answers: vec![frame::end(name, "unsubscribed")],
                        is_nonsense: false,
                    };
                }
                None => {
                    let message = "there is no subscription of this number";
                    let problem = Problem::new(StatusCode::NOT_FOUND, "unknown_subscription", message);
                    (Some(name), problem, true)
                }
            },
            Ok(Ask::Subscribe { name, what }) => match self.subscribe(name, what).await {
                Ok(answers) => {
                    return Heard {
                        answers,
                        is_nonsense: false,
                    };
                }
                Err(problem) => (Some(name), problem, false),
            },
        };
        // An error with a subscription's number ends it, so one that goes on is not named.
        let name = name.filter(|name| !self.subscriptions.contains_key(name));
        Heard {
            answers: vec![frame::error(name, &problem)],
            is_nonsense,
        }
    }

    async fn subscribe(&mut self, name: u32, what: What) -> Result<Vec<String>, Problem> {
        self.toll.charge(what.cost())?;
        let too_many = |message: &str| Err(Problem::new(StatusCode::CONFLICT, "too_many", message));
        if self.subscriptions.contains_key(&name) {
            let message = "a subscription has this number: unsubscribe it first, or take another";
            return Err(Problem::new(StatusCode::CONFLICT, "name_taken", message));
        }
        if self.subscriptions.len() >= SUBSCRIPTIONS_MAX {
            return too_many("a socket has at most 64 subscriptions: end some, or open another");
        }
        let chain = Arc::clone(&self.feed.chain);
        let readers = chain.readers().ok_or_else(|| problem::closed(&chain))?;
        let last = readers.last();
        if let What::Blocks { from: Some(from) }
        | What::Receipts { from: Some(from), .. }
        | What::State { from: Some(from), .. } = &what
        {
            check_from(&readers, *from)?;
        }
        let (cursor, kind, body) = match what {
            What::Blocks { from: Some(from) } => (from.checked_sub(1), Kind::Blocks, None),
            What::Blocks { from: None } => {
                let newest = self.feed.old(&readers, last, last).await?;
                let body = newest.first().map(|texts| texts.header().to_owned());
                (Some(last), Kind::Blocks, body)
            }
            What::Receipts {
                from,
                account,
                evidence,
            } => {
                let wanted = Wanted { account, evidence };
                let cursor = from.map_or(Some(last), |from| from.checked_sub(1));
                (cursor, Kind::Receipts { wanted, part: 0 }, None)
            }
            What::State { from, keys } => {
                let watched: usize = self.subscriptions.values().map(Subscription::keys).sum();
                if watched + keys.len() > KEYS_MAX {
                    return too_many("a socket watches at most 1,024 keys: end some, or open another");
                }
                if self.feed.watched.len() + keys.len() > WATCHED_MAX {
                    let message = "subscribers watch as many keys of this chain as the node can look at";
                    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_watched", message);
                    return Err(problem.retry_after_ms(60_000));
                }
                return self.subscribe_state(name, from, keys, readers).await;
            }
            What::Call { id } => {
                let (reader, paths) = (readers.clone(), Arc::clone(&self.feed.paths));
                let found = self.feed.reading(move || standing(&paths, &reader, id)).await?;
                let (sealed, body) = match found {
                    Some((end, rung, body)) => (Some((end, rung)), body),
                    None => (None, json(&Standing::waiting(id))),
                };
                (Some(last), Kind::Call { id, sealed }, Some(body))
            }
            What::Proofs { from: Some(from) } => (Some(from), Kind::Proofs, None),
            What::Proofs { from: None } => {
                let tip = readers.proofs.tip();
                (
                    Some(tip.frames()),
                    Kind::Proofs,
                    Some(json(&ProvenHistory::of(&tip))),
                )
            }
        };
        let mut answers = vec![frame::snapshot(name, cursor, body.as_deref().unwrap_or("null"))];
        match kind {
            Kind::Call {
                sealed: Some((_, rung)),
                ..
            } if rung::is_last(rung) => answers.push(frame::end(name, "last_rung")),
            kind => {
                let subscription = Subscription {
                    told: cursor,
                    seen: cursor,
                    kind,
                };
                self.subscriptions.insert(name, subscription);
            }
        }
        Ok(answers)
    }

    /// Values now; or, for who goes on from a cursor whose state is still kept, those that changed since.
    async fn subscribe_state(
        &mut self,
        name: u32,
        from: Option<u64>,
        asked: Vec<StateKey>,
        readers: Readers,
    ) -> Result<Vec<String>, Problem> {
        let before = from.and_then(|from| from.checked_sub(1));
        let Beginning {
            watching,
            height: last,
            changed,
        } = values::begin(&self.feed, &readers, &asked, before).await?;
        let mut told = Some(last);
        let answers = match changed {
            None => {
                let body = self.feed.proven(&readers, last, &asked).await?;
                vec![frame::snapshot(name, told, &body)]
            }
            Some(changed) => {
                let mut answers = vec![frame::snapshot(name, before, "null")];
                if changed.is_empty() {
                    told = before;
                } else {
                    let body = self.feed.proven(&readers, last, &changed).await?;
                    answers.push(frame::delta(name, before, told, &body));
                }
                answers
            }
        };
        let subscription = Subscription {
            told,
            seen: Some(last),
            kind: Kind::State(watching),
        };
        self.subscriptions.insert(name, subscription);
        Ok(answers)
    }

    /// The next thing to tell.
    pub(crate) async fn step(&mut self) -> Step {
        let after = (Bound::Excluded(self.turn), Bound::Unbounded);
        let names = self.subscriptions.range(after).map(|(name, _)| *name);
        let first = self.subscriptions.range(..=self.turn).map(|(name, _)| *name);
        let names: Vec<u32> = names.chain(first).collect();
        for name in names {
            let Some(mut subscription) = self.subscriptions.remove(&name) else {
                continue;
            };
            let step = self.advance(name, &mut subscription).await;
            match step {
                Ok((Step::Idle, _)) => {
                    self.subscriptions.insert(name, subscription);
                }
                Ok((step, goes_on)) => {
                    self.turn = name;
                    if goes_on {
                        self.subscriptions.insert(name, subscription);
                    }
                    return step;
                }
                // It has ended.
                Err(problem) => return Step::Tell(frame::error(Some(name), &problem)),
            }
        }
        Step::Idle
    }

    /// A subscription's next step, and whether it goes on after it.
    async fn advance(&mut self, name: u32, it: &mut Subscription) -> Result<(Step, bool), Problem> {
        let told = self.feed.told();
        if let Kind::State(watching) = &it.kind {
            let seen = it.seen.unwrap_or_default();
            let changed = match told.changed > seen {
                true => self.feed.watched.changed(&watching.keys, seen, told.values),
                false => Vec::new(),
            };
            if changed.is_empty() {
                it.seen = it.seen.max(Some(told.values));
                return Ok((Step::Idle, true));
            }
            let Some(readers) = self.feed.chain.readers() else {
                return Ok((Step::Idle, true));
            };
            // What is kept may be so little that this version is gone already.
            let (mut height, mut body) = (
                told.values,
                self.feed.proven(&readers, told.values, &changed).await,
            );
            if body
                .as_ref()
                .is_err_and(|problem| problem.status == StatusCode::GONE)
            {
                height = readers.last();
                body = self.feed.proven(&readers, height, &changed).await;
            }
            let text = frame::delta(name, it.told, Some(height), &body?);
            (it.told, it.seen) = (Some(height), Some(height));
            return Ok((Step::Tell(text), true));
        }
        if let Kind::Proofs = it.kind {
            let from = it.told.unwrap_or_default();
            let readers = self.feed.chain.readers();
            let Some(readers) = readers.filter(|_| told.proven > from) else {
                return Ok((Step::Idle, true));
            };
            let found = self.feed.reading(move || proofs::about(&readers, from)).await?;
            let Some((proof, end)) = found else {
                return Ok((Step::Idle, true));
            };
            let text = frame::delta(name, it.told, Some(end), &json(&proof));
            (it.told, it.seen) = (Some(end), Some(end));
            return Ok((Step::Tell(text), true));
        }
        if let Kind::Call {
            sealed: Some((end, rung)),
            id,
        } = &mut it.kind
        {
            it.seen = it.seen.max(told.blocks);
            let readers = self.feed.chain.readers();
            let now = readers.map_or(0, |readers| rung::rung_of(&readers, *end));
            if now <= *rung {
                return Ok((Step::Idle, true));
            }
            let body = self.sealed(*id).await?;
            let Some((_, _, body)) = body else {
                if self.feed.chain.readers().is_none() {
                    return Ok((Step::Idle, true));
                }
                let message = "the call's block is not kept any more";
                return Err(Problem::new(StatusCode::GONE, "pruned", message));
            };
            *rung = now;
            return Ok(risen(name, it, now, &body));
        }
        for _ in 0..STRIDE {
            let Some(last) = told.blocks else {
                return Ok((Step::Idle, true));
            };
            let Some(next) = self.next(it, last).await?.filter(|next| *next <= last) else {
                return Ok((Step::Idle, true));
            };
            let Some(texts) = self.texts(next, last).await? else {
                return Ok((Step::Idle, true));
            };
            match &mut it.kind {
                Kind::Blocks => {
                    let text = frame::delta(name, it.told, Some(next), texts.header());
                    (it.told, it.seen) = (Some(next), Some(next));
                    return Ok((Step::Tell(text), true));
                }
                Kind::Receipts { wanted, part } => {
                    if texts.is_silent(*wanted) {
                        it.seen = Some(next);
                        continue;
                    }
                    let (start, wanted) = (*part, *wanted);
                    // Paths are hashed once a block.
                    let made = match wanted.evidence {
                        true => {
                            let make = move || Ok(texts.part(wanted, start));
                            self.feed.reading(make).await?
                        }
                        false => texts.part(wanted, start),
                    };
                    *part = made.next.unwrap_or(0);
                    let text = match made.next {
                        Some(_) => frame::part(name, it.told, &made.body),
                        None => {
                            let text = frame::delta(name, it.told, Some(next), &made.body);
                            (it.told, it.seen) = (Some(next), Some(next));
                            text
                        }
                    };
                    return Ok((Step::Tell(text), true));
                }
                Kind::Call { id, sealed } => {
                    it.seen = Some(next);
                    let id = *id;
                    if texts.ids.contains_key(&id)
                        && let Some((end, rung, body)) = self.sealed(id).await?
                    {
                        *sealed = Some((end, rung));
                        return Ok(risen(name, it, rung, &body));
                    }
                }
                Kind::State(_) | Kind::Proofs => return Ok((Step::Idle, true)),
            }
        }
        Ok((Step::Again, true))
    }

    /// What is said of a sealed call; none if the chain has just been closed.
    async fn sealed(&self, id: [u8; 32]) -> Result<Option<(u64, usize, String)>, Problem> {
        let Some(readers) = self.feed.chain.readers() else {
            return Ok(None);
        };
        let paths = Arc::clone(&self.feed.paths);
        self.feed.reading(move || standing(&paths, &readers, id)).await
    }

    /// The next height that a subscription has to look at, blocks up to `last` being sealed; none while the chain is not open. Of blocks that
    /// would have to be read, those that the index knows to have nothing for it are passed over.
    async fn next(&self, it: &mut Subscription, last: u64) -> Result<Option<u64>, Problem> {
        let next = it.seen.map_or(0, |seen| seen + 1);
        let Kind::Receipts { wanted, part: 0 } = &it.kind else {
            return Ok(Some(next));
        };
        let Some(account) = wanted.account.filter(|_| next <= last && !self.is_here(next)) else {
            return Ok(Some(next));
        };
        let Some(readers) = self.feed.chain.readers() else {
            return Ok(None);
        };
        let look = move || index::next_call(&readers, account, next, last);
        let found = self.feed.reading(look).await?;
        it.seen = found.checked_sub(1);
        Ok(Some(found))
    }

    /// Whether a block's texts need not be read.
    fn is_here(&self, height: u64) -> bool {
        let is_known = || self.old.iter().any(|texts| texts.height() == height);
        self.feed.recent(height).is_some() || self.feed.large(height).is_some() || is_known()
    }

    /// A block's texts; none while the chain is not open. Blocks up to `last` may be read with it.
    async fn texts(&mut self, height: u64, last: u64) -> Result<Option<Arc<Texts>>, Problem> {
        if let Some(texts) = self.feed.recent(height) {
            self.old.clear();
            return Ok(Some(texts));
        }
        if let Some(texts) = self.feed.large(height) {
            return Ok(Some(texts));
        }
        let known = self.old.iter().find(|texts| texts.height() == height);
        if let Some(texts) = known {
            return Ok(Some(Arc::clone(texts)));
        }
        let Some(readers) = self.feed.chain.readers() else {
            return Ok(None);
        };
        let read = self.feed.old(&readers, height, last).await?;
        let first = read.first().map(Arc::clone);
        // A large block is not kept by each who may be slow to take it.
        let weight: usize = read.iter().map(|texts| texts.weight()).sum();
        self.old.clear();
        match &first {
            Some(large) if weight > BATCH_BYTES => self.feed.keep_large(large),
            _ => self.old = read,
        }
        Ok(first)
    }

    /// What is told once in a while: how far those have come that had nothing to tell.
    pub(crate) fn cursors(&mut self) -> Vec<String> {
        let behind = self.subscriptions.iter_mut().filter(|(_, it)| it.told != it.seen);
        let tell = behind.map(|(name, it)| {
            let text = frame::nothing(*name, it.told, it.seen);
            it.told = it.seen;
            text
        });
        tell.collect()
    }
}

impl Subscription {
    fn keys(&self) -> usize {
        match &self.kind {
            Kind::State(watching) => watching.keys.len(),
            _ => 0,
        }
    }
}

/// A call has reached a rung.
fn risen(name: u32, it: &mut Subscription, rung: usize, body: &str) -> (Step, bool) {
    let mut text = frame::delta(name, it.told, it.seen, body);
    it.told = it.seen;
    let ends = rung::is_last(rung);
    if ends && text.pop().is_some() {
        text.push_str(r#","end":"last_rung"}"#);
    }
    (Step::Tell(text), !ends)
}

/// Where a call's record ends on the tape, its rung, and what is said of it; none if it is not sealed.
fn standing(
    paths: &PathsKept,
    readers: &Readers,
    id: [u8; 32],
) -> Result<Option<(u64, usize, String)>, Problem> {
    let found = Standing::find(id, readers, paths)?;
    Ok(found.map(|(standing, end)| (end, standing.rung(), json(&standing))))
}
