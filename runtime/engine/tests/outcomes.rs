//! Every outcome of execution.md, from WebAssembly text to receipt and root.

mod common;

use common::{admitted, call, local, outcomes, started};
use playfair_runtime::local::Start;
use playfair_types::limits::{CALL_GAS_MAX, GAS_SCHEDULE};
use playfair_types::receipt::{Outcome, Trap};

/// Entry n does the n-th thing that ends a call.
const ENDS: &str = r#"
(module
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "output" (func $output (param i32 i32)))
  (import "playfair" "revert" (func $revert (param i32 i32)))
  (memory 1)
  (data (i32.const 0) "key")
  (data (i32.const 8) "no such move")
  (type $unary (func (param i32) (result i32)))
  (table 3 funcref)
  (elem (i32.const 0) $deep $other)
  (func $deep (param i32) (result i32)
    local.get 0 i32.const 1 i32.add call $deep)
  (func $other)
  (func $write (param i32)
    i32.const 24 local.get 0 i32.store
    i32.const 0 i32.const 3 i32.const 24 i32.const 4 call $set)
  (func (export "call") (param $entry i32) (param $length i32)
    ;; Every entry writes first, so that a root tells whether it was kept.
    local.get $entry call $write
    block $trap10 block $trap9 block $oog block $trap8 block $trap7 block $trap6 block $trap5 block $trap4
    block $trap3 block $trap2 block $trap1 block $revert block $ok
      local.get $entry
      br_table $ok $revert $trap1 $trap2 $trap3 $trap4 $trap5 $trap6 $trap7 $trap8 $oog $trap9 $trap9
    end
      i32.const 24 i32.const 4 call $output return
    end
      i32.const 8 i32.const 12 call $revert unreachable
    end
      unreachable
    end
      i32.const 0xffff i32.load drop return
    end
      i32.const 1 i32.const 0 i32.div_u drop return
    end
      i32.const 0x80000000 i32.const -1 i32.div_s drop return
    end
      i32.const 0 i32.const 1 call_indirect (type $unary) drop return
    end
      i32.const 0 i32.const 3 call_indirect (type $unary) drop return
    end
      i32.const 0 i32.const 2 call_indirect (type $unary) drop return
    end
      i32.const 0 call $deep drop return
    end
      loop br 0 end
    end
      i32.const 1 i32.const 4 call $output return
    end)
  (func (export "query") (param $entry i32) (param $length i32)
    local.get $entry
    if
      i32.const 9 call $write
    end
    i32.const 0 i32.const 3 i32.const 32 i32.const 8 call $get
    drop
    i32.const 32 i32.const 4 call $output)
)"#;

#[test]
fn every_end_of_a_call_has_its_outcome() {
    let module = admitted(ENDS);
    let mut local = local(&module);
    let traps = [
        Trap::Unreachable,
        Trap::MemoryOutOfBounds,
        Trap::DivisionByZero,
        Trap::IntegerOverflow,
        Trap::IndirectCallType,
        Trap::TableOutOfBounds,
        Trap::NullElement,
        Trap::CallDepth,
    ];
    let (outcome, output, _) = call(&mut local, "alice", 0, &[]);
    assert_eq!((outcome, output.as_slice()), (Outcome::Ok, &[0, 0, 0, 0][..]));
    let (outcome, output, _) = call(&mut local, "alice", 1, &[]);
    assert_eq!(
        (outcome, output.as_slice()),
        (Outcome::Reverted, &b"no such move"[..])
    );
    for (entry, trap) in (2..).zip(traps) {
        let (outcome, output, _) = call(&mut local, "alice", entry, &[]);
        assert_eq!(
            (outcome, output.len()),
            (Outcome::Trapped(trap), 0),
            "entry {entry}"
        );
    }
    let (outcome, _, gas) = call(&mut local, "alice", 10, &[]);
    assert_eq!(outcome, Outcome::OutOfGas);
    assert_eq!(
        gas,
        CALL_GAS_MAX - GAS_SCHEDULE.record_base(1),
        "out of gas uses all"
    );
    let (outcome, ..) = call(&mut local, "alice", 11, &[]);
    assert_eq!(outcome, Outcome::Trapped(Trap::HostArgument));
}

#[test]
fn only_ok_keeps_what_was_written() {
    let module = admitted(ENDS);
    let mut local = local(&module);
    call(&mut local, "alice", 0, &[]);
    for entry in 1..12 {
        call(&mut local, "alice", entry, &[]);
        let answer = local.chain.query(0, &[]).expect("a query");
        assert_eq!(answer.output, [0, 0, 0, 0], "entry {entry} left a trace");
    }
    // Later calls of the same block see nothing of a failed one either.
    let records: Vec<_> = [2u8, 0, 3]
        .iter()
        .map(|entry| local.players.call("bob", *entry, &[]).expect("a call"))
        .collect();
    let block = local.block(1, &records).expect("a block");
    assert_eq!(
        outcomes(&block)[1..],
        [
            Outcome::Trapped(Trap::Unreachable),
            Outcome::Ok,
            Outcome::Trapped(Trap::MemoryOutOfBounds)
        ]
    );
}

#[test]
fn a_query_cannot_write() {
    let module = admitted(ENDS);
    let mut local = local(&module);
    call(&mut local, "alice", 0, &[]);
    let root = local.chain.state().root();
    let answer = local.chain.query(1, &[]).expect("a query");
    assert_eq!(answer.outcome, Outcome::Trapped(Trap::HostArgument));
    assert_eq!(local.chain.state().root(), root);
}

#[test]
fn replaying_the_blocks_gives_the_same_digest() {
    let module = admitted(ENDS);
    let mut local = local(&module);
    for entry in 0..12 {
        call(&mut local, ["alice", "bob"][usize::from(entry % 2)], entry, &[]);
    }
    let mut again = started(&module, &Start::of(module.hash));
    let mut digests = Vec::new();
    again
        .chain
        .replay(&local.blocks[1..], |block| digests.push(block.header.digest()))
        .expect("the same blocks");
    assert_eq!(digests.len(), 12);
    assert_eq!(again.chain.digest(), local.chain.digest());
    assert_eq!(again.chain.boundary(), local.chain.boundary());
}

#[test]
fn a_block_that_breaks_the_tape_changes_nothing() {
    let module = admitted(ENDS);
    let mut local = local(&module);
    call(&mut local, "alice", 0, &[]);
    let (before, digest) = (*local.chain.boundary(), local.chain.digest());
    let good = local.players.call("alice", 0, &[]).expect("a call");
    let unknown = vec![0x7f; 124];
    assert!(local.block(1, &[good.clone(), unknown]).is_err());
    let late_genesis = local.blocks[0].clone();
    assert!(local.block(1, &[good.clone(), late_genesis]).is_err());
    assert_eq!((*local.chain.boundary(), local.chain.digest()), (before, digest));
    let block = local.block(1, &[good]).expect("the good record alone");
    assert_eq!(outcomes(&block), [Outcome::Ok, Outcome::Ok]);
}

#[test]
fn a_state_is_opened_where_it_stands() {
    let module = admitted(ENDS);
    let mut local = local(&module);
    call(&mut local, "alice", 0, &[]);
    let state = local.chain.state().clone();
    let engine = local.chain.machine().engine().clone();
    let again = playfair_runtime::Chain::open(engine, state).expect("the same chain");
    assert_eq!(again.boundary(), local.chain.boundary());
    assert_eq!(again.digest(), local.chain.digest());
}
