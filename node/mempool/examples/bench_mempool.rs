//! Speed of the pool at 100,000 calls, one JSON object per line.
//!
//! `spread` is 100,000 accounts with a call each, `deep` 2,500 accounts with 40 calls each in four lanes. `fill`
//! inserts into an empty pool up to its bound; `evict` inserts into a full one, where each newcomer pushes a call out;
//! `steady` takes, reports and inserts again; `empty` takes and reports until nothing waits; `expire` hands all back at
//! once.

use playfair_mempool::{Answer, Entry, Limits, Pool, Pricing, Quota};
use playfair_types::account::AccountId;
use std::hint::black_box;
use std::time::Instant;

const CALLS: u64 = 100_000;
const NOW: u64 = 1_000_000;

fn entry(account: u64, lane: u8, nonce: u64) -> Entry<u64> {
    // Ids and accounts are hashes, so their order has nothing to do with that of arrival.
    let spread = |value: u64| value.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    let mut name = [0; 20];
    name[..8].copy_from_slice(&spread(account));
    let mut id = [0; 32];
    id[..8].copy_from_slice(&spread(account << 16 | u64::from(lane) << 8 | nonce & 255));
    id[8..16].copy_from_slice(&nonce.to_be_bytes());
    Entry {
        account: AccountId(name),
        lane,
        nonce,
        valid_until_ms: NOW + 60_000 + account % 1_000,
        gas_limit: 50_000,
        gas_price: 10 + nonce % 7,
        bytes: 124,
        id,
        item: account,
    }
}

fn pool(pricing: Pricing) -> Pool<u64> {
    let quota = Quota {
        calls_burst: 1_000,
        gas_burst: 1 << 40,
        ..Quota::default()
    };
    Pool::new(
        pricing,
        Limits {
            quota,
            ..Limits::default()
        },
    )
}

fn line(shape: &str, pricing: Pricing, what: &str, count: u64, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{{\"shape\":\"{shape}\",\"pricing\":\"{pricing:?}\",\"what\":\"{what}\",\"count\":{count},\"per_s\":{:.0},\"mean_us\":{:.2}}}",
        count as f64 / seconds,
        seconds * 1e6 / count as f64
    );
}

fn insert(pool: &mut Pool<u64>, entry: Entry<u64>, next: u64) -> bool {
    let inserted = pool.insert(entry, next, NOW);
    matches!(black_box(&inserted).answer, Answer::Added)
}

fn fill(pool: &mut Pool<u64>, accounts: u64) {
    // Accounts send in turns, as they would.
    for nth in 0..CALLS / accounts {
        for account in 0..accounts {
            assert!(insert(pool, entry(account, (nth % 4) as u8, nth / 4), 0));
        }
    }
}

fn bench(shape: &str, pricing: Pricing, accounts: u64) {
    let mut waiting = pool(pricing);
    let started = Instant::now();
    fill(&mut waiting, accounts);
    line(shape, pricing, "fill", CALLS, started);

    let newcomers = 20_000;
    let started = Instant::now();
    let mut added = 0;
    for account in 0..newcomers {
        let mut call = entry(1_000_000 + account, 0, 0);
        call.gas_price = 1_000;
        added += u64::from(insert(&mut waiting, call, 0));
    }
    let what = if added == newcomers { "evict" } else { "refuse" };
    line(shape, pricing, what, newcomers, started);

    let steps = 100_000;
    let started = Instant::now();
    for _ in 0..steps {
        let taken = waiting.take(u64::MAX, u64::MAX, NOW);
        let Some(call) = taken.call else {
            break;
        };
        let gone = waiting.played(&call.account, call.lane, call.nonce);
        assert!(gone.is_empty());
        let mut again = call;
        again.nonce += 15;
        again.id[24..].copy_from_slice(&again.nonce.to_be_bytes());
        let next = again.nonce - 15 + 1;
        black_box(waiting.insert(again, next, NOW).answer);
    }
    line(shape, pricing, "steady", steps, started);

    let mut waiting = pool(pricing);
    fill(&mut waiting, accounts);
    let started = Instant::now();
    let mut taken = 0;
    while let Some(call) = waiting.take(u64::MAX, u64::MAX, NOW).call {
        let gone = waiting.played(&call.account, call.lane, call.nonce);
        assert!(gone.is_empty());
        taken += 1;
    }
    assert_eq!(taken, CALLS);
    line(shape, pricing, "empty", taken, started);

    let mut waiting = pool(pricing);
    fill(&mut waiting, accounts);
    let started = Instant::now();
    let gone = waiting.expire(NOW + 1_000_000);
    line(shape, pricing, "expire", gone.len() as u64, started);
}

fn main() {
    for pricing in [Pricing::Free, Pricing::Paid] {
        bench("spread", pricing, CALLS);
        bench("deep", pricing, 2_500);
    }
}
