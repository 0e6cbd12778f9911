//! What a row demands of its operands, and what is known of its result: by the row's constraint alone, whatever the compiler believed.

use super::range::{Form, Origin, Range, Signed, WORD, form};
use ark_ff::{BigInteger, Field, PrimeField};
use playfair_proofs_isa::code::{Instr, Tag};
use playfair_proofs_isa::ops::{Op, width};
use playfair_types::crypto::field::Fr;

/// Operands of a row: what is known of slots A and B, none if it is off; and of slot C before.
pub(super) struct Operands {
    pub(super) x: Option<Option<Range>>,
    pub(super) y: Option<Option<Range>>,
    pub(super) old: Option<Range>,
    /// The registers of slots A and B, of the frame or absolute, which are far apart.
    pub(super) places: [u32; 2],
}

pub(super) type Found = Result<Option<Range>, String>;

fn signed(k: Fr) -> Result<Signed, String> {
    Signed::of_element(k).ok_or_else(|| format!("a coefficient that is no integer, {k}"))
}

/// An operand that has to be known; a slot that is off is no operand.
fn known(operand: &Option<Option<Range>>, name: char) -> Result<Option<Range>, String> {
    match operand {
        None => Ok(None),
        Some(Some(range)) => Ok(Some(*range)),
        Some(None) => Err(format!("{name} may be any element")),
    }
}

/// An operand that has to be a word.
pub(super) fn word(operand: &Option<Option<Range>>, name: char) -> Result<Range, String> {
    let range = known(operand, name)?.unwrap_or(Range::up_to(0));
    if range.is_within(WORD) {
        Ok(range)
    } else {
        Err(format!("{name} may be no word: {range:?}"))
    }
}

fn linear(k: &[Fr], operands: &Operands) -> Result<Form, String> {
    let k = [signed(k[0])?, signed(k[1])?, signed(k[2])?, signed(k[3])?];
    let (x, y) = (known(&operands.x, 'x')?, known(&operands.y, 'y')?);
    form(k, x.as_ref(), y.as_ref()).ok_or_else(|| "the form may have more than 128 bits".into())
}

fn result(form: &Form) -> Option<Range> {
    let (least, most) = (form.least.integer()?, form.most.integer()?);
    let near = least >= -(1 << 66) && most <= 1 << 66;
    near.then_some(Range::new(least, most).multiple(form.zeros))
}

/// `k7 res = k4 lo + k5 hi + k6`.
fn scaled(k: &[Fr; 8], lo: Range, hi: Range) -> Found {
    let scale = signed(k[7])?.natural().filter(|scale| scale.is_power_of_two());
    let scale = scale.ok_or("a result of a scale that is no power of two")?;
    let bits = scale.trailing_zeros();
    // Each term is a multiple of the scale for itself: lo / 2^s times k4, or all of k4 / 2^s times lo.
    let (lo, k4) = if lo.zeros >= bits {
        let moved = Range {
            least: lo.least >> bits,
            most: lo.most >> bits,
            zeros: lo.zeros - bits,
            origin: lo.origin,
        };
        (moved, signed(k[4])?)
    } else {
        (lo, divided(k[4], bits)?)
    };
    let k = [Signed::ZERO, k4, divided(k[5], bits)?, divided(k[6], bits)?];
    let form = form(k, Some(&lo), Some(&hi)).ok_or("a result of more than 128 bits")?;
    Ok(result(&form))
}

/// A coefficient over a power of two, which it must be a multiple of.
fn divided(k: Fr, bits: u32) -> Result<Signed, String> {
    let inverse = Fr::from(2u64).pow([u64::from(bits)]).inverse().expect("not zero");
    let whole = signed(k)?;
    if whole.is_zero() {
        return Ok(whole);
    }
    signed(k * inverse).map_err(|_| "a result that is no integer".to_owned())
}

