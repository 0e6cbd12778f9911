//! Operations of one result.

use crate::common::*;
use ark_ff::{AdditiveGroup, Field};
use playfair_proofs_isa::asm::{self, Asm, Dest, Logic, Operand};
use playfair_proofs_isa::code::Instr;
use playfair_types::crypto::field::Fr;

type Build = fn(Dest, Operand, Operand) -> Asm;
type Meaning = fn(u64, u64) -> u64;

const U32: u64 = u32::MAX as u64;

fn one(build: Build) -> impl Fn(Dest, Operand, Operand) -> Asm<Vec<Instr>> {
    move |dest, x, y| build(dest, x, y).map(|row| vec![row])
}

#[test]
fn sixty_four_bits() {
    let cases: [(&str, Build, Meaning); 12] = [
        ("add", |d, x, y| asm::add64(d, x, y), u64::wrapping_add),
        ("sub", |d, x, y| asm::sub64(d, x, y), u64::wrapping_sub),
        ("mul", |d, x, y| asm::mul64(d, x, y), u64::wrapping_mul),
        (
            "mulhi",
            |d, x, y| asm::mulhi(d, x, y),
            |x, y| ((u128::from(x) * u128::from(y)) >> 64) as u64,
        ),
        ("lt", |d, x, y| asm::lt_u(d, x, y), |x, y| u64::from(x < y)),
        ("ge", |d, x, y| asm::ge_u(d, x, y), |x, y| u64::from(x >= y)),
        ("eq", |d, x, y| asm::eq(d, x, y), |x, y| u64::from(x == y)),
        ("ne", |d, x, y| asm::ne(d, x, y), |x, y| u64::from(x != y)),
        ("wrap", |d, x, _| asm::wrap64(d, x), |x, _| x),
        ("mov", |d, x, _| asm::mov(d, x), |x, _| x),
        ("wrap32", |d, x, _| asm::wrap32(d, x), |x, _| x & U32),
        (
            "rsub",
            |d, x, _| asm::rsub64i(d, 5, x),
            |x, _| 5u64.wrapping_sub(x),
        ),
    ];
    let inputs = pairs(0x51, u64::MAX);
    for (name, build, meaning) in cases {
        check(name, one(build), &inputs, |x, y| Fr::from(meaning(x, y)));
    }
}

#[test]
fn thirty_two_bits() {
    let low = |x: u64| x as u32;
    let cases: [(&str, Build, Meaning); 4] = [
        (
            "add",
            |d, x, y| asm::add32(d, x, y),
            |x, y| u64::from((x as u32).wrapping_add(y as u32)),
        ),
        (
            "sub",
            |d, x, y| asm::sub32(d, x, y),
            |x, y| u64::from((x as u32).wrapping_sub(y as u32)),
        ),
        (
            "mul",
            |d, x, y| asm::mul32(d, x, y),
            |x, y| u64::from((x as u32).wrapping_mul(y as u32)),
        ),
        (
            "rsub",
            |d, x, _| asm::rsub32i(d, 7, x),
            |x, _| u64::from(7u32.wrapping_sub(x as u32)),
        ),
    ];
    let narrow = pairs(0x52, U32);
    for (name, build, meaning) in cases {
        check(name, one(build), &narrow, |x, y| Fr::from(meaning(x, y)));
    }
    // Sums also take what is not below 2^32; differences as far as they stay above -2^32.
    check("add wide", one(asm::add32), &pairs(0x53, u64::MAX), |x, y| {
        Fr::from(low(x).wrapping_add(low(y)))
    });
}

#[test]
fn immediates() {
    let inputs: Vec<[u64; 2]> = pairs(0x54, u64::MAX)
        .into_iter()
        .filter(|[x, y]| x % 3 == y % 3)
        .collect();
    for imm in EDGES {
        let b = |f: &dyn Fn(Dest, Operand) -> Asm, name: &str, meaning: &dyn Fn(u64) -> u64| {
            check(
                name,
                |d, x, _| f(d, x).map(|row| vec![row]),
                &inputs,
                |x, _| Fr::from(meaning(x)),
            );
        };
        b(&|d, x| asm::add64i(d, x, imm), "addi", &|x| x.wrapping_add(imm));
        b(&|d, x| asm::add32i(d, x, imm), "add32i", &|x| {
            x.wrapping_add(imm) & U32
        });
        b(&|d, x| asm::rsub64i(d, imm, x), "rsubi", &|x| imm.wrapping_sub(x));
        b(&|d, x| asm::mul64i(d, x, imm), "muli", &|x| x.wrapping_mul(imm));
        b(&|d, x| asm::lt_ui(d, x, imm), "lti", &|x| u64::from(x < imm));
        b(&|d, x| asm::ge_ui(d, x, imm), "gei", &|x| u64::from(x >= imm));
        b(&|d, x| asm::gt_ui(d, x, imm), "gti", &|x| u64::from(x > imm));
        b(&|d, x| asm::le_ui(d, x, imm), "lei", &|x| u64::from(x <= imm));
        b(&|d, x| asm::eqi(d, x, imm), "eqi", &|x| u64::from(x == imm));
        b(&|d, x| asm::nei(d, x, imm), "nei", &|x| u64::from(x != imm));
    }
}

