//! Every lie is found, and nothing false is held.

use playfair_light_client_tests::lies::{self, To};
use playfair_light_client_tests::now;
use playfair_light_client_tests::scenario::{tell, truth};
use playfair_light_client_tests::table::Recorded;
use std::collections::BTreeSet;

#[test]
fn every_lie_is_named_and_changes_nothing() {
    let recorded = Recorded::committed();
    let lies = lies::all(&recorded);
    let honest = now(truth(&recorded));
    let mut wrong = Vec::new();
    let mut told = 0;
    for lie in &lies {
        for follows in [false, true] {
            if (lie.to == To::Followers && !follows) || (lie.to == To::Newcomers && follows) {
                continue;
            }
            told += 1;
            let taken = now(tell(&recorded, &honest, lie, follows));
            if taken.caught != lie.caught || !taken.holds_truth || !taken.goes_on {
                wrong.push(format!(
                    "{} (follows: {follows}), should be {}: {taken:?}",
                    lie.name, lie.caught
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {told}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let names: BTreeSet<_> = lies.iter().map(|lie| lie.name).collect();
    assert_eq!(names.len(), lies.len(), "two lies have one name");
    assert!(lies.len() >= 60, "{}", lies.len());
}
