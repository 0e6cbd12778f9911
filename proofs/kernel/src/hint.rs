//! The kinds of hints: what the kernel asks the prover, and what keeps the answer honest.
//!
//! A hint is a value that the prover chooses. `arg` is what the kernel asks about: a word or any field element, and no part
//! of the proof. Kinds that are called *pure* are functions of `arg`; the others name a place in the prover's own data.
//! *Stream* kinds answer with the next item of a list that lasts for the segment.

/// Pure: word `0` of the canonical integer of `arg`, least significant first. Bound by an equation in the field, and by a
/// comparison with the modulus wherever all four words are used.
pub const WORD0: u32 = 1;
/// Pure: word 1, see [`WORD0`].
pub const WORD1: u32 = 2;
/// Pure: word 2, see [`WORD0`].
pub const WORD2: u32 = 3;
/// Pure: word 3, see [`WORD0`].
pub const WORD3: u32 = 4;
/// Pure: 1 if the canonical integer of `arg` is below 2^128, else 0. Either answer is proven by a range.
pub const SMALL: u32 = 5;
/// Pure, an element: the inverse of `arg`, 0 for 0. Bound by a product that must be 1.
pub const INVERSE: u32 = 6;
/// Pure, an element: a square root of `arg`, or of 5 `arg` where `arg` has none. Bound by its square: 5 is no square, so only
/// one of them exists for an `arg` other than 0.
pub const ROOT: u32 = 7;
/// Pure: 1 if the canonical integer of `arg` is above (r - 1) / 2, else 0. Either answer is proven by a range.
pub const HIGH: u32 = 8;

/// Number of records of the segment. Bound by the accumulators after it.
pub const RECORDS: u32 = 16;
/// Stream: words of the tape's limbs; each limb most significant word (56 bits) first. Bound by the tape accumulator.
pub const TAPE: u32 = 17;
/// Where in the kernel's table of system records the record of name `arg` is: the number of those there are, if it is not there yet.
/// Bound by comparison; naming a record twice has no proof, because state keys must be distinct at the end.
/// The name is `kind 2^168 + index 2^160 + account id`; the prover sees which name gets which number.
pub const SLOT: u32 = 18;
/// Where in the kernel's table of state keys the key `arg` is, or their number. Bound as [`SLOT`].
pub const ENTRY: u32 = 19;
/// An element: the hash of the value that the state key `arg` had before the segment, 0 if none. Bound by the state root
/// before the segment.
pub const INITIAL: u32 = 20;
/// Length in bytes of the value with hash `arg`; following [`VALUE_WORD`] hints give its words. Bound by the hash.
pub const VALUE_LENGTH: u32 = 21;
/// Stream, begun anew by [`VALUE_LENGTH`]: the value's little-endian words, filled with zero bytes. Bound by the hash.
pub const VALUE_WORD: u32 = 22;
/// Tells the prover that the module sets a value: `arg` = address + length 2^32 in its memory, which can be read now. The
/// answer is not used. Whatever is set may be asked for by its hash until the segment's end.
pub const NOTE_SET: u32 = 23;

/// Number of further state keys that the update of the state touches without changing them: leaves that have to be opened.
/// Asked once, at the end. Bound by the state root (too few: no proof; too many: no harm).
pub const EXTRAS: u32 = 32;
/// Stream: words of those keys, most significant (56 bits) first. Any 248-bit number is a key.
pub const EXTRA_WORD: u32 = 33;
/// Number (in the table of state keys) of the `arg`-th smallest key. Bound: keys strictly increase, numbers are in range.
pub const ORDER: u32 = 34;
/// Stream: levels of the next subtree's stem that are nodes of the old tree. Bound by the state root.
pub const STEM_OLD: u32 = 35;
/// Stream: levels of the next subtree's stem that the old tree does not have. Bound by key bits and the state root.
pub const STEM_NEW: u32 = 36;
/// Stream: where the keys of a subtree part: the place (in sorted order) of the first on the right. Bound by key bits.
pub const PART: u32 = 37;
/// Stream, an element: hash of the subtree beside the stem, from the bottom to the top. Bound by the state root.
pub const SIBLING: u32 = 38;
/// An element: left half of the node with hash `arg`. Bound by that hash.
pub const LEFT: u32 = 39;
/// An element: right half of the node with hash `arg`. Bound by that hash.
pub const RIGHT: u32 = 40;

/// Whether the answers to this kind are elements; else they are words.
#[must_use]
pub const fn is_element(kind: u32) -> bool {
    matches!(kind, INVERSE | ROOT | INITIAL | SIBLING | LEFT | RIGHT)
}
