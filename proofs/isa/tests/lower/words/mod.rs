//! Every value of a module is a word, and one of 32 bits below 2^32: not because the compiler meant it, but by what the rows demand.
//!
//! LOGIC, DIV, stores and conditions take for granted that their operands are words (docs/CIRCUIT.md), and nothing ranges
//! most results. So this reads lowered rows as the circuit does, knowing nothing of how they came about: parameters, globals, results of
//! calls and words of memory are of their types; each row's result follows from its constraint; each operand must be what
//! the row needs; and what goes to a call, a global, memory or back must be of its type again. A register that nothing wrote may hold any element.
//! Millicode, which loops over addresses, is not read: its parameters are checked.

mod range;
mod reader;
mod rows;
mod types;

use super::structured;
use playfair_admission::admit;
use playfair_proofs_isa::code::{Flags, address};
use playfair_proofs_isa::disasm;
use playfair_proofs_isa::lower::{Kind, Unit, lower};
use playfair_proofs_isa::ops::Op;
use playfair_types::crypto::field::Fr;
use reader::{Reader, Signature, of_type};
use std::fmt::Write;
use types::Types;

/// Reads all functions of an instrumented module.
fn read(bytes: &[u8], kind: Kind) -> Result<usize, String> {
    let unit = lower(bytes, kind, address::GLOBALS as u32).map_err(|error| error.to_string())?;
    check(&unit, bytes, kind == Kind::Kernel).map_err(|error| format!("{error}\n{}", disasm::unit(&unit)))
}

fn check(unit: &Unit, bytes: &[u8], kernel: bool) -> Result<usize, String> {
    let references = unit.references.iter();
    let references = references.map(|reference| (reference.row, (reference.part, reference.target.clone())));
    let reader = Reader {
        unit,
        types: Types::read(bytes),
        references: references.collect(),
        kernel,
    };
    let mut rows = 0;
    for function in &unit.functions {
        let Some(index) = function.index.filter(|index| !reader.types.is_import(*index)) else {
            continue;
        };
        let ty = reader.types.function(index);
        let signature = Signature {
            params: ty.params().iter().map(|ty| of_type(*ty)).collect(),
            results: ty.results().iter().map(|ty| of_type(*ty)).collect(),
        };
        reader.function(function.start, function.rows, &signature)?;
        rows += function.rows as usize;
    }
    Ok(rows)
}

fn instrumented(text: &str) -> Vec<u8> {
    let module = wat::parse_str(text).expect("WebAssembly");
    let admitted = admit(&module).unwrap_or_else(|error| panic!("{error}"));
    admitted.instrumented
}

/// Programs that are read.
const PROGRAMS: u64 = 60;

#[test]
fn values_of_modules_are_words() {
    let mut rows = 0;
    for seed in 0..PROGRAMS {
        let module = instrumented(&structured::program(seed));
        for kind in [Kind::Module, Kind::Careful] {
            rows += read(&module, kind).unwrap_or_else(|error| panic!("seed {seed}, {kind:?}: {error}"));
        }
    }
    assert!(rows > 10_000, "{rows} rows");
}

/// Chains of masks and moves by constants, which become one row: what they store must fit.
#[test]
fn values_of_chains_are_words() {
    let mut random = structured::Random::new(1);
    let mut body = String::new();
    for _ in 0..400 {
        let mut wide = random.below(2) == 1;
        let mut chain = format!("(local.get {})", u32::from(wide));
        for _ in 0..2 + random.below(4) {
            let (ty, bits) = if wide { ("i64", 64) } else { ("i32", 32) };
            let ones = (1u64 << (1 + random.below(bits - 1))) - 1;
            let mask = ones << random.below(bits) & u64::MAX >> (64 - bits);
            let by = random.below(bits);
            chain = match random.below(8) {
                0..3 => format!("({ty}.and {chain} ({ty}.const {mask:#x}))"),
                3 | 4 => format!("({ty}.shl {chain} ({ty}.const {by}))"),
                5 | 6 => format!("({ty}.shr_u {chain} ({ty}.const {by}))"),
                _ if wide => format!("(i32.wrap_i64 {chain})"),
                _ => format!("(i64.extend_i32_u {chain})"),
            };
            wide = chain.starts_with("(i64");
        }
        let ty = if wide { "i64" } else { "i32" };
        let _ = write!(body, "({ty}.store (local.get 0) {chain})");
    }
    let text = format!(
        r#"(module (memory 1) (func $f (param i32 i64) {body})
        (func (export "call") (param i32 i32) (call $f (local.get 0) (i64.extend_i32_u (local.get 1)))))"#
    );
    read(&instrumented(&text), Kind::Module).unwrap_or_else(|error| panic!("{error}"));
}

