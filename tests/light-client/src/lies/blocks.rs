//! Lies about blocks: headers, certificates, heads, links.

use super::{Scene, To, Told, certificate_of, flipped, header_of, in_bytes, in_json};
use playfair_bls::{SecretKey, Signer};
use playfair_light_client_core::digits;
use playfair_types::Encode;
use playfair_types::Fr;
use playfair_types::certificate::Certificate;
use serde_json::{Value, json};

/// In what a header's bytes have: version, chain id, parent, tape before, records, boundary (module, key set, state root, ...).
const CHAIN_ID_END: isize = 32;
const STATE_ROOT: isize = 1 + 32 + 32 + 32 + 4 + 31 + 32 + 31;

pub(super) fn all(scene: &Scene) -> Vec<Told> {
    let mut all = headers(scene);
    all.extend(certificates(scene));
    all.extend(histories(scene));
    all
}

/// The question for the chain's head.
fn head(scene: &Scene) -> impl Fn(&str) -> bool + use<> {
    let chain = scene.chain.clone();
    move |question| question == chain
}

fn headers(scene: &Scene) -> Vec<Told> {
    let everybody = To::Everybody;
    let told = |name, caught, change: fn(&mut Value)| in_json(name, caught, everybody, head(scene), change);
    vec![
        told("a header of another chain", "other-chain", |chain| {
            chain["head"]["header"] = flipped(&chain["head"]["header"], CHAIN_ID_END);
        }),
        told("another state root", "other-certificate", |chain| {
            chain["head"]["header"] = flipped(&chain["head"]["header"], STATE_ROOT);
        }),
        told("another parent", "other-certificate", |chain| {
            chain["head"]["header"] = flipped(&chain["head"]["header"], 40);
        }),
        told("another receipts root", "other-certificate", |chain| {
            chain["head"]["header"] = flipped(&chain["head"]["header"], -1);
        }),
        told("a header cut short", "encoding", |chain| {
            let text = chain["head"]["header"].as_str().unwrap();
            chain["head"]["header"] = json!(text[..text.len() - 2]);
        }),
        told("a header with a byte more", "encoding", |chain| {
            let text = chain["head"]["header"].as_str().unwrap();
            chain["head"]["header"] = json!(format!("{text}00"));
        }),
        told("a header of a later format", "encoding", |chain| {
            chain["head"]["header"] = flipped(&chain["head"]["header"], 0);
        }),
        told("digits in capitals", "form", |chain| {
            let text = chain["head"]["header"].as_str().unwrap();
            chain["head"]["header"] = json!(text.to_uppercase());
        }),
        told("no head at all", "form", |chain| {
            chain.as_object_mut().unwrap().remove("head");
        }),
        in_bytes("not JSON", "form", everybody, head(scene), |body| {
            body.truncate(100)
        }),
    ]
}

fn certificates(scene: &Scene) -> Vec<Told> {
    let everybody = To::Everybody;
    let told = |name, caught, change: fn(&mut Value)| in_json(name, caught, everybody, head(scene), change);
    let truth = scene.head();
    let before = scene.said(0, "")["head"].clone();
    let other = before["certificate"].clone();
    // Somebody who is not the committee.
    let stranger = Signer::new(SecretKey::from_seed(&[7; 64]), 0, header_of(&truth).chain_id);
    let height = header_of(&truth).after.height;
    let strange = stranger
        .certificate(height - 1, header_of(&truth).digest())
        .unwrap();
    let strange = json!(digits(&strange.encode()));
    // The committee's own, of another epoch, and with a gap: it never signs those.
    let next_epoch = Certificate {
        epoch: 1,
        ..certificate_of(&truth)
    };
    let next_epoch = json!(digits(&next_epoch.encode()));
    let forged = {
        let mut header = header_of(&truth);
        header.after.height += 1;
        let mut forged = truth.clone();
        let certificate = Certificate {
            payload: header.digest(),
            ..certificate_of(&truth)
        };
        forged["header"] = json!(digits(&header.encode()));
        forged["certificate"] = json!(digits(&certificate.encode()));
        forged
    };
    vec![
        told("no certificate", "no-certificate", |chain| {
            chain["head"]["certificate"] = Value::Null
        }),
        told("a damaged certificate", "certificate", |chain| {
            chain["head"]["certificate"] = flipped(&chain["head"]["certificate"], -1);
        }),
        told("a certificate cut short", "encoding", |chain| {
            let text = chain["head"]["certificate"].as_str().unwrap();
            chain["head"]["certificate"] = json!(text[..text.len() - 2]);
        }),
        in_json(
            "another block's certificate",
            "other-certificate",
            everybody,
            head(scene),
            move |chain| {
                chain["head"]["certificate"] = other.clone();
            },
        ),
        in_json(
            "a stranger's certificate",
            "certificate",
            everybody,
            head(scene),
            move |chain| {
                chain["head"]["certificate"] = strange.clone();
            },
        ),
        in_json(
            "a certificate of another epoch",
            "certificate",
            everybody,
            head(scene),
            move |chain| {
                chain["head"]["certificate"] = next_epoch.clone();
            },
        ),
        in_json(
            "a block of the node's own, under a true signature",
            "certificate",
            everybody,
            head(scene),
            move |chain| {
                chain["head"] = forged.clone();
            },
        ),
    ]
}

fn histories(scene: &Scene) -> Vec<Told> {
    let followers = To::Followers;
    let (truth, before) = (scene.head(), scene.said(0, "")["head"].clone());
    let (low, high) = (header_of(&before).after.height, header_of(&truth).after.height);
    let links = scene.said(1, &format!("/blocks?from={}&count={}", low + 1, high - low));
    let is_links = |question: &str| question.contains("/blocks?from=") && !question.ends_with("count=1");
    let older = scene.forged(&before, |header| header.after.height -= 1);
    let again = scene.forged(&before, |header| header.after.state_root += Fr::from(1u64));
    let orphan = scene.forged(&links[0], |header| header.parent[0] ^= 1);
    let between = scene.forged(&links[1], |header| header.calls_root[0] ^= 1);
    let third = links[2].clone();
    vec![
        in_json(
            "an older head",
            "rolled-back",
            followers,
            head(scene),
            move |chain| chain["head"] = older.clone(),
        ),
        in_json(
            "the old head, signed again with another state",
            "equivocation",
            followers,
            head(scene),
            move |chain| {
                chain["head"] = again.clone();
            },
        ),
        in_json(
            "a block on top of another history",
            "fork",
            followers,
            head(scene),
            move |chain| {
                chain["head"] = orphan.clone();
            },
        ),
        in_json(
            "a signed block between, on which the next one does not stand",
            "fork",
            followers,
            is_links,
            move |blocks| {
                blocks[1] = between.clone();
            },
        ),
        in_json(
            "a block between left out",
            "form",
            followers,
            is_links,
            |blocks| {
                blocks.as_array_mut().unwrap().remove(1);
            },
        ),
        in_json(
            "blocks in another order",
            "other-height",
            followers,
            is_links,
            move |blocks| {
                blocks[1] = third.clone();
            },
        ),
        in_json(
            "a block between without certificate",
            "no-certificate",
            followers,
            is_links,
            |blocks| {
                blocks[1]["certificate"] = Value::Null;
            },
        ),
        in_json(
            "a block between with a damaged certificate",
            "certificate",
            followers,
            is_links,
            |blocks| {
                blocks[1]["certificate"] = flipped(&blocks[1]["certificate"], -1);
            },
        ),
    ]
}
