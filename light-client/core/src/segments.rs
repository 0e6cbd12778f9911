//! Segments: validity proofs that follow each other, from before genesis to the proven tip.
//!
//! A segment is accepted when it is this chain's, begins in exactly the boundary in which the proven history ends, goes forward, and its
//! proof holds under a key of the set that is in force there: that of the anchors until the first upgrade, then the one that the upgrade
//! record brought, which is itself proven. The key must be for the module that ran; the circuit says so too.

use crate::anchors::Anchors;
use crate::keys::Keys;
use crate::lie::Lie;
use playfair_proofs_verifier::{Claim, verify_batch};
use playfair_types::Fr;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::segment::{Boundary, SEGMENT_FIELDS};
use std::collections::BTreeMap;

/// The root of the key set that is in force at a boundary.
#[must_use]
pub fn key_set_at(anchors: &Anchors, boundary: &Boundary) -> Fr {
    if boundary.vk_set_root == Fr::default() {
        anchors.vk_set_root
    } else {
        boundary.vk_set_root
    }
}

/// Checks that an envelope goes on where the proven history ends. Its proof is not looked at.
///
/// # Errors
/// [`Lie::OtherChain`], [`Lie::ProofGap`], [`Lie::ProofBefore`], [`Lie::ProofEmpty`].
pub fn follows(anchors: &Anchors, tip: &Boundary, envelope: &ProofEnvelope) -> Result<(), Lie> {
    let inputs = &envelope.inputs;
    if inputs.chain_id != anchors.chain_id {
        return Err(Lie::OtherChain("the proof"));
    }
    if inputs.before.tape.length != tip.tape.length {
        return Err(Lie::ProofGap {
            wanted: tip.tape.length,
            found: inputs.before.tape.length,
        });
    }
    if inputs.before != *tip {
        return Err(Lie::ProofBefore);
    }
    match inputs.after.tape.length > inputs.before.tape.length {
        true => Ok(()),
        false => Err(Lie::ProofEmpty),
    }
}

/// Checks that the key of an envelope is one that the chain names there, for the module that ran.
pub(crate) fn key_is_named(anchors: &Anchors, keys: &Keys, envelope: &ProofEnvelope) -> Result<(), Lie> {
    let before = &envelope.inputs.before;
    let set = keys.set(key_set_at(anchors, before)).ok_or(Lie::OtherKeySet)?;
    if !set.digests.contains(&Some(envelope.vk)) {
        return Err(Lie::KeyNotInSet);
    }
    let (module, _) = keys.key(envelope.vk).ok_or(Lie::OtherKey)?;
    match *module == before.module {
        true => Ok(()),
        false => Err(Lie::KeyModule),
    }
}

/// Verifies the proofs of all envelopes with one pairing; if they do not hold, the place of the first that does not.
pub(crate) fn prove(keys: &Keys, envelopes: &[ProofEnvelope]) -> Result<(), (usize, Lie)> {
    let all: Vec<usize> = (0..envelopes.len()).collect();
    let Err(together) = verify(keys, envelopes, &all) else {
        return Ok(());
    };
    for place in all {
        verify(keys, envelopes, &[place]).map_err(|lie| (place, lie))?;
    }
    // Each holds and all together do not: cannot be, so none is believed.
    Err((0, together))
}

fn verify(keys: &Keys, envelopes: &[ProofEnvelope], places: &[usize]) -> Result<(), Lie> {
    let chosen: Vec<&ProofEnvelope> = places.iter().filter_map(|place| envelopes.get(*place)).collect();
    let instances: Vec<[Fr; SEGMENT_FIELDS]> = chosen
        .iter()
        .map(|envelope| envelope.inputs.to_fields())
        .collect();
    // Claims that share a reference share the work on the key's commitments.
    let mut ready = BTreeMap::new();
    for envelope in &chosen {
        let (_, key) = keys.key(envelope.vk).ok_or(Lie::OtherKey)?;
        ready.insert(envelope.vk, key);
    }
    let claims = chosen.iter().zip(&instances).map(|(envelope, instances)| {
        ready.get(&envelope.vk).map(|key| Claim {
            key,
            instances,
            proof: &envelope.proof,
        })
    });
    let claims: Vec<Claim<'_>> = claims.flatten().collect();
    verify_batch(&claims).map_err(Lie::Proof)
}
