//! Segment public inputs: everything that a segment proof says to the outside, as field elements in one order.
//!
//! ```text
//! 0        chain id
//! 1        payout key: who is paid for the proof (an L1 address)
//! 2        work: what proving it is paid by, a function of the records (docs/FORMATS.md section 11)
//! 3..17    the boundary before the segment
//! 17..31   the boundary after it
//! ```
//!
//! A boundary is fourteen elements, in this order: module, VK set root, state root, tape accumulator, tape frames, receipts
//! accumulator, outbox accumulator, outbox frames, inbox accumulator, inbox records, height, time, randomness, activating. Two
//! proofs chain when the whole boundary after the first equals the whole boundary before the second.

use crate::account::L1Address;
use crate::bounded::U48;
use crate::chain::block_randomness;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::crypto::field::{Fr, limb31_from_bytes};
use crate::hash::Tag;
use crate::module::ModuleHash;
use crate::tape::Accumulator;
use alloc::vec::Vec;
use ark_ff::AdditiveGroup;

/// Elements of a boundary.
pub const BOUNDARY_FIELDS: usize = 14;
/// Elements of a segment's public inputs.
pub const SEGMENT_FIELDS: usize = 3 + 2 * BOUNDARY_FIELDS;

/// The state of a chain's history between two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// The module that runs what follows.
    pub module: ModuleHash,
    /// The verifying keys that prove what follows; 0 until the first upgrade: those that the chain was registered with.
    pub vk_set_root: Fr,
    /// Root of the state, see [`crate::state`].
    pub state_root: Fr,
    /// The tape so far; length in frames.
    pub tape: Accumulator,
    /// The receipts so far. Their number is not carried: it equals the number of records.
    pub receipts: Fr,
    /// The outbox so far; length in frames.
    pub outbox: Accumulator,
    /// The inbox as consumed so far; its value absorbs frames.
    pub inbox: Fr,
    /// How many inbox records have been consumed.
    pub inbox_records: u64,
    /// Height of the current block.
    pub height: u64,
    /// Time of the current block, ms.
    pub time_ms: U48,
    /// Randomness of the current block.
    pub randomness: [u8; 31],
    /// Between an upgrade record and the block record that follows it, the announced time, ms: only a block record not
    /// before it may follow. 0 otherwise.
    pub activating_ms: U48,
}

impl Boundary {
    /// The boundary before the genesis record: nothing has happened. The genesis record is height 0; its time and
    /// everything else in its parameters come with it.
    #[must_use]
    pub fn before_genesis(chain_id: Fr, module: ModuleHash) -> Self {
        Self {
            module,
            vk_set_root: Fr::ZERO,
            state_root: Fr::ZERO,
            tape: Accumulator::start(Tag::Tape, chain_id),
            receipts: Accumulator::start(Tag::Receipts, chain_id).value,
            outbox: Accumulator::start(Tag::Outbox, chain_id),
            inbox: Accumulator::start(Tag::Inbox, chain_id).value,
            inbox_records: 0,
            height: 0,
            time_ms: U48::default(),
            randomness: block_randomness(chain_id, 0, &[0; 31]),
            activating_ms: U48::default(),
        }
    }

    /// The fourteen elements in order.
    #[must_use]
    pub fn to_fields(&self) -> [Fr; BOUNDARY_FIELDS] {
        [
            self.module.to_field(),
            self.vk_set_root,
            self.state_root,
            self.tape.value,
            Fr::from(self.tape.length),
            self.receipts,
            self.outbox.value,
            Fr::from(self.outbox.length),
            self.inbox,
            Fr::from(self.inbox_records),
            Fr::from(self.height),
            Fr::from(self.time_ms.get()),
            limb31_from_bytes(&self.randomness),
            Fr::from(self.activating_ms.get()),
        ]
    }
}

impl Encode for Boundary {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.bytes(&self.module.0)
            .field(&self.vk_set_root)
            .field(&self.state_root)
            .field(&self.tape.value)
            .u64(self.tape.length);
        w.field(&self.receipts)
            .field(&self.outbox.value)
            .u64(self.outbox.length);
        w.field(&self.inbox).u64(self.inbox_records);
        w.u64(self.height)
            .u48(self.time_ms)
            .bytes(&self.randomness)
            .u48(self.activating_ms);
    }
}

impl Decode for Boundary {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            module: ModuleHash(reader.array("module")?),
            vk_set_root: reader.field("VK set root")?,
            state_root: reader.field("state root")?,
            tape: Accumulator {
                value: reader.field("tape")?,
                length: reader.u64("tape frames")?,
            },
            receipts: reader.field("receipts")?,
            outbox: Accumulator {
                value: reader.field("outbox")?,
                length: reader.u64("outbox frames")?,
            },
            inbox: reader.field("inbox")?,
            inbox_records: reader.u64("inbox records")?,
            height: reader.u64("height")?,
            time_ms: U48::read(reader, "time")?,
            randomness: reader.array("randomness")?,
            activating_ms: U48::read(reader, "activating")?,
        })
    }
}

/// The public inputs of a segment proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentInputs {
    /// The chain.
    pub chain_id: Fr,
    /// Who is paid for this proof.
    pub payout: L1Address,
    /// Work of the records: see the module's documentation.
    pub work: u64,
    /// Before the segment's first record.
    pub before: Boundary,
    /// After its last.
    pub after: Boundary,
}

impl SegmentInputs {
    /// The instance column, in order.
    #[must_use]
    pub fn to_fields(&self) -> [Fr; SEGMENT_FIELDS] {
        let mut fields = [Fr::ZERO; SEGMENT_FIELDS];
        let head = [self.chain_id, self.payout.to_field(), Fr::from(self.work)];
        let all = head
            .into_iter()
            .chain(self.before.to_fields())
            .chain(self.after.to_fields());
        for (slot, field) in fields.iter_mut().zip(all) {
            *slot = field;
        }
        fields
    }

    /// Whether `next` starts exactly where this segment ends, on the same chain.
    #[must_use]
    pub fn chains_to(&self, next: &Self) -> bool {
        self.chain_id == next.chain_id && self.after == next.before
    }
}

impl Encode for SegmentInputs {
    fn encode_to(&self, out: &mut Vec<u8>) {
        Writer::new(out)
            .field(&self.chain_id)
            .bytes(&self.payout.0)
            .u64(self.work);
        self.before.encode_to(out);
        self.after.encode_to(out);
    }
}

impl Decode for SegmentInputs {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            chain_id: reader.field("chain id")?,
            payout: L1Address(reader.array("payout")?),
            work: reader.u64("work")?,
            before: Boundary::read(reader)?,
            after: Boundary::read(reader)?,
        })
    }
}
