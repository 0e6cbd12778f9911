//! A run: players, a network that is no better than real ones, one chain on one disk, and whatever may happen to it.
//!
//! The books are kept outside of the node: which blocks it has shown, and which calls it has acknowledged. After each
//! restart everything in the books must still be so. Every ticket must come back exactly once.

use crate::disk::{Fault, Loss, SimDisk};
use crate::random::Random;
use crate::world::{Order, Player, START_MS, World};
use playfair_bls::{Signer, Verifier};
use playfair_sequencer::{Answer, Chapter, Halt, Keep, Made, OpenError, Refusal, Sequencer, Ticket};
use playfair_storage::history::Place;
use playfair_storage::{Disk, Sealed};
use playfair_types::Decode;
use playfair_types::account::{AccountId, AccountRecord};
use playfair_types::chain::seed_of;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::receipt::Outcome;
use playfair_types::state::{StateKey, SystemKey};
use playfair_types::tape::call_message;
use playfair_types::tape::system::BlockRecord;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

/// Steps that players, network, node and fate take.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What everything follows from.
    pub seed: u64,
    /// How many steps.
    pub steps: u64,
    /// One step in so many is a disaster; 0 for none.
    pub disasters: u64,
    /// Whether the chain ticks.
    pub ticks: bool,
    /// Blocks that are kept at least; 0 for all.
    pub keep: u64,
}

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// A hash over everything that anybody outside could see, in order.
    pub history: [u8; 32],
    /// The digest of the last block.
    pub digest: [u8; 32],
    /// Blocks.
    pub blocks: u64,
    /// Calls that were acknowledged.
    pub sealed: u64,
    /// Calls that were refused, by the name of the reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// Times that the node was opened again.
    pub restarts: u64,
    /// What opening did beside.
    pub chapters: BTreeMap<String, u64>,
    /// Times that the node stopped by itself.
    pub halts: u64,
    /// Bases that were written.
    pub bases: u64,
    /// The first block that is kept at the end.
    pub first: u64,
}

/// A message on its way to the node.
struct Message {
    due_ms: u64,
    /// Among messages of one time.
    order: u64,
    bytes: Vec<u8>,
    id: Name,
}

/// What a message is known by to who sent it.
#[derive(Clone, Copy)]
struct Name {
    /// The call that it is, if it is one.
    id: Option<[u8; 32]>,
    /// Whether it is what somebody signed.
    clean: bool,
}

/// A player and what he has sent.
struct Client {
    player: Player,
    /// The next nonce of each lane that he has not used.
    nonces: [u64; 8],
    created: bool,
    /// Whether the call that creates the account is under way.
    creating: bool,
}

struct Run<'w> {
    world: &'w World,
    plan: Plan,
    random: Random,
    now_ms: u64,
    disk: SimDisk,
    node: Option<Sequencer<SimDisk, Signer>>,
    clients: Vec<Client>,
    network: Vec<Message>,
    messages: u64,
    tickets: u64,
    /// Who waits, and for which call.
    open: BTreeMap<Ticket, Name>,
    shown: Vec<[u8; 32]>,
    acknowledged: BTreeMap<[u8; 32], Place>,
    seen: Sha256,
    report: Report,
}

/// Runs a plan.
///
/// # Panics
/// When the node breaks a promise; the message says which.
#[must_use]
pub fn run(world: &World, plan: Plan) -> Report {
    let disk = SimDisk::new();
    let opened = world.create(&disk).unwrap_or_else(|error| panic!("{error}"));
    let clients = (0..6).map(|number| Client {
        player: Player::new(number),
        nonces: [0; 8],
        created: false,
        creating: false,
    });
    let mut run = Run {
        world,
        plan,
        random: Random::new(plan.seed),
        now_ms: START_MS,
        disk,
        clients: clients.collect(),
        network: Vec::new(),
        messages: 0,
        tickets: 0,
        open: BTreeMap::new(),
        shown: vec![opened.sequencer.last().header.digest()],
        acknowledged: BTreeMap::new(),
        seen: Sha256::new(),
        report: Report::default(),
        node: Some(opened.sequencer),
    };
    for _ in 0..plan.steps {
        run.step();
    }
    run.end()
}

