//! Each limit: what is at it is admitted, what is one above it is not.

mod common;

use common::{contract, validate};
use playfair_admission::limits::{self, Limit};
use playfair_admission::{Reason, admit};
use wasm_encoder::{CodeSection, CustomSection, Encode, Section};

/// A contract that has `n` of what a limit counts.
fn with(limit: &Limit, n: usize) -> Vec<u8> {
    let times = |text: &str, n: usize| text.repeat(n);
    match limit.name {
        "MODULE_BYTES" => padded(n),
        "CODE_BYTES" => code(n),
        // Beside the nops, a body has its number of locals and its end.
        "FUNCTION_BYTES" => contract(&format!("(func {})", times("nop ", n - 2))),
        "FUNCTIONS" => contract(&times("(func)", n - 1)),
        "TYPES" => contract(&times("(type (func))", n - 1)),
        "PARAMS" => contract(&format!("(type (func (param {})))", times("i64 ", n))),
        "RESULTS" => contract(&format!("(type (func (result {})))", times("i64 ", n))),
        "LOCALS" => contract(&format!(
            "(func (param i32 i32) (local {}))",
            times("i64 ", n - 2)
        )),
        "OPERANDS" => contract(&format!(
            "(func {}{})",
            times("i32.const 0 ", n),
            times("drop ", n)
        )),
        "NESTING" => contract(&format!("(func {}{})", times("block ", n), times("end ", n))),
        "BR_TABLE_TARGETS" => contract(&format!("(func {})", table(n))),
        "BR_TABLE_TARGETS_TOTAL" => {
            let full = limits::BR_TABLE_TARGETS as usize;
            let most = times(&table(full), n / full);
            contract(&format!("(func {most}{})", table(n % full)))
        }
        "JOINS" => contract(&format!(
            "(func (local {}) {}) (func (local i32) {})",
            times("i64 ", 1024),
            times("loop end ", n / 1024),
            times("loop end ", n % 1024)
        )),
        "IMPORTS" => contract(&times(r#"(import "playfair" "height" (func (result i64)))"#, n)),
        "EXPORTS" => {
            let exports: String = (1..n).map(|i| format!("(export \"e{i}\" (func 0))")).collect();
            contract(&exports)
        }
        "GLOBALS" => contract(&times("(global i32 (i32.const 0))", n)),
        "TABLE_ENTRIES" => contract(&format!("(table {n} funcref)")),
        "ELEMENT_SEGMENTS" => contract(&format!("(table 1 funcref){}", times("(elem (i32.const 1))", n))),
        "ELEMENTS" => contract(&format!(
            "(func) (table 4096 funcref) (elem (i32.const 0) 0) (elem (i32.const 0) {})",
            times("0 ", n - 1)
        )),
        "MEMORY_PAGES" => contract(&format!("(memory {n})")),
        "DATA_SEGMENTS" => contract(&format!("(memory 1){}", times("(data (i32.const 9))", n))),
        "DATA_BYTES" => contract(&format!(
            "(memory 8)(data (i32.const 0) \"x\")(data (i32.const 0) \"{}\")",
            times("x", n - 1)
        )),
        "IMAGE_BYTES" => contract(&format!(
            "(memory 32)(data (i32.const 1000) \"x\")(data (i32.const {}) \"x\")(data (i32.const 0) \"\")",
            1000 + n - 1
        )),
        "ABI_BYTES" => contract(&format!("(@custom \"playfair:abi\" \"{}\")", times("x", n))),
        other => panic!("no test for {other}"),
    }
}

fn table(targets: usize) -> String {
    format!("i32.const 0 br_table 0 {}", "0 ".repeat(targets))
}

/// A module of `bytes` bytes, most of them in a custom section.
fn padded(bytes: usize) -> Vec<u8> {
    let mut module = contract("");
    // Its id, a size of three bytes, a name of one byte and its length.
    let data = vec![0; bytes - module.len() - 1 - 3 - 2];
    CustomSection {
        name: "x".into(),
        data: (&data).into(),
    }
    .append_to(&mut module);
    assert_eq!(module.len(), bytes);
    module
}

/// A module with a code section of `bytes` bytes.
fn code(bytes: usize) -> Vec<u8> {
    use wasm_encoder::{ExportKind, ExportSection, FunctionSection, Module, TypeSection, ValType};
    /// A body of this length takes three bytes more for the length.
    const PART: usize = 100_000;
    let mut section = CodeSection::new();
    let mut left = bytes - 1;
    while left > 0 {
        let part = left.min(PART + 3) - 3;
        let mut body = vec![0];
        body.resize(part - 1, 1);
        body.push(0x0b);
        section.raw(&body);
        left -= part + 3;
    }
    let mut functions = FunctionSection::new();
    for _ in 0..section.len() {
        functions.function(0);
    }
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32, ValType::I32], []);
    let mut exports = ExportSection::new();
    exports.export("call", ExportKind::Func, 0);
    let mut encoded = Vec::new();
    section.encode(&mut encoded);
    assert_eq!(encoded.len(), bytes + 3, "with the section's length");
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&exports)
        .section(&section);
    module.finish()
}

#[test]
fn every_limit_holds_exactly() {
    for limit in limits::ALL {
        let value = limit.value as usize;
        let module = with(limit, value);
        match admit(&module) {
            Ok(admitted) => validate(&admitted.instrumented),
            Err(rejection) => panic!("{}: {rejection}", limit.name),
        }
        let rejection = admit(&with(limit, value + 1)).expect_err(limit.name);
        let expected = Reason::Limit {
            limit: *limit,
            found: u64::from(limit.value) + 1,
        };
        assert_eq!(rejection.reason, expected, "{}", limit.name);
        assert_eq!(
            rejection.at.is_none(),
            limit.name == "MODULE_BYTES",
            "{}",
            limit.name
        );
    }
}

#[test]
fn what_has_no_bound_of_its_own_is_bounded() {
    // A maximum above what a call gets is lowered, one below stays.
    for (declared, max) in [("1", 256), ("1 255", 255), ("1 65536", 256)] {
        let admitted = admit(&contract(&format!("(memory {declared})"))).expect("admitted");
        assert_eq!(admitted.info.memory.expect("a memory").max, max);
    }
}
