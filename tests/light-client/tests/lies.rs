//! Every lie is found, and nothing false is held.

use playfair_light_client_tests::scenario::truth;
use playfair_light_client_tests::table::Recorded;
use playfair_light_client_tests::{judge, lies, now};
use std::collections::BTreeSet;

#[test]
fn every_lie_is_named_and_changes_nothing() {
    let recorded = Recorded::committed();
    let lies = lies::all(&recorded);
    let honest = now(truth(&recorded));
    let cases = judge::cases(&lies);
    let wrong = cases.iter().filter_map(|(place, follows)| {
        let lie = lies.get(*place)?;
        judge::wrong(&recorded, &honest, lie, *follows)
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    let names: BTreeSet<_> = lies.iter().map(|lie| lie.name).collect();
    assert_eq!(names.len(), lies.len(), "two lies have one name");
    assert!(lies.len() >= 60, "{}", lies.len());
}