impl Run<'_> {
    fn step(&mut self) {
        self.now_ms += self.random.below(40);
        if self.plan.disasters > 0 && self.random.one_in(self.plan.disasters) {
            self.disaster();
        }
        match self.random.below(10) {
            0..=4 => self.send(),
            5 => self.checkpoint(),
            // Clocks are set back now and then.
            6 if self.random.one_in(50) => {
                self.now_ms -= self.random.below(5_000).min(self.now_ms - START_MS)
            }
            _ => {}
        }
        self.deliver();
        self.make();
    }

    /// A player signs a call, and the network does to it what networks do.
    fn send(&mut self) {
        let at = self.random.below(self.clients.len() as u64) as usize;
        let now_ms = self.now_ms;
        let (random, client) = (&mut self.random, &mut self.clients[at]);
        let lane = if client.created { random.below(3) as u8 } else { 0 };
        if client.creating && !random.one_in(20) {
            return;
        }
        let nonce = client.nonces[usize::from(lane)];
        // Some skip a nonce, some use one again.
        let nonce = match random.below(20) {
            0 => nonce + 1,
            1 => nonce.saturating_sub(1),
            _ => nonce,
        };
        client.nonces[usize::from(lane)] = nonce + 1;
        let mut payload = format!("{:8}", random.below(40)).into_bytes();
        // Some are as long as several sectors of a disk.
        payload.resize(*random.pick(&[8, 8, 8, 700, 2_000]), b'x');
        let life = *random.pick(&[400, 2_000, 10_000, 10_000]);
        let order = Order {
            lane,
            nonce,
            valid_until_ms: now_ms + life,
            gas_limit: *random.pick(&[10_000, 30_000, 30_000, 100_000]),
            gas_price: 0,
            entry: *random.pick(&[0, 0, 0, 0, 1, 2, 3, 4]),
            payload,
            creates: !client.created,
        };
        client.creating = !client.created;
        let bytes = client.player.call(self.world.chain_id(), &order);
        let id = id_of(self.world, &bytes);
        // Lost, delivered, or delivered several times.
        for _ in 0..*random.pick(&[0, 1, 1, 1, 1, 1, 2, 3]) {
            let longest = if random.one_in(10) { 3_000 } else { 150 };
            let delay = random.below(longest);
            let mut message = Message {
                due_ms: now_ms + delay,
                order: self.messages,
                bytes: bytes.clone(),
                id: Name { id, clean: true },
            };
            if random.one_in(12) {
                mangle(&mut message.bytes, random);
                message.id = Name {
                    id: id_of(self.world, &message.bytes),
                    clean: false,
                };
            }
            self.messages += 1;
            self.network.push(message);
        }
    }

    /// The node gets what has arrived.
    fn deliver(&mut self) {
        let (mut due, rest): (Vec<Message>, Vec<Message>) = std::mem::take(&mut self.network)
            .into_iter()
            .partition(|message| message.due_ms <= self.now_ms);
        self.network = rest;
        due.sort_by_key(|message| (message.due_ms, message.order));
        let mut calls = Vec::new();
        for message in due {
            let ticket = Ticket(self.tickets);
            self.tickets += 1;
            self.open.insert(ticket, message.id);
            calls.push((ticket, message.bytes));
        }
        let Some(node) = &mut self.node else { return };
        match node.submit(calls, self.now_ms) {
            Ok(answers) => self.hear(answers),
            Err(halt) => self.halted(&halt),
        }
    }

    fn make(&mut self) {
        let Some(node) = &mut self.node else { return };
        if node.due_ms().is_none_or(|due| due > self.now_ms) {
            let answers = node.expire(self.now_ms);
            self.hear(answers);
            return;
        }
        match node.make_block(self.now_ms) {
            Ok(Made { block, answers, .. }) => {
                if let Some(block) = block {
                    self.look(&block);
                }
                self.hear(answers);
            }
            Err(halt) => self.halted(&halt),
        }
    }

    fn checkpoint(&mut self) {
        let Some(node) = &mut self.node else { return };
        let written = node.checkpoint().and_then(|checkpoint| checkpoint.write());
        let keep = Keep {
            blocks: self.plan.keep,
            from: u64::MAX,
        };
        let kept = written.and_then(|()| keep_up(node, keep));
        match kept {
            Ok(bases) => self.report.bases += bases,
            Err(halt) => self.halted(&halt),
        }
    }

    /// A block is shown.
    fn look(&mut self, block: &Sealed) {
        let digest = block.header.digest();
        assert_eq!(
            block.height(),
            self.shown.len() as u64,
            "one block of each height is shown"
        );
        assert_eq!(block.header.parent, *self.shown.last().expect("genesis"));
        let certificate = block.certificate.expect("every block is certified");
        assert_eq!(
            (certificate.view, certificate.parent_view),
            (block.height(), block.height() - 1)
        );
        let committee = self.node.as_ref().expect("a node").committee();
        let verifier = Verifier::new(&committee, self.world.chain_id()).expect("a committee");
        let record = BlockRecord::decode(&block.records[0].record).expect("a block record");
        // Checking all would take most of the time.
        if block.height() % 8 == 1 {
            assert_eq!(certificate.payload, digest);
            verifier.certificate(&certificate).expect("a certificate");
            if block.height() > 1 {
                verifier
                    .seed(&certificate, &record.seed_signature)
                    .expect("a seed");
                assert_eq!(record.seed, seed_of(&record.seed_signature));
            }
        }
        let wants = self.plan.ticks || block.records.len() > 1;
        assert!(wants, "idle chains make no blocks");
        for done in &block.records {
            let invalid = matches!(done.receipt.outcome, Outcome::Invalid(_));
            assert!(!invalid, "what would be invalid is not ordered");
        }
        self.seen.update(digest);
        self.shown.push(digest);
        self.report.blocks += 1;
    }

    fn hear(&mut self, answers: Vec<(Ticket, Answer)>) {
        for (ticket, answer) in answers {
            let name = self.open.remove(&ticket).expect("a ticket comes back once");
            self.seen.update(ticket.0.to_be_bytes());
            match answer {
                Answer::Sealed(place) => {
                    let id = name.id.expect("only calls are sealed");
                    self.seen.update([1]);
                    let before = self.acknowledged.insert(id, place);
                    assert!(
                        before.is_none_or(|before| before == place),
                        "one place for a call"
                    );
                    self.report.sealed += u64::from(before.is_none());
                    self.tell(id);
                }
                Answer::Refused(refusal) => {
                    self.seen.update(refusal.name());
                    *self.report.refused.entry(refusal.name()).or_default() += 1;
                    if let Refusal::Malformed(_) | Refusal::NotACall = refusal {
                        assert!(!name.clean, "a call was taken for no call");
                    }
                }
            }
        }
    }

    /// A player learns what the state says of his account.
    fn tell(&mut self, id: [u8; 32]) {
        let Some(node) = &self.node else { return };
        let place = self.acknowledged[&id];
        let block = node.history().block(place.height).expect("it is read");
        let block = block.expect("it is there");
        let done = &block.records[place.index as usize];
        assert_eq!(done.id, Some(id), "the call lies where the answer says");
        let account = AccountId(done.record[3..23].try_into().expect("20 bytes"));
        let client = self.clients.iter_mut().find(|client| client.player.id == account);
        let client = client.expect("a player of ours");
        client.created = true;
        client.creating = false;
    }

    /// The node stopped by itself: whoever waits is told so, and it is opened again.
    fn halted(&mut self, halt: &Halt) {
        self.report.halts += 1;
        let text = halt.to_string();
        assert!(
            !matches!(halt, Halt::Broken(_) | Halt::Fault(_) | Halt::Certify(_)),
            "{text}"
        );
        let Some(node) = self.node.take() else { return };
        let (tickets, checkpoint) = node.close();
        // As owners do, who do not look why it ended.
        let _ = checkpoint.and_then(|checkpoint| checkpoint.write());
        let told: BTreeSet<Ticket> = tickets.iter().copied().collect();
        assert_eq!(told.len(), tickets.len(), "a ticket comes back once");
        let waiting: BTreeSet<Ticket> = std::mem::take(&mut self.open).into_keys().collect();
        assert_eq!(told, waiting, "whoever waits is told");
        // The process goes on, or the machine does not.
        let loss = *self.random.pick(&[Loss::None, Loss::None, Loss::Some, Loss::All]);
        self.restart(loss);
    }

    fn disaster(&mut self) {
        let kinds = if self.plan.keep > 0 { 9 } else { 8 };
        match self.random.below(kinds) {
            // A file that can be made again is gone when the node starts.
            8 => {
                self.open.clear();
                self.node = None;
                self.disk = self.disk.crash(Loss::None, &mut self.random);
                self.disk.heal();
                let name = *self.random.pick(&["state.redb", "history.redb"]);
                let _ = self.disk.remove(name);
                self.restart(Loss::None);
            }
            // The process is killed, or the power goes, between two steps.
            0 | 1 => {
                let loss = *self.random.pick(&[Loss::None, Loss::Some, Loss::All]);
                self.open.clear();
                self.node = None;
                self.restart(loss);
            }
            // It goes during one.
            2..=4 => {
                let after = self.moment();
                self.disk.fail_at(after, Fault::PowerOff);
            }
            5 => {
                let kind = *self.random.pick(&[ErrorKind::Other, ErrorKind::StorageFull]);
                let after = self.moment();
                self.disk.fail_at(after, Fault::Once(kind));
            }
            6 => {
                let room = self.random.below(200_000);
                self.disk.set_capacity(Some(self.disk.used() + room));
            }
            // A stop in good order.
            _ => {
                if let Some(node) = self.node.take() {
                    let (tickets, checkpoint) = node.close();
                    for ticket in tickets {
                        self.open.remove(&ticket).expect("a ticket comes back once");
                    }
                    assert!(self.open.is_empty(), "whoever waits is told");
                    let _ = checkpoint.and_then(|checkpoint| checkpoint.write());
                }
                self.restart(Loss::None);
            }
        }
    }

    /// How many operations of the disk from now: within the next block, or later.
    fn moment(&mut self) -> u64 {
        let most = *self.random.pick(&[3, 60]);
        self.random.below(most)
    }

    /// The machine comes back. What it has forgotten must not be anything that was shown.
    fn restart(&mut self, loss: Loss) {
        self.report.restarts += 1;
        self.disk = self.disk.crash(loss, &mut self.random);
        // Sometimes starting is what is cut short.
        if self.random.one_in(4) {
            self.disk.fail_at(self.random.below(40), Fault::PowerOff);
            if let Err(error) = self.world.open(&self.disk) {
                let lost = matches!(error, OpenError::Lost { .. } | OpenError::Diverged { .. });
                assert!(!lost, "seed {}: {error}", self.plan.seed);
            }
            let loss = *self.random.pick(&[Loss::None, Loss::Some, Loss::All]);
            self.disk = self.disk.crash(loss, &mut self.random);
        }
        let opened = self.world.open(&self.disk);
        let opened = opened.unwrap_or_else(|error| panic!("seed {}: {error}", self.plan.seed));
        for chapter in &opened.report {
            let name = match chapter {
                Chapter::Torn { .. } => "torn",
                Chapter::HealedLog { .. } => "healed log",
                Chapter::DamagedHistory => "damaged history",
                Chapter::DamagedState => "damaged state",
                Chapter::DamagedBase { .. } => "damaged base",
                Chapter::FromBase { .. } => "from base",
                Chapter::Replayed { .. } => "replayed",
            };
            *self.report.chapters.entry(name.to_owned()).or_default() += 1;
        }
        let node = opened.sequencer;
        // A block may have been sealed when nobody was told any more.
        let height = node.last().height();
        assert!(
            height + 1 >= self.shown.len() as u64,
            "a block that was shown is gone"
        );
        for unseen in self.shown.len() as u64..=height {
            let block = node
                .history()
                .block(unseen)
                .expect("it is read")
                .expect("it is there");
            self.shown.push(block.header.digest());
            self.report.blocks += 1;
        }
        self.node = Some(node);
        self.audit();
        for client in &mut self.clients {
            client.creating = false;
        }
    }

    /// Compares the node with the books.
    fn audit(&mut self) {
        let node = self.node.as_ref().expect("a node");
        let seed = self.plan.seed;
        let first = node.first();
        let last = self.shown.len() as u64 - 1;
        let kept = self.plan.keep == 0 && first == 0 || last - first >= self.plan.keep.min(last);
        assert!(kept, "seed {seed}: {first} to {last} is less than is to be kept");
        for (height, digest) in (0..).zip(&self.shown).skip(first as usize) {
            let block = node.history().block(height).expect("it is read");
            let block = block.unwrap_or_else(|| panic!("seed {seed}: block {height} is gone"));
            assert_eq!(
                block.header.digest(),
                *digest,
                "seed {seed}: block {height} is another one"
            );
        }
        for (id, place) in &self.acknowledged {
            let found = node.history().call(id).expect("it is read");
            let there = (place.height >= first).then_some(*place);
            assert_eq!(found, there, "seed {seed}: an acknowledged call is gone");
        }
        for client in &mut self.clients {
            let key = StateKey::of_system(SystemKey::Account(client.player.id));
            let record = node.state().get(&key).expect("it is read");
            let record = record.map(|bytes| AccountRecord::decode(&bytes).expect("a record"));
            client.created = record.is_some_and(|record| record.created);
            if let Some(record) = record {
                for (own, next) in client.nonces.iter_mut().zip(record.next_nonces) {
                    *own = next.get();
                }
            } else {
                client.nonces = [0; 8];
            }
        }
    }

    fn end(mut self) -> Report {
        self.disk.heal();
        if let Some(node) = self.node.take() {
            let (tickets, checkpoint) = node.close();
            for ticket in tickets {
                self.open.remove(&ticket).expect("a ticket comes back once");
            }
            let _ = checkpoint.and_then(|checkpoint| checkpoint.write());
        }
        assert!(
            self.open.is_empty(),
            "seed {}: somebody was never told",
            self.plan.seed
        );
        self.restart(Loss::None);
        self.report.first = self.node.as_ref().map_or(0, Sequencer::first);
        self.report.digest = *self.shown.last().expect("genesis");
        self.report.history = self.seen.finalize().into();
        self.report
    }
}

