//! Milliseconds of a verification. `cargo run --release -p playfair-proofs-verifier --example time -- FOLDER`,
//! where the folder holds `program`, `key`, `instances` and `proof`, as the prover's test `verifiers_large`
//! leaves them with `PLAYFAIR_TOY_OUT=FOLDER`.

use playfair_proofs_verifier::{Claim, Key, Program, Trust, verify, verify_batch};
use playfair_types::crypto::field::fr_from_bytes;
use playfair_types::vk::VerifyingKey;
use playfair_types::{Decode, Fr};
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

/// The median of some runs, in milliseconds.
fn median(runs: usize, mut run: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        run()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times.get(runs / 2).copied().unwrap_or_default())
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("name the folder")?);
    let program = Program::decode(&std::fs::read(folder.join("program"))?)?;
    let key = VerifyingKey::decode(&std::fs::read(folder.join("key"))?)?;
    let proof = std::fs::read(folder.join("proof"))?;
    let instances = std::fs::read(folder.join("instances"))?;
    let (words, _) = instances.as_chunks::<32>();
    let instances: Option<Vec<Fr>> = words.iter().map(fr_from_bytes).collect();
    let instances = instances.ok_or("an instance is not below the modulus")?;

    let ready = median(51, || {
        Key::new(&program, &key, Trust::InsecureDevelopmentToo)?;
        Ok(())
    })?;
    let key = Key::new(&program, &key, Trust::InsecureDevelopmentToo)?;
    let one = median(51, || Ok(verify(&key, &instances, &proof)?))?;
    println!(
        "proof {} bytes, {} nodes",
        proof.len(),
        program.parts().nodes.len()
    );
    println!("key   {ready:8.2} ms\none   {one:8.2} ms");
    let claim = Claim {
        key: &key,
        instances: &instances,
        proof: &proof,
    };
    for count in [2usize, 8, 32] {
        let claims = vec![claim; count];
        let all = median(11, || Ok(verify_batch(&claims)?))?;
        println!(
            "batch of {count:2}: {all:8.2} ms, {:.2} ms each",
            all / count as f64
        );
    }
    Ok(())
}
