//! The process is killed with SIGKILL at moments that a seed chooses, and started again: every call that was acknowledged
//! is at its place with its receipt, whatever was being written.
//!
//! The books are kept here, outside the process. A call whose answer did not come is submitted again as the same bytes: it
//! must be sealed once, whether the node had it already or not; the module counts, so that a call sealed twice shows.

use super::scene::{Folder, PATIENCE, Process, get, pause, players, running, runtime, submit, total};
use playfair_http::{Client, ClientLimits};
use playfair_runtime::local::Players;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const CLIENTS: usize = 8;
/// Kills of the normal run, and of the long one (`PLAYFAIR_SOAK` set).
const CYCLES: [u64; 2] = [20, 200];

/// Cycles from one chain that is made to the next, and how many there may be: each costs time at every start.
const MAKE_EVERY: u64 = 2;
const MADE_MAX: usize = 8;

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        // splitmix64.
        self.0 = self.0.wrapping_add(SEED);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % bound
    }
}

/// One player: what it was told, and what it does not know.
struct Player {
    name: String,
    players: Players,
    /// A call that left and was not answered.
    pending: Option<Vec<u8>>,
    /// What was acknowledged: the whole answer.
    book: Vec<Value>,
}

/// What the clients of one cycle share.
struct Cycle {
    client: Client,
    acknowledged: AtomicU64,
    more: Notify,
    over: AtomicBool,
}

impl Player {
    /// Calls, one after the other, until the node is gone.
    async fn play(mut self, cycle: Arc<Cycle>) -> Self {
        while !cycle.over.load(Ordering::Acquire) {
            let record = match self.pending.take() {
                Some(record) => record,
                None => self.players.call(&self.name, 0, &[]).expect("a call"),
            };
            match submit(&cycle.client, "counter", &record).await {
                Ok((200, answer)) => {
                    self.book.push(told(answer));
                    cycle.acknowledged.fetch_add(1, Ordering::AcqRel);
                    cycle.more.notify_one();
                }
                Ok((202 | 503, _)) => {
                    self.pending = Some(record);
                    pause().await;
                }
                Ok((status, answer)) => panic!("{}: {status} {answer}", self.name),
                Err(_) => {
                    self.pending = Some(record);
                    return self;
                }
            }
        }
        self
    }
}

/// What is true of a sealed call for ever.
fn told(mut answer: Value) -> Value {
    assert_eq!(
        (&answer["status"], &answer["outcome"]),
        (&"sealed".into(), &"ok".into()),
        "{answer}"
    );
    assert!(answer["evidence"]["block"]["certificate"].is_string(), "{answer}");
    // It climbs.
    answer.as_object_mut().expect("an object").remove("rung");
    answer
}

/// Whether everything that was acknowledged is there.
async fn check<'a>(client: &Client, booked: impl Iterator<Item = &'a Value>) -> usize {
    let mut count = 0;
    for answer in booked {
        let id = answer["id"].as_str().expect("an id");
        let (status, shown) = get(client, &format!("/v1/chains/counter/calls/{id}")).await;
        assert_eq!(status, 200, "LOST: {answer}, the node says {shown}");
        assert_eq!(&told(shown), answer, "a call was acknowledged and is another now");
        count += 1;
    }
    count
}

/// Makes a chain of the same module while the others play; its name, if it was told to be there.
async fn make_chain(admin: String, module: Value, cycle: u64) -> Option<String> {
    let client = Client::new(&admin, None, ClientLimits::default()).expect("an address");
    let name = format!("made-{cycle}");
    let salt = format!("{cycle:062x}");
    let new = json!({ "name": name, "rules": { "module": module, "salt": salt } });
    let answer = client
        .post("/admin/v1/chains", "application/json", new.to_string())
        .await
        .ok()?;
    assert_eq!(answer.status, 201, "{answer:?}");
    Some(name)
}

/// Has history and state written again and again, until the node is gone; how often.
async fn write_on(admin: String) -> u64 {
    let client = Client::new(&admin, None, ClientLimits::default()).expect("an address");
    let mut count = 0;
    let path = "/admin/v1/chains/counter/checkpoint";
    while let Ok(answer) = client.post(path, "application/json", "").await {
        assert_eq!(answer.status, 200, "{answer:?}");
        count += 1;
    }
    count
}

#[test]
fn no_acknowledged_call_is_lost_however_often_the_process_is_killed() {
    let is_soak = std::env::var_os("PLAYFAIR_SOAK").is_some();
    let cycles = CYCLES[usize::from(is_soak)];
    runtime().block_on(run(cycles));
}

