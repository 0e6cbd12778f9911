//! The verifier of segment proofs as WebAssembly without imports: what a page links of it, no more.
//!
//! Bytes come four at a time through [`word`], so that no pointer crosses the border and everything here is safe code; only
//! the names of the exports are `unsafe` to Rust, because two of one name would clash. Then [`key`] takes them as a
//! verifying key, or [`proof`] as a proof envelope. verify.mjs beside this crate is the other side.
//!
//! All functions answer 0 for yes, and a number for why not.
#![allow(unsafe_code)]

use playfair_proofs_verifier::{Claim, Key, Program, Trust, segment_constraints, verify_batch};
use playfair_types::Decode;
use playfair_types::crypto::field::Fr;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::segment::SEGMENT_FIELDS;
use playfair_types::vk::VerifyingKey;
use std::cell::RefCell;
use std::sync::OnceLock;

/// Yes.
pub const OK: u32 = 0;
/// The bytes are no key, or no envelope.
pub const BYTES: u32 = 1;
/// The key does not fit the constraints, or its setup is unknown.
pub const KEY: u32 = 2;
/// There is no key, or the proof is for another one.
pub const OTHER_KEY: u32 = 3;
/// No such proof was given.
pub const NO_PROOF: u32 = 4;
/// The proof, or one of them, is not valid.
pub const REFUSED: u32 = 5;

/// More than any key or envelope has.
const BYTES_MAX: usize = 1 << 16;

/// A proof and its public inputs.
struct Given {
    instances: [Fr; SEGMENT_FIELDS],
    envelope: ProofEnvelope,
}

/// What was given so far.
#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    key: Option<Key<'static>>,
    proofs: Vec<Given>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

fn constraints() -> Option<&'static Program> {
    static CONSTRAINTS: OnceLock<Option<Program>> = OnceLock::new();
    CONSTRAINTS.get_or_init(|| segment_constraints().ok()).as_ref()
}

/// Appends the `count` low bytes of a word, four at most, little-endian.
#[unsafe(no_mangle)]
pub extern "C" fn word(value: u32, count: u32) {
    STATE.with_borrow_mut(|state| {
        if state.bytes.len() < BYTES_MAX {
            let bytes = value.to_le_bytes();
            state.bytes.extend(bytes.iter().take(count as usize));
        }
    });
}

/// Takes the bytes as the verifying key, checks it, and forgets the proofs.
#[unsafe(no_mangle)]
pub extern "C" fn key() -> u32 {
    STATE.with_borrow_mut(|state| {
        let bytes = core::mem::take(&mut state.bytes);
        (state.key, state.proofs) = (None, Vec::new());
        let (Ok(vk), Some(constraints)) = (VerifyingKey::decode(&bytes), constraints()) else {
            return BYTES;
        };
        state.key = Key::new(constraints, &vk, Trust::InsecureDevelopmentToo).ok();
        if state.key.is_some() { OK } else { KEY }
    })
}

/// Takes the bytes as the next proof.
#[unsafe(no_mangle)]
pub extern "C" fn proof() -> u32 {
    STATE.with_borrow_mut(|state| {
        let bytes = core::mem::take(&mut state.bytes);
        let Ok(envelope) = ProofEnvelope::decode(&bytes) else {
            return BYTES;
        };
        if state.key.as_ref().map(Key::digest) != Some(envelope.vk) {
            return OTHER_KEY;
        }
        let instances = envelope.inputs.to_fields();
        state.proofs.push(Given { instances, envelope });
        OK
    })
}

/// Verifies `count` proofs from number `first` on together; a proof alone is a batch of one.
#[unsafe(no_mangle)]
pub extern "C" fn verify(first: u32, count: u32) -> u32 {
    STATE.with_borrow(|state| {
        let end = (first as usize).saturating_add(count as usize);
        let (Some(key), Some(proofs)) = (&state.key, state.proofs.get(first as usize..end)) else {
            return NO_PROOF;
        };
        let claims: Vec<Claim<'_>> = proofs
            .iter()
            .map(|given| Claim {
                key,
                instances: &given.instances,
                proof: &given.envelope.proof,
            })
            .collect();
        match verify_batch(&claims) {
            Ok(()) => OK,
            Err(_) => REFUSED,
        }
    })
}
