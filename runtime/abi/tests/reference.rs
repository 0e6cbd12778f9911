//! docs/HOST.md's table of host functions is the table in the code.

use playfair_abi::host::{HostFunction, ValType};
use playfair_types::limits::GAS_SCHEDULE_1;
use std::fmt::Write;
use std::path::Path;

const START: &str = "<!-- host functions -->";
const END: &str = "<!-- /host functions -->";

fn type_name(value: ValType) -> &'static str {
    match value {
        ValType::I32 => "i32",
        ValType::I64 => "i64",
    }
}

/// What a call costs beside its fixed price, in words; the code is `playfair_machine::host`.
fn dynamic(function: HostFunction) -> &'static str {
    match function {
        HostFunction::Input | HostFunction::Log => "4 a word",
        HostFunction::Output | HostFunction::Revert => "4 a word, 8 a permutation",
        HostFunction::Get => "4 a word of key and value, 8 a permutation of the value, 384 on first touch",
        HostFunction::Set => "4 a word of key and value, 8 a permutation of the value, 384 on first touch",
        HostFunction::Remove | HostFunction::Exists => "4 a word of the key, 384 on first touch",
        HostFunction::Emit => "4 a word, 8 a permutation (topic and data)",
        HostFunction::Send => "4 a word, 16 a frame",
        _ => "",
    }
}

fn reference() -> String {
    let mut text = String::from("\n| function | gas | and | query |\n|---|---|---|---|\n");
    for function in HostFunction::ALL {
        let row = function.signature();
        let params: Vec<String> = row
            .param_names
            .iter()
            .zip(row.params)
            .map(|(name, kind)| format!("{name}: {}", type_name(*kind)))
            .collect();
        let result = row
            .result
            .map_or(String::new(), |kind| format!(" -> {}", type_name(kind)));
        let query = if row.read_only { "yes" } else { "refused" };
        let gas = function.fixed_gas(&GAS_SCHEDULE_1);
        let _ = writeln!(
            text,
            "| `{}({}){result}` | {gas} | {} | {query} |",
            row.name,
            params.join(", "),
            dynamic(*function)
        );
    }
    text.push('\n');
    for function in HostFunction::ALL {
        let row = function.signature();
        let _ = writeln!(text, "- **{}**:{}", row.name, row.docs);
    }
    text.push('\n');
    text
}

#[test]
fn the_page_has_the_table_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/HOST.md");
    let page = std::fs::read_to_string(&path).expect("docs/HOST.md");
    let (head, rest) = page.split_once(START).expect("the start mark");
    let (_, tail) = rest.split_once(END).expect("the end mark");
    let wanted = format!("{head}{START}\n{}{END}{tail}", reference());
    if std::env::var_os("PLAYFAIR_BLESS").is_some() {
        std::fs::write(path, wanted).expect("writing docs/HOST.md");
        return;
    }
    assert!(
        page == wanted,
        "docs/HOST.md is not the code's table: run `cargo xtask bless`"
    );
}
