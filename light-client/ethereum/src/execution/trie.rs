//! Merkle-Patricia proofs (Yellow Paper, appendix D): what a trie of this root holds under a key, or that it holds
//! nothing there.
//!
//! The way from the root to a key is unique, and every node on it is named by its hash in the node above, or stands in
//! it if it is shorter than 32 bytes. So a proof is accepted for exactly one answer, unless Keccak collides; the checks
//! on form keep it to exactly one byte string.

use super::keccak;
use super::rlp::{Item, Items};
use crate::Error;
use crate::error::Malformed;
use crate::ssz::Root;
use alloc::vec::Vec;

/// No way is longer than its 64 nibbles, one node each, and the leaf.
const NODES_MAX: usize = 65;
/// A full branch has 532 bytes; a leaf less than 200 with what is read here.
const NODE_MAX: usize = 1024;

/// The root of a trie without keys: Keccak of the empty string's RLP.
pub(super) const EMPTY_ROOT: Root = [
    0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e, 0x5b,
    0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21,
];

/// Where a node points to.
enum Link<'a> {
    Hash(Root),
    /// The node itself, shorter than 32 bytes.
    Inline(&'a [u8]),
}

/// What a node says of a way.
enum Step<'a> {
    Value(&'a [u8]),
    Absent,
    /// Goes on after so many nibbles.
    Down(usize, Link<'a>),
}

/// The value under a 32-byte key, or `None` if the proof shows that there is none.
pub(super) fn get<'a, P: AsRef<[u8]>>(
    root: &Root,
    key: &Root,
    proof: &'a [P],
) -> Result<Option<&'a [u8]>, Error> {
    // Nodes ask for the empty trie's proof in both ways, as nothing and as the empty string.
    if *root == EMPTY_ROOT {
        let empty = |node: &P| node.as_ref() == [0x80];
        return match proof {
            [] => Ok(None),
            [node] if empty(node) => Ok(None),
            _ => Err(Error::ProofLong { at: 0 }),
        };
    }
    let nibbles = nibbles(key);
    let (mut way, mut link) = (nibbles.as_slice(), Link::Hash(*root));
    let mut nodes = proof.iter().map(AsRef::as_ref).enumerate();
    let mut used = 0usize;
    let malformed = Error::malformed("node of the proof");
    let answer = loop {
        let node = match link {
            Link::Inline(node) => node,
            Link::Hash(hash) => {
                let (at, node) = nodes.next().ok_or(Error::ProofShort)?;
                if at >= NODES_MAX || node.len() > NODE_MAX {
                    return Err(malformed(Malformed::Limit));
                }
                if keccak(node) != hash {
                    return Err(Error::Node { at });
                }
                used = at.saturating_add(1);
                node
            }
        };
        match step(node, way).map_err(&malformed)? {
            Step::Value(value) => break Some(value),
            Step::Absent => break None,
            Step::Down(nibbles, next) => {
                way = way.get(nibbles..).unwrap_or_default();
                link = next;
            }
        }
    };
    match nodes.next() {
        None => Ok(answer),
        Some(_) => Err(Error::ProofLong { at: used }),
    }
}

/// Reads a node and takes it as far as it goes. What comes after `way` is read as strictly as what is on it.
fn step<'a>(node: &'a [u8], way: &[u8]) -> Result<Step<'a>, Malformed> {
    let mut fields = Items::of_list(node)?;
    let mut read = Vec::with_capacity(17);
    while !fields.is_empty() {
        if read.len() >= 17 {
            return Err(Malformed::Long);
        }
        read.push(fields.encoded()?);
    }
    match read.as_slice() {
        [path, child] => short(*path, *child, way),
        [children @ .., value] if read.len() == 17 => branch(children, value.0, way),
        _ => Err(Malformed::Form),
    }
}

/// A leaf or an extension, by its path in hex-prefix form.
fn short<'a>(
    path: (Item<'a>, &'a [u8]),
    child: (Item<'a>, &'a [u8]),
    way: &[u8],
) -> Result<Step<'a>, Malformed> {
    let Item::String(path) = path.0 else {
        return Err(Malformed::Form);
    };
    let (first, rest) = path.split_first().ok_or(Malformed::Short)?;
    let (flags, low) = (first >> 4, first & 15);
    let odd = flags & 1 == 1;
    if flags > 3 || (!odd && low != 0) {
        return Err(Malformed::Form);
    }
    let mut nibbles: Vec<u8> = Vec::with_capacity(path.len().saturating_mul(2));
    nibbles.extend(odd.then_some(low));
    nibbles.extend(rest.iter().flat_map(|byte| [byte >> 4, byte & 15]));
    if nibbles.len() > 64 {
        return Err(Malformed::Limit);
    }
    if flags & 2 == 2 {
        let Item::String(value) = child.0 else {
            return Err(Malformed::Form);
        };
        return match (value.is_empty(), nibbles == way) {
            (true, _) => Err(Malformed::Form),
            (false, true) => Ok(Step::Value(value)),
            (false, false) => Ok(Step::Absent),
        };
    }
    // An extension goes over at least one nibble, and to something.
    let link = link(child)?
        .filter(|_| !nibbles.is_empty())
        .ok_or(Malformed::Form)?;
    match way.starts_with(&nibbles) && way.len() > nibbles.len() {
        true => Ok(Step::Down(nibbles.len(), link)),
        false => Ok(Step::Absent),
    }
}

fn branch<'a>(children: &[(Item<'a>, &'a [u8])], value: Item<'a>, way: &[u8]) -> Result<Step<'a>, Malformed> {
    // All keys have one length, so that none ends in a branch.
    if value != Item::String(&[]) {
        return Err(Malformed::Form);
    }
    let next = way.first().copied().ok_or(Malformed::Form)?;
    let mut answer = Step::Absent;
    for (child, nibble) in children.iter().zip(0u8..) {
        let link = link(*child)?;
        if let Some(link) = link.filter(|_| nibble == next) {
            answer = Step::Down(1, link);
        }
    }
    Ok(answer)
}

/// What a child's item points to, if to anything.
fn link<'a>(child: (Item<'a>, &'a [u8])) -> Result<Option<Link<'a>>, Malformed> {
    match child {
        (Item::String([]), _) => Ok(None),
        (Item::String(hash), _) => hash
            .try_into()
            .map(|hash| Some(Link::Hash(hash)))
            .map_err(|_| Malformed::Form),
        (Item::List(_), encoded) if encoded.len() < 32 => Ok(Some(Link::Inline(encoded))),
        (Item::List(_), _) => Err(Malformed::Form),
    }
}

fn nibbles(key: &Root) -> [u8; 64] {
    let mut nibbles = [0; 64];
    let pairs = nibbles.as_chunks_mut::<2>().0;
    for ([high, low], byte) in pairs.iter_mut().zip(key) {
        (*high, *low) = (byte >> 4, byte & 15);
    }
    nibbles
}

#[cfg(test)]
mod tests;
