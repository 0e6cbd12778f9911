//! Linking: kernel, module and microcode become one program.
//!
//! Code indices 0 to 5 are fixed (docs/CIRCUIT.md); microcode, the kernel's stubs, the kernel and the module follow. What the
//! kernel names of the module and the module of the kernel is resolved here; an entry point that a module does not have is a
//! row where no proof comes from.

mod constants;

use crate::asm::{self, Operand};
use crate::code::{AuxRow, Instr, Program, Tag, address, at};
use crate::lower::{self, Kind, LowerError, Micro, Part, Place, Symbol, Target, Trap, Unit};
use crate::micro;
use playfair_types::crypto::field::Fr;
use std::collections::BTreeMap;

pub use constants::Constants;

/// Distance between EXIT's frame and the one that it leaves.
const ABOVE: u32 = lower::rows::FRAME;

/// What a linked program consists of, in rows and entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Fixed rows and stubs.
    pub fixed_rows: u32,
    /// Microcode.
    pub micro_rows: u32,
    /// The kernel.
    pub kernel_rows: u32,
    /// The module.
    pub module_rows: u32,
    /// Words of the kernel's image.
    pub kernel_image: u32,
    /// Words of the module's image.
    pub module_image: u32,
    /// TABLE entries.
    pub table_entries: u32,
    /// TRAP entries.
    pub trap_entries: u32,
}

/// A program and what it was made of.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The program.
    pub program: Program,
    /// Its sizes.
    pub sizes: Sizes,
    /// Functions in order of their code indices: first index, name.
    pub functions: Vec<(u32, String)>,
    /// The kernel's code before linking.
    pub kernel: Unit,
    /// The module's.
    pub module: Unit,
}

/// Where everything begins.
struct Layout {
    micro: [u32; 3],
    kernel: u32,
    module: u32,
    constants: u32,
}

/// Links a kernel (WebAssembly) and a module (instrumented WebAssembly).
///
/// # Errors
/// [`LowerError`] of either, or about what one of them lacks.
pub fn link(kernel: &[u8], module: &[u8], constants: &Constants) -> Result<Linked, LowerError> {
    let globals = address::GLOBALS as u32;
    let kernel = lower::lower(kernel, Kind::Kernel, globals)?;
    let kind = if constants.careful {
        Kind::Careful
    } else {
        Kind::Module
    };
    let module = lower::lower(module, kind, globals + kernel.globals)?;
    let mut code = fixed(&kernel)?;
    let mut sizes = Sizes::default();
    let mut functions = vec![(0, "fixed".to_owned())];

    let mut micro_at = [0; 3];
    let micro = [("pos5", micro::pos5()), ("pos2", micro::pos2())];
    let start = code.len() as u32;
    for (place, (name, rows)) in micro_at.iter_mut().zip(micro) {
        *place = code.len() as u32;
        functions.push((*place, name.to_owned()));
        code.extend(rows);
    }
    micro_at[2] = code.len() as u32;
    functions.push((micro_at[2], "curve64".to_owned()));
    code.extend(micro::curve64(micro_at[2]));
    sizes.micro_rows = code.len() as u32 - start;

    let constants_at = code.len() as u32;
    for (name, rows) in constants.functions(&module) {
        functions.push((code.len() as u32, format!("module.{name}")));
        code.extend(rows);
    }
    let layout = Layout {
        micro: micro_at,
        constants: constants_at,
        kernel: code.len() as u32,
        module: code.len() as u32 + kernel.rows.len() as u32,
    };
    sizes.kernel_rows = kernel.rows.len() as u32;
    sizes.module_rows = module.rows.len() as u32;
    sizes.fixed_rows = layout.kernel - sizes.micro_rows;

    code.extend(kernel.rows.iter().cloned());
    code.extend(module.rows.iter().cloned());
    let constant_names: Vec<_> = constants
        .functions(&module)
        .into_iter()
        .map(|(name, rows)| (name, rows.len()))
        .collect();
    let resolve = |symbol: &Symbol| -> Result<u32, LowerError> {
        match symbol {
            Symbol::At(index) => Ok(*index),
            Symbol::Micro(Micro::Pos5) => Ok(layout.micro[0]),
            Symbol::Micro(Micro::Pos2) => Ok(layout.micro[1]),
            Symbol::Micro(Micro::Curve64) => Ok(layout.micro[2]),
            Symbol::Kernel(name) => export(&kernel, name).map(|row| layout.kernel + row),
            Symbol::Module(name) => {
                let mut index = layout.constants;
                for (constant, rows) in &constant_names {
                    if constant == name {
                        return Ok(index);
                    }
                    index += *rows as u32;
                }
                match name.as_str() {
                    "call" | "init" | "tick" | "query" | "reset" => Ok(module
                        .exports
                        .get(name)
                        .map_or(at::STUCK, |row| layout.module + row)),
                    _ => Err(LowerError::Import {
                        module: lower::MODULE.to_owned(),
                        name: name.clone(),
                        why: "a module has no such thing",
                    }),
                }
            }
        }
    };
    relocate(&mut code, &kernel, layout.kernel, &resolve)?;
    relocate(&mut code, &module, layout.module, &resolve)?;
    // The fixed rows' own references: START, EXIT and RESET go to stubs, which call the kernel.
    for (row, name) in stubs(&kernel) {
        set_target(&mut code, row, layout.kernel + export(&kernel, name)?);
    }
    for (unit, base) in [(&kernel, layout.kernel), (&module, layout.module)] {
        let named = unit.functions.iter();
        functions.extend(named.map(|function| (base + function.start, function.name.clone())));
    }
    let aux = tables(&kernel, &module, &layout, &code);
    let (words, first) = (module.image.1.len() as u64, u64::from(module.image.0));
    let (kernel_words, kernel_first) = (kernel.image.1.len() as u64, u64::from(kernel.image.0));
    if let Some(row) = code.get_mut(at::MEM as usize) {
        let kernel_start = address::KERNEL + kernel_first;
        *row = asm::mem(
            [first, first + words],
            [kernel_start, kernel_start + kernel_words],
        );
    }
    sizes.kernel_image = kernel_words as u32;
    sizes.module_image = words as u32;
    let count = |tag| aux.iter().filter(|row| row.tag == tag).count() as u32;
    (sizes.table_entries, sizes.trap_entries) = (count(Tag::Table), count(Tag::Trap));
    Ok(Linked {
        program: Program { code, aux },
        sizes,
        functions,
        kernel,
        module,
    })
}

