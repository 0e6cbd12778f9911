//! C9, C10, T5: money is moved, never made.

use crate::common::{GAS, History, LEAST, Player, Scripted, chain_of, genesis_record, module, sum};
use playfair_abi::export::Export;
use playfair_types::Decode;
use playfair_types::account::AccountId;
use playfair_types::limits::GAS_SCHEDULE;
use playfair_types::outbox::Content;
use playfair_types::receipt::{Invalid, Outcome};
use playfair_types::rules::FeeMode;
use playfair_types::tape::Record;
use playfair_types::tape::call::Call;
use playfair_types::tape::system_entry::SystemEntry;
use std::collections::BTreeSet;

const RECIPIENT: AccountId = AccountId([9; 20]);

fn burning(gas: u32) -> Scripted {
    Scripted::default().with(module(1), Export::Call, move |guest| guest.burn(gas))
}

#[test]
fn the_payer_needs_the_whole_limit_and_gets_back_what_was_not_used() {
    let mut chain = chain_of(&genesis_record(FeeMode::Paid, true), burning(1000));
    let player = Player::new(1);
    let most = u128::from(GAS) * u128::from(LEAST);
    chain.deposit(player.id, most - 1);
    assert_eq!(
        chain.outcome(&player, player.first(1, &[])),
        Outcome::Invalid(Invalid::Funds)
    );
    chain.deposit(player.id, 1);
    let done = chain.call(&player, player.first(1, &[]));
    assert_eq!(done.receipt.outcome, Outcome::Ok);
    let fee = u128::from(GAS_SCHEDULE.record_base(2) + 1000) * u128::from(LEAST);
    assert_eq!(done.receipt.fee, fee);
    assert_eq!(
        (chain.balance(player.id), chain.balance(RECIPIENT)),
        (most - fee, fee)
    );
    assert!(!chain.account(RECIPIENT).expect("credited").created);

    // The greatest fee there is does not wrap.
    chain.deposit(player.id, 1 << 120);
    let before = chain.balance(player.id);
    let dear = Call {
        gas_price: u64::MAX,
        gas_limit: 393_216,
        ..player.call(1, 1, &[])
    };
    let done = chain.call(&player, dear);
    assert_eq!(
        done.receipt.fee,
        u128::from(GAS_SCHEDULE.record_base(1) + 1000) * u128::from(u64::MAX)
    );
    assert_eq!(before - chain.balance(player.id), done.receipt.fee);
}

#[test]
fn a_sponsor_pays_for_everybody_until_it_is_dry() {
    let sponsor = Player::new(3);
    let mut chain = chain_of(
        &genesis_record(FeeMode::Sponsored(sponsor.id), true),
        burning(1000),
    );
    let (player, most) = (Player::new(1), u128::from(GAS) * u128::from(LEAST));
    chain.deposit(sponsor.id, most);
    let done = chain.call(&player, player.first(1, &[]));
    assert_eq!(done.receipt.outcome, Outcome::Ok);
    assert_eq!(chain.balance(sponsor.id), most - done.receipt.fee);
    assert_eq!(chain.balance(player.id), 0);
    assert_eq!(
        chain.outcome(&player, player.call(1, 1, &[])),
        Outcome::Invalid(Invalid::Funds)
    );
    // The sponsor's own first call: its record has been debited when it is created.
    chain.deposit(sponsor.id, most);
    let before = chain.balance(sponsor.id);
    let done = chain.call(&sponsor, sponsor.first(1, &[]));
    assert_eq!(done.receipt.outcome, Outcome::Ok);
    let record = chain.account(sponsor.id).expect("created");
    assert!(record.created && record.next_nonces[0].get() == 1);
    assert_eq!(record.balance, before - done.receipt.fee);
}

#[test]
fn whoever_receives_the_fees_can_pay_them() {
    let player = Player::new(1);
    let mut genesis = genesis_record(FeeMode::Paid, true);
    genesis.params.fee_recipient = player.id;
    let mut chain = chain_of(&genesis, burning(1000));
    chain.deposit(player.id, 1 << 60);
    let done = chain.call(&player, player.first(1, &[]));
    assert!(done.receipt.fee > 0);
    assert_eq!(chain.balance(player.id), 1 << 60);
}

