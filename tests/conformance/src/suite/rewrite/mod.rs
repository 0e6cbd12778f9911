//! Cuts a module of the suite down to integers, and closes it.
//!
//! Every index stays what it was, so that the functions that stay keep their bytes:
//! - A function whose type, locals or body is out of scope, or that calls a function whose type is, becomes a *stub*
//!   that counts in the exported global [`STUBS_HIT`] and traps. So a directive that reaches one through a call or the
//!   table is found out, and not taken for one that traps by itself.
//! - A type that is out of scope becomes one that no function in scope has, so that an indirect call still finds the
//!   wrong type.
//! - A global that is out of scope becomes a constant; its exports, and those of stubs, go.
//! - What `spectest` supplies is defined in place of the import: functions that do nothing, the globals 666, a table of
//!   10 to 20 elements, a memory of 1 to 2 pages.
//! - The start function becomes the export [`START`], to be called first.
//! - Passive and declared segments go; functions that use them are out of scope.

mod parts;

use super::{Reason, scope};
use parts::{Parts, Source};
use playfair_admission::limits::LOCALS;
use std::collections::BTreeMap;
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, Instruction, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{
    BlockType, DataKind, ElementItems, ElementKind, ExternalKind, FuncType, FunctionBody, Operator,
};

/// Exported `i32` global that counts stubs that ran, in units of 256, and has the last one's reason in its last byte.
pub const STUBS_HIT: &str = "conformance:stubs";
/// Export of what was the start function.
pub const START: &str = "conformance:start";

/// A module of integers that imports nothing.
#[derive(Clone, Debug)]
pub struct Rewritten {
    /// Its binary.
    pub wasm: Vec<u8>,
    /// Exports that went, and why.
    pub removed: BTreeMap<String, Reason>,
    /// Whether it has [`START`].
    pub start: bool,
    /// Pages that its memory starts with.
    pub pages_min: u64,
}

/// Cuts a valid module down to what is in scope.
///
/// # Errors
/// Says why nothing of the module is in scope.
pub fn rewrite(wasm: &[u8]) -> Result<Rewritten, Reason> {
    let parts = Parts::new(wasm)?;
    if parts.tables.len() > 1 {
        return Err(Reason::SeveralTables);
    }
    if parts
        .tables
        .iter()
        .any(|(ty, _)| ty.element_type != wasmparser::RefType::FUNCREF)
    {
        return Err(Reason::References);
    }
    let reasons = Reasons::new(&parts)?;
    let mut module = Module::new();
    module.section(&types(&parts));
    let mut functions = FunctionSection::new();
    for (ty, _) in &parts.functions {
        functions.function(*ty);
    }
    module.section(&functions);
    tables_and_memories(&parts, &mut module);
    module.section(&globals(&parts, &reasons)?);
    let (exports, removed) = exports(&parts, &reasons);
    module.section(&exports);
    module.section(&elements(&parts)?);
    module.section(&code(&parts, &reasons));
    module.section(&data(&parts)?);
    Ok(Rewritten {
        wasm: module.finish(),
        removed,
        start: parts.start.is_some(),
        pages_min: parts.memories.first().map_or(0, |(ty, _)| ty.initial),
    })
}

/// What of the index spaces is out of scope, and why.
struct Reasons {
    types: Vec<Option<Reason>>,
    functions: Vec<Option<Reason>>,
    globals: Vec<Option<Reason>>,
}

impl Reasons {
    fn new(parts: &Parts<'_>) -> Result<Self, Reason> {
        let mut reasons = Self {
            types: parts.types.iter().map(scope::of_function).collect(),
            functions: Vec::new(),
            globals: parts
                .globals
                .iter()
                .map(|(ty, _)| scope::of_value(ty.content_type))
                .collect(),
        };
        for (ty, source) in &parts.functions {
            let of_type = reasons.of_type(*ty);
            reasons.functions.push(match source {
                Source::Own(body) if of_type.is_none() => {
                    reasons.of_body(parts, *ty, body).map_err(|_| Reason::Vectors)?
                }
                Source::Own(_) | Source::Host => of_type,
            });
        }
        Ok(reasons)
    }

    fn of_type(&self, ty: u32) -> Option<Reason> {
        self.types[ty as usize]
    }

