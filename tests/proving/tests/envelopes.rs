//! True proofs under other statements, in another order, under other keys: what somebody who has proofs can try.

mod common;

use common::game::{Game, ILLEGAL};
use common::{Made, ends};
use playfair_node::prove::KEY_FILE;
use playfair_node::setup::Choice;
use playfair_node::verify::verify as verify_folder;
use playfair_proofs_prover::fast::Committer;
use playfair_proofs_prover::halo2;
use playfair_proofs_prover::module::{Prover, Shape};
use playfair_proofs_prover::setup::insecure_development;
use playfair_proofs_verifier::{Claim, Error, Key, Trust, verify, verify_batch};
use playfair_proving::chess::{self, Keys};
use playfair_proving::game::{accepted, verifier};
use playfair_types::Encode;
use playfair_types::account::L1Address;
use playfair_types::crypto::field::Fr;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::hash::absorb;
use playfair_types::receipt::{Invalid, Outcome};
use playfair_types::vk::{Setup, VerifyingKey};
use std::path::PathBuf;
use std::sync::Arc;

/// A folder of proofs, as `playfair prove` writes it; gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("playfair-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    /// What `playfair verify` prints of these proofs under this key, or why it refuses.
    fn says(&self, vk: &VerifyingKey, proofs: &[&ProofEnvelope]) -> Result<String, String> {
        for file in std::fs::read_dir(&self.0).expect("the folder") {
            std::fs::remove_file(file.expect("a file").path()).expect("removed");
        }
        std::fs::write(self.0.join(KEY_FILE), vk.encode()).expect("written");
        for (number, proof) in proofs.iter().enumerate() {
            let file = self.0.join(format!("{number:04}.proof"));
            std::fs::write(file, proof.encode()).expect("written");
        }
        let mut text = Vec::new();
        match verify_folder(&self.0, &Choice::Insecure { cache: None }, &mut text) {
            Ok(()) => Ok(String::from_utf8_lossy(&text).into_owned()),
            Err(error) => Err(format!("{error:#}")),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A game's first three blocks of moves: one move; an illegal one and then a legal one; a move that is White's, signed by
/// White or by the opponent.
fn blocks(forged: bool) -> Vec<Made> {
    let mut game = Game::begun(0);
    let (white, black, chain_id) = (&game.white, &game.black, game.chain_id);
    let signer = if forged { black } else { white };
    let blocks = [
        vec![white.sign(chain_id, Game::play(white, 1, Game::recorded(0)))],
        vec![
            black.sign(chain_id, Game::play(black, 1, ILLEGAL)),
            black.sign(chain_id, Game::play(black, 2, Game::recorded(1))),
        ],
        vec![signer.sign(chain_id, Game::play(white, 2, Game::recorded(2)))],
    ];
    let made: Vec<Made> = blocks.iter().map(|calls| game.block(calls)).collect();
    let last = match forged {
        true => Outcome::Invalid(Invalid::Signature),
        false => Outcome::Ok,
    };
    let outcomes: Vec<_> = made.iter().map(Made::outcomes).collect();
    assert_eq!(
        outcomes,
        [
            vec![Outcome::Ok],
            vec![Outcome::Reverted, Outcome::Ok],
            vec![last]
        ]
    );
    made
}

#[test]
fn three_segments_are_taken_in_their_order_and_as_they_are() {
    let keys = chess::keys();
    let made = blocks(true);
    let envelopes: Vec<_> = made.iter().map(|made| made.proven(keys)).collect();
    order(keys, &envelopes);
    batches(keys, &envelopes);
    for (made, envelope) in made.iter().zip(&envelopes) {
        statements(keys, made, envelope);
    }
    other_keys(keys, &envelopes[0]);
    wrong_signer(keys, &made[2], &envelopes[2]);
}

/// Dropped, repeated and exchanged segments.
fn order(keys: &Keys, envelopes: &[ProofEnvelope]) {
    let folder = Folder::new("order");
    let says = |places: &[usize]| {
        let proofs: Vec<_> = places.iter().map(|place| &envelopes[*place]).collect();
        folder.says(&keys.prover.vk, &proofs)
    };
    let all = says(&[0, 1, 2]).expect("all three");
    assert!(
        all.contains("valid: 3 proof(s)") && all.contains("height       2 to 5"),
        "{all}"
    );
    for places in [
        &[0, 2][..],
        &[0, 0, 1, 2],
        &[0, 1, 1, 2],
        &[0, 1, 2, 2],
        &[1, 0, 2],
        &[0, 2, 1],
        &[2, 1, 0],
        &[1, 2, 0],
    ] {
        let words = says(places).expect_err("another order");
        assert!(
            words.contains("does not start where the proof before it ends"),
            "{places:?}: {words}"
        );
        let chained = places
            .windows(2)
            .all(|pair| envelopes[pair[0]].inputs.chains_to(&envelopes[pair[1]].inputs));
        assert!(!chained, "{places:?}");
    }
    // Without the first or the last it is a history too, and says of which blocks: whoever asks compares both ends.
    for (places, heights) in [(&[1, 2], "3 to 5"), (&[0, 1], "2 to 4")] {
        let text = says(places).expect("a shorter history");
        assert!(text.contains(&format!("height       {heights}")), "{text}");
    }
    assert!(says(&[]).expect_err("nothing").contains("there is no proof"));
}

/// Many proofs at once: one that is wrong spoils the batch.
fn batches(keys: &Keys, envelopes: &[ProofEnvelope]) {
    let key = verifier(keys);
    let instances: Vec<_> = envelopes
        .iter()
        .map(|envelope| envelope.inputs.to_fields())
        .collect();
    let batch = |pairs: &[(usize, usize)]| {
        let claims = pairs.iter().map(|(statement, proof)| Claim {
            key: &key,
            instances: &instances[*statement],
            proof: &envelopes[*proof].proof,
        });
        verify_batch(&claims.collect::<Vec<_>>())
    };
    assert_eq!(batch(&[(0, 0), (1, 1), (2, 2)]), Ok(()));
    assert_eq!(batch(&[(0, 1), (1, 0), (2, 2)]), Err(Error::Refused));
    assert_eq!(batch(&[(0, 0), (1, 1), (2, 1)]), Err(Error::Refused));
}

/// A true proof with a statement that is not its own.
fn statements(keys: &Keys, made: &Made, envelope: &ProofEnvelope) {
    let key = verifier(keys);
    let folder = Folder::new("statements");
    let instance = envelope.inputs.to_fields();
    assert!(accepted(keys, &key, &instance, &envelope.proof));
    for place in 0..instance.len() {
        for by in [Fr::from(1u64), -Fr::from(1u64)] {
            let mut other = instance;
            other[place] += by;
            assert!(
                !accepted(keys, &key, &other, &envelope.proof),
                "public input {place}"
            );
        }
    }
    for short in [&instance[..30], &[&instance[..], &[Fr::from(0u64)]].concat()] {
        assert!(!accepted(keys, &key, short, &envelope.proof));
    }

    let mut lies = Vec::new();
    let mut lie = |name: &'static str, change: &dyn Fn(&mut ProofEnvelope)| {
        let mut other = envelope.clone();
        change(&mut other);
        lies.push((name, other));
    };
    lie("payout", &|it| it.inputs.payout = L1Address([8; 20]));
    lie("another chain", &|it| {
        it.inputs.chain_id = Game::begun(1).chain_id
    });
    lie("more work", &|it| it.inputs.work += 1_000);
    lie("no work", &|it| it.inputs.work = 0);
    lie("the old state", &|it| {
        it.inputs.after.state_root = it.inputs.before.state_root
    });
    lie("the time before", &|it| {
        it.inputs.after.time_ms = it.inputs.before.time_ms;
    });
    lie("other randomness", &|it| it.inputs.after.randomness[30] ^= 1);
    lie("a consumed inbox", &|it| it.inputs.after.inbox_records += 1);
    lie("another module's keys", &|it| {
        it.inputs.after.vk_set_root += Fr::from(1u64)
    });
    for (call, outcome) in made.outcomes().into_iter().enumerate() {
        let claimed = match outcome {
            Outcome::Ok => Outcome::Reverted,
            _ => Outcome::Ok,
        };
        let segment = made.claiming(call, claimed);
        lie("another outcome", &|it| it.inputs = segment.inputs);
    }
    for (name, lie) in &lies {
        // The old state is the new one where nothing was done.
        if lie != envelope {
            assert!(
                !accepted(keys, &key, &lie.inputs.to_fields(), &lie.proof),
                "{name}"
            );
            let words = folder.says(&keys.prover.vk, &[lie]).expect_err(name);
            assert!(words.contains("not valid"), "{name}: {words}");
        }
    }
}

/// A true proof under keys that are not its own.
fn other_keys(keys: &Keys, envelope: &ProofEnvelope) {
    let folder = Folder::new("keys");
    let instance = envelope.inputs.to_fields();
    let under = |vk: &VerifyingKey, what: &str| {
        let key = Key::new(&keys.prover.constraints, vk, Trust::InsecureDevelopmentToo).expect("a key");
        assert!(verify(&key, &instance, &envelope.proof).is_err(), "{what}");
        let words = folder.says(vk, &[envelope]).expect_err(what);
        assert!(words.contains("is for another verifying key"), "{what}: {words}");
        let relabelled = ProofEnvelope {
            vk: vk.digest(),
            ..envelope.clone()
        };
        let words = folder.says(vk, &[&relabelled]).expect_err(what);
        assert!(words.contains("not valid"), "{what}: {words}");
    };

    // Another module's of the same shape, and the same module's of the next.
    let ends = ends::keys();
    assert_eq!(ends.prover.shape, keys.prover.shape);
    under(&ends.prover.vk, "another module's key");
    assert!(!halo2::verify(
        &ends.params,
        ends.prover.key().vk(),
        &instance,
        &envelope.proof
    ));
    let shape = Shape::ALL[1];
    let params = insecure_development(shape.k, None).expect("a setup");
    let committer = Arc::new(Committer::new(&params));
    let larger =
        Prover::new(keys.module.clone(), shape, committer, Setup::InsecureDevelopment).expect("keys");
    under(&larger.vk, "a larger shape's key");
    assert!(!halo2::verify(
        &params,
        larger.key().vk(),
        &instance,
        &envelope.proof
    ));

    // The right one with a part of another: each commitment, the state of the transcript, the number of rows.
    let vk = &keys.prover.vk;
    for place in 0..vk.fixed.len() {
        let mut other = vk.clone();
        other.fixed[place] = other.fixed[place].map(|(x, y)| (x, -y));
        if other == *vk {
            other.fixed[place] = vk.fixed[(place + 1) % vk.fixed.len()];
        }
        under(&other, &format!("commitment {place} negated"));
        let mut other = vk.clone();
        other.fixed[place] = ends.prover.vk.fixed[place];
        if other != *vk {
            under(&other, &format!("commitment {place} of another module"));
        }
    }
    let mut other = vk.clone();
    other.transcript += Fr::from(1u64);
    under(&other, "another transcript");
    let mut other = vk.clone();
    other.k += 1;
    under(&other, "more rows");

    // A key that only says that it is another module's.
    let mut other = vk.clone();
    other.module = ends.module.hash;
    let mut relabelled = envelope.clone();
    relabelled.vk = other.digest();
    let words = folder.says(&other, &[&relabelled]).expect_err("another module");
    assert!(words.contains("the key is for another module"), "{words}");
    relabelled.inputs.before.module = other.module;
    relabelled.inputs.after.module = other.module;
    let words = folder.says(&other, &[&relabelled]).expect_err("another module");
    assert!(words.contains("not valid"), "{words}");
}

/// A call that the opponent signed, shown as the move that it would have been.
fn wrong_signer(keys: &Keys, invalid: &Made, envelope: &ProofEnvelope) {
    // The same history, but for that signature.
    let made = blocks(false);
    let honest = &made[2];
    assert_eq!(honest.step.before, invalid.step.before);

    // The forged tape with the honest result, as far as it can be told: state, work, and receipts that fit the tape.
    let mut forged = invalid.segment.clone();
    forged.inputs.work = honest.segment.inputs.work;
    forged.inputs.after.state_root = honest.step.after.state_root;
    let receipts = honest
        .block
        .applied
        .iter()
        .zip(&invalid.block.applied)
        .map(|(good, bad)| {
            let mut receipt = good.receipt;
            receipt.tape = bad.receipt.tape;
            receipt
        });
    forged.inputs.after.receipts = receipts.fold(invalid.step.before.receipts, |sum, receipt| {
        absorb(sum, &receipt.elements())
    });
    let key = verifier(keys);
    assert!(!accepted(keys, &key, &forged.inputs.to_fields(), &envelope.proof));
    assert!(!invalid.has_trace(keys, &forged), "its own state");
    assert!(!honest.has_trace(keys, &forged), "the honest state");
    assert!(honest.has_trace(keys, &honest.segment));
    // Nor does the honest tape lead to the forged one's accumulator.
    let mut swapped = honest.segment.clone();
    swapped.inputs.after.tape = invalid.step.after.tape;
    assert!(!honest.has_trace(keys, &swapped));
}
