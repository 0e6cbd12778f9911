//! `playfair module inspect`: what a module is made of, and what its code costs.

use crate::shape;
use crate::table::{hex, number, table};
use playfair_admission::{Admitted, INSTRUMENTATION_VERSION, ModuleInfo, limits};
use serde_json::{Value, json};

/// Functions that the report lists at most, the dearest first.
const FUNCTIONS_SHOWN: usize = 20;

/// The report for people.
#[must_use]
pub fn text(original: &[u8], admitted: &Admitted) -> String {
    let info = &admitted.info;
    let exports: Vec<&str> = info.exports.iter().map(|export| export.name()).collect();
    let imports: Vec<&str> = info
        .imports
        .iter()
        .map(|function| function.signature().name)
        .collect();
    let abi = match &info.abi {
        Some(abi) => abi_summary(abi),
        None => "none: clients must know payloads by themselves".to_owned(),
    };
    let mut lines = vec![
        format!("module hash   {}", hex(&admitted.hash.0)),
        format!(
            "bytes         {} original, {} instrumented (version {INSTRUMENTATION_VERSION})",
            number(original.len() as u64),
            number(admitted.instrumented.len() as u64)
        ),
        format!("entry points  {}", exports.join(", ")),
        format!("imports       {}", imports.join(", ")),
        format!("abi           {abi}"),
        format!("proof         {}", proof(admitted)),
        String::new(),
        "against the limits".to_owned(),
        limits_table(original, info),
        String::new(),
        format!(
            "functions by gas (each instruction once; {} of {})",
            info.functions.len().min(FUNCTIONS_SHOWN),
            info.functions.len()
        ),
    ];
    let mut functions: Vec<_> = info.functions.iter().collect();
    functions.sort_by_key(|function| core::cmp::Reverse(function.gas));
    let rows: Vec<Vec<String>> = functions
        .iter()
        .take(FUNCTIONS_SHOWN)
        .map(|function| {
            vec![
                function.index.to_string(),
                number(u64::from(function.gas)),
                number(u64::from(function.instructions)),
                number(u64::from(function.bytes)),
                number(u64::from(function.slots)),
                function.name.clone().unwrap_or_default(),
            ]
        })
        .collect();
    lines.push(table(
        &["function", "gas", "instructions", "bytes", "slots", "name"],
        &rows,
    ));
    lines.join("\n")
}

/// Which circuit holds it.
fn proof(admitted: &Admitted) -> String {
    match shape::smallest(admitted) {
        Ok([plain, careful]) => format!(
            "k = {} or larger; {} without believing hints of alignment",
            plain.k, careful.k
        ),
        Err(error) => format!("none: {error:#}"),
    }
}

/// The same as JSON.
#[must_use]
pub fn json(original: &[u8], admitted: &Admitted) -> Value {
    let info = &admitted.info;
    let functions = info.functions.iter().map(|function| {
        json!({
            "index": function.index,
            "name": function.name,
            "bytes": function.bytes,
            "instructions": function.instructions,
            "gas": function.gas,
            "slots": function.slots,
        })
    });
    let abi: Option<Value> = info
        .abi
        .as_deref()
        .and_then(|abi| serde_json::from_slice(abi).ok());
    let shapes = shape::smallest(admitted).ok();
    json!({
        "smallest_k": shapes.map(|shapes| shapes.map(|shape| shape.k)),
        "module_hash": hex(&admitted.hash.0),
        "instrumentation_version": INSTRUMENTATION_VERSION,
        "original_bytes": original.len(),
        "instrumented_bytes": admitted.instrumented.len(),
        "code_bytes": info.code_bytes,
        "exports": info.exports.iter().map(|export| export.name()).collect::<Vec<_>>(),
        "imports": info.imports.iter().map(|f| f.signature().name).collect::<Vec<_>>(),
        "memory_pages": info.memory.map(|pages| json!({ "initial": pages.initial, "max": pages.max })),
        "table_entries": info.table,
        "globals": info.globals,
        "image": info.image.as_ref().map(|image| json!({ "start": image.start, "end": image.end })),
        "abi": abi,
        "functions": functions.collect::<Vec<_>>(),
    })
}

fn abi_summary(abi: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(abi) else {
        return "a section that is not JSON".to_owned();
    };
    let count = |name: &str| value.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    format!(
        "{} calls, {} queries, {} events ({} bytes; `playfair module inspect --abi` prints it)",
        count("calls"),
        count("queries"),
        count("events"),
        number(abi.len() as u64)
    )
}

fn limits_table(original: &[u8], info: &ModuleInfo) -> String {
    let image = info.image.as_ref().map_or(0, |image| image.end - image.start);
    let largest = info.functions.iter().map(|function| function.bytes).max();
    let rows = [
        ("module, bytes", original.len() as u64, limits::MODULE_BYTES),
        ("code, bytes", u64::from(info.code_bytes), limits::CODE_BYTES),
        (
            "largest function, bytes",
            u64::from(largest.unwrap_or(0)),
            limits::FUNCTION_BYTES,
        ),
        ("functions", info.functions.len() as u64, limits::FUNCTIONS),
        ("initial data, bytes", u64::from(image), limits::IMAGE_BYTES),
        (
            "memory at the start, pages",
            u64::from(info.memory.map_or(0, |pages| pages.initial)),
            limits::MEMORY_PAGES,
        ),
        ("table, entries", u64::from(info.table), limits::TABLE_ENTRIES),
        ("globals", u64::from(info.globals), limits::GLOBALS),
    ];
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|(what, used, limit)| vec![(*what).to_owned(), number(*used), number(u64::from(*limit))])
        .collect();
    table(&["", "used", "limit"], &rows)
}
