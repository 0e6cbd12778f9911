//! What a call costs beside hashing, curve and tree: deterministic counts of the committed program.

use crate::common::{Player, Scripted, Segment, chain_of, genesis_record, module};
use playfair_abi::export::Export;
use playfair_proofs_kernel::native::End;
use playfair_types::rules::FeeMode;

/// Instructions, field operations and hints of an ordinary call, at most.
const CALL_MAX: u64 = 1500;

#[test]
fn an_ordinary_call() {
    let engine = Scripted::default().with(module(1), Export::Call, |_| Ok(()));
    let mut chain = chain_of(&genesis_record(FeeMode::Paid, true), engine.clone());
    let player = Player::new(1);
    chain.deposit(player.id, 1 << 60);
    chain.call(&player, player.first(1, &[]));
    let mut costs = Vec::new();
    let mut nonce = 1;
    for calls in [1, 2] {
        let mut segment = Segment::start(&mut chain, engine.clone());
        for _ in 0..calls {
            let call = chain.signed(player.call(nonce, 1, &[3; 10]), &player.key);
            segment.push(&mut chain, call);
            nonce += 1;
        }
        segment.end(&mut chain);
        let (end, executed) = segment.run_program(segment.public());
        assert_eq!(end, End::Finished);
        costs.push(executed);
    }
    let heavy = ["poseidon5", "poseidon2", "curve64"];
    let of = |place: usize, name: &str| costs[place].import(&format!("zk.{name}"));
    let light = |place: usize| {
        let calls: u64 = costs[place].imports.values().sum();
        let heavy: u64 = heavy.iter().map(|name| of(place, name)).sum();
        costs[place].instructions + calls - heavy
    };
    let per_call = light(1) - light(0);
    let per_heavy = heavy.map(|name| of(1, name) - of(0, name));
    println!("a call: {per_call} instructions, field operations and hints; {heavy:?}: {per_heavy:?}");
    let mut imports: Vec<_> = costs[1]
        .imports
        .keys()
        .map(|name| (name, costs[1].import(name) - costs[0].import(name)))
        .collect();
    imports.sort();
    println!("{imports:?}");
    println!(
        "the segment of one call: {} and {:?}",
        light(0),
        heavy.map(|name| of(0, name))
    );
    assert!(per_call <= CALL_MAX);
    assert_eq!(per_heavy, [4, 0, 4]);
}