    fn of_body(
        &self,
        parts: &Parts<'_>,
        ty: u32,
        body: &FunctionBody<'_>,
    ) -> Result<Option<Reason>, wasmparser::BinaryReaderError> {
        let mut locals = parts.types[ty as usize].params().len() as u32;
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            locals = locals.saturating_add(count);
            if let Some(reason) = scope::of_value(ty) {
                return Ok(Some(reason));
            }
        }
        if locals > LOCALS {
            return Ok(Some(Reason::Limits));
        }
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            let refers = match &operator {
                Operator::Call { function_index } => {
                    self.of_type(parts.functions[*function_index as usize].0)
                }
                Operator::CallIndirect { type_index, .. } => self.of_type(*type_index),
                Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                    self.globals[*global_index as usize]
                }
                Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
                    match blockty {
                        BlockType::Empty => None,
                        BlockType::Type(ty) => scope::of_value(*ty),
                        BlockType::FuncType(ty) => self.of_type(*ty),
                    }
                }
                _ => None,
            };
            if let Some(reason) = refers.or_else(|| scope::of_operator(&operator)) {
                return Ok(Some(reason));
            }
        }
        Ok(None)
    }

    fn any_stub(&self) -> bool {
        self.functions.iter().any(Option::is_some)
    }
}

fn types(parts: &Parts<'_>) -> TypeSection {
    let mut section = TypeSection::new();
    // Longer than any parameter list in scope, then the index in binary: unlike all others, unlike each other.
    let kept = parts.types.iter().filter(|ty| scope::of_function(ty).is_none());
    let longest = kept.map(|ty| ty.params().len()).max().unwrap_or(0);
    for (index, ty) in parts.types.iter().enumerate() {
        let encoded = |types: &[wasmparser::ValType]| -> Vec<ValType> {
            types
                .iter()
                .map(|ty| match ty {
                    wasmparser::ValType::I32 => ValType::I32,
                    _ => ValType::I64,
                })
                .collect()
        };
        if scope::of_function(ty).is_none() {
            section.ty().function(encoded(ty.params()), encoded(ty.results()));
        } else {
            let index = parts
                .types
                .iter()
                .position(|other: &FuncType| other == ty)
                .unwrap_or(index);
            let bits = (0..usize::BITS - parts.types.len().leading_zeros()).map(|bit| index >> bit & 1 == 1);
            let params = std::iter::repeat_n(false, longest + 1).chain(bits);
            let params = params.map(|long| if long { ValType::I64 } else { ValType::I32 });
            section.ty().function(params.collect::<Vec<_>>(), []);
        }
    }
    section
}

