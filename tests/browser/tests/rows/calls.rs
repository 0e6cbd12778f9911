//! Histories of what surrounds a module's run: accounts, keys, nonces, gas limits, balances, L1.

use playfair_browser_tests::history::History;
use playfair_browser_tests::modules;
use playfair_browser_tests::programs::{Op, Program};
use playfair_runtime::local::{Players, Start};
use playfair_types::account::{AccountId, L1Address};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::chain::Origin;
use playfair_types::crypto::eddsa::SecretKey;
use playfair_types::limits::{CALL_GAS_MAX, GAS_SCHEDULE};
use playfair_types::receipt::{Invalid, Outcome, Trap};
use playfair_types::tape::call::Call;
use playfair_types::tape::system::Deposit;
use playfair_types::tape::system_entry::{ModuleEntry, SystemEntry};
use playfair_types::{Encode, Fr};

/// What is judged before anything runs: who calls, with which key and nonce.
pub(super) fn invalid_calls() -> History {
    let module = modules::sink();
    let mut history = History::start("invalid calls", &module);
    let payload = Program::of(Op::Set, &[0, 3, 8, 7]).payload();
    let first = history.call("alice", 0, &payload);
    let second = history.call("alice", 0, &payload);
    let third = history.call("alice", 0, &payload);
    let outcomes = history.block(&[first.clone(), first, third.clone(), second.clone(), second, third]);
    let invalid = Outcome::Invalid;
    assert_eq!(
        outcomes,
        [
            Outcome::Ok,
            invalid(Invalid::AccountExists),
            invalid(Invalid::Nonce),
            Outcome::Ok,
            invalid(Invalid::Nonce),
            Outcome::Ok
        ]
    );
    let _creating = history.call("bob", 0, &payload);
    let without_account = history.call("bob", 0, &payload);
    let creating = history.call("carol", 1, &payload);
    let session = history.local.players.open_session("carol", 0b10).expect("short");
    let [allowed, refused] = [1, 0].map(|entry| history.call("carol", entry, &payload));
    // Which entries a session may call is judged before the nonce, so the refused one does not use it up.
    let outcomes = history.block(&[
        without_account,
        allowed.clone(),
        creating,
        session,
        allowed,
        refused,
    ]);
    assert_eq!(
        outcomes,
        [
            invalid(Invalid::Account),
            invalid(Invalid::Account),
            Outcome::Ok,
            Outcome::Ok,
            Outcome::Ok,
            invalid(Invalid::Scope)
        ]
    );
    history
}

