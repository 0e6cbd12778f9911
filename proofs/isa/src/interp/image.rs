//! The auxiliary table: initial memory, function table, trap entries, and the parts that every program shares.

use super::ProgramError;
use crate::code::{Program, Tag, address, at};
use crate::trace::Value;
use playfair_types::crypto::field::Fr;
use std::collections::HashMap;

/// Words of a dense part of initial memory.
#[derive(Debug, Default)]
pub(super) struct Range {
    start: u64,
    words: Vec<Value>,
}

impl Range {
    /// The initial value at a key: zero outside.
    pub(super) fn at(&self, key: u64) -> Value {
        let index = key.checked_sub(self.start).and_then(|i| usize::try_from(i).ok());
        index.and_then(|i| self.words.get(i)).copied().unwrap_or_default()
    }

    /// Whether the key lies inside.
    pub(super) fn holds(&self, key: u64) -> bool {
        key >= self.start && key - self.start < self.words.len() as u64
    }
}

/// The parts of the table that the program has of its own.
#[derive(Debug)]
pub(super) struct Tables {
    /// Module's image; keys are words from the base of a run.
    pub(super) module: Range,
    /// Kernel's image; keys are addresses.
    pub(super) kernel: Range,
    rows: HashMap<(Tag, u64), (Value, Value)>,
}

impl Tables {
    pub(super) fn new(program: &Program) -> Result<Self, ProgramError> {
        let mut rows = HashMap::new();
        for row in &program.aux {
            let values = (Value::from(row.v1), Value::from(row.v2));
            if !matches!(row.tag, Tag::Image | Tag::Table | Tag::Trap) {
                return Err(ProgramError::Row(row.tag, row.key));
            }
            if row.tag == Tag::Image && values.0.word().is_none() {
                return Err(ProgramError::Row(row.tag, row.key));
            }
            if rows.insert((row.tag, row.key), values).is_some() {
                return Err(ProgramError::Duplicate(row.tag, row.key));
            }
        }
        let bounds = program.code.get(at::MEM as usize);
        let bound = |i: usize| bounds.map_or(Some(0), |row| Value::from(row.k[i]).word());
        let range = |from: usize| -> Result<Range, ProgramError> {
            let (Some(start), Some(end)) = (bound(from), bound(from + 1)) else {
                return Err(ProgramError::Image(0));
            };
            if end.saturating_sub(start) > program.aux.len() as u64 {
                return Err(ProgramError::Image(start));
            }
            let word = |key: u64| match rows.get(&(Tag::Image, key)) {
                Some((word, _)) => Ok(*word),
                None => Err(ProgramError::Image(key)),
            };
            let words = (start..end).map(word).collect::<Result<_, _>>()?;
            Ok(Range { start, words })
        };
        let (module, kernel) = (range(0)?, range(2)?);
        for (tag, key) in rows.keys() {
            let inside = if *key < address::KERNEL {
                module.holds(*key)
            } else {
                kernel.holds(*key)
            };
            if *tag == Tag::Image && !inside {
                return Err(ProgramError::Image(*key));
            }
        }
        Ok(Self { module, kernel, rows })
    }

    /// A row of the program's own.
    pub(super) fn row(&self, tag: Tag, key: u64) -> Option<(Value, Value)> {
        self.rows.get(&(tag, key)).copied()
    }

    /// Keys of a tag, in any order.
    pub(super) fn keys(&self, tag: Tag) -> impl Iterator<Item = u64> {
        self.rows
            .keys()
            .filter(move |(of, _)| *of == tag)
            .map(|(_, key)| *key)
    }

    /// A row of any part whose key determines its values.
    pub(super) fn look(&self, tag: Tag, key: u64, public: &[Fr]) -> Option<(Value, Value)> {
        let range = |bits: u32| (key >> bits == 0).then_some((Value::ZERO, Value::ZERO));
        match tag {
            Tag::Limb => range(12),
            Tag::Byte => range(8),
            Tag::Top => range(4),
            Tag::And => None,
            Tag::Pow => (key < 128).then(|| power(key as u32)),
            Tag::Image | Tag::Table | Tag::Trap => self.row(tag, key),
            Tag::Public => {
                let value = usize::try_from(key).ok().and_then(|i| public.get(i));
                value.map(|value| (Value::from(*value), Value::ZERO))
            }
        }
    }
}

/// `2^(i mod 64)` and, for i up to 64, `2^(64 - i)`.
fn power(i: u32) -> (Value, Value) {
    let up = 1u64 << (i % 64);
    let down = 1u128.checked_shl(64 - i.min(64)).unwrap_or(0);
    let down = if i > 64 {
        Value::ZERO
    } else {
        Value::from(Fr::from(down))
    };
    (Value::Word(up), down)
}
