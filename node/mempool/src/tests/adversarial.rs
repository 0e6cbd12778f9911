//! What somebody might try.

use super::*;

/// As [`put`], without looking at everything.
fn quick(pool: &mut Pool<u64>, entry: Entry<u64>) -> (Said, usize) {
    let inserted = pool.insert(entry, 0, NOW);
    (said(&inserted.answer), inserted.gone.len())
}

#[test]
fn one_account_with_a_hundred_thousand_calls_gets_its_share() {
    let mut pool = free(wide());
    let mut added = 0_u32;
    for count in 0..100_000 {
        let call = entry(1, (count % 8) as u8, count / 8);
        added += u32::from(quick(&mut pool, call).0 == Said::Added);
    }
    assert_eq!(added, pool.limits().account_calls_max);
    put(&mut pool, entry(2, 0, 0));
    let second = (0..1_000).position(|_| play(&mut pool).unwrap().account == account(2));
    assert!(second.is_some_and(|place| place <= 64), "{second:?}");
}

#[test]
fn one_account_that_fills_the_pool_makes_room_for_everybody() {
    let limits = Limits {
        calls_max: 1_000,
        account_calls_max: 100_000,
        account_bytes_max: u64::MAX,
        lane_window: 1_000,
        ..wide()
    };
    let mut pool = free(limits);
    for count in 0..1_000 {
        assert_eq!(
            quick(&mut pool, entry(0, (count % 8) as u8, count / 8)).0,
            Said::Added
        );
    }
    let full = Said::Refused(Refused::Full { offer_above: None });
    for number in 1..=998 {
        assert_eq!(quick(&mut pool, entry(number, 0, 0)), (Said::Added, 1));
        assert_eq!(quick(&mut pool, entry(0, 0, 900)), (full, 0));
    }
    check(&pool);
    assert_eq!(pool.accounts(), 999);
}

#[test]
fn a_hundred_thousand_accounts_with_a_call_each_are_served_in_order() {
    let mut pool = free(wide());
    for number in 0..100_000 {
        assert_eq!(quick(&mut pool, entry(number, 0, 0)), (Said::Added, 0));
    }
    check(&pool);
    let full = Said::Refused(Refused::Full { offer_above: None });
    assert_eq!(quick(&mut pool, entry(100_000, 0, 0)), (full, 0));
    for number in 0..100_000 {
        let taken = pool.take(u64::MAX, u64::MAX, NOW).call.unwrap();
        assert_eq!(taken.account, account(number));
        assert!(pool.played(&taken.account, 0, 0).is_empty());
    }
    check(&pool);
    assert!(pool.is_empty() && pool.accounts() == 0);
}

#[test]
fn accounts_whose_calls_do_not_fit_cost_a_block_little() {
    let mut pool = free(wide());
    for number in 0..50_000 {
        let mut call = entry(number, 0, 0);
        call.gas_limit = 300_000;
        quick(&mut pool, call);
    }
    quick(&mut pool, entry(50_000, 0, 0));
    pool.start_block();
    for _ in 0..10_000 {
        assert!(pool.take(299_999, u64::MAX, NOW).call.is_none());
    }
    assert_eq!(pool.skipped.len(), pool.limits().skips_max as usize);
    pool.start_block();
    assert_eq!(
        pool.take(300_000, u64::MAX, NOW).call.unwrap().account,
        account(0)
    );
    check(&pool);
}

#[test]
fn gaps_hold_the_pool_for_a_while_and_nobodys_turn() {
    let limits = Limits {
        calls_max: 500,
        gap_ms: 1_000,
        ..wide()
    };
    for pricing in [Pricing::Paid, Pricing::Free] {
        let mut pool = Pool::new(pricing, limits);
        for number in 0..500 {
            let mut call = entry(number, 0, 1);
            (call.gas_price, call.valid_until_ms) = (u64::MAX, u64::MAX);
            assert_eq!(quick(&mut pool, call).0, Said::Added);
        }
        assert!(pool.take(u64::MAX, u64::MAX, NOW).call.is_none());
        if pricing == Pricing::Paid {
            let mut cheap = entry(1_000, 0, 0);
            cheap.gas_price = 1;
            assert_eq!(quick(&mut pool, cheap), (Said::Added, 1));
            check(&pool);
        }
        let first = pool.expire(NOW + 1_001);
        let second = pool.expire(NOW + 2_002);
        let left = 500 - usize::from(pricing == Pricing::Paid);
        assert_eq!((first.len(), second.len()), (0, left));
        check(&pool);
    }
}

