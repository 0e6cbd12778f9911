//! docs/CONSTRAINTS.md: every constraint by its id, every term of the bus with its tuple, as the code has them.

use playfair_proofs_circuit::air::{Air, Column, Expr, Node, Rows};
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_isa::disasm::number;
use playfair_types::crypto::field::Fr;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "# Constraints

Generated from proofs/circuit (`cargo xtask bless`; a test compares). What columns and
words mean is in CIRCUIT.md; each lane's file says which attack a constraint answers, and `proofs/circuit/tests/lies/table.rs` has a lie for
each that nothing else, or among others it, catches. `'` is a cell of the next row.
";

/// A polynomial: cells of each product, and its factor.
type Sum = BTreeMap<Vec<(Column, u8)>, Fr>;

fn expand(expr: &Expr) -> Sum {
    let mut sum = Sum::new();
    let mut add = |product: Vec<(Column, u8)>, factor: Fr| *sum.entry(product).or_default() += factor;
    match expr.node() {
        Node::Const(value) => add(Vec::new(), *value),
        Node::Cell(column, below) => add(vec![(*column, *below)], Fr::from(1u64)),
        Node::Challenge(_) => panic!("constraints have no challenges"),
        Node::Add(a, b) => expand(a)
            .into_iter()
            .chain(expand(b))
            .for_each(|(product, k)| add(product, k)),
        Node::Sub(a, b) => {
            expand(a).into_iter().for_each(|(product, k)| add(product, k));
            expand(b).into_iter().for_each(|(product, k)| add(product, -k));
        }
        Node::Mul(a, b) => {
            let second = expand(b);
            for (left, j) in expand(a) {
                for (right, k) in &second {
                    let mut product = left.clone();
                    product.extend(right);
                    product.sort_unstable();
                    add(product, j * k);
                }
            }
        }
        Node::Neg(a) => expand(a).into_iter().for_each(|(product, k)| add(product, -k)),
    }
    sum.retain(|_, factor| *factor != Fr::from(0u64));
    sum
}

fn text(air: &Air, expr: &Expr) -> String {
    let mut out = String::new();
    for (product, factor) in expand(expr) {
        let cells: Vec<String> = product
            .iter()
            .map(|(column, below)| format!("{}{}", air.column_name(*column), "'".repeat(usize::from(*below))))
            .collect();
        let factor = number(factor);
        let (sign, size) = match factor.strip_prefix('-') {
            Some(size) => ("-", size),
            None => ("+", factor.as_str()),
        };
        match (out.is_empty(), sign) {
            (true, "+") => {}
            (true, _) => out.push('-'),
            (false, sign) => {
                let _ = write!(out, " {sign} ");
            }
        }
        if size != "1" || cells.is_empty() {
            out.push_str(size);
            out.push_str(if cells.is_empty() { "" } else { " " });
        }
        out.push_str(&cells.join(" "));
    }
    if out.is_empty() { "0".to_owned() } else { out }
}

fn listing(air: &Air) -> String {
    let mut out = HEAD.to_owned();
    let _ = write!(
        out,
        "\n## Bus\n\nTuples begin with their kind. A positive multiplicity supplies, a negative one uses.\n\n\
         | term | multiplicity | tuple |\n|---|---|---|\n"
    );
    for term in air.terms() {
        let tuple: Vec<String> = term.tuple.iter().map(|part| text(air, part)).collect();
        let kind = air.kinds().get(term.kind.index()).map_or("?", String::as_str);
        let _ = writeln!(
            out,
            "| {} | {} | {kind}: {} |",
            term.name,
            text(air, &term.multiplicity),
            tuple.join(", ")
        );
    }
    let _ = write!(
        out,
        "\n## Constraints\n\n| id | rows | degree | what it says |\n|---|---|---|---|\n"
    );
    for constraint in air.constraints() {
        let rows = match constraint.on {
            Rows::All => "all",
            Rows::Trans => "all but the last",
            Rows::First => "first",
            Rows::Last => "last",
        };
        let _ = writeln!(
            out,
            "| {} | {rows} | {} | {} |",
            constraint.id,
            constraint.expr.degree(),
            constraint.doc
        );
    }
    out
}

#[test]
fn the_listing_is_the_machines() {
    let machine = Machine::new().expect("the machine");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/CONSTRAINTS.md");
    let made = listing(&machine.air);
    if std::env::var_os("PLAYFAIR_BLESS").is_some() {
        std::fs::write(&file, made).expect("writing the listing");
        return;
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == made,
        "docs/CONSTRAINTS.md is not the machine's; look at the change, then `cargo xtask bless`"
    );
}
