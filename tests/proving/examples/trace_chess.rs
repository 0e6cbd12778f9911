//! Rows of the recorded games' calls.
use playfair_games::module;
use playfair_proofs_isa::interp::Executable;
use playfair_proofs_isa::link::{Constants, link};
use playfair_proofs_prover::segment::trace;
use playfair_proofs_prover::state::Around;
use playfair_proving::history;

fn main() {
    let admitted = &module::chess().admitted;
    let constants = Constants { module_hash: admitted.hash.to_field(), gas_schedule: 1 };
    let linked = link(playfair_proofs_kernel::WASM, &admitted.instrumented, &constants).unwrap();
    println!("{:?}", linked.sizes);
    let program = Executable::new(&linked.program).unwrap();
    let (local, steps) = history::game(5);
    let chain_id = local.chain.machine().chain_id();
    for (i, step) in steps.iter().enumerate() {
        match trace(&program, &step.segment(chain_id), Around::new(&step.old, &step.new), 1 << 20) {
            Ok(trace) => println!("{i}: {} steps, {} touched", trace.steps.len(), trace.touched.len()),
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
