//! Bugs of arithmetic.

use super::{Bug, Case};

pub(super) const A: u64 = 0xf123_4567_89ab_cde7;
pub(super) const B: u64 = 0x0fed_cba9_8765_432d;
/// Their low halves.
const LOW_A: u32 = A as u32;
const LOW_B: u32 = B as u32;

const fn narrow(word: u32) -> u64 {
    word as u64
}

pub(crate) const CASES: &[Case] = &[
    (
        "an arithmetic shift that does not keep the sign",
        "(i64.shr_s @A @B)",
        Bug::Value((A as i64 >> 45) as u64, A >> 45),
        "arith.result",
    ),
    (
        "a shift by all of a word",
        "(i64.shl @A @B)",
        Bug::Value(A << 45, 0),
        "arith.result",
    ),
    (
        "a rotation that loses what it moves out",
        "(i64.rotl @A @B)",
        Bug::Value(A.rotate_left(45), A << 45),
        "arith.result",
    ),
    (
        "a rotation the other way",
        "(i64.rotr @B @A)",
        Bug::Value(B.rotate_right(39), B.rotate_left(39)),
        "arith.result",
    ),
    (
        "a rotation of 32 bits in 64",
        "(i64.extend_i32_u (i32.rotl @a @b))",
        Bug::Value(narrow(LOW_A.rotate_left(13)), narrow(LOW_A).rotate_left(13)),
        "arith.result",
    ),
    (
        "a shift of 32 bits that keeps more",
        "(i64.extend_i32_u (i32.shl @a @b))",
        Bug::Value(narrow(LOW_A << 13), narrow(LOW_A) << 13),
        "arith.result",
    ),
    (
        "a sum of 33 bits",
        "(i64.extend_i32_u (i32.add @a @b))",
        Bug::Value(narrow(LOW_A.wrapping_add(LOW_B)), narrow(LOW_A) + narrow(LOW_B)),
        "arith.result",
    ),
    (
        "a difference that borrows from the upper half",
        "(i64.extend_i32_u (i32.sub @b @a))",
        Bug::Value(
            narrow(LOW_B.wrapping_sub(LOW_A)),
            narrow(LOW_B).wrapping_sub(narrow(LOW_A)),
        ),
        "arith.result",
    ),
    (
        "a difference the other way round",
        "(i64.sub @A @B)",
        Bug::Value(A.wrapping_sub(B), B.wrapping_sub(A)),
        "arith.result",
    ),
    (
        "a product of 32 bits that keeps 64",
        "(i64.extend_i32_u (i32.mul @a @b))",
        Bug::Value(narrow(LOW_A.wrapping_mul(LOW_B)), narrow(LOW_A) * narrow(LOW_B)),
        "arith.result",
    ),
    (
        "a product that saturates",
        "(i64.mul @A @B)",
        Bug::Value(A.wrapping_mul(B), u64::MAX),
        "arith.result",
    ),
    (
        "a quotient rounded down, not to zero",
        "(i64.div_s @A @D)",
        Bug::Value((A as i64 / 1_000) as u64, (A as i64).div_euclid(1_000) as u64),
        "arith.result",
    ),
    (
        "a remainder with the sign of the divisor",
        "(i64.rem_s @A @D)",
        Bug::Value((A as i64 % 1_000) as u64, (A as i64).rem_euclid(1_000) as u64),
        "arith.result",
    ),
    (
        "a division of unsigned words with their signs",
        "(i64.div_u @A @D)",
        Bug::Value(A / 1_000, (A as i64 / 1_000) as u64),
        "div.result",
    ),
    (
        "a remainder of unsigned words with their signs",
        "(i64.rem_u @A @D)",
        Bug::Value(A % 1_000, (A as i64 % 1_000) as u64),
        "div.result",
    ),
    (
        "an overflow of the remainder where there is none",
        "(i64.add (i64.rem_s @M @O) @B)",
        Bug::Value(B, B.wrapping_add(1 << 63)),
        "arith.result",
    ),
    (
        "unsigned words compared with their signs",
        "(i64.extend_i32_u (i64.lt_u @A @B))",
        Bug::Value(0, 1),
        "arith.result",
    ),
    (
        "signed halves compared as they lie in words",
        "(i64.extend_i32_u (i32.lt_s @a @d))",
        Bug::Value(1, 0),
        "arith.result",
    ),
    (
        "equal words that are not less or equal",
        "(i64.extend_i32_u (i64.le_s @A (i64.xor @B (i64.xor @A @B))))",
        Bug::Value(1, 0),
        "arith.result",
    ),
    (
        "a zero that is one in its lower half only",
        "(i64.extend_i32_u (i64.eqz (i64.and @P (i64.const -4294967296))))",
        Bug::Value(0, 1),
        "eq.result",
    ),
    (
        "unequal halves compared as whole words",
        "(i64.extend_i32_u (i32.eq @a (i32.wrap_i64 (i64.xor @A @M))))",
        Bug::Value(1, 0),
        "eq.result",
    ),
    (
        "leading zeros, one too many",
        "(i64.clz @B)",
        Bug::Count(4, 5),
        "arith.result",
    ),
    (
        "leading zeros of nothing",
        "(i64.clz (i64.add @M @M))",
        Bug::Count(64, 63),
        "arith.sum",
    ),
    (
        "trailing zeros of nothing",
        "(i64.ctz (i64.add @M @M))",
        Bug::Count(64, 0),
        "arith.result",
    ),
    (
        "trailing zeros of a half counted in a word",
        "(i64.extend_i32_u (i32.ctz (i32.wrap_i64 (i64.mul @P (i64.const 2)))))",
        Bug::Count(32, 35),
        "arith.result",
    ),
    (
        "a sign that is not extended from a half",
        "(i64.extend32_s @A)",
        Bug::Value(LOW_A as i32 as u64, narrow(LOW_A)),
        "arith.result",
    ),
    (
        "a sign that is extended beyond a half",
        "(i64.extend_i32_u (i32.extend8_s @a))",
        Bug::Value(narrow(A as i8 as u32), A as i8 as u64),
        "arith.result",
    ),
    (
        "a word that is not cut to its half",
        "(i64.extend_i32_u (i32.wrap_i64 (i64.xor @A @B)))",
        Bug::Value(narrow(LOW_A ^ LOW_B), A ^ B),
        "arith.result",
    ),
    (
        "an exclusive or that carries",
        "(i64.xor @A @B)",
        Bug::Value(A ^ B, A.wrapping_add(B)),
        "logic.result",
    ),
    (
        "an or that takes away what both have",
        "(i64.or @A @B)",
        Bug::Value(A | B, A ^ B),
        "logic.result",
    ),
    (
        "a constant with its sign lost",
        "(i64.and @A (i64.const -256))",
        Bug::Value(A & !255, A & 0xffff_ff00),
        "logic.result",
    ),
];
