//! The sections around the code: what of them is kept, and the rules that they follow.
//!
//! Rules here run before validation, so an index may be out of range: it is then left to the validator to say so.

use crate::Mode;
use crate::body::integer;
use crate::imports;
use crate::info::{ModuleInfo, Pages, Segment};
use crate::limits::{self, row};
use crate::names::visible;
use crate::operator::describe;
use crate::price::class;
use crate::reason::{Feature, Reason};
use crate::rejection::{Refused, limit};
use playfair_abi::export::Export as Entry;
use playfair_abi::host::{HostFunction, ValType as AbiType};
use playfair_abi::instrumented::RESERVED_PREFIX;
use wasmparser::{
    CompositeInnerType, ConstExpr, DataKind, DataSectionReader, ElementItems, ElementKind,
    ElementSectionReader, Export, ExportSectionReader, ExternalKind, FuncType, FunctionSectionReader,
    GlobalSectionReader, GlobalType, Import, ImportSectionReader, MemorySectionReader, MemoryType, Operator,
    RefType, TableInit, TableSectionReader, TableType, TypeRef, TypeSectionReader, ValType,
};

/// A constant.
#[derive(Clone, Copy)]
pub(crate) enum Constant {
    I32(i32),
    I64(i64),
    /// An imported global, in a bare module.
    Global(u32),
}

/// An element segment.
pub(crate) struct Elements {
    pub(crate) start: Constant,
    pub(crate) functions: Vec<u32>,
}

/// A data segment.
pub(crate) struct Data<'a> {
    pub(crate) start: Constant,
    pub(crate) bytes: &'a [u8],
}

/// Everything of a module but its code.
pub(crate) struct Sections<'a> {
    pub(crate) mode: Mode,
    original: &'a [u8],
    pub(crate) types: Vec<FuncType>,
    pub(crate) imports: Vec<Import<'a>>,
    hosts: Vec<HostFunction>,
    /// Type indices of all functions.
    functions: Vec<u32>,
    imported_functions: usize,
    imported_globals: u32,
    /// The table, and whether it is imported.
    pub(crate) table: Option<(TableType, bool)>,
    /// The memory, and whether it is imported.
    pub(crate) memory: Option<(MemoryType, bool)>,
    pub(crate) globals: Vec<(GlobalType, Constant)>,
    /// In a bare module, all exports; otherwise, the entry points.
    pub(crate) exports: Vec<Export<'a>>,
    pub(crate) elements: Vec<Elements>,
    pub(crate) data: Vec<Data<'a>>,
}

impl<'a> Sections<'a> {
    pub(crate) fn new(original: &'a [u8], mode: Mode) -> Self {
        Self {
            mode,
            original,
            types: Vec::new(),
            imports: Vec::new(),
            hosts: Vec::new(),
            functions: Vec::new(),
            imported_functions: 0,
            imported_globals: 0,
            table: None,
            memory: None,
            globals: Vec::new(),
            exports: Vec::new(),
            elements: Vec::new(),
            data: Vec::new(),
        }
    }

    /// Type indices of the functions that the module defines.
    pub(crate) fn defined(&self) -> &[u32] {
        self.functions.get(self.imported_functions..).unwrap_or_default()
    }

    /// Number of imported functions: the index of the first that the module defines.
    pub(crate) fn imported_functions(&self) -> u32 {
        self.imported_functions as u32
    }

    /// Number of functions, imported ones too.
    pub(crate) fn all_functions(&self) -> u32 {
        self.functions.len() as u32
    }

    /// Number of globals, imported ones too.
    pub(crate) fn all_globals(&self) -> u32 {
        self.imported_globals + self.globals.len() as u32
    }

