//! The parameter generator of the Poseidon paper (appendix F of eprint 2019/458), for tests.
//!
//! An 80-bit linear feedback shift register seeded with the description of the instance; of
//! every two of its bits the second is output if the first is one.

use super::Fr;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use ark_ff::{BigInteger, Field, PrimeField};

pub(super) struct Grain {
    bits: VecDeque<bool>,
}

impl Grain {
    /// The generator for a prime field of 254 bits, the S-box `x^5`, and the given rounds.
    pub(super) fn new(width: u64, full_rounds: u64, partial_rounds: u64) -> Self {
        let mut bits = VecDeque::new();
        let parts = [
            (1, 2),
            (0, 4),
            (254, 12),
            (width, 12),
            (full_rounds, 10),
            (partial_rounds, 10),
            ((1 << 30) - 1, 30),
        ];
        for (value, length) in parts {
            for i in (0..length).rev() {
                bits.push_back((value >> i) & 1 == 1);
            }
        }
        let mut grain = Self { bits };
        for _ in 0..160 {
            grain.step();
        }
        grain
    }

    fn step(&mut self) -> bool {
        let bit = [62, 51, 38, 23, 13, 0]
            .iter()
            .fold(false, |acc, i| acc ^ self.bits[*i]);
        self.bits.pop_front();
        self.bits.push_back(bit);
        bit
    }

    fn bit(&mut self) -> bool {
        while !self.step() {
            self.step();
        }
        self.step()
    }

    /// 254 bits, most significant first.
    fn integer(&mut self) -> <Fr as PrimeField>::BigInt {
        let bits: Vec<bool> = (0..254).map(|_| self.bit()).collect();
        BigInteger::from_bits_be(&bits)
    }

    /// A round constant: integers that are not below the modulus are skipped.
    pub(super) fn element(&mut self) -> Fr {
        loop {
            if let Some(a) = Fr::from_bigint(self.integer()) {
                return a;
            }
        }
    }

    /// A number of the Cauchy matrix: reduced, not skipped.
    fn reduced(&mut self) -> Fr {
        Fr::from_le_bytes_mod_order(&self.integer().to_bytes_le())
    }

    /// The Cauchy matrix `1 / (x_i + y_j)`.
    pub(super) fn mds<const T: usize>(&mut self) -> [[Fr; T]; T] {
        let numbers: Vec<Fr> = (0..2 * T).map(|_| self.reduced()).collect();
        let (xs, ys) = numbers.split_at(T);
        core::array::from_fn(|i| core::array::from_fn(|j| (xs[i] + ys[j]).inverse().expect("distinct")))
    }
}
