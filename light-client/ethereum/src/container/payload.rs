//! `ExecutionPayloadHeader` of Deneb, which Electra and Fulu kept: an execution block's header without its RLP.

use crate::error::Malformed;
use crate::ssz::{self, Reader, Root, ZERO, leaf, leaf_u64};
use alloc::vec::Vec;

/// The header of an execution block as it stands in a beacon block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the specification's")]
pub struct ExecutionPayloadHeader {
    pub parent_hash: Root,
    pub fee_recipient: [u8; 20],
    pub state_root: Root,
    pub receipts_root: Root,
    pub logs_bloom: [u8; 256],
    pub prev_randao: Root,
    pub block_number: u64,
    pub gas_limit: u64,
    pub gas_used: u64,
    pub timestamp: u64,
    /// Up to 32 bytes.
    pub extra_data: Vec<u8>,
    /// Little-endian, as serialised.
    pub base_fee_per_gas: Root,
    pub block_hash: Root,
    pub transactions_root: Root,
    pub withdrawals_root: Root,
    pub blob_gas_used: u64,
    pub excess_blob_gas: u64,
}

/// The bytes before the extra data.
const FIXED: usize = 584;
const EXTRA_DATA_MAX: usize = 32;
/// The leaves of 17 fields.
const DEPTH: u32 = 5;
/// The place of the block's hash among them.
const BLOCK_HASH: usize = 12;

impl ExecutionPayloadHeader {
    /// The header of no block.
    pub const EMPTY: Self = Self {
        parent_hash: ZERO,
        fee_recipient: [0; 20],
        state_root: ZERO,
        receipts_root: ZERO,
        logs_bloom: [0; 256],
        prev_randao: ZERO,
        block_number: 0,
        gas_limit: 0,
        gas_used: 0,
        timestamp: 0,
        extra_data: Vec::new(),
        base_fee_per_gas: ZERO,
        block_hash: ZERO,
        transactions_root: ZERO,
        withdrawals_root: ZERO,
        blob_gas_used: 0,
        excess_blob_gas: 0,
    };

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let mut header = Self {
            parent_hash: reader.array()?,
            fee_recipient: reader.array()?,
            state_root: reader.array()?,
            receipts_root: reader.array()?,
            logs_bloom: reader.array()?,
            prev_randao: reader.array()?,
            block_number: reader.u64()?,
            gas_limit: reader.u64()?,
            gas_used: reader.u64()?,
            timestamp: reader.u64()?,
            ..Self::EMPTY
        };
        let extra_data = reader.offset()?;
        header.base_fee_per_gas = reader.array()?;
        header.block_hash = reader.array()?;
        header.transactions_root = reader.array()?;
        header.withdrawals_root = reader.array()?;
        header.blob_gas_used = reader.u64()?;
        header.excess_blob_gas = reader.u64()?;
        let [extra_data] = ssz::parts(bytes, FIXED, [extra_data])?;
        if extra_data.len() > EXTRA_DATA_MAX {
            return Err(Malformed::Limit);
        }
        header.extra_data = extra_data.to_vec();
        Ok(header)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(FIXED.saturating_add(EXTRA_DATA_MAX));
        out.extend(self.parent_hash);
        out.extend(self.fee_recipient);
        out.extend(self.state_root);
        out.extend(self.receipts_root);
        out.extend(self.logs_bloom);
        out.extend(self.prev_randao);
        for number in [self.block_number, self.gas_limit, self.gas_used, self.timestamp] {
            out.extend(number.to_le_bytes());
        }
        ssz::put_offset(&mut out, FIXED);
        out.extend(self.base_fee_per_gas);
        out.extend(self.block_hash);
        out.extend(self.transactions_root);
        out.extend(self.withdrawals_root);
        out.extend(self.blob_gas_used.to_le_bytes());
        out.extend(self.excess_blob_gas.to_le_bytes());
        out.extend(&self.extra_data);
        out
    }

    /// `hash_tree_root`.
    pub fn root(&self) -> Root {
        ssz::root(self.leaves().to_vec(), DEPTH)
    }

    /// The branch of the block's hash up to [`Self::root`].
    pub(crate) fn block_hash_branch(&self) -> Vec<Root> {
        ssz::branch(self.leaves().to_vec(), DEPTH, BLOCK_HASH)
    }

    fn leaves(&self) -> [Root; 17] {
        let length = u64::try_from(self.extra_data.len()).unwrap_or_default();
        [
            self.parent_hash,
            leaf(&self.fee_recipient),
            self.state_root,
            self.receipts_root,
            ssz::root_of_bytes(&self.logs_bloom, 3),
            self.prev_randao,
            leaf_u64(self.block_number),
            leaf_u64(self.gas_limit),
            leaf_u64(self.gas_used),
            leaf_u64(self.timestamp),
            ssz::node(&leaf(&self.extra_data), &leaf_u64(length)),
            self.base_fee_per_gas,
            self.block_hash,
            self.transactions_root,
            self.withdrawals_root,
            leaf_u64(self.blob_gas_used),
            leaf_u64(self.excess_blob_gas),
        ]
    }
}
