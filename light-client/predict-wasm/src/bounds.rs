//! What an engine is given, held against what admission lets through, before it compiles anything.
//!
//! The module's hash stands in a verified header, so whoever is believed vouches for these bytes, and admitted modules keep every bound here
//! by themselves. A hostile link vouches for bytes that nobody admitted: such a module could ask the browser for more memory than a tab has. So the frame of the module is read here:
//!
//! - the sections that instrumentation writes, each once, in their order: nothing that starts by itself, no tags, no custom sections;
//! - functions' types over integers, and no other types: nothing that lives in the engine's own heap;
//! - imports: host functions of the one table, with their types;
//! - at most one memory, which has a maximum, at most that of admitted modules; at most one table, of functions, as large as theirs.
//!
//! Code is not read: the engine validates it, instrumented code runs out of gas, and any other is ended with its worker.

use playfair_abi::host::{HostFunction, IMPORT_MODULE, ValType};

/// Most pages of the memory, as admission has it.
pub const MEMORY_PAGES_MAX: u32 = 256;
/// Most entries of the table, as admission has it.
pub const TABLE_ENTRIES_MAX: u32 = 4096;
/// Admission's, and a few that instrumentation adds.
const TYPES_MAX: u32 = 1024 + 4;
const VALUES_MAX: u32 = 32;
const IMPORTS_MAX: u32 = 128;

/// Sections that are written, in this order (WebAssembly's core specification, section 5.5.2).
const SECTIONS: [u8; 10] = [TYPES, IMPORTS, 3, TABLES, MEMORIES, 6, 7, 9, 10, 11];
const TYPES: u8 = 1;
const IMPORTS: u8 = 2;
const TABLES: u8 = 4;
const MEMORIES: u8 = 5;

/// Why a module is given to no engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfBounds {
    /// It does not begin as a module, or ends inside of something.
    Form,
    /// Its sections are others than instrumentation writes.
    Sections,
    /// It has types of other things than functions over integers, or too many.
    Types,
    /// It imports something else than a host function.
    Imports,
    /// It has a memory without a maximum, or one above [`MEMORY_PAGES_MAX`], or several.
    Memory,
    /// It has a table of other things than functions, or one above [`TABLE_ENTRIES_MAX`], or several.
    Table,
}

impl std::fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self {
            Self::Form => "it is no WebAssembly",
            Self::Sections => "its sections are none that instrumentation writes",
            Self::Types => "its types are not only functions over integers",
            Self::Imports => "it imports something else than host functions",
            Self::Memory => "its memory has no maximum, or more than admitted modules may have",
            Self::Table => "its table is larger than admitted modules may have",
        };
        write!(f, "no chain would have admitted this module: {what}")
    }
}

impl std::error::Error for OutOfBounds {}

type Checked<T = ()> = Result<T, OutOfBounds>;
type Type = (Vec<ValType>, Vec<ValType>);

