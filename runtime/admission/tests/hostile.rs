//! Modules made to hurt: each is refused, or admitted, with work in proportion to its size.
//!
//! Nothing here looks at a clock. What would take forever or all memory shows as a test that does not end, or as an
//! allocation that fails.

mod common;

#[path = "common/samples.rs"]
mod samples;

use common::{Random, contract, validate, wat};
use playfair_admission::{Reason, admit, bare, limits, measure};

/// A module of these sections: id and content.
fn raw(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    for (id, content) in sections {
        module.push(*id);
        leb(content.len() as u64, &mut module);
        module.extend_from_slice(content);
    }
    module
}

fn leb(mut value: u64, to: &mut Vec<u8>) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

/// The greatest count that a section can claim.
const MANY: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x0f];

#[test]
fn counts_without_content() {
    for id in 1..=13 {
        let module = raw(&[(id, MANY.to_vec())]);
        admit(&module).expect_err("refused");
        bare(&module, true).expect_err("refused");
    }
    // One item, and a claim of many.
    let types = raw(&[(1, [&MANY[..], &[0x60, 0, 0]].concat())]);
    assert!(matches!(
        admit(&types).expect_err("refused").reason,
        Reason::Limit { .. }
    ));
    // A type with a claim of many parameters; a group of types with a claim of many types.
    for ty in [0x60, 0x4e] {
        let module = raw(&[(1, [&[1, ty][..], &MANY].concat())]);
        admit(&module).expect_err("refused");
    }
}

#[test]
fn counts_inside_functions() {
    let function = |body: &[u8]| {
        let mut code = vec![1];
        leb(body.len() as u64, &mut code);
        code.extend_from_slice(body);
        raw(&[(1, vec![1, 0x60, 0, 0]), (3, vec![1, 0]), (10, code)])
    };
    // Locals: groups, of one group, in sum.
    admit(&function(&MANY)).expect_err("refused");
    let locals = admit(&function(&[&[1][..], &MANY, &[0x7f, 0x0b]].concat())).expect_err("refused");
    assert!(
        matches!(
            locals.reason,
            Reason::Limit {
                found: 0xffff_ffff,
                ..
            }
        ),
        "{locals}"
    );
    let twice = [&[2][..], &MANY, &[0x7f], &MANY, &[0x7f, 0x0b]].concat();
    admit(&function(&twice)).expect_err("refused");
    // A branch table with a claim of many targets, with and without them.
    admit(&function(&[&[0, 0x41, 0, 0x0e][..], &MANY].concat())).expect_err("refused");
    let mut table = vec![0, 0x41, 0, 0x0e];
    leb(100_000, &mut table);
    table.resize(table.len() + 100_001, 0);
    table.push(0x0b);
    let table = admit(&function(&table)).expect_err("refused");
    assert!(
        matches!(table.reason, Reason::Limit { found: 100_000, .. }),
        "{table}"
    );
    // Nesting as deep as the body is long.
    let mut deep = vec![0];
    deep.extend([0x02, 0x40].repeat(60_000));
    let deep = admit(&function(&deep)).expect_err("refused");
    assert!(matches!(deep.reason, Reason::Limit { found: 257, .. }), "{deep}");
    // The same where no path leads: dead code is bounded too.
    let mut dead = vec![0, 0x00];
    dead.extend([0x02, 0x40].repeat(60_000));
    admit(&function(&dead)).expect_err("refused");
    // Operands as many as the body is long.
    let mut operands = vec![0];
    operands.extend([0x41, 0].repeat(60_000));
    let operands = admit(&function(&operands)).expect_err("refused");
    assert!(
        matches!(operands.reason, Reason::Limit { found: 1025, .. }),
        "{operands}"
    );
    // No end; two ends; nothing at all.
    for body in [&[0, 1][..], &[0, 0x0b, 0x0b], &[]] {
        admit(&function(body)).expect_err("refused");
    }
}

#[test]
fn numbers_that_are_too_long() {
    for number in [
        &[0x80, 0x80, 0x80, 0x80, 0x80, 0][..],
        &[0xff, 0xff, 0xff, 0xff, 0x1f],
    ] {
        for id in 1..=12 {
            admit(&raw(&[(id, number.to_vec())])).expect_err("refused");
        }
        let mut module = b"\0asm\x01\0\0\0\x01".to_vec();
        module.extend_from_slice(number);
        admit(&module).expect_err("refused");
    }
}

/// A module whose name section has this content.
fn named(content: &[u8]) -> Vec<u8> {
    let mut section = b"\x04name".to_vec();
    section.extend_from_slice(content);
    let mut module = contract("(func $float (drop (f32.const 1)))");
    let names = module
        .windows(5)
        .position(|bytes| bytes == b"\x04name")
        .expect("wat writes names");
    // The section's id and its size of one byte go too.
    module.truncate(names - 2);
    module.push(0);
    leb(section.len() as u64, &mut module);
    module.extend_from_slice(&section);
    module
}