/// The kernel's values of 32 bits, and that no bitwise instruction, comparison or product takes what a row or call of its
/// function just made as an element. What it keeps in memory or hands on as i64 is not followed: types do that in its source, and its
/// tests execute the program with elements that no integer instruction may touch.
#[test]
fn values_of_the_kernel() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../kernel/kernel.wasm");
    let kernel = std::fs::read(path).expect("the kernel is there");
    let rows = read(&kernel, Kind::Kernel).unwrap_or_else(|error| panic!("{error}"));
    assert!(rows > 4_000, "{rows} rows");
}

/// An integer instruction of the kernel on an element is found; the same on a word is none.
#[test]
fn elements_that_the_kernel_takes_for_words() {
    let kernel = |value: &str, instruction: &str| {
        let imports = super::kernel::IMPORTS;
        let boot = format!("(local.set 0 {value}) (call $show {instruction})");
        let text = format!(r#"(module {imports} (func (export "boot") (local i64) {boot}))"#);
        read(&wat::parse_str(text).expect("WebAssembly"), Kind::Kernel)
    };
    for instruction in [
        "(i64.and (local.get 0) (i64.const 0xff00ff))",
        "(i64.xor (local.get 0) (i64.const 5))",
        "(i64.shr_u (local.get 0) (i64.const 3))",
        "(i64.add (local.get 0) (i64.const 3))",
        "(i64.extend_i32_u (i32.wrap_i64 (local.get 0)))",
        "(i64.extend_i32_u (i64.lt_u (local.get 0) (i64.const 9)))",
        "(i64.div_u (local.get 0) (i64.const 10))",
        "(i64.load (i32.wrap_i64 (local.get 0)))",
    ] {
        let word = kernel("(call $hint (i32.const 1) (i64.const 0))", instruction);
        assert!(word.is_ok(), "{instruction}: {word:?}");
        for element in [
            "(call $hint_f (i32.const 6) (i64.const 0))",
            "(call $f_mul (call $hint (i32.const 1) (i64.const 0)) (call $hint (i32.const 2) (i64.const 0)))",
            "(call $poseidon2 (local.get 0) (local.get 0))",
            "(call $aux (i32.const 16) (i64.const 3))",
        ] {
            assert!(
                kernel(element, instruction).is_err(),
                "{instruction} of {element}"
            );
        }
    }
}

const SHAPES: [&str; 2] = [super::golden::COUNTER, super::golden::SHAPES];

#[test]
fn values_of_shapes_are_words() {
    for module in SHAPES {
        read(&instrumented(module), Kind::Module).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// What a broken compiler would make is seen: an operand that no row made a word of, a bound that is not there any more.
#[test]
fn what_is_no_word_is_found() {
    let bytes = instrumented(super::golden::SHAPES);
    let unit = lower(&bytes, Kind::Module, address::GLOBALS as u32).expect("lowered");
    assert!(check(&unit, &bytes, false).is_ok());
    let (mut found, mut tried) = (0, 0);
    for row in 0..unit.rows.len() {
        let Ok(op @ (Op::Arith | Op::Logic | Op::Loadb | Op::Aux | Op::Hint64)) = Op::of(&unit.rows[row])
        else {
            continue;
        };
        // The row's result becomes the prover's.
        let instr = &unit.rows[row];
        let result = instr.flags.has(Flags::SC) || instr.flags.has(Flags::DA);
        if !result
            || instr.flags.has(Flags::BR)
            || unit.function_at(row as u32).is_none_or(|f| f.index.is_none())
        {
            continue;
        }
        let mut broken = unit.clone();
        let flags = Flags(instr.flags.0 & (Flags::SC.0 | Flags::DA.0 | Flags::GC.0 | Flags::SA.0));
        let row_of_any = &mut broken.rows[row];
        (row_of_any.flags, row_of_any.k, row_of_any.b) = (flags, [Fr::from(0u64); 8], Fr::from(0u64));
        tried += 1;
        let error = check(&broken, &bytes, false).err();
        assert!(error.is_some(), "row {row}, {op:?}");
        found += 1;
    }
    assert!(tried > 5 && found == tried, "{found} of {tried}");
}

/// Counting ones takes parts of a word away: more than there is, or a part that is no integer, is found.
#[test]
fn what_takes_away_too_much_is_found() {
    let text = r#"(module (memory 1) (func $f (param i32 i64) (i32.store8 (i32.const 0) (i32.popcnt (local.get 0)))
        (i64.store8 (i32.const 8) (i64.popcnt (local.get 1))))
        (func (export "call") (param i32 i32) (call $f (local.get 0) (i64.extend_i32_u (local.get 1)))))"#;
    let bytes = instrumented(text);
    let unit = lower(&bytes, Kind::Module, address::GLOBALS as u32).expect("lowered");
    assert!(check(&unit, &bytes, false).is_ok());
    let folds =
        |row: &usize| unit.rows[*row].k[4] == Fr::from(1u64) && Op::of(&unit.rows[*row]) == Ok(Op::Logic);
    let rows: Vec<usize> = (0..unit.rows.len()).filter(folds).collect();
    assert_eq!(rows.len(), 3 + 4);
    for row in rows {
        let less = unit.rows[row].k[5];
        for k5 in [less - Fr::from(1u64), -less, less * less] {
            let mut broken = unit.clone();
            broken.rows[row].k[5] = k5;
            assert!(check(&broken, &bytes, false).is_err(), "row {row}");
        }
    }
}

/// A store of four bytes that takes more of the value than these, or of another row, is found.
#[test]
fn what_is_more_than_four_bytes_is_found() {
    let text = r#"(module (memory 1) (func $f (param i32 i64) (i64.store32 align=1 (local.get 0) (local.get 1))
        (i32.store offset=1 align=1 (local.get 0) (local.get 0)) (i32.store offset=9 align=1 (local.get 0) (i32.const -7)))
        (func (export "call") (param i32 i32) (call $f (local.get 0) (i64.extend_i32_u (local.get 1)))))"#;
    let bytes = instrumented(text);
    let unit = lower(&bytes, Kind::Module, address::GLOBALS as u32).expect("lowered");
    assert!(check(&unit, &bytes, false).is_ok());
    let (zero, one) = (Fr::from(0u64), Fr::from(1u64));
    let mut tried = 0;
    for (row, instr) in unit.rows.iter().enumerate() {
        let mut broken = unit.clone();
        let k = &mut broken.rows[row].k;
        match Op::of(instr) {
            // The mask of the value, or a constant of more bytes.
            Ok(Op::Arith) if k[7] != one => k[4] = one + one,
            Ok(Op::Arith) if k[0] == zero => k[2] = Fr::from(1u64 << 32),
            // A sum beside the product.
            Ok(Op::Arith) => k[3] = one,
            _ => continue,
        }
        tried += 1;
        assert!(
            check(&broken, &bytes, false).is_err(),
            "row {row}\n{}",
            disasm::unit(&unit)
        );
    }
    assert_eq!(tried, 1 + 3 * 2);
}
