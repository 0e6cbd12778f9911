//! Encodings: one value, one encoding; everything else is refused.

mod common;

use common::Random;
use playfair::codec::{DecodeError, decode, encode};
use playfair::prelude::*;

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Clone, Debug, PartialEq, Codec)]
enum Shape {
    Dot,
    Circle(u16),
    Named {
        name: Text<8>,
        points: List<(i8, i8), 4>,
    },
    After(Option<bool>),
}

#[derive(Clone, Copy, Debug, PartialEq, Codec)]
enum Numbered {
    One = 1,
    Two,
    Nine = 9,
}

#[derive(Clone, Debug, PartialEq, Codec)]
struct Everything {
    shape: Shape,
    wide: u128,
    signed: [i32; 3],
    bytes: Bytes<5>,
    account: AccountId,
    fixed: Fixed,
    unit: (),
}

fn everything(random: &mut Random) -> Everything {
    let shape = match random.below(4) {
        0 => Shape::Dot,
        1 => Shape::Circle(random.next() as u16),
        2 => {
            let mut points = List::new();
            for _ in 0..random.below(5) {
                points.push((random.next() as i8, random.next() as i8)).unwrap();
            }
            let name = Text::new(&"aé€x"[..[0, 1, 3, 6, 7][random.below(5) as usize]]).unwrap();
            Shape::Named { name, points }
        }
        _ => Shape::After([None, Some(false), Some(true)][random.below(3) as usize]),
    };
    let mut account = [0; 20];
    account.fill_with(|| random.next() as u8);
    Everything {
        shape,
        wide: u128::from(random.next()) << 64 | u128::from(random.next()),
        signed: [random.next() as i32, -1, i32::MIN],
        bytes: Bytes::new(&random.next().to_le_bytes()[..random.below(6) as usize]).unwrap(),
        account: AccountId::from_bytes(account),
        fixed: Fixed::from_bits(random.next() as i64),
        unit: (),
    }
}

#[test]
fn values_come_back() {
    println!("seed {SEED:#x}");
    let mut random = Random(SEED);
    for _ in 0..2_000 {
        let value = everything(&mut random);
        let bytes = encode(&value);
        assert!(bytes.len() <= Everything::MAX);
        assert_eq!(decode::<Everything>(&bytes), Ok(value));
    }
}

#[test]
fn what_decodes_is_the_encoding_of_what_it_decodes_to() {
    println!("seed {SEED:#x}");
    let mut random = Random(SEED);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let mut bytes = encode(&everything(&mut random));
        match random.below(4) {
            0 => bytes.truncate(random.below(bytes.len() as u64) as usize),
            1 => bytes.push(random.next() as u8),
            _ => {
                let at = random.below(bytes.len() as u64) as usize;
                bytes[at] ^= 1 << random.below(8);
            }
        }
        match decode::<Everything>(&bytes) {
            Ok(value) => {
                assert_eq!(encode(&value), bytes);
                accepted += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(
        accepted > 1_000 && refused > 1_000,
        "{accepted} accepted, {refused} refused"
    );
}

#[test]
fn layouts_are_pinned() {
    assert_eq!(encode(&0x0102_0304u32), [4, 3, 2, 1]);
    assert_eq!(encode(&Some(7u8)), [1, 7]);
    assert_eq!(encode(&Text::<4>::new("ab").unwrap()), [2, 0, b'a', b'b']);
    assert_eq!(encode(&Shape::Circle(3)), [1, 3, 0]);
    assert_eq!(encode(&Shape::After(None)), [3, 0]);
    let numbered = [Numbered::One, Numbered::Two, Numbered::Nine];
    assert_eq!(encode(&numbered), [1, 2, 9]);
    assert_eq!(decode::<Numbered>(&[3]), Err(DecodeError::Value));
    assert_eq!(encode(&(1u8, [2u8, 3])), [1, 2, 3]);
    assert_eq!(
        (Shape::MAX, <Text<8>>::MAX, <List<u32, 3>>::MAX),
        (1 + 10 + 10, 10, 14)
    );
}

#[test]
fn wrong_bytes_are_refused_with_their_reason() {
    assert_eq!(decode::<u32>(&[1, 2, 3]), Err(DecodeError::Length));
    assert_eq!(decode::<u8>(&[1, 2]), Err(DecodeError::Length));
    assert_eq!(decode::<bool>(&[2]), Err(DecodeError::Value));
    assert_eq!(decode::<Option<u8>>(&[2, 0]), Err(DecodeError::Value));
    assert_eq!(decode::<Shape>(&[4]), Err(DecodeError::Value));
    assert_eq!(decode::<Text<2>>(&[3, 0, 65, 65, 65]), Err(DecodeError::Length));
    assert_eq!(decode::<Text<2>>(&[1, 0, 0xff]), Err(DecodeError::Text));
    assert_eq!(decode::<[bool; 2]>(&[1, 3]), Err(DecodeError::Value));
    let modulus = [
        0x01, 0, 0, 0xf0, 0x93, 0xf5, 0xe1, 0x43, 0x91, 0x70, 0xb9, 0x79, 0x48, 0xe8, 0x33, 0x28, 0x5d, 0x58,
        0x81, 0x81, 0xb6, 0x45, 0x50, 0xb8, 0x29, 0xa0, 0x31, 0xe1, 0x72, 0x4e, 0x64, 0x30,
    ];
    assert_eq!(decode::<Field>(&modulus), Err(DecodeError::Value));
    let mut below = modulus;
    below[0] = 0;
    assert_eq!(encode(&decode::<Field>(&below).unwrap()), below);
}
