//! A module as its sections say, validated.

use super::error::{LowerError, Place};
use playfair_abi::instrumented::{GAS, STACK};
use std::collections::BTreeMap;
use wasmparser::{
    CompositeInnerType, ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, FuncType, FunctionBody,
    KnownCustom, Name, Operator, Parser, Payload, TypeRef, ValType, Validator, WasmFeatures,
};

/// Features of instrumented modules and of the kernel. What of them has no lowering is refused instruction by instruction.
const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::BULK_MEMORY_OPT)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG);

/// Most bytes of initial memory, from the lowest to the highest.
const IMAGE_BYTES: u64 = 4 << 20;

/// Most entries of a table.
const TABLE_ENTRIES: u64 = 1 << 16;

/// An imported function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) ty: FuncType,
}

/// A module that is read and valid.
#[derive(Default)]
pub(crate) struct Module<'a> {
    pub(crate) types: Vec<FuncType>,
    pub(crate) imports: Vec<Import>,
    /// Types of all functions, imported ones first.
    pub(crate) functions: Vec<u32>,
    pub(crate) bodies: Vec<FunctionBody<'a>>,
    pub(crate) globals: Vec<(ValType, u64)>,
    /// Exported functions.
    pub(crate) exports: BTreeMap<String, u32>,
    /// Exported globals.
    pub(crate) exported_globals: BTreeMap<String, u32>,
    pub(crate) table: u32,
    pub(crate) elements: Vec<(u32, Vec<u32>)>,
    pub(crate) data: Vec<(u32, &'a [u8])>,
    /// Initial and greatest size, pages.
    pub(crate) memory: Option<(u32, u32)>,
    pub(crate) names: BTreeMap<u32, String>,
}

fn unsupported<T>(offset: usize, what: impl Into<String>) -> Result<T, LowerError> {
    Err(LowerError::Unsupported {
        place: Place {
            function: None,
            offset,
        },
        what: what.into(),
    })
}

/// Validates and reads a module.
pub(crate) fn read(bytes: &[u8]) -> Result<Module<'_>, LowerError> {
    Validator::new_with_features(FEATURES).validate_all(bytes)?;
    let mut module = Module::default();
    for payload in Parser::new(0).parse_all(bytes) {
        section(&mut module, payload?)?;
    }
    check(&module)?;
    Ok(module)
}

