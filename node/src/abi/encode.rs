//! From JSON to the bytes that a module decodes.

use super::{Abi, DEPTH_MAX, Field, Of, Shape, Type};
use anyhow::{Context, Result, bail};
use playfair_types::crypto::field::fr_from_bytes;
use serde_json::Value;

/// Longest payload of a call, bytes: nothing longer is worth encoding.
const BYTES_MAX: usize = playfair_types::limits::PAYLOAD_BYTES_MAX;

/// Encodes arguments, given by name, in order. `account` finds the id of a player's name.
pub(crate) fn encode(
    abi: &Abi,
    fields: &[Field],
    values: &Value,
    account: &mut dyn FnMut(&str) -> [u8; 20],
) -> Result<Vec<u8>> {
    let mut encoder = Encoder {
        abi,
        account,
        out: Vec::new(),
    };
    encoder.fields(fields, values, 0)?;
    Ok(encoder.out)
}

struct Encoder<'a> {
    abi: &'a Abi,
    account: &'a mut dyn FnMut(&str) -> [u8; 20],
    out: Vec<u8>,
}

impl Encoder<'_> {
    fn fields(&mut self, fields: &[Field], values: &Value, depth: usize) -> Result<()> {
        let empty = serde_json::Map::new();
        let values = match values {
            Value::Null if fields.is_empty() => &empty,
            Value::Object(values) => values,
            _ => bail!("give the fields by name, as {{\"{}\": ...}}", names(fields)),
        };
        if let Some(name) = values
            .keys()
            .find(|name| fields.iter().all(|field| field.name != **name))
        {
            bail!("there is no `{name}`; there is: {}", names(fields));
        }
        for field in fields {
            let value = values
                .get(&field.name)
                .with_context(|| format!("`{}` is missing", field.name))?;
            self.value(&field.ty, value, depth + 1)
                .with_context(|| format!("`{}`", field.name))?;
        }
        Ok(())
    }

    fn value(&mut self, ty: &Type, value: &Value, depth: usize) -> Result<()> {
        if depth > DEPTH_MAX {
            bail!("types nested deeper than {DEPTH_MAX}");
        }
        if self.out.len() > BYTES_MAX {
            bail!("more than {BYTES_MAX} bytes");
        }
        match ty {
            Type::Name(name) => self.named(name, value, depth),
            Type::Of(of) => self.of(of, value, depth),
        }
    }

    fn of(&mut self, of: &Of, value: &Value, depth: usize) -> Result<()> {
        match of {
            Of::Option(_) if value.is_null() => self.out.push(0),
            Of::Option(inner) => {
                self.out.push(1);
                self.value(inner, value, depth + 1)?;
            }
            Of::Array(inner, count) => {
                let values = list(value)?;
                if values.len() != *count {
                    bail!("{} values where {count} belong", values.len());
                }
                for value in values {
                    self.value(inner, value, depth + 1)?;
                }
            }
            Of::List(inner, most) => {
                let values = list(value)?;
                self.length(values.len(), *most)?;
                for value in values {
                    self.value(inner, value, depth + 1)?;
                }
            }
            Of::Tuple(types) => {
                let values = list(value)?;
                if values.len() != types.len() {
                    bail!("{} values where {} belong", values.len(), types.len());
                }
                for (inner, value) in types.iter().zip(values) {
                    self.value(inner, value, depth + 1)?;
                }
            }
            Of::Text(most) => {
                let text = text(value)?;
                self.length(text.len(), *most)?;
                self.out.extend(text.as_bytes());
            }
            Of::Bytes(most) => {
                let bytes = hex(text(value)?)?;
                self.length(bytes.len(), *most)?;
                self.out.extend(bytes);
            }
        }
        Ok(())
    }

    fn named(&mut self, name: &str, value: &Value, depth: usize) -> Result<()> {
        match name {
            "bool" => {
                let truth = value.as_bool().context("true or false belongs here")?;
                self.out.push(u8::from(truth));
            }
            "account" => {
                let name = text(value)?;
                let id = match name.strip_prefix("0x") {
                    Some(_) => twenty(name)?,
                    None => (self.account)(name),
                };
                self.out.extend(id);
            }
            "l1 address" => {
                let address = twenty(text(value)?)?;
                self.out.extend(address);
            }
            "field" => {
                let bytes: [u8; 32] = hex(text(value)?)?
                    .try_into()
                    .ok()
                    .context("32 bytes in hexadecimal belong here")?;
                fr_from_bytes(&bytes).context("a field element is below the modulus")?;
                self.out.extend(bytes.iter().rev());
            }
            "fixed" => {
                let fixed = fixed(value)?;
                self.out.extend(fixed.to_le_bytes());
            }
            _ => match integer(name) {
                Some((bytes, signed)) => self.integer(bytes, signed, value)?,
                None => self.defined(name, value, depth)?,
            },
        }
        Ok(())
    }

    fn integer(&mut self, bytes: usize, signed: bool, value: &Value) -> Result<()> {
        let digits = match value {
            Value::Number(number) => number.to_string(),
            Value::String(digits) => digits.replace('_', ""),
            _ => bail!("a number belongs here (as text if it is large)"),
        };
        let bits = 8 * bytes as u32;
        let fits = if signed {
            let number: i128 = digits.parse().ok().context("not a whole number")?;
            (bits == 128 || (number >> (bits - 1)) == 0 || (number >> (bits - 1)) == -1)
                .then_some(number as u128)
        } else {
            let number: u128 = digits.parse().ok().context("not a whole number from 0")?;
            (bits == 128 || number >> bits == 0).then_some(number)
        };
        let number = fits.with_context(|| format!("{digits} does not fit {bits} bits"))?;
        self.out.extend(number.to_le_bytes().iter().take(bytes));
        Ok(())
    }

    fn defined(&mut self, name: &str, value: &Value, depth: usize) -> Result<()> {
        let abi = self.abi;
        match abi.shape(name)? {
            Shape::Struct(fields) => self.fields(fields, value, depth),
            Shape::Enum(variants) => {
                // `"White"`, or `{"Move": {"from": 1}}`.
                let (chosen, fields) = match value {
                    Value::String(name) => (name.as_str(), &Value::Null),
                    Value::Object(object) if object.len() == 1 => {
                        let (name, fields) = object.iter().next().context("a variant belongs here")?;
                        (name.as_str(), fields)
                    }
                    _ => bail!("a variant belongs here, as \"Name\" or {{\"Name\": {{...}}}}"),
                };
                let variant = variants
                    .iter()
                    .find(|variant| variant.name == chosen)
                    .with_context(|| {
                        let names: Vec<&str> = variants.iter().map(|v| v.name.as_str()).collect();
                        format!("{name} has no variant `{chosen}`; it has: {}", names.join(", "))
                    })?;
                self.out.push(variant.tag);
                self.fields(&variant.fields, fields, depth)
            }
        }
    }

    fn length(&mut self, length: usize, most: usize) -> Result<()> {
        let short = u16::try_from(length).ok().filter(|_| length <= most);
        let short = short.with_context(|| format!("{length} where at most {most} belong"))?;
        self.out.extend(short.to_le_bytes());
        Ok(())
    }
}

