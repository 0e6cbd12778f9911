//! Lowering: from instrumented WebAssembly to relocatable register code.
//!
//! The same bytes give the same code everywhere. A call's frame starts in its caller's, at the first argument; locals and
//! operands have registers; constants, reads and writes of locals, blocks and the gas code of instrumentation take no rows.
//! Gas of a block is a field of its first row. What may end a run at a row stands in its TRAP entry.
//!
//! Two kinds of modules are lowered: the chain's, as admission returns it ([`Kind::Module`], [`Kind::Careful`]), and the kernel, which is plain
//! WebAssembly with intrinsics ([`Kind::Kernel`]). Neither is trusted: bytes are validated, sizes bounded, errors typed.

mod assign;
mod bits;
mod call;
mod compare;
mod control;
mod cut;
mod decode;
mod divide;
mod error;
mod function;
pub mod hints;
mod improve;
mod intrinsic;
mod logic;
mod memory;
mod number;
mod parts;
mod read;
pub(crate) mod rows;
mod value;

pub use error::{LowerError, Place};
pub(crate) use memory::access;
pub use rows::{Label, Micro, Part, Reference, Symbol, Target, Trap};

use crate::asm;
use crate::code::{Instr, address};
use crate::millicode;
use function::{Context, Lowering};
use playfair_types::crypto::field::Fr;
use read::Module;
use rows::Code;
use std::collections::BTreeMap;

/// The import module of the kernel's intrinsics.
pub const INTRINSICS: &str = "zk";

/// The import module by which the kernel names the chain's module.
pub const MODULE: &str = "module";

/// Frame slots of a call in all, as admission has it.
pub const STACK_SLOTS: u32 = 8_192;

/// What is lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A chain's module, instrumented. An access that its code calls aligned takes one row, and has no proof where it spans two
    /// words all the same (no honest compiler's code does that).
    Module,
    /// The same without believing it: every access of more than one byte whose address is not constant takes rows that are right
    /// wherever it lies. For the rare segment that the other code cannot prove.
    Careful,
    /// The kernel.
    Kernel,
}

/// A function of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its index in the module; none for what lowering adds.
    pub index: Option<u32>,
    /// Its name, or what it is.
    pub name: String,
    /// Its first row.
    pub start: u32,
    /// Its rows.
    pub rows: u32,
    /// Instructions of the original, without `end` and `else`.
    pub instructions: u32,
}

/// Lowered code before linking: code indices are relative.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The rows.
    pub rows: Vec<Instr>,
    /// What in them refers to code indices.
    pub references: Vec<Reference>,
    /// Rows of labels.
    pub labels: Vec<u32>,
    /// TRAP entries, by row.
    pub traps: Vec<(u32, Trap)>,
    /// Functions, in order of their rows.
    pub functions: Vec<Function>,
    /// Rows of exported functions, and of `reset`, which sets the globals.
    pub exports: BTreeMap<String, u32>,
    /// Entries of the table: index, row, number of the type.
    pub table: Vec<(u32, u32, u32)>,
    /// Entries that the table has.
    pub table_size: u32,
    /// Initial memory: number of the first word, words.
    pub image: (u32, Vec<u64>),
    /// Pages of memory, initially and at most.
    pub memory: (u32, u32),
    /// Absolute registers that globals take, from the one that lowering was told.
    pub globals: u32,
}

impl Unit {
    /// The row of a label.
    #[must_use]
    pub fn row(&self, label: Label) -> Option<u32> {
        self.labels.get(label.0 as usize).copied()
    }

    /// The function that a row belongs to.
    #[must_use]
    pub fn function_at(&self, row: u32) -> Option<&Function> {
        let after = self.functions.partition_point(|function| function.start <= row);
        let function = self.functions.get(after.checked_sub(1)?)?;
        (row < function.start + function.rows).then_some(function)
    }
}

/// Lowers a module. `globals` is the absolute register of its first global.
///
/// # Errors
/// [`LowerError`] says what has no lowering, and where.
pub fn lower(bytes: &[u8], kind: Kind, globals: u32) -> Result<Unit, LowerError> {
    let module = read::read(bytes)?;
    let imported = module.imports.len() as u32;
    let guest = kind != Kind::Kernel;
    let counters = match (guest, module.counters()) {
        (true, None) => {
            return Err(LowerError::Instrumentation {
                place: Place::default(),
                what: "the module does not export its counters",
            });
        }
        (true, counters) => counters,
        (false, _) => None,
    };
    let mut code = Code::new(guest);
    let functions = module.functions.iter().map(|_| code.label()).collect();
    let bulk = match (counters, module.bodies.last()) {
        (Some((gas, _)), Some(last)) if decode::is_bulk_helper(last, gas)? => {
            Some(imported + module.bodies.len() as u32 - 1)
        }
        _ => None,
    };
    let context = Context {
        module: &module,
        functions,
        globals,
        careful: kind == Kind::Careful,
    };
    let mut listed = Vec::new();
    for (index, body) in (imported..).zip(&module.bodies) {
        if Some(index) == bulk {
            continue;
        }
        code.place = Place {
            function: Some(index),
            offset: body.range().start,
        };
        let decoded = decode::decode(&module, index, body, counters, bulk)?;
        let start = code.here();
        let mark = improve::Mark::of(&code);
        let results = module.function_type(index).results().len() as u32;
        if let Some(label) = context.functions.get(index as usize) {
            code.bind(*label)?;
        }
        Lowering::run(&context, &mut code, &decoded, index)?;
        improve::improve(&mut code, mark, results)?;
        listed.push(Function {
            index: Some(index),
            name: name_of(&module, index),
            start,
            rows: code.here() - start,
            instructions: decoded.instructions,
        });
    }
    thunks(&context, &mut code, &mut listed)?;
    let reset = reset(&module, &mut code, globals, &mut listed)?;
    millicode::finish(&mut code, &mut listed)?;
    finish(&module, &context.functions, code, listed, reset)
}

