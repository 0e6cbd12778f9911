//! Hashing to G1 as RFC 9380 does: `BLS12381G1_XMD:SHA-256_SSWU_RO_` under the domain of our signatures.
//!
//! Two field elements come from SHA-256 (expand_message_xmd), each goes through the simplified SWU map of the curve that
//! is 11-isogenous to G1's and through the isogeny (both arkworks'), and the sum times `1 - x` is in the subgroup.
//! The time depends on the message, which is public.

use ark_bls12_381::{Fq, G1Affine, g1};
use ark_ec::hashing::curve_maps::wb::WBMap;
use ark_ec::hashing::map_to_curve_hasher::MapToCurve;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::PrimeField;
use sha2::{Digest, Sha256};

/// The domain of the signatures: G1, with keys whose possession is proven where keys are added, which is not here.
const DOMAIN: &[u8; 43] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";

/// The point of the subgroup of G1 that stands for a message.
pub(crate) fn hash_to_g1(message: &[u8]) -> G1Affine {
    hash_under(message, DOMAIN)
}

fn hash_under<const N: usize>(message: &[u8], domain: &[u8; N]) -> G1Affine {
    let bytes = expand(message, domain);
    let (first, second) = bytes.split_at(64);
    (map(first) + map(second)).into_affine().clear_cofactor()
}

/// A point of the curve for 64 uniformly random bytes.
fn map(bytes: &[u8]) -> G1Affine {
    let element = Fq::from_be_bytes_mod_order(bytes);
    // The map is defined everywhere: the fallback is never taken.
    WBMap::<g1::Config>::map_to_curve(element).unwrap_or_else(|_| G1Affine::identity())
}

/// `expand_message_xmd` of RFC 9380, section 5.3.1, with SHA-256, to 128 bytes: four blocks.
fn expand<const N: usize>(message: &[u8], domain: &[u8; N]) -> [u8; 128] {
    const { assert!(N > 0 && N < 256, "a longer domain would have to be hashed first") };
    // One byte: N is below 256.
    let domain_length = N.to_le_bytes().first().copied().unwrap_or_default();
    let first: [u8; 32] = Sha256::new()
        .chain_update([0; 64])
        .chain_update(message)
        .chain_update(128u16.to_be_bytes())
        .chain_update([0])
        .chain_update(domain)
        .chain_update([domain_length])
        .finalize()
        .into();
    let mut bytes = [0; 128];
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
