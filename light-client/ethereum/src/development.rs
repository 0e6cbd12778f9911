//! Making what beacon nodes make, with keys that nobody needs to trust: for networks on one machine, and for tests.
//!
//! A development network's L1 has no beacon chain. One that signs light-client updates over its real execution blocks
//! needs no more than is here: a sync committee ([`Signers`]), states that hold committees and a finalised root
//! ([`State`]), and blocks with such a state ([`Block`]), which give bootstraps and updates. Light clients then take the
//! same way as on Ethereum. Everything else that a beacon state holds is zero.
//!
//! Whoever has the seed can sign anything. Such a network's security is that of its operator, which a page has to say.

use crate::error::Part;
use crate::ssz::{self, Root, ZERO};
use crate::{
    BeaconBlockHeader, Bootstrap, Error, Execution, ExecutionPayloadHeader, Finality, Form,
    LightClientHeader, NextCommittee, Preset, Spec, SyncAggregate, SyncCommittee, Update,
};
use alloc::boxed::Box;
use alloc::vec::Vec;
use playfair_bls::min_pk::{self, SecretKey};
use sha2::{Digest, Sha512};

/// The secret keys of a sync committee.
#[derive(Clone, Debug)]
pub struct Signers {
    keys: Vec<SecretKey>,
    committee: SyncCommittee,
}

impl Signers {
    /// The committee of a seed.
    ///
    /// # Errors
    /// [`Error::Signature`] for a preset without keys.
    pub fn from_seed(preset: &Preset, seed: &[u8; 32]) -> Result<Self, Error> {
        let key = |at: usize| {
            let digest = Sha512::new()
                .chain_update(b"playfair/1/sync-committee")
                .chain_update(seed)
                .chain_update(u64::try_from(at).unwrap_or_default().to_be_bytes());
            SecretKey::from_seed(&digest.finalize().into())
        };
        let keys: Vec<SecretKey> = (0..preset.committee_size).map(key).collect();
        let pubkeys: Vec<[u8; 48]> = keys.iter().map(SecretKey::public).collect();
        let sum = SecretKey::sum(&keys).ok_or(min_pk::Error::NoSigners)?;
        let committee = SyncCommittee {
            pubkeys,
            aggregate_pubkey: sum.public(),
        };
        Ok(Self { keys, committee })
    }

    /// Their public keys.
    pub fn committee(&self) -> &SyncCommittee {
        &self.committee
    }

    /// The first so many sign.
    ///
    /// # Errors
    /// [`Error::Signature`] if nobody signs.
    pub fn sign(&self, participants: usize, message: &Root) -> Result<SyncAggregate, Error> {
        let sum = SecretKey::sum(self.keys.iter().take(participants)).ok_or(min_pk::Error::NoSigners)?;
        let byte = |first: usize| {
            let bit = |bit: usize| u8::from(first.saturating_add(bit) < participants) << bit;
            (0..8).map(bit).fold(0, |byte, bit| byte | bit)
        };
        Ok(SyncAggregate {
            bits: (0..self.keys.len()).step_by(8).map(byte).collect(),
            signature: sum.sign(message),
        })
    }
}

/// What of a beacon state light clients look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The root of the finalised block, zero while that is genesis.
    pub finalized_root: Root,
    /// The committee of the state's period.
    pub current: SyncCommittee,
    /// The committee of the period after it.
    pub next: SyncCommittee,
}

/// What a beacon block says of the execution layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Before Gloas.
    Header(Box<ExecutionPayloadHeader>),
    /// From Gloas on, and all that is needed there.
    Hash(Root),
}

/// A beacon block with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    header: LightClientHeader,
    form: Form,
    state: State,
    tree: Tree,
}

