//! A history proven whole: cut as `playfair prove` cuts, and every proof verified by halo2's verifier and by ours.

use crate::chess::Keys;
use crate::history::Step;
use crate::meter::Meter;
use crate::process;
use playfair_node::prove::cut::{Cut, cut};
use playfair_proofs_prover::fast::Watch;
use playfair_proofs_prover::halo2;
use playfair_proofs_prover::module::Proof;
use playfair_proofs_verifier::{Claim, Key, Trust, verify, verify_batch};
use playfair_types::crypto::field::Fr;
use std::time::{Duration, Instant};

/// A segment, proven and verified twice.
#[derive(Clone, Debug)]
pub struct Proven {
    /// What it is.
    pub cut: Cut,
    /// Its proof.
    pub proof: Proof,
    /// Time of halo2's verifier.
    pub halo2: Duration,
    /// Time of ours.
    pub ours: Duration,
}

impl Proven {
    /// From the segment to its proof.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.proof.trace + self.proof.assign + self.proof.prove
    }
}

/// A whole history.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Finding where to cut.
    pub cutting: Duration,
    /// The segments, in order.
    pub segments: Vec<Proven>,
    /// Processor time of all that, verification included; `None` where it is not known.
    pub cpu: Option<Duration>,
}

impl Whole {
    /// Cutting and proving.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.cutting + self.segments.iter().map(Proven::time).sum::<Duration>()
    }

    /// Rows that do something.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.segments.iter().map(|segment| segment.cut.rows).sum()
    }

    /// Bytes of all proofs.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.segments
            .iter()
            .map(|segment| segment.proof.envelope.proof.len())
            .sum()
    }
}

/// The key as our verifier has it.
///
/// # Panics
/// When the prover's key does not suit it.
#[must_use]
pub fn verifier(keys: &Keys) -> Key<'_> {
    let prover = &keys.prover;
    Key::new(&prover.constraints, &prover.vk, Trust::InsecureDevelopmentToo).expect("a key")
}

/// Whether both verifiers accept a proof.
///
/// # Panics
/// When they do not agree.
#[must_use]
pub fn accepted(keys: &Keys, key: &Key<'_>, instance: &[Fr], proof: &[u8]) -> bool {
    let ours = verify(key, instance, proof).is_ok();
    let halo2 = halo2::verify(&keys.params, keys.prover.key().vk(), instance, proof);
    assert_eq!(ours, halo2, "the verifiers disagree");
    ours
}

/// Proves a history and verifies each proof twice, and that each begins where the one before it ends. Writes nothing: it can be
/// interrupted at any time.
///
/// # Panics
/// When a block has no proof, or a verifier refuses one.
#[must_use]
pub fn prove(keys: &Keys, steps: &[Step], chain_id: Fr) -> Whole {
    let (begin, before) = (Instant::now(), process::cpu());
    let cuts = cut(&keys.prover, steps, chain_id).unwrap_or_else(|error| panic!("{error:#}"));
    let cutting = begin.elapsed();
    let key = verifier(keys);
    let meter = Meter::new(cuts.len(), cuts.iter().map(|cut| cut.rows).sum());
    let mut segments: Vec<Proven> = Vec::new();
    for cut in cuts {
        let progress = |stage| meter.stage(cut.rows, stage);
        let watch = Watch {
            cancel: None,
            progress: Some(&progress),
        };
        let proof = cut
            .prove(&keys.prover, steps, chain_id, &watch)
            .unwrap_or_else(|error| panic!("{error:#}"));
        meter.segment(&cut, proof.trace + proof.assign + proof.prove);
        if let Some(before) = segments.last() {
            let inputs = &before.proof.envelope.inputs;
            assert!(inputs.chains_to(&proof.envelope.inputs), "a gap between segments");
        }
        segments.push(verified(keys, &key, cut, proof));
    }
    meter.clear();
    Whole {
        cutting,
        segments,
        cpu: process::cpu().zip(before).map(|(after, before)| after - before),
    }
}

fn verified(keys: &Keys, key: &Key<'_>, cut: Cut, proof: Proof) -> Proven {
    let instances = proof.envelope.inputs.to_fields();
    let bytes = &proof.envelope.proof;
    let start = Instant::now();
    let accepted = halo2::verify(&keys.params, keys.prover.key().vk(), &instances, bytes);
    let halo2 = start.elapsed();
    assert!(accepted, "halo2's verifier refuses the proof of {cut:?}");
    let start = Instant::now();
    let verdict = verify(key, &instances, bytes);
    let ours = start.elapsed();
    assert_eq!(verdict, Ok(()), "our verifier, and the proof of {cut:?}");
    Proven {
        cut,
        proof,
        halo2,
        ours,
    }
}

/// Verifies `count` proofs with one pairing, and says how long it took. With fewer segments than that, they come again from
/// the first; the verifier does not notice, and does all the work again.
///
/// # Panics
/// When it refuses.
#[must_use]
pub fn verify_together(keys: &Keys, segments: &[Proven], count: usize) -> Duration {
    let key = verifier(keys);
    let instances: Vec<_> = segments
        .iter()
        .map(|segment| segment.proof.envelope.inputs.to_fields())
        .collect();
    let claims: Vec<Claim<'_>> = segments
        .iter()
        .zip(&instances)
        .map(|(segment, instances)| Claim {
            key: &key,
            instances,
            proof: &segment.proof.envelope.proof,
        })
        .cycle()
        .take(count)
        .collect();
    let start = Instant::now();
    let verdict = verify_batch(&claims);
    assert_eq!(verdict, Ok(()), "our verifier, and {count} proofs together");
    start.elapsed()
}
