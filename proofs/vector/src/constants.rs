//! What the field's modulus becomes in limbs of 52 bits, and single elements between both Montgomery forms.
//!
//! arkworks keeps `x` as `x 2^256`, the vector instructions want `x 2^260`, five limbs.

use crate::Element;
use ark_ff::{BigInt, MontConfig};

/// The bits of a limb.
pub(crate) const MASK: u64 = (1 << 52) - 1;

/// Four words as five limbs of 52 bits (48 in the last one).
pub(crate) const fn split(words: &[u64; 4]) -> [u64; 5] {
    let [a, b, c, d] = *words;
    [
        a & MASK,
        (a >> 52 | b << 12) & MASK,
        (b >> 40 | c << 24) & MASK,
        (c >> 28 | d << 36) & MASK,
        d >> 16,
    ]
}

/// `2 x` modulo `p`, for `x < p < 2^255`.
const fn doubled(x: [u64; 4], p: [u64; 4]) -> [u64; 4] {
    let twice = shifted(x);
    let mut result = [0; 4];
    let mut borrow = false;
    let mut i = 0;
    while i < 4 {
        let (low, first) = twice[i].overflowing_sub(p[i]);
        let (low, second) = low.overflowing_sub(borrow as u64);
        result[i] = low;
        borrow = first || second;
        i += 1;
    }
    if borrow { twice } else { result }
}

/// `2 x` for `x < 2^255`.
const fn shifted(x: [u64; 4]) -> [u64; 4] {
    [
        x[0] << 1,
        x[1] << 1 | x[0] >> 63,
        x[2] << 1 | x[1] >> 63,
        x[3] << 1 | x[2] >> 63,
    ]
}

/// `2^exponent` modulo `p`.
const fn power_of_two(exponent: u32, p: [u64; 4]) -> [u64; 4] {
    let mut x = [1, 0, 0, 0];
    let mut i = 0;
    while i < exponent {
        x = doubled(x, p);
        i += 1;
    }
    x
}

/// The modulus in limbs, and factors.
pub(crate) struct Limbs<T>(std::marker::PhantomData<T>);

impl<T: MontConfig<4>> Limbs<T> {
    /// The modulus must leave six bits of the 260 free.
    const CHECK: () = assert!(T::MODULUS.0[3] >> 62 == 0);
    /// `p`.
    pub(crate) const P: [u64; 5] = {
        let () = Self::CHECK;
        split(&T::MODULUS.0)
    };
    /// `2 p` in words.
    pub(crate) const TWICE: [u64; 4] = shifted(T::MODULUS.0);
    /// `2 p`.
    pub(crate) const P2: [u64; 5] = split(&Self::TWICE);
    /// `-1/p` modulo `2^52`.
    pub(crate) const INVERSE: u64 = {
        let p = T::MODULUS.0[0];
        let mut inverse = 1u64;
        let mut i = 0;
        while i < 6 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(inverse)));
            i += 1;
        }
        inverse.wrapping_neg() & MASK
    };
    /// `x 2^256` times this, divided by `2^260`, is `x 2^260`.
    pub(crate) const ENTER: [u64; 5] = split(&power_of_two(264, T::MODULUS.0));
    /// `x 2^260` times this, divided by `2^260`, is `x 2^256`.
    pub(crate) const LEAVE: [u64; 5] = split(&power_of_two(256, T::MODULUS.0));
    /// `2^264`, as arkworks keeps it.
    const TWICE_ENTERED: BigInt<4> = BigInt::new(power_of_two(520, T::MODULUS.0));
    /// `1/16`, as arkworks keeps it.
    const SIXTEENTH: BigInt<4> = BigInt::new(power_of_two(252, T::MODULUS.0));
}

/// `x 2^260`, canonical.
pub(crate) fn to_radix_52<T: MontConfig<4>>(x: &Element<T>) -> [u64; 4] {
    (0..4).fold(*x, |x, _| x + x).0.0
}

/// `x 2^520`, canonical: what is `x 2^260` after it has been divided by `2^260` like a product.
pub(crate) fn to_radix_52_twice<T: MontConfig<4>>(x: &Element<T>) -> [u64; 4] {
    let factor = Element::<T>::new_unchecked(Limbs::<T>::TWICE_ENTERED);
    (*x * factor).0.0
}

/// The inverse of [`to_radix_52`], for values below `2 p`.
pub(crate) fn from_radix_52<T: MontConfig<4>>(words: &[u64; 4]) -> Element<T> {
    let mut value = BigInt::new(*words);
    if value >= T::MODULUS {
        ark_ff::BigInteger::sub_with_borrow(&mut value, &T::MODULUS);
    }
    Element::<T>::new_unchecked(value) * Element::<T>::new_unchecked(Limbs::<T>::SIXTEENTH)
}
