//! Quotas of free chains.

use super::*;
use crate::quota::Quotas;

fn limits() -> Limits {
    Limits {
        call_gas_max: 1_000,
        quota: Quota {
            calls_burst: 3,
            calls_per_s: 2,
            gas_burst: 2_500,
            gas_per_s: 100,
        },
        ..Limits::default()
    }
}

fn call(nonce: u64, gas_limit: u32) -> Entry<u64> {
    Entry {
        gas_limit,
        ..entry(1, 0, nonce)
    }
}

fn at(pool: &mut Pool<u64>, entry: Entry<u64>, now_ms: u64) -> Said {
    let inserted = pool.insert(entry, 0, now_ms);
    check(pool);
    said(&inserted.answer)
}

#[test]
fn calls_are_limited_and_the_answer_says_when_to_come_back() {
    let mut pool = free(limits());
    for nonce in 0..3 {
        assert_eq!(at(&mut pool, call(nonce, 1), NOW), Said::Added);
    }
    let retry_after_ms = 500;
    assert_eq!(
        at(&mut pool, call(3, 1), NOW),
        Said::Refused(Refused::Quota { retry_after_ms })
    );
    assert_eq!(
        at(&mut pool, call(3, 1), NOW + 499),
        Said::Refused(Refused::Quota { retry_after_ms: 1 })
    );
    assert_eq!(at(&mut pool, call(3, 1), NOW + 500), Said::Added);
    assert_eq!(
        at(&mut pool, call(4, 1), NOW + 500),
        Said::Refused(Refused::Quota { retry_after_ms })
    );
    assert_eq!(put(&mut pool, entry(2, 0, 0)), Said::Added);
}

#[test]
fn gas_is_limited_too() {
    let mut pool = free(limits());
    for nonce in 0..2 {
        assert_eq!(at(&mut pool, call(nonce, 1_000), NOW), Said::Added);
    }
    assert_eq!(
        at(&mut pool, call(2, 1_000), NOW),
        Said::Refused(Refused::Quota {
            retry_after_ms: 5_000
        })
    );
    assert_eq!(
        at(&mut pool, call(2, 501), NOW),
        Said::Refused(Refused::Quota { retry_after_ms: 10 })
    );
    assert_eq!(at(&mut pool, call(2, 500), NOW), Said::Added);
    assert_eq!(
        at(&mut pool, call(3, 1_000), NOW + 10_000),
        Said::Added,
        "as it was told, and nothing was charged for asking"
    );
}

#[test]
fn each_replacement_costs_quota_and_being_known_does_not() {
    let mut pool = free(limits());
    assert_eq!(at(&mut pool, call(0, 1), NOW), Said::Added);
    for _ in 0..10 {
        assert_eq!(at(&mut pool, call(0, 1), NOW), Said::Known);
    }
    for variant in 1..3 {
        assert_eq!(at(&mut pool, other(call(0, 1), variant), NOW), Said::Replaced);
    }
    let said = at(&mut pool, other(call(0, 1), 3), NOW);
    assert!(matches!(said, Said::Refused(Refused::Quota { .. })));
    assert_eq!(pool.get(&other(call(0, 1), 2).id).unwrap().nonce, 0);
}

#[test]
fn a_paid_chain_has_no_quota() {
    let mut pool = paid(limits());
    for nonce in 0..10 {
        assert_eq!(at(&mut pool, call(nonce, 1_000), NOW), Said::Added);
    }
    assert_eq!(pool.quotas.len(), 0);
}

#[test]
fn full_buckets_are_forgotten() {
    let limits = limits().sound();
    let mut quotas = Quotas::default();
    for number in 0..100 {
        quotas.spend(&limits, (account(number), 0), 10, NOW + number);
    }
    assert_eq!(quotas.len(), 100);
    // One call at 2 per second takes 500 ms, 10 gas at 100 per second 100 ms.
    quotas.forget_full(NOW + 549);
    assert_eq!(quotas.len(), 50);
    quotas.forget_full(NOW + 599);
    assert_eq!(quotas.len(), 0);
}

#[test]
fn too_many_buckets_cost_the_fullest_its_memory_and_nobody_is_refused() {
    let limits = Limits {
        buckets_max: 10,
        ..limits()
    };
    let mut quotas = Quotas::default();
    let limits = limits.sound();
    for _ in 0..3 {
        quotas.spend(&limits, (account(1_000), 0), 1, NOW);
    }
    let mut forgotten = 0;
    for number in 0..50 {
        assert_eq!(quotas.wait_ms(&limits, (account(number), 0), 1, NOW), 0);
        forgotten += quotas.spend(&limits, (account(number), 0), 1, NOW);
    }
    assert_eq!((quotas.len(), forgotten), (10, 41));
    // The emptiest bucket is remembered to the end.
    assert_eq!(quotas.wait_ms(&limits, (account(1_000), 0), 1, NOW), 500);
}

#[test]
fn a_clock_that_goes_back_refills_nothing_and_locks_nobody_out() {
    let limits = limits().sound();
    let mut quotas = Quotas::default();
    for _ in 0..3 {
        quotas.spend(&limits, (account(1), 0), 1, NOW);
    }
    assert_eq!(quotas.wait_ms(&limits, (account(1), 0), 1, NOW - 100_000), 500);
    assert_eq!(quotas.wait_ms(&limits, (account(1), 0), 1, NOW + 500), 0);
    // Once something was charged at the earlier time, that is where it goes on from.
    quotas.spend(&limits, (account(1), 0), 1, NOW - 100_000);
    assert_eq!(quotas.wait_ms(&limits, (account(1), 0), 1, NOW - 100_000), 1_000);
    assert_eq!(quotas.wait_ms(&limits, (account(1), 0), 1, NOW - 99_000), 0);
}

#[test]
fn extremes_do_not_overflow() {
    for (burst, rate) in [(0, 0), (u64::MAX, u64::MAX)] {
        let quota = Quota {
            calls_burst: u32::try_from(burst).unwrap_or(u32::MAX),
            calls_per_s: u32::try_from(rate).unwrap_or(u32::MAX),
            gas_burst: burst,
            gas_per_s: rate,
        };
        let limits = Limits {
            call_gas_max: u32::MAX,
            quota,
            ..Limits::default()
        };
        let limits = limits.sound();
        let mut quotas = Quotas::default();
        for now_ms in [0, u64::MAX - 1, 0, 1, u64::MAX - 1] {
            quotas.spend(&limits, (account(1), 0), u32::MAX, now_ms);
            let wait_ms = quotas.wait_ms(&limits, (account(1), 0), u32::MAX, now_ms);
            assert_eq!(wait_ms == 0, burst == u64::MAX);
        }
    }
}