/// Bytes and sign of an integer type's name.
pub(super) fn integer(name: &str) -> Option<(usize, bool)> {
    let (signed, bits) = match name.split_at_checked(1)? {
        ("u", bits) => (false, bits),
        ("i", bits) => (true, bits),
        _ => return None,
    };
    let bytes = match bits {
        "8" => 1,
        "16" => 2,
        "32" => 4,
        "64" => 8,
        "128" => 16,
        _ => return None,
    };
    Some((bytes, signed))
}

/// A decimal number as Q32.32, to the nearest below.
fn fixed(value: &Value) -> Result<i64> {
    let number = match value {
        Value::Number(number) => number.to_string(),
        Value::String(number) => number.clone(),
        _ => bail!("a decimal number belongs here"),
    };
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, number.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let whole: i128 = whole.parse().ok().context("not a decimal number")?;
    let part: String = part.chars().take(18).collect();
    let scale = 10i128.pow(part.len() as u32);
    let part: i128 = if part.is_empty() {
        0
    } else {
        part.parse().ok().context("not a decimal number")?
    };
    if !(0..1 << 32).contains(&whole) || part < 0 {
        bail!("{number} does not fit 32 bits and a fraction");
    }
    let value = sign * ((whole << 32) + (part << 32) / scale);
    i64::try_from(value)
        .ok()
        .with_context(|| format!("{number} does not fit 32 bits and a fraction"))
}

fn names(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

fn list(value: &Value) -> Result<&[Value]> {
    value.as_array().map(Vec::as_slice).context("a list belongs here")
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().context("text belongs here")
}

fn twenty(text: &str) -> Result<[u8; 20]> {
    hex(text)?
        .try_into()
        .ok()
        .context("20 bytes in hexadecimal belong here, beginning with 0x")
}

/// Bytes of `0x...` or of bare hexadecimal digits.
pub(crate) fn hex(text: &str) -> Result<Vec<u8>> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        bail!("`{text}` is not hexadecimal bytes");
    }
    let pairs = digits.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok();
    pairs
        .map(|pair| byte(pair).context("not hexadecimal bytes"))
        .collect()
}
