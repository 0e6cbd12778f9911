//! Prints how many rows the interpreter runs in a second, with and without a trace.

use playfair_proofs_isa::asm::{self, Asm, AsmError, Dest, Extend, Logic, Operand, Space, Width};
use playfair_proofs_isa::code::{Instr, Program, at};
use playfair_proofs_isa::interp::{Executable, NoOracle};
use playfair_proofs_isa::micro;
use playfair_types::crypto::field::Fr;
use std::time::Instant;

use Operand::Reg;

/// Rounds of the loops.
const ROUNDS: u64 = 60_000;
/// Where the test starts.
const BODY: u32 = 6;

/// A loop around rows; r0 counts.
fn program(rows: &[Instr]) -> Asm<Program> {
    let mut code = vec![
        asm::mem([0, 0], [0, 0]),
        asm::jump(at::END)?,
        asm::exit(at::STUCK, 2_304),
        asm::jump(at::STUCK)?,
        asm::jump(BODY)?,
        asm::reset(at::STUCK),
        asm::constant(Reg(0), Fr::from(ROUNDS))?,
        asm::constant(Reg(1), Fr::from(4_096u64))?,
        asm::setmem(1, true),
    ];
    let start = code.len() as u32;
    code.extend_from_slice(rows);
    code.push(asm::add64i(Reg(0), Reg(0), u64::MAX)?);
    code.push(asm::jump_nonzero(Reg(0), start)?);
    code.push(asm::jump(at::END)?);
    code.extend(micro::pos5());
    Ok(Program { code, aux: vec![] })
}

/// What integer code does.
fn integers() -> Asm<Vec<Instr>> {
    let mut rows = vec![asm::logici(Logic::And, Reg(2), Reg(0), 0xff)?];
    rows.push(asm::logic(Logic::Xor, Reg(3), Reg(2), Reg(0))?);
    rows.extend([
        asm::add32(Reg(3), Reg(3), Reg(2))?,
        asm::mask(Reg(4), Reg(3), 8)?,
        asm::store(Reg(4), 2, 64, Width::W1, Space::Module)?,
        asm::load(Reg(5), 2, 64, Width::W1, Extend::Sign32, Space::Module)?,
        asm::shl32i(Reg(6), Reg(5), 3)?,
        asm::mul32(Reg(6), Reg(6), Reg(2))?,
        asm::lt_u(Reg(7), Reg(6), Reg(2))?,
        asm::mov(Reg(8), Reg(7))?,
        asm::eqi(Dest::Branch(at::STUCK), Reg(0), 0)?,
    ]);
    Ok(rows)
}

/// What field code does.
fn fields() -> Asm<Vec<Instr>> {
    Ok(vec![
        asm::fadd(Reg(2), Reg(2), Reg(0))?,
        asm::fmul(Reg(3), Reg(2), Reg(0))?,
        asm::fmul(Reg(2), Reg(2), Reg(3))?,
        asm::fsub(Reg(4), Reg(2), Reg(3))?,
        asm::eq(Dest::Branch(at::STUCK), Reg(4), Reg(3))?,
        asm::mov(Reg(5), Reg(4))?,
    ])
}

fn measure(name: &str, rows: &[Instr]) -> Result<(), AsmError> {
    let program = program(rows)?;
    let executable = Executable::new(&program).unwrap_or_else(|error| panic!("{error}"));
    let start = Instant::now();
    let end = executable
        .run(&[], &mut NoOracle, u32::MAX - 1)
        .unwrap_or_else(|fault| panic!("{fault}"));
    let plain = start.elapsed();
    let steps = f64::from(end.view().steps());
    drop(end);
    let start = Instant::now();
    let (trace, _) = executable
        .trace(&[], &mut NoOracle, u32::MAX - 1)
        .unwrap_or_else(|fault| panic!("{fault}"));
    let traced = start.elapsed();
    let rate = |time: std::time::Duration| steps / time.as_secs_f64() / 1e6;
    println!(
        "{name}: {:.1} M rows/s, with trace {:.1} M ({} rows)",
        rate(plain),
        rate(traced),
        trace.steps.len()
    );
    Ok(())
}

fn main() -> Result<(), AsmError> {
    measure("integers", &integers()?)?;
    measure("field", &fields()?)?;
    // One call, then the two rows of the loop and the jump to the end.
    let pos5 = BODY + 3 + 1 + 3;
    measure("hashes", &[asm::call(16, 5, pos5)])
}
