//! The machine's constraints as such: they keep the degree, and cost what docs and reports say.

use playfair_proofs_circuit::air::{Expr, MAX_DEGREE, Program, System};
use playfair_proofs_circuit::lanes::Machine;
use std::collections::BTreeMap;

/// Multiplications of an evaluation of all gates: what a prover pays per row of the extended domain. More should be deliberate.
const MULTIPLICATIONS: usize = 1_372;

#[test]
fn the_machine_keeps_its_degree_and_size() {
    let machine = Machine::new().unwrap();
    let air = &machine.air;
    let system = System::new(air);
    let degree = system.gates().iter().map(|gate| gate.expr.degree()).max();
    assert_eq!(degree, Some(MAX_DEGREE));
    assert_eq!(
        (air.advice().len(), air.fixed().len(), system.second_phase()),
        (84, 18, 13)
    );
    assert_eq!((air.constraints().len(), air.terms().len()), (236, 36));

    let mut families = BTreeMap::<&str, Vec<&Expr>>::new();
    for constraint in air.constraints() {
        let family = constraint.id.split('.').next().unwrap_or_default();
        families.entry(family).or_default().push(&constraint.expr);
    }
    for (family, exprs) in families {
        let count = exprs.len();
        println!(
            "{family:8} {count:3} constraints {:4} multiplications",
            Program::new(exprs).multiplications()
        );
    }
    let all = Program::new(system.gates().iter().map(|gate| &gate.expr)).multiplications();
    assert!(all <= MULTIPLICATIONS, "{all} multiplications");
}