/// Writes bases and lets the past go, as far as it is time for it; how many bases.
fn keep_up(node: &mut Sequencer<SimDisk, Signer>, keep: Keep) -> Result<u64, Halt> {
    let mut bases = 0;
    if let Some(work) = node.upkeep(keep)? {
        match work.write(&|| true) {
            Ok(base) => {
                bases += u64::from(base.is_some());
                node.upkept(base);
            }
            // The chain goes on without, as far as the disk lets it.
            Err(Halt::Base(_)) => {}
            Err(halt) => return Err(halt),
        }
    }
    while !node.trim(keep)? {}
    Ok(bases)
}

fn id_of(world: &World, bytes: &[u8]) -> Option<[u8; 32]> {
    let message = call_message(world.chain_id(), bytes).ok()?;
    Some(fr_to_bytes(&message))
}

/// What bad networks and bad people do to a message: it is another one afterwards, or none.
fn mangle(bytes: &mut Vec<u8>, random: &mut Random) {
    match random.below(4) {
        0 => bytes.truncate(random.below(bytes.len() as u64) as usize),
        1 => bytes.extend(std::iter::repeat_n(0, 1 + random.below(200) as usize)),
        2 => {
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << random.below(8);
        }
        _ => *bytes = (0..random.below(400)).map(|_| random.any() as u8).collect(),
    }
}
