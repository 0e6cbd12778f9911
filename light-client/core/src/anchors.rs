//! Whom the client starts from.

use playfair_bls::Verifier;
use playfair_proofs_verifier::Trust;
use playfair_types::Fr;
use playfair_types::link::ChainLink;
use playfair_types::module::ModuleHash;

/// Trust anchors of one chain. They come from a chain link or from the build, never from the node that is asked.
#[derive(Clone, Debug)]
pub struct Anchors {
    /// The chain.
    pub chain_id: Fr,
    /// Its first module.
    pub module: ModuleHash,
    /// The verifying keys of that module's shapes.
    pub vk_set_root: Fr,
    /// The committee that orders it, its key read and found good.
    pub committee: Verifier,
    /// Which setups proofs may rest on.
    pub trust: Trust,
}

/// Why a link gives nobody to start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnchors {
    /// It names no committee, and this client reads no L1 yet.
    NoCommittee,
    /// Its committee orders several chains together, which this client does not follow yet.
    SharedOrdering,
    /// Its committee has several members, whose blocks do not all have certificates: this client follows a committee of one yet.
    ManyMembers,
    /// Its committee's key is none.
    Committee(playfair_bls::Error),
}

impl std::fmt::Display for NoAnchors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoCommittee => {
                f.write_str("this link names no committee: ask who gave it to you for one that does")
            }
            Self::SharedOrdering => {
                f.write_str("this link's committee orders several chains, which is not supported yet")
            }
            Self::ManyMembers => {
                f.write_str("this link's committee has several members, which is not supported yet")
            }
            Self::Committee(error) => write!(f, "this link's committee is none: {error}"),
        }
    }
}

impl std::error::Error for NoAnchors {}

impl Anchors {
    /// The anchors of a link.
    ///
    /// # Errors
    /// [`NoAnchors`].
    pub fn of(link: &ChainLink, trust: Trust) -> Result<Self, NoAnchors> {
        let ordering = link.committee.ok_or(NoAnchors::NoCommittee)?;
        if ordering.ordering_id != link.chain_id {
            return Err(NoAnchors::SharedOrdering);
        }
        if ordering.committee.members != 1 {
            return Err(NoAnchors::ManyMembers);
        }
        let committee = Verifier::new(&ordering.committee, ordering.ordering_id);
        Ok(Self {
            chain_id: link.chain_id,
            module: link.module,
            vk_set_root: link.vk_set_root,
            committee: committee.map_err(NoAnchors::Committee)?,
            trust,
        })
    }
}