/// ARITH.
pub(super) fn arith(instr: &Instr, operands: &Operands) -> Found {
    let k = &instr.k;
    if k[7] == Fr::from(0u64) {
        // A demand gives nothing; its operands are words, so that it means what it says.
        word(&operands.x, 'x')?;
        known(&operands.y, 'y')?;
        return Ok(None);
    }
    let value = linear(k, operands)?;
    let (Some(least), Some(most)) = (value.least.natural(), value.most.natural()) else {
        return Err(format!("a form that may be negative, {:?}", value.least));
    };
    let part = |least: u128, most: u128, zeros| Range {
        zeros,
        ..Range::new(least as i128, most as i128)
    };
    let whole = u128::from(u64::MAX);
    let lo = if most <= whole {
        part(least, most, value.zeros)
    } else {
        let zeros = value.zeros.min(64);
        part(0, if zeros == 64 { 0 } else { whole >> zeros << zeros }, zeros)
    };
    let hi = part(least >> 64, most >> 64, value.zeros.saturating_sub(64));
    if let Some(range) = rotated(k, operands) {
        return Ok(Some(range));
    }
    let mut found = scaled(k, lo, hi)?;
    if of_four(k, operands) {
        found = found.map(|range| Range {
            origin: Origin::Four,
            ..range
        });
    }
    // hi of 2 x is x's top bit.
    let (zero, two) = (Fr::from(0u64), Fr::from(2u64));
    let place = match (operands.x, operands.y) {
        (Some(_), None) if k[1] == two => Some(operands.places[0]),
        (None, Some(_)) if k[2] == two => Some(operands.places[1]),
        _ => None,
    };
    let bit = [k[3], k[4], k[6]].iter().all(|k| *k == zero) && k[5] == k[7];
    if let (Some(place), true) = (place, bit) {
        found = found.map(|range| Range {
            origin: Origin::TopBit(place),
            ..range
        });
    }
    Ok(found)
}

/// A word of a value below 2^32 times a power of two.
fn of_four(k: &[Fr; 8], operands: &Operands) -> bool {
    let (zero, one) = (Fr::from(0u64), Fr::from(1u64));
    let word = [k[4], k[5]] == [zero, one] || [k[4], k[5]] == [one, zero];
    if !word || [k[3], k[6]] != [zero, zero] || k[7] != one {
        return false;
    }
    let is_power = |range: &Range| range.origin == Origin::Power;
    let (x, y) = (operands.x.flatten(), operands.y.flatten());
    let constant = |k: Fr| signed(k).is_ok_and(|k| k.natural().is_some_and(|k| k >> 32 == 0));
    match (x, y) {
        (Some(x), Some(y)) => {
            let (value, power) = if is_power(&y) { (x, y) } else { (y, x) };
            let product = [k[0], k[1], k[2]] == [one, zero, zero];
            product && is_power(&power) && value.is_within(WORD >> 32)
        }
        (Some(x), None) => is_power(&x) && constant(k[1]),
        (None, Some(y)) => is_power(&y) && constant(k[2]),
        (None, None) => false,
    }
}

/// A value of some width times a power of two below 2^width, high part added to the low one: a rotation, which has the width.
fn rotated(k: &[Fr; 8], operands: &Operands) -> Option<Range> {
    let (Some(Some(x)), Some(Some(y))) = (operands.x, operands.y) else {
        return None;
    };
    let (value, power) = if y.origin == Origin::Power { (x, y) } else { (y, x) };
    let one = Fr::from(1u64);
    let rest = [k[1], k[2], k[3], k[6]].iter().all(|k| *k == Fr::from(0u64));
    if power.origin != Origin::Power || !rest || k[4] != one || k[0] != k[7] {
        return None;
    }
    let bits = [0, 32]
        .into_iter()
        .find(|s| k[7] == Fr::from(1u64 << s) && k[5] == k[7])?;
    let most = WORD >> bits;
    (value.is_within(most) && power.is_within(most)).then_some(Range::up_to(most))
}

/// FARITH.
pub(super) fn farith(instr: &Instr, operands: &Operands) -> Found {
    let k = &instr.k;
    let [zero, one] = [Fr::from(0u64), Fr::from(1u64)];
    // Copies of anything.
    let copy = match (operands.x, operands.y) {
        (Some(x), None) if (k[1], k[3]) == (one, zero) => Some((x, operands.places[0])),
        (None, Some(y)) if (k[2], k[3]) == (one, zero) => Some((y, operands.places[1])),
        _ => None,
    };
    if let Some((copied, place)) = copy {
        return Ok(copied.map(|range| Range {
            origin: match range.origin {
                Origin::Plain | Origin::Part | Origin::Copy(_) => Origin::Copy(place),
                kept => kept,
            },
            ..range
        }));
    }
    // The absolute value by the sign: x + 2^64 s - 2 x s, at most 2^63.
    let two64 = Fr::from(1u128 << 64);
    if let (Some(Some(x)), Some(Some(y))) = (operands.x, operands.y) {
        let [first, second] = operands.places;
        let ways = [(x, y, first, k[1], k[2]), (y, x, second, k[2], k[1])];
        let absolute = ways.iter().any(|(value, sign, place, of_value, of_sign)| {
            sign.origin == Origin::TopBit(*place)
                && value.is_within(WORD)
                && [k[0], *of_value, *of_sign, k[3]] == [-Fr::from(2u64), one, two64, zero]
        });
        if absolute {
            return Ok(Some(Range::up_to(1 << 63)));
        }
    }
    let form = linear(&k[..4], operands)?;
    Ok(result(&form))
}

