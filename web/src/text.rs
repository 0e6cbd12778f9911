//! Numbers and bytes as people read them.

/// The first and last digits of long ones.
#[must_use]
pub fn short(digits: &str) -> String {
    match (digits.get(..6), digits.get(digits.len().saturating_sub(4)..)) {
        (Some(first), Some(last)) if digits.len() > 14 => format!("{first}…{last}"),
        _ => digits.to_owned(),
    }
}

/// A time that something took, from milliseconds.
#[must_use]
pub fn took(ms: f64) -> String {
    match ms {
        ms if ms < 1.0 => format!("{:.0} µs", ms * 1e3),
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1_000.0 => format!("{ms:.0} ms"),
        ms if ms < 60_000.0 => format!("{:.1} s", ms / 1e3),
        ms => format!("{:.0} min", ms / 60e3),
    }
}

/// A wait in whole seconds, from milliseconds.
#[must_use]
pub fn seconds(ms: f64) -> String {
    let all = (ms.max(0.0) / 1e3) as u64;
    match (all / 60, all % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// How long ago, from milliseconds.
#[must_use]
pub fn ago(ms: f64) -> String {
    match ms.max(0.0) / 1e3 {
        s if s < 2.0 => "just now".to_owned(),
        s if s < 100.0 => format!("{s:.0} s ago"),
        s if s < 6_000.0 => format!("{:.0} min ago", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h ago", s / 3_600.0),
        s => format!("{:.0} days ago", s / 86_400.0),
    }
}

/// A clock's face: minutes and seconds, tenths when there is little left.
#[must_use]
pub fn clock(ms: u64) -> String {
    let s = ms / 1_000;
    match ms {
        ms if ms < 20_000 => format!("{}:{:02}.{}", s / 60, s % 60, ms % 1_000 / 100),
        _ if s >= 3_600 => format!("{}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60),
        _ => format!("{}:{:02}", s / 60, s % 60),
    }
}

/// The same, of two that differ: from there on where they do, if their short forms hide it.
#[must_use]
pub fn short_apart(digits: &str, other: &str) -> String {
    let first = digits
        .bytes()
        .zip(other.bytes())
        .position(|(left, right)| left != right);
    match first.and_then(|first| digits.get(first..)) {
        Some(rest) if short(digits) == short(other) => format!("…{}…", rest.get(..10).unwrap_or(rest)),
        _ => short(digits),
    }
}

/// Bytes of hexadecimal digits; none for anything else.
#[must_use]
pub fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = digits.as_bytes().chunks(2).map(|pair| match *pair {
        [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
        _ => None,
    });
    pairs.collect()
}

/// Hexadecimal digits of bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_bytes_are_written_for_people() {
        assert_eq!(
            ["0:09.9", "0:20", "5:00", "1:00:01"],
            [9_949, 20_000, 300_999, 3_601_000]
                .map(clock)
                .each_ref()
                .map(String::as_str)
        );
        assert_eq!(
            (took(0.25), took(6.34), took(84.0), took(2_340.0)),
            ("250 µs".into(), "6.3 ms".into(), "84 ms".into(), "2.3 s".into())
        );
        assert_eq!((ago(-5.0), ago(61_000.0)), ("just now".into(), "61 s ago".into()));
        assert_eq!(short(&"ab".repeat(10)), "ababab…abab");
        assert_eq!(short("abc"), "abc");
        let (left, right) = (
            "ab".repeat(20),
            format!("{}cd{}", "ab".repeat(9), "ab".repeat(10)),
        );
        assert_eq!(short_apart(&left, "cd"), "ababab…abab");
        assert_eq!(
            (short_apart(&left, &right), short_apart(&right, &left)),
            ("…ababababab…".into(), "…cdabababab…".into())
        );
        assert_eq!(bytes("00ff1A"), Some(vec![0, 255, 26]));
        assert_eq!((bytes("0"), bytes("0g"), bytes("é")), (None, None, None));
        assert_eq!(hex(&[0, 255, 26]), "00ff1a");
    }
}
