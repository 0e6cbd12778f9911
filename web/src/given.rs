//! A key of an account that was given to this browser: where it lies. A link names it, and it is kept; nothing of it is believed.

/// Places of an account that are looked at for keys, and never the first, which is the owner's.
pub const PLACES: std::ops::Range<u8> = 1..16;

/// A place among the keys of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// 40 digits.
    pub account: String,
    pub place: u8,
}

impl Given {
    /// None if there are no such accounts or places.
    #[must_use]
    pub fn new(account: &str, place: u8) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_account = account.len() == 40 && account.bytes().all(is_digit);
        (is_account && PLACES.contains(&place)).then(|| Self {
            account: account.to_owned(),
            place,
        })
    }

    /// What was written; none for anything else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (account, place) = text.split_once('/')?;
        let given = Self::new(account, place.parse().ok()?);
        given.filter(|given| given.write() == text)
    }

    /// As links and the browser's storage have it.
    #[must_use]
    pub fn write(&self) -> String {
        format!("{}/{}", self.account, self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_strictly() {
        let account = "07".repeat(20);
        let given = Given::new(&account, 3).unwrap();
        assert_eq!(Given::read(&given.write()), Some(given));
        for wrong in [
            String::new(),
            account.clone(),
            format!("{account}/0"),
            format!("{account}/16"),
            format!("{account}/256"),
            format!("{account}/+1"),
            format!("{account}/03"),
            format!("{account}/3/"),
            format!("{account}0/3"),
            format!("{}/3", "0A".repeat(20)),
            format!("/{account}/3"),
        ] {
            assert_eq!(Given::read(&wrong), None, "{wrong}");
        }
    }
}
