//! Chain link: whom a browser starts from, in the fragment of a URL (which no server sees).
//!
//! `#pf1.` and base64url without padding of
//!
//! ```text
//! version u8 = 1 | flags u8 (1: L1, 2: committee) | chain id 32 | module 31 | VK set root 32
//! L1         chain id u64 | settlement 20 | settlement code hash 32 | genesis validators root 32
//!            | genesis time u64 (s) | slot u16 (ms) | forks u8 | (fork u8 | version 4 | epoch u64) each, strictly increasing
//!            | checkpoint root 32 | checkpoint slot u64
//! committee  ordering id 32, then as in certificate.rs
//! check      first 4 bytes of SHA-256("playfair/1/link" | everything before)
//! ```
//!
//! At least one of L1 and committee is there: a link without either gives nobody to start from. The check finds typing
//! mistakes; it proves nothing about who wrote the link.

use crate::account::L1Address;
use crate::certificate::Committee;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer, check_limit};
use crate::crypto::field::Fr;
use crate::module::ModuleHash;
use alloc::string::String;
use alloc::vec::Vec;
use sha2::{Digest, Sha256};

/// Most forks in a link.
pub const FORKS_MAX: usize = 16;
/// Longest link text, characters.
pub const LINK_CHARS_MAX: usize = 1024;

/// Trust anchors of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLink {
    /// The chain.
    pub chain_id: Fr,
    /// Its first module.
    pub module: ModuleHash,
    /// The verifying keys of that module's shapes.
    pub vk_set_root: Fr,
    /// Ethereum, when the chain settles there.
    pub l1: Option<L1Anchor>,
    /// The sequencer committee to start from.
    pub committee: Option<OrderingAnchor>,
}

/// Which ordering, and its committee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderingAnchor {
    /// What the committee's signatures name: the chain id when it orders one chain.
    pub ordering_id: Fr,
    /// The committee.
    pub committee: Committee,
}

/// A fork of the beacon chain that changes what a light client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// Which: 4 Deneb, 5 Electra, 6 Fulu, 7 Gloas; the number that consensus-specs count from Phase 0 = 0.
    pub id: u8,
    /// Its version on this network.
    pub version: [u8; 4],
    /// Where it starts.
    pub epoch: u64,
}

/// Whom to trust on L1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct L1Anchor {
    /// EIP-155 id.
    pub chain_id: u64,
    /// The settlement contract.
    pub settlement: L1Address,
    /// keccak256 of its code.
    pub settlement_code_hash: [u8; 32],
    /// The beacon chain's genesis validators root.
    pub genesis_validators_root: [u8; 32],
    /// When slot 0 was, seconds since 1970.
    pub genesis_time_s: u64,
    /// How long a slot is, ms.
    pub slot_ms: u16,
    /// Forks by strictly increasing id, epochs not decreasing, 1 to [`FORKS_MAX`].
    pub forks: Vec<Fork>,
    /// A finalised beacon block root to bootstrap from.
    pub checkpoint_root: [u8; 32],
    /// Its slot.
    pub checkpoint_slot: u64,
}

const VERSION: u8 = 1;
const HAS_L1: u8 = 1;
const HAS_COMMITTEE: u8 = 2;
const PREFIX: &str = "pf1.";
const CHECK_BYTES: usize = 4;

impl ChainLink {
    /// The fragment's text, without the `#`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut bytes = self.encode();
        let check = check(&bytes);
        bytes.extend_from_slice(&check);
        let mut text = String::from(PREFIX);
        text.push_str(&base64url(&bytes));
        text
    }

    /// Reads the fragment's text, without the `#`.
    ///
    /// # Errors
    /// [`DecodeError`] when the text is not a canonical link or its check does not match.
    pub fn from_text(text: &str) -> Result<Self, DecodeError> {
        check_limit("link", text.len(), LINK_CHARS_MAX)?;
        let body = text.strip_prefix(PREFIX).ok_or(DecodeError::Unknown {
            what: "link prefix",
            found: 0,
        })?;
        let bytes = from_base64url(body)?;
        let at = bytes
            .len()
            .checked_sub(CHECK_BYTES)
            .ok_or(DecodeError::UnexpectedEnd("link check"))?;
        let (payload, found) = bytes.split_at(at);
        if found != check(payload) {
            return Err(DecodeError::NonCanonical("link check"));
        }
        Self::decode(payload)
    }
}

fn check(payload: &[u8]) -> [u8; CHECK_BYTES] {
    let mut sha = Sha256::new();
    sha.update(b"playfair/1/link");
    sha.update(payload);
    let digest: [u8; 32] = sha.finalize().into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let word = three
            .iter()
            .enumerate()
            .fold(0u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        for at in 0..=three.len() {
            let index = (word >> (18 - 6 * at)) & 63;
            text.push(char::from(ALPHABET.get(index as usize).copied().unwrap_or(b'A')));
        }
    }
    text
}

