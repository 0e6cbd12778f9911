//! A chain with everything that segments must cope with, and the same chain executed record by record on another path: with
//! commits to a state in place of forks.

use playfair_admission::{Admitted, admit};
use playfair_machine::Machine;
use playfair_machine::prepared::Prepared;
use playfair_machine::world::StateRead;
use playfair_runtime::Wasmtime;
use playfair_runtime::chain::Chain;
use playfair_runtime::local::{Players, Start, block_record};
use playfair_segments::{Cut, Modules, Position, Segmenter, Settings};
use playfair_state::{MemoryStore, State};
use playfair_types::Encode;
use playfair_types::account::L1Address;
use playfair_types::crypto::field::Fr;
use playfair_types::header::Header;
use playfair_types::module::ModuleHash;
use playfair_types::segment::Boundary;
use playfair_types::state::StateKey;
use playfair_types::tape::genesis::GenesisRecord;
use std::sync::{Arc, OnceLock};

/// Entries of the module.
pub(crate) mod entry {
    /// Counts up.
    pub(crate) const COUNT: u8 = 0;
    /// Writes a value: key 8 | value.
    pub(crate) const SET: u8 = 1;
    /// Removes a key.
    pub(crate) const REMOVE: u8 = 2;
    /// Turns so many times, u32.
    pub(crate) const TURN: u8 = 3;
    /// Stores where its code says it does not.
    pub(crate) const LIE: u8 = 4;
    /// Writes and traps.
    pub(crate) const TRAP: u8 = 5;
}

/// `%` is what the module adds when it counts.
const WAT: &str = r#"(module
  (import "playfair" "input" (func $input (param i32)))
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "remove" (func $remove (param i32 i32) (result i32)))
  (memory 1)
  (data (i32.const 64) "count   ticks   ")
  (func $up (param $key i32)
    (drop (call $get (local.get $key) (i32.const 5) (i32.const 96) (i32.const 8)))
    (i64.store (i32.const 96) (i64.add (i64.load (i32.const 96)) (i64.const %)))
    (call $set (local.get $key) (i32.const 5) (i32.const 96) (i32.const 8)))
  (func (export "init") (param i32) (call $up (i32.const 64)))
  (func (export "tick") (call $up (i32.const 72)))
  (func (export "call") (param $entry i32) (param $length i32) (local $i i32)
    (call $input (i32.const 128))
    (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
      (br_table $0 $1 $2 $3 $4 $5 (local.get $entry)))
      (call $up (i32.const 64)) (return))
      (call $set (i32.const 128) (i32.const 8) (i32.const 136) (i32.sub (local.get $length) (i32.const 8))) (return))
      (drop (call $remove (i32.const 128) (i32.const 8))) (return))
      (local.set $i (i32.load (i32.const 128)))
      (loop $again
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (br_if $again (local.get $i)))
      (return))
      (i64.store offset=257 (i32.const 0) (i64.const 7)) (call $up (i32.const 64)) (return))
    (call $up (i32.const 64)) (unreachable)))"#;

/// The module, or its next version.
pub(crate) fn wasm(version: u8) -> Vec<u8> {
    wat::parse_str(WAT.replace('%', &version.to_string())).expect("WebAssembly")
}

pub(crate) fn admitted(version: u8) -> &'static Admitted {
    static ADMITTED: OnceLock<[Admitted; 2]> = OnceLock::new();
    let admit = |version| admit(&wasm(version)).unwrap_or_else(|rejection| panic!("{rejection}"));
    &ADMITTED.get_or_init(|| [admit(1), admit(2)])[usize::from(version - 1)]
}

/// Both versions of the module, linked once a process.
pub(crate) fn modules() -> Arc<Modules> {
    static MODULES: OnceLock<Arc<Modules>> = OnceLock::new();
    let find = |hash: &ModuleHash| (1..=2).find(|version| admitted(*version).hash == *hash).map(wasm);
    Arc::clone(MODULES.get_or_init(|| Arc::new(Modules::new(find))))
}

pub(crate) fn engine() -> Wasmtime {
    static ENGINE: OnceLock<Wasmtime> = OnceLock::new();
    let make = || {
        let engine = Wasmtime::new().expect("an engine");
        for version in 1..=2 {
            engine.load(admitted(version)).expect("it compiles");
        }
        engine
    };
    ENGINE.get_or_init(make).clone()
}

pub(crate) const PAYOUT: L1Address = L1Address([7; 20]);

/// A chain with its blocks.
pub(crate) struct Scene {
    pub(crate) chain: Chain,
    pub(crate) players: Players,
    /// Headers and tapes, genesis first.
    pub(crate) blocks: Vec<(Header, Vec<u8>)>,
}

/// Executed by commits: what is after each record.
pub(crate) struct Record {
    pub(crate) height: u64,
    pub(crate) number: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) work: u64,
    pub(crate) after: Boundary,
    /// From where to go on after it.
    pub(crate) position: Position,
}

/// The chain executed on the other path.
pub(crate) struct Twin {
    pub(crate) records: Vec<Record>,
    /// Version n is after n records.
    pub(crate) state: Arc<State>,
}

struct Committed(Arc<State>);

impl StateRead for Committed {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, String> {
        self.0.get(key).map_err(|error| error.to_string())
    }
}