impl Block {
    /// The block of a slot.
    ///
    /// # Errors
    /// [`Error::BeforeForks`]; [`Error::Execution`] if the slot's fork has another form of payload.
    pub fn new(
        spec: &Spec,
        slot: u64,
        parent_root: Root,
        state: State,
        payload: Payload,
    ) -> Result<Self, Error> {
        let form = spec.fork(slot)?.form;
        let tree = Tree::new(&[
            (form.finalized_index(), state.finalized_root),
            (form.current_committee_index(), state.current.root()),
            (form.next_committee_index(), state.next.root()),
        ]);
        let (execution, body_root) = match (payload, form) {
            (Payload::Header(header), Form::Deneb | Form::Electra) => {
                let body = Tree::new(&[(LightClientHeader::PAYLOAD_INDEX, header.root())]);
                let branch = body.branch(LightClientHeader::PAYLOAD_INDEX);
                (Execution::Payload { header, branch }, body.root())
            }
            (Payload::Hash(block_hash), Form::Gloas) => {
                let body = Tree::new(&[(form.block_hash_index(), block_hash)]);
                let branch = Box::new(body.branch(form.block_hash_index()));
                (Execution::Hash { block_hash, branch }, body.root())
            }
            _ => return Err(Error::Execution(Part::Attested)),
        };
        let beacon = BeaconBlockHeader {
            slot,
            proposer_index: 0,
            parent_root,
            state_root: tree.root(),
            body_root,
        };
        Ok(Self {
            header: LightClientHeader { beacon, execution },
            form,
            state,
            tree,
        })
    }

    /// Its header.
    pub fn header(&self) -> &LightClientHeader {
        &self.header
    }

    /// A light client can begin here.
    pub fn bootstrap(&self) -> Bootstrap {
        Bootstrap {
            header: self.header.clone(),
            committee: self.state.current.clone(),
            branch: self.tree.branch_of_depth(self.form.current_committee_index()),
        }
    }

    /// An update that attests this block: with the next committee, and with this finalised header if its root is that
    /// in the block's state (or with none, if genesis is what is final there). Whatever is not wanted may be left out
    /// of it afterwards: the signature is over this block's root alone.
    ///
    /// # Errors
    /// [`Error::BeforeForks`], and as [`Signers::sign`].
    pub fn update(
        &self,
        spec: &Spec,
        finalized: Option<&LightClientHeader>,
        signers: &Signers,
        participants: usize,
        signature_slot: u64,
    ) -> Result<Update, Error> {
        let message = spec.signing_root(&self.header.beacon.root(), signature_slot)?;
        let finality = (finalized.map_or(ZERO, |header| header.beacon.root()) == self.state.finalized_root)
            .then(|| Finality {
                header: finalized.cloned(),
                branch: self.tree.branch_of_depth(self.form.finalized_index()),
            });
        Ok(Update {
            attested: self.header.clone(),
            next: Some(NextCommittee {
                committee: self.state.next.clone(),
                branch: self.tree.branch_of_depth(self.form.next_committee_index()),
            }),
            finality,
            aggregate: signers.sign(participants, &message)?,
            signature_slot,
        })
    }
}

/// A tree of which few leaves are not zero, each at a generalized index. None is above another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tree {
    leaves: Vec<(u64, Root)>,
}

impl Tree {
    fn new(leaves: &[(u64, Root)]) -> Self {
        let leaves = leaves.to_vec();
        Self { leaves }
    }

    fn root(&self) -> Root {
        self.at(1)
    }

    /// The node at an index.
    fn at(&self, index: u64) -> Root {
        let depth = ssz::depth(index);
        let mut below = self.leaves.iter().filter(|(leaf, _)| {
            let levels = ssz::depth(*leaf).checked_sub(depth);
            levels.is_some_and(|levels| leaf >> levels == index)
        });
        match below.next() {
            None => ZERO,
            Some((leaf, root)) if *leaf == index => *root,
            Some(_) => ssz::node(&self.at(index << 1), &self.at((index << 1) | 1)),
        }
    }

    fn branch_of_depth(&self, mut index: u64) -> Vec<Root> {
        let mut branch = Vec::new();
        while index > 1 {
            branch.push(self.at(index ^ 1));
            index >>= 1;
        }
        branch
    }

    fn branch<const N: usize>(&self, index: u64) -> [Root; N] {
        let mut branch = [ZERO; N];
        for (to, from) in branch.iter_mut().zip(self.branch_of_depth(index)) {
            *to = from;
        }
        branch
    }
}
