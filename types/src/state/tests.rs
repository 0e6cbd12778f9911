use super::*;
use crate::codec::{Decode, Encode};
use crate::hash::node;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use ark_ff::AdditiveGroup;
use proof::{ProofError, StateProof};

/// A key whose first byte is `first`, so that tests can draw small trees by hand.
fn key(first: u8, last: u8) -> StateKey {
    let mut bytes = [0; 31];
    bytes[0] = first;
    bytes[30] = last;
    StateKey(bytes)
}

fn map(keys: &[StateKey]) -> BTreeMap<StateKey, Fr> {
    keys.iter()
        .enumerate()
        .map(|(at, key)| (*key, Fr::from(at as u64 + 1)))
        .collect()
}

#[test]
fn roots_follow_the_definition() {
    let (a, b, c) = (key(0b0000_0000, 0), key(0b0100_0000, 0), key(0b1000_0000, 0));
    let (la, lb, lc) = (
        leaf(&a, Fr::from(1u64)),
        leaf(&b, Fr::from(2u64)),
        leaf(&c, Fr::from(3u64)),
    );
    assert_eq!(tree::root(&map(&[])), Fr::ZERO);
    assert_eq!(tree::root(&map(&[a])), la, "a single key is its leaf");
    assert_eq!(
        tree::root(&map(&[a, b])),
        node(node(la, lb), Fr::ZERO),
        "two keys on the left"
    );
    assert_eq!(tree::root(&map(&[a, b, c])), node(node(la, lb), lc));
}

#[test]
fn keys_that_differ_in_the_last_bit_only_stand_at_the_bottom() {
    let pair = [key(0, 0), key(0, 1)];
    let mut expected = node(leaf(&pair[0], Fr::from(1u64)), leaf(&pair[1], Fr::from(2u64)));
    for _ in 0..247 {
        expected = node(expected, Fr::ZERO);
    }
    let map = map(&pair);
    assert_eq!(tree::root(&map), expected);
    let proof = StateProof::from_map(&map, &pair);
    assert_eq!(
        proof.verify(expected, &pair),
        Ok(vec![Some(Fr::from(1u64)), Some(Fr::from(2u64))])
    );
}

#[test]
fn system_and_user_keys_are_apart_and_canonical() {
    use crate::account::AccountId;
    use crate::bounded::Bytes;
    let mut all: Vec<StateKey> = vec![
        StateKey::of_system(SystemKey::Params),
        StateKey::of_system(SystemKey::Upgrade),
        StateKey::of_system(SystemKey::Account(AccountId::NONE)),
        StateKey::of_system(SystemKey::Key(AccountId::NONE, 0)),
        StateKey::of_system(SystemKey::Key(AccountId::NONE, 1)),
        StateKey::of_system(SystemKey::Key(AccountId::MODULE, 0)),
    ];
    for length in 0..=64 {
        all.push(StateKey::of_user(&Bytes::new(vec![0; length]).expect("fits")));
    }
    let distinct: alloc::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
}

fn present_and_absent() -> (BTreeMap<StateKey, Fr>, Vec<StateKey>) {
    let keys: Vec<StateKey> = (0..40u64)
        .map(|at| StateKey(crate::crypto::field::low248(&hash(Tag::Key, &[Fr::from(at)]))))
        .collect();
    let map = map(&keys[..30]);
    let mut asked = keys[20..].to_vec();
    asked.sort_unstable();
    (map, asked)
}

#[test]
fn multi_proofs_show_presence_and_absence() {
    let (map, asked) = present_and_absent();
    let root = tree::root(&map);
    let proof = StateProof::from_map(&map, &asked);
    let decoded = StateProof::decode(&proof.encode()).expect("our own proof");
    assert_eq!(decoded, proof);
    let values = proof.verify(root, &asked).expect("it holds");
    for (key, value) in asked.iter().zip(values) {
        assert_eq!(value, map.get(key).copied());
    }
    for key in &asked {
        let single = StateProof::from_map(&map, &[*key]);
        assert_eq!(single.verify(root, &[*key]), Ok(vec![map.get(key).copied()]));
    }
    assert_eq!(
        StateProof::from_map(&BTreeMap::new(), &asked).verify(Fr::ZERO, &asked),
        Ok(vec![None; 20])
    );
}

