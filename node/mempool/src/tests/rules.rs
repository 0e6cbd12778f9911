//! Each rule of the crate's documentation, one by one.

use super::*;

fn nonces(gone: &[Gone<u64>], why: Why) -> Vec<u64> {
    assert!(gone.iter().all(|gone| gone.why == why), "{gone:?}");
    gone.iter().map(|gone| gone.entry.nonce).collect()
}

#[test]
fn a_lane_is_played_in_order_whatever_the_order_of_arrival() {
    let mut pool = free(wide());
    for nonce in [3, 1, 2] {
        assert_eq!(put(&mut pool, entry(1, 0, nonce)), Said::Added);
    }
    assert!(take(&mut pool).is_none() && !pool.has_ready());
    assert_eq!(put(&mut pool, entry(1, 0, 0)), Said::Added);
    assert!(pool.has_ready());
    let order: Vec<u64> = std::iter::from_fn(|| play(&mut pool))
        .map(|entry| entry.nonce)
        .collect();
    assert_eq!(order, [0, 1, 2, 3]);
    assert_eq!(
        (pool.len(), pool.bytes(), pool.gas(), pool.accounts()),
        (0, 0, 0, 0)
    );
}

#[test]
fn a_lane_gives_one_call_at_a_time_and_lanes_take_turns() {
    let mut pool = free(wide());
    for (lane, nonce) in [(0, 0), (0, 1), (5, 0), (5, 1), (7, 0)] {
        put(&mut pool, entry(1, lane, nonce));
    }
    let first: Vec<u8> = (0..3).map(|_| take(&mut pool).unwrap().lane).collect();
    assert_eq!(first, [0, 5, 7]);
    assert!(take(&mut pool).is_none(), "every lane has a call in play");
    pool.dropped(&account(1), 0, 0);
    assert!(take(&mut pool).is_none(), "nonce 0 was not used up");
    assert!(pool.played(&account(1), 5, 0).is_empty());
    assert_eq!(
        take(&mut pool).map(|entry| (entry.lane, entry.nonce)),
        Some((5, 1))
    );
    put(&mut pool, other(entry(1, 0, 0), 1));
    assert_eq!(
        take(&mut pool).map(|entry| (entry.lane, entry.nonce)),
        Some((0, 0))
    );
}

#[test]
fn nonces_outside_the_window_are_refused() {
    let mut pool = free(Limits {
        lane_window: 4,
        ..wide()
    });
    let mut say = |nonce, next| said(&pool.insert(entry(1, 0, nonce), next, NOW).answer);
    assert_eq!(say(9, 10), Said::Refused(Refused::Stale { next: 10 }));
    assert_eq!(
        say(14, 10),
        Said::Refused(Refused::TooFarAhead { next: 10, end: 14 })
    );
    assert_eq!(say(13, 10), Said::Added);
    // The pool has been told of 10 already.
    assert_eq!(say(9, 3), Said::Refused(Refused::Stale { next: 10 }));
    assert_eq!(pool.len(), 1);
}

#[test]
fn the_nonce_in_play_is_refused_and_those_behind_it_wait() {
    let mut pool = free(wide());
    put(&mut pool, entry(1, 0, 0));
    take(&mut pool).unwrap();
    assert_eq!(put(&mut pool, entry(1, 0, 0)), Said::Refused(Refused::InPlay));
    assert_eq!(put(&mut pool, entry(1, 0, 1)), Said::Added);
    assert!(take(&mut pool).is_none());
    // The state knows before the pool is told.
    assert_eq!(said(&pool.insert(entry(1, 0, 2), 1, NOW).answer), Said::Added);
    assert_eq!(take(&mut pool).unwrap().nonce, 1);
}

#[test]
fn impossible_lanes_and_gas_limits_are_refused() {
    let mut pool = free(wide());
    assert_eq!(put(&mut pool, entry(1, 8, 0)), Said::Refused(Refused::Lane));
    assert_eq!(put(&mut pool, entry(1, 7, 0)), Said::Added);
    let mut call = entry(1, 0, 0);
    call.gas_limit = pool.limits().call_gas_max + 1;
    let most = pool.limits().call_gas_max;
    assert_eq!(
        put(&mut pool, call.clone()),
        Said::Refused(Refused::GasLimit { most })
    );
    call.gas_limit = most;
    assert_eq!(put(&mut pool, call), Said::Added);
}

