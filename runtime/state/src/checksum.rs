//! CRC-32 (IEEE 802.3, reflected, polynomial 0xedb88320) of stored records and snapshot blocks.
//!
//! It finds damage, not lies: a disk that returns other bytes than were written, a file cut short. What a snapshot
//! claims is checked against the root.

const POLYNOMIAL: u32 = 0xedb8_8320;
/// Bytes that one step takes.
const STEP: usize = 8;
/// `TABLES[n][b]` is the checksum's change by byte `b` with `n` bytes after it in the same step.
static TABLES: [[u32; 256]; STEP] = tables();

#[allow(clippy::indexing_slicing)] // Constant evaluation: out of bounds would not compile.
const fn tables() -> [[u32; 256]; STEP] {
    let mut tables = [[0; 256]; STEP];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (POLYNOMIAL & (crc & 1).wrapping_neg());
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut n = 1;
    while n < STEP {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[n - 1][byte];
            tables[n][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        n += 1;
    }
    tables
}

/// A table's entry; the index is a byte, so it always has one.
fn at(table: &[u32; 256], byte: u32) -> u32 {
    table.get((byte & 0xff) as usize).copied().unwrap_or(0)
}

/// The checksum of `bytes` that belong to the record or block number `place`. A record that is read from another
/// place than it was written to fails.
pub(crate) fn crc32(place: u64, bytes: &[u8]) -> u32 {
    let crc = extend(u32::MAX, &place.to_le_bytes());
    !extend(crc, bytes)
}

fn extend(mut crc: u32, bytes: &[u8]) -> u32 {
    let [t0, t1, t2, t3, t4, t5, t6, t7] = &TABLES;
    let (steps, rest) = bytes.as_chunks::<STEP>();
    for step in steps {
        let [a, b, c, d, e, f, g, h] = *step;
        let low = crc ^ u32::from_le_bytes([a, b, c, d]);
        let high = u32::from_le_bytes([e, f, g, h]);
        crc = at(t7, low)
            ^ at(t6, low >> 8)
            ^ at(t5, low >> 16)
            ^ at(t4, low >> 24)
            ^ at(t3, high)
            ^ at(t2, high >> 8)
            ^ at(t1, high >> 16)
            ^ at(t0, high >> 24);
    }
    for byte in rest {
        crc = (crc >> 8) ^ at(t0, crc ^ u32::from(*byte));
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One bit at a time, by the definition.
    fn slow(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (POLYNOMIAL & (crc & 1).wrapping_neg());
            }
        }
        !crc
    }

    #[test]
    fn it_is_the_standard_checksum() {
        assert_eq!(slow(b"123456789"), 0xcbf4_3926);
        for length in 0..40u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            let mut whole = 7u64.to_le_bytes().to_vec();
            whole.extend(&bytes);
            assert_eq!(crc32(7, &bytes), slow(&whole));
        }
    }
}
