//! A circuit with the columns of a real one. With `PLAYFAIR_TOY_OUT` the test leaves its program, key,
//! instances and proof in that folder, for the verifier's example `time`.

#![allow(missing_docs)]

mod toys;

use playfair_proofs_verifier::{Claim, verify, verify_batch};
use playfair_types::Encode;
use playfair_types::crypto::field::fr_to_bytes;
use toys::{ark, prove, shape};

// 95 advice columns (5 for the lookup, one idle), 22 fixed ones (7 beside the random ones).
shape!(Large: 9, chain 59, late 30, fixed 15, degree 5, rotations [0, 1, 0, 0, 1], logup true, instances 30 at 0, selector false);

#[test]
fn as_many_columns_as_a_real_circuit() {
    let proven = &prove::<Large>(&[1], false)[0];
    let parts = proven.program.parts();
    assert_eq!((parts.advice.len(), parts.fixed), (95, 22));
    assert!(proven.library(&proven.instances, &proven.proof));
    let (key, instances) = (proven.ours(), ark(&proven.instances));
    assert_eq!(verify(&key, &instances, &proven.proof), Ok(()));
    let claim = Claim {
        key: &key,
        instances: &instances,
        proof: &proven.proof,
    };
    assert_eq!(verify_batch(&[claim; 4]), Ok(()));

    if let Some(folder) = std::env::var_os("PLAYFAIR_TOY_OUT") {
        let folder = std::path::Path::new(&folder);
        std::fs::create_dir_all(folder).unwrap();
        let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.join(name), bytes).unwrap();
        write("program", proven.program.encode());
        write("key", proven.key.encode());
        write("instances", instances.iter().flat_map(fr_to_bytes).collect());
        write("proof", proven.proof.clone());
    }
}
