//! A halo2 circuit around any table, for halo2's own prover and mock prover.
//!
//! `Circuit::configure` has no parameters: the table is left in a thread-local before each call.

use halo2_proofs::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Circuit, ConstraintSystem, Error};
use playfair_proofs_circuit::air::{Selector, System, Witness};
use playfair_proofs_prover::halo2::{Columns, configure};
use playfair_proofs_prover::transcript::{from_halo2, to_halo2};
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    static SYSTEM: RefCell<Option<Rc<System>>> = const { RefCell::new(None) };
}

/// A table with a witness.
#[derive(Clone)]
pub(crate) struct Table {
    system: Rc<System>,
    witness: Rc<Witness>,
}

impl Table {
    pub(crate) fn new(system: &System, witness: &Witness) -> Self {
        let system = Rc::new(system.clone());
        SYSTEM.with(|cell| *cell.borrow_mut() = Some(system.clone()));
        Self {
            system,
            witness: Rc::new(witness.clone()),
        }
    }
}

impl Circuit<Fr> for Table {
    type Config = Columns;
    type FloorPlanner = SimpleFloorPlanner;

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(cs: &mut ConstraintSystem<Fr>) -> Columns {
        SYSTEM.with(|cell| configure(cs, cell.borrow().as_ref().expect("a table was made")))
    }

    fn synthesize(&self, columns: Columns, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_region(
            || "table",
            |mut region| {
                let rows = self.witness.rows();
                for (column, values) in columns.fixed.iter().zip(self.witness.fixed.iter()) {
                    for (row, value) in values.iter().enumerate() {
                        region.assign_fixed(*column, row, to_halo2(value));
                    }
                }
                for (column, selector) in columns.fixed[self.witness.fixed.len()..]
                    .iter()
                    .zip(Selector::ALL)
                {
                    for row in selector.rows(rows) {
                        region.assign_fixed(*column, row, Fr::one());
                    }
                }
                for (column, values) in columns.advice.iter().zip(&self.witness.advice) {
                    for (row, value) in values.iter().enumerate() {
                        region.assign_advice(*column, row, Value::known(to_halo2(value)));
                    }
                }
                if columns.challenges.is_empty() {
                    return Ok(());
                }
                region.next_phase();
                let mut challenges = Vec::new();
                for challenge in &columns.challenges {
                    region
                        .get_challenge(*challenge)
                        .map(|value| challenges.push(from_halo2(&value)));
                }
                if let [theta, beta] = challenges[..] {
                    let values = self.system.second_phase_values(&self.witness, theta, beta);
                    for (column, values) in columns.advice[self.system.first_phase()..].iter().zip(&values) {
                        for (row, value) in values.iter().enumerate() {
                            region.assign_advice(*column, row, Value::known(to_halo2(value)));
                        }
                    }
                    region.next_phase();
                }
                Ok(())
            },
        )
    }
}