    pub(crate) fn types(&mut self, reader: &TypeSectionReader<'a>) -> Result<(), Refused> {
        /// A function type begins with this byte; all others belong to later proposals.
        const FUNCTION: u8 = 0x60;
        limit(row::TYPES, reader.count(), reader.range().start)?;
        let mut groups = reader.clone().into_iter();
        for _ in 0..reader.count() {
            let offset = groups.original_position();
            // Before it is decoded: a group of types is of any size.
            if self.original.get(offset).is_some_and(|byte| *byte != FUNCTION) {
                return Err(Refused::feature(
                    offset,
                    Feature::Gc,
                    "a type that is no function type",
                ));
            }
            let Some(group) = groups.next().transpose()? else {
                break;
            };
            for ty in group.into_types() {
                let CompositeInnerType::Func(ty) = ty.composite_type.inner else {
                    continue;
                };
                limit(row::PARAMS, ty.params().len() as u64, offset)?;
                limit(row::RESULTS, ty.results().len() as u64, offset)?;
                for value in ty.params().iter().chain(ty.results()) {
                    integer(*value, offset, "parameter or result")?;
                }
                self.types.push(ty);
            }
        }
        Ok(())
    }

    pub(crate) fn imports(&mut self, reader: &ImportSectionReader<'a>) -> Result<(), Refused> {
        limit(row::IMPORTS, reader.count(), reader.range().start)?;
        for import in reader.clone().into_imports_with_offsets() {
            let (offset, import) = import?;
            if self.mode.entry_points {
                self.hosts.push(imports::host(&import, &self.types, offset)?);
            }
            match import.ty {
                TypeRef::Func(ty) => {
                    self.functions.push(ty);
                    self.imported_functions += 1;
                }
                TypeRef::Global(ty) => {
                    global_type(ty, offset)?;
                    self.imported_globals += 1;
                }
                TypeRef::Table(ty) => self.table(ty, true, offset)?,
                TypeRef::Memory(ty) => self.memory(ty, true, offset)?,
                TypeRef::Tag(_) => return Err(Refused::feature(offset, Feature::Exceptions, "imported tag")),
                TypeRef::FuncExact(_) => {
                    return Err(Refused::feature(offset, Feature::Gc, "import of an exact type"));
                }
            }
            self.imports.push(import);
        }
        Ok(())
    }

    pub(crate) fn functions(&mut self, reader: &FunctionSectionReader<'a>) -> Result<(), Refused> {
        limit(row::FUNCTIONS, reader.count(), reader.range().start)?;
        for ty in reader.clone() {
            self.functions.push(ty?);
        }
        Ok(())
    }

    pub(crate) fn tables(&mut self, reader: &TableSectionReader<'a>) -> Result<(), Refused> {
        for table in reader.clone().into_iter_with_offsets() {
            let (offset, table) = table?;
            if !matches!(table.init, TableInit::RefNull) {
                return Err(Refused::feature(
                    offset,
                    Feature::References,
                    "table with an initial value",
                ));
            }
            self.table(table.ty, false, offset)?;
        }
        Ok(())
    }

    fn table(&mut self, ty: TableType, imported: bool, offset: usize) -> Result<(), Refused> {
        let feature = |feature, what: &str| Err(Refused::feature(offset, feature, what));
        match ty {
            _ if self.table.is_some() => feature(Feature::References, "a second table"),
            TableType { table64: true, .. } => feature(Feature::Memory64, "64-bit table"),
            TableType { shared: true, .. } => feature(Feature::Threads, "shared table"),
            ty if ty.element_type != RefType::FUNCREF => {
                feature(Feature::References, "a table of other things than functions")
            }
            ty => {
                self.table = Some((ty, imported));
                limit(row::TABLE_ENTRIES, ty.initial, offset)
            }
        }
    }

    pub(crate) fn memories(&mut self, reader: &MemorySectionReader<'a>) -> Result<(), Refused> {
        for memory in reader.clone().into_iter_with_offsets() {
            let (offset, memory) = memory?;
            self.memory(memory, false, offset)?;
        }
        Ok(())
    }

    fn memory(&mut self, ty: MemoryType, imported: bool, offset: usize) -> Result<(), Refused> {
        let feature = |feature, what: &str| Err(Refused::feature(offset, feature, what));
        match ty {
            _ if self.memory.is_some() => feature(Feature::MultiMemory, "a second memory"),
            MemoryType { memory64: true, .. } => feature(Feature::Memory64, "64-bit memory"),
            MemoryType { shared: true, .. } => feature(Feature::Threads, "shared memory"),
            ty if ty.page_size_log2.is_some() => feature(Feature::CustomPageSizes, "memory with a page size"),
            ty => {
                self.memory = Some((ty, imported));
                limit(row::MEMORY_PAGES, ty.initial, offset)
            }
        }
    }