async fn run(cycles: u64) {
    let folder = Folder::with_chains(&["counter"]);
    let mut numbers = Numbers(SEED);
    let mut everybody: Vec<Player> = Vec::new();
    let mut checked = vec![0; CLIENTS];
    let (mut while_starting, mut checkpoints, mut heights, mut made) = (0, 0, Vec::new(), Vec::new());
    for cycle in 0..cycles {
        let mut process = Process::spawn(&folder, &["--set", "guard.rate.per_second=0"]);
        if numbers.below(4) == 0 {
            // Killed while it starts: up to 200 ms after the process was made, or when it has said a certain line.
            let wait = Duration::from_millis(numbers.below(200));
            let line = ["data", "api", "ready"][numbers.below(3) as usize];
            process.line(line, wait);
            let ended = process.kill();
            assert!(
                !ended.log.contains("panicked") && !ended.log.contains("a bug"),
                "{}",
                ended.log
            );
            while_starting += 1;
            continue;
        }
        let process = process.ready();
        let client = process.client();
        let shown = running(&client, "counter").await;
        if everybody.is_empty() {
            everybody = (0..CLIENTS)
                .map(|number| Player {
                    name: format!("player {number}"),
                    players: players(&shown),
                    pending: None,
                    book: Vec::new(),
                })
                .collect();
        }
        heights.push(shown["height"].as_u64().expect("a height"));
        // What was acknowledged before this start, and some of what was older.
        for (player, checked) in everybody.iter().zip(&mut checked) {
            let from = checked
                .min(&mut (numbers.below(1 + player.book.len() as u64) as usize))
                .to_owned();
            check(
                &client,
                player.book.iter().skip(from.max(checked.saturating_sub(5))),
            )
            .await;
            *checked = player.book.len();
        }
        let shared = Arc::new(Cycle {
            client: Client::new(&process.place("api"), None, ClientLimits::default()).expect("an address"),
            acknowledged: AtomicU64::new(0),
            more: Notify::new(),
            over: AtomicBool::new(false),
        });
        let playing: Vec<_> = std::mem::take(&mut everybody)
            .into_iter()
            .map(|player| tokio::spawn(player.play(Arc::clone(&shared))))
            .collect();
        // By itself a node writes history and state every two seconds. In every other cycle it does all the time, so that
        // the end comes in the middle of it.
        let writing = (numbers.below(2) == 0).then(|| tokio::spawn(write_on(process.place("admin"))));
        let making = (cycle % MAKE_EVERY == 0 && made.len() < MADE_MAX)
            .then(|| tokio::spawn(make_chain(process.place("admin"), shown["module"].clone(), cycle)));
        let goal = numbers.below(150);
        let until = Instant::now() + PATIENCE;
        while shared.acknowledged.load(Ordering::Acquire) < goal {
            assert!(Instant::now() < until, "cycle {cycle}: no calls are sealed");
            let _ = tokio::time::timeout(Duration::from_millis(100), shared.more.notified()).await;
        }
        let ended = process.kill();
        shared.over.store(true, Ordering::Release);
        if let Some(writing) = writing {
            checkpoints += writing.await.expect("a task");
        }
        if let Some(making) = making {
            made.extend(making.await.expect("a task"));
        }
        assert!(!ended.log.contains("a bug"), "{}", ended.log);
        for player in playing {
            everybody.push(player.await.expect("a player"));
        }
    }
    // Everything that is still open is submitted again, and everything that was ever acknowledged is looked at.
    let process = Process::spawn(&folder, &["--set", "guard.rate.per_second=0"]).ready();
    let client = process.client();
    running(&client, "counter").await;
    for player in &mut everybody {
        if let Some(record) = player.pending.take() {
            let (status, answer) = submit(&client, "counter", &record).await.expect("an answer");
            assert_eq!(status, 200, "{answer}");
            player.book.push(told(answer));
        }
    }
    for name in &made {
        running(&client, name).await;
    }
    let mut count = 0;
    for player in &everybody {
        count += check(&client, player.book.iter()).await;
    }
    assert_eq!(
        total(&client, "counter").await,
        count as u64,
        "a call is sealed once"
    );
    assert!(
        heights.is_sorted() && heights.len() as u64 + while_starting == cycles,
        "{heights:?}"
    );
    assert!(
        count > 10 * CLIENTS && while_starting > 0,
        "{count} calls, {while_starting} starts cut short"
    );
    assert!(
        checkpoints > 0,
        "history and state were never written in the middle of a kill"
    );
    println!(
        "{cycles} kills, {while_starting} of them while starting, {checkpoints} checkpoints between them; \
         {count} acknowledged calls and {} chains made, none lost",
        made.len()
    );
    assert!(process.stop().status.success());
}
