//! System entries that move money: 242 transfer, 243 withdraw, 245 pay (FORMATS.md section 5).

use crate::common::{GAS, Player, Scripted, chain_of, genesis_record, module};
use crate::system::{accepted, chain, enter, free, next, price, raw, refused};
use playfair_abi::export::Export;
use playfair_abi::host::HostFunction;
use playfair_types::account::{AccountId, L1Address};
use playfair_types::bounded::Bytes;
use playfair_types::limits::GAS_SCHEDULE;
use playfair_types::outbox::Content;
use playfair_types::receipt::{Outcome, Trap};
use playfair_types::rules::FeeMode;
use playfair_types::tape::call::Call;
use playfair_types::tape::system_entry::{ModuleEntry, SystemEntry};

#[test]
fn transfers_are_whole_or_not_at_all() {
    let (mut chain, player) = chain(true);
    let to = AccountId([4; 20]);
    let transfer = |to, amount| SystemEntry::Transfer { to, amount };
    refused(&mut chain, &player, &transfer(to, 1001));
    refused(&mut chain, &player, &transfer(player.id, 1001));
    accepted(&mut chain, &player, &transfer(player.id, 1000));
    accepted(&mut chain, &player, &transfer(to, 0));
    assert_eq!(chain.account(to), None);
    accepted(&mut chain, &player, &transfer(to, 400));
    assert_eq!((chain.balance(player.id), chain.balance(to)), (600, 400));
    assert!(!chain.account(to).expect("credited").created);
    chain.deposit(to, u128::MAX - 500);
    refused(&mut chain, &player, &transfer(to, 101));
    accepted(&mut chain, &player, &transfer(to, 100));
    assert_eq!(chain.balance(to), u128::MAX);
    accepted(&mut chain, &player, &transfer(to, 0));
    accepted(&mut chain, &player, &transfer(AccountId::NONE, 1));
    accepted(&mut chain, &player, &transfer(AccountId::MODULE, 499));
    assert_eq!(chain.account(player.id).expect("kept").balance, 0);
    // To oneself the balance does not grow, however much it is.
    chain.deposit(player.id, u128::MAX);
    accepted(&mut chain, &player, &transfer(player.id, u128::MAX));
}

#[test]
fn withdrawals_go_through_the_outbox_of_a_chain_with_l1() {
    let (mut local, player) = chain(false);
    let to = L1Address([4; 20]);
    let withdraw = |amount| SystemEntry::Withdraw { to, amount };
    refused(&mut local, &player, &withdraw(1));
    let (mut chain, player) = chain(true);
    refused(&mut chain, &player, &withdraw(0));
    refused(&mut chain, &player, &withdraw(1001));
    let done = accepted(&mut chain, &player, &withdraw(1000));
    assert_eq!(done.messages.len(), 1);
    assert_eq!(done.messages[0].sender, player.id, "whose money it is");
    assert_eq!(done.messages[0].content, Content::Withdraw { to, amount: 1000 });
    assert_eq!(chain.balance(player.id), 0);
    assert_eq!(chain.boundary().outbox.length, 1);
}

fn pay(entry: u8, amount: u128, payload: &[u8]) -> SystemEntry {
    SystemEntry::Pay {
        entry: ModuleEntry::new(entry).expect("below 240"),
        amount,
        payload: Bytes::new(payload).expect("short"),
    }
}

#[test]
fn a_payment_arrives_with_its_call_or_not_at_all() {
    let (mut chain, player) = chain(true);
    refused(&mut chain, &player, &pay(0, 1001, b""));
    let done = enter(&mut chain, &player, &pay(239, 300, b"argument"));
    assert_eq!(done.receipt.outcome, Outcome::Ok);
    assert_eq!(done.body.output.as_slice(), b"argument");
    assert_eq!(done.body.events[0].data.as_slice(), player.id.0);
    assert_eq!(chain.user(b"value"), Some(300u128.to_le_bytes().to_vec()));
    assert_eq!(
        (chain.balance(player.id), chain.balance(AccountId::MODULE)),
        (700, 300)
    );
    let ends = [
        (1, Outcome::Reverted, b"no".as_slice()),
        (2, Outcome::Trapped(Trap::Unreachable), b""),
        (3, Outcome::OutOfGas, b""),
    ];
    for (entry, end, output) in ends {
        let done = enter(&mut chain, &player, &pay(entry, 100, b""));
        assert_eq!(done.receipt.outcome, end);
        assert_eq!(done.body.output.as_slice(), output);
        assert!(done.receipt.gas_used > price(1));
        assert_eq!(
            (chain.balance(player.id), chain.balance(AccountId::MODULE)),
            (700, 300),
            "undone"
        );
        assert_eq!(chain.user(b"value"), Some(300u128.to_le_bytes().to_vec()));
    }
    let done = enter(&mut chain, &player, &pay(4, 100, b""));
    assert_eq!(done.receipt.outcome, Outcome::Ok);
    assert_eq!(
        (chain.balance(player.id), chain.balance(AccountId::MODULE)),
        (700, 300),
        "given back"
    );
    let done = enter(&mut chain, &player, &pay(5, 100, b""));
    assert_eq!(
        (done.messages.len(), done.messages[0].sender),
        (1, AccountId::MODULE)
    );
    assert_eq!(
        (chain.balance(player.id), chain.balance(AccountId::MODULE)),
        (600, 300)
    );
    // A payment of nothing still calls; a plain call has the value 0.
    assert_eq!(
        enter(&mut chain, &player, &pay(0, 0, b"")).receipt.outcome,
        Outcome::Ok
    );
    assert_eq!(chain.user(b"value"), Some(vec![0; 16]));
    enter(&mut chain, &player, &pay(0, 1, b""));
    raw(&mut chain, &player, 0, &[]);
    assert_eq!(chain.user(b"value"), Some(vec![0; 16]));
    chain.deposit(AccountId::MODULE, u128::MAX - 301);
    assert_eq!(chain.balance(AccountId::MODULE), u128::MAX);
    refused(&mut chain, &player, &pay(0, 1, b""));
}

#[test]
fn a_paid_call_has_the_gas_that_remains() {
    let engine = Scripted::default().with(module(1), Export::Call, |guest| {
        let gas = guest.gas;
        guest.output(&gas.to_be_bytes())
    });
    let mut chain = chain_of(&genesis_record(FeeMode::Free, true), engine);
    let player = Player::new(1);
    chain.outcome(&player, free(player.first(0, &[])));
    let longest = vec![0; 4096 - 17];
    let output = HostFunction::Output.fixed_gas(GAS_SCHEDULE) + GAS_SCHEDULE.word + GAS_SCHEDULE.permutation;
    for (payload, frames) in [(b"".as_slice(), 2), (&longest, 34)] {
        let done = enter(&mut chain, &player, &pay(0, 0, payload));
        assert_eq!(done.body.output.as_slice(), (GAS - price(frames)).to_be_bytes());
        assert_eq!(done.receipt.gas_used, price(frames) + output);
    }
    // The system's price is all there is: the module's call is out of gas at its first step.
    let call = free(player.system(next(&chain, &player), &pay(0, 0, b"")));
    let done = chain.call(
        &player,
        Call {
            gas_limit: price(2),
            ..call
        },
    );
    assert_eq!(
        (done.receipt.outcome, done.receipt.gas_used),
        (Outcome::OutOfGas, price(2))
    );
}
