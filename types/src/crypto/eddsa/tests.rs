use super::super::testing::{add, bytes32, bytes64, fr, multiple, scalar, torsion};
use super::*;
use alloc::format;
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, Field};
use proptest::prelude::*;

type Item = (PublicKey, Fr, Signature);

fn key(i: u64) -> SecretKey {
    SecretKey::from_seed(&bytes32("eddsa key", i))
}

fn item(i: u64) -> Item {
    let key = key(i % 11);
    let message = fr("eddsa message", i);
    (*key.public_key(), message, key.sign(message))
}

fn items(n: u64) -> Vec<Item> {
    (0..n).map(item).collect()
}

/// A signature made with `R = nonce B8 + extra` and `S` off by `delta`: its error is
/// `delta B8 - extra`.
fn crooked(key: &SecretKey, message: Fr, nonce: Scalar, extra: &Point, delta: Scalar) -> Item {
    let r = add(&multiple(&nonce), extra);
    let s = nonce + challenge(&r, &key.public, message) * key.pruned + delta;
    (
        key.public,
        message,
        Signature {
            r: r.to_bytes(),
            s: scalar_to_bytes(&s),
        },
    )
}

/// All three ways of verification agree on a batch; returns the common results.
fn agree(items: &[Item]) -> Vec<Result<(), SignatureError>> {
    let single: Vec<_> = items
        .iter()
        .map(|(key, message, s)| verify(key, *message, s))
        .collect();
    assert_eq!(verify_each(items), single);
    let first = single
        .iter()
        .enumerate()
        .find_map(|(index, r)| r.err().map(|error| BatchError { index, error }));
    assert_eq!(verify_batch(items), first.map_or(Ok(()), Err));
    single
}

#[test]
fn valid_batches_of_all_sizes() {
    let all = items(70);
    for n in (0..=20).chain([33, 64, 70]) {
        assert!(agree(&all[..n]).iter().all(Result::is_ok));
    }
    // The same signature many times.
    assert!(agree(&[all[0]; 9]).iter().all(Result::is_ok));
}

#[test]
fn edge_messages() {
    for message in [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(2u64).pow([248])] {
        let key = key(1);
        let signature = key.sign(message);
        assert_eq!(signature, key.sign(message));
        assert_eq!(verify(key.public_key(), message, &signature), Ok(()));
        assert_eq!(
            verify(key.public_key(), message + Fr::ONE, &signature),
            Err(SignatureError::Mismatch)
        );
        assert_eq!(Signature::from_bytes(&signature.to_bytes()), Ok(signature));
    }
}

#[test]
fn seeds_at_the_ends_of_the_range() {
    for seed in [[0; 32], [0xff; 32], [1; 32]] {
        let key = SecretKey::from_seed(&seed);
        assert_eq!(
            PublicKey::from_bytes(&key.public_key().to_bytes()),
            Ok(*key.public_key())
        );
        // The stored integer is eight times the logarithm.
        let eighth = key.pruned * Scalar::from(8u64).inverse().unwrap();
        assert_eq!(multiple(&eighth), *key.public_key().point());
    }
}

#[test]
fn reduction_of_the_hash() {
    // k l + 5, which is below r for k up to 7.
    let mut value = BigInt::from(5u64);
    for _ in 0..8 {
        assert!(value < Fr::MODULUS);
        assert_eq!(reduce(value), Scalar::from(5u64));
        value.add_with_carry(&Scalar::MODULUS);
    }
    for i in 0..50 {
        let h = fr("reduce", i);
        assert_eq!(
            reduce(h.into_bigint()),
            Scalar::from_be_bytes_mod_order(&fr_to_bytes(&h))
        );
    }
    assert_eq!(
        reduce((-Fr::ONE).into_bigint()),
        Scalar::from_be_bytes_mod_order(&fr_to_bytes(&-Fr::ONE))
    );
}

#[test]
fn every_changed_bit_is_refused() {
    let (key, message, signature) = item(3);
    let bytes = signature.to_bytes();
    for bit in 0..512 {
        let mut changed = bytes;
        changed[bit / 8] ^= 0x80 >> (bit % 8);
        let (mut r, mut s) = ([0; 32], [0; 32]);
        r.copy_from_slice(&changed[..32]);
        s.copy_from_slice(&changed[32..]);
        assert!(verify(&key, message, &Signature { r, s }).is_err(), "bit {bit}");
    }
}

