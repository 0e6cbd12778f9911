//! Modules that push one lane as far as gas lets them. Whatever they do: the call ends in an outcome, never in a fault, and
//! stays inside the bounds of docs/HOST.md. So no admitted call can outgrow the largest circuit shape unnoticed.

mod common;

use common::{admitted, started};
use playfair_admission::measure;
use playfair_machine::host::Lanes;
use playfair_runtime::local::Start;
use playfair_types::limits::{CALL_GAS_MAX, EVENTS_MAX, GAS_SCHEDULE, MESSAGES_MAX};
use playfair_types::receipt::{Outcome, Trap};
use std::fmt::Write;

/// What docs/HOST.md promises for one call, whatever its module.
const ACCESSES_MAX: u64 = 196_608;
const BULK_WORDS_MAX: u64 = 49_152;
const HOST_WORDS_MAX: u32 = 98_304;
const STATE_KEYS_MAX: u32 = 131;
const PERMUTATIONS_MAX: u32 = 16_384;
const HOST_CALLS_MAX: u32 = 24_576;

struct Worst {
    outcome: Outcome,
    lanes: Lanes,
    instructions: u64,
    accesses: u64,
    events: usize,
    messages: usize,
}

const IMPORTS: &str = r#"
  (import "playfair" "input" (func $input (param i32)))
  (import "playfair" "output" (func $output (param i32 i32)))
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "remove" (func $remove (param i32 i32) (result i32)))
  (import "playfair" "exists" (func $exists (param i32 i32) (result i32)))
  (import "playfair" "emit" (func $emit (param i32 i32 i32)))
  (import "playfair" "send" (func $send (param i32 i32 i32) (result i32)))
  (import "playfair" "balance" (func $balance (param i32 i32)))
  (import "playfair" "transfer" (func $transfer (param i32 i32) (result i32)))
  (import "playfair" "poseidon2" (func $poseidon2 (param i32 i32)))
  (import "playfair" "poseidon5" (func $poseidon5 (param i32 i32)))
  (import "playfair" "height" (func $height (result i64)))
  (import "playfair" "log" (func $log (param i32 i32)))
"#;

/// Runs `body` once: the admitted build for outcome and lanes, the measuring build for counts; both must agree.
fn worst(more: &str, body: &str) -> Worst {
    let text = format!(
        r#"(module {IMPORTS} (memory 2) {more}
           (func (export "call") (param $entry i32) (param $length i32) (local $i i32) {body}))"#
    );
    let module = admitted(&text);
    let measuring = measure(&wat::parse_str(&text).expect("text")).expect("a measuring build");
    let mut seen = Vec::new();
    for measured in [false, true] {
        let mut local = started(&module, &Start::of(module.hash));
        let engine = local.chain.machine().engine().clone();
        if measured {
            engine
                .load_measuring(module.hash, &measuring)
                .expect("it compiles");
        }
        let record = local.players.call("mallory", 0, &[]).expect("a call");
        let mut block = local.block(1, &[record]).expect("an outcome, not a fault");
        let counted = engine.counted();
        let done = block.applied.remove(1);
        assert!(done.receipt.gas_used <= CALL_GAS_MAX);
        seen.push((done, counted));
    }
    let (measured, counted) = seen.remove(1);
    let (done, _) = seen.remove(0);
    assert_eq!(done.receipt, measured.receipt, "measuring changes nothing");
    let lanes = done.lanes;
    assert!(lanes.words <= HOST_WORDS_MAX, "{lanes:?}");
    assert!(lanes.state_keys <= STATE_KEYS_MAX, "{lanes:?}");
    assert!(lanes.permutations <= PERMUTATIONS_MAX, "{lanes:?}");
    assert!(lanes.host_calls <= HOST_CALLS_MAX, "{lanes:?}");
    assert!(counted.accesses <= ACCESSES_MAX + BULK_WORDS_MAX, "{counted:?}");
    assert!(done.body.events.len() <= EVENTS_MAX && done.messages.len() <= MESSAGES_MAX);
    Worst {
        outcome: done.receipt.outcome,
        lanes,
        instructions: counted.instructions,
        accesses: counted.accesses,
        events: done.body.events.len(),
        messages: done.messages.len(),
    }
}

