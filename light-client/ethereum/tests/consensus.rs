//! The official vectors of consensus-specs, step by step: tests/fixtures/consensus.

use playfair_ethereum::{
    Bootstrap, Error, Execution, Fork, Form, Kind, LightClientHeader, Preset, Root, Spec, Staleness, Store,
    Update,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// One case's folder and fork.
struct Case {
    folder: PathBuf,
    form: Form,
}

/// What a step's `checks` say of a header.
#[derive(Debug, PartialEq)]
struct Seen {
    slot: u64,
    beacon_root: Root,
    execution_root: Root,
}

enum Action {
    Process(String),
    Force,
}

struct Step {
    action: Action,
    current_slot: u64,
    finalized: Seen,
    optimistic: Seen,
}

impl Case {
    fn named(form: Form, name: &str) -> Self {
        let fork = match form {
            Form::Deneb => "deneb",
            _ => "electra",
        };
        let vectors = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/consensus");
        let folder = vectors.join(fork).join(name);
        Self { folder, form }
    }

    /// A file without what YAML may write in one line instead of in several.
    fn text(&self, name: &str) -> String {
        let text = fs::read_to_string(self.folder.join(name)).unwrap();
        text.replace(['{', '}'], "\n").replace(", ", "\n")
    }

    fn ssz(&self, name: &str) -> Vec<u8> {
        let bytes = fs::read(self.folder.join(format!("{name}.ssz_snappy"))).unwrap();
        snap::raw::Decoder::new().decompress_vec(&bytes).unwrap()
    }

    fn spec(&self, meta: &BTreeMap<String, String>) -> Spec {
        Spec {
            preset: Preset::MINIMAL,
            forks: vec![Fork {
                epoch: 0,
                version: [if self.form == Form::Deneb { 4 } else { 5 }, 0, 0, 1],
                form: self.form,
            }],
            genesis_validators_root: root(&meta["genesis_validators_root"]),
            genesis_time_ms: 0,
            slot_ms: 6000,
            weak_subjectivity_epochs: 256,
        }
    }

    fn open(&self) -> Store {
        let meta = pairs(&self.text("meta.yaml"));
        let spec = self.spec(&meta);
        let bytes = self.ssz("bootstrap");
        let bootstrap = Bootstrap::decode(&spec, self.form, &bytes).unwrap();
        assert_eq!(bootstrap.encode(&spec).unwrap(), bytes);
        let trusted = root(&meta["trusted_block_root"]);
        let refused = Store::open(&spec, &[1; 32], &bootstrap, 1000, Staleness::Refuse);
        assert_eq!(
            refused.unwrap_err(),
            Error::Checkpoint {
                wanted: [1; 32],
                found: trusted
            }
        );
        Store::open(&spec, &trusted, &bootstrap, 1000, Staleness::Refuse).unwrap()
    }

    fn update(&self, store: &Store, name: &str) -> Update {
        let bytes = self.ssz(name);
        let update = Update::decode(store.spec(), self.form, Kind::Update, &bytes).unwrap();
        assert_eq!(update.encode(store.spec(), Kind::Update).unwrap(), bytes);
        update
    }

    /// Only what these files hold of YAML: a list of maps of maps.
    fn steps(&self) -> Vec<Step> {
        let text = self.text("steps.yaml");
        let mut steps: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            match line.strip_prefix("- ") {
                Some(name) => steps.push((name.trim_end_matches(':').to_owned(), String::new())),
                None => {
                    let (_, body) = steps.last_mut().unwrap();
                    body.push_str(line);
                    body.push('\n');
                }
            }
        }
        steps.iter().map(|(name, body)| step(name, body)).collect()
    }
}

fn step(name: &str, body: &str) -> Step {
    let (head, checks) = body.split_once("checks:").unwrap();
    let head = pairs(head);
    let (finalized, optimistic) = checks.split_once("optimistic_header:").unwrap();
    let finalized = finalized.split_once("finalized_header:").unwrap().1;
    let action = match name {
        "process_update" => {
            assert!(["0x9acb230d", "0x0cbce901"].contains(&head["update_fork_digest"].as_str()));
            Action::Process(head["update"].clone())
        }
        "force_update" => Action::Force,
        _ => panic!("a step that is not known: {name}"),
    };
    Step {
        action,
        current_slot: head["current_slot"].parse().unwrap(),
        finalized: seen(finalized),
        optimistic: seen(optimistic),
    }
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((
            name.trim().to_owned(),
            value.trim().trim_matches(['\'', ',']).to_owned(),
        ))
    };
    text.lines().filter_map(pair).collect()
}

