//! Rows of the recorded games' calls.
use playfair_games::module;
use playfair_proofs_isa::interp::Executable;
use playfair_proofs_isa::link::{Constants, link};
use playfair_proofs_prover::segment::trace;
use playfair_proofs_prover::state::Around;
use playfair_proving::history;

fn main() {
    let admitted = &module::chess().admitted;
    let constants = Constants {
        module_hash: admitted.hash.to_field(),
        gas_schedule: 1,
        ..Constants::default()
    };
    let linked = link(playfair_proofs_kernel::WASM, &admitted.instrumented, &constants).unwrap();
    println!("{:?}", linked.sizes);
    let program = Executable::new(&linked.program).unwrap();
    let (local, steps) = history::game(5);
    let chain_id = local.chain.machine().chain_id();
    for n in [1, 2, 4, 8, 12, 20, 40] {
        let part = &steps[steps.len() - n..];
        let segment = history::segment(part, chain_id);
        let around = Around::new(&part[0].old, &part[n - 1].new);
        match trace(&program, &segment, around, 1 << 20) {
            Ok(trace) => println!(
                "last {n}: {} steps, {} touched",
                trace.steps.len(),
                trace.touched.len()
            ),
            Err(fault) => println!("last {n}: {fault}"),
        }
    }
    for (i, step) in steps.iter().enumerate() {
        match trace(
            &program,
            &history::segment(std::slice::from_ref(step), chain_id),
            Around::new(&step.old, &step.new),
            1 << 20,
        ) {
            Ok(trace) => {
                println!(
                    "{i}: {} steps, {} touched",
                    trace.steps.len(),
                    trace.touched.len()
                );
                if i == 5 {
                    let mut by: std::collections::BTreeMap<usize, usize> = Default::default();
                    for step in &trace.steps {
                        let at = linked.functions.partition_point(|(start, _)| *start <= step.pcl);
                        *by.entry(at - 1).or_default() += 1;
                    }
                    let mut by: Vec<_> = by.into_iter().collect();
                    by.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
                    for (f, n) in by.iter().take(45) {
                        println!("   {n} {}", linked.functions[*f].1);
                    }
                }
            }
            Err(fault) => {
                println!("{i}: {fault}");
                for call in fault.calls.iter().take(12) {
                    let at = linked.functions.partition_point(|(start, _)| start <= call);
                    println!("   {call} {:?}", linked.functions.get(at - 1));
                }
                break;
            }
        }
    }
}