    pub(crate) fn globals(&mut self, reader: &GlobalSectionReader<'a>) -> Result<(), Refused> {
        limit(row::GLOBALS, reader.count(), reader.range().start)?;
        for global in reader.clone().into_iter_with_offsets() {
            let (offset, global) = global?;
            global_type(global.ty, offset)?;
            let value = self.constant(&global.init_expr)?;
            self.globals.push((global.ty, value));
        }
        Ok(())
    }

    pub(crate) fn exports(&mut self, reader: &ExportSectionReader<'a>) -> Result<(), Refused> {
        limit(row::EXPORTS, reader.count(), reader.range().start)?;
        for export in reader.clone().into_iter_with_offsets() {
            let (offset, export) = export?;
            if export.name.starts_with(RESERVED_PREFIX) {
                let export = visible(export.name);
                return Err(Refused::at(offset, Reason::Instrumented { export }));
            }
            if !self.mode.entry_points {
                self.exports.push(export);
            } else if let Some(entry) = Entry::named(export.name) {
                if let Some(found) = self.no_entry_point(entry, export) {
                    return Err(Refused::at(offset, Reason::EntryPoint { export: entry, found }));
                }
                self.exports.push(export);
            }
        }
        Ok(())
    }

    /// Why an export is not the entry point that it is named as.
    fn no_entry_point(&self, entry: Entry, export: Export<'_>) -> Option<String> {
        if export.kind != ExternalKind::Func {
            return Some("not a function".into());
        }
        let index = export.index as usize;
        if index < self.imported_functions {
            return Some("an imported function".into());
        }
        let ty = self.types.get(*self.functions.get(index)? as usize)?;
        (!same(ty.params(), entry.params()) || !ty.results().is_empty())
            .then(|| format!("a function of the type {}", imports::arrow(ty)))
    }

    pub(crate) fn elements(&mut self, reader: &ElementSectionReader<'a>) -> Result<(), Refused> {
        limit(row::ELEMENT_SEGMENTS, reader.count(), reader.range().start)?;
        let mut total = 0;
        for element in reader.clone().into_iter_with_offsets() {
            let (offset, element) = element?;
            let ElementKind::Active { offset_expr, .. } = element.kind else {
                let what = "an element segment that is not active";
                return Err(Refused::feature(offset, Feature::PassiveSegments, what));
            };
            let ElementItems::Functions(functions) = element.items else {
                let what = "an element segment of expressions";
                return Err(Refused::feature(offset, Feature::References, what));
            };
            let length = functions.count();
            total += u64::from(length);
            limit(row::ELEMENTS, total, offset)?;
            let start = self.constant(&offset_expr)?;
            if let (Constant::I32(start), Some((table, false))) = (start, self.table) {
                let (start, table) = (start as u32, table.initial);
                if u64::from(start) + u64::from(length) > table {
                    return Err(Refused::at(
                        offset,
                        Reason::ElementsOutOfBounds { start, length, table },
                    ));
                }
            }
            let functions = functions.into_iter().collect::<Result<_, _>>()?;
            self.elements.push(Elements { start, functions });
        }
        Ok(())
    }

    pub(crate) fn data(&mut self, reader: &DataSectionReader<'a>) -> Result<(), Refused> {
        limit(row::DATA_SEGMENTS, reader.count(), reader.range().start)?;
        let mut total = 0;
        for data in reader.clone().into_iter_with_offsets() {
            let (offset, data) = data?;
            let DataKind::Active { offset_expr, .. } = data.kind else {
                return Err(Refused::feature(
                    offset,
                    Feature::PassiveSegments,
                    "a passive data segment",
                ));
            };
            total += data.data.len() as u64;
            limit(row::DATA_BYTES, total, offset)?;
            let start = self.constant(&offset_expr)?;
            if let (Constant::I32(start), Some((memory, false))) = (start, self.memory) {
                let (start, length) = (start as u32, data.data.len() as u32);
                let memory = memory.initial << 16;
                if u64::from(start) + u64::from(length) > memory {
                    return Err(Refused::at(
                        offset,
                        Reason::DataOutOfBounds {
                            start,
                            length,
                            memory,
                        },
                    ));
                }
            }
            self.data.push(Data {
                start,
                bytes: data.data,
            });
            let image = self.image().map_or(0, |image| image.len() as u64);
            limit(row::IMAGE_BYTES, image, offset)?;
        }
        Ok(())
    }