#[test]
fn a_call_expires_after_its_last_block_time() {
    let mut pool = free(Limits {
        margin_ms: 250,
        gap_ms: 10,
        ..wide()
    });
    let mut call = entry(1, 0, 0);
    call.valid_until_ms = NOW + 249;
    let least_ms = NOW + 250;
    assert_eq!(
        put(&mut pool, call.clone()),
        Said::Refused(Refused::TooLate { least_ms })
    );
    call.valid_until_ms = NOW + 250;
    assert_eq!(put(&mut pool, call), Said::Added);
    assert!(pool.expire(NOW + 250).is_empty());
    check(&pool);
    assert_eq!(nonces(&pool.expire(NOW + 251), Why::Expired), [0]);
    check(&pool);
    assert!(pool.is_empty());
}

#[test]
fn an_expired_call_is_never_taken() {
    let mut pool = free(wide());
    for nonce in 0..2 {
        let mut call = entry(1, 0, nonce);
        call.valid_until_ms = NOW + 500 + nonce;
        put(&mut pool, call);
    }
    let taken = pool.take(u64::MAX, u64::MAX, NOW + 501);
    assert_eq!(nonces(&taken.gone, Why::Expired), [0]);
    assert!(taken.call.is_none(), "nonce 1 must not be played before 0");
    check(&pool);
}

#[test]
fn a_gap_is_waited_for_once_or_twice_its_time() {
    let mut pool = free(Limits {
        gap_ms: 100,
        ..wide()
    });
    put(&mut pool, entry(1, 0, 1));
    put(&mut pool, entry(2, 0, 0));
    for after in [100, 101, 201] {
        assert!(pool.expire(NOW + after).is_empty());
        check(&pool);
    }
    let gone = pool.expire(NOW + 202);
    assert_eq!(nonces(&gone, Why::Stranded), [1]);
    assert!(
        pool.expire(NOW + 10_000).is_empty(),
        "what can be played may wait"
    );
    assert_eq!(pool.len(), 1);
}

#[test]
fn a_filled_gap_lets_a_call_wait_on() {
    let mut pool = free(Limits {
        gap_ms: 100,
        ..wide()
    });
    put(&mut pool, entry(1, 0, 1));
    assert!(pool.expire(NOW + 101).is_empty());
    assert!(matches!(
        pool.insert(entry(1, 0, 0), 0, NOW + 150).answer,
        Answer::Added
    ));
    for after in [202, 400, 600, 5_000] {
        assert!(pool.expire(NOW + after).is_empty());
    }
    // A gap that opens later has its own time.
    let first = pool.take(u64::MAX, u64::MAX, NOW + 5_000).call.unwrap();
    pool.dropped(&first.account, first.lane, first.nonce);
    assert!(pool.expire(NOW + 5_101).is_empty());
    assert_eq!(nonces(&pool.expire(NOW + 5_203), Why::Stranded), [1]);
}

#[test]
fn the_same_call_again_is_known_and_gets_another_waiter() {
    let mut pool = free(wide());
    put(&mut pool, entry(1, 0, 0));
    let mut again = entry(1, 0, 0);
    again.item = 7;
    let inserted = pool.insert(again, 0, NOW);
    let Answer::Known(back) = inserted.answer else {
        panic!("{inserted:?}");
    };
    assert_eq!(back.item, 7);
    *pool.item_mut(&back.id).unwrap() += back.item;
    assert_eq!(pool.get(&back.id).unwrap().item, 7);
    assert_eq!((pool.len(), pool.counters().known), (1, 1));
    assert!(pool.item_mut(&[9; 32]).is_none());
}

#[test]
fn a_replacement_pays_a_tenth_more() {
    for (old, least) in [(0, 1), (1, 2), (10, 11), (11, 13), (100, 110), (101, 112)] {
        let mut pool = paid(wide());
        let mut call = entry(1, 0, 0);
        call.gas_price = old;
        put(&mut pool, call.clone());
        let mut newer = other(call, 1);
        newer.gas_price = least - 1;
        assert_eq!(
            put(&mut pool, newer.clone()),
            Said::Refused(Refused::Underpriced { least })
        );
        newer.gas_price = least;
        let inserted = pool.insert(newer.clone(), 0, NOW);
        check(&pool);
        assert_eq!(said(&inserted.answer), Said::Replaced);
        assert_eq!(inserted.gone.len(), 1);
        assert_eq!(
            (inserted.gone[0].why, inserted.gone[0].entry.gas_price),
            (Why::Replaced, old)
        );
        assert_eq!(play(&mut pool).unwrap(), newer);
    }
}

