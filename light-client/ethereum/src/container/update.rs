//! Bootstraps and updates.
//!
//! ```text
//! bootstrap          header | committee | branch
//! update             attested | next committee | branch | finalised | branch | aggregate | signature slot
//! finality update    attested | finalised | branch | aggregate | signature slot
//! optimistic update  attested | aggregate | signature slot
//! ```
//!
//! Finality and optimistic updates are updates without the parts that they leave out, here as in the protocol.

use super::{LightClientHeader, SyncAggregate, SyncCommittee};
use crate::error::Malformed;
use crate::ssz::{self, Reader, Root, ZERO};
use crate::{Error, Form, Spec};
use alloc::vec::Vec;

/// What to begin from: a header that is trusted for its root, and the committee of its period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// The header.
    pub header: LightClientHeader,
    /// The sync committee in its state.
    pub committee: SyncCommittee,
    /// The branch from it to the state's root.
    pub branch: Vec<Root>,
}

/// A next committee and the branch from it to the attested header's state root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextCommittee {
    /// The committee.
    pub committee: SyncCommittee,
    /// The branch.
    pub branch: Vec<Root>,
}

/// A finalised header and the branch from it to the attested header's state root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finality {
    /// The header; none while only genesis is final.
    pub header: Option<LightClientHeader>,
    /// The branch.
    pub branch: Vec<Root>,
}

/// What a sync committee signed, and what can be proven with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The header that was signed.
    pub attested: LightClientHeader,
    /// The committee of the next period.
    pub next: Option<NextCommittee>,
    /// The finalised header.
    pub finality: Option<Finality>,
    /// Who signed, and the signature.
    pub aggregate: SyncAggregate,
    /// The slot in which they signed. Only the period and the fork of it are covered by the signature.
    pub signature_slot: u64,
}

/// Which of the three containers an update is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `LightClientUpdate`.
    Update,
    /// `LightClientFinalityUpdate`.
    Finality,
    /// `LightClientOptimisticUpdate`.
    Optimistic,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Update => "light client update",
            Self::Finality => "finality update",
            Self::Optimistic => "optimistic update",
        }
    }

    /// The length of the part before the offsets' targets.
    fn fixed(self, spec: &Spec, form: Form) -> usize {
        let header = LightClientHeader::fixed(form);
        let branch = |index| ssz::depth(index).saturating_mul(32);
        let next = SyncCommittee::fixed(&spec.preset).saturating_add(branch(form.next_committee_index()));
        let finality = header.saturating_add(branch(form.finalized_index()));
        let always = SyncAggregate::fixed(&spec.preset)
            .saturating_add(header)
            .saturating_add(8);
        match self {
            Self::Update => always.saturating_add(next).saturating_add(finality),
            Self::Finality => always.saturating_add(finality),
            Self::Optimistic => always,
        }
    }
}

impl Bootstrap {
    /// Reads `LightClientBootstrap`.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Form`], [`Error::BeforeForks`].
    pub fn decode(spec: &Spec, form: Form, bytes: &[u8]) -> Result<Self, Error> {
        let bootstrap = Self::read(spec, form, bytes).map_err(Error::malformed("bootstrap"))?;
        same_form(spec, &bootstrap.header, form)?;
        Ok(bootstrap)
    }

    fn read(spec: &Spec, form: Form, bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let header = reader.bytes(LightClientHeader::fixed(form))?;
        let committee = SyncCommittee::read(&spec.preset, &mut reader)?;
        let branch = reader.arrays(ssz::depth(form.current_committee_index()))?;
        let fixed = Self::fixed(spec, form);
        let [header] = headers(form, bytes, fixed, [header])?;
        Ok(Self {
            header: LightClientHeader::decode(form, header)?,
            committee,
            branch,
        })
    }

    fn fixed(spec: &Spec, form: Form) -> usize {
        let branch = ssz::depth(form.current_committee_index()).saturating_mul(32);
        LightClientHeader::fixed(form)
            .saturating_add(SyncCommittee::fixed(&spec.preset))
            .saturating_add(branch)
    }

    /// Writes `LightClientBootstrap` in the form of the header's slot.
    ///
    /// # Errors
    /// [`Error::BeforeForks`].
    pub fn encode(&self, spec: &Spec) -> Result<Vec<u8>, Error> {
        let form = spec.fork(self.header.beacon.slot)?.form;
        let (mut out, mut tail) = (Vec::new(), Vec::new());
        put_header(&self.header, form, Self::fixed(spec, form), &mut out, &mut tail);
        self.committee.put(&mut out);
        self.branch.iter().for_each(|node| out.extend(node));
        out.extend(tail);
        Ok(out)
    }
}

impl Update {
    /// Reads one of the three containers.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Form`], [`Error::BeforeForks`].
    pub fn decode(spec: &Spec, form: Form, kind: Kind, bytes: &[u8]) -> Result<Self, Error> {
        let update = Self::read(spec, form, kind, bytes).map_err(Error::malformed(kind.name()))?;
        same_form(spec, &update.attested, form)?;
        Ok(update)
    }