#[test]
fn what_does_not_fit_a_balance_is_lost() {
    let mut chain = chain_of(&genesis_record(FeeMode::Paid, true), burning(1000));
    let player = Player::new(1);
    chain.deposit(RECIPIENT, u128::MAX - 10);
    chain.deposit(player.id, u128::MAX);
    chain.deposit(player.id, u128::MAX);
    assert_eq!(chain.balance(player.id), u128::MAX);
    let done = chain.call(&player, player.first(1, &[]));
    assert!(done.receipt.fee > 10);
    assert_eq!(chain.balance(RECIPIENT), u128::MAX, "a fee fills the balance");
    assert_eq!(chain.balance(player.id), u128::MAX - done.receipt.fee);
}

#[test]
fn a_refund_fills_what_the_call_left() {
    // The module fills the payer's balance while the call runs; then nothing of the refund fits.
    let player = Player::new(1);
    let (id, most) = (player.id.0, u128::from(GAS) * u128::from(LEAST));
    let engine = Scripted::default().with(module(1), Export::Call, move |guest| {
        guest.transfer(&id, most).map(drop)
    });
    let mut chain = chain_of(&genesis_record(FeeMode::Paid, true), engine);
    chain.deposit(AccountId::MODULE, most);
    chain.deposit(player.id, u128::MAX);
    let done = chain.call(&player, player.first(1, &[]));
    assert_eq!(done.receipt.outcome, Outcome::Ok);
    assert_eq!(chain.balance(player.id), u128::MAX);
    assert_eq!(chain.balance(AccountId::MODULE), 0);
    assert_eq!(chain.balance(RECIPIENT), done.receipt.fee);
}

#[test]
fn credits_of_nothing_make_no_record() {
    let mut chain = chain_of(&genesis_record(FeeMode::Free, true), burning(1));
    chain.deposit(AccountId([4; 20]), 0);
    assert_eq!(chain.account(AccountId([4; 20])), None);
    let player = Player::new(1);
    let free = |call: Call| Call { gas_price: 0, ..call };
    assert_eq!(chain.outcome(&player, free(player.first(1, &[]))), Outcome::Ok);
    assert_eq!(chain.account(RECIPIENT), None, "no fee, no record");
    for id in [AccountId::NONE, AccountId::MODULE] {
        chain.deposit(id, 3);
        assert_eq!(chain.balance(id), 3, "0 and 1 receive like any other");
    }
    let all = SystemEntry::Transfer {
        to: AccountId([4; 20]),
        amount: 7,
    };
    chain.deposit(player.id, 7);
    assert_eq!(chain.outcome(&player, free(player.system(1, &all))), Outcome::Ok);
    assert_eq!(chain.account(player.id).map(|record| record.balance), Some(0));
    assert_eq!(chain.balance(AccountId([4; 20])), 7);
}

#[test]
fn random_tapes_conserve_money() {
    let (mut outcomes, mut withdrawn) = (BTreeSet::new(), 0);
    for (seed, mode) in [
        (1, FeeMode::Paid),
        (2, FeeMode::Sponsored(Player::new(1).id)),
        (3, FeeMode::Free),
        (4, FeeMode::Paid),
    ] {
        println!("seed {seed}");
        let mut history = History::new(seed, mode);
        let ids = history.ids();
        let mut total = sum(&history.chain, &ids);
        for _ in 0..200 {
            let bytes = history.record();
            let done = history.chain.apply(&bytes);
            if let Ok(Record::Deposit(deposit)) = Record::decode(&bytes) {
                total += deposit.amount;
            }
            for message in &done.messages {
                if let Content::Withdraw { amount, .. } = message.content {
                    total -= amount;
                    withdrawn += 1;
                }
            }
            assert_eq!(
                sum(&history.chain, &ids),
                total,
                "seed {seed}: {:?}",
                done.receipt
            );
            outcomes.insert(done.receipt.outcome.codes());
        }
    }
    println!("{withdrawn} withdrawals, {outcomes:?}");
    assert!(
        outcomes.len() >= 12,
        "a test that meets few outcomes tests little: {outcomes:?}"
    );
    assert!(withdrawn > 10);
}
