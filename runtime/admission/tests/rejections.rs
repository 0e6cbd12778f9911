//! Every reason to refuse a module, each with its place.

mod common;

use common::{contract, wat};
use playfair_abi::export::Export;
use playfair_abi::host::HostFunction;
use playfair_admission::{Feature, Location, Reason, Rejection, admit, bare};
use std::collections::BTreeSet;

/// Refuses a module, with the reason at the only place where these bytes are.
#[track_caller]
fn refused(module: &[u8], at: &[u8], function: Option<(u32, &str)>, reason: &Reason) -> Rejection {
    let rejection = admit(module).expect_err("refused");
    assert_eq!(&rejection.reason, reason);
    let places: Vec<_> = (0..module.len())
        .filter(|start| module[*start..].starts_with(at))
        .collect();
    assert_eq!(places.len(), 1, "the test's bytes name one place");
    let location = Location {
        function: function.map(|(index, _)| index),
        name: function
            .map(|(_, name)| name.to_owned())
            .filter(|name| !name.is_empty()),
        offset: places[0],
    };
    assert_eq!(rejection.at, Some(location), "{rejection}");
    assert!(!rejection.hint().is_empty());
    rejection
}

fn unsupported(feature: Feature, what: &str) -> Reason {
    Reason::Unsupported {
        feature,
        what: what.to_owned(),
    }
}

/// An instruction in a function: its text, the feature, its name, its first bytes.
#[rustfmt::skip]
const INSTRUCTIONS: &[(&str, Feature, &str, &[u8])] = &[
    ("f32.const 1.5 drop", Feature::Floats, "f32.const", &[0x43, 0, 0, 0xc0]),
    ("(drop (f64.add (unreachable) (unreachable)))", Feature::Floats, "f64.add", &[0xa0, 0x1a]),
    ("(drop (i32.trunc_sat_f64_s (unreachable)))", Feature::Floats, "i32.trunc_sat_f64_s", &[0xfc, 2]),
    ("block (result f32) unreachable end drop", Feature::Floats, "block of type f32", &[2, 0x7d, 0]),
    ("(drop (select (result f64) (unreachable)))", Feature::Floats, "select of type f64", &[0x1c, 1, 0x7c]),
    ("(drop (i32x4.splat (unreachable)))", Feature::Simd, "i32x4.splat", &[0xfd, 0x11]),
    ("atomic.fence", Feature::Threads, "atomic.fence", &[0xfe, 3, 0]),
    ("(drop (i32.atomic.load (i32.const 77)))", Feature::Threads, "i32.atomic.load", &[0xfe, 0x10]),
    ("return_call 0", Feature::TailCalls, "return_call", &[0x12, 0]),
    ("(throw_ref (unreachable))", Feature::Exceptions, "throw_ref", &[0x0a, 0x0b]),
    ("(drop (ref.i31 (i32.const 1)))", Feature::Gc, "ref.i31", &[0xfb, 0x1c]),
    ("(drop (ref.null func))", Feature::References, "ref.null", &[0xd0, 0x70]),
    ("(drop (ref.func 0))", Feature::References, "ref.func", &[0xd2, 0]),
    ("(drop (table.get 0 (i32.const 0)))", Feature::References, "table.get", &[0x25, 0]),
    ("(drop (table.size 0))", Feature::References, "table.size", &[0xfc, 0x10]),
    ("(table.set 0 (unreachable))", Feature::TableMutation, "table.set", &[0x26, 0]),
    ("(drop (table.grow 0 (unreachable)))", Feature::TableMutation, "table.grow", &[0xfc, 0x0f]),
    ("(table.copy 0 0 (unreachable))", Feature::TableMutation, "table.copy", &[0xfc, 0x0e]),
    ("(table.fill 0 (unreachable))", Feature::TableMutation, "table.fill", &[0xfc, 0x11]),
    ("(memory.init $d (unreachable))", Feature::PassiveSegments, "memory.init", &[0xfc, 8]),
    ("(data.drop $d)", Feature::PassiveSegments, "data.drop", &[0xfc, 9]),
    ("(i64.add128 (unreachable)) drop drop", Feature::Other, "i64.add128", &[0xfc, 0x13]),
];

