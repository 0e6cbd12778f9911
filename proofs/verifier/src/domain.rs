//! The rows as powers of a root of unity: `omega^i` for row `i`, `omega^n = 1`, `n = 2^k`.

use crate::error::Error;
use ark_ff::{AdditiveGroup, Field, MontFp, batch_inversion};
use playfair_types::Fr;

/// `7^((r - 1) / 2^28)`: halo2's root of unity of order `2^28`. (arkworks' own comes from the generator 5.)
const ROOT: Fr = MontFp!("1748695177688661943023146337482803886740723238769601073607632802312037301404");
/// The root's order is two to this.
pub(crate) const TWO_ADICITY: u8 = 28;

/// The rows of a circuit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Domain {
    omega: Fr,
    omega_inverse: Fr,
    n: u64,
    n_inverse: Fr,
}

impl Domain {
    /// `2^k` rows; `None` when there is no such root.
    pub(crate) fn new(k: u8) -> Option<Self> {
        let squarings = TWO_ADICITY.checked_sub(k)?;
        let omega = (0..squarings).fold(ROOT, |root, _| root.square());
        let n = 1u64.checked_shl(u32::from(k))?;
        Some(Self {
            omega,
            omega_inverse: omega.inverse()?,
            n,
            n_inverse: Fr::from(n).inverse()?,
        })
    }

    /// How many rows.
    pub(crate) fn n(&self) -> u64 {
        self.n
    }

    /// `x omega^rotation`.
    pub(crate) fn rotate(&self, x: Fr, rotation: i8) -> Fr {
        let base = if rotation < 0 {
            self.omega_inverse
        } else {
            self.omega
        };
        x * base.pow([u64::from(rotation.unsigned_abs())])
    }

    /// `x^n`.
    pub(crate) fn power(&self, x: Fr) -> Fr {
        let mut power = x;
        let mut left = self.n;
        while left > 1 {
            power.square_in_place();
            left >>= 1;
        }
        power
    }

    /// The value at `z` of the polynomial that is `values` on the first rows and zero on the others.
    ///
    /// `sum values_i L_i(z)` with `L_i(z) = omega^i (z^n - 1) / (n (z - omega^i))`.
    ///
    /// # Errors
    /// [`Error::Challenge`] when `z` is a row itself.
    pub(crate) fn evaluate(&self, values: &[Fr], z: Fr) -> Result<Fr, Error> {
        let mut rows = alloc::vec::Vec::with_capacity(values.len());
        let mut row = Fr::ONE;
        for _ in values {
            rows.push(row);
            row *= self.omega;
        }
        let mut inverses: alloc::vec::Vec<Fr> = rows.iter().map(|row| z - row).collect();
        batch_inversion(&mut inverses);
        if inverses.contains(&Fr::ZERO) {
            return Err(Error::Challenge);
        }
        let terms = values.iter().zip(&rows).zip(&inverses);
        let sum: Fr = terms.map(|((value, row), inverse)| *value * row * inverse).sum();
        Ok(sum * (self.power(z) - Fr::ONE) * self.n_inverse)
    }
}