/// Checks an instrumented module's frame.
///
/// # Errors
/// [`OutOfBounds`].
pub fn check(module: &[u8]) -> Checked {
    let rest = module.strip_prefix(b"\0asm\x01\0\0\0").ok_or(OutOfBounds::Form)?;
    let mut reader = Reader(rest);
    let (mut expected, mut types) = (SECTIONS.as_slice(), Vec::new());
    while !reader.0.is_empty() {
        let id = reader.byte()?;
        let place = expected.iter().position(|known| *known == id);
        let place = place.ok_or(OutOfBounds::Sections)?;
        expected = expected.get(place.saturating_add(1)..).unwrap_or_default();
        let mut section = reader.section()?;
        match id {
            TYPES => types = section.types()?,
            IMPORTS => section.imports(&types)?,
            TABLES => section.table()?,
            MEMORIES => section.memory()?,
            _ => continue,
        }
        section.end()?;
    }
    Ok(())
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Checked<u8> {
        let (byte, rest) = self.0.split_first().ok_or(OutOfBounds::Form)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn bytes(&mut self, length: u32) -> Checked<&'a [u8]> {
        let length = usize::try_from(length).map_err(|_| OutOfBounds::Form)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(OutOfBounds::Form)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// A number of 32 bits in LEB128 of at most five bytes, as engines read it.
    fn number(&mut self) -> Checked<u32> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && byte > 0x0f {
                return Err(OutOfBounds::Form);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(OutOfBounds::Form)
    }

    fn section(&mut self) -> Checked<Self> {
        let length = self.number()?;
        self.bytes(length).map(Reader)
    }

    fn end(&self) -> Checked {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(OutOfBounds::Form),
        }
    }

    /// How many there are, if not too many.
    fn count(&mut self, most: u32, why: OutOfBounds) -> Checked<u32> {
        match self.number()? {
            count if count <= most => Ok(count),
            _ => Err(why),
        }
    }

    fn types(&mut self) -> Checked<Vec<Type>> {
        let mut types = Vec::new();
        for _ in 0..self.count(TYPES_MAX, OutOfBounds::Types)? {
            // A function type; anything else would be an object of the engine's.
            if self.byte()? != 0x60 {
                return Err(OutOfBounds::Types);
            }
            types.push((self.values()?, self.values()?));
        }
        Ok(types)
    }

    fn values(&mut self) -> Checked<Vec<ValType>> {
        let mut values = Vec::new();
        for _ in 0..self.count(VALUES_MAX, OutOfBounds::Types)? {
            values.push(match self.byte()? {
                0x7f => ValType::I32,
                0x7e => ValType::I64,
                _ => return Err(OutOfBounds::Types),
            });
        }
        Ok(values)
    }

    fn imports(&mut self, types: &[Type]) -> Checked {
        for _ in 0..self.count(IMPORTS_MAX, OutOfBounds::Imports)? {
            let (module, name) = (self.name()?, self.name()?);
            let kind = self.byte()?;
            if module != IMPORT_MODULE.as_bytes() || kind != 0 {
                return Err(OutOfBounds::Imports);
            }
            let index = usize::try_from(self.number()?).map_err(|_| OutOfBounds::Imports)?;
            let (params, results) = types.get(index).ok_or(OutOfBounds::Imports)?;
            let mut functions = HostFunction::ALL.iter().map(|function| function.signature());
            let known = functions.find(|function| function.name.as_bytes() == name);
            let known = known.ok_or(OutOfBounds::Imports)?;
            if known.params != params || known.result.as_slice() != results {
                return Err(OutOfBounds::Imports);
            }
        }
        Ok(())
    }

    fn name(&mut self) -> Checked<&'a [u8]> {
        let length = self.number()?;
        self.bytes(length)
    }

    fn table(&mut self) -> Checked {
        for _ in 0..self.count(1, OutOfBounds::Table)? {
            let element = self.byte()?;
            let (least, _) = self.limits(OutOfBounds::Table)?;
            if element != 0x70 || least > TABLE_ENTRIES_MAX {
                return Err(OutOfBounds::Table);
            }
        }
        Ok(())
    }

    fn memory(&mut self) -> Checked {
        for _ in 0..self.count(1, OutOfBounds::Memory)? {
            let (_, most) = self.limits(OutOfBounds::Memory)?;
            // The engine itself refuses a least size above the greatest.
            if most.is_none_or(|most| most > MEMORY_PAGES_MAX) {
                return Err(OutOfBounds::Memory);
            }
        }
        Ok(())
    }

    /// The least and the greatest size. Flags beyond "has a greatest" are other kinds of memory: shared, of 64 bits, of other pages.
    fn limits(&mut self, why: OutOfBounds) -> Checked<(u32, Option<u32>)> {
        match self.byte()? {
            0 => Ok((self.number()?, None)),
            1 => Ok((self.number()?, Some(self.number()?))),
            _ => Err(why),
        }
    }
}

#[cfg(test)]
mod tests;
