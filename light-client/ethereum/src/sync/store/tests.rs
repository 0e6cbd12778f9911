//! `is_better_update`, whose order the specification gives as a list of what decides first.

use super::*;
use crate::{Finality, Fork, Form, NextCommittee, Preset, SyncAggregate, SyncCommittee};
use alloc::vec::Vec;

fn spec() -> Spec {
    Spec {
        preset: Preset::MINIMAL,
        forks: Vec::from([Fork {
            epoch: 0,
            version: [7; 4],
            form: Form::Gloas,
        }]),
        ..Spec::mainnet()
    }
}

fn store() -> Store {
    let header = LightClientHeader::empty(Form::Gloas);
    let committee = SyncCommittee {
        pubkeys: Vec::new(),
        aggregate_pubkey: [0; 48],
    };
    Store {
        spec: spec(),
        finalized: header.clone(),
        optimistic: header,
        current: Known::new(committee),
        next: None,
        best: None,
        participants_max_before: 0,
        participants_max: 0,
        staleness: Staleness::Refuse,
        forced: None,
    }
}

/// Participants; attested, finalised and signature's slot; whether there is a committee. A period has 64 slots.
fn update(participants: u32, attested: u64, finalized: Option<u64>, signature: u64, next: bool) -> Update {
    let header = |slot| {
        let mut header = LightClientHeader::empty(Form::Gloas);
        header.beacon.slot = slot;
        header
    };
    let bits = u32::MAX.checked_shr(32 - participants).unwrap();
    Update {
        attested: header(attested),
        next: next.then(|| NextCommittee {
            committee: SyncCommittee {
                pubkeys: Vec::new(),
                aggregate_pubkey: [0; 48],
            },
            branch: Vec::new(),
        }),
        finality: finalized.map(|slot| Finality {
            header: Some(header(slot)),
            branch: Vec::new(),
        }),
        aggregate: SyncAggregate {
            bits: bits.to_le_bytes().to_vec(),
            signature: [0; 96],
        },
        signature_slot: signature,
    }
}

#[test]
fn updates_are_ranked_as_the_specification_lists() {
    let ranked = [
        // A committee of the signature's period, final in its own period; more signers, then older, then signed earlier.
        update(32, 100, Some(80), 101, true),
        update(31, 100, Some(80), 101, true),
        update(31, 101, Some(80), 102, true),
        update(31, 101, Some(80), 103, true),
        // Final in the period before.
        update(32, 100, Some(40), 101, true),
        // Not final.
        update(32, 100, None, 101, true),
        // Signed in the period after, or without a committee.
        update(32, 127, Some(100), 128, true),
        update(31, 127, Some(100), 128, true),
        update(32, 100, Some(40), 101, false),
        update(22, 100, None, 101, false),
        // No two thirds: signers decide first.
        update(21, 100, None, 101, false),
        update(20, 100, Some(80), 101, true),
        update(20, 100, None, 101, false),
        update(1, 100, Some(80), 101, true),
    ];
    let store = store();
    for (at, better) in ranked.iter().enumerate() {
        for (after, worse) in ranked.iter().enumerate() {
            assert_eq!(store.is_better(better, worse), at < after, "{at} and {after}");
        }
    }
}
