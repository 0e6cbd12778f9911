//! Kernels that compute something else, and executors that do something else at a host function, a block's price or an end.

use super::scene::{Case, Lie, Scene};
use super::scenes::{ARRIVED, BALANCE, ENOUGH, FUNDS, GIFT, NONCE, PRICE, Scenes, key};
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::code::{AuxRow, Flags, Tag, at};
use playfair_proofs_isa::trace::{Step, Value};
use playfair_types::crypto::field::Fr;
use playfair_types::state::value_hash;

/// Bytes from kernel memory in use to where nothing is.
const AWAY: u64 = 1 << 25;

fn of_u128(number: u128) -> Value {
    Value::from(Fr::from(number))
}

/// The hash of what the module writes.
fn written() -> Value {
    Value::from(value_hash(b"thirty-two bytes of a new value."))
}

/// The hash of what is there before.
fn before() -> Value {
    Value::from(value_hash(b"what was there before"))
}

/// A store of this into a word of kernel memory.
fn stores(scene: &Scene, step: &Step, value: Value) -> bool {
    scene.op(step) == Some(Op::StoreW) && step.c.is_some_and(|slot| slot.new == value)
}

/// Where a table says what ends a run at a row.
fn trap(lie: &mut Lie, pc: u32) -> &mut Fr {
    let mut rows = lie.program.aux.iter_mut();
    &mut rows
        .find(|row| row.tag == Tag::Trap && row.key == u64::from(pc))
        .unwrap()
        .v1
}

/// The last row of the module that has an entry for its end and a price.
fn priced(scene: &Scene, lie: &Lie) -> u32 {
    let priced = |step: &&Step| {
        let trap = |row: &AuxRow| row.tag == Tag::Trap && row.key == u64::from(step.pc);
        scene.row(step).gas > 0 && lie.program.aux.iter().any(trap)
    };
    scene.trace.steps.iter().rev().find(priced).unwrap().pc
}

