//! Constants of the field, the curve and the tags. The tests compare them with the formats' crate.

/// Four words, least significant first.
pub(crate) type Constant = [u64; 4];

/// r, the modulus.
pub(crate) const MODULUS: Constant = [
    0x43e1f593f0000001,
    0x2833e84879b97091,
    0xb85045b68181585d,
    0x30644e72e131a029,
];
/// (r + 1) / 2: the least integer that is *high*.
pub(crate) const ABOVE_HALF: Constant = [
    0xa1f0fac9f8000001,
    0x9419f4243cdcb848,
    0xdc2822db40c0ac2e,
    0x183227397098d014,
];
/// l, the order of the curve's prime subgroup.
pub(crate) const ORDER: Constant = [
    0x677297dc392126f1,
    0xab3eedb83920ee0a,
    0x370a08b6d0302b0b,
    0x060c89ce5c263405,
];
/// 2^128.
pub(crate) const WORD_2_128: Constant = [
    0x0000000000000000,
    0x0000000000000000,
    0x0000000000000001,
    0x0000000000000000,
];
/// Coefficient of x^2 in the curve's equation.
pub(crate) const CURVE_A: Constant = [
    0x00000000000292fc,
    0x0000000000000000,
    0x0000000000000000,
    0x0000000000000000,
];
/// Coefficient of x^2 y^2.
pub(crate) const CURVE_D: Constant = [
    0x00000000000292f8,
    0x0000000000000000,
    0x0000000000000000,
    0x0000000000000000,
];
/// x of the generator B8.
pub(crate) const BASE_X: Constant = [
    0x2893f3f6bb957051,
    0x2ab8d8010534e0b6,
    0x4eacb2e09d6277c1,
    0x0bb77a6ad63e739b,
];
/// y of the generator B8.
pub(crate) const BASE_Y: Constant = [
    0x4b3c257a872d7d8b,
    0xfce0051fb9e13377,
    0x25572e1cd16bf9ed,
    0x25797203f7a0b249,
];

/// A tag's number: its ASCII name, then a length of 64 bits that is added later.
const fn tag(name: &str) -> Constant {
    let bytes = name.as_bytes();
    let mut words = [0u64; 4];
    let mut index = 0;
    while index < bytes.len() {
        // Bytes from the end; the lowest word is the length's.
        let place = 8 + bytes.len() - 1 - index;
        words[place / 8] |= (bytes[index] as u64) << (8 * (place % 8));
        index += 1;
    }
    words
}

/// A tag with a constant length.
const fn tagged(name: &str, length: u64) -> Constant {
    let mut words = tag(name);
    words[0] = length;
    words
}

pub(crate) const ACCOUNT: Constant = tagged("playfair/1/account", 2);
pub(crate) const ACCOUNT_L1: Constant = tagged("playfair/1/account-l1", 1);
pub(crate) const CALL: Constant = tag("playfair/1/call");
pub(crate) const CHAIN: Constant = tagged("playfair/1/chain", 4);
pub(crate) const EVENT: Constant = tag("playfair/1/event");
pub(crate) const EVENTS: Constant = tagged("playfair/1/events", 2);
pub(crate) const GENESIS: Constant = tag("playfair/1/genesis");
pub(crate) const INBOX: Constant = tagged("playfair/1/inbox", 1);
pub(crate) const KEY: Constant = tag("playfair/1/key");
pub(crate) const LEAF: Constant = tagged("playfair/1/leaf", 2);
pub(crate) const OUTBOX: Constant = tagged("playfair/1/outbox", 1);
pub(crate) const OUTPUT: Constant = tag("playfair/1/output");
pub(crate) const RANDOM: Constant = tagged("playfair/1/random", 3);
pub(crate) const RECEIPTS: Constant = tagged("playfair/1/receipts", 1);
pub(crate) const SYSTEM: Constant = tagged("playfair/1/system", 3);
pub(crate) const TAPE: Constant = tagged("playfair/1/tape", 1);
pub(crate) const VALUE: Constant = tag("playfair/1/value");
/// The tag of a system record's value, which has 96 bytes.
pub(crate) const RECORD: Constant = tagged("playfair/1/value", 96);
/// The hash of no output: `hash(output; no bytes)`.
pub(crate) const NO_OUTPUT: Constant = [
    0xeab97bd95a1be8e9,
    0xca00b1eda2ed300f,
    0xda281e7204f6312d,
    0x1e30662c58508122,
];

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{BigInt, Field, PrimeField};
    use playfair_types::crypto::babyjubjub::BASE8;
    use playfair_types::crypto::field::{Fr, Scalar};
    use playfair_types::hash::{Tag, hash_bytes24};

    fn number(constant: Constant) -> Fr {
        Fr::from_bigint(BigInt::new(constant)).expect("below the modulus")
    }

    #[test]
    fn constants_are_the_formats() {
        assert_eq!(MODULUS, Fr::MODULUS.0);
        assert_eq!(ORDER, Scalar::MODULUS.0);
        assert_eq!(number(ABOVE_HALF) + number(ABOVE_HALF), Fr::from(1u64));
        assert_eq!((number(BASE_X), number(BASE_Y)), (BASE8.x(), BASE8.y()));
        assert_eq!(number(WORD_2_128), Fr::from(2u64).pow([128u64]));
        let no_output = hash_bytes24(Tag::Output, &[]);
        assert_eq!(NO_OUTPUT, no_output.into_bigint().0, "{no_output}");
        // Neither the curve's D nor 5 is a square, and A is one: addition is complete, a root proves what it says.
        assert!(number(CURVE_D).sqrt().is_none() && number(CURVE_A).sqrt().is_some());
        assert!(Fr::from(5u64).sqrt().is_none());
    }

    #[test]
    fn tags_are_the_formats() {
        let tags = [
            (ACCOUNT, Tag::Account, 2),
            (ACCOUNT_L1, Tag::AccountL1, 1),
            (CALL, Tag::Call, 0),
            (CHAIN, Tag::Chain, 4),
            (EVENT, Tag::Event, 0),
            (EVENTS, Tag::Events, 2),
            (GENESIS, Tag::Genesis, 0),
            (INBOX, Tag::Inbox, 1),
            (KEY, Tag::Key, 0),
            (LEAF, Tag::Leaf, 2),
            (OUTBOX, Tag::Outbox, 1),
            (OUTPUT, Tag::Output, 0),
            (RANDOM, Tag::Random, 3),
            (RECEIPTS, Tag::Receipts, 1),
            (SYSTEM, Tag::System, 3),
            (TAPE, Tag::Tape, 1),
            (VALUE, Tag::Value, 0),
            (RECORD, Tag::Value, 96),
        ];
        for (constant, tag, length) in tags {
            assert_eq!(number(constant), tag.with_length(length), "{tag:?}");
        }
    }
}
