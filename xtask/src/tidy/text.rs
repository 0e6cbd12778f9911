//! Rules about one text file.
//!
//! The forbidden words are written in pieces here: this file is judged by its own rules.

use super::Findings;

const RUST_LINES_MAX: usize = 700;
const RUST_LINES_SMELL: usize = 500;
const GENERATED: &str = "// @generated";

/// Folders at the top of somebody's machine, not of this repository.
const MACHINE_FOLDERS: &[&str] = &["root", "home", "work", "Users"];

/// A dependency comes by its name; which registry or mirror serves it is the user's own setting.
const REGISTRY_HOSTS: &[&str] = &[
    concat!("npmjs", ".org"),
    concat!("static.crates", ".io"),
    concat!("index.crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
];

/// Unfinished work does not reach main; in Rust, so these words are macros.
const UNFINISHED_RUST: &[&str] = &[
    concat!("todo", "!"),
    concat!("unimplemented", "!"),
    concat!("dbg", "!"),
];
const UNFINISHED_WORDS: &[&str] = &[concat!("FIX", "ME"), concat!("XX", "X")];
const IGNORED_TEST: &str = concat!("#[", "ignore");
const SLEEP: &str = concat!("thread::", "sleep");
const TEST_MODULE: &str = concat!("#[cfg(", "test)]");

/// Where people write; data such as lock files and vectors may hold any letters.
const WRITTEN: &[&str] = &[
    "rs", "toml", "md", "mjs", "js", "ts", "sh", "sol", "css", "html", "yml", "yaml",
];

pub(super) fn check(path: &str, content: &str, findings: &mut Findings) {
    let mut problem = |line: usize, what: String| findings.problems.push(format!("{path}:{line}: {what}"));
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_rust = extension == "rs";
    let mut in_tests = is_test_file(path);

    for (index, line) in content.split('\n').enumerate() {
        let number = index + 1;
        if line.ends_with('\r') {
            problem(number, "a CRLF line ending: use LF".into());
        } else if line.ends_with([' ', '\t']) {
            problem(number, "trailing white space".into());
        }
        if line.trim_end().contains('\t') && extension != "tsv" {
            problem(number, "a tab: indent and align with spaces".into());
        }
        for host in REGISTRY_HOSTS.iter().filter(|host| line.contains(**host)) {
            problem(
                number,
                format!("the registry host {host}: {}", without_host(path)),
            );
        }
        for folder in MACHINE_FOLDERS
            .iter()
            .filter(|folder| names_machine_folder(line, folder))
        {
            problem(
                number,
                format!("a path under /{folder} exists on one machine only"),
            );
        }
        if WRITTEN.contains(&extension) {
            for word in UNFINISHED_WORDS.iter().filter(|word| has_word(line, word)) {
                problem(number, format!("{word}: finish it or open an issue"));
            }
        }
        if is_rust {
            in_tests |= line.trim_start().starts_with(TEST_MODULE);
            for word in UNFINISHED_RUST.iter().filter(|word| has_word(line, word)) {
                problem(number, format!("{word}: not on main"));
            }
            if line.contains(IGNORED_TEST) {
                problem(
                    number,
                    "an ignored test: run it, make it quicker, or put it behind PLAYFAIR_SOAK".into(),
                );
            }
            if in_tests && line.contains(SLEEP) {
                problem(
                    number,
                    "a sleep in a test: wait for the event itself, or drive the clock".into(),
                );
            }
        }
    }

    let lines = content.lines().count();
    if !content.is_empty() && !content.ends_with('\n') {
        problem(lines, "no newline at the end of the file".into());
    }
    if is_rust && !content.starts_with(GENERATED) {
        if lines > RUST_LINES_MAX {
            problem(
                lines,
                format!(
                    "more than {RUST_LINES_MAX} lines: split it, or open a generated file with `{GENERATED}`"
                ),
            );
        } else if lines > RUST_LINES_SMELL {
            findings.warnings.push(format!(
                "{path} has {lines} lines; beyond {RUST_LINES_SMELL}, consider a split"
            ));
        }
    }
}

fn without_host(path: &str) -> &'static str {
    match path.ends_with("package-lock.json") {
        true => "regenerate the lock with `npm install --omit-lockfile-registry-resolved`",
        false => "name the package only",
    }
}

/// Under a `tests` folder, or a test module in a file of its own.
fn is_test_file(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or(path);
    name == "tests.rs" || name.ends_with("_tests.rs") || parts.any(|folder| folder == "tests")
}

