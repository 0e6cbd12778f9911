use super::*;
use crate::named::Named;
use playfair_admission::admit;
use std::fmt::Write;

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a module")
}

/// A module as admission writes it.
fn admitted(text: &str) -> Vec<u8> {
    admit(&wasm(text)).expect("admitted").instrumented
}

const CALL: &str = "(func (export \"call\") (param i32 i32))";

/// All host functions.
fn imports() -> String {
    let mut text = String::new();
    for function in HostFunction::ALL {
        let row = function.signature();
        let names = |values: &[ValType]| {
            let names = values.iter().map(|value| match value {
                ValType::I32 => " i32",
                ValType::I64 => " i64",
            });
            names.collect::<String>()
        };
        let (params, result) = (names(row.params), names(row.result.as_slice()));
        let ty = format!("(func (param{params}) (result{result}))");
        write!(text, "(import \"playfair\" \"{}\" {ty})", row.name).expect("text");
    }
    text
}

#[test]
fn bounds_are_those_of_admission() {
    use playfair_admission::limits;
    assert_eq!(MEMORY_PAGES_MAX, limits::MEMORY_PAGES);
    assert_eq!(TABLE_ENTRIES_MAX, limits::TABLE_ENTRIES);
    assert_eq!(IMPORTS_MAX, limits::IMPORTS);
    assert_eq!(VALUES_MAX, limits::PARAMS.max(limits::RESULTS));
    // What instrumentation adds is on top.
    const { assert!(TYPES_MAX > limits::TYPES) };
}

#[test]
fn admitted_modules_are_within_bounds() {
    let chess = include_str!("../../../../tests/fixtures/light-client/chess.json");
    let chess: serde_json::Value = serde_json::from_str(chess).expect("a recording");
    let mut answers = chess["parts"][0].as_object().expect("answers").iter();
    let (_, module) = answers
        .find(|(name, _)| name.ends_with("/module/instrumented"))
        .expect("the module");
    let bytes = crate::told::bytes(module["bytes"].as_str().expect("digits")).expect("bytes");
    let named = Named::read(&bytes).expect("a module");
    assert_eq!(check(named.instrumented), Ok(()));

    let types: String = (0..1022).fold(String::new(), |mut text, count| {
        let (values, results) = (count % 32, count / 32 % 8);
        let params = " i64".repeat(values);
        let results = " i32".repeat(results);
        write!(text, "(type (func (param{params}) (result{results})))").expect("text");
        text
    });
    let modules = [
        CALL.to_owned(),
        format!("{}{CALL}", imports()),
        // Neither has a maximum of its own; instrumentation gives the memory one.
        format!("(memory 1) (table 2 funcref) {CALL} (elem (i32.const 0) 0 0)"),
        format!("(memory 256 256) (table 4096 4096 funcref) {CALL}"),
        format!("(memory 0 65536) {CALL}"),
        format!(
            "{types} (memory 1) (global (mut i64) (i64.const 1)) (data (i32.const 8) \"abc\")
            (func (export \"call\") (param i32 i32)
                (memory.fill (i32.const 0) (i32.const 1) (i32.const 8))
                (memory.copy (i32.const 0) (i32.const 8) (i32.const 8))
                (drop (memory.grow (i32.const 1))))
            (func (export \"init\") (param i32)) (func (export \"tick\"))
            (func (export \"query\") (param i32 i32)) (@custom \"name\" \"x\")"
        ),
    ];
    for text in modules {
        let module = admitted(&format!("(module {text})"));
        assert_eq!(check(&module), Ok(()), "{text}");
    }
}

#[test]
fn what_no_chain_would_admit_is_told_by_what_it_is() {
    use OutOfBounds::*;
    let modules = [
        ("(memory 1)", Memory),
        ("(memory 1 257)", Memory),
        ("(memory 1 65536)", Memory),
        ("(memory 1 1) (memory 1 1)", Memory),
        ("(memory 1 1 shared)", Memory),
        ("(memory i64 1 1)", Memory),
        ("(table 4097 funcref)", Table),
        ("(table 1 externref)", Table),
        ("(table 1 funcref) (table 1 funcref)", Table),
        ("(table i64 1 funcref)", Table),
        ("(func) (start 0)", Sections),
        ("(tag)", Sections),
        ("(@custom \"x\" \"y\")", Sections),
        ("(memory 1 1) (data \"x\") (func (data.drop 0))", Sections),
        ("(type (struct))", Types),
        ("(type (array i32))", Types),
        ("(rec (type (func)) (type (func)))", Types),
        ("(type (func (param f64)))", Types),
        ("(type (func (result externref)))", Types),
        ("(import \"env\" \"input\" (func (param i32)))", Imports),
        ("(import \"playfair\" \"alert\" (func))", Imports),
        ("(import \"playfair\" \"input\" (func (param i64)))", Imports),
        ("(import \"playfair\" \"height\" (func (result i32)))", Imports),
        ("(import \"playfair\" \"input\" (memory 1 1))", Imports),
        ("(import \"playfair\" \"input\" (global i32))", Imports),
    ];
    for (text, why) in modules {
        assert_eq!(check(&wasm(&format!("(module {text})"))), Err(why), "{text}");
    }
}

#[test]
fn sections_come_once_and_whole() {
    let module = admitted(&format!("(module (memory 1) (table 1 funcref) {CALL})"));
    assert_eq!(check(&module), Ok(()));
    let memory = [5, 4, 1, 1, 1, 1];
    assert_eq!(
        check(&[module.as_slice(), &memory].concat()),
        Err(OutOfBounds::Sections)
    );
    // A section that is longer than what it has, and numbers that are longer than numbers are.
    let with = |section: &[u8]| check(&[b"\0asm\x01\0\0\0", section].concat());
    assert_eq!(with(&memory), Ok(()));
    assert_eq!(with(&[5, 5, 1, 1, 1, 1, 0]), Err(OutOfBounds::Form));
    assert_eq!(
        with(&[5, 0x84, 0x80, 0x80, 0x80, 0x10, 1, 1, 1, 1]),
        Err(OutOfBounds::Form)
    );
    assert_eq!(with(&[5, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(OutOfBounds::Form));
    assert_eq!(
        with(&[1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]),
        Err(OutOfBounds::Types)
    );
    assert_eq!(check(b"\0asm\x02\0\0\0"), Err(OutOfBounds::Form));
    // No prefix of a section ends it, and nothing panics.
    for length in 0..module.len() {
        let _ = check(&module[..length]);
    }
    for place in 8..module.len() {
        for bit in 0..8 {
            let mut other = module.clone();
            other[place] ^= 1 << bit;
            let _ = check(&other);
        }
    }
}