fn from_base64url(text: &str) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for four in text.as_bytes().chunks(4) {
        let mut word = 0u32;
        for (at, symbol) in four.iter().enumerate() {
            let index = ALPHABET.iter().position(|known| known == symbol);
            let index = index.ok_or(DecodeError::Unknown {
                what: "link character",
                found: u64::from(*symbol),
            })?;
            word |= (index as u32) << (18 - 6 * at);
        }
        let whole = match four.len() {
            4 => 3,
            3 => 2,
            2 => 1,
            _ => return Err(DecodeError::UnexpectedEnd("link")),
        };
        let [_, b0, b1, b2] = word.to_be_bytes();
        let (kept, dropped) = [b0, b1, b2].into_iter().enumerate().fold(
            (Vec::with_capacity(3), 0u8),
            |(mut kept, dropped), (at, byte)| {
                if at < whole {
                    kept.push(byte);
                    (kept, dropped)
                } else {
                    (kept, dropped | byte)
                }
            },
        );
        // Bits past the last whole byte have only one accepted value.
        if dropped != 0 {
            return Err(DecodeError::NonCanonical("link end"));
        }
        bytes.extend(kept);
    }
    Ok(bytes)
}

impl Encode for ChainLink {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let flags = self.l1.as_ref().map_or(0, |_| HAS_L1) | self.committee.map_or(0, |_| HAS_COMMITTEE);
        let mut w = Writer::new(out);
        w.u8(VERSION)
            .u8(flags)
            .field(&self.chain_id)
            .bytes(&self.module.0)
            .field(&self.vk_set_root);
        if let Some(l1) = &self.l1 {
            w.u64(l1.chain_id)
                .bytes(&l1.settlement.0)
                .bytes(&l1.settlement_code_hash);
            w.bytes(&l1.genesis_validators_root)
                .u64(l1.genesis_time_s)
                .u16(l1.slot_ms);
            w.u8(u8::try_from(l1.forks.len()).unwrap_or(u8::MAX));
            for fork in &l1.forks {
                w.u8(fork.id).bytes(&fork.version).u64(fork.epoch);
            }
            w.bytes(&l1.checkpoint_root).u64(l1.checkpoint_slot);
        }
        if let Some(anchor) = &self.committee {
            Writer::new(out).field(&anchor.ordering_id);
            anchor.committee.encode_to(out);
        }
    }
}

impl Decode for ChainLink {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_u8("link version", VERSION)?;
        let flags = reader.u8("link flags")?;
        if flags == 0 || flags & !(HAS_L1 | HAS_COMMITTEE) != 0 {
            return Err(DecodeError::Unknown {
                what: "link flags",
                found: u64::from(flags),
            });
        }
        let (chain_id, module) = (reader.field("chain id")?, ModuleHash(reader.array("module")?));
        let vk_set_root = reader.field("VK set root")?;
        let l1 = if flags & HAS_L1 != 0 {
            Some(L1Anchor::read(reader)?)
        } else {
            None
        };
        let committee = if flags & HAS_COMMITTEE != 0 {
            Some(OrderingAnchor {
                ordering_id: reader.field("ordering id")?,
                committee: Committee::read(reader)?,
            })
        } else {
            None
        };
        Ok(Self {
            chain_id,
            module,
            vk_set_root,
            l1,
            committee,
        })
    }
}

impl L1Anchor {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (chain_id, settlement) = (reader.u64("L1 chain id")?, L1Address(reader.array("settlement")?));
        let settlement_code_hash = reader.array("settlement code hash")?;
        let genesis_validators_root = reader.array("genesis validators root")?;
        let (genesis_time_s, slot_ms) = (reader.u64("genesis time")?, reader.u16("slot")?);
        if slot_ms == 0 {
            return Err(DecodeError::NonCanonical("slot"));
        }
        let count = usize::from(reader.u8("forks")?);
        check_limit("forks", count, FORKS_MAX)?;
        let mut forks: Vec<Fork> = Vec::with_capacity(count);
        for _ in 0..count {
            let id = reader.u8("fork")?;
            let fork = Fork {
                id,
                version: reader.array("fork version")?,
                epoch: reader.u64("fork epoch")?,
            };
            if forks
                .last()
                .is_some_and(|last| last.id >= fork.id || last.epoch > fork.epoch)
            {
                return Err(DecodeError::NonCanonical("fork order"));
            }
            forks.push(fork);
        }
        if forks.is_empty() {
            return Err(DecodeError::NonCanonical("forks"));
        }
        Ok(Self {
            chain_id,
            settlement,
            settlement_code_hash,
            genesis_validators_root,
            genesis_time_s,
            slot_ms,
            forks,
            checkpoint_root: reader.array("checkpoint root")?,
            checkpoint_slot: reader.u64("checkpoint slot")?,
        })
    }
}
