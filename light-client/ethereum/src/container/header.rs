//! Beacon block headers, alone and with what they say of the execution layer.

use super::ExecutionPayloadHeader;
use crate::error::{Malformed, Part};
use crate::ssz::{self, OFFSET, Reader, Root, ZERO, leaf_u64};
use crate::{Error, Form, Spec};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The header of a beacon block. What a sync committee signs is its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the specification's")]
pub struct BeaconBlockHeader {
    pub slot: u64,
    pub proposer_index: u64,
    pub parent_root: Root,
    pub state_root: Root,
    pub body_root: Root,
}

impl BeaconBlockHeader {
    const LENGTH: usize = 112;

    const EMPTY: Self = Self {
        slot: 0,
        proposer_index: 0,
        parent_root: ZERO,
        state_root: ZERO,
        body_root: ZERO,
    };

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            slot: reader.u64()?,
            proposer_index: reader.u64()?,
            parent_root: reader.array()?,
            state_root: reader.array()?,
            body_root: reader.array()?,
        })
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.slot.to_le_bytes());
        out.extend(self.proposer_index.to_le_bytes());
        out.extend(self.parent_root);
        out.extend(self.state_root);
        out.extend(self.body_root);
    }

    /// `hash_tree_root`: the block's root.
    pub fn root(&self) -> Root {
        let leaves = [
            leaf_u64(self.slot),
            leaf_u64(self.proposer_index),
            self.parent_root,
            self.state_root,
            self.body_root,
        ];
        ssz::root(leaves.to_vec(), 3)
    }
}

/// What a beacon block says of the execution layer, with the branch that proves it to be in the block's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Execution {
    /// Before Gloas: the header of the block's own payload.
    Payload {
        /// The payload's header.
        header: Box<ExecutionPayloadHeader>,
        /// From its root to the body's.
        branch: [Root; 4],
    },
    /// From Gloas on: the hash of the execution block that this block's bid builds on, which is the last one whose
    /// payload was there before this block. Of earlier slots, in containers of Gloas: of the block's own payload.
    Hash {
        /// The execution block's hash.
        block_hash: Root,
        /// From it to the body's root; for earlier slots two zeros in front.
        branch: Box<[Root; 11]>,
    },
}

/// A beacon block's header, with what it says of the execution layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LightClientHeader {
    /// The beacon block's header.
    pub beacon: BeaconBlockHeader,
    /// What it says of the execution layer.
    pub execution: Execution,
}

const PAYLOAD_FIXED: usize = BeaconBlockHeader::LENGTH + OFFSET + 4 * 32;
const GLOAS_LENGTH: usize = BeaconBlockHeader::LENGTH + 32 + 11 * 32;

impl LightClientHeader {
    /// The payload in the block's body before Gloas, as a generalized index.
    pub(crate) const PAYLOAD_INDEX: u64 = 25;

    /// How many bytes it takes in the fixed part of a container around it: all, or an offset.
    pub(crate) fn fixed(form: Form) -> usize {
        match form {
            Form::Deneb | Form::Electra => OFFSET,
            Form::Gloas => GLOAS_LENGTH,
        }
    }

    /// The header of no block.
    pub fn empty(form: Form) -> Self {
        let execution = match form {
            Form::Deneb | Form::Electra => Execution::Payload {
                header: Box::new(ExecutionPayloadHeader::EMPTY),
                branch: [ZERO; 4],
            },
            Form::Gloas => Execution::Hash {
                block_hash: ZERO,
                branch: Box::new([ZERO; 11]),
            },
        };
        Self {
            beacon: BeaconBlockHeader::EMPTY,
            execution,
        }
    }

    pub(crate) fn decode(form: Form, bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let beacon = BeaconBlockHeader::read(&mut reader)?;
        let execution = match form {
            Form::Deneb | Form::Electra => {
                let offset = reader.offset()?;
                let branch = read_branch(&mut reader)?;
                let [header] = ssz::parts(bytes, PAYLOAD_FIXED, [offset])?;
                let header = Box::new(ExecutionPayloadHeader::decode(header)?);
                Execution::Payload { header, branch }
            }
            Form::Gloas => {
                let block_hash = reader.array()?;
                let branch = Box::new(read_branch(&mut reader)?);
                reader.end()?;
                Execution::Hash { block_hash, branch }
            }
        };
        Ok(Self { beacon, execution })
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(GLOAS_LENGTH);
        self.beacon.put(&mut out);
        match &self.execution {
            Execution::Payload { header, branch } => {
                ssz::put_offset(&mut out, PAYLOAD_FIXED);
                branch.iter().for_each(|node| out.extend(node));
                out.extend(header.encode());
            }
            Execution::Hash { block_hash, branch } => {
                out.extend(block_hash);
                branch.iter().for_each(|node| out.extend(node));
            }
        }
        out
    }

    /// The hash of the execution block that it speaks of.
    pub fn block_hash(&self) -> Root {
        match &self.execution {
            Execution::Payload { header, .. } => header.block_hash,
            Execution::Hash { block_hash, .. } => *block_hash,
        }
    }

    /// `get_lc_execution_root`: the payload header's root, or from Gloas on the block's hash.
    pub fn execution_root(&self) -> Root {
        match &self.execution {
            Execution::Payload { header, .. } => header.root(),
            Execution::Hash { block_hash, .. } => *block_hash,
        }
    }

    /// `is_valid_light_client_header`: what it says of the execution layer is in the block's body, as the fork of its
    /// slot has it there.
    pub(crate) fn check(&self, spec: &Spec, part: Part) -> Result<(), Error> {
        let form = spec.fork(self.beacon.slot)?.form;
        let root = match &self.execution {
            Execution::Payload { .. } if form >= Form::Gloas => None,
            Execution::Payload { header, branch } => {
                ssz::root_of_branch(header.root(), branch, Self::PAYLOAD_INDEX)
            }
            Execution::Hash { block_hash, branch } => {
                ssz::root_of_branch(*block_hash, branch.as_slice(), form.block_hash_index())
            }
        };
        match root == Some(self.beacon.body_root) {
            true => Ok(()),
            false => Err(Error::Execution(part)),
        }
    }

    /// The same header in the containers of Gloas (`upgrade_lc_header_to_gloas`): of the payload's header, only the
    /// block's hash stays.
    #[must_use]
    pub fn to_gloas(&self) -> Self {
        let Execution::Payload { header, branch } = &self.execution else {
            return self.clone();
        };
        if *self == Self::empty(Form::Deneb) {
            return Self::empty(Form::Gloas);
        }
        let mut nodes = [ZERO; 11];
        let inner = header.block_hash_branch();
        // From behind: what is not filled stays zero in front.
        for (to, from) in nodes.iter_mut().rev().zip(inner.iter().chain(branch).rev()) {
            *to = *from;
        }
        Self {
            beacon: self.beacon,
            execution: Execution::Hash {
                block_hash: header.block_hash,
                branch: Box::new(nodes),
            },
        }
    }
}

fn read_branch<const N: usize>(reader: &mut Reader<'_>) -> Result<[Root; N], Malformed> {
    let mut branch = [ZERO; N];
    for node in &mut branch {
        *node = reader.array()?;
    }
    Ok(branch)
}