#[test]
fn shifts_and_masks_by_constants() {
    let inputs: Vec<[u64; 2]> = pairs(0x55, u64::MAX)
        .into_iter()
        .filter(|[x, y]| x % 7 == y % 7)
        .collect();
    let narrow: Vec<[u64; 2]> = inputs.iter().map(|pair| pair.map(|x| x & U32)).collect();
    for by in [0u32, 1, 2, 7, 8, 12, 31, 32, 33, 63] {
        let b =
            |f: &dyn Fn(Dest, Operand) -> Asm, on: &[[u64; 2]], name: &str, meaning: &dyn Fn(u64) -> u64| {
                let name = format!("{name} {by}");
                check(
                    &name,
                    |d, x, _| f(d, x).map(|row| vec![row]),
                    on,
                    |x, _| Fr::from(meaning(x)),
                );
            };
        b(&|d, x| asm::shl64i(d, x, by), &inputs, "shl64", &|x| x << by);
        b(&|d, x| asm::shr_ui(d, x, by), &inputs, "shr64", &|x| x >> by);
        b(&|d, x| asm::rotl64i(d, x, by), &inputs, "rotl64", &|x| {
            x.rotate_left(by)
        });
        b(&|d, x| asm::mask(d, x, by + 1), &inputs, "mask", &|x| {
            x & (u64::MAX >> (63 - by))
        });
        if by < 32 {
            b(&|d, x| asm::shl32i(d, x, by), &narrow, "shl32", &|x| {
                u64::from((x as u32) << by)
            });
            b(&|d, x| asm::shr_ui(d, x, by), &narrow, "shr32", &|x| {
                u64::from((x as u32) >> by)
            });
            b(&|d, x| asm::rotl32i(d, x, by), &narrow, "rotl32", &|x| {
                u64::from((x as u32).rotate_left(by))
            });
        } else {
            assert!(asm::shl32i(Dest::Drop, Reg(0), by).is_err());
        }
        let sign = |bits: u32| {
            move |d: Dest, x: Operand| -> Asm<Vec<Instr>> {
                Ok(vec![
                    asm::shr_ui(Reg(5), x, bits - 1)?,
                    if bits == 64 {
                        asm::shr_s64i(d, x, Reg(5), by)?
                    } else {
                        asm::shr_s32i(d, x, Reg(5), by)?
                    },
                ])
            }
        };
        check(
            "shr_s64",
            |d, x, _| sign(64)(d, x),
            &inputs,
            |x, _| Fr::from((x as i64 >> by) as u64),
        );
        if by < 32 {
            check(
                "shr_s32",
                |d, x, _| sign(32)(d, x),
                &narrow,
                |x, _| Fr::from((x as u32 as i32 >> by) as u32),
            );
        }
    }
    assert!(asm::shl64i(Dest::Drop, Reg(0), 64).is_err());
    assert!(asm::mask(Dest::Drop, Reg(0), 0).is_err());
}

#[test]
fn shifts_by_registers() {
    let inputs: Vec<[u64; 2]> = pairs(0x56, u64::MAX)
        .into_iter()
        .map(|[x, y]| [x, y % 64])
        .collect();
    let narrow: Vec<[u64; 2]> = inputs.iter().map(|[x, y]| [x & U32, y % 32]).collect();
    type Rows = fn(Dest, Operand) -> Asm;
    let with = |down: bool, row: Rows, d: Dest, x: Operand, y: Operand| -> Asm<Vec<Instr>> {
        let power = if down {
            asm::pow_down(Reg(5), 6)?
        } else {
            asm::pow(Reg(5), 6)?
        };
        Ok(vec![asm::mov(Reg(6), y)?, power, row(d, x)?])
    };
    let b = |name: &str, down: bool, row: Rows, on: &[[u64; 2]], meaning: Meaning| {
        check(
            name,
            |d, x, y| with(down, row, d, x, y),
            on,
            |x, y| Fr::from(meaning(x, y)),
        );
    };
    b(
        "shl64",
        false,
        |d, x| asm::mul64(d, x, Reg(5)),
        &inputs,
        |x, y| x << y,
    );
    b(
        "shr64",
        true,
        |d, x| asm::shr_u_by(d, x, Reg(5)),
        &inputs,
        |x, y| x >> y,
    );
    b(
        "rotl64",
        false,
        |d, x| asm::rotl64_by(d, x, Reg(5)),
        &inputs,
        |x, y| x.rotate_left(y as u32),
    );
    b(
        "shl32",
        false,
        |d, x| asm::mul32(d, x, Reg(5)),
        &narrow,
        |x, y| u64::from((x as u32) << y),
    );
    b(
        "shr32",
        true,
        |d, x| asm::shr_u_by(d, x, Reg(5)),
        &narrow,
        |x, y| u64::from((x as u32) >> y),
    );
    b(
        "rotl32",
        false,
        |d, x| asm::rotl32_by(d, x, Reg(5)),
        &narrow,
        |x, y| u64::from((x as u32).rotate_left(y as u32)),
    );
}