/// EQ.
pub(super) fn equal(instr: &Instr, operands: &Operands) -> Found {
    let k = &instr.k;
    known(&operands.x, 'x')?;
    known(&operands.y, 'y')?;
    // Operands have 66 bits at most, so that a form of far fewer bits than the field's is zero only as an integer.
    let short = |k: Fr| k.into_bigint().num_bits().min((-k).into_bigint().num_bits()) <= 160;
    if !(short(k[1]) && short(k[2]) && short(k[3])) {
        return Err("a comparison that may wrap".into());
    }
    let (yes, no) = (signed(k[4] + k[6])?.integer(), signed(k[6])?.integer());
    let (Some(yes), Some(no)) = (yes, no) else {
        return Err("an answer that is no integer".into());
    };
    Ok(Some(Range::new(yes.min(no), yes.max(no))))
}

/// LOGIC: both forms must be words.
pub(super) fn logic(instr: &Instr, operands: &Operands) -> Found {
    let k = &instr.k;
    let none = Fr::from(0u64);
    let side = |k: [Fr; 4], name: char| -> Result<Range, String> {
        let value = linear(&k, operands)?;
        let range = result(&value).filter(|range| range.is_within(WORD));
        range.ok_or_else(|| format!("LOGIC of {name} that may be no word"))
    };
    let x = side([none, k[1], none, k[0]], 'x')?;
    let y = side([none, none, k[2], k[3]], 'y')?;
    let one = Fr::from(1u64);
    let most = x.most.min(y.most);
    let zeros = x.zeros.max(y.zeros).min(64);
    let envelope = |value: i128| (1i128 << (128 - value.leading_zeros())) - 1;
    let plain = k[1] == one && k[0] == none && (operands.y.is_some() == (k[2] == one));
    // Or and exclusive or, of a register or a constant.
    let second = if operands.y.is_some() {
        k[6] == one && k[7] == none
    } else {
        k[7] == k[3]
    };
    if plain && second && k[4] == one && (k[5] == -one || k[5] == -one - one) {
        return Ok(Some(
            Range::up_to(envelope(x.most.max(y.most))).multiple(x.zeros.min(y.zeros)),
        ));
    }
    // x without y, or y without x.
    if plain && k[5] == -one && k[7] == none && (k[4] + k[6] == one) && (k[4] == none || k[6] == none) {
        let kept = if k[4] == one { x } else { y };
        return Ok(Some(Range::up_to(kept.most).multiple(kept.zeros)));
    }
    // x less a part, between none and all, of the bits that a constant has, which the part's unit divides: the other bits stay, and
    // of these the rest.
    if plain && operands.y.is_none() && k[4] == one && k[6] == none && k[7] == none {
        let rest = Fr::from(2u64).pow([u64::from(zeros)]) * (one + k[5]);
        let unit = 1i128 << zeros;
        let rest = signed(rest)?.integer().filter(|rest| (0..=unit).contains(rest));
        let rest = rest.ok_or("LOGIC that takes away more than there is")?;
        let (bits, constant) = (envelope(x.most), y.most);
        return Ok(Some(Range::up_to(
            (bits & !constant) + ((bits & constant) >> zeros) * rest,
        )));
    }
    if k[4] != none || k[6] != none {
        return Err("LOGIC with weights that are no operation's".into());
    }
    // The AND counts by a power of two, perhaps an inverse one: it is a multiple of what divides it.
    let unit = Fr::from(2u64).pow([u64::from(zeros)]);
    let k = [Signed::ZERO, signed(k[5] * unit)?, Signed::ZERO, signed(k[7])?];
    let bits = Range::up_to(most >> zeros);
    let value = form(k, Some(&bits), None).ok_or("LOGIC's result is large")?;
    Ok(result(&value))
}

