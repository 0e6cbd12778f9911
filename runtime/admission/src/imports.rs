//! Imports of a contract: host functions, with their types.

use crate::names::visible;
use crate::reason::Reason;
use crate::rejection::Refused;
use crate::sections::same;
use playfair_abi::host::{HostFunction, IMPORT_MODULE};
use wasmparser::{FuncType, Import, TypeRef, ValType};

/// The host function that an import is.
pub(crate) fn host(import: &Import<'_>, types: &[FuncType], offset: usize) -> Result<HostFunction, Refused> {
    let kind = match import.ty {
        TypeRef::Func(_) | TypeRef::FuncExact(_) => None,
        TypeRef::Table(_) => Some("table"),
        TypeRef::Memory(_) => Some("memory"),
        TypeRef::Global(_) => Some("global"),
        TypeRef::Tag(_) => Some("tag"),
    };
    if let Some(kind) = kind {
        let name = visible(import.name);
        return Err(Refused::at(offset, Reason::ImportKind { name, kind }));
    }
    let known = HostFunction::named(import.name).filter(|_| import.module == IMPORT_MODULE);
    let Some(function) = known else {
        let reason = Reason::UnknownImport {
            module: visible(import.module),
            name: visible(import.name),
            nearest: nearest(import.name),
        };
        return Err(Refused::at(offset, reason));
    };
    let row = function.signature();
    match import.ty {
        // An unknown type is the validator's to refuse.
        TypeRef::Func(index) => match types.get(index as usize) {
            Some(ty) if !same(ty.params(), row.params) || !same(ty.results(), row.result.as_slice()) => {
                let found = arrow(ty);
                Err(Refused::at(offset, Reason::ImportSignature { function, found }))
            }
            _ => Ok(function),
        },
        _ => Ok(function),
    }
}

/// A function type in words.
pub(crate) fn arrow(ty: &FuncType) -> String {
    let list = |values: &[ValType]| {
        let names: Vec<_> = values.iter().map(ValType::to_string).collect();
        names.join(", ")
    };
    match ty.results() {
        [one] => format!("({}) -> {one}", list(ty.params())),
        results => format!("({}) -> ({})", list(ty.params()), list(results)),
    }
}

/// The host function whose name is nearest to a wrong one, if any is near.
fn nearest(name: &str) -> Option<HostFunction> {
    const LONGEST: usize = 32;
    if name.len() > LONGEST {
        return None;
    }
    let candidates = HostFunction::ALL.iter().copied();
    let (distance, function) = candidates
        .map(|function| {
            (
                distance(name.as_bytes(), function.signature().name.as_bytes()),
                function,
            )
        })
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + name.len() / 4).then_some(function)
}

/// Levenshtein's distance: insertions, deletions and replacements between two names.
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(right) {
            let replaced = diagonal + usize::from(a != b);
            diagonal = *cell;
            before = replaced.min(before + 1).min(diagonal + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance(b"", b"get"), 3);
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"transfer", b"transfer"), 0);
    }

    #[test]
    fn near_names() {
        assert_eq!(nearest("get_"), Some(HostFunction::Get));
        assert_eq!(nearest("trasnfer"), Some(HostFunction::Transfer));
        assert_eq!(nearest("chain-id"), Some(HostFunction::ChainId));
        assert_eq!(nearest("get"), Some(HostFunction::Get));
        assert_eq!(nearest("fd_write"), None);
        assert_eq!(nearest(&"get".repeat(100)), None);
    }
}
