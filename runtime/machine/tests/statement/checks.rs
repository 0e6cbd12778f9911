//! C1 to C9: the first check that fails decides, whatever fails behind it.

use crate::common::{Chain, GAS, LEAST, Player, START_MS, Scripted, chain_of, genesis_record, module};
use playfair_abi::export::Export;
use playfair_machine::Prepared;
use playfair_types::account::{AccountId, KeyRecord, L1Address, Role, SessionLimits};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::crypto::babyjubjub::{Point, PointError};
use playfair_types::limits::{CALL_GAS_MAX, GAS_SCHEDULE};
use playfair_types::receipt::{Invalid, Outcome};
use playfair_types::rules::FeeMode;
use playfair_types::tape::Record;
use playfair_types::tape::call::{Call, L1Call};
use playfair_types::tape::system_entry::SystemEntry;
use playfair_types::{Encode, tape::kind};

/// A call before it is signed, and what is done to its bytes afterwards.
struct Draft {
    call: Call,
    signer: u8,
    spoil_r: bool,
}

const RICH: u8 = 1;
const POOR: u8 = 2;
const SESSION: u8 = 3;
const STRANGER: u8 = 4;

/// A paid chain with L1: a rich and a poor account, each with a session key at 1, an expired one at 2 and an L1 owner at 3.
fn paid_chain() -> Chain {
    let engine = Scripted::default().with(module(1), Export::Call, |_| Ok(()));
    let mut chain = chain_of(&genesis_record(FeeMode::Paid, true), engine);
    let until = |ms: u64| U48::new(START_MS + ms).expect("48 bits");
    for number in [RICH, POOR] {
        let player = Player::new(number);
        let first = chain.forced(player.first(1, &[]), &player.key);
        assert_eq!(chain.apply(&first).receipt.outcome, Outcome::Ok);
        let session = |expires_ms| KeyRecord {
            role: Role::Session(
                *Player::new(SESSION).key.public_key(),
                SessionLimits {
                    scope: 1 << 1 | 1 << 63,
                    gas_price_max: u64::MAX - 1,
                    lanes: 0b10,
                },
            ),
            expires_ms,
        };
        let l1_owner = KeyRecord {
            role: Role::L1Owner(L1Address([5; 20])),
            expires_ms: U48::MAX,
        };
        let keys = [session(until(1000)), session(until(999)), l1_owner];
        for (index, key) in (1u8..).zip(keys) {
            let entry = SystemEntry::SetKey { index, key };
            let call = chain.forced(player.system(u32::from(index), &entry), &player.key);
            assert_eq!(chain.apply(&call).receipt.outcome, Outcome::Ok);
        }
    }
    chain.deposit(Player::new(RICH).id, 1 << 100);
    chain
}

/// A good call by the rich account's session key.
fn good() -> Draft {
    let rich = Player::new(RICH);
    let call = Call {
        key_index: 1,
        lane: 1,
        valid_until_ms: U48::new(START_MS + 1000).expect("48 bits"),
        ..rich.call(0, 1, &[])
    };
    Draft {
        call,
        signer: SESSION,
        spoil_r: false,
    }
}

fn spoil(reason: Invalid, draft: &mut Draft) {
    let new_key = draft.call.new_key.is_some();
    let call = &mut draft.call;
    match reason {
        Invalid::Encoding => draft.spoil_r = true,
        Invalid::Account => call.account = AccountId([0x77; 20]),
        // The poor account again, by its own key.
        Invalid::AccountExists => {}
        Invalid::Key if !new_key => call.key_index = 9,
        Invalid::Signature => draft.signer = STRANGER,
        Invalid::Scope if !new_key => call.entry = 2,
        Invalid::Key | Invalid::Scope => {}
        Invalid::Expired => call.valid_until_ms = U48::new(START_MS + 999).expect("48 bits"),
        Invalid::Nonce => call.nonce = 7.into(),
        Invalid::GasLimit => call.gas_limit = CALL_GAS_MAX + 1,
        Invalid::GasPrice => call.gas_price = LEAST - 1,
        Invalid::Funds => call.account = Player::new(POOR).id,
    }
}

fn judge(chain: &mut Chain, draft: Draft) -> Outcome {
    let mut bytes = chain.signed(draft.call, &Player::new(draft.signer).key);
    if draft.spoil_r {
        bytes[1] = 0x40;
    }
    chain.apply(&bytes).receipt.outcome
}

