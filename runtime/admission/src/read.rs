//! Walking a module: section by section, our limits first, wasmparser's validation second, then writing.
//!
//! Functions are instrumented as they are read, so that only one is in memory in decoded form.

use crate::Mode;
use crate::body;
use crate::emit::{self, Added};
use crate::info::{FunctionInfo, ModuleInfo};
use crate::limits::row;
use crate::meter::Block;
use crate::names::Names;
use crate::reason::{Feature, Reason};
use crate::rejection::{Refused, Rejection, limit};
use crate::sections::Sections;
use crate::write::{self, Types};
use playfair_abi::ABI_SECTION;
use wasm_encoder::{BlockType, CodeSection};
use wasmparser::{
    FuncToValidate, FuncValidatorAllocations, FunctionBody, Parser, Payload, ValidPayload, Validator,
    ValidatorResources, WasmFeatures,
};

/// What the validator knows. `REFERENCE_TYPES` is there for `select` with a type and for the long form of
/// `call_indirect`; the rest of that proposal is refused by this crate.
const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY_OPT)
    .union(WasmFeatures::REFERENCE_TYPES);

const MAGIC: &[u8] = b"\0asm";
const CORE_VERSION: &[u8] = &[1, 0, 0, 0];
const COMPONENT_LAYER: &[u8] = &[1, 0];

/// Validates and instruments a module.
pub(crate) fn build(original: &[u8], mode: Mode) -> Result<(Vec<u8>, ModuleInfo), Rejection> {
    // Before anything else looks at it.
    header(original).map_err(|refused| refused.named(&Names::default()))?;
    let names = Names::read(original);
    try_build(original, mode, &names).map_err(|refused| refused.named(&names))
}

fn header(original: &[u8]) -> Result<(), Refused> {
    let size = Reason::Limit {
        limit: row::MODULE_BYTES,
        found: original.len() as u64,
    };
    match (original.get(..4), original.get(4..8)) {
        _ if original.len() > row::MODULE_BYTES.value as usize => Err(Refused::whole(size)),
        (Some(MAGIC), Some(CORE_VERSION)) => Ok(()),
        (Some(MAGIC), Some([_, _, layer @ ..])) if layer == COMPONENT_LAYER => {
            Err(Refused::whole(Reason::Component))
        }
        _ => Err(Refused::whole(Reason::NotWasm)),
    }
}

fn try_build(original: &[u8], mode: Mode, names: &Names) -> Result<(Vec<u8>, ModuleInfo), Refused> {
    let mut parser = Parser::new(0);
    parser.set_features(FEATURES);
    let mut validator = Validator::new_with_features(FEATURES);
    let mut sections = Sections::new(original, mode);
    let mut info = ModuleInfo::default();
    let mut code = None;
    for payload in parser.parse_all(original) {
        let payload = payload?;
        check(&payload, &mut sections, &mut info)?;
        match (validator.payload(&payload)?, &payload) {
            (ValidPayload::Func(function, body), _) => {
                let code = code.get_or_insert_with(|| Code::new(&sections));
                let index = function.index;
                let done = code
                    .function(function, &body, &sections)
                    .map_err(|refused| refused.inside(index))?;
                info.functions.push(FunctionInfo {
                    name: names.of(index),
                    ..done
                });
            }
            (ValidPayload::End(_), _) => break,
            _ => {}
        }
    }
    let code = code.unwrap_or_else(|| Code::new(&sections));
    sections.finish(&mut info)?;
    let Code {
        added,
        types,
        section,
        bulk,
        ..
    } = code;
    info.bulk_helper = bulk.then_some(added.bulk);
    Ok((write::module(&sections, types, section, added, bulk), info))
}

/// Our own rules for a part of the module, before the validator sees it.
fn check<'a>(
    payload: &Payload<'a>,
    sections: &mut Sections<'a>,
    info: &mut ModuleInfo,
) -> Result<(), Refused> {
    match payload {
        Payload::TypeSection(reader) => sections.types(reader),
        Payload::ImportSection(reader) => sections.imports(reader),
        Payload::FunctionSection(reader) => sections.functions(reader),
        Payload::TableSection(reader) => sections.tables(reader),
        Payload::MemorySection(reader) => sections.memories(reader),
        Payload::GlobalSection(reader) => sections.globals(reader),
        Payload::ExportSection(reader) => sections.exports(reader),
        Payload::ElementSection(reader) => sections.elements(reader),
        Payload::DataSection(reader) => sections.data(reader),
        Payload::DataCountSection { count, range } => limit(row::DATA_SEGMENTS, *count, range.start),
        Payload::TagSection(reader) => Err(Refused::feature(
            reader.range().start,
            Feature::Exceptions,
            "tag section",
        )),
        Payload::StartSection { range, .. } => Err(Refused::at(range.start, Reason::Start)),
        Payload::CodeSectionStart { count, range, .. } => {
            info.code_bytes = u32::try_from(range.len()).unwrap_or(u32::MAX);
            limit(row::CODE_BYTES, info.code_bytes, range.start)?;
            limit(row::FUNCTIONS, *count, range.start)
        }
        Payload::CodeSectionEntry(body) => {
            let index = sections.imported_functions() + info.functions.len() as u32;
            let range = body.range();
            limit(row::FUNCTION_BYTES, range.len() as u64, range.start)
                .map_err(|refused| refused.inside(index))
        }
        Payload::CustomSection(custom) if custom.name() == ABI_SECTION => {
            let offset = custom.data_offset();
            limit(row::ABI_BYTES, custom.data().len() as u64, offset)?;
            match info.abi.replace(custom.data().to_vec()) {
                Some(_) => Err(Refused::at(offset, Reason::TwoAbis)),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// The code section while it is read and written.
struct Code {
    added: Added,
    types: Types,
    section: CodeSection,
    bulk: bool,
    totals: body::Totals,
    allocations: FuncValidatorAllocations,
}

impl Code {
    /// Everything that precedes the code section is known.
    fn new(sections: &Sections<'_>) -> Self {
        Self {
            added: Added {
                gas: sections.all_globals(),
                bulk: sections.all_functions(),
                measuring: sections.mode.measuring,
            },
            types: Types::new(&sections.types),
            section: CodeSection::new(),
            bulk: false,
            totals: body::Totals::default(),
            allocations: FuncValidatorAllocations::default(),
        }
    }

    fn function(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'_>,
        sections: &Sections<'_>,
    ) -> Result<FunctionInfo, Refused> {
        let (index, offset, bytes) = (function.index, body.range().start, body.range().len());
        let Some(ty) = sections.types.get(function.ty as usize) else {
            // The validator has accepted the type index.
            return Err(Refused::at(offset, Reason::Invalid("unknown type".into())));
        };
        let validator = function.into_validator(std::mem::take(&mut self.allocations));
        let (body, allocations) = body::read(body, ty, validator, &mut self.totals)?;
        self.allocations = allocations;
        self.bulk |= body.bulk;
        let results = match ty.results() {
            [] => BlockType::Empty,
            [one] => BlockType::Result(emit::integer(*one)),
            results => BlockType::FunctionType(self.types.index_of(&[], results)),
        };
        self.section.function(&emit::function(&body, results, self.added));
        let sum = |part: fn(&Block) -> u32| body.blocks.iter().map(part).sum();
        Ok(FunctionInfo {
            index,
            name: None,
            bytes: bytes as u32,
            instructions: sum(|block| block.instructions),
            gas: sum(|block| block.gas),
            slots: body.slots,
        })
    }
}
