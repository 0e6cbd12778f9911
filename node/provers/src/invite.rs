//! What a worker far away is told: where the node is, how to know it, and how to be known.
//!
//! ```text
//! https://HOST:PORT/#FINGERPRINT.SECRET      both 64 hexadecimal digits
//! ```
//! The fragment of an address is never sent to anybody, should one paste it into a browser.

use crate::access::{from_hex, to_hex};
use playfair_http::Fingerprint;
use std::fmt;
use std::str::FromStr;

/// An invitation. Whoever has it can prove for the node, and see the calls of its chains, which are public anyway.
#[derive(Clone, PartialEq, Eq)]
pub struct Invite {
    /// `https://host:port`.
    pub address: String,
    /// Of the node's certificate.
    pub fingerprint: Fingerprint,
    /// What the worker is known by.
    pub secret: [u8; 32],
}

/// Secrets are not printed by chance.
impl fmt::Debug for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invite({})", self.address)
    }
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/#{}.{}",
            self.address,
            self.fingerprint,
            to_hex(&self.secret)
        )
    }
}

impl FromStr for Invite {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let wrong = "this is no invitation: it looks like https://HOST:PORT/#FINGERPRINT.SECRET, as `playfair prover invite` prints it";
        let (address, rest) = text.trim().split_once("/#").ok_or(wrong)?;
        let (fingerprint, secret) = rest.split_once('.').ok_or(wrong)?;
        if !address.starts_with("https://") {
            return Err(wrong);
        }
        Ok(Self {
            address: address.to_owned(),
            fingerprint: Fingerprint(from_hex(fingerprint).ok_or(wrong)?),
            secret: from_hex(secret).ok_or(wrong)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_what_was_printed() {
        let invite = Invite {
            address: "https://node.example:7878".to_owned(),
            fingerprint: Fingerprint([0xab; 32]),
            secret: [0x01; 32],
        };
        let text = invite.to_string();
        assert_eq!(text.parse::<Invite>().unwrap(), invite);
        assert!(!format!("{invite:?}").contains("0101"));
        let (cut, _) = text.split_at(text.len() - 1);
        for bad in [
            "",
            cut,
            "https://h:1",
            "https://h:1/#00.11",
            &text.replace("https", "http"),
            &format!("{text}0"),
        ] {
            assert!(bad.parse::<Invite>().is_err(), "{bad}");
        }
    }
}