    /// Segments whose place is known.
    fn segments(&self) -> impl Iterator<Item = Segment> + '_ {
        self.data.iter().filter_map(|data| match data.start {
            Constant::I32(start) => Some(Segment {
                start: start as u32,
                length: data.bytes.len() as u32,
            }),
            _ => None,
        })
    }

    fn image(&self) -> Option<core::ops::Range<u32>> {
        let segments = || self.segments().filter(|segment| segment.length > 0);
        let start = segments().map(|segment| segment.start).min()?;
        let end = segments()
            .map(|segment| segment.start.saturating_add(segment.length))
            .max()?;
        Some(start..end)
    }

    /// What the module must have in all, and what is told of it.
    pub(crate) fn finish(&self, info: &mut ModuleInfo) -> Result<(), Refused> {
        info.exports = Entry::ALL
            .into_iter()
            .filter(|entry| self.entry(*entry).is_some())
            .collect();
        if self.mode.entry_points && !info.exports.contains(&Entry::Call) {
            return Err(Refused::whole(Reason::MissingCall));
        }
        info.imports.clone_from(&self.hosts);
        info.memory = self.memory.map(|(ty, _)| Pages {
            initial: ty.initial as u32,
            max: bounded(ty) as u32,
        });
        info.table = self.table.map_or(0, |(ty, _)| ty.initial as u32);
        info.globals = self.globals.len() as u32;
        info.image = self.image();
        info.data = self.segments().collect();
        info.elements = self
            .elements
            .iter()
            .map(|segment| segment.functions.len() as u32)
            .sum();
        Ok(())
    }

    /// The function that is this entry point.
    pub(crate) fn entry(&self, entry: Entry) -> Option<u32> {
        let found = self.exports.iter().find(|export| export.name == entry.name())?;
        Some(found.index)
    }

    fn constant(&self, expression: &ConstExpr<'_>) -> Result<Constant, Refused> {
        let mut operators = expression.get_operators_reader();
        let (operator, offset) = operators.read_with_offset()?;
        if class(&operator).is_none() {
            let (feature, what) = describe(&operator);
            return Err(Refused::feature(offset, feature, what));
        }
        let value = match operator {
            Operator::I32Const { value } => Constant::I32(value),
            Operator::I64Const { value } => Constant::I64(value),
            Operator::GlobalGet { global_index } if global_index < self.imported_globals => {
                Constant::Global(global_index)
            }
            _ => {
                let what = "a constant expression that is not a constant";
                return Err(Refused::feature(offset, Feature::ExtendedConst, what));
            }
        };
        let (operator, offset) = operators.read_with_offset()?;
        if !matches!(operator, Operator::End) || !operators.eof() {
            let what = "a constant expression of more than one constant";
            return Err(Refused::feature(offset, Feature::ExtendedConst, what));
        }
        Ok(value)
    }
}

/// The maximum that a memory has once instrumented, in pages.
pub(crate) fn bounded(ty: MemoryType) -> u64 {
    let most = u64::from(limits::MEMORY_PAGES);
    ty.maximum.map_or(most, |max| max.min(most))
}

fn global_type(ty: GlobalType, offset: usize) -> Result<(), Refused> {
    if ty.shared {
        return Err(Refused::feature(offset, Feature::Threads, "shared global"));
    }
    integer(ty.content_type, offset, "global")
}

/// Whether two lists of types agree.
pub(crate) fn same(types: &[ValType], abi: &[AbiType]) -> bool {
    let wasm = |value: &AbiType| match value {
        AbiType::I32 => ValType::I32,
        AbiType::I64 => ValType::I64,
    };
    types.iter().copied().eq(abi.iter().map(wasm))
}