#[test]
fn signs() {
    let inputs = pairs(0x57, u64::MAX);
    for (bits, extend) in [
        (8u32, (|x| x as i8 as i64) as fn(u64) -> i64),
        (16, |x| x as i16 as i64),
        (32, |x| x as i32 as i64),
        (64, |x| x as i64),
    ] {
        let signed = |x: Operand| asm::signed(Reg(5), x, bits);
        check(
            "signed",
            |d, x, _| Ok(vec![asm::signed(d, x, bits)?]),
            &inputs,
            |x, _| Fr::from(extend(x)),
        );
        let to64 = |d: Dest, x: Operand| -> Asm<Vec<Instr>> { Ok(vec![signed(x)?, asm::wrap64(d, Reg(5))?]) };
        check(
            "extend 64",
            |d, x, _| to64(d, x),
            &inputs,
            |x, _| Fr::from(extend(x) as u64),
        );
        if bits < 64 {
            let to32 =
                |d: Dest, x: Operand| -> Asm<Vec<Instr>> { Ok(vec![signed(x)?, asm::wrap32(d, Reg(5))?]) };
            check(
                "extend 32",
                |d, x, _| to32(d, x),
                &inputs,
                |x, _| Fr::from(extend(x) as u32),
            );
        }
        let less = |d: Dest, x: Operand, y: Operand| -> Asm<Vec<Instr>> {
            Ok(vec![
                signed(x)?,
                asm::signed(Reg(6), y, bits)?,
                asm::lt_u(d, Reg(5), Reg(6))?,
            ])
        };
        check("lt_s", less, &inputs, |x, y| Fr::from(extend(x) < extend(y)));
        for imm in [i64::MIN, -129, -1, 0, 1, 127, i64::MAX] {
            type Row = fn(Dest, i64) -> Asm;
            let b = |row: Row, meaning: fn(i64, i64) -> bool| {
                let rows = |d, x| -> Asm<Vec<Instr>> { Ok(vec![signed(x)?, row(d, imm)?]) };
                check(
                    "signed imm",
                    |d, x, _| rows(d, x),
                    &inputs[..200],
                    |x, _| Fr::from(meaning(extend(x), imm)),
                );
            };
            b(|d, imm| asm::lt_si(d, Reg(5), imm), |x, y| x < y);
            b(|d, imm| asm::ge_si(d, Reg(5), imm), |x, y| x >= y);
            b(|d, imm| asm::gt_si(d, Reg(5), imm), |x, y| x > y);
            b(|d, imm| asm::le_si(d, Reg(5), imm), |x, y| x <= y);
        }
    }
}

#[test]
fn logic() {
    let cases: [(Logic, Meaning); 4] = [
        (Logic::And, |x, y| x & y),
        (Logic::Or, |x, y| x | y),
        (Logic::Xor, |x, y| x ^ y),
        (Logic::AndNot, |x, y| x & !y),
    ];
    for bits in [1u32, 17, 32, 36, 48, 63, 64] {
        let most = u64::MAX >> (64 - bits);
        let inputs = pairs(0x58 + u64::from(bits), most);
        for (op, meaning) in cases {
            let rows = |d, x, y| asm::logic(op, d, x, y).map(|row| vec![row]);
            check("logic", rows, &inputs, |x, y| Fr::from(meaning(x, y)));
            for imm in [0, 1, 0xff, 0xff00_ff00, U32, u64::MAX] {
                let rows = |d, x, _| asm::logici(op, d, x, imm).map(|row| vec![row]);
                check("logici", rows, &inputs, |x, _| Fr::from(meaning(x, imm)));
            }
        }
    }
    // Both forms, and what each counts: ~(x + 5) & 3 y, of 32 bits, halved.
    let half = Fr::from(2u64).inverse().unwrap();
    let [one, ones] = [1u64, u64::MAX].map(Fr::from);
    let k = [
        ones - Fr::from(5u64),
        -one,
        Fr::from(3u64),
        Fr::from(0u64),
        one,
        half,
        -one,
        ones,
    ];
    let rows = |d, x, y| asm::logic_form(d, x, Some(y), k).map(|row| vec![row]);
    check("logic_form", rows, &pairs(0x59, U32), |x, y| {
        let and = !(x + 5) & (3 * y);
        Fr::from(x) + half * Fr::from(and) - Fr::from(y) + ones
    });
}

