//! A module taken apart.

use crate::suite::{Reason, scope};
use wasmparser::{
    BinaryReaderError, Data, Element, Export, FuncType, FunctionBody, Global, GlobalType, Import, MemoryType,
    Parser, Payload, TableType, TypeRef, ValType,
};

/// What becomes of a module's imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imports {
    /// Those from `spectest` are defined in their place; others are out of scope.
    Close,
    /// They stay.
    Keep,
}

/// What a function, global, table or memory is made from.
pub(super) enum Source<T> {
    /// An import from `spectest`, to be defined in its place.
    Host,
    /// An import, to be kept.
    Import,
    /// The module's own definition.
    Own(T),
}

impl<T> From<Imports> for Source<T> {
    fn from(imports: Imports) -> Self {
        match imports {
            Imports::Close => Self::Host,
            Imports::Keep => Self::Import,
        }
    }
}

/// The parts of a module; index spaces are whole, imports first.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) types: Vec<FuncType>,
    /// Imports to be kept: all or none.
    pub(super) imports: Vec<Import<'a>>,
    /// Type and body.
    pub(super) functions: Vec<(u32, Source<FunctionBody<'a>>)>,
    pub(super) tables: Vec<(TableType, Source<()>)>,
    pub(super) memories: Vec<(MemoryType, Source<()>)>,
    pub(super) globals: Vec<(GlobalType, Source<Global<'a>>)>,
    pub(super) exports: Vec<Export<'a>>,
    pub(super) start: Option<u32>,
    pub(super) elements: Vec<Element<'a>>,
    pub(super) data: Vec<Data<'a>>,
}

impl<'a> Parts<'a> {
    /// Takes a module apart, or says why it is out of scope.
    pub(super) fn new(wasm: &'a [u8], imports: Imports) -> Result<Self, Reason> {
        // The suite's modules decode, so what does not is of a proposal that this build of wasmparser leaves out.
        Self::read(wasm, imports).map_err(|_| Reason::Vectors)?
    }

    fn read(wasm: &'a [u8], imports: Imports) -> Result<Result<Self, Reason>, BinaryReaderError> {
        let mut parts = Self::default();
        let mut own_functions = Vec::new();
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(types) => {
                    parts.types = types.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        if let Some(reason) = parts.import(import, imports) {
                            return Ok(Err(reason));
                        }
                    }
                }
                Payload::FunctionSection(functions) => {
                    own_functions = functions.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::TableSection(tables) => {
                    for table in tables {
                        parts.tables.push((table?.ty, Source::Own(())));
                    }
                }
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        parts.memories.push((memory?, Source::Own(())));
                    }
                }
                Payload::GlobalSection(globals) => {
                    for global in globals {
                        let global = global?;
                        parts.globals.push((global.ty, Source::Own(global)));
                    }
                }
                Payload::ExportSection(exports) => {
                    parts.exports = exports.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::StartSection { func, .. } => parts.start = Some(func),
                Payload::ElementSection(elements) => {
                    parts.elements = elements.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::DataSection(data) => parts.data = data.into_iter().collect::<Result<_, _>>()?,
                Payload::CodeSectionEntry(body) => bodies.push(body),
                _ => {}
            }
        }
        for (ty, body) in own_functions.into_iter().zip(bodies) {
            parts.functions.push((ty, Source::Own(body)));
        }
        Ok(Ok(parts))
    }

    /// Notes an import, or says why it is out of scope.
    fn import(&mut self, import: Import<'a>, imports: Imports) -> Option<Reason> {
        match import.ty {
            TypeRef::Func(ty) => self.functions.push((ty, imports.into())),
            TypeRef::Table(ty) => self.tables.push((ty, imports.into())),
            TypeRef::Memory(ty) => self.memories.push((ty, imports.into())),
            TypeRef::Global(ty) => self.globals.push((ty, imports.into())),
            TypeRef::Tag(_) | TypeRef::FuncExact(_) => return Some(Reason::References),
        }
        match imports {
            Imports::Keep => {
                self.imports.push(import);
                match import.ty {
                    TypeRef::Func(ty) => self.types.get(ty as usize).and_then(scope::of_function),
                    TypeRef::Global(ty) => scope::of_value(ty.content_type),
                    _ => None,
                }
            }
            Imports::Close => (!self.is_spectest(import)).then_some(Reason::Linking),
        }
    }

    /// Whether it is one of the suite's host module.
    fn is_spectest(&self, import: Import<'_>) -> bool {
        let known = match import.ty {
            TypeRef::Func(ty) => spectest_params(import.name).is_some_and(|params| {
                let ty = self.types.get(ty as usize);
                ty.is_some_and(|ty| ty.params() == params && ty.results().is_empty())
            }),
            TypeRef::Table(_) => import.name == "table",
            TypeRef::Memory(_) => import.name == "memory",
            TypeRef::Global(ty) => {
                let of_name = match import.name {
                    "global_i32" => Some(ValType::I32),
                    "global_i64" => Some(ValType::I64),
                    "global_f32" => Some(ValType::F32),
                    "global_f64" => Some(ValType::F64),
                    _ => None,
                };
                !ty.mutable && of_name == Some(ty.content_type)
            }
            TypeRef::Tag(_) | TypeRef::FuncExact(_) => false,
        };
        known && import.module == "spectest"
    }
}

/// The parameters of a function of `spectest`, none of which returns anything.
fn spectest_params(name: &str) -> Option<&'static [ValType]> {
    use ValType::{F32, F64, I32, I64};
    Some(match name {
        "print" => &[],
        "print_i32" => &[I32],
        "print_i64" => &[I64],
        "print_f32" => &[F32],
        "print_f64" => &[F64],
        "print_i32_f32" => &[I32, F32],
        "print_f64_f64" => &[F64, F64],
        _ => return None,
    })
}
