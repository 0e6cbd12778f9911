//! What a key may be called.
//!
//! There are two rules. What was kept once stays readable: its name has 1 to 32 characters, none of them a control character, in the
//! database and in a backup. A key that is made or restored is held to more: nothing in its name may be invisible or turn the direction of
//! what is beside it, so that no name looks like another one that it is not.

use std::ops::RangeInclusive;

/// Longest name, characters; one takes at most four bytes.
pub const NAME_CHARS_MAX: usize = 32;
/// What a key is called of whose name nothing can be seen.
const UNNAMED: &str = "key";

/// Unicode's format characters (Cf, as of version 16) and its separators of lines and paragraphs (Zl, Zp), in order.
const UNSEEN: [RangeInclusive<char>; 21] = [
    '\u{ad}'..='\u{ad}',
    '\u{600}'..='\u{605}',
    '\u{61c}'..='\u{61c}',
    '\u{6dd}'..='\u{6dd}',
    '\u{70f}'..='\u{70f}',
    '\u{890}'..='\u{891}',
    '\u{8e2}'..='\u{8e2}',
    '\u{180e}'..='\u{180e}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{2064}',
    '\u{2066}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
    '\u{110bd}'..='\u{110bd}',
    '\u{110cd}'..='\u{110cd}',
    '\u{13430}'..='\u{1343f}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0001}'..='\u{e0001}',
    '\u{e0020}'..='\u{e007f}',
];

fn is_unseen(character: char) -> bool {
    UNSEEN.iter().any(|range| range.contains(&character))
}

/// Whether a key that is there may be called so.
#[must_use]
pub fn is_kept(name: &str) -> bool {
    let count = name.chars().count();
    (1..=NAME_CHARS_MAX).contains(&count) && !name.chars().any(char::is_control)
}

/// Whether a new key may be called so.
#[must_use]
pub fn is_name(name: &str) -> bool {
    is_kept(name) && !name.chars().any(is_unseen)
}

/// What a key comes back as that was called so: without what a new name may not have.
#[must_use]
pub fn plain(name: &str) -> String {
    let seen: String = name
        .chars()
        .filter(|character| !is_unseen(*character) && !character.is_control())
        .take(NAME_CHARS_MAX)
        .collect();
    match seen.is_empty() {
        true => UNNAMED.to_owned(),
        false => seen,
    }
}

/// The `copy`th name beside a name, which is its first: `player 2`.
#[must_use]
pub fn beside(name: &str, copy: u32) -> String {
    if copy <= 1 {
        return name.to_owned();
    }
    let end = format!(" {copy}");
    let room = NAME_CHARS_MAX.saturating_sub(end.len());
    name.chars().take(room).chain(end.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_beside_another_has_room_for_its_number() {
        assert_eq!(beside("anna", 1), "anna");
        assert_eq!(beside("anna", 2), "anna 2");
        let long = "\u{1f984}".repeat(NAME_CHARS_MAX);
        assert_eq!(beside(&long, 1), long);
        for copy in [2, 10, u32::MAX] {
            let name = beside(&long, copy);
            assert!(is_name(&name) && name.ends_with(&format!(" {copy}")), "{name}");
            assert_eq!(name.chars().count(), NAME_CHARS_MAX);
        }
    }

    #[test]
    fn a_new_name_has_nothing_unseen() {
        for name in [
            "anna",
            "b\u{e9}rt \u{1f984}",
            "\u{5d0}\u{5d1}",
            "a\u{301}",
            &"x".repeat(32),
        ] {
            assert!(is_name(name) && is_kept(name), "{name:?}");
            assert_eq!(plain(name), name);
        }
        for name in ["", "a\nb", "a\u{85}b", &"x".repeat(33)] {
            assert!(!is_name(name) && !is_kept(name), "{name:?}");
        }
        let unseen = [
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fffb}',
            '\u{e0041}',
        ];
        for character in unseen {
            let name = format!("an{character}na");
            assert!(!is_name(&name), "{name:?}");
            // It was one once.
            assert!(is_kept(&name), "{name:?}");
            assert_eq!(plain(&name), "anna");
            assert_eq!(plain(&character.to_string()), UNNAMED);
        }
    }

    #[test]
    fn the_ranges_ascend_and_end_where_they_should() {
        for pair in UNSEEN.windows(2) {
            assert!(pair[0].end() < pair[1].start(), "{pair:?}");
        }
        // Their neighbours can be seen, or are marks upon what is before them.
        for seen in [
            '\u{ac}', '\u{ae}', '\u{606}', '\u{200a}', '\u{2010}', '\u{2027}', '\u{202f}', '\u{2070}',
            '\u{fffc}',
        ] {
            assert!(!is_unseen(seen), "{seen:?}");
        }
    }

    #[test]
    fn whatever_is_made_plain_is_a_name() {
        for name in ["\u{202e}", "\n", "", &"\u{200b}x".repeat(40)] {
            assert!(is_name(&plain(name)), "{name:?}");
        }
    }
}
