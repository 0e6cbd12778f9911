//! docs/HOST.md's table of the prices of instructions is the table in the code.

use playfair_admission::price::{Class, SCHEDULE};
use std::fmt::Write;
use std::path::Path;

const START: &str = "<!-- instructions -->";
const END: &str = "<!-- /instructions -->";

fn reference() -> String {
    let mut text = String::from("\n| instructions | gas |\n|---|---|\n");
    for class in Class::ALL {
        let _ = writeln!(text, "| {} | {} |", class.instructions(), class.gas(SCHEDULE, 0));
    }
    text + "\n"
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
