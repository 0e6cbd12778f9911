//! The chain's own types: accounts, L1 addresses, field elements.

use crate::abi::Type;
use crate::codec::{Codec, DecodeError, Reader, Writer};
use core::fmt;

/// Twenty bytes in three words, as the host reads and writes them; the last four bytes are zero.
const fn words_of(bytes: [u8; 20]) -> [u64; 3] {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = bytes;
    [
        u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        u64::from_le_bytes([i, j, k, l, m, n, o, p]),
        u64::from_le_bytes([q, r, s, t, 0, 0, 0, 0]),
    ]
}

const fn bytes_of(words: [u64; 3]) -> [u8; 20] {
    let [a, b, c, d, e, f, g, h] = words[0].to_le_bytes();
    let [i, j, k, l, m, n, o, p] = words[1].to_le_bytes();
    let [q, r, s, t, ..] = words[2].to_le_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t]
}

macro_rules! twenty_bytes {
    ($(#[$docs:meta])* $name:ident, $type:literal) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) [u64; 3]);

        impl $name {
            /// From its 20 bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 20]) -> Self {
                Self(words_of(bytes))
            }

            /// Its 20 bytes.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 20] {
                bytes_of(self.0)
            }
        }

        impl Codec for $name {
            const MAX: usize = 20;
            const TYPE: &'static Type = &Type::Builtin($type);

            #[inline(always)]
            fn encode(&self, to: &mut Writer<'_>) {
                to.put(&self.0[0].to_le_bytes());
                to.put(&self.0[1].to_le_bytes());
                to.put(&(self.0[2] as u32).to_le_bytes());
            }

            #[inline(always)]
            fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                from.array().map(|bytes| Self::from_bytes(*bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("0x")?;
                self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

twenty_bytes! {
    /// An account of the chain. The order of two accounts is fixed, but means nothing.
    AccountId, "account"
}

twenty_bytes! {
    /// An address on L1.
    L1Address, "l1 address"
}

impl AccountId {
    /// Nobody: the caller of init, tick and queries.
    pub const NOBODY: Self = Self([0, 0, 0]);
    /// The module's own account: what players pay lies here, and from here it is given.
    pub const MODULE: Self = Self::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
}

/// The field's modulus, least significant word first.
const MODULUS: [u64; 4] = [
    0x43e1_f593_f000_0001,
    0x2833_e848_79b9_7091,
    0xb850_45b6_8181_585d,
    0x3064_4e72_e131_a029,
];

/// An element of the proof system's field (BN254's scalars): what Poseidon hashes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Field(pub(crate) [u64; 4]);

impl Field {
    /// A small number.
    #[must_use]
    pub const fn from_u64(number: u64) -> Self {
        Self([number, 0, 0, 0])
    }

    /// From 31 bytes, least significant first: every such number is an element.
    #[must_use]
    pub const fn from_bytes31(bytes: &[u8; 31]) -> Self {
        let mut all = [0; 32];
        let (head, _) = all.split_at_mut(31);
        head.copy_from_slice(bytes);
        Self(words4(&all))
    }

    /// From 32 bytes, least significant first, if they are below the modulus.
    #[must_use]
    pub const fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let words = words4(bytes);
        let mut at = 4;
        while at > 0 {
            at -= 1;
            if words[at] != MODULUS[at] {
                return if words[at] < MODULUS[at] {
                    Some(Self(words))
                } else {
                    None
                };
            }
        }
        None
    }

    /// Its 32 bytes, least significant first.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (to, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(self.0) {
            *to = word.to_le_bytes();
        }
        bytes
    }

    /// Circomlib's Poseidon of two elements.
    #[must_use]
    pub fn hash2(elements: [Self; 2]) -> Self {
        Self(crate::sys::poseidon2(&elements.map(|element| element.0)))
    }

    /// Circomlib's Poseidon of five elements.
    #[must_use]
    pub fn hash5(elements: [Self; 5]) -> Self {
        Self(crate::sys::poseidon5(&elements.map(|element| element.0)))
    }
}

const fn words4(bytes: &[u8; 32]) -> [u64; 4] {
    let (chunks, _) = bytes.as_chunks::<8>();
    [
        u64::from_le_bytes(chunks[0]),
        u64::from_le_bytes(chunks[1]),
        u64::from_le_bytes(chunks[2]),
        u64::from_le_bytes(chunks[3]),
    ]
}

impl From<AccountId> for Field {
    /// The id as a number: its bytes are most significant first.
    fn from(account: AccountId) -> Self {
        let [high, middle, low] = account.0.map(u64::swap_bytes);
        // The three words hold 8, 8 and 4 bytes; the number is cut into words from its other end.
        let low = low >> 32;
        Self([low | middle << 32, middle >> 32 | high << 32, high >> 32, 0])
    }
}

impl Codec for Field {
    const MAX: usize = 32;
    const TYPE: &'static Type = &Type::Builtin("field");

    fn encode(&self, to: &mut Writer<'_>) {
        to.put(&self.to_bytes());
    }

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Self::from_bytes(from.array()?).ok_or(DecodeError::Value)
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().rev().try_for_each(|word| write!(f, "{word:016x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_types::account::AccountId as ChainAccount;
    use playfair_types::crypto::field::fr_to_bytes;

    #[test]
    fn an_account_is_the_same_number_as_on_the_chain() {
        let bytes = core::array::from_fn(|at| at as u8 * 11 + 3);
        let mut expected = fr_to_bytes(&ChainAccount(bytes).to_field());
        expected.reverse();
        assert_eq!(Field::from(AccountId::from_bytes(bytes)).to_bytes(), expected);
        assert_eq!(AccountId::from_bytes(bytes).to_bytes(), bytes);
        assert_eq!(AccountId::MODULE.to_bytes(), ChainAccount::MODULE.0);
        assert_eq!(Field::from(AccountId::MODULE), Field::from_u64(1));
    }
}
