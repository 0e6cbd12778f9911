//! Which known name somebody may have meant.

/// A sentence about a name that there is not.
pub(super) fn unknown(name: &str, known: &[&'static str]) -> String {
    let shown: String = name.chars().take(80).collect();
    let inside = format!("{name}.");
    if known.iter().any(|known| known.starts_with(&inside)) {
        return format!("`{shown}` is a section: give its settings, as [{shown}] in a file");
    }
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let best = known
        .iter()
        // The right name in the wrong section is nearer than any misspelling.
        .map(|known| {
            let apart = if last(known) == last(name) {
                0
            } else {
                distance(name, known)
            };
            (apart, *known)
        })
        .min();
    match best {
        Some((apart, known)) if apart <= 1 + name.len() / 4 => {
            format!("there is no setting `{shown}`; is `{known}` meant?")
        }
        _ => format!("there is no setting `{shown}`; `playfair config show --default` lists them all"),
    }
}

/// How many letters must be put in, left out or changed. Names are short: long ones count as far away.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(80).collect(), b.chars().take(80).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let change = row.get(j).copied().unwrap_or(usize::MAX) + usize::from(x != y);
            let out = row.get(j + 1).copied().unwrap_or(usize::MAX) + 1;
            let put = next.last().copied().unwrap_or(usize::MAX) + 1;
            next.push(change.min(out).min(put));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        for (a, b, apart) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "ac", 1),
            ("kitten", "sitting", 3),
            ("", "ab", 2),
        ] {
            assert_eq!(distance(a, b), apart, "{a} {b}");
        }
    }
}
