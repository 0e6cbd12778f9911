//! Generated programs of the instructions that admission takes, each from one seed.

use crate::engine::Value;
use crate::random::Random;
use arbitrary::Unstructured;
use wasm_encoder::{CodeSection, RawSection};
use wasm_smith::{Config, InstructionKind, InstructionKinds, Module};
use wasmparser::{BinaryReaderError, ExternalKind, FunctionBody, Parser, Payload, TypeRef, ValType};

/// Loop turns and calls after which a program made to end traps.
const TURNS_MAX: u32 = 1_000;

/// A program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its seed, which makes it again.
    pub seed: u64,
    /// Its binary.
    pub wasm: Vec<u8>,
    /// Whether it counts its own loop turns, so that each of its functions ends whatever the gas.
    pub ends: bool,
    /// Whether it may have `memory.copy` and `memory.fill`.
    pub bulk: bool,
    /// Exported functions with the types of their parameters.
    pub functions: Vec<(String, Vec<ValType>)>,
    /// Exported globals.
    pub globals: Vec<String>,
    /// Exported memories, at most one.
    pub memories: Vec<String>,
}

impl Program {
    /// The program of a seed, or `None` if its bytes make none.
    ///
    /// Of four seeds, one makes a program with `memory.copy` and `memory.fill` but no segments, since the generator couples
    /// the former to passive segments; the rest have data, a table and indirect calls instead. Two of the four make
    /// programs that look before they load, store or divide, and so get further.
    #[must_use]
    pub fn generate(seed: u64) -> Option<Self> {
        let mut random = Random::new(seed);
        let length = 200 + random.below(3_000) as usize;
        let bytes = random.bytes(length);
        let ends = random.below(4) != 0;
        Self::of(seed, &bytes, ends)
    }

    /// The program that bytes make, of the sort that the seed names; whether each of its functions is made to end.
    #[must_use]
    pub fn of(seed: u64, bytes: &[u8], ends: bool) -> Option<Self> {
        let mut module = Module::new(config(seed), &mut Unstructured::new(bytes)).ok()?;
        if ends {
            module.ensure_termination(TURNS_MAX).ok()?;
        }
        let mut program = Self {
            seed,
            wasm: module.to_bytes(),
            ends,
            bulk: is_bulk(seed),
            functions: Vec::new(),
            globals: Vec::new(),
            memories: Vec::new(),
        };
        program.read_exports();
        Some(program)
    }

    /// Arguments for a function: values at which integer instructions change their mind, and others.
    #[must_use]
    pub fn arguments(random: &mut Random, params: &[ValType]) -> Vec<Value> {
        let mut value = |ty: &ValType| {
            let bits = match random.below(4) {
                0 => random.below(16),
                1 => [u64::MAX, 1 << 31, 1 << 63, i32::MAX as u64, i64::MAX as u64][random.below(5) as usize],
                2 => random.below(4 << 16),
                _ => random.next_u64(),
            };
            match ty {
                ValType::I32 => Value::I32(bits as i32),
                _ => Value::I64(bits as i64),
            }
        };
        params.iter().map(&mut value).collect()
    }

    /// The program with `f32.const 0` and `drop` for each local that is no parameter, at the start of its function: so
    /// that a count of instructions sees that a call zeroes locals. Nothing else has a float.
    ///
    /// # Panics
    /// If the program is none.
    #[must_use]
    pub fn with_locals_marked(&self) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        let mut code = CodeSection::new();
        let mut bodies = 0;
        for payload in Parser::new(0).parse_all(&self.wasm) {
            match payload.expect("a generated module decodes") {
                Payload::CodeSectionStart { count, .. } => bodies = count,
                Payload::CodeSectionEntry(body) => {
                    code.raw(&marked(&body).expect("a generated module decodes"));
                    if code.len() == bodies {
                        module.section(&code);
                    }
                }
                payload => {
                    if let Some((id, range)) = payload.as_section() {
                        let data = &self.wasm[range];
                        module.section(&RawSection { id, data });
                    }
                }
            }
        }
        module.finish()
    }

    fn read_exports(&mut self) {
        let wasm = std::mem::take(&mut self.wasm);
        let mut types = Vec::new();
        let mut functions = Vec::new();
        for payload in Parser::new(0).parse_all(&wasm).filter_map(Result::ok) {
            match payload {
                Payload::TypeSection(section) => {
                    types.extend(section.into_iter_err_on_gc_types().filter_map(Result::ok));
                }
                Payload::ImportSection(section) => {
                    let imports = section.into_imports().filter_map(Result::ok);
                    functions.extend(imports.filter_map(|import| match import.ty {
                        TypeRef::Func(ty) => Some(ty),
                        _ => None,
                    }));
                }
                Payload::FunctionSection(section) => {
                    functions.extend(section.into_iter().filter_map(Result::ok))
                }
                Payload::ExportSection(section) => {
                    for export in section.into_iter().filter_map(Result::ok) {
                        let name = export.name.to_owned();
                        match export.kind {
                            ExternalKind::Func => {
                                let ty = functions[export.index as usize];
                                self.functions.push((name, types[ty as usize].params().to_vec()));
                            }
                            ExternalKind::Global => self.globals.push(name),
                            ExternalKind::Memory => self.memories.push(name),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        self.wasm = wasm;
    }
}

fn marked(body: &FunctionBody<'_>) -> Result<Vec<u8>, BinaryReaderError> {
    let mut locals = 0;
    for group in body.get_locals_reader()? {
        locals += group?.0;
    }
    let code = body.get_binary_reader_for_operators()?.original_position() - body.range().start;
    let (declarations, code) = body.as_bytes().split_at(code);
    let marks = [0x43, 0, 0, 0, 0, 0x1a].repeat(locals as usize);
    Ok([declarations, &marks, code].concat())
}

fn is_bulk(seed: u64) -> bool {
    seed.is_multiple_of(4)
}

fn config(seed: u64) -> Config {
    let bulk = is_bulk(seed);
    let segments = if bulk { 0 } else { 4 };
    Config {
        allow_start_export: false,
        allowed_instructions: InstructionKinds::new(&[
            InstructionKind::NumericInt,
            InstructionKind::Parametric,
            InstructionKind::Variable,
            InstructionKind::MemoryInt,
            InstructionKind::Control,
        ]),
        allow_floats: false,
        bulk_memory_enabled: bulk,
        disallow_traps: seed % 4 > 1,
        exceptions_enabled: false,
        export_everything: true,
        extended_const_enabled: false,
        gc_enabled: false,
        max_data_segments: segments,
        max_element_segments: segments,
        max_elements: 16,
        max_funcs: 6,
        max_globals: 6,
        max_imports: 0,
        max_instructions: 150,
        max_memories: 1,
        max_memory32_bytes: 4 << 16,
        max_table_elements: 32,
        max_tables: usize::from(!bulk),
        max_types: 12,
        max_values: 6,
        memory64_enabled: false,
        min_funcs: 1,
        min_memories: 1,
        min_tables: u32::from(!bulk),
        min_types: 2,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        saturating_float_to_int_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        ..Config::default()
    }
}
