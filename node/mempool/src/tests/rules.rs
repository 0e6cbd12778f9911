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
    assert_eq!(pool.next_due_ms(), Some(NOW + 100));
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
    let ahead = |number, nonce| pool.gas_ahead(&entry(number, 0, nonce).id);
    assert_eq!(ahead(1, 0), Some(2_000));
    assert_eq!(ahead(1, 1), Some(3_000));
    assert_eq!(ahead(2, 2), None);
    assert_eq!(ahead(9, 0), None);
    put(&mut pool, entry(3, 0, 0));
    let beside = |number, lane, nonce| pool.promised_beside(&account(number), lane, nonce);
    assert_eq!(beside(1, 0, 2), 2 * 1_000 * 10);
    assert_eq!(beside(1, 0, 1), 1_000 * 10, "in the place of the second");
    assert_eq!(beside(1, 1, 0), 0, "alone in its lane");
    assert_eq!(beside(3, 0, 0), 0, "in the place of the only one");
    assert_eq!(beside(3, 0, 1), 1_000 * 10);
    assert_eq!(beside(9, 0, 0), 0);
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
