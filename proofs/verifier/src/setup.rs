//! The setups' second points, `[s]` in G2: pinned, never taken from a key, a node or a proof.
//!
//! The insecure one is compiled in. A public Powers-of-Tau ceremony is pinned by whoever calls, as a chain does: by
//! the **digest** of `[s]`,
//!
//! `SHA-256("playfair/1/powers of tau on bn254" | x.c0 | x.c1 | y.c0 | y.c1)`, each coordinate 32 bytes, big-endian.
//!
//! `[s]` determines `s`, and `s` every power and every Lagrange basis: one digest names one ceremony for all sizes, however many
//! of its powers somebody has. It says nothing about who knows `s`: that the ceremony was held well is for its transcript to show.

use crate::error::Error;
use ark_bn254::{Fq, Fq2, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, MontFp, PrimeField};
use playfair_types::vk::Setup;
use sha2::{Digest, Sha256};

/// `[s]` of the insecure development setup. Its secret is derived from a public sentence by the prover crate,
/// whose tests compare.
const INSECURE_DEVELOPMENT: G2Affine = G2Affine::new_unchecked(
    Fq2::new(
        MontFp!("14362201241029935300636959489378044956126116197991761608273975747956018514224"),
        MontFp!("691992689089665670549999844500150855974792676432288014368319577788186393194"),
    ),
    Fq2::new(
        MontFp!("19245134302630924852079186865401780256258971664499322060268138815086728559274"),
        MontFp!("15153981266723122095248539894468218568483129027215306641534099979686668063749"),
    ),
);

/// What is hashed before `[s]`.
const DOMAIN: &[u8] = b"playfair/1/powers of tau on bn254";

/// `[s]` in G2 of `setup`, where this version pins it; that of a ceremony is the caller's to pin ([`Ceremony`]).
#[must_use]
pub fn secret_in_g2(setup: Setup) -> Option<G2Affine> {
    match setup {
        Setup::InsecureDevelopment => Some(INSECURE_DEVELOPMENT),
        Setup::PowersOfTau => None,
    }
}

/// A Powers-of-Tau ceremony: its `[s]`, in the subgroup and none that everybody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceremony {
    secret: G2Affine,
}

impl Ceremony {
    /// Bytes of `[s]`.
    pub const BYTES: usize = 128;

    /// Reads `[s]`: `x.c0 | x.c1 | y.c0 | y.c1`, 32 bytes each, big-endian, below the base field's modulus.
    ///
    /// # Errors
    /// [`Error::SetupPoint`].
    pub fn new(bytes: &[u8; Self::BYTES]) -> Result<Self, Error> {
        let (words, _) = bytes.as_chunks::<32>();
        let coordinate = |place: usize| {
            let word = words.get(place).ok_or(Error::SetupPoint("incomplete"))?;
            read(word).ok_or(Error::SetupPoint("not below the modulus"))
        };
        let x = Fq2::new(coordinate(0)?, coordinate(1)?);
        let y = Fq2::new(coordinate(2)?, coordinate(3)?);
        let secret = G2Affine::new_unchecked(x, y);
        // Its coordinates here are zeros.
        if secret.is_zero() {
            return Err(Error::SetupPoint("at infinity"));
        }
        if !secret.is_on_curve() {
            return Err(Error::SetupPoint("not on the curve"));
        }
        if !secret.is_in_correct_subgroup_assuming_on_curve() {
            return Err(Error::SetupPoint("not in the subgroup"));
        }
        // Of 1 and -1, and the sentence's.
        let known = [G2Affine::generator(), INSECURE_DEVELOPMENT];
        if known.iter().any(|point| secret == *point || secret == -*point) {
            return Err(Error::SetupPoint("of a secret that anybody knows"));
        }
        Ok(Self { secret })
    }

    /// Reads `[s]` and holds it against the pinned digest.
    ///
    /// # Errors
    /// [`Error::SetupPoint`], [`Error::SetupDigest`].
    pub fn pinned(bytes: &[u8; Self::BYTES], digest: &[u8; 32]) -> Result<Self, Error> {
        let ceremony = Self::new(bytes)?;
        if ceremony.digest() == *digest {
            Ok(ceremony)
        } else {
            Err(Error::SetupDigest)
        }
    }