/// Imported functions in the table: their rows go on to the kernel's, in the same frame.
fn thunks(context: &Context<'_, '_>, code: &mut Code, listed: &mut Vec<Function>) -> Result<(), LowerError> {
    let module = context.module;
    let mut functions: Vec<u32> = module
        .elements
        .iter()
        .flat_map(|(_, functions)| functions)
        .copied()
        .collect();
    functions.sort_unstable();
    functions.dedup();
    for index in functions {
        let (Some(import), Some(label)) = (
            module.imports.get(index as usize),
            context.functions.get(index as usize),
        ) else {
            continue;
        };
        let start = code.here();
        code.bind(*label)?;
        code.jump(Target::Symbol(call::symbol(import, code.guest)?))?;
        listed.push(Function {
            index: Some(index),
            name: import.name.clone(),
            start,
            rows: code.here() - start,
            instructions: 0,
        });
    }
    Ok(())
}

/// A name for people: of the name section, of an export, or a number.
fn name_of(module: &Module<'_>, index: u32) -> String {
    let exported = || module.exports.iter().find(|(_, function)| **function == index);
    match (module.names.get(&index), exported()) {
        (Some(name), _) => name.clone(),
        (None, Some((name, _))) => name.clone(),
        (None, None) => format!("function {index}"),
    }
}

/// The function that sets all globals to their initial values.
fn reset(
    module: &Module<'_>,
    code: &mut Code,
    globals: u32,
    listed: &mut Vec<Function>,
) -> Result<u32, LowerError> {
    let start = code.here();
    code.scratch_from(1);
    let counters = module.counters();
    for (index, (_, value)) in (0..).zip(&module.globals) {
        if code.guest && counters.is_some_and(|(gas, stack)| index == gas || index == stack) {
            continue;
        }
        code.constant(asm::Operand::Abs(globals + index), Fr::from(*value))?;
    }
    code.push(asm::ret(0, 0))?;
    listed.push(Function {
        index: None,
        name: "reset".to_owned(),
        start,
        rows: code.here() - start,
        instructions: 0,
    });
    Ok(start)
}

fn finish(
    module: &Module<'_>,
    functions: &[Label],
    code: Code,
    listed: Vec<Function>,
    reset: u32,
) -> Result<Unit, LowerError> {
    // Labels of imported functions and of the bulk helper stand nowhere and are not referred to.
    let labels: Vec<u32> = code.labels.iter().map(|row| row.unwrap_or(u32::MAX)).collect();
    let row_of = |label: Label| {
        labels
            .get(label.0 as usize)
            .copied()
            .filter(|row| *row != u32::MAX)
    };
    let unbound = |what: &str| LowerError::Internal {
        place: Place::default(),
        what: what.to_owned(),
    };
    for reference in &code.references {
        if let Target::Label(label) = &reference.target
            && row_of(*label).is_none()
        {
            return Err(unbound("a label is not bound"));
        }
    }
    let function_row = |index: u32| functions.get(index as usize).and_then(|label| row_of(*label));
    let mut exports: BTreeMap<String, u32> = BTreeMap::new();
    for (name, function) in &module.exports {
        if let Some(row) = function_row(*function) {
            exports.insert(name.clone(), row);
        }
    }
    exports.insert("reset".to_owned(), reset);
    let mut table: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    for (start, elements) in &module.elements {
        for (index, function) in (*start..).zip(elements) {
            let row = function_row(*function).ok_or_else(|| unbound("a function is not lowered"))?;
            table.insert(index, (row, module.type_number(module.function_type(*function))));
        }
    }
    let highest = globals_end(module);
    if highest > address::KERNEL as u32 {
        return Err(unbound("too many globals"));
    }
    Ok(Unit {
        image: module.image(),
        memory: module.memory.unwrap_or_default(),
        table: table
            .into_iter()
            .map(|(index, (row, ty))| (index, row, ty))
            .collect(),
        table_size: module.table,
        globals: highest,
        rows: code.rows,
        references: code.references,
        labels,
        traps: code.traps,
        functions: listed,
        exports,
    })
}

fn globals_end(module: &Module<'_>) -> u32 {
    module.globals.len() as u32
}
