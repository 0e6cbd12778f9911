//! What the tests share: modules from text, listings of modules, a seeded generator.
#![allow(dead_code, reason = "each test file uses a part")]

use core::fmt::Write;
use wasmparser::{Operator, Parser, Payload, Validator, WasmFeatures};

/// A module from its text.
#[track_caller]
pub(crate) fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's text is valid")
}

/// A contract with these fields beside an empty `call`, which is the last function.
#[track_caller]
pub(crate) fn contract(fields: &str) -> Vec<u8> {
    wat(&format!(
        "(module {fields} (func (export \"call\") (param i32 i32)))"
    ))
}

/// Panics unless a module is valid WebAssembly of what chains run.
#[track_caller]
pub(crate) fn validate(module: &[u8]) {
    let features = WasmFeatures::MVP
        .difference(WasmFeatures::FLOATS)
        .union(WasmFeatures::MUTABLE_GLOBAL)
        .union(WasmFeatures::SIGN_EXTENSION)
        .union(WasmFeatures::MULTI_VALUE)
        .union(WasmFeatures::BULK_MEMORY_OPT)
        .union(WasmFeatures::REFERENCE_TYPES);
    Validator::new_with_features(features)
        .validate_all(module)
        .expect("an instrumented module validates");
}

/// A listing of a module: what each section has, and each function's instructions, indented.
pub(crate) fn listing(module: &[u8]) -> String {
    let mut text = String::new();
    for payload in Parser::new(0).parse_all(module) {
        section(&payload.expect("valid"), &mut text);
    }
    text
}

fn section(payload: &Payload<'_>, text: &mut String) {
    let line = |text: &mut String, what: String| writeln!(text, "{what}").expect("writes");
    macro_rules! each {
        ($reader:expr, $name:ident => $($what:tt)+) => {
            for $name in $reader.clone() {
                let $name = $name.expect("valid");
                line(text, format!($($what)+));
            }
        };
    }
    match payload {
        Payload::TypeSection(reader) => {
            each!(reader, group => "type {}", group.types().map(|ty| ty.to_string()).collect::<String>());
        }
        Payload::ImportSection(reader) => {
            for import in reader.clone().into_imports() {
                let import = import.expect("valid");
                line(
                    text,
                    format!("import {}.{} {:?}", import.module, import.name, import.ty),
                );
            }
        }
        Payload::FunctionSection(reader) => each!(reader, ty => "function of type {ty}"),
        Payload::TableSection(reader) => {
            each!(reader, table => "table {} {:?}", table.ty.initial, table.ty.maximum);
        }
        Payload::MemorySection(reader) => {
            each!(reader, memory => "memory {} {:?}", memory.initial, memory.maximum);
        }
        Payload::GlobalSection(reader) => each!(reader, global => "global {} {} = {}",
            if global.ty.mutable { "mut" } else { "const" },
            global.ty.content_type,
            instructions(global.init_expr.get_operators_reader(), 0).replace('\n', ";")),
        Payload::ExportSection(reader) => {
            each!(reader, export => "export {} = {:?} {}", export.name, export.kind, export.index);
        }
        Payload::ElementSection(reader) => {
            for element in reader.clone() {
                let element = element.expect("valid");
                let wasmparser::ElementItems::Functions(functions) = element.items else {
                    panic!("functions only");
                };
                let functions: Vec<_> = functions.into_iter().map(Result::unwrap).collect();
                line(text, format!("elements {functions:?}"));
            }
        }
        Payload::DataSection(reader) => each!(reader, data => "data {:?}", data.data),
        Payload::CodeSectionEntry(body) => {
            let locals: Vec<_> = body
                .get_locals_reader()
                .unwrap()
                .into_iter()
                .map(Result::unwrap)
                .collect();
            line(text, format!("body, locals {locals:?}"));
            text.push_str(&instructions(body.get_operators_reader().unwrap(), 1));
        }
        Payload::CustomSection(custom) => line(text, format!("custom {}", custom.name())),
        Payload::Version { .. } | Payload::CodeSectionStart { .. } | Payload::End(_) => {}
        other => line(text, format!("{other:?}")),
    }
}

/// Instructions, one a line, indented by block.
pub(crate) fn instructions(reader: wasmparser::OperatorsReader<'_>, indent: usize) -> String {
    let (mut text, mut depth) = (String::new(), indent);
    for operator in reader {
        let operator = operator.expect("valid");
        if matches!(operator, Operator::End | Operator::Else) {
            depth = depth.saturating_sub(1);
        }
        writeln!(text, "{}{}", "  ".repeat(depth), instruction(&operator)).expect("writes");
        depth += usize::from(matches!(
            operator,
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } | Operator::Else
        ));
    }
    text
}

fn instruction(operator: &Operator<'_>) -> String {
    macro_rules! text {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            match operator {
                $(Operator::$op $({ $($arg),* })? => {
                    #[allow(unused_mut)]
                    let mut text = stringify!($visit).trim_start_matches("visit_").to_owned();
                    $($(write!(text, " {:?}", $arg).expect("writes");)*)?
                    text
                })*
                _ => "unknown".to_owned(),
            }
        };
    }
    if let Operator::BrTable { targets } = operator {
        let listed: Vec<_> = targets.targets().map(Result::unwrap).collect();
        return format!("br_table {listed:?} {}", targets.default());
    }
    wasmparser::for_each_operator!(text)
}

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
