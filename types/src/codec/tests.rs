use super::*;
use alloc::vec::Vec;

#[test]
fn integers_are_big_endian_and_bounded() {
    let mut out = Vec::new();
    Writer::new(&mut out)
        .u8(1)
        .u16(2)
        .u32(3)
        .u48(4u32.into())
        .u64(5)
        .u96(6)
        .u128(7);
    assert_eq!(out.len(), 1 + 2 + 4 + 6 + 8 + 12 + 16);
    let mut reader = Reader::new(&out);
    assert_eq!(reader.u8("a"), Ok(1));
    assert_eq!(reader.u16("b"), Ok(2));
    assert_eq!(reader.u32("c"), Ok(3));
    assert_eq!(reader.u48("d"), Ok(4));
    assert_eq!(reader.u64("e"), Ok(5));
    assert_eq!(reader.u96("f"), Ok(6));
    assert_eq!(reader.u128("g"), Ok(7));
    assert_eq!(reader.u8("h"), Err(DecodeError::UnexpectedEnd("h")));
    assert_eq!(reader.finish(), Ok(()));
}

#[test]
fn field_elements_are_never_reduced() {
    // The modulus itself, and 2^256 - 1.
    let modulus: [u8; 32] = [
        0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d, 0x28,
        0x33, 0xe8, 0x48, 0x79, 0xb9, 0x70, 0x91, 0x43, 0xe1, 0xf5, 0x93, 0xf0, 0x00, 0x00, 0x01,
    ];
    assert_eq!(
        Reader::new(&modulus).field("x"),
        Err(DecodeError::NonCanonicalField("x"))
    );
    assert_eq!(
        Reader::new(&[0xff; 32]).field("x"),
        Err(DecodeError::NonCanonicalField("x"))
    );
    let mut below = modulus;
    below[31] = 0;
    assert!(Reader::new(&below).field("x").is_ok());
}

#[test]
fn lengths_are_checked_before_bytes_are_taken() {
    let mut reader = Reader::new(&[0xff, 0xff, 0]);
    assert_eq!(
        reader.bytes16("data", 10),
        Err(DecodeError::LimitExceeded {
            what: "data",
            limit: 10,
            found: 65_535
        })
    );
    assert_eq!(
        Reader::new(&[0, 2, 9]).bytes16("data", 10),
        Err(DecodeError::UnexpectedEnd("data"))
    );
    assert_eq!(
        Reader::new(&[0, 0, 1]).zeros("pad", 3),
        Err(DecodeError::NonZeroPadding("pad"))
    );
    assert_eq!(Reader::new(&[1]).finish(), Err(DecodeError::TrailingBytes(1)));
}