pub(super) const CASES: &[Case] = &[
    (
        "a nonce that does not count",
        Scenes::fine,
        |_, scene, lie| {
            lie.force(
                scene,
                scene.gives(u64::from(NONCE), u64::from(NONCE) + 1),
                u64::from(NONCE),
            )
        },
        "arith.result",
    ),
    (
        "a debit that is not made",
        Scenes::fine,
        |_, scene, lie| {
            let balance = scene.balances()[0];
            let step = scene.gives(
                of_u128(balance),
                of_u128(balance - u128::from(ENOUGH) * u128::from(PRICE)),
            );
            lie.force(scene, step, of_u128(balance));
        },
        "farith.result",
    ),
    (
        "a fee that nobody receives",
        Scenes::fine,
        |_, scene, lie| {
            let balance = scene.balances()[1];
            let step = scene.gives(of_u128(balance), of_u128(balance + scene.receipt(0).fee));
            lie.force(scene, step, of_u128(balance));
        },
        "farith.result",
    ),
    (
        "a refund of all that was set aside",
        Scenes::fine,
        |_, scene, lie| {
            let rest = u64::from(ENOUGH - scene.receipt(0).gas_used);
            lie.force(scene, scene.gives(rest, rest * PRICE), u64::from(ENOUGH) * PRICE);
        },
        "farith.result",
    ),
    (
        "a call that costs nothing",
        Scenes::fine,
        |_, scene, lie| {
            let fee = scene.receipt(0).fee as u64;
            lie.force(
                scene,
                scene.gives(u64::from(scene.receipt(0).gas_used), fee),
                0_u64,
            );
        },
        "farith.result",
    ),
    (
        "gas that is not counted",
        Scenes::fine,
        |_, scene, lie| {
            let given = scene.given();
            let base = u64::from(ENOUGH) - given;
            let step = scene.gives(given, u64::from(scene.receipt(0).gas_used) - base);
            lie.force(scene, step, 1_u64);
        },
        "arith.result",
    ),
    (
        "work that is not counted",
        Scenes::fine,
        |_, scene, lie| {
            let work = scene.made.segment.inputs.work;
            let step = scene.find(|step| {
                matches!(scene.op(step), Some(Op::Arith | Op::Farith)) && step.result == work.into()
            });
            lie.force(scene, step, work / 2);
        },
        "arith.result",
    ),
    (
        "more gas than the limit",
        Scenes::spent,
        |_, scene, lie| {
            let gas = scene.given();
            let gives = |step: &Step| scene.op(step) == Some(Op::Arith) && step.result == gas.into();
            lie.force(scene, scene.find(gives), 100 * gas);
        },
        "arith.result",
    ),
    (
        "out of gas where there is enough",
        Scenes::fine,
        |_, scene, lie| {
            let pc = priced(scene, lie);
            let row = &mut lie.program.code[pc as usize];
            let more = (1 << 23) - row.gas;
            row.gas += more;
            *trap(lie, pc) += Fr::from(u64::from(more) << 8);
        },
        "aux.result",
    ),
    (
        "a trap where there is none",
        Scenes::fine,
        |_, scene, lie| {
            let pc = priced(scene, lie);
            let entry = trap(lie, pc);
            let class = Value::from(*entry).word().unwrap() & 255;
            *entry = *entry - Fr::from(class) + Fr::from(1_u64);
        },
        "aux.result",
    ),
    (
        "a host function that charges nothing",
        Scenes::fine,
        |_, scene, lie| {
            let step = scene.find(|step| scene.op(step) == Some(Op::GasD));
            lie.force(scene, step, 0_u64);
        },
        "state.gas",
    ),
    (
        "a write that is lost",
        Scenes::fine,
        |_, scene, lie| {
            let step = scene.find(|step| stores(scene, step, written()));
            lie.row(scene, step).k[4] += Fr::from(AWAY);
        },
        "store.address",
    ),
    (
        "a value that is stale",
        Scenes::fine,
        |_, scene, lie| {
            let write = scene.find(|step| stores(scene, step, written()));
            let value = scene.trace.steps[write].c.unwrap().address;
            // The entry's other cell with what was there before.
            let other = |step: &Step| {
                stores(scene, step, before()) && step.c.is_some_and(|slot| slot.address != value)
            };
            let initial = scene.trace.steps[scene.find(other)].c.unwrap().address;
            let read = |step: &Step| {
                scene.op(step) == Some(Op::LoadW) && step.b.is_some_and(|slot| slot.address == value)
            };
            let later = scene.trace.steps[write..].iter().position(read).unwrap();
            let k4 = &mut lie.row(scene, write + later).k[4];
            *k4 = *k4 + Fr::from(8 * initial) - Fr::from(8 * value);
        },
        "load.address",
    ),
    (
        "what is there, said not to be",
        Scenes::fine,
        |_, scene, lie| {
            let write = scene.find(|step| stores(scene, step, written()));
            let asks = |step: &Step| {
                let reads = [&step.a, &step.b]
                    .into_iter()
                    .flatten()
                    .any(|slot| slot.old == written());
                reads && scene.op(step) == Some(Op::Eq)
            };
            let later = scene.trace.steps[write..].iter().position(asks).unwrap();
            lie.turn(scene, write + later);
        },
        "eq.result",
    ),
    (
        "an absence in the state before that is none",
        Scenes::fine,
        |_, scene, lie| {
            lie.absent = Some(key());
            let root = Value::from(scene.made.segment.inputs.before.state_root);
            lie.keep(scene, scene.compares(root, root));
        },
        "eq.result",
    ),
    (
        "a write that stays after a revert",
        Scenes::reverted,
        |_, scene, lie| {
            let write = scene.find(|step| stores(scene, step, written()));
            let value = scene.trace.steps[write].c.unwrap().address;
            let back = |step: &Step| {
                stores(scene, step, before()) && step.c.is_some_and(|slot| slot.address == value)
            };
            let back = write + scene.trace.steps[write..].iter().position(back).unwrap();
            // Where it was asked whether there is anything to restore.
            // Where it was asked whether the outcome is ok.
            let reverted = |step: &Step| {
                let asks = scene.op(step) == Some(Op::Eq) && scene.row(step).k[3] == Fr::from(0_u64);
                asks && step.a.is_some_and(|slot| slot.old == 256_u64.into())
            };
            let branch = scene.trace.steps[..back].iter().rposition(reverted).unwrap();
            lie.turn(scene, branch);
        },
        "eq.result",
    ),
    (
        "a receipt that says ok",
        Scenes::reverted,
        |_, scene, lie| {
            let used = u64::from(scene.receipt(0).gas_used);
            let head = Value::from(1 << 40 | used);
            let step = scene.find(|step| {
                matches!(scene.op(step), Some(Op::Arith | Op::Farith | Op::Logic)) && step.result == head
            });
            lie.force(scene, step, used);
        },
        "farith.result",
    ),
    (
        "events that are forgotten",
        Scenes::fine,
        |_, scene, lie| {
            let events = Value::from(scene.receipt(0).events);
            let step = scene.find(|step| stores(scene, step, events));
            lie.row(scene, step).k[4] += Fr::from(AWAY);
        },
        "store.address",
    ),
    (
        "a global that lasts from call to call",
        Scenes::counted,
        |_, scene, lie| {
            let start =
                |step: &Step| scene.row(step).flags.has(Flags::GC) && step.result == 0x7000_u64.into();
            lie.row(scene, scene.find(start)).c += Fr::from(99_u64);
        },
        "slot.c.address",
    ),
    (
        "a gift that the giver keeps",
        Scenes::gave,
        |_, scene, lie| {
            let step = scene.gives(of_u128(FUNDS), of_u128(FUNDS - GIFT));
            lie.force(scene, step, of_u128(FUNDS));
        },
        "farith.result",
    ),
    (
        "frame slots that stay taken after a run",
        Scenes::reverted,
        |_, _, lie| lie.program.code[at::RESET as usize].k[1] = Fr::from(1_u64),
        "state.fp state.sl",
    ),
    (
        "a segment that begins with another inbox",
        Scenes::fine,
        |_, scene, lie| {
            // Records of the inbox before, and the height before.
            let reads = |step: &Step| {
                let k = &scene.row(step).k;
                scene.op(step) == Some(Op::Aux)
                    && k[0] == Fr::from(Tag::Public as u32)
                    && k[2] == Fr::from(12_u64)
            };
            lie.row(scene, scene.find(reads)).k[2] = Fr::from(13_u64);
        },
        "aux.result",
    ),
    (
        "a deposit of more than arrived",
        Scenes::arrived,
        |_, scene, lie| {
            let balance = BALANCE + u128::from(ARRIVED - 3) * GIFT;
            let step = scene.gives(of_u128(balance), of_u128(balance + GIFT));
            lie.force(scene, step, of_u128(balance + 1_000 * GIFT));
        },
        "farith.result",
    ),
    (
        "a deposit that can come again",
        Scenes::arrived,
        |_, scene, lie| {
            let step = scene.gives(u64::from(ARRIVED), u64::from(ARRIVED) + 1);
            lie.force(scene, step, u64::from(ARRIVED));
        },
        "farith.result",
    ),
    (
        "a withdrawal that the sender keeps",
        Scenes::sent,
        |_, scene, lie| {
            let step = scene.gives(of_u128(FUNDS), of_u128(FUNDS - GIFT));
            lie.force(scene, step, of_u128(FUNDS));
        },
        "farith.result",
    ),
    (
        "a message that is lost",
        Scenes::sent,
        |_, scene, lie| {
            let outbox = Value::from(scene.made.segment.inputs.after.outbox.value);
            let step = scene.find(|step| stores(scene, step, outbox));
            lie.row(scene, step).k[4] += Fr::from(AWAY);
        },
        "store.address",
    ),
];