#[test]
fn the_first_check_that_fails_decides() {
    let mut chain = paid_chain();
    for (index, reason) in Invalid::ALL.iter().enumerate() {
        let mut draft = good();
        if *reason == Invalid::AccountExists {
            let poor = Player::new(POOR);
            draft = Draft {
                call: poor.first(1, &[]),
                signer: POOR,
                spoil_r: false,
            };
        }
        // From the last to the first: what an earlier reason spoils stays spoilt.
        for later in Invalid::ALL[index..].iter().rev() {
            spoil(*later, &mut draft);
        }
        assert_eq!(
            judge(&mut chain, draft),
            Outcome::Invalid(*reason),
            "all from {reason:?} on"
        );
    }
    for reason in Invalid::ALL
        .iter()
        .filter(|reason| **reason != Invalid::AccountExists)
    {
        let mut draft = good();
        spoil(*reason, &mut draft);
        assert_eq!(
            judge(&mut chain, draft),
            Outcome::Invalid(*reason),
            "{reason:?} alone"
        );
    }
    assert_eq!(judge(&mut chain, good()), Outcome::Ok);
    assert_eq!(
        judge(&mut chain, good()),
        Outcome::Invalid(Invalid::Nonce),
        "played once"
    );
}

#[test]
fn the_first_check_that_fails_decides_in_a_new_key_call() {
    let mut chain = paid_chain();
    let newcomer = Player::new(5);
    chain.deposit(newcomer.id, 1);
    let reasons = [
        Invalid::Encoding,
        Invalid::Account,
        Invalid::Signature,
        Invalid::Expired,
        Invalid::Nonce,
        Invalid::GasLimit,
        Invalid::GasPrice,
        Invalid::Funds,
    ];
    for index in 0..reasons.len() {
        let mut draft = Draft {
            call: newcomer.first(1, &[]),
            signer: 5,
            spoil_r: false,
        };
        for later in reasons[index..].iter().rev() {
            // Its own account is poor enough.
            if *later != Invalid::Funds {
                spoil(*later, &mut draft);
            }
        }
        assert_eq!(judge(&mut chain, draft), Outcome::Invalid(reasons[index]));
    }
    assert!(!chain.account(newcomer.id).expect("credited").created);
}

#[test]
fn every_way_to_break_the_encoding_is_that_reason() {
    let mut chain = paid_chain();
    let newcomer = Player::new(5);
    let signed = chain.signed(good().call, &Player::new(SESSION).key);
    let new_key = chain.signed(newcomer.first(1, &[]), &newcomer.key);
    // Byte, value, which record; (FORMATS.md sections 1, 3 and 5).
    let cases: [(usize, u8, &[u8], &str); 12] = [
        (1, 0x40, &signed, "R with the spare bit"),
        (1, 0x3f, &signed, "R with y above the modulus"),
        (2, 0xff, &signed, "S above the order"),
        (24, 8, &signed, "lane 8"),
        (123, 1, &signed, "padding of the payload"),
        (23, 1, &new_key, "a new key's index"),
        (124 + 31, 1, &new_key, "padding beside the key"),
        (247, 1, &new_key, "the end of the key's frame"),
        (124 + 61, 0x40, &new_key, "a key with the spare bit"),
        (124 + 61, 0x3f, &new_key, "a key above the modulus"),
        (1, 0x40, &new_key, "R of a new-key call"),
        (2, 0xff, &new_key, "S of a new-key call"),
    ];
    for (at, value, bytes, what) in cases {
        let mut bytes = bytes.to_vec();
        bytes[at] = value;
        for forced in [0, kind::INBOX] {
            bytes[0] = bytes[0] & !kind::INBOX | forced;
            assert_eq!(
                chain.apply(&bytes).receipt.outcome,
                Outcome::Invalid(Invalid::Encoding),
                "{what}"
            );
        }
    }
    // The identity and a point of order 2 are canonical points, but no keys; as R they are points: C4 judges them.
    let mut identity = [0; 32];
    identity[31] = 1;
    let mut call = newcomer.first(1, &[]);
    call.new_key = Some(identity);
    let bytes = chain.signed(call, &newcomer.key);
    assert_eq!(
        chain.apply(&bytes).receipt.outcome,
        Outcome::Invalid(Invalid::Encoding)
    );
    let mut bytes = signed.clone();
    bytes[1] = 0;
    bytes[31..61].fill(0);
    bytes[61] = 1;
    assert_eq!(
        chain.apply(&bytes).receipt.outcome,
        Outcome::Invalid(Invalid::Signature)
    );
    assert_eq!(chain.apply(&signed).receipt.outcome, Outcome::Ok);
}

