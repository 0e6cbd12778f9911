//! Where histories are cut, against the same history executed and measured on another path.

use crate::scene::{PAYOUT, Record, Scene, Twin, entry, modules};
use playfair_proofs_prover::module::Shape;
use playfair_proofs_prover::segment::Segment;
use playfair_proofs_prover::state::{Around, Source};
use playfair_segments::{Cut, Position};
use playfair_state::View;
use playfair_types::Encode;
use playfair_types::crypto::field::Fr;
use playfair_types::segment::SegmentInputs;
use playfair_types::state::StateKey;
use playfair_types::state::proof::StateProof;

struct Version<'a>(&'a View);

impl Source for Version<'_> {
    fn root(&self) -> Fr {
        self.0.root()
    }

    fn value(&self, key: &StateKey) -> Option<Vec<u8>> {
        self.0.get(key).expect("a state in memory")
    }

    fn prove(&self, key: &StateKey) -> Option<StateProof> {
        self.0.prove(&[*key]).ok()
    }
}

/// The rows of `records` of the twin in a shape, counted with states that were committed; `None` if they do not fit.
fn rows(scene: &Scene, twin: &Twin, records: std::ops::Range<usize>, shape: Shape) -> Option<usize> {
    let slice = &twin.records[records.clone()];
    let before = match records.start {
        0 => scene.genesis().cut,
        start => twin.records[start - 1].after,
    };
    let segment = Segment {
        inputs: SegmentInputs {
            chain_id: scene.chain_id(),
            payout: PAYOUT,
            work: slice.iter().map(|record| record.work).sum(),
            before,
            after: slice.last().expect("a record").after,
        },
        records: slice.len() as u64,
        tape: slice.iter().flat_map(|record| record.bytes.clone()).collect(),
    };
    let [old, new] =
        [records.start, records.end].map(|version| twin.state.at(version as u64).expect("retained"));
    let linked = modules().linked(&before.module, shape.careful).expect("it links");
    let around = Around::new(Version(&old), Version(&new));
    let usable = linked.module.usable_rows(shape);
    match linked.module.length(&segment, around, usable) {
        Ok(rows) => rows,
        Err(error) if error.wants_care() => None,
        Err(error) => panic!("records {records:?}: {error}"),
    }
}

/// The twin's record after which a boundary lies.
fn place(twin: &Twin, cut: &Cut) -> usize {
    let after = &cut.job.inputs().after;
    let found = twin.records.iter().position(|record| record.after == *after);
    found.expect("a boundary of the chain")
}

/// Everything that must be so about the cuts from record number `start` on; returns where they end.
fn check(scene: &Scene, twin: &Twin, start: usize, cuts: &[Cut]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut first = start;
    for cut in cuts {
        let end = place(twin, cut) + 1;
        let slice = &twin.records[first..end];
        let (job, inputs) = (&cut.job, cut.job.inputs());
        let before = match first {
            0 => scene.genesis().cut,
            first => twin.records[first - 1].after,
        };
        assert_eq!(inputs.before, before);
        assert_eq!((inputs.chain_id, inputs.payout), (scene.chain_id(), PAYOUT));
        assert_eq!(inputs.work, slice.iter().map(|record| record.work).sum::<u64>());
        assert_eq!(job.records(), slice.len() as u64);
        let bytes: Vec<u8> = slice.iter().flat_map(|record| record.bytes.clone()).collect();
        assert_eq!(job.tape(), bytes);
        let (head, last) = (&slice[0], &slice[slice.len() - 1]);
        assert_eq!((cut.first.height, cut.first.record), (head.height, head.number));
        assert_eq!((cut.last.height, cut.last.record), (last.height, last.number));
        assert_eq!(cut.position, last.position);
        // The rows are those that committed states lead to, and one record more would not fit.
        let shape = job.shape();
        assert_eq!(rows(scene, twin, first..end, shape), Some(cut.rows));
        let upgraded = inputs.after.vk_set_root != inputs.before.vk_set_root;
        if end < twin.records.len() && !upgraded {
            assert_eq!(rows(scene, twin, first..end + 1, shape), None, "{cut:?}");
        }
        // No smaller shape holds the first record.
        let linked = modules().linked(&before.module, false).expect("it links");
        for smaller in Shape::ALL
            .into_iter()
            .filter(|smaller| *smaller < shape && smaller.k >= linked.smallest.k)
        {
            assert_eq!(rows(scene, twin, first..first + 1, smaller), None, "{smaller:?}");
        }
        ends.push(end);
        first = end;
    }
    assert_eq!(first, twin.records.len(), "all of it");
    ends
}

#[test]
fn a_history_is_cut_from_every_record_on() {
    let scene = Scene::played(1);
    let twin = scene.twin();
    let whole = scene.cuts();
    let ends = check(&scene, &twin, 0, &whole);
    println!("{} records, cut after {ends:?}", twin.records.len());
    assert!(whole.len() > 2, "some cuts");
    let inside = |record: &&Record| record.position.cut != record.position.block;
    let cuts_inside = ends
        .iter()
        .filter(|end| inside(&&twin.records[**end - 1]))
        .count();
    assert!(cuts_inside > 0, "some lie inside blocks");
    for (number, record) in twin.records.iter().enumerate() {
        let cuts = scene.cuts_from(record.position);
        let from_here = check(&scene, &twin, number + 1, &cuts);
        // From where the whole history was cut, the same jobs follow.
        if let Some(place) = ends.iter().position(|end| *end == number + 1) {
            assert_eq!(from_here, ends[place + 1..]);
            let jobs = |cuts: &[Cut]| cuts.iter().map(|cut| cut.job.encode()).collect::<Vec<_>>();
            assert_eq!(jobs(&cuts), jobs(&whole[place + 1..]));
        }
    }
}