#[test]
fn name_sections_of_all_kinds() {
    let name = |content: &[u8]| {
        let rejection = admit(&named(content)).expect_err("floats");
        let at = rejection.at.expect("a place");
        assert_eq!(at.function, Some(0), "the reason stays the same");
        at.name
    };
    let function_names = |content: &[u8]| {
        let mut subsection = vec![1];
        leb(content.len() as u64, &mut subsection);
        subsection.extend_from_slice(content);
        subsection
    };
    assert_eq!(name(&function_names(b"\x01\x00\x01f")).as_deref(), Some("f"));
    // Names for many functions, which do not exist.
    let mut bomb = Vec::new();
    leb(200_000, &mut bomb);
    for index in 0..200_000 {
        leb(index, &mut bomb);
        bomb.extend_from_slice(b"\x00");
    }
    assert_eq!(name(&function_names(&bomb)).as_deref(), Some(""));
    // One long name; a claim of many names; a name that is cut; an index twice; no text.
    let mut long = vec![1, 0];
    leb(90_000, &mut long);
    long.resize(long.len() + 90_000, b'x');
    let cut = name(&function_names(&long)).expect("a name");
    assert_eq!(cut.len(), limits::NAME_CHARS + 3);
    assert_eq!(name(&function_names(&MANY)), None);
    assert_eq!(name(&function_names(b"\x01\x00\x7f")), None);
    assert_eq!(
        name(&function_names(b"\x02\x00\x01a\x00\x01b")).as_deref(),
        Some("a")
    );
    assert_eq!(name(&function_names(b"\x01\x00\x02\xff\xff")), None);
    // Subsections that do not decode must not hold anybody up.
    for content in [
        &b"\x00"[..],
        b"\xff",
        b"\xff\xff\xff",
        b"\x01\xff",
        b"\x01\x80\x80\x80\x80\x80",
        b"\x05\x01",
    ] {
        assert_eq!(name(content), None);
    }
    let control = function_names(b"\x01\x00\x06\x1b[2Jab");
    assert_eq!(name(&control).as_deref(), Some("?[2Jab"));
}

#[test]
fn long_names_of_imports_and_exports() {
    let name = "x".repeat(99_000);
    for fields in [
        format!("(import \"{name}\" \"get\" (func))"),
        format!("(import \"playfair\" \"{name}\" (func))"),
        format!("(import \"playfair\" \"{name}\" (memory 1))"),
        format!("(export \"playfair:{name}\" (func 0))"),
        format!("(export \"{name}\" (func 0)) (export \"{name}\" (func 0))"),
    ] {
        let text = admit(&contract(&fields)).expect_err("refused").to_string();
        assert!(text.len() < 1000, "{} characters", text.len());
    }
}

/// What grows most under instrumentation: many short metered blocks. Growth stays a small factor.
#[test]
fn growth_is_bounded() {
    let bodies = [
        "loop i32.eqz end ".repeat(20_000),
        "loop block br 0 end end ".repeat(15_000),
        "i32.eqz br_if 0 i32.const 0 ".repeat(20_000),
    ];
    for body in bodies {
        let body = if body.starts_with("loop i32") {
            body.replace("loop i32.eqz end", "loop (param i32) (result i32) i32.eqz end")
        } else {
            body
        };
        let module = contract(&format!(
            "{} (func (param i32) i32.const 0 {body} drop)",
            "(global i32 (i32.const 0))".repeat(256)
        ));
        let admitted = admit(&module).expect("admitted");
        validate(&admitted.instrumented);
        assert!(
            admitted.instrumented.len() < 10 * module.len(),
            "{}",
            admitted.instrumented.len()
        );
        validate(&measure(&module).expect("admitted"));
    }
}

/// Whatever is done to a valid module's bytes: no panic, and what is admitted is valid, deterministic, and smaller than a
/// bound. The seed is in the message; `PLAYFAIR_SOAK=1` makes the run fifty times longer.
#[test]
fn mutated_modules() {
    let samples: Vec<_> = samples::ALL.iter().map(|(_, text)| wat(text)).collect();
    let mut admitted = 0;
    let rounds = if std::env::var_os("PLAYFAIR_SOAK").is_some() {
        1_000_000
    } else {
        20_000
    };
    for seed in 0..rounds {
        let mut random = Random(seed);
        let mut module = samples[random.below(samples.len())].clone();
        for _ in 0..=random.below(3) {
            mutate(&mut module, &mut random);
        }
        let outcome = std::panic::catch_unwind(|| {
            let bare = bare(&module, true);
            if let Ok(bare) = &bare {
                validate(bare);
            }
            let Ok(done) = admit(&module) else { return false };
            validate(&done.instrumented);
            validate(&measure(&module).expect("what is admitted can be measured"));
            assert!(bare.is_ok(), "what is admitted can be bare");
            assert_eq!(done.instrumented, admit(&module).expect("again").instrumented);
            admit(&done.instrumented).expect_err("an instrumented module");
            true
        });
        match outcome {
            Ok(accepted) => admitted += usize::from(accepted),
            Err(_) => panic!("seed {seed}: module {module:02x?}"),
        }
    }
    assert!(
        admitted > 1000,
        "{admitted}: most mutations should not be trivial refusals"
    );
}

fn mutate(module: &mut Vec<u8>, random: &mut Random) {
    // The header stays: what it stops is tested elsewhere.
    let at = 8 + random.below(module.len() - 8);
    let byte = random.next() as u8;
    match random.below(6) {
        0 => module[at] = byte,
        1 => module[at] ^= 1 << (byte & 7),
        2 => module[at] = module[at].wrapping_add(1),
        3 => module.insert(at, byte),
        4 if module.len() > 16 => {
            module.remove(at);
        }
        _ => {
            // A byte from elsewhere in the module: more often meaningful than a random one.
            let from = 8 + random.below(module.len() - 8);
            module[at] = module[from];
        }
    }
}

#[test]
fn every_prefix_is_refused() {
    for (_, text) in samples::ALL {
        let module = wat(text);
        // Whole sections may be missing at the end; what is left may then be a module without code, which is refused too.
        let code = module.len() - 1;
        for length in 0..code {
            if let Ok(done) = admit(&module[..length]) {
                validate(&done.instrumented);
            }
        }
    }
}