/// `word` not as part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        // After a macro's `!` anything may follow.
        !before.is_some_and(is_part) && (word.ends_with('!') || !after.is_some_and(is_part))
    })
}

/// `/folder/` or a final `/folder` at the start of a path, not further down one such as `src/folder/`.
fn names_machine_folder(line: &str, folder: &str) -> bool {
    let path = format!("/{folder}");
    line.match_indices(&path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let is_start = !before.is_some_and(|it| it.is_alphanumeric() || "._-~*)}>".contains(it));
        is_start && line[at + path.len()..].starts_with('/')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, content: &str) -> Vec<String> {
        let mut findings = Findings::default();
        check(path, content, &mut findings);
        findings.problems
    }

    fn one(path: &str, content: &str) -> String {
        let problems = problems(path, content);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].clone()
    }

    #[test]
    fn clean_text_passes() {
        assert!(problems("types/src/lib.rs", "//! Docs.\n\nfn main() {}\n").is_empty());
        assert!(problems("empty.bin", "").is_empty());
    }

    #[test]
    fn white_space_is_kept_clean() {
        assert_eq!(one("a.md", "one \n"), "a.md:1: trailing white space");
        assert_eq!(one("a.md", "one\r\n"), "a.md:1: a CRLF line ending: use LF");
        assert_eq!(
            one("a.md", "\n\tone\n"),
            "a.md:2: a tab: indent and align with spaces"
        );
        assert_eq!(one("a.md", "one"), "a.md:1: no newline at the end of the file");
        assert!(problems("vectors.tsv", "a\tb\n").is_empty());
    }

    #[test]
    fn unfinished_work_is_found() {
        for word in UNFINISHED_RUST {
            assert!(one("a.rs", &format!("    {word}();\n")).starts_with(&format!("a.rs:1: {word}")));
        }
        for word in UNFINISHED_WORDS {
            assert!(one("a.md", &format!("({word})\n")).contains("open an issue"));
            assert!(
                problems("vectors.json", &format!("\"{word}\"\n")).is_empty(),
                "data may hold any letters"
            );
            assert!(
                problems("a.md", &format!("A{word}B\n")).is_empty(),
                "part of another word"
            );
        }
        assert!(
            problems("a.rs", concat!("my_", "todo", "!();\n")).is_empty(),
            "another macro"
        );
    }

    #[test]
    fn tests_are_neither_ignored_nor_asleep() {
        assert!(one("a.rs", &format!("{IGNORED_TEST} = \"slow\"]\n")).contains("ignored test"));
        let sleep = format!("    std::{SLEEP}(second);\n");
        assert!(
            problems("node/src/poll.rs", &sleep).is_empty(),
            "shipped code may sleep"
        );
        assert!(one("tests/simulation/src/main.rs", &sleep).contains("sleep in a test"));
        assert!(one("node/src/poll/tests.rs", &sleep).contains("sleep in a test"));
        let inline = format!("{TEST_MODULE}\nmod tests {{\n{sleep}}}\n");
        assert!(one("node/src/poll.rs", &inline).starts_with("node/src/poll.rs:3: a sleep"));
    }

    #[test]
    fn registries_and_machines_are_not_named() {
        for host in REGISTRY_HOSTS {
            assert!(one("a.md", &format!("https://{host}/x\n")).contains("name the package only"));
            assert!(one("tests/peers/package-lock.json", &format!("{host}\n")).contains("--omit-lockfile"));
        }
        assert!(
            problems(
                "Cargo.lock",
                "registry+https://github.com/rust-lang/crates.io-index\n"
            )
            .is_empty()
        );
        for folder in MACHINE_FOLDERS {
            assert!(one("a.md", &format!("see /{folder}/me/x\n")).contains("one machine only"));
            assert!(one("a.md", &format!("file:///{folder}/me\n")).contains("one machine only"));
            assert!(problems("a.md", &format!("see src/{folder}/x and ~/{folder}/x\n")).is_empty());
        }
    }

    #[test]
    fn long_files_are_split_unless_generated() {
        let long = "fn f() {}\n".repeat(RUST_LINES_MAX + 1);
        assert!(one("a.rs", &long).contains("more than 700 lines"));
        assert!(problems("a.rs", &format!("{GENERATED}\n{long}")).is_empty());
        assert!(problems("a.md", &long).is_empty());
        let mut findings = Findings::default();
        check("a.rs", &"fn f() {}\n".repeat(RUST_LINES_SMELL + 1), &mut findings);
        assert!(findings.problems.is_empty());
        assert_eq!(findings.warnings.len(), 1);
    }
}