fn export(kernel: &Unit, name: &str) -> Result<u32, LowerError> {
    kernel
        .exports
        .get(name)
        .copied()
        .ok_or_else(|| LowerError::Export {
            name: name.to_owned(),
        })
}

fn internal(error: impl core::fmt::Display) -> LowerError {
    LowerError::Internal {
        place: Place::default(),
        what: error.to_string(),
    }
}

/// The rows from 0 on, up to microcode. Targets that are not known yet are 0.
fn fixed(kernel: &Unit) -> Result<Vec<Instr>, LowerError> {
    let jump = |index| asm::jump(index).map_err(internal);
    let mut code = vec![
        asm::mem([0, 0], [0, 0]),
        jump(at::END)?,
        asm::exit(0, ABOVE),
        jump(at::STUCK)?,
        jump(0)?,
        asm::reset(0),
    ];
    // Three stubs: the kernel's globals (its stack pointer) as at the start, then its function, which does not return.
    for (fixed, _) in ENTRIES {
        let stub = code.len() as u32;
        set_target(&mut code, fixed, stub);
        let reset = kernel.exports.get("reset").copied().unwrap_or_default();
        let globals = kernel.rows.get(reset as usize..).unwrap_or_default();
        code.extend(globals.iter().take(kernel.globals as usize).cloned());
        let link = Operand::Reg(0);
        code.push(asm::constant(link, stuck()).map_err(internal)?);
        code.push(jump(0)?);
    }
    Ok(code)
}

/// Entries: the fixed index and the kernel's function.
const ENTRIES: [(u32, &str); 3] = [(at::START, "boot"), (at::EXIT, "trapped"), (at::RESET, "resume")];

/// The way back of a function that must not return.
fn stuck() -> Fr {
    Fr::from(u64::from(at::STUCK) << 16)
}

/// Rows of stubs that go on to the kernel.
fn stubs(kernel: &Unit) -> impl Iterator<Item = (u32, &'static str)> {
    let length = kernel.globals + 2;
    (0..)
        .zip(ENTRIES)
        .map(move |(index, (_, name))| (at::RESET + (index + 1) * length, name))
}

fn set_target(code: &mut [Instr], row: u32, index: u32) {
    if let Some(row) = code.get_mut(row as usize) {
        row.set_target(index);
    }
}

fn relocate(
    code: &mut [Instr],
    unit: &Unit,
    base: u32,
    resolve: &dyn Fn(&Symbol) -> Result<u32, LowerError>,
) -> Result<(), LowerError> {
    for reference in &unit.references {
        let index = match &reference.target {
            Target::Label(label) => unit
                .row(*label)
                .map(|row| base + row)
                .ok_or_else(|| internal("a label"))?,
            Target::Symbol(symbol) => resolve(symbol)?,
        };
        let Some(row) = code.get_mut((base + reference.row) as usize) else {
            return Err(internal("a reference from nowhere"));
        };
        match reference.part {
            Part::Target => {
                row.set_target(index);
            }
            Part::Base => row.k[0] = Fr::from(index),
        }
    }
    Ok(())
}

/// The TRAP entry of a row.
#[must_use]
pub fn trap_row(index: u32, gas: u32, trap: &Trap) -> AuxRow {
    let width = u64::from(trap.width.saturating_sub(1));
    let v1 = u64::from(trap.class)
        | u64::from(gas) << 8
        | u64::from(trap.register1) << 32
        | u64::from(trap.register2) << 46
        | width << 60;
    AuxRow {
        tag: Tag::Trap,
        key: u64::from(index),
        v1: Fr::from(v1),
        v2: Fr::from(trap.constant),
    }
}

fn tables(kernel: &Unit, module: &Unit, layout: &Layout, code: &[Instr]) -> Vec<AuxRow> {
    let mut aux = Vec::new();
    let images = [(module, 0), (kernel, address::KERNEL)];
    for (unit, base) in images {
        let (first, words) = &unit.image;
        aux.extend((base + u64::from(*first)..).zip(words).map(|(key, word)| AuxRow {
            tag: Tag::Image,
            key,
            v1: Fr::from(*word),
            v2: Fr::from(0u64),
        }));
    }
    let filled: BTreeMap<u32, (u32, u32)> = module
        .table
        .iter()
        .map(|(index, row, ty)| (*index, (layout.module + row, *ty)))
        .collect();
    // An empty element has a row too, of no type: the kernel tells it from one beyond the table.
    aux.extend((0..module.table_size).map(|index| {
        let (row, ty) = filled.get(&index).copied().unwrap_or_default();
        AuxRow {
            tag: Tag::Table,
            key: u64::from(index),
            v1: Fr::from(row),
            v2: Fr::from(ty),
        }
    }));
    aux.extend(module.traps.iter().map(|(row, trap)| {
        let index = layout.module + row;
        let gas = code.get(index as usize).map_or(0, |row| row.gas);
        trap_row(index, gas, trap)
    }));
    aux
}
