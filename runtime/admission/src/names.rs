//! Function names, for diagnostics only.
//!
//! The name section is whatever a toolchain wrote. Nothing depends on it: what cannot be read is left out, what can is
//! bounded in number and length and stripped of everything that is not a visible ASCII character.

use crate::limits;
use std::collections::BTreeMap;
use wasmparser::{KnownCustom, Name, Parser, Payload};

/// Names by function index.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<u32, String>);

impl Names {
    /// Reads the first name section of a module whose size is within its limit.
    pub(crate) fn read(original: &[u8]) -> Self {
        Self(Self::try_read(original).unwrap_or_default())
    }

    /// The name of a function.
    pub(crate) fn of(&self, function: u32) -> Option<String> {
        self.0.get(&function).cloned()
    }

    fn try_read(original: &[u8]) -> Option<BTreeMap<u32, String>> {
        let mut names = BTreeMap::new();
        for payload in Parser::new(0).parse_all(original) {
            // Function bodies are only outlined here, so this walks the sections and nothing else.
            let Payload::CustomSection(section) = payload.ok()? else {
                continue;
            };
            let KnownCustom::Name(subsections) = section.as_known() else {
                continue;
            };
            for subsection in subsections {
                // After an error the reader may not move on: stop there.
                let Name::Function(map) = subsection.ok()? else {
                    continue;
                };
                let known = map.into_iter().map_while(Result::ok);
                for naming in known.take((limits::FUNCTIONS + limits::IMPORTS) as usize) {
                    names.entry(naming.index).or_insert_with(|| visible(naming.name));
                }
                return Some(names);
            }
            return None;
        }
        None
    }
}

/// A text of hostile origin, cut and with everything but visible ASCII replaced.
pub(crate) fn visible(text: &str) -> String {
    cut(text, limits::NAME_CHARS)
}

/// The same, cut elsewhere.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let mut characters = text.chars();
    let mut clean: String = characters
        .by_ref()
        .take(most)
        .map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' })
        .collect();
    if characters.next().is_some() {
        clean.push_str("...");
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_cut_and_cleaned() {
        assert_eq!(visible("core::fmt::write"), "core::fmt::write");
        assert_eq!(visible("a\u{1b}[31m\n`\u{202e}b"), "a?[31m?`?b");
        assert_eq!(visible(&"x".repeat(1000)).len(), limits::NAME_CHARS + 3);
    }
}
