//! What is worth knowing of an execution block's header.

use super::{keccak, rlp::Items};
use crate::error::Malformed;
use crate::ssz::Root;
use crate::{Error, Execution, LightClientHeader};

/// An execution block, proven by a beacon header or by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecutionHeader {
    /// Keccak of the block's header.
    pub block_hash: Root,
    /// The block before.
    pub parent_hash: Root,
    /// The root of the state after the block.
    pub state_root: Root,
    /// The block's number.
    pub number: u64,
    /// Its time, in seconds since 1970.
    pub timestamp: u64,
}

/// The longest header that is read. Today's have some 650 bytes.
const BYTES_MAX: usize = 2048;
/// Fields that a header may have: fifteen at first, one or more with every other fork.
const FIELDS_MAX: usize = 64;
const EXTRA_DATA_MAX: usize = 32;

impl ExecutionHeader {
    /// Reads a header as the execution layer encodes it. Its hash follows from the bytes: that it is the right block is
    /// for the caller to compare.
    ///
    /// The fields up to the nonce are read strictly; those that later forks put behind them must be strings in their
    /// only form, of up to 32 bytes, and are not looked at.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes).map_err(Error::malformed("execution block's header"))
    }

    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > BYTES_MAX {
            return Err(Malformed::Limit);
        }
        let mut fields = Items::of_list(bytes)?;
        let parent_hash = fields.array()?;
        let _uncles: Root = fields.array()?;
        let _beneficiary: [u8; 20] = fields.array()?;
        let state_root = fields.array()?;
        let _transactions: Root = fields.array()?;
        let _receipts: Root = fields.array()?;
        let _bloom: [u8; 256] = fields.array()?;
        let _difficulty = fields.u256()?;
        let number = fields.u64()?;
        let (_gas_limit, _gas_used) = (fields.u64()?, fields.u64()?);
        let timestamp = fields.u64()?;
        if fields.string()?.len() > EXTRA_DATA_MAX {
            return Err(Malformed::Limit);
        }
        let _randao: Root = fields.array()?;
        let _nonce: [u8; 8] = fields.array()?;
        for _ in 15..FIELDS_MAX {
            if fields.is_empty() {
                break;
            }
            if fields.string()?.len() > 32 {
                return Err(Malformed::Limit);
            }
        }
        fields.end()?;
        Ok(Self {
            block_hash: keccak(bytes),
            parent_hash,
            state_root,
            number,
            timestamp,
        })
    }
}

impl LightClientHeader {
    /// The execution block of this header. Where only its hash is proven, from Gloas on, the block's own header is
    /// needed, from anybody; elsewhere it is compared if it is given.
    ///
    /// That this header is one to believe is the store's matter: take one from there.
    ///
    /// # Errors
    /// [`Error::NeedsBlock`], [`Error::BlockHash`], [`Error::Malformed`].
    pub fn execution_header(&self, block: Option<&[u8]>) -> Result<ExecutionHeader, Error> {
        let given = block.map(ExecutionHeader::decode).transpose()?;
        let wanted = self.block_hash();
        match (given, &self.execution) {
            (Some(given), _) if given.block_hash == wanted => Ok(given),
            (Some(given), _) => Err(Error::BlockHash {
                wanted,
                found: given.block_hash,
            }),
            (None, Execution::Payload { header, .. }) => Ok(ExecutionHeader {
                block_hash: header.block_hash,
                parent_hash: header.parent_hash,
                state_root: header.state_root,
                number: header.block_number,
                timestamp: header.timestamp,
            }),
            (None, Execution::Hash { .. }) => Err(Error::NeedsBlock),
        }
    }
}
