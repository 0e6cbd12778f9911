//! The campaign's list, CAMPAIGN.md: a section of entries for each table of cases.

use std::path::Path;

/// An entry begins like this.
const ENTRY: &str = "- ";

/// The names of all entries, and what catches them.
pub(crate) fn entries(list: &str) -> Vec<&str> {
    list.lines().filter_map(|line| line.strip_prefix(ENTRY)).collect()
}

/// The list, whose sections of these titles have exactly these entries: names, and what catches them.
pub(crate) fn compared(file: &Path, sections: &[(&str, Vec<(&str, &str)>)]) -> String {
    let written = std::fs::read_to_string(file).unwrap();
    let mut list = written.clone();
    for (title, cases) in sections {
        let (before, section) = list.split_once(&format!("\n## {title}\n")).unwrap();
        let end = section.find("\n## ").unwrap_or(section.len());
        let (section, after) = section.split_at(end);
        // What stands before the entries stays.
        let words: String = section
            .lines()
            .take_while(|line| !line.starts_with(ENTRY))
            .map(|line| format!("{line}\n"))
            .collect();
        let entries: String = cases
            .iter()
            .map(|(name, caught)| format!("{ENTRY}{name}: {caught}\n"))
            .collect();
        list = format!("{before}\n## {title}\n{words}{entries}{after}");
    }
    if std::env::var_os("PLAYFAIR_BLESS").is_some() {
        std::fs::write(file, &list).unwrap();
    } else {
        assert!(
            list == written,
            "CAMPAIGN.md is not what is tested; look at the change, then run this test with PLAYFAIR_BLESS=1"
        );
    }
    list
}
