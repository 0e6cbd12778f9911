//! Programs for tests, and their witnesses.

#![allow(dead_code, reason = "every test file is a crate of its own and uses a part")]

pub(crate) mod forge;
pub(crate) mod sink;

use playfair_proofs_circuit::air::Witness;
use playfair_proofs_circuit::assign::assign;
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::tables::Tables;
use playfair_proofs_isa::asm::{self, Asm, Operand};
use playfair_proofs_isa::code::{AuxRow, Instr, Program, address};
use playfair_proofs_isa::interp::{Executable, Oracle, View};
use playfair_proofs_isa::trace::Trace;
use playfair_types::crypto::field::Fr;

/// Rows that hold the auxiliary table and little more.
pub(crate) const SHAPE: Shape = Shape { k: 14, usable: 9_000 };

/// A seeded generator (SplitMix64).
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.word() % bound
    }

    /// Words of many sizes: small ones, large ones, extremes.
    pub(crate) fn operand(&mut self) -> u64 {
        match self.below(6) {
            0 => self.below(4),
            1 => u64::MAX - self.below(4),
            2 => 1 << self.below(64),
            3 => self.word() >> self.below(64),
            _ => self.word(),
        }
    }

    pub(crate) fn field(&mut self) -> Fr {
        [0; 4].into_iter().fold(Fr::from(0_u64), |sum, _: u8| {
            sum * Fr::from(1_u128 << 64) + Fr::from(self.word())
        })
    }
}

/// How far above the frame that it leaves EXIT starts.
pub(crate) const ABOVE: u32 = 2_304;

/// Code under construction.
pub(crate) struct Code {
    pub(crate) rows: Vec<Instr>,
    pub(crate) aux: Vec<AuxRow>,
    pub(crate) module_image: [u64; 2],
    pub(crate) kernel_image: [u64; 2],
}

pub(crate) fn r(register: u32) -> Operand {
    Operand::Reg(register)
}

impl Code {
    /// The fixed places; START jumps to a place that [`Self::program`] gives.
    pub(crate) fn new() -> Self {
        let jump = |to| asm::jump(to).unwrap();
        let fixed = [
            asm::mem([0; 2], [0; 2]),
            jump(1),
            asm::exit(3, ABOVE),
            jump(3),
            jump(3),
            asm::reset(3),
        ];
        let kernel = address::KERNEL;
        Self {
            rows: fixed.to_vec(),
            aux: Vec::new(),
            module_image: [0; 2],
            kernel_image: [kernel; 2],
        }
    }

    /// The index of the next row.
    pub(crate) fn here(&self) -> u32 {
        self.rows.len() as u32
    }

    pub(crate) fn row(&mut self, row: Instr) -> u32 {
        self.rows.push(row);
        self.here() - 1
    }

    pub(crate) fn one(&mut self, row: Asm) -> u32 {
        self.row(row.unwrap())
    }

    pub(crate) fn two(&mut self, rows: Asm<[Instr; 2]>) -> u32 {
        self.rows.extend(rows.unwrap());
        self.here() - 2
    }

    pub(crate) fn all(&mut self, rows: Vec<Instr>) -> u32 {
        let at = self.here();
        self.rows.extend(rows);
        at
    }

    /// Sets a register.
    pub(crate) fn put(&mut self, register: u32, value: impl Into<Fr>) {
        self.one(asm::constant(r(register), value.into()));
    }

    /// The program, which starts at `main`; EXIT goes to `trapped`, RESET to `resume`.
    pub(crate) fn program(mut self, main: u32, trapped: u32, resume: u32) -> Program {
        self.rows[0] = asm::mem(self.module_image, self.kernel_image);
        self.rows[2] = asm::exit(trapped, ABOVE);
        self.rows[5] = asm::reset(resume);
        self.rows[4] = asm::jump(main).unwrap();
        Program {
            code: self.rows,
            aux: self.aux,
        }
    }
}

/// Answers hints with 77.
pub(crate) struct Answers;

impl Oracle for Answers {
    fn hint(&mut self, _hint: u32, _argument: Fr, _machine: &View<'_>) -> Fr {
        Fr::from(77_u64)
    }
}

/// Public inputs.
pub(crate) fn public() -> Vec<Fr> {
    (0..31_u64).map(|i| Fr::from(1_000 + i)).collect()
}

/// The trace of a program.
pub(crate) fn trace(program: &Program) -> Trace {
    let executable = Executable::new(program).unwrap();
    match executable.trace(&public(), &mut Answers, 1 << 20) {
        Ok((trace, _)) => trace,
        Err(fault) => panic!("{fault}"),
    }
}

/// The witness of a program.
pub(crate) fn witness(machine: &Machine, program: &Program, shape: Shape) -> Witness {
    assigned(machine, program, &trace(program), shape)
}

/// The witness of a trace of a program, honest or not.
pub(crate) fn assigned(machine: &Machine, program: &Program, trace: &Trace, shape: Shape) -> Witness {
    let tables = Tables::new(program, shape).unwrap();
    let advice = assign(machine, &tables, trace, &public()).unwrap();
    Witness {
        fixed: tables.fixed().clone(),
        advice,
        instance: public(),
    }
}
