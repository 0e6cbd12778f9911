//! Kernels that pass over a check, and so take for good what is not.

use super::scene::Case;
use super::scenes::{NONCE, ORDER, PRICE, QUIET, Scenes};
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::code::address;
use playfair_proofs_isa::trace::Step;
use playfair_proving::caller::Caller;
use playfair_runtime::local::block_record;
use playfair_types::crypto::field::Fr;
use playfair_types::limits::CALL_GAS_MAX;

pub(super) const CASES: &[Case] = &[
    (
        "a nonce that was used before",
        Scenes::replayed,
        |_, scene, lie| {
            lie.turn(scene, scene.compares(u64::from(NONCE - 9), u64::from(NONCE)));
        },
        "eq.result",
    ),
    (
        "a call that is too late",
        Scenes::late,
        |_, scene, lie| {
            let time = scene.made.segment.inputs.after.time_ms.get();
            lie.turn(scene, scene.compares(12_345_u64, time));
        },
        "arith.result",
    ),
    (
        "a price below the least",
        Scenes::cheap,
        |_, scene, lie| lie.turn(scene, scene.compares(PRICE - 2, PRICE)),
        "arith.result",
    ),
    (
        "a gas limit above the most",
        Scenes::greedy,
        |_, scene, lie| {
            let limit = u64::from(CALL_GAS_MAX + 4_321);
            // Behind a comparison with what the record costs at least.
            let compares = |step: &Step| {
                let [a, b] = [&step.a, &step.b].map(|slot| slot.map(|slot| slot.old));
                let alone = [a, b].contains(&Some(limit.into())) && [a, b].contains(&None);
                alone && scene.op(step) == Some(Op::Arith) && step.result == 1_u64.into()
            };
            lie.turn(scene, scene.find(compares));
        },
        "arith.result",
    ),
    (
        "a signature of another message",
        Scenes::forged,
        |scenes, _, lie| {
            let fine = scenes.fine();
            for place in [address::CX, address::CY] {
                let cell = fine.trace.touched.iter().find(|cell| cell.address == place);
                let point = cell.unwrap().last_value;
                let compares = |step: &Step| {
                    let reads = [&step.a, &step.b]
                        .into_iter()
                        .flatten()
                        .any(|slot| slot.old == point);
                    reads && fine.op(step) == Some(Op::Eq)
                };
                let step = fine.trace.steps.iter().rposition(compares).unwrap();
                lie.keep(fine, step);
            }
        },
        "eq.result",
    ),
    (
        "a signature whose S is larger by the order",
        Scenes::mauled,
        |_, scene, lie| {
            let order = Fr::from(ORDER[3]);
            let equal = |step: &Step| {
                let k = &scene.row(step).k;
                scene.op(step) == Some(Op::Eq) && k[1] != Fr::from(0_u64) && k[3] == -k[1] * order
            };
            let equal = scene.find(equal);
            let top = scene.trace.steps[equal].a.unwrap().old;
            let less =
                |step: &Step| scene.op(step) == Some(Op::Arith) && step.a.is_some_and(|slot| slot.old == top);
            let less = scene.trace.steps[equal..].iter().position(less).unwrap();
            lie.turn(scene, equal + less);
        },
        "arith.result",
    ),
    (
        "an account's first key that is another's",
        Scenes::stolen,
        |_, scene, lie| {
            let own = Caller::new(1).id.to_field();
            lie.turn(scene, scene.compares(own, QUIET.to_field()));
        },
        "eq.result",
    ),
    (
        "a block from the past",
        Scenes::fine,
        |_, scene, lie| {
            let inputs = &scene.made.segment.inputs;
            let (now, then) = (inputs.after.time_ms.get(), inputs.before.time_ms.get());
            lie.tape
                .splice(..124, block_record(inputs.after.height, then - 5_000));
            lie.keep(scene, scene.compares(now, then));
        },
        "arith.result",
    ),
    (
        "a block that skips others",
        Scenes::fine,
        |_, scene, lie| {
            let inputs = &scene.made.segment.inputs;
            lie.tape.splice(
                ..124,
                block_record(inputs.after.height + 7, inputs.after.time_ms.get()),
            );
            lie.keep(scene, scene.compares(inputs.after.height, inputs.after.height));
        },
        "eq.result",
    ),
];