/// What a call says about itself: lanes, gas limits, times. Gas runs out at many places of the same program.
pub(super) fn terms() -> History {
    let module = modules::sink();
    let mut history = History::start("terms", &module);
    let chain = history.local.chain.machine().chain_id();
    let key = SecretKey::from_seed(&[5; 32]);
    let now = history.local.chain.boundary().time_ms;
    let program = Program::of(Op::Set, &[0, 3, 8, 60])
        .then(Op::Get, &[0, 3, 64, 64])
        .then(Op::Dive, &[20])
        .then(Op::Emit, &[1, 0, 50])
        .then(Op::Fill, &[64, 1, 400]);
    let base = GAS_SCHEDULE.record_base(2);
    let plain = Call {
        account: AccountId::from_key(key.public_key()),
        key_index: 0,
        lane: 0,
        nonce: U48::default(),
        valid_until_ms: U48::MAX,
        gas_limit: CALL_GAS_MAX,
        gas_price: 0,
        entry: 0,
        payload: Bytes::new(program.payload()).expect("short"),
        new_key: None,
    };
    let new_key = Some(key.public_key().to_bytes());
    let other_account = AccountId([3; 20]);
    let calls = [
        (
            Call {
                account: other_account,
                new_key,
                ..plain.clone()
            },
            Outcome::Invalid(Invalid::Account),
        ),
        (
            Call {
                gas_limit: base + GAS_SCHEDULE.frame - 1,
                new_key,
                ..plain.clone()
            },
            Outcome::Invalid(Invalid::GasLimit),
        ),
        (
            Call {
                gas_limit: base + GAS_SCHEDULE.frame,
                new_key,
                ..plain.clone()
            },
            Outcome::OutOfGas,
        ),
        (
            Call {
                lane: 7,
                ..plain.clone()
            },
            Outcome::Ok,
        ),
        (
            Call {
                lane: 7,
                nonce: U48::from(1),
                ..plain.clone()
            },
            Outcome::Ok,
        ),
        (
            Call {
                lane: 6,
                nonce: U48::from(1),
                ..plain.clone()
            },
            Outcome::Invalid(Invalid::Nonce),
        ),
        (
            Call {
                lane: 6,
                key_index: 1,
                ..plain.clone()
            },
            Outcome::Invalid(Invalid::Key),
        ),
        (
            Call {
                lane: 6,
                valid_until_ms: now,
                ..plain.clone()
            },
            Outcome::Invalid(Invalid::Expired),
        ),
        (
            Call {
                lane: 6,
                gas_limit: CALL_GAS_MAX + 1,
                ..plain.clone()
            },
            Outcome::Invalid(Invalid::GasLimit),
        ),
        (
            Call {
                lane: 6,
                gas_limit: base - 1,
                ..plain.clone()
            },
            Outcome::Invalid(Invalid::GasLimit),
        ),
        (
            Call {
                lane: 6,
                gas_price: 1,
                ..plain.clone()
            },
            Outcome::Invalid(Invalid::GasPrice),
        ),
        (
            Call {
                lane: 6,
                entry: 242,
                gas_limit: base + GAS_SCHEDULE.system_entry - 1,
                ..plain.clone()
            },
            Outcome::OutOfGas,
        ),
    ];
    let (records, expected): (Vec<_>, Vec<_>) = calls
        .into_iter()
        .map(|(call, outcome)| (call.sign(chain, &key).encode(), outcome))
        .unzip();
    assert_eq!(history.block(&records), expected);
    let narrow = |nonce: u32| Call {
        lane: 5,
        nonce: U48::from(nonce),
        gas_limit: base + 370 * nonce,
        ..plain.clone()
    };
    let records: Vec<_> = (0..50)
        .map(|nonce| narrow(nonce).sign(chain, &key).encode())
        .collect();
    let outcomes = history.block(&records);
    assert!(outcomes.contains(&Outcome::OutOfGas) && outcomes.contains(&Outcome::Ok));
    history
}

/// Balances: from genesis, by transfer, by payment to the module and back.
pub(super) fn money() -> History {
    let module = modules::sink();
    let mut genesis = Start::of(module.hash).genesis();
    let mut nobody = Players::of(Fr::default());
    let [alice, bob] = ["alice", "bob"].map(|name| nobody.id(name));
    let mut balances = vec![(alice, 1_000), (bob, u128::MAX - 2_000), (AccountId::MODULE, 500)];
    balances.sort();
    genesis.params.balances = balances;
    let mut history = History::of("money", &module, &genesis);

    let system = |entry: &SystemEntry| (entry.entry(), entry.payload());
    let transfer = |to, amount| system(&SystemEntry::Transfer { to, amount });
    let pay = |amount, program: &Program| {
        let payload = Bytes::new(program.payload()).expect("short");
        let entry = ModuleEntry::new(5).expect("a module's entry");
        system(&SystemEntry::Pay {
            entry,
            amount,
            payload,
        })
    };
    // Whoever is at 64 gets what is at 96; then everybody's balance is written out.
    let give = |to: AccountId, amount: u128| {
        Program::of(Op::Fill, &[64, 0xab, 128])
            .poke(64, &to.0)
            .poke(96, &amount.to_le_bytes())
            .then(Op::Transfer, &[64, 96])
            .then(Op::Balance, &[64, 128])
            .then(Op::Value, &[152])
            .then(Op::Emit, &[1, 64, 128])
    };
    let failing = give(bob, 5).then(Op::Trap, &[]);
    let calls = [
        ("alice", transfer(bob, 100), Outcome::Ok),
        ("alice", transfer(bob, 901), Outcome::Reverted),
        ("alice", transfer(alice, 900), Outcome::Ok),
        ("alice", transfer(bob, 0), Outcome::Ok),
        ("bob", transfer(AccountId([7; 20]), 1), Outcome::Ok),
        ("alice", pay(40, &give(bob, 540)), Outcome::Ok),
        ("alice", pay(861, &give(bob, 1)), Outcome::Reverted),
        ("alice", pay(10, &failing), Outcome::Trapped(Trap::Unreachable)),
        ("alice", pay(0, &give(AccountId::MODULE, 0)), Outcome::Ok),
        ("alice", pay(60, &give(alice, 61)), Outcome::Ok),
        (
            "bob",
            pay(u128::MAX - 1_500, &give(alice, u128::MAX - 1_500)),
            Outcome::Ok,
        ),
        ("alice", (0, give(bob, 1).payload()), Outcome::Ok),
        ("dave", (0, give(AccountId([9; 20]), 60).payload()), Outcome::Ok),
    ];
    let mut outcomes = Vec::new();
    for (player, (entry, payload), expected) in calls {
        let found = history.play(&[(player, entry, payload)])[0];
        outcomes.push((expected, found));
        history.query(
            0,
            &Program::default()
                .poke(64, &alice.0)
                .then(Op::Balance, &[64, 128])
                .payload(),
        );
    }
    for (index, (expected, found)) in outcomes.iter().enumerate() {
        assert_eq!(expected, found, "call {index}");
    }
    history
}

