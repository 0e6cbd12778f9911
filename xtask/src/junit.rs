//! Reads what we need of nextest's JUnit report: which crate's tests ran, and for how long.
//!
//! Only `<testcase classname=".." time="..">` is looked at, as nextest writes it: attributes in double
//! quotes, `classname` being the binary's id, whose part before `::` is the crate.

use std::collections::BTreeMap;
use std::time::Duration;

/// How many tests a crate ran and the time they took, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tests {
    pub(crate) count: usize,
    pub(crate) time: Duration,
}

/// The report's tests by crate.
pub(crate) fn by_crate(report: &str) -> BTreeMap<String, Tests> {
    let mut crates: BTreeMap<String, Tests> = BTreeMap::new();
    for case in report.split("<testcase ").skip(1) {
        let head = case.split('>').next().unwrap_or(case);
        let (Some(binary), Some(time)) = (attribute(head, "classname"), attribute(head, "time")) else {
            continue;
        };
        let seconds = time
            .parse::<f64>()
            .ok()
            .and_then(|time| Duration::try_from_secs_f64(time).ok());
        let krate = binary.split("::").next().unwrap_or(binary);
        let tests = crates.entry(krate.to_owned()).or_default();
        tests.count += 1;
        tests.time += seconds.unwrap_or_default();
    }
    crates
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let value = tag.split(&format!("{name}=\"")).nth(1)?;
    value.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_added_up_by_crate() {
        let report = r#"<testsuite name="a" tests="2"><testcase name="x" classname="a" time="1.500"/>
            <testcase name="y" classname="a::fixtures" timestamp="t" time="0.25"><failure/></testcase>
            </testsuite><testcase name="z" classname="b" time="oops"/>"#;
        let crates = by_crate(report);
        assert_eq!(
            crates["a"],
            Tests {
                count: 2,
                time: Duration::from_millis(1750)
            }
        );
        assert_eq!(
            crates["b"],
            Tests {
                count: 1,
                time: Duration::ZERO
            }
        );
        assert_eq!(crates.len(), 2);
    }
}
