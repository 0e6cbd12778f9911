//! Throughput of hashing, signing and decoding; `cargo xtask bench types` runs it and holds the bars.
//!
//! Each figure is the median of several windows, after one window of warming up.

use playfair_types::account::AccountId;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::codec::{Decode, Encode};
use playfair_types::crypto::babyjubjub::PublicKey;
use playfair_types::crypto::eddsa::{SecretKey, Signature, verify, verify_batch, verify_each};
use playfair_types::crypto::poseidon::{Fr, poseidon2, poseidon5};
use playfair_types::tape;
use playfair_types::tape::call::{Call, SignedCall};
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

const BATCH: usize = 256;
const THREADS: usize = 2;
/// Batches that a thread verifies before it is joined.
const BATCHES: usize = 8;
const WINDOWS: usize = 7;
const WINDOW: Duration = Duration::from_millis(250);

/// The median rate of `work`, which does `units` units a call.
fn rate(units: usize, mut work: impl FnMut()) -> f64 {
    let mut rates: Vec<f64> = (0..=WINDOWS)
        .map(|_| {
            let start = Instant::now();
            let mut calls = 0usize;
            while start.elapsed() < WINDOW {
                work();
                calls += 1;
            }
            (calls * units) as f64 / start.elapsed().as_secs_f64()
        })
        .skip(1)
        .collect();
    rates.sort_by(f64::total_cmp);
    rates[WINDOWS / 2]
}

fn print(name: &str, per_second: f64) {
    println!("{name}\t{per_second:.0}\t1/s");
}

fn main() {
    let mut a = Fr::from(1u64);
    let value = rate(256, || {
        for _ in 0..256 {
            a = poseidon2(black_box(a), Fr::from(2u64));
        }
    });
    print("poseidon_per_s", value);
    let value = rate(64, || {
        for _ in 0..64 {
            a = poseidon5(black_box(&[a; 5]));
        }
    });
    print("poseidon5_per_s", value);

    // Every signature under a key of its own, the worst case.
    let keys: Vec<SecretKey> = (0..=255).map(|i| SecretKey::from_seed(&[i; 32])).collect();
    let items: Vec<(PublicKey, Fr, Signature)> = (0u64..)
        .zip(&keys)
        .map(|(i, key)| (*key.public_key(), Fr::from(i), key.sign(Fr::from(i))))
        .take(BATCH)
        .collect();

    let value = rate(16, || {
        for key in &keys[..16] {
            black_box(key.sign(black_box(a)));
        }
    });
    print("eddsa_sign_per_s", value);

    let value = rate(THREADS * BATCHES * BATCH, || {
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| (0..BATCHES).for_each(|_| assert!(verify_batch(black_box(&items)).is_ok())));
            }
        });
    });
    print("eddsa_verify_per_s", value);

    let value = rate(BATCH, || assert!(verify_batch(black_box(&items)).is_ok()));
    print("eddsa_verify_one_core_per_s", value);

    // The worst case of finding invalid signatures: all of them.
    let bad: Vec<_> = items
        .iter()
        .map(|(key, m, s)| (*key, *m + Fr::from(1u64), *s))
        .collect();
    let value = rate(BATCH, || {
        assert!(verify_each(black_box(&bad)).iter().all(Result::is_err))
    });
    print("eddsa_verify_all_invalid_per_s", value);

    let value = rate(16, || {
        for (key, message, signature) in &items[..16] {
            assert!(verify(key, *message, black_box(signature)).is_ok());
        }
    });
    print("eddsa_verify_single_per_s", value);

    let packed: Vec<[u8; 32]> = items.iter().take(16).map(|(key, ..)| key.to_bytes()).collect();
    let value = rate(16, || {
        for bytes in &packed {
            assert!(PublicKey::from_bytes(black_box(bytes)).is_ok());
        }
    });
    print("public_key_decode_per_s", value);

    // A chess move: one frame, 124 bytes.
    let call = Call {
        account: AccountId([7; 20]),
        key_index: 1,
        lane: 0,
        nonce: 5u32.into(),
        valid_until_ms: U48::MAX,
        gas_limit: 60_000,
        gas_price: 0,
        entry: 1,
        payload: Bytes::default(),
        new_key: None,
    };
    let chain_id = Fr::from(1u64);
    let record = call.sign(chain_id, &keys[0]).encode();
    let value = rate(64, || {
        for _ in 0..64 {
            assert!(SignedCall::decode(black_box(&record)).is_ok());
        }
    });
    print("decode_call_per_s", value);
    let value = rate(64, || {
        for _ in 0..64 {
            black_box(tape::call_message(chain_id, black_box(&record)).ok());
        }
    });
    print("call_message_per_s", value);
}
