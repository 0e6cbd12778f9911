//! Static size of lowered code: `cargo run -p playfair-proofs-isa --example bench_lower -- FILE.wasm [--text]`.
//!
//! FILE is a module as it is published; it goes through admission first.

use playfair_admission::admit;
use playfair_proofs_isa::code::address;
use playfair_proofs_isa::disasm;
use playfair_proofs_isa::lower::{Kind, lower};
use playfair_proofs_isa::ops::Op;
use std::collections::BTreeMap;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let file = arguments.first().ok_or("which module?")?;
    let admitted = admit(&std::fs::read(file)?).map_err(|error| error.to_string())?;
    let start = std::time::Instant::now();
    let unit = lower(&admitted.instrumented, Kind::Module, address::GLOBALS as u32)?;
    let elapsed = start.elapsed();
    if arguments.iter().any(|argument| argument == "--text") {
        println!("{}", disasm::unit(&unit));
        return Ok(());
    }
    let instructions: u32 = unit.functions.iter().map(|function| function.instructions).sum();
    println!(
        "rows {}, instructions {instructions}, {:.3} per row, {elapsed:?}",
        unit.rows.len(),
        f64::from(instructions) / unit.rows.len() as f64
    );
    println!(
        "image words {}, trap entries {}, table {}",
        unit.image.1.len(),
        unit.traps.len(),
        unit.table.len()
    );
    let mut by_op: BTreeMap<&str, u32> = BTreeMap::new();
    for row in &unit.rows {
        *by_op
            .entry(Op::of(row).map_or("?", |op| op.info().name))
            .or_default() += 1;
    }
    let mut by_op: Vec<_> = by_op.into_iter().collect();
    by_op.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
    println!("{by_op:?}");
    let mut functions: Vec<_> = unit.functions.iter().collect();
    functions.sort_by_key(|function| core::cmp::Reverse(function.rows));
    for function in functions.iter().take(15) {
        println!(
            "{:>6} rows {:>6} instructions  {}",
            function.rows, function.instructions, function.name
        );
    }
    Ok(())
}