/// An L1 call of the rich account's L1 owner.
fn l1_call() -> L1Call {
    L1Call {
        account: Player::new(RICH).id,
        key_index: 3,
        sender: L1Address([5; 20]),
        valid_until_ms: U48::MAX,
        gas_limit: GAS,
        entry: 1,
        payload: Bytes::default(),
    }
}

#[test]
fn calls_from_l1_are_judged_by_what_they_have() {
    let mut chain = paid_chain();
    let past = U48::new(START_MS + 999).expect("48 bits");
    let mut judge = |change: &dyn Fn(&mut L1Call)| {
        let mut call = l1_call();
        change(&mut call);
        chain.l1_call(call).receipt.outcome
    };
    let invalid = Outcome::Invalid;
    let expire = |call: &mut L1Call| call.valid_until_ms = past;
    let over = |call: &mut L1Call| call.gas_limit = CALL_GAS_MAX + 1;
    assert_eq!(judge(&|_| ()), Outcome::Ok);
    assert_eq!(judge(&|call| call.entry = 241), Outcome::Reverted);
    assert_eq!(judge(&over), invalid(Invalid::GasLimit));
    assert_eq!(
        judge(&|call| call.gas_limit = GAS_SCHEDULE.record_base(1) - 1),
        invalid(Invalid::GasLimit),
        "below the base"
    );
    assert_eq!(
        judge(&|call| {
            expire(call);
            over(call);
        }),
        invalid(Invalid::Expired)
    );
    assert_eq!(
        judge(&|call| {
            call.sender = L1Address([6; 20]);
            expire(call);
        }),
        invalid(Invalid::Signature)
    );
    for index in [0, 1, 2, 9] {
        let stranger = L1Address([6; 20]);
        assert_eq!(
            judge(&|call| {
                (call.key_index, call.sender) = (index, stranger);
                expire(call);
            }),
            invalid(Invalid::Key),
            "no L1 owner at {index}"
        );
    }
    assert_eq!(
        judge(&|call| {
            call.account = AccountId::MODULE;
            expire(call);
        }),
        invalid(Invalid::Account)
    );
    let mut bytes = Record::L1Call(l1_call()).encode();
    bytes[2] = 1;
    assert_eq!(
        chain.apply(&bytes).receipt.outcome,
        invalid(Invalid::Encoding),
        "S of an L1 call"
    );
}

#[test]
fn an_l1_owner_cannot_sign_and_a_session_has_its_bounds() {
    let mut chain = paid_chain();
    let mut by = |change: &dyn Fn(&mut Call)| {
        let mut draft = good();
        change(&mut draft.call);
        judge(&mut chain, draft)
    };
    let scope = Outcome::Invalid(Invalid::Scope);
    assert_eq!(by(&|call| call.key_index = 3), Outcome::Invalid(Invalid::Key));
    assert_eq!(
        by(&|call| call.key_index = 2),
        scope,
        "expired at this block's time"
    );
    for entry in [0, 2, 64, 65, 127, 128, 239, 240, 245, 255] {
        assert_eq!(by(&|call| call.entry = entry), scope, "entry {entry}");
    }
    for lane in [0, 2, 7] {
        assert_eq!(by(&|call| call.lane = lane), scope, "lane {lane}");
    }
    assert_eq!(
        by(&|call| call.gas_price = u64::MAX),
        scope,
        "more than the key may offer"
    );
    assert_eq!(by(&|call| call.entry = 63), Outcome::Ok);
}

#[test]
fn the_last_nonce_is_never_played() {
    let mut chain = paid_chain();
    let (rich, last) = (Player::new(RICH), (1u64 << 48) - 2);
    // Lanes cannot be walked that far: an account that a snapshot brought.
    let mut record = chain.account(rich.id).expect("an account");
    record.next_nonces[4] = U48::new(last).expect("48 bits");
    chain.settle();
    let mut state = chain.live();
    state.insert(crate::common::account_key(rich.id), record.encode());
    let root = chain.boundary().state_root;
    chain.machine.settle(std::sync::Arc::new(state), root);
    let call = |nonce: u64| Call {
        lane: 4,
        nonce: U48::new(nonce).expect("48 bits"),
        ..rich.call(0, 1, &[])
    };
    assert_eq!(
        chain.outcome(&rich, call(last + 1)),
        Outcome::Invalid(Invalid::Nonce)
    );
    assert_eq!(chain.outcome(&rich, call(last)), Outcome::Ok);
    assert_eq!(
        chain.outcome(&rich, call(last + 1)),
        Outcome::Invalid(Invalid::Nonce)
    );
    assert_eq!(
        chain.account(rich.id).expect("an account").next_nonces[4],
        U48::MAX
    );
}

