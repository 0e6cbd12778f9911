//! A program's bytes.
//!
//! ```text
//! "PFCP" | version u8 = 1 | degree u8 | blinding u8 | instances u16 | fixed u16
//! | advice u16 | phase u8 each | challenges u16 | phase u8 each
//! | advice queries u16 | (column u16 | rotation i8) each | fixed queries u16 | the same
//! | instance queries u16 | rotation i8 each | constants u16 | 32 each
//! | nodes u16 | (kind u8 | operand u16, or two) each | polynomials u16 | node u16 each
//! ```
//!
//! Big-endian. Kinds: 0 constant, 1 advice, 2 fixed, 3 instance, 4 challenge, 5 negate, 6 add, 7 subtract, 8
//! multiply. The program is checked after it is read ([`Program::new`]), so that whatever decodes can be
//! evaluated.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use super::{Node, Parts, Program, Query};
use alloc::vec::Vec;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::{Decode, DecodeError, Encode, codec::Reader};

const MAGIC: [u8; 4] = *b"PFCP";
const VERSION: u8 = 1;

fn put_count(out: &mut Vec<u8>, count: usize) {
    // Counts of a checked program fit.
    put(out, u16::try_from(count).unwrap_or(u16::MAX));
}

fn put(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn put_node(out: &mut Vec<u8>, node: Node) {
    let (kind, first, second) = match node {
        Node::Constant(number) => (0u8, number, None),
        Node::Advice(number) => (1, number, None),
        Node::Fixed(number) => (2, number, None),
        Node::Instance(number) => (3, number, None),
        Node::Challenge(number) => (4, number, None),
        Node::Negate(a) => (5, a, None),
        Node::Add(a, b) => (6, a, Some(b)),
        Node::Subtract(a, b) => (7, a, Some(b)),
        Node::Multiply(a, b) => (8, a, Some(b)),
    };
    out.push(kind);
    put(out, first);
    if let Some(second) = second {
        put(out, second);
    }
}

impl Encode for Program {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let parts = self.parts();
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&[VERSION, parts.degree, parts.blinding]);
        put(out, parts.instances);
        put(out, parts.fixed);
        for phases in [&parts.advice, &parts.challenges] {
            put_count(out, phases.len());
            out.extend_from_slice(phases);
        }
        for queries in [&parts.advice_queries, &parts.fixed_queries] {
            put_count(out, queries.len());
            for query in queries {
                put(out, query.column);
                out.extend_from_slice(&query.rotation.to_be_bytes());
            }
        }
        put_count(out, parts.instance_queries.len());
        for rotation in &parts.instance_queries {
            out.extend_from_slice(&rotation.to_be_bytes());
        }
        put_count(out, parts.constants.len());
        for constant in &parts.constants {
            out.extend_from_slice(&fr_to_bytes(constant));
        }
        put_count(out, parts.nodes.len());
        for node in &parts.nodes {
            put_node(out, *node);
        }
        put_count(out, parts.polynomials.len());
        for polynomial in &parts.polynomials {
            put(out, *polynomial);
        }
    }
}

/// A `u16` count and that many items. Memory grows with what was read, not with the count.
fn list<T>(
    reader: &mut Reader<'_>,
    what: &'static str,
    mut item: impl FnMut(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let count = reader.u16(what)?;
    (0..count).map(|_| item(reader)).collect()
}

fn read_rotation(reader: &mut Reader<'_>) -> Result<i8, DecodeError> {
    Ok(i8::from_be_bytes(reader.array("rotation")?))
}

fn read_query(reader: &mut Reader<'_>) -> Result<Query, DecodeError> {
    Ok(Query {
        column: reader.u16("column")?,
        rotation: read_rotation(reader)?,
    })
}

fn read_node(reader: &mut Reader<'_>) -> Result<Node, DecodeError> {
    let kind = reader.u8("node")?;
    let first = reader.u16("operand")?;
    let mut second = || reader.u16("operand");
    Ok(match kind {
        0 => Node::Constant(first),
        1 => Node::Advice(first),
        2 => Node::Fixed(first),
        3 => Node::Instance(first),
        4 => Node::Challenge(first),
        5 => Node::Negate(first),
        6 => Node::Add(first, second()?),
        7 => Node::Subtract(first, second()?),
        8 => Node::Multiply(first, second()?),
        found => {
            return Err(DecodeError::Unknown {
                what: "node",
                found: u64::from(found),
            });
        }
    })
}

impl Decode for Program {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_magic(MAGIC)?;
        reader.expect_u8("program version", VERSION)?;
        let parts = Parts {
            degree: reader.u8("degree")?,
            blinding: reader.u8("blinding")?,
            instances: reader.u16("instances")?,
            fixed: reader.u16("fixed")?,
            advice: list(reader, "advice", |reader| reader.u8("phase"))?,
            challenges: list(reader, "challenges", |reader| reader.u8("phase"))?,
            advice_queries: list(reader, "advice queries", read_query)?,
            fixed_queries: list(reader, "fixed queries", read_query)?,
            instance_queries: list(reader, "instance queries", read_rotation)?,
            constants: list(reader, "constants", |reader| reader.field("constant"))?,
            nodes: list(reader, "nodes", read_node)?,
            polynomials: list(reader, "polynomials", |reader| reader.u16("polynomial"))?,
        };
        Self::new(parts).map_err(|error| DecodeError::NonCanonical(error.0))
    }
}