pub(crate) fn memory() -> Arc<State> {
    Arc::new(State::open(MemoryStore::new()).expect("an empty state"))
}

impl Scene {
    /// A chain whose module ticks.
    pub(crate) fn new(salt: u8) -> Self {
        let mut start = Start::of(admitted(1).hash);
        (start.salt, start.tick_gas) = ([salt; 31], 50_000);
        Self::of(&start.genesis())
    }

    pub(crate) fn of(genesis: &GenesisRecord) -> Self {
        let (chain, block) = Chain::create(engine(), memory(), genesis).expect("a chain");
        Self {
            chain,
            players: Players::of(genesis.chain_id()),
            blocks: vec![(block.header, genesis.encode())],
        }
    }

    pub(crate) fn chain_id(&self) -> Fr {
        self.chain.machine().chain_id()
    }

    pub(crate) fn call(&mut self, who: &str, entry: u8, payload: &[u8]) -> Vec<u8> {
        self.players.call(who, entry, payload).expect("a short payload")
    }

    pub(crate) fn set(&mut self, who: &str, key: u8, value: &[u8]) -> Vec<u8> {
        self.call(who, entry::SET, &[&[key; 8], value].concat())
    }

    /// The next block, of these records.
    pub(crate) fn block(&mut self, records: &[Vec<u8>]) -> Header {
        let end = self.chain.boundary();
        let mut tape = block_record(end.height + 1, end.time_ms.get() + 1_000);
        tape.extend(records.iter().flatten());
        let header = self.chain.apply(&tape).expect("a block").header;
        self.blocks.push((header, tape));
        header
    }

    /// A history of several blocks: calls that do well and badly, values that come, change and go, an idle block.
    pub(crate) fn played(salt: u8) -> Self {
        let mut scene = Self::new(salt);
        let calls = vec![
            scene.call("ann", entry::COUNT, &[]),
            scene.set("bob", 1, b"a value"),
            scene.call("ann", entry::TRAP, &[]),
        ];
        scene.block(&calls);
        scene.block(&[]);
        let mut broken = scene.call("ann", entry::COUNT, &[]);
        broken[40] ^= 1;
        let calls = vec![
            scene.call("bob", entry::REMOVE, &[1; 8]),
            broken,
            scene.set("cat", 2, &[5; 300]),
            scene.set("cat", 2, &[]),
            scene.call("bob", entry::TURN, &300u32.to_le_bytes()),
        ];
        scene.block(&calls);
        let calls: Vec<_> = (0..9).map(|key| scene.set("dan", key, &[key; 40])).collect();
        scene.block(&calls);
        let calls = vec![
            scene.call("cat", entry::REMOVE, &[2; 8]),
            scene.set("bob", 3, b"x"),
        ];
        scene.block(&calls);
        scene
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            chain_id: self.chain_id(),
            payout: PAYOUT,
            engine: engine(),
            modules: modules(),
        }
    }

    pub(crate) fn genesis(&self) -> Position {
        Position::genesis(self.chain_id(), admitted(1).hash)
    }

    pub(crate) fn segmenter(&self, position: Position) -> Segmenter {
        Segmenter::new(self.settings(), position)
    }

    /// Feeds the block of this height, with a view of the state before it.
    pub(crate) fn feed(&self, segmenter: &mut Segmenter, height: u64) {
        let (header, tape) = &self.blocks[height as usize];
        let view = self.chain.state().at(height).expect("a retained version");
        segmenter
            .feed(header, tape, view)
            .unwrap_or_else(|error| panic!("block {height}: {error}"));
    }

    /// All cuts from a position on.
    pub(crate) fn cuts_from(&self, position: Position) -> Vec<Cut> {
        let mut segmenter = self.segmenter(position);
        let mut cuts = Vec::new();
        loop {
            let next = segmenter.next_block();
            let more = (next as usize) < self.blocks.len();
            match segmenter.cut(more).unwrap_or_else(|error| panic!("{error}")) {
                Some(cut) => cuts.push(cut),
                None if more => self.feed(&mut segmenter, next),
                None => return cuts,
            }
        }
    }

    /// All cuts.
    pub(crate) fn cuts(&self) -> Vec<Cut> {
        self.cuts_from(self.genesis())
    }

    /// The chain executed on the other path.
    pub(crate) fn twin(&self) -> Twin {
        let state = memory();
        let mut machine = Machine::new(engine(), self.chain_id(), admitted(1).hash);
        let mut records = Vec::new();
        let mut block = *machine.boundary();
        for (header, tape) in &self.blocks {
            let read = Prepared::read_all(self.chain_id(), tape).expect("records");
            let last = read.len() - 1;
            for (number, record) in read.iter().enumerate() {
                let work = machine.apply(record).expect("it was in a block").work;
                let root = state.commit(machine.changes(), &[]).expect("a state in memory");
                machine.settle(Arc::new(Committed(Arc::clone(&state))), root);
                let cut = *machine.boundary();
                if number == last {
                    assert_eq!(cut, header.after);
                    block = cut;
                }
                records.push(Record {
                    height: header.after.height,
                    number: number as u32,
                    bytes: record.bytes().to_vec(),
                    work,
                    after: cut,
                    position: Position { block, cut },
                });
            }
        }
        Twin { records, state }
    }
}
