//! Every way in which a call ends is proven, as what it was and as nothing else.

mod common;

use common::game::{Game, ILLEGAL};
use common::{Made, ends};
use playfair_proving::caller::Caller;
use playfair_proving::chess;
use playfair_proving::chess::Keys;
use playfair_proving::game::{accepted, verifier};
use playfair_runtime::local::Start;
use playfair_types::account::{KeyRecord, Role, SessionLimits};
use playfair_types::bounded::U48;
use playfair_types::crypto::field::Fr;
use playfair_types::limits::{CALL_GAS_MAX, GAS_SCHEDULE};
use playfair_types::receipt::{Invalid, Outcome, Trap};
use playfair_types::rules::FeeMode;
use playfair_types::tape::call::Call;
use playfair_types::tape::system_entry::SystemEntry;

/// One outcome of each kind.
const KINDS: [Outcome; 5] = [
    Outcome::Ok,
    Outcome::Reverted,
    Outcome::Trapped(Trap::Unreachable),
    Outcome::OutOfGas,
    Outcome::Invalid(Invalid::Nonce),
];

/// Proves a block. Both verifiers accept what happened; no call of it can be said to have ended otherwise, neither to them
/// nor to the kernel.
fn proven_as_it_was(keys: &Keys, made: &Made) {
    let key = verifier(keys);
    let proof = made.proven(keys).proof;
    let instance = made.segment.inputs.to_fields();
    assert!(accepted(keys, &key, &instance, &proof), "{:?}", made.outcomes());
    for (call, outcome) in made.outcomes().into_iter().enumerate() {
        for claimed in KINDS.into_iter().filter(|claimed| *claimed != outcome) {
            let lie = made.claiming(call, claimed);
            let what = format!("call {call}, which is {outcome:?}, as {claimed:?}");
            assert!(!made.has_trace(keys, &lie), "{what}");
            assert!(!accepted(keys, &key, &lie.inputs.to_fields(), &proof), "{what}");
        }
    }
}

#[test]
fn every_end_of_a_run_is_proven() {
    let keys = ends::keys();
    let caller = Caller::new(1);
    let mut local = ends::local(&ends::genesis());
    let chain_id = local.chain.machine().chain_id();
    let first = caller.sign(chain_id, caller.first(ends::FINE, &[]));
    assert_eq!(Made::of(&mut local, &[first]).outcomes(), [Outcome::Ok]);
    let mut nonce = 0;
    // Events up to their limit take as many rows as all else together, and so a segment of their own.
    let (long, short): (Vec<_>, Vec<_>) = ends::ENDS
        .into_iter()
        .partition(|(_, outcome)| *outcome == Outcome::Trapped(Trap::HostLimit));
    for ends in long.chunks(1).chain(short.chunks(6)) {
        let calls = ends.iter().map(|(entry, outcome)| {
            nonce += 1;
            let mut call = caller.call(nonce, *entry, &[]);
            if *outcome == Outcome::OutOfGas {
                call.gas_limit = 5_000;
            }
            caller.sign(chain_id, call)
        });
        let made = Made::of(&mut local, &calls.collect::<Vec<_>>());
        let wanted: Vec<_> = ends.iter().map(|(_, outcome)| *outcome).collect();
        assert_eq!(made.outcomes(), wanted);
        proven_as_it_was(keys, &made);
    }
}

