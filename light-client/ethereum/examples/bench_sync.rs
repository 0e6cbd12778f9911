//! `cargo run --release -p playfair-ethereum --example bench_sync`: what following mainnet costs, as lines of name,
//! value and unit.

use playfair_ethereum::development::{Block, Payload, Signers, State};
use playfair_ethereum::{Fork, Form, Preset, Spec, Staleness, Store};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spec = Spec {
        forks: vec![Fork {
            epoch: 0,
            version: [7, 0, 0, 0],
            form: Form::Gloas,
        }],
        ..Spec::mainnet()
    };
    let signers = Signers::from_seed(&Preset::MAINNET, &[1; 32])?;
    let state = |finalized_root| State {
        finalized_root,
        current: signers.committee().clone(),
        next: signers.committee().clone(),
    };
    let first = Block::new(&spec, 64, [0; 32], state([0; 32]), Payload::Hash([1; 32]))?;
    let root = first.header().beacon.root();
    let second = Block::new(&spec, 128, root, state(root), Payload::Hash([2; 32]))?;
    let mut store = Store::open(&spec, &root, &first.bootstrap(), 200, Staleness::Refuse)?;
    let clock = Instant::now();
    store.warm()?;
    println!("committee_read\t{:.2}\tms", ms(clock));
    for (name, participants) in [("100", 512), ("67", 343)] {
        let update = second.update(&spec, Some(first.header()), &signers, participants, 129)?;
        const ROUNDS: u32 = 20;
        let mut total_ms = 0.0;
        for _ in 0..ROUNDS {
            let (mut store, update) = (store.clone(), update.clone());
            let clock = Instant::now();
            store.process(update, 200)?;
            total_ms += ms(clock);
        }
        println!("update_{name}\t{:.2}\tms", total_ms / f64::from(ROUNDS));
    }
    let clock = Instant::now();
    let bytes = store.to_bytes();
    println!("store_write\t{:.2}\tms", ms(clock));
    println!("store_size\t{}\tbytes", bytes.len());
    let clock = Instant::now();
    Store::from_bytes(&spec, &bytes, 200, Staleness::Refuse)?;
    println!("store_read\t{:.2}\tms", ms(clock));
    Ok(())
}

fn ms(clock: Instant) -> f64 {
    clock.elapsed().as_secs_f64() * 1e3
}
