//! What reads powers-of-tau files.

use crate::random::Random;
use playfair_proofs_prover::setup::ptau::{Powers, read};
use std::io::Cursor;
use std::sync::OnceLock;

/// Of power 5, made by snarkjs.
const FILE: &[u8] = include_bytes!("../../fixtures/beacon-5.ptau");
/// The smallest size of a circuit.
const K: u32 = 3;
const HEADER: usize = 12;

/// The file as sections.
fn sections() -> Vec<(u32, Vec<u8>)> {
    let mut rest = FILE.get(HEADER..).unwrap_or_default();
    let mut sections = Vec::new();
    while let Some((head, after)) = rest.split_at_checked(HEADER) {
        let section = u32::from_le_bytes(head[..4].try_into().expect("four bytes"));
        let length = u64::from_le_bytes(head[4..].try_into().expect("eight bytes")) as usize;
        sections.push((section, after[..length].to_vec()));
        rest = &after[length..];
    }
    sections
}

/// The same ceremony cut to power 3, its sections in any order, some of those left out that nobody reads.
pub(crate) fn sample(random: &mut Random) -> Vec<u8> {
    let mut sections = sections();
    sections.retain(|(section, _)| *section <= 3 || random.below(4) == 0);
    for (section, content) in &mut sections {
        match section {
            1 => content[36] = K as u8,
            2 => content.truncate(((2 << K) - 1) * 64),
            3 => content.truncate((1 << K) * 128),
            _ => content.truncate(random.below(100) as usize),
        }
    }
    let turn = random.below(sections.len() as u64) as usize;
    sections.rotate_left(turn);
    let mut bytes = [
        &b"ptau"[..],
        &[1, 0, 0, 0],
        &(sections.len() as u32).to_le_bytes(),
    ]
    .concat();
    for (section, content) in sections {
        bytes.extend(section.to_le_bytes());
        bytes.extend((content.len() as u64).to_le_bytes());
        bytes.extend(content);
    }
    bytes
}

/// All points that the whole file has for its largest size.
fn known() -> &'static Powers {
    static KNOWN: OnceLock<Powers> = OnceLock::new();
    KNOWN.get_or_init(|| read(&mut Cursor::new(FILE), 5).expect("snarkjs' file"))
}

/// Reading never panics, and accepts no point that the ceremony did not have: none has a second form, and none is met by chance. A
/// mutation may copy one over another; that is for the structure checks to find.
pub(crate) fn check(bytes: &[u8]) -> bool {
    let Ok(powers) = read(&mut Cursor::new(bytes), K) else {
        return false;
    };
    assert_eq!(powers.in_g1.len(), 1 << K, "as many as were asked for");
    let known = known();
    for point in &powers.in_g1 {
        assert!(known.in_g1.contains(point), "a point from nowhere");
    }
    true
}
