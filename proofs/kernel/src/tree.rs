//! The update of the state (T2): the map before has the root before, and the map after the root after, both by the definition in
//! FORMATS.md section 7.
//!
//! All keys that the segment touched, in strictly increasing order, are walked down the old tree once; what they share is hashed
//! once. A subtree with touched keys is a *stem* of levels where all of them go the same way, and then either one key or a parting.
//! Stem and parting may lie below the old tree's end, where it is empty or one leaf: there only the new tree has them.
//!
//! ```text
//! stem     sibling at each level, from the prover
//! parting  halves are subtrees again                 one key   its leaf, or nothing, before and after
//! ```
//!
//! What is not touched enters as a hash. A leaf on the way of a touched key, or one that moves up when its neighbour goes, has to
//! be opened: the prover adds its key to the touched ones, unchanged. A neighbour that stays a node's half beside nothing is shown to
//! be a node. So there is no foreign leaf to argue about, and an absence is an empty place or a touched leaf of another key.
//!
//! The old tree is the definition's for some map: it is what an earlier segment left, or empty. Hashes of leaves and nodes come
//! from different permutations, so a root before determines every step of this walk.

use crate::constants::LEAF;
use crate::hint;
use crate::memory::{Entry, Memory};
use crate::number::is_zero;
use crate::sys::{F, f_eq, hint as ask, hint_f, konst, poseidon2, poseidon5, require, require_eq};
use crate::table::{append_extra, at, hash_slots};

/// What a subtree is after the update.
mod kind {
    pub(super) const EMPTY: u32 = 0;
    pub(super) const LEAF: u32 = 1;
    pub(super) const NODE: u32 = 2;
}

/// Bits of a key.
const KEY_BITS: u32 = 248;

/// The root after the segment, given the root before.
pub(crate) fn update(m: &Memory, root: F) -> F {
    hash_slots(m);
    let extras = ask::<{ hint::EXTRAS }>(F::word(0));
    for _ in 0..extras {
        append_extra(m);
    }
    sort(m);
    walk(m, 0, m.entry_count.get(), 0, true);
    require_eq(m.tree_old.get(), root);
    m.tree_new.get()
}

/// The order of the keys, which strictly increase: so every entry is there, once, and no key is twice in the table.
fn sort(m: &Memory) {
    let count = m.entry_count.get();
    for place in 0..count {
        let entry = ask::<{ hint::ORDER }>(F::word(u64::from(place)));
        require(entry < u64::from(count));
        at(&m.order, place).set(entry as u32);
        if place > 0 {
            require(less(sorted(m, place - 1), sorted(m, place)));
        }
    }
}

#[inline(always)]
fn sorted(m: &Memory, place: u32) -> &Entry {
    at(&m.entries, at(&m.order, place).get())
}

fn less(a: &Entry, b: &Entry) -> bool {
    for (x, y) in a.words.iter().zip(&b.words).rev() {
        let (x, y) = (x.get(), y.get());
        if x != y {
            return x < y;
        }
    }
    false
}

/// The bit of a key at a level, from the root.
fn bit(entry: &Entry, level: u32) -> bool {
    let place = level + 8;
    let word = at(&entry.words, 3 - place / 64).get();
    ((word << (place % 64)) as i64) < 0
}

/// Whether two keys agree in their first bits.
fn agree(a: &Entry, b: &Entry, bits: u32) -> bool {
    let mut left = bits + 8;
    for (x, y) in a.words.iter().zip(&b.words).rev() {
        let difference = x.get() ^ y.get();
        if left < 64 {
            return left == 0 || difference >> (64 - left) == 0;
        }
        if difference != 0 {
            return false;
        }
        left -= 64;
    }
    true
}

/// The subtree at `depth` with the touched keys from `low` to `high`, which agree in their first `depth` bits. `inside`: the old
/// tree reaches down to here. The result is in `m.tree_*`.
fn walk(m: &Memory, low: u32, high: u32, depth: u32, inside: bool) {
    let mut bottom = depth;
    if inside {
        let stem = ask::<{ hint::STEM_OLD }>(F::word(0));
        require(stem <= u64::from(KEY_BITS - depth));
        bottom += stem as u32;
    }
    if high - low == 1 {
        leaf(m, sorted(m, low));
    } else {
        part(m, low, high, bottom, inside);
    }
    if bottom > depth {
        stem_old(m, sorted(m, low), depth, bottom);
    }
}

/// One key.
fn leaf(m: &Memory, entry: &Entry) {
    let (before, after) = (entry.initial.get(), entry.value.get());
    let old = leaf_of(entry, before);
    let new = if f_eq(before, after) {
        old
    } else {
        leaf_of(entry, after)
    };
    m.tree_old.set(old);
    m.tree_new.set(new);
    m.tree_kind
        .set(if is_zero(after) { kind::EMPTY } else { kind::LEAF });
}

fn leaf_of(entry: &Entry, value: F) -> F {
    let nil = F::word(0);
    if is_zero(value) {
        return nil;
    }
    poseidon5(konst!(LEAF), entry.key.get(), value, nil, nil)
}

