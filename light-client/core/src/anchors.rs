//! Whom the client starts from.

use crate::answer;
use crate::lie::Lie;
use playfair_bls::Verifier;
use playfair_proofs_verifier::Trust;
use playfair_types::Fr;
use playfair_types::link::ChainLink;
use playfair_types::module::ModuleHash;
use playfair_types::tape::genesis::GenesisRecord;

/// Trust anchors of one chain. They come from a chain link or from the build, never from the node that is asked.
///
/// What holds them together: the chain's id is made of the genesis record, and so of the first module, the settlement on L1, and all other parameters (FORMATS.md section
/// 6). Of the committee and of the keys of proofs it says nothing: two links with one id may name others, and whoever remembers chains must compare all of them.
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
    /// Whether these bytes are the genesis record of which the chain's id is made: nobody signs it, and nobody can make another.
    pub(crate) fn made(&self, genesis: &[u8]) -> Result<(), Lie> {
        let genesis: GenesisRecord = answer::decoded(genesis, "a genesis record")?;
        match genesis.chain_id() == self.chain_id {
            true => Ok(()),
            false => Err(Lie::OtherChain("the genesis record")),
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_types::Encode;
    use playfair_types::codec::Decode;
    use serde_json::Value;

    #[test]
    fn a_chain_id_is_made_of_its_genesis_record_and_of_nothing_else_in_its_link() {
        let recorded = include_str!("../../../tests/fixtures/light-client/chess.json");
        let recorded: Value = serde_json::from_str(recorded).unwrap();
        let link = ChainLink::from_text(recorded["link"].as_str().unwrap()).unwrap();
        let anchors = Anchors::of(&link, Trust::InsecureDevelopmentToo).unwrap();
        let answers = recorded["parts"][0].as_object().unwrap();
        let (_, chain) = answers
            .iter()
            .find(|(name, _)| name.ends_with("/blocks/0"))
            .unwrap();
        let bytes = answer::bytes(&chain["json"]["records"][0], "record").unwrap();
        assert_eq!(anchors.made(&bytes), Ok(()));
        let genesis = GenesisRecord::decode(&bytes).unwrap();
        assert_eq!(genesis.params.module, anchors.module);
        // Any other parameter is another chain.
        let mut other = genesis.clone();
        other.params.tick_gas = 1;
        assert_eq!(
            anchors.made(&other.encode()),
            Err(Lie::OtherChain("the genesis record"))
        );
        let mut other = genesis;
        other.params.module.0[0] ^= 1;
        assert_eq!(
            anchors.made(&other.encode()),
            Err(Lie::OtherChain("the genesis record"))
        );
        assert!(matches!(anchors.made(&[]), Err(Lie::Encoding(..))));
        // Who else may prove or order is not in it: such a link is as good, and another one.
        let mut other = link;
        other.vk_set_root = Fr::from(1u8);
        let other = Anchors::of(&other, Trust::InsecureDevelopmentToo).unwrap();
        assert_eq!(other.made(&bytes), Ok(()));
    }
}
