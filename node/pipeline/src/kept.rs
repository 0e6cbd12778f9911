//! The proofs of a snapshot, verified before a chain gets its place: nobody else can say that they hold, and a chain whose first blocks are
//! gone could never make them again.

use playfair_host::snapshot::ProofCheck;
use playfair_proofs_verifier::{Claim, Key, Program, Trust, segment_constraints, verify_batch};
use playfair_types::envelope::ProofEnvelope;
use playfair_types::module::ModuleHash;
use playfair_types::segment::{Boundary, SegmentInputs};
use playfair_types::vk::VerifyingKey;
use playfair_types::{Decode, DecodeError, Fr};
use std::collections::BTreeMap;

/// Proofs that are verified with one pairing.
const BATCH: usize = 32;

/// The constraints and what the caller believes in.
#[derive(Debug)]
pub struct Trusted {
    constraints: Program,
    trust: Option<Trust>,
}

impl Trusted {
    /// `trust` says what proofs may rest on; without it, a snapshot with proofs is refused.
    ///
    /// # Errors
    /// Never, unless this build is damaged.
    pub fn of(trust: Option<Trust>) -> Result<Self, DecodeError> {
        Ok(Self {
            constraints: segment_constraints()?,
            trust,
        })
    }
}

/// What came so far.
#[derive(Debug)]
pub struct KeptProofs<'a> {
    trusted: &'a Trusted,
    keys: BTreeMap<Fr, (ModuleHash, Key<'a>)>,
    last: Option<SegmentInputs>,
    batch: Vec<ProofEnvelope>,
}

impl<'a> KeptProofs<'a> {
    /// None yet.
    #[must_use]
    pub fn new(trusted: &'a Trusted) -> Self {
        Self {
            trusted,
            keys: BTreeMap::new(),
            last: None,
            batch: Vec::new(),
        }
    }

    fn verify(&mut self) -> Result<(), String> {
        let batch = std::mem::take(&mut self.batch);
        let instances: Vec<_> = batch.iter().map(|envelope| envelope.inputs.to_fields()).collect();
        let claims = batch.iter().zip(&instances).filter_map(|(envelope, instances)| {
            let (_, key) = self.keys.get(&envelope.vk)?;
            Some(Claim {
                key,
                instances,
                proof: &envelope.proof,
            })
        });
        let claims: Vec<Claim<'_>> = claims.collect();
        if claims.is_empty() {
            return Ok(());
        }
        verify_batch(&claims).map_err(|error| format!("a proof does not hold: {error}"))
    }
}

impl ProofCheck for KeptProofs<'_> {
    fn key(&mut self, digest: Fr, key: &[u8]) -> Result<(), String> {
        let key = VerifyingKey::decode(key).map_err(|error| format!("a verifying key: {error}"))?;
        if key.digest() != digest {
            return Err("a verifying key has another digest".to_owned());
        }
        // Without proofs, nobody asks what keys rest on.
        let Some(trust) = self.trusted.trust else {
            return Ok(());
        };
        let ready = Key::new(&self.trusted.constraints, &key, trust);
        let ready = ready.map_err(|error| format!("a verifying key: {error}"))?;
        self.keys.insert(digest, (key.module, ready));
        Ok(())
    }

    fn proof(&mut self, envelope: &ProofEnvelope) -> Result<(), String> {
        if self.trusted.trust.is_none() {
            return Err(
                "it has proofs: say what they rest on, as the node that it comes from does \
                        (--setup FOLDER --setup-digest HEX, or --insecure)"
                    .to_owned(),
            );
        }
        let inputs = &envelope.inputs;
        let follows = match &self.last {
            Some(last) => last.chains_to(inputs),
            None => inputs.before == Boundary::before_genesis(inputs.chain_id, inputs.before.module),
        };
        if !follows {
            return Err("its proofs do not follow each other from genesis".to_owned());
        }
        match self.keys.get(&envelope.vk) {
            Some((module, _)) if *module == inputs.before.module => {}
            Some(_) => return Err("a proof is for another module's key".to_owned()),
            None => return Err("a proof comes without its verifying key".to_owned()),
        }
        self.last = Some(*inputs);
        self.batch.push(envelope.clone());
        match self.batch.len() < BATCH {
            true => Ok(()),
            false => self.verify(),
        }
    }

    fn end(&mut self) -> Result<(), String> {
        self.verify()
    }
}
