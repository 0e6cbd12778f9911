use super::*;
use crate::account::{AccountId, L1Address};
use crate::bounded::{Bytes, U48};
use crate::codec::Decode;
use crate::crypto::eddsa::{SecretKey, Signature, verify};
use alloc::vec;
use call::{Call, RawSignature};

fn call(payload: usize, new_key: Option<[u8; 32]>) -> Call {
    Call {
        account: AccountId([7; 20]),
        key_index: 0,
        lane: 3,
        nonce: 9u32.into(),
        valid_until_ms: U48::MAX,
        gas_limit: 50_000,
        gas_price: 2,
        entry: 1,
        payload: Bytes::new(vec![0xaa; payload]).expect("within the limit"),
        new_key,
    }
}

fn signed(payload: usize, new_key: Option<[u8; 32]>, forced: bool) -> SignedCall {
    SignedCall {
        call: call(payload, new_key),
        signature: RawSignature([0x11; 64]),
        forced,
    }
}

#[test]
fn a_short_call_is_one_frame_and_lengths_follow_from_the_first() {
    for (payload, new_key, frames) in [
        (0, None, 1),
        (10, None, 1),
        (11, None, 2),
        (134, None, 2),
        (135, None, 3),
        (4096, None, 34),
        (0, Some([1; 32]), 2),
        (11, Some([1; 32]), 3),
    ] {
        let bytes = signed(payload, new_key, false).encode();
        assert_eq!(bytes.len(), frames * FRAME_BYTES, "payload {payload}");
        let first: [u8; FRAME_BYTES] = bytes[..FRAME_BYTES].try_into().expect("a frame");
        assert_eq!(record_frames(&first), Ok(frames));
    }
}

#[test]
fn the_message_covers_everything_but_signature_and_inbox_bit() {
    let chain = Fr::from(5u64);
    let message = call(20, None).message(chain);
    for forced in [false, true] {
        let bytes = signed(20, None, forced).encode();
        assert_eq!(call_message(chain, &bytes), Ok(message));
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let at = bit / 8;
            let outside = at == 1 || at == 2 || (31..93).contains(&at) || (at == 0 && bit % 8 == 7);
            assert_eq!(call_message(chain, &changed) == Ok(message), outside, "bit {bit}");
        }
    }
    assert_ne!(call(20, None).message(Fr::from(6u64)), message);
}

#[test]
fn a_new_key_call_cannot_be_read_as_a_call_with_a_payload() {
    let chain = Fr::from(5u64);
    let with_key = call(11, Some([9; 32]));
    let without = Call {
        payload: Bytes::new(vec![9; 134]).expect("fits"),
        new_key: None,
        ..with_key.clone()
    };
    assert_ne!(with_key.message(chain), without.message(chain));
}

#[test]
fn signing_binds_chain_and_content() {
    let chain = Fr::from(77u64);
    let key = SecretKey::from_seed(&[3; 32]);
    let signed = call(10, None).sign(chain, &key);
    let signature = Signature::from_bytes(&signed.signature.0).expect("our own signature");
    assert!(verify(key.public_key(), signed.call.message(chain), &signature).is_ok());
    assert!(verify(key.public_key(), signed.call.message(Fr::from(78u64)), &signature).is_err());
}

#[test]
fn malformed_calls_are_consumed_and_other_records_break_the_tape() {
    let mut tape = signed(3, None, true).encode();
    tape[FRAME_BYTES - 1] = 1; // a byte of the zero fill
    let block = BlockRecord {
        height: 1,
        time_ms: 5u32.into(),
        seed: [2; 31],
        seed_signature: [3; 48],
    };
    block.encode_to(&mut tape);
    let mut reader = Reader::new(&tape);
    let (malformed, bytes) = step(&mut reader).expect("the tape goes on");
    assert!(matches!(
        malformed,
        Step::Malformed(DecodeError::NonZeroPadding(_))
    ));
    assert_eq!(bytes.len(), FRAME_BYTES);
    assert_eq!(
        step(&mut reader).expect("a block").0,
        Step::Record(Record::Block(block))
    );
    assert_eq!(reader.remaining(), 0);

    let mut broken = block.encode();
    broken[20] = 1;
    assert!(step(&mut Reader::new(&broken)).is_err());
    assert!(
        step(&mut Reader::new(&[0; FRAME_BYTES])).is_err(),
        "a zero frame is no record"
    );
    for kind in [0x81, 0x86, 0x87, 0x04, 0x05, 0x08, 0xff] {
        assert!(record_frames(&[kind; FRAME_BYTES]).is_err(), "kind {kind:#x}");
    }
}

#[test]
fn l1_calls_have_no_signature_nonce_or_price() {
    let call = L1Call {
        account: AccountId([7; 20]),
        key_index: 4,
        sender: L1Address([8; 20]),
        valid_until_ms: U48::MAX,
        gas_limit: 9,
        entry: 1,
        payload: Bytes::default(),
    };
    let bytes = call.encode();
    assert_eq!(Record::decode(&bytes), Ok(Record::L1Call(call)));
    for at in [1, 2, 24, 30, 31, 41, 62, 92, 103, 110] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(Record::decode(&changed).is_err(), "byte {at}");
    }
}

#[test]
fn accumulators_of_different_streams_and_chains_never_meet() {
    let starts = [Tag::Tape, Tag::Inbox, Tag::Outbox, Tag::Receipts]
        .map(|tag| [1u64, 2].map(|chain| Accumulator::start(tag, Fr::from(chain)).value));
    let all: alloc::collections::BTreeSet<_> = starts.iter().flatten().collect();
    assert_eq!(all.len(), 8);
    let mut accumulator = Accumulator::start(Tag::Tape, Fr::from(1u64));
    assert!(accumulator.absorb_frames(&[0; FRAME_BYTES + 1]).is_err());
    assert_eq!(
        accumulator,
        Accumulator::start(Tag::Tape, Fr::from(1u64)),
        "unchanged after an error"
    );
    assert_eq!(accumulator.absorb_frames(&[0; 2 * FRAME_BYTES]), Ok(()));
    assert_eq!(accumulator.length, 2);
}
