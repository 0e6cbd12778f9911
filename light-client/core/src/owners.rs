//! Keys of accounts, read from their records in the state (FORMATS.md section 4): who may act for an account, and within which limits.
//!
//! It is read as strictly as `types` reads it but for one thing: that a point is of prime order, which takes arithmetic that a page would load for this alone. The chain's
//! rules let no other in. Each lies on the curve, so that its packed form names it and no other.

use playfair_types::Fr;
use playfair_types::account::{L1Address, SessionLimits};
use playfair_types::bounded::U48;
use playfair_types::codec::{Decode, DecodeError, Reader};
use playfair_types::crypto::field::{fr_from_bytes, fr_to_bytes};

/// A public key in its packed form.
pub type Packed = [u8; 32];

/// A key of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Where it lies: its index.
    pub place: u8,
    /// What it is.
    pub holder: Holder,
}

/// Who may act for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A key that may do everything.
    Owner(Packed),
    /// A key that may call the module, within limits.
    Session(Packed, Limits),
    /// An address on L1 that may do everything.
    L1Owner(L1Address),
}

/// What bounds a session's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries, lanes, and the gas price.
    pub may: SessionLimits,
    /// The last block time at which it is valid, ms since 1970.
    pub expires_ms: U48,
}

impl Limits {
    /// Those of owners.
    const NONE: Self = Self {
        may: SessionLimits {
            scope: 0,
            gas_price_max: 0,
            lanes: 0,
        },
        expires_ms: U48::MAX,
    };
}

impl Decode for Holder {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (x, y) = (number(reader)?, number(reader)?);
        let scope = word(reader)?;
        let [time @ .., lanes, above] = word(reader)?.to_le_bytes();
        let [version, role, zero @ ..] = word(reader)?.to_le_bytes();
        let gas_price_max = word(reader)?;
        if version != 1 {
            return Err(DecodeError::Unknown {
                what: "key record version",
                found: u64::from(version),
            });
        }
        if above != 0 || zero != [0; 6] {
            return Err(DecodeError::NonZeroPadding("key record"));
        }
        let limits = Limits {
            may: SessionLimits {
                scope,
                gas_price_max,
                lanes,
            },
            expires_ms: time_of(time),
        };
        match role {
            2 if lanes == 0 => Err(DecodeError::NonCanonical("key lanes")),
            2 => Ok(Self::Session(packed(&x, &y)?, limits)),
            1 | 3 if limits != Limits::NONE => Err(DecodeError::NonCanonical("limits of an owner's key")),
            1 => Ok(Self::Owner(packed(&x, &y)?)),
            3 => address(&x, &y).map(Self::L1Owner),
            found => Err(DecodeError::Unknown {
                what: "key role",
                found: u64::from(found),
            }),
        }
    }
}

fn word(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    reader.array("key record").map(u64::from_le_bytes)
}

/// Four words, the low one first, as 32 bytes, big-endian.
fn number(reader: &mut Reader<'_>) -> Result<[u8; 32], DecodeError> {
    let mut bytes: [u8; 32] = reader.array("key record")?;
    bytes.reverse();
    Ok(bytes)
}

fn time_of([a, b, c, d, e, f]: [u8; 6]) -> U48 {
    U48::new(u64::from_le_bytes([a, b, c, d, e, f, 0, 0])).unwrap_or_default()
}

/// The packed form of a point of the curve (FORMATS.md section 3).
fn packed(x: &[u8; 32], y: &[u8; 32]) -> Result<Packed, DecodeError> {
    let coordinate = |bytes| fr_from_bytes(bytes).ok_or(DecodeError::NonCanonicalField("key point"));
    let (x, y) = (coordinate(x)?, coordinate(y)?);
    let (xx, yy) = (x * x, y * y);
    let is_on_curve = Fr::from(168_700u64) * xx + yy == Fr::from(1u64) + Fr::from(168_696u64) * xx * yy;
    // The identity, which is no key, and the point of order two.
    let is_small = x == Fr::from(0u64);
    if !is_on_curve || is_small {
        return Err(DecodeError::NonCanonical("key point"));
    }
    let mut packed = fr_to_bytes(&y);
    let [top, ..] = &mut packed;
    if fr_to_bytes(&x) > fr_to_bytes(&-x) {
        *top |= 0x80;
    }
    Ok(packed)
}

fn address(x: &[u8; 32], y: &[u8; 32]) -> Result<L1Address, DecodeError> {
    let address = L1Address::from_word(x).filter(|address| *y == [0; 32] && *address != L1Address::default());
    address.ok_or(DecodeError::NonCanonical("key L1 address"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_types::Encode;
    use playfair_types::account::{KeyRecord, Role};
    use playfair_types::crypto::eddsa::SecretKey;

    /// What the chain's own record says.
    fn of(record: &KeyRecord) -> Holder {
        match &record.role {
            Role::Owner(key) => Holder::Owner(key.to_bytes()),
            Role::Session(key, may) => Holder::Session(
                key.to_bytes(),
                Limits {
                    may: *may,
                    expires_ms: record.expires_ms,
                },
            ),
            Role::L1Owner(address) => Holder::L1Owner(*address),
        }
    }

    fn records(seed: u8) -> [KeyRecord; 3] {
        let key = *SecretKey::from_seed(&[seed; 32]).public_key();
        let limits = SessionLimits {
            scope: 1 << 63 | 2,
            gas_price_max: u64::MAX - 5,
            lanes: 0x82,
        };
        [
            KeyRecord::owner(key),
            KeyRecord {
                role: Role::Session(key, limits),
                expires_ms: U48::new(0x0102_0304_0506).unwrap(),
            },
            KeyRecord {
                role: Role::L1Owner(L1Address([5; 20])),
                expires_ms: U48::MAX,
            },
        ]
    }

    #[test]
    fn records_are_read_as_the_chain_reads_them() {
        // Points with both signs.
        for record in (0..16).flat_map(records) {
            let bytes = record.encode();
            assert_eq!(Holder::decode(&bytes), Ok(of(&record)));
            assert!(Holder::decode(&bytes[..95]).is_err());
            assert!(Holder::decode(&[&bytes[..], &[0]].concat()).is_err());
        }
    }

    #[test]
    fn what_the_chain_does_not_read_is_none_here() {
        // Every bit of every kind of record, and every role.
        let mut read = 0;
        for record in records(9) {
            let bytes = record.encode();
            let bits = (0..bytes.len() * 8).map(|bit| (bit / 8, bytes[bit / 8] ^ (1 << (bit % 8))));
            let roles = (0..=u8::MAX).map(|role| (81, role));
            for (at, value) in bits.chain(roles) {
                let mut changed = bytes.clone();
                changed[at] = value;
                let (chain, here) = (KeyRecord::decode(&changed), Holder::decode(&changed));
                assert_eq!(chain.as_ref().ok().map(of), here.ok(), "byte {at}: {chain:?}");
                read += u32::from(chain.is_ok());
            }
        }
        // A session's scope, price, time and lanes are anything; an address, too.
        assert!(read > 250, "{read}");
        let identity = KeyRecord::owner(*SecretKey::from_seed(&[9; 32]).public_key()).encode();
        let identity = [&[0; 32][..], &[1], &[0; 31], &identity[64..]].concat();
        assert!(Holder::decode(&identity).is_err());
    }
}
