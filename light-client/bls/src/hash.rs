//! Hashing to G1 and G2 as RFC 9380 does: `BLS12381G1_XMD:SHA-256_SSWU_RO_` and `BLS12381G2_XMD:SHA-256_SSWU_RO_`.
//!
//! Two field elements come from SHA-256 (expand_message_xmd), each goes through the simplified SWU map of the curve that
//! is isogenous to the group's (of degree 11 for G1, 3 for G2) and through the isogeny (both arkworks'), and the sum is
//! brought into the subgroup (times `1 - x` in G1; by Budroni and Pintore's method, eprint 2017/419, in G2).
//! The time depends on the message, which is public.

use ark_bls12_381::{Fq, Fq2, G1Affine, G2Affine, g1, g2};
use ark_ec::hashing::curve_maps::wb::WBMap;
use ark_ec::hashing::map_to_curve_hasher::MapToCurve;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::PrimeField;
use sha2::{Digest, Sha256};

/// The domain of the committee's signatures: G1, with keys whose possession is proven where keys are added, which is
/// not here.
const DOMAIN_G1: &[u8; 43] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";

/// The domain of Ethereum's signatures: G2, with keys whose possession was proven when they were deposited.
const DOMAIN_G2: &[u8; 43] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// The point of the subgroup of G1 that stands for a message.
pub(crate) fn hash_to_g1(message: &[u8]) -> G1Affine {
    g1_under(message, DOMAIN_G1)
}

/// The point of the subgroup of G2 that stands for a message.
pub(crate) fn hash_to_g2(message: &[u8]) -> G2Affine {
    g2_under(message, DOMAIN_G2)
}

fn g1_under<const N: usize>(message: &[u8], domain: &[u8; N]) -> G1Affine {
    let bytes: [u8; 128] = expand(message, domain);
    let (first, second) = bytes.split_at(64);
    (map_g1(first) + map_g1(second)).into_affine().clear_cofactor()
}

fn g2_under<const N: usize>(message: &[u8], domain: &[u8; N]) -> G2Affine {
    let bytes: [u8; 256] = expand(message, domain);
    let (first, second) = bytes.split_at(128);
    (map_g2(first) + map_g2(second)).into_affine().clear_cofactor()
}

/// A point of the curve for 64 uniformly random bytes.
fn map_g1(bytes: &[u8]) -> G1Affine {
    let element = Fq::from_be_bytes_mod_order(bytes);
    // The map is defined everywhere: the fallback is never taken.
    WBMap::<g1::Config>::map_to_curve(element).unwrap_or_else(|_| G1Affine::identity())
}

/// A point of the twist for 128 uniformly random bytes, 64 for each coordinate of the field element.
fn map_g2(bytes: &[u8]) -> G2Affine {
    let (c0, c1) = bytes.split_at(64);
    let element = Fq2::new(Fq::from_be_bytes_mod_order(c0), Fq::from_be_bytes_mod_order(c1));
    // As above.
    WBMap::<g2::Config>::map_to_curve(element).unwrap_or_else(|_| G2Affine::identity())
}

/// `expand_message_xmd` of RFC 9380, section 5.3.1, with SHA-256, to as many bytes as are asked for, in blocks of 32.
fn expand<const N: usize, const LENGTH: usize>(message: &[u8], domain: &[u8; N]) -> [u8; LENGTH] {
    const { assert!(N > 0 && N < 256, "a longer domain would have to be hashed first") };
    const {
        assert!(
            LENGTH.is_multiple_of(32) && LENGTH <= 255 * 32,
            "whole blocks, as many as one byte counts"
        )
    };
    // One byte: N is below 256. Two bytes: LENGTH is below 2^16.
    let domain_length = N.to_le_bytes().first().copied().unwrap_or_default();
    let length = u16::try_from(LENGTH).unwrap_or_default();
    let first: [u8; 32] = Sha256::new()
        .chain_update([0; 64])
        .chain_update(message)
        .chain_update(length.to_be_bytes())
        .chain_update([0])
        .chain_update(domain)
        .chain_update([domain_length])
        .finalize()
        .into();
    let mut bytes = [0; LENGTH];
    let mut before = [0; 32];
    for (block, number) in bytes.as_chunks_mut::<32>().0.iter_mut().zip(1u8..) {
        for (byte, other) in before.iter_mut().zip(first) {
            *byte ^= other;
        }
        before = Sha256::new()
            .chain_update(before)
            .chain_update([number])
            .chain_update(domain)
            .chain_update([domain_length])
            .finalize()
            .into();
        *block = before;
    }
    bytes
}

#[cfg(test)]
mod tests;
