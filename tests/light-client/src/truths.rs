//! The truth is believed, also by a client that goes on from what it kept.

use crate::lies::{Scene, To, everywhere};
use crate::now;
use crate::scenario::{anchors, look};
use crate::table::{Recorded, Table};
use playfair_light_client_core::owners::{Holder, Key};
use playfair_light_client_core::{Client, Lie, Rung, Trouble};
use playfair_proofs_verifier::Trust;
use playfair_types::Encode;
use playfair_types::account::AccountId;
use playfair_types::crypto::babyjubjub::PublicKey;
use playfair_types::link::ChainLink;
use std::rc::Rc;

/// A body: its name, and what panics when it does not hold.
pub type Body = (&'static str, fn());

/// All of them.
pub const ALL: &[Body] = &[
    (
        "a_chain_is_followed_from_genesis_to_its_end",
        a_chain_is_followed_from_genesis_to_its_end,
    ),
    (
        "a_client_that_comes_back_verifies_nothing_again",
        a_client_that_comes_back_verifies_nothing_again,
    ),
    (
        "a_node_that_cut_its_proofs_elsewhere_is_followed_from_genesis",
        a_node_that_cut_its_proofs_elsewhere_is_followed_from_genesis,
    ),
    (
        "every_block_is_proven_and_one_that_proofs_refute_is_evidence",
        every_block_is_proven_and_one_that_proofs_refute_is_evidence,
    ),
    (
        "the_same_call_again_is_the_same_call",
        the_same_call_again_is_the_same_call,
    ),
    (
        "a_setup_that_anybody_knows_is_believed_by_nobody_who_did_not_say_so",
        a_setup_that_anybody_knows_is_believed_by_nobody_who_did_not_say_so,
    ),
    (
        "a_client_takes_over_what_another_one_kept_and_never_goes_back",
        a_client_takes_over_what_another_one_kept_and_never_goes_back,
    ),
];

fn client(recorded: &Recorded) -> (Table, Client<Table>) {
    let table = Table::of(recorded);
    (table.clone(), Client::new(table, anchors(&recorded.link)))
}

fn a_chain_is_followed_from_genesis_to_its_end() {
    let recorded = Recorded::committed();
    let (table, mut client) = client(&recorded);
    let account = recorded.account;
    let first = now(look(&mut client, &recorded.calls[0], account)).unwrap();
    assert_eq!((first.height, first.proven), (6, Some(6)));
    assert_eq!(first.rungs, [Rung::Proven; 6]);
    assert_eq!(first.values, [true, true, false]);
    assert_eq!(
        first.blocks,
        [(1, Rung::Proven), (2, Rung::Proven), (2, Rung::Proven)]
    );
    assert_eq!(first.heads, [Rung::Proven; 7]);
    assert_eq!((first.account, first.is_new), ((true, 3), true));
    // Its one key is the one that it is named by.
    let [
        Key {
            place: 0,
            holder: Holder::Owner(packed),
        },
    ] = first.keys[..]
    else {
        panic!("{:?}", first.keys)
    };
    let key = PublicKey::from_bytes(&packed).unwrap();
    assert_eq!(AccountId::from_key(&key).0, account);
    assert_eq!(first.places.len(), 3);
    let checks = client.take_checks();
    assert!(checks.0.len() > 10, "{checks:?}");
    table.go_to(1);
    let all: Vec<_> = recorded.calls.concat();
    let second = now(look(&mut client, &all, account)).unwrap();
    assert_eq!((second.height, second.proven), (14, Some(14)));
    assert_eq!(second.rungs, [Rung::Proven; 14]);
    assert!(second.proofs > first.proofs);
    assert_eq!(second.heads, [Rung::Proven; 15]);
    let block = now(client.block(14)).unwrap().whole;
    assert_eq!(block.records[1].record, recorded.last_call);
    assert_eq!(block.records[1].id.as_ref(), recorded.calls[1].last());
}

fn a_client_that_comes_back_verifies_nothing_again() {
    let recorded = Recorded::committed();
    let (table, mut before) = client(&recorded);
    let account = recorded.account;
    now(look(&mut before, &recorded.calls[0], account)).unwrap();
    now(before.keep());
    let mut again = Client::new(table.clone(), anchors(&recorded.link));
    assert!(now(again.restore()));
    assert_eq!(again.view().tip(), before.view().tip());
    assert_eq!(again.view().proven_block(), before.view().proven_block());
    assert_eq!(again.view().head(), before.view().head());
    drop(table.take_asked());
    let seen = now(look(&mut again, &recorded.calls[0], account)).unwrap();
    assert_eq!(seen.rungs, [Rung::Proven; 6]);
    let asked = table.take_asked();
    assert!(
        !asked.iter().any(|question| question.contains("/keys/")),
        "{asked:?}"
    );

    // Kept bytes that are damaged anywhere, or other anchors', are as if there were none; nothing else comes of them.
    let kept = table.kept();
    let (name, bytes) = kept
        .borrow()
        .iter()
        .next()
        .map(|(name, bytes)| (name.clone(), bytes.clone()))
        .unwrap();
    let mut read = 0;
    for place in (0..bytes.len()).step_by(31) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1;
        kept.borrow_mut().insert(name.clone(), damaged);
        let mut client = Client::new(table.clone(), anchors(&recorded.link));
        read += u32::from(now(client.restore()));
    }
    // The digests of marks are the only thing in it that nothing else names.
    assert!(read < 30, "{read} of {}", bytes.len() / 31);
    for length in (0..bytes.len()).step_by(11) {
        kept.borrow_mut().insert(name.clone(), bytes[..length].to_vec());
        let mut client = Client::new(table.clone(), anchors(&recorded.link));
        assert!(!now(client.restore()), "{length}");
    }
}

