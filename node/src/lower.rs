//! `playfair module lower`: what a module becomes for the prover, and how large.

use crate::table::{number, table};
use playfair_admission::Admitted;
use playfair_proofs_isa::code::address;
use playfair_proofs_isa::lower::{Function, Kind, LowerError, Unit, lower};
use playfair_proofs_isa::ops::Op;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Functions that the report lists at most, the largest first.
const FUNCTIONS_SHOWN: usize = 20;

/// A lowered module, and names for its functions.
pub struct Lowered {
    unit: Unit,
    functions: Vec<Function>,
}

/// Lowers an admitted module.
///
/// # Errors
/// What has no lowering; nothing of an admitted module should be of that kind.
pub fn lowered(admitted: &Admitted) -> Result<Lowered, LowerError> {
    let unit = lower(&admitted.instrumented, Kind::Module, address::GLOBALS as u32)?;
    let name = |index: u32| {
        let named = admitted
            .info
            .functions
            .iter()
            .find(|function| function.index == index);
        named.and_then(|function| function.name.clone())
    };
    let mut functions = unit.functions.clone();
    for function in &mut functions {
        if let Some(name) = function.index.and_then(name) {
            function.name = name;
        }
    }
    functions.sort_by_key(|function| core::cmp::Reverse(function.rows));
    Ok(Lowered { unit, functions })
}

impl Lowered {
    fn instructions(&self) -> u32 {
        self.functions.iter().map(|function| function.instructions).sum()
    }

    /// Rows by operation, the most frequent first.
    fn operations(&self) -> Vec<(&'static str, u32)> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for row in &self.unit.rows {
            let name = Op::of(row).map_or("malformed", |op| op.info().name);
            *counts.entry(name).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
        counts
    }

    fn per_row(&self) -> f64 {
        f64::from(self.instructions()) / self.unit.rows.len().max(1) as f64
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self) -> String {
        let unit = &self.unit;
        let operations = self.operations();
        let rows: Vec<Vec<String>> = operations
            .iter()
            .map(|(name, count)| vec![(*name).to_owned(), number(u64::from(*count))])
            .collect();
        let functions: Vec<Vec<String>> = self
            .functions
            .iter()
            .take(FUNCTIONS_SHOWN)
            .map(|function| {
                vec![
                    function.index.map_or_else(String::new, |index| index.to_string()),
                    number(u64::from(function.rows)),
                    number(u64::from(function.instructions)),
                    function.name.clone(),
                ]
            })
            .collect();
        [
            format!("code rows     {}", number(unit.rows.len() as u64)),
            format!(
                "instructions  {}, {:.2} to a row (static)",
                number(u64::from(self.instructions())),
                self.per_row()
            ),
            format!("image words   {}", number(unit.image.1.len() as u64)),
            format!("trap entries  {}", number(unit.traps.len() as u64)),
            format!("table entries {}", number(unit.table.len() as u64)),
            String::new(),
            "rows by operation".to_owned(),
            table(&["operation", "rows"], &rows),
            String::new(),
            format!(
                "functions by rows ({} of {})",
                functions.len(),
                self.functions.len()
            ),
            table(&["function", "rows", "instructions", "name"], &functions),
        ]
        .join("\n")
    }

    /// The same as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let unit = &self.unit;
        let functions = self.functions.iter().map(|function| {
            json!({
                "index": function.index,
                "name": function.name,
                "rows": function.rows,
                "instructions": function.instructions,
            })
        });
        json!({
            "rows": unit.rows.len(),
            "instructions": self.instructions(),
            "image_words": unit.image.1.len(),
            "trap_entries": unit.traps.len(),
            "table_entries": unit.table.len(),
            "operations": self.operations().into_iter().collect::<BTreeMap<_, _>>(),
            "functions": functions.collect::<Vec<_>>(),
        })
    }
}
