//! docs/HOST.md's tables are those of the code: of host functions, and of the prices of instructions.

use playfair_abi::host::{HostFunction, ValType};
use playfair_admission::price::{Class, SCHEDULE};
use playfair_types::limits::{GAS_SCHEDULE, GasSchedule};
use std::fmt::Write;
use std::path::Path;

fn type_name(value: ValType) -> &'static str {
    match value {
        ValType::I32 => "i32",
        ValType::I64 => "i64",
    }
}

/// What a call costs beside its fixed price, in words; the code is `playfair_machine::host`.
fn dynamic(function: HostFunction) -> String {
    let GasSchedule {
        word,
        permutation,
        state_key,
        state_write,
        message_frame,
        ..
    } = *GAS_SCHEDULE;
    let touch = format!("{state_key} on first touch");
    let change = format!("{state_write} on first change");
    let value = format!("{word} a word of key and value, {permutation} a permutation of the value");
    match function {
        HostFunction::Input | HostFunction::Log => format!("{word} a word"),
        HostFunction::Output | HostFunction::Revert => format!("{word} a word, {permutation} a permutation"),
        HostFunction::Get => format!("{value}, {touch}"),
        HostFunction::Set => format!("{value}, {touch}, {change}"),
        HostFunction::Remove => format!("{word} a word of the key, {touch}, {change}"),
        HostFunction::Exists => format!("{word} a word of the key, {touch}"),
        HostFunction::Emit => format!("{word} a word, {permutation} a permutation (topic and data)"),
        HostFunction::Send => format!("{word} a word, {message_frame} a frame of 124 bytes"),
        HostFunction::Balance => touch,
        HostFunction::Transfer | HostFunction::Withdraw => {
            format!(
                "for each account {state_key} when it is opened first, {state_write} when it may change first"
            )
        }
        _ => String::new(),
    }
}

fn functions() -> String {
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
        let gas = function.fixed_gas(GAS_SCHEDULE);
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

fn instructions() -> String {
    let mut text = String::from("\n| instructions | gas |\n|---|---|\n");
    for class in Class::ALL {
        let _ = writeln!(text, "| {} | {} |", class.instructions(), class.gas(SCHEDULE, 0));
    }
    text + "\n"
}

/// Compares what the page has between two marks with the code's; PLAYFAIR_BLESS=1 writes it.
fn compare(mark: &str, table: &str) {
    let (start, end) = (format!("<!-- {mark} -->"), format!("<!-- /{mark} -->"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/HOST.md");
    let page = std::fs::read_to_string(&path).expect("docs/HOST.md");
    let (head, rest) = page.split_once(&start).expect("the start mark");
    let (_, tail) = rest.split_once(&end).expect("the end mark");
    let wanted = format!("{head}{start}\n{table}{end}{tail}");
    if std::env::var_os("PLAYFAIR_BLESS").is_some() {
        std::fs::write(path, wanted).expect("writing docs/HOST.md");
        return;
    }
    assert!(
        page == wanted,
        "docs/HOST.md is not the code's table of {mark}: run `cargo xtask bless`"
    );
}

#[test]
fn the_page_has_the_tables_of_the_code() {
    compare("host functions", &functions());
    compare("instructions", &instructions());
}
