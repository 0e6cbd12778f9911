//! A setup that snarkjs made: imported, and proofs over it before both verifiers.
//!
//! The file in tests/fixtures is a ceremony of one public beacon, so that snarkjs makes the same bytes whenever it is asked, as it is
//! here, in `node`. `PLAYFAIR_BLESS=1` writes what it made.

#![allow(missing_docs)]

mod toys;

use playfair_proofs_prover::setup::ceremony::{Progress, import, load, pinned};
use playfair_proofs_prover::setup::{Params, insecure_development, ptau};
use playfair_proofs_verifier::setup::Ceremony;
use playfair_proofs_verifier::{Claim, Error, Key, Trust, verify_batch};
use playfair_types::vk::Setup;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use toys::{Proven, prove_over, shape};

shape!(Small: 5, chain 2, late 0, fixed 1, degree 3, rotations [0], logup false, instances 1 at 0, selector false);

const POWER: u32 = 5;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/beacon-5.ptau")
}

/// A folder of one test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("playfair-setup-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The fixture, imported for `k = 5`.
fn imported(name: &str) -> (Ceremony, Params) {
    let folder = Folder::new(name);
    let setup = folder.0.join("setup");
    let ceremony = import(&fixture(), &[POWER], &setup, &mut |_| {}).unwrap();
    assert_eq!(pinned(&setup, &ceremony.digest()).unwrap(), ceremony);
    (ceremony, load(&setup, &ceremony.digest(), POWER).unwrap())
}

fn key<'p>(proven: &'p Proven, trust: Trust) -> Result<Key<'p>, Error> {
    Key::new(&proven.program, &proven.key, trust)
}

#[test]
fn proofs_over_it_are_accepted_by_both_verifiers_and_by_nobody_else() {
    let (ceremony, params) = imported("proofs");
    let proven = &prove_over::<Small>(&params, Setup::PowersOfTau, &[3], false)[0];
    let (instances, proof) = (&proven.instances, &proven.proof);
    let ours = key(proven, Trust::Ceremony(ceremony)).unwrap();
    assert!(proven.library(instances, proof));
    assert_eq!(proven.verify(&ours, instances, proof), Ok(()));
    for word in 0..proof.len() / 32 {
        let mut bad = proof.clone();
        bad[word * 32] ^= 1;
        assert!(!proven.library(instances, &bad));
        assert!(proven.verify(&ours, instances, &bad).is_err());
    }
    // A lie over it.
    let lie = &prove_over::<Small>(&params, Setup::PowersOfTau, &[3], true)[0];
    assert!(!lie.library(instances, &lie.proof));
    assert_eq!(lie.verify(&ours, instances, &lie.proof), Err(Error::Refused));

    // Nobody takes it who did not ask for this ceremony.
    for trust in [Trust::PublicSetup, Trust::InsecureDevelopmentToo] {
        assert_eq!(key(proven, trust).map(|_| ()), Err(Error::UnknownSetup));
    }
    let insecure = insecure_development(POWER, None).unwrap();
    let other = &prove_over::<Small>(&insecure, Setup::InsecureDevelopment, &[3], false)[0];
    assert_ne!(other.key.digest(), proven.key.digest());
    for trust in [Trust::PublicSetup, Trust::Ceremony(ceremony)] {
        assert_eq!(key(other, trust).map(|_| ()), Err(Error::InsecureSetup));
    }
    // The insecure one under the other's label: its proofs are for another secret.
    let mislabelled = &prove_over::<Small>(&insecure, Setup::PowersOfTau, &[3], false)[0];
    let theirs = key(mislabelled, Trust::Ceremony(ceremony)).unwrap();
    assert!(mislabelled.library(instances, &mislabelled.proof));
    assert_eq!(
        mislabelled.verify(&theirs, instances, &mislabelled.proof),
        Err(Error::Refused)
    );
    assert_eq!(theirs.digest(), mislabelled.key.digest());

    // Batches rest on one setup.
    let fields = toys::ark(instances);
    let claim = |key, proof| Claim {
        key,
        instances: &fields,
        proof,
    };
    let insecure = key(other, Trust::InsecureDevelopmentToo).unwrap();
    assert_eq!(verify_batch(&[claim(&ours, proof), claim(&ours, proof)]), Ok(()));
    assert_eq!(
        verify_batch(&[claim(&ours, proof), claim(&insecure, &other.proof)]),
        Err(Error::MixedSetups)
    );
}

