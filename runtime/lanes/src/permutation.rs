//! The rounds over lanes. See `tables` for what the partial ones compute.
//!
//! `proofs/vector`'s rule holds here: what does arithmetic is inlined into the task, and no closure stands around it.

use crate::tables::{Round, Table};
use ark_bn254::FrConfig;
use playfair_proofs_vector::{Form, Lanes, Task, WIDTH};
use playfair_types::Fr;

/// Inputs of eight hashes: for each place, the elements of all lanes.
pub(crate) type Columns<const N: usize> = [[Fr; WIDTH]; N];

/// Lane 0 of the permutation of `[0, inputs...]`, eight times.
pub(crate) struct Hash<'a, const T: usize, const N: usize, const W: usize, const E: usize> {
    pub(crate) table: &'a Table<T, N, W, E>,
    pub(crate) columns: &'a Columns<N>,
}

impl<const T: usize, const N: usize, const W: usize, const E: usize> Task<FrConfig> for Hash<'_, T, N, W, E> {
    type Output = [Fr; WIDTH];

    #[inline(always)]
    fn run<L: Lanes<FrConfig>>(self) -> Self::Output {
        let table = self.table;
        let mut state = [L::splat(&table.capacity); T];
        let inputs = table.before.iter().zip(self.columns);
        for (lane, (constant, elements)) in state.iter_mut().skip(1).zip(inputs) {
            *lane = L::from_elements(elements).add(L::splat(constant));
        }
        for round in &table.start {
            full_round(round, &mut state);
        }
        partial_rounds(table, &mut state);
        for round in &table.end {
            full_round(round, &mut state);
        }
        for lane in &mut state {
            *lane = fifth_power(*lane);
        }
        L::form(&table.hash, &state).to_elements()
    }
}

/// The S-box.
#[inline(always)]
fn fifth_power<L: Lanes<FrConfig>>(x: L) -> L {
    x.square().square().mul(x)
}

#[inline(always)]
fn full_round<L: Lanes<FrConfig>, const T: usize>(round: &Round<T>, state: &mut [L; T]) {
    for lane in &mut *state {
        *lane = fifth_power(*lane);
    }
    let powers = *state;
    for (lane, form) in state.iter_mut().zip(round) {
        *lane = L::form(form, &powers);
    }
}

#[inline(always)]
fn partial_rounds<L: Lanes<FrConfig>, const T: usize, const N: usize, const W: usize, const E: usize>(
    table: &Table<T, N, W, E>,
    state: &mut [L; T],
) {
    let &[mut x, ref others @ ..] = state.as_slice() else {
        return;
    };
    let zero = x.sub(x);
    let mut window = [zero; W];
    for (slot, lane) in window.iter_mut().zip(others) {
        *slot = *lane;
    }
    let mut outputs = [zero; N];
    for (i, form) in table.first.iter().enumerate() {
        x = next(form, &mut window, x, N + i % N);
        put(&mut outputs, (i + 1) % N, x);
    }
    for (slot, output) in window.iter_mut().zip(outputs) {
        *slot = output;
    }
    for (i, form) in (N..).zip(&table.middle) {
        x = next(form, &mut window, x, N + i % N);
        put(&mut window, (i + 1) % N, x);
    }
    let mut extended = [fifth_power(x); E];
    for (slot, element) in extended.iter_mut().zip(window) {
        *slot = element;
    }
    for (lane, form) in state.iter_mut().zip(&table.last) {
        *lane = L::form(form, &extended);
    }
}

/// The next output; the input goes to its place. The form comes first: it does not wait for the S-box.
#[inline(always)]
fn next<L: Lanes<FrConfig>, const W: usize>(
    form: &Form<FrConfig, W>,
    window: &mut [L; W],
    x: L,
    place: usize,
) -> L {
    let linear = L::form(form, window);
    let s = fifth_power(x);
    put(window, place, s);
    s.add(linear)
}

#[inline(always)]
fn put<L: Copy>(slots: &mut [L], place: usize, value: L) {
    if let Some(slot) = slots.get_mut(place) {
        *slot = value;
    }
}