/// A loop that never ends by itself.
fn forever(body: &str) -> String {
    format!("loop {body} local.get $i i32.const 1 i32.add local.set $i br 0 end")
}

#[test]
fn instructions() {
    let worst = worst("", &forever("local.get $i i32.const 3 i32.mul local.set $i"));
    assert_eq!(worst.outcome, Outcome::OutOfGas);
    let gas = u64::from(CALL_GAS_MAX - GAS_SCHEDULE.record_base(1));
    assert!(
        worst.instructions <= gas + gas / 8,
        "all but the loop turns cost gas"
    );
    assert!(worst.instructions > gas / 2, "the lane is really pushed");
}

#[test]
fn loads_and_stores() {
    let store = "local.get $i i32.const 0x1ffc i32.and local.get $i i32.store ";
    let worst = worst("", &forever(&store.repeat(64)));
    assert_eq!(worst.outcome, Outcome::OutOfGas);
    assert!(worst.accesses > 20_000 && worst.accesses <= ACCESSES_MAX);
}

#[test]
fn bulk_operations() {
    for body in [
        "i32.const 0 local.get $i i32.const 0x20000 memory.fill",
        "i32.const 0 i32.const 0x8000 i32.const 0x8000 memory.copy",
        "i32.const 1 i32.const 0x8003 i32.const 0x7fff memory.copy",
        "i32.const 5 i32.const 3 i32.const 1 memory.copy",
    ] {
        let worst = worst("", &forever(body));
        assert_eq!(worst.outcome, Outcome::OutOfGas, "{body}");
        assert!(worst.accesses <= BULK_WORDS_MAX, "{body}");
    }
    // A length that no gas pays for is out of gas before it is out of bounds.
    let length = worst("", "i32.const 0 i32.const 0 i32.const -1 memory.copy");
    assert_eq!(length.outcome, Outcome::OutOfGas);
}

#[test]
fn state_keys() {
    // A new key each time, of 4 bytes and of 64, read, written, removed, asked for.
    for (body, most) in [
        (
            "i32.const 0 local.get $i i32.store i32.const 0 i32.const 4 i32.const 64 i32.const 8 call $get drop",
            110,
        ),
        (
            "i32.const 0 local.get $i i32.store i32.const 0 i32.const 4 i32.const 64 i32.const 0 call $set",
            65,
        ),
        (
            "i32.const 0 local.get $i i32.store i32.const 0 i32.const 64 i32.const 64 i32.const 4096 call $set",
            40,
        ),
        (
            "i32.const 0 local.get $i i32.store i32.const 0 i32.const 64 call $remove drop",
            115,
        ),
        (
            "i32.const 0 local.get $i i32.store i32.const 0 i32.const 1 call $exists drop",
            110,
        ),
    ] {
        let worst = worst("", &forever(body));
        assert_eq!(worst.outcome, Outcome::OutOfGas, "{body}");
        assert!(worst.lanes.state_keys >= most, "{body}: {:?}", worst.lanes);
    }
}

#[test]
fn values_read_again_and_again() {
    let body = format!(
        "i32.const 0 i32.const 8 i32.const 64 i32.const 4096 call $set {}",
        forever("i32.const 0 i32.const 8 i32.const 8192 i32.const 0 call $get drop")
    );
    let worst = worst("", &body);
    assert_eq!(worst.outcome, Outcome::OutOfGas);
    assert_eq!(worst.lanes.state_keys, 1, "one key, touched once");
    assert!(worst.lanes.permutations > 4_500, "every read hashes the value");
}

#[test]
fn balances_and_transfers() {
    let fresh = "i32.const 0 local.get $i i32.store ";
    let balance = worst(
        "",
        &forever(&format!("{fresh} i32.const 0 i32.const 64 call $balance")),
    );
    assert_eq!(balance.outcome, Outcome::OutOfGas);
    assert!(balance.lanes.state_keys > 110);
    let transfer = worst(
        "",
        &forever(&format!("{fresh} i32.const 0 i32.const 64 call $transfer drop")),
    );
    assert_eq!(transfer.outcome, Outcome::OutOfGas);
    assert!(transfer.lanes.state_keys > 65);
}

