//! What a disk may give a segmenter instead of the chain, and chains made again in memory.

use crate::scene::{Scene, admitted, engine};
use playfair_runtime::chain::note;
use playfair_segments::{Error, Position, Replica, ReplicaError, Segmenter};
use playfair_state::{Fork, MemoryStore, State};
use playfair_types::crypto::field::Fr;
use playfair_types::header::Header;

/// A segmenter that has the first block.
fn begun(scene: &Scene) -> Segmenter {
    let mut segmenter = scene.segmenter(scene.genesis());
    scene.feed(&mut segmenter, 0);
    segmenter
}

fn view(scene: &Scene, height: u64) -> Fork {
    scene.chain.state().at(height).expect("retained").into()
}

#[test]
fn the_wrong_block_or_view_is_refused_and_the_right_one_taken() {
    let scene = Scene::played(21);
    let mut segmenter = begun(&scene);
    let (header, tape) = &scene.blocks[2];
    let error = segmenter.feed(header, tape, view(&scene, 2)).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Order {
                expected: 1,
                found: 2
            }
        ),
        "{error}"
    );
    let (header, tape) = &scene.blocks[1];
    for wrong in [0, 2, 3] {
        let error = segmenter.feed(header, tape, view(&scene, wrong)).unwrap_err();
        assert!(matches!(error, Error::View { height: 1 }), "{error}");
    }
    let other = Header {
        chain_id: header.chain_id + Fr::from(1u64),
        ..*header
    };
    let elsewhere = Header {
        tape_before: Fr::from(1u64),
        ..*header
    };
    for wrong in [other, elsewhere] {
        let error = segmenter.feed(&wrong, tape, view(&scene, 1)).unwrap_err();
        assert!(matches!(error, Error::Chain { height: 1 }), "{error}");
    }
    scene.feed(&mut segmenter, 1);
    assert!(segmenter.cut(false).unwrap().is_some());
}

#[test]
fn a_block_that_comes_to_another_end_is_no_job() {
    let scene = Scene::played(22);
    let (header, tape) = &scene.blocks[1];
    type Lie = fn(&mut Header);
    let lies: [(&str, Lie); 7] = [
        ("number of records", |header| header.records += 1),
        ("tape", |header| header.after.tape.value += Fr::from(1u64)),
        ("records root", |header| header.calls_root[3] ^= 1),
        ("receipts", |header| header.after.receipts += Fr::from(1u64)),
        ("receipts root", |header| header.receipts_root[3] ^= 1),
        ("state root", |header| header.after.state_root += Fr::from(1u64)),
        ("boundary", |header| header.after.outbox.length += 1),
    ];
    for (name, lie) in lies {
        let mut segmenter = begun(&scene);
        while segmenter.cut(false).unwrap().is_some() {}
        let position = *segmenter.position();
        let mut header = *header;
        lie(&mut header);
        let error = segmenter.feed(&header, tape, view(&scene, 1)).unwrap_err();
        assert!(
            matches!(error, Error::Differs { height: 1, what } if what == name),
            "{name}: {error}"
        );
        // It is over, and from its position another goes on.
        assert!(matches!(segmenter.cut(false), Err(Error::Stopped)));
        let again = segmenter.feed(&header, tape, view(&scene, 1));
        assert!(matches!(again, Err(Error::Stopped)));
        assert_eq!(*segmenter.position(), position);
        assert!(!scene.cuts_from(position).is_empty());
    }
}