#[test]
fn replacement_storms_end() {
    // At a tenth more each, the price is out of reach after some 400 times.
    let mut pool = paid(wide());
    let mut call = entry(1, 0, 0);
    let mut replaced = 0;
    for variant in 1..10_000 {
        call = other(call, variant);
        match quick(&mut pool, call.clone()).0 {
            Said::Added | Said::Replaced => replaced += 1,
            Said::Refused(Refused::Underpriced { least }) => {
                if call.gas_price == u64::MAX {
                    break;
                }
                call.gas_price = least;
            }
            said => panic!("{said:?}"),
        }
    }
    assert!(replaced < 500, "{replaced}");
    assert_eq!(pool.len(), 1);
    check(&pool);

    // Where the price does not count, the quota ends it.
    let mut pool = free(Limits::default());
    let accepted = (0..10_000).filter(|variant| {
        let said = quick(&mut pool, other(entry(1, 0, 0), *variant)).0;
        matches!(said, Said::Added | Said::Replaced)
    });
    assert_eq!(accepted.count(), 64);
    check(&pool);
}

#[test]
fn a_clock_that_goes_back_does_no_harm() {
    let mut pool = free(Limits {
        gap_ms: 100,
        ..Limits::default()
    });
    let mut random = Random(3);
    let mut left = 0;
    for count in 0..2_000 {
        let now_ms = [0, NOW, u64::MAX, NOW + random.below(1_000)][random.below(4) as usize];
        let mut call = entry(random.below(20), 0, random.below(6));
        call = other(call, count);
        call.valid_until_ms = now_ms.saturating_add(random.below(3_000));
        left += pool.insert(call, 0, now_ms).gone.len();
        left += pool.expire(now_ms).len();
        check(&pool);
    }
    left += pool.len();
    assert_eq!(pool.counters().inserted, left as u64);
    assert!(pool.counters().inserted > 100);
}

#[test]
fn extremes_are_only_numbers() {
    let limits = Limits {
        calls_max: u32::MAX,
        bytes_max: u64::MAX,
        account_calls_max: u32::MAX,
        account_bytes_max: u64::MAX,
        lane_window: u32::MAX,
        margin_ms: u64::MAX,
        gap_ms: u64::MAX,
        call_gas_max: u32::MAX,
        quantum: u64::MAX,
        skips_max: u32::MAX,
        quota: wide().quota,
        buckets_max: u32::MAX,
    };
    let nought = Limits {
        calls_max: 0,
        bytes_max: 0,
        account_calls_max: 0,
        account_bytes_max: 0,
        lane_window: 0,
        margin_ms: 0,
        gap_ms: 0,
        call_gas_max: 0,
        quantum: 0,
        skips_max: 0,
        quota: Quota {
            calls_burst: 0,
            calls_per_s: 0,
            gas_burst: 0,
            gas_per_s: 0,
        },
        buckets_max: 0,
    };
    let nonces = [
        0,
        1,
        (1 << 48) - 2,
        (1 << 48) - 1,
        1 << 48,
        u64::MAX - 1,
        u64::MAX,
    ];
    for (pricing, limits) in [Pricing::Free, Pricing::Paid]
        .into_iter()
        .flat_map(|pricing| [(pricing, limits), (pricing, nought)])
    {
        let mut pool = Pool::new(pricing, limits);
        let mut variant = 0;
        for (nonce, next) in nonces
            .into_iter()
            .flat_map(|nonce| nonces.map(|next| (nonce, next)))
        {
            for value in [0, u64::MAX] {
                variant += 1;
                let mut call = other(entry(next, (variant % 256) as u8, nonce), variant);
                (call.valid_until_ms, call.gas_price) = (value, value);
                let narrow = u32::try_from(value).unwrap_or(u32::MAX);
                (call.gas_limit, call.bytes) = (narrow, narrow);
                let name = call.account;
                let lane = call.lane;
                let inserted = pool.insert(call, next, value);
                let accepted = matches!(inserted.answer, Answer::Added | Answer::Replaced);
                assert!(!accepted || (next..1 << 48).contains(&nonce));
                assert!(pool.promised_beside(&name, lane, u64::MAX) <= u128::MAX / 2);
                pool.start_block();
                let taken = pool.take(value, u64::MAX, value);
                if let Some(call) = taken.call {
                    let gone = pool.played(&call.account, call.lane, call.nonce);
                    assert!(gone.is_empty());
                }
                pool.dropped(&name, lane, u64::MAX);
                assert!(pool.forget_below(&name, lane, 0).is_empty());
            }
        }
        assert_eq!(pool.counters().inserted > 0, limits.calls_max > 0);
    }
}