#[test]
fn hashes() {
    for hash in ["$poseidon2", "$poseidon5"] {
        let worst = worst("", &forever(&format!("i32.const 0 i32.const 0 call {hash}")));
        assert_eq!(worst.outcome, Outcome::OutOfGas);
        assert!(worst.lanes.host_calls > 2_000, "{hash}");
    }
}

#[test]
fn events_messages_outputs_and_logs() {
    let events = worst("", &forever("i32.const 7 i32.const 0 i32.const 1024 call $emit"));
    assert_eq!(events.outcome, Outcome::Trapped(Trap::HostLimit));
    assert_eq!(events.events, 0, "a trap keeps no event");
    // This chain has no L1: nothing is sent, whatever is paid.
    let messages = worst(
        "",
        &forever("i32.const 0 i32.const 64 i32.const 1024 call $send drop"),
    );
    assert_eq!((messages.outcome, messages.messages), (Outcome::OutOfGas, 0));
    for body in ["call $output", "call $log"] {
        let worst = worst("", &forever(&format!("i32.const 0 i32.const 1024 {body}")));
        assert_eq!(worst.outcome, Outcome::OutOfGas);
    }
}

#[test]
fn cheapest_host_calls() {
    let worst = worst("", &forever("call $height drop"));
    assert_eq!(worst.outcome, Outcome::OutOfGas);
    assert!(worst.lanes.host_calls > 15_000);
}

/// The deepest recursion that frame slots allow, with frames of every size, must end before the native stack does.
#[test]
fn recursion() {
    for locals in [0usize, 1, 7, 100, 1_000] {
        let mut declared = String::new();
        let mut used = String::new();
        for i in 0..locals {
            let _ = write!(declared, "(local i64)");
            // Values that live across the call, so that they really need the stack.
            let _ = write!(
                used,
                "local.get {} i64.extend_i32_u i64.const {i} i64.add local.set {} ",
                0,
                i + 1
            );
        }
        let mut sum = String::from("i64.const 0 ");
        for i in 0..locals {
            let _ = write!(sum, "local.get {} i64.add ", i + 1);
        }
        let function = format!(
            "(func $deep (param i32) (result i64) {declared} {used}
               local.get 0 i32.const 1 i32.add call $deep {sum} i64.add)"
        );
        let worst = worst(&function, "i32.const 0 call $deep drop");
        let ends = [Outcome::Trapped(Trap::CallDepth), Outcome::OutOfGas];
        assert!(
            ends.contains(&worst.outcome),
            "{locals} locals: {:?}",
            worst.outcome
        );
    }
}

#[test]
fn recursion_through_the_table() {
    let function = r#"
        (type $t (func (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
        (table 1 funcref) (elem (i32.const 0) $deep)
        (func $deep (type $t)
          local.get 7 local.get 0 local.get 1 local.get 2 local.get 3 local.get 4 local.get 5 local.get 6
          i32.const 0 call_indirect (type $t) local.get 3 i32.add)"#;
    let zeros = "i32.const 0 ".repeat(8);
    let worst = worst(function, &format!("{zeros} call $deep drop"));
    assert_eq!(worst.outcome, Outcome::Trapped(Trap::CallDepth));
}

#[test]
fn memory_to_the_limit() {
    let body = "i32.const 300 memory.grow drop i32.const 254 memory.grow drop
                loop local.get $i local.get $i i32.store local.get $i i32.const 65536 i32.add local.tee $i
                i32.const 0x1000000 i32.lt_u br_if 0 end memory.size i32.const 16 i32.shl i32.load drop";
    let worst = worst("", body);
    assert_eq!(
        worst.outcome,
        Outcome::Trapped(Trap::MemoryOutOfBounds),
        "256 pages and no more"
    );
}

#[test]
fn the_largest_jump_table() {
    let mut body = String::new();
    for _ in 0..200 {
        body.push_str("block ");
    }
    body.push_str("local.get $i br_table ");
    for i in 0..4096 {
        let _ = write!(body, "{} ", i % 200);
    }
    body.push('0');
    for _ in 0..200 {
        body.push_str(" end");
    }
    let worst = worst("", &forever(&body));
    assert_eq!(worst.outcome, Outcome::OutOfGas);
}
