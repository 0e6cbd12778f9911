//! Tries that no honest client makes, and forms that a real one has too rarely to be in a fixture.

use super::*;
use alloc::vec;

/// A string's or list's RLP, below 256 bytes.
fn rlp(from: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    let mut out = match length {
        0..56 => vec![from + length],
        _ => vec![from + 56, length],
    };
    out.extend(payload);
    out
}

fn string(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [0..0x80] => bytes.to_vec(),
        _ => rlp(0x80, bytes),
    }
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    rlp(0xc0, &items.concat())
}

/// A branch with these children and nothing else.
fn branch_of(children: &[(usize, Vec<u8>)], value: &[u8]) -> Vec<u8> {
    let mut items = vec![string(&[]); 17];
    for (at, child) in children {
        items[*at] = child.clone();
    }
    items[16] = string(value);
    list(&items)
}

fn ask(node: &[u8], key: &Root) -> Result<Option<Vec<u8>>, Error> {
    get(&keccak(node), key, &[node]).map(|value| value.map(<[u8]>::to_vec))
}

/// Keys that differ in the last nibble: 63 nibbles of 0x11..1, then the branch.
fn key(last: u8) -> Root {
    let mut key = [0x11; 32];
    key[31] = 0x10 | last;
    key
}

/// The path of 63 ones of an extension.
fn path() -> Vec<u8> {
    vec![0x11; 32]
}

#[test]
fn short_nodes_stand_in_their_parents() {
    let leaf = |value: u8| list(&[string(&[0x20]), string(&[value])]);
    let branch = branch_of(&[(2, leaf(7)), (9, leaf(8))], &[]);
    assert!(branch.len() < 32);
    let root = list(&[string(&path()), branch]);
    assert_eq!(ask(&root, &key(2)), Ok(Some(vec![7])));
    assert_eq!(ask(&root, &key(9)), Ok(Some(vec![8])));
    assert_eq!(ask(&root, &key(3)), Ok(None));
    assert_eq!(ask(&root, &[0x22; 32]), Ok(None));
}

#[test]
fn the_empty_trie_holds_nothing_and_takes_no_node() {
    assert_eq!(keccak(&[0x80]), EMPTY_ROOT);
    assert_eq!(get::<&[u8]>(&EMPTY_ROOT, &[1; 32], &[]), Ok(None));
    assert_eq!(get(&EMPTY_ROOT, &[1; 32], &[[0x80]]), Ok(None));
    for proof in [&[&[0x80][..], &[0x80]][..], &[&[0xc0]], &[&[]]] {
        assert_eq!(get(&EMPTY_ROOT, &[1; 32], proof), Err(Error::ProofLong { at: 0 }));
    }
}

#[test]
fn nodes_that_no_trie_has_are_refused() {
    let leaf = |value: &[u8]| list(&[string(&[0x20]), string(value)]);
    let hash = string(&[9; 32]);
    let full = [&[0x20][..], &[0x11; 32]].concat();
    let good = list(&[string(&full), string(&[7])]);
    assert_eq!(ask(&good, &[0x11; 32]), Ok(Some(vec![7])));
    let mut trailing = good.clone();
    trailing.push(0);
    for (what, node) in [
        ("no list", string(&[1, 2, 3])),
        ("no fields", list(&[])),
        ("one field", list(&[string(&[0x20])])),
        ("three fields", list(&[string(&full), string(&[7]), string(&[7])])),
        ("eighteen fields", list(&vec![string(&[]); 18])),
        ("bytes after it", trailing),
        ("unknown flags", list(&[string(&[0x40]), hash.clone()])),
        (
            "a nibble that is not used",
            list(&[string(&[0x21]), string(&[7])]),
        ),
        ("no path at all", list(&[string(&[]), string(&[7])])),
        ("a list for a path", list(&[list(&[]), string(&[7])])),
        ("a path of 65 nibbles", list(&[string(&[0x31; 33]), string(&[7])])),
        ("a leaf without a value", list(&[string(&full), string(&[])])),
        ("a leaf with a list", list(&[string(&full), list(&[])])),
        (
            "an extension over nothing",
            list(&[string(&[0x00]), hash.clone()]),
        ),
        ("an extension to nothing", list(&[string(&path()), string(&[])])),
        ("a hash of 31 bytes", list(&[string(&path()), string(&[9; 31])])),
        (
            "a long node that is not hashed",
            branch_of(&[(5, leaf(&[7; 40]))], &[]),
        ),
        (
            "a branch with a value",
            branch_of(&[(1, hash.clone()), (5, hash)], &[7]),
        ),
    ] {
        let error = ask(&node, &[0x11; 32]).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{what}: {error:?}");
    }
}

#[test]
fn a_way_ends_with_its_key() {
    // Sixty-four nibbles of extensions, and one more branch below: nothing is there to go on with.
    let leaf = list(&[string(&[0x20]), string(&[7])]);
    let branch = branch_of(&[(1, leaf)], &[]);
    let deeper = list(&[string(&[0x11]), branch]);
    let node = list(&[string(&path()), deeper]);
    assert_eq!(ask(&node, &[0x11; 32]), Ok(None));
    let hash = string(&keccak(&node));
    let top = list(&[string(&[0x11]), hash]);
    assert_eq!(get(&keccak(&top), &[0x11; 32], &[&top[..], &node]), Ok(None));
}

#[test]
fn a_proof_is_bounded() {
    let long = vec![0x80; NODE_MAX + 1];
    let error = Error::Malformed {
        what: "node of the proof",
        why: Malformed::Limit,
    };
    assert_eq!(ask(&long, &[0x11; 32]), Err(error));
}
