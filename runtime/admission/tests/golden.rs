//! Instrumented modules, as a reviewer reads them: what instrumentation writes is part of every module hash, so every byte
//! of it is kept. `PLAYFAIR_BLESS=1 cargo test` rewrites the listings; review what changed, and the version with it.

mod common;

#[path = "common/samples.rs"]
mod samples;

use common::{listing, validate, wat};
use playfair_admission::{INSTRUMENTATION_VERSION, Rejection, admit, bare, measure};
use playfair_types::module::ModuleHash;
use std::path::Path;

/// Compares a module's listing and bytes with those in the tree.
fn golden(name: &str, module: &[u8]) {
    validate(module);
    let hash = ModuleHash::of(&[], module, INSTRUMENTATION_VERSION);
    let hash: String = hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!("{} bytes, hash {hash}\n{}", module.len(), listing(module));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.txt"));
    let bless = |name| std::env::var_os(name).is_some_and(|value| value == "1");
    if bless("PLAYFAIR_BLESS") || bless("BLESS") {
        std::fs::write(&path, &text).expect("the tree is writable");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        text, kept,
        "{name}: instrumentation changed; see the head of this file"
    );
}

#[test]
fn admitted() {
    for (name, text) in samples::ALL {
        golden(name, &admit(&wat(text)).expect("admitted").instrumented);
    }
}

#[test]
fn measuring() {
    for (name, text) in [("control", samples::CONTROL), ("bulk", samples::BULK)] {
        golden(
            &format!("{name}-measuring"),
            &measure(&wat(text)).expect("admitted"),
        );
    }
}

#[test]
fn bare_module_with_imports() {
    let module = wat(r#"(module
        (import "m" "g" (global $g i32))
        (import "m" "f" (func $f (param i32) (result i32)))
        (import "m" "t" (table 3 funcref))
        (import "m" "memory" (memory 1))
        (global $h (mut i32) (global.get $g))
        (elem (global.get $g) $own)
        (data (global.get $g) "abc")
        (func $own (export "own") (param i32) (result i32)
          local.get 0
          call $f
          global.get $h
          i32.add)
        (export "h" (global $h))
        (export "f" (func $f)))"#);
    golden("bare", &bare(&module, false).expect("instrumented"));
}

#[test]
fn bare_keeps_the_memory_as_it_is() {
    let module = wat(r#"(module (memory (export "mem") 0 65536))"#);
    let listed = listing(&bare(&module, true).expect("instrumented"));
    assert!(listed.contains("memory 0 Some(65536)\n"));
    assert!(listed.contains("export mem = Memory 0\nexport memory = Memory 0\n"));
}

#[test]
fn the_same_bytes_give_the_same_module() -> Result<(), Rejection> {
    for (_, text) in samples::ALL {
        let module = wat(text);
        let (one, two) = (admit(&module)?, admit(&module)?);
        assert_eq!(one.instrumented, two.instrumented);
        assert_eq!(one.hash, two.hash);
        assert_eq!(
            one.hash,
            ModuleHash::of(&module, &one.instrumented, INSTRUMENTATION_VERSION)
        );
        assert_eq!(measure(&module)?, measure(&module)?);
    }
    Ok(())
}

#[test]
fn custom_sections_and_encodings_do_not_reach_the_instrumented_module() {
    let plain = wat(samples::CONTROL);
    let named = wat(&samples::CONTROL.replacen("(module", "(module $name (@custom \"x\" \"y\")", 1));
    assert_ne!(plain, named);
    let (plain, named) = (admit(&plain).expect("admitted"), admit(&named).expect("admitted"));
    assert_eq!(plain.instrumented, named.instrumented);
    assert_ne!(plain.hash, named.hash, "the original is part of the hash");
}

#[test]
fn the_long_form_of_a_table_index_is_read() {
    let plain = wat(r#"(module (table 1 funcref) (type (func))
        (func (export "call") (param i32 i32) local.get 0 call_indirect (type 0)))"#);
    // rustc writes the table's index in five bytes, for the linker to fill.
    let at = plain
        .windows(3)
        .position(|bytes| bytes == [0x11, 0, 0])
        .expect("call_indirect")
        + 2;
    let mut long = plain.clone();
    long.splice(at..=at, [0x80, 0x80, 0x80, 0x80, 0]);
    grow(&mut long, 10, 4);
    let (plain, long) = (admit(&plain).expect("admitted"), admit(&long).expect("admitted"));
    assert_eq!(plain.instrumented, long.instrumented);
}

/// Adds to the size of the code section and of its only body.
fn grow(module: &mut [u8], section: u8, more: u8) {
    let mut at = 8;
    while module[at] != section {
        at += 2 + module[at + 1] as usize;
    }
    module[at + 1] += more;
    module[at + 3] += more;
}

#[test]
fn a_module_is_described() {
    use playfair_abi::export::Export;
    use playfair_abi::host::HostFunction;
    let info = admit(&wat(samples::ENTRIES)).expect("admitted").info;
    assert_eq!(info.exports, Export::ALL);
    assert_eq!(info.abi.as_deref(), Some(&b"{\"name\":\"chess\"}"[..]));
    let memory = info.memory.expect("a memory");
    assert_eq!((memory.initial, memory.max), (17, 256));
    let call = info.functions.last().expect("functions");
    assert_eq!((call.index, call.name.as_deref()), (3, Some("call")));
    assert_eq!((call.instructions, call.gas, call.slots), (0, 2, 11));

    let info = admit(&wat(samples::VALUES)).expect("admitted").info;
    assert_eq!(info.imports, [HostFunction::Height, HostFunction::Revert]);
    assert_eq!((info.table, info.globals, info.elements), (4, 2, 3));
    let three = &info.functions[1];
    assert_eq!(three.index, 3);
    // Parameter, at most four operands, and the frame's own.
    assert_eq!(three.slots, 1 + 4 + 8);
    assert_eq!((three.instructions, three.gas), (11, 17));

    let info = admit(&wat(samples::BULK)).expect("admitted").info;
    assert_eq!(info.image, Some(4..24));
    assert_eq!(info.data.len(), 2);
    let call = &info.functions[0];
    // The entry; eleven plain ones, memory.size, drop, two bulk operations, a load, a store, memory.grow.
    assert_eq!(call.instructions, 12 + 1 + 2 + 2 + 1);
    assert_eq!(call.gas, 1 + 11 + 8 + 2 * 56 + 5 + 9 + 64);
}
