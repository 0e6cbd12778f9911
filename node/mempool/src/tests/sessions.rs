//! Lanes of one account that belong to different devices: none keeps another one out. Lane 0 is the owner's here, the
//! others are sessions'.

use super::*;

const FULL: Said = Said::Refused(Refused::Full { offer_above: None });

#[test]
fn a_session_that_replaces_without_end_spends_its_own_quota() {
    let mut pool = free(Limits::default());
    let accepted = (0..1_000).filter(|variant| {
        let said = put_any(&mut pool, other(entry(1, 1, 0), *variant));
        matches!(said, Said::Added | Said::Replaced)
    });
    assert_eq!(accepted.count(), 64);
    let said = put_any(&mut pool, entry(1, 1, 1));
    assert!(matches!(said, Said::Refused(Refused::Quota { .. })), "{said:?}");
    // The owner has all of his.
    for variant in 0..64 {
        let said = put_any(&mut pool, other(entry(1, 0, 0), variant));
        assert!(matches!(said, Said::Added | Said::Replaced), "{said:?}");
    }
    assert_eq!(pool.quotas.len(), 2);
}

#[test]
fn what_gas_a_session_spends_is_its_own_too() {
    let mut pool = free(Limits::default());
    let dear = |lane, nonce| Entry {
        gas_limit: Limits::default().call_gas_max,
        ..entry(1, lane, nonce)
    };
    let added = (0..16).filter(|nonce| put_any(&mut pool, dear(1, *nonce)) == Said::Added);
    assert_eq!(added.count(), 16);
    let said = put_any(&mut pool, other(dear(1, 0), 1));
    assert!(matches!(said, Said::Refused(Refused::Quota { .. })), "{said:?}");
    assert_eq!(put(&mut pool, dear(0, 0)), Said::Added);
}

#[test]
fn gapped_calls_that_fill_an_accounts_bound_leave_each_empty_lane_one_call() {
    for pricing in [Pricing::Free, Pricing::Paid] {
        let mut pool = Pool::new(
            pricing,
            Limits {
                account_calls_max: 10,
                ..wide()
            },
        );
        let calls = |most| Said::Refused(Refused::AccountCalls { most });
        for nonce in 1..11 {
            assert_eq!(put(&mut pool, entry(1, 1, nonce)), Said::Added);
        }
        assert_eq!(put(&mut pool, entry(1, 1, 11)), calls(10));
        for lane in [0, 2, 3, 4, 5, 6, 7] {
            assert_eq!(put(&mut pool, entry(1, lane, 0)), Said::Added);
            assert_eq!(put(&mut pool, entry(1, lane, 1)), calls(10));
        }
        assert_eq!(pool.len(), 17);
        // Once it is in play nothing waits in the lane, and the next one may.
        assert_eq!(take(&mut pool).map(|entry| entry.lane), Some(0));
        assert_eq!(put(&mut pool, entry(1, 0, 1)), Said::Added);
        assert_eq!(put(&mut pool, entry(1, 0, 2)), calls(10));
    }
}

#[test]
fn a_call_that_is_alone_in_its_lane_is_beyond_the_bound_on_bytes_and_no_other_is() {
    let mut pool = free(Limits {
        account_bytes_max: 300,
        ..wide()
    });
    let bytes = |lane, nonce, bytes| Entry {
        bytes,
        ..entry(1, lane, nonce)
    };
    let most = Said::Refused(Refused::AccountBytes { most: 300 });
    for nonce in 1..4 {
        assert_eq!(put(&mut pool, bytes(1, nonce, 100)), Said::Added);
    }
    assert_eq!(put(&mut pool, bytes(0, 0, 200)), Said::Added);
    assert_eq!(put(&mut pool, bytes(0, 1, 1)), most);
    // The owner's only call may be replaced by a larger one, the sessions' only by one that is no larger.
    assert_eq!(put_any(&mut pool, other(bytes(0, 0, 250), 1)), Said::Replaced);
    assert_eq!(put_any(&mut pool, other(bytes(1, 3, 101), 1)), most);
    assert_eq!(put_any(&mut pool, other(bytes(1, 3, 100), 1)), Said::Replaced);
    assert_eq!(pool.bytes(), 550);
}