    /// The digest that names the ceremony.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(DOMAIN)
            .chain_update(self.to_bytes())
            .finalize()
            .into()
    }

    /// `[s]`.
    pub fn secret_in_g2(&self) -> G2Affine {
        self.secret
    }

    /// `[s]` as [`Self::new`] reads it.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (x, y) = (&self.secret.x, &self.secret.y);
        let (words, _) = bytes.as_chunks_mut::<32>();
        for (word, coordinate) in words.iter_mut().zip([x.c0, x.c1, y.c0, y.c1]) {
            let (places, _) = word.as_chunks_mut::<8>();
            for (place, limb) in places.iter_mut().rev().zip(coordinate.into_bigint().0) {
                *place = limb.to_be_bytes();
            }
        }
        bytes
    }
}

/// A coordinate below the modulus.
fn read(word: &[u8; 32]) -> Option<Fq> {
    let mut limbs = [0; 4];
    let (places, _) = word.as_chunks::<8>();
    for (limb, place) in limbs.iter_mut().zip(places.iter().rev()) {
        *limb = u64::from_be_bytes(*place);
    }
    Fq::from_bigint(BigInt::new(limbs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{Fr, G2Projective};
    use ark_ec::CurveGroup;
    use ark_ec::short_weierstrass::SWCurveConfig;
    use ark_ff::{AdditiveGroup, Field};

    fn multiple(secret: u64) -> G2Affine {
        (G2Projective::from(G2Affine::generator()) * Fr::from(secret)).into_affine()
    }

    fn bytes(secret: G2Affine) -> [u8; 128] {
        Ceremony { secret }.to_bytes()
    }

    #[test]
    fn points_come_back_from_their_bytes_and_digests_name_them() {
        let (one, other) = (bytes(multiple(77)), bytes(multiple(78)));
        let ceremony = Ceremony::new(&one).unwrap();
        assert_eq!(ceremony.secret_in_g2(), multiple(77));
        assert_eq!(ceremony.to_bytes(), one);
        assert_eq!(Ceremony::pinned(&one, &ceremony.digest()), Ok(ceremony));
        assert_eq!(
            Ceremony::pinned(&other, &ceremony.digest()),
            Err(Error::SetupDigest)
        );
        let mut digest = ceremony.digest();
        digest[31] ^= 1;
        assert_eq!(Ceremony::pinned(&one, &digest), Err(Error::SetupDigest));
    }

    #[test]
    fn points_that_no_ceremony_ends_with_are_refused() {
        let refused = |bytes: &[u8; 128]| match Ceremony::new(bytes) {
            Err(Error::SetupPoint(why)) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&[0; 128]), "at infinity");
        assert_eq!(refused(&[0xff; 128]), "not below the modulus");
        let mut off = bytes(multiple(77));
        off[127] ^= 1;
        assert_eq!(refused(&off), "not on the curve");
        // The first point of the curve by its x; the subgroup is a tiny part of the curve.
        let outside = (0u64..)
            .find_map(|x| {
                let x = Fq2::new(Fq::from(x), Fq::ZERO);
                let y = (x.square() * x + ark_bn254::g2::Config::COEFF_B).sqrt()?;
                Some(G2Affine::new_unchecked(x, y))
            })
            .unwrap();
        assert!(outside.is_on_curve());
        assert_eq!(refused(&bytes(outside)), "not in the subgroup");
        for known in [multiple(1), INSECURE_DEVELOPMENT] {
            for known in [known, -known] {
                assert_eq!(refused(&bytes(known)), "of a secret that anybody knows");
            }
        }
        // The same point in other bytes.
        let mut wide = bytes(multiple(77));
        add_modulus(&mut wide);
        assert_eq!(refused(&wide), "not below the modulus");
    }

    /// Adds q to the first coordinate.
    fn add_modulus(bytes: &mut [u8; 128]) {
        let q: [u8; 32] = {
            let mut word = [0; 32];
            for (place, limb) in word.as_chunks_mut::<8>().0.iter_mut().rev().zip(Fq::MODULUS.0) {
                *place = limb.to_be_bytes();
            }
            word
        };
        let mut carry = 0u16;
        for place in (0..32).rev() {
            let sum = u16::from(bytes[place]) + u16::from(q[place]) + carry;
            (bytes[place], carry) = (sum as u8, sum >> 8);
        }
        assert_eq!(carry, 0);
    }
}