#[test]
fn damaged_bytes_are_no_job() {
    let scene = Scene::played(23);
    let (header, tape) = &scene.blocks[1];
    for place in (0..tape.len()).step_by(41) {
        let mut segmenter = begun(&scene);
        let mut damaged = tape.clone();
        damaged[place] ^= 0x10;
        let error = segmenter.feed(header, &damaged, view(&scene, 1)).unwrap_err();
        assert!(
            matches!(error, Error::Differs { .. } | Error::Broken { .. }),
            "byte {place}: {error}"
        );
    }
    let mut segmenter = begun(&scene);
    let error = segmenter
        .feed(header, &tape[..tape.len() - 124], view(&scene, 1))
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Differs {
                what: "number of records",
                ..
            }
        ),
        "{error}"
    );
    let mut segmenter = begun(&scene);
    let error = segmenter
        .feed(header, &tape[..tape.len() - 1], view(&scene, 1))
        .unwrap_err();
    // The record that was cut off is the last of four.
    assert!(
        matches!(
            error,
            Error::Broken {
                height: 1,
                record: 3,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_boundary_that_the_history_does_not_pass_is_no_place_to_go_on_from() {
    let scene = Scene::played(24);
    let cuts = scene.cuts();
    let cut = cuts
        .iter()
        .find(|cut| cut.position.cut != cut.position.block)
        .expect("inside a block");
    let mut position = cut.position;
    position.cut.receipts += Fr::from(1u64);
    let mut segmenter = scene.segmenter(position);
    let height = segmenter.next_block();
    assert_eq!(height, position.next());
    assert!(segmenter.cut(false).unwrap().is_none());
    let (header, tape) = &scene.blocks[height as usize];
    let error = segmenter.feed(header, tape, view(&scene, height)).unwrap_err();
    assert!(
        matches!(error, Error::NoSuchCut { height: at } if at == height),
        "{error}"
    );
    assert!(matches!(segmenter.cut(false), Err(Error::Stopped)));
}

#[test]
fn a_replica_has_the_states_that_the_node_has_pruned() {
    let scene = Scene::played(25);
    let mut replica = Replica::new(engine());
    let mut segmenter = scene.segmenter(scene.genesis());
    let mut jobs = Vec::new();
    for (height, (header, tape)) in scene.blocks.iter().enumerate() {
        assert_eq!(replica.state().root(), view(&scene, height as u64).root());
        segmenter.feed(header, tape, replica.state()).unwrap();
        replica.apply(header, tape).unwrap();
        while let Some(cut) = segmenter.cut(height + 1 < scene.blocks.len()).unwrap() {
            jobs.push(cut.job);
        }
    }
    let expected: Vec<_> = scene.cuts().into_iter().map(|cut| cut.job).collect();
    assert_eq!(jobs, expected);
    assert_eq!(
        replica.view().map(|view| view.root()),
        Some(scene.chain.state().root())
    );

    let mut replica = Replica::new(engine());
    let (header, tape) = &scene.blocks[1];
    assert!(matches!(
        replica.apply(header, tape),
        Err(ReplicaError::NotGenesis)
    ));
    let mut lie = scene.blocks[0].0;
    lie.after.receipts += Fr::from(1u64);
    let error = replica.apply(&lie, &scene.blocks[0].1).unwrap_err();
    assert!(matches!(error, ReplicaError::Differs { height: 0 }), "{error}");
}

#[test]
fn a_replica_begins_with_any_block_whose_state_is_there() {
    let scene = Scene::played(27);
    let state = scene.chain.state();
    let middle = scene.blocks.len() as u64 / 2;
    let (header, _) = &scene.blocks[middle as usize];
    let mut snapshot = Vec::new();
    state.export(middle + 1, &mut snapshot).unwrap();
    let root = header.after.state_root;
    let input = &mut &snapshot[..];
    let imported = State::import(MemoryStore::new(), input, root, middle + 1, &note(header)).unwrap();
    let mut replica = Replica::after(engine(), imported).unwrap();
    for (height, (header, tape)) in (0..).zip(&scene.blocks).skip(middle as usize + 1) {
        assert_eq!(replica.state().root(), view(&scene, height).root());
        replica.apply(header, tape).unwrap();
    }
    assert_eq!(replica.view().map(|view| view.root()), Some(state.root()));
    let empty = State::open(MemoryStore::new()).unwrap();
    assert!(matches!(
        Replica::after(engine(), empty),
        Err(ReplicaError::Chain(_))
    ));
}

#[test]
fn a_position_says_which_block_comes_next() {
    let scene = Scene::played(26);
    assert_eq!(scene.genesis().next(), 0);
    assert_eq!(Position::after(scene.blocks[0].0.after).next(), 1);
    assert_eq!(
        Position::genesis(scene.chain_id(), admitted(1).hash),
        scene.genesis()
    );
    // From a proof and the headers alone.
    let end = |height: u64| Some(scene.blocks.get(height as usize)?.0.after);
    for record in scene.twin().records {
        assert_eq!(Position::of(record.after, end), Some(record.position));
    }
    assert_eq!(Position::of(scene.genesis().cut, end), Some(scene.genesis()));
    let mut beyond = *scene.chain.boundary();
    beyond.height += 1;
    assert_eq!(Position::of(beyond, end), None);
}
