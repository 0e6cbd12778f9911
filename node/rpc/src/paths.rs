//! The ways from a block's records and receipts to its header, made once for all who ask.
//!
//! Who submits a call is answered when its block is sealed, and so is everybody else whose call is in it: making one way
//! hashes the whole block, so each for itself would hash it as often as it has calls.

use crate::hex::Hex;
use playfair_storage::Sealed;
use playfair_types::Encode;
use playfair_types::inclusion::{self, InclusionProof};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Records whose ways stay here, over all chains: some 500 bytes for each, 1,000 at most.
const RECORDS_MAX: usize = 32_768;

/// The ways from all records and all receipts of a block.
pub(crate) struct Paths {
    records: Vec<InclusionProof>,
    receipts: Vec<InclusionProof>,
}

impl Paths {
    pub(crate) fn of(block: &Sealed) -> Self {
        let records: Vec<&[u8]> = block.records.iter().map(|done| done.record.as_slice()).collect();
        let receipts: Vec<Vec<u8>> = block.records.iter().map(|done| done.receipt.encode()).collect();
        Self {
            records: paths(&records),
            receipts: paths(&receipts),
        }
    }

    /// From a record to the calls root, and from its receipt to the receipts root.
    pub(crate) fn at(&self, index: usize) -> Option<(Hex, Hex)> {
        let (record, receipt) = (self.records.get(index)?, self.receipts.get(index)?);
        Some((Hex(record.encode()), Hex(receipt.encode())))
    }
}

/// The ways of the blocks that were asked about last.
#[derive(Default)]
pub(crate) struct PathsKept(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    blocks: VecDeque<Slot>,
    records: usize,
}

/// One block's place.
#[derive(Clone)]
struct Slot {
    digest: [u8; 32],
    records: usize,
    /// Empty until the first who asked has made them; the others wait for that.
    paths: Arc<OnceLock<Paths>>,
}

impl PathsKept {
    /// From a block's record to the calls root, and from its receipt to the receipts root.
    pub(crate) fn at(&self, block: &Sealed, index: usize) -> Option<(Hex, Hex)> {
        let paths = self.slot(block.header.digest(), block.records.len());
        paths.get_or_init(|| Paths::of(block)).at(index)
    }

    fn slot(&self, digest: [u8; 32], records: usize) -> Arc<OnceLock<Paths>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What is asked about was sealed just now, as a rule.
        if let Some(slot) = kept.blocks.iter().rev().find(|slot| slot.digest == digest) {
            return Arc::clone(&slot.paths);
        }
        let slot = Slot {
            digest,
            records,
            paths: Arc::default(),
        };
        kept.records += records;
        kept.blocks.push_back(slot.clone());
        while kept.records > RECORDS_MAX && kept.blocks.len() > 1 {
            let gone = kept.blocks.pop_front();
            kept.records -= gone.map_or(0, |slot| slot.records);
        }
        slot.paths
    }
}

/// The inclusion proofs of all items: what [`InclusionProof::new`] makes of each, without hashing the list for each.
fn paths<T: AsRef<[u8]>>(items: &[T]) -> Vec<InclusionProof> {
    fn descend<T: AsRef<[u8]>>(items: &[T], above: &mut Vec<[u8; 32]>, out: &mut Vec<Vec<[u8; 32]>>) {
        if items.len() < 2 {
            out.extend(
                items
                    .iter()
                    .map(|_| above.iter().rev().copied().collect::<Vec<_>>()),
            );
            return;
        }
        let (left, right) = items.split_at(items.len().next_power_of_two() / 2);
        above.push(inclusion::root(right));
        descend(left, above, out);
        above.pop();
        above.push(inclusion::root(left));
        descend(right, above, out);
        above.pop();
    }
    let mut found = Vec::with_capacity(items.len());
    descend(items, &mut Vec::new(), &mut found);
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let numbered = (0..).zip(found);
    numbered
        .map(|(index, path)| InclusionProof { index, count, path })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_types::Decode;

    #[test]
    fn paths_made_together_are_those_made_alone() {
        for count in [0usize, 1, 2, 3, 5, 8, 13, 64, 100] {
            let items: Vec<Vec<u8>> = (0..count).map(|n| vec![n as u8; n % 7]).collect();
            let together = paths(&items);
            assert_eq!(together.len(), count);
            for (index, path) in together.iter().enumerate() {
                assert_eq!(Some(path.clone()), InclusionProof::new(&items, index as u32));
                assert_eq!(InclusionProof::decode(&path.encode()).as_ref(), Ok(path));
            }
        }
    }
    #[test]
    fn a_block_has_one_slot_until_too_many_records_are_kept() {
        let kept = PathsKept::default();
        let slot = kept.slot([1; 32], 10);
        assert!(Arc::ptr_eq(&slot, &kept.slot([1; 32], 10)));
        // One block above the bound is kept alone.
        let large = kept.slot([2; 32], RECORDS_MAX + 1);
        assert!(Arc::ptr_eq(&large, &kept.slot([2; 32], RECORDS_MAX + 1)));
        assert!(!Arc::ptr_eq(&slot, &kept.slot([1; 32], 10)));
        let inner = kept.0.lock().unwrap();
        assert_eq!((inner.blocks.len(), inner.records), (1, 10));
    }
}
