//! contracts-wasm/tally, written in AssemblyScript, is built, admitted and played: whoever has no SDK has the ABI.

use playfair_admission::admit;
use playfair_browser_tests::history::History;
use playfair_browser_tests::modules;
use playfair_types::receipt::Outcome;
use std::path::Path;

fn built(name: &str) -> Vec<u8> {
    modules::tally(Path::new(env!("CARGO_TARGET_TMPDIR")), name)
}

fn admitted(name: &str) -> playfair_admission::Admitted {
    admit(&built(name)).unwrap_or_else(|rejection| panic!("{rejection}"))
}

#[test]
fn two_builds_give_equal_bytes() {
    assert_eq!(built("tally-first"), built("tally-second"));
}

#[test]
fn a_poll_is_opened_voted_on_closed_and_read() {
    let mut history = History::start("tally", &admitted("tally-played"));
    let question = b"Which opening for the final?";
    let outcomes = history.play(&[("alice", 0, question.to_vec())]);
    assert_eq!(outcomes, [Outcome::Ok]);
    let opened = &history.last().applied[1].body;
    assert_eq!(opened.output.as_slice(), 0u32.to_le_bytes());
    assert_eq!(opened.events[0].topic, 0);
    assert_eq!(opened.events[0].data.as_slice(), [&[0; 4][..], question].concat());

    let vote = |option: u8| vec![0, 0, 0, 0, option];
    let outcomes = history.play(&[("alice", 1, vote(3)), ("bob", 1, vote(3)), ("carol", 1, vote(0))]);
    assert_eq!(outcomes, [Outcome::Ok; 3]);
    assert_eq!(history.last().applied[2].body.events[0].topic, 1);
    assert_eq!(history.last().applied[2].body.events[0].data.as_slice(), vote(3));

    let (outcome, output) = history.query(0, &[0; 4]);
    let votes = [1u32, 0, 0, 2, 0, 0, 0, 0];
    let mut expected = 1u32.to_le_bytes().to_vec();
    expected.extend(votes.iter().flat_map(|votes| votes.to_le_bytes()));
    expected.extend(question);
    assert_eq!((outcome, output), (Outcome::Ok, expected.clone()));

    assert_eq!(history.play(&[("alice", 2, vec![0; 4])]), [Outcome::Ok]);
    expected[0] = 0;
    assert_eq!(
        history.query(0, &[0; 4]).1,
        expected,
        "closed, and the votes stay"
    );
}

#[test]
fn what_is_not_allowed_reverts_with_a_message_and_changes_nothing() {
    let mut history = History::start("tally", &admitted("tally-refusing"));
    history.play(&[("alice", 0, b"Yes or no?".to_vec()), ("bob", 1, vec![0; 5])]);
    let before = history.query(0, &[0; 4]);
    let refused = |history: &mut History, player, entry, payload: Vec<u8>| {
        let outcomes = history.play(&[(player, entry, payload)]);
        let done = &history.last().applied[1];
        assert_eq!((outcomes[0], done.body.events.len()), (Outcome::Reverted, 0));
        String::from_utf8(done.body.output.to_vec()).expect("text")
    };
    let history = &mut history;
    assert_eq!(refused(history, "bob", 1, vec![0, 0, 0, 0, 1]), "you have voted");
    assert_eq!(
        refused(history, "carol", 1, vec![0, 0, 0, 0, 8]),
        "no such option"
    );
    assert_eq!(refused(history, "carol", 1, vec![1, 0, 0, 0, 0]), "no such poll");
    assert_eq!(refused(history, "carol", 1, vec![0; 6]), "bad payload");
    assert_eq!(refused(history, "carol", 0, vec![]), "bad payload");
    assert_eq!(refused(history, "carol", 0, vec![b'?'; 4096]), "bad payload");
    assert_eq!(refused(history, "carol", 2, vec![0; 4]), "the poll is not yours");
    assert_eq!(refused(history, "carol", 3, vec![0; 4]), "no such entry");
    assert_eq!(history.query(0, &[0; 4]), before);
    assert_eq!(history.play(&[("alice", 2, vec![0; 4])]), [Outcome::Ok]);
    assert_eq!(refused(history, "carol", 1, vec![0; 5]), "the poll is closed");
    assert_eq!(refused(history, "alice", 2, vec![0; 4]), "the poll is closed");
    assert_eq!(
        history.query(7, &[]),
        (Outcome::Reverted, b"no such query".to_vec())
    );
}
