//! What blocks are made of, as lists. Each function is one of `playfair_types` for many things; the tests hold them equal.

use crate::lists::Lists;
use playfair_types::Fr;
use playfair_types::codec::DecodeError;
use playfair_types::crypto::field::pack24;
use playfair_types::hash::Tag;
use playfair_types::receipt::{Event, ReceiptBody};
use playfair_types::state::StateKey;
use playfair_types::tape::frame::{FRAME_BYTES, limbs, split};
use playfair_types::tape::kind;

/// `state::value_hash` of each.
#[must_use]
pub fn values<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<Fr> {
    let mut lists = Lists::new();
    for value in values {
        lists.push_bytes24(Tag::Value, value);
    }
    lists.hash()
}

/// `state::leaf` of each key and value hash.
#[must_use]
pub fn leaves<'a>(leaves: impl IntoIterator<Item = (&'a StateKey, Fr)>) -> Vec<Fr> {
    let mut lists = Lists::new();
    for (key, value_hash) in leaves {
        lists.push(Tag::Leaf, [key.to_field(), value_hash]);
    }
    lists.hash()
}

/// `ReceiptBody::hashes` of each.
#[must_use]
pub fn bodies<'a>(bodies: impl IntoIterator<Item = &'a ReceiptBody>) -> Vec<(Fr, Fr)> {
    let bodies: Vec<_> = bodies.into_iter().collect();
    let mut lists = Lists::new();
    for body in &bodies {
        lists.push_bytes24(Tag::Output, &body.output);
    }
    for event in bodies.iter().flat_map(|body| &body.events) {
        push_event(&mut lists, event);
    }
    let hashes = lists.hash();
    let (outputs, mut events) = hashes.split_at(bodies.len());
    let events: Vec<&[Fr]> = bodies
        .iter()
        .map(|body| {
            let (these, rest) = events.split_at(body.events.len().min(events.len()));
            events = rest;
            these
        })
        .collect();
    outputs.iter().copied().zip(chains(&events)).collect()
}

fn push_event(lists: &mut Lists, event: &Event) {
    let elements = std::iter::once(Fr::from(event.topic)).chain(pack24(&event.data));
    lists.push_with_length(Tag::Event, event.data.len() as u64, elements);
}

/// Chains of events: the first event of each, then the second of those that have one.
fn chains(events: &[&[Fr]]) -> Vec<Fr> {
    let mut chains = vec![Fr::default(); events.len()];
    for number in 0.. {
        let mut lists = Lists::new();
        let mut longer = Vec::new();
        for (chain, events) in chains.iter_mut().zip(events) {
            if let Some(event) = events.get(number) {
                lists.push(Tag::Events, [*chain, *event]);
                longer.push(chain);
            }
        }
        if longer.is_empty() {
            break;
        }
        for (chain, hash) in longer.into_iter().zip(lists.hash()) {
            *chain = hash;
        }
    }
    chains
}

/// `tape::call_message` of each record.
#[must_use]
pub fn messages<'a>(
    chain_id: Fr,
    records: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<Result<Fr, DecodeError>> {
    let mut lists = Lists::new();
    let mut messages = Vec::new();
    for record in records {
        messages.push(push_message(&mut lists, chain_id, record).map(|()| Fr::default()));
    }
    let good = messages.iter_mut().filter_map(|message| message.as_mut().ok());
    for (message, hash) in good.zip(lists.hash()) {
        *message = hash;
    }
    messages
}

/// The signature itself and the mark of the inbox are not part of what is signed.
fn push_message(lists: &mut Lists, chain_id: Fr, record: &[u8]) -> Result<(), DecodeError> {
    let Some((first, more)) = split(record)?.split_first() else {
        return Err(DecodeError::UnexpectedEnd("call"));
    };
    let mut masked: [u8; FRAME_BYTES] = *first;
    let [kind, r_high, s_high, ..] = &mut masked;
    (*kind, *r_high, *s_high) = (*kind & !kind::INBOX, 0, 0);
    let [fields, _, _, payload] = limbs(&masked);
    let head = [chain_id, fields, payload];
    lists.push(Tag::Call, head.into_iter().chain(more.iter().flat_map(limbs)));
    Ok(())
}