#[test]
fn strings_that_are_not_canonical_are_refused() {
    let (key, message, signature) = item(4);
    let mut above = BigInt::new(limbs_from_bytes(&signature.s));
    above.add_with_carry(&Scalar::MODULUS);
    let mut bad = signature;
    bad.s.copy_from_slice(&above.to_bytes_be());
    assert_eq!(
        Signature::from_bytes(&bad.to_bytes()),
        Err(SignatureError::NonCanonicalS)
    );
    assert_eq!(verify(&key, message, &bad), Err(SignatureError::NonCanonicalS));
    bad.s.copy_from_slice(&Scalar::MODULUS.to_bytes_be());
    assert_eq!(
        Signature::from_bytes(&bad.to_bytes()),
        Err(SignatureError::NonCanonicalS)
    );

    let mut spare = signature;
    spare.r[0] |= 0x40;
    let error = SignatureError::InvalidR(PointError::SpareBit);
    assert_eq!(Signature::from_bytes(&spare.to_bytes()), Err(error));
    let mut modulus = signature;
    modulus.r.copy_from_slice(&Fr::MODULUS.to_bytes_be());
    assert_eq!(
        Signature::from_bytes(&modulus.to_bytes()),
        Err(SignatureError::InvalidR(PointError::NonCanonical))
    );
    let mut zero = signature;
    zero.r = Point::IDENTITY.to_bytes();
    zero.r[0] |= 0x80;
    assert_eq!(
        Signature::from_bytes(&zero.to_bytes()),
        Err(SignatureError::InvalidR(PointError::SignOfZero))
    );
    let mut batch = items(9);
    for (slot, bad) in [bad, spare, modulus, zero].into_iter().enumerate() {
        batch[2 * slot] = (key, message, bad);
    }
    assert_eq!(agree(&batch).iter().filter(|r| r.is_err()).count(), 4);
}

#[test]
fn small_components_of_r_are_refused() {
    let torsion = torsion();
    let (a, b) = (key(1), key(2));
    for (k, t) in torsion.iter().enumerate() {
        let (m, n) = (fr("small", 1), fr("small", 2));
        // R of small order, and R + T.
        let small = crooked(&a, m, Scalar::ZERO, t, Scalar::ZERO);
        let shifted = crooked(&a, m, scalar("nonce", 1), t, Scalar::ZERO);
        // The opposite error under another key.
        let opposite = crooked(&b, n, scalar("nonce", 2), &torsion[(8 - k) % 8], Scalar::ZERO);
        let mut batch = items(6);
        batch[1] = small;
        batch[2] = shifted;
        batch[5] = opposite;
        let results = agree(&batch);
        for i in [1, 2, 5] {
            // The identity is in the subgroup: with k = 0 nothing is wrong.
            assert_eq!(results[i].is_ok(), k == 0, "T times {k}, item {i}");
        }
        assert_eq!(
            results.iter().filter(|r| r.is_ok()).count(),
            if k == 0 { 6 } else { 3 }
        );
        // Batches of nothing but one component: coefficients may sum to zero modulo 8.
        for copies in [4, 9, 12, 17, 33] {
            let results = agree(&alloc::vec![shifted; copies]);
            assert!(results.iter().all(|r| r.is_ok() == (k == 0)));
        }
        // Opposite components in batches that are large enough to be combined.
        for trial in 0..4 {
            let nonces = [scalar("nonce", 10 + trial), scalar("nonce", 20 + trial)];
            let mut batch = items(12);
            batch[trial as usize] = crooked(&a, m, nonces[0], t, Scalar::ZERO);
            batch[11] = crooked(&b, n, nonces[1], &torsion[(8 - k) % 8], Scalar::ZERO);
            assert_eq!(
                agree(&batch).iter().filter(|r| r.is_err()).count(),
                if k == 0 { 0 } else { 2 }
            );
        }
    }
}