#[test]
fn whatever_sessions_do_the_owners_first_call_waits() {
    for (pricing, seed) in [(Pricing::Free, 1), (Pricing::Paid, 2)] {
        let limits = Limits {
            account_calls_max: 7,
            account_bytes_max: 1_500,
            quota: Quota {
                calls_burst: 2,
                calls_per_s: 10,
                ..Quota::default()
            },
            ..Limits::default()
        };
        let (mut pool, mut random) = (Pool::new(pricing, limits), Random(seed));
        let mut refused = BTreeMap::<&str, u64>::new();
        for step in 0..4_000_u64 {
            // The first of them sends as much as all others.
            let lane = 1 + random.below(14).saturating_sub(7) as u8;
            let mut call = entry(1, lane, random.below(16));
            call.bytes = 50 + random.below(400) as u32;
            call.gas_price = random.below(1_000);
            let inserted = pool.insert(other(call, step), 0, NOW + step);
            if let Said::Refused(why) = said(&inserted.answer) {
                *refused.entry(why.name()).or_default() += 1;
            }
            if step % 100 == 0 {
                let mut first = other(entry(1, 0, 0), step);
                first.bytes = 400;
                let inserted = pool.insert(first, 0, NOW + step);
                assert_eq!(said(&inserted.answer), Said::Added, "{step}");
                check(&pool);
                assert_eq!(pool.drop_lane(&account(1), 0).len(), 1);
            }
            if random.below(30) == 0 {
                let lane = 1 + random.below(7) as u8;
                let _gone = pool.drop_lane(&account(1), lane);
            }
        }
        let often = |name| refused.get(name).is_some_and(|count| *count > 20);
        assert!(often("account_calls") && often("account_bytes"), "{refused:?}");
        assert_eq!(often("quota"), pricing == Pricing::Free, "{refused:?}");
    }
}

#[test]
fn the_only_call_of_a_lane_goes_last() {
    let mut pool = free(Limits {
        calls_max: 6,
        ..wide()
    });
    for nonce in 0..5 {
        put(&mut pool, entry(1, 1, nonce));
    }
    put(&mut pool, entry(1, 0, 0));
    let mut leaves = Vec::new();
    for number in 2..6 {
        let inserted = pool.insert(entry(number, 0, 0), 0, NOW);
        check(&pool);
        assert_eq!(said(&inserted.answer), Said::Added);
        leaves.extend(
            inserted
                .gone
                .iter()
                .map(|gone| (gone.entry.lane, gone.entry.nonce)),
        );
    }
    assert_eq!(leaves, [(1, 4), (1, 3), (1, 2), (1, 1)]);
    assert_eq!(put(&mut pool, entry(6, 0, 0)), FULL);
}

#[test]
fn on_a_full_pool_sessions_give_way_to_the_owners_first_call() {
    let mut pool = free(Limits {
        calls_max: 9,
        ..wide()
    });
    // Others hold no less than the account, so none of them would give way.
    for (number, lane, calls) in [(1, 1, 3), (1, 2, 1), (2, 0, 5)] {
        for nonce in 0..calls {
            put(&mut pool, entry(number, lane, nonce));
        }
    }
    let inserted = pool.insert(entry(1, 0, 0), 0, NOW);
    check(&pool);
    assert_eq!(said(&inserted.answer), Said::Added);
    let gone = &inserted.gone[0];
    assert_eq!(
        (gone.why, gone.entry.lane, gone.entry.nonce),
        (Why::Evicted, 1, 2)
    );
    // What gave way does not come back, nor does a second call push anybody out.
    assert_eq!(put(&mut pool, entry(1, 1, 2)), FULL);
    assert_eq!(put(&mut pool, entry(1, 0, 1)), FULL);
    // A call that is alone in its lane gives way to none of its own account.
    let inserted = pool.insert(entry(1, 3, 0), 0, NOW);
    assert_eq!((inserted.gone[0].entry.lane, pool.len()), (1, 9));
    check(&pool);
    assert_eq!(put(&mut pool, entry(1, 4, 0)), FULL);
}

#[test]
fn sessions_give_way_as_often_as_the_owners_bytes_take_or_not_at_all() {
    let limits = Limits {
        calls_max: 10,
        bytes_max: 1_000,
        account_bytes_max: 1_000,
        ..wide()
    };
    let mut pool = free(limits);
    for nonce in 0..5 {
        put(&mut pool, entry(1, 1, nonce));
    }
    for number in 2..7 {
        put(&mut pool, entry(number, 0, 0));
    }
    let mut large = entry(1, 0, 0);
    large.bytes = 401;
    assert_eq!(put(&mut pool, large.clone()), FULL);
    assert_eq!(pool.len(), 10);
    large.bytes = 400;
    let inserted = pool.insert(large, 0, NOW);
    check(&pool);
    assert_eq!(said(&inserted.answer), Said::Added);
    let gone: Vec<_> = inserted.gone.iter().map(|gone| gone.entry.nonce).collect();
    assert_eq!(gone, [4, 3, 2, 1]);
    // Its turn comes in the account's round beside what is left.
    let next = play(&mut pool).unwrap();
    assert_eq!((next.account, next.lane), (account(1), 0));
}

/// As [`put`], where another call may have to leave.
fn put_any(pool: &mut Pool<u64>, entry: Entry<u64>) -> Said {
    let inserted = pool.insert(entry, 0, NOW);
    check(pool);
    said(&inserted.answer)
}