fn tables_and_memories(parts: &Parts<'_>, module: &mut Module) {
    let mut tables = TableSection::new();
    for (ty, source) in &parts.tables {
        let (minimum, maximum) = match source {
            Source::Host => (10, Some(20)),
            Source::Own(()) => (ty.initial, ty.maximum),
        };
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum,
            maximum,
            shared: false,
        });
    }
    if !tables.is_empty() {
        module.section(&tables);
    }
    let mut memories = MemorySection::new();
    for (ty, source) in &parts.memories {
        let (minimum, maximum) = match source {
            Source::Host => (1, Some(2)),
            Source::Own(()) => (ty.initial, ty.maximum),
        };
        memories.memory(MemoryType {
            minimum,
            maximum,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }
    if !memories.is_empty() {
        module.section(&memories);
    }
}

fn globals(parts: &Parts<'_>, reasons: &Reasons) -> Result<GlobalSection, Reason> {
    let mut section = GlobalSection::new();
    let mut add = |val_type, mutable, init: &ConstExpr| {
        let ty = GlobalType {
            val_type,
            mutable,
            shared: false,
        };
        section.global(ty, init);
    };
    for ((ty, source), reason) in parts.globals.iter().zip(&reasons.globals) {
        let val_type = match ty.content_type {
            wasmparser::ValType::I64 => ValType::I64,
            _ => ValType::I32,
        };
        match source {
            _ if reason.is_some() => add(ValType::I32, ty.mutable, &ConstExpr::i32_const(0)),
            Source::Host if val_type == ValType::I64 => add(val_type, false, &ConstExpr::i64_const(666)),
            Source::Host => add(val_type, false, &ConstExpr::i32_const(666)),
            Source::Own(global) => add(val_type, ty.mutable, &constant(parts, &global.init_expr)?),
        }
    }
    if reasons.any_stub() {
        add(ValType::I32, true, &ConstExpr::i32_const(0));
    }
    Ok(section)
}

/// A constant, or the value of one of `spectest`'s globals.
fn constant(parts: &Parts<'_>, init: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr, Reason> {
    let mut operators = init.get_operators_reader().into_iter().filter_map(Result::ok);
    let first = operators.next();
    if !matches!(operators.next(), Some(Operator::End)) {
        return Err(Reason::References);
    }
    match first {
        Some(Operator::I32Const { value }) => Ok(ConstExpr::i32_const(value)),
        Some(Operator::I64Const { value }) => Ok(ConstExpr::i64_const(value)),
        Some(Operator::GlobalGet { global_index }) => {
            let (ty, _) = &parts.globals[global_index as usize];
            match ty.content_type {
                wasmparser::ValType::I32 => Ok(ConstExpr::i32_const(666)),
                wasmparser::ValType::I64 => Ok(ConstExpr::i64_const(666)),
                other => Err(scope::of_value(other).unwrap_or(Reason::References)),
            }
        }
        _ => Err(Reason::References),
    }
}

fn exports(parts: &Parts<'_>, reasons: &Reasons) -> (ExportSection, BTreeMap<String, Reason>) {
    let mut section = ExportSection::new();
    let mut removed = BTreeMap::new();
    for export in &parts.exports {
        let (kind, reason) = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                (ExportKind::Func, reasons.functions[export.index as usize])
            }
            ExternalKind::Global => (ExportKind::Global, reasons.globals[export.index as usize]),
            ExternalKind::Table => (ExportKind::Table, None),
            ExternalKind::Memory => (ExportKind::Memory, None),
            ExternalKind::Tag => (ExportKind::Tag, Some(Reason::References)),
        };
        match reason {
            Some(reason) => drop(removed.insert(export.name.to_owned(), reason)),
            None => drop(section.export(export.name, kind, export.index)),
        }
    }
    if let Some(start) = parts.start {
        section.export(START, ExportKind::Func, start);
    }
    if reasons.any_stub() {
        section.export(STUBS_HIT, ExportKind::Global, parts.globals.len() as u32);
    }
    (section, removed)
}

fn elements(parts: &Parts<'_>) -> Result<ElementSection, Reason> {
    let mut section = ElementSection::new();
    for element in &parts.elements {
        let ElementKind::Active { offset_expr, .. } = &element.kind else {
            continue;
        };
        let functions: Vec<u32> = match &element.items {
            ElementItems::Functions(functions) => {
                functions.clone().into_iter().filter_map(Result::ok).collect()
            }
            ElementItems::Expressions(_, items) => items
                .clone()
                .into_iter()
                .filter_map(Result::ok)
                .map(|item| match item.get_operators_reader().read() {
                    Ok(Operator::RefFunc { function_index }) => Ok(function_index),
                    _ => Err(Reason::References),
                })
                .collect::<Result<_, _>>()?,
        };
        let offset = constant(parts, offset_expr)?;
        section.active(None, &offset, Elements::Functions(functions.into()));
    }
    Ok(section)
}

fn code(parts: &Parts<'_>, reasons: &Reasons) -> CodeSection {
    let mut section = CodeSection::new();
    for ((_, source), reason) in parts.functions.iter().zip(&reasons.functions) {
        match (source, reason) {
            (_, Some(reason)) => {
                let mut stub = Function::new([]);
                let hits = parts.globals.len() as u32;
                stub.instruction(&Instruction::GlobalGet(hits))
                    .instruction(&Instruction::I32Const(-256))
                    .instruction(&Instruction::I32And)
                    .instruction(&Instruction::I32Const(256 + *reason as i32))
                    .instruction(&Instruction::I32Add)
                    .instruction(&Instruction::GlobalSet(hits))
                    .instruction(&Instruction::Unreachable)
                    .instruction(&Instruction::End);
                section.function(&stub);
            }
            (Source::Host, None) => {
                section.function(Function::new([]).instruction(&Instruction::End));
            }
            (Source::Own(body), None) => {
                section.raw(body.as_bytes());
            }
        }
    }
    section
}

fn data(parts: &Parts<'_>) -> Result<DataSection, Reason> {
    let mut section = DataSection::new();
    for data in &parts.data {
        if let DataKind::Active { offset_expr, .. } = &data.kind {
            section.active(0, &constant(parts, offset_expr)?, data.data.iter().copied());
        }
    }
    Ok(section)
}