#[test]
fn division() {
    let mut inputs = pairs(0x5a, u64::MAX);
    inputs.retain(|[_, y]| *y != 0);
    let quotient = |d, x, y| asm::div_u(d, x, y).map(|rows| rows.to_vec());
    check("div", quotient, &inputs, |x, y| Fr::from(x / y));
    let remainder = |d, x, y| asm::rem_u(d, x, y).map(|rows| rows.to_vec());
    check("rem", remainder, &inputs, |x, y| Fr::from(x % y));
}

#[test]
fn field_elements() {
    let mut random = Random(0x5b5b);
    let mut inputs: Vec<[Fr; 2]> = (0..60).map(|_| [random.fr(), random.fr()]).collect();
    for special in [
        Fr::ZERO,
        Fr::ONE,
        -Fr::ONE,
        Fr::from(1u128 << 64),
        Fr::from(u64::MAX),
    ] {
        inputs.push([special, random.fr()]);
        inputs.push([random.fr(), special]);
        inputs.push([special, special]);
    }
    let k = [random.fr(), random.fr(), random.fr(), random.fr()];
    type Row<'a> = &'a dyn Fn(Dest, Operand, Operand) -> Asm;
    type Element<'a> = &'a dyn Fn(Fr, Fr) -> Fr;
    let cases: [(Row<'_>, Element<'_>); 7] = [
        (&|d, x, y| asm::fadd(d, x, y), &|x, y| x + y),
        (&|d, x, y| asm::fsub(d, x, y), &|x, y| x - y),
        (&|d, x, y| asm::fmul(d, x, y), &|x, y| x * y),
        (&|d, x, y| asm::lin2(d, x, y, [k[0], k[1], k[2]]), &|x, y| {
            k[0] * x + k[1] * y + k[2]
        }),
        (&|d, x, y| asm::farith(d, Some(x), Some(y), k), &|x, y| {
            k[0] * x * y + k[1] * x + k[2] * y + k[3]
        }),
        (&|d, x, y| asm::eq(d, x, y), &|x, y| Fr::from(x == y)),
        (&|d, x, y| asm::ne(d, x, y), &|x, y| Fr::from(x != y)),
    ];
    for (row, meaning) in cases {
        for shape in SHAPES {
            let op = row(shape.dest, shape.x, shape.y).unwrap();
            for ([x, y], result) in inputs.iter().zip(evaluate(shape, &[op], &inputs)) {
                assert_eq!(result, meaning(*x, *y));
            }
        }
    }
}

#[test]
fn equal_operands_merge_where_the_form_is_linear() {
    let row = |row: Asm| row.unwrap();
    let body = vec![
        set(Reg(0), 21u64),
        row(asm::add64(Reg(1), Reg(0), Reg(0))),
        row(asm::sub64(Reg(2), Reg(0), Reg(0))),
        row(asm::eq(Reg(3), Reg(0), Reg(0))),
    ];
    assert_eq!(cells(body, &[1, 2, 3]), [42u64, 0, 1].map(Fr::from));
    assert!(asm::mul64(Reg(1), Reg(0), Reg(0)).is_err());
    assert!(asm::add64(Reg(1), Abs(G), Abs(G + 1)).is_err());
    assert!(asm::add64(Abs(G), Reg(1), Abs(G)).is_err());
    assert!(asm::div_u(Reg(1), Reg(0), Reg(1)).is_err());
    assert!(asm::store(Reg(0), 0, 0, asm::Width::W8, asm::Space::Kernel).is_err());
}

#[test]
fn selection_keeps_or_replaces() {
    for (condition, expected) in [(0u64, 7u64), (1, 5), (u64::MAX, 5)] {
        let body = vec![
            set(Reg(0), 5u64),
            set(Abs(G), 7u64),
            set(Reg(1), condition),
            asm::select(0, Abs(G), Reg(1)).unwrap(),
        ];
        assert_eq!(cells(body, &[0, 1]), [expected, condition].map(Fr::from));
    }
    assert!(asm::select(0, Reg(0), Reg(1)).is_err());
    assert!(asm::select(0, Reg(1), Reg(1)).is_err());
}
