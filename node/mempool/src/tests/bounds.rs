//! Who has room, and who gives way when there is none.

use super::*;

#[test]
fn an_account_holds_no_more_than_its_share() {
    let mut pool = free(Limits {
        account_calls_max: 2,
        account_bytes_max: 250,
        ..wide()
    });
    put(&mut pool, entry(1, 0, 0));
    let mut large = entry(1, 0, 1);
    large.bytes = 151;
    let most = 250;
    assert_eq!(
        put(&mut pool, large.clone()),
        Said::Refused(Refused::AccountBytes { most })
    );
    large.bytes = 150;
    assert_eq!(put(&mut pool, large.clone()), Said::Added);
    assert_eq!(
        put(&mut pool, entry(1, 0, 2)),
        Said::Refused(Refused::AccountCalls { most: 2 })
    );
    assert_eq!(put(&mut pool, entry(2, 0, 0)), Said::Added);
    // A replacement counts the difference.
    large.bytes = 151;
    assert_eq!(
        put(&mut pool, other(large, 1)),
        Said::Refused(Refused::AccountBytes { most })
    );
}

#[test]
fn a_full_paid_pool_lets_the_lowest_offer_go() {
    let mut pool = paid(Limits {
        calls_max: 4,
        ..wide()
    });
    // Account 1 hides a cheap call before a dear one; account 2 offers 5 twice; account 3's gap offers nothing.
    for (number, nonce, price) in [(1, 0, 3), (1, 1, 1_000), (2, 0, 5), (3, 1, 1_000)] {
        let mut call = entry(number, 0, nonce);
        call.gas_price = price;
        assert_eq!(put(&mut pool, call), Said::Added);
    }
    let mut leaves = Vec::new();
    for number in 10..14 {
        let mut call = entry(number, 0, 0);
        call.gas_price = 4 + number;
        let inserted = pool.insert(call, 0, NOW);
        check(&pool);
        assert_eq!(said(&inserted.answer), Said::Added);
        assert_eq!((inserted.gone.len(), inserted.gone[0].why), (1, Why::Evicted));
        let gone = &inserted.gone[0].entry;
        leaves.push((gone.account, gone.nonce));
    }
    assert_eq!(
        leaves,
        [(account(3), 1), (account(1), 1), (account(1), 0), (account(2), 0)]
    );
    let mut equal = entry(20, 0, 0);
    equal.gas_price = 14;
    assert_eq!(
        put(&mut pool, equal),
        Said::Refused(Refused::Full {
            offer_above: Some(14)
        })
    );
    let mut gap = entry(20, 0, 1);
    gap.gas_price = u64::MAX;
    assert_eq!(
        put(&mut pool, gap),
        Said::Refused(Refused::Full {
            offer_above: Some(14)
        })
    );
}

#[test]
fn among_equal_offers_the_newest_goes() {
    let mut pool = paid(Limits {
        calls_max: 3,
        ..wide()
    });
    for number in [1, 3, 2] {
        put(&mut pool, entry(number, 0, 0));
    }
    let mut call = entry(4, 0, 0);
    call.gas_price = 11;
    let inserted = pool.insert(call, 0, NOW);
    assert_eq!(inserted.gone[0].entry.account, account(2));
}

#[test]
fn a_newcomer_does_not_push_out_what_it_stands_on() {
    let mut pool = paid(Limits {
        calls_max: 2,
        ..wide()
    });
    put(&mut pool, entry(1, 0, 0));
    let mut dear = entry(2, 0, 0);
    dear.gas_price = 50;
    put(&mut pool, dear);
    let mut next = entry(1, 0, 1);
    next.gas_price = 100;
    // It cannot be played before its lane's cheap call, so it offers no more than that.
    assert_eq!(
        put(&mut pool, next),
        Said::Refused(Refused::Full {
            offer_above: Some(50)
        })
    );
}

#[test]
fn a_large_newcomer_pushes_out_as_many_as_it_takes_or_none() {
    let limits = Limits {
        calls_max: 10,
        bytes_max: 400,
        ..wide()
    };
    let mut pool = paid(limits);
    for (number, price) in [(1, 1), (2, 2), (3, 3), (4, 9)] {
        let mut call = entry(number, 0, 0);
        call.gas_price = price;
        put(&mut pool, call);
    }
    let mut large = entry(5, 0, 0);
    (large.bytes, large.gas_price) = (350, 9);
    assert_eq!(
        put(&mut pool, large.clone()),
        Said::Refused(Refused::Full { offer_above: Some(9) })
    );
    assert_eq!(pool.len(), 4);
    large.bytes = 300;
    let inserted = pool.insert(large, 0, NOW);
    check(&pool);
    let gone: Vec<_> = inserted.gone.iter().map(|gone| gone.entry.gas_price).collect();
    assert_eq!(gone, [1, 2, 3]);
}

#[test]
fn on_a_full_free_pool_who_holds_the_most_gives_way() {
    let mut pool = free(Limits {
        calls_max: 6,
        ..wide()
    });
    for (lane, nonce) in [(0, 0), (0, 1), (1, 0), (0, 2)] {
        put(&mut pool, entry(1, lane, nonce));
    }
    for nonce in 0..2 {
        put(&mut pool, entry(2, 0, nonce));
    }
    let mut leaves = Vec::new();
    for number in 3..5 {
        let inserted = pool.insert(entry(number, 0, 0), 0, NOW);
        check(&pool);
        assert_eq!(said(&inserted.answer), Said::Added);
        let gone = &inserted.gone[0].entry;
        leaves.push((gone.account, gone.lane, gone.nonce));
    }
    assert_eq!(leaves, [(account(1), 0, 2), (account(1), 0, 1)]);
    // Nobody holds two more than a newcomer would.
    assert_eq!(
        put(&mut pool, entry(6, 0, 0)),
        Said::Refused(Refused::Full { offer_above: None })
    );
    assert_eq!(
        put(&mut pool, entry(1, 1, 1)),
        Said::Refused(Refused::Full { offer_above: None })
    );
}

#[test]
fn large_calls_count_as_what_they_keep_out() {
    let limits = Limits {
        calls_max: 10,
        bytes_max: 1_000,
        account_bytes_max: 1_000,
        ..wide()
    };
    assert_eq!(
        [0, 1, 100, 101, 1_000].map(|bytes| limits.slots(bytes)),
        [1, 1, 1, 2, 10]
    );
    let mut pool = free(limits);
    let mut large = entry(1, 0, 0);
    large.bytes = 900;
    put(&mut pool, large);
    put(&mut pool, entry(2, 0, 0));
    let inserted = pool.insert(entry(3, 0, 0), 0, NOW);
    assert_eq!(inserted.gone[0].entry.account, account(1));
    assert_eq!(pool.bytes(), 200);
}