/// Deposits, and messages to L1.
pub(super) fn with_l1() -> History {
    let module = modules::sink();
    let mut genesis = Start::of(module.hash).genesis();
    genesis.origin = Origin {
        l1_chain_id: 1,
        settlement: L1Address([9; 20]),
        salt: [3; 31],
    };
    let mut history = History::of("with L1", &module, &genesis);
    let deposit = |account, amount| {
        let (sender, memo) = (L1Address([8; 20]), [5; 31]);
        Deposit {
            account,
            amount,
            sender,
            memo,
        }
        .encode()
    };
    history.block(&[
        deposit(AccountId::MODULE, 1_000),
        deposit(AccountId([6; 20]), 1),
        deposit(AccountId([6; 20]), u128::MAX),
        deposit(AccountId([5; 20]), u128::MAX - 10),
    ]);
    let start = Program::of(Op::Fill, &[64, 0xab, 64])
        .poke(64, &[4; 20])
        .poke(96, &300u128.to_le_bytes());
    let give = |amount: u128| {
        Program::default()
            .poke(64, &[5; 20])
            .poke(96, &amount.to_le_bytes())
            .then(Op::Transfer, &[64, 96])
            .then(Op::Balance, &[64, 128])
            .then(Op::Emit, &[1, 128, 16])
    };
    let withdraw = start.clone().then(Op::Withdraw, &[64, 96]);
    let most = (0..16).fold(start.clone(), |program, index| {
        program.then(Op::Send, &[64, 0, 64 * index])
    });
    let calls = [
        (give(11), Outcome::Trapped(Trap::HostLimit)),
        (give(10), Outcome::Ok),
        (give(1), Outcome::Trapped(Trap::HostLimit)),
        (give(0), Outcome::Ok),
        (withdraw.clone().then(Op::Send, &[64, 0, 125]), Outcome::Ok),
        (
            withdraw.clone().then(Op::Trap, &[]),
            Outcome::Trapped(Trap::Unreachable),
        ),
        (withdraw.clone(), Outcome::Ok),
        (withdraw.clone(), Outcome::Ok),
        (withdraw, Outcome::Ok),
        (
            start.then(Op::Send, &[64, 0, 0]).then(Op::Send, &[64, 0, 1024]),
            Outcome::Ok,
        ),
        (most.clone(), Outcome::Ok),
        (
            most.clone().then(Op::Withdraw, &[64, 96]),
            Outcome::Trapped(Trap::HostLimit),
        ),
        (
            most.then(Op::Send, &[64, 0, 0]),
            Outcome::Trapped(Trap::HostLimit),
        ),
    ];
    for (program, outcome) in calls {
        assert_eq!(history.play(&[("alice", 0, program.payload())]), [outcome]);
    }
    history
}