/// Several keys: they part at a node of the old tree at `bottom`, or at or below its end there.
fn part(m: &Memory, low: u32, high: u32, bottom: u32, inside: bool) {
    // 0: at a node of the old tree. Else one more than the levels that only the new tree has above the parting.
    let stem = ask::<{ hint::STEM_NEW }>(F::word(0));
    let real = stem == 0;
    require(inside || !real);
    require(stem <= u64::from(KEY_BITS - bottom));
    let level = bottom + if real { 0 } else { stem as u32 - 1 };
    let middle = ask::<{ hint::PART }>(F::word(0));
    require(middle > u64::from(low) && middle < u64::from(high));
    let middle = middle as u32;
    // Keys are in order, so what holds for the first and the last, and around the middle, holds for all.
    require(agree(sorted(m, low), sorted(m, high - 1), level));
    require(!bit(sorted(m, middle - 1), level) && bit(sorted(m, middle), level));

    walk(m, low, middle, level + 1, real);
    let (left_old, left_new, left_kind) = (m.tree_old.get(), m.tree_new.get(), m.tree_kind.get());
    walk(m, middle, high, level + 1, real);
    let (right_old, right_new, right_kind) = (m.tree_old.get(), m.tree_new.get(), m.tree_kind.get());

    if real {
        let old = poseidon2(left_old, right_old);
        m.tree_old.set(old);
        if f_eq(left_old, left_new) && f_eq(right_old, right_new) {
            m.tree_new.set(old);
            m.tree_kind.set(kind::NODE);
            return;
        }
    } else if !is_zero(left_old) {
        // The old tree ends here with at most one leaf.
        require(is_zero(right_old));
        m.tree_old.set(left_old);
    }
    // The right half's result stands in memory: it is the whole's when the left is empty and the right no node.
    if left_kind == kind::EMPTY {
        if right_kind == kind::NODE {
            m.tree_new.set(poseidon2(left_new, right_new));
        }
    } else if left_kind == kind::LEAF && right_kind == kind::EMPTY {
        m.tree_new.set(left_new);
        m.tree_kind.set(kind::LEAF);
    } else {
        m.tree_new.set(poseidon2(left_new, right_new));
        m.tree_kind.set(kind::NODE);
    }
    if level > bottom && m.tree_kind.get() == kind::NODE {
        stem_new(m, sorted(m, low), bottom, level);
    }
}

/// Levels that only the new tree has, above a node: each is a node beside nothing.
fn stem_new(m: &Memory, entry: &Entry, top: u32, bottom: u32) {
    let mut level = bottom;
    let nil = F::word(0);
    while level > top {
        level -= 1;
        let new = m.tree_new.get();
        m.tree_new.set(if bit(entry, level) {
            poseidon2(nil, new)
        } else {
            poseidon2(new, nil)
        });
    }
}

/// Levels of the old tree above `m.tree_*`, from `bottom` up to `top`.
fn stem_old(m: &Memory, entry: &Entry, top: u32, bottom: u32) {
    let mut level = bottom;
    while level > top {
        // The levels whose bits are in one word of the key: from the level's bit up.
        let place = level + 7;
        let above = place % 64 + 1;
        let levels = (level - top).min(above);
        let bits = at(&entry.words, 3 - place / 64).get() >> (64 - above);
        level -= levels;
        if f_eq(m.tree_old.get(), m.tree_new.get()) {
            stem_same(m, bits, levels);
        } else {
            stem_changed(m, bits, levels);
        }
    }
}

/// Levels of a subtree in which nothing changed. `bits`: their bits of the key, lowest level first.
fn stem_same(m: &Memory, mut bits: u64, mut levels: u32) {
    let mut old = m.tree_old.get();
    loop {
        let sibling = hint_f::<{ hint::SIBLING }>(F::word(0));
        let (left, right) = if bits & 1 != 0 {
            (sibling, old)
        } else {
            (old, sibling)
        };
        old = poseidon2(left, right);
        bits >>= 1;
        levels -= 1;
        if levels == 0 {
            break;
        }
    }
    m.tree_old.set(old);
    m.tree_new.set(old);
    m.tree_kind.set(kind::NODE);
}

/// Levels of one in which something did.
fn stem_changed(m: &Memory, mut bits: u64, mut levels: u32) {
    let (mut old, mut new, mut what) = (m.tree_old.get(), m.tree_new.get(), m.tree_kind.get());
    loop {
        let right = bits & 1 != 0;
        let sibling = hint_f::<{ hint::SIBLING }>(F::word(0));
        if what != kind::NODE && !is_zero(sibling) {
            if what == kind::EMPTY {
                // A leaf would move up: then it had to be touched. This is none.
                let (left, right) = (
                    hint_f::<{ hint::LEFT }>(sibling),
                    hint_f::<{ hint::RIGHT }>(sibling),
                );
                require_eq(poseidon2(left, right), sibling);
            }
            what = kind::NODE;
        }
        // Else nothing or a leaf alone: it is what this subtree is.
        if right {
            old = poseidon2(sibling, old);
            if what == kind::NODE {
                new = poseidon2(sibling, new);
            }
        } else {
            old = poseidon2(old, sibling);
            if what == kind::NODE {
                new = poseidon2(new, sibling);
            }
        }
        bits >>= 1;
        levels -= 1;
        if levels == 0 {
            break;
        }
    }
    m.tree_old.set(old);
    m.tree_new.set(new);
    m.tree_kind.set(what);
}