/// One request to snarkjs after the other.
fn snarkjs(requests: &[String]) {
    let mut node = playfair_peers::start("setup.mjs");
    let mut input = node.stdin.take().unwrap();
    let mut answers = BufReader::new(node.stdout.take().unwrap()).lines();
    for request in requests {
        writeln!(input, "{request}").unwrap();
        let answer = answers.next().unwrap().unwrap();
        assert!(answer.starts_with(r#"{"ok""#), "{request}: {answer}");
    }
    drop(input);
    assert!(node.wait().unwrap().success());
}

#[test]
fn snarkjs_makes_this_file_and_its_prepared_form_is_read_alike() {
    let folder = Folder::new("snarkjs");
    let (made, prepared) = (folder.0.join("made.ptau"), folder.0.join("prepared.ptau"));
    let (one, two) = (made.display(), prepared.display());
    snarkjs(&[
        format!(r#"{{"power":{POWER},"beacon":"706c617966616972","out":"{one}"}}"#),
        format!(r#"{{"verify":"{one}"}}"#),
        format!(r#"{{"prepare":"{one}","out":"{two}"}}"#),
    ]);
    let bytes = fs::read(&made).unwrap();
    if std::env::var_os("PLAYFAIR_BLESS").is_some() {
        fs::write(fixture(), &bytes).unwrap();
    }
    assert!(
        bytes == fs::read(fixture()).unwrap(),
        "snarkjs makes another file"
    );

    let read = |path: &Path| ptau::read(&mut fs::File::open(path).unwrap(), POWER).unwrap();
    let (plain, with_lagrange) = (read(&made), read(&prepared));
    assert_eq!(plain.in_g1, with_lagrange.in_g1);
    assert_eq!(plain.in_g2, with_lagrange.in_g2);

    // snarkjs' Lagrange basis is ours; bases of 1, 2, 4, ... points follow each other.
    let setup = folder.0.join("setup");
    let mut seen = Vec::new();
    let ceremony = import(&made, &[POWER], &setup, &mut |progress| seen.push(progress)).unwrap();
    let computed = |computed| Progress::Prepared { k: POWER, computed };
    assert_eq!(seen.pop(), Some(computed(true)));
    let ours = fs::read(setup.join("powers-of-tau-lagrange-5.srs")).unwrap();
    let theirs = section(&fs::read(&prepared).unwrap(), 12);
    let theirs = &theirs[64 * ((1 << POWER) - 1)..][..64 << POWER];
    assert!(ours.ends_with(theirs), "another Lagrange basis");
    assert_eq!(
        import(&prepared, &[POWER], &setup, &mut |progress| seen.push(progress)).unwrap(),
        ceremony
    );
    assert_eq!(seen.pop(), Some(computed(false)));
    assert_eq!(ceremony, imported("again").0);
}

/// The content of a section.
fn section(file: &[u8], wanted: u32) -> Vec<u8> {
    let mut rest = &file[12..];
    while let Some((head, after)) = rest.split_at_checked(12) {
        let section = u32::from_le_bytes(head[..4].try_into().unwrap());
        let length = u64::from_le_bytes(head[4..].try_into().unwrap()) as usize;
        if section == wanted {
            return after[..length].to_vec();
        }
        rest = &after[length..];
    }
    panic!("no section {wanted}");
}