/// The tip is inside the first of the node's proofs: it lists none that begins there.
fn a_node_that_cut_its_proofs_elsewhere_is_followed_from_genesis() {
    let recorded = Recorded::committed();
    let (table, mut client) = client(&recorded);
    let account = recorded.account;
    let first = now(look(&mut client, &recorded.calls[0], account)).unwrap();
    let tip = *client.view().tip();
    // What is asked from the tip on is answered with what begins later, as a node does that has no proof beginning there.
    table.go_to(1);
    let from = format!("/proofs?from={}&count=16", tip.tape.length);
    table.change(Some(Rc::new(move |question, mut answer| {
        if question.ends_with(&from) {
            let mut listed: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            listed["proofs"].as_array_mut().unwrap().remove(0);
            answer.body = listed.to_string().into_bytes();
        }
        answer
    })));
    let all: Vec<_> = recorded.calls.concat();
    let second = now(look(&mut client, &all, account)).unwrap();
    assert_eq!(second.rungs, [Rung::Proven; 14]);
    assert!(second.proofs > first.proofs);
    assert!(client.view().tip().tape.length > tip.tape.length);
}

/// Blocks that end inside a segment are held against its receipts.
fn every_block_is_proven_and_one_that_proofs_refute_is_evidence() {
    let recorded = Recorded::committed();
    let (table, mut client) = client(&recorded);
    table.go_to(1);
    now(client.head()).unwrap();
    for height in 0..=14 {
        assert_eq!(
            now(client.block(height)).unwrap().rung,
            Rung::Sequenced,
            "{height}"
        );
    }
    while now(client.prove()).unwrap() > 0 {}
    for height in 0..=14 {
        assert_eq!(now(client.block(height)).unwrap().rung, Rung::Proven, "{height}");
    }
    let heads = now(client.blocks(0, 15)).unwrap();
    assert!(heads.iter().all(|head| head.rung == Rung::Proven));
    // The committee signs a block in the middle with receipts that its records do not have.
    let scene = Scene::of(&recorded);
    for height in [4, 5, 9] {
        let path = format!("/blocks/{height}");
        let forged = scene.forged(&scene.said(1, &path), |header| {
            header.after.receipts += playfair_types::Fr::from(1u64);
        });
        let told = everywhere("", "", To::Everybody, forged);
        let (table, mut client) = self::client(&recorded);
        table.go_to(1);
        now(client.head()).unwrap();
        while now(client.prove()).unwrap() > 0 {}
        table.change(Some(told.change));
        let trouble = now(client.block(height)).unwrap_err();
        let Trouble::Lie(caught) = trouble else {
            panic!("{trouble}")
        };
        assert_eq!(caught.lie, Lie::WrongExecution(height));
        assert!(client.view().frozen().is_some());
    }
}

