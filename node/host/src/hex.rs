//! Bytes as pairs of hexadecimal digits.

/// The digits of bytes, in lower case. Answers are made of them, so it is done without a formatter.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let digit = |half: u8| {
        char::from(match half {
            0..10 => b'0' + half,
            _ => b'a' - 10 + half,
        })
    };
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// The bytes of digits of either case; none if they are no pairs of digits.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_bytes_and_back() {
        assert_eq!(decode("00fFa1"), Some(vec![0, 255, 161]));
        assert_eq!(encode(&[0, 255, 161]), "00ffa1");
        let all: Vec<u8> = (0..=255).collect();
        let written: String = all.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((encode(&all), decode(&written)), (written, Some(all)));
        for text in ["0", "0g", "0x00", " 00", "é0", "+0"] {
            assert_eq!(decode(text), None, "{text}");
        }
        assert_eq!(decode(""), Some(Vec::new()));
    }
}
