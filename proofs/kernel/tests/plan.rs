//! The prover's plan of the state's update: its work is about that of the walk itself, whatever a segment touched.

use playfair_proofs_kernel::hint;
use playfair_proofs_kernel::oracle::{Opened, Oracle, State, subtrees};
use playfair_types::crypto::field::{Fr, limb31_from_bytes};
use playfair_types::state::{StateKey, value_hash};
use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

/// A state in which nothing changes, and how often it was asked for a value.
struct Still {
    root: Fr,
    known: HashMap<Fr, Opened>,
    values: HashMap<StateKey, Vec<u8>>,
    asked: Rc<Cell<u64>>,
}

impl State for Still {
    fn root(&self) -> Fr {
        self.root
    }

    fn value(&self, key: &StateKey) -> Option<Vec<u8>> {
        self.asked.set(self.asked.get() + 1);
        self.values.get(key).cloned()
    }

    fn after(&self, key: &StateKey) -> Option<Fr> {
        self.values.get(key).map(|value| value_hash(value))
    }

    fn open(&self, hash: &Fr) -> Opened {
        self.known.get(hash).copied().unwrap_or(Opened::Empty)
    }
}

/// Key number `number`: a byte of its own in front, then what differs.
fn key(number: u64, last: u8) -> StateKey {
    let mut key = [0; 31];
    key[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    key[30] = last;
    StateKey(key)
}

/// Each absent key stands where another key's leaf is: all these leaves have to be opened.
#[test]
fn absences_are_planned_in_few_walks() {
    const KEYS: u64 = 400;
    let values: HashMap<_, _> = (0..KEYS).map(|n| (key(n, 0), vec![n as u8; 40])).collect();
    let mut leaves: Vec<_> = values
        .iter()
        .map(|(key, value)| (*key, value_hash(value)))
        .collect();
    leaves.sort_unstable_by_key(|(key, _)| *key);
    let mut known = HashMap::new();
    let root = subtrees(&leaves, 0, &mut known);
    let asked = Rc::new(Cell::new(0));
    let state = Still {
        root,
        known,
        values,
        asked: asked.clone(),
    };
    let mut oracle = Oracle::new(state, 1, &[]);
    for number in 0..KEYS {
        let absent = limb31_from_bytes(&key(number, 1).0);
        assert_eq!(oracle.element(hint::INITIAL, &absent), Fr::default());
    }
    let zero = Fr::default();
    assert_eq!(oracle.word(hint::EXTRAS, &zero, &|_| 0), KEYS);
    assert_eq!(
        asked.get(),
        2 * KEYS,
        "once when a key is touched, once for the plan"
    );
}
