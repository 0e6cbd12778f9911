//! One block in the log.

use super::{LogError, Salt};
use crate::block::Sealed;
use playfair_types::certificate::Certificate;
use playfair_types::{Decode, Encode};

/// Longest body of an entry, bytes. Blocks are far smaller; a scan of damaged bytes must not believe any length.
pub const BODY_BYTES_MAX: usize = 16 << 20;
/// Bytes before the body.
pub(super) const HEAD_BYTES: usize = 28;

/// A block as the log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// What says that it is the chain's; genesis has none.
    pub certificate: Option<Certificate>,
    /// Its records' bytes, one after the other.
    pub records: Vec<u8>,
}

impl Body {
    /// What the log keeps of a block.
    #[must_use]
    pub fn of(block: &Sealed) -> Self {
        Self {
            certificate: block.certificate,
            records: block.tape(),
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let certificate = self.certificate.as_ref().map(Encode::encode).unwrap_or_default();
        let mut out = Vec::with_capacity(1 + certificate.len() + self.records.len());
        // A certificate is at most 110 bytes.
        out.push(u8::try_from(certificate.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(&certificate);
        out.extend_from_slice(&self.records);
        out
    }

    /// The block of these bytes, if they are one.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first()?;
        let (certificate, records) = rest.split_at_checked(usize::from(*length))?;
        let certificate = match certificate {
            [] => None,
            bytes => Some(Certificate::decode(bytes).ok()?),
        };
        Some(Self {
            certificate,
            records: records.to_vec(),
        })
    }
}

/// The head of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) length: u32,
    check: u32,
    pub(super) height: u64,
    pub(super) durable: u64,
    head_check: u32,
}

impl Entry {
    /// A whole entry.
    pub(super) fn encode(salt: &Salt, height: u64, durable: u64, body: &Body) -> Result<Vec<u8>, LogError> {
        let body = body.encode();
        let length = u32::try_from(body.len())
            .ok()
            .filter(|_| body.len() <= BODY_BYTES_MAX);
        let Some(length) = length else {
            return Err(LogError::TooLarge { bytes: body.len() });
        };
        let mut entry = Self {
            length,
            check: 0,
            height,
            durable,
            head_check: 0,
        };
        entry.check = entry.checksum(salt, &body);
        entry.head_check = entry.head_checksum(salt);
        let mut out = Vec::with_capacity(HEAD_BYTES + body.len());
        out.extend_from_slice(&entry.length.to_be_bytes());
        out.extend_from_slice(&entry.check.to_be_bytes());
        out.extend_from_slice(&entry.height.to_be_bytes());
        out.extend_from_slice(&entry.durable.to_be_bytes());
        out.extend_from_slice(&entry.head_check.to_be_bytes());
        out.extend_from_slice(&body);
        Ok(out)
    }

    pub(super) fn decode(head: &[u8; HEAD_BYTES]) -> Self {
        let u32_at = |at: usize| be(head.get(at..at + 4).unwrap_or_default()) as u32;
        let u64_at = |at: usize| be(head.get(at..at + 8).unwrap_or_default());
        Self {
            length: u32_at(0),
            check: u32_at(4),
            height: u64_at(8),
            durable: u64_at(16),
            head_check: u32_at(24),
        }
    }

    /// Whether it can be one, by its head alone. Who does not know the salt cannot write bytes of which this is said.
    pub(super) fn is_plausible(&self, salt: &Salt) -> bool {
        self.length > 0
            && self.length as usize <= BODY_BYTES_MAX
            && self.durable <= self.height
            && self.head_check == self.head_checksum(salt)
    }

    pub(super) fn checks(&self, salt: &Salt, body: &[u8]) -> bool {
        self.check == self.checksum(salt, body)
    }

    fn head_checksum(&self, salt: &Salt) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        crc.update(salt);
        crc.update(&self.length.to_be_bytes());
        crc.update(&self.check.to_be_bytes());
        crc.update(&self.height.to_be_bytes());
        crc.update(&self.durable.to_be_bytes());
        crc.finalize()
    }

    fn checksum(&self, salt: &Salt, body: &[u8]) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        crc.update(salt);
        crc.update(&self.length.to_be_bytes());
        crc.update(&self.height.to_be_bytes());
        crc.update(&self.durable.to_be_bytes());
        crc.update(body);
        crc.finalize()
    }
}

fn be(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
