//! Writing the instrumented module: sections in their order, in canonical encoding, without custom sections.

use crate::emit::{Added, bulk_helper, integer};
use crate::limits::STACK_SLOTS;
use crate::sections::{Constant, Sections, bounded};
use playfair_abi::export::Export as Entry;
use playfair_abi::instrumented::{ACCESSES, GAS, INSTRUCTIONS, MEMORY, STACK};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    FunctionSection, GlobalSection, GlobalType, ImportSection, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{ExternalKind, FuncType, TypeRef};

/// The function types: the module's, in their order, and then those that instrumentation needs.
pub(crate) struct Types(Vec<FuncType>);

impl Types {
    pub(crate) fn new(types: &[FuncType]) -> Self {
        Self(types.to_vec())
    }

    /// The first type with these parameters and results; it is added if there is none.
    pub(crate) fn index_of(
        &mut self,
        params: &[wasmparser::ValType],
        results: &[wasmparser::ValType],
    ) -> u32 {
        let same = |ty: &FuncType| ty.params() == params && ty.results() == results;
        let index = self.0.iter().position(same).unwrap_or_else(|| {
            self.0.push(FuncType::new(params.to_vec(), results.to_vec()));
            self.0.len() - 1
        });
        index as u32
    }

    fn section(&self) -> TypeSection {
        let mut section = TypeSection::new();
        for ty in &self.0 {
            let params = ty.params().iter().map(|value| integer(*value));
            let results = ty.results().iter().map(|value| integer(*value));
            section.ty().function(params, results);
        }
        section
    }
}

/// Writes the module. `code` holds its functions; the bulk helper is added here if `bulk`.
pub(crate) fn module(
    sections: &Sections<'_>,
    mut types: Types,
    mut code: CodeSection,
    added: Added,
    bulk: bool,
) -> Vec<u8> {
    let mut functions = FunctionSection::new();
    for ty in sections.defined() {
        functions.function(*ty);
    }
    if bulk {
        let i32 = [wasmparser::ValType::I32];
        functions.function(types.index_of(&i32, &i32));
        code.function(&bulk_helper(added));
    }
    let mut module = Module::new();
    // A section without entries is left out.
    macro_rules! section {
        ($section:expr) => {{
            let section = $section;
            if !section.is_empty() {
                module.section(&section);
            }
        }};
    }
    section!(types.section());
    section!(imports(sections));
    section!(functions);
    section!(tables(sections));
    section!(memories(sections));
    section!(globals(sections, added));
    section!(exports(sections, added));
    section!(elements(sections));
    section!(code);
    section!(data(sections));
    module.finish()
}

fn imports(sections: &Sections<'_>) -> ImportSection {
    let mut section = ImportSection::new();
    for import in &sections.imports {
        let ty = match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => EntityType::Function(ty),
            TypeRef::Table(ty) => table(ty).into(),
            TypeRef::Memory(ty) => memory(ty, ty.maximum).into(),
            TypeRef::Global(ty) => global(ty).into(),
            // Refused when it was read.
            TypeRef::Tag(_) => continue,
        };
        section.import(import.module, import.name, ty);
    }
    section
}

fn tables(sections: &Sections<'_>) -> TableSection {
    let mut section = TableSection::new();
    if let Some((ty, false)) = sections.table {
        section.table(table(ty));
    }
    section
}

fn memories(sections: &Sections<'_>) -> MemorySection {
    let mut section = MemorySection::new();
    if let Some((ty, false)) = sections.memory {
        // With a maximum that every engine can give, memory.grow fails at the same page everywhere.
        let maximum = if sections.mode.entry_points {
            Some(bounded(ty))
        } else {
            ty.maximum
        };
        section.memory(memory(ty, maximum));
    }
    section
}

fn globals(sections: &Sections<'_>, added: Added) -> GlobalSection {
    let mut section = GlobalSection::new();
    for (ty, value) in &sections.globals {
        section.global(global(*ty), &constant(*value));
    }
    let mut add = |val_type, value: ConstExpr| {
        let ty = GlobalType {
            val_type,
            mutable: true,
            shared: false,
        };
        section.global(ty, &value);
    };
    add(ValType::I32, ConstExpr::i32_const(0));
    add(ValType::I32, ConstExpr::i32_const(STACK_SLOTS as i32));
    if added.measuring {
        add(ValType::I64, ConstExpr::i64_const(0));
        add(ValType::I64, ConstExpr::i64_const(0));
    }
    section
}

fn exports(sections: &Sections<'_>, added: Added) -> ExportSection {
    let mut section = ExportSection::new();
    let mut has_memory = sections.memory.is_some();
    if sections.mode.entry_points {
        for entry in Entry::ALL {
            if let Some(function) = sections.entry(entry) {
                section.export(entry.name(), ExportKind::Func, function);
            }
        }
    } else {
        for export in &sections.exports {
            let kind = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
                ExternalKind::Table => ExportKind::Table,
                ExternalKind::Memory => ExportKind::Memory,
                ExternalKind::Global => ExportKind::Global,
                ExternalKind::Tag => ExportKind::Tag,
            };
            has_memory &= export.name != MEMORY;
            section.export(export.name, kind, export.index);
        }
    }
    if has_memory {
        section.export(MEMORY, ExportKind::Memory, 0);
    }
    section.export(GAS, ExportKind::Global, added.gas);
    section.export(STACK, ExportKind::Global, added.stack());
    if added.measuring {
        section.export(INSTRUCTIONS, ExportKind::Global, added.instructions());
        section.export(ACCESSES, ExportKind::Global, added.accesses());
    }
    section
}

fn elements(sections: &Sections<'_>) -> ElementSection {
    let mut section = ElementSection::new();
    for segment in &sections.elements {
        let functions = Elements::Functions((&segment.functions).into());
        section.active(None, &constant(segment.start), functions);
    }
    section
}

fn data(sections: &Sections<'_>) -> DataSection {
    let mut section = DataSection::new();
    for segment in &sections.data {
        section.active(0, &constant(segment.start), segment.bytes.iter().copied());
    }
    section
}

fn constant(value: Constant) -> ConstExpr {
    match value {
        Constant::I32(value) => ConstExpr::i32_const(value),
        Constant::I64(value) => ConstExpr::i64_const(value),
        Constant::Global(index) => ConstExpr::global_get(index),
    }
}

fn global(ty: wasmparser::GlobalType) -> GlobalType {
    GlobalType {
        val_type: integer(ty.content_type),
        mutable: ty.mutable,
        shared: false,
    }
}

fn table(ty: wasmparser::TableType) -> TableType {
    TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: ty.initial,
        maximum: ty.maximum,
        shared: false,
    }
}

fn memory(ty: wasmparser::MemoryType, maximum: Option<u64>) -> MemoryType {
    MemoryType {
        minimum: ty.initial,
        maximum,
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}
