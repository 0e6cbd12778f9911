//! Changes to valid encodings that decoders tend to get wrong.

use crate::random::Random;

/// Mutates `bytes` in one to four ways.
pub fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(3) {
        mutate_once(random, bytes);
    }
}

fn mutate_once(random: &mut Random, bytes: &mut Vec<u8>) {
    let at = random.below(bytes.len() as u64) as usize;
    match random.below(9) {
        0 => bytes.truncate(at),
        1 => bytes.extend(random.bytes(64)),
        2 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        3 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = [0, 1, 0x7f, 0x80, 0xff][random.below(5) as usize];
            }
        }
        4 => bytes.insert(at.min(bytes.len()), random.next() as u8),
        5 => {
            if at < bytes.len() {
                bytes.remove(at);
            }
        }
        // A field at or above the modulus.
        6 => bytes.iter_mut().skip(at).take(32).for_each(|byte| *byte = 0xff),
        7 => bytes.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0xff),
        _ => {
            let (from, length) = (
                random.below(bytes.len() as u64) as usize,
                1 + random.below(40) as usize,
            );
            let copy: Vec<u8> = bytes.iter().skip(from).take(length).copied().collect();
            for (slot, byte) in bytes.iter_mut().skip(at).zip(copy) {
                *slot = byte;
            }
        }
    }
}
