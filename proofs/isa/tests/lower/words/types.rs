//! Types of a module's functions and globals.

use std::collections::BTreeMap;
use wasmparser::{FuncType, Parser, Payload, TypeRef, ValType};

/// What a module says of itself.
#[derive(Default)]
pub(super) struct Types {
    types: Vec<FuncType>,
    /// Of all functions, imported ones first.
    functions: Vec<u32>,
    imports: BTreeMap<String, u32>,
    imported: usize,
    globals: Vec<ValType>,
}

impl Types {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.expect("a module") {
                Payload::TypeSection(types) => {
                    let types = types.into_iter_err_on_gc_types();
                    found.types = types.map(|ty| ty.expect("a type")).collect();
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import.expect("an import");
                        let TypeRef::Func(ty) = import.ty else {
                            panic!("{import:?}")
                        };
                        found.imports.insert(import.name.to_owned(), ty);
                        found.functions.push(ty);
                        found.imported += 1;
                    }
                }
                Payload::FunctionSection(functions) => {
                    let functions = functions.into_iter();
                    found
                        .functions
                        .extend(functions.map(|ty| ty.expect("a function")));
                }
                Payload::GlobalSection(globals) => {
                    let globals = globals.into_iter();
                    found.globals = globals
                        .map(|global| global.expect("a global").ty.content_type)
                        .collect();
                }
                _ => {}
            }
        }
        found
    }

    pub(super) fn is_import(&self, index: u32) -> bool {
        (index as usize) < self.imported
    }

    pub(super) fn function(&self, index: u32) -> &FuncType {
        &self.types[self.functions[index as usize] as usize]
    }

    pub(super) fn import(&self, name: &str) -> &FuncType {
        &self.types[self.imports[name] as usize]
    }

    /// Types are numbered from 1.
    pub(super) fn number(&self, number: u32) -> &FuncType {
        &self.types[number as usize - 1]
    }

    pub(super) fn global(&self, index: u32) -> ValType {
        self.globals[index as usize]
    }
}