fn section<'a>(module: &mut Module<'a>, payload: Payload<'a>) -> Result<(), LowerError> {
    match payload {
        Payload::TypeSection(reader) => {
            for group in reader {
                for ty in group?.into_types() {
                    match ty.composite_type.inner {
                        CompositeInnerType::Func(ty) => module.types.push(ty),
                        _ => return unsupported(0, "a type that is no function type"),
                    }
                }
            }
        }
        Payload::ImportSection(reader) => {
            for import in reader.into_imports() {
                let import = import?;
                let TypeRef::Func(index) = import.ty else {
                    return unsupported(0, "an import that is no function");
                };
                module.functions.push(index);
                module.imports.push(Import {
                    module: import.module.to_owned(),
                    name: import.name.to_owned(),
                    ty: module.ty(index).clone(),
                });
            }
        }
        Payload::FunctionSection(reader) => {
            for ty in reader {
                module.functions.push(ty?);
            }
        }
        Payload::TableSection(reader) => {
            for table in reader {
                let table = table?;
                if table.ty.initial > TABLE_ENTRIES || module.table > 0 {
                    return unsupported(0, "a second or a huge table");
                }
                module.table = table.ty.initial as u32;
            }
        }
        Payload::MemorySection(reader) => {
            for memory in reader {
                let memory = memory?;
                let most = memory.maximum.unwrap_or(65_536).min(65_536);
                module.memory = Some((memory.initial.min(65_536) as u32, most as u32));
            }
        }
        Payload::GlobalSection(reader) => {
            for global in reader {
                let global = global?;
                let value = constant(&global.init_expr)?;
                module.globals.push((global.ty.content_type, value));
            }
        }
        Payload::ExportSection(reader) => {
            for export in reader {
                let export = export?;
                let map = match export.kind {
                    ExternalKind::Func => &mut module.exports,
                    ExternalKind::Global => &mut module.exported_globals,
                    _ => continue,
                };
                map.insert(export.name.to_owned(), export.index);
            }
        }
        Payload::ElementSection(reader) => {
            for element in reader {
                let element = element?;
                let (ElementKind::Active { offset_expr, .. }, ElementItems::Functions(functions)) =
                    (element.kind, element.items)
                else {
                    return unsupported(0, "an element segment that is not active or not of functions");
                };
                let functions = functions.into_iter().collect::<Result<_, _>>()?;
                module.elements.push((constant(&offset_expr)? as u32, functions));
            }
        }
        Payload::DataSection(reader) => {
            for data in reader {
                let data = data?;
                let DataKind::Active { offset_expr, .. } = data.kind else {
                    return unsupported(data.range.start, "a passive data segment");
                };
                module.data.push((constant(&offset_expr)? as u32, data.data));
            }
        }
        Payload::StartSection { range, .. } => return unsupported(range.start, "a start function"),
        Payload::CodeSectionEntry(body) => module.bodies.push(body),
        Payload::CustomSection(custom) => {
            if let KnownCustom::Name(names) = custom.as_known() {
                read_names(module, names);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Names are for people: a broken name section is no error.
fn read_names(module: &mut Module<'_>, names: wasmparser::NameSectionReader<'_>) {
    for name in names.into_iter().map_while(Result::ok) {
        if let Name::Function(map) = name {
            for naming in map.into_iter().map_while(Result::ok) {
                module.names.insert(naming.index, naming.name.to_owned());
            }
        }
    }
}

fn constant(expression: &ConstExpr<'_>) -> Result<u64, LowerError> {
    let mut operators = expression.get_operators_reader();
    let (operator, offset) = operators.read_with_offset()?;
    let value = match operator {
        Operator::I32Const { value } => u64::from(value as u32),
        Operator::I64Const { value } => value as u64,
        _ => return unsupported(offset, "a constant expression that is no constant"),
    };
    match operators.read()? {
        Operator::End => Ok(value),
        _ => unsupported(offset, "a constant expression of more than one constant"),
    }
}

/// Segments lie inside, and images are bounded.
fn check(module: &Module<'_>) -> Result<(), LowerError> {
    for (start, functions) in &module.elements {
        if u64::from(*start) + functions.len() as u64 > u64::from(module.table) {
            return unsupported(0, "an element segment outside of the table");
        }
    }
    let memory = module.memory.map_or(0, |(pages, _)| u64::from(pages) << 16);
    for (start, data) in &module.data {
        if u64::from(*start) + data.len() as u64 > memory {
            return unsupported(0, "a data segment outside of memory");
        }
    }
    if module
        .image_range()
        .is_some_and(|(start, end)| end - start > IMAGE_BYTES)
    {
        return Err(LowerError::TooLarge {
            place: Place::default(),
            what: "bytes of initial memory",
            limit: IMAGE_BYTES,
        });
    }
    Ok(())
}

impl Module<'_> {
    /// A type; the empty one if there is none, which the validator excludes.
    pub(crate) fn ty(&self, index: u32) -> &FuncType {
        static EMPTY: std::sync::OnceLock<FuncType> = std::sync::OnceLock::new();
        self.types
            .get(index as usize)
            .unwrap_or_else(|| EMPTY.get_or_init(|| FuncType::new([], [])))
    }

    /// The type of a function.
    pub(crate) fn function_type(&self, function: u32) -> &FuncType {
        self.ty(self.functions.get(function as usize).copied().unwrap_or(u32::MAX))
    }

    /// The number of a type by structure, from 1: equal types have one number. 0 is the type of empty table elements.
    pub(crate) fn type_number(&self, ty: &FuncType) -> u32 {
        let first = self.types.iter().position(|other| other == ty);
        first.map_or(u32::MAX, |first| first as u32 + 1)
    }

    /// The globals of gas and frame slots.
    pub(crate) fn counters(&self) -> Option<(u32, u32)> {
        let of = |name| self.exported_globals.get(name).copied();
        Some((of(GAS)?, of(STACK)?))
    }

    fn image_range(&self) -> Option<(u64, u64)> {
        let used = || self.data.iter().filter(|(_, data)| !data.is_empty());
        let start = used().map(|(start, _)| u64::from(*start)).min()?;
        let end = used()
            .map(|(start, data)| u64::from(*start) + data.len() as u64)
            .max()?;
        Some((start, end))
    }

    /// Initial memory: the first word's number and the words.
    pub(crate) fn image(&self) -> (u32, Vec<u64>) {
        let Some((start, end)) = self.image_range() else {
            return (0, Vec::new());
        };
        let (first, last) = (start / 8, end.div_ceil(8));
        let mut bytes = vec![0u8; ((last - first) * 8) as usize];
        // An empty segment may lie below all others.
        for (start, data) in self.data.iter().filter(|(_, data)| !data.is_empty()) {
            let at = (u64::from(*start) - first * 8) as usize;
            if let Some(place) = bytes.get_mut(at..at + data.len()) {
                place.copy_from_slice(data);
            }
        }
        let words = bytes.chunks_exact(8);
        let words = words.map(|word| {
            word.iter()
                .rev()
                .fold(0, |value, byte| value << 8 | u64::from(*byte))
        });
        (first as u32, words.collect())
    }
}
