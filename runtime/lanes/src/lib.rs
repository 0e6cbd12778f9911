//! Hashes of many things at once: the values that `playfair_types::hash` defines, eight side by side.
//!
//! A node hashes whole blocks: every changed value, leaf and inner node of the tree, outputs and events, messages of
//! signatures. None of them waits for another of its kind, so where the processor has the vector instructions of
//! `proofs/vector`, eight go through the permutation together, in little more than the time of one. Elsewhere this crate calls
//! `playfair_types` for each.
//!
//! **Statement.** [`nodes`] is `hash::node` of each pair, and [`Lists::hash`] is `hash::hash` of each list. There is one definition of
//! the hash, in `types`; this is another way to compute it, from the same constants, and the tests hold the two equal.
//!
//! From the inside out: `matrix` -> `tables` (the partial rounds' coefficients, derived once a process) -> `permutation` (the rounds over
//! lanes) -> `lists` (tagged lists of different lengths) -> `things` (what blocks are made of).
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod lists;
mod matrix;
mod permutation;
mod tables;
mod things;

use permutation::{Columns, Hash};
use playfair_proofs_vector::{Backend, backend, dispatch};
use playfair_types::Fr;
use playfair_types::crypto::poseidon::{poseidon2, poseidon5};
use std::sync::LazyLock;
use tables::{Table, Table3, Table6};

pub use lists::Lists;
pub use playfair_proofs_vector::BACKEND_VARIABLE;
pub use things::{bodies, leaves, messages, values};

/// Eight side by side take a little longer than one alone.
const FEW: usize = 2;

/// How many are hashed at a time in this process: what is given at once should be many times as many.
#[must_use]
pub fn width() -> usize {
    match backend() {
        Backend::Ifma => playfair_proofs_vector::WIDTH,
        Backend::Portable => 1,
    }
}

/// Inner nodes of a tree: `hash::node` of each pair.
#[must_use]
pub fn nodes(pairs: &[[Fr; 2]]) -> Vec<Fr> {
    if width() == 1 {
        return pairs.iter().map(node).collect();
    }
    all(&TABLE3, pairs, node)
}

/// `poseidon5` of each.
fn fives(inputs: &[[Fr; 5]]) -> Vec<Fr> {
    if width() == 1 {
        return inputs.iter().map(poseidon5).collect();
    }
    all(&TABLE6, inputs, poseidon5)
}

fn node(&[left, right]: &[Fr; 2]) -> Fr {
    poseidon2(left, right)
}

static TABLE3: LazyLock<Table3> = LazyLock::new(tables::table3);
static TABLE6: LazyLock<Table6> = LazyLock::new(tables::table6);

/// Hashes eight by eight; a few at the end one by one.
fn all<const T: usize, const N: usize, const W: usize, const E: usize>(
    table: &Table<T, N, W, E>,
    inputs: &[[Fr; N]],
    one: impl Fn(&[Fr; N]) -> Fr,
) -> Vec<Fr> {
    let mut hashes = Vec::with_capacity(inputs.len());
    for some in inputs.chunks(playfair_proofs_vector::WIDTH) {
        if some.len() < FEW {
            hashes.extend(some.iter().map(&one));
        } else {
            let together = dispatch(Hash {
                table,
                columns: &columns(some),
            });
            hashes.extend(together.iter().take(some.len()));
        }
    }
    hashes
}

/// The inputs lane by lane; lanes without any get zeros.
fn columns<const N: usize>(inputs: &[[Fr; N]]) -> Columns<N> {
    let mut columns = [[Fr::default(); playfair_proofs_vector::WIDTH]; N];
    for (place, input) in inputs.iter().enumerate() {
        for (column, element) in columns.iter_mut().zip(input) {
            if let Some(slot) = column.get_mut(place) {
                *slot = *element;
            }
        }
    }
    columns
}

#[cfg(test)]
mod tests;
