//! MEM rows: entries of initial memory, two a row (lanes/initial.rs has the cells).

use super::row::{Hits, Ints, Row, cut};
use super::{AssignError, Assigner};
use crate::lint::word;
use crate::op::Op;
use ark_ff::AdditiveGroup;
use playfair_proofs_isa::code::{Tag, address, at};
use playfair_proofs_isa::trace::{Touched, Value};
use playfair_types::crypto::field::Fr;
use std::fmt;

/// Bits of the gap between two entries, and of the distance from an image's bound.
const GAP_BITS: u32 = 36;
const DISTANCE_BITS: u32 = 24;

/// Why a list of touched memory has no witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryError {
    /// Addresses do not increase, or the gap is too wide.
    Order(u64),
    /// An address is in no memory, or its initial value is not what the program says.
    Initial(u64),
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, address) = match self {
            Self::Order(address) => ("does not increase", address),
            Self::Initial(address) => ("is in no memory or has another initial value", address),
        };
        write!(
            f,
            "touched memory: address {address} {text}; the trace is not of this program"
        )
    }
}

/// One entry of initial memory.
#[derive(Clone, Copy, Debug)]
struct Entry {
    address: u64,
    initial: Value,
    /// The value at the end.
    last_value: Value,
    /// Step of the last access; none if it is there for the shape of the table only.
    last: Option<u32>,
    image: bool,
    /// Where the key is: distance from a bound of the image.
    distance: u64,
    above: bool,
}

/// The entries in order: an even number, the first at address 0, no base skipped.
pub(super) struct Entries {
    list: Vec<Entry>,
}

/// Bounds of the images: module's and kernel's.
#[derive(Clone, Copy)]
struct Bounds([u64; 4]);

impl Bounds {
    /// `[start, end)` for the memory at a base.
    fn of(&self, base: u64) -> (u64, u64) {
        let [start, end, kernel_start, kernel_end] = self.0;
        if base == 0 {
            (kernel_start, kernel_end)
        } else {
            (start, end)
        }
    }

    fn entry(&self, touched: &Touched, last: Option<u32>) -> Result<Entry, EntryError> {
        let Touched {
            address,
            initial,
            last_value,
            image,
            ..
        } = *touched;
        let (base, key) = split(address);
        let (start, end) = self.of(base);
        let above = !image && key >= end;
        let distance = if image {
            key.checked_sub(start)
        } else if above {
            Some(key - end)
        } else {
            start.checked_sub(key + 1)
        };
        let distance = distance.filter(|distance| distance >> DISTANCE_BITS == 0);
        let distance = distance
            .filter(|_| image || initial == Value::ZERO)
            .ok_or(EntryError::Initial(address))?;
        Ok(Entry {
            address,
            initial,
            last_value,
            last,
            image,
            distance,
            above,
        })
    }

    /// An entry that no step accesses.
    fn filler(&self, address: u64) -> Result<Entry, EntryError> {
        let touched = Touched {
            address,
            initial: Value::ZERO,
            last_value: Value::ZERO,
            last: 0,
            image: false,
        };
        self.entry(&touched, None)
    }
}

/// Base and key of an address.
fn split(address: u64) -> (u64, u64) {
    let base = address - address % address::RUN;
    (base, address - base)
}

impl Entries {
    pub(super) fn new(touched: &[Touched], k: &[Fr; 8]) -> Result<Self, EntryError> {
        let mut bounds = Bounds([0; 4]);
        for (bound, k) in bounds.0.iter_mut().zip(k) {
            *bound = word(k).ok_or(EntryError::Initial(0))?;
        }
        let mut list = Vec::with_capacity(touched.len() + 2);
        if touched.first().is_none_or(|first| first.address != 0) {
            list.push(bounds.filler(0)?);
        }
        for cell in touched {
            let mut before = list.last().map_or(0, |entry: &Entry| entry.address);
            if cell.address < before || cell.address == before && !list.is_empty() {
                return Err(EntryError::Order(cell.address));
            }
            // Any number of runs may have touched nothing: the gap counts from what is put between.
            let base = split(cell.address).0;
            while split(before).0 + address::RUN < base {
                let skipped = split(before).0 + address::RUN;
                before = skipped + bounds.of(skipped).1;
                list.push(bounds.filler(before)?);
            }
            if (cell.address - before) >> GAP_BITS != 0 {
                return Err(EntryError::Order(cell.address));
            }
            list.push(bounds.entry(cell, Some(cell.last))?);
        }
        if list.len() % 2 == 1 {
            let (base, key) = split(list.last().map_or(0, |entry| entry.address));
            let (start, end) = bounds.of(base);
            let free = if (start..end).contains(&(key + 1)) {
                end
            } else {
                key + 1
            };
            list.push(bounds.filler(base + free)?);
        }
        Ok(Self { list })
    }

