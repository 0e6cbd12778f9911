//! Cuts a module of the suite down to integers, and closes it if it can.
//!
//! Every index stays what it was, so that the functions that stay keep their bytes:
//! - A function whose type, locals or body is out of scope, or that calls a function whose type is, becomes a *stub*
//!   that counts in the exported global [`STUBS_HIT`] and traps. So a directive that reaches one through a call or the
//!   table is found out, and not taken for one that traps by itself.
//! - A function between integers that only moves floats moves integers of the same bits instead, and counts in the
//!   exported global [`MOVERS_RUN`], so that tests which reach one are counted apart.
//! - A type that is out of scope becomes one that no function in scope has, so that an indirect call still finds the
//!   wrong type.
//! - A global that is out of scope becomes a constant; its exports, and those of stubs, go.
//! - What `spectest` supplies is defined in place of the import: functions that do nothing, the globals 666, a table of
//!   10 to 20 elements, a memory of 1 to 2 pages. So every engine can run the module. Only one that imports from other
//!   modules keeps all its imports, of which none may be out of scope ([`Imports`]).
//! - The start function becomes the export [`START`], to be called first.
//! - Passive and declared segments go; functions that use them are out of scope.

mod mover;
mod parts;

use super::{Reason, scope};
pub use parts::Imports;
use parts::{Parts, Source};
use playfair_admission::limits::LOCALS;
use std::collections::BTreeMap;
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, MemorySection,
    MemoryType, Module, RefType, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{
    BlockType, DataKind, ElementItems, ElementKind, ExternalKind, FuncType, FunctionBody, Operator, TypeRef,
};

/// Exported `i32` global that counts stubs that ran, in units of 256, and has the last one's reason in its last byte.
pub const STUBS_HIT: &str = "conformance:stubs";
/// Exported `i32` global that counts calls of functions whose floats became integers.
pub const MOVERS_RUN: &str = "conformance:movers";
/// Export of what was the start function.
pub const START: &str = "conformance:start";

/// A module of integers.
#[derive(Clone, Debug)]
pub struct Rewritten {
    /// Its binary.
    pub wasm: Vec<u8>,
    /// Module and name of each import.
    pub imports: Vec<(String, String)>,
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
pub fn rewrite(wasm: &[u8], imports: Imports) -> Result<Rewritten, Reason> {
    let parts = Parts::new(wasm, imports)?;
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
    if !parts.imports.is_empty() {
        module.section(&import_section(&parts));
    }
    let mut functions = FunctionSection::new();
    for (ty, source) in &parts.functions {
        if !matches!(source, Source::Import) {
            functions.function(*ty);
        }
    }
    module.section(&functions);
    tables_and_memories(&parts, &mut module);
    module.section(&globals(&parts, &reasons)?);
    let (exports, removed) = exports(&parts, &reasons);
    module.section(&exports);
    module.section(&elements(&parts)?);
    module.section(&code(&parts, &reasons)?);
    module.section(&data(&parts)?);
    Ok(Rewritten {
        wasm: module.finish(),
        imports: parts
            .imports
            .iter()
            .map(|import| (import.module.to_owned(), import.name.to_owned()))
            .collect(),
        removed,
        start: parts.start.is_some(),
        pages_min: parts.memories.first().map_or(0, |(ty, _)| ty.initial),
    })
}

/// What of the index spaces is out of scope, and why.
struct Reasons {
    types: Vec<Option<Reason>>,
    functions: Vec<Option<Reason>>,
    /// Whether a function in scope moves floats.
    movers: Vec<bool>,
    globals: Vec<Option<Reason>>,
}

impl Reasons {
    fn new(parts: &Parts<'_>) -> Result<Self, Reason> {
        let mut reasons = Self {
            types: parts.types.iter().map(scope::of_function).collect(),
            functions: Vec::new(),
            movers: Vec::new(),
            globals: parts
                .globals
                .iter()
                .map(|(ty, _)| scope::of_value(ty.content_type))
                .collect(),
        };
        for (ty, source) in &parts.functions {
            let of_type = reasons.of_type(*ty);
            let (of_body, mover) = match source {
                Source::Own(body) if of_type.is_none() => {
                    reasons.of_body(parts, *ty, body).map_err(|_| Reason::Vectors)?
                }
                Source::Own(_) | Source::Host | Source::Import => (of_type, false),
            };
            reasons.functions.push(of_body);
            reasons.movers.push(mover);
        }
        Ok(reasons)
    }

    fn of_type(&self, ty: u32) -> Option<Reason> {
        self.types[ty as usize]
    }