fn seen(text: &str) -> Seen {
    let pairs = pairs(text);
    Seen {
        slot: pairs["slot"].parse().unwrap(),
        beacon_root: root(&pairs["beacon_root"]),
        execution_root: root(&pairs["execution_root"]),
    }
}

fn root(text: &str) -> Root {
    let text = text.strip_prefix("0x").unwrap();
    assert_eq!(text.len(), 64);
    core::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
}

fn of(header: &LightClientHeader) -> Seen {
    Seen {
        slot: header.beacon.slot,
        beacon_root: header.beacon.root(),
        execution_root: header.execution_root(),
    }
}

/// Follows a case; between steps, the store also goes through its stored form. Returns how many steps were forced.
fn follow(form: Form, name: &str, stored: bool) -> usize {
    let case = Case::named(form, name);
    let mut store = case.open();
    let mut forced = 0;
    for (at, step) in case.steps().iter().enumerate() {
        match &step.action {
            Action::Process(file) => {
                let update = case.update(&store, file);
                store.process(update, step.current_slot).unwrap();
            }
            Action::Force => {
                forced += usize::from(store.force_update(step.current_slot).unwrap().is_some());
                assert!(store.forced().is_some());
            }
        }
        assert_eq!(of(store.finalized()), step.finalized, "{name}, step {at}");
        assert_eq!(of(store.optimistic()), step.optimistic, "{name}, step {at}");
        if stored {
            let bytes = store.to_bytes();
            let again = Store::from_bytes(store.spec(), &bytes, 1000, Staleness::Refuse).unwrap();
            assert_eq!(again.to_bytes(), bytes);
            store = again;
        }
    }
    forced
}

#[test]
fn light_client_sync_is_followed_step_by_step() {
    assert_eq!(follow(Form::Deneb, "light_client_sync", false), 2);
    assert_eq!(follow(Form::Electra, "light_client_sync", false), 2);
}

#[test]
fn finality_without_a_sync_committee_is_followed_through_storage() {
    for form in [Form::Deneb, Form::Electra] {
        assert_eq!(follow(form, "advance_finality_without_sync_committee", true), 0);
    }
}

#[test]
fn the_next_committee_is_learned_from_an_update_of_the_past() {
    for form in [Form::Deneb, Form::Electra] {
        assert_eq!(follow(form, "supply_sync_committee_from_past_update", true), 0);
    }
}

/// Everything that a later step brings too early, or an earlier one too late, is refused and changes nothing.
#[test]
fn steps_out_of_order_change_nothing_when_they_are_refused() {
    let case = Case::named(Form::Electra, "light_client_sync");
    let mut store = case.open();
    let mut refused = 0;
    for step in case.steps().iter().rev() {
        let Action::Process(file) = &step.action else {
            continue;
        };
        let before = store.clone();
        match store.process(case.update(&before, file), step.current_slot) {
            Ok(_) => {}
            Err(Error::Period { .. } | Error::Irrelevant { .. }) => {
                refused += 1;
                assert_eq!(store.to_bytes(), before.to_bytes());
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused >= 5, "{refused}");
}

/// The vectors' own headers, turned into the containers of Gloas, prove the same execution block there.
#[test]
fn headers_of_electra_hold_in_the_containers_of_gloas() {
    let case = Case::named(Form::Electra, "light_client_sync");
    let store = case.open();
    let spec = Spec {
        forks: vec![
            store.spec().forks[0],
            Fork {
                epoch: 1000,
                version: [7, 0, 0, 1],
                form: Form::Gloas,
            },
        ],
        ..store.spec().clone()
    };
    let before = store.finalized().clone();
    let store = store.to_gloas();
    let header = store.finalized();
    assert_eq!(header.beacon, before.beacon);
    let Execution::Hash { block_hash, branch } = &header.execution else {
        panic!("not of Gloas")
    };
    assert_eq!(*block_hash, before.block_hash());
    assert_eq!(branch[..2], [[0; 32]; 2]);
    // Reading a stored header checks it.
    let bytes = store.to_bytes();
    let read = Store::from_bytes(&spec, &bytes, 100, Staleness::Refuse).unwrap();
    assert_eq!(read.finalized(), header);
    assert_eq!(read.finalized().execution_header(None), Err(Error::NeedsBlock));
}