fn the_same_call_again_is_the_same_call() {
    let recorded = Recorded::committed();
    let (table, mut client) = client(&recorded);
    table.go_to(1);
    let submitted = now(client.submit(&recorded.last_call)).unwrap();
    let playfair_light_client_core::client::Submitted::Sealed(call) = submitted else {
        panic!("{submitted:?}");
    };
    assert_eq!(call.included.record, recorded.last_call);
    assert_eq!(Some(&call.included.id), recorded.calls[1].last());
    assert!(matches!(
        now(client.submit(b"no call")),
        Err(Trouble::Refused { status: 400, .. })
    ));
}

fn a_setup_that_anybody_knows_is_believed_by_nobody_who_did_not_say_so() {
    let recorded = Recorded::committed();
    let link = ChainLink::from_text(&recorded.link).unwrap();
    let anchors = playfair_light_client_core::Anchors::of(&link, Trust::PublicSetup).unwrap();
    let mut client = Client::new(Table::of(&recorded), anchors);
    let trouble = now(look(&mut client, &recorded.calls[0], recorded.account)).unwrap_err();
    assert!(matches!(trouble, Trouble::Setup(_)), "{trouble:?}");
    assert_eq!(client.view().proofs(), 0);
}

fn a_client_takes_over_what_another_one_kept_and_never_goes_back() {
    let recorded = Recorded::committed();
    let (table, mut leads) = client(&recorded);
    let account = recorded.account;
    let mut listens = Client::new(table.clone(), anchors(&recorded.link));
    assert!(!now(listens.catch_up()), "nothing is kept yet");
    now(look(&mut leads, &recorded.calls[0], account)).unwrap();
    now(leads.keep());
    drop(table.take_asked());
    assert!(now(listens.catch_up()));
    assert_eq!(listens.view().head(), leads.view().head());
    assert_eq!(listens.view().tip(), leads.view().tip());
    assert!(table.take_asked().is_empty(), "it asked nobody");
    assert!(!now(listens.catch_up()), "nothing newer is kept");

    // Who has verified the head itself takes it over with its own certificate, and with no other one.
    let mut knows = Client::new(table.clone(), anchors(&recorded.link));
    now(knows.head()).unwrap();
    let head = leads.view().head().unwrap();
    // Magic, version, chain id, flags.
    let end = 4 + 1 + 32 + 1 + head.header.encode().len() + head.certificate.encode().len();
    let damage = || {
        table
            .kept()
            .borrow_mut()
            .values_mut()
            .for_each(|kept| kept[end - 1] ^= 1)
    };
    damage();
    assert!(!now(knows.catch_up()));
    damage();
    assert!(now(knows.catch_up()));
    assert_eq!(knows.view().proofs(), leads.view().proofs());

    // What is kept is older now, or not there any more: the view stays.
    table.go_to(1);
    now(look(&mut listens, &recorded.calls.concat(), account)).unwrap();
    assert!(!now(listens.catch_up()));
    now(leads.forget());
    assert!(!now(listens.catch_up()));
    assert_eq!(listens.view().head().map(|head| head.height()), Some(14));
}
