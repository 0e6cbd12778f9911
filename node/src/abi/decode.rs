//! From the bytes that a module returned or emitted to JSON. The bytes may be anything; what is not canonical is an error.

use super::encode::integer;
use super::{Abi, DEPTH_MAX, Field, Of, Shape, Type};
use crate::table::hex;
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

/// Values of one decoding, at most: lists of things without bytes must not multiply.
const VALUES_MAX: usize = 65_536;

/// Decodes all of `bytes` as one value.
pub(crate) fn decode(abi: &Abi, ty: &Type, bytes: &[u8]) -> Result<Value> {
    let mut decoder = Decoder {
        abi,
        rest: bytes,
        values: 0,
    };
    let value = decoder.value(ty, 0)?;
    if !decoder.rest.is_empty() {
        bail!("{} bytes are left over", decoder.rest.len());
    }
    Ok(value)
}

struct Decoder<'a> {
    abi: &'a Abi,
    rest: &'a [u8],
    values: usize,
}

impl<'a> Decoder<'a> {
    fn value(&mut self, ty: &Type, depth: usize) -> Result<Value> {
        self.values += 1;
        if depth > DEPTH_MAX || self.values > VALUES_MAX {
            bail!("the type is too large");
        }
        match ty {
            Type::Name(name) => self.named(name, depth),
            Type::Of(of) => self.of(of, depth),
        }
    }

    fn of(&mut self, of: &Of, depth: usize) -> Result<Value> {
        Ok(match of {
            Of::Option(inner) => match self.byte()? {
                0 => Value::Null,
                1 => self.value(inner, depth + 1)?,
                other => bail!("an option begins with {other}"),
            },
            Of::Array(inner, count) => self.many(inner, *count, depth)?,
            Of::List(inner, most) => {
                let count = self.length(*most)?;
                self.many(inner, count, depth)?
            }
            Of::Tuple(types) => {
                let values = types.iter().map(|inner| self.value(inner, depth + 1));
                Value::Array(values.collect::<Result<_>>()?)
            }
            Of::Text(most) => {
                let length = self.length(*most)?;
                let text = core::str::from_utf8(self.take(length)?).context("text that is not UTF-8")?;
                Value::String(text.to_owned())
            }
            Of::Bytes(most) => {
                let length = self.length(*most)?;
                Value::String(format!("0x{}", hex(self.take(length)?)))
            }
        })
    }

    fn many(&mut self, inner: &Type, count: usize, depth: usize) -> Result<Value> {
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(self.value(inner, depth + 1)?);
        }
        Ok(Value::Array(values))
    }

    fn named(&mut self, name: &str, depth: usize) -> Result<Value> {
        Ok(match name {
            "bool" => match self.byte()? {
                0 => Value::Bool(false),
                1 => Value::Bool(true),
                other => bail!("truth is {other}"),
            },
            "account" | "l1 address" => Value::String(format!("0x{}", hex(self.take(20)?))),
            "field" => {
                let bytes: Vec<u8> = self.take(32)?.iter().rev().copied().collect();
                Value::String(format!("0x{}", hex(&bytes)))
            }
            "fixed" => {
                let bytes = self.take(8)?.try_into().context("eight bytes")?;
                Value::String(fixed(i64::from_le_bytes(bytes)))
            }
            _ => match integer(name) {
                Some((bytes, signed)) => self.integer(bytes, signed)?,
                None => self.defined(name, depth)?,
            },
        })
    }

    /// Numbers that JSON readers take for exact are numbers; larger ones are text.
    fn integer(&mut self, bytes: usize, signed: bool) -> Result<Value> {
        let mut wide = [0u8; 16];
        let taken = self.take(bytes)?;
        if signed && taken.last().is_some_and(|byte| byte & 0x80 != 0) {
            wide = [0xff; 16];
        }
        for (slot, byte) in wide.iter_mut().zip(taken) {
            *slot = *byte;
        }
        let number = i128::from_le_bytes(wide);
        if number.unsigned_abs() < 1 << 53 && (signed || number >= 0) {
            return Ok(Value::from(number as i64));
        }
        Ok(Value::String(if signed {
            number.to_string()
        } else {
            u128::from_le_bytes(wide).to_string()
        }))
    }

    fn defined(&mut self, name: &str, depth: usize) -> Result<Value> {
        let abi = self.abi;
        match abi.shape(name)? {
            Shape::Struct(fields) => self.fields(fields, depth),
            Shape::Enum(variants) => {
                let tag = self.byte()?;
                let variant = variants
                    .iter()
                    .find(|variant| variant.tag == tag)
                    .with_context(|| format!("{name} has no variant {tag}"))?;
                if variant.fields.is_empty() {
                    return Ok(Value::String(variant.name.clone()));
                }
                let fields = self.fields(&variant.fields, depth)?;
                Ok(Value::Object(Map::from_iter([(variant.name.clone(), fields)])))
            }
        }
    }

    fn fields(&mut self, fields: &[Field], depth: usize) -> Result<Value> {
        let mut object = Map::new();
        for field in fields {
            object.insert(field.name.clone(), self.value(&field.ty, depth + 1)?);
        }
        Ok(Value::Object(object))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .context("the bytes end too early")?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?.first().copied().unwrap_or(0))
    }

    fn length(&mut self, most: usize) -> Result<usize> {
        let bytes = self.take(2)?.try_into().context("two bytes")?;
        let length = usize::from(u16::from_le_bytes(bytes));
        if length > most {
            bail!("{length} where at most {most} belong");
        }
        Ok(length)
    }
}

/// Q32.32 as a decimal number, exactly.
fn fixed(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let value = value.unsigned_abs();
    let (whole, mut part) = (value >> 32, value & 0xffff_ffff);
    let mut digits = String::new();
    while part != 0 {
        part *= 10;
        digits.push(char::from(b'0' + (part >> 32) as u8));
        part &= 0xffff_ffff;
    }
    if digits.is_empty() {
        digits.push('0');
    }
    format!("{sign}{whole}.{digits}")
}