    /// How many MEM rows there are.
    pub(super) fn rows(&self) -> usize {
        self.list.len() / 2
    }

    /// The MEM row of an address.
    pub(super) fn row_of(&self, address: u64) -> Option<usize> {
        self.list
            .binary_search_by_key(&address, |entry| entry.address)
            .ok()
            .map(|i| i / 2)
    }
}

impl Assigner<'_> {
    /// A MEM row.
    pub(super) fn entry_row(&self, number: usize, row: &mut Row, hits: &mut Hits) -> Result<(), AssignError> {
        let c = self.c;
        let list = &self.entries.list;
        let pair = &list[2 * number..2 * number + 2];
        let before = (2 * number).checked_sub(1).map_or(0, |i| list[i].address + 1);
        self.code_row(at::MEM, row, hits);

        let slots = [
            (c.slot_a.address, c.slot_a.time, c.slot_a.old, c.slot_a.new),
            (c.slot_c.address, c.slot_c.time, c.slot_c.old, c.slot_c.new),
        ];
        // Places of key, image, kernel, base; limbs of the distance, the one that says above, those of the gap.
        let places = [(0, 6, 11, 9, 3, 5, 6), (3, 7, 8, 10, 9, 11, 0)];
        let mut ints = Ints::default();
        let mut next = before;
        for ((entry, slot), place) in pair.iter().zip(slots).zip(places) {
            let (address, time, old, new) = slot;
            let (key, image, kernel, base, distance, above, gap) = place;
            let last = entry
                .last
                .map_or(number, |last| self.entries.rows() + last as usize);
            row.set(address, self.number(entry.address));
            row.set(time, self.number(last as u64));
            row.set(old, self.value(entry.last_value));
            row.set(new, self.value(entry.initial));
            let (base_value, key_value) = split(entry.address);
            row.set(c.extra[key], self.number(key_value));
            row.set(c.extra[key + 1], self.value(entry.initial));
            row.set(c.extra[image], self.number(u64::from(entry.image)));
            row.set(c.extra[kernel], self.number(u64::from(base_value == 0)));
            row.set(c.extra[base], self.number(base_value));
            cut(entry.distance, &mut ints[distance..distance + 2]);
            ints[above] = u64::from(entry.above);
            cut(entry.address - next, &mut ints[gap..gap + 3]);
            next = entry.address + 1;
            if entry.image {
                let found = self.tables.find(u64::from(Tag::Image as u32), key_value);
                let fits = found.filter(|(_, aux)| aux.v1 == self.value(entry.initial));
                hits.aux.push(
                    fits.ok_or(AssignError::Memory(EntryError::Initial(entry.address)))?
                        .0,
                );
            }
        }
        row.set(c.fp, self.number(pair[0].address));
        row.set(c.extra[12], self.number(u64::from(Tag::Image as u32)));
        let in_range = [0, 1].map(|group| self.limbs(Op::Mem, group, &ints, row, hits));
        match in_range {
            [Some(()), Some(())] => Ok(()),
            _ => Err(AssignError::Memory(EntryError::Order(pair[0].address))),
        }
    }

    /// A value as a field element.
    pub(super) fn value(&self, value: Value) -> Fr {
        match value {
            Value::Word(0) => Fr::ZERO,
            Value::Word(word) => self.number(word),
            Value::Field(fr) => fr,
        }
    }
}
