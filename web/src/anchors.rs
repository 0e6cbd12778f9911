//! Whom this browser believed about a chain so far: for each chain, the link under which it first verified a block here.
//!
//! A link says whom to believe. The chain's id, which it names too, is made of the genesis record, and so of the first module; of the committee and the keys of proofs it says nothing
//! (docs/FORMATS.md, section 6). So somebody can write a link with a known chain's id and a committee of his own: its blocks would show what he likes, and what the visitor
//! signs for them, with keys that lie by the chain's id, would count on the true chain. Therefore:
//!
//! - what a chain's link was is kept for this origin, one entry for each chain, from its first certified block on: a link that no node had a block for is nobody's to remember;
//! - what is kept is whom the visitor starts from ([`Anchors`]), compared whole: links that only differ in what nobody rests on are the same;
//! - under other anchors for a known chain nothing is followed, shown or signed before the visitor has chosen, and no wallet is opened;
//! - tabs share the entries: who believes another link in one has the others ask again.
//!
//! Who comes first is believed, as everywhere: a false link that was opened before the true one makes the true one look false. What is kept is no secret, and is read
//! strictly; its form is frozen, another one would have another name.

use crate::browser;
use crate::told::Anchors;
use serde::{Deserialize, Serialize};

/// Longest entry. Links have 1,024 characters at most, addresses of nodes [`NODE_CHARS_MAX`].
const ENTRY_BYTES_MAX: usize = 4096;
const LINK_CHARS_MAX: usize = 1024;
const NODE_CHARS_MAX: usize = 256;

/// A chain's link, and whom it makes the visitor start from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Known {
    pub link: String,
    /// The node that was named beside it, where it was not the page's own.
    pub node: Option<String>,
    /// When it was met first, ms since 1970.
    pub since_ms: u64,
    pub anchors: Anchors,
}

/// A known chain under other anchors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    pub known: Known,
    pub found: Known,
}

/// What two links say differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    CommitteeKey,
    CommitteeTerms,
    KeySet,
    Module,
    Setup,
}

impl Known {
    /// What is met now.
    #[must_use]
    pub fn of(link: &str, node: Option<String>, anchors: Anchors) -> Self {
        Self {
            link: link.to_owned(),
            node: node.filter(|node| !node.is_empty() && node.len() <= NODE_CHARS_MAX),
            since_ms: browser::now_ms() as u64,
            anchors,
        }
    }

    /// The address that leads there, on the page of an address. That one is whole: a path alone could begin as another server's does.
    #[must_use]
    pub fn address(&self, page: &str) -> String {
        let page = page.split(['?', '#']).next().unwrap_or_default();
        let insecure = self.anchors.insecure.then(|| "insecure".to_owned());
        let node = self.node.as_deref().map(browser::escaped);
        let node = node.map(|node| format!("node={node}"));
        let query: Vec<String> = insecure.into_iter().chain(node).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{page}{mark}{}#{}", query.join("&"), self.link)
    }

    /// An entry as it was written, for this chain; none for anything else.
    fn read(text: &str, chain_id: &str) -> Option<Self> {
        let known: Self = (text.len() <= ENTRY_BYTES_MAX)
            .then(|| serde_json::from_str(text).ok())
            .flatten()?;
        let is_sound = known.anchors.chain_id == chain_id
            && is_link(&known.link)
            && known
                .node
                .as_ref()
                .is_none_or(|node| !node.is_empty() && node.len() <= NODE_CHARS_MAX);
        (is_sound && known.written().as_deref() == Some(text)).then_some(known)
    }

    fn written(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    fn place(&self) -> String {
        place(&self.anchors.chain_id)
    }
}

impl Other {
    /// In what they differ.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        differences(&self.known.anchors, &self.found.anchors)
    }
}

fn place(chain_id: &str) -> String {
    format!("playfair/anchors/1/{chain_id}")
}

/// Whether this is the form of a link: whoever reads it decides whether it is one.
fn is_link(text: &str) -> bool {
    let is_symbol = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() <= LINK_CHARS_MAX
        && text
            .strip_prefix("pf1.")
            .is_some_and(|body| body.bytes().all(is_symbol))
}