    /// Why a body is out of scope, if it is, or whether it moves floats.
    fn of_body(
        &self,
        parts: &Parts<'_>,
        ty: u32,
        body: &FunctionBody<'_>,
    ) -> Result<(Option<Reason>, bool), wasmparser::BinaryReaderError> {
        let mut mover = false;
        let mut locals = parts.types[ty as usize].params().len() as u32;
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            locals = locals.saturating_add(count);
            match scope::of_value(ty) {
                Some(_) if mover::is_float(ty) => mover = true,
                Some(reason) => return Ok((Some(reason), false)),
                None => {}
            }
        }
        if locals > LOCALS {
            return Ok((Some(Reason::Limits), false));
        }
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            if mover::moves_floats(&operator) {
                mover = true;
                continue;
            }
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
                return Ok((Some(reason), false));
            }
        }
        Ok((None, mover))
    }

    fn any_stub(&self) -> bool {
        self.functions.iter().any(Option::is_some)
    }

    fn any_mover(&self) -> bool {
        self.movers.contains(&true)
    }

    /// Index of the global [`STUBS_HIT`].
    fn stubs_hit(&self) -> u32 {
        self.globals.len() as u32
    }

    /// Index of the global [`MOVERS_RUN`].
    fn movers_run(&self) -> u32 {
        self.stubs_hit() + u32::from(self.any_stub())
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

fn import_section(parts: &Parts<'_>) -> ImportSection {
    let mut section = ImportSection::new();
    for import in &parts.imports {
        let ty = match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => EntityType::Function(ty),
            TypeRef::Table(ty) => EntityType::Table(table_type(ty.initial, ty.maximum)),
            TypeRef::Memory(ty) => EntityType::Memory(memory_type(ty.initial, ty.maximum)),
            TypeRef::Global(ty) => EntityType::Global(global_type(ty)),
            TypeRef::Tag(_) => continue,
        };
        section.import(import.module, import.name, ty);
    }
    section
}

fn table_type(minimum: u64, maximum: Option<u64>) -> TableType {
    TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum,
        maximum,
        shared: false,
    }
}

fn memory_type(minimum: u64, maximum: Option<u64>) -> MemoryType {
    MemoryType {
        minimum,
        maximum,
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}

/// Of a type in scope, which is an integer.
fn global_type(ty: wasmparser::GlobalType) -> GlobalType {
    GlobalType {
        val_type: match ty.content_type {
            wasmparser::ValType::I64 => ValType::I64,
            _ => ValType::I32,
        },
        mutable: ty.mutable,
        shared: false,
    }
}

fn tables_and_memories(parts: &Parts<'_>, module: &mut Module) {
    let mut tables = TableSection::new();
    for (ty, source) in &parts.tables {
        match source {
            Source::Host => tables.table(table_type(10, Some(20))),
            Source::Own(()) => tables.table(table_type(ty.initial, ty.maximum)),
            Source::Import => &mut tables,
        };
    }
    if !tables.is_empty() {
        module.section(&tables);
    }
    let mut memories = MemorySection::new();
    for (ty, source) in &parts.memories {
        match source {
            Source::Host => memories.memory(memory_type(1, Some(2))),
            Source::Own(()) => memories.memory(memory_type(ty.initial, ty.maximum)),
            Source::Import => &mut memories,
        };
    }
    if !memories.is_empty() {
        module.section(&memories);
    }
}

fn globals(parts: &Parts<'_>, reasons: &Reasons) -> Result<GlobalSection, Reason> {
    let mut section = GlobalSection::new();
    for ((ty, source), reason) in parts.globals.iter().zip(&reasons.globals) {
        let of_scope = global_type(*ty);
        match source {
            Source::Import => &mut section,
            _ if reason.is_some() => section.global(of_scope, &ConstExpr::i32_const(0)),
            Source::Host => section.global(of_scope, &supplied(of_scope.val_type)),
            Source::Own(global) => section.global(of_scope, &constant(parts, &global.init_expr)?),
        };
    }
    for _ in 0..u8::from(reasons.any_stub()) + u8::from(reasons.any_mover()) {
        let counter = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        section.global(counter, &ConstExpr::i32_const(0));
    }
    Ok(section)
}

/// The value of `spectest`'s globals.
fn supplied(ty: ValType) -> ConstExpr {
    match ty {
        ValType::I64 => ConstExpr::i64_const(666),
        _ => ConstExpr::i32_const(666),
    }
}

/// A constant, or the value of an imported global.
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
            let (ty, source) = &parts.globals[global_index as usize];
            match (scope::of_value(ty.content_type), source) {
                (Some(reason), _) => Err(reason),
                (None, Source::Import) => Ok(ConstExpr::global_get(global_index)),
                (None, Source::Host | Source::Own(_)) => Ok(supplied(global_type(*ty).val_type)),
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
        section.export(STUBS_HIT, ExportKind::Global, reasons.stubs_hit());
    }
    if reasons.any_mover() {
        section.export(MOVERS_RUN, ExportKind::Global, reasons.movers_run());
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

fn code(parts: &Parts<'_>, reasons: &Reasons) -> Result<CodeSection, Reason> {
    let mut section = CodeSection::new();
    for (index, (_, source)) in parts.functions.iter().enumerate() {
        match (source, reasons.functions[index]) {
            // In scope, as all imports that are kept.
            (Source::Import, _) => {}
            (_, Some(reason)) => {
                let mut stub = Function::new([]);
                let hits = reasons.stubs_hit();
                stub.instruction(&Instruction::GlobalGet(hits))
                    .instruction(&Instruction::I32Const(-256))
                    .instruction(&Instruction::I32And)
                    .instruction(&Instruction::I32Const(256 + reason as i32))
                    .instruction(&Instruction::I32Add)
                    .instruction(&Instruction::GlobalSet(hits))
                    .instruction(&Instruction::Unreachable)
                    .instruction(&Instruction::End);
                section.function(&stub);
            }
            (Source::Host, None) => {
                section.function(Function::new([]).instruction(&Instruction::End));
            }
            (Source::Own(body), None) if reasons.movers[index] => {
                let function = mover::with_integers(body, reasons.movers_run());
                section.function(&function.map_err(|_| Reason::Vectors)?);
            }
            (Source::Own(body), None) => {
                section.raw(body.as_bytes());
            }
        }
    }
    Ok(section)
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
