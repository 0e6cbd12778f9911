//! A module's ABI as its clients read it: JSON from the section `playfair:abi`, and values between JSON and bytes by it.
//!
//! The section comes with the module, so it is as hostile as the module: types may be missing, refer to themselves or be
//! very large. Decoding and encoding bound their depth and take no more memory than their input justifies. The schema and
//! the encoding are documented in the SDK (`contracts-wasm/sdk`, modules `abi` and `codec`).

mod decode;
mod encode;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;

pub(crate) use decode::decode;
pub(crate) use encode::{encode, hex};

/// Types inside types, at most.
const DEPTH_MAX: usize = 32;
/// The version of the schema that this build reads.
const VERSION: u32 = 1;

/// A module's ABI.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Abi {
    abi: u32,
    pub(crate) init: Option<Entry>,
    #[serde(default)]
    pub(crate) calls: Vec<Entry>,
    #[serde(default)]
    pub(crate) queries: Vec<Entry>,
    #[serde(default)]
    pub(crate) events: Vec<Event>,
    #[serde(default)]
    errors: BTreeMap<String, Vec<ErrorVariant>>,
    #[serde(default)]
    types: BTreeMap<String, Named>,
}

/// An entry of call or query, or init.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    pub(crate) number: u8,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) args: Vec<Field>,
    pub(crate) returns: Option<Type>,
    pub(crate) error: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) topic: u16,
    #[serde(rename = "type")]
    pub(crate) ty: Type,
}

#[derive(Clone, Debug, Deserialize)]
struct ErrorVariant {
    code: u16,
    name: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: Type,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Named {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
    #[serde(untagged)]
    Documented(Documented),
}

/// A named type with its documentation beside.
#[derive(Clone, Debug, Deserialize)]
struct Documented {
    #[serde(rename = "struct")]
    fields: Option<Vec<Field>>,
    #[serde(rename = "enum")]
    variants: Option<Vec<Variant>>,
}

#[derive(Clone, Debug, Deserialize)]
struct Variant {
    tag: u8,
    name: String,
    #[serde(default)]
    fields: Vec<Field>,
}

/// A type of the ABI.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Type {
    Name(String),
    Of(Of),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Of {
    Option(Box<Type>),
    Array(Box<Type>, usize),
    List(Box<Type>, usize),
    Tuple(Vec<Type>),
    Text(usize),
    Bytes(usize),
}

/// What a named type is made of.
enum Shape<'a> {
    Struct(&'a [Field]),
    Enum(&'a [Variant]),
}

impl Abi {
    /// Reads the section's content.
    ///
    /// # Errors
    /// When it is no ABI, or one of a later schema.
    pub(crate) fn parse(section: &[u8]) -> Result<Self> {
        let abi: Self =
            serde_json::from_slice(section).context("the module's ABI section is not readable")?;
        if abi.abi != VERSION {
            bail!(
                "the module's ABI has schema {}, this build reads {VERSION}: use a newer playfair",
                abi.abi
            );
        }
        Ok(abi)
    }

    /// The call of this name.
    pub(crate) fn call(&self, name: &str) -> Result<&Entry> {
        find(&self.calls, "call", name)
    }

    /// The query of this name.
    pub(crate) fn query(&self, name: &str) -> Result<&Entry> {
        find(&self.queries, "query", name)
    }

    /// The name of an entry's error with this code.
    pub(crate) fn error_name(&self, entry: &Entry, code: u16) -> Option<&str> {
        let variants = self.errors.get(entry.error.as_deref()?)?;
        let variant = variants.iter().find(|variant| variant.code == code)?;
        Some(&variant.name)
    }

    fn shape(&self, name: &str) -> Result<Shape<'_>> {
        let named = self
            .types
            .get(name)
            .with_context(|| format!("the ABI has no type {name}"))?;
        Ok(match named {
            Named::Struct(fields) => Shape::Struct(fields),
            Named::Enum(variants) => Shape::Enum(variants),
            Named::Documented(Documented {
                fields: Some(fields),
                variants: None,
            }) => Shape::Struct(fields),
            Named::Documented(Documented {
                fields: None,
                variants: Some(variants),
            }) => Shape::Enum(variants),
            Named::Documented(_) => bail!("the ABI's type {name} is neither a struct nor an enum"),
        })
    }
}

fn find<'a>(entries: &'a [Entry], what: &str, name: &str) -> Result<&'a Entry> {
    entries.iter().find(|entry| entry.name == name).with_context(|| {
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        format!("the module has no {what} `{name}`; it has: {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests;
