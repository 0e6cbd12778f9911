//! One digest over samples of every format and over the cryptography, for comparing targets.

use crate::random::Random;
use crate::{samples, targets};
use playfair_types::crypto::eddsa::{SecretKey, verify, verify_each};
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::crypto::poseidon::{poseidon2, poseidon5};
use playfair_types::vk::VkSet;
use playfair_types::{Encode, Fr};

/// The digest that every target must make.
pub const COMMITTED: &str = include_str!("../../fixtures/cross-target.txt");

const ROUNDS: u64 = 20;

/// The digest, hexadecimal: Poseidon over all bytes, so that it needs nothing but what it tests.
#[must_use]
pub fn digest() -> String {
    let mut bytes = Vec::new();
    for target in targets::formats() {
        for seed in 0..ROUNDS {
            let sample = (target.sample)(&mut Random::new(seed));
            assert!(
                target.name == "signature" || (target.check)(&sample),
                "{} at seed {seed}",
                target.name
            );
            bytes.extend(sample);
        }
    }
    let mut items = Vec::new();
    for seed in 0..ROUNDS {
        let mut random = Random::new(seed);
        let key = SecretKey::from_seed(&random.array());
        let message = samples::field(&mut random);
        let signature = key.sign(message);
        assert!(verify(key.public_key(), message, &signature).is_ok());
        bytes.extend(signature.to_bytes());
        bytes.extend(fr_to_bytes(&poseidon2(message, Fr::from(seed))));
        bytes.extend(fr_to_bytes(&poseidon5(&[message; 5])));
        // Every third signature is over another message.
        let claimed = if seed % 3 == 0 {
            message + Fr::from(1u64)
        } else {
            message
        };
        items.push((*key.public_key(), claimed, signature));
    }
    for (seed, result) in (0..ROUNDS).zip(verify_each(&items)) {
        assert_eq!(result.is_err(), seed % 3 == 0, "signature {seed} of the batch");
    }
    bytes.extend(VkSet::default().encode());
    let total = playfair_types::state::value_hash(&bytes);
    fr_to_bytes(&total)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
