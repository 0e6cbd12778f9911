//! The committed program: its imports and exports are the interface of the crate's documentation, and it holds nothing that the
//! machine could not carry a field element through.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use wasmparser::{ExternalKind, FuncType, Operator, Parser, Payload, TypeRef, ValType};

const PROGRAM: &[u8] = include_bytes!("../kernel.wasm");
/// Bytes of the program, at most: code sits in every verifying key's fixed columns.
const BYTES_MAX: usize = 40_000;

const IMPORTS: &str = "
    module.call(ii) module.gas_schedule()l module.has_init()i module.has_tick()i module.init(i) module.memory_bytes()l
    module.memory_max()l module.module_hash()l module.reset() module.table_size()l module.tick()
    zk.aux(il)l zk.aux2(il)l zk.curve64(llllllll) zk.curve_x()l zk.curve_y()l zk.exit() zk.f_add(ll)l zk.f_const(llll)l
    zk.f_eq(ll)i zk.f_lin(lili)l zk.f_mul(ll)l zk.f_sub(ll)l zk.fail() zk.finish() zk.gas()l zk.gas_sub(l)
    zk.guest_load(ii)l zk.guest_store(iil) zk.hint(il)l zk.hint_f(il)l zk.poseidon2(ll)l zk.poseidon5(lllll)l zk.raw(l)l
    zk.set_gas(l) zk.set_memory(li) zk.slots()l zk.xpc()l
";

const EXPORTS: &str = "
    boot() bulk_charge(i)i host_balance(ii) host_caller(i) host_chain_id(i) host_emit(iii) host_exists(ii)i
    host_get(iiii)i host_height()l host_input(i) host_log(ii) host_output(ii) host_poseidon2(ii) host_poseidon5(ii)
    host_randomness(i) host_remove(ii)i host_revert(ii) host_send(iii)i host_set(iiii) host_time()l host_transfer(ii)i
    host_value(i) host_withdraw(ii)i memory_grow(i)i memory_size()i resume() trapped()
";

fn letters(types: &[ValType]) -> String {
    types
        .iter()
        .map(|ty| if *ty == ValType::I64 { 'l' } else { 'i' })
        .collect()
}

fn signature(ty: &FuncType) -> String {
    format!("({}){}", letters(ty.params()), letters(ty.results()))
}

#[derive(Default)]
struct Seen {
    types: Vec<FuncType>,
    imports: Vec<String>,
    functions: Vec<u32>,
    exports: Vec<(String, u32)>,
    data_bytes: usize,
    /// Instructions of each function, by name.
    code: Vec<BTreeMap<String, usize>>,
}

fn read() -> Seen {
    let mut seen = Seen::default();
    for payload in Parser::new(0).parse_all(PROGRAM) {
        match payload.expect("a module") {
            Payload::TypeSection(types) => {
                let types = types.into_iter_err_on_gc_types();
                seen.types = types.map(|ty| ty.expect("a type")).collect();
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.expect("an import");
                    let TypeRef::Func(ty) = import.ty else {
                        panic!("{import:?}")
                    };
                    let ty = signature(&seen.types[ty as usize]);
                    seen.imports
                        .push(format!("{}.{}{ty}", import.module, import.name));
                    seen.functions.push(u32::MAX);
                }
            }
            Payload::FunctionSection(functions) => {
                seen.functions
                    .extend(functions.into_iter().map(|ty| ty.expect("a function")));
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.expect("an export");
                    if export.kind == ExternalKind::Func {
                        seen.exports.push((export.name.into(), export.index));
                    }
                }
            }
            Payload::DataSection(segments) => {
                seen.data_bytes = segments
                    .into_iter()
                    .map(|data| data.expect("data").data.len())
                    .sum();
            }
            Payload::CodeSectionEntry(body) => {
                let mut counts = BTreeMap::new();
                for operator in body.get_operators_reader().expect("code") {
                    let operator = operator.expect("an instruction");
                    assert!(!matches!(
                        operator,
                        Operator::MemoryCopy { .. } | Operator::MemoryFill { .. }
                    ));
                    let name = format!("{operator:?}");
                    // What is not aligned may straddle two words.
                    if let Operator::I64Load { memarg } | Operator::I64Store { memarg } = operator {
                        assert_eq!(memarg.align, memarg.max_align, "{name}");
                    }
                    let name = name.split([' ', '{']).next().unwrap_or_default().to_owned();
                    *counts.entry(name).or_default() += 1;
                }
                seen.code.push(counts);
            }
            Payload::CustomSection(section) => panic!("a custom section: {}", section.name()),
            _ => {}
        }
    }
    seen
}

#[test]
fn the_interface_is_the_documented_one() {
    let seen = read();
    let mut imports = seen.imports.clone();
    imports.sort();
    assert_eq!(imports, IMPORTS.split_whitespace().collect::<Vec<_>>());
    let types = &seen.types;
    let mut exports: Vec<String> = seen
        .exports
        .iter()
        .map(|(name, index)| {
            format!(
                "{name}{}",
                signature(&types[seen.functions[*index as usize] as usize])
            )
        })
        .collect();
    exports.sort();
    assert_eq!(exports, EXPORTS.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn no_element_is_moved_in_parts() {
    let seen = read();
    let mut total: BTreeMap<&str, usize> = BTreeMap::new();
    for counts in &seen.code {
        for (name, count) in counts {
            *total.entry(name).or_default() += count;
        }
    }
    println!("{} bytes, {} of data, {total:?}", PROGRAM.len(), seen.data_bytes);
    assert!(PROGRAM.len() <= BYTES_MAX);
    // Copies by bytes or half words would tear elements; there is no stack pointer that an exit would leave behind. (Loads may be
    // narrow: of words that are masked.)
    for name in [
        "I32Store8",
        "I32Store16",
        "I64Store8",
        "I64Store16",
        "MemoryGrow",
        "CallIndirect",
        "GlobalGet",
        "GlobalSet",
    ] {
        assert!(!total.contains_key(name), "{name}");
    }
}

/// With `PLAYFAIR_BLESS=1`, makes it anew.
#[test]
fn it_is_what_its_sources_make() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut build = Command::new("sh");
    build.arg(folder.join("build.sh"));
    if std::env::var_os("PLAYFAIR_BLESS").is_none() {
        build.arg("check");
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kernel");
    let built = build
        .env("CARGO", env!("CARGO"))
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("a shell");
    assert!(
        built.status.success(),
        "kernel.wasm is not what build.sh makes of the sources; look at the change, then PLAYFAIR_BLESS=1: {}{}",
        String::from_utf8_lossy(&built.stdout),
        String::from_utf8_lossy(&built.stderr)
    );
}