#[test]
fn instructions() {
    for (text, feature, what, at) in INSTRUCTIONS {
        let module = contract(&format!(
            r#"(memory 1) (table 1 funcref) (data $d (i32.const 1) "x") (elem declare func 0)
               (func $innocent) (func $guilty {text})"#
        ))
        .to_vec();
        // A declared segment, which ref.func asks for in text, is refused by itself; it is no concern here.
        let module = without_section(&module, 9);
        refused(&module, at, Some((1, "guilty")), &unsupported(*feature, what));
    }
}

/// A module without one of its sections.
fn without_section(module: &[u8], id: u8) -> Vec<u8> {
    let mut kept = module[..8].to_vec();
    let mut at = 8;
    while at < module.len() {
        let mut size = 0;
        let mut body = at + 1;
        for shift in (0..).step_by(7) {
            let byte = module[body];
            body += 1;
            size |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if module[at] != id {
            kept.extend_from_slice(&module[at..body + size]);
        }
        at = body + size;
    }
    kept
}

/// A field of a module: its text, the feature, what is said, its first bytes.
#[rustfmt::skip]
const FIELDS: &[(&str, Feature, &str, &[u8])] = &[
    ("(type (func (param f32)))", Feature::Floats, "parameter or result of type f32", &[0x60, 1, 0x7d]),
    ("(type (func (result i32 f64)))", Feature::Floats, "parameter or result of type f64", &[0x60, 0, 2, 0x7f, 0x7c]),
    ("(type (func (param v128)))", Feature::Simd, "parameter or result of type v128", &[0x60, 1, 0x7b]),
    ("(type (func (param externref)))", Feature::References, "parameter or result of type externref", &[0x60, 1, 0x6f]),
    ("(rec (type (func)) (type (func)))", Feature::Gc, "a type that is no function type", &[0x4e, 2]),
    ("(type (struct))", Feature::Gc, "a type that is no function type", &[0x5f, 0]),
    ("(global f64 (f64.const 0))", Feature::Floats, "global of type f64", &[0x7c, 0]),
    ("(global funcref (ref.null func))", Feature::References, "global of type funcref", &[0x70, 0, 0xd0]),
    ("(global i32 (i32.add (i32.const 1) (i32.const 2)))", Feature::ExtendedConst, "a constant expression of more than one constant", &[0x41, 2, 0x6a]),
    ("(global $a i32 (i32.const 77)) (global i32 (global.get $a))", Feature::ExtendedConst, "a constant expression that is not a constant", &[0x23, 0]),
    ("(memory i64 1)", Feature::Memory64, "64-bit memory", &[4, 1, 7]),
    ("(memory 1 1 shared)", Feature::Threads, "shared memory", &[3, 1, 1, 7]),
    ("(memory 1) (memory 55)", Feature::MultiMemory, "a second memory", &[0, 55]),
    ("(memory 65536 (pagesize 1))", Feature::CustomPageSizes, "memory with a page size", &[8, 0x80, 0x80, 4]),
    ("(table i64 1 funcref)", Feature::Memory64, "64-bit table", &[0x70, 4, 1]),
    ("(table 1 externref)", Feature::References, "a table of other things than functions", &[0x6f, 0, 1]),
    ("(table 1 funcref) (table 55 funcref)", Feature::References, "a second table", &[0x70, 0, 55]),
    ("(table 1 funcref (ref.null func))", Feature::References, "table with an initial value", &[0x40, 0, 0x70]),
    ("(tag)", Feature::Exceptions, "tag section", &[1, 0, 0, 7]),
    ("(memory 1) (data \"xyz\")", Feature::PassiveSegments, "a passive data segment", &[1, 3, b'x']),
    ("(func) (elem declare func 0)", Feature::PassiveSegments, "an element segment that is not active", &[3, 0, 1, 0]),
    ("(func) (table 1 funcref) (elem func 0)", Feature::PassiveSegments, "an element segment that is not active", &[1, 0, 1, 0, 10]),
    ("(table 1 funcref) (elem (i32.const 0) funcref (ref.null func))", Feature::References, "an element segment of expressions", &[4, 0x41, 0, 0x0b, 1, 0xd0]),
];

#[test]
fn fields() {
    for (text, feature, what, at) in FIELDS {
        // Names would repeat bytes.
        let module = contract(text);
        refused(&module, at, None, &unsupported(*feature, what));
    }
}

#[test]
fn locals() {
    let module = contract("(func $f (param i64) (local i32 f32))");
    let reason = unsupported(Feature::Floats, "local of type f32");
    refused(&module, &[1, 0x7d, 0x0b], Some((0, "f")), &reason);
}

#[test]
fn every_feature_is_refused_somewhere() {
    let refused: BTreeSet<_> = INSTRUCTIONS
        .iter()
        .map(|row| row.1)
        .chain(FIELDS.iter().map(|row| row.1))
        .collect();
    let mut known = 0;
    for feature in refused {
        known += 1;
        // Exhaustive: a new feature needs a row above, and a new count here.
        match feature {
            Feature::Floats | Feature::Simd | Feature::Threads | Feature::TailCalls | Feature::Exceptions => {
            }
            Feature::Gc | Feature::References | Feature::TableMutation | Feature::PassiveSegments => {}
            Feature::Memory64 | Feature::MultiMemory | Feature::ExtendedConst => {}
            Feature::CustomPageSizes | Feature::Other => {}
        }
    }
    assert_eq!(known, 14);
}

#[test]
fn not_wasm() {
    for bytes in [&b""[..], b"\0asm", b"\0asm\x02\0\0\0", b"<html><body>", &[0; 100]] {
        let rejection = admit(bytes).expect_err("refused");
        assert_eq!((rejection.reason, rejection.at), (Reason::NotWasm, None));
    }
    let component = wat("(component)");
    assert_eq!(admit(&component).expect_err("refused").reason, Reason::Component);
}

#[test]
fn not_valid() {
    let module = contract("(func $f (result i32) i32.const 1 i64.const 55 i32.add)");
    let message = "type mismatch: expected i32, found i64";
    refused(
        &module,
        &[0x6a, 0x0b],
        Some((0, "f")),
        &Reason::Invalid(message.into()),
    );
    // A name of the module in wasmparser's message is cut and cleaned.
    let module = contract(&format!(
        r#"(export "{0}" (func 0)) (export "{0}" (func 0))"#,
        "\\1b[31m".repeat(100)
    ));
    let Reason::Invalid(message) = admit(&module).expect_err("refused").reason else {
        panic!("not valid");
    };
    assert!(message.len() < 300 && message.chars().all(|c| c.is_ascii_graphic() || c == ' '));
}

#[test]
fn start_function() {
    let module = contract("(func $f) (start $f)");
    refused(&module, &[0, 10, 7, 2], None, &Reason::Start);
}

#[test]
fn imports() {
    let unknown = |module: &str, name: &str, nearest| Reason::UnknownImport {
        module: module.into(),
        name: name.into(),
        nearest,
    };
    let module = contract(r#"(import "playfair" "trasnfer" (func (param i32 i32) (result i32)))"#);
    let reason = unknown("playfair", "trasnfer", Some(HostFunction::Transfer));
    let rejection = refused(&module, b"\x08playfair", None, &reason);
    assert_eq!(
        rejection.hint(),
        "did you mean `playfair`.`transfer` (i32, i32) -> i32?"
    );

    let module = contract(r#"(import "env" "memcpy_fast_or_so" (func))"#);
    let reason = unknown("env", "memcpy_fast_or_so", None);
    let rejection = refused(&module, b"\x03env", None, &reason);
    assert!(rejection.hint().contains("define it"));

    let module = contract(r#"(import "env" "get" (func))"#);
    refused(
        &module,
        b"\x03env",
        None,
        &unknown("env", "get", Some(HostFunction::Get)),
    );

    let module = contract(r#"(import "wbg" "__wbg_log_1d0dc49d7f0a2e6d" (func))"#);
    let rejection = refused(
        &module,
        b"\x03wbg",
        None,
        &unknown("wbg", "__wbg_log_1d0dc49d7f0a2e6d", None),
    );
    assert!(rejection.hint().contains("wasm-bindgen"));

    let module = contract(r#"(import "playfair" "height" (func (result i32)))"#);
    let reason = Reason::ImportSignature {
        function: HostFunction::Height,
        found: "() -> i32".into(),
    };
    let rejection = refused(&module, b"\x08playfair", None, &reason);
    assert_eq!(rejection.hint(), "its type is `playfair`.`height` () -> i64");

    for (text, kind) in [
        ("(memory 1)", "memory"),
        ("(table 1 funcref)", "table"),
        ("(global i32)", "global"),
        ("(tag)", "tag"),
    ] {
        let module = contract(&format!(r#"(import "playfair" "get" {text})"#));
        let name = "get".into();
        refused(&module, b"\x08playfair", None, &Reason::ImportKind { name, kind });
    }
}

#[test]
fn entry_points() {
    let rejection = admit(&wat("(module)")).expect_err("refused");
    assert_eq!((rejection.reason, rejection.at), (Reason::MissingCall, None));
    let found = |export, found: &str| Reason::EntryPoint {
        export,
        found: found.into(),
    };
    let module = wat(r#"(module (func (export "call") (param i32) (result i32) i32.const 0))"#);
    let reason = found(Export::Call, "a function of the type (i32) -> i32");
    let rejection = refused(&module, b"\x04call", None, &reason);
    assert!(rejection.hint().contains("(i32, i32) -> ()"));

    let module = contract(r#"(global i32 (i32.const 1)) (export "tick" (global 0))"#);
    refused(&module, b"\x04tick", None, &found(Export::Tick, "not a function"));

    let module = contract(r#"(func (export "init") (param i64))"#);
    refused(
        &module,
        b"\x04init",
        None,
        &found(Export::Init, "a function of the type (i64) -> ()"),
    );

    let module =
        contract(r#"(import "playfair" "log" (func $log (param i32 i32))) (export "query" (func $log))"#);
    refused(
        &module,
        b"\x05query",
        None,
        &found(Export::Query, "an imported function"),
    );
}

#[test]
fn segments_out_of_bounds() {
    let module = contract("(memory 1) (data (i32.const 65533) \"abc\")");
    admit(&module).expect("the last bytes");
    let module = contract("(memory 1) (data (i32.const 65534) \"abc\")");
    let reason = Reason::DataOutOfBounds {
        start: 65_534,
        length: 3,
        memory: 65_536,
    };
    refused(&module, &[0, 0x41, 0xfe, 0xff], None, &reason);
    let module = contract("(memory 0) (data (i32.const -1) \"\")");
    let reason = Reason::DataOutOfBounds {
        start: u32::MAX,
        length: 0,
        memory: 0,
    };
    refused(&module, &[0, 0x41, 0x7f], None, &reason);

    let module = contract("(table 2 funcref) (func) (elem (i32.const 1) 0 0)");
    let reason = Reason::ElementsOutOfBounds {
        start: 1,
        length: 2,
        table: 2,
    };
    refused(&module, &[0, 0x41, 1, 0x0b, 2], None, &reason);
}

#[test]
fn two_abis() {
    let module = contract(r#"(@custom "playfair:abi" "{}") (@custom "playfair:abi" "[]")"#);
    refused(&module, b"[]", None, &Reason::TwoAbis);
}

#[test]
fn an_instrumented_module_is_not_admitted_again() {
    let admitted = admit(&contract("(memory 1)")).expect("admitted");
    let reason = Reason::Instrumented {
        export: "playfair:gas".into(),
    };
    let rejection = refused(&admitted.instrumented, b"\x0cplayfair:gas", None, &reason);
    assert!(rejection.hint().contains("original"));
    assert_eq!(
        bare(&admitted.instrumented, false).expect_err("refused").reason,
        reason
    );
}

#[test]
fn a_refusal_reads_well() {
    let module = contract("(func $speed (param i32) (result i32) (i32.trunc_sat_f32_s (f32.const 1)))");
    let text = admit(&module).expect_err("refused").to_string();
    let expected = "function 0 `speed`, byte 0x29: f32.const: floating point is not supported. Hint: use integers or the \
                    SDK's fixed-point numbers. ";
    assert!(text.starts_with(expected), "{text}");
}
