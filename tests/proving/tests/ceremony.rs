//! A real segment over the setup of a powers-of-tau file, from its import to `playfair verify`.
//!
//! The file is made here, of a secret that is written here: snarkjs takes minutes for one of this size (`proofs/prover/tests/setup.rs`
//! has a small one of snarkjs).

#![allow(missing_docs)]

mod common;

use common::game::Game;
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine, G2Affine};
use halo2_proofs::halo2curves::group::{Curve, Group};
use halo2_proofs::halo2curves::serde::SerdeObject;
use playfair_node::prove::KEY_FILE;
use playfair_node::setup::{Choice, import};
use playfair_node::verify::verify as verify_folder;
use playfair_proofs_prover::fast::Committer;
use playfair_proofs_prover::halo2;
use playfair_proofs_prover::module::Prover;
use playfair_proofs_prover::setup::kind;
use playfair_proofs_verifier::{Error, Key, Trust, verify};
use playfair_proving::chess::{self, Keys};
use playfair_types::Encode;
use playfair_types::vk::Setup;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// More than anybody tries, and few bits.
const SECRET: u64 = (1 << 20) + 7;

/// A powers-of-tau file with what `2^power` rows need; points that nobody reads are zeros.
fn file(power: u32) -> Vec<u8> {
    let n = 1usize << power;
    let mut powers = vec![G1::generator()];
    while powers.len() < n {
        let last = powers[powers.len() - 1];
        let mut next = G1::identity();
        for bit in (0..u64::BITS - SECRET.leading_zeros()).rev() {
            next = next.double();
            if SECRET >> bit & 1 == 1 {
                next += last;
            }
        }
        powers.push(next);
    }
    let mut in_g1 = vec![G1Affine::default(); n];
    G1::batch_normalize(&powers, &mut in_g1);
    let one = G2Affine::generator();
    let secret: G2Affine = (one * Fr::from(SECRET)).to_affine();

    let mut header = 32u32.to_le_bytes().to_vec();
    header.extend(MODULUS);
    header.extend([power.to_le_bytes(), power.to_le_bytes()].concat());
    let mut g1: Vec<u8> = in_g1.iter().flat_map(SerdeObject::to_raw_bytes).collect();
    g1.resize((2 * n - 1) * 64, 0);
    let mut g2 = [one.to_raw_bytes(), secret.to_raw_bytes()].concat();
    g2.resize(n * 128, 0);
    let mut bytes = [&b"ptau"[..], &[1, 0, 0, 0, 3, 0, 0, 0]].concat();
    for (section, content) in [(1u32, header), (2, g1), (3, g2)] {
        bytes.extend(section.to_le_bytes());
        bytes.extend((content.len() as u64).to_le_bytes());
        bytes.extend(content);
    }
    bytes
}

/// BN254's base field, little-endian.
const MODULUS: [u8; 32] = [
    0x47, 0xfd, 0x7c, 0xd8, 0x16, 0x8c, 0x20, 0x3c, 0x8d, 0xca, 0x71, 0x68, 0x91, 0x6a, 0x81, 0x97, 0x5d,
    0x58, 0x81, 0x81, 0xb6, 0x45, 0x50, 0xb8, 0x29, 0xa0, 0x31, 0xe1, 0x72, 0x4e, 0x64, 0x30,
];

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("playfair-proving-ceremony-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What `playfair verify` says.
fn says(proofs: &Path, setup: &Choice) -> Result<String, String> {
    let mut text = Vec::new();
    match verify_folder(proofs, setup, &mut text) {
        Ok(()) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Err(error) => Err(format!("{error:#}")),
    }
}

#[test]
fn a_segment_is_proven_over_an_imported_setup() {
    let folder = Folder::new();
    let module = chess::linked().clone();
    let shape = module.smallest().expect("a shape that holds chess");
    let (path, setup) = (folder.0.join("file.ptau"), folder.0.join("setup"));
    fs::write(&path, file(shape.k)).expect("written");
    let mut text = Vec::new();
    import(&path, &[shape.k], &setup, &mut text).expect("imported");
    let text = String::from_utf8_lossy(&text);
    let digest = text.lines().find_map(|line| line.strip_prefix("digest    "));
    let choice = Choice::new(Some(setup), digest, false, None).expect("a choice");

    let params = choice.params(shape.k).expect("a setup");
    assert_eq!(kind(&params), Setup::PowersOfTau);
    let committer = Arc::new(Committer::new(&params));
    let keys = Keys {
        prover: Prover::new(module.clone(), shape, committer, kind(&params)).expect("keys"),
        module,
        params,
    };
    let mut game = Game::begun(0);
    let first = game
        .white
        .sign(game.chain_id, Game::play(&game.white, 1, Game::recorded(0)));
    let envelope = game.block(&[first]).proven(&keys);

    // Both verifiers, each on its own.
    let instances = envelope.inputs.to_fields();
    let vk = &keys.prover.vk;
    assert_eq!(vk.setup, Setup::PowersOfTau);
    let key = |trust| Key::new(&keys.prover.constraints, vk, trust);
    let ours = key(choice.trust().expect("trust")).expect("a key");
    assert_eq!(verify(&ours, &instances, &envelope.proof), Ok(()));
    let library = |proof: &[u8]| halo2::verify(&keys.params, keys.prover.key().vk(), &instances, proof);
    assert!(library(&envelope.proof));
    let mut damaged = envelope.proof.to_vec();
    damaged[40] ^= 1;
    assert!(!library(&damaged));
    assert!(verify(&ours, &instances, &damaged).is_err());
    for trust in [Trust::PublicSetup, Trust::InsecureDevelopmentToo] {
        assert_eq!(key(trust).map(|_| ()), Err(Error::UnknownSetup));
    }

    // And the command, which wants to know which ceremony.
    let proofs = folder.0.join("proofs");
    fs::create_dir_all(&proofs).expect("a folder");
    fs::write(proofs.join(KEY_FILE), vk.encode()).expect("written");
    fs::write(proofs.join("0000.proof"), envelope.encode()).expect("written");
    let said = says(&proofs, &choice).expect("valid");
    assert!(
        said.contains("valid: 1 proof(s)")
            && said.contains(digest.expect("a digest"))
            && !said.contains("insecure"),
        "{said}"
    );
    let words = says(&proofs, &Choice::Insecure { cache: None }).expect_err("another setup");
    assert!(words.contains("--setup-digest"), "{words}");
    let Choice::Ceremony { folder, mut digest } = choice else {
        panic!("a ceremony was chosen");
    };
    digest[7] ^= 1;
    let words = says(&proofs, &Choice::Ceremony { folder, digest }).expect_err("another ceremony");
    assert!(words.contains("another ceremony"), "{words}");
}