#[test]
fn the_highest_price_cannot_be_replaced() {
    let mut pool = paid(wide());
    let mut call = entry(1, 0, 0);
    call.gas_price = u64::MAX - 1;
    put(&mut pool, call.clone());
    call.gas_price = u64::MAX;
    let least = u64::MAX;
    assert_eq!(
        put(&mut pool, other(call, 1)),
        Said::Refused(Refused::Underpriced { least })
    );
}

#[test]
fn a_replacement_keeps_the_accounts_turn() {
    let mut pool = free(wide());
    for number in [1, 2] {
        put(&mut pool, entry(number, 0, 0));
    }
    let inserted = pool.insert(other(entry(1, 0, 0), 1), 0, NOW);
    assert_eq!(said(&inserted.answer), Said::Replaced);
    assert_eq!(play(&mut pool).unwrap().account, account(1));
}

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
    assert_eq!(leaves, [(account(1), 0, 2), (account(1), 1, 0)]);
    // Nobody holds two more than a newcomer would.
    assert_eq!(
        put(&mut pool, entry(6, 0, 0)),
        Said::Refused(Refused::Full { offer_above: None })
    );
    assert_eq!(
        put(&mut pool, entry(1, 1, 0)),
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

#[test]
fn what_the_state_has_passed_is_handed_back() {
    let mut pool = free(wide());
    for nonce in 0..5 {
        put(&mut pool, entry(1, 0, nonce));
    }
    take(&mut pool).unwrap();
    assert_eq!(nonces(&pool.forget_below(&account(1), 0, 3), Why::Passed), [1, 2]);
    check(&pool);
    assert!(pool.forget_below(&account(1), 0, 2).is_empty());
    assert_eq!(take(&mut pool).unwrap().nonce, 3);
    // A late word of what is no longer in play changes nothing.
    pool.dropped(&account(1), 0, 0);
    assert!(pool.played(&account(1), 0, 0).is_empty());
    assert!(take(&mut pool).is_none());
    let inserted = pool.insert(entry(1, 0, 9), 7, NOW);
    assert_eq!(nonces(&inserted.gone, Why::Passed), [4]);
    check(&pool);
}

#[test]
fn a_lane_or_all_can_be_taken_back() {
    let mut pool = free(wide());
    for (lane, nonce) in [(0, 1), (1, 0), (0, 0), (0, 2)] {
        put(&mut pool, entry(1, lane, nonce));
    }
    assert_eq!(nonces(&pool.drop_lane(&account(1), 0), Why::Withdrawn), [0, 1, 2]);
    check(&pool);
    put(&mut pool, entry(2, 0, 0));
    assert_eq!(take(&mut pool).unwrap().account, account(1));
    put(&mut pool, entry(2, 0, 1));
    let all: Vec<_> = pool
        .drain()
        .into_iter()
        .map(|entry| (entry.account, entry.nonce))
        .collect();
    assert_eq!(all, [(account(2), 0), (account(2), 1)]);
    check(&pool);
    assert_eq!((pool.len(), pool.accounts(), pool.counters().drained), (0, 0, 2));
    assert!(pool.drain().is_empty());
}

#[test]
fn promises_and_places_are_told() {
    let mut pool = paid(wide());
    for (number, nonce) in [(1, 0), (1, 1), (2, 0), (2, 2)] {
        put(&mut pool, entry(number, 0, nonce));
    }
    assert_eq!(pool.promised(&account(1)), 2 * 1_000 * 10);
    assert_eq!(pool.promised(&account(9)), 0);
    let ahead = |number, nonce| pool.gas_ahead(&entry(number, 0, nonce).id);
    assert_eq!(ahead(1, 0), Some(2_000));
    assert_eq!(ahead(1, 1), Some(3_000));
    assert_eq!(ahead(2, 2), None);
    assert_eq!(ahead(9, 0), None);
}

#[test]
fn refusals_are_counted_and_say_what_to_do() {
    let mut pool = paid(Limits {
        calls_max: 0,
        ..wide()
    });
    assert_eq!(
        put(&mut pool, entry(1, 0, 0)),
        Said::Refused(Refused::Full { offer_above: None })
    );
    put(&mut pool, entry(1, 9, 0));
    let counted: Vec<_> = pool.counters().refused.clone().into_iter().collect();
    assert_eq!(counted, [("full", 1), ("lane", 1)]);
    let refused = Refused::Full { offer_above: Some(4) };
    assert!(refused.to_string().contains("above 4"));
}
