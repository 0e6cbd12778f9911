//! Lies about constraints and terms that several operations share, told in those that the other table does not name.

use super::table::Caught::{Among, Only};
use super::table::Lie;

/// As the other table's.
pub(crate) const CONSTRAINTS: &[Lie] = &[
    ("parts.first", "StoreP", "E8+1 nc+1", Only),
    ("parts.second", "LoadP", "E9+1", Only),
    // What is beside four bytes, and is kept, becomes something else.
    ("parts.beyond", "StoreP", "E10+65536 nc+65536", Only),
    ("parts.before", "StoreP", "E11+1 nc+1", Only),
    ("load.address", "LoadB", "aB+1", Among),
    ("load.address", "LoadP", "aB+1", Among),
    ("store.address", "StoreB", "aC+1", Among),
    ("store.address", "StoreP", "aC+1", Among),
    ("memory.bound", "LoadB", "L9+1", Only),
    ("memory.bound", "LoadP", "L9+1", Only),
    // More bytes behind memory's end than the code says.
    ("memory.bound", "LoadP", "k5+1", Among),
    ("memory.bound", "StoreW", "L9+1", Only),
    ("memory.bound", "StoreB", "L9+1", Only),
    ("memory.bound", "StoreP", "L9+1", Only),
    ("bytes.offset.0", "LoadP", "E0+1", Among),
    ("bytes.offset.0", "StoreB", "E0+1", Among),
    ("bytes.offset.0", "StoreP", "E0+1", Among),
    ("bytes.one", "LoadP", "E0+1", Among),
    ("bytes.one", "StoreP", "E0+1", Among),
    ("bytes.word", "LoadB", "L7+1", Among),
    ("bytes.word", "LoadP", "L0+1", Among),
    ("bytes.word", "StoreP", "L0+1", Among),
    // A constant that is stored, and another.
    ("slot.b.off", "StoreW", "vb+1 nc+1", Among),
    ("slot.b.off", "StoreB", "vb+1 nc+65536", Among),
];

/// As the other table's.
pub(crate) const BUS: &[Lie] = &[
    // Bytes of which one is 256.
    ("limb.6", "LoadP", "L6+256 L7-1", Only),
    ("limb.6", "StoreP", "L6+256 L7-1", Only),
    // The first part, from elsewhere.
    ("memory.c.found", "LoadP", "oc+1 nc+1", Only),
];
