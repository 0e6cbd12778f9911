//! A chain that changes its module: no segment runs over the change.

use crate::proofs::keys;
use crate::scene::{Scene, admitted, entry, wasm};
use playfair_proofs_prover::fast::Watch;
use playfair_proofs_verifier::Trust;
use playfair_runtime::local::{Players, Start};
use playfair_segments::{Checker, Error, Job, Modules, Segmenter};
use playfair_types::bounded::U48;
use playfair_types::crypto::field::Fr;
use playfair_types::header::Header;
use playfair_types::limits::GAS_SCHEDULE;
use playfair_types::rules::Upgrade;
use playfair_types::tape::system::UpgradeRecord;
use playfair_types::tape::system_entry::SystemEntry;
use playfair_types::{Decode, Encode};
use std::sync::Arc;

/// A chain that goes from the first module to another version, in its block 2; and that block's header.
fn upgraded(version: u8) -> (Scene, Header) {
    let mut start = Start::of(admitted(1).hash);
    start.tick_gas = 50_000;
    let mut genesis = start.genesis();
    let mut players = Players::of(genesis.chain_id());
    genesis.params.upgrade_authority = players.id("ann");
    // Accounts do not depend on the chain.
    let mut scene = Scene::of(&genesis);
    let upgrade = Upgrade {
        time_ms: U48::new(scene.chain.boundary().time_ms.get() + 2_500).unwrap(),
        module: admitted(version).hash,
        vk_set_root: Fr::from(9u64),
        gas_schedule: GAS_SCHEDULE.version,
        tick_gas: 50_000,
        gas_price_min: 0,
    };
    let announce = SystemEntry::AnnounceUpgrade(upgrade);
    let calls = vec![
        scene.call("bob", entry::COUNT, &[]),
        scene.call("ann", announce.entry(), &announce.payload()),
    ];
    scene.block(&calls);
    let calls = vec![
        scene.call("bob", entry::COUNT, &[]),
        UpgradeRecord(upgrade).encode(),
    ];
    let last = scene.block(&calls);
    for _ in 0..2 {
        let calls = vec![scene.call("bob", entry::COUNT, &[])];
        scene.block(&calls);
    }
    (scene, last)
}

#[test]
fn an_upgrade_ends_its_segment() {
    // Another module, and the same one with other keys.
    for version in [2, 1] {
        let (scene, last) = upgraded(version);
        let cuts = scene.cuts();
        let ends: Vec<_> = cuts.iter().map(|cut| cut.job.inputs().after).collect();
        let place = ends
            .iter()
            .position(|end| *end == last.after)
            .expect("a cut at the upgrade");
        assert_eq!(last.after.module, admitted(version).hash);
        assert_ne!(last.after.activating_ms, U48::default());
        for (number, cut) in cuts.iter().enumerate() {
            let inputs = cut.job.inputs();
            let module = if number > place { version } else { 1 };
            assert_eq!(cut.job.module(), admitted(module).hash);
            if number > 0 {
                assert!(cuts[number - 1].job.inputs().chains_to(inputs));
            }
        }
        assert_eq!(ends.last(), Some(scene.chain.boundary()));
        // Cut from there, and from before with more to come: an upgrade is waited for, not what follows it.
        assert_eq!(
            scene.cuts_from(cuts[place].position).len(),
            cuts.len() - place - 1
        );
        let mut segmenter = scene.segmenter(scene.genesis());
        for height in 0..3 {
            scene.feed(&mut segmenter, height);
        }
        let mut early = Vec::new();
        while let Some(cut) = segmenter.cut(true).unwrap() {
            early.push(cut.job.encode());
        }
        let expected: Vec<_> = cuts[..=place].iter().map(|cut| cut.job.encode()).collect();
        assert_eq!(early, expected);
    }
}

#[test]
fn both_sides_of_an_upgrade_are_proven_each_under_its_own_key() {
    let (scene, last) = upgraded(2);
    let cuts = scene.cuts();
    let place = cuts.iter().position(|cut| cut.job.inputs().after == last.after);
    let place = place.expect("a cut at the upgrade");
    let mut checker = Checker::new(Trust::InsecureDevelopmentToo).unwrap();
    for (version, cut) in [1, 2].into_iter().zip(&cuts[place..]) {
        let job = Job::decode(&cut.job.encode()).unwrap();
        let proof = keys().prove(&job, &wasm(version), &Watch::default());
        let envelope = proof.unwrap_or_else(|error| panic!("{error}")).envelope.encode();
        let prover = keys().prover(job.module(), job.shape(), &wasm(version)).unwrap();
        checker.insert(prover.vk.clone()).unwrap();
        let checked = checker.check(job.inputs(), job.shape(), &envelope);
        assert!(checked.is_ok(), "{version}: {checked:?}");
    }
    let (before, after) = (cuts[place].job.inputs(), cuts[place + 1].job.inputs());
    assert!(before.chains_to(after) && before.before.module != after.before.module);
}

#[test]
fn a_module_that_provers_do_not_have_stops_the_cutting_there() {
    let (scene, last) = upgraded(2);
    let first = admitted(1).hash;
    let mut settings = scene.settings();
    settings.modules = Arc::new(Modules::new(move |hash| (*hash == first).then(|| wasm(1))));
    let mut segmenter = Segmenter::new(settings, scene.genesis());
    for height in 0..scene.blocks.len() as u64 {
        scene.feed(&mut segmenter, height);
    }
    let mut end = None;
    let error = loop {
        match segmenter.cut(false) {
            Ok(cut) => end = cut.map(|cut| cut.job.inputs().after),
            Err(error) => break error,
        }
    };
    assert_eq!(end, Some(last.after));
    assert!(matches!(error, Error::Module(_)), "{error}");
    // It says so again, and loses nothing.
    let waiting = segmenter.pending();
    assert!(matches!(segmenter.cut(false), Err(Error::Module(_))));
    assert_eq!(segmenter.pending(), waiting);
    assert_eq!(segmenter.position().cut, last.after);
}
