use super::super::testing::{bytes32, fr};
use super::*;
use ark_ff::{AdditiveGroup, BigInteger, Field};
use proptest::prelude::*;

fn limit(modulus: BigInt<4>, offset: i8) -> [u8; 32] {
    let mut value = modulus;
    match offset {
        -1 => {
            value.sub_with_borrow(&BigInt::from(1u64));
        }
        1 => {
            value.add_with_carry(&BigInt::from(1u64));
        }
        _ => {}
    }
    limbs_to_bytes(&value.0)
}

#[test]
fn only_integers_below_the_modulus_decode() {
    assert_eq!(fr_from_bytes(&limit(Fr::MODULUS, -1)), Some(-Fr::ONE));
    assert_eq!(fr_from_bytes(&limit(Fr::MODULUS, 0)), None);
    assert_eq!(fr_from_bytes(&limit(Fr::MODULUS, 1)), None);
    assert_eq!(fr_from_bytes(&[0xff; 32]), None);
    assert_eq!(scalar_from_bytes(&limit(Scalar::MODULUS, -1)), Some(-Scalar::ONE));
    assert_eq!(scalar_from_bytes(&limit(Scalar::MODULUS, 0)), None);
    assert_eq!(scalar_from_bytes(&limit(Scalar::MODULUS, 1)), None);
    assert_eq!(scalar_from_bytes(&[0xff; 32]), None);
}

#[test]
fn encodings_are_big_endian() {
    let mut bytes = [0; 32];
    bytes[30] = 1;
    bytes[31] = 2;
    assert_eq!(fr_from_bytes(&bytes), Some(Fr::from(258u64)));
    assert_eq!(fr_to_bytes(&Fr::from(258u64)), bytes);
    assert_eq!(scalar_from_bytes(&bytes), Some(Scalar::from(258u64)));
    assert_eq!(scalar_to_bytes(&Scalar::from(258u64)), bytes);
    assert_eq!(fr_to_bytes(&Fr::ZERO), [0; 32]);
}

#[test]
fn limbs_of_31_bytes() {
    let boundary = Fr::from(2u64).pow([248]);
    assert_eq!(limb31_from_bytes(&[0xff; 31]), boundary - Fr::ONE);
    assert_eq!(limb31_to_bytes(&(boundary - Fr::ONE)), Some([0xff; 31]));
    assert_eq!(limb31_to_bytes(&boundary), None);
    assert_eq!(limb31_to_bytes(&-Fr::ONE), None);
    assert_eq!(low248(&boundary), [0; 31]);
    assert_eq!(low248(&(boundary + Fr::from(5u64)))[30], 5);
    assert_eq!(low248(&-Fr::ONE), fr_to_bytes(&-Fr::ONE)[1..]);
}

#[test]
fn packing_pads_the_last_limb() {
    assert!(pack24(&[]).is_empty());
    assert_eq!(pack24(&[1]), [Fr::from(1u64)]);
    assert_eq!(pack24(&[0, 1]), [Fr::from(256u64)]);
    let mut bytes = [0u8; 25];
    bytes[23] = 1;
    bytes[24] = 7;
    assert_eq!(pack24(&bytes), [Fr::from(2u64).pow([184]), Fr::from(7u64)]);
    assert_eq!(pack24(&[0xff; 24]), [Fr::from(2u64).pow([192]) - Fr::ONE]);
}

proptest! {
    #[test]
    fn a_decoded_element_encodes_to_the_same_bytes(bytes in prop::array::uniform32(any::<u8>())) {
        let mut low = bytes;
        low[0] &= 0x3f;
        if let Some(a) = fr_from_bytes(&low) {
            prop_assert_eq!(fr_to_bytes(&a), low);
        }
        low[0] &= 0x07;
        if let Some(a) = scalar_from_bytes(&low) {
            prop_assert_eq!(scalar_to_bytes(&a), low);
        }
    }

    #[test]
    fn packing_is_the_integer_of_each_chunk(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let expected: Vec<Fr> = bytes.chunks(24).map(Fr::from_le_bytes_mod_order).collect();
        prop_assert_eq!(pack24(&bytes), expected);
    }

    #[test]
    fn limbs_return(bytes in prop::collection::vec(any::<u8>(), 31)) {
        let bytes: [u8; 31] = bytes.try_into().unwrap();
        let a = limb31_from_bytes(&bytes);
        prop_assert_eq!(limb31_to_bytes(&a), Some(bytes));
        prop_assert_eq!(low248(&a), bytes);
    }
}

#[test]
fn seeded_elements_return() {
    for i in 0..200 {
        let a = fr("field", i);
        assert_eq!(fr_from_bytes(&fr_to_bytes(&a)), Some(a));
        assert_eq!(
            limbs_to_bytes(&limbs_from_bytes(&bytes32("field", i))),
            bytes32("field", i)
        );
    }
}