#[test]
fn cuts_do_not_depend_on_how_blocks_come() {
    let scene = Scene::played(2);
    let jobs = |cuts: &[Cut]| cuts.iter().map(|cut| cut.job.encode()).collect::<Vec<_>>();
    let expected = jobs(&scene.cuts());
    // All blocks first.
    let mut segmenter = scene.segmenter(scene.genesis());
    for height in 0..scene.blocks.len() as u64 {
        scene.feed(&mut segmenter, height);
    }
    let mut cuts = Vec::new();
    while let Some(cut) = segmenter.cut(false).unwrap() {
        cuts.push(cut);
    }
    assert_eq!(jobs(&cuts), expected);
    assert_eq!(segmenter.pending(), 0);
    assert_eq!(*segmenter.position(), Position::after(*scene.chain.boundary()));
    assert!(segmenter.cut(false).unwrap().is_none() && segmenter.cut(true).unwrap().is_none());
    // A new segmenter for each cut.
    let (mut position, mut cuts) = (scene.genesis(), Vec::new());
    while let Some(cut) = scene.cuts_from(position).into_iter().next() {
        position = cut.position;
        cuts.push(cut);
    }
    assert_eq!(jobs(&cuts), expected);
}

#[test]
fn random_histories_are_cut_whole() {
    for seed in 0..6u64 {
        let mut state = seed;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut scene = Scene::new(100 + seed as u8);
        for _ in 0..2 + random(4) {
            let calls: Vec<_> = (0..random(9))
                .map(|_| {
                    let who = ["ann", "bob", "cat"][random(3) as usize];
                    let key = [random(4) as u8; 8];
                    match random(12) {
                        0..=2 => scene.call(who, entry::COUNT, &[]),
                        3..=6 => scene.call(
                            who,
                            entry::SET,
                            &[&key[..], &vec![7; random(600) as usize]].concat(),
                        ),
                        7..=8 => scene.call(who, entry::REMOVE, &key),
                        9 => scene.call(who, entry::TRAP, &[]),
                        10 => scene.call(who, entry::LIE, &[]),
                        _ => {
                            let most = [200, 2_000, 9_000][random(3) as usize];
                            let turns = 1 + random(most) as u32;
                            scene.call(who, entry::TURN, &turns.to_le_bytes())
                        }
                    }
                })
                .collect();
            scene.block(&calls);
        }
        let twin = scene.twin();
        let cuts = scene.cuts();
        let ends = check(&scene, &twin, 0, &cuts);
        let shapes: Vec<_> = cuts.iter().map(|cut| cut.job.shape().number).collect();
        println!(
            "seed {seed}: {} records, cut after {ends:?} in shapes {shapes:?}",
            twin.records.len()
        );
        // In the middle of it, from a place that nobody cut at.
        let middle = twin.records.len() / 2;
        let cuts = scene.cuts_from(twin.records[middle].position);
        check(&scene, &twin, middle + 1, &cuts);
    }
}

#[test]
fn an_idle_chain_is_proven_at_once() {
    let scene = Scene::played(3);
    let mut segmenter = scene.segmenter(scene.genesis());
    for (height, (header, _)) in scene.blocks.iter().enumerate() {
        scene.feed(&mut segmenter, height as u64);
        let mut last = None;
        while let Some(cut) = segmenter.cut(false).unwrap() {
            last = Some(cut);
        }
        let last = last.expect("a block is a segment at least");
        assert_eq!(last.job.inputs().after, header.after);
        assert_eq!(last.position, Position::after(header.after));
    }
}

#[test]
fn what_is_too_long_or_lies_gets_a_shape_of_its_own() {
    let mut scene = Scene::new(4);
    let turns = |turns: u32| turns.to_le_bytes();
    let calls = vec![
        scene.call("ann", entry::COUNT, &[]),
        scene.call("ann", entry::TURN, &turns(12_000)),
        scene.call("ann", entry::LIE, &[]),
        scene.call("ann", entry::COUNT, &[]),
    ];
    scene.block(&calls);
    let calls = vec![scene.call("ann", entry::COUNT, &[])];
    scene.block(&calls);
    let twin = scene.twin();
    let cuts = scene.cuts();
    check(&scene, &twin, 0, &cuts);
    let shapes: Vec<(u32, bool)> = cuts
        .iter()
        .map(|cut| (cut.job.shape().k, cut.job.shape().careful))
        .collect();
    println!("{shapes:?}");
    assert!(shapes.iter().any(|(k, careful)| *k > 14 && !careful));
    assert!(shapes.iter().any(|(_, careful)| *careful));
    // The last call needs no care, but the careful shape has room for it.
    assert_eq!(shapes[0], (14, false));
}