#[test]
fn questions_are_checked() {
    let (map, asked) = present_and_absent();
    let (root, proof) = (tree::root(&map), StateProof::from_map(&map, &asked));
    assert_eq!(proof.verify(root, &[]), Err(ProofError::Keys));
    assert_eq!(proof.verify(root, &[asked[1], asked[0]]), Err(ProofError::Keys));
    assert_eq!(proof.verify(root, &[asked[0], asked[0]]), Err(ProofError::Keys));
    assert_eq!(proof.verify(root + Fr::from(1u64), &asked), Err(ProofError::Root));
    assert!(proof.verify(root, &asked[..1]).is_err(), "opened more than asked");
    let hidden = StateProof::from_map(&map, &asked[..1]);
    assert!(hidden.verify(root, &asked).is_err(), "opened less than asked");
}

#[test]
fn lies_about_shape_are_named() {
    let (a, b, c) = (key(0b0000_0000, 0), key(0b0100_0000, 0), key(0b1000_0000, 0));
    let (la, lb) = (leaf(&a, Fr::from(1u64)), leaf(&b, Fr::from(2u64)));
    let root = tree::root(&map(&[a, b, c]));
    // "b is absent": a's leaf shown where b's way ends.
    let a_at_b = raw(
        &[2, 2, 3, 1, 3],
        &[(a, Fr::from(1u64))],
        &[la, leaf(&c, Fr::from(3u64))],
    );
    assert_eq!(a_at_b.verify(root, &[b]), Err(ProofError::Place));
    // "b is absent": its half shown empty.
    let empty = raw(&[2, 2, 3, 0, 3], &[], &[la, leaf(&c, Fr::from(3u64))]);
    assert_eq!(empty.verify(root, &[b]), Err(ProofError::Root));
    // A node over an empty half and a leaf is not compact, under any root.
    let loose = raw(&[2, 0, 1], &[(c, Fr::from(3u64))], &[]);
    assert_eq!(
        loose.verify(node(Fr::ZERO, leaf(&c, Fr::from(3u64))), &[c]),
        Err(ProofError::Canonical)
    );
    assert_eq!(
        raw(&[2, 0, 0], &[], &[]).verify(node(Fr::ZERO, Fr::ZERO), &[c]),
        Err(ProofError::Canonical)
    );
    // An asked key behind a hash; a subtree opened that nobody asked for.
    let behind = raw(&[2, 3, 3], &[], &[node(la, lb), leaf(&c, Fr::from(3u64))]);
    assert_eq!(behind.verify(root, &[b]), Err(ProofError::Coverage));
    let opened = raw(
        &[2, 2, 3, 1, 1],
        &[(b, Fr::from(2u64)), (c, Fr::from(3u64))],
        &[la],
    );
    assert_eq!(opened.verify(root, &[b]), Err(ProofError::Coverage));
    // Symbols after the root's subtree, and too few.
    assert_eq!(
        raw(&[0, 0], &[], &[]).verify(Fr::ZERO, &[b]),
        Err(ProofError::Shape)
    );
    assert_eq!(
        raw(&[2, 0], &[], &[]).verify(Fr::ZERO, &[c]),
        Err(ProofError::Shape)
    );
    // Deeper than a key has bits.
    let deep = vec![2u8; 300];
    assert_eq!(
        raw(&deep, &[], &[]).verify(root, &[a]),
        Err(ProofError::Canonical)
    );
}

/// A proof written by hand in its wire format.
fn raw(symbols: &[u8], leaves: &[(StateKey, Fr)], hashes: &[Fr]) -> StateProof {
    let mut bytes = (symbols.len() as u32).to_be_bytes().to_vec();
    for four in symbols.chunks(4) {
        bytes.push(
            four.iter()
                .enumerate()
                .fold(0, |byte, (at, symbol)| byte | symbol << (6 - 2 * at)),
        );
    }
    for (key, value) in leaves {
        bytes.extend(key.0);
        bytes.extend(crate::crypto::field::fr_to_bytes(value));
    }
    for hash in hashes {
        bytes.extend(crate::crypto::field::fr_to_bytes(hash));
    }
    StateProof::decode(&bytes).expect("well-formed")
}

#[test]
fn proofs_reject_loose_encodings() {
    assert!(
        StateProof::decode(&[0, 0, 0, 1, 0b0000_0001]).is_err(),
        "fill bits"
    );
    assert!(
        StateProof::decode(&[0xff, 0xff, 0xff, 0xff]).is_err(),
        "a count that the input cannot hold"
    );
    let mut zero_hash = vec![0, 0, 0, 1, 0b1100_0000];
    zero_hash.extend([0; 32]);
    assert!(StateProof::decode(&zero_hash).is_err());
}