#[test]
fn the_gas_price_follows_the_fee_mode() {
    let sponsor = Player::new(6);
    let modes = [FeeMode::Free, FeeMode::Paid, FeeMode::Sponsored(sponsor.id)];
    let wanted = [
        [true, false, false, false],
        [false, false, true, true],
        [false, false, true, false],
    ];
    for (mode, wanted) in modes.into_iter().zip(wanted) {
        let engine = Scripted::default().with(module(1), Export::Call, |_| Ok(()));
        let mut chain = chain_of(&genesis_record(mode, true), engine);
        let rich = Player::new(RICH);
        chain.deposit(rich.id, 1 << 60);
        chain.deposit(sponsor.id, 1 << 60);
        let first = chain.forced(rich.first(1, &[]), &rich.key);
        assert_eq!(chain.apply(&first).receipt.outcome, Outcome::Ok);
        let mut nonce = 1;
        for (price, fits) in [0, LEAST - 1, LEAST, LEAST + 1].into_iter().zip(wanted) {
            let call = Call {
                gas_price: price,
                ..rich.call(nonce, 1, &[])
            };
            let outcome = chain.outcome(&rich, call.clone());
            if fits {
                assert_eq!(outcome, Outcome::Ok, "{mode:?} at {price}");
                nonce += 1;
            } else {
                assert_eq!(
                    outcome,
                    Outcome::Invalid(Invalid::GasPrice),
                    "{mode:?} at {price}"
                );
                // Forced, its gas was prepaid: nobody asks what it offers.
                let done = {
                    let bytes = chain.forced(call, &rich.key);
                    chain.apply(&bytes)
                };
                assert_eq!((done.receipt.outcome, done.receipt.fee), (Outcome::Ok, 0));
                nonce += 1;
            }
        }
    }
}

/// Puts these 32 bytes in the place of `R`.
fn with_r(bytes: &[u8], r: [u8; 32]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[1] = r[0];
    bytes[31..62].copy_from_slice(&r[1..]);
    bytes
}

#[test]
fn r_is_a_point_or_the_encoding_is_broken_however_it_was_verified() {
    let mut chain = paid_chain();
    let signed = chain.signed(good().call, &Player::new(SESSION).key);
    let y = |y: u8| core::array::from_fn(|index| if index == 31 { y } else { 0 });
    let no_point = (2..=255)
        .map(y)
        .find(|r| Point::from_bytes(r) == Err(PointError::NotOnCurve));
    let no_point = with_r(&signed, no_point.expect("half of all y"));
    let mut sign_of_zero = y(1);
    sign_of_zero[0] = 0x80;
    let sign_of_zero = with_r(&signed, sign_of_zero);
    // y = 0 is a point of order 4: no signature has it, but it is one.
    let outside = with_r(&signed, y(0));
    let cases = [
        (no_point, Invalid::Encoding),
        (sign_of_zero, Invalid::Encoding),
        (outside, Invalid::Signature),
    ];
    let (right, wrong) = (Player::new(SESSION), Player::new(STRANGER));
    for hint in [None, Some(*right.key.public_key()), Some(*wrong.key.public_key())] {
        // Alone, and in a batch that is verified together.
        for copies in [1, 6] {
            for (bytes, reason) in &cases {
                let record = Prepared::read(chain.id(), bytes).expect("a record");
                let mut records = vec![record; copies];
                records.push(Prepared::read(chain.id(), &signed).expect("a record"));
                let hints = vec![hint; records.len()];
                Prepared::verify_batch(&mut records, &hints);
                let done = chain.apply_prepared(&records[0]).expect("a place");
                assert_eq!(
                    done.receipt.outcome,
                    Outcome::Invalid(*reason),
                    "{copies}, {hint:?}"
                );
            }
        }
    }
    assert_eq!(chain.apply(&signed).receipt.outcome, Outcome::Ok);
}
