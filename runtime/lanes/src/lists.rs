//! Tagged lists of different lengths: the first blocks of all of them side by side, then the second blocks of those that have one, and
//! so on. Lanes idle at the end of such a row only.

use crate::fives;
use playfair_types::Fr;
use playfair_types::crypto::field::pack24;
use playfair_types::hash::Tag;
use std::cmp::Reverse;
use std::sync::LazyLock;

/// Elements that one permutation absorbs.
const BLOCK: usize = 4;

/// Lists to hash.
#[derive(Debug, Default)]
pub struct Lists {
    elements: Vec<Fr>,
    lists: Vec<List>,
}

#[derive(Clone, Copy, Debug)]
struct List {
    /// The first input of the first block.
    start: Fr,
    /// Where its elements begin and end.
    begin: usize,
    end: usize,
}

impl List {
    /// An empty list is one block of zeros.
    fn blocks(&self) -> usize {
        (self.end - self.begin).div_ceil(BLOCK).max(1)
    }
}

impl Lists {
    /// No lists.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A list to hash as `hash::hash` does.
    pub fn push(&mut self, tag: Tag, elements: impl IntoIterator<Item = Fr>) {
        let begin = self.elements.len();
        self.elements.extend(elements);
        let length = self.elements.len() - begin;
        self.end_list(tag, length as u64, begin);
    }

    /// Bytes to hash as `hash::hash_bytes24` does.
    pub fn push_bytes24(&mut self, tag: Tag, bytes: &[u8]) {
        self.push_with_length(tag, bytes.len() as u64, pack24(bytes));
    }

    /// A list whose tag carries another length than its number of elements.
    pub(crate) fn push_with_length(&mut self, tag: Tag, length: u64, elements: impl IntoIterator<Item = Fr>) {
        let begin = self.elements.len();
        self.elements.extend(elements);
        self.end_list(tag, length, begin);
    }

    fn end_list(&mut self, tag: Tag, length: u64, begin: usize) {
        self.lists.push(List {
            start: start(tag, length),
            begin,
            end: self.elements.len(),
        });
    }

    /// The hashes, in the order of the lists.
    #[must_use]
    pub fn hash(&self) -> Vec<Fr> {
        let mut hashes: Vec<Fr> = self.lists.iter().map(|list| list.start).collect();
        // The longest first, so that those which have a block of some number stand at the front.
        let mut order: Vec<usize> = (0..self.lists.len()).collect();
        order.sort_by_key(|list| Reverse(self.lists.get(*list).map_or(0, List::blocks)));
        let mut active = order.as_slice();
        let mut block = 0;
        while !active.is_empty() {
            let inputs: Vec<[Fr; 5]> = active
                .iter()
                .map(|list| self.input(*list, block, &hashes))
                .collect();
            for (list, hash) in active.iter().zip(fives(&inputs)) {
                if let Some(slot) = hashes.get_mut(*list) {
                    *slot = hash;
                }
            }
            block += 1;
            let more = |list: &usize| self.lists.get(*list).is_some_and(|list| list.blocks() > block);
            let (longer, _) = active.split_at(active.partition_point(more));
            active = longer;
        }
        hashes
    }

    /// What the permutation gets for a block of a list; the last block is filled with zeros.
    fn input(&self, list: usize, block: usize, hashes: &[Fr]) -> [Fr; 5] {
        let mut input = [Fr::default(); 5];
        let elements = self
            .lists
            .get(list)
            .and_then(|list| self.elements.get(list.begin..list.end));
        let block = elements.into_iter().flatten().skip(block * BLOCK).take(BLOCK);
        for (slot, element) in input.iter_mut().zip(hashes.get(list).into_iter().chain(block)) {
            *slot = *element;
        }
        input
    }
}

/// `tag.with_length(length)`: its lowest 64 bits are the length.
fn start(tag: Tag, length: u64) -> Fr {
    static EMPTY: LazyLock<[Fr; Tag::ALL.len()]> = LazyLock::new(|| Tag::ALL.map(|tag| tag.with_length(0)));
    let empty = EMPTY.get(tag as usize).copied();
    empty.map_or_else(|| tag.with_length(length), |empty| empty + Fr::from(length))
}