    fn read(spec: &Spec, form: Form, kind: Kind, bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let header = LightClientHeader::fixed(form);
        let attested = reader.bytes(header)?;
        let next = match kind {
            Kind::Update => read_next(spec, form, &mut reader)?,
            Kind::Finality | Kind::Optimistic => None,
        };
        let finality = match kind {
            Kind::Update | Kind::Finality => {
                let header = reader.bytes(header)?;
                Some((header, reader.arrays(ssz::depth(form.finalized_index()))?))
            }
            Kind::Optimistic => None,
        };
        let aggregate = SyncAggregate::read(&spec.preset, &mut reader)?;
        let signature_slot = reader.u64()?;
        let fixed = kind.fixed(spec, form);
        let (attested, finality) = match finality {
            None => {
                let [attested] = headers(form, bytes, fixed, [attested])?;
                (attested, None)
            }
            Some((finalized, branch)) => {
                let [attested, finalized] = headers(form, bytes, fixed, [attested, finalized])?;
                (attested, read_finality(form, finalized, branch)?)
            }
        };
        Ok(Self {
            attested: LightClientHeader::decode(form, attested)?,
            next,
            finality,
            aggregate,
            signature_slot,
        })
    }

    /// Writes one of the three containers, in the form of the attested header's slot, without what it has no place for.
    ///
    /// # Errors
    /// [`Error::BeforeForks`].
    pub fn encode(&self, spec: &Spec, kind: Kind) -> Result<Vec<u8>, Error> {
        let form = spec.fork(self.attested.beacon.slot)?.form;
        let fixed = kind.fixed(spec, form);
        let (mut out, mut tail) = (Vec::new(), Vec::new());
        put_header(&self.attested, form, fixed, &mut out, &mut tail);
        if kind == Kind::Update {
            put_next(self.next.as_ref(), spec, form, &mut out);
        }
        if kind != Kind::Optimistic {
            let header = self
                .finality
                .as_ref()
                .and_then(|finality| finality.header.as_ref());
            let empty = LightClientHeader::empty(form);
            put_header(header.unwrap_or(&empty), form, fixed, &mut out, &mut tail);
            let branch = self.finality.as_ref().map(|finality| finality.branch.as_slice());
            put_branch(branch, form.finalized_index(), &mut out);
        }
        self.aggregate.put(&mut out);
        out.extend(self.signature_slot.to_le_bytes());
        out.extend(tail);
        Ok(out)
    }

    /// The slot of the finalised header, 0 for genesis and for none.
    pub fn finalized_slot(&self) -> u64 {
        self.finalized().map_or(0, |header| header.beacon.slot)
    }

    /// The finalised header, if there is one other than genesis.
    pub(crate) fn finalized(&self) -> Option<&LightClientHeader> {
        self.finality
            .as_ref()
            .and_then(|finality| finality.header.as_ref())
    }
}

fn same_form(spec: &Spec, header: &LightClientHeader, found: Form) -> Result<(), Error> {
    let wanted = spec.fork(header.beacon.slot)?.form;
    match wanted == found {
        true => Ok(()),
        false => Err(Error::Form { wanted, found }),
    }
}

fn read_next(spec: &Spec, form: Form, reader: &mut Reader<'_>) -> Result<Option<NextCommittee>, Malformed> {
    let length = SyncCommittee::fixed(&spec.preset);
    let bytes = reader.bytes(length)?;
    let branch = reader.arrays(ssz::depth(form.next_committee_index()))?;
    if is_empty(&branch) {
        return match bytes.iter().all(|byte| *byte == 0) {
            true => Ok(None),
            false => Err(Malformed::Branchless),
        };
    }
    let committee = SyncCommittee::read(&spec.preset, &mut Reader::new(bytes))?;
    Ok(Some(NextCommittee { committee, branch }))
}

fn read_finality(form: Form, header: &[u8], branch: Vec<Root>) -> Result<Option<Finality>, Malformed> {
    let header = LightClientHeader::decode(form, header)?;
    let header = (header != LightClientHeader::empty(form)).then_some(header);
    match (is_empty(&branch), &header) {
        (true, None) => Ok(None),
        (true, Some(_)) => Err(Malformed::Branchless),
        (false, _) => Ok(Some(Finality { header, branch })),
    }
}

fn is_empty(branch: &[Root]) -> bool {
    branch.iter().all(|node| *node == ZERO)
}

/// The bytes of headers, given what stands for them in the fixed part: themselves, or their offsets.
fn headers<'a, const N: usize>(
    form: Form,
    bytes: &'a [u8],
    fixed: usize,
    places: [&'a [u8]; N],
) -> Result<[&'a [u8]; N], Malformed> {
    if form == Form::Gloas {
        return match bytes.len() == fixed {
            true => Ok(places),
            false => Err(Malformed::Long),
        };
    }
    let mut offsets = [0; N];
    for (offset, place) in offsets.iter_mut().zip(places) {
        *offset = Reader::new(place).offset()?;
    }
    ssz::parts(bytes, fixed, offsets)
}

fn put_header(header: &LightClientHeader, form: Form, fixed: usize, out: &mut Vec<u8>, tail: &mut Vec<u8>) {
    match form {
        Form::Gloas => out.extend(header.encode()),
        Form::Deneb | Form::Electra => {
            ssz::put_offset(out, fixed.saturating_add(tail.len()));
            tail.extend(header.encode());
        }
    }
}

fn put_next(next: Option<&NextCommittee>, spec: &Spec, form: Form, out: &mut Vec<u8>) {
    match next {
        Some(next) => next.committee.put(out),
        None => out.resize(out.len().saturating_add(SyncCommittee::fixed(&spec.preset)), 0),
    }
    put_branch(
        next.map(|next| next.branch.as_slice()),
        form.next_committee_index(),
        out,
    );
}

fn put_branch(branch: Option<&[Root]>, index: u64, out: &mut Vec<u8>) {
    match branch {
        Some(branch) => branch.iter().for_each(|node| out.extend(node)),
        None => out.resize(out.len().saturating_add(ssz::depth(index).saturating_mul(32)), 0),
    }
}
