//! Toy circuits, proven, and both verifiers on them.

// Each test file uses its share of this module.
#![allow(dead_code)]

mod circuit;
pub(crate) mod random;

pub(crate) use circuit::Shape;
use circuit::Toy;
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_proofs::plonk::{self, create_proof, keygen_pk, keygen_vk, verify_proof};
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{TranscriptReadBuffer, TranscriptWriterBuffer};
use playfair_proofs_prover::export;
use playfair_proofs_prover::setup::{Params, insecure_development};
use playfair_proofs_prover::transcript::{PoseidonRead, PoseidonWrite, from_halo2};
use playfair_proofs_verifier::{self as ours, Key, Program, Trust};
use playfair_types::module::ModuleHash;
use playfair_types::vk::{Setup, VerifyingKey};
use random::Random;
use std::marker::PhantomData;

impl Random {
    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (rand_core::RngCore::next_u64(self) % limit as u64) as usize
    }
}

/// A circuit, its key in both forms, and a proof.
pub(crate) struct Proven {
    pub(crate) params: Params,
    pub(crate) vk: plonk::VerifyingKey<G1Affine>,
    pub(crate) program: Program,
    pub(crate) key: VerifyingKey,
    pub(crate) instances: Vec<Fr>,
    pub(crate) proof: Vec<u8>,
}

/// The instances of seed `seed`.
pub(crate) fn instances<S: Shape>(seed: u64) -> Vec<Fr> {
    (0..S::INSTANCES as u64)
        .map(|i| Fr::from(seed.wrapping_mul(1000) + i))
        .collect()
}

/// Proves `S` for each seed with one key; `lie` breaks the witness.
pub(crate) fn prove<S: Shape>(seeds: &[u64], lie: bool) -> Vec<Proven> {
    let params = insecure_development(S::K, None).unwrap();
    prove_over::<S>(&params, Setup::InsecureDevelopment, seeds, lie)
}

/// The same over any setup.
pub(crate) fn prove_over<S: Shape>(params: &Params, setup: Setup, seeds: &[u64], lie: bool) -> Vec<Proven> {
    let toy = |seed| Toy::<S> {
        seed,
        instances: instances::<S>(seed),
        lie,
        shape: PhantomData,
    };
    let vk = keygen_vk(params, &toy(0)).unwrap();
    let pk = keygen_pk(params, vk.clone(), &toy(0)).unwrap();
    let program = export::program(vk.cs(), S::INSTANCES).unwrap();
    let module = ModuleHash([7; 31]);
    let key = export::verifying_key(&vk, module, 3, setup).unwrap();
    let one = |seed: &u64| {
        let mut transcript = PoseidonWrite::init(Vec::new());
        let instances = instances::<S>(*seed);
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            params,
            &pk,
            &[toy(*seed)],
            &[&[&instances]],
            Random(*seed ^ 0xabcd),
            &mut transcript,
        )
        .unwrap();
        Proven {
            params: params.clone(),
            vk: vk.clone(),
            program: program.clone(),
            key: key.clone(),
            instances,
            proof: transcript.finalize(),
        }
    };
    seeds.iter().map(one).collect()
}

impl Proven {
    /// halo2's verdict, which must have read every byte.
    pub(crate) fn library(&self, instances: &[Fr], proof: &[u8]) -> bool {
        let mut transcript = PoseidonRead::init(proof);
        let verdict = verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
            &self.params,
            &self.vk,
            SingleStrategy::new(&self.params),
            &[&[instances]],
            &mut transcript,
        );
        verdict.is_ok() && transcript.into_rest().is_empty()
    }

    /// Our verifier's key.
    pub(crate) fn ours(&self) -> Key<'_> {
        Key::new(&self.program, &self.key, Trust::InsecureDevelopmentToo).unwrap()
    }

    /// Our verdict.
    pub(crate) fn verify(&self, key: &Key<'_>, instances: &[Fr], proof: &[u8]) -> Result<(), ours::Error> {
        ours::verify(key, &ark(instances), proof)
    }
}

/// Instances in our field type.
pub(crate) fn ark(instances: &[Fr]) -> Vec<playfair_types::Fr> {
    instances.iter().map(from_halo2).collect()
}

macro_rules! shape {
    ($name:ident: $k:literal, chain $chain:literal, late $late:literal, fixed $fixed:literal, degree $degree:literal,
     rotations $rotations:expr, logup $logup:literal, instances $instances:literal at $at:literal, selector $selector:literal) => {
        /// A toy.
        pub(crate) struct $name;
        impl $crate::toys::Shape for $name {
            const K: u32 = $k;
            const CHAIN: usize = $chain;
            const LATE: usize = $late;
            const FIXED: usize = $fixed;
            const DEGREE: usize = $degree;
            const ROTATIONS: &'static [i32] = &$rotations;
            const LOGUP: bool = $logup;
            const INSTANCES: usize = $instances;
            const INSTANCE_ROTATION: i32 = $at;
            const SELECTOR: bool = $selector;
        }
    };
}
pub(crate) use shape;