fn differences(known: &Anchors, found: &Anchors) -> Vec<Difference> {
    let (ours, theirs) = (&known.committee, &found.committee);
    let terms =
        |committee: &crate::told::Committee| (committee.epoch, committee.members, committee.threshold);
    let all = [
        (Difference::CommitteeKey, ours.key != theirs.key),
        (Difference::CommitteeTerms, terms(ours) != terms(theirs)),
        (Difference::KeySet, known.key_set_root != found.key_set_root),
        (Difference::Module, known.module != found.module),
        (Difference::Setup, known.insecure != found.insecure),
    ];
    all.into_iter()
        .filter_map(|(difference, is)| is.then_some(difference))
        .collect()
}

fn kept(chain_id: &str) -> Option<Known> {
    Known::read(&browser::kept(&place(chain_id))?, chain_id)
}

/// The other anchors under which this chain is known, if it is known under others.
#[must_use]
pub fn other(found: &Known) -> Option<Other> {
    let known = kept(&found.anchors.chain_id)?;
    let is_other = !differences(&known.anchors, &found.anchors).is_empty();
    is_other.then(|| Other {
        known,
        found: found.clone(),
    })
}

/// A block of the chain was verified: its link is the one that is believed, if none was.
pub fn remember(found: &Known) {
    if kept(&found.anchors.chain_id).is_none() {
        believe(found);
    }
}

/// From now on this link is believed, whatever was.
pub fn believe(found: &Known) {
    let Some(text) = found.written() else { return };
    let place = found.place();
    browser::keep(&place, &text);
    if browser::kept(&place).as_deref() != Some(&text) {
        // There is no room: what can be verified again goes first.
        browser::forget(&crate::chain::KEPT);
        browser::keep(&place, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::Committee;

    fn known() -> Known {
        let anchors = Anchors {
            chain_id: "0a".repeat(32),
            module: "0b".repeat(31),
            key_set_root: "0c".repeat(32),
            committee: Committee {
                epoch: 0,
                members: 1,
                threshold: 1,
                key: "0d".repeat(96),
            },
            insecure: true,
        };
        Known {
            link: "pf1.Ab-_9".to_owned(),
            node: None,
            since_ms: 7,
            anchors,
        }
    }

    #[test]
    fn an_entry_is_read_as_it_was_written_and_in_no_other_form() {
        let known = known();
        let (text, chain) = (known.written().unwrap(), &known.anchors.chain_id);
        assert_eq!(Known::read(&text, chain).as_ref(), Some(&known));
        assert_eq!(Known::read(&text, &"0b".repeat(32)), None);
        let wrong = [
            text.replace("pf1.", "pf2."),
            text.replace("Ab-_9", "Ab/9"),
            text.replace("Ab-_9", &"A".repeat(1_025)),
            text.replace("\"node\":null", "\"node\":\"\""),
            text.replace("\"node\":null,", ""),
            text.replace("true", "true,\"more\":1"),
            text.replace("\"sinceMs\":7", "\"sinceMs\":7.5"),
            text.replace(':', ": "),
            format!("{text} "),
            text[1..].to_owned(),
            "x".repeat(1 << 20),
        ];
        for wrong in wrong {
            assert_eq!(Known::read(&wrong, chain), None, "{wrong:.200}");
        }
    }

    #[test]
    fn whatever_the_visitor_rests_on_is_compared() {
        use Difference::*;
        let known = known();
        type Change = fn(&mut Anchors);
        let changes: [(Difference, Change); 7] = [
            (CommitteeKey, |anchors| anchors.committee.key = "0e".repeat(96)),
            (CommitteeTerms, |anchors| anchors.committee.epoch = 1),
            (CommitteeTerms, |anchors| anchors.committee.members = 2),
            (CommitteeTerms, |anchors| anchors.committee.threshold = 2),
            (KeySet, |anchors| anchors.key_set_root = "0e".repeat(32)),
            (Module, |anchors| anchors.module = "0e".repeat(31)),
            (Setup, |anchors| anchors.insecure = false),
        ];
        for (difference, change) in changes {
            let mut found = known.anchors.clone();
            change(&mut found);
            assert_eq!(differences(&known.anchors, &found), [difference]);
        }
        assert!(differences(&known.anchors, &known.anchors).is_empty());
    }

    #[test]
    fn the_known_link_has_an_address() {
        let mut known = known();
        let there = known.address("http://a//b/?node=x#pf1.C/game/1");
        assert_eq!(there, "http://a//b/?insecure#pf1.Ab-_9");
        known.anchors.insecure = false;
        assert_eq!(known.address("http://a/?insecure"), "http://a/#pf1.Ab-_9");
    }
}
