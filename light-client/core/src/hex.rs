//! Bytes as hexadecimal digits, as the node's web API writes them: lowercase, two for each byte.

/// The digits.
#[must_use]
pub fn digits(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// The first eight digits, for people.
#[must_use]
pub fn short(bytes: &[u8]) -> String {
    let mut text = digits(bytes.get(..4).unwrap_or(bytes));
    if bytes.len() > 4 {
        text.push('\u{2026}');
    }
    text
}

/// The bytes; none when the text is not exactly that.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let pairs = pairs.iter();
    pairs
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_one_way_to_write_bytes() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&digits(&all)), Some(all));
        for none in ["0", "0g", "AB", "0x", " 00", "\u{e9}0"] {
            assert_eq!(bytes(none), None, "{none}");
        }
        assert_eq!(short(&[0xab; 9]), "abababab\u{2026}");
        assert_eq!(short(&[1]), "01");
    }
}