#[test]
fn every_reason_of_an_invalid_call_is_proven() {
    let (caller, other) = (Caller::new(1), Caller::new(2));
    let session = Caller::new(3);
    let price = 3;
    let mut start = Start::of(ends::admitted().hash).genesis();
    start.params.fee_mode = FeeMode::Paid;
    start.params.gas_price_min = price;
    start.params.balances = vec![(caller.id, 1 << 40)];
    let mut local = ends::local(&start);
    let chain_id = local.chain.machine().chain_id();

    // The account is made and gives a key for entry 2 to a session.
    let key = SystemEntry::SetKey {
        index: 1,
        key: KeyRecord {
            role: Role::Session(
                *session.key.public_key(),
                SessionLimits {
                    scope: 1 << 2,
                    gas_price_max: price,
                    lanes: 1 << 1,
                },
            ),
            expires_ms: U48::MAX,
        },
    };
    let first = Call {
        gas_price: price,
        ..caller.first(key.entry(), &key.payload())
    };
    let made = Made::of(&mut local, &[caller.sign(chain_id, first)]);
    assert_eq!(made.outcomes(), [Outcome::Ok]);

    let good = Call {
        gas_price: price,
        ..caller.call(1, ends::FINE, &[])
    };
    let with = |change: fn(&mut Call)| {
        let mut call = good.clone();
        change(&mut call);
        caller.sign(chain_id, call)
    };
    let of_session = |entry: u8| Call {
        key_index: 1,
        lane: 1,
        nonce: 0.into(),
        entry,
        ..good.clone()
    };
    let mut altered = caller.sign(chain_id, caller.call(1, ends::FINE, &[7]));
    // The payload's first byte.
    altered[114] ^= 1;
    let cases = [
        (Invalid::Encoding, with(|call| call.lane = 8)),
        (Invalid::Account, other.sign(chain_id, other.call(0, 0, &[]))),
        (
            Invalid::AccountExists,
            caller.sign(chain_id, caller.first(0, &[])),
        ),
        (Invalid::Key, with(|call| call.key_index = 5)),
        (Invalid::Signature, other.sign(chain_id, good.clone())),
        (
            Invalid::Signature,
            caller.sign(chain_id + Fr::from(1u64), good.clone()),
        ),
        (Invalid::Signature, altered),
        (Invalid::Scope, session.sign(chain_id, of_session(3))),
        (
            Invalid::Expired,
            with(|call| call.valid_until_ms = U48::from(9u32)),
        ),
        (Invalid::Nonce, with(|call| call.nonce = 0.into())),
        (Invalid::Nonce, with(|call| call.nonce = 2.into())),
        (Invalid::GasLimit, with(|call| call.gas_limit = CALL_GAS_MAX + 1)),
        (
            Invalid::GasLimit,
            with(|call| call.gas_limit = GAS_SCHEDULE.record_base(1) - 1),
        ),
        (Invalid::GasPrice, with(|call| call.gas_price -= 1)),
        (Invalid::Funds, with(|call| call.gas_price = 1 << 40)),
    ];
    let mut seen = [false; Invalid::ALL.len()];
    for cases in cases.chunks(8) {
        let mut calls: Vec<_> = cases.iter().map(|(_, record)| record.clone()).collect();
        let mut wanted: Vec<_> = cases
            .iter()
            .map(|(reason, _)| Outcome::Invalid(*reason))
            .collect();
        cases
            .iter()
            .for_each(|(reason, _)| seen[usize::from(reason.code()) - 1] = true);
        // Behind them a session's call that is in order: they changed nothing.
        if seen == [true; Invalid::ALL.len()] {
            calls.push(session.sign(chain_id, of_session(2)));
            wanted.push(Outcome::Trapped(Trap::MemoryOutOfBounds));
        }
        let made = Made::of(&mut local, &calls);
        assert_eq!(made.outcomes(), wanted);
        proven_as_it_was(ends::keys(), &made);
    }
    assert_eq!(seen, [true; Invalid::ALL.len()]);
}

#[test]
fn calls_of_chess_that_fail_are_proven() {
    let mut game = Game::begun(0);
    let (white, black, chain_id) = (&game.white, &game.black, game.chain_id);
    let legal = Game::recorded(0);
    // An illegal move, one that nobody pays for to its end, one signed by the opponent.
    let poor = Call {
        gas_limit: 6_000,
        ..Game::play(white, 2, legal)
    };
    let calls = [
        white.sign(chain_id, Game::play(white, 1, ILLEGAL)),
        white.sign(chain_id, poor),
        black.sign(chain_id, Game::play(white, 3, legal)),
    ];
    let made = game.block(&calls);
    let wanted = [
        Outcome::Reverted,
        Outcome::OutOfGas,
        Outcome::Invalid(Invalid::Signature),
    ];
    assert_eq!(made.outcomes(), wanted);
    proven_as_it_was(chess::keys(), &made);
}