#[test]
fn errors_that_cancel_without_coefficients_are_found() {
    let (a, b) = (key(1), key(2));
    let delta = scalar("delta", 1);
    let identity = Point::IDENTITY;
    let mut batch = items(12);
    batch[3] = crooked(&a, fr("cancel", 1), scalar("nonce", 3), &identity, delta);
    batch[8] = crooked(&b, fr("cancel", 2), scalar("nonce", 4), &identity, -delta);
    let results = agree(&batch);
    assert!(
        results
            .iter()
            .enumerate()
            .all(|(i, r)| r.is_err() == (i == 3 || i == 8))
    );
    // The same with the errors in R.
    let point = multiple(&delta);
    let minus = multiple(&-delta);
    batch[3] = crooked(&a, fr("cancel", 1), scalar("nonce", 3), &point, Scalar::ZERO);
    batch[8] = crooked(&b, fr("cancel", 2), scalar("nonce", 4), &minus, Scalar::ZERO);
    let results = agree(&batch);
    assert!(
        results
            .iter()
            .enumerate()
            .all(|(i, r)| r.is_err() == (i == 3 || i == 8))
    );
    // S exchanged between two signatures of one key.
    let mut batch = items(24);
    let s = batch[0].2.s;
    batch[0].2.s = batch[11].2.s;
    batch[11].2.s = s;
    assert_eq!(agree(&batch).iter().filter(|r| r.is_err()).count(), 2);
}

#[test]
fn swapped_keys_and_messages_are_found() {
    let mut batch = items(16);
    let other = batch[5].0;
    batch[4].0 = other;
    batch[9].1 += Fr::ONE;
    let results = agree(&batch);
    assert!(
        results
            .iter()
            .enumerate()
            .all(|(i, r)| r.is_err() == (i == 4 || i == 9))
    );
    // All wrong.
    for entry in &mut batch {
        entry.1 += Fr::ONE;
    }
    assert_eq!(agree(&batch).iter().filter(|r| r.is_err()).count(), 16);
}

#[test]
fn debug_output_hides_the_secret() {
    let key = key(5);
    let text = format!("{key:?}");
    assert!(text.contains("public"));
    assert!(!text.contains("pruned") && !text.contains("prefix"));
}

#[test]
fn sums_of_many_points() {
    for n in [1u64, 2, 5, 30, 130, 450] {
        let mut terms = msm::Terms::with_capacity(0);
        let mut expected = Scalar::ZERO;
        for i in 0..n {
            let (a, b) = (scalar("term", i % 40), scalar("factor", i));
            let b = if i == 0 { -Scalar::ONE } else { b };
            terms.push(multiple(&a).prepared(), b.into_bigint().0);
            expected += a * b;
        }
        assert_eq!(Point::from_extended(terms.sum()), multiple(&expected));
    }
    assert!(msm::Terms::with_capacity(0).sum().is_identity());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn signatures_verify(seed in any::<[u8; 32]>(), label in any::<u64>()) {
        let key = SecretKey::from_seed(&seed);
        let message = fr("property", label);
        let signature = key.sign(message);
        prop_assert_eq!(verify(key.public_key(), message, &signature), Ok(()));
        prop_assert_eq!(Signature::from_bytes(&signature.to_bytes()), Ok(signature));
        prop_assert_eq!(PublicKey::from_bytes(&key.public_key().to_bytes()), Ok(*key.public_key()));
    }

    #[test]
    fn arbitrary_signatures_are_refused_alike(label in any::<u64>(), tops in any::<[u8; 4]>()) {
        let mut batch = items(5);
        for (i, (entry, top)) in batch.iter_mut().zip(tops).enumerate() {
            let bytes = bytes64("arbitrary", label.wrapping_add(i as u64));
            entry.2.r.copy_from_slice(&bytes[..32]);
            entry.2.s.copy_from_slice(&bytes[32..]);
            // Often canonical.
            entry.2.r[0] &= top;
            entry.2.s[0] &= top & 7;
            let decoded = Signature::from_bytes(&entry.2.to_bytes());
            prop_assert!(decoded.is_err() || decoded == Ok(entry.2));
        }
        let results = agree(&batch);
        prop_assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    }
}
