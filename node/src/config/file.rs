//! A TOML file as single settings with their lines.

use super::value::Given;
use super::{Entry, Origin};
use std::io::Read;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// No configuration is longer.
const BYTES_MAX: u64 = 1 << 20;
/// Tables inside tables.
const DEPTH_MAX: usize = 8;

/// The settings of a file, in the order of their names.
pub(super) fn read(path: &Path) -> Result<Vec<Entry>, String> {
    let mut text = String::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_string(&mut text));
    read.map_err(|error| format!("{}: cannot be read: {error}", path.display()))?;
    if text.len() as u64 > BYTES_MAX {
        return Err(format!("{}: longer than {BYTES_MAX} bytes", path.display()));
    }
    parse(path, &text)
}

pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<Entry>, String> {
    let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let table = DeTable::parse(text).map_err(|error| {
        let at = line(error.span().map_or(0, |span| span.start));
        format!("{}:{at}: {}", path.display(), error.message())
    })?;
    let mut entries = Vec::new();
    walk("", table.get_ref(), 0, &mut |key, at, value| {
        entries.push(Entry {
            key,
            given: Given::of_toml(value),
            origin: Origin::File(path.to_owned(), line(at)),
        });
    });
    Ok(entries)
}

/// Every value that is no table, by its dotted name.
fn walk(within: &str, table: &DeTable<'_>, depth: usize, each: &mut dyn FnMut(String, usize, &DeValue<'_>)) {
    for (name, value) in table {
        let key = match within {
            "" => name.get_ref().to_string(),
            within => format!("{within}.{}", name.get_ref()),
        };
        match value.get_ref() {
            DeValue::Table(inner) if depth < DEPTH_MAX => walk(&key, inner, depth + 1, each),
            value => each(key, name.span().start, value),
        }
    }
}
