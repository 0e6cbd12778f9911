//! Which instructions there are, and which of them surely ran in a session.
//!
//! An instruction ran if it is on the straight path from the start of a function that was called and returned: up to the first branch,
//! `if` or `return`, which ran too. What instrumentation added is left out. So nothing counts that might have been jumped over.

use crate::engine::Trap;
use crate::machine::Session;
use playfair_admission::price::class;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{BinaryReader, ExternalKind, Operator, OperatorsReader, Parser, Payload, TypeRef};

/// The charge that instrumentation puts at the start of a block: instructions before its `if`.
const CHARGE: usize = 7;

/// An instruction's name in the parser's table.
fn name(operator: &Operator<'_>) -> String {
    let text = format!("{operator:?}");
    text.split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The instructions that are admitted, which have a price: but for `end` and `else`, which are marks and lower to nothing, and `return`,
/// which instrumentation writes as a branch.
#[must_use]
pub fn instructions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let prefixed = (0..32).map(|code| vec![0xfc, code]);
    for opcode in (0..=0xfa).map(|code| vec![code]).chain(prefixed) {
        // Immediates that some instruction takes: zeros, no block type, one type.
        for immediates in [[0; 12], [0x40; 12], [1, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
            let bytes = [&opcode[..], &immediates].concat();
            let operator = OperatorsReader::new(BinaryReader::new(&bytes, 0)).read();
            if let Ok(operator) = operator
                && class(&operator).is_some()
                && !matches!(operator, Operator::End | Operator::Else | Operator::Return)
            {
                names.insert(name(&operator));
            }
        }
    }
    names
}

/// Functions of a module: by export, and the bodies of those that it defines.
struct Functions<'a> {
    exports: BTreeMap<&'a str, u32>,
    imported: u32,
    bodies: Vec<Vec<Operator<'a>>>,
}

impl<'a> Functions<'a> {
    fn read(wasm: &'a [u8]) -> Self {
        let mut found = Self {
            exports: BTreeMap::new(),
            imported: 0,
            bodies: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(wasm).filter_map(Result::ok) {
            match payload {
                Payload::ImportSection(section) => {
                    let imports = section.into_imports().filter_map(Result::ok);
                    found.imported += imports
                        .filter(|import| matches!(import.ty, TypeRef::Func(_)))
                        .count() as u32;
                }
                Payload::ExportSection(section) => {
                    let functions = section.into_iter().filter_map(Result::ok);
                    let functions = functions.filter(|export| export.kind == ExternalKind::Func);
                    found
                        .exports
                        .extend(functions.map(|export| (export.name, export.index)));
                }
                Payload::CodeSectionEntry(body) => {
                    let operators = body.get_operators_reader().into_iter().flatten();
                    found.bodies.push(operators.filter_map(Result::ok).collect());
                }
                _ => {}
            }
        }
        found
    }

    fn body(&self, export: &str) -> Option<&[Operator<'a>]> {
        let index = self.exports.get(export)?.checked_sub(self.imported)?;
        self.bodies.get(index as usize).map(Vec::as_slice)
    }
}

/// The straight path.
fn path<'o, 'a>(body: &'o [Operator<'a>]) -> Vec<&'o Operator<'a>> {
    let mut path: Vec<&Operator<'_>> = Vec::new();
    let mut rest = body;
    while let [operator, behind @ ..] = rest {
        rest = behind;
        match (operator, behind) {
            (Operator::If { .. }, [Operator::Unreachable, Operator::End, behind @ ..])
                if matches!(
                    path[..],
                    [
                        ..,
                        Operator::I32Sub,
                        Operator::GlobalSet { .. },
                        Operator::GlobalGet { .. },
                        _,
                        Operator::I32LtS
                    ]
                ) =>
            {
                path.truncate(path.len().saturating_sub(CHARGE));
                rest = behind;
            }
            (Operator::End, _) => {}
            _ => path.push(operator),
        }
        let ends = matches!(
            operator,
            Operator::Br { .. }
                | Operator::BrIf { .. }
                | Operator::BrTable { .. }
                | Operator::Return
                | Operator::Unreachable
        );
        if ends
            || matches!(
                (operator, path.last()),
                (Operator::If { .. }, Some(Operator::If { .. }))
            )
        {
            break;
        }
    }
    path
}

/// The instructions that surely ran in a session.
#[must_use]
pub fn ran(session: &Session) -> BTreeSet<String> {
    let functions = Functions::read(session.wasm());
    let mut names = BTreeSet::new();
    for (export, trap) in session.calls() {
        let Some(body) = functions.body(export) else {
            continue;
        };
        let path = path(body);
        match (trap, path.last()) {
            (None, _) => names.extend(path.into_iter().map(name)),
            // What calls nothing and cannot end otherwise has ended there.
            (Some(Trap::Unreachable), Some(last @ Operator::Unreachable))
                if !path.iter().any(|operator| {
                    matches!(operator, Operator::Call { .. } | Operator::CallIndirect { .. })
                }) =>
            {
                names.insert(name(last));
            }
            _ => {}
        }
    }
    names
}