/// DIV.
pub(super) fn divide(instr: &Instr, operands: &Operands) -> Found {
    let (x, y) = (word(&operands.x, 'x')?, word(&operands.y, 'y')?);
    let lo = Range::up_to(x.most.min((y.most - 1).max(0)));
    scaled(&instr.k, lo, Range::up_to(x.most))
}

/// AUX of POW, the only table that a module's code looks up.
pub(super) fn power(instr: &Instr, operands: &Operands) -> Found {
    let k = &instr.k;
    if k[0] != Fr::from(Tag::Pow as u32) {
        return Err("a table that is not for modules".into());
    }
    let key = linear(&[Fr::from(0u64), k[1], Fr::from(0u64), k[2]], operands)?;
    let (none, one) = (Fr::from(0u64), Fr::from(1u64));
    let most = match [k[4], k[5]] {
        [v1, v2] if v1 == one && v2 == none => {
            let most = key.most.natural().unwrap_or(u128::MAX).min(63);
            1i128 << most
        }
        [v1, v2] if v1 == none && v2 == one => 1 << 64,
        _ => return Err("a sum of powers".into()),
    };
    Ok(Some(Range {
        origin: Origin::Power,
        ..Range::up_to(most)
    }))
}

/// What x is where `k1 x + k2` is a key of POW, below 128, for `k1` of 1 and -1.
pub(super) fn key(instr: &Instr, x: &Range) -> Option<Range> {
    let (k1, k2) = (
        signed(instr.k[1]).ok()?.integer()?,
        signed(instr.k[2]).ok()?.integer()?,
    );
    let (least, most) = match k1 {
        1 => (-k2, 127 - k2),
        -1 => (k2 - 127, k2),
        _ => return None,
    };
    Some(Range {
        least: x.least.max(least),
        most: x.most.min(most),
        ..*x
    })
}

/// An address: an integer that is not negative and far below the field's size.
fn address(operands: &Operands) -> Result<(), String> {
    let x = known(&operands.x, 'x')?.unwrap_or(Range::up_to(0));
    if x.is_within(1 << 34) {
        Ok(())
    } else {
        Err(format!("an address that may be {x:?}"))
    }
}

/// Loads.
pub(super) fn load(op: Op, instr: &Instr, operands: &Operands) -> Found {
    address(operands)?;
    let k = &instr.k;
    let one = Fr::from(1u64);
    Ok(Some(match op {
        Op::Loadw => Range::up_to(WORD),
        Op::Loadb => {
            let bits = 8 * width(k).ok_or("a width")?;
            let sign = signed(k[3])?.integer().unwrap_or_default();
            Range::up_to((1i128 << bits) - 1 + sign)
        }
        // The rest of eight bytes, with what is there of them.
        _ if k[0] == one && k[3] == one => match operands.old.map(|old| old.origin) {
            Some(Origin::Part) => Range::up_to(WORD),
            _ => return Err("half of eight bytes is added to something else".into()),
        },
        _ if k[1] == one && k[3] != one => Range {
            origin: Origin::Part,
            ..Range::up_to(WORD)
        },
        _ if k[2] == one => Range {
            origin: Origin::Power,
            ..Range::up_to(1 << 56)
        },
        _ => return Err("a part of a word".into()),
    }))
}

/// Stores: what is written is a word, or fits the bytes.
pub(super) fn store(op: Op, instr: &Instr, operands: &Operands) -> Result<(), String> {
    address(operands)?;
    let constant = instr.k[3].into_bigint().0;
    let value = match operands.y {
        Some(_) => word(&operands.y, 'y')?,
        None if op != Op::Storep && constant[1..] == [0; 3] => Range::up_to(i128::from(constant[0])),
        None => return Err("a constant that is no word".into()),
    };
    let bits = if op == Op::Storeb {
        8 * width(&instr.k).ok_or("a width")?
    } else {
        64
    };
    let zero = Fr::from(0u64);
    let beside_four = op == Op::Storep && (instr.k[2] != zero || instr.k[3] != zero);
    if beside_four && value.origin != Origin::Four {
        return Err("what is beside four bytes is kept, and it may be more than four".into());
    }
    if value.is_within((1i128 << bits) - 1) {
        Ok(())
    } else {
        Err(format!("{value:?} in {bits} bits"))
    }
}
